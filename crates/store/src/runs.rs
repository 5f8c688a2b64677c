use crate::Store;
use crate::payloads::ValueRows;
use crate::table::{ColumnKind, Table};
use crate::value::{Row, Value};
use firmograph_core::{Error, Timestamp};
use serde::Serialize;

/// What became of the records of a run or of one of its files. Read = accepted + rejected + skipped, always: the database
/// has it as a CHECK.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Records read.
    pub read: u64,
    /// Records taken: their payload is stored and their observations are in the dimensions.
    pub accepted: u64,
    /// Records that could not be taken, each kept as a reject.
    pub rejected: u64,
    /// Records with nothing new: known payloads and blank lines.
    pub skipped: u64,
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.read += other.read;
        self.accepted += other.accepted;
        self.rejected += other.rejected;
        self.skipped += other.skipped;
    }
}

/// One ingest, or another change of what is believed: counted, resumable or undoable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Run {
    /// Number, from 1.
    pub id: i64,
    /// `ingest`, `undo`, `source remove`, `priority set`, `pin`, `join`, `rebuild`, ...
    pub command: String,
    /// Source of its files.
    pub source: Option<String>,
    /// `running`, `done` or `interrupted`.
    pub status: String,
    /// Version of firmograph.
    pub version: String,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended, if it did.
    pub finished_at: Option<Timestamp>,
    /// What became of its records.
    #[serde(flatten)]
    pub tally: Tally,
    /// Further counters, a JSON object.
    pub counters: String,
    /// What a run other than an ingest was asked to do and what was there before, a JSON object.
    pub detail: Option<String>,
    /// The run that this one took back.
    pub target_run: Option<i64>,
    /// The run that took this one back.
    pub undone_by: Option<i64>,
}

impl Run {
    /// A run that begins, not yet written.
    #[must_use]
    pub fn begun(command: &str, source: Option<String>, version: &str, now: Timestamp) -> Self {
        Run {
            id: 0,
            command: command.to_owned(),
            source,
            status: "running".to_owned(),
            version: version.to_owned(),
            started_at: now,
            finished_at: None,
            tally: Tally::default(),
            counters: "{}".to_owned(),
            detail: None,
            target_run: None,
            undone_by: None,
        }
    }
}

/// One file of a run: how it was read and how far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RunFile {
    /// Number, from 1.
    pub id: i64,
    /// The run.
    pub run_id: i64,
    /// Path as given.
    pub path: String,
    /// Bytes.
    pub size: i64,
    /// Hash of the start of the file and its size: tells whether a resumed file is the same.
    pub fingerprint: String,
    /// Which column filled which field.
    pub mapping: String,
    /// The decision about its format, one line.
    pub decision: String,
    /// Column names as a JSON array, for tables.
    pub header: Option<String>,
    /// Who said it.
    pub source: String,
    /// `running` or `done`.
    pub status: String,
    /// Items read and committed so far: reading goes on after them.
    pub checkpoint: i64,
    /// What became of its records.
    #[serde(flatten)]
    pub tally: Tally,
    /// How its payloads are read for meaning, a JSON object: mapping files, repairs.
    pub options: Option<String>,
}

const RUN_COLUMNS: &[(&str, ColumnKind)] = &[
    ("id", ColumnKind::Int),
    ("command", ColumnKind::Text),
    ("source", ColumnKind::Text),
    ("status", ColumnKind::Text),
    ("version", ColumnKind::Text),
    ("started_at", ColumnKind::Time),
    ("finished_at", ColumnKind::Time),
    ("rows_read", ColumnKind::Int),
    ("accepted", ColumnKind::Int),
    ("rejected", ColumnKind::Int),
    ("skipped", ColumnKind::Int),
    ("counters", ColumnKind::Text),
    ("detail", ColumnKind::Text),
    ("target_run", ColumnKind::Int),
    ("undone_by", ColumnKind::Int),
];

const FILE_COLUMNS: &[(&str, ColumnKind)] = &[
    ("id", ColumnKind::Int),
    ("run_id", ColumnKind::Int),
    ("path", ColumnKind::Text),
    ("size", ColumnKind::Int),
    ("fingerprint", ColumnKind::Text),
    ("mapping", ColumnKind::Text),
    ("decision", ColumnKind::Text),
    ("header", ColumnKind::Text),
    ("source", ColumnKind::Text),
    ("status", ColumnKind::Text),
    ("checkpoint", ColumnKind::Int),
    ("rows_read", ColumnKind::Int),
    ("accepted", ColumnKind::Int),
    ("rejected", ColumnKind::Int),
    ("skipped", ColumnKind::Int),
    ("options", ColumnKind::Text),
];

fn tally_values(tally: Tally) -> [Value<'static>; 4] {
    [tally.read, tally.accepted, tally.rejected, tally.skipped].map(|count| Value::Int(count as i64))
}

fn maybe_int(number: Option<i64>) -> Value<'static> {
    number.map_or(Value::Null, Value::Int)
}

