//! Industries: LinkedIn's 147 under their current names.

mod code;
mod forgive;
mod key;
mod several;
mod table;

pub(crate) use key::Key;
pub(crate) use table::{ALIAS_DATA, DATA, FINER_DATA, NAICS_DATA, NOT_DATA, SIC_DATA, rows};

use firmograph_core::{Evidence, Outcome, Span};
use serde::Serialize;

use crate::{placeholder, text};
use table::{Entry, Found, TABLES};

/// One of LinkedIn's 147 industries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Industry {
    /// The current name: `Software Development`.
    pub name: &'static str,
    /// LinkedIn's code, the same for the current and the older name: 4.
    pub code: u16,
    /// The finer industry of LinkedIn's longer list that the text named, which belongs to this one: `Breweries`.
    pub finer: Option<&'static str>,
    /// Other industries that the text names behind this one.
    pub also: Vec<&'static str>,
}

/// The standard industry of any spelling: current, older and finer names of LinkedIn, everyday names, codes of NAICS, SIC and LinkedIn.
///
/// Of several in one text the first counts. What is no industry is unmatched with a reason that says what it is: `linkedin_url`,
/// `url`, `email`, `department`, `job_title`, `company_type`, `employee_range`, `number`, `other` ("Other" and the like), `ambiguous`
/// (a word that stands for several industries), `not_recognised`.
///
/// ```
/// use firmograph_normalize::match_industry;
/// let found = match_industry("Computer Software").ok().unwrap();
/// assert_eq!((found.value.name, found.value.code), ("Software Development", 4));
/// assert_eq!(match_industry("NAICS 5221").value().unwrap().name, "Banking");
/// let brewery = match_industry("craft brewery").ok().unwrap().value;
/// assert_eq!((brewery.name, brewery.finer), ("Food and Beverage Manufacturing", Some("Breweries")));
/// assert_eq!(match_industry("Banking, Insurance").value().unwrap().also, ["Insurance"]);
/// assert_eq!(match_industry("Sales").reason(), Some("department"));
/// ```
#[must_use]
pub fn match_industry(raw: &str) -> Outcome<Industry> {
    if text::is_too_long_a_name(raw) {
        return Outcome::unmatched("too_long");
    }
    match TABLES.find(raw) {
        Some(Entry::Industry(found)) => matched(found, Vec::new(), text::span_of(raw, text::trim(raw))),
        Some(Entry::Not(reason)) => Outcome::unmatched(reason),
        None => search(raw),
    }
}

fn matched(found: Found, also: Vec<&'static str>, span: Span) -> Outcome<Industry> {
    let value = Industry { name: found.name, code: found.code, finer: found.finer, also };
    Outcome::matched(value, Evidence::new(found.rule, found.reference, span, found.percent))
}

/// What no table has as it stands.
fn search(raw: &str) -> Outcome<Industry> {
    let given = text::trim(raw);
    if given.is_empty() {
        return Outcome::unmatched("blank");
    }
    if placeholder::is_placeholder(given) {
        return Outcome::unmatched("placeholder");
    }
    if let Some(reason) = address(given) {
        return Outcome::unmatched(reason);
    }
    let offset = text::span_of(raw, given).0 as usize;
    let span = |(start, end): (usize, usize)| Span((offset + start) as u32, (offset + end) as u32);
    if let Some((found, place)) = code::read(given) {
        return matched(found, Vec::new(), span(place));
    }
    match forgive::find(given) {
        Some(Entry::Industry(found)) => return matched(found, Vec::new(), span((0, given.len()))),
        Some(Entry::Not(reason)) => return Outcome::unmatched(reason),
        None => {}
    }
    if let Some(several) = several::read(given, one) {
        return matched(several.found, several.also, span(several.span));
    }
    Outcome::unmatched(instead(given))
}

/// One part of a text.
fn one(part: &str) -> Option<Entry> {
    TABLES
        .find(part)
        .or_else(|| code::read(part).map(|(found, _)| Entry::Industry(found)))
        .or_else(|| forgive::find(part))
}

fn address(given: &str) -> Option<&'static str> {
    if !given.contains(['.', '@']) {
        return None;
    }
    let lower = given.to_ascii_lowercase();
    if ["linkedin.com", "lnkd.in"].iter().any(|host| lower.contains(host)) {
        return Some("linkedin_url");
    }
    let is_word = !given.contains(char::is_whitespace);
    if lower.contains("://") || lower.starts_with("www.") {
        Some("url")
    } else if is_word && given.contains('@') {
        Some("email")
    } else if is_word && given.contains('.') && crate::extract_domain(given).value().is_some() {
        Some("url")
    } else {
        None
    }
}

/// What a text is that names no industry.
fn instead(given: &str) -> &'static str {
    let words = key::words(given);
    if let [_, .., last] = &words[..]
        && words.len() < 6
        && ["department", "dept", "team", "abteilung", "division"].contains(&last.as_str())
    {
        return "department";
    }
    if crate::match_company_type(given).value().is_some() {
        return "company_type";
    }
    if given.contains(|c: char| text::digit(c).is_some()) {
        if given.contains(|c: char| c.is_whitespace() || c == '+' || text::is_dash(c))
            && crate::match_employee_range(given).value().is_some()
        {
            return "employee_range";
        }
        if !given.contains(char::is_alphabetic) {
            return "number";
        }
    }
    if crate::match_job_title(given).value().is_some() { "job_title" } else { "not_recognised" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_older_name_and_finer_name() {
        for row in rows(DATA) {
            for text in [row[0], row[2]].into_iter().filter(|name| !name.is_empty()) {
                for text in
                    [text.to_owned(), text.to_uppercase(), text.to_lowercase().replace(" and ", " & ")]
                {
                    let found = match_industry(&text).ok().unwrap_or_else(|| panic!("{text}")).value;
                    assert_eq!((found.name, found.code.to_string().as_str()), (row[0], row[1]), "{text}");
                    assert_eq!(found.finer, None, "{text}");
                }
            }
            let code = format!("urn:li:industry:{}", row[1]);
            assert_eq!(match_industry(&code).value().unwrap().name, row[0]);
        }
        for row in rows(FINER_DATA) {
            let found = match_industry(row[0]).ok().unwrap();
            assert_eq!((found.value.finer, found.value.name), (Some(row[0]), row[2]));
            assert_eq!(found.evidence.rule, "rolled_up");
        }
        assert_eq!(rows(FINER_DATA).filter(|row| row[3] == "hierarchy").count(), 258);
    }

    #[test]
    fn every_alias_and_code() {
        for row in rows(ALIAS_DATA) {
            let found = match_industry(row[0]).ok().unwrap_or_else(|| panic!("{row:?}")).value;
            assert!(found.name == row[1] || found.finer == Some(row[1]), "{row:?}: {found:?}");
        }
        for row in rows(NAICS_DATA) {
            let found =
                match_industry(&format!("NAICS {}", row[0])).ok().unwrap_or_else(|| panic!("{row:?}")).value;
            assert!(found.name == row[1] || found.finer == Some(row[1]), "{row:?}: {found:?}");
        }
        for row in rows(SIC_DATA) {
            let found = match_industry(&format!("SIC code: {}", row[0]))
                .ok()
                .unwrap_or_else(|| panic!("{row:?}"))
                .value;
            assert!(found.name == row[1] || found.finer == Some(row[1]), "{row:?}: {found:?}");
        }
    }
}
