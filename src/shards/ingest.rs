//! Files to the shards: each file is read once, and each shard has a run of its own with its own checkpoint.

use super::Sharded;
use super::route::{Routed, route};
use crate::Engine;
use crate::ingest::{FileState, Hooks, IngestOptions, Progress, over_limit, refuse_unfit};
use crate::ledger::Ledger;
use crate::legacy::DirectWriteOptions;
use crate::lookups::Maps;
use crate::reader::{Identity, header_id};
use crate::reading::Reading;
use crate::report::{FileReport, IngestReport, RunStatus};
use crate::tell::Teller;
use firmograph_core::{Error, ErrorKind};
use firmograph_sources::Input;
use firmograph_store::{RunFile, Tally};
use serde::Serialize;
use std::future::{Future, poll_fn};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::Poll;

/// What an ingest into shards did. Read = accepted + rejected + skipped, of each shard and of all together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ShardedReport {
    /// How it ended.
    pub status: RunStatus,
    /// Whether everything was rolled back at the end.
    pub dry_run: bool,
    /// All shards together. What is rejected, blank or repeated is counted by shard 0, which also keeps the rejects.
    #[serde(flatten)]
    pub tally: Tally,
    /// How many of those were read once and counted by a further shard: payloads that hold records of several.
    pub shared: u64,
    /// The run of each shard, in order.
    pub shards: Vec<IngestReport>,
}

/// One shard's side of an ingest.
struct Side<'e> {
    engine: &'e mut Engine,
    options: IngestOptions,
    ledger: Ledger,
    files: Vec<FileReport>,
}

impl Sharded {
    /// Ingests files: each is read once, and each shard takes the records of its own companies and persons, as a run of its own
    /// and in transactions of its own. With [`IngestOptions::resume`] each shard goes on where it stopped, wherever the others
    /// did.
    ///
    /// # Errors
    /// Those of [`Engine::ingest`]; `leads-in-shards` (usage) for lead documents, which speak of companies and persons
    /// together. Where a shard fails, the others end the batch at hand, and the ingest can be resumed.
    pub async fn ingest(
        &mut self,
        paths: &[PathBuf],
        options: &IngestOptions,
        hooks: &mut Hooks<'_>,
    ) -> Result<ShardedReport, Error> {
        refuse_unfit(paths, options)?;
        if options.leads {
            let message = "lead documents cannot be spread over shards";
            return Err(Error::new(ErrorKind::Usage, "leads-in-shards", message).with_help(
                "import them into the database of their company: `firmograph shards locate` names it",
            ));
        }
        let mut options = options.clone();
        options.open.source.get_or_insert_with(|| options.pipeline.source.clone());
        let inputs =
            paths.iter().map(|path| Input::open(path, &options.open)).collect::<Result<Vec<_>, _>>()?;
        let places: Vec<_> = (0..self.map.count()).map(|shard| self.map.place(shard)).collect();
        let mut all_options = Vec::with_capacity(places.len());
        for (engine, place) in self.engines.iter_mut().zip(places) {
            if !options.dry_run {
                // What other programs wrote comes first: a golden value may be written over it.
                engine.observe_direct_writes(DirectWriteOptions::default(), hooks).await?;
            }
            engine.maps = Maps::stored(&mut engine.store).await?;
            let mut options = options.clone();
            engine.maps.fill(&mut options.pipeline);
            options.pipeline.shard = Some(place);
            all_options.push(options);
        }
        if !options.dry_run {
            return ingest_into(&mut self.engines, all_options, paths, inputs, hooks).await;
        }
        let mut begun = Ok(());
        for engine in &mut self.engines {
            begun = begun.and(engine.store.begin().await);
        }
        let report = match begun {
            Ok(()) => ingest_into(&mut self.engines, all_options, paths, inputs, hooks).await,
            Err(error) => Err(error),
        };
        let mut ended = Ok(());
        for engine in &mut self.engines {
            ended = ended.and(engine.store.rollback().await);
        }
        let mut report = report?;
        ended?;
        report.shards.iter_mut().for_each(|shard| shard.run = 0);
        Ok(report)
    }
}

async fn ingest_into(
    engines: &mut [Engine],
    all_options: Vec<IngestOptions>,
    paths: &[PathBuf],
    inputs: Vec<Input>,
    hooks: &mut Hooks<'_>,
) -> Result<ShardedReport, Error> {
    let mut sides = Vec::with_capacity(engines.len());
    for (engine, options) in engines.iter_mut().zip(all_options) {
        engine.expire_before_ingest(options.dry_run, (hooks.clock)()).await?;
        let ledger = Ledger::open(engine, paths, &options, (hooks.clock)()).await?;
        sides.push(Side { engine, options, ledger, files: Vec::new() });
    }
    let mut status = RunStatus::Done;
    for (path, input) in paths.iter().zip(inputs) {
        status = ingest_file(&mut sides, path, input, hooks).await?;
        if status != RunStatus::Done {
            break;
        }
    }
    let limit = sides.first().and_then(|side| side.options.max_rejects);
    if status == RunStatus::Done && over_limit(sum(&sides), limit, true) {
        status = RunStatus::TooManyRejects;
    }
    let mut shards = Vec::with_capacity(sides.len());
    for side in sides {
        shards.push(side.end(status, hooks).await?);
    }
    let (mut tally, mut shared) = (Tally::default(), 0);
    for shard in &shards {
        tally += shard.tally;
        shared += shard.counters.shared_payloads;
    }
    let dry_run = shards.iter().any(|shard| shard.dry_run);
    Ok(ShardedReport { status, dry_run, tally, shared, shards })
}

