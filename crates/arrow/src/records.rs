//! Normalized records to the columns of their frame.

use crate::normalized::{BLANK, attribute_fields, normalized_fields};
use arrow_array::builder::{
    Float64Builder, Int32Builder, Int64Builder, NullBufferBuilder, StringBuilder, TimestampMicrosecondBuilder,
};
use arrow_array::{ArrayRef, StructArray};
use arrow_schema::ArrowError;
use firmograph::{Attribute, NormalizedRecord, NormalizedRow, NormalizedValue, Scalar, ScalarKind};
use std::fmt::Write;
use std::sync::Arc;

/// Lays rows out as columns.
pub(crate) struct RecordColumns {
    source: StringBuilder,
    payload: StringBuilder,
    part: Int32Builder,
    observed_at: TimestampMicrosecondBuilder,
    company: StringBuilder,
    person: StringBuilder,
    code: StringBuilder,
    cause: StringBuilder,
    column: StringBuilder,
    attributes: Vec<AttributeColumns>,
    rows: usize,
    hex: String,
}

impl RecordColumns {
    pub(crate) fn new() -> Self {
        RecordColumns {
            source: StringBuilder::new(),
            payload: StringBuilder::new(),
            part: Int32Builder::new(),
            observed_at: TimestampMicrosecondBuilder::new().with_timezone("UTC"),
            company: StringBuilder::new(),
            person: StringBuilder::new(),
            code: StringBuilder::new(),
            cause: StringBuilder::new(),
            column: StringBuilder::new(),
            attributes: Attribute::ALL.iter().map(|&attribute| AttributeColumns::new(attribute)).collect(),
            rows: 0,
            hex: String::with_capacity(32),
        }
    }

    /// What became of a row. `source` is whose rows they are: a reject does not say.
    pub(crate) fn push(&mut self, row: &NormalizedRow, source: &str) {
        let (code, cause, column) = match row {
            NormalizedRow::Record(record) => return self.push_record(record),
            NormalizedRow::Reject(reject) => {
                (reject.code.code(), Some(reject.cause.as_str()), reject.column.as_deref())
            }
            NormalizedRow::Blank(_) => (BLANK, None, None),
        };
        self.source.append_value(source);
        self.payload.append_null();
        self.part.append_null();
        self.observed_at.append_null();
        self.company.append_null();
        self.person.append_null();
        self.code.append_value(code);
        self.cause.append_option(cause);
        self.column.append_option(column);
        self.rows += 1;
    }

    /// A record.
    pub(crate) fn push_record(&mut self, record: &NormalizedRecord) {
        self.source.append_value(record.source.as_str());
        self.hex.clear();
        // Writing to a text cannot fail.
        let _ = write!(self.hex, "{}", record.payload);
        self.payload.append_value(&self.hex);
        self.part.append_value(i32::try_from(record.part).unwrap_or(i32::MAX));
        self.observed_at.append_option(record.observed_at.map(|time| time.as_microsecond()));
        self.company.append_option(record.company.as_deref());
        self.person.append_option(record.person.as_deref());
        self.code.append_null();
        self.cause.append_null();
        self.column.append_null();
        for value in &record.values {
            self.attributes[value.attribute as usize].push(self.rows, value);
        }
        self.rows += 1;
    }

    /// The columns of the rows since the last call, in the order of [`normalized_fields`].
    pub(crate) fn finish(&mut self) -> Result<Vec<ArrayRef>, ArrowError> {
        let rows = std::mem::take(&mut self.rows);
        let mut columns: Vec<ArrayRef> = vec![
            Arc::new(self.source.finish()),
            Arc::new(self.payload.finish()),
            Arc::new(self.part.finish()),
            Arc::new(self.observed_at.finish()),
            Arc::new(self.company.finish()),
            Arc::new(self.person.finish()),
            Arc::new(self.code.finish()),
            Arc::new(self.cause.finish()),
            Arc::new(self.column.finish()),
        ];
        for attribute in &mut self.attributes {
            columns.push(attribute.finish(rows)?);
        }
        debug_assert_eq!(columns.len(), normalized_fields("").len());
        Ok(columns)
    }
}

enum Cells {
    Text(StringBuilder),
    Int(Int64Builder),
}

