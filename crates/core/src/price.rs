use crate::MicroDollars;
use serde::{Deserialize, Serialize};

/// Tokens that [`UnitPrice::per_million_tokens`] is the price of.
const MILLION: i128 = 1_000_000;

/// What one call of an operation costs: the price of a hit or of a miss, and what comes on top for each match, credit and
/// token. All parts count at once; what a provider does not charge for is zero.
///
/// ```
/// use firmograph_core::{MicroDollars, UnitPrice, Usage};
///
/// let price = UnitPrice { hit: "0.10".parse()?, miss: "0.01".parse()?, ..UnitPrice::default() };
/// assert_eq!(price.cost(&Usage { hit: false, ..Usage::default() }), "0.01".parse()?);
/// assert_eq!(price.worst(0, 0, 0), "0.10".parse()?);
/// # Ok::<(), firmograph_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct UnitPrice {
    /// Of a call that found something.
    #[serde(default)]
    pub hit: MicroDollars,
    /// Of a call that found nothing.
    #[serde(default)]
    pub miss: MicroDollars,
    /// Of each record that was found.
    #[serde(default)]
    pub per_match: MicroDollars,
    /// Of each credit that the provider counts.
    #[serde(default)]
    pub per_credit: MicroDollars,
    /// Of a million tokens of a language model.
    #[serde(default)]
    pub per_million_tokens: MicroDollars,
}

/// What a call used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Usage {
    /// Whether it found anything.
    pub hit: bool,
    /// Records found.
    #[serde(default)]
    pub matches: u32,
    /// Credits that the provider took.
    #[serde(default)]
    pub credits: u32,
    /// Tokens of a language model, in and out.
    #[serde(default)]
    pub tokens: u32,
}

impl UnitPrice {
    /// What a call costs that used this much; a part of a micro-dollar is a whole one.
    #[must_use]
    pub fn cost(&self, usage: &Usage) -> MicroDollars {
        let base = if usage.hit { self.hit } else { self.miss };
        self.with_counts(base, usage.matches, usage.credits, usage.tokens)
    }

    /// The most that a call can cost which uses no more than this.
    #[must_use]
    pub fn worst(&self, matches: u32, credits: u32, tokens: u32) -> MicroDollars {
        self.with_counts(self.hit.max(self.miss), matches, credits, tokens)
    }

    fn with_counts(&self, base: MicroDollars, matches: u32, credits: u32, tokens: u32) -> MicroDollars {
        let tokens =
            (i128::from(self.per_million_tokens.micros()) * i128::from(tokens) + MILLION - 1) / MILLION;
        base.saturating_add(self.per_match.saturating_mul(i64::from(matches)))
            .saturating_add(self.per_credit.saturating_mul(i64::from(credits)))
            .saturating_add(MicroDollars::new(i64::try_from(tokens).unwrap_or(i64::MAX)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_part_of_a_micro_dollar_is_a_whole_one() {
        let price = UnitPrice { per_million_tokens: MicroDollars::new(150_000), ..UnitPrice::default() };
        assert_eq!(price.cost(&Usage { tokens: 1, ..Usage::default() }), MicroDollars::new(1));
        assert_eq!(price.cost(&Usage { tokens: 2_000_000, ..Usage::default() }), MicroDollars::new(300_000));
    }

    proptest! {
        #[test]
        fn no_call_costs_more_than_its_worst(
            [hit, miss, per_match, per_credit, per_million_tokens] in [0_i64..1 << 40, 0..1 << 40, 0..1 << 20, 0..1 << 20, 0..1 << 40],
            (found, matches, credits, tokens) in (any::<bool>(), 0_u32..1_000, 0_u32..1_000, 0_u32..1_000_000),
            (more, much_more) in (0_u32..10, 0_u32..10),
        ) {
            let [hit, miss, per_match, per_credit, per_million_tokens] =
                [hit, miss, per_match, per_credit, per_million_tokens].map(MicroDollars::new);
            let price = UnitPrice { hit, miss, per_match, per_credit, per_million_tokens };
            let usage = Usage { hit: found, matches, credits, tokens };
            prop_assert!(price.cost(&usage) <= price.worst(matches + more, credits + much_more, tokens));
        }
    }
}
