//! What stands around a name and is no part of it: pronouns, pictures, taglines, nicknames in quotes.

use std::borrow::Cow;
use unicode_normalization::char::is_combining_mark;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use super::words::entry;
use crate::text;

/// A text with nothing but names, titles, dots, commas, hyphens and apostrophes.
pub(super) struct Stripped<'a> {
    pub text: Cow<'a, str>,
    pub nickname: Option<String>,
}

/// Strips `raw`.
pub(super) fn strip(raw: &str) -> Stripped<'_> {
    if raw.bytes().all(|c| c.is_ascii_alphabetic() || matches!(c, b' ' | b'.' | b'-' | b','))
        && !raw.contains(" - ")
    {
        return Stripped { text: text::tidy(raw), nickname: None };
    }
    let is_composed = |text: &str| matches!(is_nfc_quick(text.chars()), IsNormalized::Yes);
    let tidied = if is_composed(raw) { Cow::Borrowed(raw) } else { text::tidy(raw) };
    let tidied = if tidied.chars().any(is_styled) {
        Cow::Owned(text::tidy(&tidied.nfkc().collect::<String>()).into_owned())
    } else {
        tidied
    };
    let mut strip = Strip { kept: String::with_capacity(tidied.len()), nickname: None };
    strip.read(&tidied);
    let Strip { kept, nickname } = strip;
    let text = if is_composed(&kept) { text::trim(&kept).to_owned() } else { text::tidy(&kept).into_owned() };
    Stripped { text: Cow::Owned(text), nickname }
}

/// Letters that are other letters in a costume: mathematical, full-width, in circles.
fn is_styled(c: char) -> bool {
    matches!(c, '\u{1d400}'..='\u{1d7ff}' | '\u{ff21}'..='\u{ff5a}' | '\u{2460}'..='\u{24ff}' | '\u{3000}')
}

struct Strip {
    kept: String,
    nickname: Option<String>,
}

impl Strip {
    fn read(&mut self, text: &str) {
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            let behind = &rest[c.len_utf8()..];
            rest = match c {
                '(' | '[' | '{' | '（' | '［' | '<' => match behind.find([')', ']', '}', '）', '］', '>'])
                {
                    Some(end) => {
                        let after = skip(behind, end);
                        self.aside(&behind[..end], !text::trim(after).is_empty());
                        after
                    }
                    None => return,
                },
                '"' | '“' | '„' | '«' | '”' => match behind.find(['"', '”', '“', '»']) {
                    Some(end) => {
                        self.called(&behind[..end]);
                        skip(behind, end)
                    }
                    None => self.blank(behind),
                },
                '\'' | '‘' if self.at_start() && closing(behind).is_some() => {
                    let end = closing(behind).unwrap_or_default();
                    self.called(&behind[..end]);
                    skip(behind, end)
                }
                '|' | '•' | '►' | '▶' | '~' | ':' | '»' | '¦' | '｜' => {
                    if self.cut(behind) {
                        return;
                    }
                    self.blank(behind)
                }
                '·' | '・' if self.at_start() => {
                    if self.cut(behind) {
                        return;
                    }
                    self.blank(behind)
                }
                c if (text::is_dash(c) || c == '/' || c == '@')
                    && self.at_start()
                    && (behind.is_empty() || behind.starts_with(' ')) =>
                {
                    if self.cut(behind) {
                        return;
                    }
                    self.blank(behind)
                }
                '，' | '、' | '،' => {
                    self.kept.push(',');
                    behind
                }
                ' ' => self.blank(behind),
                c if text::is_invisible(c) => behind,
                c if c.is_alphanumeric() || is_combining_mark(c) || is_kept(c) => {
                    self.kept.push(if text::is_dash(c) { '-' } else { c });
                    behind
                }
                _ => self.blank(behind),
            };
        }
    }

    fn at_start(&self) -> bool {
        self.kept.is_empty() || self.kept.ends_with(' ')
    }

    fn blank<'a>(&mut self, behind: &'a str) -> &'a str {
        if !self.kept.ends_with(' ') {
            self.kept.push(' ');
        }
        behind
    }

    /// What stands in brackets: letters behind the name, or another name of the person inside it.
    fn aside(&mut self, inside: &str, goes_on: bool) {
        self.kept.push(' ');
        if self.kept.trim().is_empty() {
            return;
        }
        if is_credentials(inside) {
            self.kept.push_str(", ");
            self.kept.push_str(inside);
        } else if goes_on {
            self.called(inside);
        }
    }

    fn called(&mut self, inside: &str) {
        self.kept.push(' ');
        let inside = text::trim(inside);
        let is_name = inside.chars().all(|c| c.is_alphabetic() || matches!(c, ' ' | '.' | '-' | '\''))
            && inside.chars().next().is_some_and(char::is_alphabetic);
        let is_pronoun =
            ["she", "he", "they", "her", "him", "them"].iter().any(|word| inside.eq_ignore_ascii_case(word));
        if is_name && !is_pronoun && inside.len() <= 30 && self.nickname.is_none() {
            self.nickname = Some(inside.to_owned());
        }
    }

    /// Whether the text ends here: there is a name before, and a tagline behind. Credentials behind are kept.
    fn cut(&mut self, behind: &str) -> bool {
        if !self.kept.chars().any(char::is_alphabetic) {
            return false;
        }
        if is_credentials(behind) {
            self.kept.push_str(", ");
            self.kept.push_str(text::trim(behind));
        }
        true
    }
}

fn skip(text: &str, at: usize) -> &str {
    let mut chars = text[at..].chars();
    chars.next();
    chars.as_str()
}

/// Marks that names are written with.
fn is_kept(c: char) -> bool {
    matches!(c, '.' | '\'' | '’' | 'ʼ' | '‘' | '`' | '´' | ',' | '·' | '・' | '&' | '+' | '@' | '/')
        || text::is_dash(c)
}

/// Where a nickname in single quotes ends: before a blank or the end, and with no blank behind its start.
fn closing(behind: &str) -> Option<usize> {
    let end = behind.find(['\'', '’'])?;
    let after = skip(behind, end);
    let stands_alone = after.is_empty() || after.starts_with([' ', ',']);
    (stands_alone && end > 1 && !behind.starts_with(' ') && !behind[..end].contains(' ')).then_some(end)
}

fn is_credentials(text: &str) -> bool {
    let mut words = text.split([' ', ',', '/', '|']).filter(|word| !word.is_empty()).peekable();
    words.peek().is_some()
        && words.all(|word| {
            entry(word).is_some_and(|entry| entry.credential.is_some() || entry.suffix.is_some())
                && word.chars().any(char::is_uppercase)
        })
}
