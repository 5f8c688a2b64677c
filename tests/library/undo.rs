//! Taking back: an export after it is byte for byte the one of a database in which it never was.

use crate::common::Place;
use crate::common::customers::{self, Customers, Dice};
use crate::on_both;
use crate::use_it::{Test, options};
use firmograph::{ChangeReport, Error, Flip, Source, Timestamp};
use proptest::prelude::*;

fn undo(test: &mut Test<'_>, run: i64, dry_run: bool) -> (Result<ChangeReport, Error>, Vec<Flip>) {
    let mut flips = Vec::new();
    let done = test.drive(async |engine| {
        engine.undo(run, dry_run, Timestamp::UNIX_EPOCH, &mut |flip| flips.push(flip)).await
    });
    (done, flips)
}

#[track_caller]
fn undone(test: &mut Test<'_>, run: i64) -> ChangeReport {
    undo(test, run, false).0.unwrap()
}

fn remove(test: &mut Test<'_>, source: &str, dry_run: bool) -> (Result<ChangeReport, Error>, Vec<Flip>) {
    let (source, mut flips) = (Source::new(source).unwrap(), Vec::new());
    let done = test.drive(async |engine| {
        engine.remove_source(&source, dry_run, Timestamp::UNIX_EPOCH, &mut |flip| flips.push(flip)).await
    });
    (done, flips)
}

/// Everything that the dimensions hold, too, must be what the payloads say.
#[track_caller]
pub(crate) fn is_true(test: &mut Test<'_>) {
    let mut found = Vec::new();
    let report = test.drive(async |engine| {
        engine.verify(Timestamp::UNIX_EPOCH, &mut |difference| found.push(difference)).await.unwrap()
    });
    assert_eq!((report.differences, found.first()), (0, None), "{found:#?}");
    let checks = test.drive(async |engine| engine.doctor().await.unwrap());
    assert!(checks.iter().all(|check| check.well), "{checks:?}");
}

/// What another source says of some of these people and companies: now and then something else.
fn said_otherwise(customers: &Customers, seed: u64) -> Customers {
    let mut dice = Dice::new(seed);
    let all: Vec<_> = customers.lines.iter().flatten().collect();
    let mut lines = Vec::new();
    for line in customers.lines.iter().flatten() {
        if dice.below(5) < 2 {
            continue;
        }
        let (mut line, other) = (line.clone(), all[dice.below(all.len())]);
        // Name, title, company, industry, employees, revenue, places: not who it is.
        for column in (1..3).chain([4]).chain(8..19).filter(|_| dice.below(3) == 0).collect::<Vec<_>>() {
            line[column].clone_from(&other[column]);
        }
        lines.push(Some(line));
    }
    Customers { lines, ..customers.clone() }
}

