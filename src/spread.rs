//! What payloads say, read once for several slices of the keys and kept packed until the turn of each.

use crate::part::Origin;
use crate::replay::Told;
use firmograph_core::{Attribute, EntityKind, RawValue, Source};
use std::collections::VecDeque;

/// Packed text of all slices that are read together: some three hundred thousand payloads.
const HELD_BYTES: usize = 112 << 20;

/// What is said about consecutive slices.
#[derive(Default)]
pub(crate) struct Spread {
    /// Number of the first slice held.
    first: usize,
    /// What is said about each, by company or person.
    slices: VecDeque<Vec<u8>>,
    /// Text of all of them.
    bytes: usize,
    sources: Vec<Source>,
    /// Of each payload: source, and whether hosts are repaired in it.
    origins: Vec<(Origin, u16, bool)>,
    /// The state of the database that was read.
    stamp: i64,
}

impl Spread {
    /// For slices from number `first` on, before number `end`.
    pub(crate) fn new(first: usize, end: usize, stamp: i64) -> Self {
        let slices = (first..end).map(|_| Vec::new()).collect();
        Spread { first, slices, stamp, ..Spread::default() }
    }

    /// Whether it has what is said about slice number `slice`.
    pub(crate) fn has(&self, slice: usize) -> bool {
        (self.first..self.first + self.slices.len()).contains(&slice)
    }

    /// Whether it has it as it is in the database of this state.
    pub(crate) fn is_fresh(&self, slice: usize, stamp: i64) -> bool {
        self.has(slice) && self.stamp == stamp
    }

    /// Keeps what a payload says; `place` is the number of the slice in which somebody is. Slices that are more than memory is
    /// meant for are let go, the last first.
    pub(crate) fn add(&mut self, told: &Told, place: &dyn Fn(EntityKind, &str) -> Option<usize>) {
        let known = self.sources.iter().position(|source| *source == told.source);
        let source = known.unwrap_or_else(|| {
            self.sources.push(told.source.clone());
            self.sources.len() - 1
        });
        let mut origin = None;
        for (kind, key) in [(EntityKind::Company, &told.company), (EntityKind::Person, &told.person)] {
            let Some(key) = key else { continue };
            let slice = place(kind, key).and_then(|slice| slice.checked_sub(self.first));
            let Some(packed) = slice.and_then(|slice| self.slices.get_mut(slice)) else { continue };
            let origin = *origin.get_or_insert_with(|| {
                let Told { payload, observed_at, .. } = *told;
                self.origins.push((Origin { payload, observed_at }, source as u16, told.repairs));
                self.origins.len() - 1
            });
            let before = packed.len();
            let said = told.said.iter().filter(|(attribute, _)| attribute.spec().entity == kind);
            put(packed, origin);
            put_text(packed, key);
            put(packed, said.clone().count());
            for (attribute, raw) in said {
                put(packed, *attribute as usize);
                let parts = raw.parts(attribute.spec().parts.len());
                parts.for_each(|part| put_text(packed, part.unwrap_or_default()));
            }
            self.bytes += packed.len() - before;
        }
        while self.bytes > HELD_BYTES && self.slices.len() > 1 {
            self.bytes -= self.slices.pop_back().map_or(0, |packed| packed.len());
        }
    }

    /// Gives what is said about the entities of slice number `slice`, which are of one kind, and lets go of it and of those
    /// before it.
    pub(crate) fn take(&mut self, slice: usize, kind: EntityKind, sink: &mut dyn FnMut(Told)) {
        let mut packed = Vec::new();
        while self.first <= slice {
            let Some(next) = self.slices.pop_front() else { break };
            (packed, self.first) = (next, self.first + 1);
        }
        let mut rest = packed.as_slice();
        while !rest.is_empty() {
            let (origin, source, repairs) = self.origins[take(&mut rest)];
            let key = Some(Box::from(take_text(&mut rest)));
            let (company, person) = match kind {
                EntityKind::Company => (key, None),
                EntityKind::Person => (None, key),
            };
            let said = (0..take(&mut rest)).map(|_| {
                let attribute = Attribute::ALL[take(&mut rest)];
                let parts = attribute.spec().parts.iter().map(|_| Some(take_text(&mut rest)));
                (attribute, RawValue::new(parts))
            });
            let said = said.collect();
            let Origin { payload, observed_at } = origin;
            let source = self.sources[usize::from(source)].clone();
            sink(Told { payload, observed_at, source, repairs, company, person, said });
        }
    }
}

/// A number in groups of seven bits, the lowest first; the highest bit tells that more follow.
fn put(packed: &mut Vec<u8>, mut number: usize) {
    while number >= 0x80 {
        packed.push(number as u8 | 0x80);
        number >>= 7;
    }
    packed.push(number as u8);
}

fn put_text(packed: &mut Vec<u8>, text: &str) {
    put(packed, text.len());
    packed.extend_from_slice(text.as_bytes());
}

fn take(rest: &mut &[u8]) -> usize {
    let (mut number, mut shift) = (0, 0);
    while let Some((&byte, after)) = rest.split_first() {
        *rest = after;
        number |= usize::from(byte & 0x7f) << shift;
        shift += 7;
        if byte < 0x80 {
            break;
        }
    }
    number
}

fn take_text<'r>(rest: &mut &'r [u8]) -> &'r str {
    let length = take(rest);
    let (text, after) = rest.split_at(length.min(rest.len()));
    *rest = after;
    // It was text when it was put there.
    std::str::from_utf8(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use firmograph_core::PayloadId;

    fn told(number: u8, company: &str, person: Option<&str>, size: &str) -> Told {
        Told {
            payload: PayloadId([number; 16]),
            observed_at: None,
            source: Source::new(if number.is_multiple_of(2) { "csv" } else { "crm" }).unwrap(),
            repairs: number == 3,
            company: Some(company.into()),
            person: person.map(Box::from),
            said: vec![(Attribute::EmployeeRange, RawValue::new([Some(size)]))],
        }
    }

    #[test]
    fn each_slice_gets_what_was_said_about_it() {
        let place = |kind, key: &str| match kind {
            EntityKind::Company => Some(usize::from(key >= "m")),
            EntityKind::Person => Some(2),
        };
        let mut spread = Spread::new(0, 3, 7);
        let long = "1".repeat(300);
        for told in [told(1, "a", None, &long), told(2, "z", Some("p"), "5"), told(3, "b", Some("q"), "9")] {
            spread.add(&told, &place);
        }
        assert!(spread.is_fresh(2, 7) && !spread.is_fresh(2, 8) && !spread.is_fresh(3, 7));
        let mut heard = Vec::new();
        spread.take(0, EntityKind::Company, &mut |told| heard.push(told));
        let shown: Vec<_> =
            heard.iter().map(|told| (told.payload.0[0], told.source.as_str(), told.repairs)).collect();
        assert_eq!(shown, [(1, "crm", false), (3, "crm", true)]);
        assert_eq!(heard[0].said, [(Attribute::EmployeeRange, RawValue::new([Some(&*long)]))]);
        assert!(!spread.has(0) && spread.has(1));
        heard.clear();
        spread.take(2, EntityKind::Person, &mut |told| heard.push(told));
        let shown: Vec<_> = heard.iter().map(|told| (told.person.as_deref(), told.said.len())).collect();
        assert_eq!(shown, [(Some("p"), 0), (Some("q"), 0)], "whoever is named is heard of");
        assert!(!spread.has(1) && !spread.has(2));
    }
}
