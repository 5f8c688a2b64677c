//! Everything anew from the payloads: it finds what is not as it should be, and mends it.

use crate::common::Place;
use crate::common::customers::Customers;
use crate::on_both;
use crate::undo::is_true;
use crate::use_it::{Test, options};
use firmograph::{Difference, Error, Flip, RebuildOptions, RebuildReport, RunStatus, Timestamp};
use std::sync::atomic::{AtomicBool, Ordering};

fn verify(test: &mut Test<'_>) -> Vec<Difference> {
    let mut found = Vec::new();
    let report = test.drive(async |engine| {
        engine.verify(Timestamp::UNIX_EPOCH, &mut |difference| found.push(difference)).await.unwrap()
    });
    assert_eq!(report.differences, found.len() as u64);
    found
}

fn rebuild(test: &mut Test<'_>, options: &RebuildOptions) -> (Result<RebuildReport, Error>, Vec<Flip>) {
    let mut flips = Vec::new();
    let never = AtomicBool::new(false);
    let done = test.drive(async |engine| {
        engine.rebuild(options, Timestamp::UNIX_EPOCH, &never, &mut |flip| flips.push(flip)).await
    });
    (done, flips)
}

fn small() -> RebuildOptions {
    RebuildOptions { batch_rows: 60, ..RebuildOptions::default() }
}

fn dry() -> RebuildOptions {
    RebuildOptions { dry_run: true, ..small() }
}

/// Two sources, one of them JSON documents.
fn filled(place: &Place) -> (Test<'_>, String) {
    let mut test = Test::new(place);
    test.ingest("csv", &Customers::make(200, 61).csv("spaced"));
    test.ingest("clay", &Customers::make(150, 62).csv("camel"));
    let documents = "{\"email\": \"ada@brook-mills.com\", \"company\": {\"name\": \"Brook Mills\"}, \"job_title\": \"CFO\"}\n\
                     {\"email\": \"info@fjord-optics.no\"}\n";
    let mut apollo = options("apollo");
    apollo.open.format = Some(firmograph::sources::Format::JsonLines);
    test.ingest_with(&[documents], &apollo);
    let export = test.export();
    (test, export)
}

fn nothing_differs_in_a_sound_database(place: &Place) {
    let (mut test, export) = filled(place);
    is_true(&mut test);
    let (report, flips) = rebuild(&mut test, &small());
    let report = report.unwrap();
    assert_eq!((report.status, report.change.flips, flips.len()), (RunStatus::Done, 0, 0));
    assert!(report.slices >= 6 && report.slices_done == report.slices, "{report:?}");
    assert!(report.change.dimensions.is_empty() && report.change.changes() == 0, "{report:?}");
    assert!(test.export() == export);
    assert_eq!(test.runs()[0].status, "done");
}

/// Each statement lies in one place; what is to be told of, and whether the lie is in the export.
const LIES: &[(&str, &str, &str)] = &[
    ("UPDATE \"Company\" SET \"name\" = 'Lie' WHERE \"domain\" = 'brook-mills.com'", "Company", "name"),
    (
        "UPDATE \"Company\" SET \"provenance\" = '{}' WHERE \"domain\" = 'brook-mills.com'",
        "Company",
        "provenance",
    ),
    (
        "UPDATE \"Prospect\" SET \"companyId\" = NULL WHERE \"externalId\" = 'ada@brook-mills.com'",
        "Prospect",
        "companyId",
    ),
    ("DELETE FROM \"Prospect\" WHERE \"externalId\" = 'ada@brook-mills.com'", "Prospect", "id"),
    ("DELETE FROM \"Company\" WHERE \"domain\" = 'fjord-optics.no'", "Company", "id"),
    (
        "UPDATE core_company_names SET matched_name = 'Lie' WHERE key = 'brook-mills.com'",
        "core.company_names",
        "matched_name",
    ),
    (
        "UPDATE core_company_names SET raw_name = 'Lie' WHERE key = 'brook-mills.com'",
        "core.company_names",
        "raw_name",
    ),
    (
        "UPDATE core_person_job_titles SET payloads = 7 WHERE key = 'ada@brook-mills.com'",
        "core.person_job_titles",
        "payloads",
    ),
    (
        "DELETE FROM core_person_job_titles WHERE key = 'ada@brook-mills.com'",
        "core.person_job_titles",
        "source",
    ),
    (
        "UPDATE core_company_names SET source = 'lusha' WHERE key = 'brook-mills.com'",
        "core.company_names",
        "source",
    ),
    (
        "UPDATE core_company_names SET key = 'nobody.com' WHERE key = 'brook-mills.com'",
        "core.company_names",
        "source",
    ),
    (
        "UPDATE core_person_companies SET matched_company_key = 'fjord-optics.no' WHERE key = 'ada@brook-mills.com'",
        "core.person_companies",
        "matched_company_key",
    ),
];

