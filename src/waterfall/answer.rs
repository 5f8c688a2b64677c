//! Answers as payloads of a source, which are read again as any other is.

use super::about::identity;
use super::provider::{AnswerRecord, ProviderAnswer, Subject};
use super::{Waterfall, WaterfallStep};
use crate::pipeline::{PipelineOptions, observe};
use crate::reader::Identity;
use firmograph_core::{EntityKind, Error, Field, PayloadId, Position, Reject, RejectCode, Source, Timestamp};
use firmograph_sources::{Extractor, Item, Mapping, Record};
use serde_json::{Map, Value, json};

/// The longest answer that is taken, in bytes: as of a file, unless somebody says otherwise.
const LONGEST: usize = 1024 * 1024;

/// An answer on its way into the database.
pub(super) struct Taken {
    pub(super) item: Item,
    /// The payload, where it speaks of somebody.
    pub(super) payload: Option<PayloadId>,
    /// Of whom it speaks, where that is somebody else than was asked about.
    pub(super) speaks_of: Option<Box<str>>,
    /// Why it was not taken.
    pub(super) refused: Option<String>,
}

/// How the answers of a source are read: those of fields first, then the waterfall's own mappings.
pub(super) fn mappings(waterfall: &Waterfall) -> Result<Vec<Mapping>, Error> {
    let mut text = String::from(
        "name = \"waterfall_answer\"\nignore = [\"waterfall\"]\nrecognise = false\n[when]\n\
         has = [\"waterfall.about\"]\n[fields]\n",
    );
    for field in Field::ALL {
        // Whom it is about comes first: an answer cannot speak of somebody else by another key.
        text.push_str(&format!("{field} = [\"subject.{field}\", \"fields.{field}\"]\n"));
    }
    let mut all = vec![Mapping::parse(&text)?];
    all.extend(waterfall.mappings.iter().cloned());
    Ok(all)
}

/// Whether a payload is an answer whose values the provider checked.
pub(super) fn is_verified(payload: &str) -> bool {
    let Ok(Value::Object(payload)) = serde_json::from_str(payload) else { return false };
    payload.get("waterfall").and_then(|about| about.get("verified")) == Some(&Value::Bool(true))
}

/// The text of the payload: always the same for the same answer.
fn payload(
    answer: &ProviderAnswer,
    step: &WaterfallStep,
    subject: &Subject,
    pipeline: &PipelineOptions,
) -> Option<String> {
    match answer.record.as_ref()? {
        AnswerRecord::Json(text) => Some(text.clone()),
        AnswerRecord::Fields(given) => {
            let mut fields = Map::new();
            for (field, text) in given {
                // The first of several counts, as in a file.
                fields.entry(field.name()).or_insert_with(|| Value::from(text.as_str()));
            }
            let mut about = json!({
                "about": subject.key, "kind": subject.kind.name(), "provider": step.provider, "operation": step.operation,
            });
            if answer.verified {
                about["verified"] = Value::Bool(true);
            }
            let identity = identity(subject, given, pipeline).unwrap_or_default().into_iter();
            let identity: Map<String, Value> =
                identity.map(|(field, text)| (field.name().to_owned(), Value::from(text))).collect();
            Some(json!({ "waterfall": about, "subject": identity, "fields": fields }).to_string())
        }
    }
}

/// Reads an answer as it will be read again. `None` where it says nothing.
pub(super) fn take(
    answer: &ProviderAnswer,
    step: &WaterfallStep,
    subject: &Subject,
    extractor: &mut Extractor,
    pipeline: &PipelineOptions,
    now: Timestamp,
) -> Option<Taken> {
    let payload = payload(answer, step, subject, pipeline)?;
    let position = Position { record: 0, line: 0 };
    let refused = |code, cause: String, original: &str| {
        let reject = Reject {
            code,
            position,
            column: None,
            cause: cause.clone(),
            original: original.as_bytes().to_vec(),
        };
        Some(Taken { item: Item::Reject(reject), payload: None, speaks_of: None, refused: Some(cause) })
    };
    if payload.len() > LONGEST {
        let cause = format!("the answer has {} bytes, and {LONGEST} are taken", payload.len());
        return refused(RejectCode::RecordTooLong, cause, &payload);
    }
    let mut sets = match extractor.extract(&payload) {
        Ok(sets) => sets.into_iter(),
        Err(error) => return refused(RejectCode::BadJson, error.to_string(), &payload),
    };
    let Some(fields) = sets.next() else {
        return refused(RejectCode::BadJson, "the answer holds no record".to_owned(), &payload);
    };
    let record = Record { position, payload: payload.into(), fields, also: sets.collect() };
    let identity = Identity { source: pipeline.source.clone(), header: None, observed_at: Some(now) };
    let identified = match identity.identified(record) {
        Ok(identified) => identified,
        Err(reject) => {
            let refused = Some(reject.cause.clone());
            return Some(Taken { item: Item::Reject(reject), payload: None, speaks_of: None, refused });
        }
    };
    let record = identified.record;
    let (mut others, mut is_subject, mut cause) = (Vec::new(), false, None);
    for fields in std::iter::once(&record.fields).chain(&record.also) {
        match observe(fields, identified.id, identified.observed_at, pipeline, &mut |_| {}) {
            Ok(keys) => {
                let key = match subject.kind {
                    EntityKind::Company => keys.company,
                    EntityKind::Person => keys.person,
                };
                is_subject |= key.as_deref() == Some(subject.key.as_str());
                others.extend(key);
            }
            Err(no_key) => cause = Some(no_key.cause),
        }
    }
    let speaks_of = if is_subject { None } else { others.into_iter().next() };
    let has_key = is_subject || speaks_of.is_some();
    let refused = if has_key { None } else { cause.or_else(|| Some("it speaks of nobody".to_owned())) };
    let payload = has_key.then_some(identified.id);
    Some(Taken { item: Item::Record(record), payload, speaks_of, refused })
}

/// The item as the n-th of its run.
pub(super) fn numbered(item: Item, number: u64) -> Item {
    let position = Position { record: number, line: number };
    match item {
        Item::Record(record) => Item::Record(Record { position, ..record }),
        Item::Reject(reject) => Item::Reject(Reject { position, ..reject }),
        Item::Blank(_) => Item::Blank(position),
    }
}

/// The source of a provider's answers.
pub(super) fn source(provider: &str) -> Result<Source, Error> {
    Source::new(provider)
}
