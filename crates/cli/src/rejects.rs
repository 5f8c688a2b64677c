use crate::Done;
use crate::args::{Format, RejectsCommand};
use crate::output::{Output, Row, chosen, failed};
use firmograph::{Engine, RejectCode};
use serde_json::json;
use std::io::{BufWriter, Write};
use std::process::ExitCode;

pub(crate) async fn run(database: &str, format: Option<Format>, command: RejectsCommand) -> Done {
    let mut engine = Engine::open(database).await?;
    match command {
        RejectsCommand::List { run } => {
            let rejects = engine.rejects(run).await?;
            let rows = rejects.into_iter().map(|reject| {
                let code = RejectCode::ALL.iter().find(|code| code.code() == reject.code);
                let fields = [
                    ("run", json!(reject.run_id)),
                    ("file", json!(reject.path)),
                    ("line", json!(reject.line)),
                    ("code", json!(reject.code)),
                    ("column", json!(reject.column)),
                    ("cause", json!(reject.cause)),
                    ("help", json!(code.map(|code| code.help()))),
                ];
                fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<Row>()
            });
            Output::stdout(chosen(format)).rows(rows)?;
        }
        RejectsCommand::Export { run, output } => {
            let mut sink: Box<dyn Write> = match &output {
                Some(path) => Box::new(BufWriter::new(std::fs::File::create(path).map_err(failed)?)),
                None => Box::new(BufWriter::new(std::io::stdout())),
            };
            let count = engine.export_rejects(run, &mut sink).await?;
            sink.flush().map_err(failed)?;
            eprintln!(
                "{count} rejects; repair the cells and ingest the file: columns named firmograph_* are passed over"
            );
        }
    }
    Ok(ExitCode::SUCCESS)
}
