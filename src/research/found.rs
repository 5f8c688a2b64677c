//! What was found, and how it is stored.

use super::key::ResearchKey;
use super::text::{escaped, in_json, unescaped};
use firmograph_core::{Error, MicroDollars, Timestamp};
use firmograph_store::ResearchRow;
use serde_json::Value;
use std::fmt;
use std::time::Duration;
use ulid::Ulid;

/// What a question found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Found {
    /// The answer.
    pub content: String,
    /// Where it stands.
    pub sources: Vec<String>,
    /// What was read in it.
    pub extracted: Option<Value>,
    /// How sure it is, 0 to 1.
    pub confidence: Option<f64>,
    /// Tokens of a language model.
    pub tokens: Option<i64>,
    /// What it cost; where a budget pays, what was settled counts.
    pub cost: MicroDollars,
}

impl Found {
    /// A text without anything beside it.
    #[must_use]
    pub fn text(content: &str) -> Self {
        Found { content: content.to_owned(), ..Found::default() }
    }
}

/// Where an answer comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ResearchOrigin {
    /// It was stored, or somebody else asked at the same time.
    Cache,
    /// It was asked now.
    Computed,
    /// It was stored and its time is over, but the budget pays for no other.
    Stale,
}

/// The answer to a question.
#[derive(Debug)]
pub struct Research {
    /// What was found; `None` where nothing was.
    pub found: Option<Found>,
    /// Where the answer comes from.
    pub origin: ResearchOrigin,
    /// How long ago it was asked.
    pub age: Duration,
    /// What asking cost, whenever it was.
    pub cost: MicroDollars,
    /// What it would have cost to ask again; nothing where it was asked now.
    pub saved: MicroDollars,
    /// Until when it counts.
    pub expires_at: Option<Timestamp>,
    /// Why an answer that was asked now could not be stored: it will be asked again, but for those of this process who waited
    /// for it.
    pub not_stored: Option<Error>,
    /// Why a call that was paid is not in the books: its reservation holds the money until its time is over.
    pub not_booked: Option<Error>,
}

impl Research {
    /// Whether nothing was found, now or when it was asked.
    #[must_use]
    pub fn is_miss(&self) -> bool {
        self.found.is_none()
    }

    /// A stored row as an answer.
    pub(super) fn stored(row: ResearchRow, origin: ResearchOrigin, now: Timestamp) -> Self {
        let cost = row.cost.unwrap_or_default();
        let age = Duration::try_from(now.duration_since(row.updated_at)).unwrap_or_default();
        let expires_at = row.expires_at;
        Research {
            found: read(row, cost),
            origin,
            age,
            cost,
            saved: cost,
            expires_at,
            not_stored: None,
            not_booked: None,
        }
    }
}

/// An answer that was asked just now, for those of this process who waited for it: it may be stored nowhere.
#[derive(Debug)]
pub(super) struct Given {
    found: Option<Found>,
    pub(super) cost: MicroDollars,
    expires_at: Option<Timestamp>,
    /// When it was given.
    pub(super) at: Timestamp,
}

impl Given {
    pub(super) fn of(research: &Research, at: Timestamp) -> Self {
        let Research { found, cost, expires_at, .. } = research;
        Given { found: found.clone(), cost: *cost, expires_at: *expires_at, at }
    }

    pub(super) fn again(&self, now: Timestamp) -> Research {
        Research {
            found: self.found.clone(),
            origin: ResearchOrigin::Cache,
            age: Duration::try_from(now.duration_since(self.at)).unwrap_or_default(),
            cost: self.cost,
            saved: self.cost,
            expires_at: self.expires_at,
            not_stored: None,
            not_booked: None,
        }
    }
}

/// Why a question has no answer.
#[derive(Debug)]
pub enum ResearchError<E> {
    /// The cache could not be asked, so nobody was.
    Cache(Error),
    /// The budget has no room, or could not be asked.
    NotReserved(crate::NotReserved),
    /// Asking failed.
    Failed(E),
}

impl<E> From<Error> for ResearchError<E> {
    fn from(error: Error) -> Self {
        ResearchError::Cache(error)
    }
}

impl<E: fmt::Display> fmt::Display for ResearchError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ResearchError::Cache(error) => error.fmt(f),
            ResearchError::NotReserved(not) => not.fmt(f),
            ResearchError::Failed(error) => error.fmt(f),
        }
    }
}

impl<E: std::error::Error + 'static> std::error::Error for ResearchError<E> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            ResearchError::Cache(error) => Some(error),
            ResearchError::NotReserved(not) => Some(not),
            ResearchError::Failed(error) => Some(error),
        }
    }
}

fn read(row: ResearchRow, cost: MicroDollars) -> Option<Found> {
    if row.is_miss {
        return None;
    }
    let json = |text: Option<String>| {
        let value = text.and_then(|text| serde_json::from_str::<Value>(&text).ok());
        value.map(|value| in_json(value, &unescaped))
    };
    let sources = match json(row.sources) {
        Some(Value::Array(sources)) => {
            sources.into_iter().filter_map(|source| source.as_str().map(str::to_owned)).collect()
        }
        _ => Vec::new(),
    };
    Some(Found {
        content: row.content.map(unescaped).unwrap_or_default(),
        sources,
        extracted: json(row.extracted),
        confidence: row.confidence,
        tokens: row.tokens,
        cost,
    })
}

/// When a question was asked and answered, and until when the answer counts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Times {
    pub(super) began: Timestamp,
    pub(super) now: Timestamp,
    pub(super) expires_at: Option<Timestamp>,
}

/// What was found as a row, over that of an earlier answer.
pub(super) fn row(
    key: &ResearchKey,
    hash: &str,
    found: Option<&Found>,
    cost: MicroDollars,
    times: Times,
    before: Option<&ResearchRow>,
) -> ResearchRow {
    let Times { began, now, expires_at } = times;
    let [workspace, entity_type, entity_id, research_type] = key.columns();
    let content = found.map(|found| escaped(&found.content));
    let json = |value: Value| in_json(value, &|text| escaped(&text)).to_string();
    let sources = found.filter(|found| !found.sources.is_empty());
    let sources = sources.map(|found| json(Value::from(found.sources.clone())));
    let extracted = found.and_then(|found| found.extracted.clone()).map(json);
    let size = [&content, &sources, &extracted].into_iter().flatten().map(String::len).sum::<usize>();
    ResearchRow {
        id: before.map_or_else(|| Ulid::from_datetime(now.into()).to_string(), |row| row.id.clone()),
        key: Some(hash.to_owned()),
        workspace,
        entity_type,
        entity_id,
        research_type,
        model: key.model.as_deref().map(escaped),
        content,
        sources,
        extracted,
        confidence: found.and_then(|found| found.confidence).filter(|sure| sure.is_finite()),
        tokens: found.and_then(|found| found.tokens),
        milliseconds: i64::try_from(now.duration_since(began).as_millis()).ok(),
        cost: Some(cost),
        created_at: before.map_or(now, |row| row.created_at),
        updated_at: now,
        expires_at,
        is_miss: found.is_none(),
        hits: 0,
        saved: MicroDollars::ZERO,
        last_hit_at: None,
        size: i64::try_from(size).unwrap_or(i64::MAX),
    }
}
