//! What was answered becomes observations: a run for each provider of a round.

use super::about::is_better_key;
use super::answer;
use super::provider::Subject;
use super::run::{Answers, Asked, Runner};
use crate::joined::KeyJoins;
use crate::lookups::Maps;
use crate::{Engine, Hooks, IngestOptions, JoinRequest};
use firmograph_core::{Error, Timestamp};
use firmograph_sources::{Input, Item};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

impl Runner<'_> {
    /// Reads the answers of a round into the database, a run for each provider, and looks at those anew who were spoken of.
    pub(super) async fn store(
        &mut self,
        engine: &mut Engine,
        all: &mut [Asked],
        answers: Answers,
        now: Timestamp,
        hooks: &Hooks<'_>,
    ) -> Result<(), Error> {
        let mut spoken_of = BTreeSet::new();
        let mut joins = BTreeMap::new();
        for (provider, taken) in answers {
            let mut items = Vec::new();
            for ((index, taken), number) in taken.into_iter().zip(1..) {
                spoken_of.insert(index);
                let subject = &all[index].subject;
                let into = taken.speaks_of;
                if let Some(into) = into.filter(|into| is_better_key(subject.kind, &subject.key, into)) {
                    let why = format!("{provider} was asked about the one and answered about the other");
                    let from_key = subject.key.as_str().into();
                    joins.insert(index, JoinRequest { kind: subject.kind, from_key, into_key: into, why });
                }
                items.push(answer::numbered(taken.item, number));
            }
            if let Err(error) = self.ingest(engine, &provider, items.clone(), now, hooks).await {
                // They were paid for: whoever called may store them yet.
                let lost = items.into_iter().filter_map(|item| match item {
                    Item::Record(record) => Some((provider.clone(), record.payload.into())),
                    _ => None,
                });
                self.report.not_stored.extend(lost);
                self.fail(error);
            }
        }
        if self.report.error.is_some() {
            return Ok(());
        }
        let mut known = KeyJoins::read(&mut engine.store).await?;
        for join in joins.into_values() {
            let groups = known.kind(join.kind);
            // They may count for one already, by the page that both have; this is no reason for a run.
            if groups.root(&join.from_key) == groups.root(&join.into_key) {
                continue;
            }
            // What somebody wants otherwise stays as it is.
            if let Ok(report) = engine.join(&[join], "waterfall", false, now, &mut |_| {}).await {
                self.report.runs.push(report.run);
                known = KeyJoins::read(&mut engine.store).await?;
            }
        }
        for index in spoken_of {
            let asked = &mut all[index];
            asked.entity = engine.entity_with(&known, asked.subject.kind, &asked.subject.key).await?;
            asked.subject = Subject::of(asked.subject.kind, &asked.subject.key, asked.entity.as_ref());
        }
        Ok(())
    }

    async fn ingest(
        &mut self,
        engine: &mut Engine,
        provider: &str,
        items: Vec<Item>,
        now: Timestamp,
        hooks: &Hooks<'_>,
    ) -> Result<(), Error> {
        let mut options = IngestOptions::new(answer::source(provider)?);
        options.open.source = Some(options.pipeline.source.clone());
        options.open.mappings.clone_from(&self.mappings);
        options.observed_at = Some(now);
        engine.maps = Maps::stored(&mut engine.store).await?;
        engine.maps.fill(&mut options.pipeline);
        let name = format!("answers of {provider}");
        let inputs = vec![Input::of_documents(&name, items)];
        // What was paid for is stored, interrupted or not.
        let mut quiet = Hooks { clock: hooks.clock, progress: &mut |_| {}, interrupted: Default::default() };
        let report = engine.ingest_inputs(&[PathBuf::from(name)], inputs, &options, &mut quiet).await?;
        self.report.runs.push(report.run);
        Ok(())
    }
}
