//! What a database knows about a run: its counts, and how far it came in each file.

use crate::file_options::FileOptions;
use crate::ingest::IngestOptions;
use crate::reader;
use crate::report::{Counters, FileReport, IngestReport, RunStatus};
use crate::{Clock, Engine};
use firmograph_core::{Error, ErrorKind, Timestamp};
use firmograph_sources::Input;
use firmograph_store::{Run, RunFile, Tally};
use std::path::{Path, PathBuf};

/// A run that is new or gone on with, and the files of earlier ones.
pub(crate) struct Ledger {
    pub(crate) run: Run,
    pub(crate) counters: Counters,
    earlier: Vec<RunFile>,
    /// A path may be given twice; each time it is another file of the run.
    resumed: Vec<i64>,
}

impl Engine {
    /// Ends a run: joins what follows from it, gives an account of the lead documents of `leads_of`, and writes its last row.
    pub(crate) async fn end_run(
        &mut self,
        ledger: Ledger,
        files: Vec<FileReport>,
        status: RunStatus,
        options: &IngestOptions,
        leads_of: Option<&[PathBuf]>,
        clock: &Clock,
    ) -> Result<IngestReport, Error> {
        let Ledger { mut run, mut counters, .. } = ledger;
        // A run of empty files is not written yet; an interrupted one is to end soon, and resuming comes by here.
        if run.id > 0 && status != RunStatus::Interrupted {
            self.join_by_itself(run.id, options.dry_run, clock(), &mut counters).await?;
            run.counters = serde_json::to_string(&counters).unwrap_or_default();
        }
        let mut leads = None;
        if let Some(paths) = leads_of.filter(|_| status != RunStatus::Interrupted) {
            leads = Some(Box::new(self.lead_report(paths, options).await?));
        }
        run.status = status.name().to_owned();
        run.finished_at = Some(clock());
        self.write_end(&run, options.dry_run).await?;
        let (dry_run, tally) = (options.dry_run, run.tally);
        Ok(IngestReport { run: run.id, status, dry_run, files, tally, counters, leads })
    }
}

impl Ledger {
    /// Begins a run of these files, or goes on with the one that did not end.
    pub(crate) async fn open(
        engine: &mut Engine,
        paths: &[PathBuf],
        options: &IngestOptions,
        now: Timestamp,
    ) -> Result<Self, Error> {
        let unfinished = if options.resume { unfinished(engine, paths, options).await? } else { None };
        let run = unfinished.unwrap_or_else(|| {
            let source = options.pipeline.source.to_string();
            Run::begun("ingest", Some(source), env!("CARGO_PKG_VERSION"), now)
        });
        let counters = serde_json::from_str(&run.counters).unwrap_or_default();
        let earlier = engine.store.files(None).await?;
        Ok(Ledger { run, counters, earlier, resumed: Vec::new() })
    }

    /// The next file of the run: as it was left, or new. With notes for whoever called.
    pub(crate) fn file(
        &mut self,
        path: &Path,
        input: &Input,
        options: &IngestOptions,
    ) -> Result<(RunFile, Vec<String>), Error> {
        let file = describe(path, input, options)?;
        let mut notes = Vec::new();
        let same = |known: &&RunFile| known.path == file.path && known.source == file.source;
        if let Some(known) = self.earlier.iter().rev().find(same)
            && known.fingerprint == file.fingerprint
            && known.mapping != file.mapping
        {
            notes.push(format!(
                "run {} read this file with another mapping; payloads it stored are known and keep their meaning",
                known.run_id
            ));
        }
        if !options.resume {
            return Ok((file, notes));
        }
        let mine = |known: &&RunFile| {
            known.run_id == self.run.id && known.path == file.path && !self.resumed.contains(&known.id)
        };
        match self.earlier.iter().find(mine) {
            Some(known) if known.fingerprint == file.fingerprint => {
                same_options(known, &file)?;
                self.resumed.push(known.id);
                Ok((known.clone(), notes))
            }
            Some(_) => Err(Error::new(
                ErrorKind::Usage,
                "resume-changed-file",
                format!("{} is not the file that run {} was reading", file.path, self.run.id),
            )
            .with_help("ingest it without --resume: payloads that are stored already are passed over")),
            None => {
                notes.push("nothing to resume: reading from the start".to_owned());
                Ok((file, notes))
            }
        }
    }
}

/// The newest run of this source that reads one of these files and did not end.
async fn unfinished(
    engine: &mut Engine,
    paths: &[PathBuf],
    options: &IngestOptions,
) -> Result<Option<Run>, Error> {
    let files = engine.store.files(None).await?;
    let mine = |file: &&RunFile| {
        file.source == options.pipeline.source.as_str()
            && paths.iter().any(|path| options.label_of(path) == file.path)
    };
    for file in files.iter().rev().filter(mine) {
        if let Some(run) = engine.store.run(file.run_id).await? {
            // What was taken back is not gone on with: it is read from the start.
            let resumable = run.undone_by.is_none() && ["running", "interrupted"].contains(&&*run.status);
            return Ok(resumable.then(|| Run { status: "running".to_owned(), finished_at: None, ..run }));
        }
    }
    Ok(None)
}

fn describe(path: &Path, input: &Input, options: &IngestOptions) -> Result<RunFile, Error> {
    let columns = input.columns().map(|columns| serde_json::Value::from(columns.to_vec()).to_string());
    Ok(RunFile {
        id: 0,
        run_id: 0,
        path: options.label_of(path),
        size: input.file_size().unwrap_or(0) as i64,
        fingerprint: match input.is_of_file() {
            true => reader::file_fingerprint(path)?,
            false => "made".to_owned(),
        },
        mapping: input.decision().fingerprint(),
        decision: input.decision().to_string(),
        header: columns,
        options: Some(FileOptions::of(options).to_json()),
        source: options.pipeline.source.to_string(),
        status: "running".to_owned(),
        checkpoint: 0,
        tally: Tally::default(),
    })
}

/// The rest of a file must be read as its beginning was: what is kept about it holds for all of its payloads.
fn same_options(known: &RunFile, file: &RunFile) -> Result<(), Error> {
    if known.options.is_none() || known.options == file.options {
        return Ok(());
    }
    let message = format!("run {} read {} with other options", known.run_id, known.path);
    Err(Error::new(ErrorKind::Usage, "resume-other-options", message).with_help(
        "give the same --mapping, --repair-domains and --observed-at, or ingest it without --resume",
    ))
}
