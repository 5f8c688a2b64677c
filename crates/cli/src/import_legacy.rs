//! Rows that other programs wrote into the golden tables by themselves.

use crate::Done;
use crate::args::Format;
use crate::ingest::{ended, now, on_ctrl_c, summarize, with_progress};
use crate::output::{Output, chosen, row_of};
use clap::Args;
use firmograph::{DirectWriteOptions, Engine, Hooks};
use std::process::ExitCode;
use std::time::Instant;

#[derive(Debug, Args)]
pub(crate) struct LegacyArgs {
    /// Those, too, that an undo took back
    #[arg(long)]
    again: bool,
    /// Rows written in one transaction
    #[arg(long, value_name = "ROWS", default_value_t = 20_000)]
    batch_size: usize,
    /// Leave company_prospect_view as it is (PostgreSQL)
    #[arg(long)]
    no_refresh: bool,
}

pub(crate) async fn run(database: &str, format: Option<Format>, args: &LegacyArgs) -> Done {
    let interrupted = on_ctrl_c();
    let started = Instant::now();
    let mut engine = Engine::open(database).await?;
    let options = DirectWriteOptions { again: args.again, batch_rows: args.batch_size };
    let observed = with_progress(async |progress| {
        let mut hooks = Hooks { clock: &now, progress, interrupted };
        engine.observe_direct_writes(options, &mut hooks).await
    });
    let Some(report) = observed.await? else {
        eprintln!("nothing waits: every row that another program wrote is observed");
        return Ok(ExitCode::SUCCESS);
    };
    if !args.no_refresh && report.counters.changes() > 0 {
        engine.store().refresh_views().await?;
    }
    summarize(&report, started.elapsed());
    if format.is_some() {
        Output::stdout(chosen(format)).rows([row_of(&report)])?;
    }
    Ok(ended(report.status))
}
