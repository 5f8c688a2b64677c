use crate::text;

/// An unlisted name as it is given, or in title case where it has no case of its own.
pub(super) fn display(raw: &str) -> String {
    let tidied = text::tidy(raw);
    let edge = |c: char| c.is_ascii() && !c.is_ascii_alphanumeric() || c.is_whitespace() || text::is_dash(c);
    let trimmed = tidied.trim_start_matches(edge).trim_end_matches(|c: char| c != '.' && edge(c));
    let mixed = trimmed.chars().any(char::is_lowercase) && trimmed.chars().any(char::is_uppercase);
    if mixed || trimmed.chars().all(|c| !c.is_lowercase() && !c.is_uppercase()) {
        return trimmed.to_owned();
    }
    let mut name = String::with_capacity(trimmed.len());
    for (at, word) in trimmed.split_inclusive([' ', '-']).enumerate() {
        let lower = word.to_lowercase();
        let bare = lower.trim_end_matches([' ', '-']);
        if at > 0 && SMALL.contains(&bare) {
            name.push_str(&lower);
        } else {
            capitalise(&mut name, &lower);
        }
    }
    if unicode_normalization::is_nfc(&name) { name } else { text::tidy(&name).into_owned() }
}

/// Words that stay small inside a name.
const SMALL: [&str; 19] = [
    "of", "the", "and", "de", "da", "do", "dos", "del", "der", "di", "du", "des", "la", "le", "les", "am",
    "an", "sur", "upon",
];

fn capitalise(name: &mut String, lower: &str) {
    let start = if lower.starts_with("mc") && lower.len() > 5 { 2 } else { 0 };
    let mut up = true;
    for (at, c) in lower.char_indices() {
        if up || (start > 0 && at == start) {
            name.extend(c.to_uppercase());
        } else {
            name.push(c);
        }
        // O'Fallon, but not St. John'S.
        up = at < 2 && matches!(c, '\'' | '’');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_without_case_get_one() {
        for (given, wanted) in [
            ("LITTLE WIDGETON", "Little Widgeton"),
            ("o'brien creek", "O'Brien Creek"),
            ("ST. JOHN'S GREEN", "St. John's Green"),
            ("ISLE OF WIDGETS", "Isle of Widgets"),
            ("MCWIDGETON", "McWidgeton"),
            ("DeWidget", "DeWidget"),
        ] {
            assert_eq!(display(given), wanted);
            assert_eq!(display(wanted), wanted);
        }
    }
}
