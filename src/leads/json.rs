//! Lead documents as JSON values: plain, whatever wrote them.

use crate::reader::parse_time;
use firmograph_core::Timestamp;
use firmograph_normalize::is_placeholder;
use serde_json::{Map, Number, Value};

/// Reads a document; what the extended JSON of MongoDB wraps is unwrapped.
pub(crate) fn parse(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok().map(plain)
}

/// The value without the wrappings of extended JSON.
pub(crate) fn plain(value: Value) -> Value {
    match value {
        Value::Array(elements) => elements.into_iter().map(plain).collect(),
        Value::Object(mut entries) => {
            let wrapped = match entries.keys().next() {
                Some(key) if entries.len() == 1 && key.starts_with('$') => key.clone(),
                _ => {
                    return Value::Object(
                        entries.into_iter().map(|(key, value)| (key, plain(value))).collect(),
                    );
                }
            };
            let inner = plain(entries.remove(&wrapped).unwrap_or_default());
            match (wrapped.as_str(), &inner) {
                ("$oid", Value::String(_)) => inner,
                ("$date", Value::String(_)) => inner,
                ("$date", Value::Number(number)) => instant(number).unwrap_or(inner),
                ("$numberInt" | "$numberLong" | "$numberDouble" | "$numberDecimal", Value::String(text)) => {
                    text.parse::<Number>().map_or(inner, Value::Number)
                }
                _ => Value::Object(Map::from_iter([(wrapped, inner)])),
            }
        }
        other => other,
    }
}

fn instant(milliseconds: &Number) -> Option<Value> {
    Some(Timestamp::from_millisecond(milliseconds.as_i64()?).ok()?.to_string().into())
}

/// The value at a path of keys; null where there is none.
pub(crate) fn at<'v>(value: &'v Value, path: &str) -> &'v Value {
    path.split('.').try_fold(value, |value, key| value.get(key)).unwrap_or(&Value::Null)
}

/// The text, where it says something: blank, `Unknown` and other placeholders do not.
pub(crate) fn said(value: &Value) -> Option<&str> {
    value.as_str().map(str::trim).filter(|text| !text.is_empty() && !is_placeholder(text))
}

/// A scalar as text.
pub(crate) fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Whether there is anything but blanks, placeholders, zeros, `false` and `Low`, which is what stands there when nothing is known.
pub(crate) fn says_something(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::Bool(true) => true,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(_) => said(value).is_some_and(|text| text != "Low"),
        Value::Array(elements) => elements.iter().any(says_something),
        Value::Object(entries) => entries.values().any(says_something),
    }
}

/// One text for all spellings of a value: keys in order, whole numbers without a point.
pub(crate) fn canonical(value: &Value) -> String {
    let mut text = String::new();
    write_canonical(value, &mut text);
    text
}

fn write_canonical(value: &Value, out: &mut String) {
    match value {
        Value::Array(elements) => {
            out.push('[');
            for (index, element) in elements.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_canonical(element, out);
            }
            out.push(']');
        }
        Value::Object(entries) => {
            let mut entries: Vec<_> = entries.iter().collect();
            entries.sort_by_key(|(key, _)| *key);
            out.push('{');
            for (index, (key, value)) in entries.into_iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                out.push_str(&Value::from(key.as_str()).to_string());
                out.push(':');
                write_canonical(value, out);
            }
            out.push('}');
        }
        Value::Number(number) => match number.as_f64().map(number_text) {
            Some(text) if !number.is_i64() && !number.is_u64() => out.push_str(&text),
            _ => out.push_str(&number.to_string()),
        },
        other => out.push_str(&other.to_string()),
    }
}

/// A number as people write it: `92`, `87.5`.
pub(crate) fn number_text(number: f64) -> String {
    format!("{number}")
}

/// An instant to the microsecond, which is what both databases keep.
pub(crate) fn time(value: &Value) -> Option<Timestamp> {
    let instant = parse_time(value.as_str()?)?;
    Timestamp::from_microsecond(instant.as_microsecond()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn extended_and_plain_json_are_one() {
        let extended = r#"{"_id": {"$oid": "65a0"}, "n": {"$numberInt": "92"}, "d": {"$numberDouble": "92.0"},
                           "at": {"$date": {"$numberLong": "1766048400000"}}, "keep": {"$x": 1}}"#;
        let value = parse(extended).unwrap();
        let plain = json!({"at": "2025-12-18T09:00:00Z", "d": 92, "n": 92, "keep": {"$x": 1}, "_id": "65a0"});
        assert_eq!(canonical(&value), canonical(&plain));
    }

    #[test]
    fn what_an_agent_writes_for_want_of_knowledge_says_nothing() {
        assert!(!says_something(
            &json!({"a": "", "b": 0, "c": [], "d": {"e": "Unknown", "f": "Low"}, "g": false})
        ));
        assert!(says_something(&json!({"d": {"e": "High"}})));
        assert_eq!((said(&json!(" unknown ")), said(&json!(" Ada "))), (None, Some("Ada")));
    }
}
