//! The same records give the same bytes: whatever the headers, batches, order of lines, dialect and database.

use crate::binary::{assert_same, done, export, ingest, run, tally};
use crate::common::Place;
use crate::common::customers::{Customers, STYLES};
use crate::on_both;
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

const LINES: usize = 3_000;

/// Ingests `text` into a new database and gives its exports; the counts must be those of `customers`.
#[track_caller]
fn exported(place: &Place, customers: &Customers, text: &str, batch: &str) -> String {
    let file = place.file("customers.csv", text);
    let report = ingest(place, &[&file, "--batch-size", batch]);
    let expected =
        [customers.lines.len() as u64, customers.accepted(), customers.unusable, customers.skipped()];
    assert_eq!(tally(&report), expected, "batches of {batch}");
    assert_eq!(report["counters"]["blank_lines"], customers.blank);
    let run = run(place, report["run"].as_i64().unwrap());
    assert_eq!((tally(&run), tally(&run["files"][0])), (expected, expected), "as stored");
    export(place)
}

/// What every other way has to give, too.
fn expected(customers: &Customers) -> &'static str {
    static EXPORT: OnceLock<String> = OnceLock::new();
    EXPORT.get_or_init(|| exported(&Place::sqlite(), customers, &customers.csv("snake"), "10000"))
}

#[test]
fn header_styles_batch_sizes_and_order_on_sqlite() {
    let customers = Customers::make(LINES, 1);
    let expected = expected(&customers);
    assert!(expected.lines().count() > LINES, "companies and prospects: {}", expected.lines().count());
    for (style, batch) in STYLES.into_iter().zip(["7", "200", "200", "10000"]) {
        let given = exported(&Place::sqlite(), &customers, &customers.csv(style), batch);
        assert_same(&given, expected, &format!("{style}, batches of {batch}"));
    }
    for (seed, batch) in [(2, "200"), (3, "10000"), (4, "731")] {
        let shuffled = customers.shuffled(seed);
        let given = exported(&Place::sqlite(), &customers, &shuffled.csv("camel"), batch);
        assert_same(&given, expected, &format!("shuffled by {seed}, batches of {batch}"));
    }
    for (delimiter, end) in [(";", "\r\n"), ("\t", "\n"), ("|", "\r\n")] {
        let text = customers.table("spaced", delimiter, end);
        let given = exported(&Place::sqlite(), &customers, &text, "10000");
        assert_same(&given, expected, &format!("cells separated by {delimiter:?}, lines by {end:?}"));
    }
}

#[test]
fn header_styles_batch_sizes_and_order_on_postgres() {
    let customers = Customers::make(LINES, 1);
    let expected = expected(&customers);
    for (style, batch) in STYLES.into_iter().zip(["200", "10000", "7", "200"]) {
        let Some(place) = Place::postgres() else { return };
        let given = exported(&place, &customers, &customers.csv(style), batch);
        assert_same(&given, expected, &format!("{style}, batches of {batch}"));
    }
    let Some(place) = Place::postgres() else { return };
    let given = exported(&place, &customers, &customers.shuffled(5).csv("compact"), "500");
    assert_same(&given, expected, "shuffled");
}

/// Enough rows for the way of a first load, which writes without indexes.
#[test]
fn an_initial_load_without_indexes_leaves_what_small_batches_leave() {
    let customers = Customers::make(7_000, 6);
    let text = customers.csv("spaced");
    let expected = exported(&Place::sqlite(), &customers, &text, "3000");
    assert_same(&exported(&Place::sqlite(), &customers, &text, "200000"), &expected, "SQLite");
    let (Some(bulk), Some(plain)) = (Place::postgres(), Place::postgres()) else { return };
    assert_same(&exported(&bulk, &customers, &text, "200000"), &expected, "PostgreSQL");
    done(&plain, &["migrate", "up"]);
    let shape = |place: &Place| {
        let server = place.server().unwrap();
        let indexes = server.query("SELECT indexdef FROM pg_indexes ORDER BY 1");
        let constraints = "SELECT conrelid::regclass, conname, pg_get_constraintdef(oid) FROM pg_constraint \
                           WHERE connamespace <> 'pg_catalog'::regnamespace ORDER BY 1, 2";
        indexes + &server.query(constraints)
    };
    assert_same(&shape(&bulk), &shape(&plain), "indexes and constraints afterwards");
}

