//! What an accepted golden value cost.

use crate::budget::Budgets;
use firmograph_core::{EntityKind, Error, MicroDollars};
use firmograph_store::{Bought, CostKey, CostRange};
use std::collections::BTreeMap;

/// What golden values cost: of one operation of a provider, or of one attribute of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ValueCost {
    /// Who was called.
    pub provider: String,
    /// What was asked.
    pub operation: Option<String>,
    /// The attribute; `None` for all of them together, and then also for calls that bought nothing.
    pub attribute: Option<String>,
    /// Calls; of an attribute, those that bought a value of it.
    pub calls: i64,
    /// What they cost; of an attribute, its share.
    pub cost: MicroDollars,
    /// Golden values that they bought.
    pub values: i64,
    /// Calls that bought no value that won.
    pub calls_without: i64,
    /// What those cost.
    pub cost_without: MicroDollars,
}

impl ValueCost {
    /// What one value cost, with what was spent in vain; a part of a micro-dollar is a whole one. `None` where there is none.
    #[must_use]
    pub fn cost_per_value(&self) -> Option<MicroDollars> {
        let (cost, values) = (self.cost.micros(), self.values);
        let per_value = cost.checked_div(values)? + i64::from(cost.checked_rem(values)? > 0);
        Some(MicroDollars::new(per_value))
    }
}

impl Budgets {
    /// What each golden value cost that a paid call bought, by provider and operation, and for each of them by attribute.
    ///
    /// A value was bought by the payload that the winning source's row names for the value shown: of payloads that say the
    /// same, the one with the least id. A payload was bought by the first call that brought it, and belongs to no other. A
    /// call's cost is spread evenly over the values that it bought, micro-dollar by micro-dollar in the order of the
    /// attributes, so that the attributes and what was spent in vain add up to what was spent.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn cost_of_values(&self, range: &CostRange) -> Result<Vec<ValueCost>, Error> {
        let mut lent = self.lend().await?;
        let spent = lent.store().cost_sums(CostKey::Operation, range).await?;
        let mut bought = lent.store().bought(EntityKind::Company, range).await?;
        bought.extend(lent.store().bought(EntityKind::Person, range).await?);
        lent.give_back();
        bought.sort_by(|a, b| (&a.cost_id, &a.attribute).cmp(&(&b.cost_id, &b.attribute)));

        let mut all: BTreeMap<Group, ValueCost> = BTreeMap::new();
        for ([provider, operation], sums) in spent {
            let group = (provider.unwrap_or_default(), operation, None);
            let total = of(&mut all, group);
            (total.calls, total.cost) = (sums.calls, sums.cost);
            (total.calls_without, total.cost_without) = (sums.calls, sums.cost);
        }
        for call in bought.chunk_by(|a, b| a.cost_id == b.cost_id) {
            let first = &call[0];
            let total = of(&mut all, (first.provider.clone(), first.operation.clone(), None));
            total.values += call.iter().map(|bought| bought.values).sum::<i64>();
            total.calls_without -= 1;
            total.cost_without = total.cost_without.saturating_sub(first.cost);
            for (bought, share) in shares(call) {
                let attribute = Some(bought.attribute.clone());
                let part = of(&mut all, (first.provider.clone(), first.operation.clone(), attribute));
                part.calls += 1;
                part.values += bought.values;
                part.cost = part.cost.saturating_add(share);
            }
        }
        Ok(all.into_values().collect())
    }
}

/// Provider, operation, attribute.
type Group = (String, Option<String>, Option<String>);

fn of(all: &mut BTreeMap<Group, ValueCost>, group: Group) -> &mut ValueCost {
    let (provider, operation, attribute) = group.clone();
    all.entry(group).or_insert_with(|| ValueCost { provider, operation, attribute, ..ValueCost::default() })
}

/// The cost of one call, spread over what it bought.
fn shares(call: &[Bought]) -> impl Iterator<Item = (&Bought, MicroDollars)> {
    let values: i64 = call.iter().map(|bought| bought.values).sum();
    let cost = call.first().map_or(0, |bought| bought.cost.micros());
    let (each, mut rest) = (cost / values.max(1), cost % values.max(1));
    call.iter().map(move |bought| {
        let more = rest.min(bought.values);
        rest -= more;
        (bought, MicroDollars::new(each * bought.values + more))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn shares_add_up_to_the_cost(cost in 0_i64..1 << 40, values in prop::collection::vec(1_i64..20, 1..8)) {
            let bought = |values: &i64| Bought {
                cost_id: String::new(),
                provider: String::new(),
                operation: None,
                cost: MicroDollars::new(cost),
                attribute: String::new(),
                values: *values,
            };
            let call: Vec<Bought> = values.iter().map(bought).collect();
            prop_assert_eq!(shares(&call).map(|(_, share)| share.micros()).sum::<i64>(), cost);
        }
    }
}
