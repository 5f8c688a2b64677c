//! Importing documents: a run with payloads, rejects and counters as an ingest has them. Payloads, what is noted of them, the tables
//! that follow, rejects, counters and the checkpoint of a batch commit together.

use super::envelope::{About, Envelope, Fault};
use super::items::{KeysOfIds, Read, next_batch, read, reject, with_key};
use super::settle::note;
use crate::change::Touched;
use crate::file_options::FileOptions;
use crate::ingest::{IngestOptions, MaxRejects, over_limit};
use crate::reader::{Identity, file_fingerprint, header_id};
use crate::report::{Counters, FileReport, IngestReport, RunStatus};
use crate::{Engine, Hooks, Progress};
use firmograph_core::{
    EntityKind, Error, ErrorKind, Field, FieldSet, PayloadId, Position, Reject, RejectCode, Source, Timestamp,
};
use firmograph_sources::{Format, Input, Item, Mapping, OpenOptions, Record};
use firmograph_store::{DocumentNote, Payload, Run, RunFile, Tally};
use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;
use std::sync::atomic::Ordering;

/// Command of the runs that import documents.
pub const DOCUMENTS_IMPORT: &str = "documents import";
/// The source of documents that name none, unless another is given.
pub const DOCUMENT_SOURCE: &str = "documents";

/// A mapping for whatever is an object: what it holds is the envelope's business, and a file of other things is one of rejects.
const ANY_OBJECT: &str = "[when]\nany = [\"!firmograph.nothing\"]\n[fields]\ncompany_domain = \"domain\"\n";

/// Stands where tables have their header, which is a JSON array, in what identifies a document: the same text may be a record, too.
const IS_DOCUMENT: &str = "intelligence document";

/// What a file is told of which one had to be taken where there is no order.
const UNDECIDED: &str = "a source says different things in documents without a date: the greater is taken, as there is no order between \
    them; give observed_at";

/// Documents of a transaction unless the caller says otherwise.
const BATCH_DOCUMENTS: usize = 5_000;
/// How documents are imported.
#[derive(Debug, Clone)]
pub struct DocumentOptions {
    /// Who says what does not name its source itself.
    pub source: Source,
    /// When it was seen, where a document does not say.
    pub observed_at: Option<Timestamp>,
    /// Do everything and roll it back.
    pub dry_run: bool,
    /// When to stop for too many rejects; `None` never stops.
    pub max_rejects: Option<MaxRejects>,
    /// Documents of a transaction.
    pub batch_rows: usize,
    /// Bytes that one document may have.
    pub max_record_bytes: usize,
}

impl DocumentOptions {
    /// Defaults for documents of a source.
    #[must_use]
    pub fn new(source: Source) -> Self {
        DocumentOptions {
            source,
            observed_at: None,
            dry_run: false,
            max_rejects: None,
            batch_rows: BATCH_DOCUMENTS,
            max_record_bytes: OpenOptions::default().max_record_bytes,
        }
    }
}

/// A run at hand.
struct Importing<'o> {
    options: &'o DocumentOptions,
    run: Run,
    counters: Counters,
    path: PathBuf,
    /// Files of the path at hand, one for each source: who says it is a property of a file.
    files: BTreeMap<Source, RunFile>,
    template: RunFile,
    /// Whether in the path at hand is a document without a date that has no order to another.
    is_undecided: bool,
}

/// A document as somebody gives it who has no file of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GivenDocument {
    /// The text of its envelope.
    Envelope(String),
    /// What could not be written as JSON: it becomes a reject.
    Unreadable {
        /// What is wrong, in one sentence.
        cause: String,
        /// The document, as it can be shown.
        original: String,
    },
}

/// What a batch holds of one source.
#[derive(Default)]
struct OfSource {
    payloads: Vec<(Payload, DocumentNote)>,
    rejects: Vec<Reject>,
    blank: u64,
}

