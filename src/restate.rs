//! Dimension rows anew from the payloads that are believed, and what differs from those that are stored.

use crate::batch::Matcher;
use crate::lookups::{Maps, is_same_answer};
use crate::parallel;
use crate::part::Origin;
use crate::pipeline::PipelineOptions;
use crate::replay::Told;
use firmograph_core::{Attribute, Dimension, EntityKind, Error, RawValue, Source, Support, Timestamp};
use firmograph_store::Store;
use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;

/// What was heard about companies and persons, by attribute.
pub(crate) struct Heard {
    companies: Keys,
    persons: Keys,
    sources: Vec<Source>,
    origins: Vec<Origin>,
    said: Vec<Vec<Said>>,
}

#[derive(Default)]
struct Keys {
    all: Vec<Arc<str>>,
    known: HashMap<Arc<str>, u32, ahash::RandomState>,
}

/// What one payload says about one attribute, with indexes of its key, its source and its origin.
struct Said {
    key: u32,
    source: u16,
    repairs: bool,
    origin: u32,
    raw: RawValue,
}

impl Said {
    fn place(&self) -> (u32, u16, u32) {
        (self.key, self.source, self.origin)
    }
}

/// A row as the payloads give it, not yet matched, and whether a payload says so in which hosts are repaired.
type Unmatched = (Dimension, bool);

impl Keys {
    fn index(&mut self, key: &str) -> u32 {
        if let Some(&index) = self.known.get(key) {
            return index;
        }
        let (index, key) = (self.all.len() as u32, Arc::<str>::from(key));
        self.all.push(Arc::clone(&key));
        self.known.insert(key, index);
        index
    }
}

impl Default for Heard {
    fn default() -> Self {
        Heard {
            companies: Keys::default(),
            persons: Keys::default(),
            sources: Vec::new(),
            origins: Vec::new(),
            said: Attribute::ALL.iter().map(|_| Vec::new()).collect(),
        }
    }
}

impl Heard {
    pub(crate) fn add(&mut self, told: Told) {
        let company = told.company.as_deref().map(|key| self.companies.index(key));
        let person = told.person.as_deref().map(|key| self.persons.index(key));
        let known = self.sources.iter().position(|source| *source == told.source);
        let source = known.unwrap_or_else(|| {
            self.sources.push(told.source.clone());
            self.sources.len() - 1
        });
        // Records of one payload come one after the other.
        if self.origins.last().is_none_or(|last| last.payload != told.payload) {
            self.origins.push(Origin { payload: told.payload, observed_at: told.observed_at });
        }
        let origin = self.origins.len() as u32 - 1;
        for (attribute, raw) in told.said {
            let key = match attribute.spec().entity {
                EntityKind::Company => company,
                EntityKind::Person => person,
            };
            let Some(key) = key else { continue };
            let said = Said { key, source: source as u16, repairs: told.repairs, origin, raw };
            self.said[attribute as usize].push(said);
        }
    }

    /// Keys of which a payload speaks, in no particular order.
    pub(crate) fn keys(&self, kind: EntityKind) -> &[Arc<str>] {
        match kind {
            EntityKind::Company => &self.companies.all,
            EntityKind::Person => &self.persons.all,
        }
    }

    /// Rows by attribute in the order of the list, each sorted by key and source.
    fn gather(&mut self) -> Vec<Vec<Unmatched>> {
        let mut jobs: Vec<_> = Attribute::ALL.iter().copied().zip(std::mem::take(&mut self.said)).collect();
        jobs.sort_by_key(|(_, said)| Reverse(said.len()));
        let mut rows = parallel::map(jobs, |(attribute, said)| (attribute, self.gather_one(attribute, said)));
        rows.sort_by_key(|(attribute, _)| *attribute);
        rows.into_iter().map(|(_, rows)| rows).collect()
    }

    fn gather_one(&self, attribute: Attribute, mut said: Vec<Said>) -> Vec<Unmatched> {
        let keys = self.keys(attribute.spec().entity);
        // Counted apart from those of other threads, which would wait for each other.
        let sources: Vec<Source> = self.sources.iter().map(Source::unshared).collect();
        // A payload supports a value once, though several of its records say so.
        said.sort_unstable_by(|a, b| a.place().cmp(&b.place()).then_with(|| a.raw.cmp(&b.raw)));
        said.dedup_by(|next, kept| next.place() == kept.place() && next.raw == kept.raw);
        let mut rows = Vec::new();
        let mut said = said.into_iter().peekable();
        while let Some(first) = said.next() {
            let place = (first.key, first.source);
            let mut repairing: Vec<RawValue> = Vec::new();
            let next = || said.next_if(|next| (next.key, next.source) == place);
            let all = std::iter::once(first).chain(std::iter::from_fn(next));
            let supports = all.map(|said| {
                if said.repairs {
                    repairing.push(said.raw.clone());
                }
                let Origin { payload, observed_at } = self.origins[said.origin as usize];
                Support::once(said.raw, payload, observed_at)
            });
            let (key, source) = (&keys[place.0 as usize], &sources[usize::from(place.1)]);
            let Some(row) = Dimension::gather(key, attribute, source, supports) else { continue };
            let repairs = repairing.contains(row.raw());
            rows.push((row, repairs));
        }
        rows.sort_unstable_by(|(a, _), (b, _)| a.place().cmp(&b.place()));
        rows
    }
}

