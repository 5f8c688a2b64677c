//! A change of what is believed, other than an ingest: one run in one transaction, with every golden value that it flips; or,
//! as a dry run, the same work rolled back.

use crate::Engine;
use crate::joined::KeyJoins;
use crate::known::Known;
use crate::lookups::Maps;
use crate::recompute::{Flip, Recomputed, With, delete_gone, recompute, write};
use crate::report::{Counters, RunStatus};
use crate::restate::Restated;
use firmograph_core::{Day, EntityKind, Error, GoldenRow, Timestamp};
use firmograph_store::Run;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What a change did, or would do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ChangeReport {
    /// Number of the run; 0 for a dry run.
    pub run: i64,
    /// Whether it was rolled back.
    pub dry_run: bool,
    /// Payloads that are believed no more, or again.
    pub payloads: u64,
    /// Dimension rows that are new, different, gone, by attribute.
    pub dimensions: BTreeMap<String, Changed>,
    /// Golden companies that are new, different, gone.
    pub companies: Changed,
    /// Golden prospects that are new, different, gone.
    pub prospects: Changed,
    /// Golden values that differ.
    pub flips: u64,
    /// Worth knowing, not an error.
    pub notes: Vec<String>,
}

/// How many rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Changed {
    /// Rows that were not there.
    pub new: u64,
    /// Rows with at least one other value.
    pub changed: u64,
    /// Rows that are deleted.
    pub gone: u64,
}

impl Changed {
    fn add(&mut self, new: usize, changed: usize, gone: usize) {
        self.new += new as u64;
        self.changed += changed as u64;
        self.gone += gone as u64;
    }

    /// All of them.
    #[must_use]
    pub fn all(&self) -> u64 {
        self.new + self.changed + self.gone
    }
}

impl ChangeReport {
    /// Counts golden rows, and gives each value that differs to `sink`.
    pub(crate) fn add_golden(&mut self, kind: EntityKind, recomputed: &Recomputed, sink: &mut FlipSink<'_>) {
        let rows = match kind {
            EntityKind::Company => &mut self.companies,
            EntityKind::Person => &mut self.prospects,
        };
        rows.add(recomputed.new.len(), recomputed.changed.len(), recomputed.gone.len());
        for flip in recomputed.flips(kind) {
            self.flips += 1;
            sink(flip);
        }
    }

    /// Counts dimension rows.
    pub(crate) fn add_dimensions(&mut self, restated: &Restated) {
        if !restated.is_empty() {
            let rows = self.dimensions.entry(restated.attribute.spec().name.to_owned()).or_default();
            rows.add(restated.new.len(), restated.changed.len(), restated.gone.len());
        }
    }

    /// Golden rows that are new, different or gone.
    #[must_use]
    pub fn changes(&self) -> u64 {
        self.companies.all() + self.prospects.all()
    }
}

/// The run of a change that is at hand, and its time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct At {
    pub(crate) run: i64,
    pub(crate) now: Timestamp,
}

/// Companies and persons whose golden rows may have changed.
#[derive(Debug, Default)]
pub(crate) struct Touched {
    pub(crate) companies: BTreeSet<Arc<str>>,
    pub(crate) persons: BTreeSet<Arc<str>>,
}

impl Touched {
    /// Those of one kind.
    pub(crate) fn of(&mut self, kind: EntityKind) -> &mut BTreeSet<Arc<str>> {
        match kind {
            EntityKind::Company => &mut self.companies,
            EntityKind::Person => &mut self.persons,
        }
    }
}

/// Keys whose dimension rows are held at a time.
const KEYS_AT_ONCE: usize = 10_000;

/// Hears of each golden value that is, or would be, another one.
pub type FlipSink<'s> = dyn FnMut(Flip) + Send + 's;

impl Engine {
    /// Takes the writer's place and begins the run of a change. Every path from here must end in [`Engine::end_change`].
    pub(crate) async fn begin_change(&mut self, command: &str, now: Timestamp) -> Result<Run, Error> {
        self.store.begin().await?;
        let mut run = Run::begun(command, None, env!("CARGO_PKG_VERSION"), now);
        let begun = async {
            run.id = self.store.write_run(&run).await?;
            self.read_again(true).await
        };
        if let Err(error) = begun.await {
            drop(self.store.rollback().await);
            return Err(error);
        }
        Ok(run)
    }

    /// Ends a change: commits it with its run, or rolls it back where it failed or is a dry run.
    pub(crate) async fn end_change(
        &mut self,
        run: Run,
        done: Result<ChangeReport, Error>,
        dry_run: bool,
        now: Timestamp,
    ) -> Result<ChangeReport, Error> {
        let ended = self.ended(run, done, dry_run, now).await;
        match self.read_again(dry_run || ended.is_err()).await {
            Ok(()) => ended,
            Err(error) => ended.and(Err(error)),
        }
    }

