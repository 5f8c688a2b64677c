//! The columns of a frame of normalized records, of any engine, back to records.

use crate::normalized::{
    COMPANY_KEY, CONFIDENCE, OBSERVED_AT, PART, PAYLOAD, PERSON_KEY, REFERENCE, RULE, SOURCE, SPAN_END,
    SPAN_START, matched_name, raw_name,
};
use crate::text::TextColumn;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{
    Array, ArrayRef, Float64Array, Int64Array, RecordBatch, StructArray, TimestampMicrosecondArray,
};
use arrow_schema::{DataType, TimeUnit};
use firmograph::pipeline::Notices;
use firmograph::{
    Attribute, EntityKind, Error, ErrorKind, Evidence, MatchedValue, NormalizedRecord, NormalizedValue,
    PayloadId, Position, RawValue, Scalar, ScalarKind, Source, Span, Timestamp, parse_observed_at,
};
use std::collections::HashMap;
use std::sync::Arc;

/// The columns of one batch that make up its records.
pub(crate) struct RecordReader {
    source: TextColumn,
    payload: TextColumn,
    part: IntColumn,
    observed_at: TimeColumn,
    company: Option<TextColumn>,
    person: Option<TextColumn>,
    attributes: Vec<AttributeReader>,
}

/// What batches have in common: sources, and what values were matched to.
#[derive(Debug, Clone, Default)]
pub(crate) struct Memo {
    source: Option<Source>,
    matched: HashMap<(Attribute, RawValue), Arc<MatchedValue>, ahash::RandomState>,
}

/// Matched values held at a time for being met again.
const MEMO_VALUES: usize = 100_000;

impl RecordReader {
    /// Finds the columns, those of one kind of entity where `only` says so.
    ///
    /// # Errors
    /// Usage: `missing-column`, and `arrow-type` where one holds something else.
    pub(crate) fn new(batch: &RecordBatch, prefix: &str, only: Option<EntityKind>) -> Result<Self, Error> {
        let schema = batch.schema();
        let column = |name: &str| {
            let name = format!("{prefix}{name}");
            let found = schema.index_of(&name).map(|index| Arc::clone(batch.column(index)));
            found.map_err(|_| missing(&name))
        };
        let text = |name: &str| TextColumn::whole(name, &column(name)?);
        let is_read = |kind| only.is_none_or(|only| only == kind);
        let key = |kind, name| is_read(kind).then(|| text(name)).transpose();
        let attributes = Attribute::ALL.iter().filter(|attribute| is_read(attribute.spec().entity));
        Ok(RecordReader {
            source: text(SOURCE)?,
            payload: text(PAYLOAD)?,
            part: IntColumn::new(PART, &column(PART)?)?,
            observed_at: TimeColumn::new(&column(OBSERVED_AT)?)?,
            company: key(EntityKind::Company, COMPANY_KEY)?,
            person: key(EntityKind::Person, PERSON_KEY)?,
            attributes: attributes
                .filter_map(|&attribute| {
                    let cells = column(attribute.spec().name);
                    // pandas forgets the type of a column in which no row has a value.
                    let says = !matches!(&cells, Ok(cells) if *cells.data_type() == DataType::Null);
                    says.then(|| AttributeReader::new(attribute, &cells?))
                })
                .collect::<Result<_, Error>>()?,
        })
    }

    /// The record of a row; `None` where the row is none.
    ///
    /// # Errors
    /// Data: `bad-record` where a cell cannot be what its column says, and what [`Source::new`] gives.
    pub(crate) fn record(&self, row: usize, memo: &mut Memo) -> Result<Option<NormalizedRecord>, Error> {
        let Some(payload) = self.payload.get(row) else { return Ok(None) };
        let payload = payload_id(payload)?;
        let name = self.source.get(row).unwrap_or("");
        let source = match &memo.source {
            Some(source) if source.as_str() == name => source.clone(),
            _ => memo.source.insert(Source::new(name)?).clone(),
        };
        let part = self.part.get(row)?.unwrap_or(0);
        let key = |column: &Option<TextColumn>| column.as_ref()?.get(row).map(Arc::from);
        let mut values = Vec::with_capacity(self.attributes.len());
        for attribute in &self.attributes {
            values.extend(attribute.value(row, memo)?);
        }
        Ok(Some(NormalizedRecord {
            // A frame keeps its own order, and what was noticed is counted where rows are read.
            position: Position::default(),
            source,
            payload,
            part: u32::try_from(part).map_err(|_| bad(PART, &part.to_string()))?,
            observed_at: self.observed_at.get(row)?,
            company: key(&self.company),
            person: key(&self.person),
            notices: Notices::default(),
            values,
        }))
    }
}

