//! What differs between two states of a database, as flips tell it.

use super::Rows;
use firmograph::Flip;
use serde_json::Value;

pub(super) type Flat = (String, &'static str, String, Option<String>, Option<String>);

pub(super) fn flat(flip: &Flip) -> Flat {
    let Flip { entity, key, column, before, after } = flip.clone();
    (key, entity, column.to_owned(), before, after)
}

/// Every golden value that differs, as flips tell it.
pub(super) fn differing(before: &Rows, after: &Rows) -> Vec<Flat> {
    let shown = |value: &Value| match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    };
    let mut all = Vec::new();
    let mut tell = |place: &(&'static str, String), column: &str, old: &Value, new: &Value| {
        all.push((place.1.clone(), place.0, column.to_owned(), shown(old), shown(new)));
    };
    for (place, row) in before {
        match after.get(place) {
            None => tell(place, "id", &row["id"], &Value::Null),
            Some(other) => {
                for (column, old) in row.iter().filter(|(column, _)| *column != "provenance") {
                    if *old != other[column] {
                        tell(place, column, old, &other[column]);
                    }
                }
            }
        }
    }
    for (place, row) in after.iter().filter(|(place, _)| !before.contains_key(*place)) {
        tell(place, "id", &Value::Null, &row["id"]);
    }
    all.sort();
    all
}

/// Lines of one text that the other does not have.
pub(super) fn lines_that_differ(a: &str, b: &str) -> String {
    let only = |a: &str, b: &str, mark: &str| -> String {
        let lines = a.lines().filter(|line| !b.lines().any(|other| other == *line));
        lines.map(|line| format!("{mark} {line}\n")).collect()
    };
    only(a, b, "-") + &only(b, a, "+")
}
