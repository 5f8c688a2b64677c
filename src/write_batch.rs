//! One batch: payloads, dimensions, golden rows, rejects, counters and the checkpoint, so that a crash at any moment loses
//! nothing and counts nothing twice.
//!
//! A small batch is one transaction. On PostgreSQL a large one is written in two parts over two connections, because one
//! backend keeps one core busy. No company and no person is in both parts, so neither waits for the other. The second part
//! commits first; the checkpoint and the counts commit with the first part. A crash in between leaves payloads of this
//! very file and line behind, which the resumed run counts as accepted without writing them again.

use crate::Engine;
use crate::collect::{Batch, Content};
use crate::ingest::{FileState, IngestOptions};
use crate::joined::KeyJoins;
use crate::part::{Told, part};
use crate::reader::header_id;
use crate::report::Counters;
use crate::tell::Teller;
use crate::write_part::{Context, write_part};
use firmograph_core::{EntityKind, Error, ErrorKind, PayloadId, Reject, Source, Timestamp};
use firmograph_store::{KnownPayloads, Payload, Run, Store, Tally};
use std::collections::HashSet;
use std::sync::Arc;

/// Rows from which two connections, and indexes built afterwards, are faster.
const LARGE: usize = 5_000;

impl Engine {
    pub(crate) async fn write_batch(
        &mut self,
        state: &mut FileState<'_>,
        batch: Batch,
        teller: &Teller,
        options: &IngestOptions,
        now: Timestamp,
    ) -> Result<(), Error> {
        if options.dry_run {
            // A dry run is one transaction from its first batch to its last.
            self.number_rows(state).await?;
            return self.write_rows(state, batch, teller, options, now).await;
        }
        self.store.lock_writer().await?;
        let written = self.write_locked(state, batch, teller, options, now).await;
        match written {
            Ok(()) => self.store.unlock_writer().await,
            Err(error) => {
                // The first error is the one to tell, whatever becomes of the rollback. Closing frees what it may hold.
                drop(self.store.rollback().await);
                drop(self.store.unlock_writer().await);
                self.second = None;
                Err(error)
            }
        }
    }

    async fn write_locked(
        &mut self,
        state: &mut FileState<'_>,
        batch: Batch,
        teller: &Teller,
        options: &IngestOptions,
        now: Timestamp,
    ) -> Result<(), Error> {
        // Committed by itself: the file must have its number before a part of it can be committed without the rest.
        self.store.begin().await?;
        self.number_rows(state).await?;
        self.store.commit().await?;
        let is_large = batch.content.len() >= LARGE;
        let suspends = is_large && self.may_suspend(batch.content.len()).await?;
        if is_large && self.store.is_postgres() && self.second.is_none() {
            self.second = Some(Store::open(self.store.url()).await?);
        }
        if suspends && self.store.is_postgres() {
            self.store.suspend_indexes().await?;
        }
        self.store.begin().await?;
        self.check_still_ours(state.run).await?;
        if suspends && !self.store.is_postgres() {
            self.store.suspend_indexes().await?;
        }
        self.write_rows(state, batch, teller, options, now).await?;
        if !self.store.is_postgres() {
            self.store.restore_indexes(None).await?;
        }
        self.store.commit().await?;
        if suspends && self.store.is_postgres() {
            self.store.restore_indexes(self.second.as_mut()).await?;
        }
        Ok(())
    }

    async fn write_rows(
        &mut self,
        state: &mut FileState<'_>,
        batch: Batch,
        teller: &Teller,
        options: &IngestOptions,
        now: Timestamp,
    ) -> Result<(), Error> {
        let Batch { mut content, mut rejects, repeated, blank, items, .. } = batch;
        let read = content.len() as u64 + repeated + rejects.len() as u64 + blank;
        state.counters.blank_lines += blank;
        state.counters.repeated_payloads += repeated;

        // As they are now: another process may have set others since the last batch.
        self.priorities = self.store.priorities().await?;
        let is_empty = self.is_empty().await?;
        let known = if is_empty { Known::default() } else { self.drop_known(&mut content, state).await? };
        let is_large = content.len() >= LARGE;
        // What is believed again commits with the first part, so nothing may commit before it.
        let may_part = !options.dry_run && known.removed.is_empty();
        let parts = if is_large && self.second.is_some() && may_part { 2 } else { 1 };
        let Content { read: records, told: mut chunks } = content;
        chunks.extend(teller.tell_all(records));
        rejects.extend(chunks.iter_mut().flat_map(|chunk| std::mem::take(&mut chunk.rejects)));
        let joins = Arc::new(KeyJoins::read(&mut self.store).await?);
        let mut told = part(chunks, parts, &joins, state.counters);
        rejects.sort_by_key(|reject| reject.position);
        let accepted = told.iter().map(|part| part.payloads.len() as u64).sum::<u64>() + known.by_this_run;
        let tally = Tally {
            read,
            accepted,
            rejected: rejects.len() as u64,
            skipped: blank + repeated + known.skipped,
        };

        if !known.removed.is_empty() {
            let removed = |payload: &mut Payload| known.removed.contains(&payload.id);
            let payloads = told.iter_mut().flat_map(|part| part.payloads.extract_if(.., removed));
            let mut revived: Vec<Payload> = payloads.collect();
            revived.sort_unstable_by_key(|payload| payload.id);
            self.store.revive_payloads(&revived, &options.pipeline.source, state.file.id, now).await?;
        }
        let context = Context {
            options: &options.pipeline,
            priorities: &self.priorities,
            file: state.file.id,
            now,
            is_empty,
            joins: &joins,
        };
        let counters = write_parts(&mut self.store, self.second.as_mut(), told, context).await?;
        state.counters.add(counters);
        self.write_progress(state, tally, &rejects, items, batch.is_last).await
    }

