//! What can be done to a database, tried and done, with all that it tells.

use super::pool::{self, TIMES};
use crate::use_it::{Test, options};
use firmograph::{
    Attribute, ChangeReport, Error, Flip, JoinRequest, LevelMapOptions, LookupEntry, NewPin, PriorityChange,
    RebuildOptions, Source, Timestamp, parse_observed_at, read_level_map,
};
use std::sync::atomic::AtomicBool;

pub(super) const NOW: Timestamp = Timestamp::UNIX_EPOCH;

/// Something that is done to a database.
#[derive(Debug, Clone)]
pub(super) enum Act {
    Ingest { source: &'static str, time: usize, lines: Vec<String>, batch_rows: usize },
    Undo(i64),
    RemoveSource(&'static str),
    SetPriority(Option<Attribute>, PriorityChange),
    ResetPriority(Option<Attribute>),
    Pin(NewPin),
    Unpin(Attribute, String),
    Lookup(Attribute, Vec<LookupEntry>),
    LevelMap(&'static str, bool),
    Join(JoinRequest),
    Part(i64),
    Rebuild,
}

/// What was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) run: i64,
    /// What a dry run and the real one must say alike.
    pub(super) said: String,
    /// `None` where golden values are not told one by one.
    pub(super) flips: Option<Vec<Flip>>,
}

fn told(change: ChangeReport, beside: &str, flips: Vec<Flip>) -> Told {
    let run = change.run;
    assert_eq!(change.flips, flips.len() as u64, "{change:?} {flips:#?}");
    let said = format!("{beside} {:?}", ChangeReport { run: 0, dry_run: false, ..change });
    Told { run, said, flips: Some(flips) }
}

pub(super) fn source(name: &str) -> Source {
    Source::new(name).unwrap()
}

impl Act {
    pub(super) fn run(&self, test: &mut Test<'_>, dry_run: bool) -> Result<Told, Error> {
        let mut flips = Vec::new();
        let mut sink = |flip| flips.push(flip);
        let sink = &mut sink;
        let (change, beside) = match self {
            Act::Ingest { source, time, lines, batch_rows } => {
                let mut options = options(source);
                options.observed_at = TIMES[*time].and_then(parse_observed_at);
                (options.dry_run, options.batch_rows) = (dry_run, *batch_rows);
                let report = test.ingest_with(&[&pool::file(lines)], &options);
                let said = format!("{:?} {:?} {:?}", report.tally, report.counters, report.files);
                return Ok(Told { run: report.run, said, flips: None });
            }
            Act::Undo(run) => {
                (test.drive(async |engine| engine.undo(*run, dry_run, NOW, sink).await)?, String::new())
            }
            Act::RemoveSource(name) => {
                let name = source(name);
                let work = async |engine: &mut firmograph::Engine| {
                    engine.remove_source(&name, dry_run, NOW, sink).await
                };
                (test.drive(work)?, String::new())
            }
            Act::SetPriority(attribute, change) => {
                let work = async |engine: &mut firmograph::Engine| {
                    engine.set_priority(*attribute, change, dry_run, NOW, sink).await
                };
                (test.drive(work)?, String::new())
            }
            Act::ResetPriority(attribute) => {
                let work = async |engine: &mut firmograph::Engine| {
                    engine.reset_priority(*attribute, dry_run, NOW, sink).await
                };
                (test.drive(work)?, String::new())
            }
            Act::Pin(pin) => {
                (test.drive(async |engine| engine.set_pin(pin, dry_run, NOW, sink).await)?, String::new())
            }
            Act::Unpin(attribute, key) => {
                let work = async |engine: &mut firmograph::Engine| {
                    engine.remove_pin(*attribute, key, dry_run, NOW, sink).await
                };
                (test.drive(work)?, String::new())
            }
            Act::Lookup(attribute, entries) => {
                let work = async |engine: &mut firmograph::Engine| {
                    engine.import_lookup(*attribute, entries, dry_run, NOW, sink).await
                };
                let import = test.drive(work)?;
                let said = (import.applied, import.unchanged, import.rematched);
                (import.change, format!("{:?} {said:?}", import.findings))
            }
            Act::LevelMap(text, replace) => {
                let rows = read_level_map(test.file("levels.csv", text).as_ref()).unwrap();
                let how = LevelMapOptions { replace: *replace, dry_run, ..LevelMapOptions::default() };
                let work = async |engine: &mut firmograph::Engine| {
                    engine.import_level_map(&rows, how, NOW, sink).await
                };
                let import = test.drive(work)?;
                (import.change, format!("{:?} {:?} {}", import.check, import.changes, import.rematched))
            }
            Act::Join(request) => {
                let work = async |engine: &mut firmograph::Engine| {
                    engine.join(std::slice::from_ref(request), "ada", dry_run, NOW, sink).await
                };
                (test.drive(work)?, String::new())
            }
            Act::Part(id) => {
                let work = async |engine: &mut firmograph::Engine| {
                    engine.undo_join(*id, "ada", dry_run, NOW, sink).await
                };
                (test.drive(work)?, String::new())
            }
            Act::Rebuild => {
                let (options, never) =
                    (RebuildOptions { dry_run, ..Default::default() }, AtomicBool::new(false));
                let work =
                    async |engine: &mut firmograph::Engine| engine.rebuild(&options, NOW, &never, sink).await;
                let report = test.drive(work)?;
                (report.change, format!("{:?} {}", report.status, report.slices_done))
            }
        };
        Ok(told(change, &beside, flips))
    }
}
