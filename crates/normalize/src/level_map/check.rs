mod twins;

use super::finding::{
    LevelMapFinding, LevelMapReason as Reason, LevelMapSeverity,
    LevelMapSeverity::{Contradiction, Unusable, Warning},
};
use super::key;
use super::rows::LevelMapRow;
use crate::job_title::{Review, level_name, level_of_name, review};
use crate::placeholder::is_placeholder;
use crate::text::{is_invisible, is_too_long_a_name, tidy};
use std::collections::{BTreeMap, BTreeSet};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Names that other copies of the definitions have for a level.
const SECOND_NAMES: [(u8, &str); 2] = [(7, "Assistant / Associate VP (AVP)"), (14, "Entry Level / Intern")];

/// Levels up to this one are ranks; those below name work.
const LOWEST_RANK: u8 = 10;

/// A row that can be applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LevelMapEntry {
    /// Physical line.
    pub line: u64,
    /// The text, as given.
    pub original: String,
    /// 1 to 15.
    pub level: u8,
    /// The gravest of its findings.
    pub severity: Option<LevelMapSeverity>,
}

/// Which rows of a checked map are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LevelMapPolicy {
    /// Rows of which nothing is to be said.
    Strict,
    /// Rows that contradict nothing.
    #[default]
    Sound,
    /// Every row that has a text and a level.
    Forced,
}

impl LevelMapPolicy {
    /// Whether a row with this gravest finding is wanted.
    #[must_use]
    pub fn applies(self, severity: Option<LevelMapSeverity>) -> bool {
        match self {
            LevelMapPolicy::Strict => severity.is_none(),
            LevelMapPolicy::Sound => severity <= Some(Warning),
            LevelMapPolicy::Forced => severity <= Some(Contradiction),
        }
    }
}

/// What a check found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LevelMapCheck {
    /// Rows with a text and a level, in the order of the file.
    pub entries: Vec<LevelMapEntry>,
    /// What is to be said about rows, in the order of the file.
    pub findings: Vec<LevelMapFinding>,
}

impl LevelMapCheck {
    /// The rows that `policy` wants. Of one text given twice, the last row.
    #[must_use]
    pub fn wanted(&self, policy: LevelMapPolicy) -> Vec<&LevelMapEntry> {
        let wanted = self.entries.iter().filter(|entry| policy.applies(entry.severity));
        let by_text: BTreeMap<&str, &LevelMapEntry> =
            wanted.map(|entry| (entry.original.as_str(), entry)).collect();
        by_text.into_values().collect()
    }

    /// Lines with a finding of at least this severity.
    #[must_use]
    pub fn lines(&self, severity: LevelMapSeverity) -> BTreeSet<u64> {
        self.findings
            .iter()
            .filter(|finding| finding.severity >= severity)
            .map(|finding| finding.line)
            .collect()
    }
}

/// Checks the rows of a map against the definitions, the rules, each other, and `stored` rows that will stay beside them.
///
/// ```
/// use firmograph_normalize::{LevelMapColumns, LevelMapPolicy, LevelMapReason, check_level_map};
///
/// let columns = LevelMapColumns::recognize(&["original", "name", "level"]).unwrap();
/// let rows = [
///     columns.row(2, &["Sales Boss", "Director / Senior Director", "8"]),
///     columns.row(3, &["Sales Director", "Director", "6"]),
/// ];
/// let check = check_level_map(&rows, &[]);
/// assert_eq!((check.findings[0].line, check.findings[0].reason), (3, LevelMapReason::NameOfOtherLevel));
/// assert_eq!(check.wanted(LevelMapPolicy::Sound).len(), 1);
/// assert_eq!(check.wanted(LevelMapPolicy::Forced).len(), 2);
/// ```
#[must_use]
pub fn check_level_map(rows: &[LevelMapRow], stored: &[(String, u8)]) -> LevelMapCheck {
    let mut checked: Vec<Checked<'_>> = rows.iter().map(Checked::new).collect();
    checked.iter_mut().for_each(Checked::check_alone);
    // Whether a row is sound by itself decides what its twins are blamed for.
    let sound: Vec<bool> =
        checked.iter().map(|row| row.level.is_some() && row.severity() < Some(Contradiction)).collect();
    twins::check_equal_keys(&mut checked, &sound);
    twins::check_twins(&mut checked, &sound);
    twins::check_stored(&mut checked, stored);
    let mut check = LevelMapCheck { entries: Vec::new(), findings: Vec::new() };
    for row in checked {
        let severity = row.severity();
        if let Some(level) = row.level.filter(|_| severity < Some(Unusable)) {
            let original = row.row.original.clone();
            check.entries.push(LevelMapEntry { line: row.row.line, original, level, severity });
        }
        check.findings.extend(row.findings);
    }
    check
}

/// A row on its way through the checks.
struct Checked<'r> {
    row: &'r LevelMapRow,
    level: Option<u8>,
    /// Equal for texts that differ in case, accents and blanks.
    key: String,
    review: Review,
    findings: Vec<LevelMapFinding>,
}

impl<'r> Checked<'r> {
    fn new(row: &'r LevelMapRow) -> Self {
        let level = row.level.trim().parse().ok().filter(|level| (1..=15).contains(level));
        let key =
            if is_too_long_a_name(&row.original) { String::new() } else { key(&row.original).into_owned() };
        Checked { row, level, key, review: review(&row.original), findings: Vec::new() }
    }

    fn severity(&self) -> Option<LevelMapSeverity> {
        self.findings.iter().map(|finding| finding.severity).max()
    }

