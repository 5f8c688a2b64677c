//! The pure way of a record: fields -> keys -> observations, and raw value -> standard value. The same bytes everywhere:
//! the command line, Python and Rust services all call this and nothing else.

use crate::identity::{Unkeyed, company_of};
use crate::lookups::Lookups;
use crate::shards::ShardPlace;
use firmograph_core::{
    Attribute, EntityKind, Field, FieldSet, Observation, Outcome, PayloadId, RawValue, Source, Timestamp,
    person_key_of_email, person_key_of_linkedin, person_key_of_name,
};
use firmograph_normalize::{
    DomainOptions, LONGEST_NAME, LevelMap, LinkedinKind, canonical_linkedin_url, fold_person_name,
    is_placeholder, normalize_email_with,
};
use std::borrow::Cow;
use std::sync::Arc;

pub use crate::identity::company_key;
pub use crate::matching::match_value;

/// How records of one source are read for meaning.
#[derive(Debug, Clone)]
pub struct PipelineOptions {
    /// Who says it.
    pub source: Source,
    /// Append `.com` to a host without a dot (`x@unionbankofindia`); the evidence says so.
    pub repair_domains: bool,
    /// A user's map of titles and level words to levels: it wins over the rules. An engine brings that of its database.
    pub level_map: Option<Arc<LevelMap>>,
    /// What a user says that raw values mean: likewise.
    pub lookups: Option<Arc<Lookups>>,
    /// Which shard the database is: records of other shards, which a payload may also hold, are passed over.
    pub shard: Option<ShardPlace>,
}

impl PipelineOptions {
    /// Options of a source, with no repair.
    #[must_use]
    pub fn new(source: Source) -> Self {
        PipelineOptions { source, repair_domains: false, level_map: None, lookups: None, shard: None }
    }

    /// Whether a record with these keys is to be stored here.
    pub(crate) fn keeps(&self, keys: &Keys) -> bool {
        self.shard.as_ref().is_none_or(|shard| shard.has(keys))
    }

    pub(crate) fn domain_options(&self) -> DomainOptions {
        DomainOptions { repair_dotless: self.repair_domains }
    }
}

/// What was noticed about one record, to be counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Notices {
    /// The e-mail was given and is not an address.
    pub unusable_email: bool,
    /// The e-mail is of a free-mail or disposable provider, so it names no company.
    pub free_mail: bool,
    /// The e-mail belongs to a role, not to a person.
    pub role_mailbox: bool,
    /// A person was found and no company.
    pub without_company: bool,
    /// A company was found and no person.
    pub without_person: bool,
    /// A host without a dot was repaired.
    pub repaired_domain: bool,
    /// Cells that hold a placeholder instead of a value (`N/A`, `-`, `null`, ...).
    pub placeholders: u32,
}

/// About whom a record speaks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Keys {
    /// Key of the company, if there is a usable one.
    pub company: Option<Box<str>>,
    /// Key of the person, if there is one.
    pub person: Option<Box<str>>,
    /// What was noticed.
    pub notices: Notices,
}

/// Why a record identifies nobody: the field that came closest, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoKey {
    /// The field to blame, where one was given at all.
    pub field: Option<Field>,
    /// One sentence.
    pub cause: String,
}

