//! Record batches of raw columns in, record batches with their meaning beside them out.

use crate::columns::MAX_ROWS;
use crate::json::{JsonColumn, is_nested, push_object};
use crate::normalized::{normalized_fields, refuse_clash};
use crate::records::RecordColumns;
use crate::text::TextColumn;
use arrow_array::{
    Array, ArrayRef, RecordBatch, RecordBatchOptions, RecordBatchReader, make_array, new_empty_array,
};
use arrow_data::transform::MutableArrayData;
use arrow_schema::{ArrowError, Schema, SchemaRef};
use firmograph::sources::RowReader;
use firmograph::{
    DocumentNormalizer, Error, ErrorKind, NormalizedRow, Normalizer, NormalizerOptions, RejectCode, Source,
};
use std::collections::VecDeque;
use std::sync::Arc;

/// Rows that are given their meaning at a time: what lies between text and columns stays in the cache's reach.
const PIECE_ROWS: usize = 8_192;

/// What normalizing batches is told beside the batches.
#[derive(Debug, Clone)]
pub struct BatchOptions {
    /// How rows are read for meaning.
    pub normalizer: NormalizerOptions,
    /// Which of the columns that come in stand in what goes out too, in this order; `None` for all.
    pub keep: Option<Vec<String>>,
    /// Stands before the name of each column of ours.
    pub prefix: String,
}

impl BatchOptions {
    /// Rows of a source, every column passed through, no prefix.
    #[must_use]
    pub fn new(source: Source) -> Self {
        BatchOptions { normalizer: NormalizerOptions::new(source), keep: None, prefix: String::new() }
    }
}

/// Batches with their meaning, one after the other, as they are taken: memory does not grow with their number.
///
/// Row by row, each batch holds the columns that came in, untouched and of their own types, then those of
/// [`normalized_fields`]. Every row is there: one that is no record says why, and one in which a mapping finds several records
/// stands there once for each. Where a column holds lists, structs or maps, each row is read as the JSON object that a file would
/// hold for it. Columns of types that are no text (bytes, say) are passed through and not read.
pub struct NormalizedBatches<R> {
    input: R,
    reading: Reading,
    source: Source,
    schema: SchemaRef,
    /// Columns that are read, and their names.
    read: Vec<(usize, String)>,
    /// Columns that are passed through.
    kept: Vec<usize>,
    columns: RecordColumns,
    /// Rows read so far.
    rows: u64,
    /// Of the batch that came last, what was not yet read.
    pending: Option<RecordBatch>,
    ready: VecDeque<RecordBatch>,
    /// Whether the input gave its last batch or failed.
    is_done: bool,
}

impl<R: RecordBatchReader> NormalizedBatches<R> {
    /// Reads nothing yet.
    ///
    /// # Errors
    /// Usage: `no-known-column` where no column means anything and none holds others, `unknown-column` where a mapping or
    /// `keep` names what is not there, `column-clash` where a column that is passed through has the name of one of ours, `arrow-type` where a column
    /// that means something is no text.
    pub fn new(input: R, options: BatchOptions) -> Result<Self, Error> {
        let BatchOptions { normalizer, keep, prefix } = options;
        let schema = input.schema();
        let kept = kept(&schema, keep.as_deref())?;
        let mut fields: Vec<_> = kept.iter().map(|&column| Arc::clone(&schema.fields()[column])).collect();
        refuse_clash(&fields, &prefix)?;
        fields.extend(normalized_fields(&prefix));
        let read = read(&schema, &normalizer)?;
        let source = normalizer.pipeline.source.clone();
        Ok(NormalizedBatches {
            input,
            reading: Reading::new(&schema, &read, normalizer)?,
            source,
            schema: Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone())),
            read,
            kept,
            columns: RecordColumns::new(),
            rows: 0,
            pending: None,
            ready: VecDeque::new(),
            is_done: false,
        })
    }

    /// Gives the next rows their meaning.
    fn normalize(&mut self, piece: &RecordBatch) -> Result<(), ArrowError> {
        let before = self.rows;
        self.rows += piece.num_rows() as u64;
        let rows = self.reading.read(piece, &self.read).map_err(external)?;
        let place = |row: &NormalizedRow| (row.position().record - 1 - before) as usize;
        // Pieces are far smaller than a batch may be, and a row seldom holds more than one record.
        for rows in rows.chunks(MAX_ROWS) {
            rows.iter().for_each(|row| self.columns.push(row, self.source.as_str()));
            let places: Vec<usize> = rows.iter().map(place).collect();
            let foreign = self.kept.iter().map(|&column| placed(piece.column(column), &places));
            let mut columns = foreign.collect::<Result<Vec<_>, _>>()?;
            columns.extend(self.columns.finish()?);
            let options = RecordBatchOptions::new().with_row_count(Some(rows.len()));
            self.ready.push_back(RecordBatch::try_new_with_options(
                Arc::clone(&self.schema),
                columns,
                &options,
            )?);
        }
        Ok(())
    }

    fn advance(&mut self) -> Option<Result<RecordBatch, ArrowError>> {
        loop {
            if let Some(batch) = self.ready.pop_front() {
                return Some(Ok(batch));
            }
            if let Some(batch) = self.pending.take() {
                let rows = batch.num_rows().min(PIECE_ROWS);
                if rows < batch.num_rows() {
                    self.pending = Some(batch.slice(rows, batch.num_rows() - rows));
                }
                if let Err(error) = self.normalize(&batch.slice(0, rows)) {
                    return Some(Err(error));
                }
                continue;
            }
            match self.input.next()? {
                Ok(batch) if batch.num_rows() == 0 => {}
                Ok(batch) => self.pending = Some(batch),
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

impl<R: RecordBatchReader> Iterator for NormalizedBatches<R> {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_done {
            return None;
        }
        let next = self.advance();
        self.is_done = !matches!(next, Some(Ok(_)));
        next
    }
}

impl<R: RecordBatchReader> RecordBatchReader for NormalizedBatches<R> {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }
}

impl<R> std::fmt::Debug for NormalizedBatches<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NormalizedBatches").field("rows", &self.rows).finish_non_exhaustive()
    }
}

