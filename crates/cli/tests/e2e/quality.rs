//! `quality levels`: its sections in every format, and how it ends.

use crate::binary::{call, done, ends, ingest};
use crate::common::Place;
use crate::on_both;
use serde_json::Value;

const LEADS: &str = "\
Email,Job Title,Job Title Level
a@brook-mills.com,CEO,Director
b@brook-mills.com,Director of Sales,Director
c@brook-mills.com,Banking,
d@brook-mills.com,,
";

fn levels_are_reported_and_a_limit_is_kept(place: &Place) {
    let file = place.file("leads.csv", LEADS);
    ingest(place, &[&file]);
    let said = done(place, &["quality", "levels"]);
    assert!(said.err.contains("4 prospects, of 3 a title") && said.err.contains("66.66 %"), "{}", said.err);
    let rows = said.rows();
    let count = |section: &str, item: &str| -> Vec<(Option<u64>, Option<f64>)> {
        let found = rows.iter().filter(|row| row["section"] == section && row["item"] == item);
        found.map(|row| (row["count"].as_u64(), row["share"].as_f64())).collect()
    };
    assert_eq!(count("prospects", "all"), [(Some(4), None)]);
    assert_eq!(count("prospects", "with_level"), [(Some(2), Some(66.66))]);
    assert_eq!(count("prospects", "unmatched"), [(Some(1), Some(33.33))]);
    assert_eq!(count("prospects", "nothing_said"), [(Some(1), None)]);
    assert_eq!(count("funnel", "1"), [(Some(1), Some(33.33))]);
    assert_eq!(count("funnel", "14"), [(Some(0), Some(0.0))]);
    assert_eq!(count("unmatched", "Banking"), [(Some(1), None)]);
    assert_eq!(count("several_levels", "director"), [(Some(2), None)]);
    let against: Vec<_> = rows
        .iter()
        .filter(|row| row["section"] == "column_against_title" && row["item"] == "Director")
        .collect();
    let [pair] = against.as_slice() else { panic!("{against:?}") };
    assert_eq!(
        (&pair["level"], &pair["title_level"], &pair["detail"]),
        (&8.into(), &1.into(), &"a@brook-mills.com".into())
    );
    assert_eq!(pair["title_level_name"], "C-Level Executive");
    assert_eq!(done(place, &["quality", "levels"]).out, said.out, "the same data, the same bytes");

    for (limit, code) in [("66.66%", 0), ("66", 0), ("66.67%", 1), ("100%", 1), ("0", 0)] {
        ends(place, code, &["quality", "levels", "--min-mapped", limit]);
    }
    for limit in ["-1", "101", "many", "NaN"] {
        ends(place, 2, &["quality", "levels", &format!("--min-mapped={limit}")]);
    }
}

on_both! { levels_are_reported_and_a_limit_is_kept }

#[test]
fn every_format_has_every_section() {
    let place = Place::sqlite();
    let file = place.file("leads.csv", LEADS);
    ingest(&place, &[&file]);
    let said = |format: &str| call(&place, &["quality", "levels", "--format", format]).out;
    let Value::Array(json) = serde_json::from_str(&said("json")).unwrap() else { panic!("no array") };
    assert_eq!(json.len(), said("ndjson").lines().count());
    let csv = said("csv");
    assert!(csv.starts_with("section,item,column,count,share,level,level_name,title_level,"), "{csv}");
    assert_eq!(csv.lines().count(), json.len() + 1);
    let table = said("table");
    for section in [
        "prospects",
        "funnel",
        "source",
        "values",
        "unmatched",
        "several_levels",
        "column_against_title",
        "not_observed",
    ] {
        assert!(json.iter().any(|row| row["section"] == section), "{section}");
        assert!(table.contains(section), "{section}: {table}");
    }
    assert_eq!(table.matches(" section ").count(), 8, "one head a section: {table}");
}

#[test]
fn nothing_said_of_anybody_is_no_hundred_percent() {
    let place = Place::sqlite();
    let said = ends(&place, 1, &["quality", "levels", "--min-mapped", "0%"]);
    assert!(said.err.contains("no share"), "{}", said.err);
}
