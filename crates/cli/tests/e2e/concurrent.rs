//! Several processes on one database at once.

use crate::binary::{assert_same, done, export, ingest, program, run, tally};
use crate::common::Place;
use crate::common::customers::Customers;
use crate::on_both;
use std::process::{Child, Stdio};

fn start(place: &Place, args: &[&str]) -> Child {
    program(place).args(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

#[track_caller]
fn all_succeed(children: Vec<Child>) {
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

fn four_processes_migrate_a_fresh_database(place: &Place) {
    all_succeed((0..4).map(|_| start(place, &["migrate", "up"])).collect());
    let status = done(place, &["migrate", "status"]).rows();
    assert!(!status.is_empty() && status.iter().all(|migration| migration["applied"] == true), "{status:?}");
    done(place, &["doctor"]);
}

fn four_processes_open_a_fresh_database(place: &Place) {
    let file = place.file("leads.csv", "Email\nada@brook-mills.com\n");
    all_succeed((0..4).map(|_| start(place, &["ingest", &file])).collect());
    let runs = done(place, &["runs", "list"]).rows();
    let accepted: u64 = runs.iter().map(|run| tally(run)[1]).sum();
    assert_eq!((runs.len(), accepted), (4, 1), "four runs, of which one found something new: {runs:?}");
    done(place, &["doctor"]);
}

/// Ingests two files that share companies at once, in batches of `batch`; gives what one after the other gives.
fn at_once(place: &Place, lines: usize, batch: &str) {
    let customers = Customers::make(lines, 21);
    let (first, second) = customers.lines.split_at(lines / 2);
    let half = |lines: &[_]| Customers { lines: lines.to_vec(), ..customers }.csv("spaced");
    let texts = [half(first), half(second)];
    let ingest_args =
        |file: &str| ["ingest".into(), file.to_owned(), "--batch-size".into(), batch.to_owned()];
    let children = ["first.csv", "second.csv"].iter().zip(&texts).map(|(name, text)| {
        let args = ingest_args(&place.file(name, text));
        start(place, &args.each_ref().map(String::as_str))
    });
    all_succeed(children.collect());

    let mut read = 0;
    for number in [1, 2] {
        let run = run(place, number);
        assert_eq!(run["status"], "done");
        read += tally(&run)[0];
    }
    assert_eq!(read, lines as u64);

    let alone = Place::sqlite();
    for text in &texts {
        let file = alone.file("one.csv", text);
        ingest(&alone, &[&file]);
    }
    assert_same(&export(place), &export(&alone), "at once and one after the other");
}

fn two_processes_ingest_files_that_share_companies(place: &Place) {
    at_once(place, 3_000, "100");
}

/// One of them finds the database empty and takes its indexes away for a while.
fn two_processes_begin_with_an_initial_load(place: &Place) {
    at_once(place, 12_000, "200000");
}

on_both! {
    four_processes_migrate_a_fresh_database
    four_processes_open_a_fresh_database
    two_processes_ingest_files_that_share_companies
    two_processes_begin_with_an_initial_load
}

/// The export of a database that is being written is one of whole batches, not an error.
#[test]
fn reading_goes_on_while_another_process_writes() {
    let place = Place::sqlite();
    let file = place.file("customers.csv", Customers::make(4_000, 22).csv("spaced"));
    done(&place, &["migrate", "up"]);
    let mut writing = start(&place, &["ingest", &file, "--batch-size", "100"]);
    let mut last = 0;
    while writing.try_wait().unwrap().is_none() {
        let lines = done(&place, &["export", "prospects"]).out.lines().count();
        assert!(lines >= last);
        last = lines;
    }
    all_succeed(vec![writing]);
}
