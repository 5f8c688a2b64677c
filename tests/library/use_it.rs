//! An engine, driven without ceremony.

use crate::common::Place;
use firmograph::{
    Engine, EntityKind, ExportOptions, Hooks, IngestOptions, IngestReport, LevelMapImport, LevelMapOptions,
    RunStatus, Source, Timestamp,
};
use serde_json::{Map, Value};
use std::path::PathBuf;

/// An engine on a database, and the folder of its files.
pub(crate) struct Test<'p> {
    place: &'p Place,
    pub(crate) engine: Engine,
    pub(crate) runtime: tokio::runtime::Runtime,
}

pub(crate) fn options(source: &str) -> IngestOptions {
    IngestOptions::new(Source::new(source).unwrap())
}

impl<'p> Test<'p> {
    pub(crate) fn new(place: &'p Place) -> Self {
        Self::at(place, &place.url())
    }

    pub(crate) fn in_memory(place: &'p Place) -> Self {
        Self::at(place, "sqlite::memory:")
    }

    fn at(place: &'p Place, url: &str) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let engine = runtime.block_on(Engine::open(url)).unwrap();
        Test { place, engine, runtime }
    }

    /// Ingests texts, each as a file, in one run; its counts must add up.
    #[track_caller]
    pub(crate) fn ingest_with(&mut self, texts: &[&str], options: &IngestOptions) -> IngestReport {
        let name = |index: usize| format!("{}-{index}.csv", options.pipeline.source);
        let files = texts.iter().enumerate();
        let files: Vec<PathBuf> =
            files.map(|(index, text)| self.place.file(&name(index), text).into()).collect();
        let mut hooks = Hooks {
            clock: &|| Timestamp::UNIX_EPOCH,
            progress: &mut |_| {},
            interrupted: Default::default(),
        };
        let report = self.runtime.block_on(self.engine.ingest(&files, options, &mut hooks)).unwrap();
        assert_eq!(report.status, RunStatus::Done);
        for tally in report.files.iter().map(|file| file.tally).chain([report.tally]) {
            assert_eq!(tally.read, tally.accepted + tally.rejected + tally.skipped, "{report:?}");
        }
        report
    }

    #[track_caller]
    pub(crate) fn ingest(&mut self, source: &str, text: &str) -> IngestReport {
        self.ingest_with(&[text], &options(source))
    }

    /// Lets the engine do something.
    pub(crate) fn drive<T>(&mut self, work: impl AsyncFnOnce(&mut Engine) -> T) -> T {
        self.runtime.block_on(work(&mut self.engine))
    }

    /// Writes a file into the folder and gives its path.
    pub(crate) fn file(&self, name: &str, text: &str) -> String {
        self.place.file(name, text)
    }

    /// Imports a map of titles to levels.
    #[track_caller]
    pub(crate) fn import_map(&mut self, text: &str, options: LevelMapOptions) -> LevelMapImport {
        let rows = firmograph::read_level_map(self.place.file("map.csv", text).as_ref()).unwrap();
        let now = Timestamp::UNIX_EPOCH;
        self.runtime.block_on(self.engine.import_level_map(&rows, options, now, &mut |_| {})).unwrap()
    }

    /// The map as it is stored.
    pub(crate) fn stored_map(&mut self) -> Vec<firmograph::store::MappedLevel> {
        self.runtime.block_on(self.engine.store().level_map()).unwrap()
    }

    /// Golden rows of one kind.
    pub(crate) fn golden(&mut self, kind: EntityKind) -> Vec<Map<String, Value>> {
        let mut rows = Vec::new();
        let mut sink = |row| {
            rows.push(row);
            Ok(())
        };
        self.runtime.block_on(self.engine.export(kind, ExportOptions::default(), &mut sink)).unwrap();
        rows
    }

    pub(crate) fn companies(&mut self) -> Vec<Map<String, Value>> {
        self.golden(EntityKind::Company)
    }

    pub(crate) fn prospects(&mut self) -> Vec<Map<String, Value>> {
        self.golden(EntityKind::Person)
    }

    /// Does something with the engine.
    pub(crate) fn with<T>(&mut self, task: impl AsyncFnOnce(&mut Engine) -> T) -> T {
        self.runtime.block_on(task(&mut self.engine))
    }

    /// Everything that an export holds.
    pub(crate) fn export(&mut self) -> String {
        let rows = self.companies().into_iter().chain(self.prospects());
        rows.map(|row| Value::Object(row).to_string() + "\n").collect()
    }

    pub(crate) fn runs(&mut self) -> Vec<firmograph::store::Run> {
        self.runtime.block_on(self.engine.store().runs(100)).unwrap()
    }

    /// Files of the newest run.
    pub(crate) fn files(&mut self) -> Vec<firmograph::store::RunFile> {
        let run = self.runs()[0].id;
        self.runtime.block_on(self.engine.store().files(Some(run))).unwrap()
    }

    pub(crate) fn rejects(&mut self) -> usize {
        self.runtime.block_on(self.engine.rejects(None)).unwrap().len()
    }

    /// What `explain` says about one attribute of one company or person.
    #[track_caller]
    pub(crate) fn explain(&mut self, kind: EntityKind, key: &str, attribute: &str) -> Value {
        let entity = self.runtime.block_on(self.engine.entity(kind, key)).unwrap().unwrap();
        let attribute = firmograph::Attribute::from_name(attribute).unwrap();
        firmograph::explain_json(&entity, Some(attribute)).remove(0)
    }
}
