//! `firmograph leads`.

use crate::args::Format;
use crate::import_leads::{narrow, text_of};
use crate::ingest::{grouped, now};
use crate::output::{Output, Row, chosen, row_of};
use crate::runs::{Flips, tell_change};
use crate::{Done, OVER_LIMIT};
use clap::{Args, Subcommand};
use firmograph::leads::{LeadColumns, LeadFilter};
use firmograph::{Engine, Error, ErrorKind};
use serde_json::Value;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, Subcommand)]
pub(crate) enum LeadsCommand {
    /// Leads with company, person, signals and score, in the order of their ids
    List {
        /// Only those that have come exactly so far: uploaded, researched, icp_scored
        #[arg(long)]
        status: Option<String>,
        /// Only those of this company: domain, page, key or id
        #[arg(long)]
        company: Option<String>,
        /// At most so many
        #[arg(long, default_value_t = 100)]
        limit: usize,
        /// Only those behind this id: that of the last lead shown
        #[arg(long, value_name = "ID")]
        after: Option<String>,
    },
    /// One lead with its research, scores and their history
    Show {
        /// Its id, one that it had, or the one that it has where it comes from
        id: String,
    },
    /// Take a CSV of leads: name, title, company, email
    Upload(UploadArgs),
    /// Attach research, a score, or both, in one transaction
    Refresh {
        /// Id of the lead
        id: String,
        /// File with the research: JSON, or text with JSON in a fence
        #[arg(long, value_name = "FILE", required_unless_present = "icp")]
        research: Option<PathBuf>,
        /// File with the score: likewise
        #[arg(long, value_name = "FILE")]
        icp: Option<PathBuf>,
    },
    /// Believe none of its documents any more; `firmograph runs undo` brings it back
    Delete {
        /// Id of the lead
        id: String,
        /// Do everything, show the result, and roll it back
        #[arg(long)]
        dry_run: bool,
    },
}

#[derive(Debug, Args)]
pub(crate) struct UploadArgs {
    /// The CSV
    file: PathBuf,
    /// Header of the person's name; without, it is recognised, as are the others
    #[arg(long, value_name = "HEADER")]
    name: Option<String>,
    /// Header of the job title
    #[arg(long, value_name = "HEADER")]
    title: Option<String>,
    /// Header of the company's name
    #[arg(long, value_name = "HEADER")]
    company: Option<String>,
    /// Header of the e-mail address
    #[arg(long, value_name = "HEADER")]
    email: Option<String>,
}

pub(crate) async fn run(database: &str, format: Option<Format>, command: LeadsCommand) -> Done {
    let mut engine = Engine::open(database).await?;
    let format = chosen(format);
    let fitting = |row: Row| if format == Format::Table { narrow(row) } else { row };
    match command {
        LeadsCommand::List { status, company, limit, after } => {
            let filter = LeadFilter {
                status: status.as_deref(),
                company: company.as_deref(),
                limit,
                after: after.as_deref(),
            };
            let leads = engine.leads(&filter).await?;
            Output::stdout(format).rows(leads.iter().map(|lead| fitting(summary(row_of(lead), format))))?;
        }
        LeadsCommand::Show { id } => {
            let lead = engine.lead(&id).await?.ok_or_else(|| {
                Error::new(ErrorKind::Data, "unknown-lead", format!("there is no lead {id:?}"))
                    .with_help("see `firmograph leads list`")
            })?;
            if format == Format::Table {
                let rows = row_of(&lead).into_iter().map(|(name, value)| {
                    Row::from_iter([("field".to_owned(), Value::from(name)), ("value".to_owned(), value)])
                });
                Output::stdout(format).rows(rows)?;
            } else {
                Output::stdout(format).rows([row_of(&lead)])?;
            }
        }
        LeadsCommand::Upload(args) => {
            let UploadArgs { file, name, title, company, email } = args;
            let columns = LeadColumns { name, title, company, email };
            let upload = engine.upload_leads(&file, &columns, now()).await?;
            Output::stdout(format).rows(upload.rows.iter().map(row_of))?;
            eprintln!(
                "run {}: {} rows, {} new, {} known, {} failed",
                upload.run,
                grouped(upload.total),
                grouped(upload.created),
                grouped(upload.known),
                grouped(upload.failed)
            );
            if upload.failed > 0 {
                return Ok(ExitCode::from(OVER_LIMIT));
            }
        }
        LeadsCommand::Refresh { id, research, icp } => {
            let [research, icp] = [research, icp].map(|path| path.as_deref().map(text_of).transpose());
            let refresh = engine.refresh_lead(&id, research?.as_deref(), icp?.as_deref(), now()).await?;
            Output::stdout(format).rows([row_of(&refresh)])?;
        }
        LeadsCommand::Delete { id, dry_run } => {
            let mut flips = Flips::new(format);
            let report = engine.delete_lead(&id, dry_run, now(), &mut |flip| flips.show(flip)).await?;
            flips.finish()?;
            tell_change(&mut engine, &report, &format!("lead {id} deleted")).await?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// For a table, the score and the company by name.
fn summary(mut row: Row, format: Format) -> Row {
    if format == Format::Table {
        let part = |row: &Row, of: &str, name: &str| {
            row.get(of).and_then(|of| of.get(name)).cloned().unwrap_or_default()
        };
        let shown = [
            ("company", part(&row, "company", "name")),
            ("icp_score", part(&row, "icp_score", "icp_score")),
            ("fit_tier", part(&row, "icp_score", "fit_tier")),
        ];
        for name in ["company_id", "persona_id", "company_key", "person_key", "created_at", "person"] {
            row.remove(name);
        }
        row.extend(shown.map(|(name, value)| (name.to_owned(), value)));
    }
    row
}
