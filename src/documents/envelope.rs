//! The envelope in which a document comes: what kind it is, about whom, who says it, when, and how sure it is. What is wrong with one
//! is told by a stable code and the JSON pointer (RFC 6901) of the value at fault.

use super::json::Json;
use super::kinds::DocumentKind;
use super::number;
use super::shape::{check_fields, pointer};
use crate::pipeline::{PipelineOptions, company_key};
use crate::reader::parse_time;
use firmograph_core::{
    EntityKind, RejectCode, Source, Timestamp, company_key_of_linkedin, person_key_of_email,
    person_key_of_linkedin,
};
use firmograph_normalize::{LinkedinKind, canonical_linkedin_url, normalize_email};

/// How sure a source is, in ten-thousandths: one scale for all, and the same number on every machine.
pub(crate) type Confidence = u16;

/// The longest key, in bytes: an index of PostgreSQL holds no entry of more than 2,704.
const LONGEST_KEY: usize = 1_024;

/// What is surely so.
pub(crate) const CERTAIN: Confidence = 10_000;

/// A document, and what its envelope says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Envelope {
    pub(crate) kind: &'static DocumentKind,
    pub(crate) entity: EntityKind,
    pub(crate) about: About,
    pub(crate) source: Option<Source>,
    pub(crate) observed_at: Option<Timestamp>,
    pub(crate) confidence: Option<Confidence>,
    pub(crate) model: Option<Box<str>>,
    pub(crate) document: Json,
}

/// Who is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum About {
    /// The company or person with this key.
    Key(Box<str>),
    /// The one whose golden row has this id.
    Id(Box<str>),
}

/// What is wrong with a document, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) code: RejectCode,
    /// A JSON pointer; empty for the whole.
    pub(crate) pointer: String,
    pub(crate) cause: String,
}

impl Fault {
    pub(crate) fn new(code: RejectCode, pointer: impl Into<String>, cause: impl Into<String>) -> Self {
        Fault { code, pointer: pointer.into(), cause: cause.into() }
    }
}

/// Reads and checks one document in its envelope.
pub(crate) fn read(text: &str) -> Result<Envelope, Fault> {
    let json = Json::parse(text).map_err(|why| Fault::new(RejectCode::BadEnvelope, "", why))?;
    read_json(&json)
}

/// The same, of what is read already.
pub(crate) fn read_json(json: &Json) -> Result<Envelope, Fault> {
    if !matches!(json, Json::Object(_)) {
        let cause = format!("an envelope is an object, and this is {}", json.kind());
        return Err(Fault::new(RejectCode::BadEnvelope, "", cause));
    }
    let name = text(json, "kind")?.ok_or_else(|| missing("kind"))?;
    let kind = DocumentKind::from_name(name).ok_or_else(|| {
        Fault::new(RejectCode::UnknownKind, "/kind", format!("{name:?} is no kind of document"))
    })?;
    let entity = entity(json, kind)?;
    let observed_at = match text(json, "observed_at")? {
        None => None,
        Some(text) => Some(parse_time(text).ok_or_else(|| {
            Fault::new(RejectCode::BadDate, "/observed_at", format!("{text:?} is not a date"))
        })?),
    };
    // Both databases keep microseconds.
    let observed_at = observed_at.and_then(|at| Timestamp::from_microsecond(at.as_microsecond()).ok());
    let source = match text(json, "source")? {
        None => None,
        Some(name) => {
            let refused = |cause: String| Fault::new(RejectCode::BadEnvelope, "/source", cause);
            let source = Source::new(name).map_err(|error| refused(error.to_string()))?;
            if source.is_pin() {
                return Err(refused("`pin` is the source of pins, which files cannot set".to_owned()));
            }
            Some(source)
        }
    };
    let confidence = confidence(json)?;
    let model = text(json, "model")?.map(Box::from);
    if kind.is_analysis {
        let required = [
            ("model", model.is_some()),
            ("confidence", confidence.is_some()),
            ("observed_at", observed_at.is_some()),
        ];
        if let Some((name, _)) = required.into_iter().find(|(_, is_said)| !is_said) {
            return Err(missing(name));
        }
    }
    let about = about(json, entity)?;
    let document = json.get("document").ok_or_else(|| missing("document"))?;
    check_fields(document, kind.fields, "/document")?;
    let document = document.clone();
    Ok(Envelope { kind, entity, about, source, observed_at, confidence, model, document })
}

fn missing(name: &str) -> Fault {
    Fault::new(RejectCode::BadEnvelope, format!("/{name}"), format!("`{name}` is missing"))
}

/// A text of the envelope; blank is none.
fn text<'j>(json: &'j Json, name: &str) -> Result<Option<&'j str>, Fault> {
    match json.get(name) {
        None => Ok(None),
        Some(Json::Text(text)) => Ok(Some(text.trim()).filter(|text| !text.is_empty())),
        Some(other) => {
            let cause = format!("`{name}` is text, and this is {}", other.kind());
            Err(Fault::new(RejectCode::BadEnvelope, pointer("", name), cause))
        }
    }
}

