//! What a source had said of those of whom its rows speak: values of one attribute belong together, so a row that
//! gives a part of them must be told with the rest, or its blanks would be believed before what was said.

use super::row::{Row, Taken};
use crate::Engine;
use crate::ingest::IngestOptions;
use crate::pipeline::read;
use crate::reader::parse_time;
use firmograph_core::{Attribute, EntityKind, Error, RawValue, Timestamp};
use firmograph_normalize::match_employee_range;
use firmograph_sources::Extractor;
use serde_json::{Map, Value};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Keys that are asked for at a time.
const KEYS_AT_ONCE: usize = 5_000;

/// An attribute of several columns: each with the part that holds it.
type Group = (Attribute, &'static [(&'static str, &'static str)]);

const PLACE: &[(&str, &str)] = &[
    ("address", "address"),
    ("city", "city"),
    ("state", "state"),
    ("zipCode", "postal_code"),
    ("country", "country"),
];
const CONTACT: &[(&str, &str)] = &[("phone", "phone"), ("mobilePhone", "mobile_phone")];
const LEAST: &str = "minEmployeeSize";
const GREATEST: &str = "maxEmployeeSize";
/// Its two bounds are one part: see [`bounds`].
const SIZE: &[(&str, &str)] = &[(LEAST, ""), (GREATEST, ""), ("employeeSizeLink", "employee_size_link")];
const NAME: &[(&str, &str)] =
    &[("salutation", "salutation"), ("firstName", "first_name"), ("lastName", "last_name")];
const JOB: &[(&str, &str)] = &[
    ("jobTitle", "job_title"),
    ("jobTitleLevel", "job_title_level"),
    ("department", "department"),
    ("jobTitleLink", "job_title_link"),
];

fn groups(kind: EntityKind) -> &'static [Group] {
    match kind {
        EntityKind::Company => &[
            (Attribute::EmployeeRange, SIZE),
            (Attribute::CompanyLocation, PLACE),
            (Attribute::CompanyContact, CONTACT),
        ],
        EntityKind::Person => &[
            (Attribute::PersonName, NAME),
            (Attribute::JobTitle, JOB),
            (Attribute::PersonLocation, PLACE),
            (Attribute::PersonContact, CONTACT),
        ],
    }
}

/// What one source had said of one attribute of one key, the newest first: when, and the columns that it filled.
type Sayings = Vec<(Option<Timestamp>, Map<String, Value>)>;

/// The same by key, with a place for each of [`groups`].
type Stood = HashMap<Arc<str>, Vec<Sayings>, ahash::RandomState>;

impl Engine {
    /// Adds to each row what its source had said in the columns that it leaves blank, of the attributes of which it
    /// says a part: what it had said by the time of the row, so that a row that is handed over again is the same.
    pub(super) async fn say_what_stood(
        &mut self,
        kind: EntityKind,
        rows: &mut [Taken],
        extractor: &mut Extractor,
        options: &IngestOptions,
    ) -> Result<(), Error> {
        let mut keys: Vec<Option<Arc<str>>> = Vec::with_capacity(rows.len());
        let mut times: HashMap<Arc<str>, u32, ahash::RandomState> = HashMap::default();
        for taken in rows.iter_mut() {
            let key = match &mut taken.row {
                Ok(row) => key_of(kind, row, extractor, options)?.map(Arc::from),
                Err(_) => None,
            };
            if let Some(key) = &key {
                *times.entry(Arc::clone(key)).or_default() += 1;
            }
            keys.push(key);
        }
        let mut stood = self.stood(kind, rows, &keys, options).await?;
        for (taken, key) in rows.iter_mut().zip(keys) {
            let (Ok(row), Some(key)) = (&mut taken.row, key) else { continue };
            let at = row.text("updatedAt").and_then(parse_time).or(options.observed_at);
            if let Some(before) = stood.get(&key) {
                let partial =
                    groups(kind).iter().zip(before).filter(|((_, columns), _)| is_partial(row, columns));
                let filled: Map<String, Value> =
                    partial.flat_map(|((_, columns), before)| filled(row, columns, before, at)).collect();
                if !filled.is_empty() {
                    (row.stood, row.made) = (filled, None);
                }
            }
            // The next row of the same key comes after this one.
            if times.get(&key).is_some_and(|times| *times > 1) {
                let before = stood.entry(key).or_insert_with(|| nothing(kind));
                for ((_, columns), before) in groups(kind).iter().zip(before) {
                    if !columns.iter().any(|(column, _)| row.says(column)) {
                        continue;
                    }
                    let says = |column: &str| row.said.get(column).filter(|_| row.says(column));
                    let now = columns.iter().filter_map(|(column, _)| {
                        let value = says(column).or_else(|| row.stood.get(*column))?;
                        Some(((*column).to_owned(), value.clone()))
                    });
                    let place = before.partition_point(|(time, _)| *time > at);
                    before.insert(place, (at, now.collect()));
                }
            }
        }
        Ok(())
    }