/// Extracts keys from the fields of one record, and gives what it says about them to `sink`.
///
/// Keys are taken in the order of preference of DESIGN: a company from what the mapping calls the key, then
/// e-mail, domain and website, then provisionally its LinkedIn page, then its name and country; a person from
/// e-mail, then LinkedIn profile, then full name within the company. Free-mail and disposable hosts make no company,
/// role mailboxes make no person.
///
/// # Errors
/// [`NoKey`] when neither a company nor a person is identified.
///
/// ```
/// use firmograph::pipeline::{PipelineOptions, observe};
/// use firmograph::{Field, FieldSet, PayloadId, Source};
///
/// let fields: FieldSet = [(Field::Email, "Ada.L+x@Mail.Acme.com"), (Field::JobTitle, "CTO")].into_iter().collect();
/// let options = PipelineOptions::new(Source::new("csv")?);
/// let mut said = Vec::new();
/// let keys = observe(&fields, PayloadId::default(), None, &options, &mut |observation| said.push(observation)).unwrap();
/// assert_eq!(keys.company.as_deref(), Some("acme.com"));
/// assert_eq!(keys.person.as_deref(), Some("ada.l@mail.acme.com"));
/// assert_eq!(said.len(), 3, "a job title, an employer, an e-mail");
/// # Ok::<(), firmograph::Error>(())
/// ```
pub fn observe(
    fields: &FieldSet,
    payload: PayloadId,
    observed_at: Option<Timestamp>,
    options: &PipelineOptions,
    sink: &mut impl FnMut(Observation),
) -> Result<Keys, NoKey> {
    let mut all = Vec::new();
    let keys = read(fields, options, &mut |attribute, raw| all.push((attribute, raw)))?;
    let [company, person] =
        [&keys.company, &keys.person].map(|key| key.as_deref().map(Arc::<str>::from).unwrap_or_default());
    for (attribute, raw) in all {
        let key = match attribute.spec().entity {
            EntityKind::Company => Arc::clone(&company),
            EntityKind::Person => Arc::clone(&person),
        };
        sink(Observation { key, attribute, source: options.source.clone(), raw, payload, observed_at });
    }
    Ok(keys)
}

/// [`observe`] without what a batch knows by itself: the keys, and each value that says something.
pub(crate) fn read(
    fields: &FieldSet,
    options: &PipelineOptions,
    sink: &mut impl FnMut(Attribute, RawValue),
) -> Result<Keys, NoKey> {
    let mut notices = Notices::default();
    // One bit a field that holds a placeholder: each is asked for several times.
    const { assert!(Field::ALL.len() <= u64::BITS as usize) };
    let nothing = fields
        .iter()
        .filter(|(_, text)| is_placeholder(text))
        .fold(0_u64, |nothing, (field, _)| nothing | 1 << field as u8);
    notices.placeholders = nothing.count_ones();
    let said = |field: Field| fields.get(field).filter(|_| nothing & (1 << field as u8) == 0);

    let email = said(Field::Email).map(|text| normalize_email_with(text.trim(), options.domain_options()));
    let (company, company_said) = company_of(&said, email.as_ref(), options, &mut notices);
    let profile = [Field::PersonLinkedinUrl, Field::LinkedinUrl, Field::JobTitleLink];
    let profile = linkedin(&said, &profile, LinkedinKind::Person);
    let person = match email.as_ref().map(|outcome| (outcome.value(), outcome.reason())) {
        Some((Some(address), _)) => {
            notices.role_mailbox = address.is_role;
            notices.free_mail = address.is_free_mail || address.is_disposable;
            (!address.is_role).then(|| person_key_of_email(&address.key))
        }
        Some((None, _)) => {
            notices.unusable_email = true;
            None
        }
        None => None,
    };
    let person = person.or_else(|| profile.as_ref().map(|(_, url)| person_key_of_linkedin(url)));
    let name = match person {
        // A role mailbox with a contact's name beside it is still the role's mailbox.
        None if !notices.role_mailbox => full_name(&said).map(|name| fold_person_name(&name)),
        _ => None,
    };
    let name = name.filter(|name| !name.is_empty() && name.len() <= LONGEST_NAME);
    // Where no domain is known, something else may name the company until one is.
    let unkeyed = company.is_none().then(|| Unkeyed::read(&said, person.is_some() || name.is_some()));
    let company = company.or_else(|| unkeyed.as_ref()?.key().ok().map(|matched| matched.value));
    let person = person.or_else(|| Some(person_key_of_name(&name?, company.as_deref()?)));
    if company.is_none() && person.is_none() {
        return Err(no_key(&said, email.as_ref().and_then(Outcome::reason)));
    }
    notices.without_company = company.is_none();
    notices.without_person = person.is_none();

    let mut say = |attribute: Attribute, raw: RawValue| {
        if !raw.is_blank() {
            sink(attribute, raw);
        }
    };
    if company.is_some() {
        observe_company(&said, person.is_some(), &mut say);
    }
    if person.is_some() {
        let email_said = if notices.role_mailbox { None } else { said(Field::Email) };
        let profile = profile.as_ref().map(|(text, _)| *text);
        let unkeyed = unkeyed.filter(|_| company.is_some()).unwrap_or_default();
        let works_for =
            [company_said.or(said(Field::Email)), said(Field::CompanyName), unkeyed.page, unkeyed.country];
        observe_person(&said, email_said, profile, works_for, &mut say);
    }
    Ok(Keys { company, person, notices })
}

