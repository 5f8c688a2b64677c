//! What a call costs, and how often it finds something.

use super::{HitRate, Waterfall, WaterfallStep};
use crate::price_at;
use firmograph_core::{Error, ErrorKind, MicroDollars, Timestamp, UnitPrice, Usage};
use firmograph_store::{HitCount, Store};

/// Calls from which on the ledger is believed about a hit rate.
const ENOUGH: i64 = 20;

/// A step with its price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Priced {
    pub(super) price: UnitPrice,
    /// The most that a call can cost.
    pub(super) worst: MicroDollars,
}

/// How often a step finds something, and how many calls of the ledger say so; `None` where somebody stated it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rate {
    pub(super) basis_points: u32,
    pub(super) calls: Option<i64>,
}

/// The prices of all steps, by attribute and step.
pub(super) async fn prices(
    waterfall: &Waterfall,
    store: &mut Store,
    now: Timestamp,
) -> Result<Vec<Vec<Priced>>, Error> {
    let list = store.prices().await?;
    let of_step = |step: &WaterfallStep| {
        let listed = || price_at(&list, &step.provider, &step.operation, now).map(|listed| listed.price);
        let price = step.price.or_else(listed).ok_or_else(|| {
            let (provider, operation) = step.call();
            let message = format!("no price is known of {operation} of {provider}");
            Error::new(ErrorKind::Usage, "no-price", message)
                .with_help("give the step a price, or put one into the price list")
        })?;
        check_limits(step, &price)?;
        let worst = price.worst(step.max_matches, step.max_credits, step.max_tokens);
        Ok(Priced { price, worst })
    };
    waterfall.attributes.iter().map(|of| of.steps.iter().map(of_step).collect()).collect()
}

/// Refuses a step of which it is not said how much of that which costs something it may use: no money would be held for it.
fn check_limits(step: &WaterfallStep, price: &UnitPrice) -> Result<(), Error> {
    let counted = [
        (price.per_match, step.max_matches, "match", "max_matches"),
        (price.per_credit, step.max_credits, "credit", "max_credits"),
        (price.per_million_tokens, step.max_tokens, "token", "max_tokens"),
    ];
    match counted.into_iter().find(|(each, most, ..)| *each > MicroDollars::ZERO && *most == 0) {
        None => Ok(()),
        Some((_, _, what, setting)) => {
            let (provider, operation) = step.call();
            let message = format!(
                "{operation} of {provider} is paid by the {what}, and it is not said how many a call takes"
            );
            Err(Error::new(ErrorKind::Usage, "no-limit", message)
                .with_help(format!("give the step the most: {setting} = 1000, or however many it is")))
        }
    }
}

pub(super) fn rate(step: &WaterfallStep, counts: &[HitCount]) -> Result<Rate, Error> {
    let otherwise = match step.hit_rate {
        HitRate::Stated(basis_points) => return Ok(Rate { basis_points, calls: None }),
        HitRate::Ledger(otherwise) => otherwise,
    };
    let same = |count: &&HitCount| {
        count.provider == step.provider && count.operation.as_deref() == Some(&step.operation)
    };
    if let Some(count) = counts.iter().find(same).filter(|count| count.calls >= ENOUGH) {
        let basis_points = u32::try_from(count.hits * 10_000 / count.calls).unwrap_or(10_000);
        return Ok(Rate { basis_points, calls: Some(count.calls) });
    }
    let basis_points = otherwise.ok_or_else(|| {
        let (provider, operation) = step.call();
        let message = format!("the ledger has fewer than {ENOUGH} calls of {operation} of {provider}");
        Error::new(ErrorKind::Usage, "no-hit-rate", message)
            .with_help("state one: hit_rate = \"ledger or 60%\"")
    })?;
    Ok(Rate { basis_points, calls: None })
}

impl Priced {
    /// What a call is expected to cost, in ten-thousandths of a micro-dollar: a hit uses the most that it may, a miss uses tokens
    /// and finds nothing.
    pub(super) fn expected(&self, step: &WaterfallStep, rate: u32) -> i128 {
        let (matches, credits, tokens) = (step.max_matches, step.max_credits, step.max_tokens);
        let hit = self.price.cost(&Usage { hit: true, matches, credits, tokens });
        let miss = self.price.cost(&Usage { hit: false, matches: 0, credits: 0, tokens });
        let rate = i128::from(rate);
        i128::from(hit.micros()) * rate + i128::from(miss.micros()) * (10_000 - rate)
    }
}
