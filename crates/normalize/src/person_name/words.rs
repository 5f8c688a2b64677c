//! What is known of single words. The tables were written for this project from general knowledge, 2026.

use ahash::AHashMap;
use std::sync::LazyLock;

use crate::text;

pub(crate) const PREFIX_DATA: &str = include_str!("../../data/name_prefixes.csv");
pub(crate) const SUFFIX_DATA: &str = include_str!("../../data/name_suffixes.csv");
pub(crate) const CREDENTIAL_DATA: &str = include_str!("../../data/name_credentials.csv");
pub(crate) const PARTICLE_DATA: &str = include_str!("../../data/name_particles.csv");
pub(crate) const SURNAME_DATA: &str = include_str!("../../data/name_surnames.csv");
pub(crate) const REFUSAL_DATA: &str = include_str!("../../data/name_refusals.csv");

/// Roles that one word can have. A word has several: `Sr.` is a Spanish gentleman before a name, a father behind it.
#[derive(Debug, Default)]
pub(super) struct Entry {
    pub prefix: Option<(&'static str, When)>,
    pub suffix: Option<(&'static str, When)>,
    pub credential: Option<(&'static str, When)>,
    pub particle: Option<When>,
    pub surname: Option<When>,
    pub refusal: Option<When>,
}

/// The condition of a role, as the tables write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    /// Always.
    Any,
    /// A prefix that needs its dot: `Gen.` and the name Gen.
    Dot,
    /// A prefix behind another one only: `Dr. med.`
    Behind,
    /// A suffix behind two words or more.
    Third,
    /// A credential that is a name too: `MA`.
    LikeName,
    /// A particle that begins a family name even where there is nothing before it.
    Leads,
    /// A particle only where it is written in small letters in a text of both cases.
    Lower,
    /// A particle that keeps its capital.
    Kept,
    /// A word that belongs to the family name behind it: `St`, `Ó`.
    Head,
    /// A conjunction between two family names.
    Joins,
    /// A family name of Spain, Portugal and the countries of their languages, where people have two.
    Iberian,
    /// A family name of Vietnam, where it stands first.
    Vietnamese,
    /// A name that has a capital behind `Mac`.
    Mac,
    /// A word that is in no person's name.
    Never,
    /// A word that is no person's name alone or with others of the kind.
    Alone,
    /// Several words that stand for no name.
    Whole,
}

/// The entry of a word in any case, with or without its dots.
pub(super) fn entry(word: &str) -> Option<&'static Entry> {
    const LONGEST: usize = 24;
    if word.is_ascii() {
        let mut key = [0_u8; LONGEST];
        let mut length = 0;
        for c in word.bytes().filter(|c| *c != b'.') {
            *key.get_mut(length)? = c.to_ascii_lowercase();
            length += 1;
        }
        return WORDS.get(std::str::from_utf8(&key[..length]).ok()?);
    }
    if word.len() > 2 * LONGEST {
        return None;
    }
    // Composed letters of one small form each, as names are written with: no need of the general folding.
    let mut folded = String::with_capacity(word.len() + 2);
    for c in word.chars().filter(|c| *c != '.') {
        folded.extend(if c == '’' { '\''.to_lowercase() } else { c.to_lowercase() });
    }
    if let Some(found) = WORDS.get(folded.as_str()) {
        return Some(found);
    }
    if folded.chars().all(|c| c.is_ascii() || ('\u{400}'..'\u{1e00}').contains(&c) || c >= '\u{2e80}') {
        return None;
    }
    let plain = plain_latin(&folded).unwrap_or_else(|| text::fold_accents(&folded).into_owned());
    WORDS.get(plain.as_str())
}

/// [`text::fold_accents`] of small letters of western Europe; nothing for others.
fn plain_latin(folded: &str) -> Option<String> {
    let plain = |c| {
        Some(match c {
            'à'..='å' => 'a',
            'ç' => 'c',
            'è'..='ë' => 'e',
            'ì'..='ï' => 'i',
            'ñ' => 'n',
            'ò'..='ö' | 'ø' => 'o',
            'ù'..='ü' => 'u',
            'ý' | 'ÿ' => 'y',
            c if c.is_ascii() => c,
            _ => return None,
        })
    };
    folded.chars().map(plain).collect()
}

/// Whether the words of a text together stand for no name.
pub(super) fn is_no_name(text: &str) -> bool {
    // The table has none in other letters.
    text.len() <= 24
        && text.is_ascii()
        && WORDS.get(&*text::fold(text)).is_some_and(|entry| entry.refusal == Some(When::Whole))
}

static WORDS: LazyLock<AHashMap<&'static str, Entry>> = LazyLock::new(|| {
    let mut words: AHashMap<&'static str, Entry> = AHashMap::new();
    for (word, display, when) in rows(PREFIX_DATA) {
        words.entry(word).or_default().prefix = Some((display, when));
    }
    for (word, display, when) in rows(SUFFIX_DATA) {
        words.entry(word).or_default().suffix = Some((display, when));
    }
    for (word, display, when) in rows(CREDENTIAL_DATA) {
        words.entry(word).or_default().credential = Some((display, when));
    }
    for (word, _, when) in rows(PARTICLE_DATA) {
        words.entry(word).or_default().particle = Some(when);
    }
    for (word, _, when) in rows(SURNAME_DATA) {
        words.entry(word).or_default().surname = Some(when);
    }
    for (word, _, when) in rows(REFUSAL_DATA) {
        words.entry(word).or_default().refusal = Some(when);
    }
    words
});

/// First cell, second cell, and the condition in the last.
fn rows(data: &'static str) -> impl Iterator<Item = (&'static str, &'static str, When)> {
    data.lines().skip(1).filter_map(|row| {
        let (rest, when) = row.rsplit_once(',')?;
        let (word, display) = rest.split_once(',').unwrap_or((rest, rest));
        Some((word, display, condition(when)?))
    })
}

fn condition(name: &str) -> Option<When> {
    Some(match name {
        "any" => When::Any,
        "dot" => When::Dot,
        "behind" => When::Behind,
        "third" => When::Third,
        "like_name" => When::LikeName,
        "leads" => When::Leads,
        "lower" => When::Lower,
        "kept" => When::Kept,
        "head" => When::Head,
        "joins" => When::Joins,
        "iberian" => When::Iberian,
        "vietnamese" => When::Vietnamese,
        "mac" => When::Mac,
        "never" => When::Never,
        "alone" => When::Alone,
        "whole" => When::Whole,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_is_sorted_unique_and_has_known_conditions() {
        for data in [PREFIX_DATA, SUFFIX_DATA, CREDENTIAL_DATA, PARTICLE_DATA, SURNAME_DATA, REFUSAL_DATA] {
            crate::testing::assert_sorted_list(data);
            for row in data.lines().skip(1) {
                assert!(row.rsplit_once(',').is_some_and(|(_, when)| condition(when).is_some()), "{row}");
            }
        }
    }
}
