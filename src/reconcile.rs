//! Reads an input once more and looks up where each of its values is in the database now: value for value, not a count.
//!
//! What is independent of ingest is where a value is looked for ([`places`]) and how it is compared ([`compare`]): a value that is in no
//! dimension row, or that the golden record does not show although its row is the one believed, is told as lost.

mod compare;
mod held;
mod judge;
mod places;
mod report;
mod seen;
mod tally;

pub use report::{
    ClassCounts, ColumnCounts, EntityCounts, Finding, Link, LinkCounts, PlaceCounts, Reconciliation,
    RecordCounts, UnplacedValue, ValueClass,
};

use crate::Engine;
use crate::ingest::IngestOptions;
use crate::joined::KeyJoins;
use crate::lookups::Maps;
use crate::parallel;
use crate::pipeline::{PipelineOptions, read};
use crate::reader::{self, Identified, Identity};
use firmograph_core::{Error, Field, FieldSet, PayloadId, Reject};
use firmograph_sources::{Input, Item, Record};
use held::{Holdings, Reading};
use judge::{Given, Judge, Kept, Told};
use seen::Seen;
use std::collections::BTreeSet;
use std::path::PathBuf;
use tally::{File, Tally, count};

/// Records that are looked up at a time: a company of many records is read once for all of them that stand together.
const RECORDS: usize = 32_768;
/// Text of records that are looked up at a time, whatever their number.
const BYTES: usize = 32 << 20;

/// Hears of values that have no place, and of the golden records that each record leads to, in the order of the input.
pub type FindingSink<'s> = dyn FnMut(Finding) -> Result<(), Error> + Send + 's;

/// Consecutive items of a file, in their order.
#[derive(Default)]
struct Page {
    items: Vec<Entry>,
    bytes: usize,
    blank: u64,
}

/// With what the records of a file are judged.
#[derive(Clone, Copy)]
struct Known<'k> {
    file: &'k File,
    options: &'k PipelineOptions,
    rejects: &'k Kept,
}

enum Entry {
    Read(Identified),
    Refused(Reject),
}

enum Judged {
    Given(Given),
    Refused(Reject),
}

impl Engine {
    /// Compares files with what the database holds, value for value. Files and options are those of the ingest that read them;
    /// nothing is written, and others may write meanwhile. Of JSON and tables `id_column` names the column by whose cells the
    /// records are told in [`Link`]s.
    ///
    /// # Errors
    /// When a file cannot be read or the database does not answer, and what `sink` gives. A value that is lost is no error: see
    /// [`Reconciliation::lost`].
    pub async fn reconcile(
        &mut self,
        paths: &[PathBuf],
        options: &IngestOptions,
        id_column: Option<&str>,
        sink: &mut FindingSink<'_>,
    ) -> Result<Reconciliation, Error> {
        self.store.begin_snapshot().await?;
        let done = self.reconcile_here(paths, options, id_column, sink).await;
        // The first error is the one to tell.
        let ended = self.store.rollback().await;
        let report = done?;
        ended?;
        Ok(report)
    }

    /// The same within the transaction at hand.
    pub(crate) async fn reconcile_here(
        &mut self,
        paths: &[PathBuf],
        options: &IngestOptions,
        id_column: Option<&str>,
        sink: &mut FindingSink<'_>,
    ) -> Result<Reconciliation, Error> {
        let mut options = options.clone();
        options.open.source.get_or_insert_with(|| options.pipeline.source.clone());
        let maps = Maps::stored(&mut self.store).await?;
        maps.fill(&mut options.pipeline);
        let joins = KeyJoins::read(&mut self.store).await?;
        let priorities = self.store.priorities().await?;
        let with = Reading { joins: &joins, priorities: &priorities, maps: &maps };
        let source = options.pipeline.source.to_string();
        let mut report = Reconciliation { source, ..Reconciliation::default() };
        let mut seen = Seen::default();
        let rejects = self.store.kept_rejects(&options.pipeline.source).await?;
        let rejects: Kept =
            rejects.iter().map(|original| reader::truncated(&blake3::hash(original))).collect();
        for path in paths {
            let mut input = Input::open(path, &options.open)?;
            let file = describe(options.label_of(path), &input, id_column);
            let identity = Identity {
                source: options.pipeline.source.clone(),
                header: input
                    .columns()
                    .map(|columns| reader::header_id(&serde_json::Value::from(columns.to_vec()).to_string())),
                observed_at: options.observed_at,
            };
            let mut whole = Tally::default();
            while let Some(page) = next_page(&mut input, &identity)? {
                report.records.blank += page.blank;
                report.records.read += page.blank + page.items.len() as u64;
                let given = give(page, &options.pipeline, &mut seen, &mut report);
                let known = Known { file: &file, options: &options.pipeline, rejects: &rejects };
                let mut tally = self.judge(given, known, with, &mut seen).await?;
                tally.findings.drain(..).try_for_each(&mut *sink)?;
                whole.add(tally);
            }
            for (path, records) in input.unread_keys() {
                whole.unread(&path, records);
            }
            report.files.push(file.label.clone());
            whole.tell(&file, &mut report);
        }
        seen.tell(&mut report);
        Ok(report)
    }

