use crate::Done;
use crate::args::{Format, RunsCommand};
use crate::output::{Output, Row, chosen, row_of};
use firmograph::store::Run;
use firmograph::{Engine, Error, ErrorKind};
use serde_json::Value;
use std::process::ExitCode;

pub(crate) async fn run(database: &str, format: Option<Format>, command: RunsCommand) -> Done {
    let mut engine = Engine::open(database).await?;
    let format = chosen(format);
    match command {
        RunsCommand::List { limit } => {
            let runs = engine.store().runs(limit).await?;
            let rows = runs.iter().map(|run| {
                let mut row = run_row(run);
                if format == Format::Table {
                    row.remove("counters");
                }
                row
            });
            Output::stdout(format).rows(rows)?;
        }
        RunsCommand::Show { run: id } => {
            let run = engine.store().run(id).await?.ok_or_else(|| {
                Error::new(ErrorKind::Data, "unknown-run", format!("there is no run {id}"))
                    .with_help("see `firmograph runs list`")
            })?;
            let files = engine.store().files(Some(id)).await?;
            let mut row = run_row(&run);
            row.insert("files".to_owned(), files.iter().map(|file| Value::Object(row_of(file))).collect());
            if format == Format::Table {
                let rows = row.into_iter().map(|(name, value)| {
                    Row::from_iter([("field".to_owned(), Value::from(name)), ("value".to_owned(), value)])
                });
                Output::stdout(format).rows(rows)?;
            } else {
                Output::stdout(format).rows([row])?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn run_row(run: &Run) -> Row {
    let mut row = row_of(run);
    if let Ok(counters) = serde_json::from_str(&run.counters) {
        row.insert("counters".to_owned(), counters);
    }
    row
}
