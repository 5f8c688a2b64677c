//! What folding makes of each letter of Latin, Greek and Cyrillic, found once in the slow way.
//!
//! The tables of Unicode say for each character alone what it is composed of and what its small letter is. Neighbours matter to marks
//! only, which are put in order and joined to the letter before them. So a text without marks is folded a character at a time.

use unicode_normalization::char::is_combining_mark;

use crate::text::{push_blank, trim_end};

/// The first code point behind Cyrillic.
const LIMIT: u32 = 0x530;

pub(crate) struct FoldTable {
    /// What each code point becomes; none for marks.
    pieces: Vec<Option<Box<str>>>,
}

impl FoldTable {
    /// Of a `fold` that takes any text.
    pub(crate) fn new(fold: impl Fn(&str) -> String) -> FoldTable {
        let piece = |code: u32| {
            let c = char::from_u32(code).filter(|&c| !is_combining_mark(c))?;
            // Between letters a blank stays.
            let folded = fold(&format!("a{c}a"));
            Some(folded.strip_prefix('a')?.strip_suffix('a')?.into())
        };
        FoldTable { pieces: (0..LIMIT).map(piece).collect() }
    }

    /// `text` folded; none where it has a mark or a character of another script.
    pub(crate) fn fold(&self, text: &str) -> Option<String> {
        let mut folded = String::with_capacity(text.len());
        for c in text.chars() {
            if c.is_ascii_alphanumeric() {
                folded.push(c.to_ascii_lowercase());
                continue;
            }
            let piece = self.pieces.get(c as usize)?.as_deref()?;
            match piece.strip_prefix(' ') {
                Some(rest) => {
                    push_blank(&mut folded);
                    folded.push_str(rest);
                }
                None => folded.push_str(piece),
            }
        }
        trim_end(&mut folded);
        Some(folded)
    }
}

#[cfg(test)]
mod tests {
    use crate::text::{fold_any, fold_any_accents};
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn neighbours_do_not_matter() {
        for fold in [fold_any, fold_any_accents] {
            let table = FoldTable::new(fold);
            for c in (0..LIMIT).filter_map(char::from_u32) {
                for other in ['a', 'Z', ' ', '\u{a0}', 'ö', '¨', 'İ', 'ŉ', 'Σ', 'ς', 'ΐ', 'й', '\u{34f}']
                {
                    for text in [format!("{c}{other}{c}"), format!(" {other} {c}{c} {other}")] {
                        let has_mark = text.chars().any(is_combining_mark);
                        let wanted = (!has_mark).then(|| fold(&text));
                        assert_eq!(table.fold(&text), wanted, "{text:?}");
                    }
                }
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_text_is_folded_alike(text in "[\\u{0}-\\u{52f} ]{0,12}[\\u{0}-\\u{600}]?") {
            for fold in [fold_any, fold_any_accents] {
                if let Some(folded) = FoldTable::new(fold).fold(&text) {
                    prop_assert_eq!(folded, fold(&text));
                }
            }
        }
    }
}
