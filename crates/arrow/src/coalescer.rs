//! Frames of normalized records in, golden frames out.

use crate::columns::MAX_ROWS;
use crate::golden::golden_batches;
use crate::normalized::normalized_fields;
use crate::read_back::{Memo, RecordReader};
use crate::records::RecordColumns;
use arrow_array::RecordBatch;
use arrow_ipc::{reader::StreamReader, writer::StreamWriter};
use arrow_schema::{ArrowError, Schema, SchemaRef};
use firmograph::{Coalescer, EntityKind, Error, ErrorKind, NormalizedRecord, Priorities};
use std::sync::Arc;

/// A [`Coalescer`] that takes and gives record batches.
///
/// Neither the order of rows and batches nor how they were dealt out can change a byte of the answer, as long as all records of a
/// company or person come together in the end; a record counts once however often it is pushed.
#[derive(Debug, Clone)]
pub struct FrameCoalescer {
    coalescer: Coalescer,
    only: Option<EntityKind>,
    memo: Memo,
}

/// Golden companies and persons as record batches, each in the order of the keys.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct GoldenBatches {
    /// Of the schema that [`crate::golden_schema`] gives for companies.
    pub companies: Vec<RecordBatch>,
    /// The same for persons.
    pub persons: Vec<RecordBatch>,
}

impl FrameCoalescer {
    /// Nothing yet. Where `only` names a kind of entity, records without a key of that kind are left out, and columns about the
    /// other kind need not be there: an engine that brings the records of one key together does so once for each kind.
    #[must_use]
    pub fn new(priorities: Priorities, only: Option<EntityKind>) -> Self {
        FrameCoalescer { coalescer: Coalescer::new(priorities), only, memo: Memo::default() }
    }

    /// How many records count.
    #[must_use]
    pub fn len(&self) -> usize {
        self.coalescer.len()
    }

    /// Whether there is no record.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.coalescer.is_empty()
    }

    /// The records that count.
    #[must_use]
    pub fn coalescer(&self) -> &Coalescer {
        &self.coalescer
    }

    /// Of which kind of entity alone the answer speaks.
    #[must_use]
    pub fn only(&self) -> Option<EntityKind> {
        self.only
    }

    /// Adds the records of a batch, whose columns of ours have this prefix; rows that are no record are passed over, and so
    /// are other columns. Gives how many were not there before. All of the batch counts, or none.
    ///
    /// # Errors
    /// Usage: `missing-column`, `arrow-type`, `bad-source`. Data: `bad-record`.
    pub fn push(&mut self, batch: &RecordBatch, prefix: &str) -> Result<usize, Error> {
        let reader = RecordReader::new(batch, prefix, self.only)?;
        let mut records = Vec::with_capacity(batch.num_rows());
        for row in 0..batch.num_rows() {
            records.extend(reader.record(row, &mut self.memo)?);
        }
        let only = self.only;
        let has_key = |record: &NormalizedRecord| only.is_none_or(|kind| record.key(kind).is_some());
        let records = records.into_iter().filter(has_key);
        Ok(records.filter_map(|record| self.coalescer.push(record).then_some(())).count())
    }

    /// Adds every record of another one, those that both have once.
    ///
    /// # Errors
    /// Usage: `coalescer-mismatch` where the other one has other priorities or policies, or speaks of another kind.
    pub fn merge(&mut self, other: FrameCoalescer) -> Result<(), Error> {
        if self.only != other.only || self.coalescer.priorities() != other.coalescer.priorities() {
            let message = "the coalescers differ in their policy or in what they are about";
            return Err(Error::new(ErrorKind::Usage, "coalescer-mismatch", message)
                .with_help("make them with the same policy and the same only"));
        }
        self.coalescer.merge(other.coalescer);
        Ok(())
    }

    /// The records as a frame, in the order of their payloads: pushed into another one, they make it what this one is.
    ///
    /// # Errors
    /// Arrow's, where text of one batch is longer than 2 GB.
    pub fn state(&self) -> Result<Vec<RecordBatch>, ArrowError> {
        let schema = state_schema();
        let records = self.coalescer.records();
        let mut columns = RecordColumns::new();
        let batches = records.chunks(MAX_ROWS).map(|records| {
            records.iter().for_each(|record| columns.push_record(record));
            RecordBatch::try_new(Arc::clone(&schema), columns.finish()?)
        });
        batches.collect()
    }

    /// The state as bytes: a stream in Arrow's IPC format.
    ///
    /// # Errors
    /// Arrow's, where text of one batch is longer than 2 GB.
    pub fn to_bytes(&self) -> Result<Vec<u8>, ArrowError> {
        let mut writer = StreamWriter::try_new(Vec::new(), &state_schema())?;
        for batch in self.state()? {
            writer.write(&batch)?;
        }
        writer.into_inner()
    }

    /// Adds what [`Self::to_bytes`] gave.
    ///
    /// # Errors
    /// Data: `bad-state` where it is something else; and what [`Self::push`] gives.
    pub fn push_bytes(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let bad = |error: ArrowError| {
            Error::new(ErrorKind::Data, "bad-state", "these bytes are no state of a coalescer")
                .with_cause(error)
        };
        for batch in StreamReader::try_new(bytes, None).map_err(bad)? {
            self.push(&batch.map_err(bad)?, "")?;
        }
        Ok(())
    }

    /// The golden frames of everything that was pushed.
    ///
    /// # Errors
    /// Arrow's, where text of one batch is longer than 2 GB.
    pub fn finish(&self) -> Result<GoldenBatches, ArrowError> {
        let of = |kind| {
            let is_wanted = self.only.is_none_or(|only| only == kind);
            let rows = if is_wanted { self.coalescer.golden(kind) } else { Vec::new() };
            golden_batches(kind, &rows)
        };
        Ok(GoldenBatches { companies: of(EntityKind::Company)?, persons: of(EntityKind::Person)? })
    }
}

/// The columns of a state: those of normalized records alone.
#[must_use]
pub fn state_schema() -> SchemaRef {
    Arc::new(Schema::new(normalized_fields("")))
}
