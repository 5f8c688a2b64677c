use crate::{Attribute, MatchedValue, Observation, PayloadId, RawValue, Source, Timestamp};
use std::cmp::{Ordering, Reverse};
use std::sync::Arc;

/// One raw value and what speaks for it within one source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Support {
    /// The value.
    pub raw: RawValue,
    /// The newest date on which the source was seen to say so.
    pub observed_at: Option<Timestamp>,
    /// How many payloads say so; each payload counts once.
    pub payloads: u32,
    /// The least id among those payloads: the one that `explain` shows.
    pub payload: PayloadId,
}

impl Support {
    /// A value that one payload gives.
    #[must_use]
    pub fn once(raw: RawValue, payload: PayloadId, observed_at: Option<Timestamp>) -> Self {
        Support { raw, observed_at, payloads: 1, payload }
    }

    /// `Less` when `self` is to be shown before `other`: newest observed-at, then most payloads, then most complete,
    /// then byte order. A total order over distinct raw values, so no order of arrival can change the answer.
    fn rank(&self, other: &Self) -> Ordering {
        (Reverse(self.observed_at), Reverse(self.payloads))
            .cmp(&(Reverse(other.observed_at), Reverse(other.payloads)))
            .then_with(|| other.raw.filled().cmp(&self.raw.filled()))
            .then_with(|| self.raw.cmp(&other.raw))
    }

    fn add(&mut self, other: &Self) {
        self.observed_at = self.observed_at.max(other.observed_at);
        self.payloads += other.payloads;
        self.payload = self.payload.min(other.payload);
    }
}

/// All that one source says about one attribute of one entity: the value it is taken to mean, and the others it also
/// gave, each with its support. One row of a dimension table.
///
/// Merging is commutative and associative, so batches may come in any order and be cut anywhere.
#[derive(Debug, Clone, PartialEq)]
pub struct Dimension {
    key: Arc<str>,
    attribute: Attribute,
    source: Source,
    first: Support,
    others: Vec<Support>,
    matched: Option<Arc<MatchedValue>>,
}

impl From<Observation> for Dimension {
    fn from(observation: Observation) -> Self {
        let Observation { key, attribute, source, raw, payload, observed_at } = observation;
        let first = Support::once(raw, payload, observed_at);
        Dimension { key, attribute, source, first, others: Vec::new(), matched: None }
    }
}

impl Dimension {
    /// A row as it was stored: the value shown first, the others in any order.
    #[must_use]
    pub fn stored(
        key: Arc<str>,
        attribute: Attribute,
        source: Source,
        first: Support,
        others: Vec<Support>,
        matched: Option<Arc<MatchedValue>>,
    ) -> Self {
        Dimension { key, attribute, source, first, others, matched }
    }

    /// All that `source` says about `attribute` of the entity `key`: `said`, in any order, equal values too. `None` when
    /// it says nothing.
    pub fn gather(
        key: &Arc<str>,
        attribute: Attribute,
        source: &Source,
        said: impl IntoIterator<Item = Support>,
    ) -> Option<Self> {
        let mut said = said.into_iter();
        let first = said.next()?;
        let (key, source) = (Arc::clone(key), source.clone());
        let mut row = Dimension { key, attribute, source, first, others: said.collect(), matched: None };
        row.settle();
        Some(row)
    }

    /// Adds what another row about the same key, attribute and source says. Where that changes the value shown, the
    /// match is forgotten and has to be made anew.
    pub fn merge(&mut self, other: Dimension) {
        debug_assert!(
            self.key == other.key && self.attribute == other.attribute && self.source == other.source
        );
        if self.others.is_empty() && other.others.is_empty() && self.first.raw == other.first.raw {
            self.first.add(&other.first);
            return;
        }
        let shown = self.first.raw.clone();
        self.others.push(other.first);
        self.others.extend(other.others);
        self.settle();
        if shown != self.first.raw {
            self.matched = None;
        }
    }

