//! Intelligence documents at the edges: what looks alike, what is long or deep, and how an import ends.

use crate::common::Place;
use crate::documents::{example, hooks, import, import_with, is_known, lines, shown, verified};
use crate::on_both;
use crate::use_it::{Test, options};
use firmograph::documents::DocumentOptions;
use firmograph::{Hooks, IngestReport, MaxRejects, RunStatus, Source, Timestamp};
use serde_json::{Value, json};
use std::sync::atomic::AtomicBool;

fn ingest_json(test: &mut Test<'_>, text: &str) -> IngestReport {
    let file = test.file("records.jsonl", text);
    test.drive(async |engine| engine.ingest(&[file.into()], &options("vendor"), &mut hooks()).await).unwrap()
}

fn the_same_text_is_a_document_and_a_record(place: &Place) {
    let mut test = Test::new(place);
    let now = Timestamp::UNIX_EPOCH;
    let text = lines(&[
        json!({"kind": "network", "entity": "person", "email": "ada@brook-mills.com", "name": "Ada Hale",
                             "document": {"followers": 5}}),
    ]);
    let options = DocumentOptions::new(Source::new("vendor").unwrap());
    let imported = import_with(&mut test, "both.jsonl", &text, &options);
    let ingested = ingest_json(&mut test, &text);
    assert_eq!((imported.tally.accepted, ingested.tally.accepted), (1, 1), "neither hides the other");
    assert_eq!(test.prospects().len(), 1);
    assert!(is_known(&mut test, "ada@brook-mills.com"));
    verified(&mut test);
    test.drive(async |engine| engine.undo(imported.run, false, now, &mut |_| {}).await).unwrap();
    assert!(!is_known(&mut test, "ada@brook-mills.com") && test.prospects().len() == 1);
    assert_eq!(ingest_json(&mut test, &text).tally.skipped, 1);
    assert!(!is_known(&mut test, "ada@brook-mills.com"), "a record that is ingested brings no document back");
    assert_eq!(import_with(&mut test, "both.jsonl", &text, &options).tally.accepted, 1);
    verified(&mut test);
}

fn an_import_tells_how_it_ended(place: &Place) {
    let mut test = Test::new(place);
    let now = Timestamp::UNIX_EPOCH;
    let bad = test.file("bad.jsonl", "{\"kind\": \"horoscope\"}\n");
    let good = test.file("good.jsonl", &lines(&example()));
    let mut options = DocumentOptions::new(Source::new("documents").unwrap());
    let all = |test: &mut Test<'_>, options: &DocumentOptions| {
        let files = [bad.clone().into(), good.clone().into()];
        test.drive(async |engine| engine.import_documents(&files, options, &mut hooks()).await).unwrap()
    };
    options.max_rejects = Some(MaxRejects::Percent(50.0));
    let report = all(&mut test, &options);
    assert_eq!((report.status, report.tally.read), (RunStatus::Done, 5), "a percentage is of the run");
    options.max_rejects = Some(MaxRejects::Percent(10.0));
    let again = all(&mut test, &options);
    assert_eq!((again.status, again.tally.read), (RunStatus::TooManyRejects, 5));
    let undone = test.drive(async |engine| engine.undo(report.run, false, now, &mut |_| {}).await).unwrap();
    let note = format!("run {} passed over", again.run);
    assert!(undone.notes.iter().any(|told| told.starts_with(&note) && told.contains("import")), "{undone:?}");

    let stopped = test.drive(async |engine| {
        let mut hooks = Hooks { interrupted: std::sync::Arc::new(AtomicBool::new(true)), ..hooks() };
        engine.import_documents(&[good.clone().into()], &options, &mut hooks).await.unwrap()
    });
    assert_eq!((stopped.status, stopped.run), (RunStatus::Interrupted, undone.run + 1));
    assert!(test.runs().iter().any(|run| run.id == stopped.run && run.status == "interrupted"));

    let undated = |headcount: u32| json!({"kind": "growth", "domain": "mill.com", "document": {"headcount": headcount}});
    let first = import(&mut test, &[undated(120)]);
    let second = import(&mut test, &[undated(90)]);
    assert!(
        first.files[0].notes.is_empty() && second.files[0].notes[0].contains("observed_at"),
        "{second:?}"
    );
    assert_eq!(shown(&mut test, "mill.com").documents["growth"]["headcount"], 120);
}

fn what_only_one_database_could_hold_is_refused_by_both(place: &Place) {
    let mut test = Test::new(place);
    let long = |length: usize| format!("name:{}|us", "x".repeat(length));
    let growth = |key: &str, document: Value| json!({"kind": "growth", "entity": "company", "key": key, "document": document});
    let deep = |depth: usize| -> Value { (0..depth).fold(json!(1), |inner, _| json!([inner])) };
    let report = import(
        &mut test,
        &[
            growth(&long(10_000), json!({"headcount": 1})),
            growth(&long(900), json!({"headcount": 2})),
            growth("deep.com", json!({"headcount": 3, "x": deep(70)})),
        ],
    );
    assert_eq!((report.tally.accepted, report.counters.rejects["no-key"]), (1, 1), "{report:?}");
    let report = import_with(
        &mut test,
        "large.jsonl",
        "{\"kind\": \"growth\", \"domain\": \"a.com\", \"document\": {\"revenue\": 1e310}}\n",
        &DocumentOptions::new(Source::new("documents").unwrap()),
    );
    assert_eq!(report.tally.rejected, 1);
    assert_eq!(shown(&mut test, &long(900)).documents["growth"]["headcount"], 2);
    // As deep as may be, and within what is told of it.
    let by = |source: &str, x: Value| {
        json!({"kind": "growth", "domain": "deep.com", "source": source,
               "document": {"x": x, "history": [{"date": "2026", "y": deep(58), "source": source}]}})
    };
    let report = import(
        &mut test,
        &[by("clay", deep(60)), by("zoom", json!([deep(60)])), by("apollo", json!([1, deep(60)]))],
    );
    assert_eq!(report.tally.accepted, 3, "{report:?}");
    let known = shown(&mut test, "deep.com");
    assert_eq!(known.attribution["growth"]["x"]["lost"].as_array().unwrap().len(), 2);
    assert_eq!(known.documents["growth"]["x"], deep(60));
    verified(&mut test);
}

fn long_documents_are_settled_in_pieces(place: &Place) {
    let mut test = Test::new(place);
    let note = "x".repeat(900_000);
    let all = (0..44_u32).map(|number| {
        json!({"kind": "growth", "domain": format!("mill{}.com", number % 11), "source": "clay",
               "observed_at": format!("2026-01-{:02}", 1 + number / 11), "document": {"headcount": number, "note": note}})
    });
    assert_eq!(import(&mut test, &all.collect::<Vec<_>>()).tally.accepted, 44);
    for number in [0, 10] {
        let known = shown(&mut test, &format!("mill{number}.com"));
        assert_eq!(known.documents["growth"]["headcount"], 33 + number, "the newest of four");
    }
    verified(&mut test);
}

on_both! {
    the_same_text_is_a_document_and_a_record
    an_import_tells_how_it_ended
    what_only_one_database_could_hold_is_refused_by_both
    long_documents_are_settled_in_pieces
}
