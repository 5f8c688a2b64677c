//! The key that spellings of one industry share.

use crate::text;
use std::borrow::Cow;

/// Longest key; the longest row of the tables is shorter.
const LONGEST: usize = 128;

/// Words of a text, folded, singular and without `and`, written together: `E-Learning`, `elearning` and `E learning` are one key, and so
/// are `Hospital & Health Care`, `HOSPITAL_HEALTH_CARE` and `Hospitals and Healthcare`.
pub(crate) struct Key {
    bytes: [u8; LONGEST],
    length: usize,
}

impl Key {
    /// The key of `text`; nothing where it is longer than any key of a table.
    pub(crate) fn of(text: &str) -> Option<Key> {
        if text.is_ascii() { Key::of_ascii(text.as_bytes()) } else { Key::of_ascii(plain(text).as_bytes()) }
    }

    /// Bytes above ASCII count as letters.
    fn of_ascii(text: &[u8]) -> Option<Key> {
        let mut key = Key { bytes: [0; LONGEST], length: 0 };
        let mut start = 0;
        for &c in text {
            if c.is_ascii_alphanumeric() || c >= 0x80 {
                *key.bytes.get_mut(key.length)? = c.to_ascii_lowercase();
                key.length += 1;
            } else if c != b'\'' {
                key.length = start + kept(&mut key.bytes[start..key.length]);
                start = key.length;
            }
        }
        key.length = start + kept(&mut key.bytes[start..key.length]);
        Some(key)
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

/// The words of `text` as they stand in its key.
pub(super) fn words(text: &str) -> Vec<String> {
    let plain = if text.is_ascii() { Cow::Borrowed(text) } else { plain(text) };
    plain
        .split(|c: char| c.is_ascii() && !c.is_ascii_alphanumeric() && c != '\'')
        .filter_map(|word| {
            let mut bytes = word.replace('\'', "").to_ascii_lowercase().into_bytes();
            let length = kept(&mut bytes);
            bytes.truncate(length);
            String::from_utf8(bytes).ok().filter(|word| !word.is_empty())
        })
        .collect()
}

/// Folded, with a blank for each character above ASCII that is no letter or digit.
fn plain(text: &str) -> Cow<'_, str> {
    let folded = text::fold_accents(text);
    if folded.chars().all(|c| c.is_ascii() || c.is_alphanumeric()) {
        return folded;
    }
    Cow::Owned(folded.chars().map(|c| if c.is_ascii() || c.is_alphanumeric() { c } else { ' ' }).collect())
}

/// Length of what is kept of a word in lower case, which may be changed at its end.
fn kept(word: &mut [u8]) -> usize {
    match &*word {
        b"and" | b"the" | b"und" | b"et" | b"y" => return 0,
        // `Securities` are not `Security`, and `News` is not `New`.
        b"securities" | b"news" => return word.len(),
        _ => {}
    }
    let mut length = word.len();
    if length > 3 && word[length - 1] == b's' && word[length - 2] != b's' {
        let es = [&b"ches"[..], b"shes", b"sses", b"xes"].iter().any(|end| word.ends_with(end));
        length -= if es { 2 } else { 1 };
    }
    // `Industries` and `industry`, `movies` and `movie`.
    if length > 3 && word[..length].ends_with(b"ie") {
        word[length - 2] = b'y';
        length -= 1;
    }
    length
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key(text: &str) -> String {
        String::from_utf8(Key::of(text).unwrap().as_bytes().to_vec()).unwrap()
    }

    #[test]
    fn spellings_share_a_key() {
        for (a, b) in [
            ("Hospital & Health Care", "HOSPITAL_HEALTH_CARE"),
            ("Hospitals and Healthcare", "hospital health care"),
            ("E-Learning", "elearning"),
            ("Museums, Historical Sites, and Zoos", "museum historical site/zoo"),
            ("Women's Handbag", "womens handbags"),
            ("Gesundheit\u{a0}und Wellness", "gesundheit & wellness"),
            ("Breweries", "Brewery"),
        ] {
            assert_eq!(key(a), key(b));
        }
        assert_ne!(key("Securities"), key("Security"));
        assert_eq!(key("--"), "");
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn words_make_the_key(text in "[A-Za-zé日' &,/-]{0,40}") {
            prop_assert_eq!(words(&text).concat(), key(&text));
        }
    }
}