/// The struct of one attribute. Most rows say nothing of most attributes: their nulls are written when a value comes.
struct AttributeColumns {
    attribute: Attribute,
    raw: Vec<StringBuilder>,
    matched: Vec<Cells>,
    rule: StringBuilder,
    confidence: Float64Builder,
    reference: StringBuilder,
    span_start: Int32Builder,
    span_end: Int32Builder,
    valid: NullBufferBuilder,
    rows: usize,
}

impl AttributeColumns {
    fn new(attribute: Attribute) -> Self {
        let spec = attribute.spec();
        let matched = spec.matched.iter().map(|(_, kind)| match kind {
            ScalarKind::Text => Cells::Text(StringBuilder::new()),
            ScalarKind::Int => Cells::Int(Int64Builder::new()),
        });
        AttributeColumns {
            attribute,
            raw: spec.parts.iter().map(|_| StringBuilder::new()).collect(),
            matched: matched.collect(),
            rule: StringBuilder::new(),
            confidence: Float64Builder::new(),
            reference: StringBuilder::new(),
            span_start: Int32Builder::new(),
            span_end: Int32Builder::new(),
            valid: NullBufferBuilder::new(0),
            rows: 0,
        }
    }

    /// The value of the row with this number.
    fn push(&mut self, row: usize, value: &NormalizedValue) {
        // A record says one thing of an attribute; what would be a second one has no row.
        if row < self.rows {
            return;
        }
        self.fill(row);
        self.rows += 1;
        self.valid.append_non_null();
        for (index, cells) in self.raw.iter_mut().enumerate() {
            cells.append_option(value.raw.part(index));
        }
        let matched = value.matched.as_deref();
        for (index, cells) in self.matched.iter_mut().enumerate() {
            let scalar = matched.and_then(|matched| matched.columns.get(index)).unwrap_or(&Scalar::Null);
            match cells {
                Cells::Text(cells) => cells.append_option(scalar.as_text()),
                Cells::Int(cells) => cells.append_option(scalar.as_int()),
            }
        }
        let evidence = matched.map(|matched| &matched.evidence);
        self.rule.append_option(evidence.map(|evidence| &evidence.rule));
        self.confidence.append_option(evidence.map(|evidence| evidence.confidence));
        self.reference.append_option(evidence.map(|evidence| &evidence.reference));
        let place = |place: u32| i32::try_from(place).unwrap_or(i32::MAX);
        self.span_start.append_option(evidence.map(|evidence| place(evidence.span.0)));
        self.span_end.append_option(evidence.map(|evidence| place(evidence.span.1)));
    }

    /// Nulls up to the row with this number.
    fn fill(&mut self, row: usize) {
        let count = row - self.rows;
        if count == 0 {
            return;
        }
        self.rows = row;
        self.valid.append_n_nulls(count);
        self.raw.iter_mut().for_each(|cells| cells.append_nulls(count));
        for cells in &mut self.matched {
            match cells {
                Cells::Text(cells) => cells.append_nulls(count),
                Cells::Int(cells) => cells.append_nulls(count),
            }
        }
        self.rule.append_nulls(count);
        self.confidence.append_nulls(count);
        self.reference.append_nulls(count);
        self.span_start.append_nulls(count);
        self.span_end.append_nulls(count);
    }

    fn finish(&mut self, rows: usize) -> Result<ArrayRef, ArrowError> {
        self.fill(rows.max(self.rows));
        self.rows = 0;
        let raw = self.raw.iter_mut().map(|cells| Arc::new(cells.finish()) as ArrayRef);
        let matched = self.matched.iter_mut().map(|cells| match cells {
            Cells::Text(cells) => Arc::new(cells.finish()) as ArrayRef,
            Cells::Int(cells) => Arc::new(cells.finish()) as ArrayRef,
        });
        let evidence: [ArrayRef; 5] = [
            Arc::new(self.rule.finish()),
            Arc::new(self.confidence.finish()),
            Arc::new(self.reference.finish()),
            Arc::new(self.span_start.finish()),
            Arc::new(self.span_end.finish()),
        ];
        let cells = raw.chain(matched).chain(evidence).collect();
        let fields = attribute_fields(self.attribute);
        Ok(Arc::new(StructArray::try_new(fields, cells, self.valid.finish())?))
    }
}
