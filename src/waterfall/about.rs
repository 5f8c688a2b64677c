//! Whom an answer is about: which fields give a record the key of whom was asked about, and which keys say more than others.

use super::provider::Subject;
use crate::pipeline::{PipelineOptions, observe};
use firmograph_core::{EntityKind, Field, FieldSet, PayloadId, company_key_kind};

/// Fields of a record.
type Fields = Vec<(Field, String)>;

/// The fields by which a record is about the subject, whatever else it says. A name is taken as the provider spells it where that
/// makes the same key, else as it is known, else from the key itself. `None` where no record has such a key: what is answered
/// could not be kept for it.
pub(super) fn identity(
    subject: &Subject,
    given: &[(Field, String)],
    pipeline: &PipelineOptions,
) -> Option<Fields> {
    let key = subject.key.as_str();
    let alternatives = match (subject.kind, key.strip_prefix("name:")) {
        (EntityKind::Company, _) => companies(key, Some(subject), given),
        (EntityKind::Person, None) if key.contains('@') => vec![vec![(Field::Email, key.to_owned())]],
        (EntityKind::Person, None) => vec![vec![(Field::PersonLinkedinUrl, page(key))]],
        (EntityKind::Person, Some(name)) => {
            let (name, company) = name.split_once('|')?;
            both(&persons(name, subject, given), &companies(company, None, given))
        }
    };
    alternatives.into_iter().find(|fields| {
        let set: FieldSet = fields.iter().map(|(field, text)| (*field, text.as_str())).collect();
        let keys = observe(&set, PayloadId::default(), None, pipeline, &mut |_| {});
        let found = keys.ok().and_then(|keys| match subject.kind {
            EntityKind::Company => keys.company,
            EntityKind::Person => keys.person,
        });
        found.as_deref() == Some(key)
    })
}

/// Whether an answer can be kept for the subject.
pub(super) fn has_identity(subject: &Subject) -> bool {
    let source = super::answer::source("waterfall");
    source.is_ok_and(|source| identity(subject, &[], &PipelineOptions::new(source)).is_some())
}

fn page(key: &str) -> String {
    format!("https://www.{key}")
}

/// The first of several counts, as in a file.
fn said(given: &[(Field, String)], field: Field) -> Option<String> {
    given.iter().find(|(of, _)| *of == field).map(|(_, text)| text.clone())
}

/// What may name a company with this key; what is known counts where it is the subject.
fn companies(key: &str, subject: Option<&Subject>, given: &[(Field, String)]) -> Vec<Fields> {
    let known = |column| subject.and_then(|subject| subject.text(column)).map(str::to_owned);
    let texts = |field, column, of_key: &str| {
        let texts = [said(given, field), known(column), Some(of_key.to_owned())];
        texts.into_iter().flatten().map(|text| vec![(field, text)]).collect::<Vec<_>>()
    };
    match (company_key_kind(key), key.strip_prefix("name:").and_then(|name| name.rsplit_once('|'))) {
        ("domain", _) => vec![vec![(Field::CompanyKey, key.to_owned())]],
        ("linkedin", _) => vec![vec![(Field::CompanyLinkedinUrl, page(key))]],
        (_, Some((name, ""))) => texts(Field::CompanyName, "name", name),
        (_, Some((name, country))) => {
            let country = country.to_ascii_uppercase();
            let countries = texts(Field::CompanyCountry, "country", &country);
            both(&texts(Field::CompanyName, "name", name), &countries)
        }
        _ => Vec::new(),
    }
}

/// What may name a person within a company.
fn persons(name: &str, subject: &Subject, given: &[(Field, String)]) -> Vec<Fields> {
    let known = |column| subject.text(column).map(str::to_owned);
    let whole = |first: Option<String>, last: Option<String>| Some(format!("{} {}", first?, last?));
    let names = [
        said(given, Field::FullName),
        whole(said(given, Field::FirstName), said(given, Field::LastName)),
        whole(known("firstName"), known("lastName")),
        known("fullName"),
        Some(name.to_owned()),
    ];
    let parts = [(Field::FirstName, known("firstName")), (Field::LastName, known("lastName"))];
    let parts: Fields = parts.into_iter().filter_map(|(field, text)| Some((field, text?))).collect();
    // The whole name comes before its parts: without it, that of an answer would count.
    let names =
        names.into_iter().flatten().map(|name| [vec![(Field::FullName, name)], parts.clone()].concat());
    names.collect()
}

fn both(first: &[Fields], second: &[Fields]) -> Vec<Fields> {
    first.iter().flat_map(|one| second.iter().map(move |other| [&one[..], other].concat())).collect()
}

