//! The report on levels, against counts made by hand.

use crate::common::Place;
use crate::on_both;
use crate::use_it::Test;
use firmograph::normalize::LevelMapReason;
use firmograph::{LevelMapOptions, LevelQuality, ProspectLevels};
use std::collections::BTreeMap;

/// Email, title, level column, department; then what is to be said of it.
const CRM: &str = "\
Email,Full Name,Job Title,Job Title Level,Department
a1@brook-mills.com,Ann One,CEO,Director,
a2@brook-mills.com,Ann Two,CFO,director ,
a3@brook-mills.com,Ann Three,Director of Sales,DIRECTOR,
a4@brook-mills.com,Ann Four,Banking,Manager,
a5@brook-mills.com,Ann Five,Banking,Zzyzx,
a6@brook-mills.com,Ann Six,N/A,-,Finance
a7@brook-mills.com,Ann Seven,,Zzyzx,
a8@brook-mills.com,Ann Eight,Rock Star Zzyzx,,
";
const APOLLO: &str = "\
Email,Full Name,Job Title,Job Title Level
a8@brook-mills.com,Ann Eight,Software Engineer,Manager
b1@brook-mills.com,Bea One,Sales Manager,VP
b2@brook-mills.com,Bea Two,Marketing Manager,VP
b3@brook-mills.com,Bea Three,Growth Wizkid,
";
const MAP: &str = "Original,Level\nGrowth Wizkid,8\n";

fn report(test: &mut Test<'_>, top: usize) -> LevelQuality {
    test.drive(async |engine| engine.level_quality(top).await.unwrap())
}

fn prospect(id: &str, title: Option<&str>, level: Option<&str>, placed: Option<u8>) -> String {
    let text = |text: Option<&str>| text.map_or("NULL".to_owned(), |text| format!("'{text}'"));
    format!(
        "INSERT INTO \"Prospect\" (\"id\", \"jobTitle\", \"jobTitleLevel\", \"standardizedJobTitleLevelId\", \"updatedAt\") \
         VALUES ('{id}', {}, {}, {}, '2026-01-01 00:00:00')",
        text(title),
        text(level),
        placed.map_or("NULL".to_owned(), |level| level.to_string())
    )
}

