//! What a waterfall costs at most, and what it is expected to cost, before anything is spent.

use super::about;
use super::condition::agreeing;
use super::prices::{Priced, Rate, prices, rate};
use super::provider::Subject;
use super::{StopCondition, Waterfall, WaterfallOptions, WaterfallStep};
use crate::joined::KeyJoins;
use crate::{Budgets, Engine, key_of_text};
use firmograph_core::{BudgetScope, Error, MicroDollars, Timestamp};
use firmograph_store::BudgetWindow;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// One, in the units in which chances are counted: whole numbers, so that every machine plans the same.
const CERTAIN: i128 = 1_000_000_000_000;

/// What is to be paid, at most and as expected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WaterfallPlan {
    /// Companies or persons.
    pub entities: u64,
    /// Every step, in order.
    pub steps: Vec<PlannedStep>,
    /// The most that it can cost: every step of every attribute that is not good enough yet.
    pub worst: MicroDollars,
    /// What it is expected to cost.
    pub expected: MicroDollars,
    /// The open windows of the budgets that would pay.
    pub budgets: Vec<PlannedBudget>,
    /// Providers that no budget pays for.
    pub without_budget: Vec<String>,
    /// Whether every budget has room for the most that it can cost.
    pub fits: bool,
}

/// One step of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlannedStep {
    /// The attribute, with its part.
    pub attribute: String,
    /// Who is asked.
    pub provider: String,
    /// What.
    pub operation: String,
    /// How often it finds something, in hundredths of a percent.
    pub hit_rate_bp: u32,
    /// Calls of the ledger that say so; null where it was stated.
    pub hit_rate_calls: Option<i64>,
    /// Calls at most. One that an earlier attribute may make as well counts there, as do its costs.
    pub calls: u64,
    /// How many of those calls are expected, for whichever attribute, in hundredths of a percent.
    pub reached_bp: u32,
    /// What one call costs at most.
    pub worst_each: MicroDollars,
    /// What the calls cost at most.
    pub worst: MicroDollars,
    /// What they are expected to cost.
    pub expected: MicroDollars,
}

/// A window that pays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlannedBudget {
    /// As it stands.
    #[serde(flatten)]
    pub window: BudgetWindow,
    /// What is left of it.
    pub remaining: MicroDollars,
    /// The most that the waterfall takes from it.
    pub worst: MicroDollars,
    /// Whether that fits.
    pub fits: bool,
}

/// What a plan has to know of one company or person: which attributes are not good enough yet, how many sources agree about them,
/// where that counts, and which steps cannot be asked as things stand.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Pattern {
    open: Vec<bool>,
    agreeing: Vec<usize>,
    askable: Vec<Vec<bool>>,
}

#[derive(Clone, Copy, Default)]
struct Sums {
    calls: u64,
    /// Calls that are expected, in parts of [`CERTAIN`].
    made: i128,
    /// What they cost, in parts of [`CERTAIN`] ten-thousandths of a micro-dollar.
    expected: i128,
    worst: MicroDollars,
}

/// A call: the attribute and step where it counts, how likely it is not made by then, and the most that it can cost.
type Planned = ((usize, usize), i128, MicroDollars);

/// Whether a window counts for calls of a provider.
pub(super) fn counts_for(scope: &BudgetScope, provider: &str, user: Option<&str>) -> bool {
    scope.provider.as_deref().is_none_or(|of| of == provider)
        && scope.user.as_deref().is_none_or(|of| user == Some(of))
}

impl Waterfall {
    /// Plans for so many companies or persons of whom nothing is known but what steps require.
    ///
    /// # Errors
    /// `bad-waterfall`, `no-price`, `no-limit` and `no-hit-rate` (usage); when the database does not answer.
    pub async fn plan(
        &self,
        engine: &mut Engine,
        budgets: &Budgets,
        entities: u64,
        options: &WaterfallOptions,
        now: Timestamp,
    ) -> Result<WaterfallPlan, Error> {
        let (open, agreeing) = (vec![true; self.attributes.len()], vec![0; self.attributes.len()]);
        let askable = self.attributes.iter().map(|of| vec![true; of.steps.len()]).collect();
        let patterns = BTreeMap::from([(Pattern { open, agreeing, askable }, entities)]);
        self.planned(engine, budgets, &patterns, options, now).await
    }

