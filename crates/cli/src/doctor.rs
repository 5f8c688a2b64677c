use crate::args::Format;
use crate::output::{Output, chosen, row_of};
use crate::{Done, OVER_LIMIT};
use firmograph::Engine;
use std::process::ExitCode;

pub(crate) async fn run(database: &str, format: Option<Format>) -> Done {
    let checks = Engine::open(database).await?.doctor().await?;
    let well = checks.iter().all(|check| check.well);
    Output::stdout(chosen(format)).rows(checks.iter().map(row_of))?;
    Ok(if well { ExitCode::SUCCESS } else { ExitCode::from(OVER_LIMIT) })
}
