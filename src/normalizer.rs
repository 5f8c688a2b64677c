//! Rows in memory to records with their meaning, without a database: what Python, Arrow and clusters call.

use crate::batch::Matcher;
use crate::pipeline::{Notices, PipelineOptions};
use crate::reader::{Identity, header_id};
use crate::tell::{Chunk, Teller};
use firmograph_core::{
    Attribute, EntityKind, Error, MatchedValue, PayloadId, Position, RawValue, Reject, RejectCode, Source,
    Timestamp,
};
use firmograph_sources::{DocumentReader, Item, Mapping, RowReader};
use std::sync::Arc;

/// How rows are read for meaning.
#[derive(Debug, Clone)]
pub struct NormalizerOptions {
    /// Whose rows they are, and what a user says that values mean.
    pub pipeline: PipelineOptions,
    /// Which column fills which field: the first whose condition holds is taken, before those that come with firmograph.
    pub mappings: Vec<Mapping>,
    /// When the source saw the rows, where no column says so.
    pub observed_at: Option<Timestamp>,
}

impl NormalizerOptions {
    /// Rows of a source, with nothing else said.
    #[must_use]
    pub fn new(source: Source) -> Self {
        NormalizerOptions { pipeline: PipelineOptions::new(source), mappings: Vec::new(), observed_at: None }
    }
}

/// One value that a record gives.
#[derive(Debug, Clone, PartialEq)]
pub struct NormalizedValue {
    /// What it is about.
    pub attribute: Attribute,
    /// As given.
    pub raw: RawValue,
    /// What it means; `None` where that is not known.
    pub matched: Option<Arc<MatchedValue>>,
}

/// One record: whom it speaks of and what it says, raw and matched. It is all that a [`crate::Coalescer`] needs.
#[derive(Debug, Clone, PartialEq)]
pub struct NormalizedRecord {
    /// Where it stands among the rows: both numbers count from 1, blank rows too.
    pub position: Position,
    /// Who says it.
    pub source: Source,
    /// Identity of the row: source, time, header and cells.
    pub payload: PayloadId,
    /// 0 for the first record of its payload, and so on: a mapping may find several in one row.
    pub part: u32,
    /// When the source saw it.
    pub observed_at: Option<Timestamp>,
    /// Key of the company that it speaks of.
    pub company: Option<Arc<str>>,
    /// Key of the person that it speaks of.
    pub person: Option<Arc<str>>,
    /// What was noticed.
    pub notices: Notices,
    /// In the order of [`Attribute::ALL`]; those about the company come first.
    pub values: Vec<NormalizedValue>,
}

impl NormalizedRecord {
    /// The key of the company or of the person.
    #[must_use]
    pub fn key(&self, kind: EntityKind) -> Option<&Arc<str>> {
        match kind {
            EntityKind::Company => self.company.as_ref(),
            EntityKind::Person => self.person.as_ref(),
        }
    }
}

/// What became of a row.
#[derive(Debug, Clone, PartialEq)]
pub enum NormalizedRow {
    /// A record. A row in which a mapping finds several gives them one after the other.
    Record(NormalizedRecord),
    /// It could not be taken.
    Reject(Reject),
    /// It has no text.
    Blank(Position),
}

impl NormalizedRow {
    /// Which row it was.
    #[must_use]
    pub fn position(&self) -> Position {
        match self {
            NormalizedRow::Record(record) => record.position,
            NormalizedRow::Reject(reject) => reject.position,
            NormalizedRow::Blank(position) => *position,
        }
    }
}

