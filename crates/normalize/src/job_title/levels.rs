//! The fifteen levels, the eleven seniorities and the thirteen functions, and the labels that name a level.

use super::table::{fields, fold_key};
use ahash::AHashMap;
use std::sync::LazyLock;

pub(crate) const LEVEL_DATA: &str = include_str!("../../data/job_title_levels.csv");
pub(crate) const ALIAS_DATA: &str = include_str!("../../data/job_title_level_aliases.csv");
pub(crate) const FUNCTION_DATA: &str = include_str!("../../data/job_functions.csv");
pub(crate) const SENIORITY_DATA: &str = include_str!("../../data/seniorities.csv");

/// Names of the levels, 1 first.
static LEVELS: LazyLock<Vec<&'static str>> =
    LazyLock::new(|| LEVEL_DATA.lines().skip(1).filter_map(|line| fields(line).nth(1)).collect());

static FUNCTIONS: LazyLock<Vec<&'static str>> =
    LazyLock::new(|| FUNCTION_DATA.lines().skip(1).filter_map(|line| fields(line).next()).collect());

/// Folded label to level: the standard names and their aliases.
static LABELS: LazyLock<AHashMap<String, u8>> = LazyLock::new(|| {
    let mut labels: AHashMap<String, u8> = ALIAS_DATA
        .lines()
        .skip(1)
        .filter_map(|line| {
            let (alias, level) = line.rsplit_once(',')?;
            Some((fold_key(alias), level.parse().ok()?))
        })
        .collect();
    labels.extend(LEVELS.iter().zip(1..).map(|(name, level)| (fold_key(name), level)));
    labels
});

/// The standard name of a level, 1 (highest) to 15.
///
/// ```
/// assert_eq!(firmograph_normalize::level_name(6), Some("Vice President (VP)"));
/// assert_eq!(firmograph_normalize::level_name(16), None);
/// ```
#[must_use]
pub fn level_name(level: u8) -> Option<&'static str> {
    LEVELS.get(usize::from(level).checked_sub(1)?).copied()
}

/// The level that a standard name or one of its aliases names; case, accents and punctuation do not matter.
///
/// ```
/// use firmograph_normalize::level_of_name;
/// assert_eq!(level_of_name("Assistant / Associate VP (AVP)"), Some(7));
/// assert_eq!(level_of_name("c-LEVEL executive"), Some(1));
/// assert_eq!(level_of_name("Banking"), None);
/// ```
#[must_use]
pub fn level_of_name(name: &str) -> Option<u8> {
    labelled(&fold_key(name))
}

/// The level of a label that is folded already.
pub(super) fn labelled(folded: &str) -> Option<u8> {
    LABELS.get(folded).copied()
}

/// Function by its number, 1 first; 0 is none.
pub(super) fn function_name(function: u8) -> Option<&'static str> {
    FUNCTIONS.get(usize::from(function).checked_sub(1)?).copied()
}

/// Number of a function, 1 first; 0 is none.
pub(super) fn function_number(name: &str) -> u8 {
    FUNCTIONS.iter().zip(1..).find(|(function, _)| **function == name).map_or(0, |(_, number)| number)
}

/// The function of those who run or oversee the whole company.
pub(super) const EXECUTIVE: u8 = 1;

/// Names of the seniorities, as in `data/job` reference rows.
pub(super) mod seniority {
    pub(in super::super) const OWNER: &str = "Owner";
    pub(in super::super) const C_LEVEL: &str = "C-Level";
    pub(in super::super) const VP: &str = "VP";
    pub(in super::super) const HEAD: &str = "Head";
    pub(in super::super) const DIRECTOR: &str = "Director";
    pub(in super::super) const MANAGER: &str = "Manager";
    pub(in super::super) const SENIOR: &str = "Senior";
    pub(in super::super) const ENTRY: &str = "Entry Level";
    pub(in super::super) const INTERN: &str = "Intern";
    pub(in super::super) const FREELANCE: &str = "Freelance";
    pub(in super::super) const CONTRIBUTOR: &str = "Individual Contributor";
}

/// Seniority of a label that names a level and nothing else.
pub(super) fn seniority_of_label(level: u8, label: &str) -> &'static str {
    match (label.split(' ').next().unwrap_or_default(), level) {
        ("head", _) => seniority::HEAD,
        ("entry" | "entrylevel" | "junior" | "associate", 13 | 14) => seniority::ENTRY,
        ("other" | "others" | "undefined", _) | (_, 12 | 13) => seniority::CONTRIBUTOR,
        ("senior", 9) => seniority::MANAGER,
        (_, 1 | 2) => seniority::C_LEVEL,
        (_, 3) => seniority::OWNER,
        (_, 4..=7) => seniority::VP,
        (_, 8 | 9) => seniority::DIRECTOR,
        (_, 10) => seniority::MANAGER,
        (_, 11) => seniority::SENIOR,
        (_, 14) => seniority::INTERN,
        _ => seniority::FREELANCE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_fixed_points() {
        assert_eq!(LEVELS.len(), 15);
        assert_eq!(FUNCTIONS.len(), 13);
        for level in 1..=15 {
            assert_eq!(level_name(level).and_then(level_of_name), Some(level));
        }
        assert_eq!(level_name(0), None);
        assert_eq!(function_name(EXECUTIVE), Some("Executive Leadership"));
    }

    #[test]
    fn seniorities_are_the_file() {
        use seniority::*;
        let listed: Vec<_> = SENIORITY_DATA.lines().skip(1).filter_map(|line| fields(line).next()).collect();
        assert_eq!(
            listed,
            [OWNER, C_LEVEL, VP, HEAD, DIRECTOR, MANAGER, SENIOR, ENTRY, INTERN, FREELANCE, CONTRIBUTOR]
        );
    }
}
