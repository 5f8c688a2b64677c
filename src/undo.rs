//! Taking back what a run did, and removing a source. Payloads are not deleted: they are believed no more, and what their
//! source says without them is gathered anew.
//!
//! What firmograph did not make it cannot restore: where a golden row of another system was overwritten, a value of which
//! no source speaks any more stays as it was last written.

use crate::Engine;
use crate::change::{At, ChangeReport, FlipSink, Touched};
use crate::documents::DOCUMENTS_IMPORT;
use crate::join::JOIN_COMMANDS;
use crate::leads::delete::{LEAD_DELETE, deleted_lead};
use crate::legacy;
use crate::lookup::LOOKUP_IMPORT;
use crate::pin::PIN_COMMANDS;
use crate::policy::PRIORITY_COMMANDS;
use crate::recompute::Flip;
use crate::replay::Readers;
use firmograph_core::{Error, ErrorKind, PayloadId, Source, Timestamp};
use firmograph_store::{AUTOMATIC, PIN_SOURCE, Run};
use serde::{Deserialize, Serialize};

/// What the run of a removal keeps, to be done again when taking it back is taken back.
#[derive(Debug, Serialize, Deserialize)]
struct Removal {
    /// Number of the last file there was.
    through_file: i64,
}

impl Engine {
    /// Takes back what a run did, so that everything is as if it had not been, and gives each golden value that differs to
    /// `sink`. Runs that came later stay; what an undo took back is done again by undoing that undo.
    ///
    /// Golden rows of another system are never deleted, and their values that an ingest replaced are not known any more:
    /// where no source speaks of them, they stay as they are.
    ///
    /// # Errors
    /// `unknown-run` (data); `run-not-ended`, `already-undone` or `cannot-undo` (usage); or when the database refuses, which
    /// changes nothing.
    pub async fn undo(
        &mut self,
        run: i64,
        dry_run: bool,
        now: Timestamp,
        sink: &mut FlipSink<'_>,
    ) -> Result<ChangeReport, Error> {
        let mut by = self.begin_change("undo", now).await?;
        by.target_run = Some(run);
        let done = self.take_back(run, &by, now, sink).await;
        self.end_change(by, done, dry_run, now).await
    }

    /// Believes nothing any more that `source` said so far, and gives each golden value that differs to `sink`.
    ///
    /// # Errors
    /// `unknown-source` or `cannot-remove` (usage); or when the database refuses, which changes nothing.
    pub async fn remove_source(
        &mut self,
        source: &Source,
        dry_run: bool,
        now: Timestamp,
        sink: &mut FlipSink<'_>,
    ) -> Result<ChangeReport, Error> {
        if source.as_str() == PIN_SOURCE {
            return Err(refused("cannot-remove", "pins are no source", "take each pin back by itself"));
        }
        let mut by = self.begin_change("source remove", now).await?;
        by.source = Some(source.to_string());
        let done = async {
            let removal = Removal { through_file: self.store.last_file().await? };
            by.detail = serde_json::to_string(&removal).ok();
            let removed = self.store.remove_payloads_of_source(source, removal.through_file, by.id).await?;
            if removed == 0 {
                let message = format!("no payload of the source {source} is believed");
                return Err(refused("unknown-source", message, "see `firmograph source list`"));
            }
            let mut readers = Readers::open(&mut self.store, &self.maps).await?;
            let touched = self.touched_by(&mut readers, by.id).await?;
            let mut report = ChangeReport { payloads: removed, ..ChangeReport::default() };
            self.believe(
                &mut readers,
                &touched,
                &[source.as_str()],
                At { run: by.id, now },
                &mut report,
                sink,
            )
            .await?;
            Ok(report)
        }
        .await;
        self.end_change(by, done, dry_run, now).await
    }

