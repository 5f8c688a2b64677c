//! Golden rows of records that come in any order and in any number of pieces, without a database: the one contract that every
//! engine uses, a loop, a thread pool or a cluster.

use crate::normalizer::{NormalizedRecord, NormalizedValue};
use firmograph_core::{
    Attribute, Dimension, EntityKind, GoldenRow, PayloadId, Priorities, Scalar, Source, Support, golden_row,
};
use std::cmp::Reverse;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

/// Gathers records by key and coalesces them into golden rows.
///
/// A record counts once however often it is pushed, and neither the order of records nor how they were dealt out to
/// coalescers that are merged later can change a byte of the answer. All records of a company or person have to meet in one
/// coalescer before [`Coalescer::finish`]; what joins two keys (a domain that becomes known later) needs a database.
///
/// ```
/// use firmograph::{Coalescer, NormalizedRow, Normalizer, NormalizerOptions, Priorities, Source};
///
/// let mut coalescer = Coalescer::new(Priorities::compiled());
/// for (source, title) in [("csv", "Head of Sales"), ("linkedin", "VP Sales")] {
///     let columns = ["email", "title"].map(str::to_owned);
///     let mut normalizer = Normalizer::new(&columns, NormalizerOptions::new(Source::new(source)?))?;
///     let row = ["ada@acme.com", title];
///     normalizer.read(|column| row[column]);
///     for row in normalizer.finish() {
///         let NormalizedRow::Record(record) = row else { panic!("a record") };
///         coalescer.push(record);
///     }
/// }
/// let golden = coalescer.finish();
/// assert_eq!((golden.companies.len(), golden.persons.len()), (1, 1));
/// # Ok::<(), firmograph::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Coalescer {
    priorities: Priorities,
    /// By payload and place in it: what counts once.
    records: HashMap<(PayloadId, u32), NormalizedRecord, ahash::RandomState>,
}

/// The golden rows of a [`Coalescer`], each list in the order of the keys.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Golden {
    /// One scalar for each of [`firmograph_core::golden_columns`] of a company.
    pub companies: Vec<GoldenRow>,
    /// The same of a person.
    pub persons: Vec<GoldenRow>,
}

impl Coalescer {
    /// Nothing yet, to be coalesced by these priorities and policies.
    #[must_use]
    pub fn new(priorities: Priorities) -> Self {
        Coalescer { priorities, records: HashMap::default() }
    }

    /// How many records count: repeated ones do not.
    #[must_use]
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether there is no record.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// Adds a record; gives whether it was not there before.
    pub fn push(&mut self, record: NormalizedRecord) -> bool {
        match self.records.entry((record.payload, record.part)) {
            Entry::Vacant(place) => {
                place.insert(record);
                true
            }
            Entry::Occupied(mut known) => {
                // The same row, matched with other maps: whichever comes first, the same one stays.
                if is_before(&record, known.get()) {
                    known.insert(record);
                }
                false
            }
        }
    }

    /// Adds every record of another coalescer; those that both have count once.
    pub fn merge(&mut self, other: Coalescer) {
        self.records.reserve(other.records.len());
        for record in other.records.into_values() {
            self.push(record);
        }
    }

    /// By what is coalesced.
    #[must_use]
    pub fn priorities(&self) -> &Priorities {
        &self.priorities
    }

    /// The records, in the order of their payloads: what another process needs to go on.
    #[must_use]
    pub fn into_records(self) -> Vec<NormalizedRecord> {
        let mut records: Vec<_> = self.records.into_values().collect();
        records.sort_unstable_by_key(|record| (record.payload, record.part));
        records
    }

    /// The same, left where they are.
    #[must_use]
    pub fn records(&self) -> Vec<&NormalizedRecord> {
        let mut records: Vec<_> = self.records.values().collect();
        records.sort_unstable_by_key(|record| (record.payload, record.part));
        records
    }