fn a_second_run_changes_nothing(place: &Place) {
    let customers = Customers::make(800, 7);
    let file = place.file("customers.csv", customers.csv("spaced"));
    ingest(place, &[&file]);
    let before = export(place);
    let times = || done(place, &["export", "companies", "--with-times"]).out;
    let times_before = times();
    for args in [&[&*file][..], &[&*file, "--batch-size", "7"], &[&*file, "--resume"]] {
        let again = ingest(place, args);
        let [read, accepted, rejected, skipped] = tally(&again);
        assert_eq!(
            (read, accepted, rejected, skipped),
            (800, 0, customers.unusable, 800 - customers.unusable)
        );
        for counter in ["new_companies", "changed_companies", "new_prospects", "changed_prospects"] {
            assert_eq!(again["counters"][counter], 0, "{counter} with {args:?}");
        }
    }
    assert_same(&export(place), &before, "after three more runs");
    assert_same(&times(), &times_before, "not even times of change");
}

fn two_overlapping_files_as_one_run(place: &Place) {
    let customers = Customers::make(1_000, 8);
    let part =
        |range: std::ops::Range<usize>| Customers { lines: customers.lines[range].to_vec(), ..customers };
    let (first, second) = (part(0..700), part(400..1_000));
    let files = [
        place.file("first.csv", first.csv("spaced")),
        // The same header, so that the 300 lines that both have are the same payloads.
        place.file("second.csv", second.csv("spaced")),
    ];
    let report = ingest(place, &[&files[0], &files[1], "--batch-size", "150"]);
    let all = tally(&report);
    assert_eq!((all[0], report["files"].as_array().unwrap().len()), (1_300, 2));
    let stored = run(place, 1);
    assert_eq!((tally(&stored), &stored["status"]), (all, &"done".into()));
    let [a, b] = [0, 1].map(|index| {
        let counts = tally(&stored["files"][index]);
        assert_eq!(tally(&report["files"][index]), counts);
        counts
    });
    assert_eq!(all, std::array::from_fn(|index| a[index] + b[index]), "the files add up to the run");
    assert_eq!(all[1], customers.accepted());

    let whole = Place::sqlite();
    let file = whole.file("whole.csv", customers.csv("spaced"));
    ingest(&whole, &[&file]);
    assert_same(&export(place), &export(&whole), "two overlapping files and the whole");
}

on_both! { a_second_run_changes_nothing two_overlapping_files_as_one_run }

/// Whatever the generator of the project's shared tools makes, where that is beside the repository.
#[test]
fn twenty_thousand_rows_of_make_customers() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
    let tool = root.parent().unwrap().join("shared/tools/make_customers.py");
    if !tool.exists() {
        eprintln!("skipped: no {}", tool.display());
        return;
    }
    let ingested = |place: &Place, style: &str, batch: &str| {
        let made = Command::new("python3").arg(&tool).args(["20000", "--headers", style]).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let file = place.file("customers.csv", made.stdout);
        assert_eq!(tally(&ingest(place, &[&file, "--batch-size", batch]))[0], 20_000);
        export(place)
    };
    let expected = ingested(&Place::sqlite(), "spaced", "200000");
    assert_same(&ingested(&Place::sqlite(), "camel", "6000"), &expected, "camel, batches of 6000");
    if let Some(place) = Place::postgres() {
        assert_same(&ingested(&place, "compact", "10000"), &expected, "compact, PostgreSQL");
    }
}
