//! Files to committed rows: batches are read in one thread, given meaning on all cores, and written in one transaction
//! each, together with their rejects, counters and checkpoint.

use crate::ledger::Ledger;
use crate::legacy::DirectWriteOptions;
use crate::lookups::Maps;
use crate::pipeline::PipelineOptions;
use crate::reader::{self, Identity};
use crate::reading::Reading;
use crate::reconcile::{FindingSink, Reconciliation};
use crate::report::{Counters, FileReport, IngestReport, RunStatus};
use crate::tell::Teller;
use crate::{Clock, Engine};
use firmograph_core::{Error, ErrorKind, Source, Timestamp};
use firmograph_sources::{Input, OpenOptions};
use firmograph_store::{Run, RunFile, Tally};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Rows of a batch unless the caller says otherwise. Large, because one write per company and batch beats one per row.
pub const DEFAULT_BATCH_ROWS: usize = 200_000;
/// Records from which a percentage of rejects is judged before the file ends.
const LEAST_FOR_PERCENT: u64 = 1_000;

/// Reads when a source saw something: a date (midnight UTC), or a date and a time, UTC where they name no offset.
#[must_use]
pub fn parse_observed_at(text: &str) -> Option<Timestamp> {
    reader::parse_time(text)
}

/// How many rejects are allowed before a run stops.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum MaxRejects {
    /// So many records.
    Count(u64),
    /// So many of a hundred records read.
    Percent(f64),
}

/// How files are ingested.
#[derive(Debug, Clone)]
pub struct IngestOptions {
    /// Source and repairs.
    pub pipeline: PipelineOptions,
    /// How files are opened: format, delimiter, encoding, mappings. Its source is that of the pipeline unless it has its own.
    pub open: OpenOptions,
    /// What the file is called in `raw.files`, where it is a copy of something else, such as a table; for one file alone.
    pub label: Option<String>,
    /// When the source saw the records, unless a record says so itself.
    pub observed_at: Option<Timestamp>,
    /// Rows per transaction.
    pub batch_rows: usize,
    /// Do everything and roll it back.
    pub dry_run: bool,
    /// Go on where an interrupted run of the same file stopped.
    pub resume: bool,
    /// When to stop for too many rejects; `None` never stops.
    pub max_rejects: Option<MaxRejects>,
    /// Whether the records are lead documents: see [`Engine::import_leads`].
    pub leads: bool,
}

impl IngestOptions {
    /// Defaults for a source.
    #[must_use]
    pub fn new(source: Source) -> Self {
        IngestOptions {
            pipeline: PipelineOptions::new(source),
            open: OpenOptions::default(),
            label: None,
            observed_at: None,
            batch_rows: DEFAULT_BATCH_ROWS,
            dry_run: false,
            resume: false,
            max_rejects: None,
            leads: false,
        }
    }

    /// What a file is called in `raw.files`.
    pub(crate) fn label_of(&self, path: &Path) -> String {
        self.label.clone().unwrap_or_else(|| path.to_string_lossy().into_owned())
    }
}

/// How far a run is, for a progress bar.
#[derive(Debug, Clone, Copy)]
pub struct Progress<'a> {
    /// File being read.
    pub path: &'a Path,
    /// Bytes of it that are committed.
    pub bytes: u64,
    /// Bytes it has.
    pub size: Option<u64>,
    /// What became of the run's records so far.
    pub tally: Tally,
}

/// What an ingest is given beside its files and options: a clock, ears for progress, and a flag that stops it.
pub struct Hooks<'h> {
    /// Tells the time of writing.
    pub clock: &'h Clock,
    /// Called after each batch.
    pub progress: &'h mut dyn FnMut(Progress<'_>),
    /// Set to stop after the batch at hand; the run can be resumed.
    pub interrupted: Arc<AtomicBool>,
}

impl Engine {
    /// Ingests files as one run.
    ///
    /// # Errors
    /// When a file cannot be opened or recognised, or the database refuses; batches committed before stay committed. Bad
    /// rows are no errors: they are counted, kept as rejects, and limited by [`IngestOptions::max_rejects`].
    pub async fn ingest(
        &mut self,
        paths: &[PathBuf],
        options: &IngestOptions,
        hooks: &mut Hooks<'_>,
    ) -> Result<IngestReport, Error> {
        self.ingest_and(paths, options, hooks, None).await.map(|(report, _)| report)
    }

