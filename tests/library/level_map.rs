//! A user's map of titles: it wins over the rules, for what is stored and what comes, and what contradicts is left out.

use crate::common::Place;
use crate::on_both;
use crate::use_it::{Test, options};
use firmograph::normalize::{LevelMap, LevelMapPolicy, LevelMapSeverity, check_level_map};
use firmograph::{EntityKind, LevelMapOptions, read_level_map};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const MAP: &str = "\
Original,Standard name,Level
Growth Wizkid,Director / Senior Director,8
Product Manager,Individual Contributor,12
Banking,Individual Contributor,12
Grade Q7,Senior VP (SVP),5
Plant Director,Director,6
";

/// Each title, the vendor's word beside it, and the level before and after the map.
const TITLES: [(&str, &str, Option<i64>, Option<i64>); 7] = [
    ("growth  WIZKID", "", None, Some(8)),
    ("Product Manager", "", Some(10), Some(12)),
    ("Banking", "", None, Some(12)),
    // The vendor's word counts where the title says nothing.
    ("Rock Star Zzyzx", "grade q7", None, Some(5)),
    ("Software Engineer", "Grade Q7", Some(12), Some(12)),
    // The map contradicts itself about this one.
    ("Plant Director", "", Some(8), Some(8)),
    ("CEO", "", Some(1), Some(1)),
];

/// A file of all titles; `who` makes the persons others.
fn leads(who: &str) -> String {
    let mut text = "Email,Full Name,Job Title,Job Title Level\n".to_owned();
    for (number, (title, word, _, _)) in TITLES.iter().enumerate() {
        text.push_str(&format!("{who}{number}@brook-mills.com,{who} Nr{number},{title},{word}\n"));
    }
    text
}

/// Levels of the persons of one file, in its order.
fn levels(test: &mut Test<'_>, who: &str) -> Vec<Option<i64>> {
    let prospects = test.prospects();
    let level = |number: usize| {
        let email = format!("{who}{number}@brook-mills.com");
        let found = prospects.iter().find(|row| row["email"] == email.as_str()).unwrap();
        found["standardizedJobTitleLevelId"].as_i64()
    };
    (0..TITLES.len()).map(level).collect()
}

fn a_map_counts_for_what_is_stored_and_what_comes(place: &Place) {
    let before: Vec<_> = TITLES.iter().map(|title| title.2).collect();
    let after: Vec<_> = TITLES.iter().map(|title| title.3).collect();
    let mut test = Test::new(place);
    test.ingest("csv", &leads("ann"));
    assert_eq!(levels(&mut test, "ann"), before);

    let dry = test.import_map(MAP, LevelMapOptions { dry_run: true, ..Default::default() });
    assert_eq!(dry.changes.added, 4);
    assert!(test.stored_map().is_empty());
    test.ingest("csv", &leads("bea"));
    assert_eq!(levels(&mut test, "bea"), before, "a dry run is no import");

    let import = test.import_map(MAP, LevelMapOptions::default());
    assert_eq!((import.changes, import.check), (dry.changes, dry.check));
    test.ingest("csv", &leads("cas"));
    assert_eq!(levels(&mut test, "cas"), after);
    assert_eq!(levels(&mut test, "ann"), after, "the titles concerned are matched anew");
    // Of each of two files: four titles whose level the map changes.
    assert_eq!((import.rematched, import.change.prospects.changed), (8, 8));

    let wizkid = test.prospects().into_iter().find(|row| row["email"] == "cas0@brook-mills.com").unwrap();
    assert_eq!(wizkid["seniority"], "Director");
    let why = test.explain(EntityKind::Person, "cas0@brook-mills.com", "job_title").to_string();
    assert!(why.contains("\"level_map\"") && why.contains("job_title_level_map@"), "{why}");
    let why = test.explain(EntityKind::Person, "cas3@brook-mills.com", "job_title").to_string();
    assert!(why.contains("level_column:level_map"), "{why}");

    // Whoever opens the database later has the map too, and may bring another.
    let mut later = Test::new(place);
    later.ingest("csv", &leads("dot"));
    assert_eq!(levels(&mut later, "dot"), after);
    let mut own = options("csv");
    own.pipeline.level_map = Some(Arc::new(LevelMap::new([("CEO", 3)])));
    later.ingest_with(&[&leads("eve")], &own);
    assert_eq!(levels(&mut later, "eve")[..6], before[..6]);
    assert_eq!(levels(&mut later, "eve")[6], Some(3));
}

