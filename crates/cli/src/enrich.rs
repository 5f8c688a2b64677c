//! `enrich plan`: what a waterfall costs at most, and what it is expected to cost, before anything is spent.

use crate::Done;
use crate::args::Format;
use crate::budget::usd;
use crate::ingest::now;
use crate::output::{Output, Row, chosen};
use crate::priority::open;
use clap::{Args, Subcommand};
use firmograph::{
    BudgetOptions, Budgets, Error, ErrorKind, PlannedBudget, PlannedStep, Waterfall, WaterfallOptions,
    WaterfallPlan, find_attribute, key_of_text,
};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

#[derive(Debug, Subcommand)]
pub(crate) enum EnrichCommand {
    /// What a waterfall costs at most, and what it is expected to cost, beside the budgets that are open; nothing is spent
    #[command(after_help = PLAN_HELP)]
    Plan(PlanArgs),
}

/// More companies or persons than there are.
const MOST: u64 = 1_000_000_000_000;
/// Of how many something is missing that are planned for, unless somebody says otherwise.
const LIMIT: usize = 1_000_000;

const PLAN_HELP: &str = "\
At most: every step is asked for every attribute that is not good enough yet. Expected: a step is asked where the ones before it did \
not make the attribute good enough; every hit is taken to be good enough, hits to be independent of each other, and for `agreement` as \
many of them are needed as sources do not agree yet. A call that several attributes share is made and paid once: its calls and dollars, \
also those expected, stand with the first of them. reached_bp is the part of the calls that is expected, in hundredths of a percent.

Exit status: 4 with --must-fit where a budget has no room for what it costs at most.";

#[derive(Debug, Args)]
pub(crate) struct PlanArgs {
    /// The waterfall, as examples/waterfall.toml
    file: PathBuf,
    /// Keys of the companies or persons that are to be asked about
    #[arg(conflicts_with_all = ["entities", "missing"])]
    keys: Vec<String>,
    /// So many of whom nothing is known but what steps require
    #[arg(long, value_name = "N", conflicts_with = "missing", value_parser = clap::value_parser!(u64).range(..=MOST))]
    entities: Option<u64>,
    /// All of whom no source says anything about this attribute
    #[arg(long, value_name = "ATTRIBUTE")]
    missing: Option<String>,
    /// At most so many of them [default: 1000000]
    #[arg(long, value_name = "N", requires = "missing", conflicts_with_all = ["entities", "keys"])]
    limit: Option<usize>,
    /// The workspace that pays
    #[arg(long, env = "FIRMOGRAPH_WORKSPACE")]
    workspace: String,
    /// For whom
    #[arg(long)]
    user: Option<String>,
    /// End with 4 where a budget has no room for the most that it can cost
    #[arg(long)]
    must_fit: bool,
}

pub(crate) async fn run(database: &str, format: Option<Format>, command: EnrichCommand) -> Done {
    let EnrichCommand::Plan(args) = command;
    let waterfall = Waterfall::from_path(&args.file)?;
    let mut engine = open(database, false).await?;
    let budgets = Budgets::open(database, BudgetOptions::new(Arc::new(now))).await?;
    let mut options = WaterfallOptions::new(&args.workspace);
    options.user.clone_from(&args.user);
    let kind = waterfall.kind();
    let mut keys: Vec<String> = args.keys.iter().map(|text| key_of_text(kind, text).into()).collect();
    if let Some(name) = &args.missing {
        let attribute = find_attribute(name, Some(kind))?;
        let limit = args.limit.unwrap_or(LIMIT);
        keys = engine.store().keys_missing(attribute, limit.saturating_add(1)).await?;
        if keys.len() > limit {
            keys.truncate(limit);
            eprintln!("{name} is missing of more than {limit}: only the first are planned for (see --limit)");
        }
    }
    let plan = match args.entities {
        Some(entities) => waterfall.plan(&mut engine, &budgets, entities, &options, now()).await?,
        None if args.missing.is_none() && args.keys.is_empty() => {
            let message = "it is not said who is to be asked about";
            return Err(Error::new(ErrorKind::Usage, "no-entities", message)
                .with_help("give keys, --entities N, or --missing ATTRIBUTE"));
        }
        None => waterfall.plan_for(&mut engine, &budgets, &keys, &options, now()).await?,
    };
    engine.close().await?;
    print(&plan, chosen(format))?;
    tell(&plan);
    if args.must_fit && !plan.fits {
        let message = format!("the budgets have no room for {} dollars", plan.worst);
        return Err(Error::new(ErrorKind::Refused, "does-not-fit", message)
            .with_help("ask about fewer, or raise the cap with `firmograph budget set`"));
    }
    Ok(ExitCode::SUCCESS)
}

