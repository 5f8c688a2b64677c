//! `firmograph documents`.

use crate::args::Format;
use crate::ingest::{dry_run_database, max_rejects, now, observed_at, on_ctrl_c, summarize};
use crate::output::{Output, Row, cell, chosen, row_of};
use crate::{Done, INTERRUPTED, OVER_LIMIT};
use clap::{Args, Subcommand, ValueEnum};
use firmograph::documents::{DOCUMENT_KINDS, DOCUMENT_SOURCE, DocumentOptions, Documents, Shape};
use firmograph::{Engine, EntityKind, Hooks, RunStatus, Source};
use serde_json::{Map, Value, json};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

#[derive(Debug, Subcommand)]
pub(crate) enum DocumentsCommand {
    /// Read documents in envelopes
    Import(ImportArgs),
    /// What is known of a company or person, who gave it, and what lost
    Show(ShowArgs),
    /// Documents of all sources together that contain something
    Find(FindArgs),
    /// The kinds of documents, and their fields
    Kinds,
}

#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct ImportArgs {
    /// JSON lines or JSON, gzip or not
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Who says what names no source itself
    #[arg(long, default_value = DOCUMENT_SOURCE)]
    source: String,
    /// When it was seen, where a document does not say: 2026-01-31 or an RFC 3339 instant
    #[arg(long, value_name = "DATE")]
    observed_at: Option<String>,
    /// Do everything, show the result, and roll it back
    #[arg(long)]
    dry_run: bool,
    /// Stop when more documents than this are rejected: a number, or a percentage of those read
    #[arg(long, value_name = "N|P%")]
    max_rejects: Option<String>,
    /// Documents written in one transaction
    #[arg(long, value_name = "DOCUMENTS")]
    batch_size: Option<usize>,
    /// Bytes that one document may have
    #[arg(long, value_name = "BYTES")]
    max_record_bytes: Option<usize>,
}

