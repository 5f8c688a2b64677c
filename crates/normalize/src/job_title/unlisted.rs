//! Words that no list has: known by their ending, by their last part, or as a slip of the finger in a rank word.

use super::compound;
use super::table::{Entry, Role, fields, lookup, spellings};
use ahash::AHashMap;
use std::sync::LazyLock;

pub(crate) const SUFFIX_DATA: &str = include_str!("../../data/title_suffixes.csv");

/// A word that ends so is of this role, unless the table knows it.
#[derive(Debug, Clone)]
pub(super) struct Suffix {
    pub(super) text: String,
    pub(super) role: Role,
    pub(super) level: u8,
    /// Of a language that writes compounds as one word: what stands before it can name the function.
    compounds: bool,
}

impl Suffix {
    /// Letters that must stand before it. A long word is itself the head of a compound; a short ending needs a stem.
    fn before(&self) -> usize {
        if self.compounds && self.text.len() >= 6 { 2 } else { 4 }
    }
}

/// Suffixes by their last three bytes, longest first.
static SUFFIXES: LazyLock<AHashMap<[u8; 3], Vec<Suffix>>> = LazyLock::new(|| {
    let mut suffixes: AHashMap<[u8; 3], Vec<Suffix>> = AHashMap::new();
    for line in SUFFIX_DATA.lines().skip(1) {
        let mut cells = fields(line);
        let (Some(word), Some(role), Some(level)) = (cells.next(), cells.next(), cells.next()) else {
            continue;
        };
        let compounds = cells.next() != Some("en");
        for text in spellings(word) {
            let Some(&last) = text.as_bytes().last_chunk() else { continue };
            let suffix =
                Suffix { text, role: Role::parse(role), level: level.parse().unwrap_or_default(), compounds };
            suffixes.entry(last).or_default().push(suffix);
        }
    }
    for bucket in suffixes.values_mut() {
        bucket.sort_by_key(|suffix| std::cmp::Reverse(suffix.text.len()));
    }
    suffixes
});

/// Rank words long enough that one wrong letter cannot make another word of them, by first letter.
static NEAR: LazyLock<AHashMap<u8, Vec<&'static str>>> = LazyLock::new(|| {
    let mut near: AHashMap<u8, Vec<&'static str>> = AHashMap::new();
    for word in [
        "president",
        "chairman",
        "director",
        "manager",
        "executive",
        "supervisor",
        "associate",
        "assistant",
        "officer",
        "founder",
        "cofounder",
        "partner",
        "principal",
        "engineer",
        "developer",
        "specialist",
        "consultant",
        "coordinator",
        "administrator",
        "representative",
        "accountant",
        "technician",
        "analyst",
        "designer",
        "architect",
        "trainee",
        "senior",
        "managing",
        "operations",
        "marketing",
        "engineering",
    ] {
        near.entry(word.as_bytes()[0]).or_default().push(word);
    }
    near
});

/// The row of a word that the table does not have, by its ending; the function is that of the words it is made of.
pub(super) fn by_suffix(word: &str) -> Option<Entry> {
    let suffix = suffix_of(word)?;
    let left = word.len() - suffix.text.len();
    let made = match compound::of_last_part(&word[..left]) {
        _ if !suffix.compounds => 0,
        0 => compound::of_first_part(word),
        last => last,
    };
    let base = lookup(&suffix.text).unwrap_or_default();
    // A "Lohnbuchhalterin" keeps books; a "Vertriebsingenieur" sells.
    let made = if base.strong { 0 } else { made };
    Some(Entry {
        role: suffix.role,
        level: suffix.level,
        function: if made == 0 { base.function } else { made },
        strong: made != 0 || base.strong,
        longest: 1,
        ..Entry::default()
    })
}

/// The row of a long word that the table does not have, by the function that its last part names: "Zentraleinkauf".
pub(super) fn by_last_part(word: &str) -> Option<Entry> {
    let function = if word.len() < 9 { 0 } else { compound::of_last_part(word) };
    (function != 0).then(|| Entry { role: Role::Function, function, longest: 1, ..Entry::default() })
}

pub(super) fn suffix_of(word: &str) -> Option<&'static Suffix> {
    let bucket = SUFFIXES.get(word.as_bytes().last_chunk::<3>()?)?;
    // Four letters before the ending: "biologist" is a word, "Christ" is a name.
    bucket.iter().find(|suffix| {
        word.len() >= suffix.text.len() + suffix.before() && word.ends_with(suffix.text.as_str())
    })
}

/// The row of the rank word that `word` misspells.
pub(super) fn by_typo(word: &str) -> Option<Entry> {
    if word.len() < 6 || !word.is_ascii() {
        return None;
    }
    let bucket = NEAR.get(word.as_bytes().first()?)?;
    bucket.iter().find(|known| is_typo(word.as_bytes(), known.as_bytes())).and_then(|known| lookup(known))
}

/// Equal but for one slip, or for two in a long word that begins and ends alike; a plural or another form of the word is no typo.
fn is_typo(given: &[u8], known: &[u8]) -> bool {
    if given.len() > known.len() && given.starts_with(known) {
        return given.len() == known.len() + 1 && given.last() == known.last();
    }
    let long = given.len() >= 9 && known.len() >= 9 && given.last() == known.last();
    // One slip leaves one end of the word as it is.
    let alike = given[..2] == known[..2] || given[given.len() - 3..] == known[known.len() - 3..];
    alike && given.len().abs_diff(known.len()) <= 2 && within(given, known, if long { 2 } else { 1 })
}

/// Whether so many letters changed, added, left out or swapped with the next make one word of the other.
fn within(given: &[u8], known: &[u8], edits: usize) -> bool {
    let head = given.iter().zip(known).take_while(|(a, b)| a == b).count();
    let (given, known) = (&given[head..], &known[head..]);
    let ([a, given_rest @ ..], [b, known_rest @ ..]) = (given, known) else {
        return given.len().max(known.len()) <= edits;
    };
    let Some(edits) = edits.checked_sub(1) else { return false };
    let swapped = given_rest.first() == Some(b) && known_rest.first() == Some(a);
    within(given_rest, known_rest, edits)
        || within(given_rest, known, edits)
        || within(given, known_rest, edits)
        || swapped && within(&given_rest[1..], &known_rest[1..], edits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_a_typo_and_another_form_is_not() {
        for (given, known) in [
            ("presedent", "president"),
            ("manger", "manager"),
            ("direcotr", "director"),
            ("diretor", "director"),
            ("presedant", "president"),
            ("asistannt", "assistant"),
            ("managerr", "manager"),
            ("cordinattor", "coordinator"),
        ] {
            assert!(is_typo(given.as_bytes(), known.as_bytes()), "{given}");
        }
        for (given, known) in [
            ("managers", "manager"),
            ("dictator", "director"),
            ("resident", "prezident"),
            ("consultancy", "consultant"),
            ("representation", "representative"),
        ] {
            assert!(!is_typo(given.as_bytes(), known.as_bytes()), "{given}");
        }
    }
}