fn a_lie_is_caught_and_mended(place: &Place) {
    let (mut test, export) = filled(place);
    for (lie, table, column) in LIES {
        place.sql(lie);
        let found = verify(&mut test);
        assert!(found.iter().any(|d| d.table == *table && d.column == *column), "{lie}: {found:#?}");
        assert!(found.iter().all(|d| d.stored != d.expected), "{lie}: {found:#?}");
        assert_eq!(verify(&mut test), found, "{lie}: telling changes nothing");
        let lying = test.export();
        let (told, would_flip) = rebuild(&mut test, &dry());
        let told = told.unwrap();
        assert!(test.export() == lying, "{lie}: a dry run changes nothing");
        let (done, flips) = rebuild(&mut test, &small());
        let done = done.unwrap();
        assert_eq!((flips, done.change.flips), (would_flip, told.change.flips), "{lie}");
        assert_eq!((&done.change.dimensions, done.slices), (&told.change.dimensions, told.slices), "{lie}");
        assert_eq!(verify(&mut test), [], "{lie}");
        assert!(test.export() == export, "{lie}");
    }
}

/// A golden row with an id of ours, whom no payload names.
fn what_nobody_says_is_caught(place: &Place) {
    let (mut test, export) = filled(place);
    place.sql("DELETE FROM raw_payloads WHERE CAST(body AS TEXT) LIKE '%fjord-optics.no%'");
    let found = verify(&mut test);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!((&*found[0].table, &*found[0].key, &found[0].expected), ("Company", "fjord-optics.no", &None));
    let (done, flips) = rebuild(&mut test, &small());
    assert_eq!((done.unwrap().change.companies.gone, flips.len()), (1, 1));
    assert_eq!(verify(&mut test), []);
    assert_eq!(test.export().lines().count(), export.lines().count() - 1);
}

fn a_changed_rule_is_applied(place: &Place) {
    let (_filled, export) = filled(place);
    // By hand, and not by an import, which matches the titles concerned at once.
    place.sql(
        "INSERT INTO \"JobTitleLevelMap\" (\"originalJobTitleLevel\", \"standardizedJobTitleLevel\", \"level\") \
         VALUES ('CFO', 'Director / Senior Director', 8)",
    );
    let mut test = Test::new(place);
    assert!(test.export() == export, "golden records that are there keep their levels");
    let level = |test: &mut Test<'_>| {
        let prospects = test.prospects();
        let ada = prospects.iter().find(|row| row["email"] == "ada@brook-mills.com").unwrap();
        ada["standardizedJobTitleLevelId"].clone()
    };
    assert_eq!(level(&mut test), 1);
    assert!(
        verify(&mut test).iter().any(|d| d.column == "matched_level" && d.expected.as_deref() == Some("8"))
    );
    // Only what an older table matched, or nothing: this map is newer than any.
    let none = RebuildOptions { since: Some("1999.1".to_owned()), ..small() };
    let (report, _) = rebuild(&mut test, &none);
    let untouched = report.unwrap().change.dimensions.get("job_title").copied();
    assert!(untouched.is_none_or(|rows| rows.new + rows.gone == 0));
    let since = RebuildOptions { since: Some("2099.1".to_owned()), ..small() };
    let (report, flips) = rebuild(&mut test, &since);
    let report = report.unwrap();
    assert!(report.change.dimensions["job_title"].changed >= 1, "{report:?}");
    assert!(flips.iter().any(|flip| {
        flip.key == "ada@brook-mills.com"
            && flip.column == "standardizedJobTitleLevelId"
            && (flip.before.as_deref(), flip.after.as_deref()) == (Some("1"), Some("8"))
    }));
    assert_eq!(level(&mut test), 8);
    is_true(&mut test);
    let wrong = RebuildOptions { since: Some("new".to_owned()), ..small() };
    assert_eq!(rebuild(&mut test, &wrong).0.unwrap_err().code(), "bad-version");
}

fn an_interrupted_rebuild_goes_on(place: &Place) {
    let (mut test, export) = filled(place);
    let resume = RebuildOptions { resume: true, ..small() };
    assert_eq!(rebuild(&mut test, &resume).0.unwrap_err().code(), "nothing-to-resume");
    place.sql("UPDATE \"Company\" SET \"name\" = 'Lie'");
    place.sql("UPDATE \"Prospect\" SET \"city\" = 'Lie'");
    place.sql("DELETE FROM core_person_names WHERE key > 'k'");
    let (mut runs, mut slices, mut flips) = (0, 0, 0);
    loop {
        // Set by the first flip of each process: the slice at hand is ended.
        let interrupted = AtomicBool::new(false);
        let options = if runs == 0 { small() } else { resume.clone() };
        let report = test.drive(async |engine| {
            let sink = &mut |_| interrupted.store(true, Ordering::Relaxed);
            engine.rebuild(&options, Timestamp::UNIX_EPOCH, &interrupted, sink).await.unwrap()
        });
        runs += 1;
        assert!(report.slices_done > slices || report.status == RunStatus::Done);
        assert!(report.change.flips >= flips);
        (slices, flips) = (report.slices_done, report.change.flips);
        if report.status == RunStatus::Done {
            break;
        }
        assert_eq!(test.runs()[0].status, "interrupted");
    }
    assert!(runs > 3, "{runs} processes");
    assert_eq!((test.runs()[0].command.as_str(), test.runs()[0].status.as_str()), ("rebuild", "done"));
    assert!(test.export() == export);
    is_true(&mut test);
}

on_both! {
    nothing_differs_in_a_sound_database
    a_lie_is_caught_and_mended
    what_nobody_says_is_caught
    a_changed_rule_is_applied
    an_interrupted_rebuild_goes_on
}