const HELP: &str = "\
One envelope a line:

  {\"kind\": \"funding_rounds\", \"entity\": \"company\", \"domain\": \"brook-mills.com\", \"source\": \"crunchbase\",
   \"observed_at\": \"2026-01-31\", \"confidence\": 0.9, \"document\": {\"rounds\": [{\"type\": \"seed\", \"announced_on\": \"2019-02-01\"}]}}

Whom it is about is named by \"key\", \"domain\", \"email\" or \"id\". A confidence is from 0 to 1, or from 0 to 100 with
\"confidence_scale\": 100. What a model thinks also has \"model\". `firmograph documents kinds` lists what each kind holds.

What a source says is its newest document of a kind, by \"observed_at\". Documents of one source without it have no order: the more
confident one stands, then the greater one, value by value, whichever was imported last; a note says so. Give \"observed_at\".

Importing a file again changes nothing. `firmograph runs undo` takes an import back. Exit status 1: documents were rejected.";

#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// Domain, LinkedIn page, e-mail address, or key
    key: String,
    /// One kind alone
    kind: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct FindArgs {
    /// Kind of document
    kind: String,
    /// JSON that the document must contain, as @> of PostgreSQL says
    #[arg(long, value_name = "JSON", default_value = "{}")]
    contains: String,
    /// Of companies alone, or of persons
    #[arg(long, value_enum)]
    entity: Option<EntityArg>,
    /// At most so many
    #[arg(long, default_value_t = 1_000)]
    limit: usize,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum EntityArg {
    Company,
    Person,
}

pub(crate) async fn run(database: &str, format: Option<Format>, command: DocumentsCommand) -> Done {
    match command {
        DocumentsCommand::Import(args) => import(database, format, args).await,
        DocumentsCommand::Show(args) => show(database, format, &args).await,
        DocumentsCommand::Find(args) => find(database, format, &args).await,
        DocumentsCommand::Kinds => {
            Output::stdout(chosen(format)).rows(kinds())?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

async fn import(database: &str, format: Option<Format>, args: ImportArgs) -> Done {
    let mut options = DocumentOptions::new(Source::new(&args.source)?);
    options.observed_at = args.observed_at.as_deref().map(observed_at).transpose()?;
    options.max_rejects = args.max_rejects.as_deref().map(max_rejects).transpose()?;
    options.dry_run = args.dry_run;
    options.batch_rows = args.batch_size.unwrap_or(options.batch_rows);
    options.max_record_bytes = args.max_record_bytes.unwrap_or(options.max_record_bytes);
    let interrupted = on_ctrl_c();
    let started = Instant::now();
    let mut engine = Engine::open(if args.dry_run { dry_run_database(database) } else { database }).await?;
    let mut hooks = Hooks { clock: &now, progress: &mut |_| {}, interrupted };
    let report = engine.import_documents(&args.files, &options, &mut hooks).await?;
    summarize(&report, started.elapsed());
    if format.is_some() {
        Output::stdout(chosen(format)).rows([row_of(&report)])?;
    }
    Ok(match report.status {
        RunStatus::Interrupted => {
            eprintln!("interrupted: import the files again, and what is stored is passed over");
            ExitCode::from(INTERRUPTED)
        }
        RunStatus::TooManyRejects => {
            eprintln!("stopped: more documents were rejected than --max-rejects allows");
            ExitCode::from(OVER_LIMIT)
        }
        _ if report.tally.rejected > 0 => ExitCode::from(OVER_LIMIT),
        _ => ExitCode::SUCCESS,
    })
}

async fn show(database: &str, format: Option<Format>, args: &ShowArgs) -> Done {
    let mut engine = Engine::open(database).await?;
    let documents = engine.documents(&args.key, args.kind.as_deref()).await?;
    let format = chosen(format);
    match format {
        Format::Table | Format::Csv => Output::stdout(format).rows(values(&documents))?,
        Format::Json | Format::Ndjson => Output::stdout(format).rows([row_of(&documents)])?,
    }
    Ok(ExitCode::SUCCESS)
}

/// A row for each key of each document, and for each element of a list: the value, who gave it, and what lost.
fn values(documents: &Documents) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut row = |kind: &str, key: String, value: &Value, told: &Value| {
        let lost = told["lost"].as_array().map(Vec::as_slice).unwrap_or_default();
        let lost: Vec<String> = lost
            .iter()
            .map(|other| {
                format!("{} ({}): {}", cell(&other["source"]), cell(&other["why"]), cell(&other["value"]))
            })
            .collect();
        rows.push(Map::from_iter([
            ("kind".to_owned(), kind.into()),
            ("key".to_owned(), key.into()),
            ("value".to_owned(), value.clone()),
            ("source".to_owned(), told["source"].clone()),
            ("observed_at".to_owned(), told["observed_at"].clone()),
            ("confidence".to_owned(), told["confidence"].clone()),
            ("lost".to_owned(), lost.join("; ").into()),
        ]));
    };
    for (kind, document) in &documents.documents {
        for (key, value) in document.as_object().into_iter().flatten() {
            let told = &documents.attribution[kind][key];
            match (value.as_array(), told["elements"].as_array()) {
                (Some(elements), Some(all)) => {
                    for (index, (element, told)) in elements.iter().zip(all).enumerate() {
                        row(kind, format!("{key}/{index}"), element, told);
                    }
                }
                _ => row(kind, key.clone(), value, told),
            }
        }
    }
    rows
}

async fn find(database: &str, format: Option<Format>, args: &FindArgs) -> Done {
    let entity = args.entity.map(|entity| match entity {
        EntityArg::Company => EntityKind::Company,
        EntityArg::Person => EntityKind::Person,
    });
    let mut engine = Engine::open(database).await?;
    let found = engine.find_documents(&args.kind, entity, &args.contains, args.limit).await?;
    Output::stdout(chosen(format)).rows(found.iter().map(row_of))?;
    if found.len() == args.limit {
        eprintln!("there may be more: see --limit");
    }
    Ok(ExitCode::SUCCESS)
}

fn kinds() -> impl Iterator<Item = Row> {
    DOCUMENT_KINDS.iter().flat_map(|kind| {
        let entities: Vec<&str> = kind.entities.iter().map(|entity| entity.name()).collect();
        kind.fields.iter().map(move |field| {
            let identity = match field.shape {
                Shape::List { identity, .. } => identity.join(", "),
                _ => String::new(),
            };
            let row = json!({
                "kind": kind.name,
                "about": entities.join(", "),
                "field": field.name,
                "holds": holds(&field.shape),
                "required": field.required,
                "told_apart_by": identity,
            });
            row_of(&row)
        })
    })
}

fn holds(shape: &Shape) -> String {
    match shape {
        Shape::Text => "text".to_owned(),
        Shape::Flag => "true or false".to_owned(),
        Shape::Count => "whole number".to_owned(),
        Shape::Number => "number".to_owned(),
        Shape::Share => "0 to 1".to_owned(),
        Shape::Amount => "amount".to_owned(),
        Shape::Currency => "currency".to_owned(),
        Shape::Date => "date".to_owned(),
        Shape::Texts => "texts".to_owned(),
        Shape::Object(fields) => format!("object of {}", names(fields)),
        Shape::List { fields, .. } => format!("list of {}", names(fields)),
        other => format!("{other:?}"),
    }
}

fn names(fields: &[firmograph::documents::DocumentField]) -> String {
    let names: Vec<String> = fields
        .iter()
        .map(|field| format!("{}{}", field.name, if field.required { "!" } else { "" }))
        .collect();
    names.join(", ")
}