/// The first of `fields` that is a LinkedIn URL of this kind: as given, and canonical.
fn linkedin<'a>(
    said: &impl Fn(Field) -> Option<&'a str>,
    fields: &[Field],
    kind: LinkedinKind,
) -> Option<(&'a str, String)> {
    fields.iter().find_map(|&field| {
        let text = said(field)?;
        let found = canonical_linkedin_url(text).ok()?.value;
        (found.kind == kind).then_some((text, found.url))
    })
}

/// The text that is a company's LinkedIn page.
pub(crate) fn company_page<'a>(said: &impl Fn(Field) -> Option<&'a str>) -> Option<&'a str> {
    use Field::{CompanyDomain, CompanyLinkedinUrl, CompanyWebsite, EmployeeSizeLink, LinkedinUrl};
    // Some give the page where a website is asked for.
    let page = [CompanyLinkedinUrl, LinkedinUrl, EmployeeSizeLink, CompanyWebsite, CompanyDomain];
    linkedin(said, &page, LinkedinKind::Company).map(|(text, _)| text)
}

fn full_name<'a>(said: &impl Fn(Field) -> Option<&'a str>) -> Option<Cow<'a, str>> {
    match (said(Field::FullName), said(Field::FirstName), said(Field::LastName)) {
        (Some(full), _, _) => Some(Cow::Borrowed(full)),
        (None, Some(first), Some(last)) => Some(Cow::Owned(format!("{first} {last}"))),
        _ => None,
    }
}

fn observe_company<'a>(
    said: &impl Fn(Field) -> Option<&'a str>,
    with_person: bool,
    say: &mut impl FnMut(Attribute, RawValue),
) {
    use Field as F;
    // A unit says nothing without its number.
    let unit = |of: Field, unit: Field| said(of).and(said(unit));
    say(Attribute::CompanyName, RawValue::new([said(F::CompanyName)]));
    let bounds = employee_bounds(said(F::EmployeeMinimum), said(F::EmployeeMaximum));
    say(
        Attribute::EmployeeRange,
        RawValue::new([
            said(F::EmployeeSize).or(bounds.as_deref()),
            said(F::EmployeeSizeLink),
            unit(F::EmployeeSize, F::EmployeeUnit),
        ]),
    );
    say(Attribute::CompanyType, RawValue::new([said(F::CompanyType)]));
    let address = joined(said(F::AddressLine1), said(F::AddressLine2));
    say(
        Attribute::CompanyLocation,
        RawValue::new([
            said(F::CompanyLocation).or(if with_person { None } else { said(F::Location) }),
            said(F::CompanyAddress).or(address.as_deref()),
            said(F::CompanyCity).or(said(F::City)),
            said(F::CompanyState).or(said(F::State)),
            said(F::CompanyPostalCode).or(said(F::PostalCode)),
            said(F::CompanyCountry).or(said(F::Country)),
        ]),
    );
    say(Attribute::Industry, RawValue::new([said(F::Industry)]));
    say(Attribute::Funding, RawValue::new([said(F::Funding), unit(F::Funding, F::FundingUnit)]));
    say(Attribute::Revenue, RawValue::new([said(F::Revenue), unit(F::Revenue, F::RevenueUnit)]));
    say(Attribute::Description, RawValue::new([said(F::Description)]));
    let own = |field: Field| if with_person { None } else { said(field) };
    let page = company_page(said);
    let (phone, mobile_phone) = (said(F::CompanyPhone).or(own(F::Phone)), own(F::MobilePhone));
    say(
        Attribute::CompanyContact,
        RawValue::new([
            said(F::CompanyWebsite).or(said(F::CompanyDomain)),
            page,
            phone,
            mobile_phone,
            phone.or(mobile_phone).and(said(F::CompanyCountry).or(said(F::Country))),
        ]),
    );
}

