//! Three providers, invented and in this process, are asked in order about two companies; prints the plan, what was asked and
//! paid, and why a value is what it is.
//!
//! ```sh
//! cargo run --example waterfall
//! ```
#![expect(clippy::print_stdout, reason = "an example prints what it does")]

use firmograph::{
    BudgetOptions, BudgetPeriod, BudgetScope, Budgets, Engine, EntityKind, Field, Hooks, NewBudget, Permit,
    Provider, ProviderAnswer, ProviderError, Providers, Subject, Timestamp, Usage, Waterfall,
    WaterfallOptions, explain_json, find_attribute,
};
use std::path::Path;
use std::sync::Arc;

/// Knows companies that are in some register.
struct Registry;

impl Provider for Registry {
    async fn call(&self, _: &Permit<'_>, subject: &Subject) -> Result<ProviderAnswer, ProviderError> {
        Ok(match subject.key.as_str() {
            "northlight-robotics.com" => {
                ProviderAnswer::hit([(Field::Industry, "Automation Machinery Manufacturing")])
            }
            _ => ProviderAnswer::miss(),
        })
    }
}

/// Knows most companies, and answers with JSON of its own.
struct Quarry;

impl Provider for Quarry {
    async fn call(&self, permit: &Permit<'_>, subject: &Subject) -> Result<ProviderAnswer, ProviderError> {
        println!("quarry is asked about {}, for {} dollars at most", subject.key, permit.amount());
        let domain = subject.text("domain").ok_or_else(|| ProviderError::new("it needs a domain"))?;
        Ok(ProviderAnswer::json(&format!(
            r#"{{"domain": "{domain}", "industry": "Software Development", "employee_size": "201-500"}}"#
        )))
    }
}

/// A language model, which is asked last.
struct Oracle;

impl Provider for Oracle {
    async fn call(&self, _: &Permit<'_>, _: &Subject) -> Result<ProviderAnswer, ProviderError> {
        let usage = Usage { hit: true, tokens: 1_850, ..Usage::default() };
        Ok(ProviderAnswer::hit([(Field::EmployeeSize, "about 300")]).used(usage))
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let database = format!("sqlite://{}", folder.path().join("example.db").display());
    let clock = || "2026-03-01T12:00:00Z".parse().unwrap_or(Timestamp::UNIX_EPOCH);
    let budgets = Budgets::open(&database, BudgetOptions::new(Arc::new(clock))).await?;
    let (scope, period) = (BudgetScope::workspace("acme"), BudgetPeriod::Day);
    let budget = NewBudget { scope, period, cap: "5".parse()?, time_zone: None, author: None };
    budgets.set(&budget).await?;

    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/waterfall.toml");
    let waterfall = Waterfall::from_path(&file)?;
    let companies = ["northlight-robotics.com", "brook-mills.com"];
    let mut engine = Engine::open(&database).await?;
    let options = WaterfallOptions::new("acme");
    let plan = waterfall.plan_for(&mut engine, &budgets, &companies, &options, clock()).await?;
    println!("at most {} dollars, {} expected; it fits: {}", plan.worst, plan.expected, plan.fits);

    let providers = Providers::new().with("registry", Registry).with("quarry", Quarry).with("oracle", Oracle);
    let mut hooks = Hooks { clock: &clock, progress: &mut |_| {}, interrupted: Arc::default() };
    let report = waterfall.run(&mut engine, &budgets, &providers, &companies, &options, &mut hooks).await?;
    println!("{} calls, {} dollars, stored in runs {:?}", report.calls, report.cost, report.runs);
    for (entity, attribute) in
        report.entities.iter().flat_map(|of| of.attributes.iter().map(move |attribute| (of, attribute)))
    {
        let steps: Vec<String> =
            attribute.steps.iter().map(|step| format!("{} {:?}", step.provider, step.outcome)).collect();
        println!("{} {}: {}; {:?}", entity.key, attribute.attribute, steps.join(", "), attribute.stopped);
    }

    let northlight = engine.entity(EntityKind::Company, companies[0]).await?.ok_or("nothing was found")?;
    for explanation in explain_json(&northlight, Some(find_attribute("employee_range", None)?)) {
        println!("{explanation:#}");
    }
    Ok(())
}
