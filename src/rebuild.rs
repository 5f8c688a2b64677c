//! Everything anew from the payloads that are believed, after reference tables or rules changed: slice by slice of the keys,
//! each in one transaction, so that memory is bounded and a run that was killed goes on where it stopped.

use crate::Engine;
use crate::change::{ChangeReport, FlipSink, Touched};
use crate::known::Known;
use crate::lookups::Maps;
use crate::matching::asks;
use crate::recompute::Recomputed;
use crate::replay::{Readers, Wanted, replay, sampled};
use crate::report::{MATCHABLE, RunStatus};
use crate::restate::{Heard, Matching, Restated, restate};
use crate::spread::Spread;
use crate::undo::refused;
use firmograph_core::{Attribute, Dimension, EntityKind, Error, ErrorKind, Timestamp};
use firmograph_store::{PIN_SOURCE, Payloads, Run};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Payloads whose values are compared with what is stored at a time.
pub(crate) const SLICE_PAYLOADS: usize = 25_000;

/// How a database is rebuilt.
#[derive(Debug, Clone)]
pub struct RebuildOptions {
    /// Only entities of which something is unmatched, or matched by a reference table older than this version (`2026.1`).
    pub since: Option<String>,
    /// Do everything and roll it back.
    pub dry_run: bool,
    /// Go on where an interrupted rebuild stopped.
    pub resume: bool,
    /// Payloads whose values are held at a time.
    pub batch_rows: usize,
}

impl Default for RebuildOptions {
    fn default() -> Self {
        RebuildOptions { since: None, dry_run: false, resume: false, batch_rows: SLICE_PAYLOADS }
    }
}

/// What a rebuild did, or would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RebuildReport {
    /// How it ended.
    pub status: RunStatus,
    /// Slices of the keys.
    pub slices: usize,
    /// Those that are done.
    pub slices_done: usize,
    /// What differed.
    #[serde(flatten)]
    pub change: ChangeReport,
}

/// A version as numbers, to be compared: `2026.1` is older than `2026.10`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version(Vec<u64>);

impl Version {
    fn parse(text: &str) -> Option<Self> {
        text.split('.').map(|part| part.parse().ok()).collect::<Option<Vec<_>>>().map(Version)
    }

    /// Whether `row` was matched by something older, or asks for a match that it does not have.
    fn concerns(&self, row: &Dimension) -> bool {
        match row.matched() {
            Some(matched) => {
                let reference = &matched.evidence.reference;
                let version = reference.split_once('@').and_then(|(_, version)| Version::parse(version));
                // The version of a user's map is a hash: whether it is older cannot be told.
                version.is_none_or(|version| version < *self)
            }
            None => MATCHABLE.contains(&row.attribute()) && asks(row.attribute(), row.raw()),
        }
    }
}

/// The slices of a rebuild, how many are done, and what they gave: kept in the run.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Plan {
    since: Option<String>,
    pub(crate) slices: Vec<Slice>,
    done: usize,
    report: ChangeReport,
}

/// Companies or persons with keys from the first text on and before the second, in byte order.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Slice {
    persons: bool,
    from: Box<str>,
    to: Option<Box<str>>,
}

/// Hears what differs.
pub(crate) trait Hear: Send {
    fn dimensions(&mut self, restated: &Restated);
    fn golden(&mut self, kind: EntityKind, recomputed: &Recomputed);
}

struct Counting<'c, 's> {
    report: &'c mut ChangeReport,
    sink: &'c mut FlipSink<'s>,
}

impl Hear for Counting<'_, '_> {
    fn dimensions(&mut self, restated: &Restated) {
        self.report.add_dimensions(restated);
    }

    fn golden(&mut self, kind: EntityKind, recomputed: &Recomputed) {
        self.report.add_golden(kind, recomputed, self.sink);
    }
}

