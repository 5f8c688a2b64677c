//! Text that every database keeps: PostgreSQL takes no NUL. Text with one is written with two characters for it, and read as it
//! was; all other text is written as it is, so that other programs read it.

use serde_json::Value;

/// Begins what stands for another character: one for private use, which text hardly has. It stands for itself as `ESCAPE 1`.
const ESCAPE: char = '\u{f8fe}';

pub(super) fn escaped(text: &str) -> String {
    if !text.contains(['\0', ESCAPE]) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len() + 8);
    for letter in text.chars() {
        match letter {
            '\0' => out.extend([ESCAPE, '0']),
            ESCAPE => out.extend([ESCAPE, '1']),
            other => out.push(other),
        }
    }
    out
}

pub(super) fn unescaped(text: String) -> String {
    if !text.contains(ESCAPE) {
        return text;
    }
    text.replace(&format!("{ESCAPE}0"), "\0").replace(&format!("{ESCAPE}1"), &ESCAPE.to_string())
}

/// Every text and key in it, written or read.
pub(super) fn in_json(value: Value, each: &impl Fn(String) -> String) -> Value {
    match value {
        Value::String(text) => Value::String(each(text)),
        Value::Array(items) => items.into_iter().map(|item| in_json(item, each)).collect(),
        Value::Object(items) => {
            items.into_iter().map(|(name, item)| (each(name), in_json(item, each))).collect()
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn text_comes_back_as_it_was(text in "[a\\x00\u{f8fe}01]*") {
            let stored = escaped(&text);
            prop_assert!(!stored.contains('\0'));
            prop_assert_eq!(unescaped(stored), text);
        }
    }
}
