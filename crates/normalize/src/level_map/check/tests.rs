use super::*;
use crate::level_map::LevelMapColumns;

/// Rows of `original|name|level` from line 2 on.
fn check(rows: &[&str]) -> LevelMapCheck {
    check_beside(rows, &[])
}

fn check_beside(rows: &[&str], stored: &[(String, u8)]) -> LevelMapCheck {
    let columns = LevelMapColumns::recognize(&["original", "name", "level"]).unwrap();
    let rows: Vec<_> =
        (2..).zip(rows).map(|(line, row)| columns.row(line, &row.split('|').collect::<Vec<_>>())).collect();
    check_level_map(&rows, stored)
}

/// What is said: line, reason, severity.
#[track_caller]
fn says(rows: &[&str], expected: &[(u64, Reason, LevelMapSeverity)]) {
    let check = check(rows);
    let said: Vec<_> =
        check.findings.iter().map(|finding| (finding.line, finding.reason, finding.severity)).collect();
    assert_eq!(said, expected, "{:#?}", check.findings);
    for finding in check.findings {
        assert!(finding.explanation.len() > 15, "{finding:?}");
        assert_eq!(serde_json::to_value(finding.reason).unwrap(), finding.reason.code());
    }
}

#[test]
fn sound_rows_say_nothing() {
    says(
        &[
            "Sales Director|Director / Senior Director|8",
            "SALES  director|Director|8",
            "Chief Happiness Officer|C-Level Executive|1",
            "Wizard of Light Bulb Moments|Individual Contributor|12",
            "Non-Manager||13",
            "Ingénieur|Individual Contributor| 12 ",
        ],
        &[],
    );
}

#[test]
fn rows_that_cannot_be_applied() {
    let rows = [
        "|Manager / Lead|10",
        "Line Manager|Manager / Lead|0",
        "Shift Manager|Manager / Lead|16",
        "Area Manager|Manager / Lead|ten",
        "Line\0Manager|Manager / Lead|10",
        "Store Manager",
    ];
    says(
        &rows,
        &[
            (2, Reason::BadOriginal, Unusable),
            (3, Reason::BadLevel, Unusable),
            (4, Reason::BadLevel, Unusable),
            (5, Reason::BadLevel, Unusable),
            (6, Reason::BadOriginal, Unusable),
            (7, Reason::BadLevel, Unusable),
        ],
    );
    assert!(check(&rows).wanted(LevelMapPolicy::Forced).is_empty());
}

#[test]
fn name_and_level_must_agree() {
    says(
        &[
            "Plant Director|Director|6",
            "Plant Chief|Grand Vizier|8",
            "Vice President (VP)|Senior VP (SVP)|5",
            "AVP Claims|Assistant VP (AVP)|7",
            "AVP Rates|Assistant / Associate VP (AVP)|7",
        ],
        &[
            (2, Reason::NameOfOtherLevel, Contradiction),
            (3, Reason::UnknownName, Contradiction),
            (4, Reason::TitleNamesOtherLevel, Contradiction),
            (5, Reason::LevelHasTwoNames, Warning),
            (6, Reason::LevelHasTwoNames, Warning),
        ],
    );
}

#[test]
fn equal_keys_must_agree() {
    let rows = ["Night Wizkid||12", "night  WIZKID||13", "Day Wizkid||12", "Night Wízkid||12"];
    says(
        &rows,
        &[
            (2, Reason::EqualKeysDisagree, Contradiction),
            (3, Reason::EqualKeysDisagree, Contradiction),
            (5, Reason::EqualKeysDisagree, Contradiction),
        ],
    );
    assert_eq!(check(&rows).wanted(LevelMapPolicy::Sound).len(), 1);
}