fn print(plan: &WaterfallPlan, format: Format) -> Result<(), Error> {
    let steps: Vec<Row> = plan.steps.iter().map(step).collect();
    let total = row([
        ("section", json!("total")),
        ("entities", json!(plan.entities)),
        ("calls", json!(plan.steps.iter().fold(0, |calls: u64, step| calls.saturating_add(step.calls)))),
        ("worst_usd", usd(plan.worst)),
        ("expected_usd", usd(plan.expected)),
        ("fits", json!(plan.fits)),
    ]);
    let budgets: Vec<Row> = plan.budgets.iter().map(budget).collect();
    let sections = [steps, vec![total], budgets];
    if format == Format::Table {
        // One table a section: their columns differ.
        return sections.into_iter().try_for_each(|rows| {
            let rows = rows.into_iter().map(|mut row| {
                row.shift_remove("section");
                row
            });
            Output::stdout(format).rows(rows)
        });
    }
    let mut names: Vec<String> = Vec::new();
    for name in sections.iter().flatten().flat_map(serde_json::Map::keys) {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    let rows = sections.into_iter().flatten().map(|row| {
        // Columns are the same for all: CSV has one header.
        names.iter().map(|name| (name.clone(), row.get(name).cloned().unwrap_or_default())).collect()
    });
    Output::stdout(format).rows(rows)
}

fn row<const N: usize>(cells: [(&str, Value); N]) -> Row {
    cells.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn step(step: &PlannedStep) -> Row {
    row([
        ("section", json!("step")),
        ("attribute", json!(step.attribute)),
        ("provider", json!(step.provider)),
        ("operation", json!(step.operation)),
        ("hit_rate_bp", json!(step.hit_rate_bp)),
        ("hit_rate_calls", json!(step.hit_rate_calls)),
        ("calls", json!(step.calls)),
        ("reached_bp", json!(step.reached_bp)),
        ("worst_each_usd", usd(step.worst_each)),
        ("worst_usd", usd(step.worst)),
        ("expected_usd", usd(step.expected)),
    ])
}

fn budget(budget: &PlannedBudget) -> Row {
    row([
        ("section", json!("budget")),
        ("budget", json!(budget.window.key.scope.to_string())),
        ("period", json!(budget.window.key.period)),
        ("cap_usd", usd(budget.window.standing.cap)),
        ("remaining_usd", usd(budget.remaining)),
        ("worst_usd", usd(budget.worst)),
        ("fits", json!(budget.fits)),
        ("resets_at", json!(budget.window.ends_at.to_string())),
    ])
}

fn tell(plan: &WaterfallPlan) {
    let of = if plan.entities == 1 { "entity" } else { "entities" };
    eprintln!(
        "{} {of}: at most {} dollars, {} expected; nothing was spent",
        plan.entities, plan.worst, plan.expected
    );
    for provider in &plan.without_budget {
        eprintln!("no budget pays for {provider}: its calls would be refused");
    }
    for budget in plan.budgets.iter().filter(|budget| !budget.fits) {
        let (period, scope) = (budget.window.key.period, &budget.window.key.scope);
        eprintln!(
            "the {period} budget of {scope} has {} dollars left, and {} are needed at most",
            budget.remaining, budget.worst
        );
    }
}
