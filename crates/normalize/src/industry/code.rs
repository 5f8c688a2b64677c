//! Codes of NAICS, SIC and LinkedIn.

use super::key::Key;
use super::table::{Found, TABLES};

/// The industry of a text that is a code, with or without its title. The span is that of the digits.
pub(super) fn read(text: &str) -> Option<(Found, (usize, usize))> {
    let bytes = text.as_bytes();
    let start = bytes.iter().position(u8::is_ascii_digit)?;
    let scheme = scheme(&text[..start])?;
    // Editions stand before the code: `NAICS 2022: 541511`.
    let edition = ["2002", "2007", "2012", "2017", "2022"].iter().any(|year| text[start..].starts_with(year));
    if scheme == Scheme::Naics && edition {
        let rest = &text[start + 4..];
        let named = rest.trim_start_matches(|c: char| !c.is_ascii_digit());
        let between = &rest[..rest.len() - named.len()];
        if !named.is_empty() && !between.is_empty() && is_label(between) {
            return one(scheme, text, text.len() - named.len());
        }
    }
    one(scheme, text, start)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scheme {
    Naics,
    Sic,
    Linkedin,
    Bare,
}

fn scheme(before: &str) -> Option<Scheme> {
    let before = before.trim();
    if before.is_empty() {
        return Some(Scheme::Bare);
    }
    let word = |name: &str| before.get(..name.len()).is_some_and(|word| word.eq_ignore_ascii_case(name));
    if word("naics") && is_label(&before[5..]) {
        Some(Scheme::Naics)
    } else if word("sic") && is_label(&before[3..]) {
        Some(Scheme::Sic)
    } else if word("urn:li:") && before.ends_with(':') && before.to_ascii_lowercase().contains("industry") {
        Some(Scheme::Linkedin)
    } else {
        None
    }
}

/// What may stand between the name of a scheme and the code.
fn is_label(text: &str) -> bool {
    Key::of(text).is_some_and(|key| matches!(key.as_bytes(), b"" | b"code" | b"no" | b"number"))
}

fn one(scheme: Scheme, text: &str, start: usize) -> Option<(Found, (usize, usize))> {
    let digits = text[start..].bytes().take_while(u8::is_ascii_digit).count();
    let end = start + digits;
    let code = &text[start..end];
    // A code that went through a spreadsheet as a number ends in `.0`.
    let rest = text[end..].strip_prefix(".0").unwrap_or(&text[end..]);
    let (found, most) = match scheme {
        Scheme::Linkedin => {
            let found =
                rest.trim().is_empty().then(|| code.parse().ok().and_then(|code| TABLES.linkedin(code)));
            return Some((found??, (start, end)));
        }
        Scheme::Sic => (TABLES.sic(code).filter(|_| is_title(rest, ""))?, 90),
        Scheme::Naics | Scheme::Bare => {
            let (code, rest) = sector(code, rest);
            let (found, title) = TABLES.naics(code)?;
            let clear = scheme == Scheme::Naics || digits > 3;
            if !(is_title(rest, title) || clear && is_any_title(rest)) {
                return None;
            }
            let alone = scheme == Scheme::Bare && rest.trim().is_empty();
            // A bare number of few digits may be the code of another scheme.
            (found, if alone { [0, 0, 60, 60, 70, 85, 85][digits.min(6)] } else { 95 })
        }
    };
    Some((found.by(found.rule, most), (start, end)))
}

/// The three sectors that are ranges: `31-33`, `44-45` and `48-49`.
fn sector<'a>(code: &'a str, rest: &'a str) -> (&'a str, &'a str) {
    let second = match code {
        "31" => "33",
        "44" => "45",
        "48" => "49",
        _ => return (code, rest),
    };
    let behind = rest.trim_start().trim_start_matches(crate::text::is_dash).trim_start();
    (code, behind.strip_prefix(second).unwrap_or(rest))
}

/// Nothing, a title behind a separator, or the very title of the code. Digits are no title: `51-200` and `11 - 50 employees` are ranges.
fn is_title(rest: &str, title: &str) -> bool {
    let separated = rest
        .trim_start()
        .starts_with(|c: char| matches!(c, ':' | '|' | ')' | ',' | '.') || crate::text::is_dash(c));
    let known = || {
        let key = |text: &str| Key::of(text).map(|key| key.as_bytes().to_vec());
        !title.is_empty() && key(rest) == key(title)
    };
    rest.trim().is_empty() || separated && is_any_title(rest) || known()
}

fn is_any_title(rest: &str) -> bool {
    !rest.contains(|c: char| c.is_ascii_digit()) && !rest.starts_with(char::is_alphanumeric)
}
