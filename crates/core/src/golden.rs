use crate::{
    Attribute, Dimension, EntityKind, Priorities, Scalar, ScalarKind, coalesce, company_key_kind, entity_id,
};
use std::borrow::Borrow;
use std::sync::LazyLock;

/// Where the value of a golden column comes from.
#[derive(Debug, Clone, Copy)]
enum Pick {
    /// The entity's id.
    Id,
    /// The entity's key.
    Key,
    /// The key, where it is a domain.
    Domain,
    /// By what the company is known.
    KeyKind,
    /// Which source won each attribute, a JSON object.
    Provenance,
    /// Sources that say anything about the entity: the one believed first.
    FirstSource,
    /// A matched column of the winner.
    Matched(Attribute, &'static str),
    /// A raw part of the winner, without outer and repeated blanks.
    Raw(Attribute, &'static str),
    /// A matched column, else a raw part, of the winner.
    MatchedOrRaw(Attribute, &'static str, &'static str),
    /// A raw part of one attribute, else of another part.
    RawOrRaw(Attribute, &'static str, &'static str),
    /// The minimum where it equals the maximum: an exact amount, not a range.
    Exact(Attribute),
    /// Id of the company whose key is the matched column.
    CompanyId(Attribute, &'static str),
}

/// A column of a golden table: the public `"Company"` or `"Prospect"`, without its times.
#[derive(Debug, Clone, Copy)]
pub struct GoldenColumn {
    /// Name, camelCase as existing clients use it.
    pub name: &'static str,
    /// What it holds.
    pub kind: ScalarKind,
    pick: Pick,
    /// Bytes of the longest text that it takes.
    longest: usize,
}

/// Bytes of the longest text in a column that databases have an index of: three of them (country, state, city) fit into the 2,704
/// bytes that an entry of PostgreSQL's may have. No longer a name is real; its raw text stays where sources are told apart.
pub const LONGEST_INDEXED: usize = 800;

const fn text(name: &'static str, pick: Pick) -> GoldenColumn {
    GoldenColumn { name, kind: ScalarKind::Text, pick, longest: LONGEST_INDEXED }
}

/// Text of any length, in no index.
const fn long_text(name: &'static str, pick: Pick) -> GoldenColumn {
    GoldenColumn { name, kind: ScalarKind::Text, pick, longest: usize::MAX }
}

const fn int(name: &'static str, pick: Pick) -> GoldenColumn {
    GoldenColumn { name, kind: ScalarKind::Int, pick, longest: usize::MAX }
}

use Attribute::{
    CompanyContact, CompanyLocation, CompanyName, CompanyType, Description, EmployeeRange, Funding, Industry,
    JobTitle, PersonCompany, PersonContact, PersonLocation, PersonName, Revenue,
};

/// `"Company"`: the 19 columns of the origin system without createdAt and updatedAt, then our additions.
const COMPANY: &[GoldenColumn] = &[
    text("id", Pick::Id),
    text("domain", Pick::Domain),
    text("name", Pick::MatchedOrRaw(CompanyName, "name", "name")),
    text("industry", Pick::MatchedOrRaw(Industry, "industry", "industry")),
    int("minEmployeeSize", Pick::Matched(EmployeeRange, "minimum")),
    int("maxEmployeeSize", Pick::Matched(EmployeeRange, "maximum")),
    long_text("employeeSizeLink", Pick::Raw(EmployeeRange, "employee_size_link")),
    int("revenue", Pick::Exact(Revenue)),
    long_text("address", Pick::RawOrRaw(CompanyLocation, "address", "location")),
    text("city", Pick::MatchedOrRaw(CompanyLocation, "city", "city")),
    text("state", Pick::MatchedOrRaw(CompanyLocation, "state", "state")),
    text("country", Pick::MatchedOrRaw(CompanyLocation, "country", "country")),
    text("zipCode", Pick::Raw(CompanyLocation, "postal_code")),
    text("phone", Pick::MatchedOrRaw(CompanyContact, "phone", "phone")),
    text("mobilePhone", Pick::MatchedOrRaw(CompanyContact, "mobile_phone", "mobile_phone")),
    text("externalSource", Pick::FirstSource),
    text("externalId", Pick::Key),
    text("employeeRange", Pick::Matched(EmployeeRange, "employee_range")),
    text("revenueRange", Pick::Matched(Revenue, "revenue_range")),
    text("fundingRange", Pick::Matched(Funding, "funding_range")),
    text("companyType", Pick::MatchedOrRaw(CompanyType, "company_type", "company_type")),
    text("legalForm", Pick::Matched(CompanyName, "legal_form")),
    long_text("description", Pick::Raw(Description, "description")),
    long_text("website", Pick::Raw(CompanyContact, "website")),
    long_text("linkedinUrl", Pick::MatchedOrRaw(CompanyContact, "linkedin_url", "linkedin_url")),
    text("keyKind", Pick::KeyKind),
    long_text("provenance", Pick::Provenance),
    text("key", Pick::Key),
];

/// `"Prospect"`: the 21 columns of the origin system without createdAt and updatedAt, then our additions.
const PERSON: &[GoldenColumn] = &[
    text("id", Pick::Id),
    text("salutation", Pick::Raw(PersonName, "salutation")),
    text("firstName", Pick::MatchedOrRaw(PersonName, "given", "first_name")),
    text("lastName", Pick::MatchedOrRaw(PersonName, "last_name", "last_name")),
    text("email", Pick::Matched(PersonContact, "email")),
    text("jobTitle", Pick::Raw(JobTitle, "job_title")),
    text("jobTitleLevel", Pick::Raw(JobTitle, "job_title_level")),
    text("department", Pick::Raw(JobTitle, "department")),
    long_text("jobTitleLink", Pick::Raw(JobTitle, "job_title_link")),
    long_text("address", Pick::RawOrRaw(PersonLocation, "address", "location")),
    text("city", Pick::MatchedOrRaw(PersonLocation, "city", "city")),
    text("state", Pick::MatchedOrRaw(PersonLocation, "state", "state")),
    text("country", Pick::MatchedOrRaw(PersonLocation, "country", "country")),
    text("zipCode", Pick::Raw(PersonLocation, "postal_code")),
    text("phone", Pick::MatchedOrRaw(PersonContact, "phone", "phone")),
    text("mobilePhone", Pick::MatchedOrRaw(PersonContact, "mobile_phone", "mobile_phone")),
    text("companyId", Pick::CompanyId(PersonCompany, "company_key")),
    text("externalSource", Pick::FirstSource),
    text("externalId", Pick::Key),
    int("standardizedJobTitleLevelId", Pick::Matched(JobTitle, "level")),
    text("fullName", Pick::MatchedOrRaw(PersonName, "full_name", "full_name")),
    text("cleanedJobTitle", Pick::Matched(JobTitle, "job_title")),
    text("seniority", Pick::Matched(JobTitle, "seniority")),
    text("jobFunction", Pick::Matched(JobTitle, "function")),
    long_text("linkedinUrl", Pick::MatchedOrRaw(PersonContact, "linkedin_url", "linkedin_url")),
    long_text("provenance", Pick::Provenance),
    text("key", Pick::Key),
];

/// Columns that are the business of the system that wrote a row alone.
const WRITERS: [&str; 3] = ["id", "externalSource", "externalId"];
/// Columns by which the system that wrote a row finds it.
const FOUND_BY: [&str; 2] = ["domain", "email"];
/// The last of the columns that the origin system has: what a direct writer says stands in them as it was written.
const LAST_OF_ORIGIN: &str = "externalId";

impl GoldenColumn {
    /// Whether another system's value stays in its row: its own id and external source and id in any case, the domain or e-mail
    /// address that it finds the row by where it has one.
    #[must_use]
    pub fn stays(&self, theirs: &Scalar) -> bool {
        WRITERS.contains(&self.name) || FOUND_BY.contains(&self.name) && *theirs != Scalar::Null
    }

    /// What one row gives for this column, unless it is longer than the column takes. What a direct writer wrote fitted.
    fn given(&self, from: Taken, row: &Dimension, is_origin: bool) -> Scalar {
        match given(from, row, is_origin) {
            Scalar::Text(text) if text.len() > self.longest && !row.source().is_legacy() => Scalar::Null,
            value => value,
        }
    }
}

/// Columns of the golden table of one kind of entity, in their order; the first is always `id`.
#[must_use]
pub fn golden_columns(kind: EntityKind) -> &'static [GoldenColumn] {
    match kind {
        EntityKind::Company => COMPANY,
        EntityKind::Person => PERSON,
    }
}

/// A raw part or a matched column of an attribute, by its index.
#[derive(Clone, Copy)]
struct Place {
    attribute: Attribute,
    index: usize,
}

/// A [`Pick`] whose names are looked up: a batch makes hundreds of thousands of rows of twenty-five columns.
#[derive(Clone, Copy)]
enum Taken {
    Id,
    Key,
    Domain,
    KeyKind,
    Provenance,
    FirstSource,
    Matched(Place),
    Raw(Place),
    MatchedOrRaw(Place, Place),
    RawOrRaw(Place, Place),
    Exact(Place, Place),
    CompanyId(Place),
}

/// How many of [`golden_columns`], from the first on, the origin system has too: those that its clients write, without its times.
#[must_use]
pub fn origin_columns(kind: EntityKind) -> usize {
    static COUNTS: LazyLock<[usize; 2]> = LazyLock::new(|| {
        [COMPANY, PERSON].map(|columns| {
            columns.iter().position(|column| column.name == LAST_OF_ORIGIN).map_or(0, |last| last + 1)
        })
    });
    match kind {
        EntityKind::Company => COUNTS[0],
        EntityKind::Person => COUNTS[1],
    }
}

fn places(kind: EntityKind) -> &'static [Taken] {
    static COMPANY_PLACES: LazyLock<Vec<Taken>> = LazyLock::new(|| COMPANY.iter().map(look_up).collect());
    static PERSON_PLACES: LazyLock<Vec<Taken>> = LazyLock::new(|| PERSON.iter().map(look_up).collect());
    match kind {
        EntityKind::Company => &COMPANY_PLACES,
        EntityKind::Person => &PERSON_PLACES,
    }
}

fn look_up(column: &GoldenColumn) -> Taken {
    // A test holds that every name is there; an index beyond the last would read as nothing.
    let found = |attribute, index: Option<usize>| Place { attribute, index: index.unwrap_or(usize::MAX) };
    let matched = |attribute: Attribute, name| found(attribute, attribute.matched(name));
    let raw = |attribute: Attribute, name| found(attribute, attribute.part(name));
    match column.pick {
        Pick::Id => Taken::Id,
        Pick::Key => Taken::Key,
        Pick::Domain => Taken::Domain,
        Pick::KeyKind => Taken::KeyKind,
        Pick::Provenance => Taken::Provenance,
        Pick::FirstSource => Taken::FirstSource,
        Pick::Matched(attribute, name) => Taken::Matched(matched(attribute, name)),
        Pick::Raw(attribute, part) => Taken::Raw(raw(attribute, part)),
        Pick::MatchedOrRaw(attribute, name, part) => {
            Taken::MatchedOrRaw(matched(attribute, name), raw(attribute, part))
        }
        Pick::RawOrRaw(attribute, part, other) => {
            Taken::RawOrRaw(raw(attribute, part), raw(attribute, other))
        }
        Pick::Exact(attribute) => Taken::Exact(matched(attribute, "minimum"), matched(attribute, "maximum")),
        Pick::CompanyId(attribute, name) => Taken::CompanyId(matched(attribute, name)),
    }
}

/// A golden company or prospect: one scalar for each of [`golden_columns`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoldenRow {
    /// Key of the entity.
    pub key: Box<str>,
    /// Values in the order of the columns.
    pub values: Vec<Scalar>,
}

