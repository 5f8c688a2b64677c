//! Taking back, rebuilding and proving, as a user types it; and killed in the middle.

use crate::binary::{assert_same, done, ends, export, ingest, program, run};
use crate::common::Place;
use crate::common::customers::Customers;
use crate::on_both;
use std::process::Stdio;
use std::time::Duration;

fn undone_and_done_again(place: &Place) {
    let files = [("csv", 71, "spaced"), ("apollo", 72, "camel"), ("clay", 73, "snake")];
    let files = files.map(|(source, seed, style)| {
        (source, place.file(&format!("{source}.csv"), Customers::make(400, seed).csv(style)))
    });
    let mut exports = vec![];
    for (source, file) in &files {
        ingest(place, &[file, "--source", source]);
        exports.push(export(place));
    }
    done(place, &["verify"]);
    let told = done(place, &["runs", "undo", "3", "--dry-run", "--format", "ndjson"]);
    assert_same(&export(place), &exports[2], "a dry run");
    let flips = done(place, &["runs", "undo", "3", "--format", "ndjson"]);
    assert_same(&flips.out, &told.out, "a dry run tells what is done");
    assert!(flips.rows().len() > 50 && flips.rows()[0]["column"].is_string(), "{}", flips.err);
    assert!(told.err.contains("dry run") && flips.err.contains("run 4: run 3"), "{}", flips.err);
    assert_same(&export(place), &exports[1], "taken back");
    done(place, &["verify"]);
    assert_eq!((&run(place, 3)["undone_by"], &run(place, 4)["target_run"]), (&4.into(), &3.into()));
    let refused = ends(place, 2, &["runs", "undo", "3"]);
    assert!(refused.err.contains("already-undone"), "{}", refused.err);
    ends(place, 1, &["runs", "undo", "77"]);
    done(place, &["runs", "undo", "4"]);
    assert_same(&export(place), &exports[2], "done again");

    let listed = |place: &Place| {
        let rows = done(place, &["source", "list", "--format", "ndjson"]).rows();
        rows.into_iter().map(|row| row["removed"].as_u64().unwrap() > 0).collect::<Vec<_>>()
    };
    assert_eq!(listed(place), [false, false, false], "apollo, clay, csv");
    let told = done(place, &["source", "remove", "apollo", "--dry-run", "--format", "csv"]);
    let removed = done(place, &["source", "remove", "apollo", "--format", "csv"]);
    assert_same(&told.out, &removed.out, "a dry run tells what is done");
    assert!(told.out.starts_with("entity,key,column,before,after\n"), "{}", told.out);
    assert_eq!(listed(place), [true, false, false]);
    let fresh = Place::sqlite();
    for (source, file) in files.iter().filter(|(source, _)| *source != "apollo") {
        ingest(&fresh, &[file, "--source", source]);
    }
    assert_same(&export(place), &export(&fresh), "without apollo");
    done(place, &["verify"]);
    done(place, &["runs", "undo", "6"]);
    assert_same(&export(place), &exports[2], "with apollo again");
    assert!(ends(place, 2, &["source", "remove", "lusha"]).err.contains("unknown-source"));
    done(place, &["doctor"]);
}

fn a_lie_ends_verify_with_1(place: &Place) {
    let file = place.file("leads.csv", "Email,Company\nada@brook-mills.com,Brook Mills\n");
    ingest(place, &[&file]);
    let sound = export(place);
    done(place, &["verify"]);
    place.sql("UPDATE \"Company\" SET \"name\" = 'Lie'");
    let said = ends(place, 1, &["verify", "--format", "ndjson"]);
    let rows = said.rows();
    assert_eq!(rows.len(), 1, "{}", said.out);
    let row = ["table", "key", "column", "stored", "expected"].map(|name| rows[0][name].as_str().unwrap());
    assert_eq!(row, ["Company", "brook-mills.com", "name", "Lie", "Brook Mills"]);
    let told = done(place, &["rebuild", "--dry-run", "--format", "ndjson"]);
    let mended = done(place, &["rebuild", "--format", "ndjson"]);
    assert_eq!((&told.out, mended.rows().len()), (&mended.out, 1));
    assert_same(&export(place), &sound, "mended");
    done(place, &["verify"]);
    assert!(ends(place, 2, &["rebuild", "--resume"]).err.contains("nothing-to-resume"));
}

fn a_rebuild_that_is_killed_goes_on(place: &Place) {
    let file = place.file("customers.csv", Customers::make(3_000, 74).csv("spaced"));
    ingest(place, &[&file]);
    let sound = export(place);
    for (round, pause) in [20, 90, 250, 600, 1_200].into_iter().enumerate() {
        place.sql("UPDATE \"Company\" SET \"name\" = 'Lie'");
        place.sql("UPDATE \"Prospect\" SET \"jobTitle\" = 'Lie', \"companyId\" = NULL");
        place.sql("DELETE FROM core_company_names");
        place.sql("UPDATE core_person_job_titles SET matched_level = 3");
        let mut command = program(place);
        let mut child = command
            .args(["rebuild", "--batch-size", "150"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(pause));
        child.kill().unwrap();
        child.wait().unwrap();
        // Killed before it began, or after it ended, there is nothing to go on with.
        let newest = done(place, &["runs", "list", "--limit", "1", "--format", "ndjson"]).rows().remove(0);
        let is_open = newest["command"] == "rebuild" && newest["status"] == "running";
        let args: &[&str] = if is_open { &["rebuild", "--resume"] } else { &["rebuild"] };
        done(place, args);
        assert_same(&export(place), &sound, &format!("round {round}"));
        done(place, &["verify"]);
    }
}

/// A change is one transaction: killed at any moment it is there or it is not.
fn an_undo_that_is_killed_is_done_or_not(place: &Place) {
    let files = [("csv", 75), ("clay", 76)];
    let mut exports = Vec::new();
    for (source, seed) in files {
        let file = place.file(&format!("{source}.csv"), Customers::make(2_000, seed).csv("spaced"));
        ingest(place, &[&file, "--source", source]);
        exports.push(export(place));
    }
    for pause in [10, 60, 150, 300, 500, 800] {
        let mut command = program(place);
        let undo = command.args(["runs", "undo", "2"]).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = undo.spawn().unwrap();
        std::thread::sleep(Duration::from_millis(pause));
        child.kill().unwrap();
        child.wait().unwrap();
        done(place, &["verify"]);
        let by = run(place, 2)["undone_by"].as_i64();
        assert_same(&export(place), &exports[usize::from(by.is_none())], "all or nothing");
        if let Some(by) = by {
            done(place, &["runs", "undo", &by.to_string()]);
        }
    }
    done(place, &["runs", "undo", "2"]);
    assert_same(&export(place), &exports[0], "not killed");
}

on_both! {
    undone_and_done_again
    a_lie_ends_verify_with_1
    a_rebuild_that_is_killed_goes_on
    an_undo_that_is_killed_is_done_or_not
}