    fn find(&mut self, severity: LevelMapSeverity, reason: Reason, explanation: String) {
        self.findings.push(LevelMapFinding {
            line: self.row.line,
            severity,
            reason,
            original: self.row.original.clone(),
            name: self.row.name.clone(),
            level: self.row.level.clone(),
            explanation,
        });
    }

    fn check_alone(&mut self) {
        if self.key.is_empty() || self.row.original.contains('\0') {
            let explanation = "there is no text that could be mapped".to_owned();
            return self.find(Unusable, Reason::BadOriginal, explanation);
        }
        self.check_name();
        let Some(level) = self.level else {
            let given = &self.row.level;
            return self.find(Unusable, Reason::BadLevel, format!("{given:?} is no level from 1 to 15"));
        };
        let names = standard_level(&self.row.original).filter(|&named| named != level);
        if let Some(named) = names {
            let explanation = format!("the text is the name of {}, not of {}", shown(named), shown(level));
            self.find(Contradiction, Reason::TitleNamesOtherLevel, explanation);
        }
        self.check_text();
        self.check_reading(level, names.is_some());
    }

    /// The name and the number must be one level.
    fn check_name(&mut self) {
        let Some(name) = self.row.name.as_deref().filter(|name| !name.trim().is_empty()) else { return };
        match (level_of_name(name), self.level) {
            (None, _) => {
                let explanation = format!("{name:?} is not the name of a level");
                self.find(Contradiction, Reason::UnknownName, explanation);
            }
            (Some(named), Some(level)) if named != level => {
                let explanation =
                    format!("{name:?} means {}, and the row says {}", shown(named), shown(level));
                self.find(Contradiction, Reason::NameOfOtherLevel, explanation);
            }
            (Some(named), _) => {
                if let Some((_, second)) = SECOND_NAMES.iter().find(|(level, _)| *level == named) {
                    let first = level_name(named).unwrap_or_default();
                    let explanation = format!(
                        "level {named} is called {first:?} and {second:?} in different definitions: compare numbers, not names"
                    );
                    self.find(Warning, Reason::LevelHasTwoNames, explanation);
                }
            }
        }
    }

    /// Spelling.
    fn check_text(&mut self) {
        if let Some(stray) = self.row.original.nfc().find(|&c| is_stray(c)) {
            let explanation =
                format!("U+{:04X} does not belong into {:?}", stray as u32, plain(&self.row.original));
            self.find(Warning, Reason::StrayCharacter, explanation);
        }
        if let Some(word) = self.review.misspelt.take() {
            self.find(Warning, Reason::Typo, format!("{word:?} looks misspelt; the rules repair it"));
        }
    }

    /// What the rules make of the text.
    fn check_reading(&mut self, level: u8, is_other_name: bool) {
        let is_contradiction = is_other_name || self.severity() >= Some(Contradiction);
        if is_placeholder(&self.row.original) || self.review.outcome.reason() == Some("placeholder") {
            let explanation = "ingest takes this text for not given and will never look it up".to_owned();
            return self.find(Warning, Reason::Placeholder, explanation);
        }
        if self.review.is_no_title {
            let explanation = format!(
                "this is an industry, a department or something else that is no title; it will count as {}",
                shown(level)
            );
            return self.find(Warning, Reason::NotATitle, explanation);
        }
        let Some(title) = self.review.outcome.value() else { return };
        let (read, named) = (title.level, title.levels.clone());
        let ranks = named.iter().filter(|&&named| named <= LOWEST_RANK).count();
        let highest = named.iter().copied().min().unwrap_or(read);
        if ranks > 1 && named.contains(&level) {
            let (reason, rest) = if level > highest {
                (
                    Reason::CompoundTitleLowerRank,
                    format!("and is mapped to {}, not to {}", shown(level), shown(highest)),
                )
            } else {
                (Reason::CompoundTitle, format!("and is mapped to {}", shown(level)))
            };
            let explanation = format!("the text names the levels {} {rest}", listed(&named));
            self.find(Warning, reason, explanation);
        } else if read != level && !is_contradiction {
            let explanation =
                format!("the rules read this as {}; the map makes it {}", shown(read), shown(level));
            self.find(Warning, Reason::OverridesRules, explanation);
        }
        if let Some(other) = self.review.other_reading
            && standard_level(&self.row.original).is_none()
        {
            let explanation = format!(
                "the text is used for {} and by its words means {}; it will count as {}",
                shown(read),
                shown(other),
                shown(level)
            );
            self.find(Warning, Reason::AmbiguousTitle, explanation);
        }
    }
}

/// The level of which `text` is the standard name, as definitions spell it.
fn standard_level(text: &str) -> Option<u8> {
    let given = key(text);
    let first = (1..=15).filter_map(|level| Some((level, level_name(level)?)));
    first.chain(SECOND_NAMES).find(|(_, name)| key(name) == given).map(|(level, _)| level)
}

fn shown(level: u8) -> String {
    format!("{level} {}", level_name(level).unwrap_or_default())
}

fn listed(levels: &[u8]) -> String {
    let texts: Vec<String> = levels.iter().map(u8::to_string).collect();
    texts.join(" and ")
}

/// Marks on letters that have no such form, and characters that are not to be seen. Scripts that write vowels as marks keep them.
fn is_stray(c: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&c) && is_combining_mark(c)
        || is_invisible(c)
        || matches!(c, '\u{fffd}' | '\u{ad}')
        || c.is_control() && !c.is_whitespace()
}

fn plain(text: &str) -> String {
    tidy(text).nfc().filter(|&c| !is_stray(c)).collect()
}

#[cfg(test)]
mod tests;
