//! What a source had said of those of whom its rows speak: values of one attribute belong together, so a row that
//! gives a part of them must be told with the rest, or its blanks would be believed before what was said.

use super::row::{Row, Taken};
use crate::Engine;
use crate::ingest::IngestOptions;
use crate::pipeline::read;
use firmograph_core::{Attribute, EntityKind, Error, RawValue};
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
/// Its two bounds are one part: see [`bounds`].
const SIZE: &[(&str, &str)] =
    &[("minEmployeeSize", ""), ("maxEmployeeSize", ""), ("employeeSizeLink", "employee_size_link")];
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

/// Columns that one source filled, by the key of whom it spoke.
type Stood = HashMap<Arc<str>, Map<String, Value>, ahash::RandomState>;

impl Engine {
    /// Adds to each row what its source had said in the columns that it leaves blank, of the attributes of which it
    /// says a part.
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
            if let Some(before) = stood.get(&key) {
                let partial = groups(kind).iter().filter(|(_, columns)| is_partial(row, columns));
                let blank = partial.flat_map(|(_, columns)| *columns).filter(|(column, _)| !row.says(column));
                let filled = blank
                    .filter_map(|(column, _)| Some(((*column).to_owned(), before.get(*column)?.clone())));
                let filled: Map<String, Value> = filled.collect();
                if !filled.is_empty() {
                    (row.stood, row.made) = (filled, None);
                }
            }
            // The next row of the same key comes after this one.
            if times.get(&key).is_some_and(|times| *times > 1) {
                let before = stood.entry(key).or_default();
                for (column, _) in groups(kind).iter().flat_map(|(_, columns)| *columns) {
                    if let Some(value) = row.said.get(*column).filter(|_| row.says(column)) {
                        before.insert((*column).to_owned(), value.clone());
                    }
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
        for (attribute, columns) in groups(kind) {
            let partial = rows.iter().zip(keys).filter_map(|(taken, key)| {
                let row = taken.row.as_ref().ok()?;
                key.as_deref().filter(|_| is_partial(row, columns))
            });
            let mut partial: Vec<&str> = partial.collect();
            partial.sort_unstable();
            partial.dedup();
            for keys in partial.chunks(KEYS_AT_ONCE) {
                for row in self.store.dimensions(*attribute, keys).await? {
                    if *row.source() == options.pipeline.source {
                        let known = stood.entry(row.key().into()).or_default();
                        columns_of(*attribute, columns, row.raw(), known);
                    }
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

fn columns_of(
    attribute: Attribute,
    columns: &[(&'static str, &'static str)],
    raw: &RawValue,
    known: &mut Map<String, Value>,
) {
    for (column, part) in columns {
        if let Some(text) = attribute.part(part).and_then(|index| raw.part(index)) {
            known.insert((*column).to_owned(), Value::from(text));
        }
    }
    if attribute == Attribute::EmployeeRange {
        let [least, greatest] = raw.part(0).map(bounds).unwrap_or_default();
        for (column, bound) in [("minEmployeeSize", least), ("maxEmployeeSize", greatest)] {
            if let Some(bound) = bound {
                known.insert(column.to_owned(), Value::from(bound));
            }
        }
    }
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
