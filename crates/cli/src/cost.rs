//! `cost`: the ledger of what calls cost, prices, and what golden values cost. Amounts are dollars, written exactly.

use crate::Done;
use crate::args::Format;
use crate::budget::{dollars, open, settled_row, usd};
use crate::ingest::now;
use crate::output::{Output, Row, chosen};
use clap::{Args, Subcommand, ValueEnum};
use firmograph::store::{CostRange, PricedOperation};
use firmograph::{
    Call, CostGroup, CostSummary, Error, ErrorKind, MicroDollars, PayloadId, Settlement, Timestamp,
    ValueCost, read_prices, time_zone,
};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, Subcommand)]
pub(crate) enum CostCommand {
    /// Add a call that was paid elsewhere; it counts for every budget, and is never refused
    Add(Box<AddArgs>),
    /// What calls cost, how many succeeded and how many found something
    Summary {
        /// By what calls are put together
        #[arg(long, value_enum, default_value = "all")]
        by: By,
        #[command(flatten)]
        range: RangeArgs,
    },
    /// What operations cost, and from when on
    #[command(subcommand)]
    Prices(PricesCommand),
    /// What each golden value cost that calls bought, and what was spent on calls that bought none
    Values(RangeArgs),
}

#[derive(Debug, Subcommand)]
pub(crate) enum PricesCommand {
    /// All prices
    List,
    /// Take prices over from a file, such as examples/data/unit_prices.csv
    Import {
        /// CSV with provider, operation, valid_from and amounts of dollars
        file: PathBuf,
    },
    /// The price that counts at an instant
    At {
        /// Who is called
        provider: String,
        /// What is asked
        operation: String,
        /// An RFC 3339 instant, or a date, which is midnight of UTC; now without
        #[arg(long, value_name = "TIME")]
        at: Option<String>,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum By {
    All,
    Provider,
    Operation,
    Entity,
    User,
    Day,
    Month,
}

/// Which call.
#[derive(Debug, Args)]
pub(crate) struct CallArgs {
    /// The workspace that pays
    #[arg(long)]
    workspace: String,
    /// Who is called
    #[arg(long)]
    provider: String,
    /// What is asked of the provider
    #[arg(long)]
    operation: Option<String>,
    /// Where
    #[arg(long, value_name = "URL")]
    endpoint: Option<String>,
    /// For whom
    #[arg(long)]
    user: Option<String>,
    /// About whom: its key
    #[arg(long, value_name = "KEY")]
    company: Option<String>,
    /// About whom: the person's key
    #[arg(long, value_name = "KEY", conflicts_with = "company")]
    person: Option<String>,
}

/// What became of a call.
#[derive(Debug, Args)]
pub(crate) struct PaidArgs {
    /// The call failed, and cost money all the same; says why
    #[arg(long, value_name = "WHY")]
    failed: Option<String>,
    /// Whether it found anything
    #[arg(long, value_name = "BOOL")]
    hit: Option<bool>,
    /// Records found
    #[arg(long, value_parser = clap::value_parser!(i64).range(0..))]
    matches: Option<i64>,
    /// Credits taken
    #[arg(long, value_parser = clap::value_parser!(i64).range(0..))]
    credits: Option<i64>,
    /// Tokens of a language model
    #[arg(long, value_parser = clap::value_parser!(i64).range(0..=i64::from(i32::MAX)))]
    tokens: Option<i64>,
    /// Id of a payload that came of it, 32 hexadecimal digits; may be given several times
    #[arg(long, value_name = "ID")]
    payload: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct AddArgs {
    #[command(flatten)]
    call: CallArgs,
    /// What it cost
    #[arg(long, value_name = "DOLLARS", value_parser = dollars)]
    cost: MicroDollars,
    /// When: an RFC 3339 instant such as 2026-03-31T23:30:00-05:00, or a date, which is its midnight of UTC
    /// and may lie in the day before of a budget's time zone; now without
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    #[command(flatten)]
    paid: PaidArgs,
}

#[derive(Debug, Args)]
pub(crate) struct RangeArgs {
    /// Of this workspace alone
    #[arg(long)]
    workspace: Option<String>,
    /// From then on: a date of the time zone, or an RFC 3339 instant
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Before then
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// IANA name of the zone whose days and months count
    #[arg(long, value_name = "ZONE", default_value = "UTC")]
    time_zone: String,
}

pub(crate) async fn run(database: &str, format: Option<Format>, command: CostCommand) -> Done {
    let format = chosen(format);
    match command {
        CostCommand::Add(args) => {
            let at = args.at.as_deref().map(|text| instant(text, "UTC")).transpose()?;
            let paid = args.paid.settlement(args.cost)?;
            let settled = open(database).await?.add_cost(&args.call.call(), &paid, at).await?;
            Output::stdout(format).rows([settled_row(&settled, args.cost)])?;
        }
        CostCommand::Summary { by, range } => {
            let of = range.range()?;
            let budgets = open(database).await?;
            range.check(&budgets).await?;
            let groups = budgets.cost_summary(by.group(), &of, &range.time_zone).await?;
            Output::stdout(format).rows(groups.iter().map(|group| summary_row(by, group)))?;
        }
        CostCommand::Prices(PricesCommand::List) => {
            let prices = open(database).await?.prices().await?;
            Output::stdout(format).rows(prices.iter().map(price_row))?;
        }
        CostCommand::Prices(PricesCommand::Import { file }) => {
            let prices = read_prices(&file)?;
            open(database).await?.write_prices(&prices).await?;
            eprintln!("{} prices are stored", prices.len());
        }
        CostCommand::Prices(PricesCommand::At { provider, operation, at }) => {
            let at = at.as_deref().map_or_else(|| Ok(now()), |text| instant(text, "UTC"))?;
            let price = open(database).await?.price_at(&provider, &operation, at).await?;
            Output::stdout(format).rows([price_row(&price)])?;
        }
        CostCommand::Values(range) => {
            let of = range.range()?;
            let budgets = open(database).await?;
            range.check(&budgets).await?;
            let costs = budgets.cost_of_values(&of).await?;
            Output::stdout(format).rows(costs.iter().map(value_row))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

impl By {
    fn group(self) -> CostGroup {
        match self {
            By::All => CostGroup::All,
            By::Provider => CostGroup::Provider,
            By::Operation => CostGroup::Operation,
            By::Entity => CostGroup::Entity,
            By::User => CostGroup::User,
            By::Day => CostGroup::Day,
            By::Month => CostGroup::Month,
        }
    }
}

impl CallArgs {
    pub(crate) fn call(&self) -> Call {
        let mut call = Call::new(&self.workspace, &self.provider);
        (call.operation, call.endpoint) = (self.operation.clone(), self.endpoint.clone());
        call.user = self.user.clone();
        match (&self.company, &self.person) {
            (Some(key), _) => call.entity("company", key),
            (None, Some(key)) => call.entity("person", key),
            (None, None) => call,
        }
    }
}

impl PaidArgs {
    pub(crate) fn settlement(&self, cost: MicroDollars) -> Result<Settlement, Error> {
        let payloads = self.payload.iter().map(|text| payload(text)).collect::<Result<_, _>>()?;
        Ok(Settlement {
            success: self.failed.is_none(),
            error: self.failed.clone(),
            tokens: self.tokens,
            hit: self.hit,
            matches: self.matches,
            credits: self.credits,
            payloads,
            ..Settlement::paid(cost)
        })
    }
}

impl RangeArgs {
    fn range(&self) -> Result<CostRange, Error> {
        let instant =
            |text: &Option<String>| text.as_deref().map(|text| instant(text, &self.time_zone)).transpose();
        Ok(CostRange {
            workspace: self.workspace.clone(),
            from: instant(&self.from)?,
            until: instant(&self.until)?,
        })
    }

    async fn check(&self, budgets: &firmograph::Budgets) -> Result<(), Error> {
        match &self.workspace {
            Some(workspace) => budgets.check_workspace(workspace).await,
            None => Ok(()),
        }
    }
}

/// The first instant of a date in a time zone, or an instant.
fn instant(text: &str, zone: &str) -> Result<Timestamp, Error> {
    let zone = time_zone(zone)?;
    // A date would be read from an instant too.
    if let (Ok(date), true) = (text.parse::<jiff::civil::Date>(), text.len() == 10)
        && let Ok(midnight) = date.to_zoned(zone)
    {
        return Ok(midnight.timestamp());
    }
    text.parse().map_err(|_| {
        Error::new(ErrorKind::Usage, "bad-date", format!("{text:?} is not a date"))
            .with_help("write 2026-03-31, or 2026-03-31T12:00:00Z")
    })
}

fn payload(text: &str) -> Result<PayloadId, Error> {
    let digits: String = text.chars().filter(|c| *c != '-').collect();
    let number = u128::from_str_radix(&digits, 16).ok().filter(|_| digits.len() == 32);
    number.map(|number| PayloadId(number.to_be_bytes())).ok_or_else(|| {
        Error::new(ErrorKind::Usage, "bad-payload", format!("{text:?} is no id of a payload"))
            .with_help("`firmograph explain` tells the payload of each value")
    })
}

fn summary_row(by: By, group: &CostSummary) -> Row {
    let sums = &group.sums;
    let keys = match by {
        By::All => vec![],
        By::Operation => vec![("provider", &group.of), ("operation", &group.key)],
        By::Entity => vec![("entity_type", &group.of), ("entity", &group.key)],
        By::Provider => vec![("provider", &group.key)],
        By::User => vec![("user", &group.key)],
        By::Day => vec![("day", &group.key)],
        By::Month => vec![("month", &group.key)],
    };
    let sums = [
        ("cost_usd", usd(sums.cost)),
        ("calls", sums.calls.into()),
        ("successes", sums.successes.into()),
        ("success_percent", json!(group.success_percent())),
        ("hits", sums.hits.into()),
        ("hit_percent", json!(group.hit_percent())),
        ("tokens", sums.tokens.into()),
        ("unguarded", sums.unguarded.into()),
    ];
    let keys = keys.into_iter().map(|(name, key)| (name, json!(key)));
    keys.chain(sums).map(|(name, value)| (name.to_owned(), value)).collect()
}

fn price_row(priced: &PricedOperation) -> Row {
    let price = &priced.price;
    let cells: [(&str, Value); 9] = [
        ("provider", json!(priced.provider)),
        ("operation", json!(priced.operation)),
        ("valid_from", priced.valid_from.to_string().into()),
        ("hit_usd", usd(price.hit)),
        ("miss_usd", usd(price.miss)),
        ("per_match_usd", usd(price.per_match)),
        ("per_credit_usd", usd(price.per_credit)),
        ("per_million_tokens_usd", usd(price.per_million_tokens)),
        ("origin", json!(priced.origin)),
    ];
    cells.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn value_row(cost: &ValueCost) -> Row {
    let cells: [(&str, Value); 9] = [
        ("provider", json!(cost.provider)),
        ("operation", json!(cost.operation)),
        ("attribute", json!(cost.attribute)),
        ("calls", cost.calls.into()),
        ("cost_usd", usd(cost.cost)),
        ("values", cost.values.into()),
        ("cost_per_value_usd", json!(cost.cost_per_value().map(|amount| amount.to_string()))),
        ("calls_without", cost.calls_without.into()),
        ("cost_without_usd", usd(cost.cost_without)),
    ];
    cells.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