impl Engine {
    /// Gathers, matches and coalesces everything anew from the payloads that are believed, and gives each golden value that
    /// differs to `sink`. Pins and joins stay. Ends early, to be resumed, when `interrupted` is set.
    ///
    /// # Errors
    /// `bad-version` or `nothing-to-resume` (usage); or when the database refuses: slices committed before stay committed.
    pub async fn rebuild(
        &mut self,
        options: &RebuildOptions,
        now: Timestamp,
        interrupted: &AtomicBool,
        sink: &mut FlipSink<'_>,
    ) -> Result<RebuildReport, Error> {
        if options.dry_run {
            self.store.begin().await?;
        }
        let result = async {
            self.read_again(true).await?;
            self.rebuild_slices(options, now, interrupted, sink).await
        };
        let result = result.await;
        if options.dry_run {
            self.store.rollback().await?;
        } else if result.is_err() {
            // The first error is the one to tell; there may be no transaction at all.
            drop(self.store.rollback().await);
        }
        if !options.dry_run {
            // Nothing where the lock is not held.
            drop(self.store.unlock_writer().await);
        }
        result
    }

    async fn rebuild_slices(
        &mut self,
        options: &RebuildOptions,
        now: Timestamp,
        interrupted: &AtomicBool,
        sink: &mut FlipSink<'_>,
    ) -> Result<RebuildReport, Error> {
        let (mut run, mut plan) = if options.resume {
            self.unfinished_rebuild().await?
        } else {
            self.begin_rebuild(options, now).await?
        };
        let since = plan.since.as_deref().map(version).transpose()?;
        let mut status = RunStatus::Done;
        let (mut spread, mut is_locked) = (Spread::default(), false);
        loop {
            let is_done = plan.done == plan.slices.len();
            if !is_done && interrupted.load(Ordering::Relaxed) {
                status = RunStatus::Interrupted;
            }
            let is_last = is_done || status == RunStatus::Interrupted;
            if !options.dry_run {
                if !is_last && !spread.has(plan.done) {
                    // Nobody may change what is read for several slices; others have their turn before it is read.
                    if is_locked {
                        self.store.unlock_writer().await?;
                    }
                    self.store.lock_writer().await?;
                    is_locked = true;
                }
                self.store.begin().await?;
            }
            if is_last {
                if is_done {
                    self.note_leads(true).await?;
                    let derived = self.derive_joins(run.id, now).await?.touched;
                    self.settle_joins(&derived, now, &mut plan.report, sink).await?;
                    let leads = self.all_of_leads().await?;
                    self.settle_leads(&leads).await?;
                    self.settle_all_documents(now).await?;
                }
                run.status = status.name().to_owned();
                run.finished_at = Some(now);
            } else {
                let mut hear = Counting { report: &mut plan.report, sink };
                self.rebuild_slice(&plan.slices, plan.done, &mut spread, since.as_ref(), now, &mut hear)
                    .await?;
                plan.done += 1;
            }
            if !options.dry_run {
                run.detail = serde_json::to_string(&plan).ok();
                self.store.write_run(&run).await?;
                self.store.commit().await?;
            }
            if is_last {
                break;
            }
        }
        let mut change = plan.report;
        (change.run, change.dry_run) = (if options.dry_run { 0 } else { run.id }, options.dry_run);
        Ok(RebuildReport { status, slices: plan.slices.len(), slices_done: plan.done, change })
    }

    async fn begin_rebuild(
        &mut self,
        options: &RebuildOptions,
        now: Timestamp,
    ) -> Result<(Run, Plan), Error> {
        options.since.as_deref().map(version).transpose()?;
        let mut run = Run::begun("rebuild", None, env!("CARGO_PKG_VERSION"), now);
        if options.dry_run {
            // Joins that follow are noted under its number, and rolled back with it.
            run.id = self.store.write_run(&run).await?;
            let slices = self.slices(options.batch_rows).await?;
            return Ok((run, Plan { since: options.since.clone(), slices, ..Plan::default() }));
        }
        self.store.begin().await?;
        let slices = self.slices(options.batch_rows).await?;
        let plan = Plan { since: options.since.clone(), slices, ..Plan::default() };
        run.detail = serde_json::to_string(&plan).ok();
        run.id = self.store.write_run(&run).await?;
        self.store.commit().await?;
        Ok((run, plan))
    }

