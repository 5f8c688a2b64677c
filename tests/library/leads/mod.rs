//! Leads: nested documents to tables, and what is asked of them.

mod api;
mod documents;
mod generated;
mod made;
mod traps;

use crate::use_it::Test;
use firmograph::leads::{Lead, LeadFilter, LeadReport, lead_options};
use firmograph::store::LEAD_TABLES;
use firmograph::{Hooks, IngestReport, RunStatus, Source, Timestamp};
use std::path::PathBuf;

/// Imports files as one run.
#[track_caller]
pub(crate) fn import_files(test: &mut Test<'_>, files: &[PathBuf]) -> (IngestReport, LeadReport) {
    let options = lead_options(Source::new("leads").unwrap());
    let (report, leads) = test.with(async |engine| {
        let mut hooks = Hooks {
            clock: &|| Timestamp::UNIX_EPOCH,
            progress: &mut |_| {},
            interrupted: Default::default(),
        };
        engine.import_leads(files, &options, &mut hooks).await.unwrap()
    });
    assert_eq!(report.status, RunStatus::Done);
    assert_eq!(leads.lost(), 0, "{:?}", leads.fields);
    (report, leads)
}

/// Imports one text as a file of this name.
#[track_caller]
pub(crate) fn import(test: &mut Test<'_>, name: &str, text: &str) -> (IngestReport, LeadReport) {
    let file = PathBuf::from(test.file(name, text));
    import_files(test, &[file])
}

/// Everything that is known of leads, and all that rests on them: golden records, joins that count, and the lead tables.
pub(crate) fn state(test: &mut Test<'_>) -> String {
    let mut all = test.export();
    let joins = test.with(async |engine| engine.joins(false).await.unwrap());
    let mut joins: Vec<String> = joins
        .iter()
        .map(|join| format!("{} {} -> {} ({})\n", join.entity, join.from_key, join.into_key, join.why))
        .collect();
    joins.sort();
    all.extend(joins);
    all.push_str(&tables(test));
    all
}

/// The lead tables, row by row.
pub(crate) fn tables(test: &mut Test<'_>) -> String {
    let mut all = String::new();
    for table in &LEAD_TABLES {
        for row in test.with(async |engine| engine.store().all_lead_rows(table).await.unwrap()) {
            all.push_str(&format!("{} {row:?}\n", table.name));
        }
    }
    all
}

pub(crate) fn leads(test: &mut Test<'_>) -> Vec<Lead> {
    let filter = LeadFilter { limit: 100_000, ..LeadFilter::default() };
    test.with(async |engine| engine.leads(&filter).await.unwrap())
}

#[track_caller]
pub(crate) fn lead(test: &mut Test<'_>, id: &str) -> Lead {
    test.with(async |engine| engine.lead(id).await.unwrap()).unwrap_or_else(|| panic!("no lead {id}"))
}

/// Takes a run back.
#[track_caller]
pub(crate) fn undo(test: &mut Test<'_>, run: i64) -> i64 {
    let now = Timestamp::UNIX_EPOCH;
    test.with(async |engine| engine.undo(run, false, now, &mut |_| {}).await.unwrap()).run
}

/// Nothing that is stored is other than it should be.
#[track_caller]
pub(crate) fn verify(test: &mut Test<'_>) {
    let mut differences = Vec::new();
    let now = Timestamp::UNIX_EPOCH;
    let mut sink = |difference| differences.push(difference);
    test.with(async |engine| engine.verify(now, &mut sink).await.unwrap());
    assert_eq!(differences, []);
}

/// Both states are the same; else the lines that only one of them has are shown.
#[track_caller]
pub(crate) fn assert_same(found: &str, expected: &str) {
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<std::collections::BTreeSet<String>>();
    let (one, other) = (lines(found), lines(expected));
    let only = |one: &std::collections::BTreeSet<String>, other: &std::collections::BTreeSet<String>| {
        one.difference(other).take(6).cloned().collect::<Vec<_>>().join("\n")
    };
    assert!(found == expected, "only found:\n{}\nonly expected:\n{}", only(&one, &other), only(&other, &one));
}
