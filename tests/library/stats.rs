//! What monitoring tells, and that Prometheus can read it.

use crate::common::Place;
use crate::on_both;
use crate::use_it::{Test, options};
use firmograph::{Engine, EntityKind, Hooks, Stats, StatsOptions, Timestamp, prometheus_text};
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

const ROWS: &str = "Email,Company,Job Title,Employees,Industry\n\
    ada@brook-mills.com,Brook Mills,CTO,51-200,Software Development\n\
    bo@brook-mills.com,Brook Mills,Wizard of Cloth,51-200,Weaving of dreams\n\
    nobody,,,,\n";

fn now() -> Timestamp {
    "2026-02-01T12:00:00Z".parse().unwrap()
}

fn stats(test: &mut Test<'_>) -> Stats {
    test.drive(async |engine| engine.stats(now()).await).unwrap()
}

/// Ingests with a clock that goes on by a quarter of a second whenever it is asked.
fn ingest_slowly(test: &mut Test<'_>, source: &str, text: &str) {
    let file = test.file(&format!("{source}.csv"), text);
    let ticks = Cell::new(0_i64);
    let clock = move || {
        ticks.set(ticks.get() + 250_000);
        Timestamp::from_microsecond(1_769_000_000_000_000 + ticks.get()).unwrap()
    };
    let mut hooks = Hooks { clock: &clock, progress: &mut |_| {}, interrupted: Default::default() };
    test.drive(async |engine| engine.ingest(&[file.into()], &options(source), &mut hooks).await).unwrap();
}

fn runs_rejects_and_matches_are_counted(place: &Place) {
    let mut test = Test::new(place);
    ingest_slowly(&mut test, "csv", ROWS);
    ingest_slowly(&mut test, "csv", ROWS);
    ingest_slowly(&mut test, "we\u{5f}ird-1", "Email\nx@y\n");
    let told = stats(&mut test);
    assert_eq!(told.at, now());
    assert_eq!((told.payloads_believed, told.payloads_removed, told.companies, told.prospects), (2, 0, 1, 2));
    let run = told.runs.iter().find(|run| run.source == "csv").unwrap();
    assert_eq!((run.command.as_str(), run.ended, run.statuses["done"]), ("ingest", 2, 2));
    assert_eq!((run.tally.read, run.tally.accepted, run.tally.rejected, run.tally.skipped), (6, 2, 2, 2));
    assert!((run.reject_ratio() - 1.0 / 3.0).abs() < 1e-9);
    let rows =
        test.drive(async |engine| engine.store().quality_page(EntityKind::Person, "", 10).await).unwrap();
    let mean = rows.iter().map(|row| row.score).sum::<i64>() as f64 / 200.0;
    assert_eq!((told.scores[1].records, told.scores[1].mean()), (2, Some(mean)));
    let last = run.last.as_ref().unwrap();
    assert_eq!((last.run, last.read), (2, 3));
    assert!(last.duration_us > 0 && run.duration_us > last.duration_us);
    let speed = last.rows_per_second().unwrap();
    assert!((speed * last.duration_us as f64 - 3e6).abs() < 1.0, "{speed}");
    let rejects: Vec<_> =
        told.rejects.iter().map(|one| (one.source.as_str(), one.code.as_str(), one.count)).collect();
    assert_eq!(rejects, [("csv", "no-key", 2), ("we_ird-1", "no-key", 1)]);
    let title = told.unmatched.iter().find(|one| one.attribute == "job_title").unwrap();
    assert_eq!((title.rows, title.unmatched), (2, 1));
    assert!((title.ratio() - 0.5).abs() < 1e-9);
    assert_eq!(told, stats(&mut test), "asking changes nothing");
    // Undone runs stay counted: a counter never goes back.
    test.drive(async |engine| engine.undo(1, false, now(), &mut |_| {}).await).unwrap();
    let after = stats(&mut test);
    assert_eq!((after.payloads_believed, after.payloads_removed, after.prospects), (0, 2, 0));
    assert_eq!(after.rejects, told.rejects);
}

fn views_tell_when_they_were_refreshed(place: &Place) {
    let mut test = Test::new(place);
    assert!(stats(&mut test).refreshes.is_empty());
    for _ in 0..2 {
        test.drive(async |engine| engine.store().refresh_views().await).unwrap();
    }
    let told = stats(&mut test).refreshes;
    let Some(server) = place.server() else {
        assert!(told.is_empty(), "a view of SQLite is never stale");
        return;
    };
    assert_eq!((told.len(), told[0].view.as_str(), told[0].count), (1, "company_prospect_view", 2));
    assert!(told[0].duration_us > 0);
    let seconds: f64 = server.query("SELECT extract(epoch FROM clock_timestamp())").parse().unwrap();
    let age = seconds - told[0].refreshed_at.as_microsecond() as f64 / 1e6;
    assert!((0.0..60.0).contains(&age), "{age}");
}

