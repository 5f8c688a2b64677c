//! Who a company is, from what one record says of it: the domain of an e-mail, domain or website; without one, and
//! provisionally, its LinkedIn page, or its name and country.

use crate::pipeline::{Notices, PipelineOptions, company_page};
use firmograph_core::{
    EntityKind, Field, Matched, Outcome, company_key_of_domain, company_key_of_linkedin, company_key_of_name,
    person_key_of_email, person_key_of_linkedin,
};
use firmograph_normalize::{
    Email, LONGEST_NAME, LinkedinKind, canonical_linkedin_url, clean_company_name, country_code,
    extract_domain, extract_domain_with, match_company_type, match_location, normalize_email,
    normalize_email_with,
};

/// The company key of a domain, with the text it was read from.
pub(crate) fn company_of<'a>(
    said: &impl Fn(Field) -> Option<&'a str>,
    email: Option<&Outcome<Email>>,
    options: &PipelineOptions,
    notices: &mut Notices,
) -> (Option<Box<str>>, Option<&'a str>) {
    for field in [Field::CompanyKey, Field::Email, Field::CompanyDomain, Field::CompanyWebsite] {
        let Some(text) = said(field) else { continue };
        let key = match (field, email) {
            (Field::Email, Some(email)) if text.contains('@') => key_of_email(email),
            _ => company_key(text, options),
        };
        if let Outcome::Matched(matched) = key {
            notices.repaired_domain = matched.evidence.rule == "repaired_dotless";
            return (Some(matched.value), Some(text));
        }
    }
    (None, None)
}

/// The key of the company that an e-mail address, website or domain belongs to.
#[must_use]
pub fn company_key(text: &str, options: &PipelineOptions) -> Outcome<Box<str>> {
    if text.contains('@') {
        return key_of_email(&normalize_email_with(text.trim(), options.domain_options()));
    }
    match extract_domain_with(text, options.domain_options()) {
        Outcome::Unmatched(unmatched) => Outcome::Unmatched(unmatched),
        Outcome::Matched(Matched { value, .. }) if value.is_free_mail || value.is_disposable => {
            Outcome::unmatched("free_mail")
        }
        // A profile on LinkedIn is not a company's website.
        Outcome::Matched(Matched { value, .. }) if value.domain == "linkedin.com" && text.contains('/') => {
            Outcome::unmatched("linkedin_url")
        }
        Outcome::Matched(Matched { value, evidence }) => {
            Outcome::matched(company_key_of_domain(&value.domain), evidence)
        }
    }
}

fn key_of_email(email: &Outcome<Email>) -> Outcome<Box<str>> {
    match email {
        Outcome::Unmatched(unmatched) => Outcome::Unmatched(*unmatched),
        Outcome::Matched(Matched { value, .. }) if value.is_free_mail || value.is_disposable => {
            Outcome::unmatched("free_mail")
        }
        Outcome::Matched(Matched { value, evidence }) => match &value.domain {
            Some(domain) => Outcome::matched(company_key_of_domain(domain), evidence.clone()),
            None => Outcome::unmatched("no_domain"),
        },
    }
}

/// What may name a company of which no domain is known.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Unkeyed<'a> {
    pub(crate) page: Option<&'a str>,
    pub(crate) name: Option<&'a str>,
    /// The country, or else the place.
    pub(crate) country: Option<&'a str>,
}

impl<'a> Unkeyed<'a> {
    /// What a record says. A place without an owner is the company's where there is no person.
    pub(crate) fn read(said: &impl Fn(Field) -> Option<&'a str>, with_person: bool) -> Self {
        let name = said(Field::CompanyName);
        let own = if with_person { None } else { said(Field::Location) };
        let country = [Field::CompanyCountry, Field::Country].into_iter().find_map(said);
        // Without a name a country names nothing.
        let country = country.or_else(|| said(Field::CompanyLocation)).or(own).filter(|_| name.is_some());
        Unkeyed { page: company_page(said), name, country }
    }

    /// The provisional key: that of the page, else that of the name within the country.
    pub(crate) fn key(&self) -> Outcome<Box<str>> {
        if let Some(Outcome::Matched(Matched { value, mut evidence })) = self.page.map(canonical_linkedin_url)
            && value.kind == LinkedinKind::Company
        {
            evidence.rule = "linkedin_page".into();
            return Outcome::matched(company_key_of_linkedin(&value.url), evidence);
        }
        let Some(text) = self.name else { return Outcome::unmatched("blank") };
        // A mailbox is no name, and what thousands write who work for themselves is no company.
        if text.contains('@') {
            return Outcome::unmatched("email");
        }
        if match_company_type(text).value().is_some_and(|kind| kind.name == "Self-Employed") {
            return Outcome::unmatched("self_employed");
        }
        let country = self.country.and_then(|text| {
            country_code(text)
                .or_else(|| match_location(text, None).ok().and_then(|place| place.value.country_code))
        });
        match clean_company_name(text) {
            // Folding may make a text many times as long: one Arabic ligature is eighteen letters.
            Outcome::Matched(Matched { value, .. }) if value.key.len() > LONGEST_NAME => {
                Outcome::unmatched("too_long")
            }
            Outcome::Matched(Matched { value, mut evidence }) => {
                evidence.rule = "name_and_country".into();
                Outcome::matched(company_key_of_name(&value.key, country.unwrap_or_default()), evidence)
            }
            Outcome::Unmatched(unmatched) => Outcome::Unmatched(unmatched),
        }
    }
}

/// The key that a person may have meant by `text`: a domain, website, e-mail address, LinkedIn page, or a key as it is.
///
/// ```
/// use firmograph::{EntityKind, key_of_text};
/// assert_eq!(&*key_of_text(EntityKind::Company, "https://www.Acme.com/about"), "acme.com");
/// assert_eq!(&*key_of_text(EntityKind::Company, "name:acme|us"), "name:acme|us");
/// assert_eq!(&*key_of_text(EntityKind::Person, "Ada+x@Acme.com"), "ada@acme.com");
/// ```
#[must_use]
pub fn key_of_text(kind: EntityKind, text: &str) -> Box<str> {
    // No key has a NUL, which PostgreSQL would refuse to look for.
    let text = &*text.trim().replace('\0', "\u{fffd}");
    if text.starts_with("name:") {
        return text.into();
    }
    let page = canonical_linkedin_url(text).ok().map(|matched| matched.value);
    let key = match kind {
        EntityKind::Company => match page {
            Some(page) => Some(company_key_of_linkedin(&page.url)),
            None => extract_domain(text).ok().map(|matched| company_key_of_domain(&matched.value.domain)),
        },
        EntityKind::Person => match normalize_email(text).ok() {
            Some(matched) => Some(person_key_of_email(&matched.value.key)),
            None => page.map(|page| person_key_of_linkedin(&page.url)),
        },
    };
    key.unwrap_or_else(|| text.into())
}
