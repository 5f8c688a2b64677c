//! Casing of a company name that came in one case only.

use ahash::AHashMap;
use std::sync::LazyLock;

/// Brands and acronyms by lower-case spelling.
static BRANDS: LazyLock<AHashMap<String, &'static str>> =
    LazyLock::new(|| DATA.lines().skip(1).map(|brand| (brand.to_lowercase(), brand)).collect());

const DATA: &str = include_str!("../data/brands.csv");

/// `name` itself where its casing is mixed; else brands, then acronyms, then title case.
pub(crate) fn repair(name: &str) -> String {
    let (mut upper, mut lower) = (false, false);
    for c in name.chars() {
        upper |= c.is_uppercase();
        lower |= c.is_lowercase();
    }
    if upper == lower {
        return name.to_owned();
    }
    if let Some(brand) = BRANDS.get(name.to_lowercase().as_str()) {
        return (*brand).to_owned();
    }
    let only_word = !name.contains(' ');
    let mut repaired = String::with_capacity(name.len() + 4);
    for (place, word) in name.split(' ').enumerate() {
        if place > 0 {
            repaired.push(' ');
        }
        push_word(&mut repaired, word, place == 0, only_word, upper);
    }
    repaired
}

fn push_word(repaired: &mut String, word: &str, is_first: bool, only_word: bool, was_upper: bool) {
    let folded = word.to_lowercase();
    if let Some(brand) = BRANDS.get(folded.as_str()) {
        repaired.push_str(brand);
    } else if !is_first && SMALL_WORDS.contains(&folded.as_str()) {
        repaired.push_str(&folded);
    } else if is_acronym(&folded, only_word && was_upper) {
        repaired.push_str(&word.to_uppercase());
    } else {
        push_title(repaired, &folded);
    }
}

const SMALL_WORDS: [&str; 26] = [
    "of", "and", "the", "for", "in", "on", "at", "by", "to", "de", "del", "la", "du", "des", "di", "da",
    "do", "dos", "von", "und", "et", "y", "van", "der", "den", "with",
];

/// No vowel, dotted letters, a Roman numeral, a digit with letters, or a short name standing alone in capitals.
fn is_acronym(folded: &str, alone: bool) -> bool {
    let letters = folded.chars().filter(|c| c.is_alphabetic()).count();
    if letters == 0 || !folded.is_ascii() {
        return false;
    }
    let dotted = letters >= 2 && folded.bytes().filter(|&c| c == b'.').count() >= letters - 1;
    let has_vowel = folded.bytes().any(|c| b"aeiouy".contains(&c));
    let ampersand = letters <= 3 && folded.contains('&');
    let digit = folded.bytes().any(|c| c.is_ascii_digit());
    dotted
        || ampersand
        || (alone && letters <= 3)
        || (!has_vowel && letters <= 4 && !folded.contains('\'') && !is_abbreviation(folded))
        || (digit
            && letters <= 2
            && !folded.ends_with("st")
            && !folded.ends_with("nd")
            && !folded.ends_with("rd")
            && !folded.ends_with("th"))
        || matches!(
            folded,
            "ii" | "iii"
                | "iv"
                | "vi"
                | "vii"
                | "viii"
                | "ix"
                | "usa"
                | "uk"
                | "uae"
                | "it"
                | "hr"
                | "ai"
                | "tv"
                | "eu"
        )
}

fn is_abbreviation(folded: &str) -> bool {
    matches!(
        folded.trim_end_matches('.'),
        "dr" | "st" | "mr" | "mrs" | "jr" | "sr" | "mt" | "ft" | "bros" | "nth" | "ltd"
    )
}

fn push_title(repaired: &mut String, folded: &str) {
    let mut starts = true;
    let mut letters_before = 0;
    let mut chars = folded.chars().peekable();
    while let Some(c) = chars.next() {
        if c.is_alphabetic() {
            if starts {
                repaired.extend(title(c));
            } else {
                repaired.push(c);
            }
            letters_before += 1;
            starts = repaired.ends_with("Mc")
                && letters_before == 2
                && chars.peek().is_some_and(|c| c.is_alphabetic());
        } else {
            repaired.push(c);
            // `McDonald's` but `O'Reilly` and `L'Oréal`: an apostrophe starts a word behind one letter only.
            starts = match c {
                '\'' | '’' => letters_before == 1,
                '.' => letters_before <= 1,
                '0'..='9' => letters_before == 0 && starts,
                _ => !unicode_normalization::char::is_combining_mark(c),
            };
            letters_before = 0;
        }
    }
}

/// Letters with no single upper-case form (`ß`, `ŉ`) stay as they are: spelling them out would not be a fixed point.
fn title(c: char) -> impl Iterator<Item = char> {
    let mut upper = c.to_uppercase();
    let one = if upper.len() == 1 { upper.next() } else { None };
    std::iter::once(one.unwrap_or(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repairs_only_one_case() {
        for (raw, wanted) in [
            ("ACME WIDGETS", "Acme Widgets"),
            ("ibm", "IBM"),
            ("MCDONALD'S", "McDonald's"),
            ("O'REILLY MEDIA", "O'Reilly Media"),
            ("COCA-COLA", "Coca-Cola"),
            ("BANK OF AMERICA", "Bank of America"),
            ("deVere Group", "deVere Group"),
            ("BMW GROUP", "BMW Group"),
            ("3m", "3M"),
        ] {
            assert_eq!(repair(raw), wanted);
            assert_eq!(repair(wanted), wanted);
        }
    }
}
