//! Reads `data/places.bin`, which `scripts/gazetteer/build.py` writes. All numbers are little-endian.
//!
//! | part | size |
//! |---|---|
//! | `FGZ1`, number of pairs P, of places N, of alternate names A | 4 + 3 x 4 |
//! | pairs of country (2 bytes) and region (4), padded with blanks | 6 P |
//! | buckets of the places, then of the alternate names: rows before each 16th of 65,536 buckets, then the rows of each | 2 x (4 x 4,096 + 65,536) |
//! | places, by digest: low 32 bits of the digest | 4 N |
//! | and their pair (2), population (12 bits and 4 of exponent) and length of name (1) | 5 N |
//! | alternate names, by digest: low 32 bits of the digest | 4 A |
//! | and the number of their place | 3 A |
//! | where the name of each 32nd place begins | 4 N / 32 |
//! | names in the order of the places, end to end | rest |
//!
//! A row is found by 48 bits of the digest of its key, 16 of them its bucket. The keys themselves are not kept: of 10⁹ names that are in no
//! table, one is taken for a place.

use crate::{Found, Place};
use std::sync::LazyLock;

/// Version of the data, for evidence.
pub const VERSION: &str = "2026.1";

static DATA: &[u8] = include_bytes!("../data/places.bin");
static TABLE: LazyLock<Table> = LazyLock::new(|| Table::read(DATA));

const BUCKETS: usize = 1 << 16;

/// Every place of this name, by the key that the crate's documentation describes: those of that very name first.
pub fn find(key: &str) -> impl Iterator<Item = Found> {
    let table = &*TABLE;
    let digest = digest(key);
    let own = table.places.find(digest).map(|row| Found { place: table.place(row), is_alternate: false });
    let others = table.others.find(digest).map(|row| {
        let place = table.targets.get(row * 3..row * 3 + 3).map_or(0, |bytes| number(bytes) as usize);
        Found { place: table.place(place), is_alternate: true }
    });
    own.chain(others)
}

/// Every place there is.
pub fn all() -> impl Iterator<Item = Place> {
    (0..TABLE.places.rows.len() / 4).map(|row| TABLE.place(row))
}

/// The name of a place.
pub(crate) fn name(row: usize) -> &'static str {
    TABLE.name(row)
}

struct Table {
    pairs: Vec<(&'static str, &'static str)>,
    places: Rows,
    facts: &'static [u8],
    others: Rows,
    targets: &'static [u8],
    starts: &'static [u8],
    names: &'static str,
}

/// Digests in order, with the number of rows before each of their buckets.
struct Rows {
    starts: &'static [u8],
    counts: &'static [u8],
    rows: &'static [u8],
}

impl Table {
    fn read(data: &'static [u8]) -> Table {
        let mut rest = data;
        let mut take = |length: usize| {
            let (part, after) = rest.split_at(length.min(rest.len()));
            rest = after;
            part
        };
        take(4);
        let [pairs, places, others] = [0; 3].map(|_: u8| number(take(4)) as usize);
        let pairs = take(6 * pairs).chunks(6).map(|pair| (text(&pair[..2]), text(&pair[2..]))).collect();
        let (place_starts, place_counts) = (take(BUCKETS / 4), take(BUCKETS));
        let (other_starts, other_counts) = (take(BUCKETS / 4), take(BUCKETS));
        let place_rows = take(4 * places);
        let facts = take(5 * places);
        let other_rows = take(4 * others);
        let targets = take(3 * others);
        let starts = take(4 * places.div_ceil(32));
        Table {
            pairs,
            places: Rows { starts: place_starts, counts: place_counts, rows: place_rows },
            facts,
            others: Rows { starts: other_starts, counts: other_counts, rows: other_rows },
            targets,
            starts,
            names: text(rest),
        }
    }

    fn place(&self, row: usize) -> Place {
        let this = self.fact(row);
        let (country, region) = self.pairs.get(number(&this[..2]) as usize).copied().unwrap_or_default();
        let packed = number(&this[2..4]);
        Place { row: row as u32, country, region, population: (packed & 0xfff) << (packed >> 12) }
    }

    fn fact(&self, row: usize) -> &'static [u8] {
        self.facts.get(row * 5..row * 5 + 5).unwrap_or(&[0; 5])
    }

    fn name(&self, row: usize) -> &'static str {
        let length = |row: usize| usize::from(self.fact(row)[4]);
        let block = row / 32;
        let start = self.starts.get(block * 4..block * 4 + 4).map_or(0, number) as usize
            + (block * 32..row).map(length).sum::<usize>();
        self.names.get(start..start + length(row)).unwrap_or_default()
    }
}

impl Rows {
    fn find(&self, digest: u64) -> impl Iterator<Item = usize> {
        let bucket = (digest >> 32) as usize;
        let first = bucket / 16 * 16;
        let before = self.starts.get(first / 4..first / 4 + 4).map_or(0, number) as usize
            + self
                .counts
                .get(first..bucket)
                .unwrap_or_default()
                .iter()
                .map(|&n| usize::from(n))
                .sum::<usize>();
        let count = self.counts.get(bucket).map_or(0, |&n| usize::from(n));
        let low = (digest as u32).to_le_bytes();
        let rows = self.rows.get(before * 4..(before + count) * 4).unwrap_or_default();
        rows.chunks_exact(4).enumerate().filter(move |(_, row)| **row == low).map(move |(at, _)| before + at)
    }
}

/// The top 48 bits of FNV-1a, mixed so that its top bits are as good as its low ones.
fn digest(key: &str) -> u64 {
    let mut value = 0xcbf2_9ce4_8422_2325_u64;
    for &byte in key.as_bytes() {
        value = (value ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
    }
    value = (value ^ value >> 32).wrapping_mul(0xd6e8_feb8_6659_fd93);
    (value ^ value >> 32) >> 16
}

fn number(bytes: &[u8]) -> u32 {
    bytes.iter().rev().fold(0, |number, &byte| number << 8 | u32::from(byte))
}

fn text(bytes: &'static [u8]) -> &'static str {
    std::str::from_utf8(bytes).unwrap_or_default().trim_end_matches(' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_is_whole() {
        assert_eq!(&DATA[..4], b"FGZ1");
        assert!(all().count() > 150_000);
        let letters: usize = all().map(|place| place.name().len()).sum();
        assert_eq!(letters, TABLE.names.len());
        assert!(all().all(|place| !place.name().is_empty() && place.country.len() == 2));
        for row in 0..TABLE.targets.len() / 3 {
            assert!((number(&TABLE.targets[row * 3..row * 3 + 3]) as usize) < TABLE.places.rows.len() / 4);
        }
    }

    #[test]
    fn finds_by_own_and_other_names() {
        let lyon: Vec<_> =
            find("lyon").filter(|found| !found.is_alternate).map(|found| found.place).collect();
        assert!(
            lyon.iter()
                .any(|place| place.country == "FR" && place.region == "ARA" && place.population > 400_000)
        );
        assert!(find("munchen").any(|found| found.is_alternate && found.place.name() == "Munich"));
        assert!(find("").next().is_none());
    }
}
