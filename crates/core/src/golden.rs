use crate::{Attribute, Dimension, EntityKind, Priorities, Scalar, ScalarKind, coalesce, entity_id};
use std::borrow::Borrow;

/// Where the value of a golden column comes from.
#[derive(Debug, Clone, Copy)]
enum Pick {
    /// The entity's id.
    Id,
    /// The entity's key.
    Key,
    /// The key, where it is a domain.
    Domain,
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
}

const fn text(name: &'static str, pick: Pick) -> GoldenColumn {
    GoldenColumn { name, kind: ScalarKind::Text, pick }
}

const fn int(name: &'static str, pick: Pick) -> GoldenColumn {
    GoldenColumn { name, kind: ScalarKind::Int, pick }
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
    text("employeeSizeLink", Pick::Raw(EmployeeRange, "employee_size_link")),
    int("revenue", Pick::Exact(Revenue)),
    text("address", Pick::RawOrRaw(CompanyLocation, "address", "location")),
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
    text("description", Pick::Raw(Description, "description")),
    text("website", Pick::Raw(CompanyContact, "website")),
    text("linkedinUrl", Pick::MatchedOrRaw(CompanyContact, "linkedin_url", "linkedin_url")),
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
    text("jobTitleLink", Pick::Raw(JobTitle, "job_title_link")),
    text("address", Pick::RawOrRaw(PersonLocation, "address", "location")),
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
    text("linkedinUrl", Pick::MatchedOrRaw(PersonContact, "linkedin_url", "linkedin_url")),
];

/// Columns of the golden table of one kind of entity, in their order; the first is always `id`.
#[must_use]
pub fn golden_columns(kind: EntityKind) -> &'static [GoldenColumn] {
    match kind {
        EntityKind::Company => COMPANY,
        EntityKind::Person => PERSON,
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
    let mut winners: [Option<&Dimension>; Attribute::ALL.len()] = [None; Attribute::ALL.len()];
    for attribute in Attribute::of(kind) {
        winners[attribute as usize] =
            coalesce(rows, attribute, priorities).map(|result| rows[result.winner].borrow());
    }
    let won = |attribute: Attribute| winners[attribute as usize];
    let matched = |attribute: Attribute, column: &str| -> Scalar {
        let value = won(attribute).and_then(|row| row.matched());
        let index = attribute.matched(column);
        value.zip(index).and_then(|(value, index)| value.columns.get(index).cloned()).unwrap_or_default()
    };
    let raw = |attribute: Attribute, part: &str| -> Scalar {
        let text = won(attribute).zip(attribute.part(part)).and_then(|(row, index)| row.raw().part(index));
        text.map_or(Scalar::Null, squeezed)
    };
    let or =
        |first: Scalar, second: &dyn Fn() -> Scalar| if first == Scalar::Null { second() } else { first };
    let values = golden_columns(kind).iter().map(|column| match column.pick {
        Pick::Id => Scalar::Text(entity_id(kind, key).into()),
        Pick::Key | Pick::Domain => Scalar::Text(key.into()),
        Pick::FirstSource => first_source(rows, priorities),
        Pick::Matched(attribute, name) => matched(attribute, name),
        Pick::Raw(attribute, part) => raw(attribute, part),
        Pick::MatchedOrRaw(attribute, name, part) => or(matched(attribute, name), &|| raw(attribute, part)),
        Pick::RawOrRaw(attribute, part, other) => or(raw(attribute, part), &|| raw(attribute, other)),
        Pick::Exact(attribute) => match (matched(attribute, "minimum"), matched(attribute, "maximum")) {
            (Scalar::Int(low), Scalar::Int(high)) if low == high => Scalar::Int(low),
            _ => Scalar::Null,
        },
        Pick::CompanyId(attribute, name) => match matched(attribute, name) {
            Scalar::Text(key) => {
                let id = company_id(&key).unwrap_or_else(|| entity_id(EntityKind::Company, &key));
                Scalar::Text(id.into())
            }
            _ => Scalar::Null,
        },
    });
    GoldenRow { key: key.into(), values: values.collect() }
}

/// The source believed first among those that say anything; attribute-independent order, then name.
fn first_source<D: Borrow<Dimension>>(rows: &[D], priorities: &Priorities) -> Scalar {
    // Industry has no rows of its own in the priority table, so it stands for the default order.
    let best = rows
        .iter()
        .map(|row| row.borrow().source())
        .min_by(|a, b| priorities.compare(Attribute::Industry, a, b).then_with(|| a.cmp(b)));
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
    use crate::{Observation, PayloadId, RawValue, Source};

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

    #[test]
    fn a_company_of_one_row() {
        let row = Dimension::from(Observation {
            key: "acme.example".into(),
            attribute: CompanyName,
            source: Source::new("csv").unwrap(),
            raw: RawValue::new([Some("  Acme\u{a0} Labs ")]),
            payload: PayloadId::default(),
            observed_at: None,
        });
        let golden =
            golden_row(EntityKind::Company, "acme.example", &[row], &Priorities::compiled(), &|_| None);
        let value = |name: &str| {
            let index = COMPANY.iter().position(|column| column.name == name).unwrap();
            golden.values[index].as_text()
        };
        assert_eq!(value("name"), Some("Acme Labs"));
        assert_eq!(value("domain"), Some("acme.example"));
        assert_eq!(value("externalSource"), Some("csv"));
        assert_eq!(value("industry"), None);
    }
}