    async fn judge(
        &mut self,
        given: Vec<Judged>,
        known: Known<'_>,
        with: Reading<'_>,
        seen: &mut Seen,
    ) -> Result<Tally, Error> {
        let payloads = || {
            given.iter().filter_map(|judged| match judged {
                Judged::Given(given) => Some(given),
                Judged::Refused(_) => None,
            })
        };
        let (mut companies, mut persons) = (BTreeSet::new(), BTreeSet::new());
        for keys in payloads().flat_map(|given| &given.told).filter_map(|told| told.keys.as_ref().ok()) {
            companies.extend(keys.company.clone());
            persons.extend(keys.person.clone());
        }
        let ids: Vec<PayloadId> =
            payloads().filter(|given| given.is_accepted()).map(|given| given.id).collect();
        let holdings = Holdings::read(&mut self.store, &companies, &persons, &ids, with).await?;
        payloads().for_each(|given| seen.note(given, &holdings));
        let tallies = parallel::map(parallel::chunks(&given), |chunk| {
            let mut judge = Judge::new(known.file, &holdings, known.rejects, known.options);
            for judged in chunk {
                match judged {
                    Judged::Given(given) => judge.payload(given),
                    Judged::Refused(reject) => judge.reject(reject),
                }
            }
            judge.tally
        });
        let mut all = Tally::default();
        tallies.into_iter().for_each(|tally| all.add(tally));
        Ok(all)
    }
}

fn describe(label: String, input: &Input, id_column: Option<&str>) -> File {
    let mapped = input.decision().mapped.clone();
    let fields = |column: &String| {
        let of_column = mapped.iter().filter(|(_, name)| name == column).map(|(field, _)| *field);
        of_column.collect::<Vec<Field>>()
    };
    let columns = input.columns().unwrap_or_default();
    let columns: Vec<_> = columns.iter().map(|column| (column.clone(), fields(column))).collect();
    let is_table = input.columns().is_some();
    File { label, is_table, columns, mapped, id_column: id_column.map(str::to_owned) }
}

/// The next items of the file; `None` at its end.
fn next_page(input: &mut Input, identity: &Identity) -> Result<Option<Page>, Error> {
    let mut page = Page::default();
    while page.items.len() < RECORDS && page.bytes < BYTES {
        let entry = match input.next_item()? {
            None => return Ok((page.blank > 0 || !page.items.is_empty()).then_some(page)),
            Some(Item::Blank(_)) => {
                page.blank += 1;
                continue;
            }
            Some(Item::Reject(reject)) => Entry::Refused(reject),
            Some(Item::Record(record)) => match identity.identified(record) {
                Ok(identified) => Entry::Read(identified),
                Err(reject) => Entry::Refused(reject),
            },
        };
        page.bytes += match &entry {
            Entry::Read(identified) => identified.record.payload.len(),
            Entry::Refused(reject) => reject.original.len(),
        };
        page.items.push(entry);
    }
    Ok(Some(page))
}

/// What the records of a page say, on all cores, and what is counted of them.
fn give(page: Page, options: &PipelineOptions, seen: &mut Seen, report: &mut Reconciliation) -> Vec<Judged> {
    let chunks = parallel::map(parallel::owned_chunks(page.items), |entries: Vec<Entry>| {
        let judged = entries.into_iter().map(|entry| match entry {
            Entry::Refused(reject) => Judged::Refused(reject),
            Entry::Read(identified) => Judged::Given(given(identified, options)),
        });
        judged.collect::<Vec<_>>()
    });
    let records = &mut report.records;
    let mut all: Vec<Judged> = chunks.into_iter().flatten().collect();
    for judged in &mut all {
        match judged {
            Judged::Refused(reject) => count(&mut records.rejected, reject.code.code()),
            Judged::Given(given) if !seen.is_new(given.id) => {
                given.is_repeated = true;
                records.repeated += 1;
            }
            Judged::Given(given) if given.is_accepted() => records.accepted += 1,
            Judged::Given(_) => count(&mut records.rejected, firmograph_core::RejectCode::NoKey.code()),
        }
    }
    all
}

fn given(identified: Identified, options: &PipelineOptions) -> Given {
    let Identified { record, id, observed_at } = identified;
    let Record { position, payload: body, fields, also, .. } = record;
    let tell = |fields: FieldSet| {
        let mut said = Vec::new();
        let keys = read(&fields, options, &mut |attribute, raw| said.push((attribute, raw)));
        Told { fields, keys, said }
    };
    let told = std::iter::once(fields).chain(also).map(tell).collect();
    Given { position, id, observed_at, body, told, is_repeated: false }
}
