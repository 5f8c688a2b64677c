use crate::Done;
use crate::args::{ExportArgs, Format, Golden};
use crate::output::Output;
use firmograph::{Engine, EntityKind, ExportOptions};
use std::process::ExitCode;

pub(crate) async fn run(database: &str, format: Option<Format>, args: ExportArgs) -> Done {
    let kind = match args.what {
        Golden::Companies => EntityKind::Company,
        Golden::Prospects => EntityKind::Person,
    };
    let mut engine = Engine::open(database).await?;
    // A table of a whole database helps nobody: NDJSON unless asked otherwise, on a terminal too.
    let mut output = Output::to(format.unwrap_or(Format::Ndjson), args.output.as_deref())?;
    let options = ExportOptions { with_times: args.with_times };
    engine.export(kind, options, &mut |row| output.row(row)).await?;
    output.finish()?;
    Ok(ExitCode::SUCCESS)
}
