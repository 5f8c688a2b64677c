//! The readable form of a title. A title is parsed in this form, so that what is said of it does not change when it is cleaned again.

use unicode_normalization::{UnicodeNormalization, is_nfc};

/// A cleaned title, and where its bytes come from.
#[derive(Debug)]
pub(super) struct Clean {
    pub(super) text: String,
    /// Raw byte range of each byte; none where the text is the raw one.
    origins: Option<Vec<(u32, u32)>>,
    /// A mark of links and mailboxes stands in it.
    pub(super) marked: bool,
}

impl Clean {
    /// Raw range of `start..end` of the cleaned text.
    pub(super) fn raw_range(&self, start: usize, end: usize) -> (u32, u32) {
        let Some(origins) = &self.origins else { return (start as u32, end as u32) };
        let first = origins.get(start).map_or(0, |origin| origin.0);
        let last = end.checked_sub(1).and_then(|last| origins.get(last)).map_or(first, |origin| origin.1);
        (first, last.max(first))
    }
}

/// Cleans `raw`: NFC, blanks squeezed, stray marks and invisible characters out, dashes and quotes plain, case repaired.
pub(super) fn clean(raw: &str) -> Clean {
    if let Some(marked) = clean_already(raw) {
        return Clean { text: raw.to_owned(), origins: None, marked };
    }
    let (mut text, mut origins) = pass(raw);
    if !text.is_ascii() {
        // Taking marks out can bring letters together that compose; this ends after a round or two.
        for _ in 0..4 {
            let (again, again_origins) = pass(&text);
            if again == text {
                break;
            }
            origins = again_origins.iter().map(|&(start, end)| through(&origins, start, end)).collect();
            text = again;
        }
    }
    Clean { text, origins: Some(origins), marked: true }
}

fn through(origins: &[(u32, u32)], start: u32, end: u32) -> (u32, u32) {
    let first = origins.get(start as usize).map_or(0, |origin| origin.0);
    let last =
        (end as usize).checked_sub(1).and_then(|last| origins.get(last)).map_or(first, |origin| origin.1);
    (first, last.max(first))
}

/// The common case, plain ASCII in mixed case with nothing to trim: whether a mark of links and mailboxes stands in it.
fn clean_already(raw: &str) -> Option<bool> {
    let bytes = raw.as_bytes();
    let (Some(&first), Some(&last)) = (bytes.first(), bytes.last()) else { return Some(false) };
    if is_edge(char::from(first)) || is_tail(char::from(last)) {
        return None;
    }
    let (mut seen, mut before) = (0, 0);
    for &byte in bytes {
        let class = CLASSES[usize::from(byte)];
        if class & before & BLANK != 0 {
            return None;
        }
        seen |= class;
        before = class;
    }
    let cased = seen & (UPPER | LOWER | ODD) == UPPER | LOWER;
    (cased && (seen & AMP == 0 || !raw.contains("&amp;"))).then_some(seen & MARK != 0)
}

const BLANK: u8 = 1;
const UPPER: u8 = 2;
const LOWER: u8 = 4;
const AMP: u8 = 8;
/// What is never left as it stands.
const ODD: u8 = 16;
const MARK: u8 = 32;

/// What each byte is.
static CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        classes[byte] = match byte as u8 {
            b' ' => BLANK,
            b'A'..=b'Z' => UPPER,
            b'a'..=b'z' => LOWER,
            b'&' => AMP,
            b'.' | b':' | b'@' => MARK,
            b'`' | 0..=31 | 127.. => ODD,
            _ => 0,
        };
        byte += 1;
    }
    classes
};

fn pass(raw: &str) -> (String, Vec<(u32, u32)>) {
    let mut text = String::with_capacity(raw.len());
    let mut origins: Vec<(u32, u32)> = Vec::with_capacity(raw.len());
    let mut push = |text: &mut String, c: char, start: usize, end: usize| {
        text.push(c);
        origins.extend(std::iter::repeat_n((start as u32, end as u32), c.len_utf8()));
    };
    let mut pending = None;
    let mut at = 0;
    while at < raw.len() {
        let rest = raw.get(at..).unwrap_or_default();
        let Some(c) = rest.chars().next() else { break };
        if is_blank(c) {
            pending.get_or_insert((at, at + c.len_utf8()));
            at += c.len_utf8();
            continue;
        }
        let length = rest.find(is_blank).unwrap_or(rest.len());
        let word = &rest[..length];
        let whole = !is_nfc(word) || word.contains("&amp;");
        let mut one = |c: char, start: usize, end: usize| {
            let Some(c) = plain(c) else { return };
            if c.is_whitespace() {
                pending.get_or_insert((start, end));
                return;
            }
            if let Some((from, to)) = pending.take()
                && !text.is_empty()
            {
                push(&mut text, ' ', from, to);
            }
            push(&mut text, c, start, end);
        };
        if whole {
            let mut composed: String = word.nfc().collect();
            while composed.contains("&amp;") {
                composed = composed.replace("&amp;", "&");
            }
            for c in composed.chars() {
                one(c, at, at + length);
            }
        } else {
            for (offset, c) in word.char_indices() {
                one(c, at + offset, at + offset + c.len_utf8());
            }
        }
        at += length;
    }
    trim(&mut text, &mut origins);
    repair_case(text, origins)
}

fn is_blank(c: char) -> bool {
    c.is_whitespace() || c.is_control()
}

