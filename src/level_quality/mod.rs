//! How well the raw titles and levels of all prospects are placed on the fifteen levels, and what contradicts what.

mod report;

use crate::Engine;
use firmograph_core::{Error, Source};
use firmograph_normalize::LevelMapFinding;
use serde::Serialize;
use std::collections::BTreeMap;

/// What was found. Each list has those first that concern most rows, at most as many as asked for, and says how many there are.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LevelQuality {
    /// Golden prospects.
    pub prospects: ProspectLevels,
    /// How many of them are on each of the fifteen levels, the highest first.
    pub funnel: Vec<LevelCount>,
    /// What each source says, by name.
    pub sources: Vec<SourceLevels>,
    /// Distinct texts of the level column and of the title.
    pub values: Vec<DistinctValues>,
    /// Texts that mean no level.
    pub unmatched: Vec<UnmatchedLevel>,
    /// Texts of the level column, however spelt, whose rows have several levels, because titles win.
    pub several: Listed<SeveralLevels>,
    /// Texts of the level column that mean another level than the title beside them.
    pub disagreements: Listed<LevelDisagreement>,
    /// Rows of the stored map that contradict the definitions or each other, in byte order of their texts.
    pub map: Vec<LevelMapFinding>,
    /// Raw levels that other programs wrote into golden rows and that no source spoke of yet.
    pub not_observed: Listed<NotObserved>,
}

/// A list that may be cut off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Listed<T> {
    /// How many there are.
    pub all: u64,
    /// Rows that all of them concern.
    pub rows: u64,
    /// Those that concern most rows.
    pub top: Vec<T>,
}

impl<T> Listed<T> {
    fn none() -> Self {
        Listed { all: 0, rows: 0, top: Vec::new() }
    }
}

/// Golden prospects: the parts add up to all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct ProspectLevels {
    /// All of them.
    pub all: u64,
    /// Those with a level.
    pub with_level: u64,
    /// Those whose title or level column is known and means no level.
    pub unmatched: u64,
    /// Those that another program gave a title or a level, and of which no source spoke yet.
    pub not_observed: u64,
    /// Of those, the ones that would have a level if they were ingested.
    pub would_match: u64,
    /// Those of which neither a title nor a level is said.
    pub nothing_said: u64,
}

impl ProspectLevels {
    /// Prospects of which a title or a level is said.
    #[must_use]
    pub fn said(&self) -> u64 {
        self.all - self.nothing_said
    }

    /// Percentage with a level of those of which something is said, two decimals, never rounded up; `None` where nothing is said
    /// of anybody.
    #[must_use]
    pub fn mapped_percent(&self) -> Option<f64> {
        percent(self.with_level, self.said())
    }

    /// `count` of those of which something is said, in percent as [`ProspectLevels::mapped_percent`].
    #[must_use]
    pub fn share(&self, count: u64) -> Option<f64> {
        percent(count, self.said())
    }

    /// Whether at least `percent` of those of which something is said have a level; no where nothing is said of anybody.
    #[must_use]
    pub fn reaches(&self, percent: f64) -> bool {
        self.said() > 0 && self.with_level as f64 * 100.0 >= percent * self.said() as f64
    }
}

/// `part` of `whole` in percent, cut after two decimals: what is not all is never called 100.
pub(crate) fn percent(part: u64, whole: u64) -> Option<f64> {
    let hundredths = (u128::from(part) * 10_000).checked_div(u128::from(whole))?;
    Some(hundredths as f64 / 100.0)
}

/// Prospects on one level.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LevelCount {
    /// 1 to 15.
    pub level: u8,
    /// Its name.
    pub name: &'static str,
    /// How many.
    pub prospects: u64,
}

/// Dimension rows of one source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SourceLevels {
    /// The source.
    pub source: String,
    /// Its rows; nothing said, matched and unmatched add up to them.
    pub rows: u64,
    /// Rows that give neither a title nor a level.
    pub nothing_said: u64,
    /// Rows with a level.
    pub matched: u64,
    /// Rows that say something and have no level.
    pub unmatched: u64,
    /// Matched by the rules, the title.
    pub by_title: u64,
    /// Matched by the rules, the level column.
    pub by_level_column: u64,
    /// Matched by a user's map, the one or the other.
    pub by_map: u64,
}

impl SourceLevels {
    /// Percentage matched of the rows that say something.
    #[must_use]
    pub fn mapped_percent(&self) -> Option<f64> {
        percent(self.matched, self.rows - self.nothing_said)
    }
}

/// Distinct texts of one column, as they are spelt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct DistinctValues {
    /// `job_title` or `job_title_level`.
    pub column: &'static str,
    /// How many.
    pub distinct: u64,
    /// Those that mean a level.
    pub mapped: u64,
    /// The others.
    pub unmatched: u64,
}

/// A text that means no level.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnmatchedLevel {
    /// `job_title` or `job_title_level`.
    pub column: &'static str,
    /// The text.
    pub value: String,
    /// Rows that show it.
    pub rows: u64,
    /// Why not; `matched_by_this_version` where it is only not matched anew yet.
    pub reason: &'static str,
    /// Names of levels that look like it.
    pub suggestions: Vec<String>,
}

/// A text of the level column whose rows have several levels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SeveralLevels {
    /// The text, folded: case, accents and blanks do not matter.
    pub value: String,
    /// The levels, and how many rows have each.
    pub levels: BTreeMap<u8, u64>,
}

/// A text of the level column that means another level than the titles beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LevelDisagreement {
    /// The text.
    pub value: String,
    /// What it means.
    pub by_column: u8,
    /// What the titles mean; this one counts.
    pub by_title: u8,
    /// Rows.
    pub rows: u64,
    /// Key of one of the persons.
    pub example: String,
}

/// A raw level that another program wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NotObserved {
    /// The text.
    pub value: String,
    /// Prospects that show it.
    pub rows: u64,
    /// The level that it means by itself.
    pub level: Option<u8>,
    /// Why it means none.
    pub reason: Option<&'static str>,
}

impl Engine {
    /// Reports how the raw titles and levels are placed on the fifteen levels, as of one moment; changes nothing. Memory grows with
    /// the distinct texts of the level column, and with nothing else.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn level_quality(&mut self, top: usize) -> Result<LevelQuality, Error> {
        let options = self.pipeline_options(Source::new("quality")?);
        self.store.begin_read().await?;
        let report = report::Report { store: &mut self.store, options: &options, top }.make().await;
        self.store.end_read().await?;
        report
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_all_is_never_a_hundred_percent() {
        assert_eq!(percent(999_999, 1_000_000), Some(99.99));
        assert_eq!(percent(3, 3), Some(100.0));
        assert_eq!(percent(0, 0), None);
        let prospects =
            ProspectLevels { all: 1_000_010, with_level: 999_999, nothing_said: 10, ..Default::default() };
        assert_eq!(prospects.mapped_percent(), Some(99.99));
        assert!(prospects.reaches(99.999) && !prospects.reaches(100.0));
        let nobody = ProspectLevels { all: 5, nothing_said: 5, ..Default::default() };
        assert!(nobody.mapped_percent().is_none() && !nobody.reaches(0.0));
    }
}
