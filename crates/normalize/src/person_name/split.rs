use firmograph_core::{Evidence, Outcome};
use serde::Serialize;

use super::order::{Arranged, Layout, Word, arrange};
use super::strip::strip;
use super::words::{Entry, When, entry, is_no_name};
use crate::text;

/// The parts of a person's name. Nothing says of what gender the person is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct PersonName {
    /// Forms of address and titles before the name, `Prof. Dr.`
    pub prefix: Option<String>,
    /// First given name or initial; none of a name of one word.
    pub given: Option<String>,
    /// Names between the first and the family name.
    pub middle: Option<String>,
    /// `van der`, `de la`, `von`: what the family name is sorted without.
    pub particle: Option<String>,
    /// Family name; none of a name of one word.
    pub family: Option<String>,
    /// `Jr`, `III`, `Esq`.
    pub suffix: Option<String>,
    /// Degrees and professional letters, `PhD, MBA`.
    pub credentials: Option<String>,
    /// The name in quotes or brackets within the name.
    pub nickname: Option<String>,
    /// The name to show: given, middle, particle, family and suffix, in the order in which the person's name is written.
    pub display: String,
}

/// Splits a name as people, forms and profiles write it.
///
/// `Last, First` is turned round; pronouns, pictures and taglines are left out; a name in capitals or small letters only gets its
/// casing, any other keeps it. A name of one word is shown as it is, neither given nor family. Han, kana and hangul names without a
/// blank stay whole, with one blank they begin with the family name, as do names that begin with a Vietnamese family name. The last
/// word is the family name otherwise, with the word before where both are family names of Spain or Portugal.
///
/// A text is unmatched with `not_a_person` when it has words of organisations or of functions (`Acme Ltd`, `Sales Team`), `placeholder`,
/// `several_names`, `email`, `digits`, or `no_name` when there is a title and no name.
///
/// ```
/// use firmograph_normalize::split_person_name;
/// let name = split_person_name("Prof. Dr. LUDWIG VAN DER BERG, MBA").ok().unwrap().value;
/// assert_eq!(name.display, "Ludwig van der Berg");
/// assert_eq!((name.particle.as_deref(), name.family.as_deref()), (Some("van der"), Some("Berg")));
/// assert_eq!((name.prefix.as_deref(), name.credentials.as_deref()), (Some("Prof. Dr."), Some("MBA")));
/// assert_eq!(split_person_name("Sales Team").reason(), Some("not_a_person"));
/// ```
#[must_use]
pub fn split_person_name(raw: &str) -> Outcome<PersonName> {
    if text::is_too_long_a_name(raw) {
        return Outcome::unmatched("too_long");
    }
    let trimmed = text::trim(raw);
    if trimmed.is_empty() {
        return Outcome::unmatched("blank");
    }
    if crate::is_placeholder(trimmed) {
        return Outcome::unmatched("placeholder");
    }
    match read(trimmed).and_then(|found| settle(found, trimmed)) {
        Ok(Found { name, rule, percent }) => {
            Outcome::matched(name, Evidence::new(rule, REFERENCE, text::span_of(raw, trimmed), percent))
        }
        Err(reason) => Outcome::unmatched(reason),
    }
}

pub(super) const REFERENCE: &str = "person_names@2026.1";

/// A name and how it was read.
pub(super) struct Found {
    pub name: PersonName,
    pub rule: &'static str,
    pub percent: u8,
}

/// The name whose display form reads as itself: what one reading uncovers, the next may still take away.
pub(super) fn settle(mut found: Found, raw: &str) -> Result<Found, &'static str> {
    if found.name.display == raw {
        return Ok(found);
    }
    for _ in 0..4 {
        if crate::is_placeholder(&found.name.display) {
            return Err("placeholder");
        }
        let again = read(&found.name.display)?;
        if again.name.display == found.name.display {
            return Ok(found);
        }
        let first = found.name;
        found.name = PersonName {
            prefix: first.prefix.or(again.name.prefix),
            credentials: first.credentials.or(again.name.credentials),
            nickname: first.nickname.or(again.name.nickname),
            ..again.name
        };
    }
    Err("not_recognised")
}

