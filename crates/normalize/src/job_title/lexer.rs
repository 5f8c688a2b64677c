//! Words of a title, folded, with what stands between them.

use unicode_normalization::char::decompose_canonical;

/// Titles longer than this are read up to here; the rest is kept in the cleaned title.
const MAX_TOKENS: usize = 48;

/// What stands between a word and the one before it, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) enum Gap {
    /// A blank, a full stop, an elision, or the start.
    #[default]
    Space,
    /// A hyphen without blanks.
    Hyphen,
    /// A hyphen with blanks.
    Dash,
    Comma,
    Close,
    Open,
    Amp,
    Slash,
    /// `|`, `;`, a bullet.
    Strong,
    At,
}

impl Gap {
    /// The words on both sides belong to one phrase.
    pub(super) fn joins(self) -> bool {
        matches!(self, Gap::Space | Gap::Hyphen)
    }

    /// What follows is another title rather than more about the same one.
    pub(super) fn coordinates(self) -> bool {
        matches!(self, Gap::Amp | Gap::Slash | Gap::Strong)
    }
}

/// One word.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Token {
    /// Byte range in [`Lexed::folded`].
    pub(super) from: u32,
    pub(super) to: u32,
    /// Byte range in the text.
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) gap: Gap,
    pub(super) possessive: bool,
    /// Written without blanks between words: Chinese, Japanese, Korean.
    pub(super) unspaced: bool,
}

/// The words of one text.
#[derive(Debug, Default)]
pub(super) struct Lexed {
    /// Folded words with one space between.
    pub(super) folded: String,
    pub(super) tokens: Vec<Token>,
}

impl Lexed {
    /// Folded text of the words `from..=to`.
    pub(super) fn words(&self, from: usize, to: usize) -> &str {
        match (self.tokens.get(from), self.tokens.get(to)) {
            (Some(first), Some(last)) => {
                self.folded.get(first.from as usize..last.to as usize).unwrap_or_default()
            }
            _ => "",
        }
    }
}

/// Reads `text` into `lexed`, which is emptied first.
pub(super) fn lex(text: &str, lexed: &mut Lexed) {
    lexed.folded.clear();
    lexed.tokens.clear();
    let bytes = text.as_bytes();
    let mut gap = Gap::Space;
    let mut at = 0;
    while at < bytes.len() && lexed.tokens.len() < MAX_TOKENS {
        if bytes[at] == b' ' {
            at += 1;
            continue;
        }
        let plain = plain_word(bytes, at);
        if plain > 0 {
            let start = at;
            at += plain;
            push_word(text, (start, at), gap, lexed);
            gap = Gap::Space;
            continue;
        }
        let Some(c) = next_char(text, at) else { break };
        if !is_word(c) {
            gap = gap.max(separator(text, at, c));
            at += c.len_utf8();
            continue;
        }
        let start = at;
        if !lexed.folded.is_empty() {
            lexed.folded.push(' ');
        }
        let from = lexed.folded.len();
        let mut possessive = false;
        let unspaced = is_unspaced(c);
        at = match dotted(bytes, at, &mut lexed.folded) {
            Some(end) => end,
            None => word(text, at, unspaced, &mut lexed.folded),
        };
        let end = at;
        if let Some(after) = apostrophe(text, at) {
            possessive = after.1;
            at = after.0;
        }
        if lexed.folded.len() == from {
            lexed.folded.truncate(from.saturating_sub(1));
            continue;
        }
        let long = lexed.tokens.last().is_some_and(|before| before.to - before.from > 2);
        if long && is_gender_ending(&lexed.folded[from..], gap, bytes, start) {
            lexed.folded.truncate(from.saturating_sub(1));
            while matches!(bytes.get(at), Some(b')' | b']')) {
                at += 1;
            }
            gap = Gap::Space;
            continue;
        }
        lexed.tokens.push(Token {
            from: from as u32,
            to: lexed.folded.len() as u32,
            start: start as u32,
            end: end as u32,
            gap,
            possessive,
            unspaced,
        });
        gap = Gap::Space;
    }
}

