//! `priority show`, `priority set` and `priority reset`: which source is believed first, and by which policy.

use crate::Done;
use crate::args::Format;
use crate::ingest::{dry_run_database, now};
use crate::output::{Output, chosen, row_of};
use clap::{Args, Subcommand, ValueEnum};
use firmograph::{
    Attribute, ChangeReport, Engine, EntityKind, Error, Flip, Policy, PriorityChange, Source, find_attribute,
};
use serde_json::Value;
use std::process::ExitCode;

#[derive(Debug, Subcommand)]
pub(crate) enum PriorityCommand {
    /// Policy and order of sources, and who set them: of every attribute, or of one
    Show {
        /// Attribute (company_name), the end of its name (name), or *; every one of them without
        attribute: Option<String>,
        /// Whose attribute, where companies and persons both have it; a company's without
        #[arg(long, value_enum)]
        entity: Option<EntityArg>,
    },
    /// Believe these sources first; shows every golden value that flips
    Set(SetArgs),
    /// Go back to the built-in order and policy; shows every golden value that flips
    Reset {
        #[command(flatten)]
        of: OfAttribute,
        /// Do everything, show the result, and roll it back
        #[arg(long)]
        dry_run: bool,
    },
}

#[derive(Debug, Args)]
pub(crate) struct OfAttribute {
    /// Attribute (company_name), the end of its name (name), or * for all without an order of their own
    attribute: String,
    /// Whose attribute, where companies and persons both have it; a company's without
    #[arg(long, value_enum)]
    entity: Option<EntityArg>,
}

#[derive(Debug, Args)]
pub(crate) struct SetArgs {
    #[command(flatten)]
    of: OfAttribute,
    /// Sources, the one believed first first; all others come after them
    #[arg(value_name = "SOURCE,SOURCE", value_delimiter = ',', required_unless_present = "policy")]
    sources: Vec<String>,
    /// How one is chosen: by_priority, most_complete, longest, most_recent, first
    #[arg(long, value_parser = parse_policy)]
    policy: Option<Policy>,
    /// Do everything, show the result, and roll it back
    #[arg(long)]
    dry_run: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum EntityArg {
    Company,
    Person,
}

impl OfAttribute {
    fn attribute(&self) -> Result<Option<Attribute>, Error> {
        if self.attribute == "*" {
            return Ok(None);
        }
        attribute(&self.attribute, self.entity).map(Some)
    }
}

pub(crate) fn attribute(name: &str, entity: Option<EntityArg>) -> Result<Attribute, Error> {
    let kind = entity.map(|entity| match entity {
        EntityArg::Company => EntityKind::Company,
        EntityArg::Person => EntityKind::Person,
    });
    find_attribute(name, kind)
}

pub(crate) async fn run(database: &str, format: Option<Format>, command: PriorityCommand) -> Done {
    let format = chosen(format);
    match command {
        PriorityCommand::Show { attribute, entity } => {
            let only =
                attribute.map(|attribute| OfAttribute { attribute, entity }.attribute()).transpose()?;
            let rows = Engine::open(database).await?.priority_table().await?;
            let name =
                |attribute: Option<Attribute>| attribute.map_or("*", |attribute| attribute.spec().name);
            let rows = rows.iter().filter(|row| only.is_none_or(|only| row.attribute == name(only)));
            Output::stdout(format).rows(rows.map(|row| {
                let mut cells = row_of(row);
                if matches!(format, Format::Table | Format::Csv) {
                    cells.insert("sources".to_owned(), Value::from(row.sources.join(",")));
                }
                cells
            }))?;
        }
        PriorityCommand::Set(args) => {
            let attribute = args.of.attribute()?;
            let sources: Vec<Source> =
                args.sources.iter().map(|name| Source::new(name.trim())).collect::<Result<_, _>>()?;
            let change =
                PriorityChange { sources: (!sources.is_empty()).then_some(sources), policy: args.policy };
            let mut engine = open(database, args.dry_run).await?;
            let mut flips = Flips::new(format);
            let report = engine
                .set_priority(attribute, &change, args.dry_run, now(), &mut |flip| flips.tell(&flip))
                .await?;
            flips.end(&report)?;
        }
        PriorityCommand::Reset { of, dry_run } => {
            let attribute = of.attribute()?;
            let mut engine = open(database, dry_run).await?;
            let mut flips = Flips::new(format);
            let report =
                engine.reset_priority(attribute, dry_run, now(), &mut |flip| flips.tell(&flip)).await?;
            flips.end(&report)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The database; for a dry run nothing is made that was not there.
pub(crate) async fn open(database: &str, dry_run: bool) -> Result<Engine, Error> {
    Engine::open(if dry_run { dry_run_database(database) } else { database }).await
}

fn parse_policy(name: &str) -> Result<Policy, String> {
    Policy::from_name(name).ok_or_else(|| format!("use one of {}", Policy::ALL.map(Policy::name).join(", ")))
}

/// Golden values that flip, written as they become known.
pub(crate) struct Flips {
    output: Output,
    error: Option<Error>,
}

impl Flips {
    pub(crate) fn new(format: Format) -> Self {
        Flips { output: Output::stdout(format), error: None }
    }

    pub(crate) fn tell(&mut self, flip: &Flip) {
        // After the first failure there is nobody to write to; the change itself goes on.
        if self.error.is_none() {
            self.error = self.output.row(row_of(flip)).err();
        }
    }

    /// Ends the data on stdout, and says the counts on stderr.
    pub(crate) fn end(self, report: &ChangeReport) -> Result<(), Error> {
        let what = match report.dry_run {
            true => "dry run (rolled back)".to_owned(),
            false => format!("run {}", report.run),
        };
        let rows = report.companies.changed + report.prospects.changed;
        let golden = |count: u64, one: &str, many: &str| match count {
            1 => format!("1 {one}"),
            count => format!("{count} {many}"),
        };
        eprintln!(
            "{what}: {} of {} ({} and {}) {}",
            golden(report.flips, "golden value", "golden values"),
            golden(rows, "record", "records"),
            golden(report.companies.changed, "company", "companies"),
            golden(report.prospects.changed, "prospect", "prospects"),
            if report.dry_run { "would flip" } else { "flipped" },
        );
        match self.error {
            Some(error) => Err(error),
            None => self.output.finish(),
        }
    }
}
