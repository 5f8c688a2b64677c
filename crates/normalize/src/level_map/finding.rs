use serde::Serialize;

/// What is done about a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LevelMapSeverity {
    /// The row is sound and somebody should look at it; it is applied.
    Warning,
    /// The row contradicts the definitions or another row; it is applied only when forced.
    Contradiction,
    /// The row says nothing that could be applied.
    Unusable,
}

/// Why a row is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum LevelMapReason {
    /// No text to map, or one that no database takes.
    BadOriginal,
    /// The level is no number from 1 to 15.
    BadLevel,
    /// The name is neither a level's nor a known alias of one.
    UnknownName,
    /// The name is that of another level.
    NameOfOtherLevel,
    /// The text itself is the name of another level.
    TitleNamesOtherLevel,
    /// Two texts that differ in case, accents or blanks only have different levels.
    EqualKeysDisagree,
    /// Two texts that differ in punctuation only have different levels.
    TwinsDisagree,
    /// The level has a second name in use, so whoever compares names sees two levels.
    LevelHasTwoNames,
    /// The text names several ranks and is mapped to the highest.
    CompoundTitle,
    /// The text names several ranks and is mapped below the highest: a chief officer as a vice president.
    CompoundTitleLowerRank,
    /// The text is an industry, a department, a link or a number.
    NotATitle,
    /// The text is what people write for nothing; ingest takes it for not given, so the row is never asked.
    Placeholder,
    /// A word is one letter away from one that titles have.
    Typo,
    /// Marks or characters that do not belong into text.
    StrayCharacter,
    /// A common name of a level whose words mean another one.
    AmbiguousTitle,
    /// The rules read the text as another level; the map will win.
    OverridesRules,
}

impl LevelMapReason {
    /// The stable code, snake case.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            LevelMapReason::BadOriginal => "bad_original",
            LevelMapReason::BadLevel => "bad_level",
            LevelMapReason::UnknownName => "unknown_name",
            LevelMapReason::NameOfOtherLevel => "name_of_other_level",
            LevelMapReason::TitleNamesOtherLevel => "title_names_other_level",
            LevelMapReason::EqualKeysDisagree => "equal_keys_disagree",
            LevelMapReason::TwinsDisagree => "twins_disagree",
            LevelMapReason::LevelHasTwoNames => "level_has_two_names",
            LevelMapReason::CompoundTitle => "compound_title",
            LevelMapReason::CompoundTitleLowerRank => "compound_title_lower_rank",
            LevelMapReason::NotATitle => "not_a_title",
            LevelMapReason::Placeholder => "placeholder",
            LevelMapReason::Typo => "typo",
            LevelMapReason::StrayCharacter => "stray_character",
            LevelMapReason::AmbiguousTitle => "ambiguous_title",
            LevelMapReason::OverridesRules => "overrides_rules",
        }
    }
}

/// One thing that is wrong or doubtful about a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LevelMapFinding {
    /// Physical line.
    pub line: u64,
    /// What is done about it.
    pub severity: LevelMapSeverity,
    /// Why the row is listed.
    pub reason: LevelMapReason,
    /// The text that is mapped.
    pub original: String,
    /// Name of the level as given.
    pub name: Option<String>,
    /// Level as given.
    pub level: String,
    /// One sentence.
    pub explanation: String,
}
