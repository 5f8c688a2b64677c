use firmograph_core::Outcome;
use serde::Serialize;
use serde_json::{Map, Value};

/// A kind of value that can be normalised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// A host, URL or e-mail address, reduced to its registrable domain.
    Domain,
    /// An e-mail address.
    Email,
    /// A company name.
    CompanyName,
    /// A job title.
    JobTitle,
    /// A head count.
    EmployeeRange,
    /// Revenue in US dollars.
    RevenueRange,
    /// Funding in US dollars.
    FundingRange,
    /// A LinkedIn page.
    LinkedinUrl,
    /// The industry of a company.
    Industry,
    /// Public, private, nonprofit and so on.
    CompanyType,
    /// A telephone number.
    #[cfg(feature = "phone")]
    Phone,
    /// Name of a person.
    PersonName,
    /// A place.
    Location,
}

impl Kind {
    /// Every kind.
    pub const ALL: &'static [Kind] = &[
        Kind::Domain,
        Kind::Email,
        Kind::CompanyName,
        Kind::JobTitle,
        Kind::EmployeeRange,
        Kind::RevenueRange,
        Kind::FundingRange,
        Kind::LinkedinUrl,
        Kind::Industry,
        Kind::CompanyType,
        #[cfg(feature = "phone")]
        Kind::Phone,
        Kind::PersonName,
        Kind::Location,
    ];

    /// The name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Kind::Domain => "domain",
            Kind::Email => "email",
            Kind::CompanyName => "company_name",
            Kind::JobTitle => "job_title",
            Kind::EmployeeRange => "employee_range",
            Kind::RevenueRange => "revenue_range",
            Kind::FundingRange => "funding_range",
            Kind::LinkedinUrl => "linkedin_url",
            Kind::Industry => "industry",
            Kind::CompanyType => "company_type",
            #[cfg(feature = "phone")]
            Kind::Phone => "phone",
            Kind::PersonName => "person_name",
            Kind::Location => "location",
        }
    }

    /// The kind of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Kind> {
        Kind::ALL.iter().copied().find(|kind| kind.name() == name)
    }
}

/// One line of `firmograph normalize KIND`: `raw`, then the fields of the result and its evidence, or `unmatched`.
///
/// ```
/// use firmograph_normalize::{Kind, normalize};
/// let line = normalize(Kind::EmployeeRange, "11 to 50");
/// assert_eq!(line["name"], "11-50");
/// assert_eq!(normalize(Kind::Domain, "localhost")["unmatched"], "localhost");
/// ```
#[must_use]
pub fn normalize(kind: Kind, raw: &str) -> Value {
    normalize_in(kind, raw, None)
}

/// [`normalize`] for a record of `country` (ISO 3166-1 alpha-2), which national telephone numbers cannot be read without.
///
/// ```
/// use firmograph_normalize::{Kind, normalize_in};
/// let line = normalize_in(Kind::from_name("phone").unwrap(), "020 7183 8750", Some("GB"));
/// assert_eq!(line["e164"], "+442071838750");
/// ```
#[must_use]
#[cfg_attr(not(feature = "phone"), expect(unused_variables, reason = "no other kind asks for the country"))]
pub fn normalize_in(kind: Kind, raw: &str, country: Option<&str>) -> Value {
    match kind {
        Kind::Domain => line(raw, &crate::extract_domain(raw)),
        Kind::Email => line(raw, &crate::normalize_email(raw)),
        Kind::CompanyName => line(raw, &crate::clean_company_name(raw)),
        Kind::JobTitle => line(raw, &crate::match_job_title(raw)),
        Kind::EmployeeRange => line(raw, &crate::match_employee_range(raw)),
        Kind::RevenueRange => with_currency(raw, line(raw, &crate::match_revenue_range(raw))),
        Kind::FundingRange => with_currency(raw, line(raw, &crate::match_funding_range(raw))),
        Kind::LinkedinUrl => line(raw, &crate::canonical_linkedin_url(raw)),
        Kind::Industry => line(raw, &crate::match_industry(raw)),
        Kind::CompanyType => line(raw, &crate::match_company_type(raw)),
        #[cfg(feature = "phone")]
        Kind::Phone => line(raw, &crate::normalize_phone(raw, country)),
        Kind::PersonName => line(raw, &crate::split_person_name(raw)),
        Kind::Location => line(raw, &crate::match_location(raw, country)),
    }
}

/// Adds the amount that was not converted to a `line` of `other_currency`.
fn with_currency(raw: &str, mut line: Value) -> Value {
    if line["unmatched"] == "other_currency"
        && let (Value::Object(line), Some(amount)) = (&mut line, crate::amount_in_other_currency(raw))
        && let Ok(Value::Object(fields)) = serde_json::to_value(amount)
    {
        line.extend(fields);
    }
    line
}

fn line<T: Serialize>(raw: &str, outcome: &Outcome<T>) -> Value {
    let mut object = Map::new();
    object.insert("raw".to_owned(), Value::from(raw));
    if let Ok(Value::Object(fields)) = serde_json::to_value(outcome) {
        object.extend(fields);
    }
    Value::Object(object)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_a_bijection() {
        for &kind in Kind::ALL {
            assert_eq!(Kind::from_name(kind.name()), Some(kind));
        }
    }
}
