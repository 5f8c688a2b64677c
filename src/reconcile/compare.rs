//! One value in one of its places: what the golden record shows there, and whose value that is.

use crate::pipeline::Keys;
use crate::reconcile::held::Held;
use crate::reconcile::judge::{Judge, NO_GOLDEN_ROW};
use crate::reconcile::places::{Place, Shows, is_composed};
use crate::reconcile::report::ValueClass;
use crate::reconcile::tally::Verdict;
use firmograph_core::{
    Attribute, Dimension, EntityKind, Field, MatchedValue, RawValue, Scalar, golden_columns,
};
use std::borrow::Cow;
use std::sync::Arc;

impl Judge<'_> {
    /// Judges a value in one of its places. Beside a conflict stands what is shown instead, beside a loss what is missing.
    pub(super) fn at(
        &mut self,
        place: &Place,
        field: Field,
        held: Option<&Held>,
        keys: &Keys,
        raw: &RawValue,
        text: &str,
    ) -> Verdict {
        let lost = |why: &'static str| (ValueClass::Lost, Some(why.into()));
        let Some((held, golden)) = held.and_then(|held| Some((held, held.golden.as_ref()?))) else {
            return lost(NO_GOLDEN_ROW);
        };
        let is_there = held.has(place.attribute, &self.options.source, raw);
        let Some(winner) = held.winner(place.attribute).filter(|_| is_there) else {
            return lost("not_in_dimension");
        };
        let columns = golden_columns(place.attribute.spec().entity);
        let at = |name: &str| columns.iter().position(|column| column.name == name);
        let shown = match place.golden.and_then(at) {
            None => None,
            Some(at) if golden.values[at] != held.expected.values[at] => return lost("golden_differs"),
            Some(at) => shown(&golden.values[at]),
        };
        let is_shown = winner.raw() == raw;
        let own: Option<Arc<MatchedValue>> = match winner.matched().filter(|_| is_shown) {
            Some(matched) => Some(Arc::clone(matched)),
            None if is_shown => None,
            None => self.matched(place.attribute, raw),
        };
        let standard = |name: &str| {
            let at = place.attribute.matched(name)?;
            self::shown(own.as_ref()?.columns.get(at)?)
        };
        let is_text = |shown: &str| shown == text || is_composed(field) && shown.contains(text.trim());
        let as_text = |shown: Option<&str>| match shown {
            Some(shown) if is_text(shown) => Some(ValueClass::Carried),
            Some(shown) if is_squeezed(shown, text) => Some(ValueClass::Standardised),
            _ => None,
        };
        let as_standard = |standard: Option<Cow<'_, str>>, kept: Option<ValueClass>| match (&standard, &shown)
        {
            (Some(standard), Some(shown)) if standard == shown && shown == text => Some(ValueClass::Carried),
            (Some(standard), Some(shown)) if standard == shown => Some(ValueClass::Standardised),
            // Another spelling of the same mailbox.
            (Some(standard), Some(shown))
                if field == Field::Email && standard.eq_ignore_ascii_case(shown) =>
            {
                Some(ValueClass::Standardised)
            }
            (Some(_), _) => is_shown.then_some(ValueClass::Standardised),
            (None, _) => kept.or(is_shown.then_some(ValueClass::Unmatched)),
        };
        let class = match place.shows {
            Shows::Nothing => self.aside(place, winner, keys, text),
            Shows::Text => as_text(shown.as_deref()).or(is_shown.then_some(ValueClass::Unmatched)),
            Shows::Raw => as_text(shown.as_deref())
                .or(is_shown.then_some(ValueClass::Unmatched))
                .map(|class| if own.is_none() { ValueClass::Unmatched } else { class }),
            Shows::Standard(name) => {
                let kept = as_text(shown.as_deref()).map(|_| ValueClass::Unmatched);
                as_standard(standard(name), kept)
            }
            Shows::Only(name) => {
                let exact = at("revenue").filter(|_| field == Field::Revenue);
                let exact = exact.and_then(|at| self::shown(&golden.values[at]));
                match exact.as_deref() == Some(text) {
                    true => Some(ValueClass::Carried),
                    false => as_standard(standard(name), None),
                }
            }
            Shows::Whole => {
                let same = |name: &'static str| {
                    let there = at(name).and_then(|at| self::shown(&golden.values[at]));
                    standard(name) == there
                };
                let is_same =
                    own.is_some() && (is_shown || ["city", "state", "country"].into_iter().all(same));
                match as_text(shown.as_deref()) {
                    Some(ValueClass::Carried) => Some(ValueClass::Carried),
                    _ if is_same => Some(ValueClass::Standardised),
                    Some(_) => Some(ValueClass::Unmatched),
                    None => is_shown.then_some(ValueClass::Unmatched),
                }
            }
        };
        match class {
            Some(class) => (class, None),
            None => (ValueClass::InConflict, Some(self.instead(winner))),
        }
    }

    /// The standard value of one that is not shown.
    fn matched(&mut self, attribute: Attribute, raw: &RawValue) -> Option<Arc<MatchedValue>> {
        let at = attribute as usize;
        match &self.last[at] {
            Some((last, matched)) if last == raw => matched.clone(),
            _ => {
                let matched = self.matchers[at].matched(raw, self.options);
                self.last[at] = Some((raw.clone(), matched.clone()));
                matched
            }
        }
    }

    /// A part that no golden column shows. Of an employer it is enough that the same company is meant.
    fn aside(&self, place: &Place, winner: &Dimension, keys: &Keys, text: &str) -> Option<ValueClass> {
        if part_of(place, winner.raw()) == Some(text) {
            return Some(ValueClass::Carried);
        }
        if place.attribute != Attribute::PersonCompany {
            return None;
        }
        let employer = winner.matched()?.columns.first()?.as_text()?;
        let (Some(employer), Some(mine)) = (
            self.holdings.about(EntityKind::Company, employer),
            self.holdings.about(EntityKind::Company, keys.company.as_deref()?),
        ) else {
            return None;
        };
        std::ptr::eq(employer, mine).then_some(ValueClass::Standardised)
    }

    fn instead(&self, winner: &Dimension) -> Cow<'static, str> {
        let source = winner.source();
        if *source == self.options.source { "same_source".into() } else { source.to_string().into() }
    }
}

/// The part of a raw value that a place is.
pub(super) fn part_of<'r>(place: &Place, raw: &'r RawValue) -> Option<&'r str> {
    raw.part(place.attribute.part(place.part)?)
}

fn shown(value: &Scalar) -> Option<Cow<'_, str>> {
    match value {
        Scalar::Null => None,
        Scalar::Int(number) => Some(number.to_string().into()),
        Scalar::Text(text) => Some((**text).into()),
    }
}

/// Whether `shown` is `text` without outer and repeated blanks.
fn is_squeezed(shown: &str, text: &str) -> bool {
    shown.split(' ').eq(text.split_whitespace())
}
