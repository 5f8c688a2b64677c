//! Countries of ISO 3166-1, and Kosovo under the code in general use. Names: the English ones of everyday use; aliases: ISO 3166-1 (long and
//! short names), everyday and misspelt forms, and the names of CLDR 48 (Unicode-3.0) in thirty languages; both as of 2026.

use ahash::AHashMap;
use std::sync::LazyLock;

use super::key::key;

pub(crate) const DATA: &str = include_str!("../../data/countries.csv");
pub(crate) const NAME_DATA: &str = include_str!("../../data/country_names.csv");

/// A country or territory of ISO 3166-1.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Country {
    pub(super) code: &'static str,
    pub(super) name: &'static str,
}

struct Table {
    countries: Vec<Country>,
    by_name: AHashMap<&'static str, u16>,
    by_code: AHashMap<String, u16>,
    by_alpha2: [u16; 26 * 26],
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut table = Table {
        countries: Vec::new(),
        by_name: AHashMap::new(),
        by_code: AHashMap::new(),
        by_alpha2: [u16::MAX; 26 * 26],
    };
    for line in DATA.lines().skip(1) {
        let cells: Vec<&'static str> = line.splitn(4, ',').collect();
        let [code, alpha3, numeric, name] = cells[..] else { continue };
        for code in [code, alpha3, numeric] {
            if !code.is_empty() {
                table.by_code.insert(code.to_ascii_lowercase(), table.countries.len() as u16);
            }
        }
        if let &[first, second] = code.as_bytes() {
            table.by_alpha2[usize::from(first - b'A') * 26 + usize::from(second - b'A')] =
                table.countries.len() as u16;
        }
        table.countries.push(Country { code, name });
    }
    table.by_name.reserve(5500);
    for (name, code) in NAME_DATA.lines().skip(1).filter_map(|line| line.rsplit_once(',')) {
        if let Ok(at) = table.countries.binary_search_by_key(&code, |country| country.code) {
            table.by_name.insert(name, at as u16);
        }
    }
    table
});

/// The country of a name or code, by its key, and whether it was a bare code.
pub(super) fn find(key: &str) -> Option<(&'static Country, bool)> {
    by_name(key).map(|country| (country, false)).or_else(|| by_code(key).map(|country| (country, true)))
}

/// The country of a name, by its key.
pub(super) fn by_name(key: &str) -> Option<&'static Country> {
    TABLE.by_name.get(key).and_then(|&at| TABLE.countries.get(usize::from(at)))
}

/// The country of an alpha-2 or alpha-3 code in lower case.
pub(super) fn by_code(code: &str) -> Option<&'static Country> {
    if code.len() > 3 || code.len() < 2 || code.as_bytes()[0].is_ascii_digit() {
        return None;
    }
    TABLE.by_code.get(code).and_then(|&at| TABLE.countries.get(usize::from(at)))
}

/// The country of an alpha-2 code in capitals.
pub(super) fn by_alpha2(code: &str) -> Option<&'static Country> {
    let &[first @ b'A'..=b'Z', second @ b'A'..=b'Z'] = code.as_bytes() else { return None };
    let at = TABLE.by_alpha2[usize::from(first - b'A') * 26 + usize::from(second - b'A')];
    TABLE.countries.get(usize::from(at))
}

/// What stands in a column of countries: a name or any code of ISO 3166-1, where `NA` is Namibia.
pub(super) fn column(text: &str) -> Option<&'static Country> {
    let key = key(text);
    let numeric = || {
        let at = (key.len() <= 3).then(|| TABLE.by_code.get(format!("{key:0>3}").as_str()))??;
        TABLE.countries.get(usize::from(*at))
    };
    find(&key)
        .map(|(country, _)| country)
        .or_else(|| key.bytes().all(|c| c.is_ascii_digit()).then(numeric)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::assert_sorted_list;

    #[test]
    fn every_code_and_name_is_found() {
        assert_eq!(TABLE.countries.len(), 250);
        for line in DATA.lines().skip(1) {
            let cells: Vec<_> = line.splitn(4, ',').collect();
            for cell in &cells {
                assert!(
                    cell.is_empty() || column(cell).is_some_and(|country| country.code == cells[0]),
                    "{line}: {cell}"
                );
            }
        }
        assert_eq!(TABLE.by_name.len(), NAME_DATA.lines().count() - 1);
    }

    #[test]
    fn tables_are_sorted() {
        assert_sorted_list(NAME_DATA);
        assert!(TABLE.countries.is_sorted_by_key(|country| country.code));
        for line in NAME_DATA.lines().skip(1) {
            let name = line.rsplit_once(',').unwrap().0;
            assert_eq!(key(name), name);
        }
    }
}
