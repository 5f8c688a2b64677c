//! One batch in one transaction: payloads, dimensions, golden rows, rejects, counters and the checkpoint.

use crate::Engine;
use crate::batch::{Ready, State, Stored, Work};
use crate::ingest::{FileState, IngestOptions};
use crate::parallel;
use crate::pipeline::{Notices, PipelineOptions, observe};
use crate::reader::{Batch, Identified, Identity, header_id};
use crate::report::{Counters, MATCHABLE};
use firmograph_core::{
    Attribute, Dimension, EntityKind, Error, Field, Observation, PayloadId, Reject, RejectCode, Timestamp,
    entity_id,
};
use firmograph_store::{Payload, Tally};
use std::collections::HashSet;

/// Rows from which writing without indexes and building them afterwards is faster.
const LEAST_FOR_BULK: usize = 5_000;

impl Engine {
    pub(crate) async fn write_batch(
        &mut self,
        state: &mut FileState<'_>,
        batch: Batch,
        identity: &Identity,
        options: &IngestOptions,
        now: Timestamp,
    ) -> Result<(), Error> {
        // A dry run is one transaction from its first batch to its last.
        if !options.dry_run {
            self.store.begin().await?;
        }
        let written = self.write_rows(state, batch, identity, options, now).await;
        match written {
            Ok(()) if options.dry_run => Ok(()),
            Ok(()) => self.store.commit().await,
            Err(error) => {
                if !options.dry_run {
                    // The first error is the one to tell, whatever becomes of the rollback.
                    drop(self.store.rollback().await);
                }
                Err(error)
            }
        }
    }

    async fn write_rows(
        &mut self,
        state: &mut FileState<'_>,
        batch: Batch,
        identity: &Identity,
        options: &IngestOptions,
        now: Timestamp,
    ) -> Result<(), Error> {
        self.number_rows(state).await?;
        let Batch { mut records, mut rejects, blank, items, .. } = batch;
        let mut tally = Tally {
            read: records.len() as u64 + rejects.len() as u64 + blank,
            skipped: blank,
            ..Tally::default()
        };
        state.counters.blank_lines += blank;

        let is_empty = self.store.has_no_payloads().await?;
        tally.skipped += self.drop_known(&mut records, is_empty, state.counters).await?;
        let (mut told, observations) =
            tell(records, identity, &options.pipeline, &state.columns, state.counters);
        rejects.append(&mut told.rejects);
        rejects.sort_by_key(|reject| reject.position);
        tally.rejected = rejects.len() as u64;
        tally.accepted = told.payloads.len() as u64;

        if is_empty
            && !options.dry_run
            && told.payloads.len() >= LEAST_FOR_BULK
            && self.has_no_golden().await?
        {
            self.store.suspend_indexes().await?;
        }
        self.write_entities(&mut told, observations, options, now, state.counters, is_empty).await?;
        let mut payloads: Vec<_> = told.payloads.iter().collect();
        payloads.sort_unstable_by_key(|payload| payload.id);
        self.store.write_payloads(&payloads, &options.pipeline.source, state.file.id, now).await?;
        for reject in &rejects {
            *state.counters.rejects.entry(reject.code.code().to_owned()).or_default() += 1;
        }
        self.store.write_rejects(&rejects, state.run.id, state.file.id).await?;

        state.file.tally += tally;
        state.run.tally += tally;
        state.file.checkpoint += items as i64;
        if batch.is_last {
            state.file.status = "done".to_owned();
        }
        state.run.counters = serde_json::to_string(state.counters).unwrap_or_default();
        self.store.write_file(&state.file).await?;
        self.store.write_run(state.run).await?;
        Ok(())
    }

    /// Gives a new run and a new file their numbers, and keeps the file's header.
    async fn number_rows(&mut self, state: &mut FileState<'_>) -> Result<(), Error> {
        if state.run.id == 0 {
            state.run.id = self.store.write_run(state.run).await?;
        }
        if state.file.id == 0 {
            state.file.run_id = state.run.id;
            state.file.id = self.store.write_file(&state.file).await?;
            if let Some(header) = &state.file.header {
                self.store.write_header(header_id(header), header).await?;
            }
        }
        Ok(())
    }

