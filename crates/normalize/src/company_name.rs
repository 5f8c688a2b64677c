use ahash::{AHashMap, AHashSet};
use firmograph_core::{Evidence, Outcome};
use serde::Serialize;
use std::sync::LazyLock;

use crate::name_case;
use crate::text;

/// A company name to show and one to compare.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CompanyName {
    /// Name without its legal form; casing kept where it was mixed, repaired where it was all one case.
    pub display: String,
    /// Letters and digits, folded, accents removed, `&` as `and`. Never empty.
    pub key: String,
    /// The legal form that was removed, in its usual spelling.
    pub legal_form: Option<&'static str>,
    /// ISO 3166-1 code of the only country that has this form; none where several do.
    pub legal_form_country: Option<&'static str>,
}

/// Splits a company name from its legal form and repairs its casing.
///
/// ```
/// use firmograph_normalize::clean_company_name;
/// let found = clean_company_name("MÜLLER & SÖHNE GmbH & Co. KG").ok().unwrap().value;
/// assert_eq!((found.display.as_str(), found.key.as_str()), ("Müller & Söhne", "mullerandsohne"));
/// assert_eq!((found.legal_form, found.legal_form_country), (Some("GmbH & Co KG"), Some("DE")));
/// assert_eq!(clean_company_name("N/A").reason(), Some("placeholder"));
/// ```
#[must_use]
pub fn clean_company_name(raw: &str) -> Outcome<CompanyName> {
    let tidied = text::tidy(raw);
    let trimmed = trim_edges(without_state(&tidied));
    if text::trim(raw).is_empty() {
        return Outcome::unmatched("blank");
    }
    if trimmed.len() <= 40 && (crate::is_placeholder(raw) || crate::is_placeholder(trimmed)) {
        return Outcome::unmatched("placeholder");
    }
    if !trimmed.chars().any(char::is_alphanumeric) {
        return Outcome::unmatched("no_letters");
    }
    let (mut name, mut form) = (trimmed, None);
    while let Some((rest, found)) = without_suffix(name).or_else(|| without_prefix(name)) {
        name = rest;
        form = form.or(Some(found));
    }
    if name.len() <= 40 && crate::is_placeholder(name) {
        return Outcome::unmatched("placeholder");
    }
    let display = name_case::repair(name);
    let key = key_of(&display);
    if key.is_empty() {
        return Outcome::unmatched("no_letters");
    }
    let (rule, percent) = match (form.is_some(), display == name) {
        (true, true) => ("legal_form_removed", 95),
        (true, false) => ("legal_form_removed_case_repaired", 85),
        (false, false) => ("case_repaired", 85),
        (false, true) => ("as_given", 95),
    };
    let span = match raw.find(name) {
        Some(start) => firmograph_core::Span(start as u32, (start + name.len()) as u32),
        None => firmograph_core::Span::all(raw),
    };
    Outcome::matched(
        CompanyName {
            display,
            key,
            legal_form: form.map(|form| form.name),
            legal_form_country: form.and_then(|form| form.country),
        },
        Evidence::new(rule, "legal_forms@2026.1", span, percent),
    )
}

/// `ACME CORP /DE/` is how the SEC says where a company is incorporated.
fn without_state(name: &str) -> &str {
    let state = name.strip_suffix('/').and_then(|rest| rest.rsplit_once(" /"));
    match state {
        Some((rest, state)) if state.len() <= 4 && state.bytes().all(|c| c.is_ascii_alphabetic()) => rest,
        _ => name,
    }
}

#[derive(Debug, Clone, Copy)]
struct Form {
    name: &'static str,
    country: Option<&'static str>,
}

const DATA: &str = include_str!("../data/legal_forms.csv");

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

/// Forms that stand in front of the name.
const PREFIXES: [&str; 22] = [
    "pt",
    "ооо",
    "оао",
    "зао",
    "пао",
    "ао",
    "тоо",
    "тов",
    "пат",
    "прат",
    "uab",
    "sia",
    "ooo",
    "oao",
    "zao",
    "pao",
    "too",
    "tov",
    "congtytnhh",
    "congtycophan",
    "ип",
    "yugenkaisha",
];

