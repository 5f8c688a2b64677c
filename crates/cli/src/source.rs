use crate::Done;
use crate::args::{Format, SourceCommand};
use crate::ingest::now;
use crate::output::{Output, chosen, row_of};
use crate::runs::{Flips, tell_change};
use firmograph::{Engine, Source};
use std::process::ExitCode;

pub(crate) async fn run(database: &str, format: Option<Format>, command: SourceCommand) -> Done {
    let mut engine = Engine::open(database).await?;
    match command {
        SourceCommand::List => {
            let sources = engine.store().sources().await?;
            Output::stdout(chosen(format)).rows(sources.iter().map(row_of))?;
        }
        SourceCommand::Remove { source, dry_run } => {
            let source = Source::new(&source)?;
            let mut flips = Flips::new(chosen(format));
            let report = engine.remove_source(&source, dry_run, now(), &mut |flip| flips.show(flip)).await?;
            flips.finish()?;
            tell_change(&mut engine, &report, &format!("source {source}")).await?;
            if !dry_run {
                eprintln!("  `firmograph runs undo {}` takes that back", report.run);
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}
