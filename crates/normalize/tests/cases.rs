//! Runs every file of `tests/cases` that has a kind's name. Python runs the same files.

use firmograph_normalize::{Kind, normalize_in};
use serde_json::Value;

/// The column that says of which country the record is, where a kind asks for it.
const COUNTRY: &str = "record_country";

fn shown(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(shown).collect::<Vec<_>>().join(";"),
        other => other.to_string(),
    }
}

#[test]
fn case_files_hold() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/cases");
    let (mut failures, mut files) = (Vec::new(), 0);
    for &kind in Kind::ALL {
        // Titles have a test of their own beside their grammar.
        if kind == Kind::JobTitle {
            continue;
        }
        let path = format!("{folder}/{}.csv", kind.name());
        let mut reader = csv::Reader::from_path(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
        let columns = reader.headers().unwrap().clone();
        files += 1;
        for (number, row) in reader.records().enumerate() {
            let row = row.unwrap();
            let country = columns.iter().position(|name| name == COUNTRY).map(|place| &row[place]);
            let found = normalize_in(kind, &row[0], country);
            let expected_match = !row[1].is_empty();
            for (place, column) in
                columns.iter().enumerate().skip(1).filter(|(_, name)| ![COUNTRY, "note"].contains(name))
            {
                let got = shown(found.get(column).unwrap_or(&Value::Null));
                if (expected_match || place == 1) && got != row[place] {
                    let (line, input, wanted) = (number + 2, &row[0], &row[place]);
                    failures.push(format!(
                        "{}.csv:{line} {input:?}: {column} is {got:?}, wanted {wanted:?} ({found})",
                        kind.name()
                    ));
                }
            }
        }
    }
    assert_eq!(files, Kind::ALL.len() - 1);
    assert!(failures.is_empty(), "{} failures\n{}", failures.len(), failures.join("\n"));
}
