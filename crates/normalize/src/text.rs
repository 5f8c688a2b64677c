//! Folding shared by every normaliser. The answer never depends on a locale.
//!
//! Folds follow Unicode NFKC ([UAX #15](https://www.unicode.org/reports/tr15/)) and lower-case mapping.

use std::borrow::Cow;
use std::sync::LazyLock;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::fold_table::FoldTable;

/// Bytes of the longest text that is read: several times the longest URL, address, name or title that is not an accident. What is
/// longer is unmatched with the reason `too_long`, so that one broken row costs no more than a long one.
pub const LONGEST_INPUT: usize = 4096;

/// Bytes of the longest name, title, place or page that is read; what is longer is unmatched with the reason `too_long`. LinkedIn's
/// headlines, the longest titles that vendors give, have 220 characters of at most three bytes. Databases keep these values in
/// indexes, so no more is read than a golden column takes.
pub const LONGEST_NAME: usize = firmograph_core::LONGEST_INDEXED;

/// Whether `text` is longer than [`LONGEST_INPUT`].
#[must_use]
pub fn is_too_long(text: &str) -> bool {
    text.len() > LONGEST_INPUT
}

/// Whether `text` is longer than [`LONGEST_NAME`].
#[must_use]
pub fn is_too_long_a_name(text: &str) -> bool {
    text.len() > LONGEST_NAME
}

/// Compatibility-composed, lower case, digits in ASCII, every dash `-`, blanks squeezed and trimmed.
///
/// Text that is already so is borrowed.
#[must_use]
pub fn fold(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return fold_ascii(text);
    }
    Cow::Owned(FOLDS.fold(text).unwrap_or_else(|| fold_any(text)))
}

static FOLDS: LazyLock<FoldTable> = LazyLock::new(|| FoldTable::new(fold_any));

pub(crate) fn fold_any(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.nfkc().flat_map(char::to_lowercase).nfkc() {
        push_plain(&mut folded, c);
    }
    trim_end(&mut folded);
    folded
}

/// Compatibility-composed, lower case, without accents, digits in ASCII, every dash `-`, blanks squeezed and trimmed: `Łódź` and `lodz`,
/// `Straße` and `strasse` are equal.
#[must_use]
pub fn fold_accents(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return fold_ascii(text);
    }
    Cow::Owned(PLAIN_FOLDS.fold(text).unwrap_or_else(|| fold_any_accents(text)))
}

static PLAIN_FOLDS: LazyLock<FoldTable> = LazyLock::new(|| FoldTable::new(fold_any_accents));

pub(crate) fn fold_any_accents(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.nfkd().flat_map(char::to_lowercase).nfkd() {
        match plain_letter(c) {
            Some(plain) => folded.push_str(plain),
            None if is_accent(c) => {}
            None => push_plain(&mut folded, c),
        }
    }
    trim_end(&mut folded);
    // Hangul and Indic vowel signs were taken apart with the accents and belong together.
    if folded.is_ascii() { folded } else { folded.nfc().collect() }
}

/// Case kept, NFC, blanks squeezed and trimmed, invisible characters removed.
#[must_use]
pub fn tidy(text: &str) -> Cow<'_, str> {
    if is_tidy(text) {
        return Cow::Borrowed(text);
    }
    let tidied = if is_nfc(text) { tidied(text.chars()) } else { tidied(text.nfc()) };
    Cow::Owned(nfc(tidied))
}

fn tidied(chars: impl Iterator<Item = char>) -> String {
    let mut tidied = String::with_capacity(40);
    for c in chars.filter(|&c| !is_invisible(c)) {
        if c.is_whitespace() || c.is_control() {
            push_blank(&mut tidied);
        } else {
            tidied.push(c);
        }
    }
    trim_end(&mut tidied);
    tidied
}

/// `text` in normalisation form C (UAX 15).
pub fn nfc(text: String) -> String {
    if is_nfc(&text) { text } else { text.nfc().collect() }
}