    async fn take_back(
        &mut self,
        run: i64,
        by: &Run,
        now: Timestamp,
        sink: &mut FlipSink<'_>,
    ) -> Result<ChangeReport, Error> {
        // The run that takes back is stored already.
        let target = if run == by.id { None } else { self.store.run(run).await? };
        let mut target = target.ok_or_else(|| {
            Error::new(ErrorKind::Data, "unknown-run", format!("there is no run {run}"))
                .with_help("see `firmograph runs list`")
        })?;
        // Who still writes an ingest finds it taken back before the next batch, and stops.
        if target.status == "running" && target.command != "ingest" {
            let message = format!("run {run} did not end");
            return Err(refused("run-not-ended", message, "wait for it"));
        }
        if let Some(by) = target.undone_by {
            let help = format!("`firmograph runs undo {by}` takes that back");
            return Err(refused("already-undone", format!("run {by} took run {run} back"), help));
        }
        let (mut base, depth) = self.base_of(&target).await?;
        let takes_effect = depth % 2 == 1;
        if !takes_effect && let Some(by) = base.undone_by {
            let message = format!("run {by} took run {}, which run {run} had done again, back", base.id);
            return Err(refused("already-undone", message, format!("`firmograph runs undo {by}`")));
        }
        let mut report = ChangeReport::default();
        let (base_id, by_id) = (base.id, by.id);
        let at = At { run: by_id, now };
        match (base.command.as_str(), takes_effect) {
            ("ingest", false) => {
                let remove = Step::RemoveRun(base_id);
                let sources = self.sources_of(base_id).await?;
                let rows = self.stand_as_observed(&base, now).await?;
                // Of a row that stands as its program left it, what was settled on the way is no flip.
                let mut on_the_way = 0;
                let mut others = |flip: Flip| match rows.has(flip.entity, &flip.key) {
                    true => on_the_way += 1,
                    false => sink(flip),
                };
                self.change_payloads(remove, by_id, &sources, at, &mut report, &mut others).await?;
                report.flips -= on_the_way;
                report.flips += self.hold_as_observed(base_id, At { run: by_id, now }, rows, sink).await?;
                report.notes.extend(self.notes_on(&base).await?);
            }
            ("ingest", true) => {
                self.store.release_direct_writes(run, base_id).await?;
                self.again_for_claimed(base_id, legacy::Step::Name).await?;
                let sources = self.sources_of(base_id).await?;
                self.change_payloads(Step::Restore, run, &sources, at, &mut report, sink).await?;
                self.again_for_claimed(base_id, legacy::Step::Level).await?;
            }
            (DOCUMENTS_IMPORT, takes_effect) => {
                let sources = self.sources_of(base_id).await?;
                let (step, mark) = match takes_effect {
                    true => (Step::Restore, run),
                    false => (Step::RemoveRun(base_id), by_id),
                };
                self.change_payloads(step, mark, &sources, at, &mut report, sink).await?;
                if !takes_effect {
                    report.notes.extend(self.notes_on(&base).await?);
                }
            }
            ("source remove", takes_effect) => {
                let sources: Vec<String> = base.source.iter().cloned().collect();
                let step = if takes_effect { Step::RemoveAgain(&base) } else { Step::Restore };
                self.change_payloads(step, base_id, &sources, at, &mut report, sink).await?;
            }
            (LEAD_DELETE | legacy::LEGACY_DELETE, takes_effect) => {
                let (payloads, sources) = deleted_lead(&base)?;
                let step = if takes_effect { Step::RemoveThese(&payloads) } else { Step::Restore };
                self.change_payloads(step, base_id, &sources, at, &mut report, sink).await?;
            }
            (_, true) => {
                let message = format!("run {base_id} ({}) is not done again by undoing", base.command);
                return Err(refused("cannot-undo", message, "give its command again"));
            }
            (_, false) => {
                let touched = self.take_back_other(&target, by_id, now).await?;
                let mut readers = Readers::open(&mut self.store, &self.maps).await?;
                self.settle_named(&mut readers, &touched, at, &mut report, sink).await?;
            }
        }
        if target.id != base.id {
            target.undone_by = Some(by_id);
            self.store.write_run(&target).await?;
        }
        base.undone_by = (!takes_effect).then_some(by_id);
        self.store.write_run(&base).await?;
        Ok(report)
    }

    /// Takes back a run that changed something else than what payloads are believed: each such command has an arm here.
    async fn take_back_other(&mut self, run: &Run, by: i64, now: Timestamp) -> Result<Touched, Error> {
        match run.command.as_str() {
            command if PRIORITY_COMMANDS.contains(&command) => {
                let touched = self.take_back_priority(run, now).await?;
                self.settle_all_documents(now).await?;
                Ok(touched)
            }
            command if PIN_COMMANDS.contains(&command) => self.take_back_pin(run, by, now).await,
            // As if it had never been said: that two keys are not one is said by parting them.
            command if JOIN_COMMANDS.contains(&command) => self.take_back_join(run, by, AUTOMATIC).await,
            LOOKUP_IMPORT => self.take_back_lookup(run, now).await,
            command => {
                let message = format!("run {} ({command}) cannot be taken back", run.id);
                let help = "a rebuild says again what is believed: undo what changed that";
                Err(refused("cannot-undo", message, help))
            }
        }
    }

