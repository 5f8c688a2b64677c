//! A database as Python's `Store` has it: each method lets the engine do one thing while the interpreter is free, and
//! gives JSON text. `firmograph/store.py` shapes it.

use crate::engine::{json, now};
use crate::errors::{guarded, raised};
use crate::location::Location;
use crate::running::{Ear, Ended, Running, Told, Wait};
use crate::running_work::open_telling;
use crate::store_quality;
use crate::store_rows;
use firmograph::sources::Mapping;
use firmograph::{
    Clock, Engine, EntityKind, Error, ErrorKind, Hooks, IngestOptions, MaxRejects, Progress, Source,
    entity_json, parse_observed_at,
};
use pyo3::prelude::*;
use serde_json::{Value, json};
use std::path::PathBuf;

/// A database, opened when it is first needed.
#[pyclass(frozen, module = "firmograph._firmograph")]
pub(crate) struct StoreCore {
    running: Running,
}

/// Python, waiting.
pub(crate) struct Waiting<'py, 'c> {
    pub(crate) py: Python<'py>,
    pub(crate) progress: Option<&'c Bound<'py, PyAny>>,
}

impl Wait for Waiting<'_, '_> {
    type Left = PyErr;

    fn block<T: Send>(&mut self, work: impl FnOnce() -> T + Send) -> T {
        self.py.detach(work)
    }

    fn go_on(&mut self) -> PyResult<()> {
        self.py.check_signals()
    }

    fn hear(&mut self, told: Told) -> PyResult<()> {
        let Some(progress) = self.progress else { return Ok(()) };
        let Told { path, bytes, size, tally } = told;
        let counts = (tally.read, tally.accepted, tally.rejected, tally.skipped);
        progress.call1((path, bytes, size, counts.0, counts.1, counts.2, counts.3)).map(drop)
    }
}

/// What came of a work, as text, or as the exception that it ends with.
pub(crate) fn answer(py: Python<'_>, ended: Ended<PyErr>) -> PyResult<String> {
    match ended {
        Ended::Done(Ok(value)) => Ok(value.to_string()),
        Ended::Done(Err(error)) => Err(raised(py, &error)),
        Ended::Left(error) => Err(error),
        Ended::Stopped => {
            let error =
                Error::new(ErrorKind::Interrupted, "interrupted", "the work was stopped from elsewhere")
                    .with_help("an ingest goes on with resume=True");
            Err(raised(py, &error))
        }
    }
}

impl StoreCore {
    pub(crate) fn run(
        &self,
        py: Python<'_>,
        work: impl AsyncFnOnce(&mut Engine) -> Result<Value, Error> + Send + 'static,
    ) -> PyResult<String> {
        guarded(|| {
            let mut waiting = Waiting { py, progress: None };
            let ended =
                self.running.run(&mut waiting, async move |engine: &mut Engine, _: &_| work(engine).await);
            answer(py, ended)
        })
    }
}

#[pymethods]
impl StoreCore {
    #[new]
    fn new(url: &str) -> Self {
        StoreCore { running: Running::new(url) }
    }

    #[getter]
    fn url(&self) -> &str {
        self.running.location().given()
    }

    /// The URL that names the same database in another folder; none of one in memory.
    #[getter]
    fn absolute_url(&self) -> Option<&str> {
        let location = self.running.location();
        (!location.is_memory()).then(|| location.url())
    }

    /// The URL without secrets.
    #[getter]
    fn shown(&self) -> String {
        self.running.location().shown()
    }

    fn open(&self, py: Python<'_>) -> PyResult<String> {
        self.run(py, async |_| Ok(Value::Null))
    }

    /// Closes it; in haste, without waiting for a work that was stopped and will close it.
    fn close(&self, py: Python<'_>, haste: bool) -> PyResult<String> {
        if haste && self.running.is_stopping() {
            return Ok("null".to_owned());
        }
        answer(py, self.running.close(&mut Waiting { py, progress: None }))
    }

    fn interrupt(&self) {
        self.running.stop();
    }

    fn migrate(&self, py: Python<'_>) -> PyResult<String> {
        let ended = self.running.drive(
            &mut Waiting { py, progress: None },
            async |engine: &mut Option<Engine>, location: &Location, _: &_| {
                let mut applied = Vec::new();
                // An engine is up to date from the moment that it is open.
                if engine.is_some() {
                    location.check_in_place()?;
                } else {
                    let (opened, pending) = open_telling(location).await?;
                    (*engine, applied) = (Some(opened), pending);
                }
                let versions = match engine {
                    Some(engine) => engine.store().migrations().await?,
                    None => Vec::new(),
                };
                let version = versions.iter().filter(|one| one.applied).map(|one| one.version).max();
                Ok(json!({ "version": version, "applied": applied }))
            },
        );
        answer(py, ended)
    }