    /// Plans for these companies or persons as they stand: an attribute that is good enough costs nothing, and several keys of one
    /// company or person count once. Running the waterfall
    /// on them costs no more than the worst of this plan, as long as nothing else changes what is known of them, prices stay,
    /// and calls use no more than their steps say.
    ///
    /// # Errors
    /// As [`Waterfall::plan`].
    pub async fn plan_for<S: AsRef<str>>(
        &self,
        engine: &mut Engine,
        budgets: &Budgets,
        keys: &[S],
        options: &WaterfallOptions,
        now: Timestamp,
    ) -> Result<WaterfallPlan, Error> {
        let kind = self.kind();
        let joins = KeyJoins::read(&mut engine.store).await?;
        let mut patterns = BTreeMap::new();
        let mut seen = BTreeSet::new();
        for key in keys {
            let key = key_of_text(kind, key.as_ref());
            if !seen.insert(Box::<str>::from(joins.kind(kind).root(&key))) {
                continue;
            }
            let entity = engine.entity_with(&joins, kind, &key).await?;
            let subject = Subject::of(kind, &key, entity.as_ref());
            let has_identity = about::has_identity(&subject);
            let mut pattern = Pattern::default();
            for of in &self.attributes {
                let good = of.until.holds(of, entity.as_ref(), engine, options.quality.as_ref()).await?;
                let counts = matches!(of.until, StopCondition::Agreement(_));
                pattern.open.push(!good && has_identity);
                pattern.agreeing.push(if counts { agreeing(of, entity.as_ref()) } else { 0 });
                pattern.askable.push(of.steps.iter().map(|step| missing(step, &subject).is_none()).collect());
            }
            *patterns.entry(pattern).or_default() += 1;
        }
        self.planned(engine, budgets, &patterns, options, now).await
    }

    async fn planned(
        &self,
        engine: &mut Engine,
        budgets: &Budgets,
        patterns: &BTreeMap<Pattern, u64>,
        options: &WaterfallOptions,
        now: Timestamp,
    ) -> Result<WaterfallPlan, Error> {
        self.check()?;
        let prices = prices(self, engine.store(), now).await?;
        let counts = engine.store().hit_counts(&options.workspace).await?;
        let rates: Vec<Vec<Rate>> = self
            .attributes
            .iter()
            .map(|of| of.steps.iter().map(|step| rate(step, &counts)).collect())
            .collect::<Result<_, Error>>()?;
        let mut sums: Vec<Vec<Sums>> =
            self.attributes.iter().map(|of| vec![Sums::default(); of.steps.len()]).collect();
        for (pattern, entities) in patterns {
            self.add(pattern, *entities, &prices, &rates, &mut sums);
        }
        let mut steps = Vec::new();
        for (index, of) in self.attributes.iter().enumerate() {
            for (at, step) in of.steps.iter().enumerate() {
                let (sums, priced, rate) = (&sums[index][at], &prices[index][at], rates[index][at]);
                steps.push(planned_step(&of.name(), step, sums, priced, rate));
            }
        }
        let providers: BTreeSet<&str> = steps.iter().map(|step| step.provider.as_str()).collect();
        let user = options.user.as_deref();
        let windows = budgets.standing(Some(&options.workspace)).await?;
        let without_budget: Vec<String> = providers
            .iter()
            .filter(|provider| !windows.iter().any(|window| counts_for(&window.key.scope, provider, user)))
            .map(|provider| (*provider).to_owned())
            .collect();
        let budgets: Vec<PlannedBudget> = windows
            .into_iter()
            .filter_map(|window| {
                let mut paid = steps
                    .iter()
                    .filter(|step| counts_for(&window.key.scope, &step.provider, user))
                    .peekable();
                paid.peek()?;
                let worst = paid.map(|step| step.worst).sum();
                let remaining = window.standing.remaining();
                Some(PlannedBudget { window, remaining, worst, fits: worst <= remaining })
            })
            .collect();
        let (worst, expected) =
            (steps.iter().map(|step| step.worst).sum(), steps.iter().map(|step| step.expected).sum());
        let fits = without_budget.is_empty() && budgets.iter().all(|budget| budget.fits);
        let entities = patterns.values().sum();
        Ok(WaterfallPlan { entities, steps, worst, expected, budgets, without_budget, fits })
    }

