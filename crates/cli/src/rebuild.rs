use crate::args::{Format, RebuildArgs};
use crate::ingest::{now, on_ctrl_c};
use crate::output::chosen;
use crate::runs::{Flips, tell_change};
use crate::{Done, INTERRUPTED};
use firmograph::{Engine, RebuildOptions, RunStatus};
use std::process::ExitCode;

pub(crate) async fn run(database: &str, format: Option<Format>, args: RebuildArgs) -> Done {
    let mut options = RebuildOptions {
        since: args.since,
        dry_run: args.dry_run,
        resume: args.resume,
        ..Default::default()
    };
    if let Some(rows) = args.batch_size {
        options.batch_rows = rows.max(1);
    }
    let interrupted = on_ctrl_c();
    let mut engine = Engine::open(database).await?;
    let mut flips = Flips::new(chosen(format));
    let report = engine.rebuild(&options, now(), &interrupted, &mut |flip| flips.show(flip)).await?;
    flips.finish()?;
    let what = format!("{} of {} slices", report.slices_done, report.slices);
    tell_change(&mut engine, &report.change, &what).await?;
    if report.status == RunStatus::Interrupted {
        eprintln!("interrupted: go on with --resume");
        return Ok(ExitCode::from(INTERRUPTED));
    }
    Ok(ExitCode::SUCCESS)
}