fn read(raw: &str) -> Result<Found, &'static str> {
    let stripped = strip(raw);
    let mut pieces = stripped.text.split(',').map(str::trim).filter(|piece| !piece.is_empty());
    let Some(first) = pieces.next() else { return Err("no_name") };
    let mut draft = Draft { nickname: stripped.nickname, ..Draft::default() };
    let mut words = words_of(first)?;
    draft.take_prefixes(&mut words);
    draft.take_tail(&mut words, false);
    let mut given = None;
    for piece in pieces {
        let mut other = words_of(piece)?;
        draft.take_tail(&mut other, true);
        if other.is_empty() || given.is_some() || is_letters(&words, &other) {
            draft.keep_letters(&other);
            continue;
        }
        draft.take_prefixes(&mut other);
        if !other.is_empty() && is_given(&words, &other) {
            given = Some(other);
        }
    }
    let layout = match given {
        Some(mut other) => {
            let family_from = other.len();
            other.append(&mut words);
            words = other;
            Layout::FamilyFrom(family_from)
        }
        None => Layout::AsWritten,
    };
    match layout {
        Layout::AsWritten => draft.refuse(first, &words)?,
        _ => draft.refuse(&joined(&words), &words)?,
    }
    if words.is_empty() || words.len() == 1 && is_title(words[0]) {
        return Err("no_name");
    }
    draft.finish(&words, layout)
}

/// The words with a blank between them.
pub(super) fn joined(words: &[Word<'_>]) -> String {
    words.iter().map(|word| word.text).collect::<Vec<_>>().join(" ")
}

/// What was taken from around a name so far.
#[derive(Default)]
pub(super) struct Draft<'a> {
    pub prefixes: Vec<&'static str>,
    pub suffix: Option<&'static str>,
    pub credentials: Vec<&'a str>,
    pub nickname: Option<String>,
}

impl<'a> Draft<'a> {
    pub(super) fn take_prefixes(&mut self, words: &mut Vec<Word<'a>>) {
        let count = words.iter().take_while(|word| match word.entry.and_then(|entry| entry.prefix) {
            Some((display, when)) => {
                let taken = match when {
                    When::Dot => word.text.ends_with('.'),
                    When::Behind => !self.prefixes.is_empty(),
                    _ => true,
                };
                if taken {
                    self.prefixes.push(display);
                }
                taken
            }
            None => false,
        });
        let count = count.count();
        words.drain(..count);
    }

    /// Takes suffixes and credentials from the end; all of the words where they stand behind a comma.
    pub(super) fn take_tail(&mut self, words: &mut Vec<Word<'a>>, behind_comma: bool) {
        let least = if behind_comma { 0 } else { 1 };
        let shows_case = words.first().is_some_and(|word| word.text.chars().any(char::is_lowercase));
        let mut letters = Vec::new();
        while words.len() > least {
            let (word, before) = (words[words.len() - 1], words.len() - 1);
            if self.suffix.is_none()
                && let Some((display, when)) = word.entry.and_then(|entry| entry.suffix)
                && is_suffix(word.text, when, if behind_comma { 2 } else { before }, shows_case)
            {
                self.suffix = Some(display);
            } else if let Some(display) = credential(word, before, shows_case, behind_comma) {
                letters.push(display);
            } else if before > least && is_split_doctorate(words[before - 1].text, word.text) {
                letters.push("PhD");
                words.pop();
            } else {
                break;
            }
            words.pop();
        }
        self.credentials.extend(letters.into_iter().rev());
    }

