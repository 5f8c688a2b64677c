//! Metropolitan areas: those of the table with the city, region and country that they lie in, others by their words.
//!
//! The table holds the areas of LinkedIn's location forms (2026) in their most used spelling. An area across regions that no one city
//! names has no region.

use ahash::AHashMap;
use std::sync::LazyLock;

pub(crate) const DATA: &str = include_str!("../../data/metros.csv");

/// A row of the table; blank where the area has no such thing.
pub(super) struct Metro {
    pub(super) name: &'static str,
    pub(super) city: &'static str,
    pub(super) region_code: &'static str,
    pub(super) country_code: &'static str,
}

static METROS: LazyLock<AHashMap<&'static str, Metro>> = LazyLock::new(|| {
    let row = |line: &'static str| {
        let cells: Vec<&'static str> = line.split(',').collect();
        let [key, name, city, region_code, country_code] = cells[..] else { return None };
        Some((key, Metro { name, city, region_code, country_code }))
    };
    DATA.lines().skip(1).filter_map(row).collect()
});

/// The row of the core of an area's name.
pub(super) fn find(core: &str) -> Option<&'static Metro> {
    METROS.get(core)
}

/// The core of a name that says it is an area: `seattle` of `greater seattle area`.
pub(super) fn core(key: &str) -> Option<&str> {
    // The few areas that are known without any such word.
    if matches!(
        key,
        "silicon valley"
            | "puget sound"
            | "chicagoland"
            | "dfw"
            | "twin cities"
            | "research triangle"
            | "inland empire"
            | "south florida"
            | "tampa bay"
            | "bay area"
            | "gta"
            | "metro detroit"
            | "metro atlanta"
            | "metro vancouver"
    ) {
        return Some(key.strip_suffix(" area").unwrap_or(key));
    }
    let mut core = key;
    for before in
        ["the greater ", "greater ", "grossraum ", "metro ", "region of greater ", "gran ", "grand ", "stor "]
    {
        if let Some(rest) = core.strip_prefix(before) {
            core = rest;
            break;
        }
    }
    // These begin the names of places, so they mean an area only with an area's end.
    let is_weak = ["gran ", "grand ", "stor "].iter().any(|before| key.starts_with(before));
    let begun = core.len() != key.len() && !is_weak;
    let stem = core;
    for after in [
        " metropolitan area",
        " metropolitan region",
        " metro area",
        " metroplex",
        " metropolitan",
        " metro region",
        " metro",
        " area",
        " und umgebung",
        " umgebung",
        " y alrededores",
        " e regiao",
        " et peripherie",
        " et environs",
        " en omgeving",
        " och omnejd",
        " ve cevresi",
    ] {
        if let Some(rest) = core.strip_suffix(after) {
            core = rest;
            break;
        }
    }
    if is_weak && core.len() != stem.len() {
        core = key.get(..key.len() - (stem.len() - core.len())).unwrap_or(core);
    }
    if core == stem && !begun {
        return None;
    }
    // "Greater Pittsburgh Region"; a region alone is one of a country.
    if begun {
        core = core.strip_suffix(" region").unwrap_or(core);
    }
    (!core.is_empty()).then_some(core)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cores() {
        assert_eq!(core("greater seattle area"), Some("seattle"));
        assert_eq!(core("san francisco bay area"), Some("san francisco bay"));
        assert_eq!(core("zurich und umgebung"), Some("zurich"));
        assert_eq!(core("dallas fort worth metroplex"), Some("dallas fort worth"));
        assert_eq!(core("grand rapids"), None);
        assert_eq!(core("grand rapids metropolitan area"), Some("grand rapids"));
        assert_eq!(core("seattle"), None);
    }

    #[test]
    fn the_table_is_sorted_and_names_regions() {
        let keys: Vec<_> = DATA.lines().skip(1).map(|line| line.split(',').next().unwrap()).collect();
        assert!(keys.is_sorted());
        for row in METROS.values() {
            assert!(row.region_code.is_empty() || super::super::region::by_code(row.region_code).is_some());
            assert!(super::super::country::by_code(&row.country_code.to_ascii_lowercase()).is_some());
        }
    }
}
