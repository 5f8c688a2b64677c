//! Rejects as a CSV file that can be repaired and fed back.

use crate::Engine;
use firmograph_core::{Error, ErrorKind};
use firmograph_store::StoredReject;
use std::collections::HashMap;
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
        let (names, places) = columns(&rejects);
        let mut out = csv::Writer::from_writer(sink);
        out.write_record(names.iter().map(String::as_str).chain(OURS)).map_err(failed)?;
        for reject in &rejects {
            let mut cells = vec![String::new(); names.len()];
            let given = reject
                .header
                .as_deref()
                .and_then(|_| serde_json::from_slice::<Vec<String>>(&reject.original).ok());
            let original = match (&given, reject.header.as_deref().and_then(|header| places.get(header))) {
                (Some(given), Some(places)) if given.len() <= places.len() => {
                    for (cell, &place) in given.iter().zip(places) {
                        cells[place].clone_from(cell);
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

/// Column names of all files together, in order of appearance, and where each header's columns stand among them. A name
/// that one header has twice gets two columns.
fn columns(rejects: &[StoredReject]) -> (Vec<String>, HashMap<&str, Vec<usize>>) {
    let mut names: Vec<String> = Vec::new();
    let mut places = HashMap::new();
    for header in rejects.iter().filter_map(|reject| reject.header.as_deref()) {
        if places.contains_key(header) {
            continue;
        }
        let mut mine: Vec<usize> = Vec::new();
        for name in serde_json::from_str::<Vec<String>>(header).unwrap_or_default() {
            let free = (0..names.len()).find(|&place| names[place] == name && !mine.contains(&place));
            mine.push(free.unwrap_or_else(|| {
                names.push(name);
                names.len() - 1
            }));
        }
        places.insert(header, mine);
    }
    (names, places)
}

fn failed(error: csv::Error) -> Error {
    Error::new(ErrorKind::Environment, "cannot-write", format!("the rejects cannot be written: {error}"))
        .with_cause(error)
}