    async fn write_progress(
        &mut self,
        state: &mut FileState<'_>,
        tally: Tally,
        rejects: &[Reject],
        items: u64,
        is_last: bool,
    ) -> Result<(), Error> {
        for reject in rejects {
            *state.counters.rejects.entry(reject.code.code().to_owned()).or_default() += 1;
        }
        self.store.write_rejects(rejects, state.run.id, state.file.id).await?;
        state.file.tally += tally;
        state.run.tally += tally;
        state.file.checkpoint += items as i64;
        if is_last {
            state.file.status = "done".to_owned();
        }
        state.run.counters = serde_json::to_string(state.counters).unwrap_or_default();
        self.store.write_file(&state.file).await?;
        self.store.write_run(state.run).await?;
        Ok(())
    }

    /// Refuses to write on where another process has gone on with the run, ended it or taken it back: what both count would be
    /// wrong, and what was taken back would be back in part. Within the transaction that writes. What other programs wrote is
    /// observed by whoever comes, so its runs may change hands.
    pub(crate) async fn check_still_ours(&mut self, run: &Run) -> Result<(), Error> {
        if run.command != "ingest" || run.source.as_deref() == Some(Source::legacy().as_str()) {
            return Ok(());
        }
        let stored = self.store.run(run.id).await?;
        let is_ours = |stored: &Run| {
            stored.tally == run.tally
                && stored.undone_by.is_none()
                && ["running", "interrupted"].contains(&&*stored.status)
        };
        if stored.as_ref().is_some_and(is_ours) {
            return Ok(());
        }
        let what = match &stored {
            Some(Run { undone_by: Some(by), .. }) => format!("run {by} took it back"),
            Some(stored) if stored.tally == run.tally => "another process ended it".to_owned(),
            _ => "another process went on with it".to_owned(),
        };
        let message = format!("run {} is written by this process no more: {what}", run.id);
        Err(Error::new(ErrorKind::Usage, "run-taken-over", message)
            .with_help("nothing is lost: see `firmograph runs list` for how the run stands, and ingest the file once more"))
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

    /// Drops records whose payload is stored.
    async fn drop_known(&mut self, content: &mut Content, state: &mut FileState<'_>) -> Result<Known, Error> {
        let ids: Vec<_> = content.lines().map(|(id, _)| id).collect();
        if ids.is_empty() {
            return Ok(Known::default());
        }
        let KnownPayloads { believed, removed } = self.store.known_payloads(&ids).await?;
        let mut by_this_run = 0;
        if state.is_resumed {
            let mine = self.store.payload_lines(&ids, state.file.id).await?;
            by_this_run = content.lines().filter(|(id, line)| mine.get(id) == Some(line)).count() as u64;
        }
        content.retain(|id| !believed.contains(id));
        let skipped = (ids.len() - content.len()) as u64 - by_this_run;
        state.counters.known_payloads += skipped;
        Ok(Known { by_this_run, skipped, removed })
    }

    /// Whether indexes should be built after a batch of `rows`. On PostgreSQL that is a change of the tables which others
    /// see and wait for, so only a first load may; on SQLite others read what was there before, so it is enough that
    /// there is less to build anew than to add to.
    async fn may_suspend(&mut self, rows: usize) -> Result<bool, Error> {
        if self.store.is_postgres() {
            return self.is_empty().await;
        }
        self.store.has_fewer_golden(EntityKind::Person, rows).await
    }

    /// Whether there is neither a payload nor a golden row, of us or of another system.
    pub(crate) async fn is_empty(&mut self) -> Result<bool, Error> {
        Ok(self.store.has_no_payloads().await?
            && self.store.has_fewer_golden(EntityKind::Company, 1).await?
            && self.store.has_fewer_golden(EntityKind::Person, 1).await?)
    }
}

/// Records that need not be written.
#[derive(Default)]
struct Known {
    /// Of this very file and line, stored by the run that is now resumed: accepted.
    by_this_run: u64,
    /// Known from elsewhere: skipped.
    skipped: u64,
    /// Stored and taken out by a run: accepted, and believed again.
    removed: HashSet<PayloadId, ahash::RandomState>,
}

/// Writes the parts, the first over `store` within its transaction, the second over `second` in one of its own.
async fn write_parts(
    store: &mut Store,
    second: Option<&mut Store>,
    mut told: Vec<Told>,
    context: Context<'_>,
) -> Result<Counters, Error> {
    let beside = if told.len() > 1 { told.pop() } else { None };
    let first = told.pop().map(|told| write_part(store, told, context));
    let first = async {
        match first {
            Some(first) => first.await,
            None => Ok(Counters::default()),
        }
    };
    let other = async {
        match (second, beside) {
            (Some(second), Some(told)) => {
                second.begin_beside().await?;
                let counters = write_part(second, told, context).await?;
                Ok::<_, Error>(Some((second, counters)))
            }
            _ => Ok(None),
        }
    };
    let (first, other) = tokio::join!(first, other);
    let mut counters = first?;
    if let Some((second, theirs)) = other? {
        second.commit().await?;
        counters.add(theirs);
    }
    Ok(counters)
}
