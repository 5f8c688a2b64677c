//! One batch of records on its way to golden rows: gather by (attribute, key, source), merge with what is stored, match,
//! coalesce. Pure: what is stored comes in, what is to be written goes out.

use crate::joined::KeyJoins;
use crate::matching::{asks, match_value};
use crate::parallel;
use crate::part::{Origin, Said};
use crate::pipeline::PipelineOptions;
use crate::quality::{Rescored, Scorer, StoredQuality};
use crate::write_part::employer_id;
use firmograph_core::{
    Attribute, Day, Dimension, EntityKind, GoldenRow, MatchedValue, Priorities, RawValue, Scalar, Support,
    golden_columns, golden_row,
};
use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;
use std::thread::JoinHandle;
use tokio::sync::mpsc::Receiver;

/// A dimension row and what has to be done about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// Not stored yet.
    New,
    /// Stored, and now different.
    Changed,
    /// Stored and not spoken of by this batch; needed to coalesce.
    Untouched,
}

/// Rows of one attribute about the touched keys, sorted by key and source.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    pub(crate) rows: Vec<(Dimension, State)>,
    /// Rows that show a raw value that has a matcher and no standard value.
    pub(crate) unmatched: u64,
}

impl Gathered {
    pub(crate) fn of(&self, state: State) -> Vec<&Dimension> {
        self.rows.iter().filter(|(_, s)| *s == state).map(|(row, _)| row).collect()
    }

    /// Rows about `key`, which are next to each other, at or after `cursor`, which is moved behind them. Keys are asked
    /// for in their order, so a cursor passes over the rows once.
    fn about<'g>(&'g self, key: &str, cursor: &mut usize) -> impl Iterator<Item = &'g Dimension> {
        while self.rows.get(*cursor).is_some_and(|(row, _)| row.key() < key) {
            *cursor += 1;
        }
        let start = *cursor;
        while self.rows.get(*cursor).is_some_and(|(row, _)| row.key() == key) {
            *cursor += 1;
        }
        self.rows[start..*cursor].iter().map(|(row, _)| row)
    }

    /// Where the rows about `key`, or what comes after them, begin.
    fn start(&self, key: &str) -> usize {
        self.rows.partition_point(|(row, _)| row.key() < key)
    }
}

/// What a batch says and what was stored before, ready to be worked on without a database.
pub(crate) struct Work {
    /// What is said, by attribute, in the order of the list.
    pub(crate) said: Vec<Vec<Said>>,
    /// Of each record.
    pub(crate) origins: Vec<Origin>,
    /// Stored rows about the same keys, likewise.
    pub(crate) stored: Vec<Vec<Dimension>>,
    /// Touched keys, sorted.
    pub(crate) companies: Vec<Arc<str>>,
    /// Touched keys, sorted.
    pub(crate) persons: Vec<Arc<str>>,
    /// Golden rows of touched companies, and of those for which touched persons worked before.
    pub(crate) golden_companies: Stored,
    /// Golden rows of touched persons.
    pub(crate) golden_persons: Stored,
    /// Scores of touched companies, and of touched persons.
    pub(crate) scored: [StoredQuality; 2],
    /// The day of the scores that are written.
    pub(crate) today: Day,
    /// Golden rows of joined keys are made elsewhere, from what is said of all of them.
    pub(crate) joins: Arc<KeyJoins>,
    pub(crate) options: PipelineOptions,
    pub(crate) priorities: Priorities,
}

/// What is to be written, as soon as it is known.
pub(crate) enum Ready {
    Dimension(Attribute, Arc<Gathered>),
    /// Some of the rows of one kind. Companies come before persons: prospects refer to them.
    Golden(EntityKind, GoldenWrites),
}

/// What may wait to be written. Few: a golden row that waits takes memory that the next could use again.
const READY_AHEAD: usize = 2;
/// Golden rows made at a time.
const GOLDEN_SLICE: usize = 32_768;