/// Three files of three sources about the same companies, in three header styles.
fn three() -> [(&'static str, String); 3] {
    let customers = Customers::make(150, 51);
    let text = |seed, style| said_otherwise(&customers, seed).csv(style);
    [("csv", customers.csv("spaced")), ("clay", text(52, "snake")), ("apollo", text(53, "camel"))]
}

fn an_older_run_is_as_if_it_had_never_been(place: &Place) {
    let files = three();
    let without = |missing: usize| {
        let mut test = Test::in_memory(place);
        for (index, (source, text)) in files.iter().enumerate() {
            if index != missing {
                test.ingest(source, text);
            }
        }
        test.export()
    };
    let mut test = Test::new(place);
    for (source, text) in &files {
        test.ingest(source, text);
    }
    let whole = test.export();
    for missing in 0..3 {
        let number = missing as i64 + 1;
        let newest = test.runs()[0].id;
        let report = undone(&mut test, number);
        assert_eq!((report.run, report.dry_run), (newest + 1, false));
        assert!(report.payloads > 50 && report.flips > 0 && report.notes.is_empty(), "{report:?}");
        assert!(test.export() == without(missing), "without run {number}");
        is_true(&mut test);
        let run = test.runs().into_iter().find(|run| run.id == number).unwrap();
        assert_eq!(run.undone_by, Some(newest + 1));
        assert_eq!(undo(&mut test, number, false).0.unwrap_err().code(), "already-undone");
        // And done again.
        let again = undone(&mut test, newest + 1);
        assert_eq!(again.payloads, report.payloads);
        assert!(test.export() == whole, "run {number} done again");
        assert!(test.runs().iter().any(|run| run.id == number && run.undone_by.is_none()));
        // Taking back that it was done again takes it back; nothing is taken back twice.
        let third = undone(&mut test, newest + 2).run;
        assert!(test.export() == without(missing), "run {number} taken back in the end");
        undone(&mut test, third);
        assert!(test.export() == whole);
    }
    is_true(&mut test);
}

fn runs_of_one_source_share_its_rows(place: &Place) {
    let customers = Customers::make(200, 54);
    let mut parts = [0, 1, 2].map(|_| Customers { lines: Vec::new(), ..customers.clone() });
    for (index, line) in customers.lines.iter().enumerate() {
        parts[index % 3].lines.push(line.clone());
    }
    let texts = parts.map(|part| part.csv("spaced"));
    let mut test = Test::new(place);
    texts.iter().for_each(|text| drop(test.ingest("csv", text)));
    let mut fresh = Test::in_memory(place);
    fresh.ingest("csv", &texts[0]);
    let first = fresh.export();
    fresh.ingest("csv", &texts[2]);
    undone(&mut test, 2);
    is_true(&mut test);
    // A line that two files hold is that of the file which was read first, so the third may want lines of the second.
    test.ingest("csv", &texts[2]);
    assert!(test.export() == fresh.export());
    undone(&mut test, 3);
    let revived = test.runs()[1].id;
    if test.runs()[1].tally.accepted > 0 {
        undone(&mut test, revived);
    }
    assert!(test.export() == first);
    is_true(&mut test);
}

fn what_is_taken_back_can_be_ingested_again(place: &Place) {
    let text = Customers::make(120, 55).csv("spaced");
    let mut test = Test::new(place);
    let empty = test.export();
    let first = test.ingest("csv", &text);
    let whole = test.export();
    undone(&mut test, 1);
    assert_eq!(test.export(), empty, "nobody is left");
    let again = test.ingest("csv", &text);
    assert_eq!((again.tally, again.counters.known_payloads), (first.tally, 0), "payloads live again");
    assert!(test.export() == whole);
    is_true(&mut test);
    let known = test.ingest("csv", &text);
    assert_eq!(known.tally.accepted, 0);
    let report = undone(&mut test, again.run);
    assert_eq!(report.payloads, first.tally.accepted, "they are the later run's");
    assert_eq!(report.notes.len(), 1, "run {} passed over them: {:?}", known.run, report.notes);
    assert_eq!(test.export(), empty);
    is_true(&mut test);
}

fn removing_a_source_can_be_taken_back_and_done_again(place: &Place) {
    let files = three();
    let mut without = Test::in_memory(place);
    let mut test = Test::new(place);
    for (source, text) in &files {
        test.ingest(source, text);
        if *source != "apollo" {
            without.ingest(source, text);
        }
    }
    let (whole, runs) = (test.export(), test.runs().len());
    let (told, flips) = remove(&mut test, "apollo", true);
    let told = told.unwrap();
    assert_eq!((told.run, told.dry_run, told.flips), (0, true, flips.len() as u64));
    assert!(test.export() == whole && test.runs().len() == runs, "a dry run leaves nothing");
    let (done, same) = remove(&mut test, "apollo", false);
    let done = done.unwrap();
    assert_eq!(ChangeReport { run: 0, dry_run: true, ..done.clone() }, told);
    assert_eq!(flips, same);
    assert!(flips.iter().any(|flip| flip.column == "name" && flip.before != flip.after));
    assert!(flips.iter().any(|flip| flip.column == "cleanedJobTitle"), "{flips:#?}");
    assert!(test.export() == without.export());
    is_true(&mut test);
    assert_eq!(remove(&mut test, "apollo", false).0.unwrap_err().code(), "unknown-source");

    let back = undone(&mut test, done.run);
    assert_eq!(back.payloads, done.payloads);
    assert!(test.export() == whole);
    // What came later is not removed when the removal is done again.
    let later = "Email,Company\nnew@later-mills.com,Later Mills\n";
    test.ingest("apollo", later);
    without.ingest("apollo", later);
    undone(&mut test, back.run);
    assert!(test.export() == without.export());
    is_true(&mut test);
}

fn a_company_known_from_a_mailbox_alone_lives_while_it_is_named(place: &Place) {
    let mut test = Test::new(place);
    test.ingest("csv", "Email\ninfo@brook-mills.com\n");
    let before = test.export();
    assert_eq!(test.companies().len(), 1, "no dimension speaks of it");
    test.ingest("clay", "Email,Company,Job Title\nada@brook-mills.com,Brook Mills,CFO\n");
    undone(&mut test, 2);
    assert_eq!(test.export(), before);
    is_true(&mut test);
    undone(&mut test, 1);
    assert!(test.companies().is_empty());
    is_true(&mut test);
}

fn what_cannot_be_taken_back(place: &Place) {
    let mut test = Test::new(place);
    test.ingest("csv", "Email\nada@brook-mills.com\n");
    let code = |test: &mut Test<'_>, run| undo(test, run, false).0.unwrap_err().code().to_owned();
    for unknown in [2, 99, 0, -1] {
        assert_eq!(code(&mut test, unknown), "unknown-run");
    }
    assert_eq!(remove(&mut test, "lusha", false).0.unwrap_err().code(), "unknown-source");
    assert_eq!(remove(&mut test, "pin", false).0.unwrap_err().code(), "cannot-remove");
    let rebuilt = test.drive(async |engine| {
        let never = std::sync::atomic::AtomicBool::new(false);
        engine.rebuild(&Default::default(), Timestamp::UNIX_EPOCH, &never, &mut |_| {}).await.unwrap()
    });
    assert_eq!(code(&mut test, rebuilt.change.run), "cannot-undo");
    assert_eq!(test.runs().len(), 2, "a refusal leaves no run");
    let told = undo(&mut test, 1, true).0.unwrap();
    assert_eq!((told.companies.gone, told.prospects.gone, test.companies().len()), (1, 1, 1));
}

on_both! {
    an_older_run_is_as_if_it_had_never_been
    runs_of_one_source_share_its_rows
    what_is_taken_back_can_be_ingested_again
    removing_a_source_can_be_taken_back_and_done_again
    a_company_known_from_a_mailbox_alone_lives_while_it_is_named
    what_cannot_be_taken_back
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, failure_persistence: None, ..ProptestConfig::default() })]

    /// Any runs, any of them taken back in any order, now and then done again.
    #[test]
    fn any_run_taken_back_is_as_if_it_had_never_been(
        seed in any::<u64>(),
        sources in prop::collection::vec(prop::sample::select(vec!["csv", "clay", "apollo"]), 2..5),
        undone_runs in prop::collection::vec((0usize..4, any::<bool>()), 1..4),
    ) {
        let place = Place::sqlite();
        let customers = Customers::make(40, seed);
        // Two files hold no payload that is the same: which file it would count for is asked elsewhere.
        let styles = customers::STYLES;
        let text = |number| said_otherwise(&customers, seed.wrapping_add(number as u64)).csv(styles[number]);
        let texts: Vec<_> = (0..sources.len()).map(text).collect();
        let mut test = Test::new(&place);
        let mut batches = options("csv");
        batches.batch_rows = 7;
        for (source, text) in sources.iter().zip(&texts) {
            batches.pipeline = options(source).pipeline;
            test.ingest_with(&[text], &batches);
        }
        let mut is_in_force = vec![true; sources.len()];
        for (run, again) in undone_runs {
            let run = run % sources.len();
            if !is_in_force[run] {
                continue;
            }
            let done = undo(&mut test, run as i64 + 1, false).0.unwrap();
            is_in_force[run] = again;
            if again {
                undo(&mut test, done.run, false).0.unwrap();
            }
        }
        let mut fresh = Test::in_memory(&place);
        for ((source, text), _) in sources.iter().zip(&texts).zip(&is_in_force).filter(|(_, is)| **is) {
            fresh.ingest(source, text);
        }
        prop_assert_eq!(test.export(), fresh.export());
        is_true(&mut test);
    }
}
