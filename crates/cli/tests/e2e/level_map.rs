//! `lookup import` and `lookup check`: what is said, what is stored, how they end.

use crate::binary::{done, ends, ingest};
use crate::common::Place;
use crate::on_both;

/// Line 1 is the header; line 4 is blank.
const MAP: &str = "\
Job Title Level from DB,Standard Job Title Level,Level
Growth Wizkid,Director / Senior Director,8

Plant Director,Director,6
Wholesale,Individual Contributor,12
Shift Boss,Manager / Lead,many
";

fn a_map_is_checked_imported_and_used(place: &Place) {
    let map = place.file("map.csv", MAP);
    let said = ends(place, 1, &["lookup", "check", "job_title_level", &map]);
    let told: Vec<_> = said
        .rows()
        .iter()
        .map(|row| {
            assert!(row["explanation"].as_str().is_some_and(|text| text.len() > 15), "{row}");
            let text = |name: &str| row[name].as_str().unwrap().to_owned();
            (row["line"].as_u64().unwrap(), text("severity"), text("reason"), row["applied"] == true)
        })
        .collect();
    let expected = [
        (4, "contradiction", "name_of_other_level", false),
        (5, "warning", "not_a_title", true),
        (6, "unusable", "bad_level", false),
    ];
    let expected = expected
        .map(|(line, severity, reason, applied)| (line, severity.to_owned(), reason.to_owned(), applied));
    assert_eq!(told, expected);
    assert!(said.err.contains("1 with a warning, 1 contradictory, 1 unusable"), "{}", said.err);

    let dry = ends(place, 1, &["lookup", "import", "job_title_level", &map, "--dry-run"]);
    assert_eq!(dry.out, said.out);
    assert!(done(place, &["lookup", "list", "job_title_level_map"]).out.is_empty());
    let import = ends(place, 1, &["lookup", "import", "job_title_level", &map]);
    assert_eq!(import.out, said.out);
    for part in ["2 rows applied (2 new", "2 left out", "--force", "0 titles matched anew"] {
        assert!(import.err.contains(part), "{part}: {}", import.err);
    }
    let stored = |expected: &[(&str, u64)]| {
        let rows = done(place, &["lookup", "list", "job_title_level_map"]).rows();
        let rows: Vec<_> = rows
            .iter()
            .map(|row| (row["original"].as_str().unwrap(), row["level"].as_u64().unwrap()))
            .collect();
        assert_eq!(rows, expected);
    };
    stored(&[("Growth Wizkid", 8), ("Wholesale", 12)]);

    let file = place.file("leads.csv", "Email,Job Title\nada@brook-mills.com,Growth wizkid\n");
    ingest(place, &[&file]);
    let ada = done(place, &["person", "ada@brook-mills.com"]).rows().remove(0);
    assert_eq!((&ada["standardizedJobTitleLevelId"], &ada["seniority"]), (&8.into(), &"Director".into()));
    let why = done(place, &["explain", "ada@brook-mills.com", "job_title"]).out;
    assert!(why.contains("level_map") && why.contains("job_title_level_map@"), "{why}");

    // What cannot be applied is left out even by force.
    ends(place, 1, &["lookup", "import", "job_title_level", &map, "--force"]);
    stored(&[("Growth Wizkid", 8), ("Plant Director", 6), ("Wholesale", 12)]);
    let clean = place.file("clean.csv", "original,level\nGrowth Wizkid,9\n");
    let said = done(place, &["lookup", "import", "job_title_level", &clean, "--strict", "--replace"]);
    assert!(
        said.out.is_empty() && said.err.contains("1 changed") && said.err.contains("2 removed"),
        "{}",
        said.err
    );
    stored(&[("Growth Wizkid", 9)]);
}

on_both! { a_map_is_checked_imported_and_used }

#[test]
fn every_format_and_no_database_for_a_check() {
    let place = Place::sqlite();
    let map = place.file("map.csv", MAP);
    for (format, start) in
        [("json", "[\n"), ("ndjson", "{\"line\":4"), ("csv", "line,severity,reason"), ("table", " line")]
    {
        for command in ["check", "import"] {
            let mut args = vec!["lookup", command, "job_title_level", &map, "--format", format];
            if command == "import" {
                args.push("--dry-run");
            }
            let said = ends(&place, 1, &args);
            assert!(said.out.starts_with(start), "{format}: {}", said.out);
        }
    }
    assert!(!place.folder().join("test.db").exists(), "nothing was made");
}

#[test]
fn what_is_no_map_is_2_and_a_missing_file_is_3() {
    let place = Place::sqlite();
    for text in ["", "Email,Company\na@brook-mills.com,Brook\n", "original,level\n"] {
        let file = place.file("no-map.csv", text);
        for command in ["check", "import"] {
            let said = ends(&place, 2, &["lookup", command, "job_title_level", &file]);
            assert!(said.err.contains("not-a-level-map") && said.err.contains("help:"), "{}", said.err);
        }
    }
    let map = place.file("map.csv", MAP);
    ends(&place, 2, &["lookup", "check", "colours", &map]);
    ends(&place, 2, &["lookup", "import", "job_title_level", &map, "--force", "--strict"]);
    ends(&place, 3, &["lookup", "import", "job_title_level", "missing.csv"]);
    assert!(!place.folder().join("test.db").exists(), "nothing was made");
}
