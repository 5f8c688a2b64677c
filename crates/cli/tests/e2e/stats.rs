//! Monitoring with the built program.

use crate::binary::{done, ends};
use crate::common::Place;
use crate::on_both;

fn stats_are_told_to_people_programs_and_prometheus(place: &Place) {
    let file =
        place.file("rows.csv", "Email,Company,Job Title\nada@brook-mills.com,Brook Mills,CTO\nnobody,,\n");
    done(place, &["ingest", &file]);
    let rows = done(place, &["stats", "--format", "ndjson"]).rows();
    assert_eq!((&rows[0]["prospects"], &rows[0]["runs"][0]["rejected"]), (&1.into(), &1.into()));
    let table = done(place, &["stats", "--format", "table"]).out;
    assert!(table.contains("last run rows per second") && table.contains("csv no-key"), "{table}");
    let page = done(place, &["stats", "--prometheus", "--accuracy-rows", "0"]).out;
    assert!(page.contains("\nfirmograph_golden_rows{entity=\"person\"} 1\n"), "{page}");
    assert!(!page.contains("firmograph_accuracy"), "{page}");
    assert!(
        done(place, &["stats", "--prometheus"])
            .out
            .contains("firmograph_accuracy_ratio{attribute=\"job_title\"} 1\n")
    );
    ends(place, 2, &["stats", "--prometheus", "--format", "json"]);
}

on_both! {
    stats_are_told_to_people_programs_and_prometheus
}
