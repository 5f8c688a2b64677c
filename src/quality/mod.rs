//! How good golden records are: scored by core's declared table wherever golden rows are settled, in the same transaction, and
//! stored beside them.
//!
//! A stored score is as of the day on which its facts last changed, and says so: a batch that changes nothing about a record
//! leaves its score alone, and whoever reads it can tell ages against any other day from the breakdown.

mod check;
mod differences;
mod gate;
mod refresh;
mod report;
mod show;
mod svg;

pub use check::{AtFault, GateResult, QualityCheckOptions};
pub(crate) use differences::{quality_difference, quality_differences};
pub use gate::QualityGate;
pub use refresh::RefreshReport;
pub use report::{QualityBy, QualityGroup, QualityReportOptions};
pub use show::{RecordQuality, quality_json};
pub use svg::quality_svg;

use crate::joined::{Groups, KeyJoins};
use firmograph_core::{
    Day, Dimension, EntityKind, Error, GoldenRow, Mailbox, Meaning, Priorities, Scalar, Scoring, Timestamp,
    quality,
};
use firmograph_normalize::{extract_domain, is_placeholder, normalize_email};
use firmograph_store::{QualityRow, Store};
use std::borrow::Borrow;
use std::collections::HashMap;
use std::sync::Arc;

/// What the normalisers say that texts mean.
struct Meant<'j>(&'j Groups);

impl Meaning for Meant<'_> {
    fn is_placeholder(&self, text: &str) -> bool {
        is_placeholder(text)
    }

    fn site(&self, website: &str) -> Option<String> {
        Some(extract_domain(website).ok()?.value.domain)
    }

    fn mailbox(&self, email: &str) -> Option<Mailbox> {
        let found = normalize_email(email).ok()?.value;
        Some(Mailbox {
            domain: found.domain,
            is_role: found.is_role,
            is_free_mail: found.is_free_mail,
            is_disposable: found.is_disposable,
        })
    }

    fn company<'k>(&'k self, key: &'k str) -> &'k str {
        self.0.root(key)
    }
}

/// Scores as they were stored, by key.
pub(crate) type StoredQuality = HashMap<Box<str>, QualityRow, ahash::RandomState>;

/// A score that is no longer what follows.
#[derive(Debug)]
pub(crate) struct Rewritten {
    pub(crate) stored: QualityRow,
    /// What it should be as of its own day.
    pub(crate) expected: QualityRow,
    /// As of today, to be written.
    pub(crate) row: QualityRow,
}

/// Scores of one kind that have to be written, each list in the order in which records were scored.
#[derive(Debug, Default)]
pub(crate) struct Rescored {
    /// Of records that had none.
    pub(crate) new: Vec<QualityRow>,
    pub(crate) changed: Vec<Rewritten>,
    /// Keys of scores whose golden row is not there.
    pub(crate) homeless: Vec<Box<str>>,
}

impl Rescored {
    pub(crate) fn is_empty(&self) -> bool {
        self.new.is_empty() && self.changed.is_empty() && self.homeless.is_empty()
    }

    pub(crate) fn extend(&mut self, other: Rescored) {
        self.new.extend(other.new);
        self.changed.extend(other.changed);
        self.homeless.extend(other.homeless);
    }

    /// By key, as they are written.
    pub(crate) fn sort(&mut self) {
        self.new.sort_by(|a, b| a.key.cmp(&b.key));
        self.changed.sort_by(|a, b| a.row.key.cmp(&b.row.key));
        self.homeless.sort();
    }

    pub(crate) async fn write(
        &self,
        store: &mut Store,
        kind: EntityKind,
        now: Timestamp,
    ) -> Result<(), Error> {
        let changed: Vec<QualityRow> = self.changed.iter().map(|of| of.row.clone()).collect();
        let homeless: Vec<&str> = self.homeless.iter().map(|key| &**key).collect();
        store.delete_quality(kind, &homeless).await?;
        store.write_quality(kind, &self.new, &changed, now).await
    }
}

/// Scores records of one kind.
#[derive(Clone, Copy)]
pub(crate) struct Scorer<'s> {
    pub(crate) kind: EntityKind,
    pub(crate) priorities: &'s Priorities,
    pub(crate) joins: &'s KeyJoins,
    pub(crate) today: Day,
    /// Whether every score is to be one of today, though nothing else about it changed.
    pub(crate) redates: bool,
}

impl Scorer<'_> {
    /// Scores the record `key`, whose golden row is or will be `golden`, from all that is said of it.
    pub(crate) fn score<D: Borrow<Dimension>>(
        &self,
        key: &str,
        rows: &[D],
        golden: &GoldenRow,
        stored: Option<&QualityRow>,
        rescored: &mut Rescored,
    ) {
        let meaning = Meant(self.joins.kind(EntityKind::Company));
        // A row whose day cannot be read is no longer what follows.
        let day = stored.and_then(|stored| stored.day().ok());
        let as_of = day.unwrap_or(self.today);
        let scoring = Scoring { priorities: self.priorities, meaning: &meaning, as_of };
        let found = quality(self.kind, rows, golden, scoring);
        let id = golden.values.first().and_then(|id| id.as_text()).unwrap_or_default();
        let expected = QualityRow::of(key, id, &found);
        let today = || match as_of == self.today {
            true => expected.clone(),
            false => QualityRow::of(key, id, &found.at(self.today)),
        };
        match stored {
            None => rescored.new.push(expected),
            Some(stored) if *stored != expected || (self.redates && as_of != self.today) => {
                let row = today();
                rescored.changed.push(Rewritten { stored: stored.clone(), expected, row });
            }
            Some(_) => {}
        }
    }

    /// Scores golden rows of which no source is known to say anything.
    pub(crate) async fn unobserved(&self, store: &mut Store, rows: &[GoldenRow]) -> Result<Rescored, Error> {
        let keys: Vec<&str> = rows.iter().map(|row| &*row.key).collect();
        let stored = by_key(store.quality(self.kind, &keys).await?);
        let mut rescored = Rescored::default();
        for row in rows {
            self.score::<Dimension>(&row.key, &[], row, stored.get(&row.key), &mut rescored);
        }
        Ok(rescored)
    }
}

/// Whether a golden row is known by this very key: rows of other programs may be found by their domain before anybody noted whom
/// they speak of.
pub(crate) fn stands_under(row: &GoldenRow, key: &str) -> bool {
    row.values.last().and_then(Scalar::as_text) == Some(key)
}

pub(crate) fn by_key(rows: Vec<QualityRow>) -> StoredQuality {
    rows.into_iter().map(|row| (row.key.clone(), row)).collect()
}

/// The stored scores of `keys`. All are asked for, though only a golden row should have one: a score that some accident left behind must
/// be replaced, for else nothing could be stored under its key again.
pub(crate) async fn stored_quality(
    store: &mut Store,
    kind: EntityKind,
    keys: &[Arc<str>],
    is_empty: bool,
) -> Result<StoredQuality, Error> {
    if is_empty {
        return Ok(StoredQuality::default());
    }
    let keys: Vec<&str> = keys.iter().map(|key| &**key).collect();
    Ok(by_key(store.quality(kind, &keys).await?))
}