/// Coalesces every attribute of one entity. `rows` are its dimension rows of all sources and attributes; `company_id`
/// gives the id of a company's key where that is not the deterministic one (rows that existed before firmograph).
#[must_use]
pub fn golden_row<D: Borrow<Dimension>>(
    kind: EntityKind,
    key: &str,
    rows: &[D],
    priorities: &Priorities,
    company_id: &dyn Fn(&str) -> Option<String>,
) -> GoldenRow {
    let mut spoken = Spoken::default();
    for attribute in Attribute::of(kind) {
        let Some(result) = coalesce(rows, attribute, priorities) else { continue };
        spoken.winners[attribute as usize] = Some(rows[result.winner].borrow());
        if attribute.has_single_parts() {
            spoken.others.extend(result.losers.iter().map(|loss| rows[loss.index].borrow()));
        }
    }
    let origin_columns = origin_columns(kind);
    let mut filled: Vec<(&'static str, &Dimension)> = Vec::new();
    let columns = golden_columns(kind).iter().zip(places(kind)).enumerate();
    let mut values: Vec<Scalar> = columns
        .map(|(index, (column, &from))| {
            let is_origin = index < origin_columns;
            let mut said = |place: Place| {
                let (value, by) = spoken.first(place.attribute, &|row| column.given(from, row, is_origin));
                if let Some(by) = by {
                    filled.push((column.name, by));
                }
                value
            };
            match from {
                Taken::Id => Scalar::Text(entity_id(kind, key).into()),
                Taken::Key => Scalar::Text(key.into()),
                Taken::Domain if company_key_kind(key) == "domain" => Scalar::Text(key.into()),
                Taken::KeyKind => Scalar::text(Some(company_key_kind(key))),
                Taken::FirstSource => first_source(rows, priorities),
                Taken::Domain | Taken::Provenance => Scalar::Null,
                Taken::Matched(place)
                | Taken::Raw(place)
                | Taken::MatchedOrRaw(place, _)
                | Taken::RawOrRaw(place, _)
                | Taken::Exact(place, _) => said(place),
                Taken::CompanyId(place) => match said(place) {
                    Scalar::Text(key) => {
                        let id = company_id(&key).unwrap_or_else(|| entity_id(EntityKind::Company, &key));
                        Scalar::Text(id.into())
                    }
                    _ => Scalar::Null,
                },
            }
        })
        .collect();
    let told = places(kind).iter().position(|place| matches!(place, Taken::Provenance));
    if let Some(value) = told.and_then(|index| values.get_mut(index)) {
        *value = provenance(kind, &spoken, &filled);
    }
    GoldenRow { key: key.into(), values }
}

/// What one row gives for a column that is filled from what sources say; of a company the key, not yet its id.
fn given(from: Taken, row: &Dimension, is_origin: bool) -> Scalar {
    match from {
        Taken::Id | Taken::Key | Taken::Domain | Taken::KeyKind | Taken::Provenance | Taken::FirstSource => {
            Scalar::Null
        }
        Taken::Matched(place) | Taken::CompanyId(place) => matched(row, place),
        Taken::Raw(place) => raw(row, place, is_origin),
        Taken::MatchedOrRaw(place, other) => match row.source().is_legacy() && is_origin {
            // What a direct writer wrote stays in its columns as it was written: its own program reads them.
            true => raw(row, other, is_origin),
            false => matched(row, place).or(|| raw(row, other, is_origin)),
        },
        Taken::RawOrRaw(place, other) => raw(row, place, is_origin).or(|| raw(row, other, is_origin)),
        Taken::Exact(low, high) => match (matched(row, low), matched(row, high)) {
            (Scalar::Int(low), Scalar::Int(high)) if low == high => Scalar::Int(low),
            _ => Scalar::Null,
        },
    }
}

/// What `row` gives for the golden column `index` of its kind; of a company the key.
pub(crate) fn given_for(kind: EntityKind, index: usize, row: &Dimension) -> Scalar {
    let (column, from) = (golden_columns(kind).get(index), places(kind).get(index));
    column
        .zip(from)
        .map_or(Scalar::Null, |(column, &from)| column.given(from, row, index < origin_columns(kind)))
}

/// The rows that golden values are taken from.
#[derive(Default)]
struct Spoken<'r> {
    /// By attribute, the one that won.
    winners: [Option<&'r Dimension>; Attribute::ALL.len()],
    /// Those that may fill what the winner does not say, of each attribute the best first.
    others: Vec<&'r Dimension>,
}

impl<'r> Spoken<'r> {
    /// The value of the first row that has one, with the row where that is not the winner's.
    fn first(
        &self,
        attribute: Attribute,
        of: &dyn Fn(&Dimension) -> Scalar,
    ) -> (Scalar, Option<&'r Dimension>) {
        let Some(winner) = self.winners[attribute as usize] else { return (Scalar::Null, None) };
        let value = of(winner);
        if value != Scalar::Null {
            return (value, None);
        }
        let others = self.others.iter().filter(|row| row.attribute() == attribute);
        let mut said = others.map(|row| (of(row), Some(*row)));
        said.find(|(value, _)| *value != Scalar::Null).unwrap_or_default()
    }
}

fn matched(row: &Dimension, place: Place) -> Scalar {
    row.matched().and_then(|value| value.columns.get(place.index)).cloned().unwrap_or_default()
}

/// A raw part: without outer and repeated blanks, unless a direct writer reads it from this very column.
fn raw(row: &Dimension, place: Place, is_origin: bool) -> Scalar {
    match row.raw().part(place.index) {
        None => Scalar::Null,
        Some(text) if is_origin && row.source().is_legacy() => Scalar::Text(text.into()),
        Some(text) => squeezed(text),
    }
}

/// Which source won each attribute that anybody speaks of, and which one filled a column that the winner says nothing of:
/// `{"company_contact":"clay","industry":"apollo","phone":"legacy"}`.
fn provenance(kind: EntityKind, spoken: &Spoken<'_>, filled: &[(&'static str, &Dimension)]) -> Scalar {
    let mut json = String::with_capacity(160);
    let winners = Attribute::of(kind)
        .filter_map(|attribute| Some((attribute.spec().name, spoken.winners[attribute as usize]?)))
        .chain(filled.iter().copied());
    for (name, row) in winners {
        json.push_str(if json.is_empty() { "{\"" } else { ",\"" });
        json.push_str(name);
        json.push_str("\":\"");
        // Names of sources, attributes and columns hold nothing that JSON would escape.
        json.push_str(row.source().as_str());
        json.push('"');
    }
    if json.is_empty() {
        return Scalar::Null;
    }
    json.push('}');
    Scalar::Text(json.into())
}

