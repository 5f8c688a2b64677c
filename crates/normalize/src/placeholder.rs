use ahash::AHashSet;
use std::sync::LazyLock;

use crate::text::{self, fold};

struct Placeholders {
    rows: AHashSet<&'static str>,
    /// Bit n of a first byte: a row of n bytes starts with it. Most texts need no further look.
    lengths: [u64; 128],
}

static PLACEHOLDERS: LazyLock<Placeholders> = LazyLock::new(|| {
    let rows: AHashSet<&str> = DATA.lines().skip(1).collect();
    let mut lengths = [0; 128];
    for row in &rows {
        if let Some(place) = row.bytes().next().and_then(|first| lengths.get_mut(usize::from(first))) {
            *place |= 1 << row.len();
        }
    }
    Placeholders { rows, lengths }
});

pub(crate) const DATA: &str = include_str!("../data/placeholders.csv");

/// Longer text is never looked up; the longest row of `data/placeholders.csv` is shorter.
const LONGEST: usize = 40;

/// Whether `text` says only that there is no value: blank, `N/A`, `-`, `TBD`, `-Select-`, `#N/A` and the like.
///
/// ```
/// use firmograph_normalize::is_placeholder;
/// assert!(is_placeholder(" n/a ") && is_placeholder("---") && is_placeholder("-Select-"));
/// assert!(!is_placeholder("Nano"));
/// ```
#[must_use]
pub fn is_placeholder(text: &str) -> bool {
    if text.len() > LONGEST {
        return text::trim(text).is_empty();
    }
    if text.is_ascii() { is_ascii_placeholder(text.as_bytes()) } else { is_any_placeholder(text) }
}

/// [`is_any_placeholder`] for ASCII, in memory on the stack.
fn is_ascii_placeholder(text: &[u8]) -> bool {
    let Some(start) = text.iter().position(u8::is_ascii_alphanumeric) else {
        return text.iter().all(|&c| c.is_ascii_control() || NOTHING.as_bytes().contains(&c));
    };
    let mask = PLACEHOLDERS.lengths[usize::from(text[start].to_ascii_lowercase() & 127)];
    if mask == 0 {
        return false;
    }
    let end = text.iter().rposition(u8::is_ascii_alphanumeric).map_or(start, |last| last + 1);
    let given = &text[start..end];
    let is_blank = |c: u8| c == b' ' || c.is_ascii_control();
    let squeezes = || given.windows(2).any(|pair| is_blank(pair[0]) && is_blank(pair[1]));
    if mask >> given.len() & 1 == 0 && !squeezes() {
        return false;
    }
    let mut core = [0_u8; LONGEST];
    let mut length = 0;
    for &c in given {
        if is_blank(c) && core[length.max(1) - 1] == b' ' {
            continue;
        }
        core[length] = if is_blank(c) { b' ' } else { c.to_ascii_lowercase() };
        length += 1;
    }
    std::str::from_utf8(&core[..length]).is_ok_and(|core| PLACEHOLDERS.rows.contains(core))
}

fn is_any_placeholder(text: &str) -> bool {
    let folded = fold(text);
    let core = folded.trim_matches(|c: char| c.is_ascii_punctuation() || c == ' ');
    core.is_empty() && folded.chars().all(|c| NOTHING.contains(c)) || PLACEHOLDERS.rows.contains(core)
}

/// Text of these alone says nothing. `&` and `+` are not among them: they are names.
const NOTHING: &str = "-_.*?/#~'\" ,:;|=<>()[]";

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn data_is_sorted_unique_and_folded() {
        crate::testing::assert_sorted_list(DATA);
        assert!(DATA.lines().all(|row| row.len() < LONGEST));
    }

    #[test]
    fn every_row_is_one_however_it_is_written() {
        for row in DATA.lines().skip(1) {
            for text in [row.to_owned(), row.to_uppercase(), format!(" -{row}- "), row.replace(' ', "  ")] {
                assert!(is_placeholder(&text), "{text:?}");
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn the_ascii_path_agrees(
            text in "[\\x00-\\x7f]{0,12}",
            row in prop::sample::select(DATA.lines().skip(1).collect::<Vec<_>>()),
            before in "[ \\-.#\\x01a]{0,3}",
            after in "[ \\-.#\\x01a]{0,3}",
        ) {
            for text in [text, format!("{before}{row}{after}")] {
                if text.len() <= LONGEST && text.is_ascii() {
                    prop_assert_eq!(is_ascii_placeholder(text.as_bytes()), is_any_placeholder(&text));
                }
            }
        }
    }
}
