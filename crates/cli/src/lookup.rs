use crate::Done;
use crate::args::{Format, LookupCommand};
use crate::level_map;
use crate::output::{Output, Row, chosen, row_of};
use crate::value_lookup;
use firmograph::normalize::{normalize, reference_tables};
use firmograph::{Engine, Error, ErrorKind, MATCHABLE};
use serde_json::{Value, json};
use std::process::ExitCode;

pub(crate) async fn run(database: &str, format: Option<Format>, command: LookupCommand) -> Done {
    let output = Output::stdout(chosen(format));
    match command {
        LookupCommand::List { table: None } => {
            let rows = reference_tables().iter().map(|table| {
                let fields = [
                    ("table", json!(table.name)),
                    ("version", json!(table.version)),
                    ("rows", json!(table.rows.len())),
                ];
                fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<Row>()
            });
            output.rows(rows)?;
        }
        LookupCommand::List { table: Some(name) } if name == level_map::TABLE => {
            level_map::list(database, output).await?;
        }
        LookupCommand::List { table: Some(name) } if name.ends_with(value_lookup::SUFFIX) => {
            value_lookup::list(database, output, &name).await?;
        }
        LookupCommand::List { table: Some(name) } => {
            let table = reference_tables().iter().find(|table| table.name == name).ok_or_else(|| {
                let names = reference_tables().iter().map(|table| table.name);
                let names: Vec<_> = names.chain([level_map::TABLE]).collect();
                Error::new(ErrorKind::Usage, "unknown-table", format!("{name:?} is not a reference table"))
                    .with_help(format!("use one of {}", names.join(", ")))
            })?;
            let rows = table.rows.iter().map(|cells| {
                let columns = table.columns.iter().zip(cells);
                columns.map(|(name, cell)| ((*name).to_owned(), Value::from(cell.as_str()))).collect::<Row>()
            });
            output.rows(rows)?;
        }
        LookupCommand::Test { kind, value } => {
            let result = normalize(kind, &value);
            if chosen(format) == Format::Table {
                let rows = row_of(&result).into_iter().map(|(name, value)| {
                    Row::from_iter([("field".to_owned(), Value::from(name)), ("value".to_owned(), value)])
                });
                output.rows(rows)?;
            } else {
                output.rows([row_of(&result)])?;
            }
        }
        LookupCommand::Unmatched { top, attribute } => {
            let mut engine = Engine::open(database).await?;
            let attributes = match attribute.as_deref() {
                Some(attribute) => vec![attribute],
                None => MATCHABLE.iter().map(|attribute| attribute.spec().name).collect(),
            };
            let values = engine.unmatched(&attributes, top).await?;
            output.rows(values.iter().map(row_of))?;
        }
        LookupCommand::Import(args) => {
            return match args.map.lookup() {
                None => level_map::import(database, output, &args).await,
                Some(attribute) => value_lookup::import(database, output, attribute, &args).await,
            };
        }
        LookupCommand::Check { map, file } => {
            return match map.lookup() {
                None => level_map::check(output, &file),
                Some(attribute) => value_lookup::check(output, attribute, &file),
            };
        }
    }
    Ok(ExitCode::SUCCESS)
}