fn read_tally(row: &mut Row) -> Result<Tally, Error> {
    let mut next = || row.int().map(|count| count as u64);
    Ok(Tally { read: next()?, accepted: next()?, rejected: next()?, skipped: next()? })
}

impl Store {
    /// The number that the next row of `raw.runs`, `raw.files` or `raw.rejects` gets. To be called within a writing
    /// transaction, of which there is one at a time.
    pub(crate) async fn next_id(&mut self, table: &str) -> Result<i64, Error> {
        self.conn.number(&format!("SELECT COALESCE(MAX(id), 0) + 1 FROM {table}"), &[]).await
    }

    /// Writes a run; a run with id 0 is new and gets its number, which is given back.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn write_run(&mut self, run: &Run) -> Result<i64, Error> {
        let id = if run.id == 0 { self.next_id("raw.runs").await? } else { run.id };
        let mut values = vec![
            Value::Int(id),
            Value::text(&run.command),
            Value::maybe(run.source.as_deref()),
            Value::text(&run.status),
            Value::text(&run.version),
            Value::Time(run.started_at),
            Value::time(run.finished_at),
        ];
        values.extend(tally_values(run.tally));
        values.extend([
            Value::text(&run.counters),
            Value::maybe(run.detail.as_deref()),
            maybe_int(run.target_run),
            maybe_int(run.undone_by),
        ]);
        self.conn.upsert(&Table::new("raw.runs", RUN_COLUMNS, &["id"]), &ValueRows(vec![values])).await?;
        Ok(id)
    }

    /// Writes a file of a run; a file with id 0 is new and gets its number, which is given back.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn write_file(&mut self, file: &RunFile) -> Result<i64, Error> {
        let id = if file.id == 0 { self.next_id("raw.files").await? } else { file.id };
        let mut values = vec![
            Value::Int(id),
            Value::Int(file.run_id),
            Value::text(&file.path),
            Value::Int(file.size),
            Value::text(&file.fingerprint),
            Value::text(&file.mapping),
            Value::text(&file.decision),
            Value::maybe(file.header.as_deref()),
            Value::text(&file.source),
            Value::text(&file.status),
            Value::Int(file.checkpoint),
        ];
        values.extend(tally_values(file.tally));
        values.push(Value::maybe(file.options.as_deref()));
        self.conn.upsert(&Table::new("raw.files", FILE_COLUMNS, &["id"]), &ValueRows(vec![values])).await?;
        Ok(id)
    }

    /// Runs, newest first, at most `limit`.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn runs(&mut self, limit: usize) -> Result<Vec<Run>, Error> {
        let columns = Table::new("", RUN_COLUMNS, &[]).column_list();
        let rows = self
            .conn
            .fetch(&format!("SELECT {columns} FROM raw.runs ORDER BY id DESC LIMIT {limit}"), &[])
            .await?;
        rows.into_iter().map(read_run).collect()
    }

    /// The run of this number.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn run(&mut self, id: i64) -> Result<Option<Run>, Error> {
        let columns = Table::new("", RUN_COLUMNS, &[]).column_list();
        let rows = self
            .conn
            .fetch(&format!("SELECT {columns} FROM raw.runs WHERE id = $1"), &[Value::Int(id)])
            .await?;
        rows.into_iter().next().map(read_run).transpose()
    }

    /// Files of a run, in the order they were read; of all runs for `None`.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn files(&mut self, run: Option<i64>) -> Result<Vec<RunFile>, Error> {
        let columns = Table::new("", FILE_COLUMNS, &[]).column_list();
        let (filter, params) = match run {
            Some(run) => ("WHERE run_id = $1", vec![Value::Int(run)]),
            None => ("", Vec::new()),
        };
        let rows = self
            .conn
            .fetch(&format!("SELECT {columns} FROM raw.files {filter} ORDER BY id"), &params)
            .await?;
        rows.into_iter().map(read_file).collect()
    }
}

fn read_run(mut row: Row) -> Result<Run, Error> {
    Ok(Run {
        id: row.int()?,
        command: row.text()?.into(),
        source: row.maybe_text()?.map(Into::into),
        status: row.text()?.into(),
        version: row.text()?.into(),
        started_at: row.maybe_time()?.unwrap_or_default(),
        finished_at: row.maybe_time()?,
        tally: read_tally(&mut row)?,
        counters: row.text()?.into(),
        detail: row.maybe_text()?.map(Into::into),
        target_run: row.maybe_int()?,
        undone_by: row.maybe_int()?,
    })
}

fn read_file(mut row: Row) -> Result<RunFile, Error> {
    Ok(RunFile {
        id: row.int()?,
        run_id: row.int()?,
        path: row.text()?.into(),
        size: row.int()?,
        fingerprint: row.text()?.into(),
        mapping: row.text()?.into(),
        decision: row.text()?.into(),
        header: row.maybe_text()?.map(Into::into),
        source: row.text()?.into(),
        status: row.text()?.into(),
        checkpoint: row.int()?,
        tally: read_tally(&mut row)?,
        options: row.maybe_text()?.map(Into::into),
    })
}
