use firmograph_core::{Evidence, Outcome, Span};
use serde::Serialize;
use std::borrow::Cow;

use crate::company_notes::{may_have_note, without_note, without_states};
use crate::legal_form::{has_name, may_be_unspaced, without_form};
use crate::match_key::key_of;
use crate::name_case;
use crate::text;

/// A company name to show and one to compare.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CompanyName {
    /// Name without its legal form; casing kept where it was mixed, repaired where it was all one case.
    pub display: String,
    /// What two spellings have in common: letters and digits, folded, accents removed, `&` as `and`, no article, no `Company`,
    /// `Group` or `Holdings` at the end. Never empty.
    pub key: String,
    /// The legal form that was removed, in its usual spelling.
    pub legal_form: Option<&'static str>,
    /// ISO 3166-1 code of the country where nearly all companies of this form are; none where several share it.
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
    if text::is_too_long_a_name(raw) {
        return Outcome::unmatched("too_long");
    }
    let given = text::trim(raw);
    if given.is_empty() {
        return Outcome::unmatched("blank");
    }
    let tidied = without_signs(text::tidy(given));
    let trimmed = trim_edges(without_states(&tidied));
    if is_nothing(trimmed) || trimmed.len() < given.len() && is_nothing(given) {
        return Outcome::unmatched("placeholder");
    }
    if !has_name(trimmed) {
        return Outcome::unmatched("no_letters");
    }
    let (mut name, mut form) = (trimmed, None);
    let (notes, unspaced) = (may_have_note(name), may_be_unspaced(name));
    loop {
        if notes && let Some(rest) = without_note(name).map(trim_edges).filter(|rest| has_name(rest)) {
            name = rest;
        } else if let Some((rest, found)) = without_form(name, unspaced) {
            name = rest;
            form = form.or(Some(found));
        } else {
            break;
        }
    }
    if name.len() < trimmed.len() && is_nothing(name) {
        return Outcome::unmatched("placeholder");
    }
    let (display, as_given) = match name_case::repair(name) {
        // A part of a tidy text is in normalisation form C.
        Cow::Borrowed(name) => (name.to_owned(), true),
        Cow::Owned(repaired) => {
            let display = text::nfc(repaired);
            let as_given = display == name;
            (display, as_given)
        }
    };
    let key = key_of(&display);
    if key.is_empty() {
        return Outcome::unmatched("no_letters");
    }
    let (rule, percent) = match (form.is_some(), as_given) {
        (true, true) => ("legal_form_removed", 95),
        (true, false) => ("legal_form_removed_case_repaired", 85),
        (false, false) => ("case_repaired", 85),
        (false, true) => ("as_given", 95),
    };
    let span = match &tidied {
        Cow::Borrowed(_) => text::span_of(raw, name),
        Cow::Owned(_) => {
            raw.find(name).map_or(Span::all(raw), |start| text::span_of(raw, &raw[start..start + name.len()]))
        }
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

fn is_nothing(name: &str) -> bool {
    name.len() <= 40 && crate::is_placeholder(name)
}

/// Trademark signs go, quotes and hyphens become those of keyboards, and the entities that web pages leave in names are read.
fn without_signs(name: Cow<'_, str>) -> Cow<'_, str> {
    const SIGNS: [char; 4] = ['®', '™', '©', '℠'];
    const QUOTES: [char; 4] = ['’', '‘', 'ʼ', '´'];
    const HYPHENS: [char; 3] = ['\u{2010}', '\u{2011}', '\u{2013}'];
    // What is borrowed was tidy, and so ASCII.
    let name = if matches!(name, Cow::Owned(_))
        && name.contains(|c| SIGNS.contains(&c) || QUOTES.contains(&c) || HYPHENS.contains(&c))
    {
        let plain = name.replace(SIGNS, " ").replace(" ,", ",").replace(QUOTES, "'").replace(HYPHENS, "-");
        Cow::Owned(text::tidy(&plain).into_owned())
    } else {
        name
    };
    if text::has_byte(&name, b';') && (name.contains("&amp;") || name.contains("&#39;")) {
        return Cow::Owned(name.replace("&amp;", "&").replace("&#39;", "'"));
    }
    name
}

/// Punctuation that is left over at the ends, and one full stop that ends no abbreviation.
pub(crate) fn trim_edges(name: &str) -> &str {
    let mut name = name;
    while let [.., b' ' | b',' | b'-'] = name.as_bytes() {
        name = &name[..name.len() - 1];
    }
    loop {
        if let ([first, ..], [.., last]) = (name.as_bytes(), name.as_bytes())
            && first.is_ascii_alphanumeric()
            && (last.is_ascii_alphanumeric() || *last == b'.' && is_abbreviated(&name[..name.len() - 1]))
        {
            return name;
        }
        let before = name.len();
        // What starts with a letter or a digit has signs at its end only.
        let starts_with_sign = !name.bytes().next().is_some_and(|c| c.is_ascii_alphanumeric());
        name = name
            .trim_matches(|c: char| {
                c.is_whitespace()
                    || matches!(c, ',' | ';' | ':' | '|' | '-' | '–' | '—' | '_' | '*' | '/' | '\\')
            })
            .trim_start_matches(['.', ')', ']', '\'', '`', '~']);
        if starts_with_sign
            && let Some(inside) = ['"', '“', '«', '„'].iter().find_map(|&open| {
                let inside = name.strip_prefix(open)?;
                ['"', '”', '»', '“'].iter().find_map(|&close| inside.strip_suffix(close))
            })
        {
            name = inside;
        }
        for (open, close) in [('(', ')'), ('[', ']')] {
            if starts_with_sign
                && let Some(inside) = name.strip_prefix(open).and_then(|rest| rest.strip_suffix(close))
                && !inside.contains([open, close])
            {
                name = inside;
            }
            if name.ends_with(open) {
                name = &name[..name.len() - 1];
            }
        }
        if let Some(rest) = name.strip_suffix('.').filter(|rest| !is_abbreviated(rest)) {
            name = rest;
        }
        if name.len() == before {
            return name;
        }
    }
}

/// Whether a full stop behind `text` belongs to its last word.
fn is_abbreviated(text: &str) -> bool {
    let last = text.bytes().rposition(|c| c == b' ').map_or(text, |blank| &text[blank + 1..]);
    last.len() <= 3 || last.contains('.') || last.chars().count() <= 3 || last.eq_ignore_ascii_case("bros")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn display(raw: &str) -> String {
        clean_company_name(raw).value().unwrap().display.clone()
    }

    #[test]
    fn every_legal_form_comes_off() {
        for line in crate::legal_form::DATA.lines().skip(1) {
            let (form, _) = line.rsplit_once(',').unwrap();
            assert_eq!(display(&format!("Nordwind Haus {form}")), "Nordwind Haus", "{form}");
        }
    }

    #[test]
    fn a_name_is_never_eaten() {
        assert_eq!(display("Limited"), "Limited");
        assert_eq!(display("Co Ltd"), "Co");
        assert_eq!(display("Tiffany & Co."), "Tiffany & Co.");
        for name in
            ["The Co", "AG", "SE", "GmbH", "The Company", "S.A.", "A/S", "株式会社", "有限公司", "Inc."]
        {
            assert_eq!(display(name), name);
        }
    }

    #[test]
    fn forms_of_many_countries_come_off() {
        for (raw, name, form) in [
            ("Nordwind & Co. KG", "Nordwind", "& Co KG"),
            ("Nordwind GmbH & Co KGaA", "Nordwind", "GmbH & Co. KGaA"),
            ("Nordwind S.p.A.", "Nordwind", "SpA"),
            ("Nordwind Sp. z o.o.", "Nordwind", "Sp. z o.o."),
            ("Nordwind (Pty) Ltd", "Nordwind", "Pty Ltd"),
            ("Nordwind Pvt Ltd", "Nordwind", "Pvt Ltd"),
            ("Nordwind d.o.o.", "Nordwind", "d.o.o."),
            ("Nordwind A/S", "Nordwind", "AS"),
            ("Nordwind NV/SA", "Nordwind", "NV/SA"),
            ("Nordwind Oy", "Nordwind", "Oy"),
            ("Nordwind ehf", "Nordwind", "ehf"),
            ("Nordwind K.K.", "Nordwind", "K.K."),
            ("ノルト株式会社", "ノルト", "株式会社"),
            ("青山有限公司", "青山", "有限公司"),
            ("Nordwind (UK) Ltd", "Nordwind (UK)", "Ltd"),
            ("NORDWIND (UK) LTD", "Nordwind (UK)", "Ltd"),
            ("NORDWIND CORP /DE/", "Nordwind", "Corp"),
            ("NORDWIND INC /CA/ /DE/", "Nordwind", "Inc"),
            ("NORDWIND INC \\DE\\", "Nordwind", "Inc"),
            ("NORDWIND INC/DE", "Nordwind", "Inc"),
        ] {
            let found = clean_company_name(raw).ok().unwrap().value;
            assert_eq!((found.display.as_str(), found.legal_form), (name, Some(form)), "{raw}");
        }
    }
}