    /// Unknown letters behind a comma, `Jane Roe, XYZ`.
    fn keep_letters(&mut self, words: &[Word<'a>]) {
        if words.iter().all(|word| is_acronym(word.text)) {
            self.credentials.extend(words.iter().map(|word| word.text));
        }
    }

    /// Whether the words are no person's name.
    pub(super) fn refuse(&self, text: &str, words: &[Word<'a>]) -> Result<(), &'static str> {
        if is_no_name(text) {
            return Err("placeholder");
        }
        if words.len() > MOST_WORDS {
            return Err("not_a_person");
        }
        let refusal = |word: &Word<'a>| word.entry.and_then(|entry| entry.refusal);
        let is_never = words.iter().any(|word| refusal(word) == Some(When::Never));
        let is_alone = !words.is_empty() && words.iter().all(|word| refusal(word) == Some(When::Alone));
        let shows_case = words.first().is_some_and(|word| word.text.chars().any(char::is_lowercase));
        let is_company = words.len() > 1
            && (words[0].text.eq_ignore_ascii_case("the")
                || shows_case && words.last().is_some_and(|word| LEGAL_FORMS.contains(&word.text)));
        if is_never || is_alone || is_company { Err("not_a_person") } else { Ok(()) }
    }

    /// The name of `words` with what was taken.
    pub(super) fn finish(self, words: &[Word<'a>], layout: Layout) -> Result<Found, &'static str> {
        let Arranged { name, rule, percent } = arrange(words, layout, self.suffix)?;
        let credentials = (!self.credentials.is_empty()).then(|| self.credentials.join(", "));
        let prefix = (!self.prefixes.is_empty()).then(|| self.prefixes.join(" "));
        Ok(Found { name: PersonName { prefix, credentials, nickname: self.nickname, ..name }, rule, percent })
    }
}

/// More words than any name of a person in a table has.
const MOST_WORDS: usize = 9;

/// Short legal forms that are no family name when written so.
const LEGAL_FORMS: [&str; 10] = ["AG", "SA", "AB", "AS", "OY", "BV", "NV", "KG", "SPA", "SRL"];

/// The words of one piece between commas.
pub(super) fn words_of(piece: &str) -> Result<Vec<Word<'_>>, &'static str> {
    let mut words = Vec::with_capacity(6);
    for word in piece.split(' ').filter(|word| !word.is_empty()) {
        if word.contains('@') {
            return Err("email");
        }
        let mut rest = word;
        loop {
            let found = entry(rest);
            match rest.find('.').filter(|_| found.is_none()) {
                Some(dot) if is_glued(&rest[..dot], &rest[dot + 1..])? => {
                    words.push(Word { text: &rest[..=dot], entry: entry(&rest[..=dot]) });
                    rest = &rest[dot + 1..];
                }
                _ => {
                    push(&mut words, rest, found)?;
                    break;
                }
            }
        }
    }
    // `von und zu` is one name's.
    let is_particle = |word: Option<&Word<'_>>| {
        word.and_then(|word| word.entry).is_some_and(|entry| entry.particle.is_some())
    };
    let conjunction = words.iter().position(|word| ["and", "und", "AND", "UND", "et"].contains(&word.text));
    match conjunction {
        Some(at) if at == 0 || !is_particle(words.get(at - 1)) || !is_particle(words.get(at + 1)) => {
            Err("several_names")
        }
        _ => Ok(words),
    }
}

fn push<'a>(
    words: &mut Vec<Word<'a>>,
    word: &'a str,
    found: Option<&'static Entry>,
) -> Result<(), &'static str> {
    let known = found.is_some_and(|entry| entry.suffix.is_some() || entry.credential.is_some());
    let mut letters = false;
    for c in word.chars() {
        match c {
            '&' | '+' => return Err("several_names"),
            '/' if is_pronouns(word) => return Ok(()),
            '/' => return Err("several_names"),
            c if c.is_alphabetic() => letters = true,
            c if c.is_numeric() && !known => return Err("digits"),
            _ => {}
        }
    }
    if letters {
        words.push(Word { text: word, entry: found });
    }
    Ok(())
}

/// Whether a word is two with no blank: `Dr.Roe`, `J.Roe`. A dot inside longer words is that of a host.
fn is_glued(before: &str, behind: &str) -> Result<bool, &'static str> {
    let letters = |text: &str| text.chars().filter(|c| c.is_alphabetic()).count();
    if letters(behind) < 2 || before.is_empty() {
        return Ok(false);
    }
    if entry(before).is_some_and(|entry| entry.prefix.is_some()) {
        return Ok(true);
    }
    match letters(before) {
        1 => Ok(letters(behind) > 2 && !behind.contains('.')),
        2 => Ok(false),
        _ => Err("not_a_person"),
    }
}

/// Credentials or a suffix that are no name: `PhD` alone.
fn is_title(word: Word<'_>) -> bool {
    word.entry.is_some_and(|entry| {
        matches!(entry.credential, Some((_, When::Any))) || matches!(entry.suffix, Some((_, When::Any)))
    })
}

fn is_pronouns(word: &str) -> bool {
    word.split('/').all(|part| {
        ["she", "her", "hers", "he", "him", "his", "they", "them", "theirs", "any", "all", "ze", "hir"]
            .iter()
            .any(|pronoun| part.eq_ignore_ascii_case(pronoun))
    })
}

fn is_suffix(word: &str, when: When, before: usize, shows_case: bool) -> bool {
    // `Smith, J.R.` has initials.
    if word.trim_end_matches('.').contains('.') {
        return false;
    }
    let numeral = word.bytes().all(|c| matches!(c, b'I' | b'V' | b'i' | b'v'));
    (when != When::Third || before > 1)
        // `V.` is an initial, and `Vi` a name.
        && !(numeral && (word.ends_with('.') || shows_case && word.bytes().any(|c| c.is_ascii_lowercase())))
}

/// The canonical spelling of a credential, if `word` is written as one.
fn credential<'a>(word: Word<'a>, before: usize, shows_case: bool, behind_comma: bool) -> Option<&'a str> {
    let (display, when) = word.entry?.credential?;
    let has_small = word.text.chars().any(char::is_lowercase);
    let is_dotted = word.text.trim_end_matches('.').contains('.');
    let is_one = match when {
        When::LikeName => is_dotted || shows_case && !has_small && (before > 1 || behind_comma),
        // `Md Rahman` is short for Mohammed.
        _ => {
            behind_comma
                || !(shows_case && has_small && display.len() <= 2) && (display.len() > 2 || before > 1)
        }
    };
    is_one.then_some(display)
}

