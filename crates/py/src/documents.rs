//! Intelligence documents and stats, as Python's `Store` has them.

use crate::engine::{json, now};
use crate::errors::raised;
use crate::store::{StoreCore, entity, time};
use firmograph::documents::{DocumentOptions, GivenDocument};
use firmograph::{Clock, Error, Hooks, Source, StatsOptions, prometheus_text};
use pyo3::prelude::*;
use serde_json::Value;

impl StoreCore {
    /// Documents, each as the JSON of its envelope, or as it can be shown and what is wrong with it.
    pub(crate) fn import_envelopes(
        &self,
        py: Python<'_>,
        envelopes: Vec<(String, Option<String>)>,
        source: &str,
        observed_at: Option<&str>,
        dry_run: bool,
    ) -> PyResult<String> {
        let options = || -> Result<DocumentOptions, Error> {
            let mut options = DocumentOptions::new(Source::new(source)?);
            options.observed_at = observed_at.map(time).transpose()?;
            options.dry_run = dry_run;
            Ok(options)
        };
        let options = options().map_err(|error| raised(py, &error))?;
        let given = envelopes.into_iter().map(|(text, wrong)| match wrong {
            None => GivenDocument::Envelope(text),
            Some(cause) => GivenDocument::Unreadable { cause, original: text },
        });
        let given: Vec<GivenDocument> = given.collect();
        self.run(py, async move |engine| {
            let clock: &Clock = &now;
            let mut hooks = Hooks { clock, progress: &mut |_| {}, interrupted: Default::default() };
            json(&engine.import_document_rows("Store.import_documents", given, &options, &mut hooks).await?)
        })
    }

    pub(crate) fn documents_of(&self, py: Python<'_>, key: String, kind: Option<String>) -> PyResult<String> {
        self.run(py, async move |engine| match engine.documents(&key, kind.as_deref()).await {
            Ok(documents) => json(&documents),
            Err(error) if error.code() == "unknown-key" => Ok(Value::Null),
            Err(error) => Err(error),
        })
    }

    pub(crate) fn documents_containing(
        &self,
        py: Python<'_>,
        kind: String,
        contains: String,
        of: Option<&str>,
        limit: usize,
    ) -> PyResult<String> {
        let of = of.map(entity);
        self.run(py, async move |engine| json(&engine.find_documents(&kind, of, &contains, limit).await?))
    }

    pub(crate) fn stats_now(&self, py: Python<'_>, accuracy_rows: usize) -> PyResult<String> {
        let options = StatsOptions { accuracy_rows, ..StatsOptions::default() };
        self.run(py, async move |engine| json(&engine.stats_with(now(), &options).await?))
    }

    pub(crate) fn prometheus_now(&self, py: Python<'_>, accuracy_rows: usize) -> PyResult<String> {
        let options = StatsOptions { accuracy_rows, ..StatsOptions::default() };
        self.run(py, async move |engine| {
            Ok(prometheus_text(&engine.stats_with(now(), &options).await?).into())
        })
    }
}