    /// The run at the end of a chain of undoings, and the length of the chain.
    async fn base_of(&mut self, run: &Run) -> Result<(Run, usize), Error> {
        let (mut base, mut depth) = (run.clone(), 0);
        while let ("undo", Some(target)) = (base.command.as_str(), base.target_run) {
            base = self.store.run(target).await?.ok_or_else(|| {
                let message = format!("run {target} is not there, though a run took it back");
                Error::new(ErrorKind::Environment, "database-shape", message)
            })?;
            depth += 1;
        }
        Ok((base, depth))
    }

    async fn sources_of(&mut self, run: i64) -> Result<Vec<String>, Error> {
        let mut sources: Vec<_> =
            self.store.files(Some(run)).await?.into_iter().map(|file| file.source).collect();
        sources.sort_unstable();
        sources.dedup();
        Ok(sources)
    }

    /// Later runs read payloads of this one again, perhaps, and passed over them because they were known.
    async fn notes_on(&mut self, run: &Run) -> Result<Vec<String>, Error> {
        let mut later = self.store.runs(i32::MAX as usize).await?;
        later.retain(|later| later.id > run.id);
        later.reverse();
        let passed_over = |later: &&Run| {
            let counters: crate::Counters = serde_json::from_str(&later.counters).unwrap_or_default();
            // Documents may name their sources themselves, whatever that of the run is.
            let same = later.command == run.command
                && (later.source == run.source || run.command == DOCUMENTS_IMPORT);
            same && later.undone_by.is_none() && counters.known_payloads > 0
        };
        let again = if run.command == DOCUMENTS_IMPORT { "import" } else { "ingest" };
        let note = |later: &Run| {
            format!(
                "run {} passed over payloads that were known: if they were those of run {}, {again} its files again",
                later.id, run.id
            )
        };
        Ok(later.iter().filter(passed_over).map(note).collect())
    }

    pub(crate) async fn change_payloads(
        &mut self,
        step: Step<'_>,
        mark: i64,
        sources: &[String],
        at: At,
        report: &mut ChangeReport,
        sink: &mut FlipSink<'_>,
    ) -> Result<(), Error> {
        let mut readers = Readers::open(&mut self.store, &self.maps).await?;
        // The mark tells which payloads these are: before they are restored, and after they are removed.
        let touched = match step {
            Step::Restore => {
                let touched = self.touched_by(&mut readers, mark).await?;
                report.payloads = self.store.restore_payloads(mark).await?;
                touched
            }
            Step::RemoveRun(run) => {
                report.payloads = self.store.remove_payloads_of_run(run, mark).await?;
                self.touched_by(&mut readers, mark).await?
            }
            Step::RemoveAgain(run) => {
                let removal: Option<Removal> =
                    run.detail.as_deref().and_then(|json| serde_json::from_str(json).ok());
                let (Some(removal), Some(source)) = (removal, run.source.as_deref()) else {
                    let message = format!("run {} does not say what it removed", run.id);
                    return Err(Error::new(ErrorKind::Environment, "database-shape", message));
                };
                let (source, through) = (Source::new(source)?, removal.through_file);
                report.payloads = self.store.remove_payloads_of_source(&source, through, mark).await?;
                self.touched_by(&mut readers, mark).await?
            }
            Step::RemoveThese(payloads) => {
                report.payloads = self.store.remove_payloads(payloads, mark).await?;
                self.touched_by(&mut readers, mark).await?
            }
        };
        let sources: Vec<&str> = sources.iter().map(String::as_str).collect();
        self.believe(&mut readers, &touched, &sources, at, report, sink).await
    }
}

/// What happens to payloads.
pub(crate) enum Step<'r> {
    /// Those of this ingest are taken out.
    RemoveRun(i64),
    /// What this removal took out is taken out again.
    RemoveAgain(&'r Run),
    /// These are taken out.
    RemoveThese(&'r [PayloadId]),
    /// Those that are marked are believed again.
    Restore,
}

pub(crate) fn refused(code: &'static str, message: impl Into<String>, help: impl Into<String>) -> Error {
    Error::new(ErrorKind::Usage, code, message.into()).with_help(help.into())
}