impl Engine {
    /// Imports files of documents in envelopes, as one run: JSON, JSON lines, gzip or not. Importing a file again changes nothing.
    ///
    /// # Errors
    /// `not-documents` and `reserved-source` (usage); when a file cannot be read or the database refuses: batches that were committed stay. Bad
    /// documents are no errors: they are counted and kept as rejects.
    pub async fn import_documents(
        &mut self,
        paths: &[PathBuf],
        options: &DocumentOptions,
        hooks: &mut Hooks<'_>,
    ) -> Result<IngestReport, Error> {
        let mappings = vec![Mapping::parse(ANY_OBJECT)?];
        let open =
            OpenOptions { max_record_bytes: options.max_record_bytes, mappings, ..OpenOptions::default() };
        let mut inputs = Vec::new();
        for path in paths {
            let input = Input::open(path, &open)?;
            if input.decision().format == Format::Csv {
                let message = format!("{} is a table, and documents are JSON", path.display());
                return Err(Error::new(ErrorKind::Usage, "not-documents", message)
                    .with_help("one envelope a line: see `firmograph documents import --help`"));
            }
            let fingerprint = file_fingerprint(path)?;
            inputs.push((path.clone(), fingerprint, input));
        }
        self.import_inputs(inputs, options, hooks).await
    }

    /// Imports documents that stand in no file; `name` says where they come from.
    ///
    /// # Errors
    /// As [`Engine::import_documents`].
    pub async fn import_document_rows(
        &mut self,
        name: &str,
        documents: Vec<GivenDocument>,
        options: &DocumentOptions,
        hooks: &mut Hooks<'_>,
    ) -> Result<IngestReport, Error> {
        let nothing = || FieldSet::from_iter(std::iter::empty::<(Field, &str)>());
        let items = (1..).zip(documents).map(|(number, document)| {
            let position = Position { record: number, line: number };
            let reject = |code, cause, original: String| {
                Item::Reject(Reject { code, position, column: None, cause, original: original.into_bytes() })
            };
            match document {
                GivenDocument::Unreadable { cause, original } => {
                    reject(RejectCode::BadEnvelope, cause, original)
                }
                GivenDocument::Envelope(text) if text.len() > options.max_record_bytes => {
                    let most = options.max_record_bytes;
                    let cause = format!("the document has {} bytes, and {most} are taken", text.len());
                    reject(RejectCode::RecordTooLong, cause, String::new())
                }
                GivenDocument::Envelope(text) => Item::Record(Record {
                    position,
                    payload: text.into(),
                    fields: nothing(),
                    also: Vec::new(),
                }),
            }
        });
        let input = Input::of_documents(name, items.collect());
        self.import_inputs(vec![(name.into(), "made".to_owned(), input)], options, hooks).await
    }

    async fn import_inputs(
        &mut self,
        inputs: Vec<(PathBuf, String, Input)>,
        options: &DocumentOptions,
        hooks: &mut Hooks<'_>,
    ) -> Result<IngestReport, Error> {
        if options.source.is_pin() {
            let message = "`pin` is the source of pins, which documents cannot set";
            return Err(Error::new(ErrorKind::Usage, "reserved-source", message)
                .with_help("what a person says has the source `manual`"));
        }
        if options.dry_run {
            self.store.begin().await?;
        }
        let source = Some(options.source.to_string());
        let run = Run::begun(DOCUMENTS_IMPORT, source, env!("CARGO_PKG_VERSION"), (hooks.clock)());
        let importing = Importing {
            options,
            run,
            counters: Counters::default(),
            path: PathBuf::new(),
            files: BTreeMap::new(),
            template: empty_file(),
            is_undecided: false,
        };
        let report = self.import_all(inputs, importing, hooks).await;
        if options.dry_run {
            self.store.rollback().await?;
        }
        let mut report = report?;
        if options.dry_run {
            report.run = 0;
        }
        Ok(report)
    }