impl Work {
    /// Does the work on all cores in threads of its own, so that the database writes one attribute while the next is
    /// gathered. The second part is joined when the first has given all.
    pub(crate) fn start(self) -> (Receiver<Ready>, JoinHandle<()>) {
        let (sender, receiver) = tokio::sync::mpsc::channel(READY_AHEAD);
        let worker = std::thread::spawn(move || {
            let Work { said, origins, stored, companies, persons, joins, options, priorities, .. } = self;
            let mut jobs: Vec<_> = Attribute::ALL.iter().copied().zip(said).zip(stored).collect();
            // The heaviest first: with it last, one core would wait.
            jobs.sort_by_key(|((_, said), _)| Reverse(said.len()));
            let mut gathered = parallel::map(jobs, |((attribute, said), stored)| {
                let keys = match attribute.spec().entity {
                    EntityKind::Company => &companies,
                    EntityKind::Person => &persons,
                };
                let gathered = Arc::new(gather_one(attribute, keys, &origins, said, stored, &options));
                // Nobody listens any more when writing failed; that error is the one to tell.
                drop(sender.blocking_send(Ready::Dimension(attribute, Arc::clone(&gathered))));
                (attribute, gathered)
            });
            gathered.sort_by_key(|(attribute, _)| *attribute);
            let gathered: Vec<_> = gathered.into_iter().map(|(_, gathered)| gathered).collect();
            let [scored_companies, scored_persons] = &self.scored;
            for (kind, keys, stored, scored) in [
                (EntityKind::Company, &companies, &self.golden_companies, scored_companies),
                (EntityKind::Person, &persons, &self.golden_persons, scored_persons),
            ] {
                let groups = joins.kind(kind);
                let single: Vec<Arc<str>>;
                let keys = if groups.is_empty() {
                    keys
                } else {
                    single = keys.iter().filter(|key| !groups.has(key)).cloned().collect();
                    &single
                };
                let company_id = |key: &str| employer_id(key, &self.golden_companies, &joins);
                let (priorities, joins) = (&priorities, &*joins);
                let scorer = Scorer { kind, priorities, joins, today: self.today, redates: false };
                for keys in keys.chunks(GOLDEN_SLICE) {
                    let writes = golden(scorer, keys, &gathered, (stored, scored), &company_id);
                    if sender.blocking_send(Ready::Golden(kind, writes)).is_err() {
                        return;
                    }
                }
            }
        });
        (receiver, worker)
    }
}

fn gather_one(
    attribute: Attribute,
    keys: &[Arc<str>],
    origins: &[Origin],
    said: Vec<Said>,
    mut stored: Vec<Dimension>,
    options: &PipelineOptions,
) -> Gathered {
    stored.sort_by(|a, b| a.place().cmp(&b.place()));
    let mut gathered = Gathered { rows: Vec::with_capacity(said.len().max(stored.len())), unmatched: 0 };
    let mut matcher = Matcher::new(attribute);
    let source = options.source.unshared();
    let support = |said: Said| {
        let Origin { payload, observed_at } = origins[said.record as usize];
        Support::once(said.raw, payload, observed_at)
    };
    let mut stored = stored.into_iter().peekable();
    let mut said = said.into_iter().peekable();
    while let Some(first) = said.next() {
        let entity = first.entity;
        let all = std::iter::successors(Some(first), |_| said.next_if(|next| next.entity == entity));
        let row = Dimension::gather(&keys[entity as usize], attribute, &source, all.map(support));
        let Some(mut row) = row else { continue };
        while let Some(other) = stored.next_if(|other| other.place() < row.place()) {
            gathered.rows.push((other, State::Untouched));
        }
        let mut state = State::New;
        if let Some(mut known) = stored.next_if(|known| known.place() == row.place()) {
            state = State::Changed;
            known.merge(row);
            row = known;
        }
        if row.matched().is_none() {
            row.set_matched(matcher.matched(row.raw(), options));
        }
        gathered.unmatched += u64::from(row.matched().is_none() && asks(attribute, row.raw()));
        gathered.rows.push((row, state));
    }
    gathered.rows.extend(stored.map(|other| (other, State::Untouched)));
    gathered
}

/// Matches raw values and remembers the answers for values that come again and again.
#[derive(Debug)]
pub(crate) struct Matcher {
    attribute: Attribute,
    known: HashMap<RawValue, Option<Arc<MatchedValue>>, ahash::RandomState>,
}

