//! Rows of a map against each other: texts that are one text must have one level.

use super::super::finding::LevelMapReason as Reason;
use super::super::finding::LevelMapSeverity::{Contradiction, Warning};
use super::super::key;
use super::{Checked, shown};
use std::collections::{BTreeMap, BTreeSet};

/// Rows by a key of theirs; rows without a level have no say.
fn groups<'c>(checked: &'c [Checked<'_>], key: impl Fn(&'c Checked<'_>) -> &'c str) -> Vec<Vec<usize>> {
    let mut groups: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, row) in checked.iter().enumerate() {
        if row.level.is_some() && !key(row).is_empty() {
            groups.entry(key(row)).or_default().push(index);
        }
    }
    let disagrees =
        |group: &Vec<usize>| group.iter().any(|&index| checked[index].level != checked[group[0]].level);
    groups.into_values().filter(disagrees).collect()
}

pub(super) fn check_equal_keys(checked: &mut [Checked<'_>], sound: &[bool]) {
    for group in groups(checked, |row| &row.key) {
        for &index in &group {
            let others =
                || group.iter().copied().filter(|&other| checked[other].level != checked[index].level);
            // One that is wrong by itself takes nobody with it.
            let severity = if others().any(|other| sound[other]) { Contradiction } else { Warning };
            if let Some(other) = others().find(|&other| sound[other]).or_else(|| others().next()) {
                let explanation = differs(&checked[other], "equal but for case, accents and blanks");
                checked[index].find(severity, Reason::EqualKeysDisagree, explanation);
            }
        }
    }
}

pub(super) fn check_twins(checked: &mut [Checked<'_>], sound: &[bool]) {
    for group in groups(checked, |row| &row.review.key) {
        let judges: Vec<u8> =
            group.iter().filter(|&&index| sound[index]).filter_map(|&index| checked[index].level).collect();
        // Most of those who are sound by themselves are taken at their word.
        let agreed = judges
            .iter()
            .copied()
            .find(|level| judges.iter().filter(|other| *other == level).count() * 2 > judges.len());
        for &index in &group {
            let row = &checked[index];
            let others = || {
                group
                    .iter()
                    .copied()
                    .filter(|&other| checked[other].level != row.level && checked[other].key != row.key)
            };
            let blamed = row.level != agreed && others().any(|other| sound[other]);
            let severity = if blamed { Contradiction } else { Warning };
            if let Some(other) = others().find(|&other| sound[other]).or_else(|| others().next()) {
                let explanation = differs(&checked[other], "equal but for punctuation");
                checked[index].find(severity, Reason::TwinsDisagree, explanation);
            }
        }
    }
}

/// Stored rows that the map does not write over must agree with it.
pub(super) fn check_stored(checked: &mut [Checked<'_>], stored: &[(String, u8)]) {
    let given: BTreeSet<&str> = checked.iter().map(|row| row.row.original.as_str()).collect();
    let mut kept: BTreeMap<String, Vec<&(String, u8)>> = BTreeMap::new();
    for row in stored.iter().filter(|(original, _)| !given.contains(original.as_str())) {
        kept.entry(key(&row.0).into_owned()).or_default().push(row);
    }
    for row in checked {
        let Some(level) = row.level else { continue };
        let other = kept.get(&row.key).and_then(|kept| kept.iter().find(|(_, other)| *other != level));
        if let Some((original, other)) = other {
            let explanation = format!(
                "{original:?} in the database says {} and is equal but for case, accents and blanks",
                shown(*other)
            );
            row.find(Contradiction, Reason::EqualKeysDisagree, explanation);
        }
    }
}

fn differs(other: &Checked<'_>, how: &str) -> String {
    let level = other.level.map_or_else(String::new, shown);
    format!("{:?} on line {} says {level} and is {how}", other.row.original, other.row.line)
}