fn is_nfc(text: &str) -> bool {
    // Marks and what is composed otherwise start at U+0300, whose first byte this is.
    text.is_ascii()
        || text.bytes().fold(true, |before, c| before & (c < 0xcc))
        || unicode_normalization::is_nfc(text)
}

/// `text` without blanks, byte order marks and zero-width characters at its ends.
#[must_use]
#[inline]
pub fn trim(text: &str) -> &str {
    let bytes = text.as_bytes();
    match (bytes.first(), bytes.last()) {
        (Some(b'!'..=b'~'), Some(b'!'..=b'~')) => text,
        _ => text.trim_matches(|c: char| c.is_whitespace() || c.is_control() || is_invisible(c)),
    }
}

/// Whether `byte` stands in a text. All of a short text is compared at once sooner than it is searched.
pub(crate) fn has_byte(text: &str, byte: u8) -> bool {
    text.bytes().fold(false, |found, c| found | (c == byte))
}

/// Where `part`, a slice of `whole`, stands in it.
#[must_use]
pub fn span_of(whole: &str, part: &str) -> firmograph_core::Span {
    let start = (part.as_ptr() as usize).wrapping_sub(whole.as_ptr() as usize);
    if start <= whole.len() && start + part.len() <= whole.len() {
        firmograph_core::Span(start as u32, (start + part.len()) as u32)
    } else {
        firmograph_core::Span::all(whole)
    }
}

/// The value of a decimal digit of any script.
#[must_use]
pub fn digit(c: char) -> Option<u8> {
    if c.is_ascii() {
        return c.is_ascii_digit().then(|| c as u8 - b'0');
    }
    ZEROS.iter().find_map(|&zero| {
        let value = (c as u32).wrapping_sub(zero);
        (value < 10).then_some(value as u8)
    })
}

/// Hyphens, dashes, bars and minus signs.
#[must_use]
pub fn is_dash(c: char) -> bool {
    matches!(
        c,
        '-' | '\u{ad}' | '\u{58a}' | '\u{2010}'
            ..='\u{2015}'
                | '\u{2043}'
                | '\u{2212}'
                | '\u{fe58}'
                | '\u{fe63}'
                | '\u{ff0d}'
                | '\u{301c}'
                | '\u{2e3a}'
                | '\u{2e3b}'
    )
}

/// Zero-width and direction characters.
#[must_use]
pub fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{206f}'
        | '\u{feff}' | '\u{180e}')
}

/// First code point of the digits of each script (Unicode category Nd) that business data is seen to use.
const ZEROS: [u32; 20] = [
    0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xe50, 0xed0, 0xf20,
    0x1040, 0x17e0, 0x1810, 0xff10, 0x1d7ce,
];

fn fold_ascii(text: &str) -> Cow<'_, str> {
    let trimmed = text.trim_ascii();
    let plain = |pair: &[u8]| {
        let c = pair[0];
        !(c.is_ascii_uppercase() || c.is_ascii_control() || c == b' ' && pair[1] == b' ')
    };
    let bytes = trimmed.as_bytes();
    if bytes.windows(2).all(plain)
        && bytes.last().is_none_or(|c| !c.is_ascii_uppercase() && !c.is_ascii_control())
    {
        return Cow::Borrowed(trimmed);
    }
    let mut folded = String::with_capacity(trimmed.len());
    for c in trimmed.chars() {
        if c == ' ' || c.is_ascii_control() {
            push_blank(&mut folded);
        } else {
            folded.push(c.to_ascii_lowercase());
        }
    }
    trim_end(&mut folded);
    Cow::Owned(folded)
}