    async fn unfinished_rebuild(&mut self) -> Result<(Run, Plan), Error> {
        let runs = self.store.runs(i32::MAX as usize).await?;
        let newest = runs.into_iter().find(|run| run.command == "rebuild" && run.status != "done");
        let mut run = newest.ok_or_else(|| {
            refused("nothing-to-resume", "no rebuild stopped before its end", "leave --resume out")
        })?;
        let plan = run.detail.as_deref().map(serde_json::from_str).transpose().ok().flatten();
        let plan = plan.ok_or_else(|| {
            let message = format!("run {} does not say how far it came", run.id);
            Error::new(ErrorKind::Environment, "database-shape", message)
        })?;
        (run.status, run.finished_at) = ("running".to_owned(), None);
        Ok((run, plan))
    }

    /// Slices of about `rows` payloads each, companies first: prospects refer to them.
    pub(crate) async fn slices(&mut self, rows: usize) -> Result<Vec<Slice>, Error> {
        let payloads = self.store.count_payloads(Payloads::Believed).await?;
        let count = payloads.div_ceil(rows.max(1) as u64).max(1) as usize;
        let keys = if count > 1 {
            let mut readers = Readers::open(&mut self.store, &Maps::default()).await?;
            sampled(&mut self.store, &mut readers).await?
        } else {
            [Vec::new(), Vec::new()]
        };
        let mut slices = Vec::new();
        for (persons, mut keys) in [false, true].into_iter().zip(keys) {
            keys.sort_unstable();
            let bounds: BTreeSet<&Box<str>> =
                (1..count).filter_map(|part| keys.get(part * keys.len() / count)).collect();
            let mut from = Box::from("");
            for bound in bounds {
                slices.push(Slice { persons, from, to: Some(bound.clone()) });
                from = bound.clone();
            }
            slices.push(Slice { persons, from, to: None });
        }
        Ok(slices)
    }

    /// Brings one slice up to what its payloads say, within the transaction at hand. What the payloads say about later slices
    /// is kept in `spread`.
    pub(crate) async fn rebuild_slice(
        &mut self,
        slices: &[Slice],
        number: usize,
        spread: &mut Spread,
        since: Option<&Version>,
        now: Timestamp,
        hear: &mut dyn Hear,
    ) -> Result<(), Error> {
        let slice = &slices[number];
        let kind = if slice.persons { EntityKind::Person } else { EntityKind::Company };
        let to = slice.to.as_deref();
        let mut stored = Vec::new();
        for attribute in Attribute::of(kind) {
            stored.push((attribute, self.store.dimensions_between(attribute, &slice.from, to).await?));
        }
        let mut keys: BTreeSet<Arc<str>> = BTreeSet::new();
        match since {
            None => {
                for row in stored.iter().flat_map(|(_, rows)| rows) {
                    if !keys.contains(row.key()) {
                        keys.insert(row.key().into());
                    }
                }
                let golden = self.store.golden_keys_between(kind, &slice.from, to).await?;
                keys.extend(golden.into_iter().map(Arc::from));
            }
            Some(since) => {
                let rows = stored.iter().flat_map(|(_, rows)| rows).filter(|row| since.concerns(row));
                keys.extend(rows.map(|row| Arc::from(row.key())));
                if keys.is_empty() {
                    return Ok(());
                }
                stored.iter_mut().for_each(|(_, rows)| rows.retain(|row| keys.contains(row.key())));
            }
        }
        // A pin is no record: its rows stay as they are.
        let is_pin = |row: &mut Dimension| row.source().as_str() == PIN_SOURCE;
        let mut rows: Vec<Vec<Dimension>> =
            stored.iter_mut().map(|(_, rows)| rows.extract_if(.., is_pin).collect()).collect();
        let mut readers = Readers::open(&mut self.store, &self.maps).await?;
        let stamp = self.store.stamp().await?;
        if !spread.is_fresh(number, stamp) {
            *spread = Spread::new(number, slices.len(), stamp);
            let place = |kind, key: &str| place(slices, kind, key);
            let sink = &mut |told| spread.add(&told, &place);
            replay(&mut self.store, &mut readers, Payloads::Believed, &Wanted::All, true, sink).await?;
        }
        let mut heard = Heard::default();
        spread.take(number, kind, &mut |told| {
            if since.is_none()
                || [&told.company, &told.person].into_iter().flatten().any(|key| keys.contains(&**key))
            {
                heard.add(told);
            }
        });
        let matching = Matching { keeps: false, maps: self.maps.clone() };
        let (mut left, mut joined) = (BTreeSet::new(), BTreeSet::new());
        for (restated, rows) in restate(&mut heard, stored, &matching)?.into_iter().zip(&mut rows) {
            if !restated.is_empty() {
                restated.write(&mut self.store, now).await?;
                hear.dimensions(&restated);
            }
            if restated.attribute == Attribute::PersonCompany {
                let changed = restated.changed.iter();
                left.extend(
                    changed.clone().map(|(before, _)| before).chain(&restated.gone).filter_map(employer),
                );
                joined.extend(changed.map(|(_, after)| after).chain(&restated.new).filter_map(employer));
            }
            rows.extend(restated.into_rows());
        }
        let known = Known::of(kind, rows);
        keys.extend(heard.keys(kind).iter().cloned());
        self.settle_slice(&known, keys, &heard, [left, joined], &mut readers, now, hear).await
    }