/// `Ph. D.`
fn is_split_doctorate(first: &str, second: &str) -> bool {
    first.trim_end_matches('.').eq_ignore_ascii_case("ph")
        && second.trim_end_matches('.').eq_ignore_ascii_case("d")
}

/// Capitals and dots, two to seven of them.
fn is_acronym(word: &str) -> bool {
    (2..=7).contains(&word.len()) && word.bytes().all(|c| c.is_ascii_uppercase() || matches!(c, b'.' | b'-'))
}

/// Whether words behind a comma are letters behind a whole name and no name.
fn is_letters(words: &[Word<'_>], behind: &[Word<'_>]) -> bool {
    words.len() > 1
        && words.iter().any(|word| word.text.chars().any(char::is_lowercase))
        && behind.iter().all(|word| is_acronym(word.text) && !word.text.ends_with('.'))
}

/// Whether `other`, behind a comma, are the given names of the family `words`; a tagline otherwise.
fn is_given(words: &[Word<'_>], other: &[Word<'_>]) -> bool {
    let is_particle = |word: &Word<'_>| word.entry.is_some_and(|entry| entry.particle.is_some());
    let particles = words.iter().take_while(|word| is_particle(word)).count();
    match words.len() - particles.min(words.len()) {
        0 => false,
        1 => other.len() <= 4,
        2 | 3 => {
            other.len() <= 3
                && other.iter().any(|word| word.text.chars().nth(1).is_some_and(char::is_alphabetic))
                && crate::match_job_title(&joined(other)).value().is_none()
        }
        _ => false,
    }
}