    /// Joins equal values and puts the best first. One pass over all of them: a company of ten thousand rows has ten
    /// thousand addresses.
    fn settle(&mut self) {
        if self.others.is_empty() {
            return;
        }
        let mut all = std::mem::take(&mut self.others);
        all.push(self.first.clone());
        all.sort_unstable_by(|a, b| a.raw.cmp(&b.raw));
        all.dedup_by(|next, kept| {
            let same = next.raw == kept.raw;
            if same {
                kept.add(next);
            }
            same
        });
        all.sort_by(Support::rank);
        self.first = all.remove(0);
        self.others = all;
    }

    /// The entity's key.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The attribute.
    #[must_use]
    pub fn attribute(&self) -> Attribute {
        self.attribute
    }

    /// The source.
    #[must_use]
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// The value shown.
    #[must_use]
    pub fn raw(&self) -> &RawValue {
        &self.first.raw
    }

    /// The value shown, with its support.
    #[must_use]
    pub fn first(&self) -> &Support {
        &self.first
    }

    /// The values the source also gave, best first.
    #[must_use]
    pub fn others(&self) -> &[Support] {
        &self.others
    }

    /// The standard value of the value shown.
    #[must_use]
    pub fn matched(&self) -> Option<&Arc<MatchedValue>> {
        self.matched.as_ref()
    }

    /// Sets the standard value of the value shown.
    pub fn set_matched(&mut self, matched: Option<Arc<MatchedValue>>) {
        self.matched = matched;
    }

    /// Order in which rows are grouped and written: attribute, key, source.
    #[must_use]
    pub fn place(&self) -> (Attribute, &str, &Source) {
        (self.attribute, &self.key, &self.source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn said(value: &str, payload: u8, day: Option<i64>) -> Dimension {
        Dimension::from(Observation {
            key: "acme.example".into(),
            attribute: Attribute::CompanyName,
            source: Source::new("csv").unwrap(),
            raw: RawValue::new([Some(value)]),
            payload: PayloadId([payload; 16]),
            observed_at: day.map(|day| Timestamp::from_second(day * 86_400).unwrap()),
        })
    }

    fn merged(rows: impl IntoIterator<Item = Dimension>) -> Dimension {
        rows.into_iter()
            .reduce(|mut all, row| {
                all.merge(row);
                all
            })
            .unwrap()
    }

    #[test]
    fn newest_then_most_supported_then_bytes() {
        let row = merged([said("A", 1, None), said("B", 2, None), said("B", 3, None)]);
        assert_eq!((row.raw().part(0), row.first().payloads), (Some("B"), 2));
        assert_eq!(row.first().payload, PayloadId([2; 16]));
        let row = merged([said("B", 1, Some(1)), said("B", 2, Some(1)), said("C", 3, Some(2))]);
        assert_eq!(row.raw().part(0), Some("C"));
        let row = merged([said("Z", 1, None), said("Y", 2, None)]);
        assert_eq!(row.raw().part(0), Some("Y"));
    }

    #[test]
    fn a_match_is_kept_while_the_value_shown_stays() {
        let evidence = crate::Evidence::new("t", "t@1", crate::Span(0, 1), 100);
        let matched = Some(Arc::new(MatchedValue { columns: vec![], evidence }));
        let mut row = said("A", 1, None);
        row.set_matched(matched.clone());
        row.merge(said("B", 2, None));
        assert_eq!(row.matched(), matched.as_ref());
        row.merge(said("B", 3, None));
        assert_eq!(row.matched(), None);
    }

    proptest! {
        #[test]
        fn any_order_and_any_cut_gives_the_same_row(
            values in prop::collection::vec(("[abc]", 0u8..9, prop::option::of(0i64..3)), 1..12),
            cut in 0usize..12, swap in prop::collection::vec((0usize..12, 0usize..12), 0..8),
        ) {
            let rows: Vec<_> = values.iter().map(|(v, p, d)| said(v, *p, *d)).collect();
            let mut shuffled = rows.clone();
            for (a, b) in swap {
                let n = shuffled.len();
                shuffled.swap(a % n, b % n);
            }
            let whole = merged(rows);
            let cut = cut % shuffled.len();
            let pieces = if cut == 0 { merged(shuffled) } else {
                let tail = merged(shuffled.split_off(cut));
                let mut head = merged(shuffled);
                head.merge(tail);
                head
            };
            prop_assert_eq!(whole, pieces);
        }
    }
}
