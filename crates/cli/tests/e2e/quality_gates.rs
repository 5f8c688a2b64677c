//! `quality show`, `report`, `check`, `refresh` and `table`, in every format and with the status that each ends with.

use crate::binary::{call, done, ends, ingest};
use crate::common::Place;
use crate::on_both;
use serde_json::Value;

const CSV: &str = "\
Email,Full Name,Job Title,Company,Website,Industry,Observed At
ada@brook-mills.com,Ada Hale,CEO,Brook Mills,brook-mills.com,Banking,2026-01-01
bo@fjord-optics.no,N/A,-,Fjord Optics,fjord-optics.no,,2026-01-01
";
const CLAY: &str = "\
Email,Full Name,Company,Website,Industry,Observed At
ada@brook-mills.com,Ada Hale,Brook Mills Inc,https://www.brook-mills.com,Software,2026-02-01
";

fn filled(place: &Place) {
    for (source, text) in [("csv", CSV), ("clay", CLAY)] {
        let file = place.file(&format!("{source}.csv"), text);
        ingest(place, &[&file, "--source", source]);
    }
}

/// Hundredths, exactly.
fn hundredths(value: &Value) -> i64 {
    (value.as_f64().unwrap() * 100.0).round() as i64
}

fn sum(parts: &Value) -> i64 {
    parts.as_object().unwrap().values().map(hundredths).sum()
}

fn a_score_is_shown_with_its_parts_and_why(place: &Place) {
    filled(place);
    let ada =
        done(place, &["quality", "show", "ada@brook-mills.com", "--as-of", "2026-02-15"]).rows().remove(0);
    assert_eq!(
        (&ada["entity"], &ada["as_of"], &ada["email_grade"]),
        (&"person".into(), &"2026-02-15".into(), &"A+".into())
    );
    assert_eq!(sum(&ada["parts"]), hundredths(&ada["score"]));
    let attributes = ada["attributes"].as_array().unwrap();
    assert_eq!(attributes.iter().map(|of| hundredths(&of["points"])).sum::<i64>(), hundredths(&ada["score"]));
    let name = &attributes.iter().find(|of| of["attribute"] == "person_name").unwrap()["fields"][0];
    // Clay is the third that is believed, csv says the same, and it is 14 days old.
    let parts = ["completeness", "validity", "agreement", "freshness", "trust"]
        .map(|part| hundredths(&name["parts"][part]));
    assert_eq!(parts, [3000, 2500, 1500, 1500, 1200]);
    assert_eq!((&name["source"], &name["observed_on"]), (&"clay".into(), &"2026-02-01".into()));
    assert_eq!(name["why"]["agreement"], "1 of 1 other sources say the same: csv; something else: nobody");
    assert_eq!(name["why"]["freshness"], "clay saw it on 2026-02-01, 14 days before 2026-02-15");
    assert_eq!(name["why"]["trust"], "clay has place 3 among the sources believed for person_name");
    for (day, told) in [
        ("2026-01-31", "after 2026-01-31"),
        ("2026-02-01", "that very day"),
        ("2026-02-02", "1 day before 2026-02-02"),
    ] {
        let told = format!("clay saw it on 2026-02-01, {told}");
        let table = ["quality", "show", "ada@brook-mills.com", "--as-of", day, "--format", "table"];
        assert!(done(place, &table).out.contains(&told), "{told}");
    }
    let brook = done(place, &["quality", "show", "https://brook-mills.com/about", "--as-of", "2026-02-15"])
        .rows()
        .remove(0);
    let industry =
        brook["attributes"].as_array().unwrap().iter().find(|of| of["attribute"] == "industry").unwrap();
    assert_eq!(industry["fields"][0]["differ"], serde_json::json!(["csv"]));
    let table = done(place, &["quality", "show", "brook-mills.com", "--format", "table"]).out;
    assert!(table.contains("(all)") && table.contains("something else: csv"), "{table}");
    assert!(ends(place, 1, &["quality", "show", "nobody@nowhere-mills.com"]).err.contains("unknown-key"));
    ends(place, 2, &["quality", "show", "brook-mills.com", "--as-of", "soon"]);
}

fn gates_end_with_one_and_name_the_source_at_fault(place: &Place) {
    filled(place);
    let kept =
        done(place, &["quality", "check", "--min", "completeness=20", "--max-null", "company.name=0%"]);
    assert!(kept.err.contains("3 of 3 checks passed: 2 limits, each"), "{}", kept.err);
    // Of two companies one has no industry, of two persons one has no name.
    let asked =
        ["quality", "check", "--max-null", "industry=1%", "--max-null", "name=50%", "--min", "score=99.99"];
    let said = ends(place, 1, &asked);
    let rows = said.rows();
    let found: Vec<_> = rows
        .iter()
        .map(|row| {
            (row["gate"].as_str().unwrap(), row["entity"].as_str().unwrap(), row["passed"].as_bool().unwrap())
        })
        .collect();
    let expected = [
        ("min", "company", false),
        ("max-null", "company", false),
        ("max-null", "company", true),
        ("min", "person", false),
        ("max-null", "person", true),
    ];
    assert_eq!(found, expected);
    let industry = &rows[1];
    assert_eq!(["value", "missed_by"].map(|column| hundredths(&industry[column])), [5_000, 4_900]);
    assert_eq!((&industry["at_fault"], &industry["at_fault_records"]), (&"csv".into(), &1.into()));
    assert!(
        said.err.contains("company max-null industry: 50.00 where the limit is 1.00, missed by 49.00; at fault is csv: 1 of its 2 records"),
        "{}",
        said.err
    );
    done(place, &["quality", "check", "--max-null", "industry=0%", "--source", "clay"]);
    for (args, code, told) in [
        (&["--min", "completness=80"][..], 2, "completeness"),
        (&["--max-null", "emial=5%"], 2, "did you mean email?"),
        (&["--max-null", "name=101%"], 2, "0 to 100"),
        (&["--min", "score=1", "--source", "clayy"], 2, "did you mean clay?"),
        (&[], 2, "--min"),
    ] {
        let mut all = vec!["quality", "check"];
        all.extend(args);
        let said = ends(place, code, &all);
        assert!(said.err.contains(told), "{args:?}: {}", said.err);
    }
}