/// Letters of the word at `at`, where it is plainly one: ASCII, no abbreviation, no elision, no gender ending.
fn plain_word(bytes: &[u8], at: usize) -> usize {
    /// Letters of the longest gender ending.
    const ENDING: usize = 5;
    let rest = &bytes[at..];
    let length = rest.iter().position(|byte| !WORD[usize::from(*byte)]).unwrap_or(rest.len());
    let tight = at > 0 && bytes[at - 1] != b' ';
    let goes_on = matches!(rest.get(length), Some(b'.' | b'\'' | 128..));
    if goes_on || tight && length <= ENDING { 0 } else { length }
}

/// ASCII letters and digits.
static WORD: [bool; 256] = {
    let mut word = [false; 256];
    let mut byte = 0;
    while byte < 128 {
        word[byte] = (byte as u8).is_ascii_alphanumeric();
        byte += 1;
    }
    word
};

fn push_word(text: &str, (start, end): (usize, usize), gap: Gap, lexed: &mut Lexed) {
    if !lexed.folded.is_empty() {
        lexed.folded.push(' ');
    }
    let from = lexed.folded.len();
    lexed.folded.push_str(&text[start..end]);
    lexed.folded[from..].make_ascii_lowercase();
    lexed.tokens.push(Token {
        from: from as u32,
        to: lexed.folded.len() as u32,
        start: start as u32,
        end: end as u32,
        gap,
        ..Token::default()
    });
}

/// Folded words of a reference row: lower case, accents off, blanks kept.
pub(super) fn fold_text(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.chars() {
        fold_char(c, &mut folded);
    }
    folded
}

fn next_char(text: &str, at: usize) -> Option<char> {
    text.get(at..)?.chars().next()
}

fn is_word(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_alphanumeric() } else { c.is_alphanumeric() }
}

/// Of a script that leaves no blanks between words.
pub(super) fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}')
}

/// One word from `at`; its end.
fn word(text: &str, mut at: usize, unspaced: bool, folded: &mut String) -> usize {
    let bytes = text.as_bytes();
    while let Some(&byte) = bytes.get(at) {
        if byte.is_ascii() {
            let rest = &bytes[at..];
            let length = if unspaced {
                0
            } else {
                rest.iter().position(|byte| !byte.is_ascii_alphanumeric()).unwrap_or(rest.len())
            };
            if length == 0 {
                break;
            }
            let from = folded.len();
            folded.push_str(text.get(at..at + length).unwrap_or_default());
            if let Some(added) = folded.get_mut(from..) {
                added.make_ascii_lowercase();
            }
            at += length;
            continue;
        }
        match next_char(text, at) {
            Some(c)
                if (is_word(c) || unicode_normalization::char::is_combining_mark(c))
                    && is_unspaced(c) == unspaced =>
            {
                fold_char(c, folded);
                at += c.len_utf8();
            }
            _ => break,
        }
    }
    at
}

/// Single letters with full stops between, as one word: `V.P.`, `C.E.O`.
fn dotted(bytes: &[u8], start: usize, folded: &mut String) -> Option<usize> {
    let letter = |at: usize| {
        bytes.get(at).is_some_and(u8::is_ascii_alphabetic)
            && !bytes.get(at + 1).is_some_and(u8::is_ascii_alphanumeric)
    };
    let mut end = start;
    let mut letters = 0;
    while letter(end) {
        letters += 1;
        end += 1;
        if bytes.get(end) != Some(&b'.') {
            break;
        }
        end += 1;
    }
    if letters < 2 {
        return None;
    }
    folded.extend(
        bytes[start..end]
            .iter()
            .filter(|byte| **byte != b'.')
            .map(|byte| char::from(byte.to_ascii_lowercase())),
    );
    Some(end)
}

