use crate::Policy;

/// Whom an attribute is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum EntityKind {
    /// A company, keyed by registrable domain.
    Company,
    /// A person, keyed by e-mail, LinkedIn profile, or name within a company.
    Person,
}

impl EntityKind {
    /// `company` or `person`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            EntityKind::Company => "company",
            EntityKind::Person => "person",
        }
    }
}

/// What a scalar column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScalarKind {
    /// Text.
    Text,
    /// A whole number that fits 64 bits.
    Int,
}

/// The most parts a raw value can have.
pub const MAX_PARTS: usize = 6;

/// What there is to know about an attribute: whose it is, its dimension table, its raw parts and matched columns.
#[derive(Debug, Clone, Copy)]
pub struct AttributeSpec {
    /// Name of the attribute, as `explain` and mapping files say it.
    pub name: &'static str,
    /// Whom it is about.
    pub entity: EntityKind,
    /// Name of its dimension table in schema `core`.
    pub table: &'static str,
    /// Raw parts; the table has a column `raw_<part>` for each. A coherent group: all come from one payload.
    pub parts: &'static [&'static str],
    /// Matched columns; the table has a column `matched_<name>` for each.
    pub matched: &'static [(&'static str, ScalarKind)],
    /// How the sources are coalesced unless the database says otherwise.
    pub policy: Policy,
}

