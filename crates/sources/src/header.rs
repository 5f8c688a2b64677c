use ahash::{AHashMap, AHashSet};
use firmograph_core::Field;
use std::sync::LazyLock;
use unicode_normalization::UnicodeNormalization;

/// Columns of this prefix are annotations that firmograph itself adds to exported rejects; they are no part of a record.
pub(crate) const OWN_PREFIX: &str = "firmograph_";

static ALIASES_CSV: &str = include_str!("../data/header_aliases.csv");

static ALIASES: LazyLock<AHashMap<&'static str, Target>> = LazyLock::new(|| {
    let mut map: AHashMap<&'static str, Target> = AHashMap::with_capacity(2048);
    for (alias, field, context) in alias_rows() {
        let target = map.entry(alias).or_default();
        let slot = match context {
            Context::Always => &mut target.otherwise,
            Context::WithCompanyName => &mut target.with_company_name,
            Context::CompanyOnly => &mut target.company_only,
        };
        *slot = Some(field);
    }
    map
});

/// What a header means, by the other headers beside it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Target {
    with_company_name: Option<Field>,
    company_only: Option<Field>,
    otherwise: Option<Field>,
}

impl Target {
    pub(crate) fn is_known(self) -> bool {
        self != Target::default()
    }

    fn certain(self) -> Option<Field> {
        (self.with_company_name.is_none() && self.company_only.is_none()).then_some(self.otherwise).flatten()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Context {
    Always,
    /// Some other column names the company.
    WithCompanyName,
    /// Other columns speak of a company and none of a person.
    CompanyOnly,
}

/// The form under which headers are compared: compatibility-decomposed, lower case, letters and digits only, without
/// notes such as `(optional)`.
///
/// Notes that change the meaning stay: `LinkedIn URL (company)`, and `Revenue ($M)`, whose scale must not be lost.
///
/// ```
/// use firmograph_sources::fold_header;
/// assert_eq!(fold_header("Mobile Phone (optional)"), "mobilephone");
/// assert_eq!(fold_header("\u{feff}E-Mail "), "email");
/// assert_eq!(fold_header("Prénom"), "prenom");
/// ```
#[must_use]
pub fn fold_header(header: &str) -> String {
    let mut folded = String::with_capacity(header.len());
    let mut rest = header;
    while let Some(open) = rest.find(['(', '[']) {
        let Some(length) = rest[open..].find([')', ']']) else { break };
        push_folded(&mut folded, &rest[..open]);
        let mut note = String::new();
        push_folded(&mut note, &rest[open + 1..open + length]);
        if !matches!(
            note.as_str(),
            "optional"
                | "required"
                | "ifany"
                | "ifavailable"
                | "ifknown"
                | "mandatory"
                | "fakultativ"
                | "facultatif"
        ) {
            folded.push_str(&note);
        }
        rest = &rest[open + length + 1..];
    }
    push_folded(&mut folded, rest);
    folded
}

/// What `header` may mean; unknown headers give a [`Target`] that is not known.
pub(crate) fn look_up(header: &str) -> Target {
    ALIASES.get(fold_header(header).as_str()).copied().unwrap_or_default()
}

/// The field of every target, in the light of all of them. `given` are fields that a mapping has filled already.
pub(crate) fn resolve(targets: &[Target], given: &[Field]) -> Vec<Option<Field>> {
    let certain = targets.iter().filter_map(|target| target.certain()).chain(given.iter().copied());
    let fields: AHashSet<Field> = certain.collect();
    let has_company_name = fields.contains(&Field::CompanyName);
    let has_company = fields.iter().any(|&field| owner(field) == Owner::Company);
    let mut has_person = fields.iter().any(|&field| owner(field) == Owner::Person);
    let choose = |target: &Target, has_person: bool| {
        let certain = target.with_company_name.filter(|_| has_company_name);
        let alone = target.company_only.filter(|_| has_company && !has_person);
        certain.or(alone).or(target.otherwise)
    };
    // `name` may turn out to be a person, which decides what `linkedin_url` beside it is.
    let names = targets.iter().filter(|target| target.with_company_name.is_some());
    has_person |= names.filter_map(|t| choose(t, has_person)).any(|field| owner(field) == Owner::Person);
    targets.iter().map(|target| choose(target, has_person)).collect()
}

#[derive(PartialEq, Eq)]
enum Owner {
    Person,
    Company,
    Either,
}

fn owner(field: Field) -> Owner {
    match field {
        Field::FirstName
        | Field::MiddleName
        | Field::LastName
        | Field::FullName
        | Field::Email
        | Field::JobTitle
        | Field::PersonLinkedinUrl
        | Field::MobilePhone
        | Field::PersonLocation
        | Field::PersonCity
        | Field::PersonCountry => Owner::Person,
        Field::CompanyKey
        | Field::CompanyName
        | Field::CompanyDomain
        | Field::CompanyWebsite
        | Field::CompanyLinkedinUrl
        | Field::EmployeeSize
        | Field::EmployeeMinimum
        | Field::EmployeeMaximum
        | Field::Funding
        | Field::FoundedYear => Owner::Company,
        _ => Owner::Either,
    }
}

fn push_folded(folded: &mut String, text: &str) {
    if text.is_ascii() {
        folded.extend(text.bytes().filter(u8::is_ascii_alphanumeric).map(|b| b.to_ascii_lowercase() as char));
    } else {
        folded.extend(text.nfkd().flat_map(char::to_lowercase).filter(|c| c.is_alphanumeric()));
    }
}

fn alias_rows() -> impl Iterator<Item = (&'static str, Field, Context)> {
    ALIASES_CSV.lines().skip(1).filter_map(|line| {
        let mut cells = line.split(',');
        let (alias, field, context) = (cells.next()?, cells.next()?, cells.next()?);
        let context = match context {
            "" => Context::Always,
            "with_company_name" => Context::WithCompanyName,
            "company_only" => Context::CompanyOnly,
            _ => return None,
        };
        Some((alias, Field::from_name(field)?, context))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(headers: &[&str]) -> Vec<Option<Field>> {
        resolve(&headers.iter().map(|header| look_up(header)).collect::<Vec<_>>(), &[])
    }

    #[test]
    fn every_alias_row_is_read_folded_and_in_order() {
        assert_eq!(alias_rows().count(), ALIASES_CSV.lines().count() - 1);
        let keys: Vec<_> =
            alias_rows().map(|(alias, field, context)| (alias, context as u8, field)).collect();
        for pair in keys.windows(2) {
            assert!(pair[0].0 <= pair[1].0, "{pair:?} out of order");
            assert!((pair[0].0, pair[0].1) != (pair[1].0, pair[1].1), "{pair:?} said twice");
        }
        for (alias, ..) in keys {
            assert_eq!(fold_header(alias), alias);
        }
    }

    #[test]
    fn every_field_name_is_its_own_alias() {
        for &field in Field::ALL {
            let found = resolve(&[look_up(field.name())], &[])[0];
            assert_eq!(found, Some(field), "{field}");
        }
    }

    #[test]
    fn a_name_belongs_to_whom_the_other_columns_speak_of() {
        use Field::{CompanyDomain, CompanyLinkedinUrl, CompanyName, FullName, JobTitle, LinkedinUrl};
        assert_eq!(fields(&["name", "company"]), [Some(FullName), Some(CompanyName)]);
        assert_eq!(fields(&["name", "domain"]), [Some(CompanyName), Some(CompanyDomain)]);
        assert_eq!(fields(&["name", "title"]), [Some(FullName), Some(JobTitle)]);
        assert_eq!(fields(&["name"]), [Some(FullName)]);
        let all = fields(&["name", "domain", "linkedin_url"]);
        assert_eq!(all, [Some(CompanyName), Some(CompanyDomain), Some(CompanyLinkedinUrl)]);
        let all = fields(&["name", "company", "linkedin_url"]);
        assert_eq!(all, [Some(FullName), Some(CompanyName), Some(LinkedinUrl)]);
    }

    #[test]
    fn notes_that_change_the_meaning_stay() {
        assert!(!look_up("Revenue ($M)").is_known());
        assert!(look_up("Revenue (USD)").is_known());
        assert_eq!(fields(&["LinkedIn URL (company)"]), [Some(Field::CompanyLinkedinUrl)]);
        assert_eq!(fields(&["LinkedIn URL (user profile)"]), [Some(Field::PersonLinkedinUrl)]);
    }
}
