//! Takes a text apart into the names that may be places.

use super::key::key;
use super::{city, country, region, words};
use crate::placeholder::is_placeholder;

/// One name.
#[derive(Debug, Clone)]
pub(super) struct Part<'a> {
    /// As given, without postal codes around it.
    pub(super) raw: &'a str,
    pub(super) key: String,
    /// It had a number: it is the town beside a postal code, or a street; never a town of its own.
    pub(super) numbered: bool,
    /// It begins another place: a semicolon, bar or slash stands before it.
    pub(super) begins: bool,
}

/// The names of a text, and what else it says.
#[derive(Debug, Default)]
pub(super) struct Split<'a> {
    pub(super) parts: Vec<Part<'a>>,
    pub(super) is_remote: bool,
    pub(super) is_macro_region: bool,
}

/// More names than any place has; the rest is not read.
const MOST_PARTS: usize = 12;

pub(super) fn split(text: &str) -> Split<'_> {
    let mut found = Split::default();
    let mut begins = false;
    let mut start = 0;
    for (at, c) in text.char_indices().chain([(text.len(), ',')]) {
        if matches!(c, ',' | ';' | '|' | '\n' | '\r' | '\t' | '，' | '、' | '；' | '•' | '·' | '｜') {
            found.piece(&text[start..at], begins);
            begins = !matches!(c, ',' | '，' | '、');
            start = at + c.len_utf8();
        }
        if found.parts.len() >= MOST_PARTS {
            break;
        }
    }
    found
}

impl<'a> Split<'a> {
    /// Takes what stands between commas: one name, or several with other signs between them.
    fn piece(&mut self, piece: &'a str, begins: bool) {
        let piece = piece
            .trim_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '*' | '-' | '–' | '—'));
        if piece.is_empty() {
            return;
        }
        if piece.bytes().any(|c| matches!(c, b'(' | b')' | b'[' | b']' | b'/' | b':' | b'-') || !c.is_ascii())
            && has_marks(piece)
        {
            if is_placeholder(piece) {
                return;
            }
            if !is_known(&key(piece)) {
                return self.marked(piece, begins);
            }
        }
        self.name(piece, begins);
    }

    fn marked(&mut self, piece: &'a str, begins: bool) {
        let (mut start, mut next) = (0, begins);
        let mut chars = piece.char_indices().peekable();
        let mut before = ' ';
        while let Some((at, c)) = chars.next() {
            let after = chars.peek().map_or(' ', |&(_, c)| c);
            let dash = crate::text::is_dash(c) && (before == ' ' || after == ' ' || c == '—');
            if dash || matches!(c, '(' | ')' | '[' | ']' | '/' | ':') {
                self.name(&piece[start..at], next);
                next = c == '/';
                start = at + c.len_utf8();
            }
            before = c;
        }
        self.name(&piece[start..], next);
    }

    fn name(&mut self, raw: &'a str, begins: bool) {
        let (raw, numbered) = without_numbers(raw.trim());
        if raw.is_empty() || is_placeholder(raw) {
            return;
        }
        self.push(Part { raw, key: key(raw), numbered, begins });
    }

    fn push(&mut self, mut part: Part<'a>) {
        loop {
            let key = part.key.as_str();
            // No postal abbreviation of a state is one of these words.
            if key.len() == 2 && !matches!(key, "eu" | "hq") {
                break;
            }
            if key.is_empty() || words::is_noise(key) {
                return;
            }
            if words::is_remote(key) {
                self.is_remote = true;
                return;
            }
            if words::is_macro_region(key) {
                self.is_macro_region = true;
                return;
            }
            let before =
                |list: &[&str]| list.iter().find(|word| key.starts_with(**word)).map(|word| word.len());
            let after = |list: &[&str]| list.iter().find(|word| key.ends_with(**word)).map(|word| word.len());
            let remote = before(words::REMOTE_BEFORE).map(|length| (length, true));
            if let Some((length, remote)) =
                remote.or_else(|| before(words::NOISE_BEFORE).map(|length| (length, false)))
            {
                self.is_remote |= remote;
                let cut = key[..length].split_whitespace().count();
                part.raw = skip_words(part.raw, cut);
                part.key.drain(..length);
                continue;
            }
            let remote = after(words::REMOTE_AFTER).map(|length| (length, true));
            let Some((length, remote)) =
                remote.or_else(|| after(words::NOISE_AFTER).map(|length| (length, false)))
            else {
                break;
            };
            self.is_remote |= remote;
            let keep = key.len() - length;
            part.raw = keep_words(part.raw, key[..keep].split(' ').count());
            part.key.truncate(keep);
        }
        self.parts.push(part);
    }
}

