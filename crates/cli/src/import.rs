//! Importing what other systems hold.

use crate::Done;
use crate::args::Format;
use crate::import_leads::{self, LeadsArgs};
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(crate) enum ImportCommand {
    /// Nested lead documents: JSON, JSON lines, and what mongoexport and mongodump write
    Leads(Box<LeadsArgs>),
}

pub(crate) async fn run(database: &str, format: Option<Format>, command: ImportCommand) -> Done {
    match command {
        ImportCommand::Leads(args) => import_leads::run(database, format, *args).await,
    }
}
