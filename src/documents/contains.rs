//! Whether one JSON value contains another, as `@>` of PostgreSQL says (its documentation, 8.14.3, and `JsonbDeepContains` of its
//! source): SQLite has no such operator.

use super::json::Json;
use firmograph_core::{Error, ErrorKind};

/// Whether `document` contains `part`: an object has the other's keys with values that contain the other's values, a list has for each
/// element of the other one that is equal or contains it, and a list contains a value that is among its elements.
///
/// ```
/// use firmograph::documents::json_contains;
/// let rounds = r#"{"rounds": [{"type": "seed", "amount": 2.50e6}, {"type": "series_a", "investors": ["Brook", "Mills"]}]}"#;
/// assert!(json_contains(rounds, r#"{"rounds": [{"amount": 2500000}]}"#)?);
/// assert!(json_contains(rounds, r#"{"rounds": [{"investors": ["Mills"]}]}"#)?);
/// assert!(!json_contains(rounds, r#"{"rounds": [{"type": "seed", "investors": ["Mills"]}]}"#)?);
/// # Ok::<(), firmograph::Error>(())
/// ```
///
/// # Errors
/// `not-json` (usage) for what is no JSON that both databases can keep.
pub fn json_contains(document: &str, part: &str) -> Result<bool, Error> {
    Ok(contains(&parsed(document)?, &parsed(part)?))
}

/// Reads what somebody asks for.
pub(crate) fn parsed(text: &str) -> Result<Json, Error> {
    Json::parse(text).map_err(|why| {
        let message = format!("{:?} is not JSON: {why}", text.chars().take(60).collect::<String>());
        Error::new(ErrorKind::Usage, "not-json", message)
            .with_help("such as '{\"rounds\": [{\"type\": \"seed\"}]}'")
    })
}

pub(crate) fn contains(document: &Json, part: &Json) -> bool {
    match (document, part) {
        // At the top alone a list contains a bare value.
        (Json::List(elements), scalar) if !is_container(scalar) => elements.contains(scalar),
        _ => contains_deep(document, part),
    }
}

fn contains_deep(document: &Json, part: &Json) -> bool {
    match (document, part) {
        (Json::Object(has), Json::Object(wanted)) => {
            wanted.iter().all(|(key, wanted)| has.get(key).is_some_and(|value| contains_deep(value, wanted)))
        }
        (Json::List(has), Json::List(wanted)) => wanted.iter().all(|wanted| match is_container(wanted) {
            true => has.iter().any(|value| is_container(value) && contains_deep(value, wanted)),
            false => has.contains(wanted),
        }),
        (document, part) => !is_container(document) && document == part,
    }
}

fn is_container(value: &Json) -> bool {
    matches!(value, Json::List(_) | Json::Object(_))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_the_manual_hold() {
        for (document, part, wanted) in [
            (r#""foo""#, r#""foo""#, true),
            ("[1, 2, 3]", "[1, 3]", true),
            ("[1, 2, 3]", "[3, 1]", true),
            ("[1, 2, 3]", "[1, 2, 2]", true),
            (r#"{"product": "PostgreSQL", "version": 9.4, "jsonb": true}"#, r#"{"version": 9.4}"#, true),
            ("[1, 2, [1, 3]]", "[1, 3]", false),
            ("[1, 2, [1, 3]]", "[[1, 3]]", true),
            (r#"{"foo": {"bar": "baz"}}"#, r#"{"bar": "baz"}"#, false),
            (r#"{"foo": {"bar": "baz"}}"#, r#"{"foo": {}}"#, true),
            (r#"["foo", "bar"]"#, r#""bar""#, true),
            (r#""bar""#, r#"["bar"]"#, false),
            (r#"{"a": [1]}"#, r#"{"a": 1}"#, false),
            ("[[1, 2]]", "1", false),
            ("[]", "{}", false),
            ("null", "null", true),
        ] {
            assert_eq!(json_contains(document, part).unwrap(), wanted, "{document} @> {part}");
        }
        assert_eq!(json_contains("{}", "{").unwrap_err().code(), "not-json");
    }
}
