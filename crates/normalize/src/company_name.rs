use firmograph_core::{Evidence, Outcome, Span};
use serde::Serialize;
use std::borrow::Cow;

use crate::legal_form::{dangles, has_name, without_prefix, without_suffix};
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
    if text::is_too_long(raw) {
        return Outcome::unmatched("too_long");
    }
    let given = text::trim(raw);
    if given.is_empty() {
        return Outcome::unmatched("blank");
    }
    let tidied = text::tidy(given);
    let trimmed = trim_edges(without_state(&tidied));
    if trimmed.len() <= 40
        && (crate::is_placeholder(given) || trimmed.len() < given.len() && crate::is_placeholder(trimmed))
    {
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
    if form.is_some() && name.len() <= 40 && crate::is_placeholder(name) {
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

/// `ACME CORP /DE/`, `ACME CORP \\DE\\` and `ACME CORP/DE` are how the SEC says where a company is incorporated.
fn without_state(name: &str) -> &str {
    for slash in ['/', '\\'] {
        if let Some((rest, state)) = name.strip_suffix(slash).and_then(|rest| rest.rsplit_once(slash))
            && (1..=4).contains(&state.len())
            && state.bytes().all(|c| c.is_ascii_alphabetic())
            && let Some(rest) = rest.strip_suffix(' ')
            && has_name(rest)
        {
            return without_state(rest);
        }
    }
    // `A/S` and `NV/SA` are forms of their own.
    if let Some((rest, state)) = name.rsplit_once('/')
        && state.len() == 2
        && state.bytes().all(|c| c.is_ascii_uppercase())
        && rest.rsplit_once(' ').is_some_and(|(_, form)| {
            ["inc", "corp", "co", "ltd", "llc", "lp"].iter().any(|known| form.eq_ignore_ascii_case(known))
        })
    {
        return rest;
    }
    name
}

/// Punctuation that is left over at the ends, and one full stop that ends no abbreviation.
pub(crate) fn trim_edges(name: &str) -> &str {
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
    if !display.is_ascii() {
        return key_of_folded(&text::fold_accents(display));
    }
    let mut key = key_of_folded(display);
    key.make_ascii_lowercase();
    key
}

/// Every comparison here ignores the case of ASCII, so that ASCII needs no folded copy.
fn key_of_folded(folded: &str) -> String {
    let mut words = folded;
    if let Some((the, rest)) = words.split_at_checked(4)
        && the.eq_ignore_ascii_case("the ")
        && has_name(rest)
    {
        words = rest;
    }
    for end in [" company", " co.", " co"] {
        if let Some((rest, last)) =
            words.len().checked_sub(end.len()).and_then(|at| words.split_at_checked(at))
            && last.eq_ignore_ascii_case(end)
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
            'a'..='z' | 'A'..='Z' | '0'..='9' => key.push(c),
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn display(raw: &str) -> String {
        clean_company_name(raw).value().unwrap().display.clone()
    }

    #[test]
    fn every_legal_form_comes_off() {
        for line in crate::legal_form::DATA.lines().skip(1) {
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

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn ascii_keys_agree(name in "(The |the )?[A-Za-z&+.' ]{0,12}( CO| Co\\.| Company| & Co)?") {
            let name = text::tidy(&name);
            prop_assert_eq!(key_of(&name), key_of_folded(&text::fold_accents(&name)));
        }
    }
}
