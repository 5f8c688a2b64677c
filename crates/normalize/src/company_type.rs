use ahash::AHashMap;
use firmograph_core::{Evidence, Outcome};
use serde::Serialize;
use std::sync::LazyLock;

use crate::industry::{Key, rows};
use crate::{placeholder, text};

/// LinkedIn's seven company types with the letters of its table of company type codes, from general knowledge (`O`, self-owned, is one with `E`).
pub(crate) const DATA: &str = include_str!("../data/company_types.csv");
/// Other spellings: names that sources and people use in several languages, collected by us.
pub(crate) const ALIAS_DATA: &str = include_str!("../data/company_type_aliases.csv");

/// One of the seven company types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct CompanyType {
    /// The name: `Public Company`.
    pub name: &'static str,
    /// LinkedIn's letter: `C` public, `P` private, `N` nonprofit, `D` educational, `G` government, `E` self-employed, `S` partnership.
    pub code: &'static str,
}

type Found = (CompanyType, &'static str, &'static str, u8);

static TYPES: LazyLock<AHashMap<Box<[u8]>, Found>> = LazyLock::new(|| {
    let mut by_key = AHashMap::new();
    let types: Vec<_> = rows(DATA).map(|row| CompanyType { name: row[0], code: row[1] }).collect();
    let mut add = |text: &str, found: Found| {
        if let Some(key) = Key::of(text) {
            by_key.entry(key.as_bytes().into()).or_insert(found);
        }
    };
    for found in &types {
        add(found.name, (*found, "standard_name", "company_types@2026.1", 100));
    }
    for row in rows(ALIAS_DATA) {
        if let Some(found) = types.iter().find(|found| found.name == row[1]) {
            add(row[0], (*found, "alias", "company_type_aliases@2026.1", 95));
        }
    }
    by_key
});

/// The company type of any spelling.
///
/// Unmatched is what says less: `ambiguous` for words that fit several types (`for_profit`, `corporation`, `subsidiary`), `status` for
/// the state of a company (`acquired`, `closed`).
///
/// ```
/// use firmograph_normalize::match_company_type;
/// let found = match_company_type("PRIVATELY_HELD").ok().unwrap().value;
/// assert_eq!((found.name, found.code), ("Private Company", "P"));
/// assert_eq!(match_company_type("Public (NASDAQ: ACME)").value().unwrap().name, "Public Company");
/// assert_eq!(match_company_type("for_profit").reason(), Some("ambiguous"));
/// ```
#[must_use]
pub fn match_company_type(raw: &str) -> Outcome<CompanyType> {
    if text::is_too_long_a_name(raw) {
        return Outcome::unmatched("too_long");
    }
    if let Some(found) = find(raw) {
        return matched(raw, text::trim(raw), found, 100);
    }
    let given = text::trim(raw);
    if given.is_empty() {
        return Outcome::unmatched("blank");
    }
    if placeholder::is_placeholder(given) {
        return Outcome::unmatched("placeholder");
    }
    if let Some(reason) = says_less(given) {
        return Outcome::unmatched(reason);
    }
    match part(given) {
        Ok((part, found)) => matched(raw, part, found, 85),
        Err(reason) => Outcome::unmatched(reason),
    }
}

fn find(text: &str) -> Option<Found> {
    let key = Key::of(text)?;
    TYPES.get(key.as_bytes()).copied()
}

fn matched(
    raw: &str,
    part: &str,
    (found, rule, reference, percent): Found,
    most: u8,
) -> Outcome<CompanyType> {
    let rule = if percent > most { "part" } else { rule };
    Outcome::matched(found, Evidence::new(rule, reference, text::span_of(raw, part), percent.min(most)))
}

/// `Public Company (TSX: ACME)`, `Private | 51-200`, `Type: Nonprofit`: the parts that are types agree on one.
fn part(given: &str) -> Result<(&str, Found), &'static str> {
    let mut answer: Option<(&str, Found)> = None;
    let separator =
        |c: char| matches!(c, '(' | ')' | ':' | ';' | ',' | '|' | '/' | '[' | ']' | '>' | '\n' | '–' | '—');
    for part in given.split(separator).flat_map(|part| part.split(" - ")).map(str::trim) {
        match (find(part), answer) {
            (None, _) => {}
            (Some(found), None) => answer = Some((part, found)),
            (Some(found), Some((_, before))) if found.0 == before.0 => {}
            (Some(_), Some(_)) => return Err("ambiguous"),
        }
    }
    answer.ok_or("not_recognised")
}

fn says_less(given: &str) -> Option<&'static str> {
    let key = Key::of(given)?;
    Some(match key.as_bytes() {
        b"forprofit"
        | b"profit"
        | b"company"
        | b"corporation"
        | b"corporate"
        | b"commercial"
        | b"business"
        | b"subsidiary"
        | b"subsidiaryorbusinesssegment"
        | b"branch"
        | b"inc"
        | b"incorporated"
        | b"plc"
        | b"ag"
        | b"sa"
        | b"franchise"
        | b"cooperative"
        | b"coop"
        | b"startup"
        | b"jointventure"
        | b"holding"
        | b"holdingcompany"
        | b"independent"
        | b"limitedcompany"
        | b"limited"
        | b"jointstockcompany"
        | b"stockcompany"
        | b"personal"
        | b"forprofitorganization"
        | b"forprofitcompany" => "ambiguous",
        b"acquired" | b"operating" | b"closed" | b"active" | b"inactive" | b"delisted" | b"dissolved"
        | b"bankrupt" | b"merged" | b"outofbusiness" => "status",
        b"other" | b"unknown" | b"sonstige" | b"autre" | b"otro" => "other",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted_and_every_row_is_its_type() {
        let aliases: Vec<_> = rows(ALIAS_DATA).collect();
        assert!(aliases.windows(2).all(|pair| pair[0][0] < pair[1][0]));
        assert_eq!(rows(DATA).count(), 7);
        for row in rows(DATA) {
            let found = match_company_type(row[0]).ok().unwrap().value;
            assert_eq!([found.name, found.code], [row[0], row[1]]);
        }
        for row in aliases {
            assert_eq!(match_company_type(row[0]).value().unwrap().name, row[1], "{row:?}");
        }
    }
}