fn reports_are_rows_in_every_format_and_a_picture(place: &Place) {
    filled(place);
    for by in ["entity", "source", "attribute", "field", "month", "grade"] {
        let rows = done(place, &["quality", "report", "--by", by, "--as-of", "2026-02-15"]).rows();
        assert!(rows.len() >= 2, "{by}");
        for row in &rows {
            let parts = ["completeness", "validity", "agreement", "freshness", "trust"]
                .map(|part| hundredths(&row[part]));
            assert_eq!(parts.iter().sum::<i64>(), hundredths(&row["score"]), "{row}");
        }
    }
    let svg = place.folder().join("q.svg");
    let path = svg.to_str().unwrap();
    let by_source = ["quality", "report", "--by", "source", "--svg", path, "--as-of", "2026-02-15"];
    let said = done(place, &by_source);
    let drawn = std::fs::read_to_string(&svg).unwrap();
    assert!(drawn.starts_with("<svg ") && drawn.trim_end().ends_with("</svg>"), "{drawn}");
    assert!(drawn.contains(">clay<") && drawn.contains("as of 2026-02-15"), "{drawn}");
    done(place, &by_source);
    assert_eq!(std::fs::read_to_string(&svg).unwrap(), drawn, "the same data, the same bytes");
    let csv = done(place, &["quality", "report", "--by", "source", "--format", "csv"]).out;
    assert!(csv.starts_with("entity,source,records,score,completeness,"), "{csv}");
    assert_eq!(csv.lines().count(), said.rows().len() + 1);
    ends(place, 2, &["quality", "report", "--by", "colour"]);
    let older = done(place, &["quality", "report", "--as-of", "2027-12-31"]).rows();
    assert!(older.iter().all(|row| hundredths(&row["freshness"]) == 0), "{older:?}");
}

fn a_refresh_moves_the_day_and_verify_agrees(place: &Place) {
    filled(place);
    let said = done(place, &["quality", "refresh", "--as-of", "2026-02-15"]).rows().remove(0);
    assert_eq!((&said["records"], &said["written"]), (&4.into(), &4.into()));
    let again = done(place, &["quality", "refresh", "--as-of", "2026-02-15"]).rows().remove(0);
    assert_eq!(again["written"], 0);
    let ada = done(place, &["quality", "show", "ada@brook-mills.com"]).rows().remove(0);
    assert_eq!(ada["as_of"], "2026-02-15");
    done(place, &["verify"]);
    place.sql("DELETE FROM intelligence_person_quality WHERE email_grade = 'A+'");
    let told = ends(place, 1, &["verify"]);
    assert_eq!(told.rows()[0]["table"], "intelligence.person_quality");
    // No limit is told to be kept by records that nobody looked at.
    let told = ends(place, 1, &["quality", "check", "--min", "completeness=0"]);
    assert!(told.err.contains("person min completeness: 1 golden records have no score"), "{}", told.err);
    assert!(told.err.contains("`firmograph quality refresh`"), "{}", told.err);
    assert!(told.err.contains("1 of 2 checks passed: 1 limit, each"), "{}", told.err);
    assert_eq!((&told.rows()[1]["not_scored"], &told.rows()[1]["passed"]), (&1.into(), &false.into()));
    done(place, &["quality", "refresh"]);
    done(place, &["verify"]);
    done(place, &["quality", "check", "--min", "completeness=0"]);
}

on_both! {
    a_score_is_shown_with_its_parts_and_why
    gates_end_with_one_and_name_the_source_at_fault
    reports_are_rows_in_every_format_and_a_picture
    a_refresh_moves_the_day_and_verify_agrees
}

#[test]
fn the_table_is_declared_and_an_empty_database_passes_no_check() {
    let place = Place::sqlite();
    let rows = done(&place, &["quality", "table"]).rows();
    let weights = rows.iter().filter(|row| row["rule"] == "part").map(|row| row["number"].as_str().unwrap());
    assert_eq!(weights.map(|number| number.parse::<i64>().unwrap()).sum::<i64>(), 100);
    assert!(call(&place, &["quality", "report"]).err.contains("no record has a score"));
    assert!(ends(&place, 1, &["quality", "check", "--min", "score=0"]).err.contains("nothing-to-check"));
}
