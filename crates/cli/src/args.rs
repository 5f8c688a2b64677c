use crate::budget::BudgetCommand;
use crate::cost::CostCommand;
use crate::documents::DocumentsCommand;
use crate::enrich::EnrichCommand;
use crate::import::ImportCommand;
use crate::join::{DuplicatesArgs, JoinArgs};
use crate::leads::LeadsCommand;
use crate::pin::PinCommand;
use crate::priority::PriorityCommand;
use crate::quality::QualityCommand;
use crate::research::ResearchCommand;
use crate::schema::SchemaCommand;
use crate::shards::ShardsCommand;
use crate::stats::StatsArgs;
use clap::{Args as ClapArgs, CommandFactory, Parser, Subcommand, ValueEnum};
use firmograph::normalize::{Kind, country_code};
use firmograph::{Attribute, Timestamp, parse_observed_at};
use std::path::PathBuf;

/// Messy company, prospect and lead data in; attributed, explained golden records out.
#[derive(Debug, Parser)]
#[command(
    name = "firmograph",
    version,
    after_help = "\
Exit status: 0 done; 1 done with rejects or checks over the limit; 2 usage or configuration; 3 environment; \
4 budget refused; 130 interrupted, resumable."
)]
pub(crate) struct Args {
    /// Database: sqlite://FILE or postgres://USER@HOST/NAME
    #[arg(long, global = true, env = "FIRMOGRAPH_DATABASE", default_value = "sqlite://firmograph.db")]
    pub(crate) database: String,
    /// How data is written to stdout
    #[arg(long, global = true, value_enum)]
    pub(crate) format: Option<Format>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Table,
    /// One JSON document
    Json,
    /// One JSON object a line
    Ndjson,
    /// Comma-separated values
    Csv,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Read files into the database: observations, golden companies and prospects
    Ingest(Box<IngestArgs>),
    /// Read what another system holds, and account for each of its values
    #[command(subcommand)]
    Import(ImportCommand),
    /// Leads: list, show, upload, refresh, delete
    #[command(subcommand)]
    Leads(LeadsCommand),
    /// Intelligence documents: what is known of companies and persons beyond their attributes
    #[command(subcommand)]
    Documents(DocumentsCommand),
    /// Match raw values, one a line on stdin or as arguments, to standard values with evidence (NDJSON)
    Normalize(NormalizeArgs),
    /// Show a golden company and who won each attribute
    Company(KeyArg),
    /// Show a golden prospect and who won each attribute
    Person(KeyArg),
    /// Show why a value is what it is: winner, raw value, source, rule, and each loser
    Explain(ExplainArgs),
    /// Which source is believed first about an attribute, and by which policy one is chosen
    #[command(subcommand)]
    Priority(PriorityCommand),
    /// Values that outrank every source, with author, reason and expiry
    #[command(subcommand)]
    Pin(PinCommand),
    /// Write golden companies or prospects, in an order that is the same everywhere
    Export(ExportArgs),
    /// What was ingested, when, and with what result
    #[command(subcommand)]
    Runs(RunsCommand),
    /// Who says what is believed, and removing one of them
    #[command(subcommand)]
    Source(SourceCommand),
    /// Match and coalesce everything anew from the payloads, after reference tables or rules changed
    Rebuild(RebuildArgs),
    /// Compute everything anew and list each stored value that is not what it should be; changes nothing
    Verify,
    /// Rows that could not be taken
    #[command(subcommand)]
    Rejects(RejectsCommand),
    /// Let what is said of one key count for another: rebrands, several domains, several e-mails
    Join(JoinArgs),
    /// Companies and persons that may be one under several keys, with the evidence; nothing is merged
    Duplicates(DuplicatesArgs),
    /// Reference tables, tests of one value, and raw values without a standard value
    #[command(subcommand)]
    Lookup(LookupCommand),
    /// Create, change or remove the tables
    #[command(subcommand)]
    Migrate(MigrateCommand),
    /// Caps that no call gets past, what is left of them, alerts, and calls of scripts
    #[command(subcommand)]
    Budget(Box<BudgetCommand>),
    /// What calls of providers cost, what they are said to cost, and what they bought
    #[command(subcommand)]
    Cost(CostCommand),
    /// How good the data is
    #[command(subcommand)]
    Quality(QualityCommand),
    /// What runs did and how fast, what could not be taken or matched, and how fresh everything is
    Stats(StatsArgs),
    /// What was researched and is not paid twice
    #[command(subcommand)]
    Research(ResearchCommand),
    /// Providers that are asked in order: what that costs before anything is spent
    #[command(subcommand)]
    Enrich(EnrichCommand),
    /// Companies spread over several databases: which of them has whom
    #[command(subcommand)]
    Shards(ShardsCommand),
    /// The tables for other programs
    #[command(subcommand)]
    Schema(SchemaCommand),
    /// Check the database and this program
    Doctor,
    /// Run the main job on bundled synthetic data
    Demo(DemoArgs),
    /// Write a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

#[derive(Debug, ClapArgs)]
pub(crate) struct IngestArgs {
    /// CSV, TSV, JSON or JSON lines, gzip or not
    #[arg(required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// Who says it
    #[arg(long, default_value = "csv")]
    pub(crate) source: String,
    /// Mapping file: which column or path fills which field. May be given several times: the first whose conditions hold is taken
    #[arg(long, value_name = "TOML")]
    pub(crate) mapping: Vec<PathBuf>,
    /// When the source saw the records: 2026-01-31 or an RFC 3339 instant
    #[arg(long, value_name = "DATE")]
    pub(crate) observed_at: Option<String>,
    /// Do everything, show the result, and roll it back
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Go on where an interrupted run of the same files stopped
    #[arg(long, conflicts_with = "dry_run")]
    pub(crate) resume: bool,
    /// Stop when more rows than this are rejected: a number, or a percentage of the rows read
    #[arg(long, value_name = "N|P%")]
    pub(crate) max_rejects: Option<String>,
    /// Append .com to hosts without a dot; the evidence says so
    #[arg(long)]
    pub(crate) repair_domains: bool,
    /// Rows written in one transaction
    #[arg(long, value_name = "ROWS", default_value_t = firmograph::DEFAULT_BATCH_ROWS)]
    pub(crate) batch_size: usize,
    /// Spread the records over the databases that this file lists, by company, instead of writing to --database
    #[arg(long, value_name = "TOML")]
    pub(crate) shards: Option<PathBuf>,
    /// Leave company_prospect_view as it is (PostgreSQL)
    #[arg(long)]
    pub(crate) no_refresh: bool,
    /// Delimiter of the columns: a character, or tab
    #[arg(long, value_name = "CHAR")]
    pub(crate) delimiter: Option<String>,
    /// Encoding of the text: utf-8, utf-16le, windows-1252, ...
    #[arg(long)]
    pub(crate) encoding: Option<String>,
    /// What the files are, where their content does not tell
    #[arg(long, value_enum)]
    pub(crate) input_format: Option<InputFormat>,
    /// Bytes that one record may have
    #[arg(long, value_name = "BYTES")]
    pub(crate) max_record_bytes: Option<usize>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum InputFormat {
    Csv,
    Json,
    JsonLines,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct NormalizeArgs {
    /// Kind of value
    #[arg(value_parser = parse_kind)]
    pub(crate) kind: Kind,
    /// Values; without any, the lines of stdin
    pub(crate) values: Vec<String>,
    /// Country of the records, by name or ISO code: telephone numbers and places are read with it
    #[arg(long, value_parser = parse_country)]
    pub(crate) country: Option<&'static str>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct KeyArg {
    /// A domain, LinkedIn page or other key; an e-mail address or LinkedIn profile
    pub(crate) key: String,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ExplainArgs {
    /// A domain, or the e-mail address or LinkedIn profile of a person
    pub(crate) key: String,
    /// Attribute (employee_range, job_title, ...) or the end of its name (title); all of them without
    pub(crate) attribute: Option<String>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum Exported {
    /// Golden companies
    Companies,
    /// Golden prospects
    Prospects,
    /// Complete leads only
    Leads,
    /// Golden companies with the source that won each attribute
    CompaniesFull,
    /// Golden prospects with their company and the source that won each attribute
    PeopleFull,
    /// What each source says about each company, and who won
    CompanyProvenance,
    /// What each source says about each person, and who won
    PersonProvenance,
    /// Companies beside prospects, as of the last refresh
    CompanyProspectView,
    /// Golden rows that were deleted
    Deletions,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ExportArgs {
    /// Golden records, or a view of them
    #[arg(value_enum)]
    pub(crate) what: Exported,
    /// File to write; stdout without
    #[arg(long, short)]
    pub(crate) output: Option<PathBuf>,
    /// Golden records: add createdAt and updatedAt
    #[arg(long)]
    pub(crate) with_times: bool,
    /// Only rows that changed after this date or RFC 3339 instant; of views that know it, and of deletions
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub(crate) since: Option<Timestamp>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RunsCommand {
    /// Runs, newest first
    List {
        /// How many
        #[arg(long, default_value_t = 20)]
        limit: usize,
    },
    /// One run with its files
    Show {
        /// Number of the run
        run: i64,
    },
    /// Take back what a run did, and list every golden value that becomes another one
    #[command(after_help = UNDO_HELP)]
    Undo {
        /// Number of the run
        run: i64,
        /// Do everything, show the result, and roll it back
        #[arg(long)]
        dry_run: bool,
    },
}

const UNDO_HELP: &str = "\
Afterwards everything is as if the run had not been; runs that came later stay. An undo is a run itself: undoing it does again \
what was undone. Nothing is deleted from the payloads, and a file that was taken back can be ingested again.

Golden rows that another system made are never deleted, and values of theirs that an ingest replaced are not known any more: \
where no source speaks of them, they stay as they are.";

#[derive(Debug, Subcommand)]
pub(crate) enum SourceCommand {
    /// Every source, and how many of its payloads are believed
    List,
    /// Believe nothing any more that a source said so far, and list every golden value that becomes another one
    Remove {
        /// The source
        source: String,
        /// Do everything, show the result, and roll it back
        #[arg(long)]
        dry_run: bool,
    },
}

#[derive(Debug, ClapArgs)]
pub(crate) struct RebuildArgs {
    /// Only companies and persons of which something is unmatched, or matched by a reference table older than this, such as
    /// 2026.1
    #[arg(long, value_name = "VERSION", conflicts_with = "resume")]
    pub(crate) since: Option<String>,
    /// Do everything, show the result, and roll it back
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Go on where an interrupted rebuild stopped
    #[arg(long, conflicts_with = "dry_run")]
    pub(crate) resume: bool,
    /// Payloads whose values are held in memory at a time
    #[arg(long, value_name = "ROWS")]
    pub(crate) batch_size: Option<usize>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RejectsCommand {
    /// Show rejects: place, code, cause
    List {
        /// Only those of this run
        #[arg(long)]
        run: Option<i64>,
    },
    /// Write a CSV that can be repaired and ingested again
    Export {
        /// Only those of this run
        #[arg(long)]
        run: Option<i64>,
        /// File to write; stdout without
        #[arg(long, short)]
        output: Option<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum LookupCommand {
    /// Reference tables, or the rows of one
    List {
        /// Name of a table
        table: Option<String>,
    },
    /// What one value is matched to
    Test {
        /// Kind of value
        #[arg(value_parser = parse_kind)]
        kind: Kind,
        /// The value
        value: String,
    },
    /// Raw values in the database without a standard value, by the rows they affect
    Unmatched {
        /// How many
        #[arg(long, default_value_t = 50)]
        top: usize,
        /// Only of this attribute; without, of those that have standard values
        #[arg(long)]
        attribute: Option<String>,
    },
    /// Check a map of your own, store its sound rows, and match the values concerned anew; the map comes before the rules
    Import(LookupImportArgs),
    /// Check a map of your own and store nothing
    Check {
        /// What it maps
        #[arg(value_enum)]
        map: MapKind,
        /// CSV with a header: originalJobTitleLevel,standardizedJobTitleLevel,level; for the others raw_value,standard_value
        file: PathBuf,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum MapKind {
    /// Job titles, or vendors' words for levels, to the fifteen levels
    JobTitleLevel,
    /// Raw values to industries
    Industry,
    /// Raw values to company types
    CompanyType,
    /// Raw values to employee ranges
    EmployeeRange,
    /// Raw values to revenue ranges
    RevenueRange,
    /// Raw values to funding ranges
    FundingRange,
}

impl MapKind {
    /// The attribute whose raw values it gives a meaning; `None` for levels, whose map says more.
    pub(crate) fn lookup(self) -> Option<Attribute> {
        match self {
            MapKind::JobTitleLevel => None,
            MapKind::Industry => Some(Attribute::Industry),
            MapKind::CompanyType => Some(Attribute::CompanyType),
            MapKind::EmployeeRange => Some(Attribute::EmployeeRange),
            MapKind::RevenueRange => Some(Attribute::Revenue),
            MapKind::FundingRange => Some(Attribute::Funding),
        }
    }
}

#[derive(Debug, ClapArgs)]
pub(crate) struct LookupImportArgs {
    /// What it maps
    #[arg(value_enum)]
    pub(crate) map: MapKind,
    /// CSV with a header: originalJobTitleLevel,standardizedJobTitleLevel,level; for the others raw_value,standard_value
    pub(crate) file: PathBuf,
    /// Levels: store rows that contradict the definitions or each other too
    #[arg(long)]
    pub(crate) force: bool,
    /// Levels: leave out rows with a warning too
    #[arg(long, conflicts_with = "force")]
    pub(crate) strict: bool,
    /// Levels: remove stored rows that the file does not have
    #[arg(long)]
    pub(crate) replace: bool,
    /// Do everything, show the result, and roll it back
    #[arg(long)]
    pub(crate) dry_run: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum MigrateCommand {
    /// Apply what is missing, and bring reference tables up to date
    Up,
    /// Take migrations back, newest first; data in their tables is lost
    Down {
        /// Version to go back to; 0 removes every table
        #[arg(long)]
        to: i64,
        /// Confirm that the data in the removed tables may be lost
        #[arg(long)]
        yes: bool,
    },
    /// Which migrations there are and which the database has
    Status,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct DemoArgs {
    /// Keep the demo database in this file
    #[arg(long, value_name = "FILE")]
    pub(crate) keep: Option<PathBuf>,
}

fn parse_time(text: &str) -> Result<Timestamp, String> {
    parse_observed_at(text).ok_or_else(|| "give a date or an RFC 3339 instant".to_owned())
}

fn parse_kind(name: &str) -> Result<Kind, String> {
    Kind::from_name(name).ok_or_else(|| {
        let names: Vec<_> = Kind::ALL.iter().map(|kind| kind.name()).collect();
        format!("use one of {}", names.join(", "))
    })
}

fn parse_country(text: &str) -> Result<&'static str, String> {
    country_code(text).ok_or_else(|| "no such country: use its name or its ISO 3166-1 code".to_owned())
}

/// Writes the completion script of `shell` to stdout.
pub(crate) fn completions(shell: clap_complete::Shell) {
    clap_complete::generate(shell, &mut Args::command(), "firmograph", &mut std::io::stdout());
}
