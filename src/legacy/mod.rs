//! Direct writers: programs that write the golden tables `"Company"` and `"Prospect"` by themselves. Triggers note each write as a
//! whole row ([`firmograph_store::DirectWrite`]), and what is noted is observed as what the source `legacy` says. So nothing
//! they wrote is lost when a coalesced value is written over it, and their rows are graded, explained and undone as others are.
//!
//! A run claims what waits, in one transaction, and observes it page by page in the order of writing; a run that was killed is gone
//! on with by the next one.

mod payload;
mod rows;
mod undo;
mod withdraw;

pub(crate) use rows::Step;
pub(crate) use withdraw::LEGACY_DELETE;

use crate::Engine;
use crate::change::{ChangeReport, Touched};
use crate::collect::{Batch, Content};
use crate::file_options::FileOptions;
use crate::ingest::{FileState, Hooks, IngestOptions, Progress};
use crate::lookups::Maps;
use crate::pipeline::{PipelineOptions, read};
use crate::reader::{Identified, Identity, parse_time};
use crate::report::{Counters, FileReport, IngestReport, RunStatus};
use crate::tell::Teller;
use firmograph_core::{EntityKind, Error, Field, Position, Source, Timestamp};
use firmograph_sources::{Extractor, Record};
use firmograph_store::{DirectWrite, Run, RunFile, Tally};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// What `raw.files` has for a path where rows of other programs were observed.
pub const DIRECT_WRITES: &str = "\"Company\" and \"Prospect\"";
/// Direct writes of one transaction unless the caller says otherwise.
const ROWS_AT_ONCE: usize = 20_000;

/// How direct writes are observed.
#[derive(Debug, Clone, Copy, Default)]
pub struct DirectWriteOptions {
    /// Observe those, too, that an undo took back.
    pub again: bool,
    /// Rows per transaction; 0 for the default.
    pub batch_rows: usize,
}

impl Engine {
    /// Observes what other programs wrote into `"Company"` and `"Prospect"` since the last time, as what the source `legacy` says. Gives
    /// `None` where nothing waits. Every ingest begins with this.
    ///
    /// A row keeps its id, its external id, and the columns of the origin system as they were written, unless a source that is
    /// believed more says otherwise; what it lacks is filled in, the standard job-title level first of all. A row that
    /// identifies nobody is a reject and stays as it is, as does a second row of one person or company; they get a level, too.
    ///
    /// # Errors
    /// When the database refuses; batches committed before stay committed, and the next call goes on.
    pub async fn observe_direct_writes(
        &mut self,
        options: DirectWriteOptions,
        hooks: &mut Hooks<'_>,
    ) -> Result<Option<IngestReport>, Error> {
        let mut ingest = IngestOptions::new(Source::legacy());
        ingest.open.source = Some(Source::legacy());
        self.maps = Maps::stored(&mut self.store).await?;
        self.maps.fill(&mut ingest.pipeline);
        let unfinished = self.unfinished_direct_writes().await?;
        let is_resumed = unfinished.is_some();
        let (mut run, file) = match unfinished {
            Some(unfinished) => unfinished,
            None => match self.claim_direct_writes(&ingest, options.again, (hooks.clock)()).await? {
                Some(claimed) => claimed,
                None => {
                    self.withdraw_deleted((hooks.clock)()).await?;
                    return Ok(None);
                }
            },
        };
        let mut counters: Counters = serde_json::from_str(&run.counters).unwrap_or_default();
        let resumed_at = file.checkpoint as u64;
        let mut state = FileState {
            run: &mut run,
            file,
            counters: &mut counters,
            path: Path::new(DIRECT_WRITES),
            is_resumed,
            unread: Vec::new(),
        };
        let rows = if options.batch_rows == 0 { ROWS_AT_ONCE } else { options.batch_rows };
        let status = self.observe_claimed(&mut state, &ingest, rows, hooks).await?;
        let FileState { file, .. } = state;
        if status == RunStatus::Done {
            self.join_by_itself(run.id, false, (hooks.clock)(), &mut counters).await?;
            run.counters = serde_json::to_string(&counters).unwrap_or_default();
        }
        run.status = status.name().to_owned();
        run.finished_at = Some((hooks.clock)());
        self.write_end(&run, false).await?;
        if status == RunStatus::Done {
            self.withdraw_deleted((hooks.clock)()).await?;
        }
        let files = vec![FileReport {
            path: file.path,
            decision: file.decision,
            tally: file.tally,
            resumed_at,
            notes: Vec::new(),
            unread_keys: BTreeMap::new(),
        }];
        Ok(Some(IngestReport {
            run: run.id,
            status,
            dry_run: false,
            files,
            tally: run.tally,
            counters,
            leads: None,
        }))
    }