    /// Priorities and, where they may be others, the user's maps as they are stored: what was set within a change that is rolled
    /// back counts no more, and another process may have set some.
    pub(crate) async fn read_again(&mut self, with_maps: bool) -> Result<(), Error> {
        self.priorities = self.store.priorities().await?;
        if with_maps {
            self.maps = Maps::stored(&mut self.store).await?;
        }
        Ok(())
    }

    async fn ended(
        &mut self,
        mut run: Run,
        done: Result<ChangeReport, Error>,
        dry_run: bool,
        now: Timestamp,
    ) -> Result<ChangeReport, Error> {
        let mut report = match done {
            Ok(report) => report,
            Err(error) => {
                // The first error is the one to tell.
                drop(self.store.rollback().await);
                return Err(error);
            }
        };
        if dry_run {
            self.store.rollback().await?;
            return Ok(ChangeReport { run: 0, dry_run, ..report });
        }
        run.status = RunStatus::Done.name().to_owned();
        run.finished_at = Some(now);
        let mut counters = Counters::default();
        counters.wrote(EntityKind::Company, report.companies.new as usize, report.companies.changed as usize);
        counters.wrote(EntityKind::Person, report.prospects.new as usize, report.prospects.changed as usize);
        run.counters = serde_json::to_string(&counters).unwrap_or_default();
        self.store.write_run(&run).await?;
        self.store.commit().await?;
        self.store.refresh_views().await?;
        report.run = run.id;
        Ok(report)
    }

    /// Computes the golden rows of everybody touched from the dimensions as they are now, and writes what differs. A
    /// touched key of which no dimension speaks keeps its row where `lives` says that a payload still names it.
    pub(crate) async fn settle(
        &mut self,
        touched: &Touched,
        lives: &(dyn Fn(EntityKind, &str) -> bool + Sync),
        now: Timestamp,
        report: &mut ChangeReport,
        sink: &mut FlipSink<'_>,
    ) -> Result<(), Error> {
        let hear = &mut |kind, recomputed: &Recomputed| report.add_golden(kind, recomputed, sink);
        self.settle_with(touched, lives, None, now, hear).await?;
        self.settle_documents(touched, now).await?;
        self.settle_leads(touched).await.map(drop)
    }

    /// [`Engine::settle`], telling `hear` of what differs; `known` are dimension rows that need not be read.
    pub(crate) async fn settle_with(
        &mut self,
        touched: &Touched,
        lives: &(dyn Fn(EntityKind, &str) -> bool + Sync),
        known: Option<&Known>,
        now: Timestamp,
        hear: &mut (dyn FnMut(EntityKind, &Recomputed) + Send),
    ) -> Result<(), Error> {
        let joins = KeyJoins::read(&mut self.store).await?;
        let mut gone = Vec::new();
        // Companies are written before the prospects that refer to them, and deleted after them.
        for (kind, keys) in
            [(EntityKind::Company, &touched.companies), (EntityKind::Person, &touched.persons)]
        {
            let keys: Vec<Arc<str>> = keys.iter().cloned().collect();
            for keys in keys.chunks(KEYS_AT_ONCE) {
                let alive = |key: &str| lives(kind, key);
                let with = With { priorities: &self.priorities, joins: &joins, known, today: Day::of(now) };
                let mut recomputed = recompute(&mut self.store, kind, keys, &alive, with).await?;
                if kind == EntityKind::Company {
                    gone.append(&mut recomputed.gone);
                }
                if recomputed.is_empty() && recomputed.quality.is_empty() {
                    continue;
                }
                write(&mut self.store, kind, &recomputed, now).await?;
                delete_gone(&mut self.store, kind, &recomputed).await?;
                hear(kind, &recomputed);
            }
        }
        for gone in gone.chunks(KEYS_AT_ONCE) {
            let mut recomputed = Recomputed { gone: self.unreferred(gone).await?, ..Recomputed::default() };
            // One to which a prospect of another system refers stays, and nobody speaks of it.
            let going: BTreeSet<&str> = recomputed.gone.iter().map(|row| &*row.key).collect();
            let stay: Vec<GoldenRow> =
                gone.iter().filter(|row| !going.contains(&*row.key)).cloned().collect();
            let with = With { priorities: &self.priorities, joins: &joins, known, today: Day::of(now) };
            recomputed.quality = with.scorer(EntityKind::Company).unobserved(&mut self.store, &stay).await?;
            recomputed.quality.write(&mut self.store, EntityKind::Company, now).await?;
            delete_gone(&mut self.store, EntityKind::Company, &recomputed).await?;
            hear(EntityKind::Company, &recomputed);
        }
        Ok(())
    }

    /// Companies to which no prospect refers: one to which a prospect of another system does stays.
    async fn unreferred(&mut self, companies: &[GoldenRow]) -> Result<Vec<GoldenRow>, Error> {
        let ids: Vec<&str> = companies.iter().filter_map(|row| row.values[0].as_text()).collect();
        let referred = self.store.referred_companies(&ids).await?;
        let is_free = |row: &&GoldenRow| row.values[0].as_text().is_none_or(|id| !referred.contains(id));
        Ok(companies.iter().filter(is_free).cloned().collect())
    }
}
