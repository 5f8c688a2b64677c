//! Titles of the shared case file, the imported maps where they are at hand, and properties of every title.

use firmograph_normalize::{level_name, level_of_name, match_job_title};
use proptest::prelude::*;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn rows(path: &Path) -> Option<Vec<Vec<String>>> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_path(path).ok()?;
    Some(
        reader
            .records()
            .map_while(Result::ok)
            .map(|record| record.iter().map(str::to_owned).collect())
            .collect(),
    )
}

/// Level as text, seniority, function; or blanks and the reason.
fn read(title: &str) -> [String; 4] {
    let outcome = match_job_title(title);
    match outcome.value() {
        Some(value) => [
            value.level.to_string(),
            value.seniority.to_owned(),
            value.function.unwrap_or_default().to_owned(),
            String::new(),
        ],
        None => {
            [String::new(), String::new(), String::new(), outcome.reason().unwrap_or_default().to_owned()]
        }
    }
}

#[test]
fn cases_hold() {
    let cases = rows(&root().join("tests/cases/job_title.csv")).expect("tests/cases/job_title.csv");
    assert!(cases.len() >= 500, "{} cases", cases.len());
    let mut failures = Vec::new();
    for case in &cases {
        let found = read(&case[0]);
        let reason_differs = case[1].is_empty() && case[4] != found[3];
        if found[..3] != case[1..4] || reason_differs {
            failures.push(format!("{:?}: wanted {:?}, found {found:?}", case[0], &case[1..]));
        }
    }
    assert!(failures.is_empty(), "{} of {} differ\n{}", failures.len(), cases.len(), failures.join("\n"));
}

#[test]
fn level_names_are_fixed_points() {
    for level in 1..=15 {
        let name = level_name(level).unwrap();
        assert_eq!(level_of_name(name), Some(level));
        assert_eq!(match_job_title(name).value().map(|title| title.level), Some(level), "{name}");
    }
}

#[test]
fn a_degree_is_no_managing_director() {
    for name in [
        "John Smith MD",
        "Jane Doe, MD",
        "Jane Doe, M.D., Ph.D.",
        "John A. Smith, M.D.",
        "Dr. Mary-Jane O'Neil MD PhD",
        "MD, MPH",
    ] {
        assert_eq!(match_job_title(name).reason(), Some("not_a_title"), "{name}");
    }
    assert_eq!(match_job_title("Jane Doe, PhD").reason(), Some("not_recognised"));
    for title in
        ["MD", "Group MD", "MD, Sales", "Finance MD", "MD at Acme", "Asia Pacific MD", "MD & Founder"]
    {
        assert_eq!(read(title)[..2], ["3", "C-Level"], "{title}");
    }
    assert_eq!(read("Co-Founder, MD")[..2], ["3", "Owner"]);
    assert_eq!(read("Cardiologist, MD")[0], "12");
}

#[test]
fn leaders_of_a_team_are_managers() {
    for title in ["Teamleiter Vertrieb", "Teamleiterin Marketing", "Gruppenleiter Entwicklung"] {
        assert_eq!(read(title)[..2], ["10", "Manager"], "{title}");
    }
}

#[test]
fn span_is_of_the_raw_text() {
    for (raw, words) in [
        ("  Regional  Director, Sales", "Director"),
        ("GESCHA\u{308}FTSFU\u{308}HRER", "GESCHA\u{308}FTSFU\u{308}HRER"),
        ("\u{200b}Sales Dir\u{325}ector", "Dir\u{325}ector"),
    ] {
        let span = match_job_title(raw).ok().unwrap().evidence.span;
        assert_eq!(&raw[span.0 as usize..span.1 as usize], words);
    }
}

/// Maps from outside the project: industries in them are unmatched here by rule, contradictory rows say nothing.
#[test]
fn maps_agree() {
    let data = root().join("../shared/data");
    let Some(findings) = rows(&data.join("job_title_level_map_contradictions.csv")) else { return };
    let industries: Vec<&str> = findings
        .iter()
        .filter(|row| row[5].contains("industry_name_not_a_title"))
        .map(|row| row[1].as_str())
        .collect();
    let contradictory: Vec<&str> = findings
        .iter()
        .filter(|row| row[5].contains("differs_from_definition") || row[5].contains("belongs_to_other_level"))
        .map(|row| row[1].as_str())
        .collect();
    let mut failures = Vec::new();
    for (file, level) in [("job_title_level_map.csv", 2), ("job_title_level_map_migration010.csv", 1)] {
        for row in rows(&data.join(file)).unwrap_or_default() {
            let title = row[0].as_str();
            let found = read(title);
            if industries.contains(&title) {
                if found[3] != "not_a_title" {
                    failures.push(format!("{file}: {title:?} is an industry, found {found:?}"));
                }
            } else if !contradictory.contains(&title) && found[0] != row[level] {
                failures.push(format!("{file}: {title:?} wanted {}, found {found:?}", row[level]));
            }
        }
    }
    assert!(failures.is_empty(), "{} differ\n{}", failures.len(), failures.join("\n"));
}

fn titles() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "CEO",
        "vp",
        "Vice",
        "President",
        "assistant",
        "to",
        "the",
        "of",
        "Senior",
        "Director",
        "Manager",
        "Chief",
        "Officer",
        "Office",
        "Intern",
        "Head",
        "lead",
        "Sales",
        "engineer",
        "Founder",
        "Partner",
        "Staff",
        "Principal",
        "former",
        "C.E.O.",
        "Leiter/in",
        "d'équipe",
        "営業部長",
        "Müdürü",
        "İK",
        "N/A",
        "&amp;",
        "CEO's",
        "x",
    ]);
    let gap = prop::sample::select(vec![
        " ", "  ", ", ", " - ", "/", " & ", "-", "(", ") ", " | ", "\u{200b}", "\u{a0}", "\u{325}", " @ ",
    ]);
    prop::collection::vec((word, gap), 0..9)
        .prop_map(|parts| parts.into_iter().flat_map(|(word, gap)| [word, gap]).collect())
}

fn check(raw: &str) -> Result<(), TestCaseError> {
    let first = match_job_title(raw);
    prop_assert_eq!(&first, &match_job_title(raw));
    let Some(matched) = first.ok() else { return Ok(()) };
    let span = matched.evidence.span;
    prop_assert!(raw.get(span.0 as usize..span.1 as usize).is_some(), "span {:?} of {:?}", span, raw);
    let again = match_job_title(&matched.value.cleaned_title).ok();
    prop_assert_eq!(Some(matched.value), again.map(|again| again.value));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_text_is_read_and_cleaned_once(raw in any::<String>()) {
        check(&raw)?;
    }

    #[test]
    fn any_title_is_read_and_cleaned_once(raw in titles()) {
        check(&raw)?;
    }
}
