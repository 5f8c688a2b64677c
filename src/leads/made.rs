//! Documents that stand in no file: those of an upload, and what was found out about one lead. They are ingested in one transaction.

use super::import::LEAD_SOURCE;
use super::lead_options;
use crate::lookups::Maps;
use crate::report::RunStatus;
use crate::{Engine, Hooks, IngestOptions, IngestReport};
use firmograph_core::{Error, ErrorKind, Field, FieldSet, PayloadId, Position, Source, Timestamp};
use firmograph_sources::{Extractor, Input, Item, Record};
use serde_json::Value;
use std::path::PathBuf;

/// Documents, and how they are ingested.
pub(crate) struct Made {
    pub(crate) options: IngestOptions,
    extractor: Extractor,
    pub(crate) items: Vec<Item>,
}

impl Made {
    pub(crate) fn new() -> Result<Self, Error> {
        let source = Source::new(LEAD_SOURCE)?;
        let extractor = Extractor::for_documents(&[], Some(&source));
        let mut options = lead_options(source.clone());
        options.open.source = Some(source);
        // One transaction from the first batch to the end: what a dry run is, but for the end.
        options.dry_run = true;
        Ok(Made { options, extractor, items: Vec::new() })
    }

    /// Adds a document; gives the identity of its payload.
    pub(crate) fn add(
        &mut self,
        document: &Value,
        position: Position,
        observed_at: Option<Timestamp>,
    ) -> Result<PayloadId, Error> {
        let payload: Box<str> = document.to_string().into();
        let mut sets = self.extractor.extract(&payload)?.into_iter();
        let fields = sets.next().unwrap_or_else(|| FieldSet::from_iter(std::iter::empty::<(Field, &str)>()));
        let identity = crate::reader::Identity {
            source: self.options.pipeline.source.clone(),
            header: None,
            observed_at: self.options.observed_at,
        };
        let id = identity.payload_id(&payload, observed_at);
        self.items.push(Item::Record(Record { position, payload, fields, also: sets.collect() }));
        Ok(id)
    }
}

impl Engine {
    /// Begins a transaction and ingests the documents in it. Every path from here must end in [`Engine::end_made`].
    pub(crate) async fn begin_made(
        &mut self,
        name: &str,
        made: Made,
        now: Timestamp,
    ) -> Result<IngestReport, Error> {
        let Made { mut options, items, .. } = made;
        self.maps = Maps::stored(&mut self.store).await?;
        self.maps.fill(&mut options.pipeline);
        self.store.begin().await?;
        let clock = move || now;
        let mut progress = |_: crate::Progress<'_>| {};
        let mut hooks = Hooks { clock: &clock, progress: &mut progress, interrupted: Default::default() };
        let inputs = vec![Input::of_documents(name, items)];
        let report = self.ingest_inputs(&[PathBuf::from(name)], inputs, &options, &mut hooks).await;
        if report.is_err() {
            drop(self.store.rollback().await);
        }
        report
    }

    /// Ends it: commits it with its run, or rolls it back where what followed failed.
    pub(crate) async fn end_made<T>(
        &mut self,
        report: &IngestReport,
        done: Result<T, Error>,
        now: Timestamp,
    ) -> Result<T, Error> {
        let ended = async {
            let done = done?;
            if let Some(mut run) = self.store.run(report.run).await? {
                run.status = RunStatus::Done.name().to_owned();
                run.finished_at = Some(now);
                run.counters = serde_json::to_string(&report.counters).unwrap_or_default();
                self.store.write_run(&run).await?;
            }
            Ok(done)
        };
        match ended.await {
            Ok(done) => {
                self.store.commit().await?;
                self.store.refresh_views().await?;
                Ok(done)
            }
            Err(error) => {
                // The first error is the one to tell.
                drop(self.store.rollback().await);
                Err(error)
            }
        }
    }
}

pub(crate) fn usage(code: &'static str, message: impl Into<String>, help: impl Into<String>) -> Error {
    Error::new(ErrorKind::Usage, code, message.into()).with_help(help.into())
}