fn a_sample_says_what_is_matched_otherwise_now(place: &Place) {
    let mut test = Test::new(place);
    test.ingest("csv", ROWS);
    let told = stats(&mut test).accuracy;
    let of = |told: &firmograph::AccuracySample, name: &str| {
        let one = told.attributes.iter().find(|one| one.attribute == name).unwrap();
        (one.sampled, one.agreeing)
    };
    assert_eq!((of(&told, "job_title"), of(&told, "industry")), ((2, 2), (1, 1)));
    assert!(told.changed.is_empty());
    // As if an older version had matched it so.
    place.sql(
        "UPDATE core_person_job_titles SET matched_seniority = 'Intern' WHERE key = 'ada@brook-mills.com'",
    );
    let told = stats(&mut test).accuracy;
    assert_eq!((of(&told, "job_title"), of(&told, "industry")), ((2, 1), (1, 1)));
    let changed = &told.changed[0];
    assert_eq!(
        (changed.attribute, changed.key.as_str(), changed.source.as_str()),
        ("job_title", "ada@brook-mills.com", "csv")
    );
    assert!(changed.stored.as_ref().unwrap().contains(&Some("Intern".to_owned())));
    assert!(!changed.now.as_ref().unwrap().contains(&Some("Intern".to_owned())));
    // The bound holds, and the sample is the same each time.
    let small = StatsOptions { accuracy_rows: 1, changed_rows: 0 };
    let sampled = |test: &mut Test<'_>| {
        test.drive(async |engine| engine.stats_with(now(), &small).await).unwrap().accuracy
    };
    let one = sampled(&mut test);
    assert!(one.attributes.iter().all(|of| of.sampled == 1) && one.changed.is_empty());
    assert_eq!(one, sampled(&mut test));
    let none = StatsOptions { accuracy_rows: 0, ..small };
    let none = test.drive(async |engine| engine.stats_with(now(), &none).await).unwrap();
    assert!(none.accuracy.attributes.is_empty());
}

fn the_page_is_in_the_format_of_prometheus(place: &Place) {
    let mut test = Test::new(place);
    ingest_slowly(&mut test, "csv", ROWS);
    test.drive(async |engine| engine.store().refresh_views().await).unwrap();
    let told = stats(&mut test);
    let page = prometheus_text(&told);
    assert_eq!(page, prometheus_text(&told));
    assert!(page.ends_with('\n'));
    // The rules of the format that a reader of the whole checks: each family once and in one piece, its type said before.
    let mut types: BTreeMap<&str, &str> = BTreeMap::new();
    let (mut current, mut seen) = ("", BTreeSet::new());
    for line in page.lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').unwrap();
            assert_eq!(current, name, "HELP comes before TYPE");
            assert!(types.insert(name, kind).is_none(), "{name} stands twice");
            assert_eq!(name.ends_with("_total"), kind == "counter", "{line}");
        } else if let Some(rest) = line.strip_prefix("# HELP ") {
            current = rest.split_once(' ').unwrap().0;
            assert!(current.starts_with("firmograph_") && !types.contains_key(current), "{line}");
        } else {
            let (series, value) = line.rsplit_once(' ').unwrap();
            value.parse::<f64>().unwrap();
            let name = series.split('{').next().unwrap();
            let base = if types[current] == "summary" {
                name.trim_end_matches("_sum").trim_end_matches("_count")
            } else {
                name
            };
            assert_eq!(base, current, "{line}");
            assert!(seen.insert(series), "{series} stands twice");
        }
    }
    for (scores, entity) in told.scores.iter().zip(["company", "person"]) {
        assert_eq!(scores.entity, entity);
        let line = format!("firmograph_quality_score{{entity=\"{entity}\"}} {}", scores.mean().unwrap());
        assert!(page.lines().any(|one| one == line), "{line} is not in\n{page}");
    }
    for line in [
        "firmograph_scored_records{entity=\"person\"} 2",
        "firmograph_payloads{state=\"believed\"} 2",
        "firmograph_records_total{command=\"ingest\",source=\"csv\",outcome=\"rejected\"} 1",
        "firmograph_run_duration_seconds_count{command=\"ingest\",source=\"csv\"} 1",
        "firmograph_rejects_total{source=\"csv\",code=\"no-key\"} 1",
        "firmograph_unmatched_ratio{attribute=\"job_title\"} 0.5",
        "firmograph_accuracy_ratio{attribute=\"job_title\"} 1",
    ] {
        assert!(page.lines().any(|one| one == line), "{line} is not in\n{page}");
    }
    assert_eq!(
        page.contains("firmograph_view_refreshes_total{view=\"company_prospect_view\"} 1"),
        place.server().is_some()
    );
}

/// Services ask for it on a runtime of many threads.
#[test]
fn the_future_can_be_sent() {
    fn sent(_: impl Send) {}
    sent(async { Engine::open("sqlite::memory:").await?.stats(Timestamp::UNIX_EPOCH).await });
}

on_both! {
    runs_rejects_and_matches_are_counted
    views_tell_when_they_were_refreshed
    a_sample_says_what_is_matched_otherwise_now
    the_page_is_in_the_format_of_prometheus
}
