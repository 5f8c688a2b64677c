//! Subdivisions of ISO 3166-2 (states, provinces, counties) with the English names of CLDR 48 (Unicode-3.0) where it has one, and their
//! aliases: names of ISO 3166-2, of CLDR in the languages of fifteen countries, and the postal and everyday abbreviations there; as of 2026.

use ahash::AHashMap;
use std::sync::LazyLock;

pub(crate) const DATA: &str = include_str!("../../data/subdivisions.csv");
pub(crate) const NAME_DATA: &str = include_str!("../../data/subdivision_names.csv");

/// A subdivision of ISO 3166-2.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Region {
    pub(super) code: &'static str,
    pub(super) name: &'static str,
    /// Code of the subdivision of the highest level that this one is part of, or its own.
    pub(super) top: &'static str,
}

impl Region {
    pub(super) fn country(&self) -> &'static str {
        &self.code[..2]
    }

    pub(super) fn is_top(&self) -> bool {
        self.top == self.code
    }

    /// The region behind the hyphen that places of a gazetteer carry.
    pub(super) fn suffix(&self) -> &'static str {
        self.top.get(3..).unwrap_or_default()
    }
}

struct Table {
    regions: Vec<Region>,
    names: Vec<(&'static str, u16)>,
    by_name: AHashMap<&'static str, (u32, u32)>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut regions = Vec::with_capacity(5200);
    for line in DATA.lines().skip(1) {
        let Some((code, rest)) = line.split_once(',') else { continue };
        let Some((name, parent)) = rest.rsplit_once(',') else { continue };
        let top = if parent.is_empty() { code } else { parent };
        regions.push(Region { code, name: name.trim_matches('"'), top });
    }
    let mut table =
        Table { regions, names: Vec::with_capacity(12_000), by_name: AHashMap::with_capacity(12_000) };
    for (name, code) in NAME_DATA.lines().skip(1).filter_map(|line| line.rsplit_once(',')) {
        let Ok(at) = table.regions.binary_search_by_key(&code, |region| region.code) else { continue };
        let place = table.names.len() as u32;
        table.names.push((name, at as u16));
        table.by_name.entry(name).and_modify(|(_, count)| *count += 1).or_insert((place, 1));
    }
    table
});

/// Every subdivision of this name or abbreviation, by its key.
pub(super) fn find(key: &str) -> impl Iterator<Item = &'static Region> + Clone {
    let (start, count) = TABLE.by_name.get(key).copied().unwrap_or_default();
    let names = TABLE.names.get(start as usize..(start + count) as usize).unwrap_or_default();
    names.iter().filter_map(|&(_, at)| TABLE.regions.get(usize::from(at)))
}

/// The subdivision of this name or abbreviation in a country.
pub(super) fn find_in(key: &str, country: &str) -> Option<&'static Region> {
    find(key).find(|region| region.country() == country)
}

/// The subdivision of an ISO 3166-2 code in capitals, `US-CA`.
pub(super) fn by_code(code: &str) -> Option<&'static Region> {
    let at = TABLE.regions.binary_search_by_key(&code, |region| region.code).ok()?;
    TABLE.regions.get(at)
}

#[cfg(test)]
mod tests {
    use super::super::key::key;
    use super::*;

    #[test]
    fn tables_are_sorted_and_whole() {
        assert!(TABLE.regions.len() > 4900);
        assert!(TABLE.regions.windows(2).all(|pair| pair[0].code < pair[1].code));
        assert!(TABLE.regions.iter().all(|region| by_code(region.top).is_some_and(Region::is_top)));
        let rows: Vec<_> = NAME_DATA.lines().skip(1).collect();
        let pairs: Vec<_> = rows.iter().map(|row| row.rsplit_once(',').unwrap()).collect();
        assert!(pairs.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!(TABLE.names.len(), rows.len());
        for (name, _) in pairs {
            assert_eq!(key(name), name);
        }
    }

    #[test]
    fn postal_codes() {
        for (given, country, code) in [
            ("ca", "US", "US-CA"),
            ("on", "CA", "CA-ON"),
            ("nsw", "AU", "AU-NSW"),
            ("bayern", "DE", "DE-BY"),
            ("calif", "US", "US-CA"),
            ("toscana", "IT", "IT-52"),
        ] {
            assert_eq!(find_in(given, country).unwrap().code, code);
        }
    }
}
