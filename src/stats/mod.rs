//! How the system does, for people and for Prometheus: what runs did and how fast, what could not be taken or matched, how fresh views
//! are, how much of each budget is gone, and whether what is stored is still what the rules would say.

mod accuracy;
mod prometheus;

pub use accuracy::{AccuracySample, AttributeAccuracy, ChangedValue};
pub use prometheus::prometheus_text;

use crate::Engine;
use crate::budget::open_windows;
use crate::report::MATCHABLE;
use firmograph_core::{EntityKind, Error, Timestamp};
use firmograph_store::{BudgetWindow, Run, Tally};
use serde::Serialize;
use std::collections::BTreeMap;

/// How much is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatsOptions {
    /// Values of each attribute that are matched anew; 0 leaves the sample out.
    pub accuracy_rows: usize,
    /// Values that are told of those which are matched otherwise now.
    pub changed_rows: usize,
}

impl Default for StatsOptions {
    fn default() -> Self {
        StatsOptions { accuracy_rows: 200, changed_rows: 20 }
    }
}

/// How the system does at one moment.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Stats {
    /// The moment.
    pub at: Timestamp,
    /// Payloads that are believed.
    pub payloads_believed: u64,
    /// Payloads that a run took out.
    pub payloads_removed: u64,
    /// Golden companies.
    pub companies: u64,
    /// Golden prospects.
    pub prospects: u64,
    /// How good golden records are, by kind: the scores as they are stored.
    pub scores: Vec<ScoreStats>,
    /// Runs, by command and source.
    pub runs: Vec<RunStats>,
    /// Rejects of all runs, by source and code.
    pub rejects: Vec<RejectStats>,
    /// What has no standard value, by attribute that has a matcher.
    pub unmatched: Vec<UnmatchedStats>,
    /// When views were last brought up to date; none on SQLite, where they are never stale.
    pub refreshes: Vec<RefreshStats>,
    /// Intelligence documents that sources give, by kind.
    pub documents: Vec<DocumentStats>,
    /// The open window of every budget; amounts are micro-dollars.
    pub budgets: Vec<BudgetWindow>,
    /// Whether stored values are still what the rules would say.
    pub accuracy: AccuracySample,
}

/// Scores of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ScoreStats {
    /// `company` or `person`.
    pub entity: &'static str,
    /// Golden records that have a score.
    pub records: u64,
    /// The sum of their scores, in hundredths of a point.
    pub sum: u64,
}

impl ScoreStats {
    /// The mean, from 0 to 100; nothing where there are none.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        (self.records > 0).then(|| self.sum as f64 / 100.0 / self.records as f64)
    }
}

/// Runs of one command and source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RunStats {
    /// `ingest`, `rebuild`, `undo`, ...
    pub command: String,
    /// The source of their files; empty where a run has none.
    pub source: String,
    /// How many there are of each status. One that is `running` for long was killed, perhaps.
    pub statuses: BTreeMap<String, u64>,
    /// What became of their records.
    #[serde(flatten)]
    pub tally: Tally,
    /// Runs that ended.
    pub ended: u64,
    /// How long those took together, in microseconds.
    pub duration_us: u64,
    /// The last that ended.
    pub last: Option<LastRun>,
}

/// A run that ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LastRun {
    /// Its number.
    pub run: i64,
    /// When it ended.
    pub finished_at: Timestamp,
    /// How long it took, in microseconds.
    pub duration_us: u64,
    /// Records that it read.
    pub read: u64,
    /// Of them, those that could not be taken.
    pub rejected: u64,
}

/// Rejects of one code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RejectStats {
    /// The source.
    pub source: String,
    /// The stable code.
    pub code: String,
    /// How many.
    pub count: u64,
}

/// What of one attribute has no standard value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnmatchedStats {
    /// The attribute.
    pub attribute: &'static str,
    /// Dimension rows.
    pub rows: u64,
    /// Those without a standard value.
    pub unmatched: u64,
}

/// The last refresh of a view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RefreshStats {
    /// The view.
    pub view: String,
    /// When, by the clock of the database.
    pub refreshed_at: Timestamp,
    /// How long it took, in microseconds.
    pub duration_us: u64,
    /// How often it was refreshed so far.
    pub count: u64,
}

/// Documents of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DocumentStats {
    /// `company` or `person`.
    pub entity: String,
    /// The kind.
    pub kind: String,
    /// How many sources give of it, over all companies or persons.
    pub count: u64,
}