    /// Golden rows of a slice, and of the companies for which its persons work now, or worked before.
    #[expect(clippy::too_many_arguments, reason = "the second half of a function that was too long")]
    async fn settle_slice(
        &mut self,
        known: &Known,
        keys: BTreeSet<Arc<str>>,
        heard: &Heard,
        [left, joined]: [BTreeSet<Arc<str>>; 2],
        readers: &mut Readers,
        now: Timestamp,
        hear: &mut dyn Hear,
    ) -> Result<(), Error> {
        let kind = known.kind;
        let named: HashSet<&str> = heard.keys(kind).iter().map(|key| &**key).collect();
        let mut touched = Touched::default();
        let lives: HashSet<Box<str>> = match kind {
            EntityKind::Company => {
                let others: Vec<&str> =
                    keys.iter().map(|key| &**key).filter(|key| !named.contains(key)).collect();
                let employers = self.store.employers_among(&others).await?;
                touched.companies = keys;
                employers
            }
            EntityKind::Person => {
                let left = left.difference(&joined).cloned().collect();
                let left = Touched { companies: left, ..Touched::default() };
                touched.companies = self.unnamed(readers, &left).await?.companies().collect();
                touched.companies.extend(joined.iter().cloned());
                touched.persons = keys;
                joined.iter().map(|key| Box::from(&**key)).collect()
            }
        };
        let lives = |of: EntityKind, key: &str| {
            (of == kind && named.contains(key)) || (of == EntityKind::Company && lives.contains(key))
        };
        self.remember_living(&touched, &lives).await?;
        let hear = &mut |kind, recomputed: &Recomputed| hear.golden(kind, recomputed);
        self.settle_with(&touched, &lives, Some(known), now, hear).await
    }
}

/// The number of the slice in which somebody is.
fn place(slices: &[Slice], kind: EntityKind, key: &str) -> Option<usize> {
    let persons = kind == EntityKind::Person;
    let after = slices.partition_point(|slice| (slice.persons, &*slice.from) <= (persons, key));
    after.checked_sub(1).filter(|&number| slices[number].persons == persons)
}

fn employer(row: &Dimension) -> Option<Arc<str>> {
    row.matched()?.columns.first()?.as_text().map(Arc::from)
}

fn version(text: &str) -> Result<Version, Error> {
    Version::parse(text).ok_or_else(|| {
        refused("bad-version", format!("{text:?} is no version"), "write it as evidence does, such as 2026.1")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_numbers() {
        assert!(version("2026.2").unwrap() < version("2026.10").unwrap());
        assert!(version("2025.12").unwrap() < version("2026").unwrap());
        assert_eq!(version("soon").unwrap_err().code(), "bad-version");
    }
}