macro_rules! attributes {
    ($($(#[$doc:meta])* $variant:ident => $spec:expr;)*) => {
        /// One thing known about an entity. This is the one list of them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Attribute { $($(#[$doc])* $variant,)* }

        impl Attribute {
            /// Every attribute, companies first.
            pub const ALL: &'static [Attribute] = &[$(Attribute::$variant,)*];

            /// Its name, table, parts, matched columns and policy.
            #[must_use]
            pub fn spec(self) -> &'static AttributeSpec {
                const SPECS: &[AttributeSpec] = &[$($spec,)*];
                &SPECS[self as usize]
            }
        }
    };
}

use EntityKind::{Company, Person};
use ScalarKind::{Int, Text};

impl Attribute {
    /// Whether its parts are facts of their own, as website and telephone number are: where the winning source does not say one,
    /// the next source that does fills it. The parts of other attributes belong together, as city and country do.
    #[must_use]
    pub fn has_single_parts(self) -> bool {
        matches!(self, Attribute::CompanyContact | Attribute::PersonContact)
    }
}

const LOCATION_PARTS: &[&str] = &["location", "address", "city", "state", "postal_code", "country"];
const LOCATION_MATCHED: &[(&str, ScalarKind)] = &[
    ("city", Text),
    ("state", Text),
    ("country", Text),
    ("state_code", Text),
    ("country_code", Text),
    ("metro", Text),
    ("is_remote", Int),
];
const MONEY_MATCHED: [(&str, ScalarKind); 2] = [("minimum", Int), ("maximum", Int)];

attributes! {
    /// Name of a company.
    CompanyName => AttributeSpec { name: "company_name", entity: Company, table: "company_names", parts: &["name"],
        matched: &[("name", Text), ("name_key", Text), ("legal_form", Text)], policy: Policy::ByPriority };
    /// Number of employees. The unit is what a mapping says a bare number counts (`thousand`).
    EmployeeRange => AttributeSpec { name: "employee_range", entity: Company, table: "company_employee_ranges",
        parts: &["employee_range", "employee_size_link", "unit"],
        matched: &[("employee_range", Text), ("minimum", Int), ("maximum", Int)], policy: Policy::ByPriority };
    /// Public, private, ...
    CompanyType => AttributeSpec { name: "company_type", entity: Company, table: "company_types", parts: &["company_type"],
        matched: &[("company_type", Text)], policy: Policy::ByPriority };
    /// Where a company is.
    CompanyLocation => AttributeSpec { name: "company_location", entity: Company, table: "company_locations",
        parts: LOCATION_PARTS, matched: LOCATION_MATCHED, policy: Policy::MostComplete };
    /// Industry of a company.
    Industry => AttributeSpec { name: "industry", entity: Company, table: "company_industries", parts: &["industry"],
        matched: &[("industry", Text), ("industry_code", Int)], policy: Policy::ByPriority };
    /// Funding raised, dollars. The unit is what a mapping says a bare number counts (`million USD`).
    Funding => AttributeSpec { name: "funding_range", entity: Company, table: "company_funding", parts: &["funding", "unit"],
        matched: &[("funding_range", Text), MONEY_MATCHED[0], MONEY_MATCHED[1]], policy: Policy::ByPriority };
    /// Yearly revenue, dollars. The unit is what a mapping says a bare number counts (`million USD`).
    Revenue => AttributeSpec { name: "revenue_range", entity: Company, table: "company_revenue", parts: &["revenue", "unit"],
        matched: &[("revenue_range", Text), MONEY_MATCHED[0], MONEY_MATCHED[1]], policy: Policy::ByPriority };
    /// What a company says it does.
    Description => AttributeSpec { name: "description", entity: Company, table: "company_descriptions",
        parts: &["description"], matched: &[], policy: Policy::Longest };
    /// How to reach a company. The country says what a phone number without a country code means.
    CompanyContact => AttributeSpec { name: "company_contact", entity: Company, table: "company_contacts",
        parts: &["website", "linkedin_url", "phone", "mobile_phone", "country"],
        matched: &[("linkedin_url", Text), ("phone", Text), ("mobile_phone", Text)],
        policy: Policy::ByPriority };
    /// Name of a person.
    PersonName => AttributeSpec { name: "person_name", entity: Person, table: "person_names",
        parts: &["salutation", "first_name", "middle_name", "last_name", "full_name"],
        matched: &[("full_name", Text), ("prefix", Text), ("given", Text), ("middle", Text), ("last_name", Text),
            ("suffix", Text), ("credentials", Text)], policy: Policy::ByPriority };
    /// What a person does.
    JobTitle => AttributeSpec { name: "job_title", entity: Person, table: "person_job_titles",
        parts: &["job_title", "job_title_level", "department", "job_title_link"],
        matched: &[("level", Int), ("seniority", Text), ("function", Text), ("job_title", Text)], policy: Policy::ByPriority };
    /// Where a person is.
    PersonLocation => AttributeSpec { name: "person_location", entity: Person, table: "person_locations",
        parts: LOCATION_PARTS, matched: LOCATION_MATCHED, policy: Policy::MostComplete };
    /// For which company a person works. Page and country are kept where no e-mail, domain or website names the company.
    PersonCompany => AttributeSpec { name: "person_company", entity: Person, table: "person_companies",
        parts: &["company", "name", "linkedin_url", "country"], matched: &[("company_key", Text)], policy: Policy::ByPriority };
    /// How to reach a person. The country says what a phone number without a country code means.
    PersonContact => AttributeSpec { name: "person_contact", entity: Person, table: "person_contacts",
        parts: &["email", "linkedin_url", "phone", "mobile_phone", "country"],
        matched: &[("email", Text), ("linkedin_url", Text), ("phone", Text), ("mobile_phone", Text)], policy: Policy::ByPriority };
}

impl Attribute {
    /// The attributes of one kind of entity, in the order of the list.
    pub fn of(entity: EntityKind) -> impl Iterator<Item = Attribute> {
        Attribute::ALL.iter().copied().filter(move |attribute| attribute.spec().entity == entity)
    }

    /// The attribute of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Attribute> {
        Attribute::ALL.iter().copied().find(|attribute| attribute.spec().name == name)
    }

    /// Index of a raw part by name.
    #[must_use]
    pub fn part(self, name: &str) -> Option<usize> {
        self.spec().parts.iter().position(|&part| part == name)
    }

    /// Index of a matched column by name.
    #[must_use]
    pub fn matched(self, name: &str) -> Option<usize> {
        self.spec().matched.iter().position(|&(column, _)| column == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn names_and_tables_are_unique_and_parts_fit() {
        let mut seen = HashSet::new();
        for attribute in Attribute::ALL {
            let spec = attribute.spec();
            assert!(seen.insert(spec.name) && seen.insert(spec.table), "{}", spec.name);
            assert!(spec.parts.len() <= MAX_PARTS, "{}", spec.name);
            assert_eq!(Attribute::from_name(spec.name), Some(*attribute));
        }
    }
}
