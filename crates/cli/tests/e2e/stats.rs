//! Monitoring with the built program.

use crate::binary::{done, ends, program};
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
    assert!(table.contains("mean score") && table.contains("seconds of all runs"), "{table}");
}

/// Who asks may go away, and a disk may be full: that is told, and is no panic.
#[cfg(target_os = "linux")]
#[test]
fn a_page_that_cannot_be_written_is_told() {
    let place = Place::sqlite();
    done(&place, &["stats"]);
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let said = program(&place).args(["stats", "--prometheus"]).stdout(full).output().unwrap();
    let err = String::from_utf8_lossy(&said.stderr);
    assert!(err.contains("cannot-write") && !err.contains("panicked"), "{err}");
    assert_eq!(said.status.code(), Some(3), "{err}");
}

on_both! {
    stats_are_told_to_people_programs_and_prometheus
}