/// How the rows of one attribute differ from those that are stored.
#[derive(Debug)]
pub(crate) struct Restated {
    pub(crate) attribute: Attribute,
    pub(crate) new: Vec<Dimension>,
    /// As stored, and as it is to be.
    pub(crate) changed: Vec<(Dimension, Dimension)>,
    pub(crate) gone: Vec<Dimension>,
    /// As they are to be already.
    pub(crate) same: Vec<Dimension>,
}

impl Restated {
    fn none(attribute: Attribute) -> Self {
        let (new, changed, gone, same) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Restated { attribute, new, changed, gone, same }
    }

    /// Whether every row is as it is to be.
    pub(crate) fn is_empty(&self) -> bool {
        self.new.is_empty() && self.changed.is_empty() && self.gone.is_empty()
    }

    /// The rows as they are to be, in no particular order.
    pub(crate) fn into_rows(self) -> Vec<Dimension> {
        let mut rows = self.same;
        rows.extend(self.new);
        rows.extend(self.changed.into_iter().map(|(_, row)| row));
        rows
    }

    /// Writes what differs.
    pub(crate) async fn write(&self, store: &mut Store, now: Timestamp) -> Result<(), Error> {
        let new: Vec<&Dimension> = self.new.iter().collect();
        let changed: Vec<&Dimension> = self.changed.iter().map(|(_, row)| row).collect();
        let gone: Vec<&Dimension> = self.gone.iter().collect();
        store.write_dimensions(self.attribute, &new, &changed, now).await?;
        store.delete_dimensions(self.attribute, &gone).await
    }
}

/// How values are matched when rows are restated.
pub(crate) struct Matching {
    /// A row that shows the value it showed keeps its match: only what is said has changed, no rule.
    pub(crate) keeps: bool,
    pub(crate) maps: Maps,
}

/// What was heard, compared with `stored`: rows by attribute, about the same keys and of the same sources.
pub(crate) fn restate(
    heard: &mut Heard,
    stored: Vec<(Attribute, Vec<Dimension>)>,
    matching: &Matching,
) -> Result<Vec<Restated>, Error> {
    // Whose rows these are does not matter to a matcher.
    let mut options = PipelineOptions::new(Source::new("any")?);
    matching.maps.fill(&mut options);
    let mut repairing = options.clone();
    repairing.repair_domains = true;
    let mut gathered = heard.gather();
    let mut all = Vec::with_capacity(stored.len());
    for (attribute, mut stored) in stored {
        stored.sort_unstable_by(|a, b| a.place().cmp(&b.place()));
        let rows = std::mem::take(&mut gathered[attribute as usize]);
        let pairs = parallel::owned_chunks(paired(stored, rows));
        let chunks = parallel::map(pairs, |pairs| {
            let mut matchers = [&options, &repairing].map(|options| (Matcher::new(attribute), options));
            let mut restated = Restated::none(attribute);
            for (stored, row) in pairs {
                let Some((mut row, repairs)) = row else {
                    restated.gone.extend(stored);
                    continue;
                };
                let kept = stored.as_ref().filter(|stored| matching.keeps && stored.raw() == row.raw());
                let kept = kept.and_then(|stored| stored.matched()).cloned();
                let (matcher, options) = &mut matchers[usize::from(repairs)];
                let matched = kept.or_else(|| matcher.matched(row.raw(), options));
                let before = stored.as_ref().and_then(|stored| stored.matched());
                let same =
                    before.filter(|before| matched.as_ref().is_some_and(|now| is_same_answer(before, now)));
                row.set_matched(same.cloned().or(matched));
                match stored {
                    None => restated.new.push(row),
                    Some(stored) if stored != row => restated.changed.push((stored, row)),
                    Some(_) => restated.same.push(row),
                }
            }
            restated
        });
        let mut restated = Restated::none(attribute);
        for chunk in chunks {
            restated.new.extend(chunk.new);
            restated.changed.extend(chunk.changed);
            restated.gone.extend(chunk.gone);
            restated.same.extend(chunk.same);
        }
        all.push(restated);
    }
    Ok(all)
}

/// Rows of the same place side by side; both lists are sorted by place.
fn paired(stored: Vec<Dimension>, rows: Vec<Unmatched>) -> Vec<(Option<Dimension>, Option<Unmatched>)> {
    let mut pairs = Vec::with_capacity(rows.len().max(stored.len()));
    let mut stored = stored.into_iter().peekable();
    for row in rows {
        while let Some(before) = stored.next_if(|stored| stored.place() < row.0.place()) {
            pairs.push((Some(before), None));
        }
        let same = stored.next_if(|stored| stored.place() == row.0.place());
        pairs.push((same, Some(row)));
    }
    pairs.extend(stored.map(|stored| (Some(stored), None)));
    pairs
}
