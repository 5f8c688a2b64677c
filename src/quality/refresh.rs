//! Scores anew of every record, page by page.

use super::{Rescored, Scorer, by_key, stands_under};
use crate::Engine;
use crate::joined::KeyJoins;
use crate::recompute::said_of;
use crate::write_part::{stored_companies, stored_persons};
use firmograph_core::{Day, Dimension, EntityKind, Error, Timestamp};
use serde::Serialize;
use std::sync::Arc;

/// Golden rows that are scored at a time.
const PAGE: usize = 10_000;

/// What scoring every record anew did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct RefreshReport {
    /// Records that were scored.
    pub records: u64,
    /// Scores that were written: new ones, other ones, and those of another day.
    pub written: u64,
    /// Scores that were about no golden row, and are gone.
    pub removed: u64,
}

impl RefreshReport {
    fn add(&mut self, rescored: &Rescored) {
        self.written += (rescored.new.len() + rescored.changed.len()) as u64;
        self.removed += rescored.homeless.len() as u64;
    }
}

impl Engine {
    /// Scores every golden record anew as of a day, in one transaction for each page, and stores what differs. Golden rows that
    /// were written before there were scores get theirs.
    ///
    /// # Errors
    /// When the database refuses; pages committed before stay committed.
    pub async fn refresh_quality(&mut self, as_of: Day, now: Timestamp) -> Result<RefreshReport, Error> {
        let mut report = RefreshReport::default();
        for kind in [EntityKind::Company, EntityKind::Person] {
            let mut after = String::new();
            loop {
                self.store.begin().await?;
                let page = async {
                    self.read_again(false).await?;
                    self.rescore_page(kind, &mut after, Some(as_of), now, &mut report).await
                };
                match page.await {
                    Ok(is_more) => {
                        self.store.commit().await?;
                        if !is_more {
                            break;
                        }
                    }
                    Err(error) => {
                        // The first error is the one to tell.
                        drop(self.store.rollback().await);
                        return Err(error);
                    }
                }
            }
        }
        Ok(report)
    }

    /// Scores anew, within the transaction at hand, what no longer follows: for changes that concern every record.
    pub(crate) async fn rescore_all(&mut self, kind: EntityKind, now: Timestamp) -> Result<(), Error> {
        let (mut after, mut report) = (String::new(), RefreshReport::default());
        while self.rescore_page(kind, &mut after, None, now, &mut report).await? {}
        Ok(())
    }

    /// Scores the golden rows that come next after the key `after`, which is moved; `false` when there are none. With `as_of` every
    /// score becomes one of that day.
    async fn rescore_page(
        &mut self,
        kind: EntityKind,
        after: &mut String,
        as_of: Option<Day>,
        now: Timestamp,
        report: &mut RefreshReport,
    ) -> Result<bool, Error> {
        let keys = self.store.golden_key_page(kind, after, PAGE).await?;
        let last = keys.last().map(|key| key.to_string());
        let homeless = self.store.homeless_quality(kind, after, last.as_deref()).await?;
        let rescored =
            self.rescore(kind, &keys, Rescored { homeless, ..Rescored::default() }, as_of, now).await?;
        report.records += keys.len() as u64;
        report.add(&rescored);
        rescored.write(&mut self.store, kind, now).await?;
        *after = last.unwrap_or_default();
        Ok(!keys.is_empty())
    }

    /// Scores the golden rows of these keys; a score of a key that has none goes.
    pub(crate) async fn rescore(
        &mut self,
        kind: EntityKind,
        keys: &[Arc<str>],
        mut rescored: Rescored,
        as_of: Option<Day>,
        now: Timestamp,
    ) -> Result<Rescored, Error> {
        let joins = KeyJoins::read(&mut self.store).await?;
        let groups = joins.kind(kind);
        let beside: Vec<&str> = keys.iter().flat_map(|key| groups.members(key)).map(|key| &**key).collect();
        let said = said_of(&mut self.store, kind, keys, &beside, groups, None).await?;
        let golden = match kind {
            EntityKind::Company => stored_companies(&mut self.store, keys, false).await?,
            EntityKind::Person => stored_persons(&mut self.store, keys, false).await?,
        };
        let texts: Vec<&str> = keys.iter().map(|key| &**key).collect();
        let mut stored = by_key(self.store.quality(kind, &texts).await?);
        let scorer = Scorer {
            kind,
            priorities: &self.priorities,
            joins: &joins,
            today: as_of.unwrap_or(Day::of(now)),
            redates: as_of.is_some(),
        };
        for key in keys {
            let score = stored.remove(&**key);
            let Some(row) = golden.get(&**key).filter(|row| stands_under(row, key)) else {
                rescored.homeless.extend(score.map(|score| score.key));
                continue;
            };
            let rows: Vec<&Dimension> = said.get(key).into_iter().flatten().map(|row| &**row).collect();
            scorer.score(key, &rows, row, score.as_ref(), &mut rescored);
        }
        Ok(rescored)
    }
}