/// An apostrophe at `at`: where to go on, and whether it was a genitive.
fn apostrophe(text: &str, at: usize) -> Option<(usize, bool)> {
    let bytes = text.as_bytes();
    if bytes.get(at) != Some(&b'\'') {
        return None;
    }
    match bytes.get(at + 1) {
        Some(b's' | b'S')
            if !bytes.get(at + 2).is_some_and(|byte| byte.is_ascii_alphanumeric() || !byte.is_ascii()) =>
        {
            Some((at + 2, true))
        }
        Some(byte) if byte.is_ascii_alphanumeric() || !byte.is_ascii() => Some((at + 1, false)),
        _ => Some((at + 1, at > 0 && matches!(bytes[at - 1], b's' | b'S'))),
    }
}

/// `Leiter/in`, `Berater:in`, `Verkäufer*in`, `Chargé(e)`: the ending of the other gender says nothing.
fn is_gender_ending(word: &str, gap: Gap, bytes: &[u8], start: usize) -> bool {
    if !matches!(word, "in" | "innen" | "r" | "e" | "a" | "ne" | "trice" | "rice" | "euse" | "frau" | "n")
        || start < 2
    {
        return false;
    }
    let tight = !bytes[start - 1].is_ascii_whitespace() && !bytes[start - 2].is_ascii_whitespace();
    tight
        && (matches!(gap, Gap::Slash | Gap::Open | Gap::Comma)
            || matches!(bytes[start - 1], b'*' | b'_' | b':'))
}

fn separator(text: &str, at: usize, c: char) -> Gap {
    let bytes = text.as_bytes();
    match c {
        '-' => {
            let blank = |byte: Option<&u8>| byte.is_none_or(u8::is_ascii_whitespace);
            if (at > 0 && blank(bytes.get(at - 1))) || blank(bytes.get(at + 1)) {
                Gap::Dash
            } else {
                Gap::Hyphen
            }
        }
        ',' | ':' | '、' | '，' => Gap::Comma,
        '/' | '\\' | '／' => Gap::Slash,
        '&' | '+' | '＆' => Gap::Amp,
        '(' | '[' | '{' | '（' | '【' => Gap::Open,
        ')' | ']' | '}' | '）' | '】' => Gap::Close,
        ';' | '|' | '•' | '·' | '・' | '～' | '»' | '>' => Gap::Strong,
        '@' => Gap::At,
        _ => Gap::Space,
    }
}

fn fold_char(c: char, folded: &mut String) {
    if c.is_ascii() {
        folded.push(c.to_ascii_lowercase());
        return;
    }
    for lower in c.to_lowercase() {
        match lower {
            'ß' => folded.push_str("ss"),
            'ł' => folded.push('l'),
            'ı' => folded.push('i'),
            'ø' => folded.push('o'),
            'đ' => folded.push('d'),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            // Latin, Greek and Cyrillic lose accents; in other scripts a mark makes another letter.
            '\u{80}'..='\u{52f}' | '\u{1e00}'..='\u{1fff}' => decompose_canonical(lower, |part| {
                if !('\u{300}'..='\u{36f}').contains(&part) {
                    folded.push(part);
                }
            }),
            other => folded.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> String {
        let mut lexed = Lexed::default();
        lex(text, &mut lexed);
        lexed.folded
    }

    #[test]
    fn words_are_folded() {
        for (text, folded) in [
            ("S.V.P., Sales", "svp sales"),
            ("Geschäftsführer/in", "geschaftsfuhrer"),
            ("Berater:in (m/w/d)", "berater m w d"),
            ("CEO's EA", "ceo ea"),
            ("Chef d'équipe", "chef d equipe"),
            ("Sr.Mgr", "sr mgr"),
            ("C- Level", "c level"),
        ] {
            assert_eq!(words(text), folded);
        }
    }
}