#[test]
fn a_row_that_is_wrong_by_itself_takes_no_other_with_it() {
    let rows = ["Plant Director|Director|8", "PLANT DIRECTOR|Director|6", "Plant - Director|Director|8"];
    says(
        &rows,
        &[
            (2, Reason::EqualKeysDisagree, Warning),
            (3, Reason::NameOfOtherLevel, Contradiction),
            (3, Reason::EqualKeysDisagree, Contradiction),
            (3, Reason::TwinsDisagree, Contradiction),
            (4, Reason::TwinsDisagree, Warning),
        ],
    );
    let check = check(&rows);
    let wanted: Vec<_> = check.wanted(LevelMapPolicy::Sound).iter().map(|entry| entry.line).collect();
    assert_eq!(wanted, [4, 2], "in the order of the texts");
    assert_eq!(check.lines(Contradiction), BTreeSet::from([3]));
}

#[test]
fn the_lonely_one_of_twins_is_blamed() {
    says(
        &["Non-Boss||12", "Non Boss||12", "Non / Boss||13"],
        &[
            (2, Reason::TwinsDisagree, Warning),
            (3, Reason::TwinsDisagree, Warning),
            (4, Reason::TwinsDisagree, Contradiction),
        ],
    );
    says(
        &["Qua-Zzyzx||12", "Qua Zzyzx||13"],
        &[(2, Reason::TwinsDisagree, Contradiction), (3, Reason::TwinsDisagree, Contradiction)],
    );
}

#[test]
fn several_ranks_in_one_text() {
    says(
        &[
            "EVP and Chief Data Officer||4",
            "Chief Data Officer and EVP||1",
            "EVP and Chief Data Officer, Europe||1",
            "VP, Credit Analyst||6",
        ],
        &[
            (2, Reason::CompoundTitleLowerRank, Warning),
            (3, Reason::CompoundTitle, Warning),
            (4, Reason::CompoundTitle, Warning),
        ],
    );
}

#[test]
fn texts_that_are_no_titles() {
    says(
        &["Dairy Product Manufacturing||12", "Wholesale||12", "N/A||15"],
        &[
            (2, Reason::NotATitle, Warning),
            (3, Reason::NotATitle, Warning),
            (4, Reason::Placeholder, Warning),
        ],
    );
}

#[test]
fn spelling() {
    says(
        &[
            "Sales Manger||10",
            "Ma\u{324}nager of Fleet||10",
            "Fleet\u{200b} Manager||10",
            "Depo\u{302}t Manager||10",
        ],
        &[
            (2, Reason::Typo, Warning),
            (3, Reason::StrayCharacter, Warning),
            (4, Reason::StrayCharacter, Warning),
        ],
    );
}

#[test]
fn texts_that_mean_two_things_and_rules_that_lose() {
    says(
        &["Senior Executive||5", "Executive Level||1", "Product Manager||12"],
        &[
            (2, Reason::AmbiguousTitle, Warning),
            (3, Reason::AmbiguousTitle, Warning),
            (4, Reason::OverridesRules, Warning),
        ],
    );
}

#[test]
fn stored_rows_count_unless_they_are_written_over() {
    let stored = [("Night Porter".to_owned(), 13), ("Day Porter".to_owned(), 13)];
    let check = check_beside(&["NIGHT PORTER||12", "Day Porter||12"], &stored);
    let disagree = check.findings.iter().filter(|finding| finding.reason == Reason::EqualKeysDisagree);
    let lines: Vec<_> = disagree.map(|finding| (finding.line, finding.severity)).collect();
    assert_eq!(lines, [(2, Contradiction)]);
    assert!(check.findings.iter().any(|finding| finding.explanation.contains("database")));
}

#[test]
fn of_a_text_given_twice_the_last_counts() {
    let check = check(&["Sales Director||8", "Sales Director||8"]);
    let wanted = check.wanted(LevelMapPolicy::Strict);
    assert_eq!((wanted.len(), wanted[0].line), (1, 3));
}

#[test]
fn what_each_policy_applies() {
    use LevelMapPolicy::{Forced, Sound, Strict};
    let applied = |policy: LevelMapPolicy| {
        [None, Some(Warning), Some(Contradiction), Some(Unusable)].map(|severity| policy.applies(severity))
    };
    assert_eq!(applied(Strict), [true, false, false, false]);
    assert_eq!(applied(Sound), [true, true, false, false]);
    assert_eq!(applied(Forced), [true, true, true, false]);
}
