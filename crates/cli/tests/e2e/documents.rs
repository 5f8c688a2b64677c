//! Intelligence documents with the built program.

use crate::binary::{call, done, ends};
use crate::common::Place;
use crate::on_both;
use serde_json::Value;

const DOCUMENTS: &str = r#"{"kind": "funding_rounds", "domain": "brook-mills.com", "source": "crunchbase", "observed_at": "2026-01-10", "confidence": 0.9, "document": {"rounds": [{"type": "seed", "announced_on": "2019-02-01", "amount": 1500000}], "total_raised": 1500000}}
{"kind": "funding_rounds", "domain": "brook-mills.com", "observed_at": "2026-01-12", "document": {"rounds": [{"type": "Seed", "announced_on": "2019-02-01", "amount": 1400000}, {"type": "series_a", "announced_on": "2021-05-03"}]}}
{"kind": "career", "email": "ada@brook-mills.com", "document": {"roles": [{"title": "CTO", "company": "Brook Mills"}]}}
{"kind": "growth", "domain": "brook-mills.com", "confidence": 90, "document": {"headcount": 5}}
"#;

fn documents_are_imported_shown_found_and_taken_back(place: &Place) {
    let file = place.file("documents.jsonl", DOCUMENTS);
    let said = ends(place, 1, &["documents", "import", &file, "--source", "clay", "--format", "json"]);
    let report: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(
        (&report[0]["read"], &report[0]["accepted"], &report[0]["rejected"]),
        (&4.into(), &3.into(), &1.into())
    );
    let rejects = done(place, &["rejects", "list", "--format", "ndjson"]).rows();
    assert_eq!((&rejects[0]["code"], &rejects[0]["line"]), (&"bad-confidence".into(), &4.into()));
    let shown = done(place, &["documents", "show", "brook-mills.com", "--format", "ndjson"]).rows();
    assert_eq!(
        shown[0]["documents"]["funding_rounds"]["rounds"][0]["amount"], 1_400_000,
        "clay stands before crunchbase"
    );
    assert_eq!(
        shown[0]["attribution"]["funding_rounds"]["rounds"]["elements"][0]["lost"][0]["source"],
        "crunchbase"
    );
    let table =
        done(place, &["documents", "show", "brook-mills.com", "funding_rounds", "--format", "table"]).out;
    assert!(table.contains("rounds/1") && table.contains("crunchbase (priority)"), "{table}");
    let part = r#"{"rounds": [{"type": "series_a"}]}"#;
    let found =
        done(place, &["documents", "find", "funding_rounds", "--contains", part, "--format", "ndjson"])
            .rows();
    assert_eq!((found.len(), &found[0]["key"]), (1, &"brook-mills.com".into()));
    let none = done(place, &["documents", "find", "career", "--entity", "company", "--format", "ndjson"]);
    assert_eq!(none.out, "");
    ends(place, 2, &["documents", "find", "horoscope"]);
    ends(place, 2, &["documents", "find", "career", "--contains", "{"]);
    ends(place, 1, &["documents", "show", "nobody.com"]);
    let kinds = done(place, &["documents", "kinds", "--format", "ndjson"]).rows();
    assert!(
        kinds
            .iter()
            .any(|row| row["kind"] == "funding_rounds" && row["told_apart_by"] == "announced_on, type")
    );

    let again = ends(place, 1, &["documents", "import", &file, "--source", "clay", "--format", "json"]);
    let again: Value = serde_json::from_str(&again.out).unwrap();
    assert_eq!((&again[0]["accepted"], &again[0]["skipped"]), (&0.into(), &3.into()));
    let strict = call(place, &["documents", "import", &file, "--source", "clay", "--max-rejects", "0"]);
    assert_eq!(strict.code, 1, "{}", strict.err);
    assert!(
        strict.err.contains("stopped: more documents were rejected than --max-rejects allows"),
        "{}",
        strict.err
    );
    done(place, &["verify"]);
    done(place, &["runs", "undo", "1"]);
    ends(place, 1, &["documents", "show", "ada@brook-mills.com"]);
    done(place, &["verify"]);
}

on_both! {
    documents_are_imported_shown_found_and_taken_back
}
