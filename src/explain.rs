//! Why golden records are so, as JSON.

use crate::Entity;
use crate::export::{golden_json, scalar_json};
use firmograph_core::{Attribute, Coalesced, Dimension, LossReason, Policy, Support, Timestamp, WinReason};
use serde_json::{Map, Value, json};

/// Why each attribute is what it is, of one attribute or of all that anybody speaks of: the winner and each loser with raw and
/// standard value, evidence, payload and times, and a sentence that says why it won or lost.
#[must_use]
pub fn explain_json(entity: &Entity, only: Option<Attribute>) -> Vec<Value> {
    let wanted = entity.coalesced.iter().filter(|(attribute, _)| only.is_none_or(|only| only == *attribute));
    wanted.map(|(attribute, result)| explained(entity, *attribute, result)).collect()
}

/// A golden record with who won each attribute.
#[must_use]
pub fn entity_json(entity: &Entity) -> Map<String, Value> {
    let mut object = golden_json(entity.kind, &entity.golden);
    let provenance = entity.coalesced.iter().map(|(attribute, result)| {
        let winner = &entity.dimensions[result.winner];
        let rule = winner.matched().map(|value| value.evidence.rule.to_string());
        let value =
            json!({ "source": winner.source().as_str(), "rule": rule, "sources": result.losers.len() + 1 });
        (attribute.spec().name.to_owned(), value)
    });
    object.insert("provenance".to_owned(), Value::Object(provenance.collect()));
    object
}

fn explained(entity: &Entity, attribute: Attribute, result: &Coalesced) -> Value {
    let winner = &entity.dimensions[result.winner];
    let losers = result.losers.iter().map(|loss| {
        let row = &entity.dimensions[loss.index];
        let mut loser = said_json(entity, row);
        loser.insert("lost_because".to_owned(), json!(loss.reason));
        loser.insert("why".to_owned(), json!(why_lost(loss.reason, winner, row)));
        Value::Object(loser)
    });
    json!({
        "key": entity.golden.key,
        "attribute": attribute.spec().name,
        "winner": said_json(entity, winner),
        "won_because": match result.reason {
            WinReason::Policy(policy) => json!(policy),
            other => json!(other),
        },
        "why": why_won(result.reason),
        "losers": losers.collect::<Vec<_>>(),
    })
}

fn said_json(entity: &Entity, row: &Dimension) -> Map<String, Value> {
    let attribute = row.attribute();
    let mut object = Map::new();
    object.insert("source".to_owned(), json!(row.source().as_str()));
    object.insert("raw".to_owned(), parts_json(attribute, row.first()));
    let matched = row.matched().map(|value| {
        let columns = attribute.spec().matched.iter().zip(&value.columns);
        let mut object: Map<_, _> =
            columns.map(|((name, _), scalar)| ((*name).to_owned(), scalar_json(scalar))).collect();
        object.insert("evidence".to_owned(), json!(value.evidence));
        object
    });
    object.insert("matched".to_owned(), json!(matched));
    object.insert("payload".to_owned(), json!(row.first().payload.to_string()));
    object.insert("payloads".to_owned(), json!(row.first().payloads));
    object.insert("observed_at".to_owned(), json!(row.first().observed_at));
    let origin = entity.origins.get(&row.first().payload);
    object.insert("stored_at".to_owned(), json!(origin.and_then(|origin| origin.stored_at)));
    object.insert("file".to_owned(), json!(origin.and_then(|origin| origin.path.as_ref())));
    let line = origin.filter(|origin| origin.path.is_some()).map(|origin| origin.line);
    object.insert("line".to_owned(), json!(line));
    let others = row.others().iter().map(|support| {
        json!({
            "raw": parts_json(attribute, support),
            "payloads": support.payloads,
            "observed_at": support.observed_at,
            "payload": support.payload.to_string(),
        })
    });
    object.insert("also_said".to_owned(), others.collect());
    let payload = row.first().payload.to_string();
    if let Some(pin) = entity.pins.iter().find(|pin| pin.payload == payload) {
        let pin = json!({
            "author": pin.author, "reason": pin.reason, "expires_at": pin.expires_at, "set_at": pin.set_at, "run": pin.run,
        });
        object.insert("pin".to_owned(), pin);
    }
    object
}

fn parts_json(attribute: Attribute, support: &Support) -> Value {
    let parts = attribute.spec().parts.iter().enumerate();
    let said = parts.filter_map(|(index, part)| Some(((*part).to_owned(), json!(support.raw.part(index)?))));
    Value::Object(said.collect())
}

fn why_won(reason: WinReason) -> &'static str {
    match reason {
        WinReason::Pinned => "it is pinned, and a pin outranks every source",
        WinReason::OnlySource => "no other source says anything",
        WinReason::Policy(Policy::ByPriority) => "the source believed first wins",
        WinReason::Policy(Policy::MostComplete) => "the source that fills most parts wins",
        WinReason::Policy(Policy::Longest) => "the longest text wins",
        WinReason::Policy(Policy::MostRecent) => "what was observed last wins",
        WinReason::Policy(Policy::First) => "what was observed first wins",
        _ => "it is the best by the policy of the attribute",
    }
}

fn why_lost(reason: LossReason, winner: &Dimension, loser: &Dimension) -> String {
    let (source, other) = (winner.source(), loser.source());
    let length = |row: &Dimension| row.raw().part(0).map_or(0, |text| text.chars().count());
    let seen = |row: &Dimension| day(row.first().observed_at);
    match reason {
        LossReason::Pinned => "a pin outranks every source".to_owned(),
        LossReason::Unmatched => format!("it has no standard value, and that of {source} has one"),
        LossReason::LowerPriority => format!("{source} is believed before {other}"),
        LossReason::LessComplete => {
            format!("it fills {} parts, {source} fills {}", loser.raw().filled(), winner.raw().filled())
        }
        LossReason::Shorter => {
            format!("its text has {} characters, that of {source} has {}", length(loser), length(winner))
        }
        LossReason::Older | LossReason::Newer => {
            format!("it was observed {}, that of {source} {}", seen(loser), seen(winner))
        }
        LossReason::SourceName => {
            format!("they are equal in everything else, and {source} comes before {other} by name")
        }
        _ => format!("{source} is better by the policy of the attribute"),
    }
}

fn day(time: Option<Timestamp>) -> String {
    time.map_or_else(|| "at a time not known".to_owned(), |time| format!("on {time}"))
}
