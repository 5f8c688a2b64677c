//! Importing files of lead documents.

use super::report::LeadReport;
use crate::{Engine, Hooks, IngestOptions, IngestReport};
use firmograph_core::{Error, ErrorKind, Source};
use firmograph_sources::{Format, Input};
use std::path::PathBuf;

/// The source of lead documents, unless another is named.
pub const LEAD_SOURCE: &str = "leads";

/// How lead documents of a source are imported: they are read by the mapping of [`LEAD_SOURCE`].
#[must_use]
pub fn lead_options(source: Source) -> IngestOptions {
    IngestOptions { leads: true, ..IngestOptions::new(source) }
}

impl Engine {
    /// Imports files of lead documents as one run: JSON, JSON lines, what `mongoexport` and `mongodump` write. It is an ingest, and is
    /// resumed, repeated and undone as such; the report says what became of each document, too.
    ///
    /// # Errors
    /// `not-documents` (usage) for a table; else as [`Engine::ingest`].
    pub async fn import_leads(
        &mut self,
        paths: &[PathBuf],
        options: &IngestOptions,
        hooks: &mut Hooks<'_>,
    ) -> Result<(IngestReport, LeadReport), Error> {
        let mut options = IngestOptions { leads: true, ..options.clone() };
        // Whoever said it, the documents have the shape that the mapping of leads reads.
        options.open.source.get_or_insert(Source::new(LEAD_SOURCE)?);
        for path in paths {
            let input = Input::open(path, &options.open)?;
            if input.decision().format == Format::Csv {
                let message = format!("{} is a table, and lead documents are JSON or BSON", path.display());
                return Err(Error::new(ErrorKind::Usage, "not-documents", message)
                    .with_help("a list of leads is uploaded: `firmograph leads upload`"));
            }
        }
        let mut report = self.ingest(paths, &options, hooks).await?;
        let leads = report.leads.take().map(|leads| *leads).unwrap_or_default();
        Ok((report, leads))
    }
}