    /// Drops records whose payload is known, or stands in the batch twice; gives how many.
    async fn drop_known(
        &mut self,
        records: &mut Vec<Identified>,
        is_empty: bool,
        counters: &mut Counters,
    ) -> Result<u64, Error> {
        let before = records.len();
        let mut seen: HashSet<PayloadId, ahash::RandomState> = HashSet::default();
        records.retain(|record| seen.insert(record.id));
        let distinct = records.len();
        if !is_empty && distinct > 0 {
            let ids: Vec<_> = records.iter().map(|record| record.id).collect();
            let known = self.store.known_payloads(&ids).await?;
            records.retain(|record| !known.contains(&record.id));
        }
        counters.repeated_payloads += (before - distinct) as u64;
        counters.known_payloads += (distinct - records.len()) as u64;
        Ok((before - records.len()) as u64)
    }

    async fn has_no_golden(&mut self) -> Result<bool, Error> {
        Ok(self.store.golden_count(EntityKind::Company).await? == 0
            && self.store.golden_count(EntityKind::Person).await? == 0)
    }

    async fn write_entities(
        &mut self,
        told: &mut Told,
        observations: Vec<Vec<Observation>>,
        options: &IngestOptions,
        now: Timestamp,
        counters: &mut Counters,
        is_empty: bool,
    ) -> Result<(), Error> {
        if told.companies.is_empty() && told.persons.is_empty() {
            return Ok(());
        }
        let companies = self.stored_companies(&told.companies, is_empty).await?;
        let persons = self.stored_persons(&told.persons, is_empty).await?;
        let mut stored: Vec<Vec<Dimension>> = Vec::new();
        for &attribute in Attribute::ALL {
            let known = match attribute.spec().entity {
                EntityKind::Company => &companies,
                EntityKind::Person => &persons,
            };
            let mut keys: Vec<&str> = known.keys().map(|key| &**key).collect();
            keys.sort_unstable();
            stored.push(self.store.dimensions(attribute, &keys).await?);
        }
        let golden_companies =
            self.with_employers(companies, &stored[Attribute::PersonCompany as usize]).await?;
        let work = Work {
            said: observations,
            stored,
            companies: std::mem::take(&mut told.companies),
            persons: std::mem::take(&mut told.persons),
            golden_companies,
            golden_persons: persons,
            options: options.pipeline.clone(),
            priorities: self.priorities.clone(),
        };
        let (mut ready, worker) = work.start();
        while let Some(ready) = ready.recv().await {
            match ready {
                Ready::Dimension(attribute, rows) => {
                    if MATCHABLE.contains(&attribute) && rows.unmatched > 0 {
                        *counters.unmatched.entry(attribute.spec().name.to_owned()).or_default() +=
                            rows.unmatched;
                    }
                    self.store
                        .write_dimensions(attribute, &rows.of(State::New), &rows.of(State::Changed), now)
                        .await?;
                }
                Ready::Golden(kind, rows) => {
                    let (new, changed): (Vec<_>, Vec<_>) =
                        (rows.new.iter().collect(), rows.changed.iter().collect());
                    self.store.write_golden(kind, &new, &changed, now).await?;
                    counters.wrote(kind, new.len(), changed.len());
                }
            }
        }
        if let Err(panic) = worker.join() {
            std::panic::resume_unwind(panic);
        }
        Ok(())
    }

    async fn stored_companies(&mut self, keys: &[Box<str>], is_empty: bool) -> Result<Stored, Error> {
        // Payloads tell nothing about rows of another system: those are looked for too, unless there is no row at all.
        if is_empty && self.store.golden_count(EntityKind::Company).await? == 0 {
            return Ok(Stored::default());
        }
        let keys: Vec<&str> = keys.iter().map(|key| &**key).collect();
        let rows = self.store.golden(EntityKind::Company, &keys).await?;
        Ok(rows.into_iter().map(|row| (row.key.clone(), row)).collect())
    }

