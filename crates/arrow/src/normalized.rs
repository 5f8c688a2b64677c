//! The frame of normalized records: its columns, by the one list of attributes.
//!
//! `payload` is text, 32 hexadecimal digits, where 16 bytes would do: Spark has no type of fixed size and DuckDB makes a blob of
//! it that no literal compares to, while text goes through every engine as it is, and sorts as the bytes do. For the same reason
//! whole numbers are signed, and rules are no dictionary.

use arrow_schema::{DataType, Field, FieldRef, Fields, TimeUnit};
use firmograph::{Attribute, EntityKind, Error, ErrorKind, ScalarKind};
use std::sync::Arc;

/// Who says it.
pub(crate) const SOURCE: &str = "source";
/// Identity of the row.
pub(crate) const PAYLOAD: &str = "payload";
/// Which of the records of its row it is, from 0.
pub(crate) const PART: &str = "part";
/// When the source saw it.
pub(crate) const OBSERVED_AT: &str = "observed_at";
/// Key of the company.
pub(crate) const COMPANY_KEY: &str = "company_key";
/// Key of the person.
pub(crate) const PERSON_KEY: &str = "person_key";
/// Why the row is no record.
pub(crate) const REJECT_CODE: &str = "reject_code";
/// The same in a sentence.
pub(crate) const REJECT_CAUSE: &str = "reject_cause";
/// Which column is to blame.
pub(crate) const REJECT_COLUMN: &str = "reject_column";
/// The code of a row without text.
pub(crate) const BLANK: &str = "blank";

/// How the value of an attribute was matched; the names within its struct.
pub(crate) const RULE: &str = "rule";
pub(crate) const CONFIDENCE: &str = "confidence";
pub(crate) const REFERENCE: &str = "reference";
pub(crate) const SPAN_START: &str = "span_start";
pub(crate) const SPAN_END: &str = "span_end";

/// The name of a raw part within the struct of its attribute.
pub(crate) fn raw_name(part: &str) -> String {
    format!("raw_{part}")
}

/// The name of a matched column within the struct of its attribute.
pub(crate) fn matched_name(column: &str) -> String {
    format!("matched_{column}")
}

fn of_kind(kind: ScalarKind) -> DataType {
    match kind {
        ScalarKind::Text => DataType::Utf8,
        ScalarKind::Int => DataType::Int64,
    }
}

/// What an attribute's column holds: its raw parts, its matched columns, and how they were matched.
pub(crate) fn attribute_fields(attribute: Attribute) -> Fields {
    let spec = attribute.spec();
    let raw = spec.parts.iter().map(|part| Field::new(raw_name(part), DataType::Utf8, true));
    let matched =
        spec.matched.iter().map(|(name, kind)| Field::new(matched_name(name), of_kind(*kind), true));
    let evidence = [
        Field::new(RULE, DataType::Utf8, true),
        Field::new(CONFIDENCE, DataType::Float64, true),
        Field::new(REFERENCE, DataType::Utf8, true),
        Field::new(SPAN_START, DataType::Int32, true),
        Field::new(SPAN_END, DataType::Int32, true),
    ];
    raw.chain(matched).chain(evidence).collect()
}

/// The columns of normalized records, in their order, each name behind `prefix`: who says it, of whom, why a row is no record, and
/// one struct for each attribute.
///
/// ```
/// let fields = firmograph_arrow::normalized_fields("fg_");
/// assert_eq!(fields[0].name(), "fg_source");
/// assert!(fields.iter().any(|field| field.name() == "fg_job_title"));
/// ```
#[must_use]
pub fn normalized_fields(prefix: &str) -> Vec<FieldRef> {
    let time = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
    let plain = [
        (SOURCE, DataType::Utf8),
        (PAYLOAD, DataType::Utf8),
        (PART, DataType::Int32),
        (OBSERVED_AT, time),
        (COMPANY_KEY, DataType::Utf8),
        (PERSON_KEY, DataType::Utf8),
        (REJECT_CODE, DataType::Utf8),
        (REJECT_CAUSE, DataType::Utf8),
        (REJECT_COLUMN, DataType::Utf8),
    ];
    let structs = Attribute::ALL
        .iter()
        .map(|&attribute| (attribute.spec().name, DataType::Struct(attribute_fields(attribute))));
    let all = plain.into_iter().chain(structs);
    all.map(|(name, of)| Arc::new(Field::new(format!("{prefix}{name}"), of, true))).collect()
}

/// Those of [`normalized_fields`] without which a [`crate::FrameCoalescer`] for one kind of entity cannot do.
#[must_use]
pub fn needed_fields(prefix: &str, kind: EntityKind) -> Vec<FieldRef> {
    let key = match kind {
        EntityKind::Company => COMPANY_KEY,
        EntityKind::Person => PERSON_KEY,
    };
    let plain = [SOURCE, PAYLOAD, PART, OBSERVED_AT, key];
    let is_needed = |field: &FieldRef| {
        let name = field.name().strip_prefix(prefix).unwrap_or_default();
        let is_of_kind = |attribute: Attribute| attribute.spec().entity == kind;
        plain.contains(&name) || Attribute::from_name(name).is_some_and(is_of_kind)
    };
    normalized_fields(prefix).into_iter().filter(is_needed).collect()
}

/// Refuses foreign columns that have the name of one of ours. Upper and lower case are one here: they are to Spark and DuckDB.
pub(crate) fn refuse_clash(foreign: &[FieldRef], prefix: &str) -> Result<(), Error> {
    let ours = normalized_fields(prefix);
    let is_ours = |field: &&FieldRef| ours.iter().any(|our| our.name().eq_ignore_ascii_case(field.name()));
    let Some(clash) = foreign.iter().find(is_ours) else { return Ok(()) };
    let message = format!("column {:?} has the name of one that normalizing adds", clash.name());
    Err(Error::new(ErrorKind::Usage, "column-clash", message)
        .with_help("give ours a prefix (prefix=\"fg_\"), or name the columns to keep beside them (keep=[])"))
}