/// The plain form of a character; none where it is only noise.
fn plain(c: char) -> Option<char> {
    match c {
        '\u{300}'..='\u{36f}' => None,
        '\u{ad}'
        | '\u{61c}'
        | '\u{180e}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' => None,
        '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fffd}' => None,
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' => Some('-'),
        '\u{2018}'..='\u{201b}' | '\u{b4}' | '`' | '\u{2bc}' => Some('\''),
        '\u{201c}'..='\u{201f}' => Some('"'),
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0),
        other => Some(other),
    }
}

/// Punctuation that says nothing before a title.
fn is_edge(c: char) -> bool {
    (is_tail(c) && c != '(') || matches!(c, '.' | ')' | ']')
}

/// Punctuation that says nothing after a title.
fn is_tail(c: char) -> bool {
    matches!(
        c,
        ' ' | '-'
            | ','
            | ';'
            | ':'
            | '|'
            | '/'
            | '\\'
            | '*'
            | '_'
            | '"'
            | '\''
            | '~'
            | '•'
            | '·'
            | '='
            | '<'
            | '>'
            | '^'
            | '`'
            | '&'
            | '('
    )
}

fn trim(text: &mut String, origins: &mut Vec<(u32, u32)>) {
    let end = text.trim_end_matches(is_tail).len();
    text.truncate(end);
    origins.truncate(end);
    let start = text.len() - text.trim_start_matches(is_edge).len();
    text.drain(..start);
    origins.drain(..start);
}

/// All capitals and all small letters become title case; mixed case is as the writer wanted it.
fn repair_case(text: String, origins: Vec<(u32, u32)>) -> (String, Vec<(u32, u32)>) {
    let upper = text.chars().any(char::is_uppercase);
    let lower = text.chars().any(char::is_lowercase);
    if upper == lower {
        return (text, origins);
    }
    let mut repaired = String::with_capacity(text.len());
    let mut repaired_origins = Vec::with_capacity(origins.len());
    let mut first = true;
    let mut before = ' ';
    let mut chars = text.char_indices().peekable();
    while let Some(&(start, c)) = chars.peek() {
        let mut end = start;
        while let Some(&(at, c)) = chars.peek()
            && (c.is_alphabetic() || at == start)
        {
            end = at + c.len_utf8();
            chars.next();
            if !c.is_alphabetic() {
                break;
            }
        }
        let word = &text[start..end];
        if c.is_alphabetic() {
            let style = style(word, first, before, upper);
            first = false;
            for (offset, c) in word.char_indices() {
                let cased = match style {
                    Style::Keep => c,
                    Style::Upper => c.to_ascii_uppercase(),
                    Style::Lower => small(c),
                    Style::Title if offset == 0 => large(c),
                    Style::Title => small(c),
                };
                repaired.push(cased);
                let origin = origins.get(start + offset).copied().unwrap_or_default();
                repaired_origins.extend(std::iter::repeat_n(origin, cased.len_utf8()));
            }
        } else {
            repaired.push_str(word);
            repaired_origins.extend_from_slice(origins.get(start..end).unwrap_or_default());
        }
        before = word.chars().next_back().unwrap_or(' ');
    }
    (repaired, repaired_origins)
}

enum Style {
    Keep,
    Upper,
    Lower,
    Title,
}

fn style(word: &str, first: bool, before: char, capitals: bool) -> Style {
    let folded = word.to_ascii_lowercase();
    if before == '\'' && folded == "s" {
        return Style::Lower;
    }
    if SMALL.contains(&folded.as_str()) && !first && before == ' ' {
        return Style::Lower;
    }
    if INITIALS.contains(&folded.as_str()) {
        return Style::Upper;
    }
    // A short word in capitals that is no word of titles is initials: leave it.
    if capitals && word.len() <= 3 && !SHORT.contains(&folded.as_str()) {
        return Style::Keep;
    }
    Style::Title
}

fn small(c: char) -> char {
    // The small form of İ has a loose dot.
    if c == 'İ' {
        return 'i';
    }
    single(c, c.to_lowercase())
}

fn large(c: char) -> char {
    if c > '\u{58f}' { c } else { single(c, c.to_uppercase()) }
}

fn single(c: char, mut mapped: impl Iterator<Item = char>) -> char {
    match (mapped.next(), mapped.next()) {
        (Some(one), None) => one,
        _ => c,
    }
}

const SMALL: [&str; 32] = [
    "of", "and", "the", "for", "to", "in", "at", "on", "with", "de", "du", "des", "la", "le", "les", "et",
    "der", "von", "und", "für", "im", "di", "del", "della", "e", "y", "da", "do", "van", "och", "i", "by",
];

const INITIALS: [&str; 71] = [
    "ceo", "cfo", "coo", "cto", "cmo", "cio", "cso", "chro", "cpo", "cro", "cco", "cdo", "ciso", "clo",
    "cao", "cxo", "vp", "svp", "evp", "avp", "fvp", "gm", "md", "hr", "it", "qa", "ui", "ux", "ai", "ml",
    "pr", "seo", "sem", "crm", "erp", "sap", "pmo", "hrbp", "sdr", "bdr", "sdet", "swe", "sde", "sre", "dba",
    "emea", "apac", "latam", "usa", "uk", "us", "eu", "b2b", "b2c", "saas", "pdg", "rh", "daf", "drh", "dsi",
    "vd", "edv", "gf", "ict", "bi", "aml", "kyc", "fp", "hse", "ehs", "cgo",
];

const SHORT: [&str; 22] = [
    "dir", "mgr", "sr", "jr", "rep", "eng", "asst", "man", "art", "tax", "web", "law", "new", "off", "dep",
    "aid", "tel", "oil", "gas", "non", "snr", "jnr",
];