    #[expect(clippy::too_many_arguments, reason = "they are keywords in Python")]
    #[pyo3(signature = (paths, source, mappings, dry_run, max_rejects, max_percent, resume, batch_size, observed_at,
        repair_domains, progress))]
    fn ingest(
        &self,
        py: Python<'_>,
        paths: Vec<PathBuf>,
        source: &str,
        mappings: Vec<PathBuf>,
        dry_run: bool,
        max_rejects: Option<u64>,
        max_percent: Option<f64>,
        resume: bool,
        batch_size: Option<usize>,
        observed_at: Option<&str>,
        repair_domains: bool,
        progress: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<String> {
        let options = || -> Result<IngestOptions, Error> {
            let mut options = IngestOptions::new(Source::new(source)?);
            options.open.mappings =
                mappings.iter().map(|path| Mapping::from_path(path)).collect::<Result<_, _>>()?;
            options.observed_at = observed_at.map(time).transpose()?;
            options.max_rejects = max_rejects.map(MaxRejects::Count).or(max_percent.map(MaxRejects::Percent));
            options.pipeline.repair_domains = repair_domains;
            options.batch_rows = batch_size.unwrap_or(options.batch_rows);
            (options.dry_run, options.resume) = (dry_run, resume);
            Ok(options)
        };
        let options = options().map_err(|error| raised(py, &error))?;
        let mut waiting = Waiting { py, progress };
        let ended = self.running.run(&mut waiting, async move |engine: &mut Engine, ear: &Ear| {
            let mut heard = |progress: Progress<'_>| ear.tell(&progress);
            let clock: &Clock = &now;
            let interrupted = ear.interrupted.clone();
            let mut hooks = Hooks { clock, progress: &mut heard, interrupted };
            let report = engine.ingest(&paths, &options, &mut hooks).await?;
            if !options.dry_run && report.counters.changes() > 0 {
                engine.store().refresh_views().await?;
            }
            json(&report)
        });
        answer(py, ended)
    }

    /// Rows of `kind`, each said by `source` or by whom it names: the count, and what became of those of each source.
    #[pyo3(signature = (kind, rows, source))]
    fn insert(
        &self,
        py: Python<'_>,
        kind: &str,
        rows: &Bound<'_, PyAny>,
        source: Option<&str>,
    ) -> PyResult<String> {
        let kind = entity(kind);
        let source = source.map(Source::new).transpose().map_err(|error| raised(py, &error))?;
        let (count, by_source) = guarded(|| store_rows::read(kind, rows, source.as_ref()))?;
        self.run(py, async move |engine| {
            let mut reports = Vec::new();
            for (source, rows) in by_source {
                let (name, clock): (_, &Clock) = (source.to_string(), &now);
                let mut hooks = Hooks { clock, progress: &mut |_| {}, interrupted: Default::default() };
                let report = engine.insert_rows(kind, rows, source, &mut hooks).await?;
                reports.push(json!({ "source": name, "report": json(&report)? }));
            }
            Ok(json!({ "count": count, "reports": reports }))
        })
    }

    fn entity(&self, py: Python<'_>, kind: &str, key: String) -> PyResult<String> {
        let kind = entity(kind);
        self.run(py, async move |engine| {
            Ok(engine.find(kind, &key).await?.map_or(Value::Null, |found| Value::Object(entity_json(&found))))
        })
    }

    fn golden_company(&self, py: Python<'_>, domain: String) -> PyResult<String> {
        self.run(py, async move |engine| {
            Ok(engine.golden_company(&domain).await?.map_or(Value::Null, Value::Object))
        })
    }

    #[pyo3(signature = (key, attribute))]
    fn explain(&self, py: Python<'_>, key: String, attribute: Option<String>) -> PyResult<String> {
        self.run(py, async move |engine| Ok(Value::from(engine.explain(&key, attribute.as_deref()).await?)))
    }

    fn refresh_views(&self, py: Python<'_>) -> PyResult<String> {
        self.run(py, async |engine| engine.store().refresh_views().await.map(|()| Value::Null))
    }

    fn facts(&self, py: Python<'_>) -> PyResult<String> {
        self.run(py, async |engine| {
            let facts = engine.store().server_facts().await?;
            Ok(json!({
                "database_name": facts.database, "user_name": facts.user, "version": facts.version,
                "tables": facts.tables,
            }))
        })
    }

    fn counts(&self, py: Python<'_>) -> PyResult<String> {
        self.run(py, async |engine| {
            let counts = engine.store().row_counts().await?;
            Ok(json!({ "companies": counts.companies, "prospects": counts.prospects }))
        })
    }

    fn view_count(&self, py: Python<'_>) -> PyResult<String> {
        self.run(py, async |engine| Ok(json!(engine.store().view_count().await?)))
    }

    fn runs(&self, py: Python<'_>, limit: usize) -> PyResult<String> {
        self.run(py, async move |engine| json(&engine.store().runs(limit).await?))
    }

    #[pyo3(signature = (run))]
    fn rejects(&self, py: Python<'_>, run: Option<i64>) -> PyResult<String> {
        self.run(py, async move |engine| {
            let rejects = engine.rejects(run).await?.into_iter().map(|reject| {
                json!({
                    "run": reject.run_id, "path": reject.path, "record": reject.record, "line": reject.line,
                    "code": reject.code, "column": reject.column, "cause": reject.cause,
                    "original": String::from_utf8_lossy(&reject.original),
                })
            });
            Ok(rejects.collect())
        })
    }

    fn undo(&self, py: Python<'_>, run: i64, dry_run: bool) -> PyResult<String> {
        self.run(py, async move |engine| json(&engine.undo(run, dry_run, now(), &mut |_| {}).await?))
    }

    fn verify(&self, py: Python<'_>) -> PyResult<String> {
        self.run(py, async |engine| {
            let mut differences = Vec::new();
            let report = engine.verify(now(), &mut |difference| differences.push(json(&difference))).await?;
            let differences = differences.into_iter().collect::<Result<Vec<_>, _>>()?;
            Ok(json!({ "payloads": report.payloads, "differences": differences }))
        })
    }

    #[pyo3(signature = (key, as_of))]
    fn quality(&self, py: Python<'_>, key: String, as_of: Option<String>) -> PyResult<String> {
        self.run(py, async move |engine| store_quality::show(engine, &key, as_of.as_deref()).await)
    }

    #[pyo3(signature = (by, as_of, source))]
    fn quality_report(
        &self,
        py: Python<'_>,
        by: String,
        as_of: Option<String>,
        source: Option<String>,
    ) -> PyResult<String> {
        self.run(py, async move |engine| {
            store_quality::report(engine, &by, as_of.as_deref(), source.as_deref()).await
        })
    }

    #[pyo3(signature = (min, max_null, source, as_of))]
    fn check_quality(
        &self,
        py: Python<'_>,
        min: Vec<String>,
        max_null: Vec<String>,
        source: Option<String>,
        as_of: Option<String>,
    ) -> PyResult<String> {
        self.run(py, async move |engine| {
            store_quality::check(engine, [min, max_null], source.as_deref(), as_of.as_deref()).await
        })
    }

    #[pyo3(signature = (as_of))]
    fn refresh_quality(&self, py: Python<'_>, as_of: Option<String>) -> PyResult<String> {
        self.run(py, async move |engine| store_quality::refresh(engine, as_of.as_deref()).await)
    }

    #[pyo3(signature = (envelopes, source, observed_at, dry_run))]
    fn import_documents(
        &self,
        py: Python<'_>,
        envelopes: Vec<(String, Option<String>)>,
        source: &str,
        observed_at: Option<&str>,
        dry_run: bool,
    ) -> PyResult<String> {
        self.import_envelopes(py, envelopes, source, observed_at, dry_run)
    }

    #[pyo3(signature = (key, kind))]
    fn documents(&self, py: Python<'_>, key: String, kind: Option<String>) -> PyResult<String> {
        self.documents_of(py, key, kind)
    }

    #[pyo3(signature = (kind, contains, of, limit))]
    fn find_documents(
        &self,
        py: Python<'_>,
        kind: String,
        contains: String,
        of: Option<&str>,
        limit: usize,
    ) -> PyResult<String> {
        self.documents_containing(py, kind, contains, of, limit)
    }

    fn stats(&self, py: Python<'_>, accuracy_rows: usize) -> PyResult<String> {
        self.stats_now(py, accuracy_rows)
    }

    fn prometheus(&self, py: Python<'_>, accuracy_rows: usize) -> PyResult<String> {
        self.prometheus_now(py, accuracy_rows)
    }

    /// What a figure shows.
    fn figure(&self, py: Python<'_>, name: String) -> PyResult<String> {
        self.run(py, async move |engine| match name.as_str() {
            "coverage" => json(&engine.coverage().await?),
            "source_overlap" => json(&engine.source_overlap().await?),
            "level_funnel" => json(&engine.level_funnel().await?),
            "provenance" => json(&engine.wins().await?),
            other => {
                let message = format!("there is no figure {other:?}");
                Err(Error::new(ErrorKind::Usage, "unknown-figure", message)
                    .with_help("coverage, source_overlap, level_funnel or provenance"))
            }
        })
    }
}

pub(crate) fn entity(kind: &str) -> EntityKind {
    if kind == EntityKind::Company.name() { EntityKind::Company } else { EntityKind::Person }
}

pub(crate) fn time(text: &str) -> Result<firmograph::Timestamp, Error> {
    parse_observed_at(text).ok_or_else(|| {
        Error::new(ErrorKind::Usage, "observed-at", format!("{text:?} is not a date"))
            .with_help("write 2026-01-31 or 2026-01-31T12:00:00Z")
    })
}
