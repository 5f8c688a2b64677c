//! JSON whose numbers keep every digit, in one spelling: what `jsonb` of PostgreSQL keeps, so that both databases hold the same. Of a
//! key that stands twice the last counts, and 1.50, 1.5 and 15e-1 are one number.

use super::number;
use serde_json::value::RawValue;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    /// In the one spelling of [`number::canonical`].
    Number(Box<str>),
    Text(Box<str>),
    List(Vec<Json>),
    Object(BTreeMap<Box<str>, Json>),
}

impl Json {
    /// Reads a text; says what is wrong with it.
    pub(crate) fn parse(text: &str) -> Result<Json, String> {
        parse_within(text, DEEPEST)
    }

    /// Reads what we wrote: who gave a value, and which ones lost, stands around that value.
    pub(crate) fn parse_stored(text: &str) -> Result<Json, String> {
        parse_within(text, DEEPEST + AROUND)
    }

    /// The value under a key; nothing where there is none, or null.
    pub(crate) fn get(&self, key: &str) -> Option<&Json> {
        match self {
            Json::Object(entries) => entries.get(key).filter(|value| **value != Json::Null),
            _ => None,
        }
    }

    pub(crate) fn as_text(&self) -> Option<&str> {
        match self {
            Json::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The same for everybody; a number of more digits than a float has loses those.
    pub(crate) fn to_value(&self) -> serde_json::Value {
        serde_json::from_str(&self.to_string()).unwrap_or_default()
    }

    /// What kind of value it is, for people.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Json::Null => "null",
            Json::Bool(_) => "true or false",
            Json::Number(_) => "a number",
            Json::Text(_) => "text",
            Json::List(_) => "a list",
            Json::Object(_) => "an object",
        }
    }
}

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        Json::Text(text.into())
    }
}

/// Values within values that are taken: each level is read once more.
const DEEPEST: u32 = 64;
/// Levels that we put around what came, at most.
const AROUND: u32 = 16;

fn parse_within(text: &str, deepest: u32) -> Result<Json, String> {
    // Reads it whole, and so finds what is wrong.
    let raw: &RawValue = serde_json::from_str(text).map_err(|error| error.to_string())?;
    of_raw(raw, deepest)
}

impl Ord for Json {
    /// Values of one kind by what they are, numbers as numbers.
    fn cmp(&self, other: &Self) -> Ordering {
        let kind = |json: &Json| match json {
            Json::Null => 0,
            Json::Bool(_) => 1,
            Json::Number(_) => 2,
            Json::Text(_) => 3,
            Json::List(_) => 4,
            Json::Object(_) => 5,
        };
        match (self, other) {
            (Json::Bool(one), Json::Bool(other)) => one.cmp(other),
            (Json::Number(one), Json::Number(other)) => number::compare(one, other),
            (Json::Text(one), Json::Text(other)) => one.cmp(other),
            (Json::List(one), Json::List(other)) => one.cmp(other),
            (Json::Object(one), Json::Object(other)) => one.cmp(other),
            _ => kind(self).cmp(&kind(other)),
        }
    }
}

impl PartialOrd for Json {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

fn of_raw(raw: &RawValue, deepest: u32) -> Result<Json, String> {
    let Some(deeper) = deepest.checked_sub(1) else {
        return Err(format!("values are nested more than {DEEPEST} deep"));
    };
    let text = raw.get().trim();
    // serde_json has found that it is JSON, so the first byte says what it is.
    Ok(match text.as_bytes().first() {
        Some(b'{') => {
            let entries: BTreeMap<String, &RawValue> =
                serde_json::from_str(text).map_err(|error| error.to_string())?;
            let entries = entries.into_iter().map(|(key, value)| Ok((checked(key)?, of_raw(value, deeper)?)));
            Json::Object(entries.collect::<Result<_, String>>()?)
        }
        Some(b'[') => {
            let elements: Vec<&RawValue> = serde_json::from_str(text).map_err(|error| error.to_string())?;
            Json::List(elements.into_iter().map(|element| of_raw(element, deeper)).collect::<Result<_, _>>()?)
        }
        Some(b'"') => {
            let text: String = serde_json::from_str(text).map_err(|error| error.to_string())?;
            Json::Text(checked(text)?)
        }
        Some(b't') => Json::Bool(true),
        Some(b'f') => Json::Bool(false),
        Some(b'n') => Json::Null,
        _ => Json::Number(number::canonical(text)?),
    })
}

/// PostgreSQL keeps no NUL in text.
fn checked(text: String) -> Result<Box<str>, String> {
    match text.contains('\0') {
        true => Err("a text holds a NUL character, which PostgreSQL cannot keep".to_owned()),
        false => Ok(text.into()),
    }
}

/// The one text of a value: keys in byte order, no blanks.
impl fmt::Display for Json {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let quoted = |text: &str| serde_json::Value::from(text).to_string();
        match self {
            Json::Null => out.write_str("null"),
            Json::Bool(value) => write!(out, "{value}"),
            Json::Number(digits) => out.write_str(digits),
            Json::Text(text) => out.write_str(&quoted(text)),
            Json::List(elements) => {
                for (index, element) in elements.iter().enumerate() {
                    write!(out, "{}{element}", if index == 0 { "[" } else { "," })?;
                }
                out.write_str(if elements.is_empty() { "[]" } else { "]" })
            }
            Json::Object(entries) => {
                for (index, (key, value)) in entries.iter().enumerate() {
                    write!(out, "{}{}:{value}", if index == 0 { "{" } else { "," }, quoted(key))?;
                }
                out.write_str(if entries.is_empty() { "{}" } else { "}" })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_has_one_text() {
        let given =
            r#" {"b": [1.50, 15e-1, -0, 1e3], "a": {"z": null, "": "é\n"}, "b2": true, "a": {"é": 0.10}} "#;
        let value = Json::parse(given).unwrap();
        let text = value.to_string();
        assert_eq!(text, r#"{"a":{"é":0.1},"b":[1.5,1.5,0,1000],"b2":true}"#, "the last of two keys counts");
        assert_eq!(Json::parse(&text).unwrap(), value);
        assert_eq!(Json::parse("[[],{}]").unwrap().to_string(), "[[],{}]");
    }

    #[test]
    fn values_are_ordered_as_what_they_are() {
        let sorted =
            ["null", "false", "-10", "-9.5", "9", "10", "1e2", "\"10\"", "\"9\"", "[9]", "[10]", "[10, 0]"];
        let sorted = sorted.map(|text| Json::parse(text).unwrap());
        assert!(sorted.is_sorted_by(|a, b| a < b), "{sorted:?}");
        let object = |headcount: u32| Json::parse(&format!("{{\"headcount\": {headcount}}}")).unwrap();
        assert!(object(90) < object(120) && sorted[sorted.len() - 1] < object(1));
    }

    #[test]
    fn what_postgresql_cannot_keep_is_refused() {
        for text in ["", "{", "[1,]", "\"\\u0000\"", "{\"a\\u0000\": 1}", "1e999999", "\"\\ud800\"", "01"] {
            assert!(Json::parse(text).is_err(), "{text}");
        }
        assert!(Json::parse("1e308").is_err() && Json::parse("1e307").unwrap().to_value().is_number());
        assert!(Json::parse(&("[".repeat(500) + &"]".repeat(500))).is_err(), "too deep");
    }
}