    /// What the source had said, of those attributes of which a row says a part.
    async fn stood(
        &mut self,
        kind: EntityKind,
        rows: &[Taken],
        keys: &[Option<Arc<str>>],
        options: &IngestOptions,
    ) -> Result<Stood, Error> {
        let mut stood = Stood::default();
        if self.store.has_no_payloads().await? {
            return Ok(stood);
        }
        for (index, (attribute, columns)) in groups(kind).iter().enumerate() {
            let partial = rows.iter().zip(keys).filter_map(|(taken, key)| {
                let row = taken.row.as_ref().ok()?;
                key.as_deref().filter(|_| is_partial(row, columns))
            });
            let mut partial: Vec<&str> = partial.collect();
            partial.sort_unstable();
            partial.dedup();
            for keys in partial.chunks(KEYS_AT_ONCE) {
                for row in self.store.dimensions(*attribute, keys).await? {
                    if *row.source() != options.pipeline.source {
                        continue;
                    }
                    let known = stood.entry(row.key().into()).or_insert_with(|| nothing(kind));
                    let said = std::iter::once(row.first()).chain(row.others());
                    known[index] = said
                        .map(|one| (one.observed_at, columns_of(*attribute, columns, &one.raw)))
                        .collect();
                }
            }
        }
        Ok(stood)
    }

    /// Notes which company is meant where `companyId` is the id of a golden row and no domain.
    pub(super) async fn name_companies(&mut self, rows: &mut [Taken]) -> Result<(), Error> {
        let id = |taken: &Taken| {
            let id = taken.row.as_ref().ok()?.text("companyId")?;
            (!id.contains('.')).then(|| id.to_owned())
        };
        let ids: HashSet<String> = rows.iter().filter_map(id).collect();
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let mut companies: HashMap<String, Box<str>> = HashMap::new();
        for ids in ids.chunks(KEYS_AT_ONCE) {
            for row in self.store.golden_by_id(EntityKind::Company, ids).await? {
                // The domain says more than a key of another kind, which the row would not be read by.
                if let Some(domain) = row.values.get(1).and_then(|value| value.as_text()) {
                    companies.insert(row.key.to_string(), domain.into());
                }
            }
        }
        for taken in rows {
            let company = id(taken).and_then(|id| companies.get(&id).cloned());
            if let Ok(row) = &mut taken.row {
                row.company = company;
            }
        }
        Ok(())
    }
}

/// Whether a row says some of the columns and leaves others blank.
fn is_partial(row: &Row, columns: &[(&str, &str)]) -> bool {
    let said = columns.iter().filter(|(column, _)| row.says(column)).count();
    said > 0 && said < columns.len()
}

fn nothing(kind: EntityKind) -> Vec<Sayings> {
    vec![Sayings::new(); groups(kind).len()]
}