/// Whether a text is printable ASCII with single blanks between its words. Eight bytes are looked at together.
fn is_tidy(text: &str) -> bool {
    const EACH: u64 = u64::from_ne_bytes([1; 8]);
    const HIGH: u64 = EACH << 7;
    /// The high bit of each byte that is a blank; none where a byte is no printable ASCII.
    fn blanks(bytes: [u8; 8]) -> Option<u64> {
        let word = u64::from_le_bytes(bytes);
        if word & HIGH != 0 {
            return None;
        }
        let (not_low, delete) = ((word | HIGH) - (EACH << 5), word + EACH);
        let other = (word ^ (EACH << 5)) + !HIGH;
        (not_low & !delete & HIGH == HIGH).then_some(!other & HIGH)
    }
    let bytes = text.as_bytes();
    let Some(end) = bytes.last_chunk::<8>() else { return is_short_tidy(bytes) };
    if bytes[0] == b' ' || end[7] == b' ' {
        return false;
    }
    let mut before = 0;
    for &eight in bytes.as_chunks::<8>().0 {
        let Some(blanks) = blanks(eight) else { return false };
        if blanks & ((blanks << 8) | before) != 0 {
            return false;
        }
        before = blanks >> 56;
    }
    // What is behind the last whole eight, with the byte before it.
    blanks(*end).is_some_and(|blanks| blanks & (blanks << 8) == 0)
}

fn is_short_tidy(bytes: &[u8]) -> bool {
    let mut before = b' ';
    for &c in bytes {
        if !(b' '..=b'~').contains(&c) || (c == b' ' && before == b' ') {
            return false;
        }
        before = c;
    }
    before != b' ' || bytes.is_empty()
}

fn push_plain(folded: &mut String, c: char) {
    if is_invisible(c) {
    } else if let Some(value) = digit(c) {
        folded.push(char::from(b'0' + value));
    } else if is_dash(c) {
        folded.push('-');
    } else if c.is_whitespace() || c.is_control() {
        push_blank(folded);
    } else {
        folded.push(if c == 'ς' { 'σ' } else { c });
    }
}

pub(crate) fn push_blank(text: &mut String) {
    if !text.is_empty() && !text.ends_with(' ') {
        text.push(' ');
    }
}

pub(crate) fn trim_end(text: &mut String) {
    if text.ends_with(' ') {
        text.pop();
    }
}

/// Marks of Latin, Greek and Cyrillic. Marks of other scripts are letters to their readers and stay.
fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{fe20}'..='\u{fe2f}')
        && is_combining_mark(c)
}

/// Letters that Unicode does not take apart into a letter and a mark.
fn plain_letter(c: char) -> Option<&'static str> {
    Some(match c {
        'ß' => "ss",
        'ø' => "o",
        'ł' => "l",
        'đ' | 'ð' => "d",
        'æ' => "ae",
        'œ' => "oe",
        'þ' => "th",
        'ı' => "i",
        'ħ' => "h",
        'ŧ' => "t",
        'ŋ' => "n",
        'ĸ' => "k",
        '’' | '‘' | 'ʼ' | '´' | '`' => "'",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds() {
        assert_eq!(fold("  Vice\u{a0}\u{a0}PRESIDENT "), "vice president");
        assert_eq!(fold("٥٠–２００"), "50-200");
        assert_eq!(fold_accents("Łódź Straße É\u{301}"), "lodz strasse e");
        assert_eq!(fold_accents("株式会社ガンダム"), "株式会社ガンダム");
        assert!(matches!(fold("already so"), Cow::Borrowed(_)));
        assert_eq!(tidy(" a\u{200b}  b "), "a b");
    }

    #[test]
    fn what_is_tidy_is_borrowed_whatever_its_length() {
        let long = "a b ~c !d".repeat(4);
        for end in 0..=long.len() {
            let text = &long[..end];
            assert_eq!(is_tidy(text), is_short_tidy(text.as_bytes()), "{text:?}");
            for at in 0..end {
                for other in [" ", "~", "\u{7f}", "\t", "\0", "\u{1f}", "\u{80}", "\u{a0}", "é"] {
                    let text = format!("{}{other}{}", &text[..at], &text[at + 1..]);
                    assert_eq!(is_tidy(&text), is_short_tidy(text.as_bytes()), "{text:?}");
                }
            }
        }
    }
}
