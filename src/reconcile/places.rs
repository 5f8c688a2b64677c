//! Where the value of a field is to be found: in which part of which attribute, and what of it a golden record shows.

use firmograph_core::{Attribute, Field};

/// One place of a field's value.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    pub(crate) attribute: Attribute,
    /// The part of the raw value.
    pub(crate) part: &'static str,
    /// The golden column that shows it, if one does.
    pub(crate) golden: Option<&'static str>,
    pub(crate) shows: Shows,
}

/// What a golden record shows of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shows {
    /// The raw text; what it means is another column's, so it is unmatched only where it means nothing at all.
    Raw,
    /// The raw text, which has no standard form.
    Text,
    /// This matched column, else the raw text.
    Standard(&'static str),
    /// Only this matched column.
    Only(&'static str),
    /// The matched place, or the raw text as an address.
    Whole,
    /// Nothing: it stays in the dimension.
    Nothing,
}

const fn place(
    attribute: Attribute,
    part: &'static str,
    golden: Option<&'static str>,
    shows: Shows,
) -> Place {
    Place { attribute, part, golden, shows }
}

const fn text(attribute: Attribute, part: &'static str, golden: &'static str) -> Place {
    place(attribute, part, Some(golden), Shows::Text)
}

const fn standard(
    attribute: Attribute,
    part: &'static str,
    golden: &'static str,
    matched: &'static str,
) -> Place {
    place(attribute, part, Some(golden), Shows::Standard(matched))
}

const fn only(
    attribute: Attribute,
    part: &'static str,
    golden: &'static str,
    matched: &'static str,
) -> Place {
    place(attribute, part, Some(golden), Shows::Only(matched))
}

const fn aside(attribute: Attribute, part: &'static str) -> Place {
    place(attribute, part, None, Shows::Nothing)
}

use Attribute::{
    CompanyContact, CompanyLocation, CompanyName, CompanyType, Description, EmployeeRange, Funding, Industry,
    JobTitle, PersonCompany, PersonContact, PersonLocation, PersonName, Revenue,
};

/// The profile or page that a text may be, by whose it is.
const PROFILE: Place = standard(PersonContact, "linkedin_url", "linkedinUrl", "linkedin_url");
const PAGE: Place = standard(CompanyContact, "linkedin_url", "linkedinUrl", "linkedin_url");
const EMPLOYERS_PAGE: Place = aside(PersonCompany, "linkedin_url");
const EMPLOYER: Place = aside(PersonCompany, "company");
const WEBSITE: Place = text(CompanyContact, "website", "website");

/// Places of a part of a company's or person's whereabouts.
macro_rules! whereabouts {
    ($of:expr, address) => {
        text($of, "address", "address")
    };
    ($of:expr, city) => {
        standard($of, "city", "city", "city")
    };
    ($of:expr, state) => {
        standard($of, "state", "state", "state")
    };
    ($of:expr, postal_code) => {
        text($of, "postal_code", "zipCode")
    };
    ($of:expr, country) => {
        standard($of, "country", "country", "country")
    };
    ($of:expr, location) => {
        place($of, "location", Some("address"), Shows::Whole)
    };
}

/// Places of a phone number of a company or person.
macro_rules! phone {
    ($of:expr) => {
        standard($of, "phone", "phone", "phone")
    };
    ($of:expr, mobile) => {
        standard($of, "mobile_phone", "mobilePhone", "mobile_phone")
    };
}

/// Every place where the value of a field may stand; none for fields that no attribute takes.
pub(crate) fn places(field: Field) -> &'static [Place] {
    use Field as F;
    match field {
        F::Salutation => const { &[text(PersonName, "salutation", "salutation")] },
        F::FirstName => const { &[standard(PersonName, "first_name", "firstName", "given")] },
        F::MiddleName => const { &[aside(PersonName, "middle_name")] },
        F::LastName => const { &[standard(PersonName, "last_name", "lastName", "last_name")] },
        F::FullName => const { &[standard(PersonName, "full_name", "fullName", "full_name")] },
        F::Email => const { &[standard(PersonContact, "email", "email", "email"), EMPLOYER] },
        F::JobTitle => const { &[place(JobTitle, "job_title", Some("jobTitle"), Shows::Raw)] },
        F::JobTitleLevel => const { &[text(JobTitle, "job_title_level", "jobTitleLevel")] },
        F::Department => const { &[text(JobTitle, "department", "department")] },
        F::JobTitleLink => const { &[text(JobTitle, "job_title_link", "jobTitleLink"), PROFILE] },
        F::PersonLinkedinUrl => &[PROFILE],
        F::LinkedinUrl => &[PROFILE, PAGE, EMPLOYERS_PAGE],
        F::Phone => const { &[phone!(PersonContact), phone!(CompanyContact)] },
        F::MobilePhone => const { &[phone!(PersonContact, mobile), phone!(CompanyContact, mobile)] },
        F::PersonLocation => const { &[whereabouts!(PersonLocation, location)] },
        F::PersonAddress => const { &[whereabouts!(PersonLocation, address)] },
        F::PersonCity => const { &[whereabouts!(PersonLocation, city)] },
        F::PersonState => const { &[whereabouts!(PersonLocation, state)] },
        F::PersonPostalCode => const { &[whereabouts!(PersonLocation, postal_code)] },
        F::PersonCountry => const { &[whereabouts!(PersonLocation, country)] },
        F::CompanyKey => &[EMPLOYER],
        F::CompanyName => {
            const { &[standard(CompanyName, "name", "name", "name"), aside(PersonCompany, "name")] }
        }
        F::CompanyDomain | F::CompanyWebsite => &[WEBSITE, PAGE, EMPLOYER, EMPLOYERS_PAGE],
        F::CompanyLinkedinUrl => &[PAGE, EMPLOYERS_PAGE],
        F::CompanyPhone => const { &[phone!(CompanyContact)] },
        F::CompanyLocation => const { &[whereabouts!(CompanyLocation, location)] },
        F::CompanyAddress => const { &[whereabouts!(CompanyLocation, address)] },
        F::CompanyCity => const { &[whereabouts!(CompanyLocation, city)] },
        F::CompanyState => const { &[whereabouts!(CompanyLocation, state)] },
        F::CompanyPostalCode => const { &[whereabouts!(CompanyLocation, postal_code)] },
        F::CompanyCountry => const { &[whereabouts!(CompanyLocation, country)] },
        F::Industry => const { &[standard(Industry, "industry", "industry", "industry")] },
        F::EmployeeSize => {
            const { &[only(EmployeeRange, "employee_range", "employeeRange", "employee_range")] }
        }
        F::EmployeeSizeLink => {
            const { &[text(EmployeeRange, "employee_size_link", "employeeSizeLink"), PAGE, EMPLOYERS_PAGE] }
        }
        F::EmployeeMinimum => {
            const { &[only(EmployeeRange, "employee_range", "minEmployeeSize", "minimum")] }
        }
        F::EmployeeMaximum => {
            const { &[only(EmployeeRange, "employee_range", "maxEmployeeSize", "maximum")] }
        }
        F::EmployeeUnit => const { &[aside(EmployeeRange, "unit")] },
        F::Revenue => const { &[only(Revenue, "revenue", "revenueRange", "revenue_range")] },
        F::RevenueUnit => const { &[aside(Revenue, "unit")] },
        F::Funding => const { &[only(Funding, "funding", "fundingRange", "funding_range")] },
        F::FundingUnit => const { &[aside(Funding, "unit")] },
        F::CompanyType => const { &[standard(CompanyType, "company_type", "companyType", "company_type")] },
        F::Description => const { &[text(Description, "description", "description")] },
        F::Location => {
            const { &[whereabouts!(PersonLocation, location), whereabouts!(CompanyLocation, location)] }
        }
        F::AddressLine1 | F::AddressLine2 => {
            const { &[whereabouts!(PersonLocation, address), whereabouts!(CompanyLocation, address)] }
        }
        F::City => const { &[whereabouts!(PersonLocation, city), whereabouts!(CompanyLocation, city)] },
        F::State => const { &[whereabouts!(PersonLocation, state), whereabouts!(CompanyLocation, state)] },
        F::PostalCode => {
            const { &[whereabouts!(PersonLocation, postal_code), whereabouts!(CompanyLocation, postal_code)] }
        }
        F::Country => {
            const { &[whereabouts!(PersonLocation, country), whereabouts!(CompanyLocation, country)] }
        }
        // When it was observed stands beside the payload; the others no attribute takes.
        _ => &[],
    }
}

