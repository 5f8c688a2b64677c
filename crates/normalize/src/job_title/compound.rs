//! The function that a compound names: "Regionalverkaufsleiter" sells, "Zentraleinkauf" buys.
//!
//! German, Dutch and Swedish write compounds as one word, so that no list holds them all. The last part says most and is tried first:
//! "Vertriebscontrolling" is controlling. Parts are from `data/title_stems.csv`, collected by hand in 2026.

use super::levels::function_number;
use super::table::{fields, spellings};
use ahash::AHashMap;
use std::sync::LazyLock;

pub(crate) const STEM_DATA: &str = include_str!("../../data/title_stems.csv");

/// Letters of the shortest stem, and of the key that it is found by.
const SHORTEST: usize = 4;

#[derive(Debug, Default)]
struct Stems {
    by_start: AHashMap<[u8; SHORTEST], Vec<(String, u8)>>,
    by_end: AHashMap<[u8; SHORTEST], Vec<(String, u8)>>,
}

/// Stems, the longest of each bucket first.
static STEMS: LazyLock<Stems> = LazyLock::new(|| {
    let mut stems = Stems::default();
    for line in STEM_DATA.lines().skip(1) {
        let mut cells = fields(line);
        let (Some(stem), Some(function)) = (cells.next(), cells.next()) else { continue };
        for stem in spellings(stem) {
            let (Some(start), Some(end)) =
                (stem.as_bytes().first_chunk().copied(), stem.as_bytes().last_chunk().copied())
            else {
                continue;
            };
            stems.by_start.entry(start).or_default().push((stem.clone(), function_number(function)));
            stems.by_end.entry(end).or_default().push((stem, function_number(function)));
        }
    }
    for bucket in stems.by_start.values_mut().chain(stems.by_end.values_mut()) {
        bucket.sort_by_key(|(stem, _)| std::cmp::Reverse(stem.len()));
    }
    stems
});

/// Number of the function that `word` names with its last part; 0 for none.
pub(super) fn of_last_part(word: &str) -> u8 {
    // The letters that tie the parts: Vertrieb-s-, Daten-, Kunde-n-.
    let ends =
        [word, word.strip_suffix('s').unwrap_or_default(), word.strip_suffix("en").unwrap_or_default()];
    let found = ends.into_iter().find_map(|word| {
        let bucket = STEMS.by_end.get(&word.as_bytes().last_chunk().copied()?)?;
        bucket.iter().find(|(stem, _)| word.ends_with(stem.as_str())).map(|(_, function)| *function)
    });
    found.unwrap_or_default()
}

/// Number of the function that `word` names with its first part; 0 for none.
pub(super) fn of_first_part(word: &str) -> u8 {
    let start = word.as_bytes().first_chunk().copied();
    let bucket = start.and_then(|start| STEMS.by_start.get(&start));
    let stem = bucket.and_then(|bucket| bucket.iter().find(|(stem, _)| word.starts_with(stem.as_str())));
    stem.map_or(0, |(_, function)| *function)
}
