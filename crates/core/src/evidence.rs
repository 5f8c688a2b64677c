use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// Byte range `[start, end)` of the raw text that decided a match.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span(
    /// First byte.
    pub u32,
    /// One past the last byte.
    pub u32,
);

impl Span {
    /// The whole of `text`.
    #[must_use]
    pub fn all(text: &str) -> Self {
        Span(0, text.len() as u32)
    }
}

/// How a match was made: the rule, the reference table with its version, the span that decided, and how sure it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// Name of the rule, snake case.
    pub rule: Cow<'static, str>,
    /// `table@version` of the reference data that was consulted.
    pub reference: Cow<'static, str>,
    /// What part of the raw text decided.
    pub span: Span,
    /// 0 to 1, in steps of 0.01.
    pub confidence: f64,
}

impl Evidence {
    /// Evidence with `percent` confidence (0 to 100; more is held to 100).
    #[must_use]
    pub fn new(rule: &'static str, reference: &'static str, span: Span, percent: u8) -> Self {
        Evidence {
            rule: Cow::Borrowed(rule),
            reference: Cow::Borrowed(reference),
            span,
            confidence: f64::from(percent.min(100)) / 100.0,
        }
    }
}

/// A standard value with its evidence.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Matched<T> {
    /// The standard value and what was read beside it.
    #[serde(flatten)]
    pub value: T,
    /// How it was found.
    #[serde(flatten)]
    pub evidence: Evidence,
}

/// Why a raw value has no standard value. Data, not an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Unmatched {
    /// Stable snake_case reason: `blank`, `placeholder`, `not_recognised`, `other_currency`, ...
    #[serde(rename = "unmatched")]
    pub reason: &'static str,
}

/// What a normaliser says about one raw value. Normalisers never fail and never guess.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Outcome<T> {
    /// A standard value, with evidence.
    Matched(Matched<T>),
    /// No standard value, with the reason.
    Unmatched(Unmatched),
}

impl<T> Outcome<T> {
    /// A match.
    #[must_use]
    pub fn matched(value: T, evidence: Evidence) -> Self {
        Outcome::Matched(Matched { value, evidence })
    }

    /// No match, because of `reason`.
    #[must_use]
    pub fn unmatched(reason: &'static str) -> Self {
        Outcome::Unmatched(Unmatched { reason })
    }

    /// The match, if there is one.
    #[must_use]
    pub fn ok(self) -> Option<Matched<T>> {
        match self {
            Outcome::Matched(matched) => Some(matched),
            Outcome::Unmatched(_) => None,
        }
    }

    /// The standard value, if there is one.
    #[must_use]
    pub fn value(&self) -> Option<&T> {
        match self {
            Outcome::Matched(matched) => Some(&matched.value),
            Outcome::Unmatched(_) => None,
        }
    }

    /// The reason for no match, if there is none.
    #[must_use]
    pub fn reason(&self) -> Option<&'static str> {
        match self {
            Outcome::Matched(_) => None,
            Outcome::Unmatched(unmatched) => Some(unmatched.reason),
        }
    }

    /// Maps the standard value and keeps the evidence.
    #[must_use]
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Outcome<U> {
        match self {
            Outcome::Matched(Matched { value, evidence }) => Outcome::matched(change(value), evidence),
            Outcome::Unmatched(unmatched) => Outcome::Unmatched(unmatched),
        }
    }
}
