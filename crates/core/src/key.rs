use crate::EntityKind;
use uuid::Uuid;

/// Namespace of all firmograph ids. Fixed for ever: another value would give every entity a new id.
const NAMESPACE: Uuid = Uuid::from_u128(0x1d7c_9d4e_2f0b_5d83_9a51_6f69_726d_6f67);

/// The id of the entity with this key: UUIDv5, the same on every machine, hyphenated lower-case text.
#[must_use]
pub fn entity_id(kind: EntityKind, key: &str) -> String {
    let mut name = String::with_capacity(key.len() + 8);
    name.push_str(kind.name());
    name.push(':');
    name.push_str(key);
    Uuid::new_v5(&NAMESPACE, name.as_bytes()).hyphenated().to_string()
}

/// The id of something that is derived: of which `kind` it is, and what it is about. The same on every machine.
#[must_use]
pub fn derived_id(kind: &str, about: &str) -> String {
    Uuid::new_v5(&NAMESPACE, format!("{kind}:{about}").as_bytes()).hyphenated().to_string()
}

/// The key of the company that owns a registrable domain (A-label, lower case, no trailing dot): the domain itself.
#[must_use]
pub fn company_key_of_domain(domain: &str) -> Box<str> {
    domain.into()
}

/// The key of a company known by its canonical LinkedIn page alone: the URL without its scheme and `www.`. Provisional.
#[must_use]
pub fn company_key_of_linkedin(url: &str) -> Box<str> {
    person_key_of_linkedin(url)
}

/// The key of a company known by the match key of its name and its country's ISO 3166-1 code (empty where no country is
/// given). Provisional.
#[must_use]
pub fn company_key_of_name(name_key: &str, country_code: &str) -> Box<str> {
    format!("name:{name_key}|{}", country_code.to_ascii_lowercase()).into()
}

/// By what a company is known: `domain`, or provisionally `linkedin` or `name`.
#[must_use]
pub fn company_key_kind(key: &str) -> &'static str {
    if key.starts_with("name:") {
        "name"
    } else if key.contains('/') {
        "linkedin"
    } else {
        "domain"
    }
}

/// The key of the person behind a canonical mailbox (`normalize_email(...).key`).
#[must_use]
pub fn person_key_of_email(mailbox: &str) -> Box<str> {
    mailbox.into()
}

/// The key of the person behind a canonical LinkedIn profile URL: the URL without its scheme and `www.`.
#[must_use]
pub fn person_key_of_linkedin(url: &str) -> Box<str> {
    url.trim_start_matches("https://").trim_start_matches("www.").into()
}

/// The key of a person known by folded full name within one company. Never the name alone.
#[must_use]
pub fn person_key_of_name(folded_name: &str, company_key: &str) -> Box<str> {
    format!("name:{folded_name}|{company_key}").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_stable_and_kinds_do_not_meet() {
        let company = entity_id(EntityKind::Company, "acme.example");
        assert_eq!(company, entity_id(EntityKind::Company, "acme.example"));
        assert_ne!(company, entity_id(EntityKind::Person, "acme.example"));
        assert_eq!(company.as_bytes()[14], b'5', "version 5: {company}");
    }

    #[test]
    fn linkedin_key_has_no_scheme() {
        assert_eq!(&*person_key_of_linkedin("https://www.linkedin.com/in/ada"), "linkedin.com/in/ada");
    }

    #[test]
    fn a_company_key_says_by_what_the_company_is_known() {
        assert_eq!(company_key_kind(&company_key_of_domain("acme.example")), "domain");
        assert_eq!(
            company_key_kind(&company_key_of_linkedin("https://www.linkedin.com/company/acme")),
            "linkedin"
        );
        assert_eq!(company_key_kind(&company_key_of_name("acme", "US")), "name");
    }
}
