//! A dry run is the real thing, rolled back.

use crate::common::Place;
use crate::common::customers::Customers;
use crate::on_both;
use crate::use_it::{Test, options};

fn tells_what_a_real_run_does_and_leaves_nothing(place: &Place) {
    let (known, new) = (Customers::make(300, 41), Customers::make(600, 42));
    let (known, new) = (known.csv("spaced"), new.csv("spaced"));
    let mut test = Test::new(place);
    for batch_rows in [50, 200_000] {
        let mut dry = options("csv");
        dry.dry_run = true;
        dry.batch_rows = batch_rows;
        let real = {
            let mut real = dry.clone();
            real.dry_run = false;
            real
        };
        let before = (test.export(), test.runs(), test.rejects());
        let text = if batch_rows == 50 { &known } else { &new };
        let told = test.ingest_with(&[text], &dry);
        assert_eq!((told.run, told.dry_run), (0, true));
        assert_eq!((test.export(), test.runs(), test.rejects()), before, "nothing is left");
        let done = test.ingest_with(&[text], &real);
        assert_eq!((told.tally, &told.counters), (done.tally, &done.counters));
        assert_eq!(told.files, done.files);
        assert!(done.tally.accepted > 0 && done.counters.new_companies > 0);
    }
}

on_both! { tells_what_a_real_run_does_and_leaves_nothing }
