//! `join` and `duplicates`: keys of one company or person, joined by hand and parted again.

use crate::Done;
use crate::args::Format;
use crate::ingest::{dry_run_database, now};
use crate::output::{Output, chosen, row_of};
use clap::{Args, Subcommand, ValueEnum};
use firmograph::{
    ChangeReport, Changed, Engine, EntityKind, Error, Flip, JoinRequest, key_of_text, read_aliases,
};
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct JoinArgs {
    #[command(subcommand)]
    command: Option<JoinCommand>,
    /// What is said of this key ...
    #[arg(required = true)]
    key: Option<String>,
    /// ... counts for this one: a domain, LinkedIn page or name:...; an e-mail address or LinkedIn profile
    #[arg(required = true)]
    into_key: Option<String>,
    /// Why they are one
    #[arg(long, required = true)]
    reason: Option<String>,
    /// What the keys are of
    #[arg(long, value_enum, default_value = "company")]
    entity: Kind,
    #[command(flatten)]
    how: How,
}

#[derive(Debug, Args)]
pub(crate) struct How {
    /// Who says so; the account's name without
    #[arg(long)]
    author: Option<String>,
    /// Do everything, show what would change, and roll it back
    #[arg(long)]
    dry_run: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    Company,
    Person,
}

#[derive(Debug, Subcommand)]
enum JoinCommand {
    /// Joins that count, oldest first
    List {
        /// Those that were taken back, too
        #[arg(long)]
        all: bool,
    },
    /// Join what a file says: domain aliases and rebrands
    Import {
        /// CSV with a header: from_key,into_key,why
        file: PathBuf,
        #[command(flatten)]
        how: How,
    },
    /// Take a join back; it is not made again automatically
    Undo {
        /// Number of the join
        id: i64,
        #[command(flatten)]
        how: How,
    },
}

#[derive(Debug, Args)]
pub(crate) struct DuplicatesArgs {
    /// How many
    #[arg(long, default_value_t = 50)]
    top: usize,
}

pub(crate) async fn run(database: &str, format: Option<Format>, args: JoinArgs) -> Done {
    let kind = match args.entity {
        Kind::Company => EntityKind::Company,
        Kind::Person => EntityKind::Person,
    };
    match args.command {
        Some(JoinCommand::List { all }) => {
            let joins = Engine::open(database).await?.joins(all).await?;
            Output::stdout(chosen(format)).rows(joins.iter().map(row_of))?;
            Ok(ExitCode::SUCCESS)
        }
        Some(JoinCommand::Import { file, how }) => {
            // Read before a database is made that nothing would be written to.
            let requests = read_aliases(&file)?;
            join(database, format, &requests, how).await
        }
        Some(JoinCommand::Undo { id, how }) => {
            let mut engine = open(database, &how).await?;
            let mut flips = Vec::new();
            let mut sink = |flip| flips.push(flip);
            let done = engine.undo_join(id, &author(&how), how.dry_run, now(), &mut sink).await?;
            ended(&mut engine, format, &done, &flips).await
        }
        None => {
            let key = |text: Option<String>| key_of_text(kind, &text.unwrap_or_default());
            let why = args.reason.unwrap_or_default();
            let request = JoinRequest { kind, from_key: key(args.key), into_key: key(args.into_key), why };
            join(database, format, &[request], args.how).await
        }
    }
}

pub(crate) async fn duplicates(database: &str, format: Option<Format>, args: &DuplicatesArgs) -> Done {
    let found = Engine::open(database).await?.duplicates(args.top).await?;
    Output::stdout(chosen(format)).rows(found.iter().map(row_of))?;
    if !found.is_empty() {
        eprintln!("nothing was merged: join two keys with `firmograph join KEY INTO_KEY --reason ...`");
    }
    Ok(ExitCode::SUCCESS)
}

async fn join(database: &str, format: Option<Format>, requests: &[JoinRequest], how: How) -> Done {
    let mut engine = open(database, &how).await?;
    for request in requests {
        for key in [&request.from_key, &request.into_key] {
            if engine.entity(request.kind, key).await?.is_none() {
                eprintln!("note: nothing is known of {key:?} yet");
            }
        }
    }
    let mut flips = Vec::new();
    let mut sink = |flip| flips.push(flip);
    let done = engine.join(requests, &author(&how), how.dry_run, now(), &mut sink).await?;
    ended(&mut engine, format, &done, &flips).await
}

async fn open(database: &str, how: &How) -> Result<Engine, Error> {
    Engine::open(if how.dry_run { dry_run_database(database) } else { database }).await
}

fn author(how: &How) -> String {
    let account = || ["USER", "USERNAME"].iter().find_map(|name| std::env::var(name).ok());
    how.author.clone().or_else(account).filter(|name| !name.is_empty()).unwrap_or_else(|| "user".to_owned())
}

/// Each value that is another one on stdout, the sums on stderr.
async fn ended(engine: &mut Engine, format: Option<Format>, report: &ChangeReport, flips: &[Flip]) -> Done {
    if !report.dry_run && report.flips > 0 {
        engine.store().refresh_views().await?;
    }
    Output::stdout(chosen(format)).rows(flips.iter().map(row_of))?;
    let name =
        if report.dry_run { "dry run (rolled back)".to_owned() } else { format!("run {}", report.run) };
    let told = |Changed { new, changed, gone }: Changed| format!("{new} new, {changed} changed, {gone} gone");
    eprintln!("{name}: companies {}; prospects {}", told(report.companies), told(report.prospects));
    Ok(ExitCode::SUCCESS)
}
