//! Legal forms and how they stand in a name.

use ahash::{AHashMap, AHashSet};
use std::sync::LazyLock;

use crate::company_name::trim_edges;
use crate::text;

#[derive(Debug, Clone, Copy)]
pub(crate) struct Form {
    pub(crate) name: &'static str,
    pub(crate) country: Option<&'static str>,
}

pub(crate) const DATA: &str = include_str!("../data/legal_forms.csv");

struct Forms {
    by_key: AHashMap<Box<str>, Form>,
    /// Folded last word of every form: most names end in another word and need no further look.
    ends: AHashSet<Box<str>>,
    /// Forms of scripts without blanks, longest first.
    unspaced: Vec<Form>,
}

static FORMS: LazyLock<Forms> = LazyLock::new(|| {
    let mut forms = Forms { by_key: AHashMap::new(), ends: AHashSet::new(), unspaced: Vec::new() };
    for line in DATA.lines().skip(1) {
        let Some((name, country)) = line.rsplit_once(',') else { continue };
        let name = name.trim_matches('"');
        let form = Form { name, country: (!country.is_empty()).then_some(country) };
        let mut key = Folded::default();
        key.push(name);
        forms.by_key.entry(key.as_str().into()).or_insert(form);
        let mut end = Folded::default();
        end.push(name.rsplit(' ').next().unwrap_or(name));
        forms.ends.insert(end.as_str().into());
        if name.contains(is_unspaced) {
            forms.unspaced.push(form);
        }
        // `S. A. de C. V.` ends in a word of one letter.
        if let Some(last) = end.as_str().chars().last().filter(|_| name.contains('.')) {
            forms.ends.insert(last.to_string().into());
        }
    }
    forms.unspaced.sort_by_key(|form| std::cmp::Reverse(form.name.len()));
    forms
});

/// Forms that stand in front of the name, folded.
fn is_prefix(folded: &str) -> bool {
    matches!(
        folded,
        "pt" | "ооо"
            | "оао"
            | "зао"
            | "пао"
            | "ао"
            | "тоо"
            | "тов"
            | "пат"
            | "прат"
            | "uab"
            | "sia"
            | "ooo"
            | "oao"
            | "zao"
            | "pao"
            | "too"
            | "tov"
            | "congtytnhh"
            | "congtycophan"
            | "ип"
            | "yugenkaisha"
    )
}

/// Longest form in words: `Sp. z o. o. Sp. k.`.
const MOST_WORDS: usize = 7;

/// `name` without the legal form at its end.
pub(crate) fn without_suffix(name: &str) -> Option<(&str, Form)> {
    if !name.is_ascii()
        && let Some(found) = FORMS.unspaced.iter().find_map(|form| {
            let rest = trim_edges(strip_wide(name, form.name)?);
            has_name(rest).then_some((rest, *form))
        })
    {
        return Some(found);
    }
    let mut starts = [0_usize; MOST_WORDS];
    let mut count = 0;
    let mut end = name.len();
    // A comma parts a form from the name as a blank does: `Acme,Inc`.
    while count < MOST_WORDS {
        let Some(at) = name[..end].rfind([' ', ',']) else { break };
        if at + 1 < end {
            starts[count] = at + 1;
            count += 1;
        }
        end = at;
    }
    if count == 0 {
        return None;
    }
    let mut last = Folded::default();
    last.push(&name[starts[0]..]);
    if last.length == 0 || !FORMS.ends.contains(last.as_str()) {
        return None;
    }
    for &start in starts[..count].iter().rev() {
        let mut folded = Folded::default();
        folded.push(&name[start..]);
        let Some(&form) = FORMS.by_key.get(folded.as_str()) else { continue };
        let rest = trim_edges(&name[..start]);
        if !has_name(rest) || dangles(rest) || is_plain_word(name, &name[start..], folded.length) {
            continue;
        }
        return Some((rest, form));
    }
    None
}

/// `Tiffany & Co` is a name; so are `Marks and Co` and `Bank of SA`.
pub(crate) fn dangles(rest: &str) -> bool {
    let last = rest.rsplit(' ').next().unwrap_or(rest);
    rest.ends_with(['&', '+'])
        || ["and", "und", "et", "y", "of", "the", "de"].iter().any(|word| last.eq_ignore_ascii_case(word))
}

/// A form of two letters in lower case inside a name of mixed case is a word: `Good as Gold`, `Made in da`.
fn is_plain_word(name: &str, form: &str, length: usize) -> bool {
    length <= 2
        && form.bytes().all(|c| c.is_ascii_lowercase() || c == b' ')
        && name.chars().any(char::is_uppercase)
        && !matches!(form, "hf" | "eg" | "kg")
}

/// `name` without the legal form at its start.
pub(crate) fn without_prefix(name: &str) -> Option<(&str, Form)> {
    if !name.is_ascii()
        && let Some(found) = FORMS.unspaced.iter().find_map(|form| {
            let rest = trim_edges(name.strip_prefix(form.name)?);
            has_name(rest).then_some((rest, *form))
        })
    {
        return Some(found);
    }
    let at = name.find([' ', ','])?;
    if at > 8 {
        return None;
    }
    let mut folded = Folded::default();
    folded.push(&name[..at]);
    if !is_prefix(folded.as_str()) {
        return None;
    }
    let form = FORMS.by_key.get(folded.as_str())?;
    let rest = trim_edges(&name[at..]);
    // A form alone behind it would leave a form as the name.
    has_name(rest).then_some((rest, *form))
}

fn strip_wide<'a>(name: &'a str, form: &str) -> Option<&'a str> {
    name.strip_suffix(form).or_else(|| match form {
        "(株)" => name.strip_suffix('㈱').or_else(|| name.strip_suffix("（株）")),
        "(주)" => name.strip_suffix('㈜').or_else(|| name.strip_suffix("（주）")),
        _ => None,
    })
}

fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}')
}

pub(crate) fn has_name(rest: &str) -> bool {
    rest.chars().any(char::is_alphanumeric)
}

/// Letters, digits and `&` of a legal form, folded, without an allocation for ASCII.
#[derive(Default)]
struct Folded {
    bytes: [u8; 32],
    length: usize,
    long: Option<String>,
}

impl Folded {
    fn push(&mut self, words: &str) {
        if words.is_ascii() && self.long.is_none() {
            for byte in words.bytes().filter(|c| c.is_ascii_alphanumeric() || *c == b'&') {
                let Some(place) = self.bytes.get_mut(self.length) else {
                    self.long = Some(
                        words
                            .bytes()
                            .filter(|c| c.is_ascii_alphanumeric() || *c == b'&')
                            .map(|c| char::from(c.to_ascii_lowercase()))
                            .collect(),
                    );
                    return;
                };
                *place = byte.to_ascii_lowercase();
                self.length += 1;
            }
        } else {
            let folded: String =
                text::fold_accents(words).chars().filter(|c| c.is_alphanumeric() || *c == '&').collect();
            self.length = folded.chars().count();
            self.long = Some(folded);
        }
    }

    fn as_str(&self) -> &str {
        match &self.long {
            Some(long) => long,
            None => std::str::from_utf8(&self.bytes[..self.length]).unwrap_or_default(),
        }
    }
}