fn counts_are_those_made_by_hand(place: &Place) {
    let mut test = Test::new(place);
    let empty = report(&mut test, 5);
    assert_eq!((empty.prospects, empty.prospects.mapped_percent()), (ProspectLevels::default(), None));
    assert_eq!((empty.funnel.len(), empty.sources.len(), empty.several.all), (15, 0, 0));

    test.ingest("crm", CRM);
    test.ingest("apollo", APOLLO);
    test.import_map(MAP, LevelMapOptions::default());
    let before = test.export();
    let found = report(&mut test, 5);
    assert_eq!(test.export(), before, "a report changes nothing");

    // Eight of crm and three more of apollo. Of a6 neither is said; a5 and a7 are unmatched.
    let expected =
        ProspectLevels { all: 11, with_level: 8, unmatched: 2, nothing_said: 1, ..Default::default() };
    assert_eq!((found.prospects, found.prospects.mapped_percent()), (expected, Some(80.0)));
    let placed: Vec<_> =
        found.funnel.iter().filter(|row| row.prospects > 0).map(|row| (row.level, row.prospects)).collect();
    // a1, a2; a3, b3; a4, b1, b2; a8, whom only apollo's title places.
    assert_eq!(placed, [(1, 2), (8, 2), (10, 3), (12, 1)]);
    assert_eq!(found.funnel[0].name, "C-Level Executive");
    assert_eq!(found.funnel.iter().map(|row| row.level).collect::<Vec<_>>(), (1..=15).collect::<Vec<_>>());

    let sources: Vec<_> = found
        .sources
        .iter()
        .map(|row| {
            let parts = [row.rows, row.nothing_said, row.matched, row.unmatched];
            (
                row.source.as_str(),
                parts,
                [row.by_title, row.by_level_column, row.by_map],
                row.mapped_percent(),
            )
        })
        .collect();
    let apollo = ("apollo", [4, 0, 4, 0], [3, 0, 1], Some(100.0));
    let crm = ("crm", [8, 1, 4, 3], [3, 1, 0], Some(57.14));
    assert_eq!(sources, [apollo, crm]);

    let values: Vec<_> =
        found.values.iter().map(|row| (row.column, row.distinct, row.mapped, row.unmatched)).collect();
    // Spellings count: Director, "director ", DIRECTOR, Manager, VP; Zzyzx.
    let mapped = crm_spellings(&mut test);
    assert_eq!(values[0], ("job_title_level", mapped + 1, mapped, 1));
    // CEO, CFO, Director of Sales, Software Engineer, two managers, Growth Wizkid; Banking, Rock Star Zzyzx.
    assert_eq!(values[1], ("job_title", 9, 7, 2));

    let unmatched: Vec<_> =
        found.unmatched.iter().map(|row| (row.column, row.value.as_str(), row.rows, row.reason)).collect();
    let expected = [
        ("job_title_level", "Zzyzx", 2, "not_recognised"),
        ("job_title", "Banking", 2, "not_a_title"),
        ("job_title", "Rock Star Zzyzx", 1, "not_recognised"),
    ];
    assert_eq!(unmatched, expected);

    // Of a1 and a2 the column says 8 and the title 1; of a8 10 and 12; of b1 and b2 6 and 10.
    assert_eq!((found.several.all, found.several.rows), (2, 5));
    let several: Vec<_> =
        found.several.top.iter().map(|row| (row.value.as_str(), row.levels.clone())).collect();
    let levels = |pairs: &[(u8, u64)]| pairs.iter().copied().collect::<BTreeMap<_, _>>();
    assert_eq!(several, [("director", levels(&[(1, 2), (8, 1)])), ("manager", levels(&[(10, 1), (12, 1)]))]);
    let pairs: Vec<_> = found
        .disagreements
        .top
        .iter()
        .map(|row| (row.by_column, row.by_title, row.rows, row.example.as_str()))
        .collect();
    assert_eq!(found.disagreements.rows, 5);
    assert_eq!(pairs[0], (6, 10, 2, "b1@brook-mills.com"));
    let mut rest = pairs[1..].to_vec();
    rest.sort();
    let expected =
        [(8, 1, 1, "a1@brook-mills.com"), (8, 1, 1, "a2@brook-mills.com"), (10, 12, 1, "a8@brook-mills.com")];
    assert_eq!(rest, expected);
    assert!(found.map.is_empty() && found.not_observed.top.is_empty());

    let short = report(&mut test, 1);
    assert_eq!((short.disagreements.top.len(), short.disagreements.all, short.disagreements.rows), (1, 4, 5));
    assert_eq!((short.several.top.len(), short.several.all), (1, 2));
    assert_eq!(short.unmatched, [&found.unmatched[0], &found.unmatched[1]].map(Clone::clone));
}

/// How many spellings of the level column are stored that mean a level: "director " may have lost its blank on the way.
fn crm_spellings(test: &mut Test<'_>) -> u64 {
    let texts = test.drive(async |engine| {
        engine.store().raw_values(firmograph::Attribute::JobTitle, "job_title_level").await.unwrap()
    });
    texts.iter().filter(|text| &***text != "Zzyzx").count() as u64
}

fn other_programs_rows_are_not_observed_yet(place: &Place) {
    let mut test = Test::new(place);
    test.ingest("crm", CRM);
    for row in [
        prospect("p1", None, Some("Director"), None),
        prospect("p2", Some("CEO"), Some("Director"), None),
        prospect("p3", None, Some("Zzyzx"), None),
        prospect("p4", Some("Zzyzx"), None, None),
        prospect("p5", None, Some("N/A"), None),
        prospect("p6", None, None, None),
        prospect("p7", None, Some("Manager"), Some(10)),
    ] {
        place.sql(&row);
    }
    let found = report(&mut test, 5);
    // Of crm four placed, a5, a7 and a8 unmatched, a6 nothing said; p7 is placed, p5 and p6 say nothing.
    let expected = ProspectLevels {
        all: 15,
        with_level: 5,
        unmatched: 3,
        not_observed: 4,
        would_match: 2,
        nothing_said: 3,
    };
    assert_eq!((found.prospects, found.prospects.mapped_percent()), (expected, Some(41.66)));
    let values: Vec<_> = found
        .not_observed
        .top
        .iter()
        .map(|row| (row.value.as_str(), row.rows, row.level, row.reason))
        .collect();
    assert_eq!(values, [("Director", 2, Some(8), None), ("Zzyzx", 1, None, Some("not_recognised"))]);
    assert_eq!((found.not_observed.all, found.not_observed.rows), (2, 3));
}

