//! Spellings that no table has: British forms, words that add nothing, other orders, slips of the finger.

use super::key::words;
use super::table::{Entry, TABLES};
use crate::slip::is_one_slip;

/// Texts of more words are prose.
const MOST_WORDS: usize = 12;

/// What `text` is but for its spelling.
pub(super) fn find(text: &str) -> Option<Entry> {
    let mut words = words(text);
    if words.is_empty() || words.len() > MOST_WORDS {
        return None;
    }
    for word in &mut words {
        american(word);
    }
    if let Some(entry) = TABLES.find_words(&words) {
        return Some(entry);
    }
    let mut core = &words[..];
    while let [rest @ .., last] = core
        && ADDS_NOTHING.contains(&last.as_str())
    {
        core = rest;
    }
    while let [first, rest @ ..] = core
        && ["industry", "sector", "branche"].contains(&first.as_str())
    {
        core = rest;
    }
    if core.len() < words.len()
        && !core.is_empty()
        && let Some(found) = TABLES.find_words(core).and_then(Entry::industry)
    {
        return Some(Entry::Industry(found.by("without_plain_word", 85)));
    }
    // `Director` is one slip from `Directory`.
    if crate::match_job_title(text).value().is_some() {
        return None;
    }
    slip(core).or_else(|| slip(&words))
}

/// Words that name no activity, as they stand in keys.
const ADDS_NOTHING: [&str; 20] = [
    "branche",
    "branch",
    "business",
    "company",
    "compania",
    "enterprise",
    "firm",
    "field",
    "group",
    "industria",
    "industry",
    "market",
    "organization",
    "provider",
    "sector",
    "secteur",
    "segment",
    "space",
    "startup",
    "vertical",
];

fn american(word: &mut String) {
    for (british, ours) in [
        ("isation", "ization"),
        ("defence", "defense"),
        ("centre", "center"),
        ("jewellery", "jewelry"),
        ("labour", "labor"),
        ("programme", "program"),
        ("behavioural", "behavioral"),
        ("aluminium", "aluminum"),
        ("tyre", "tire"),
        ("licence", "license"),
        ("theatre", "theater"),
        ("colour", "color"),
        ("fibre", "fiber"),
        ("grey", "gray"),
    ] {
        if word.ends_with(british) {
            word.truncate(word.len() - british.len());
            word.push_str(ours);
        }
    }
}

/// One word of the text is no word of the tables and one slip away from exactly one that makes it a known text. Short words are left
/// alone: too many are one slip from another.
fn slip(given: &[String]) -> Option<Entry> {
    let mut unknown = given.iter().enumerate().filter(|(_, word)| !TABLES.knows_word(word));
    let (place, word) = unknown.next()?;
    // A word alone has nothing beside it that speaks for it: `Liberia` is one slip from a bookshop.
    let shortest = if given.len() == 1 { 9 } else { 7 };
    if unknown.next().is_some()
        || word.len() < shortest
        || !word.is_ascii()
        || REAL_WORDS.contains(&word.as_str())
    {
        return None;
    }
    let near = TABLES.like(word).filter(|known| is_one_slip(word.as_bytes(), known.as_bytes()));
    let mut given = given.to_vec();
    let mut answer = None;
    for known in near {
        given[place].clone_from(known);
        let Some(found) = TABLES.find_words(&given).and_then(Entry::industry) else { continue };
        match answer {
            None => answer = Some(found),
            // The order of a hash set must not decide.
            Some(other) if (other.name, other.finer) == (found.name, found.finer) => {}
            Some(_) => return None,
        }
    }
    answer.map(|found| Entry::Industry(found.by("typo", 65)))
}

/// English words that are one slip from a word of the tables and mean something else.
const REAL_WORDS: [&str; 40] = [
    "boasting", "bonding", "booking", "braking", "breaking", "building", "catching", "chopping", "coasting",
    "coaching", "counting", "dancing", "dealing", "faming", "filling", "framing", "gambling", "hosting",
    "housing", "hunting", "leaning", "learning", "leading", "matching", "marking", "meaning", "mineral",
    "painting", "pasting", "planing", "planning", "plating", "posting", "printing", "rambling", "sailing",
    "shaping", "shipping", "shopping", "tracking",
];
