//! Several industries in one text, and paths from the wide to the narrow.

use super::table::{Entry, Found, TABLES};

/// More parts than this are a list of keywords, of which only the first are read.
const MOST_PARTS: usize = 16;

/// What a text of several parts names: the one that counts, where it stands in the text, and the others.
pub(super) struct Several {
    pub(super) found: Found,
    pub(super) span: (usize, usize),
    pub(super) also: Vec<&'static str>,
}

/// Reads `A > B > C` (the narrowest counts), `A; B` (the first that is known counts) and `A, B & C` (each must be known, since commas and
/// `&` stand in names too; the first counts).
pub(super) fn read(text: &str, one: impl Fn(&str) -> Option<Entry>) -> Option<Several> {
    let arrow = |c: char| matches!(c, '>' | '»' | '›' | '→');
    if text.contains(arrow) {
        return path(text, &parts(text, arrow), &one);
    }
    let list = text.trim_start().starts_with('[');
    let strong = |c: char| matches!(c, ';' | '|' | '\n' | '\r' | '\t' | '•' | '·') || list && c == '"';
    if text.contains(strong) {
        let named =
            |part: &str| one(part).or_else(|| weak(part, &one).map(|several| Entry::Industry(several.found)));
        let known: Vec<_> = parts(text, strong)
            .into_iter()
            .filter_map(|(start, end)| Some((named(&text[start..end])?.industry()?, (start, end))))
            .collect();
        return first(&known, 80);
    }
    weak(text, &one)
}

fn path(text: &str, parts: &[(usize, usize)], one: &impl Fn(&str) -> Option<Entry>) -> Option<Several> {
    let known = |&(start, end): &(usize, usize)| Some((one(&text[start..end])?.industry()?, (start, end)));
    let (found, span) = parts.iter().rev().find_map(known)?;
    Some(Several { found: found.by("narrowest_of_path", 90), span, also: Vec::new() })
}

/// Parts between separators that stand in names too: the longest runs of parts that are known, from the left, until none is left.
fn weak(text: &str, one: &impl Fn(&str) -> Option<Entry>) -> Option<Several> {
    let parts = weak_parts(text);
    if parts.len() < 2 || parts.len() > MOST_PARTS {
        return None;
    }
    let (mut known, mut at) = (Vec::new(), 0);
    while at < parts.len() {
        let run = (at..parts.len()).rev().find_map(|last| {
            let (start, end) = (parts[at].0, parts[last].1);
            // What joins the words of one name is exact; forgiving spellings are for a part alone.
            let part = &text[start..end];
            let entry = if last == at { one(part) } else { TABLES.find(part) }?;
            Some((entry, last, (start, end)))
        });
        let (entry, last, span) = run?;
        match entry {
            Entry::Industry(found) => known.push((found, span)),
            // `Software, Services` names an industry and says nothing more.
            Entry::Not("ambiguous" | "other") if !known.is_empty() => {}
            Entry::Not(_) => return None,
        }
        at = last + 1;
    }
    first(&known, 70)
}

fn first(known: &[(Found, (usize, usize))], most: u8) -> Option<Several> {
    let &(found, span) = known.first()?;
    let mut also: Vec<&'static str> = Vec::new();
    for (other, _) in &known[1..] {
        if other.name != found.name && !also.contains(&other.name) {
            also.push(other.name);
        }
    }
    Some(Several { found: found.by("first_of_several", most), span, also })
}

/// Byte ranges of what stands between separators, without blanks.
fn parts(text: &str, separator: impl Fn(char) -> bool) -> Vec<(usize, usize)> {
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, c) in text.char_indices() {
        if separator(c) {
            push(text, (start, at), &mut parts);
            start = at + c.len_utf8();
        }
    }
    push(text, (start, text.len()), &mut parts);
    parts.truncate(MOST_PARTS);
    parts
}

fn weak_parts(text: &str) -> Vec<(usize, usize)> {
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, c) in text.char_indices() {
        let spaced = text[..at].ends_with(' ') && text[at + c.len_utf8()..].starts_with(' ');
        let word = |word: &str| {
            c == ' ' && text[at..].get(..word.len()).is_some_and(|found| found.eq_ignore_ascii_case(word))
        };
        let length = if matches!(c, ',' | '/' | '&' | '+' | '(' | ')' | ':' | '[' | ']' | '、' | '，')
            || spaced && crate::text::is_dash(c)
        {
            c.len_utf8()
        } else if let Some(word) =
            [" and ", " und ", " et ", " y ", " e "].into_iter().find(|name| word(name))
        {
            word.len() - 1
        } else {
            continue;
        };
        if at >= start {
            push(text, (start, at), &mut parts);
        }
        start = at + length;
        if parts.len() > MOST_PARTS {
            break;
        }
    }
    if start <= text.len() {
        push(text, (start, text.len()), &mut parts);
    }
    parts
}

fn push(text: &str, (start, end): (usize, usize), parts: &mut Vec<(usize, usize)>) {
    let part = &text[start..end];
    let trimmed = part.trim_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ',' | '[' | ']'));
    if trimmed.chars().any(char::is_alphanumeric) {
        let from = start
            + (part.len()
                - part
                    .trim_start_matches(|c: char| {
                        c.is_whitespace() || matches!(c, '"' | '\'' | ',' | '[' | ']')
                    })
                    .len());
        parts.push((from, from + trimmed.len()));
    }
}