    async fn import_all(
        &mut self,
        inputs: Vec<(PathBuf, String, Input)>,
        mut importing: Importing<'_>,
        hooks: &mut Hooks<'_>,
    ) -> Result<IngestReport, Error> {
        let mut reports = Vec::new();
        let mut status = RunStatus::Done;
        for (path, fingerprint, mut input) in inputs {
            importing.begin_file(path, fingerprint, &input);
            let decision = input.decision().to_string();
            loop {
                let (items, is_last) = next_batch(&mut input, importing.options.batch_rows.max(1))?;
                if hooks.interrupted.load(Ordering::Relaxed) {
                    status = RunStatus::Interrupted;
                    break;
                }
                self.write_documents(&mut importing, items, is_last, (hooks.clock)()).await?;
                let (bytes, size, tally) = (input.bytes_read(), input.file_size(), importing.run.tally);
                (hooks.progress)(Progress { path: &importing.path, bytes, size, tally });
                if over_limit(tally, importing.options.max_rejects, false) {
                    status = RunStatus::TooManyRejects;
                }
                if is_last || status != RunStatus::Done {
                    break;
                }
            }
            let mut tally = Tally::default();
            importing.files.values().for_each(|file| tally += file.tally);
            reports.push(FileReport {
                path: importing.path.display().to_string(),
                decision,
                tally,
                resumed_at: 0,
                notes: importing.is_undecided.then(|| UNDECIDED.to_owned()).into_iter().collect(),
                unread_keys: BTreeMap::new(),
            });
            if status != RunStatus::Done {
                break;
            }
        }
        let Importing { mut run, counters, options, .. } = importing;
        if status == RunStatus::Done && over_limit(run.tally, options.max_rejects, true) {
            status = RunStatus::TooManyRejects;
        }
        run.status = status.name().to_owned();
        run.finished_at = Some((hooks.clock)());
        run.id = self.write_end(&run, options.dry_run).await?;
        let (dry_run, tally) = (options.dry_run, run.tally);
        Ok(IngestReport { run: run.id, status, dry_run, files: reports, tally, counters, leads: None })
    }

    async fn write_documents(
        &mut self,
        importing: &mut Importing<'_>,
        items: Vec<Item>,
        is_last: bool,
        now: Timestamp,
    ) -> Result<(), Error> {
        if importing.options.dry_run {
            return self.write_batch_of_documents(importing, items, is_last, now).await;
        }
        self.store.lock_writer().await?;
        let written = async {
            self.store.begin().await?;
            self.priorities = self.store.priorities().await?;
            self.write_batch_of_documents(importing, items, is_last, now).await?;
            self.store.commit().await
        };
        match written.await {
            Ok(()) => self.store.unlock_writer().await,
            Err(error) => {
                // The first error is the one to tell.
                drop(self.store.rollback().await);
                drop(self.store.unlock_writer().await);
                Err(error)
            }
        }
    }

    async fn write_batch_of_documents(
        &mut self,
        importing: &mut Importing<'_>,
        items: Vec<Item>,
        is_last: bool,
        now: Timestamp,
    ) -> Result<(), Error> {
        if importing.run.id == 0 {
            importing.run.id = self.store.write_run(&importing.run).await?;
        }
        let items: Vec<Read> = items.into_iter().map(read).collect();
        let ids = self.keys_of_ids(&items).await?;
        let mut touched = Touched::default();
        for (source, batch) in importing.parted(items, &ids) {
            let file = importing
                .files
                .entry(source.clone())
                .or_insert_with(|| RunFile { source: source.to_string(), ..importing.template.clone() });
            if file.id == 0 {
                file.run_id = importing.run.id;
                file.id = self.store.write_file(file).await?;
            }
            let OfSource { payloads, rejects, blank } = batch;
            let mut tally = Tally { rejected: rejects.len() as u64, skipped: blank, ..Tally::default() };
            tally.read = payloads.len() as u64 + tally.rejected + blank;
            importing.counters.blank_lines += blank;
            let known: Vec<PayloadId> = payloads.iter().map(|(payload, _)| payload.id).collect();
            let known = self.store.known_payloads(&known).await?;
            let mut seen = HashSet::new();
            let (mut fresh, mut revived, mut notes) = (Vec::new(), Vec::new(), Vec::new());
            for (payload, mut note) in payloads {
                let is_known = known.believed.contains(&payload.id);
                if is_known || !seen.insert(payload.id) {
                    tally.skipped += 1;
                    importing.counters.known_payloads += u64::from(is_known);
                    importing.counters.repeated_payloads += u64::from(!is_known);
                    continue;
                }
                note.file = file.id;
                touched.of(note.entity).insert((&*note.key).into());
                notes.push(note);
                match known.removed.contains(&payload.id) {
                    true => revived.push(payload),
                    false => fresh.push(payload),
                }
            }
            tally.accepted = notes.len() as u64;
            fresh.sort_unstable_by_key(|payload: &Payload| payload.id);
            revived.sort_unstable_by_key(|payload: &Payload| payload.id);
            self.store.write_payloads(&fresh, &source, file.id, now).await?;
            if !revived.is_empty() {
                self.store.revive_payloads(&revived, &source, file.id, now).await?;
            }
            self.store.write_document_notes(&notes).await?;
            for reject in &rejects {
                *importing.counters.rejects.entry(reject.code.code().to_owned()).or_default() += 1;
            }
            self.store.write_rejects(&rejects, importing.run.id, file.id).await?;
            file.tally += tally;
            file.checkpoint += tally.read as i64;
            importing.run.tally += tally;
        }
        importing.is_undecided |= self.settle_documents(&touched, now).await?;
        for file in importing.files.values_mut() {
            if is_last {
                file.status = "done".to_owned();
            }
            self.store.write_file(file).await?;
        }
        importing.run.counters = serde_json::to_string(&importing.counters).unwrap_or_default();
        self.store.write_run(&importing.run).await.map(drop)
    }

