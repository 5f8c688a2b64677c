//! Towns that no table has.

use super::case::display;
use super::key::key;
use super::split::Part;
use super::{metro, words};

/// "Sr", "a AG": before a country, where no region vouches for a town, two letters at the end are a code.
pub(super) fn looks_like_codes(key: &str) -> bool {
    key.rsplit(' ').next().is_some_and(|word| word.len() <= 2)
}

/// Whether a name that no table has may be that of a town.
pub(super) fn is_a_town(part: &Part<'_>) -> bool {
    let letters = part.raw.chars().filter(|c| c.is_alphabetic()).count();
    !part.numbered
        && metro::core(&part.key).is_none()
        && letters >= 2
        // What is shown must be the same name again.
        && key(&display(part.raw)) == part.key
        && !part.raw.as_bytes().windows(2).any(|pair| pair[0] == b'.' && pair[1].is_ascii_alphabetic())
        && part.raw.len() <= 60
        && part.key.split(' ').count() <= 6
        && !part.key.bytes().any(|c| c.is_ascii_digit())
        && !words::is_street(&part.key)
        && !part.raw.chars().any(|c| {
            matches!(c, '@' | '=' | '<' | '>' | '{' | '}' | '_' | '\\' | '#' | '%' | '$' | '!' | '?' | '+')
        })
}