/// Answers remembered per attribute and batch: sizes, revenues and titles repeat, e-mail addresses do not.
const REMEMBERED: usize = 4_096;

impl Matcher {
    pub(crate) fn new(attribute: Attribute) -> Self {
        Matcher { attribute, known: HashMap::default() }
    }

    /// The standard value; `options` are the same each time.
    pub(crate) fn matched(&mut self, raw: &RawValue, options: &PipelineOptions) -> Option<Arc<MatchedValue>> {
        let make = || match_value(self.attribute, raw, options).map(Arc::new);
        let repeats = matches!(
            self.attribute,
            Attribute::EmployeeRange
                | Attribute::Revenue
                | Attribute::Funding
                | Attribute::JobTitle
                | Attribute::Industry
                | Attribute::CompanyType
        );
        if !repeats {
            return make();
        }
        if let Some(answer) = self.known.get(raw) {
            return answer.clone();
        }
        let answer = make();
        if self.known.len() < REMEMBERED {
            self.known.insert(raw.clone(), answer.clone());
        }
        answer
    }
}

/// A golden row that has to be written.
#[derive(Debug)]
pub(crate) struct GoldenWrites {
    /// Rows that are not stored yet, sorted by key.
    pub(crate) new: Vec<GoldenRow>,
    /// Rows that are stored and now different, sorted by key.
    pub(crate) changed: Vec<GoldenRow>,
    /// Scores of touched records, changed or not: another source that says the same counts.
    pub(crate) quality: Rescored,
}

/// Golden rows as they were stored, by key. Their ids are kept: another system may have made them.
pub(crate) type Stored = HashMap<Box<str>, GoldenRow, ahash::RandomState>;

/// Coalesces the touched `keys` (sorted) of one kind and says which golden rows are to be written.
fn golden(
    scorer: Scorer<'_>,
    keys: &[Arc<str>],
    gathered: &[Arc<Gathered>],
    (stored, scored): (&Stored, &StoredQuality),
    company_id: &(dyn Fn(&str) -> Option<String> + Sync),
) -> GoldenWrites {
    let Scorer { kind, priorities, .. } = scorer;
    let chunks = parallel::map(parallel::chunks(keys), |keys| {
        let mut writes = GoldenWrites { new: Vec::new(), changed: Vec::new(), quality: Rescored::default() };
        let mut rows: Vec<&Dimension> = Vec::new();
        let first = keys.first().map_or("", |key| key);
        let of_kind = Attribute::of(kind).map(|attribute| &*gathered[attribute as usize]);
        let mut cursors: Vec<_> = of_kind.map(|gathered| (gathered, gathered.start(first))).collect();
        for key in keys {
            rows.clear();
            for (gathered, cursor) in &mut cursors {
                rows.extend(gathered.about(key, cursor));
            }
            let mut row = golden_row(kind, key, &rows, priorities, company_id);
            let known = stored.get(&**key);
            if let Some(known) = known {
                keep_foreign(kind, &mut row, known);
            }
            scorer.score(key, &rows, &row, scored.get(&**key), &mut writes.quality);
            match known {
                None => writes.new.push(row),
                Some(known) => {
                    if row.values != known.values {
                        writes.changed.push(row);
                    }
                }
            }
        }
        writes
    });
    let mut all = GoldenWrites { new: Vec::new(), changed: Vec::new(), quality: Rescored::default() };
    for writes in chunks {
        all.new.extend(writes.new);
        all.changed.extend(writes.changed);
        all.quality.extend(writes.quality);
    }
    all
}

/// A row that another system made keeps its id and what else tells that system who it is, and values of which our sources know
/// nothing.
pub(crate) fn keep_foreign(kind: EntityKind, row: &mut GoldenRow, known: &GoldenRow) {
    if row.values[0] == known.values[0] {
        return;
    }
    let columns = golden_columns(kind).iter().zip(&known.values);
    for (value, (column, known)) in row.values.iter_mut().zip(columns) {
        if *value == Scalar::Null || column.stays(known) {
            value.clone_from(known);
        }
    }
}