/// Longest form in words: `Sp. z o. o. Sp. k.`.
const MOST_WORDS: usize = 7;

fn without_suffix(name: &str) -> Option<(&str, Form)> {
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
        let rest = trim_edges(&name[..start]);
        let mut folded = Folded::default();
        folded.push(&name[start..]);
        let Some(&form) = FORMS.by_key.get(folded.as_str()) else { continue };
        if !has_name(rest) || dangles(rest) || is_plain_word(name, &name[start..], folded.length) {
            continue;
        }
        return Some((rest, form));
    }
    None
}

/// `Tiffany & Co` is a name; so are `Marks and Co` and `Bank of SA`.
fn dangles(rest: &str) -> bool {
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

fn without_prefix(name: &str) -> Option<(&str, Form)> {
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
    if !PREFIXES.contains(&folded.as_str()) {
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

fn has_name(rest: &str) -> bool {
    rest.chars().any(char::is_alphanumeric)
}

/// Punctuation that is left over at the ends, and one full stop that ends no abbreviation.
fn trim_edges(name: &str) -> &str {
    let mut name = name;
    loop {
        let before = name.len();
        name = name
            .trim_matches(|c: char| {
                c.is_whitespace()
                    || matches!(c, ',' | ';' | ':' | '|' | '-' | '–' | '—' | '_' | '*' | '/' | '\\')
            })
            .trim_start_matches(['.', ')', ']', '\'', '`', '~']);
        if let Some(inside) = ['"', '“', '«', '„'].iter().find_map(|&open| {
            let inside = name.strip_prefix(open)?;
            ['"', '”', '»', '“'].iter().find_map(|&close| inside.strip_suffix(close))
        }) {
            name = inside;
        }
        for (open, close) in [('(', ')'), ('[', ']')] {
            if let Some(inside) = name.strip_prefix(open).and_then(|rest| rest.strip_suffix(close))
                && !inside.contains([open, close])
            {
                name = inside;
            }
            if name.ends_with(open) {
                name = &name[..name.len() - 1];
            }
        }
        if let Some(rest) = name.strip_suffix('.') {
            let last = rest.rsplit(' ').next().unwrap_or(rest);
            let abbreviation =
                last.contains('.') || last.chars().count() <= 3 || last.eq_ignore_ascii_case("bros");
            if !abbreviation {
                name = rest;
            }
        }
        if name.len() == before {
            return name;
        }
    }
}

/// The match key of a name without legal form. `Ford Motor Company`, `The Ford Motor Company` and `Ford Motor` are equal.
fn key_of(display: &str) -> String {
    let folded = text::fold_accents(display);
    let mut words = folded.as_ref();
    if let Some(rest) = words.strip_prefix("the ")
        && has_name(rest)
    {
        words = rest;
    }
    for end in [" company", " co.", " co"] {
        if let Some(rest) = words.strip_suffix(end)
            && has_name(rest)
            && !dangles(rest)
        {
            words = rest;
            break;
        }
    }
    let mut key = String::with_capacity(words.len() + 4);
    for c in words.chars() {
        match c {
            '&' => key.push_str("and"),
            '+' if !key.is_empty() => key.push_str("plus"),
            c if c.is_alphanumeric() || is_vowel_sign(c) => key.push(c),
            _ => {}
        }
    }
    key
}

/// Marks of scripts where a mark is a letter.
fn is_vowel_sign(c: char) -> bool {
    !c.is_ascii() && unicode_normalization::char::is_combining_mark(c)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn display(raw: &str) -> String {
        clean_company_name(raw).value().unwrap().display.clone()
    }

    #[test]
    fn every_legal_form_comes_off() {
        for line in DATA.lines().skip(1) {
            let (form, _) = line.rsplit_once(',').unwrap();
            let form = form.trim_matches('"').replace("\"\"", "\"");
            assert_eq!(display(&format!("Nordwind {form}")), "Nordwind", "{form}");
        }
    }

    #[test]
    fn a_name_is_never_eaten() {
        assert_eq!(display("Limited"), "Limited");
        assert_eq!(display("Co Ltd"), "Co");
        assert_eq!(display("Tiffany & Co."), "Tiffany & Co.");
    }
}