    /// The golden rows of everything that was pushed, with the ids that a database gives them.
    #[must_use]
    pub fn finish(&self) -> Golden {
        let golden = |kind| self.golden(kind);
        Golden { companies: golden(EntityKind::Company), persons: golden(EntityKind::Person) }
    }

    /// The golden rows of one kind of entity alone.
    #[must_use]
    pub fn golden(&self, kind: EntityKind) -> Vec<GoldenRow> {
        self.golden_with(kind, &|_| None)
    }

    /// The same with the keys as ids, as programs give them that find a company by its domain and a person by the e-mail address.
    #[must_use]
    pub fn finish_by_key(&self) -> Golden {
        let golden = |kind| {
            let mut rows = self.golden_with(kind, &|key| Some(key.to_owned()));
            rows.iter_mut().for_each(|row| row.values[0] = Scalar::Text(row.key.clone()));
            rows
        };
        Golden { companies: golden(EntityKind::Company), persons: golden(EntityKind::Person) }
    }

    fn golden_with(&self, kind: EntityKind, company_id: &dyn Fn(&str) -> Option<String>) -> Vec<GoldenRow> {
        let records = self.records.values();
        let mut keyed: Vec<(&Arc<str>, &NormalizedRecord)> =
            records.filter_map(|record| Some((record.key(kind)?, record))).collect();
        // Within a key the order does not matter: gathering is free of it.
        keyed.sort_unstable_by(|a, b| a.0.cmp(b.0));
        let of_key = keyed.chunk_by(|a, b| a.0 == b.0);
        of_key
            .map(|records| {
                let key = records[0].0;
                let rows = dimensions(kind, key, records);
                golden_row(kind, key, &rows, &self.priorities, company_id)
            })
            .collect()
    }
}

/// What each source says about each attribute of a key.
fn dimensions(
    kind: EntityKind,
    key: &Arc<str>,
    records: &[(&Arc<str>, &NormalizedRecord)],
) -> Vec<Dimension> {
    let mut said: Vec<(Attribute, &Source, &NormalizedRecord, &NormalizedValue)> = records
        .iter()
        .flat_map(|(_, record)| {
            let of_kind = record.values.iter().filter(|value| value.attribute.spec().entity == kind);
            of_kind.map(|value| (value.attribute, &record.source, *record, value))
        })
        .collect();
    said.sort_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)));
    let of_source = said.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1));
    let rows = of_source.filter_map(|said| {
        let support = |(_, _, record, value): &(_, _, &NormalizedRecord, &NormalizedValue)| {
            Support::once(value.raw.clone(), record.payload, record.observed_at)
        };
        let mut row = Dimension::gather(key, said[0].0, said[0].1, said.iter().map(support))?;
        let shown = said.iter().map(|(.., value)| *value).filter(|value| value.raw == *row.raw());
        let matched = shown.reduce(|one, other| match is_before_value(one, other) {
            true => one,
            false => other,
        });
        let matched = matched.and_then(|value| value.matched.clone());
        row.set_matched(matched);
        Some(row)
    });
    rows.collect()
}

/// Whether of two readings of the same row, with other maps or options, this one counts: the one that understands more, then one
/// order over what they say, whatever it is. Where the row stood is no part of that: pieces of a table count from their own first row.
fn is_before(one: &NormalizedRecord, other: &NormalizedRecord) -> bool {
    let said = |record: &NormalizedRecord| {
        let understood = record.values.iter().filter(|value| value.matched.is_some()).count();
        (Reverse(understood), format!("{:?}", (&record.company, &record.person, &record.values)))
    };
    (&one.company, &one.person, &one.values) != (&other.company, &other.person, &other.values)
        && said(one) < said(other)
}

/// The same of two readings of one raw value, in different records.
fn is_before_value(one: &NormalizedValue, other: &NormalizedValue) -> bool {
    one.matched == other.matched
        || (one.matched.is_none(), format!("{:?}", one.matched))
            < (other.matched.is_none(), format!("{:?}", other.matched))
}