    /// The keys of the golden rows that documents name by their ids.
    async fn keys_of_ids(&mut self, items: &[Read]) -> Result<KeysOfIds, Error> {
        let mut keys = KeysOfIds::new();
        for kind in [EntityKind::Company, EntityKind::Person] {
            let ids = items.iter().filter_map(|item| match item {
                Read::Said(_, Envelope { entity, about: About::Id(id), .. }) if *entity == kind => Some(id),
                _ => None,
            });
            let ids: Vec<Box<str>> = ids.cloned().collect();
            let texts: Vec<&str> = ids.iter().map(|id| &**id).collect();
            for row in self.store.golden_by_id(kind, &texts).await? {
                let (id, key) = (row.values.first(), row.values.last());
                if let (Some(id), Some(key)) =
                    (id.and_then(|id| id.as_text()), key.and_then(|key| key.as_text()))
                {
                    keys.insert((kind, id.into()), key.into());
                }
            }
        }
        Ok(keys)
    }
}

impl Importing<'_> {
    fn begin_file(&mut self, path: PathBuf, fingerprint: String, input: &Input) {
        let mut options = IngestOptions::new(self.options.source.clone());
        options.observed_at = self.options.observed_at;
        let options = FileOptions { documents: true, ..FileOptions::of(&options) };
        self.template = RunFile {
            path: path.to_string_lossy().into_owned(),
            size: input.file_size().unwrap_or(0) as i64,
            fingerprint,
            mapping: input.decision().fingerprint(),
            decision: input.decision().to_string(),
            options: Some(options.to_json()),
            ..empty_file()
        };
        self.path = path;
        self.files.clear();
        self.is_undecided = false;
    }

    /// The items by source; what names none that can be read is that of the run.
    fn parted(&self, items: Vec<Read>, ids: &KeysOfIds) -> BTreeMap<Source, OfSource> {
        let mut parted: BTreeMap<Source, OfSource> = BTreeMap::new();
        for item in items {
            let own = &self.options.source;
            match item {
                Read::Blank => parted.entry(own.clone()).or_default().blank += 1,
                Read::Reject(reject) => parted.entry(own.clone()).or_default().rejects.push(reject),
                Read::Said(record, said) => match self.stored(record, said, ids) {
                    Ok((source, payload, note)) => {
                        parted.entry(source).or_default().payloads.push((payload, note));
                    }
                    Err(reject) => parted.entry(own.clone()).or_default().rejects.push(reject),
                },
            }
        }
        parted
    }

    fn stored(
        &self,
        record: Record,
        mut said: Envelope,
        ids: &KeysOfIds,
    ) -> Result<(Source, Payload, DocumentNote), Reject> {
        let body = with_key(&record.payload, &mut said, ids).map_err(|fault| reject(fault, &record))?;
        let source = said.source.clone().unwrap_or_else(|| self.options.source.clone());
        let observed_at = said.observed_at.or(self.options.observed_at);
        let header = Some(header_id(IS_DOCUMENT));
        let id =
            Identity { source: source.clone(), header, observed_at: None }.payload_id(&body, observed_at);
        let nobody = || reject(Fault::new(RejectCode::NoKey, "", "nobody is named"), &record);
        let note = note(&said, id, 0).ok_or_else(nobody)?;
        Ok((source, Payload { id, header: None, observed_at, body, line: record.position.line }, note))
    }
}

fn empty_file() -> RunFile {
    RunFile {
        id: 0,
        run_id: 0,
        path: String::new(),
        size: 0,
        fingerprint: String::new(),
        mapping: String::new(),
        decision: String::new(),
        header: None,
        options: None,
        source: String::new(),
        status: "running".to_owned(),
        checkpoint: 0,
        tally: Tally::default(),
    }
}