    /// Adds what companies or persons of one pattern cost. Hits are taken to be independent, and to be good enough.
    fn add(
        &self,
        pattern: &Pattern,
        entities: u64,
        prices: &[Vec<Priced>],
        rates: &[Vec<Rate>],
        sums: &mut [Vec<Sums>],
    ) {
        let mut calls: BTreeMap<(&str, &str), Planned> = BTreeMap::new();
        for (index, of) in self.attributes.iter().enumerate().filter(|(index, _)| pattern.open[*index]) {
            let needed = match of.until {
                StopCondition::Never => usize::MAX,
                StopCondition::Agreement(sources) => sources as usize,
                _ => 1,
            };
            // How likely so many hits are before a step; what has enough of them is left out.
            let mut hits = vec![0; pattern.agreeing[index].min(needed.saturating_sub(1))];
            hits.push(CERTAIN);
            for (at, step) in of.steps.iter().enumerate() {
                let asked = pattern.askable[index][at];
                let reached = if asked { hits.iter().sum::<i128>() } else { 0 };
                let (priced, rate) = (&prices[index][at], rates[index][at].basis_points);
                let (first, unmade, worst) =
                    calls.entry(step.call()).or_insert(((index, at), CERTAIN, MicroDollars::ZERO));
                let made = *unmade * reached / CERTAIN;
                *unmade -= made;
                *worst = (*worst).max(priced.worst);
                let sums = &mut sums[first.0][first.1];
                let made = made.saturating_mul(i128::from(entities));
                sums.made = sums.made.saturating_add(made);
                sums.expected =
                    sums.expected.saturating_add(made.saturating_mul(priced.expected(step, rate)));
                if asked {
                    hits = after(&hits, rate, needed);
                }
            }
        }
        for ((index, at), _, worst) in calls.into_values() {
            let sums = &mut sums[index][at];
            sums.calls += entities;
            sums.worst =
                sums.worst.saturating_add(worst.saturating_mul(i64::try_from(entities).unwrap_or(i64::MAX)));
        }
    }
}

/// How likely so many hits are after one more call.
fn after(hits: &[i128], rate: u32, needed: usize) -> Vec<i128> {
    let mut next = vec![0; (hits.len() + 1).min(needed)];
    for (count, chance) in hits.iter().enumerate() {
        let hit = chance * i128::from(rate) / 10_000;
        next[count] += chance - hit;
        if let Some(more) = next.get_mut(count + 1) {
            *more += hit;
        }
    }
    next
}

/// What is not known that a step requires.
pub(super) fn missing<'s>(step: &'s WaterfallStep, subject: &Subject) -> Option<&'s str> {
    step.requires.iter().map(String::as_str).find(|name| !subject.has(name))
}

fn planned_step(
    attribute: &str,
    step: &WaterfallStep,
    sums: &Sums,
    priced: &Priced,
    rate: Rate,
) -> PlannedStep {
    // Half a micro-dollar is a whole one.
    let unit = CERTAIN * 10_000;
    let expected = sums.expected.saturating_add(unit / 2) / unit;
    let all = i128::from(sums.calls) * CERTAIN;
    let reached = if all == 0 { 0 } else { sums.made.saturating_mul(10_000).saturating_add(all / 2) / all };
    PlannedStep {
        attribute: attribute.to_owned(),
        provider: step.provider.clone(),
        operation: step.operation.clone(),
        hit_rate_bp: rate.basis_points,
        hit_rate_calls: rate.calls,
        calls: sums.calls,
        reached_bp: u32::try_from(reached).unwrap_or(10_000),
        worst_each: priced.worst,
        worst: sums.worst,
        expected: MicroDollars::new(i64::try_from(expected).unwrap_or(i64::MAX)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chances_of_hits() {
        let one = after(&[CERTAIN], 6_000, 2);
        assert_eq!(one, [CERTAIN * 4 / 10, CERTAIN * 6 / 10]);
        let two = after(&one, 5_000, 2);
        assert_eq!(two, [CERTAIN * 2 / 10, CERTAIN * 5 / 10], "with two hits nobody is asked any more");
        assert_eq!(after(&[CERTAIN], 6_000, 1), [CERTAIN * 4 / 10]);
        assert_eq!(
            after(&after(&[CERTAIN], 6_000, usize::MAX), 5_000, usize::MAX).iter().sum::<i128>(),
            CERTAIN
        );
    }
}
