//! Providers in order: for each attribute one after the other is asked until what is known is good enough. Each call is paid
//! from a budget before it is made, and what it says becomes observations of a source.

mod about;
mod answer;
mod call;
mod condition;
mod parse;
mod plan;
mod prices;
mod provider;
mod report;
mod run;
mod store;
mod together;

pub use condition::{QualityOf, StopCondition};
pub use plan::{PlannedBudget, PlannedStep, WaterfallPlan};
pub use provider::{AnswerRecord, DynProvider, Provider, ProviderAnswer, ProviderError, Providers, Subject};
pub use report::{AttributeReport, EntityReport, StepOutcome, StepReport, WaterfallReport, WhyStopped};
pub use run::WaterfallOptions;

use firmograph_core::{Attribute, EntityKind, Error, ErrorKind, UnitPrice, golden_columns};
use firmograph_sources::Mapping;
use std::collections::BTreeSet;
use std::time::Duration;

/// How long a step waits for its provider unless it says otherwise.
const TIMEOUT: Duration = Duration::from_secs(30);

/// What is to be found out about each company or person, and whom to ask for it in which order.
///
/// ```
/// use firmograph::{StopCondition, Waterfall};
///
/// let waterfall = Waterfall::parse(r#"
///     [[attribute]]
///     name = "industry"
///     until = "matched"
///
///     [[attribute.step]]
///     provider = "quarry"
///     operation = "company"
///     price = { hit = "0.02", miss = "0.005" }
///     hit_rate = "60%"
///
///     [[attribute.step]]
///     provider = "atlas"
///     price = { hit = "0.10" }
///     hit_rate = "ledger or 80%"
///     requires = ["domain"]
/// "#)?;
/// assert_eq!(waterfall.attributes[0].until, StopCondition::Matched);
/// assert_eq!(waterfall.attributes[0].steps[1].provider, "atlas");
/// # Ok::<(), firmograph::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Waterfall {
    /// In the order in which they are found out; all of companies or all of persons.
    pub attributes: Vec<WaterfallAttribute>,
    /// Which path of a provider's JSON fills which field, tried before the mappings that come with firmograph.
    pub mappings: Vec<Mapping>,
}

/// One attribute, and whom to ask for it.
#[derive(Debug, Clone, PartialEq)]
pub struct WaterfallAttribute {
    /// What is to be found out.
    pub attribute: Attribute,
    /// A part of it, where that is a fact of its own: the `email` of `person_contact`.
    pub part: Option<usize>,
    /// When nobody is asked any more.
    pub until: StopCondition,
    /// Whom to ask, in this order.
    pub steps: Vec<WaterfallStep>,
}

/// One provider that is asked.
#[derive(Debug, Clone, PartialEq)]
pub struct WaterfallStep {
    /// Who is asked: the source of what it says.
    pub provider: String,
    /// What is asked. A call that was made for one attribute is not made again for another.
    pub operation: String,
    /// What a call costs; without it, what the price list says when the run begins.
    pub price: Option<UnitPrice>,
    /// How often it finds something.
    pub hit_rate: HitRate,
    /// Records that a call finds at most. This, and the two that follow, are to be given where the price counts them: what a call
    /// may cost is held for it, and nothing would be.
    pub max_matches: u32,
    /// Credits that a call takes at most.
    pub max_credits: u32,
    /// Tokens that a call uses at most.
    pub max_tokens: u32,
    /// What must be known to ask: golden columns (`domain`, `firstName`) or attributes. Else the step is passed over.
    pub requires: Vec<String>,
    /// How long it is waited for: shorter than a reservation holds its money
    /// ([`BudgetOptions::time_to_live`](crate::BudgetOptions)).
    pub timeout: Duration,
    /// What a call costs that did not answer in time, or ended in a panic.
    pub after_timeout: AfterTimeout,
}

/// How often a step finds something, in hundredths of a percent: for what is expected, never for what is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HitRate {
    /// As somebody says.
    Stated(u32),
    /// As the ledger has it of calls that said whether they found something; else, where those are fewer than 20, this.
    Ledger(Option<u32>),
}

/// What a call is taken to have cost of which nobody knows whether the provider made it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum AfterTimeout {
    /// The most that it can cost.
    #[default]
    Worst,
    /// Nothing: the provider does not charge for answers that come late.
    Nothing,
}

