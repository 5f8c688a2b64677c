//! `budget reserve`, `settle`, `release` and `run`: calls that scripts pay.

use super::{dollars, open, options, usd};
use crate::args::Format;
use crate::cost::PaidArgs;
use crate::output::{Output, Row};
use crate::{Done, REFUSED};
use clap::Args;
use firmograph::{Budgets, Call, Error, ErrorKind, MicroDollars, NotReserved, Permit, Settled, Settlement};
use serde_json::json;
use std::process::{Command, ExitCode, ExitStatus};
use std::time::Duration;

#[derive(Debug, Args)]
pub(crate) struct HoldArgs {
    #[command(flatten)]
    call: crate::cost::CallArgs,
    /// The most that the call can cost
    #[arg(long, value_name = "DOLLARS", value_parser = dollars)]
    worst: MicroDollars,
    /// Seconds after which the money is free again if nothing is heard: longer than the call takes
    #[arg(long, value_name = "SECONDS", default_value_t = 600)]
    time_to_live: u64,
    /// Where there is no room, write the body of an HTTP response 429 to stdout
    #[arg(long)]
    http: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ReserveArgs {
    #[command(flatten)]
    hold: HoldArgs,
    /// Write the id of the reservation alone
    #[arg(long)]
    id: bool,
}

#[derive(Debug, Args)]
pub(crate) struct SettleArgs {
    /// Id of the reservation
    id: String,
    /// What the call cost
    #[arg(value_name = "DOLLARS", value_parser = dollars)]
    cost: MicroDollars,
    #[command(flatten)]
    paid: PaidArgs,
}

#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    #[command(flatten)]
    hold: HoldArgs,
    /// What it cost if the command succeeds; as much as it can without
    #[arg(long, value_name = "DOLLARS", value_parser = dollars)]
    cost: Option<MicroDollars>,
    /// The command and its arguments. One that fails costs nothing
    #[arg(required = true, last = true)]
    command: Vec<String>,
}

pub(super) async fn reserve(database: &str, format: Format, args: ReserveArgs) -> Done {
    let budgets = with_time_to_live(database, &args.hold).await?;
    let Some(permit) = hold(&budgets, &args.hold).await? else { return Ok(ExitCode::from(REFUSED)) };
    let id = permit.reservation();
    if args.id {
        println!("{}", id.unwrap_or_default());
        return Ok(ExitCode::SUCCESS);
    }
    let call = permit.call();
    let row = Row::from_iter([
        ("reservation".to_owned(), json!(id)),
        ("workspace".to_owned(), json!(call.workspace)),
        ("provider".to_owned(), json!(call.provider)),
        ("held_usd".to_owned(), usd(permit.amount())),
        ("time_to_live_seconds".to_owned(), args.hold.time_to_live.into()),
    ]);
    Output::stdout(format).rows([row])?;
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn settle(database: &str, format: Format, args: SettleArgs) -> Result<(), Error> {
    let settlement = args.paid.settlement(args.cost)?;
    let settled = open(database).await?.settle_by_id(&args.id, &settlement).await?;
    Output::stdout(format).rows([settled_row(&settled, args.cost)])
}

pub(super) async fn release(database: &str, id: &str) -> Result<(), Error> {
    if open(database).await?.release(id).await? {
        eprintln!("the reservation {id} holds nothing any more");
        return Ok(());
    }
    let message = format!("there is no reservation {id:?} that holds anything");
    Err(Error::new(ErrorKind::Usage, "not-held", message))
}

pub(super) async fn run(database: &str, args: RunArgs) -> Done {
    let budgets = with_time_to_live(database, &args.hold).await?;
    let Some(permit) = hold(&budgets, &args.hold).await? else { return Ok(ExitCode::from(REFUSED)) };
    // Ctrl-C goes to the command too; this program stays to see what became of it. Without a handler the money would be held
    // until its time is over, which does no harm.
    drop(ctrlc::set_handler(|| {}));
    let [program, arguments @ ..] = &args.command[..] else { return Ok(ExitCode::SUCCESS) };
    let status = Command::new(program)
        .args(arguments)
        .env("FIRMOGRAPH_RESERVATION", permit.reservation().unwrap_or_default())
        .status();
    let status = match status {
        Ok(status) => status,
        Err(error) => {
            permit.release().await?;
            let message = format!("{program} cannot be run: {error}");
            return Err(Error::new(ErrorKind::Environment, "cannot-run", message).with_cause(error));
        }
    };
    if status.success() {
        match permit.settle(&Settlement::paid(args.cost.unwrap_or(args.hold.worst))).await {
            Ok(settled) => tell(&settled),
            // The command did, by the id that it was given.
            Err(error) if error.code() == "already-ended" => {
                eprintln!("the command settled or released the reservation itself");
            }
            Err(error) => return Err(error),
        }
    } else if permit.release().await? {
        eprintln!("the command failed; what was held for it is free again");
    } else {
        eprintln!("the command failed; its reservation had ended before");
    }
    Ok(ExitCode::from(code_of(status)))
}

/// `None`, after saying so, where there is no room.
async fn hold<'b>(budgets: &'b Budgets, args: &HoldArgs) -> Result<Option<Permit<'b>>, Error> {
    let call: Call = args.call.call();
    match budgets.reserve(&call, args.worst).await {
        Ok(permit) => Ok(Some(permit)),
        Err(NotReserved::Refused(refusal)) if args.http => {
            println!("{}", refusal.http_body());
            Ok(None)
        }
        // A workspace that nobody knows may be a misspelt one.
        Err(NotReserved::Failed(error)) if error.code() == "no-budget" => {
            let near = budgets.check_workspace(&call.workspace).await;
            let help = near.err().and_then(|near| near.help().map(str::to_owned));
            Err(match help {
                Some(help) => error.with_help(format!("set one with `firmograph budget set`; {help}")),
                None => error,
            })
        }
        Err(not) => Err(not.into()),
    }
}

async fn with_time_to_live(database: &str, args: &HoldArgs) -> Result<Budgets, Error> {
    let mut options = options();
    options.time_to_live = Duration::from_secs(args.time_to_live);
    Budgets::open(database, options).await
}

pub(crate) fn settled_row(settled: &Settled, cost: MicroDollars) -> Row {
    tell(settled);
    Row::from_iter([
        ("cost_id".to_owned(), json!(settled.cost_id)),
        ("cost_usd".to_owned(), usd(cost)),
        ("late".to_owned(), settled.late.into()),
        ("alerts".to_owned(), settled.alerts.len().into()),
    ])
}

fn tell(settled: &Settled) {
    for alert in &settled.alerts {
        let (key, of) = (&alert.window, &alert.standing);
        eprintln!(
            "alert: {} % of the {} budget of {}: ${} of ${} is spent",
            alert.percentage,
            key.period,
            key.scope,
            of.charged(),
            of.cap
        );
    }
    if settled.late {
        eprintln!("the reservation was over before; what the cap has no room for counts as overrun");
    }
}

/// As a shell has it.
fn code_of(status: ExitStatus) -> u8 {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return u8::try_from(128 + signal).unwrap_or(u8::MAX);
    }
    status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(u8::MAX)
}
