//! Rejects as a CSV file that can be repaired and fed back.

use crate::Engine;
use firmograph_core::{Error, ErrorKind};
use firmograph_store::StoredReject;
use serde_json::Value;
use std::io::Write;

/// Our columns behind those of the file. Readers pass over them, so a repaired file can be ingested as it is.
const OURS: [&str; 6] = [
    "firmograph_file",
    "firmograph_line",
    "firmograph_code",
    "firmograph_column",
    "firmograph_cause",
    "firmograph_original",
];
/// Rejects read from the database at a time.
const PAGE: usize = 5_000;

impl Engine {
    /// Rejects of one run or of all, in the order they were met.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn rejects(&mut self, run: Option<i64>) -> Result<Vec<StoredReject>, Error> {
        let mut all: Vec<StoredReject> = Vec::new();
        loop {
            let after = all.last().map_or(0, |reject| reject.id);
            let page = self.store.rejects(run, after, PAGE).await?;
            if page.is_empty() {
                return Ok(all);
            }
            all.extend(page);
        }
    }

    /// Writes rejects as CSV: the columns of their files, then where each stood and what was wrong. Gives how many.
    ///
    /// # Errors
    /// When the database does not answer or `sink` cannot be written.
    pub async fn export_rejects(&mut self, run: Option<i64>, sink: &mut dyn Write) -> Result<usize, Error> {
        let rejects = self.rejects(run).await?;
        let rows: Vec<_> = rejects.iter().map(named_cells).collect();
        let mut names: Vec<String> = Vec::new();
        let places: Vec<_> =
            rows.iter().map(|row| row.as_ref().map(|cells| place(cells, &mut names))).collect();
        let mut out = csv::Writer::from_writer(sink);
        out.write_record(names.iter().map(String::as_str).chain(OURS)).map_err(failed)?;
        for ((reject, row), places) in rejects.iter().zip(rows).zip(places) {
            let mut cells = vec![String::new(); names.len()];
            let original = match (row, places) {
                (Some(row), Some(places)) => {
                    for ((_, cell), place) in row.into_iter().zip(places) {
                        cells[place] = cell;
                    }
                    String::new()
                }
                _ => String::from_utf8_lossy(&reject.original).into_owned(),
            };
            cells.extend([
                reject.path.clone(),
                reject.line.to_string(),
                reject.code.clone(),
                reject.column.clone().unwrap_or_default(),
                reject.cause.clone(),
                original,
            ]);
            out.write_record(&cells).map_err(failed)?;
        }
        out.flush().map_err(|error| failed(error.into()))?;
        Ok(rejects.len())
    }
}

/// The cells of a reject by column: of a table's row that fits its header, or of a JSON object without objects in it.
/// `None` where the record could not be taken apart.
fn named_cells(reject: &StoredReject) -> Option<Vec<(String, String)>> {
    match &reject.header {
        Some(header) => {
            let names: Vec<String> = serde_json::from_str(header).ok()?;
            let cells: Vec<String> = serde_json::from_slice(&reject.original).ok()?;
            (cells.len() <= names.len()).then(|| names.into_iter().zip(cells).collect())
        }
        None => {
            let object: serde_json::Map<String, Value> = serde_json::from_slice(&reject.original).ok()?;
            let cells = object.into_iter().map(|(name, value)| match value {
                Value::Null => Some((name, String::new())),
                Value::String(text) => Some((name, text)),
                Value::Bool(_) | Value::Number(_) => Some((name, value.to_string())),
                Value::Array(_) | Value::Object(_) => None,
            });
            cells.collect()
        }
    }
}

/// Where each of `cells` stands among `names`, which grow by names that are new. A name that one row has twice gets two
/// columns.
fn place(cells: &[(String, String)], names: &mut Vec<String>) -> Vec<usize> {
    let mut mine: Vec<usize> = Vec::with_capacity(cells.len());
    for (name, _) in cells {
        let free = (0..names.len()).find(|&place| names[place] == *name && !mine.contains(&place));
        mine.push(free.unwrap_or_else(|| {
            names.push(name.clone());
            names.len() - 1
        }));
    }
    mine
}

fn failed(error: csv::Error) -> Error {
    Error::new(ErrorKind::Environment, "cannot-write", format!("the rejects cannot be written: {error}"))
        .with_cause(error)
}
