//! `budget`: caps, what is left of them, alerts, and calls that scripts pay from them. Amounts are dollars, written exactly.

mod calls;
mod set;

pub(crate) use calls::settled_row;

use crate::Done;
use crate::args::Format;
use crate::ingest::now;
use crate::output::{Output, Row, chosen};
use clap::{Args, Subcommand};
use firmograph::store::{BudgetAlert, BudgetWindow, WindowKey};
use firmograph::{BudgetOptions, BudgetPeriod, BudgetScope, Budgets, Error, ErrorKind, MicroDollars};
use serde_json::{Value, json};
use std::process::ExitCode;
use std::sync::Arc;

#[derive(Debug, Subcommand)]
pub(crate) enum BudgetCommand {
    /// Each cap and what is spent, held and left of it in the window that is open now
    Show(OfWorkspace),
    /// Set or change caps of a workspace; they count at once
    Set(set::SetArgs),
    /// Take caps away; their windows stay as history
    Remove(set::RemoveArgs),
    /// Every window that was ever begun, newest first
    History(OfWorkspace),
    /// Alerts, newest first: raised at 80, 95 and 100 percent, once for each cap that a window has
    Alerts {
        #[command(flatten)]
        of: OfWorkspace,
        /// Also those that somebody took note of
        #[arg(long)]
        all: bool,
    },
    /// Take note of an alert
    Acknowledge {
        /// Its id, as listed
        id: String,
        /// Who does; the name of the account without
        #[arg(long, value_name = "WHO")]
        by: Option<String>,
    },
    /// Hold the most that a call can cost; exit status 4 when there is no room
    Reserve(calls::ReserveArgs),
    /// Book what the call of a reservation cost
    Settle(Box<calls::SettleArgs>),
    /// Let go of what a reservation holds: the call was not made, or cost nothing
    Release {
        /// Id of the reservation
        id: String,
    },
    /// Run a command within the budget: hold, run, book; exit status 4 when there is no room, else the command's own
    ///
    /// The command has the id of the reservation in FIRMOGRAPH_RESERVATION, and may settle or release it by itself, for example
    /// where it alone knows what the call cost: `firmograph budget settle $FIRMOGRAPH_RESERVATION 0.08`. Nothing else is booked
    /// then.
    Run(calls::RunArgs),
}

#[derive(Debug, Args)]
pub(crate) struct OfWorkspace {
    /// Of this workspace alone
    #[arg(long)]
    workspace: Option<String>,
}

pub(crate) async fn run(database: &str, format: Option<Format>, command: BudgetCommand) -> Done {
    let format = chosen(format);
    match command {
        BudgetCommand::Show(of) => {
            let budgets = open(database).await?;
            let windows = budgets.standing(of.checked(&budgets).await?).await?;
            let alerts = budgets.alerts(of.workspace.as_deref(), true).await?;
            let rules = budgets.rules(of.workspace.as_deref()).await?;
            Output::stdout(format).rows(windows.iter().map(|window| {
                let mut row = window_row(window);
                let is_same = |key: &WindowKey| *key == window.key;
                let open = alerts.iter().filter(|alert| is_same(&alert.window)).count();
                let zone = rules
                    .iter()
                    .find(|rule| (&rule.scope, rule.period) == (&window.key.scope, window.key.period));
                row.insert("time_zone".to_owned(), zone.map(|rule| &*rule.time_zone).into());
                row.insert("alerts_open".to_owned(), open.into());
                row
            }))?;
        }
        BudgetCommand::Set(args) => set::set(database, format, args).await?,
        BudgetCommand::Remove(args) => set::remove(database, args).await?,
        BudgetCommand::History(of) => {
            let budgets = open(database).await?;
            let windows = budgets.history(of.checked(&budgets).await?).await?;
            Output::stdout(format).rows(windows.iter().map(window_row))?;
        }
        BudgetCommand::Alerts { of, all } => {
            let budgets = open(database).await?;
            let alerts = budgets.alerts(of.checked(&budgets).await?, !all).await?;
            Output::stdout(format).rows(alerts.iter().map(alert_row))?;
        }
        BudgetCommand::Acknowledge { id, by } => acknowledge(database, &id, by).await?,
        BudgetCommand::Reserve(args) => return calls::reserve(database, format, args).await,
        BudgetCommand::Settle(args) => calls::settle(database, format, *args).await?,
        BudgetCommand::Release { id } => calls::release(database, &id).await?,
        BudgetCommand::Run(args) => return calls::run(database, args).await,
    }
    Ok(ExitCode::SUCCESS)
}

