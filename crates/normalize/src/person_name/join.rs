use firmograph_core::{Evidence, Outcome, Span};

use super::order::{Layout, Word};
use super::split::{Draft, PersonName, REFERENCE, joined, settle, split_person_name, words_of};
use super::strip::{Stripped, strip};
use super::words::entry;
use crate::text;

/// A name that came in columns, each as given.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PersonNameParts<'a> {
    /// `Mr.`, `Dr.`
    pub salutation: Option<&'a str>,
    /// Given name.
    pub first_name: Option<&'a str>,
    /// Middle names.
    pub middle_name: Option<&'a str>,
    /// Family name, with its particles.
    pub last_name: Option<&'a str>,
    /// The whole name.
    pub full_name: Option<&'a str>,
}

/// Joins the columns of a name. First and last name win over the full name; a full name in the column of the first name is split,
/// credentials in the column of the last name (`Roe, PhD`) are taken out.
///
/// Where there is only one of first and last name, the full name is split if there is one, else the one is all that is known. The span
/// of the evidence is that of the full name, and empty where that did not decide. Reasons are those of [`split_person_name`].
///
/// ```
/// use firmograph_normalize::{PersonNameParts, join_person_name};
/// let parts = PersonNameParts { first_name: Some("MARY ANN"), last_name: Some("DE LA CRUZ, CPA"), ..PersonNameParts::default() };
/// let name = join_person_name(&parts).ok().unwrap().value;
/// assert_eq!(name.display, "Mary Ann de la Cruz");
/// assert_eq!((name.given.as_deref(), name.credentials.as_deref()), (Some("Mary Ann"), Some("CPA")));
/// ```
#[must_use]
pub fn join_person_name(parts: &PersonNameParts<'_>) -> Outcome<PersonName> {
    let all = [parts.first_name, parts.middle_name, parts.last_name, parts.full_name];
    if all.into_iter().flatten().any(text::is_too_long_a_name) {
        return Outcome::unmatched("too_long");
    }
    let said = |part: Option<&str>| {
        part.is_some_and(|part| !text::trim(part).is_empty() && !crate::is_placeholder(part))
    };
    let first = parts.first_name.filter(|part| said(Some(part)));
    let middle = parts.middle_name.filter(|part| said(Some(part)));
    let last = parts.last_name.filter(|part| said(Some(part)));
    let full = parts.full_name.filter(|part| said(Some(part)));
    let outcome = match (first, last, full) {
        (Some(first), Some(last), _) if holds(first, last) => split_person_name(first),
        (Some(first), Some(last), _) if first != last && holds(last, first) => split_person_name(last),
        (Some(first), Some(last), full) => match join(first, middle.unwrap_or(""), last) {
            Outcome::Unmatched(unmatched) if unmatched.reason != "placeholder" => full
                .map(split_person_name)
                .filter(|outcome| outcome.value().is_some())
                .unwrap_or(Outcome::Unmatched(unmatched)),
            outcome => outcome,
        },
        (_, _, Some(full)) => split_person_name(full),
        (Some(first), None, None) if middle.is_none() && text::trim(first).contains([' ', ',']) => {
            split_person_name(first)
        }
        (first, last, None) => match (first, last) {
            (None, None) => Outcome::unmatched(if parts_are_blank(parts) { "blank" } else { "placeholder" }),
            (first, last) => join(first.unwrap_or(""), middle.unwrap_or(""), last.unwrap_or("")),
        },
    };
    let salutation =
        parts.salutation.map(text::trim).and_then(|word| entry(word)?.prefix).map(|(display, _)| display);
    match (outcome, salutation) {
        (Outcome::Matched(mut matched), Some(salutation)) => {
            let prefix = matched.value.prefix.take();
            matched.value.prefix = Some(match prefix {
                Some(prefix) if prefix.split(' ').any(|word| word == salutation) => prefix,
                Some(prefix) => format!("{salutation} {prefix}"),
                None => salutation.to_owned(),
            });
            Outcome::Matched(matched)
        }
        (outcome, _) => outcome,
    }
}

fn parts_are_blank(parts: &PersonNameParts<'_>) -> bool {
    [parts.first_name, parts.last_name, parts.full_name]
        .into_iter()
        .flatten()
        .all(|part| text::trim(part).is_empty())
}

/// Whether `whole` is a name of two words or more that has all of `part` as words.
fn holds(whole: &str, part: &str) -> bool {
    let (whole, part) = (text::fold_accents(whole), text::fold_accents(part));
    let separators = [' ', ','];
    whole.contains(' ')
        && (whole.contains(' ') || whole != part)
        && part
            .split(separators)
            .filter(|word| !word.is_empty())
            .all(|word| whole.split(separators).any(|other| other == word))
}

fn join(first: &str, middle: &str, last: &str) -> Outcome<PersonName> {
    match columns(first, middle, last) {
        Ok(matched) => matched,
        Err(reason) => Outcome::unmatched(reason),
    }
}

fn columns(first: &str, middle: &str, last: &str) -> Result<Outcome<PersonName>, &'static str> {
    let all = [strip(first), strip(middle), strip(last)];
    let [first, middle, last] = &all;
    let mut draft = Draft { nickname: first.nickname.clone(), ..Draft::default() };
    let mut given = column(&mut draft, first)?;
    let mut middle = column(&mut draft, middle)?;
    let mut family = column(&mut draft, last)?;
    // `Jane M.` in the column of the first name.
    if middle.is_empty() && given.len() > 1 && given.last().is_some_and(is_initial) {
        middle.extend(given.pop());
    }
    let layout = Layout::Columns(given.len(), middle.len());
    given.append(&mut middle);
    given.append(&mut family);
    if given.is_empty() {
        return Err("no_name");
    }
    draft.refuse(&joined(&given), &given)?;
    let found = settle(draft.finish(&given, layout)?, "")?;
    Ok(Outcome::matched(found.name, Evidence::new(found.rule, REFERENCE, Span::default(), found.percent)))
}

/// The words of a column without titles, suffixes and credentials.
fn column<'a>(draft: &mut Draft<'a>, stripped: &'a Stripped<'_>) -> Result<Vec<Word<'a>>, &'static str> {
    let mut words = Vec::new();
    for (place, piece) in stripped.text.split(',').map(str::trim).enumerate() {
        let mut more = words_of(piece)?;
        draft.take_tail(&mut more, place > 0);
        if place == 0 {
            draft.take_prefixes(&mut more);
            words = more;
        }
    }
    Ok(words)
}

fn is_initial(word: &Word<'_>) -> bool {
    word.text.trim_end_matches('.').chars().count() == 1
}