impl WaterfallStep {
    /// A provider's operation with half a minute to answer, one match at most, and the price of the price list.
    #[must_use]
    pub fn new(provider: &str, operation: &str) -> Self {
        WaterfallStep {
            provider: provider.to_owned(),
            operation: operation.to_owned(),
            price: None,
            hit_rate: HitRate::Ledger(None),
            max_matches: 1,
            max_credits: 0,
            max_tokens: 0,
            requires: Vec::new(),
            timeout: TIMEOUT,
            after_timeout: AfterTimeout::Worst,
        }
    }

    /// Who is asked what.
    pub(crate) fn call(&self) -> (&str, &str) {
        (&self.provider, &self.operation)
    }
}

impl WaterfallAttribute {
    /// What is asked for, as messages say it.
    #[must_use]
    pub fn name(&self) -> String {
        let spec = self.attribute.spec();
        match self.part.and_then(|part| spec.parts.get(part)) {
            Some(part) => format!("{}.{part}", spec.name),
            None => spec.name.to_owned(),
        }
    }
}

impl Waterfall {
    /// Whom it is about.
    #[must_use]
    pub fn kind(&self) -> EntityKind {
        self.attributes.first().map_or(EntityKind::Company, |first| first.attribute.spec().entity)
    }

    /// Reads the file of a waterfall: see `examples/waterfall.toml`.
    ///
    /// # Errors
    /// `bad-waterfall` (usage) with what is wrong.
    pub fn parse(text: &str) -> Result<Waterfall, Error> {
        parse::parse(text, None)
    }

    /// As [`Waterfall::parse`]; mappings are looked for beside the file.
    ///
    /// # Errors
    /// `cannot-read` (environment), `bad-waterfall` and `bad-mapping` (usage).
    pub fn from_path(path: &std::path::Path) -> Result<Waterfall, Error> {
        let text = std::fs::read_to_string(path).map_err(|error| {
            let message = format!("cannot read the waterfall {}: {error}", path.display());
            Error::new(ErrorKind::Environment, "cannot-read", message).with_cause(error)
        })?;
        parse::parse(&text, path.parent())
    }

    /// Refuses what cannot be run, whether it was read or built.
    ///
    /// # Errors
    /// `bad-waterfall` (usage) with what is wrong.
    pub fn check(&self) -> Result<(), Error> {
        let kind = self.kind();
        if self.attributes.is_empty() {
            return Err(bad("it names no attribute".to_owned()));
        }
        let mut seen = BTreeSet::new();
        for of in &self.attributes {
            let name = of.name();
            if of.attribute.spec().entity != kind {
                let message = format!("{name} is of a {}", of.attribute.spec().entity.name());
                return Err(bad(format!("{message}, and the first attribute is of a {}", kind.name())));
            }
            if !seen.insert(name.clone()) {
                return Err(bad(format!("{name} stands in it twice")));
            }
            if of.steps.is_empty() {
                return Err(bad(format!("{name} has no step")));
            }
            of.until.check(&name)?;
            let mut calls = BTreeSet::new();
            for step in &of.steps {
                step.check(kind, &name)?;
                if !calls.insert(step.call()) {
                    let (provider, operation) = step.call();
                    return Err(bad(format!("{name} asks {provider} for {operation} twice")));
                }
            }
        }
        Ok(())
    }
}

impl WaterfallStep {
    fn check(&self, kind: EntityKind, of: &str) -> Result<(), Error> {
        let source = firmograph_core::Source::new(&self.provider)?;
        if source.is_pin() || source.is_legacy() || self.operation.trim().is_empty() {
            return Err(bad(format!("{of}: {} cannot be asked for {:?}", self.provider, self.operation)));
        }
        let rate = match self.hit_rate {
            HitRate::Stated(rate) | HitRate::Ledger(Some(rate)) => rate,
            HitRate::Ledger(None) => 0,
        };
        if self.timeout.is_zero() {
            return Err(bad(format!("{of}: {} is not waited for at all", self.provider)));
        }
        if rate > 10_000 {
            return Err(bad(format!(
                "{of}: a hit rate of {} finds something more than always",
                self.provider
            )));
        }
        let is_known = |name: &&String| {
            golden_columns(kind).iter().any(|column| column.name == name.as_str())
                || Attribute::from_name(name).is_some_and(|attribute| attribute.spec().entity == kind)
        };
        match self.requires.iter().find(|name| !is_known(name)) {
            None => Ok(()),
            Some(name) => Err(bad(format!("{of}: a {} has no {name:?} to require", kind.name()))
                .with_help("write a golden column such as domain, email or lastName, or an attribute")),
        }
    }
}

fn bad(message: String) -> Error {
    Error::new(ErrorKind::Usage, "bad-waterfall", format!("the waterfall: {message}"))
}
