//! `budget set` and `budget remove`.

use super::{dollars, open, scope_row, usd};
use crate::args::Format;
use crate::output::{Output, Row};
use clap::{Args, ValueEnum};
use firmograph::{BudgetPeriod, BudgetScope, Error, ErrorKind, MicroDollars, NewBudget, read_budgets};
use serde_json::json;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct Scope {
    /// The workspace that pays
    #[arg(required_unless_present = "file")]
    workspace: Option<String>,
    /// For calls of this provider alone
    #[arg(long)]
    provider: Option<String>,
    /// For calls for this user alone
    #[arg(long)]
    user: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct SetArgs {
    #[command(flatten)]
    scope: Scope,
    /// Dollars a calendar day
    #[arg(long, value_name = "DOLLARS", value_parser = dollars, required_unless_present_any = ["month", "file"])]
    day: Option<MicroDollars>,
    /// Dollars a calendar month
    #[arg(long, value_name = "DOLLARS", value_parser = dollars)]
    month: Option<MicroDollars>,
    /// IANA name of the zone whose days and months count; as it was, or UTC, without
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<String>,
    /// Who says so; the name of the account without
    #[arg(long)]
    author: Option<String>,
    /// Caps from a file, such as examples/budgets.toml
    #[arg(long, value_name = "TOML", conflicts_with_all = ["workspace", "provider", "user", "day", "month", "time_zone"])]
    file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct RemoveArgs {
    /// The workspace
    workspace: String,
    /// The cap for calls of this provider
    #[arg(long)]
    provider: Option<String>,
    /// The cap for calls for this user
    #[arg(long)]
    user: Option<String>,
    /// The cap of this period alone
    #[arg(long, value_enum)]
    period: Option<Period>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Period {
    Day,
    Month,
}

pub(super) async fn set(database: &str, format: Format, args: SetArgs) -> Result<(), Error> {
    let author = args.author.clone().unwrap_or_else(crate::pin::account);
    let wanted = match &args.file {
        Some(path) => read_budgets(path, Some(&author))?,
        None => Vec::new(),
    };
    let wanted = if args.file.is_some() { wanted } else { named(args, &author) };
    let budgets = open(database).await?;
    let mut output = Output::stdout(format);
    for budget in &wanted {
        let rule = budgets.set(budget).await?;
        let mut row: Row = scope_row(&rule.scope, rule.period);
        row.insert("cap_usd".to_owned(), usd(rule.cap));
        row.insert("time_zone".to_owned(), rule.time_zone.into());
        row.insert("author".to_owned(), json!(rule.author));
        row.insert("updated_at".to_owned(), rule.updated_at.to_string().into());
        output.row(row)?;
    }
    output.finish()
}

/// The caps of the arguments.
fn named(args: SetArgs, author: &str) -> Vec<NewBudget> {
    let Scope { workspace, provider, user } = args.scope;
    let scope = BudgetScope { workspace: workspace.unwrap_or_default(), provider, user };
    let caps = [(BudgetPeriod::Day, args.day), (BudgetPeriod::Month, args.month)];
    let set = caps.into_iter().filter_map(|(period, cap)| {
        Some(NewBudget {
            scope: scope.clone(),
            period,
            cap: cap?,
            time_zone: args.time_zone.clone(),
            author: Some(author.to_owned()),
        })
    });
    set.collect()
}

pub(super) async fn remove(database: &str, args: RemoveArgs) -> Result<(), Error> {
    let budgets = open(database).await?;
    budgets.check_workspace(&args.workspace).await?;
    let scope = BudgetScope { workspace: args.workspace, provider: args.provider, user: args.user };
    let periods = match args.period {
        Some(Period::Day) => &[BudgetPeriod::Day][..],
        Some(Period::Month) => &[BudgetPeriod::Month],
        None => &BudgetPeriod::ALL,
    };
    let mut removed = 0;
    for &period in periods {
        if budgets.remove(&scope, period).await? {
            eprintln!("removed the cap of the {period} of {scope}");
            removed += 1;
        }
    }
    if removed == 0 {
        let message = format!("{scope} has no such cap");
        return Err(Error::new(ErrorKind::Usage, "no-such-budget", message)
            .with_help("`firmograph budget show` lists caps"));
    }
    Ok(())
}