fn observe_person<'a>(
    said: &impl Fn(Field) -> Option<&'a str>,
    email: Option<&'a str>,
    profile: Option<&'a str>,
    works_for: [Option<&'a str>; 4],
    say: &mut impl FnMut(Attribute, RawValue),
) {
    use Field as F;
    let name = [F::Salutation, F::FirstName, F::MiddleName, F::LastName, F::FullName];
    say(Attribute::PersonName, RawValue::new(name.map(said)));
    let job = [F::JobTitle, F::JobTitleLevel, F::Department, F::JobTitleLink];
    say(Attribute::JobTitle, RawValue::new(job.map(said)));
    let address = joined(said(F::AddressLine1), said(F::AddressLine2));
    say(
        Attribute::PersonLocation,
        RawValue::new([
            said(F::PersonLocation).or(said(F::Location)),
            said(F::PersonAddress).or(address.as_deref()),
            said(F::PersonCity).or(said(F::City)),
            said(F::PersonState).or(said(F::State)),
            said(F::PersonPostalCode).or(said(F::PostalCode)),
            said(F::PersonCountry).or(said(F::Country)),
        ]),
    );
    say(Attribute::PersonCompany, RawValue::new(works_for));
    let (phone, mobile_phone) = (said(F::Phone), said(F::MobilePhone));
    let country = phone.or(mobile_phone).and(said(F::PersonCountry).or(said(F::Country)));
    say(Attribute::PersonContact, RawValue::new([email, profile, phone, mobile_phone, country]));
}

/// The least and the greatest number of employees, given in two columns, as one range in the usual spelling.
fn employee_bounds<'a>(least: Option<&'a str>, greatest: Option<&'a str>) -> Option<Cow<'a, str>> {
    match (least.map(str::trim), greatest.map(str::trim)) {
        (Some(least), Some(greatest)) if least == greatest => Some(Cow::Borrowed(least)),
        (Some(least), Some(greatest)) => Some(Cow::Owned(format!("{least}-{greatest}"))),
        (Some(least), None) => Some(Cow::Owned(format!("{least}+"))),
        (None, Some(greatest)) => Some(Cow::Owned(format!("up to {greatest}"))),
        (None, None) => None,
    }
}

/// Two address lines as one, exactly as given but for the blank between them.
fn joined<'a>(first: Option<&'a str>, second: Option<&'a str>) -> Option<Cow<'a, str>> {
    match (first, second) {
        (Some(first), Some(second)) => Some(Cow::Owned(format!("{first} {second}"))),
        (one, other) => one.or(other).map(Cow::Borrowed),
    }
}

fn no_key<'a>(said: &impl Fn(Field) -> Option<&'a str>, email_reason: Option<&'static str>) -> NoKey {
    match (said(Field::Email), email_reason) {
        (Some(text), Some(reason)) => NoKey {
            field: Some(Field::Email),
            cause: format!(
                "{text:?} is not an e-mail address ({reason}) and nothing else identifies a person or company"
            ),
        },
        (Some(text), None) => NoKey {
            field: Some(Field::Email),
            cause: format!(
                "{text:?} is a role or shared mailbox and nothing else identifies a person or company"
            ),
        },
        (None, _) => {
            let field = [Field::CompanyDomain, Field::CompanyWebsite]
                .into_iter()
                .find(|&field| said(field).is_some());
            let cause = match field.and_then(said) {
                Some(text) => {
                    format!(
                        "{text:?} names no company, and there is no e-mail, LinkedIn page or company name"
                    )
                }
                None => "no e-mail, website, domain, LinkedIn page or company name".to_owned(),
            };
            NoKey { field, cause }
        }
    }
}
