//! `pin set`, `pin list`, `pin remove` and `pin expire`: values that outrank every source.

use crate::Done;
use crate::args::Format;
use crate::ingest::now;
use crate::output::{Output, chosen, row_of};
use crate::priority::{EntityArg, Flips, attribute, open};
use clap::{Args, Subcommand};
use firmograph::{Attribute, Engine, Error, ErrorKind, NewPin, Timestamp, parse_observed_at, pin_value};
use serde_json::Value;
use std::process::ExitCode;

#[derive(Debug, Subcommand)]
pub(crate) enum PinCommand {
    /// Set a value that outranks every source; shows every golden value that flips
    Set(SetArgs),
    /// Pins that count, with author, reason and expiry
    List {
        /// Only of this company or person: its key, as listed
        key: Option<String>,
    },
    /// Remove a pin; shows every golden value that flips
    Remove {
        #[command(flatten)]
        of: OfKey,
        /// Do everything, show the result, and roll it back
        #[arg(long)]
        dry_run: bool,
    },
    /// Remove pins whose time is over, as each ingest does before it begins
    Expire {
        /// Do everything, show the result, and roll it back
        #[arg(long)]
        dry_run: bool,
    },
}

#[derive(Debug, Args)]
pub(crate) struct OfKey {
    /// A domain, or the e-mail address or LinkedIn profile of a person
    key: String,
    /// Attribute (employee_range), or the end of its name (title)
    attribute: String,
    /// Whose attribute, where companies and persons both have it; a company's without
    #[arg(long, value_enum)]
    entity: Option<EntityArg>,
}

#[derive(Debug, Args)]
pub(crate) struct SetArgs {
    #[command(flatten)]
    of: OfKey,
    /// The value; PART=TEXT for each part of an attribute of several (city=Lyon country=France)
    #[arg(required = true)]
    value: Vec<String>,
    /// Why
    #[arg(long)]
    reason: String,
    /// Who says so; the name of the account without
    #[arg(long)]
    author: Option<String>,
    /// From when on it counts no more: 2027-01-31 or an RFC 3339 instant
    #[arg(long, value_name = "DATE")]
    expires: Option<String>,
    /// Do everything, show the result, and roll it back
    #[arg(long)]
    dry_run: bool,
}

pub(crate) async fn run(database: &str, format: Option<Format>, command: PinCommand) -> Done {
    let format = chosen(format);
    let now = now();
    match command {
        PinCommand::Set(args) => {
            let attribute = attribute(&args.of.attribute, args.of.entity)?;
            let value = pin_value(attribute, &args.value)?;
            let expires_at = args.expires.as_deref().map(instant).transpose()?;
            let mut engine = open(database, args.dry_run).await?;
            let key = key_of(&mut engine, attribute, &args.of.key).await?;
            let author = args.author.unwrap_or_else(account);
            let pin = NewPin { attribute, key, value, author, reason: args.reason, expires_at };
            let mut flips = Flips::new(format);
            let report = engine.set_pin(&pin, args.dry_run, now, &mut |flip| flips.tell(&flip)).await?;
            flips.end(&report)?;
        }
        PinCommand::List { key } => {
            let pins = Engine::open(database).await?.pins().await?;
            let pins = pins.iter().filter(|pin| key.as_ref().is_none_or(|key| pin.key == *key));
            Output::stdout(format).rows(pins.map(|pin| {
                let mut row = row_of(pin);
                if format == Format::Table {
                    let parts = pin.value.values().filter_map(Value::as_str).collect::<Vec<_>>();
                    row.insert("value".to_owned(), Value::from(parts.join(", ")));
                    row.remove("payload");
                }
                row
            }))?;
        }
        PinCommand::Remove { of, dry_run } => {
            let attribute = attribute(&of.attribute, of.entity)?;
            let mut engine = open(database, dry_run).await?;
            let key = key_of(&mut engine, attribute, &of.key).await?;
            let mut flips = Flips::new(format);
            let report =
                engine.remove_pin(attribute, &key, dry_run, now, &mut |flip| flips.tell(&flip)).await?;
            flips.end(&report)?;
        }
        PinCommand::Expire { dry_run } => {
            let mut engine = open(database, dry_run).await?;
            let mut flips = Flips::new(format);
            let report = engine.expire_pins(dry_run, now, &mut |flip| flips.tell(&flip)).await?;
            match report {
                Some(report) => flips.end(&report)?,
                None => eprintln!("no pin's time is over"),
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The key of whom people call so.
async fn key_of(engine: &mut Engine, attribute: Attribute, text: &str) -> Result<String, Error> {
    let found = engine.find(attribute.spec().entity, text).await?;
    // An unknown key is refused where the pin is set, with the words of the library.
    Ok(found.map_or_else(|| text.to_owned(), |entity| entity.golden.key.into()))
}

fn instant(text: &str) -> Result<Timestamp, Error> {
    parse_observed_at(text).ok_or_else(|| {
        Error::new(ErrorKind::Usage, "bad-date", format!("{text:?} is not a date"))
            .with_help("write 2027-01-31, or 2027-01-31T12:00:00Z")
    })
}

pub(crate) fn account() -> String {
    let named = ["USER", "USERNAME"].into_iter().find_map(|name| std::env::var(name).ok());
    named.filter(|name| !name.trim().is_empty()).unwrap_or_else(|| "unknown".to_owned())
}