/// The source believed first among those that say anything; attribute-independent order, then name. A pin is set here and
/// comes from no vendor, so it counts only where nobody else says anything.
fn first_source<D: Borrow<Dimension>>(rows: &[D], priorities: &Priorities) -> Scalar {
    let best = rows.iter().map(|row| row.borrow().source()).min_by(|a, b| {
        let pin = a.is_pin().cmp(&b.is_pin());
        pin.then_with(|| priorities.compare_default(a, b)).then_with(|| a.cmp(b))
    });
    Scalar::text(best.map(|source| source.as_str()))
}

/// `text` without outer and repeated blanks; nothing where only blanks are left.
fn squeezed(text: &str) -> Scalar {
    let mut words = text.split_whitespace();
    let Some(first) = words.next() else { return Scalar::Null };
    if first.len() == text.len() {
        return Scalar::Text(text.into());
    }
    let mut out = String::with_capacity(text.len());
    out.push_str(first);
    for word in words {
        out.push(' ');
        out.push_str(word);
    }
    Scalar::Text(out.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{MAX_PARTS, Observation, PayloadId, RawValue, Source};

    #[test]
    fn columns_name_parts_and_matched_columns_that_exist() {
        for column in COMPANY.iter().chain(PERSON) {
            let (attribute, matched, raw) = match column.pick {
                Pick::Matched(a, m) | Pick::CompanyId(a, m) => (a, vec![m], vec![]),
                Pick::Raw(a, r) => (a, vec![], vec![r]),
                Pick::MatchedOrRaw(a, m, r) => (a, vec![m], vec![r]),
                Pick::RawOrRaw(a, r, s) => (a, vec![], vec![r, s]),
                Pick::Exact(a) => (a, vec!["minimum", "maximum"], vec![]),
                _ => continue,
            };
            for name in matched {
                assert!(attribute.matched(name).is_some(), "{}: {name}", column.name);
            }
            for part in raw {
                assert!(attribute.part(part).is_some(), "{}: {part}", column.name);
            }
        }
    }

    fn said(source: &str, attribute: Attribute, part: &str, text: &str) -> Dimension {
        let mut parts = [None; MAX_PARTS];
        parts[attribute.part(part).unwrap()] = Some(text);
        Dimension::from(Observation {
            key: "acme.example".into(),
            attribute,
            source: Source::new(source).unwrap(),
            raw: RawValue::new(parts),
            payload: PayloadId::default(),
            observed_at: None,
        })
    }

    /// A golden value of a company of these rows.
    fn value(rows: &[Dimension], name: &str) -> Option<String> {
        let golden =
            golden_row(EntityKind::Company, "acme.example", rows, &Priorities::compiled(), &|_| None);
        let index = COMPANY.iter().position(|column| column.name == name).unwrap();
        golden.values[index].as_text().map(str::to_owned)
    }

    #[test]
    fn a_company_of_one_row() {
        let rows = [said("csv", CompanyName, "name", "  Acme\u{a0} Labs ")];
        let value = |name| value(&rows, name);
        assert_eq!(value("name").as_deref(), Some("Acme Labs"));
        assert_eq!(value("domain").as_deref(), Some("acme.example"));
        assert_eq!(value("externalSource").as_deref(), Some("csv"));
        assert_eq!(value("industry"), None);
        assert_eq!(value("keyKind").as_deref(), Some("domain"));
        assert_eq!(value("provenance").as_deref(), Some(r#"{"company_name":"csv"}"#));
    }

    #[test]
    fn a_text_that_no_index_holds_is_not_taken_and_the_next_source_fills_it() {
        let long = "x".repeat(LONGEST_INDEXED + 1);
        let rows = [
            said("apollo", CompanyContact, "phone", &long),
            said("apollo", Description, "description", &long),
            said("csv", CompanyContact, "phone", &long[1..]),
            said("csv", Industry, "industry", &long),
        ];
        assert_eq!(value(&rows, "phone").as_deref(), Some(&long[1..]));
        assert_eq!(value(&rows, "industry"), None);
        assert_eq!(value(&rows, "description"), Some(long), "no index has it");
    }
}