/// Whether a key by which an answer names somebody says more than the one that was asked about, so that both are joined: a domain
/// or mailbox more than a page or profile, these more than a name, and a name in a country more than the same name alone.
pub(super) fn is_better_key(kind: EntityKind, asked: &str, answered: &str) -> bool {
    let name = |key: &str| -> Option<(String, String)> {
        let name = key.strip_prefix("name:")?;
        let (name, of) = match kind {
            EntityKind::Company => name.rsplit_once('|')?,
            EntityKind::Person => name.split_once('|')?,
        };
        Some((name.to_owned(), of.to_owned()))
    };
    let rank = |key: &str| match kind {
        _ if key.starts_with("name:") => 0,
        EntityKind::Company if company_key_kind(key) == "domain" => 2,
        EntityKind::Person if key.contains('@') => 2,
        _ => 1,
    };
    match (name(asked), name(answered)) {
        (Some((asked, of)), Some((answered, other))) if asked == answered => match kind {
            EntityKind::Company => of.is_empty() && !other.is_empty(),
            EntityKind::Person => is_better_key(EntityKind::Company, &of, &other),
        },
        _ => rank(answered) > rank(asked),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use firmograph_core::Source;
    use serde_json::{Map, Value};

    fn found(
        kind: EntityKind,
        key: &str,
        golden: &[(&str, &str)],
        given: &[(Field, &str)],
    ) -> Option<String> {
        let golden: Map<String, Value> =
            golden.iter().map(|(column, text)| ((*column).to_owned(), Value::from(*text))).collect();
        let subject = Subject { kind, key: key.to_owned(), golden, attributes: Vec::new() };
        let given: Vec<_> = given.iter().map(|(field, text)| (*field, (*text).to_owned())).collect();
        let fields = identity(&subject, &given, &PipelineOptions::new(Source::new("quarry").unwrap()))?;
        Some(fields.iter().map(|(field, text)| format!("{field}={text}")).collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn a_record_can_have_the_key_of_whom_was_asked_about() {
        use EntityKind::{Company, Person};
        use Field::{CompanyCountry, CompanyName, FullName};
        for (kind, key, golden, given, fields) in [
            (Company, "acme.com", &[][..], &[][..], Some("company_key=acme.com")),
            (Company, "gmail.com", &[], &[], None),
            (Company, "Acme.com", &[], &[], None),
            (
                Company,
                "linkedin.com/company/acme",
                &[],
                &[],
                Some("company_linkedin_url=https://www.linkedin.com/company/acme"),
            ),
            (Company, "name:acme|de", &[], &[], Some("company_name=acme company_country=DE")),
            (
                Company,
                "name:acme|de",
                &[("name", "Acme"), ("country", "Austria")],
                &[],
                Some("company_name=Acme company_country=DE"),
            ),
            (
                Company,
                "name:acme|de",
                &[("name", "Other")],
                &[(CompanyName, "ACME GmbH"), (CompanyCountry, "Germany")],
                Some("company_name=ACME GmbH company_country=Germany"),
            ),
            (
                Company,
                "name:acme|",
                &[("country", "Germany")],
                &[(CompanyName, "Brook Mills")],
                Some("company_name=acme"),
            ),
            (Company, "name:acme", &[], &[], None),
            (Person, "ada@acme.com", &[], &[], Some("email=ada@acme.com")),
            (Person, "info@acme.com", &[], &[], None),
            (
                Person,
                "name:ada specimen|acme.com",
                &[("firstName", "Ada"), ("lastName", "Specimen")],
                &[(FullName, "Bob Sample")],
                Some("full_name=Ada Specimen first_name=Ada last_name=Specimen company_key=acme.com"),
            ),
            (
                Person,
                "name:ada specimen|name:acme|de",
                &[],
                &[],
                Some("full_name=ada specimen company_name=acme company_country=DE"),
            ),
            (
                Person,
                "name:ada specimen|linkedin.com/company/acme",
                &[],
                &[(FullName, "Ada Specimen")],
                Some("full_name=Ada Specimen company_linkedin_url=https://www.linkedin.com/company/acme"),
            ),
        ] {
            assert_eq!(found(kind, key, golden, given).as_deref(), fields, "{key}");
        }
    }

    #[test]
    fn keys_that_say_more() {
        let companies = ["name:acme|", "name:acme|de", "linkedin.com/company/acme", "acme.com"];
        let persons = [
            "name:ada|name:acme|",
            "name:ada|name:acme|de",
            "name:ada|acme.com",
            "linkedin.com/in/ada",
            "ada@acme.com",
        ];
        for (kind, keys) in [(EntityKind::Company, &companies[..]), (EntityKind::Person, &persons)] {
            for (at, asked) in keys.iter().enumerate() {
                for (other, answered) in keys.iter().enumerate() {
                    assert_eq!(is_better_key(kind, asked, answered), other > at, "{asked} {answered}");
                }
            }
        }
        for (kind, asked, answered) in [
            (EntityKind::Company, "name:acme|", "name:brook|de"),
            (EntityKind::Company, "name:acme|de", "name:acme|us"),
            (EntityKind::Company, "acme.com", "brook.com"),
            (EntityKind::Person, "name:ada|name:acme|", "name:bob|acme.com"),
        ] {
            assert!(!is_better_key(kind, asked, answered), "{asked} {answered}");
        }
    }
}