impl LastRun {
    /// Records in a second; nothing where it took no time that could be measured.
    #[must_use]
    pub fn rows_per_second(&self) -> Option<f64> {
        (self.duration_us > 0).then(|| self.read as f64 * 1e6 / self.duration_us as f64)
    }
}

impl UnmatchedStats {
    /// The share without a standard value, from 0 to 1.
    #[must_use]
    pub fn ratio(&self) -> f64 {
        share(self.unmatched, self.rows)
    }
}

impl RunStats {
    /// The share of records that could not be taken, from 0 to 1.
    #[must_use]
    pub fn reject_ratio(&self) -> f64 {
        share(self.tally.rejected, self.tally.read)
    }

    fn add(&mut self, run: &Run) {
        *self.statuses.entry(run.status.clone()).or_default() += 1;
        self.tally += run.tally;
        let Some(finished_at) = run.finished_at else { return };
        let took = finished_at.as_microsecond().saturating_sub(run.started_at.as_microsecond());
        let duration_us = u64::try_from(took).unwrap_or(0);
        self.ended += 1;
        self.duration_us += duration_us;
        if self.last.as_ref().is_none_or(|last| last.run < run.id) {
            let Tally { read, rejected, .. } = run.tally;
            self.last = Some(LastRun { run: run.id, finished_at, duration_us, read, rejected });
        }
    }
}

/// A share of nothing is 0.
pub(crate) fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

impl Engine {
    /// How the system does, with a sample of the usual size. `now` is when it is asked; ages are for the reader to take.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn stats(&mut self, now: Timestamp) -> Result<Stats, Error> {
        self.stats_with(now, &StatsOptions::default()).await
    }

    /// The same, with a say in how much is looked at.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn stats_with(&mut self, now: Timestamp, options: &StatsOptions) -> Result<Stats, Error> {
        self.read_again(true).await?;
        let sources = self.store.sources().await?;
        let [companies, prospects] = self.store.golden_counts().await?;
        let mut scores = Vec::new();
        for kind in [EntityKind::Company, EntityKind::Person] {
            let (records, sum) = self.store.quality_sum(kind).await?;
            scores.push(ScoreStats { entity: kind.name(), records, sum });
        }
        let mut runs: BTreeMap<(String, String), RunStats> = BTreeMap::new();
        for run in self.store.runs(i32::MAX as usize).await? {
            let (command, source) = (run.command.clone(), run.source.clone().unwrap_or_default());
            let place = (command.clone(), source.clone());
            let stats = runs.entry(place).or_insert_with(|| RunStats {
                command,
                source,
                statuses: BTreeMap::new(),
                tally: Tally::default(),
                ended: 0,
                duration_us: 0,
                last: None,
            });
            stats.add(&run);
        }
        let rejects = self.store.rejects_by_code().await?;
        let rejects = rejects.into_iter().map(|(source, code, count)| RejectStats { source, code, count });
        let documents = self.store.documents_by_kind().await?;
        let documents =
            documents.into_iter().map(|(entity, kind, count)| DocumentStats { entity, kind, count });
        let mut unmatched = Vec::new();
        for &attribute in MATCHABLE {
            let (rows, matched) = self.store.matched_rows(attribute).await?;
            let unmatched_rows = rows.saturating_sub(matched);
            unmatched.push(UnmatchedStats {
                attribute: attribute.spec().name,
                rows,
                unmatched: unmatched_rows,
            });
        }
        let refreshes = self.store.view_refreshes().await?;
        let refreshes = refreshes.into_iter().map(|refresh| RefreshStats {
            view: refresh.view,
            refreshed_at: refresh.refreshed_at,
            duration_us: refresh.duration_us.unsigned_abs(),
            count: refresh.count.unsigned_abs(),
        });
        Ok(Stats {
            at: now,
            payloads_believed: sources.iter().map(|source| source.believed.unsigned_abs()).sum(),
            payloads_removed: sources.iter().map(|source| source.removed.unsigned_abs()).sum(),
            companies,
            prospects,
            scores,
            runs: runs.into_values().collect(),
            rejects: rejects.collect(),
            unmatched,
            refreshes: refreshes.collect(),
            documents: documents.collect(),
            budgets: open_windows(&mut self.store, None, now).await?,
            accuracy: self.accuracy_sample(options).await?,
        })
    }
}