fn force_strict_and_replace(place: &Place) {
    let mut test = Test::new(place);
    let texts = |test: &mut Test<'_>| -> Vec<String> {
        test.stored_map().into_iter().map(|row| format!("{} {}", row.original, row.level)).collect()
    };
    let with = |policy, replace| LevelMapOptions { policy, replace, dry_run: false };
    test.import_map(MAP, with(LevelMapPolicy::Strict, false));
    assert_eq!(texts(&mut test), ["Grade Q7 5", "Growth Wizkid 8"]);
    test.import_map(MAP, with(LevelMapPolicy::Forced, false));
    let all = ["Banking 12", "Grade Q7 5", "Growth Wizkid 8", "Plant Director 6", "Product Manager 12"];
    assert_eq!(texts(&mut test), all);
    let names: Vec<_> = test.stored_map().into_iter().map(|row| row.name).collect();
    assert_eq!(names[3], "Vice President (VP)", "the number counts, and the name is that of the number");

    // Another spelling of a stored text must agree with it, unless what is stored goes.
    let other = "original,level\ngrade q7,6\n";
    let import = test.import_map(other, with(LevelMapPolicy::Sound, false));
    assert_eq!((import.changes.added, import.check.lines(LevelMapSeverity::Contradiction).len()), (0, 1));
    let import = test.import_map(other, with(LevelMapPolicy::Sound, true));
    assert_eq!((import.changes.added, import.changes.removed), (1, 5));
    assert_eq!(texts(&mut test), ["grade q7 6"]);
}

on_both! { a_map_counts_for_what_is_stored_and_what_comes force_strict_and_replace }

/// A file beside the repository, where there is one.
fn shared(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).parent()?.join("shared/data").join(name);
    if !path.exists() {
        eprintln!("skipped: no {}", path.display());
        return None;
    }
    Some(path)
}

#[test]
fn a_map_of_210_rows_of_which_108_were_flagged_by_hand() {
    let (Some(map), Some(flagged)) =
        (shared("job_title_level_map.csv"), shared("job_title_level_map_contradictions.csv"))
    else {
        return;
    };
    let rows = read_level_map(&map).unwrap();
    let check = check_level_map(&rows, &[]);
    let mut reader = csv::Reader::from_path(flagged).unwrap();
    let flagged: BTreeSet<u64> = reader.records().map(|record| record.unwrap()[0].parse().unwrap()).collect();
    assert_eq!((rows.len(), flagged.len()), (210, 108));
    assert_eq!(check.lines(LevelMapSeverity::Warning), flagged);

    let applied: BTreeSet<u64> = check.wanted(LevelMapPolicy::Sound).iter().map(|entry| entry.line).collect();
    let left_out = check.lines(LevelMapSeverity::Contradiction);
    let expected: BTreeSet<u64> =
        rows.iter().map(|row| row.line).filter(|line| !left_out.contains(line)).collect();
    assert_eq!(applied, expected);
    assert_eq!(left_out.len(), 28, "the 26 whose name and number differ, and two spellings of one text");
    assert_eq!(check.wanted(LevelMapPolicy::Strict).len(), 102);
}

#[test]
fn a_map_of_150_rows_is_imported_whole() {
    let Some(path) = shared("job_title_level_map_migration010.csv") else { return };
    let rows = read_level_map(&path).unwrap();
    let check = check_level_map(&rows, &[]);
    assert_eq!((rows.len(), check.wanted(LevelMapPolicy::Sound).len()), (150, 150));
    let map = LevelMap::new(check.entries.iter().map(|entry| (&entry.original, entry.level)));
    for entry in &check.entries {
        assert_eq!(map.level(&entry.original), Some(entry.level), "{}", entry.original);
    }
}