    /// The run that claimed direct writes and did not end.
    async fn unfinished_direct_writes(&mut self) -> Result<Option<(Run, RunFile)>, Error> {
        for file in self.store.files(None).await?.into_iter().rev().filter(|file| file.path == DIRECT_WRITES)
        {
            if let Some(run) = self.store.run(file.run_id).await?
                && run.undone_by.is_none()
                && ["running", "interrupted"].contains(&&*run.status)
            {
                return Ok(Some((Run { status: "running".to_owned(), finished_at: None, ..run }, file)));
            }
        }
        Ok(None)
    }

    /// Gives what waits to a new run.
    async fn claim_direct_writes(
        &mut self,
        options: &IngestOptions,
        again: bool,
        now: Timestamp,
    ) -> Result<Option<(Run, RunFile)>, Error> {
        if self.store.waiting_direct_writes(again).await? == 0 {
            return Ok(None);
        }
        let mut run =
            Run::begun("ingest", Some(Source::legacy().to_string()), env!("CARGO_PKG_VERSION"), now);
        let mut file = RunFile {
            id: 0,
            run_id: 0,
            path: DIRECT_WRITES.to_owned(),
            size: 0,
            fingerprint: String::new(),
            mapping: "legacy_company legacy_prospect".to_owned(),
            decision: "rows that other programs wrote".to_owned(),
            header: None,
            options: Some(FileOptions::of(options).to_json()),
            source: Source::legacy().to_string(),
            status: "running".to_owned(),
            checkpoint: 0,
            tally: Tally::default(),
        };
        self.store.begin().await?;
        let claimed = async {
            run.id = self.store.write_run(&run).await?;
            file.run_id = run.id;
            file.id = self.store.write_file(&file).await?;
            self.store.claim_direct_writes(run.id, again).await?;
            self.store.commit().await
        };
        if let Err(error) = claimed.await {
            // The first error is the one to tell.
            drop(self.store.rollback().await);
            return Err(error);
        }
        Ok(Some((run, file)))
    }

    async fn observe_claimed(
        &mut self,
        state: &mut FileState<'_>,
        options: &IngestOptions,
        rows: usize,
        hooks: &mut Hooks<'_>,
    ) -> Result<RunStatus, Error> {
        let identity = Identity { source: Source::legacy(), header: None, observed_at: None };
        let teller =
            Teller { identity: identity.clone(), options: options.pipeline.clone(), columns: Vec::new() };
        let mut extractor = Extractor::for_documents(&[], Some(&Source::legacy()));
        let mut after = self.store.last_of_claimed(state.run.id, state.file.checkpoint).await?;
        while state.file.status != "done" {
            let mut writes = self.store.claimed_direct_writes(state.run.id, after, rows).await?;
            after = writes.last().map_or(after, |write| write.id);
            let said = self.gather_said(&mut writes).await?;
            let records = writes
                .iter()
                .map(|write| identified(write, &identity, &mut extractor))
                .collect::<Result<Vec<_>, Error>>()?;
            let again = self.said_again(&records, &teller.options).await?;
            self.store.begin().await?;
            let done = self.prepare(&said, &writes, &records, again, &teller.options, (hooks.clock)()).await;
            let report = self.commit_or_forget(done).await?;
            for (kind, changed) in
                [(EntityKind::Company, report.companies), (EntityKind::Person, report.prospects)]
            {
                state.counters.wrote(kind, changed.new as usize, changed.changed as usize);
            }
            let (items, mut seen) = (records.len() as u64, HashSet::new());
            let read: Vec<Identified> = records.into_iter().filter(|record| seen.insert(record.id)).collect();
            let batch = Batch {
                repeated: items - read.len() as u64,
                content: Content { read, told: Vec::new() },
                items,
                is_last: writes.len() < rows,
                ..Batch::default()
            };
            self.write_batch(state, batch, &teller, options, (hooks.clock)()).await?;
            (hooks.progress)(Progress { path: state.path, bytes: 0, size: None, tally: state.run.tally });
            if hooks.interrupted.load(Ordering::Relaxed) && state.file.status != "done" {
                return Ok(RunStatus::Interrupted);
            }
        }
        // Of all of them at once, and again by whoever goes on with a run that was killed here.
        self.store.begin().await?;
        let leveled = self.again_for_claimed(state.run.id, Step::Level).await;
        self.commit_or_forget(leveled).await?;
        Ok(RunStatus::Done)
    }

