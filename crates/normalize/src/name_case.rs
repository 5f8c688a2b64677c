//! Casing of a company name that came in one case only.

use ahash::AHashMap;
use std::sync::LazyLock;

/// Brands and acronyms by lower-case spelling.
static BRANDS: LazyLock<AHashMap<String, &'static str>> =
    LazyLock::new(|| DATA.lines().skip(1).map(|brand| (brand.to_lowercase(), brand)).collect());

pub(crate) const DATA: &str = include_str!("../data/brands.csv");

/// `name` itself where its casing is mixed; else brands, then acronyms, then title case.
pub(crate) fn repair(name: &str) -> String {
    let (upper, lower) = cases(name);
    if upper == lower {
        return name.to_owned();
    }
    let folded = name.to_lowercase();
    if let Some(brand) = BRANDS.get(folded.as_str()) {
        return (*brand).to_owned();
    }
    let only_word = !folded.contains(' ');
    let mut repaired = String::with_capacity(name.len() + 4);
    for (place, word) in folded.split(' ').enumerate() {
        if place > 0 {
            repaired.push(' ');
        }
        push_word(&mut repaired, word, place == 0, only_word && upper);
    }
    repaired
}

/// Whether a text has capitals, and small letters.
fn cases(text: &str) -> (bool, bool) {
    let (mut upper, mut lower) = (false, false);
    if text.is_ascii() {
        for c in text.bytes() {
            upper |= c.is_ascii_uppercase();
            lower |= c.is_ascii_lowercase();
        }
    } else {
        for c in text.chars() {
            upper |= c.is_uppercase();
            lower |= c.is_lowercase();
        }
    }
    (upper, lower)
}

fn push_word(repaired: &mut String, folded: &str, is_first: bool, alone_in_capitals: bool) {
    if !is_first && is_small_word(folded) {
        repaired.push_str(folded);
    } else if let Some(brand) = BRANDS.get(folded) {
        repaired.push_str(brand);
    } else if is_acronym(folded, alone_in_capitals) || is_acronym(folded.trim_matches(BRACKETS), false) {
        repaired.extend(folded.chars().map(|c| c.to_ascii_uppercase()));
    } else {
        push_title(repaired, folded);
    }
}

const BRACKETS: [char; 5] = ['(', ')', '[', ']', ','];

fn is_small_word(folded: &str) -> bool {
    matches!(
        folded,
        "of" | "and"
            | "the"
            | "for"
            | "in"
            | "on"
            | "at"
            | "by"
            | "to"
            | "de"
            | "del"
            | "la"
            | "du"
            | "des"
            | "di"
            | "da"
            | "do"
            | "dos"
            | "von"
            | "und"
            | "et"
            | "y"
            | "van"
            | "der"
            | "den"
            | "with"
    )
}

/// No vowel, dotted letters, a Roman numeral, a digit with letters, or a short name standing alone in capitals.
fn is_acronym(folded: &str, alone: bool) -> bool {
    let (mut letters, mut dots) = (0_usize, 0_usize);
    let (mut vowel, mut digit, mut ampersand, mut apostrophe) = (false, false, false, false);
    for c in folded.bytes() {
        match c {
            b'a' | b'e' | b'i' | b'o' | b'u' | b'y' => {
                letters += 1;
                vowel = true;
            }
            b'a'..=b'z' | b'A'..=b'Z' => letters += 1,
            b'.' => dots += 1,
            b'0'..=b'9' => digit = true,
            b'&' => ampersand = true,
            b'\'' => apostrophe = true,
            0x80.. => return false,
            _ => {}
        }
    }
    if letters == 0 {
        return false;
    }
    letters >= 2 && dots >= letters - 1
        || letters <= 3 && (ampersand || alone)
        || (!vowel && letters <= 4 && !apostrophe && !is_abbreviation(folded))
        || (digit && letters <= 2 && !["st", "nd", "rd", "th"].iter().any(|end| folded.ends_with(end)))
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
    fn no_brand_is_a_small_word() {
        assert!(!BRANDS.keys().any(|brand| is_small_word(brand)));
    }

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
            ("ACME (UK) BANK", "Acme (UK) Bank"),
        ] {
            assert_eq!(repair(raw), wanted);
            assert_eq!(repair(wanted), wanted);
        }
    }
}