fn missing(name: &str) -> Error {
    Error::new(ErrorKind::Usage, "missing-column", format!("there is no column {name:?}"))
        .with_help("push frames that normalize_batch gave, with the prefix that it was given")
}

fn bad(column: &str, value: &str) -> Error {
    Error::new(ErrorKind::Data, "bad-record", format!("{value:?} is nothing that column {column:?} can hold"))
}

fn payload_id(text: &str) -> Result<PayloadId, Error> {
    let number = u128::from_str_radix(text, 16).ok().filter(|_| text.len() == 32 && !text.starts_with('+'));
    number.map(|number| PayloadId(number.to_be_bytes())).ok_or_else(|| bad(PAYLOAD, text))
}

/// The struct of one attribute.
struct AttributeReader {
    attribute: Attribute,
    cells: StructArray,
    raw: Vec<TextColumn>,
    matched: Vec<ScalarColumn>,
    rule: TextColumn,
    confidence: FloatColumn,
    reference: TextColumn,
    span: (IntColumn, IntColumn),
}

impl AttributeReader {
    fn new(attribute: Attribute, array: &ArrayRef) -> Result<Self, Error> {
        let spec = attribute.spec();
        let Some(cells) = array.as_struct_opt() else {
            let message = format!("column {:?} is of type {}, not a struct", spec.name, array.data_type());
            return Err(Error::new(ErrorKind::Usage, "arrow-type", message)
                .with_help("push frames that normalize_batch gave"));
        };
        let column = |name: &str| {
            let found = cells.column_by_name(name).map(Arc::clone);
            found.ok_or_else(|| missing(&format!("{}.{name}", spec.name)))
        };
        let text = |name: &str| TextColumn::whole(name, &column(name)?);
        let int = |name: &str| IntColumn::new(name, &column(name)?);
        let matched = spec.matched.iter().map(|(name, kind)| {
            let name = matched_name(name);
            Ok(match kind {
                ScalarKind::Text => ScalarColumn::Text(text(&name)?),
                ScalarKind::Int => ScalarColumn::Int(int(&name)?),
            })
        });
        Ok(AttributeReader {
            attribute,
            raw: spec.parts.iter().map(|part| text(&raw_name(part))).collect::<Result<_, Error>>()?,
            matched: matched.collect::<Result<_, Error>>()?,
            rule: text(RULE)?,
            confidence: FloatColumn::new(&column(CONFIDENCE)?)?,
            reference: text(REFERENCE)?,
            span: (int(SPAN_START)?, int(SPAN_END)?),
            cells: cells.clone(),
        })
    }

    fn value(&self, row: usize, memo: &mut Memo) -> Result<Option<NormalizedValue>, Error> {
        if self.cells.is_null(row) {
            return Ok(None);
        }
        let raw = RawValue::new(self.raw.iter().map(|cells| cells.get(row)));
        if raw.is_blank() {
            return Ok(None);
        }
        let matched = self.matched(row, &raw, memo)?;
        Ok(Some(NormalizedValue { attribute: self.attribute, raw, matched }))
    }

