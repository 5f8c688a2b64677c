//! The command line of firmograph. Data on stdout, talk on stderr.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "this is the face that prints")]

mod args;
mod budget;
mod cost;
mod demo;
mod doctor;
mod documents;
mod enrich;
mod entity;
mod export;
mod import;
mod import_leads;
mod import_legacy;
mod ingest;
mod join;
mod leads;
mod level_map;
mod lookup;
mod migrate;
mod normalize;
mod output;
mod pin;
mod priority;
mod quality;
mod rebuild;
mod reconciliation;
mod rejects;
mod research;
mod runs;
mod schema;
mod shards;
mod source;
mod stats;
mod value_lookup;
mod verify;

use args::{Args, Command};
use clap::Parser;
use firmograph::{Error, ErrorKind};
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Done, but with rejects or checks over the limit.
const OVER_LIMIT: u8 = 1;
const USAGE: u8 = 2;
const ENVIRONMENT: u8 = 3;
const REFUSED: u8 = 4;
const INTERRUPTED: u8 = 130;

/// What a command that did its work ends with.
type Done = Result<ExitCode, Error>;

fn main() -> ExitCode {
    let args = Args::parse();
    match run(args) {
        Ok(code) => code,
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            tell(&error);
            ExitCode::from(match error.kind() {
                ErrorKind::Usage => USAGE,
                ErrorKind::Data => OVER_LIMIT,
                ErrorKind::Interrupted => INTERRUPTED,
                ErrorKind::Refused => REFUSED,
                _ => ENVIRONMENT,
            })
        }
    }
}

fn run(args: Args) -> Done {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| {
        Error::new(ErrorKind::Environment, "runtime", error.to_string()).with_cause(error)
    })?;
    let Args { database, format, command } = args;
    runtime.block_on(async {
        match command {
            Command::Ingest(options) => ingest::run(&database, format, *options).await,
            Command::Import(command) => import::run(&database, format, command).await,
            Command::Documents(command) => documents::run(&database, format, command).await,
            Command::Leads(command) => leads::run(&database, format, command).await,
            Command::Normalize(options) => normalize::run(&options),
            Command::Company(key) => entity::company(&database, format, &key).await,
            Command::Person(key) => entity::person(&database, format, &key).await,
            Command::Explain(options) => entity::explain(&database, format, &options).await,
            Command::Priority(command) => priority::run(&database, format, command).await,
            Command::Pin(command) => pin::run(&database, format, command).await,
            Command::Export(options) => export::run(&database, format, options).await,
            Command::Runs(options) => runs::run(&database, format, options).await,
            Command::Source(options) => source::run(&database, format, options).await,
            Command::Rebuild(options) => rebuild::run(&database, format, options).await,
            Command::Verify => verify::run(&database, format).await,
            Command::Rejects(options) => rejects::run(&database, format, options).await,
            Command::Join(options) => join::run(&database, format, options).await,
            Command::Duplicates(options) => join::duplicates(&database, format, &options).await,
            Command::Lookup(options) => lookup::run(&database, format, options).await,
            Command::Migrate(options) => migrate::run(&database, format, options).await,
            Command::Budget(command) => budget::run(&database, format, *command).await,
            Command::Cost(command) => cost::run(&database, format, command).await,
            Command::Quality(command) => quality::run(&database, format, command).await,
            Command::Stats(args) => stats::run(&database, format, args).await,
            Command::Research(command) => research::run(&database, format, command).await,
            Command::Enrich(command) => enrich::run(&database, format, command).await,
            Command::Shards(command) => shards::run(format, command).await,
            Command::Schema(command) => schema::run(&database, command).await,
            Command::Doctor => doctor::run(&database, format).await,
            Command::Demo(options) => demo::run(format, options).await,
            Command::Completions { shell } => {
                args::completions(shell);
                Ok(ExitCode::SUCCESS)
            }
        }
    })
}

fn tell(error: &Error) {
    eprintln!("error[{}]: {error}", error.code());
    if let Some(help) = error.help() {
        eprintln!("  help: {help}");
    }
}

/// `firmograph export companies | head` is no failure.
fn is_closed_pipe(error: &Error) -> bool {
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        if error
            .downcast_ref::<std::io::Error>()
            .is_some_and(|io| io.kind() == std::io::ErrorKind::BrokenPipe)
        {
            return true;
        }
        cause = error.source();
    }
    false
}