/// What a row leaves blank of an attribute, as it stood when the row was seen.
fn filled(
    row: &Row,
    columns: &[(&str, &str)],
    before: &Sayings,
    at: Option<Timestamp>,
) -> Map<String, Value> {
    // A value that was said again has the later time alone: what the source said first is the nearest to the row then.
    let Some((_, before)) = before.iter().find(|(time, _)| *time <= at).or_else(|| before.last()) else {
        return Map::new();
    };
    let blank = columns.iter().filter(|(column, _)| !row.says(column));
    let mut filled: Map<String, Value> =
        blank.filter_map(|(column, _)| Some(((*column).to_owned(), before.get(*column)?.clone()))).collect();
    // Of a company that outgrew its range the other bound is no longer true.
    for (said, other) in [(LEAST, GREATEST), (GREATEST, LEAST)] {
        let Some(value) = row.said.get(said).filter(|_| row.says(said)) else { continue };
        let is_reversed = filled.get(other).is_some_and(|other| match said {
            LEAST => is_reversed(value, other),
            _ => is_reversed(other, value),
        });
        if is_reversed {
            filled.remove(other);
        }
    }
    filled
}

/// Whether two bounds make no range, as the first is above the second.
fn is_reversed(least: &Value, greatest: &Value) -> bool {
    let text =
        |bound: &Value| bound.as_str().map_or_else(|| bound.to_string(), |text| text.trim().to_owned());
    match_employee_range(&format!("{}-{}", text(least), text(greatest))).reason() == Some("reversed")
}

/// Of whom a row speaks.
fn key_of(
    kind: EntityKind,
    row: &mut Row,
    extractor: &mut Extractor,
    options: &IngestOptions,
) -> Result<Option<Box<str>>, Error> {
    let made = row.make(kind, extractor)?;
    let keys = read(&made.1, &options.pipeline, &mut |_, _| {}).ok();
    row.made = Some(made);
    Ok(keys.and_then(|keys| match kind {
        EntityKind::Company => keys.company,
        EntityKind::Person => keys.person,
    }))
}

/// The columns that a value was made of.
fn columns_of(
    attribute: Attribute,
    columns: &[(&'static str, &'static str)],
    raw: &RawValue,
) -> Map<String, Value> {
    let mut known = Map::new();
    for (column, part) in columns {
        if let Some(text) = attribute.part(part).and_then(|index| raw.part(index)) {
            known.insert((*column).to_owned(), Value::from(text));
        }
    }
    if attribute == Attribute::EmployeeRange {
        let [least, greatest] = raw.part(0).map(bounds).unwrap_or_default();
        for (column, bound) in [(LEAST, least), (GREATEST, greatest)] {
            if let Some(bound) = bound {
                known.insert(column.to_owned(), Value::from(bound));
            }
        }
    }
    known
}

/// The bounds that two columns gave, of the range that was made of them.
fn bounds(range: &str) -> [Option<i64>; 2] {
    let number = |text: &str| text.trim().parse::<i64>().ok();
    if let Some((least, greatest)) = range.split_once('-') {
        return [number(least), number(greatest)];
    }
    if let Some(least) = range.strip_suffix('+') {
        return [number(least), None];
    }
    if let Some(greatest) = range.strip_prefix("up to ") {
        return [None, number(greatest)];
    }
    [number(range), number(range)]
}

#[cfg(test)]
mod tests {
    use super::bounds;

    #[test]
    fn bounds_of_what_two_columns_gave() {
        assert_eq!(bounds("201-500"), [Some(201), Some(500)]);
        assert_eq!(bounds("10001+"), [Some(10_001), None]);
        assert_eq!(bounds("up to 10"), [None, Some(10)]);
        assert_eq!(bounds("250"), [Some(250), Some(250)]);
        assert_eq!(bounds("many"), [None, None]);
    }
}
