//! Checks that the fields of a document hold what their kind says.

use super::envelope::Fault;
use super::json::Json;
use super::kinds::{DocumentField, Shape};
use super::number;
use crate::reader::parse_time;
use firmograph_core::RejectCode;
use firmograph_normalize::is_placeholder;

/// Checks an object: its listed fields have their shapes, and those that must say something do.
pub(crate) fn check_fields(object: &Json, fields: &[DocumentField], at: &str) -> Result<(), Fault> {
    let Json::Object(entries) = object else {
        return Err(wrong(at, "an object", object));
    };
    if entries.values().all(|value| *value == Json::Null) {
        return Err(Fault::new(RejectCode::BadDocument, at, "it says nothing"));
    }
    for field in fields {
        let at = pointer(at, field.name);
        let value = object.get(field.name);
        // That a list is empty is something to say.
        let is_blank = value.is_none_or(|value| value.as_text().is_some() && !says_something(value));
        if field.required && is_blank {
            let what = if value.is_some() { "says nothing" } else { "is missing" };
            return Err(Fault::new(RejectCode::BadDocument, at, format!("`{}` {what}", field.name)));
        }
        if let Some(value) = value {
            check(value, &field.shape, &at)?;
        }
    }
    Ok(())
}

/// Whether it says anything: null, blanks, placeholders such as `N/A` and what has nothing else in it do not.
pub(crate) fn says_something(value: &Json) -> bool {
    match value {
        Json::Null => false,
        Json::Bool(_) | Json::Number(_) => true,
        Json::Text(text) => !text.trim().is_empty() && !is_placeholder(text),
        Json::List(elements) => elements.iter().any(says_something),
        Json::Object(entries) => entries.values().any(says_something),
    }
}

/// A key behind a JSON pointer.
pub(crate) fn pointer(at: &str, key: &str) -> String {
    format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"))
}

fn check(value: &Json, shape: &Shape, at: &str) -> Result<(), Fault> {
    let (fits, wanted) = match shape {
        Shape::Text => (value.as_text().is_some(), "text"),
        Shape::Flag => (matches!(value, Json::Bool(_)), "true or false"),
        Shape::Number => (matches!(value, Json::Number(_)), "a number"),
        Shape::Count => {
            let is_count = |digits: &str| !digits.starts_with('-') && number::is_whole(digits);
            (is_number(value, is_count), "a whole number, not negative")
        }
        Shape::Share => {
            let is_share = |digits: &str| !digits.starts_with('-') && number::compare(digits, "1").is_le();
            (is_number(value, is_share), "a number from 0 to 1")
        }
        Shape::Amount => {
            (is_number(value, |digits| !digits.starts_with('-')), "an amount: a number, not negative")
        }
        Shape::Currency => {
            let is_code = |text: &str| text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase());
            (value.as_text().is_some_and(is_code), "a currency such as USD")
        }
        Shape::Date => (value.as_text().is_some_and(is_date), "a date such as 2021-05-03, 2021-05 or 2021"),
        Shape::Texts => match value {
            Json::List(elements) => {
                for (index, element) in elements.iter().enumerate() {
                    if element.as_text().is_none() {
                        return Err(wrong(&format!("{at}/{index}"), "text", element));
                    }
                }
                (true, "")
            }
            _ => (false, "a list of texts"),
        },
        Shape::Object(fields) => return check_fields(value, fields, at),
        Shape::List { fields, .. } => match value {
            Json::List(elements) => {
                for (index, element) in elements.iter().enumerate() {
                    check_fields(element, fields, &format!("{at}/{index}"))?;
                }
                (true, "")
            }
            _ => (false, "a list of objects"),
        },
    };
    if fits { Ok(()) } else { Err(wrong(at, wanted, value)) }
}

fn is_number(value: &Json, fits: impl Fn(&str) -> bool) -> bool {
    matches!(value, Json::Number(digits) if fits(digits))
}

/// A year, a month or a day of the calendar, or an instant.
fn is_date(text: &str) -> bool {
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    match text.len() {
        4 => is_digits(text) && parse_time(&format!("{text}-01-01")).is_some(),
        7 => parse_time(&format!("{text}-01")).is_some(),
        _ => parse_time(text).is_some(),
    }
}

fn wrong(at: &str, wanted: &str, value: &Json) -> Fault {
    let shown: String = value.to_string().chars().take(60).collect();
    Fault::new(
        RejectCode::BadDocument,
        at,
        format!("this should be {wanted}, and is {}: {shown}", value.kind()),
    )
}