/// What gives rows their meaning.
enum Reading {
    /// Each column is one text.
    Rows(Box<Normalizer>),
    /// Columns hold others: a row is a document.
    Documents(Box<DocumentNormalizer>),
}

impl Reading {
    fn new(schema: &Schema, read: &[(usize, String)], options: NormalizerOptions) -> Result<Self, Error> {
        if read.iter().any(|(column, _)| is_nested(schema.field(*column).data_type())) {
            return Ok(Reading::Documents(Box::new(DocumentNormalizer::of_documents(options))));
        }
        let names: Vec<String> = read.iter().map(|(_, name)| name.clone()).collect();
        Ok(Reading::Rows(Box::new(Normalizer::new(&names, options)?)))
    }

    /// The rows of a piece with their meaning. One with bytes that are no text in a column that is read is a reject.
    fn read(&mut self, piece: &RecordBatch, read: &[(usize, String)]) -> Result<Vec<NormalizedRow>, Error> {
        let no_text = || "bytes that are not utf-8 text stand in this cell".to_owned();
        let code = RejectCode::BadEncoding;
        match self {
            Reading::Rows(normalizer) => {
                let cells = read.iter().map(|(column, name)| TextColumn::new(name, piece.column(*column)));
                let cells = cells.collect::<Result<Vec<_>, Error>>()?;
                for row in 0..piece.num_rows() {
                    match cells.iter().position(|cells| cells.is_broken(row)) {
                        Some(broken) => normalizer.refuse(code, Some(read[broken].1.clone()), no_text()),
                        None => {
                            normalizer.read(|column| {
                                cells.get(column).and_then(|cells| cells.get(row)).unwrap_or("")
                            });
                        }
                    }
                }
                Ok(normalizer.finish())
            }
            Reading::Documents(normalizer) => {
                let columns = read.iter().map(|(column, name)| JsonColumn::new(name, piece.column(*column)));
                let columns = columns.collect::<Result<Vec<_>, Error>>()?;
                let mut json = String::new();
                for row in 0..piece.num_rows() {
                    if let Some(broken) = columns.iter().position(|column| column.is_broken(row)) {
                        normalizer.refuse(code, Some(read[broken].1.clone()), no_text());
                        continue;
                    }
                    json.clear();
                    let entries = read.iter().zip(&columns);
                    push_object(&mut json, entries.map(|((_, name), column)| (name.as_str(), column, row)));
                    normalizer.read_document(&json);
                }
                Ok(normalizer.finish())
            }
        }
    }
}

/// An error of ours as Arrow's, whole: who takes it apart finds the code.
pub(crate) fn external(error: Error) -> ArrowError {
    ArrowError::ExternalError(Box::new(error))
}

/// Which columns are passed through.
fn kept(schema: &Schema, keep: Option<&[String]>) -> Result<Vec<usize>, Error> {
    let Some(keep) = keep else { return Ok((0..schema.fields().len()).collect()) };
    let place = |name: &String| {
        schema.index_of(name).map_err(|_| {
            let message = format!("there is no column {name:?} to keep");
            let all: Vec<_> = schema.fields().iter().map(|field| field.name().as_str()).collect();
            Error::new(ErrorKind::Usage, "unknown-column", message)
                .with_help(format!("the columns are {}", all.join(", ")))
        })
    };
    keep.iter().map(place).collect()
}

/// Which columns are read: those that can be written as text. A column that means something and cannot is refused.
fn read(schema: &Schema, options: &NormalizerOptions) -> Result<Vec<(usize, String)>, Error> {
    let mut read = Vec::with_capacity(schema.fields().len());
    let mut unread = Vec::new();
    for (column, field) in schema.fields().iter().enumerate() {
        match JsonColumn::new(field.name(), &new_empty_array(field.data_type())) {
            Ok(_) => read.push((column, field.name().clone())),
            // What stands deep within may be what matters.
            Err(error) if is_nested(field.data_type()) => return Err(error),
            Err(error) => unread.push((field.name(), error)),
        }
    }
    // What is no text is passed through, unless it would be read.
    let is_document = read.iter().any(|(column, _)| is_nested(schema.field(*column).data_type()));
    let documents = is_document.then(|| DocumentNormalizer::of_documents(options.clone()));
    let all: Vec<String> = schema.fields().iter().map(|field| field.name().clone()).collect();
    for (name, error) in unread {
        let is_read = match &documents {
            Some(documents) => documents.reads(name),
            None => RowReader::new(&all, &options.mappings, Some(&options.pipeline.source))?.reads(name),
        };
        if is_read {
            return Err(error);
        }
    }
    Ok(read)
}

/// The values at these places, which never go down.
fn placed(array: &ArrayRef, places: &[usize]) -> Result<ArrayRef, ArrowError> {
    let is_same = places.first().is_some_and(|&first| places.iter().zip(first..).all(|(&a, b)| a == b));
    if is_same {
        return Ok(array.slice(places[0], places.len()));
    }
    let data = array.to_data();
    let mut repeated = MutableArrayData::new(vec![&data], false, places.len());
    let runs = places.chunk_by(|a, b| b - a == 1);
    for run in runs {
        repeated.try_extend(0, run[0], run[0] + run.len())?;
    }
    Ok(make_array(repeated.freeze()))
}