/// Whether a part that holds `text` of this field may hold more: two lines of an address, two bounds of a range.
pub(crate) fn is_composed(field: Field) -> bool {
    use Field::{AddressLine1, AddressLine2, EmployeeMaximum, EmployeeMinimum};
    matches!(field, AddressLine1 | AddressLine2 | EmployeeMinimum | EmployeeMaximum)
}

/// Why a value of this field may be in none of its places although there is somebody of whom it speaks; `None` where that
/// must not be.
pub(crate) fn may_be_aside(field: Field) -> Option<&'static str> {
    use Field as F;
    match field {
        F::Email => Some("role_mailbox"),
        F::LinkedinUrl | F::PersonLinkedinUrl | F::CompanyLinkedinUrl => Some("no_linkedin_page"),
        F::EmployeeUnit | F::RevenueUnit | F::FundingUnit => Some("unit_without_number"),
        F::CompanyKey => Some("key_alone"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use firmograph_core::golden_columns;

    #[test]
    fn places_are_there() {
        for &field in Field::ALL {
            for place in places(field) {
                let spec = place.attribute.spec();
                assert!(place.attribute.part(place.part).is_some(), "{field}: {}", place.part);
                if let Some(name) = place.golden {
                    let columns = golden_columns(spec.entity);
                    assert!(columns.iter().any(|column| column.name == name), "{field}: {name}");
                }
                if let Shows::Standard(name) | Shows::Only(name) = place.shows {
                    assert!(place.attribute.matched(name).is_some(), "{field}: {name}");
                }
            }
        }
    }

    #[test]
    fn fields_without_a_place_are_known() {
        let without: Vec<Field> = Field::ALL.iter().copied().filter(|&f| places(f).is_empty()).collect();
        assert_eq!(without, [Field::FoundedYear, Field::ObservedAt]);
    }

    #[test]
    fn every_part_is_filled_from_a_field() {
        for &attribute in Attribute::ALL {
            for part in attribute.spec().parts {
                let fills = |&&field: &&Field| {
                    places(field).iter().any(|place| place.attribute == attribute && place.part == *part)
                };
                // The country beside a phone number or an employer repeats that of the place.
                let is_repeated = *part == "country"
                    && !matches!(attribute, Attribute::CompanyLocation | Attribute::PersonLocation);
                assert!(is_repeated || Field::ALL.iter().any(|f| fills(&f)), "{attribute:?}.{part}");
            }
        }
    }
}