    /// Ingests files as one run and compares them with what the database holds then, also within a dry run. A run that stops
    /// early is not compared. Of `id_column` and `sink` see [`Engine::reconcile`].
    ///
    /// # Errors
    /// Those of [`Engine::ingest`] and [`Engine::reconcile`].
    pub async fn import(
        &mut self,
        paths: &[PathBuf],
        options: &IngestOptions,
        hooks: &mut Hooks<'_>,
        id_column: Option<&str>,
        sink: &mut FindingSink<'_>,
    ) -> Result<(IngestReport, Option<Reconciliation>), Error> {
        self.ingest_and(paths, options, hooks, Some((id_column, sink))).await
    }

    async fn ingest_and(
        &mut self,
        paths: &[PathBuf],
        options: &IngestOptions,
        hooks: &mut Hooks<'_>,
        compare: Option<(Option<&str>, &mut FindingSink<'_>)>,
    ) -> Result<(IngestReport, Option<Reconciliation>), Error> {
        refuse_unfit(paths, options)?;
        // Open all before anything is written: a wrong path should not leave half a run.
        let mut options = options.clone();
        options.open.source.get_or_insert_with(|| options.pipeline.source.clone());
        let inputs =
            paths.iter().map(|path| Input::open(path, &options.open)).collect::<Result<Vec<_>, _>>()?;
        // The user's maps as they are now, unless the caller has others: another process may have imported one.
        if !options.dry_run {
            // What other programs wrote comes first: a golden value may be written over it.
            self.observe_direct_writes(DirectWriteOptions::default(), hooks).await?;
        }
        self.maps = Maps::stored(&mut self.store).await?;
        self.maps.fill(&mut options.pipeline);
        let options = &options;
        if options.dry_run {
            self.store.begin().await?;
        }
        let result = async {
            self.expire_before_ingest(options.dry_run, (hooks.clock)()).await?;
            let report = self.ingest_inputs(paths, inputs, options, hooks).await?;
            let reconciliation = match compare.filter(|_| report.status == RunStatus::Done) {
                None => None,
                Some((id, sink)) if options.dry_run => {
                    Some(self.reconcile_here(paths, options, id, sink).await?)
                }
                Some((id, sink)) => Some(self.reconcile(paths, options, id, sink).await?),
            };
            Ok::<_, Error>((report, reconciliation))
        };
        let result = result.await;
        if options.dry_run {
            self.store.rollback().await?;
        }
        let (mut report, reconciliation) = result?;
        if options.dry_run {
            report.run = 0;
        }
        Ok((report, reconciliation))
    }

    pub(crate) async fn ingest_inputs(
        &mut self,
        paths: &[PathBuf],
        inputs: Vec<Input>,
        options: &IngestOptions,
        hooks: &mut Hooks<'_>,
    ) -> Result<IngestReport, Error> {
        let is_of_files = inputs.iter().all(Input::is_of_file);
        let mut ledger = Ledger::open(self, paths, options, (hooks.clock)()).await?;
        let mut files = Vec::new();
        let mut status = RunStatus::Done;
        for (path, input) in paths.iter().zip(inputs) {
            let (file, notes) = ledger.file(path, &input, options)?;
            let resumed_at = file.checkpoint as u64;
            let resumes = file.id > 0;
            let mut state = FileState {
                run: &mut ledger.run,
                file,
                counters: &mut ledger.counters,
                path,
                is_resumed: resumes,
                unread: Vec::new(),
            };
            if state.file.status != "done" {
                status = self.ingest_file(&mut state, input, options, hooks).await?;
            }
            let FileState { file, unread, .. } = state;
            files.push(FileReport {
                path: file.path,
                decision: file.decision,
                tally: file.tally,
                resumed_at,
                notes,
                unread_keys: unread.into_iter().collect(),
            });
            if status != RunStatus::Done {
                break;
            }
        }
        if status == RunStatus::Done && over_limit(ledger.run.tally, options.max_rejects, true) {
            status = RunStatus::TooManyRejects;
        }
        let leads_of = (options.leads && is_of_files).then_some(paths);
        self.end_run(ledger, files, status, options, leads_of, hooks.clock).await
    }

    /// Writes how a run ended, and gives its number, which it has only now where nothing was written of it before.
    pub(crate) async fn write_end(&mut self, run: &Run, dry_run: bool) -> Result<i64, Error> {
        if dry_run {
            return Ok(run.id);
        }
        self.store.lock_writer().await?;
        let written = self.write_end_locked(run).await;
        if written.is_err() {
            // The first error is the one to tell.
            drop(self.store.rollback().await);
        }
        let unlocked = self.store.unlock_writer().await;
        written.and_then(|id| unlocked.map(|()| id))
    }

    async fn write_end_locked(&mut self, run: &Run) -> Result<i64, Error> {
        self.store.begin().await?;
        if run.id > 0 {
            self.check_still_ours(run).await?;
        }
        let id = self.store.write_run(run).await?;
        self.store.commit().await?;
        Ok(id)
    }

    async fn ingest_file(
        &mut self,
        state: &mut FileState<'_>,
        input: Input,
        options: &IngestOptions,
        hooks: &mut Hooks<'_>,
    ) -> Result<RunStatus, Error> {
        let size = input.file_size();
        let identity = Identity {
            source: options.pipeline.source.clone(),
            header: state.file.header.as_deref().map(reader::header_id),
            observed_at: options.observed_at,
        };
        let skip = state.file.checkpoint as u64;
        let rows = options.batch_rows.max(1);
        let interrupted = Arc::clone(&hooks.interrupted);
        let teller =
            Teller { identity, options: options.pipeline.clone(), columns: input.decision().mapped.clone() };
        let tells = self.is_empty().await?;
        let mut reading = Reading::start(input, teller.clone(), skip, Vec::new(), rows, interrupted, tells);
        let mut status = RunStatus::Done;
        while let Some(batch) = reading.next().await {
            let mut batch = batch?;
            if hooks.interrupted.load(Ordering::Relaxed) {
                break;
            }
            let bytes = batch.bytes_read;
            state.unread = std::mem::take(&mut batch.unread);
            self.write_batch(state, batch, &teller, options, (hooks.clock)()).await?;
            (hooks.progress)(Progress { path: state.path, bytes, size, tally: state.run.tally });
            if over_limit(state.run.tally, options.max_rejects, false) {
                status = RunStatus::TooManyRejects;
                break;
            }
        }
        reading.end();
        if hooks.interrupted.load(Ordering::Relaxed) && state.file.status != "done" {
            status = RunStatus::Interrupted;
        }
        Ok(status)
    }
}

/// Refuses what no ingest takes.
pub(crate) fn refuse_unfit(paths: &[PathBuf], options: &IngestOptions) -> Result<(), Error> {
    if options.pipeline.source.is_pin() {
        return Err(Error::new(
            ErrorKind::Usage,
            "reserved-source",
            "`pin` is the source of pins, which files cannot set",
        )
        .with_help("give the source another name; `firmograph pin set` sets a value for good"));
    }
    if options.label.is_some() && paths.len() != 1 {
        let message = format!("one label cannot name {} files", paths.len());
        return Err(Error::new(ErrorKind::Usage, "label-of-several", message));
    }
    Ok(())
}

/// Where a run stands in one file.
pub(crate) struct FileState<'s> {
    pub(crate) run: &'s mut Run,
    pub(crate) file: RunFile,
    pub(crate) counters: &'s mut Counters,
    pub(crate) path: &'s Path,
    /// Whether an earlier process read a part of the file in this run.
    pub(crate) is_resumed: bool,
    /// Keys that no mapping read so far.
    pub(crate) unread: Vec<(String, u64)>,
}

pub(crate) fn over_limit(tally: Tally, limit: Option<MaxRejects>, at_end: bool) -> bool {
    match limit {
        None => false,
        Some(MaxRejects::Count(count)) => tally.rejected > count,
        Some(MaxRejects::Percent(percent)) => {
            (at_end || tally.read >= LEAST_FOR_PERCENT)
                && tally.rejected as f64 * 100.0 > percent * tally.read as f64
        }
    }
}