impl OfWorkspace {
    /// The workspace asked for; one that there is not is refused.
    async fn checked(&self, budgets: &Budgets) -> Result<Option<&str>, Error> {
        if let Some(workspace) = &self.workspace {
            budgets.check_workspace(workspace).await?;
        }
        Ok(self.workspace.as_deref())
    }
}

async fn acknowledge(database: &str, id: &str, by: Option<String>) -> Result<(), Error> {
    let budgets = open(database).await?;
    let by = by.unwrap_or_else(crate::pin::account);
    if budgets.acknowledge(id, &by).await? {
        eprintln!("{by} took note of the alert {id}");
        return Ok(());
    }
    let known = budgets.alerts(None, false).await?.into_iter().find(|alert| alert.id == id);
    let Some(known) = known else {
        let message = format!("there is no alert {id:?}");
        return Err(Error::new(ErrorKind::Usage, "unknown-alert", message)
            .with_help("`firmograph budget alerts --all` lists them"));
    };
    let before = known.acknowledged_by.as_deref().unwrap_or("somebody");
    eprintln!("{before} had taken note of the alert {id} before");
    Ok(())
}

pub(crate) async fn open(database: &str) -> Result<Budgets, Error> {
    Budgets::open(database, options()).await
}

fn options() -> BudgetOptions {
    let mut options = BudgetOptions::new(Arc::new(now));
    options.connections = 1;
    options.holder = Some(format!("{}, process {}", crate::pin::account(), std::process::id()));
    options
}

/// An amount of dollars.
pub(crate) fn dollars(text: &str) -> Result<MicroDollars, String> {
    match text.parse::<MicroDollars>() {
        Ok(amount) if amount >= MicroDollars::ZERO => Ok(amount),
        Ok(_) => Err("less than nothing".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

/// As exact decimal text.
pub(crate) fn usd(amount: MicroDollars) -> Value {
    Value::from(amount.to_string())
}

fn scope_row(scope: &BudgetScope, period: BudgetPeriod) -> Row {
    let BudgetScope { workspace, provider, user } = scope;
    Row::from_iter([
        ("workspace".to_owned(), json!(workspace)),
        ("provider".to_owned(), json!(provider)),
        ("user".to_owned(), json!(user)),
        ("period".to_owned(), json!(period)),
    ])
}

fn window_row(window: &BudgetWindow) -> Row {
    let of = &window.standing;
    let mut row = scope_row(&window.key.scope, window.key.period);
    let percent = of.charged().basis_points_of(of.cap).unwrap_or(10_000) as f64 / 100.0;
    row.extend([
        ("cap_usd".to_owned(), usd(of.cap)),
        ("spent_usd".to_owned(), usd(of.charged())),
        ("held_usd".to_owned(), usd(of.reserved)),
        ("left_usd".to_owned(), usd(of.remaining())),
        ("percent".to_owned(), percent.into()),
        ("overrun_usd".to_owned(), usd(of.overrun)),
        ("refusals".to_owned(), window.refusals.into()),
        ("began_at".to_owned(), window.key.starts_at.to_string().into()),
        ("resets_at".to_owned(), window.ends_at.to_string().into()),
    ]);
    row
}

fn alert_row(alert: &BudgetAlert) -> Row {
    let mut row = Row::from_iter([("id".to_owned(), json!(alert.id))]);
    row.extend(scope_row(&alert.window.scope, alert.window.period));
    row.extend([
        ("percentage".to_owned(), alert.percentage.into()),
        ("cap_usd".to_owned(), usd(alert.standing.cap)),
        ("spent_usd".to_owned(), usd(alert.standing.charged())),
        ("held_usd".to_owned(), usd(alert.standing.reserved)),
        ("window_began_at".to_owned(), alert.window.starts_at.to_string().into()),
        ("raised_at".to_owned(), alert.raised_at.to_string().into()),
        ("acknowledged_at".to_owned(), json!(alert.acknowledged_at.map(|time| time.to_string()))),
        ("acknowledged_by".to_owned(), json!(alert.acknowledged_by)),
    ]);
    row
}
