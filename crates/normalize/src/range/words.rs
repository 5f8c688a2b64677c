//! Words that may stand beside the numbers of a range, in the languages that business data is seen to use.
//!
//! `range_words.csv` was written by hand in 2026 from common usage: a word as [`crate::text::fold_accents`] leaves it, its role, its
//! value, and the language that it belongs to (`mul` is several, `cjk` is Chinese, Japanese and Korean).

use ahash::AHashMap;
use std::sync::LazyLock;

pub(crate) const DATA: &str = include_str!("../../data/range_words.csv");

/// What a word is in a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    Filler,
    /// A filler beside people alone.
    People,
    /// A filler beside money alone.
    Money,
    About,
    To,
    And,
    Between,
    From,
    Plus,
    More,
    Less,
    Least,
    Most,
    Up,
    No,
    Minus,
    Half,
    Quarter,
    Month(u8),
    /// Power of ten.
    Scale(i32),
    Number(u64),
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    pub(super) word: Word,
    /// Of a language that writes a decimal comma.
    pub(super) foreign: bool,
}

static WORDS: LazyLock<AHashMap<&'static [u8], Entry>> =
    LazyLock::new(|| DATA.lines().skip(1).filter_map(entry).collect());

/// What the table says about `word`.
pub(super) fn look_up(word: &[u8]) -> Option<Entry> {
    WORDS.get(word).copied()
}

fn entry(line: &'static str) -> Option<(&'static [u8], Entry)> {
    let mut cells = line.split(',');
    let (word, role, value, language) = (cells.next()?, cells.next()?, cells.next()?, cells.next()?);
    let foreign = !matches!(language, "en" | "cjk" | "ja" | "zh" | "ko");
    let word_of = match role {
        "filler" => Word::Filler,
        "people" => Word::People,
        "money" => Word::Money,
        "about" => Word::About,
        "to" => Word::To,
        "and" => Word::And,
        "between" => Word::Between,
        "from" => Word::From,
        "plus" => Word::Plus,
        "more" => Word::More,
        "less" => Word::Less,
        "least" => Word::Least,
        "most" => Word::Most,
        "up" => Word::Up,
        "no" => Word::No,
        "minus" => Word::Minus,
        "half" => Word::Half,
        "quarter" => Word::Quarter,
        "month" => Word::Month(value.parse().ok()?),
        "scale" => Word::Scale(value.parse().ok()?),
        "number" => Word::Number(value.parse().ok()?),
        _ => return None,
    };
    Some((word.as_bytes(), Entry { word: word_of, foreign }))
}

/// One past the last byte of the word that starts at `start`: letters; a currency sign alone; of a text without blanks between its
/// words (Chinese, Japanese, Korean) the longest piece that `is_known`, or one character.
pub(super) fn word_end(bytes: &[u8], start: usize, is_known: impl Fn(&[u8]) -> bool) -> usize {
    let ascii = bytes[start..].iter().take_while(|c| c.is_ascii_lowercase()).count();
    let end = start + ascii;
    if bytes.get(end).is_none_or(u8::is_ascii) {
        return end;
    }
    let Ok(rest) = std::str::from_utf8(&bytes[end..]) else { return bytes.len() };
    let letters = rest.chars().take_while(|&c| c.is_alphabetic() && c < FIRST_UNSPACED);
    let letters: usize = letters.map(char::len_utf8).sum();
    if ascii + letters > 0 {
        return end + letters;
    }
    let ends = rest.char_indices().map(|(at, c)| at + c.len_utf8()).take(4);
    let first = rest.chars().next().map_or(0, char::len_utf8);
    end + ends.filter(|&length| is_known(&rest.as_bytes()[..length])).max().unwrap_or(first)
}

/// Where the CJK blocks begin.
const FIRST_UNSPACED: char = '\u{2e80}';

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_read_and_folded() {
        crate::testing::assert_sorted_list(DATA);
        assert_eq!(WORDS.len(), DATA.lines().count() - 1);
        for word in DATA.lines().skip(1).filter_map(|line| line.split(',').next()) {
            assert_eq!(crate::text::fold_accents(word), word);
        }
    }

    #[test]
    fn words_end() {
        let end = |text: &str| word_end(text.as_bytes(), 0, |piece| look_up(piece).is_some());
        assert_eq!(end("mio. eur"), 3);
        assert_eq!(end("млн руб"), "млн".len());
        assert_eq!(end("百万人以上"), "百万".len());
        assert_eq!(end("€m"), "€".len());
        assert_eq!(end("5"), 0);
    }
}