/// Gives rows of one table their meaning, on the thread that calls.
///
/// ```
/// use firmograph::{NormalizedRow, Normalizer, NormalizerOptions, Source};
///
/// let columns = ["Work Email", "Title"].map(str::to_owned);
/// let mut normalizer = Normalizer::new(&columns, NormalizerOptions::new(Source::new("csv")?))?;
/// let row = ["ada@acme.com", "CTO"];
/// normalizer.read(|column| row[column]);
/// let rows = normalizer.finish();
/// let NormalizedRow::Record(record) = &rows[0] else { panic!("a record") };
/// assert_eq!(record.company.as_deref(), Some("acme.com"));
/// # Ok::<(), firmograph::Error>(())
/// ```
#[derive(Debug)]
pub struct Normalizer<R = RowReader> {
    reader: R,
    teller: Teller,
    matchers: Vec<Matcher>,
    /// Rows since the last [`Normalizer::finish`], and what is known of them already.
    items: Vec<Item>,
}

/// Gives JSON objects their meaning, as [`Normalizer`] does rows: for rows that hold lists or objects of their own.
///
/// ```
/// use firmograph::{DocumentNormalizer, NormalizedRow, NormalizerOptions, Source};
///
/// let mut normalizer = DocumentNormalizer::of_documents(NormalizerOptions::new(Source::new("api")?));
/// normalizer.read_document(r#"{"email": "ada@acme.com", "jobs": [{"title": "CTO"}]}"#);
/// let NormalizedRow::Record(record) = &normalizer.finish()[0] else { panic!("a record") };
/// assert_eq!(record.company.as_deref(), Some("acme.com"));
/// # Ok::<(), firmograph::Error>(())
/// ```
pub type DocumentNormalizer = Normalizer<DocumentReader>;

impl Normalizer {
    /// For rows of these columns.
    ///
    /// # Errors
    /// Usage: `no-known-column` where no column means anything, `unknown-column` where a mapping names what is not there.
    pub fn new(columns: &[String], options: NormalizerOptions) -> Result<Self, Error> {
        let reader = RowReader::new(columns, &options.mappings, Some(&options.pipeline.source))?;
        Ok(Normalizer::of_rows(reader, options))
    }

    /// As [`Normalizer::new`], for rows that leave out what they do not know: a mapping may name columns that none of them has.
    ///
    /// # Errors
    /// Usage: `no-known-column`.
    pub fn of_part(columns: &[String], options: NormalizerOptions) -> Result<Self, Error> {
        let reader = RowReader::of_part(columns, &options.mappings, Some(&options.pipeline.source))?;
        Ok(Normalizer::of_rows(reader, options))
    }

    fn of_rows(reader: RowReader, options: NormalizerOptions) -> Self {
        let NormalizerOptions { pipeline, observed_at, .. } = options;
        let header = serde_json::Value::from(reader.columns().to_vec()).to_string();
        let identity =
            Identity { source: pipeline.source.clone(), header: Some(header_id(&header)), observed_at };
        let columns = reader.mapped();
        Normalizer::of(reader, Teller { identity, options: pipeline, columns })
    }

    /// Takes the next row, of which `cell` gives the text by column, empty where there is none.
    pub fn read<'c>(&mut self, cell: impl Fn(usize) -> &'c str) {
        let item = self.reader.read(cell);
        self.items.push(item);
    }

    /// Whether what stands in a column may matter: it fills a field, or a mapping reads it.
    #[must_use]
    pub fn reads(&self, column: &str) -> bool {
        self.reader.reads(column)
    }

    /// Takes the next row as one that cannot be read, and why.
    pub fn refuse(&mut self, code: RejectCode, column: Option<String>, cause: String) {
        let position = self.reader.next_position();
        self.reject(position, code, column, cause);
    }
}

impl Normalizer<DocumentReader> {
    /// For objects of any keys.
    #[must_use]
    pub fn of_documents(options: NormalizerOptions) -> Self {
        let NormalizerOptions { pipeline, mappings, observed_at } = options;
        let reader = DocumentReader::new(&mappings, Some(&pipeline.source));
        let identity = Identity { source: pipeline.source.clone(), header: None, observed_at };
        Normalizer::of(reader, Teller { identity, options: pipeline, columns: Vec::new() })
    }