fn entity(json: &Json, kind: &DocumentKind) -> Result<EntityKind, Fault> {
    let fault = |cause: String| Fault::new(RejectCode::BadEnvelope, "/entity", cause);
    let entity = match (text(json, "entity")?, kind.entities) {
        (Some("company"), _) => EntityKind::Company,
        (Some("person"), _) => EntityKind::Person,
        (Some(other), _) => return Err(fault(format!("{other:?} is neither `company` nor `person`"))),
        (None, [only]) => *only,
        (None, _) => {
            return Err(fault(format!("a {} may be of a company or a person: say which", kind.name)));
        }
    };
    if !kind.entities.contains(&entity) {
        return Err(fault(format!("{} is not about a {}", kind.name, entity.name())));
    }
    Ok(entity)
}

/// Reads a confidence: from 0 to 1, or of a hundred where `confidence_scale` says 100. Half of a ten-thousandth counts as one.
fn confidence(json: &Json) -> Result<Option<Confidence>, Fault> {
    let fault = |name: &str, cause: String| Fault::new(RejectCode::BadConfidence, pointer("", name), cause);
    let power = match json.get("confidence_scale") {
        None => 4,
        Some(Json::Number(scale)) if &**scale == "1" => 4,
        Some(Json::Number(scale)) if &**scale == "100" => 2,
        Some(other) => {
            return Err(fault("confidence_scale", format!("a scale is 1 or 100, and this is {other}")));
        }
    };
    let digits = match json.get("confidence") {
        None => return Ok(None),
        Some(Json::Number(digits)) => digits,
        Some(other) => {
            return Err(fault(
                "confidence",
                format!("a confidence is a number, and this is {}", other.kind()),
            ));
        }
    };
    let most = if power == 4 { "1" } else { "100" };
    if digits.starts_with('-') || number::compare(digits, most).is_gt() {
        let help = if power == 4 { "; of a hundred only where `confidence_scale` is 100" } else { "" };
        return Err(fault("confidence", format!("{digits:.40} is not from 0 to {most}{help}")));
    }
    let scaled = number::scaled(digits, power).and_then(|number| Confidence::try_from(number).ok());
    Ok(scaled.filter(|number| *number <= CERTAIN))
}

/// Whom the envelope names: by key, domain, e-mail or id, the first of them that is there.
fn about(json: &Json, entity: EntityKind) -> Result<About, Fault> {
    let no_key = |name: &str, cause: String| Fault::new(RejectCode::NoKey, pointer("", name), cause);
    for name in ["key", "domain", "email"] {
        let Some(given) = text(json, name)? else { continue };
        let key = match (entity, name) {
            (EntityKind::Person, "domain") => continue,
            (EntityKind::Company, _) => company(given, name == "key"),
            (EntityKind::Person, _) => person(given, name == "key"),
        };
        let what = entity.name();
        let key = key.map_err(|why| {
            let given: String = given.chars().take(200).collect();
            no_key(name, format!("{given:?} names no {what} ({why})"))
        })?;
        if key.len() > LONGEST_KEY {
            let cause = format!("this names a {what} by {} bytes, and {LONGEST_KEY} are taken", key.len());
            return Err(no_key(name, cause));
        }
        return Ok(About::Key(key));
    }
    match text(json, "id")? {
        Some(id) => Ok(About::Id(id.into())),
        None => {
            let names = match entity {
                EntityKind::Company => "key, domain, email or id",
                EntityKind::Person => "key, email or id",
            };
            Err(no_key("key", format!("nobody is named: give {names}")))
        }
    }
}

fn company(text: &str, is_key: bool) -> Result<Box<str>, &'static str> {
    if is_key && text.starts_with("name:") {
        return Ok(text.into());
    }
    if is_key
        && let Some(page) = canonical_linkedin_url(text).ok()
        && page.value.kind == LinkedinKind::Company
    {
        return Ok(company_key_of_linkedin(&page.value.url));
    }
    // Who says it has no part in what a domain is.
    let key = company_key(text, &PipelineOptions::new(Source::legacy()));
    let reason = key.reason();
    key.ok().map(|matched| matched.value).ok_or(reason.unwrap_or("unknown"))
}

fn person(text: &str, is_key: bool) -> Result<Box<str>, &'static str> {
    if is_key && text.starts_with("name:") {
        return Ok(text.into());
    }
    if is_key
        && let Some(page) = canonical_linkedin_url(text).ok()
        && page.value.kind == LinkedinKind::Person
    {
        return Ok(person_key_of_linkedin(&page.value.url));
    }
    let email = normalize_email(text);
    match email.value() {
        Some(address) if address.is_role => Err("role_mailbox"),
        Some(address) => Ok(person_key_of_email(&address.key)),
        None => Err(email.reason().unwrap_or("no_email")),
    }
}

#[cfg(test)]
#[path = "envelope_tests.rs"]
mod tests;