/// Reads a file from where the shard stands that came the least far; batches end where others stand, so that each batch is one
/// that a shard has wholly or not at all.
async fn ingest_file(
    sides: &mut [Side<'_>],
    path: &Path,
    input: Input,
    hooks: &mut Hooks<'_>,
) -> Result<RunStatus, Error> {
    let size = input.file_size();
    let mut files = Vec::with_capacity(sides.len());
    for side in &mut *sides {
        let (file, notes) = side.ledger.file(path, &input, &side.options)?;
        side.files.push(FileReport {
            path: file.path.clone(),
            decision: file.decision.clone(),
            tally: file.tally,
            resumed_at: file.checkpoint as u64,
            notes,
            unread_keys: Default::default(),
        });
        files.push(Standing { is_resumed: file.id > 0, file });
    }
    let to_read: Vec<u64> =
        files.iter().filter(|standing| !standing.is_done()).map(Standing::checkpoint).collect();
    let (Some(&start), Some(first)) = (to_read.iter().min(), files.first()) else {
        return Ok(RunStatus::Done);
    };
    let header = first.file.header.as_deref().map(header_id);
    let tellers: Vec<Teller> = sides.iter().map(|side| side.teller(header, &input)).collect();
    let Some(reader) = tellers.first().cloned() else { return Ok(RunStatus::Done) };
    let (options, rows) = (reader.options.clone(), sides[0].options.batch_rows.max(1));
    // Whom a record is about decides where it goes, so what it says is told there.
    let interrupted = Arc::clone(&hooks.interrupted);
    let mut reading = Reading::start(input, reader, start, to_read, rows, interrupted, false);
    let (mut position, mut status) = (start, RunStatus::Done);
    while let Some(batch) = reading.next().await {
        let batch = batch?;
        if hooks.interrupted.load(Ordering::Relaxed) {
            break;
        }
        let bytes = batch.bytes_read;
        let end = position + batch.items;
        let routed = route(batch, sides.len(), &options);
        write_all(sides, &mut files, routed, path, &tellers, position, hooks).await?;
        position = end;
        let tally = sum(sides);
        (hooks.progress)(Progress { path, bytes, size, tally });
        if over_limit(tally, sides[0].options.max_rejects, false) {
            status = RunStatus::TooManyRejects;
            break;
        }
    }
    reading.end();
    if hooks.interrupted.load(Ordering::Relaxed) && !files.iter().all(Standing::is_done) {
        status = RunStatus::Interrupted;
    }
    for (side, standing) in sides.iter_mut().zip(files) {
        if let Some(report) = side.files.last_mut() {
            report.tally = standing.file.tally;
        }
    }
    Ok(status)
}

/// Where a shard stands in a file.
struct Standing {
    file: RunFile,
    is_resumed: bool,
}

impl Standing {
    fn is_done(&self) -> bool {
        self.file.status == "done"
    }

    fn checkpoint(&self) -> u64 {
        self.file.checkpoint as u64
    }
}

/// One shard that writes.
type Writing<'w> = Pin<Box<dyn Future<Output = Result<(), Error>> + 'w>>;

/// Writes the parts of a batch that begins at `position`, all shards at once, but for those that have it.
async fn write_all(
    sides: &mut [Side<'_>],
    files: &mut [Standing],
    routed: Vec<Routed>,
    path: &Path,
    tellers: &[Teller],
    position: u64,
    hooks: &Hooks<'_>,
) -> Result<(), Error> {
    let mut writing: Vec<Writing<'_>> = Vec::new();
    let parts = sides.iter_mut().zip(files).zip(routed).zip(tellers);
    for (((side, standing), Routed { mut batch, shared }), teller) in parts {
        if standing.is_done() || standing.checkpoint() > position {
            continue;
        }
        let unread = std::mem::take(&mut batch.unread);
        if let Some(report) = side.files.last_mut() {
            report.unread_keys = unread.into_iter().collect();
        }
        let now = (hooks.clock)();
        writing.push(Box::pin(async move {
            let Side { engine, options, ledger, .. } = side;
            ledger.counters.shared_payloads += shared;
            let mut state = FileState {
                run: &mut ledger.run,
                file: standing.file.clone(),
                counters: &mut ledger.counters,
                path,
                is_resumed: standing.is_resumed,
                unread: Vec::new(),
            };
            engine.write_batch(&mut state, batch, teller, options, now).await?;
            standing.file = state.file;
            Ok(())
        }));
    }
    // Each is waited for, also when another failed: a shard that is dropped in a transaction would have to be opened anew.
    let mut failed = None;
    poll_fn(|context| {
        writing.retain_mut(|one| match one.as_mut().poll(context) {
            Poll::Pending => true,
            Poll::Ready(done) => {
                failed = failed.take().or(done.err());
                false
            }
        });
        if writing.is_empty() { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    failed.map_or(Ok(()), Err)
}

impl Side<'_> {
    fn teller(&self, header: Option<firmograph_core::PayloadId>, input: &Input) -> Teller {
        let source = self.options.pipeline.source.clone();
        Teller {
            identity: Identity { source, header, observed_at: self.options.observed_at },
            options: self.options.pipeline.clone(),
            columns: input.decision().mapped.clone(),
        }
    }

    async fn end(self, status: RunStatus, hooks: &Hooks<'_>) -> Result<IngestReport, Error> {
        let Side { engine, options, ledger, files } = self;
        engine.end_run(ledger, files, status, &options, None, hooks.clock).await
    }
}

fn sum(sides: &[Side<'_>]) -> Tally {
    let mut tally = Tally::default();
    sides.iter().for_each(|side| tally += side.ledger.run.tally);
    tally
}