    /// Whether what stands under a key of an object may matter: it is recognised, or a mapping reads it.
    #[must_use]
    pub fn reads(&self, key: &str) -> bool {
        self.reader.reads(key)
    }

    /// Takes the next object as JSON text; what is none becomes a reject.
    pub fn read_document(&mut self, json: &str) {
        let item = self.reader.read(json);
        self.items.push(item);
    }

    /// Takes the next object as one that cannot be read, and why.
    pub fn refuse(&mut self, code: RejectCode, column: Option<String>, cause: String) {
        let position = self.reader.next_position();
        self.reject(position, code, column, cause);
    }
}

impl<R> Normalizer<R> {
    fn of(reader: R, teller: Teller) -> Self {
        let matchers = Attribute::ALL.iter().copied().map(Matcher::new).collect();
        Normalizer { reader, teller, matchers, items: Vec::new() }
    }

    fn reject(&mut self, position: Position, code: RejectCode, column: Option<String>, cause: String) {
        self.items.push(Item::Reject(Reject { code, position, column, cause, original: Vec::new() }));
    }

    /// What the rows mean that were read since the last call, in their order.
    pub fn finish(&mut self) -> Vec<NormalizedRow> {
        let items = std::mem::take(&mut self.items);
        let mut records = Vec::with_capacity(items.len());
        let mut others = Vec::new();
        for item in items {
            match item {
                Item::Record(record) => match self.teller.identity.identified(record) {
                    Ok(identified) => records.push(identified),
                    Err(reject) => others.push(NormalizedRow::Reject(reject)),
                },
                Item::Reject(reject) => others.push(NormalizedRow::Reject(reject)),
                Item::Blank(position) => others.push(NormalizedRow::Blank(position)),
            }
        }
        let Chunk { rows, mut said, rejects } = self.teller.tell(records);
        others.extend(rejects.into_iter().map(NormalizedRow::Reject));
        let mut normalized = Vec::with_capacity(rows.len() + others.len());
        let mut part = 0;
        for (at, row) in rows.into_iter().enumerate() {
            part = if row.is_further { part + 1 } else { 0 };
            let attributes = Attribute::ALL.iter().zip(&mut said).zip(&mut self.matchers);
            let mut values: Vec<NormalizedValue> = Vec::with_capacity(Attribute::ALL.len());
            for ((&attribute, said), matcher) in attributes {
                let Some(raw) = said[at].take() else { continue };
                let matched = match place_of_company(&values, attribute, &raw, &self.teller.options) {
                    Some(place) => place.matched.clone(),
                    None => matcher.matched(&raw, &self.teller.options),
                };
                values.push(NormalizedValue { attribute, raw, matched });
            }
            let number = row.payload.line;
            normalized.push(NormalizedRow::Record(NormalizedRecord {
                position: Position { record: number, line: number },
                source: self.teller.identity.source.clone(),
                payload: row.payload.id,
                part,
                observed_at: row.payload.observed_at,
                values,
                company: row.keys.company.map(Arc::from),
                person: row.keys.person.map(Arc::from),
                notices: row.keys.notices,
            }));
        }
        if !others.is_empty() {
            normalized.extend(others);
            // Stable: further records of a row stay behind its first.
            normalized.sort_by_key(|row| row.position().line);
        }
        normalized
    }
}

/// What the company's place of the same record means, where a person's place is given in the same words: most tables have one
/// address for both, and reading it is the dearest part of a row. Lookups are of one attribute.
fn place_of_company<'v>(
    values: &'v [NormalizedValue],
    attribute: Attribute,
    raw: &RawValue,
    options: &PipelineOptions,
) -> Option<&'v NormalizedValue> {
    let asks = attribute == Attribute::PersonLocation && options.lookups.is_none();
    let same = |value: &&NormalizedValue| value.attribute == Attribute::CompanyLocation && value.raw == *raw;
    values.iter().filter(|_| asks).find(same)
}
