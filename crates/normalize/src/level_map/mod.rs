//! A user's own map from titles and vendors' level words to the fifteen levels.
//!
//! [`check`] says what is wrong with a map before anybody uses it; [`LevelMap`] is one in use, which wins over the rules.

mod check;
mod finding;
mod rows;

pub use check::{LevelMapCheck, LevelMapEntry, LevelMapPolicy, check_level_map};
pub use finding::{LevelMapFinding, LevelMapReason, LevelMapSeverity};
pub use rows::{LevelMapColumns, LevelMapRow};

use crate::job_title::{JobTitle, match_job_title, with_level};
use crate::text::{fold_accents, is_too_long_a_name, trim};
use ahash::AHashMap;
use firmograph_core::{Evidence, Outcome, Span};
use std::borrow::Cow;

/// Original texts, each with a level. Case, accents and the number of blanks do not matter.
///
/// Where two spellings of one text have different levels (a forced import, or a table that somebody else filled), only the
/// spellings themselves are answered, and every other spelling is left to the rules.
///
/// ```
/// use firmograph_normalize::{LevelMap, match_job_title_with};
///
/// let map = LevelMap::new([("Banking", 12), ("Rainmaker", 3)]);
/// let title = match_job_title_with("RAINMAKER ", Some(&map)).ok().unwrap();
/// assert_eq!((title.value.level, title.evidence.rule.as_ref()), (3, "level_map"));
/// assert!(title.evidence.reference.starts_with("job_title_level_map@"));
/// assert_eq!(match_job_title_with("CFO", Some(&map)), firmograph_normalize::match_job_title("CFO"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LevelMap {
    levels: AHashMap<Box<str>, u8>,
    /// Spellings of texts whose spellings disagree.
    spelt: AHashMap<Box<str>, u8>,
    /// `job_title_level_map@version`.
    reference: String,
}

impl LevelMap {
    /// A map of original texts to levels; rows whose level is not 1 to 15, or whose text is blank, say nothing. The order of the
    /// rows does not matter, unless one text is in them twice: then the last counts.
    #[must_use]
    pub fn new<T: AsRef<str>>(rows: impl IntoIterator<Item = (T, u8)>) -> Self {
        let mut spelt: AHashMap<Box<str>, u8> = AHashMap::new();
        for (original, level) in rows {
            let original = trim(original.as_ref());
            if (1..=15).contains(&level) && !key(original).is_empty() {
                spelt.insert(original.into(), level);
            }
        }
        let mut sorted: Vec<(&str, u8)> = spelt.iter().map(|(text, &level)| (&**text, level)).collect();
        sorted.sort_unstable();
        let reference = format!("job_title_level_map@{:016x}", version(&sorted));
        let mut keys: AHashMap<Box<str>, Option<u8>> = AHashMap::with_capacity(sorted.len());
        for (original, level) in sorted {
            let known = keys.entry(key(original).into()).or_insert(Some(level));
            if *known != Some(level) {
                *known = None;
            }
        }
        spelt.retain(|original, _| keys.get(&*key(original)) == Some(&None));
        let levels = keys.into_iter().filter_map(|(key, level)| Some((key, level?))).collect();
        LevelMap { levels, spelt, reference }
    }

    /// The level of a text, where the map has it.
    #[must_use]
    pub fn level(&self, raw: &str) -> Option<u8> {
        if is_too_long_a_name(raw) {
            return None;
        }
        let found = self.levels.get(&*key(raw));
        found.or_else(|| if self.spelt.is_empty() { None } else { self.spelt.get(trim(raw)) }).copied()
    }

    /// `job_title_level_map@version`, where the version is a hash of every row.
    #[must_use]
    pub fn reference(&self) -> &str {
        &self.reference
    }

    /// Whether no text is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.levels.is_empty() && self.spelt.is_empty()
    }
}

/// [`match_job_title`], with a user's map that wins over the rules. The rule of its answers is `level_map`.
///
/// Level and name are the map's. Seniority is that of the title's words where they mean the same level, else that of the level;
/// function and cleaned title are those of the words where there are any.
#[must_use]
pub fn match_job_title_with(raw: &str, map: Option<&LevelMap>) -> Outcome<JobTitle> {
    let Some(map) = map else { return match_job_title(raw) };
    let Some(title) = map.level(raw).and_then(|level| with_level(raw, level)) else {
        return match_job_title(raw);
    };
    let mut evidence = Evidence::new("level_map", "", Span::all(raw), 100);
    evidence.reference = Cow::Owned(map.reference.clone());
    Outcome::matched(title, evidence)
}

/// What makes two texts one: case, accents, dashes and blanks do not.
fn key(text: &str) -> Cow<'_, str> {
    fold_accents(text)
}

/// FNV-1a of 64 bits: the same on every machine and in every version, which hash tables' own hashes are not.
fn version(rows: &[(&str, u8)]) -> u64 {
    let bytes = rows.iter().flat_map(|(text, level)| text.bytes().chain([0, *level]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_accents_and_blanks_do_not_matter() {
        let map = LevelMap::new([("Chargé  d'affaires", 9), ("Non \u{2013}Boss", 12)]);
        assert_eq!(map.level(" CHARGE D’AFFAIRES\u{a0}"), Some(9));
        assert_eq!(map.level("non -boss"), Some(12));
        assert_eq!(map.level("non boss"), None);
        assert_eq!(map.level(""), None);
    }

    #[test]
    fn spellings_that_disagree_answer_for_themselves_only() {
        let map = LevelMap::new([("Bar Keeper", 12), ("bar keeper", 13), ("Cook", 12)]);
        assert_eq!(map.level("Bar Keeper "), Some(12));
        assert_eq!(map.level("bar keeper"), Some(13));
        assert_eq!(map.level("BAR KEEPER"), None);
        assert_eq!(map.level("COOK"), Some(12));
    }

    #[test]
    fn the_version_is_of_the_content() {
        let map = LevelMap::new([("a", 1), ("b", 2)]);
        assert_eq!(map, LevelMap::new([("b", 2), ("a", 1)]));
        assert_ne!(map.reference(), LevelMap::new([("a", 1), ("b", 3)]).reference());
        assert_eq!(map.reference(), "job_title_level_map@5c50f72f1d49b4e5");
        assert!(LevelMap::new([("a", 0), (" ", 3), ("b", 16)]).is_empty());
    }

    #[test]
    fn the_map_wins_and_the_words_give_the_rest() {
        let map = LevelMap::new([("Product Manager", 12), ("Retail", 13)]);
        let title = match_job_title_with("product manager", Some(&map)).ok().unwrap();
        assert_eq!((title.value.level, title.value.seniority), (12, "Individual Contributor"));
        assert_eq!(title.value.function, Some("Product"));
        assert_eq!(title.evidence.reference, map.reference());
        assert_eq!(match_job_title_with("Retail", Some(&map)).value().unwrap().level, 13);
        assert_eq!(match_job_title_with("Retail", None).reason(), Some("not_a_title"));
    }
}
