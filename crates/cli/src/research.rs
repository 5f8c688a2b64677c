//! `research list`, `show`, `expire` and `stats`: what was researched and is not paid twice.

use crate::Done;
use crate::args::Format;
use crate::budget::usd;
use crate::ingest::now;
use crate::output::{Output, Row, chosen, row_of};
use clap::{Args, Subcommand};
use firmograph::store::ResearchRow;
use firmograph::{
    EntityKind, Error, ErrorKind, MicroDollars, ResearchCache, ResearchOptions, Stale, key_of_text,
};
use serde_json::Value;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

#[derive(Debug, Subcommand)]
pub(crate) enum ResearchCommand {
    /// What was researched, newest first, with what it cost and what giving it again saved
    List(ListArgs),
    /// One answer with its content
    Show {
        /// Its id, or the hash of its question, as listed
        id: String,
    },
    /// Delete answers whose time is over; rows of other programs stay
    Expire {
        /// Keep them for so many days after that, for caches that serve them while a budget is exhausted
        #[arg(long, value_name = "DAYS")]
        grace: Option<u32>,
    },
    /// Rows, bytes, hits, misses remembered, and dollars saved: of the answers that are kept, not of those given up since
    Stats,
}

#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// Only of this company or person: as it was asked about, else the key that a domain, page or mailbox makes
    key: Option<String>,
    /// Only of this workspace
    #[arg(long)]
    workspace: Option<String>,
    /// How many
    #[arg(long, default_value_t = 100)]
    limit: usize,
}

pub(crate) async fn run(database: &str, format: Option<Format>, command: ResearchCommand) -> Done {
    let mut options = ResearchOptions::new(Arc::new(now));
    if let ResearchCommand::Expire { grace: Some(days) } = command {
        options.stale = Stale::Serve;
        options.stale_grace = Duration::from_secs(u64::from(days) * 24 * 3_600);
    }
    let cache = ResearchCache::open(database, options).await?;
    let rows = match command {
        ResearchCommand::List(ListArgs { key, workspace, limit }) => {
            let workspace = workspace.as_deref();
            let mut rows = cache.list(workspace, key.as_deref(), limit).await?;
            for kind in [EntityKind::Company, EntityKind::Person] {
                if let Some(key) = key.as_deref().filter(|_| rows.is_empty()) {
                    rows = cache.list(workspace, Some(&key_of_text(kind, key)), limit).await?;
                }
            }
            rows.iter().map(|row| listed(row, false)).collect()
        }
        ResearchCommand::Show { id } => {
            let row = cache.show(&id).await?.ok_or_else(|| {
                Error::new(ErrorKind::Data, "unknown-research", format!("nothing was researched as {id:?}"))
                    .with_help("see `firmograph research list`")
            })?;
            vec![listed(&row, true)]
        }
        ResearchCommand::Expire { .. } => {
            vec![Row::from_iter([("expired".to_owned(), Value::from(cache.expire().await?))])]
        }
        ResearchCommand::Stats => {
            let stats = cache.stats().await?;
            let mut row = row_of(&stats);
            in_dollars(&mut row, [("saved", Some(stats.saved)), ("cost", Some(stats.cost))]);
            vec![row]
        }
    };
    Output::stdout(chosen(format)).rows(rows)?;
    Ok(ExitCode::SUCCESS)
}

/// Puts exact decimal dollars, as text, where there were micro-dollars.
fn in_dollars<const N: usize>(row: &mut Row, amounts: [(&str, Option<MicroDollars>); N]) {
    for (name, amount) in amounts {
        row.shift_remove(name);
        row.insert(format!("{name}_usd"), amount.map_or(Value::Null, usd));
    }
}

fn listed(row: &ResearchRow, with_content: bool) -> Row {
    let mut out = row_of(row);
    in_dollars(&mut out, [("cost", row.cost), ("saved", Some(row.saved))]);
    for column in ["content", "sources", "extracted"] {
        if !with_content || column != "content" {
            // JSON is shown as what it is.
            let json = out.remove(column).filter(|_| with_content);
            if let Some(Value::String(text)) = json {
                out.insert(column.to_owned(), serde_json::from_str(&text).unwrap_or(Value::String(text)));
            }
        }
    }
    out
}