    async fn stored_persons(&mut self, keys: &[Box<str>], is_empty: bool) -> Result<Stored, Error> {
        if is_empty && self.store.golden_count(EntityKind::Person).await? == 0 {
            return Ok(Stored::default());
        }
        // Another system's prospect has its e-mail for an id.
        let ids: Vec<String> = keys.iter().map(|key| entity_id(EntityKind::Person, key)).collect();
        let both: Vec<&str> = ids.iter().map(String::as_str).chain(keys.iter().map(|key| &**key)).collect();
        let rows = self.store.golden(EntityKind::Person, &both).await?;
        let mut by_id: Stored = rows.into_iter().map(|row| (row.key.clone(), row)).collect();
        let found = keys.iter().zip(&ids).filter_map(|(key, id)| {
            let row = by_id.remove(id.as_str()).or_else(|| by_id.remove(key))?;
            Some((key.clone(), row))
        });
        Ok(found.collect())
    }

    /// `companies`, and those for which a touched person worked before this batch: the person's golden row may still
    /// refer to them.
    async fn with_employers(&mut self, mut companies: Stored, jobs: &[Dimension]) -> Result<Stored, Error> {
        let keys = jobs.iter().filter_map(|row| row.matched()?.columns.first()?.as_text());
        let mut missing: Vec<&str> = keys.filter(|key| !companies.contains_key(*key)).collect();
        missing.sort_unstable();
        missing.dedup();
        let rows = self.store.golden(EntityKind::Company, &missing).await?;
        companies.extend(rows.into_iter().map(|row| (row.key.clone(), row)));
        Ok(companies)
    }
}

/// What the records of a batch say.
struct Told {
    payloads: Vec<Payload>,
    /// Keys of touched companies, sorted.
    companies: Vec<Box<str>>,
    /// Keys of touched persons, sorted.
    persons: Vec<Box<str>>,
    rejects: Vec<Reject>,
}

/// Gives every record its meaning, on all cores; the observations come by attribute, in the order of the list.
fn tell(
    records: Vec<Identified>,
    identity: &Identity,
    options: &PipelineOptions,
    columns: &[(Field, String)],
    counters: &mut Counters,
) -> (Told, Vec<Vec<Observation>>) {
    let mut told = Told {
        payloads: Vec::with_capacity(records.len()),
        companies: Vec::new(),
        persons: Vec::new(),
        rejects: Vec::new(),
    };
    let mut observations: Vec<Vec<Observation>> = Attribute::ALL.iter().map(|_| Vec::new()).collect();
    let chunks = parallel::map(parallel::chunks(&records), |records| {
        records
            .iter()
            .map(|Identified { record, id, observed_at }| observe(&record.fields, *id, *observed_at, options))
            .collect::<Vec<_>>()
    });
    for (Identified { record, id, observed_at }, observed) in
        records.into_iter().zip(chunks.into_iter().flatten())
    {
        match observed {
            Ok(observed) => {
                count(observed.notices, counters);
                told.companies.extend(observed.company);
                told.persons.extend(observed.person);
                for observation in observed.observations {
                    observations[observation.attribute as usize].push(observation);
                }
                told.payloads.push(Payload {
                    id,
                    header: identity.header,
                    observed_at,
                    body: record.payload,
                    line: record.position.line,
                });
            }
            Err(no_key) => {
                let named = |field| {
                    columns.iter().find(|(known, _)| *known == field).map(|(_, column)| column.clone())
                };
                told.rejects.push(Reject {
                    code: RejectCode::NoKey,
                    position: record.position,
                    column: no_key.field.and_then(named),
                    cause: no_key.cause,
                    original: record.payload.as_bytes().to_vec(),
                });
            }
        }
    }
    for keys in [&mut told.companies, &mut told.persons] {
        keys.sort_unstable();
        keys.dedup();
    }
    (told, observations)
}

fn count(notices: Notices, counters: &mut Counters) {
    counters.unusable_emails += u64::from(notices.unusable_email);
    counters.free_mail += u64::from(notices.free_mail);
    counters.role_mailboxes += u64::from(notices.role_mailbox);
    counters.without_company += u64::from(notices.without_company);
    counters.without_person += u64::from(notices.without_person);
    counters.repaired_domains += u64::from(notices.repaired_domain);
    counters.placeholders += u64::from(notices.placeholders);
}
