//! What is not as it should be in the tables of documents, value by value, for `verify`.

use super::settle::{Differs, DocumentDifferences};
use crate::verify::Difference;
use firmograph_core::EntityKind;
use firmograph_store::{GoldenDocuments, SourceDocument, document_columns};

impl DocumentDifferences {
    /// Each value that is not what it should be.
    pub(crate) fn told(self) -> impl Iterator<Item = Difference> {
        let notes = self.notes.into_iter().flat_map(|(stored, expected)| {
            let payload = stored.as_ref().or(expected.as_ref()).map(|note| note.payload.to_string());
            let cells = |note: &firmograph_store::DocumentNote| {
                vec![
                    ("key", Some(format!("{} {}", note.entity.name(), note.key))),
                    ("file_id", Some(note.file.to_string())),
                ]
            };
            let row = Row {
                table: "intelligence.document_payloads",
                key: payload.unwrap_or_default(),
                source: None,
            };
            row.differing(stored.as_ref().map(cells), expected.as_ref().map(cells))
        });
        let sources = self.sources.into_iter().flat_map(|differs| of_source(&differs));
        let golden = self.golden.into_iter().flat_map(|(kind, differs)| of_golden(kind, &differs));
        notes.chain(sources).chain(golden)
    }
}

/// A row, and where it stands.
struct Row {
    table: &'static str,
    key: String,
    source: Option<String>,
}

type Cells = Vec<(&'static str, Option<String>)>;

impl Row {
    /// Each cell that differs; the first alone where the whole row comes or goes.
    fn differing(&self, stored: Option<Cells>, expected: Option<Cells>) -> Vec<Difference> {
        let difference = |column: &str, stored, expected| Difference {
            table: self.table.to_owned(),
            key: self.key.clone(),
            source: self.source.clone(),
            column: column.to_owned(),
            stored,
            expected,
        };
        let first = |cells: Cells| cells.into_iter().next().unwrap_or_default();
        match (stored, expected) {
            (Some(stored), Some(expected)) => stored
                .into_iter()
                .zip(expected)
                .filter(|((_, stored), (_, expected))| stored != expected)
                .map(|((column, stored), (_, expected))| difference(column, stored, expected))
                .collect(),
            (Some(stored), None) => {
                let (column, value) = first(stored);
                vec![difference(column, value, None)]
            }
            (None, Some(expected)) => {
                let (column, value) = first(expected);
                vec![difference(column, None, value)]
            }
            (None, None) => Vec::new(),
        }
    }
}

fn of_source((stored, expected): &Differs<SourceDocument>) -> Vec<Difference> {
    let Some(any) = stored.as_ref().or(expected.as_ref()) else { return Vec::new() };
    let row = Row {
        table: "intelligence.documents",
        key: any.key.to_string(),
        source: Some(format!("{} {}", any.source, any.kind)),
    };
    let cells = |row: &SourceDocument| {
        vec![
            ("document", Some(row.document.to_string())),
            ("confidence", row.confidence.map(|number| number.to_string())),
            ("model", row.model.as_deref().map(str::to_owned)),
            ("observed_at", row.observed_at.map(|at| at.to_string())),
            ("payload_id", Some(row.payload.to_string())),
            ("file_id", Some(row.file.to_string())),
            ("run_id", Some(row.run.to_string())),
        ]
    };
    row.differing(stored.as_ref().map(cells), expected.as_ref().map(cells))
}

fn of_golden(kind: EntityKind, (stored, expected): &Differs<GoldenDocuments>) -> Vec<Difference> {
    let Some(any) = stored.as_ref().or(expected.as_ref()) else { return Vec::new() };
    let table = match kind {
        EntityKind::Company => "intelligence.company_intelligence",
        EntityKind::Person => "intelligence.person_intelligence",
    };
    let row = Row { table, key: any.key.to_string(), source: None };
    let cells = |row: &GoldenDocuments| {
        let mut cells = vec![("key", Some(row.key.to_string()))];
        let documents = document_columns(kind).iter().zip(&row.documents);
        cells.extend(documents.map(|(column, text)| (*column, text.as_deref().map(str::to_owned))));
        cells.push(("attribution", Some(row.attribution.to_string())));
        cells
    };
    row.differing(stored.as_ref().map(cells), expected.as_ref().map(cells))
}
