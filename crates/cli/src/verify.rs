use crate::args::Format;
use crate::ingest::{grouped, now};
use crate::output::{Output, chosen, row_of};
use crate::{Done, OVER_LIMIT};
use firmograph::Engine;
use std::process::ExitCode;

pub(crate) async fn run(database: &str, format: Option<Format>) -> Done {
    let mut engine = Engine::open(database).await?;
    let mut output = Output::stdout(chosen(format));
    let mut failed = None;
    let mut sink = |difference| {
        if failed.is_none() {
            failed = output.row(row_of(&difference)).err();
        }
    };
    let report = engine.verify(now(), &mut sink).await?;
    if let Some(error) = failed {
        return Err(error);
    }
    output.finish()?;
    eprintln!(
        "{} payloads read again; {} values differ from what is stored",
        grouped(report.payloads),
        grouped(report.differences)
    );
    if report.differences > 0 {
        eprintln!("  `firmograph rebuild` mends what the payloads decide");
        return Ok(ExitCode::from(OVER_LIMIT));
    }
    Ok(ExitCode::SUCCESS)
}