fn a_map_that_somebody_else_filled_is_checked(place: &Place) {
    let mut test = Test::new(place);
    for (original, name, level) in [
        ("Plant Director", "Director", 6),
        ("Shift Boss", "Manager / Lead", 10),
        ("Non-Boss", "Individual Contributor", 12),
        ("non-boss", "Associate / Coordinator / Executive", 13),
    ] {
        place.sql(&format!(
            "INSERT INTO \"JobTitleLevelMap\" (\"originalJobTitleLevel\", \"standardizedJobTitleLevel\", \"level\") \
             VALUES ('{original}', '{name}', {level})"
        ));
    }
    let found = report(&mut test, 1);
    let map: Vec<_> = found.map.iter().map(|row| (row.original.as_str(), row.reason)).collect();
    let expected = [
        ("Non-Boss", LevelMapReason::EqualKeysDisagree),
        ("Plant Director", LevelMapReason::NameOfOtherLevel),
        ("non-boss", LevelMapReason::EqualKeysDisagree),
    ];
    assert_eq!(map, expected);
}

fn what_a_joined_key_says_counts(place: &Place) {
    let mut test = Test::new(place);
    // What only a joined key says, and shows in no golden row, is said all the same.
    test.ingest("crm", "Email,Full Name,Department\nann@brook-mills.com,Ann Hale,Finance\n");
    test.ingest("apollo", "Email,Full Name,Job Title\nann@oldbrook.com,Ann Hale,Zzyzx\n");
    let expected = ProspectLevels { all: 2, unmatched: 1, nothing_said: 1, ..Default::default() };
    assert_eq!(report(&mut test, 5).prospects, expected);
    let join = firmograph::JoinRequest {
        kind: firmograph::EntityKind::Person,
        from_key: "ann@oldbrook.com".into(),
        into_key: "ann@brook-mills.com".into(),
        why: "one person".to_owned(),
    };
    let now = firmograph::Timestamp::UNIX_EPOCH;
    test.drive(async |engine| engine.join(&[join], "test", false, now, &mut |_| {}).await.unwrap());
    let expected = ProspectLevels { all: 1, unmatched: 1, ..Default::default() };
    assert_eq!(report(&mut test, 5).prospects, expected);
}

fn pages_of_any_length_give_the_same(place: &Place) {
    let mut test = Test::new(place);
    test.ingest("crm", CRM);
    test.ingest("apollo", APOLLO);
    test.drive(async |engine| {
        let store = engine.store();
        let whole = store.level_column_page(None, 1_000).await.unwrap();
        assert!(whole.len() >= 6 && whole.iter().map(|group| group.rows).sum::<u64>() == 9, "{whole:?}");
        for limit in [1, 2, 5] {
            let mut groups = Vec::new();
            loop {
                let page = store.level_column_page(groups.last(), limit).await.unwrap();
                assert!(page.len() <= limit);
                if page.is_empty() {
                    break;
                }
                groups.extend(page);
            }
            assert_eq!(groups, whole);
        }
        let whole = store.unlevelled_page(None, 1_000).await.unwrap();
        assert_eq!(whole.len(), 4);
        let mut rows: Vec<firmograph::store::UnlevelledProspect> = Vec::new();
        loop {
            let page = store.unlevelled_page(rows.last().map(|row| &*row.id), 1).await.unwrap();
            if page.is_empty() {
                break;
            }
            rows.extend(page);
        }
        assert_eq!(rows, whole);
    });
}

on_both! {
    pages_of_any_length_give_the_same
    counts_are_those_made_by_hand
    other_programs_rows_are_not_observed_yet
    a_map_that_somebody_else_filled_is_checked
    what_a_joined_key_says_counts
}