    /// The same value again shares what it was matched to, as it does where rows are normalized.
    fn matched(
        &self,
        row: usize,
        raw: &RawValue,
        memo: &mut Memo,
    ) -> Result<Option<Arc<MatchedValue>>, Error> {
        let Some(rule) = self.rule.get(row) else { return Ok(None) };
        let columns = self.matched.iter().map(|cells| cells.get(row)).collect::<Result<Vec<_>, _>>()?;
        let reference = self.reference.get(row).unwrap_or("");
        let place = |cells: &IntColumn| {
            let place = cells.get(row)?.unwrap_or(0);
            u32::try_from(place).map_err(|_| bad(SPAN_START, &place.to_string()))
        };
        let span = Span(place(&self.span.0)?, place(&self.span.1)?);
        let confidence = self.confidence.get(row)?.unwrap_or(0.0);
        let key = (self.attribute, raw.clone());
        let known = memo.matched.get(&key).filter(|known| {
            let evidence = &known.evidence;
            known.columns == columns
                && evidence.rule == rule
                && evidence.reference == reference
                && evidence.span == span
                && evidence.confidence == confidence
        });
        if let Some(known) = known {
            return Ok(Some(Arc::clone(known)));
        }
        let (rule, reference) = (rule.to_owned().into(), reference.to_owned().into());
        let matched =
            Arc::new(MatchedValue { columns, evidence: Evidence { rule, reference, span, confidence } });
        if memo.matched.len() >= MEMO_VALUES {
            memo.matched.clear();
        }
        memo.matched.insert(key, Arc::clone(&matched));
        Ok(Some(matched))
    }
}

enum ScalarColumn {
    Text(TextColumn),
    Int(IntColumn),
}

impl ScalarColumn {
    fn get(&self, row: usize) -> Result<Scalar, Error> {
        match self {
            ScalarColumn::Text(cells) => Ok(Scalar::text(cells.get(row))),
            ScalarColumn::Int(cells) => Ok(Scalar::int(cells.get(row)?)),
        }
    }
}

/// Whole numbers: as they were given, or as an engine made something else of them (a frame with gaps makes floats).
enum IntColumn {
    Int(Int64Array),
    Other(String, TextColumn),
}

impl IntColumn {
    fn new(name: &str, array: &ArrayRef) -> Result<Self, Error> {
        Ok(match array.data_type() {
            DataType::Int64 => IntColumn::Int(array.as_primitive::<Int64Type>().clone()),
            _ => IntColumn::Other(name.to_owned(), TextColumn::whole(name, array)?),
        })
    }

    fn get(&self, row: usize) -> Result<Option<i64>, Error> {
        match self {
            IntColumn::Int(array) => Ok(array.is_valid(row).then(|| array.value(row))),
            IntColumn::Other(name, cells) => {
                let number = cells.get(row).map(|text| text.parse().map_err(|_| bad(name, text)));
                number.transpose()
            }
        }
    }
}

enum FloatColumn {
    Float(Float64Array),
    Other(TextColumn),
}

impl FloatColumn {
    fn new(array: &ArrayRef) -> Result<Self, Error> {
        Ok(match array.data_type() {
            DataType::Float64 => FloatColumn::Float(array.as_primitive::<Float64Type>().clone()),
            _ => FloatColumn::Other(TextColumn::whole(CONFIDENCE, array)?),
        })
    }

    fn get(&self, row: usize) -> Result<Option<f64>, Error> {
        match self {
            FloatColumn::Float(array) => Ok(array.is_valid(row).then(|| array.value(row))),
            FloatColumn::Other(cells) => {
                let number = cells.get(row).map(|text| text.parse().map_err(|_| bad(CONFIDENCE, text)));
                number.transpose()
            }
        }
    }
}

/// Times of any unit, as text too; without a zone they are UTC.
enum TimeColumn {
    Micros(TimestampMicrosecondArray),
    Other(TextColumn),
}

impl TimeColumn {
    fn new(array: &ArrayRef) -> Result<Self, Error> {
        Ok(match array.data_type() {
            // An engine names its own zone, and means the same instants.
            DataType::Timestamp(TimeUnit::Microsecond, _) => {
                TimeColumn::Micros(array.as_primitive::<TimestampMicrosecondType>().clone())
            }
            _ => TimeColumn::Other(TextColumn::whole(OBSERVED_AT, array)?),
        })
    }

    fn get(&self, row: usize) -> Result<Option<Timestamp>, Error> {
        match self {
            TimeColumn::Micros(array) if array.is_null(row) => Ok(None),
            TimeColumn::Micros(array) => {
                let micros = array.value(row);
                let time = Timestamp::from_microsecond(micros);
                time.map(Some).map_err(|_| bad(OBSERVED_AT, &micros.to_string()))
            }
            TimeColumn::Other(cells) => {
                let time =
                    cells.get(row).map(|text| parse_observed_at(text).ok_or_else(|| bad(OBSERVED_AT, text)));
                time.transpose()
            }
        }
    }
}