fn has_marks(piece: &str) -> bool {
    let mut before = ' ';
    piece.chars().zip(piece.chars().skip(1).chain([' '])).any(|(c, after)| {
        let dash = crate::text::is_dash(c) && (before == ' ' || after == ' ' || c == '—');
        before = c;
        dash || matches!(c, '(' | ')' | '[' | ']' | '/' | ':')
    })
}

fn is_known(key: &str) -> bool {
    country::by_name(key).is_some() || city::is_any(key) || region::find(key).next().is_some()
}

/// `raw` without the words with digits at its ends, and whether it had a number. A short number before a name is that of a house, and such a
/// name is no place.
fn without_numbers(raw: &str) -> (&str, bool) {
    if !raw.bytes().any(|c| c.is_ascii_digit()) {
        return (raw, false);
    }
    let has_digit = |word: &str| word.bytes().any(|c| c.is_ascii_digit());
    let mut rest = raw;
    while let Some(word) = rest.split_whitespace().next().filter(|word| has_digit(word)) {
        if word.bytes().filter(u8::is_ascii_digit).count() < 4
            && rest.trim() != word
            && !rest.split_whitespace().all(has_digit)
        {
            return ("", true);
        }
        rest = rest.trim_start()[word.len()..].trim_start();
    }
    while let Some(word) = rest.split_whitespace().next_back().filter(|word| has_digit(word)) {
        rest = rest.trim_end();
        rest = rest[..rest.len() - word.len()].trim_end();
    }
    let cedex = |end: &str| rest.len() > end.len() && rest.to_ascii_lowercase().ends_with(end);
    if cedex(" cedex") {
        rest = rest[..rest.len() - 6].trim_end();
    }
    if has_digit(rest) { ("", true) } else { (rest, true) }
}

fn skip_words(raw: &str, count: usize) -> &str {
    let mut rest = raw;
    for _ in 0..count {
        rest = rest.trim_start_matches(|c: char| !c.is_alphanumeric());
        rest = rest.trim_start_matches(|c: char| c.is_alphanumeric() || c == '%' || c == '.');
    }
    rest.trim_start_matches(|c: char| !c.is_alphanumeric())
}

fn keep_words(raw: &str, count: usize) -> &str {
    let rest = skip_words(raw, count);
    let end = raw.len() - rest.len();
    raw[..end].trim_end_matches(|c: char| !c.is_alphanumeric() && c != '.')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str) -> Vec<String> {
        split(text).parts.into_iter().map(|part| part.key).collect()
    }

    #[test]
    fn splits() {
        assert_eq!(
            keys("1600 Amphitheatre Pkwy, Mountain View, CA 94043, US"),
            ["amphitheatre pkwy", "mountain view", "ca", "us"]
        );
        assert_eq!(keys("US - CA - San Jose"), ["us", "ca", "san jose"]);
        assert_eq!(keys("75001 Paris"), ["paris"]);
        assert_eq!(keys("London SW1A 1AA"), ["london"]);
        assert!(split("Remote (EMEA)").is_remote && split("Remote (EMEA)").is_macro_region);
        assert_eq!(keys("Hybrid - London"), ["london"]);
        assert_eq!(keys("Remote in Germany"), ["germany"]);
        assert_eq!(split("New York Remote").parts[0].raw, "New York");
        assert_eq!(keys("12 Rue X, N/A, Paris"), ["paris"]);
    }
}