    /// Before a page is ingested, in one transaction of its own that can be repeated: keeps what was said, notes whom rows speak
    /// of, and computes the golden rows of those anew that no payload of the page touches.
    async fn prepare(
        &mut self,
        said: &str,
        writes: &[DirectWrite],
        records: &[Identified],
        mut again: Touched,
        options: &PipelineOptions,
        now: Timestamp,
    ) -> Result<ChangeReport, Error> {
        self.store.keep_said(said).await?;
        let gave_way = self.name_rows(writes, records, options).await?;
        again.persons.extend(gave_way.persons);
        let mut report = ChangeReport::default();
        self.settle(&again, &|_, _| true, now, &mut report, &mut |_| {}).await?;
        Ok(report)
    }

    /// Fills in what the programs said of their rows with each of `writes` and all before; gives it by the number of the write, as
    /// a JSON object.
    async fn gather_said(&mut self, writes: &mut [DirectWrite]) -> Result<String, Error> {
        let mut ids: Vec<&str> = writes.iter().map(|write| write.row_id.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        let first = writes.first().map_or(0, |write| write.id);
        let before = self.store.said_before(&ids, first).await?;
        let mut before: HashMap<(EntityKind, String), String> =
            before.into_iter().map(|(kind, id, said)| ((kind, id.into()), said.into())).collect();
        let mut all = serde_json::Map::new();
        for write in writes {
            let row = (write.entity, write.row_id.clone());
            let said = payload::said(before.get(&row).map(String::as_str), write)?;
            let text = serde_json::Value::Object(said.clone()).to_string();
            all.insert(write.id.to_string(), serde_json::Value::Object(said));
            write.said = Some(text.clone());
            before.insert(row, text);
        }
        Ok(serde_json::Value::Object(all).to_string())
    }

    /// Of whom payloads speak that are known: a program that says again what it said may have written over golden values all the
    /// same.
    async fn said_again(
        &mut self,
        records: &[Identified],
        options: &PipelineOptions,
    ) -> Result<Touched, Error> {
        let ids: Vec<_> = records.iter().map(|record| record.id).collect();
        let known = self.store.known_payloads(&ids).await?.believed;
        let mut touched = Touched::default();
        for record in records.iter().filter(|record| known.contains(&record.id)) {
            let Ok(keys) = read(&record.record.fields, options, &mut |_, _| {}) else { continue };
            touched.companies.extend(keys.company.map(Arc::from));
            touched.persons.extend(keys.person.map(Arc::from));
        }
        Ok(touched)
    }

    async fn commit_or_forget<T>(&mut self, done: Result<T, Error>) -> Result<T, Error> {
        match done {
            Ok(done) => self.store.commit().await.map(|()| done),
            Err(error) => {
                // The first error is the one to tell.
                drop(self.store.rollback().await);
                Err(error)
            }
        }
    }
}

/// A direct write as a record, with the identity of its payload. Its time is that of its row, or else when it was noted.
fn identified(
    write: &DirectWrite,
    identity: &Identity,
    extractor: &mut Extractor,
) -> Result<Identified, Error> {
    let payload = payload::of(write)?;
    let mut sets = extractor.extract(&payload)?;
    let fields = sets.swap_remove(0);
    let observed_at = fields.get(Field::ObservedAt).and_then(parse_time).or(write.written_at);
    let id = identity.payload_id(&payload, observed_at);
    let position = Position { record: write.id as u64, line: write.id as u64 };
    let record = Record { position, payload: payload.into(), fields, also: Vec::new() };
    Ok(Identified { record, id, observed_at })
}
