//! Golden rows anew from what the dimensions hold: what removing, undoing, pinning, joining and another priority come down
//! to. What would change is known before it is written, so a dry run and the real one tell the same.

use crate::batch::keep_foreign;
use crate::joined::{Groups, KeyJoins, together};
use crate::known::Known;
use crate::lookups::Maps;
use crate::quality::{Rescored, Scorer, by_key, stands_under};
use crate::write_part::{stored_companies, stored_persons};
use firmograph_core::{
    Attribute, Day, Dimension, EntityKind, Error, GoldenRow, Priorities, Scalar, Timestamp, company_key_kind,
    entity_id, golden_columns, golden_row,
};
use firmograph_store::Store;
use serde::Serialize;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// A golden value that is, or would be, another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Flip {
    /// `company` or `person`.
    pub entity: &'static str,
    /// Key of the company or person.
    pub key: String,
    /// The golden column; `id` where the whole row comes or goes.
    pub column: &'static str,
    /// The value before; `None` where there was none.
    pub before: Option<String>,
    /// The value after; `None` where there is none any more.
    pub after: Option<String>,
}

/// Golden rows of one kind that differ from what is stored, each list sorted by key.
#[derive(Debug, Default)]
pub(crate) struct Recomputed {
    pub(crate) new: Vec<GoldenRow>,
    /// As stored, and as it is to be.
    pub(crate) changed: Vec<(GoldenRow, GoldenRow)>,
    /// Rows of ours of which nobody speaks any more.
    pub(crate) gone: Vec<GoldenRow>,
    /// Scores that are no longer what follows.
    pub(crate) quality: Rescored,
}

/// Rows before and after, found by their ids, where they differ; each is called by its key, or else its id.
pub(crate) fn changed_rows(before: Vec<GoldenRow>, after: Vec<GoldenRow>) -> Vec<(GoldenRow, GoldenRow)> {
    let mut after: HashMap<Box<str>, GoldenRow> =
        after.into_iter().map(|row| (row.key.clone(), row)).collect();
    let pairs = before.into_iter().filter_map(|row| Some((after.remove(&row.key)?, row)));
    let differing = pairs.filter(|(after, before)| after.values != before.values);
    let mut changed: Vec<_> = differing
        .map(|(after, before)| {
            let key = before.values.last().and_then(Scalar::as_text).unwrap_or(&before.key).into();
            (before, GoldenRow { key, ..after })
        })
        .collect();
    changed.sort_by(|a, b| a.1.key.cmp(&b.1.key));
    changed
}

/// The column that flips where a whole row comes or goes.
const WHOLE: &str = "id";

/// Columns whose change follows from that of another, so that nobody wants to read of it.
const DERIVED: [&str; 2] = ["provenance", "key"];

impl Recomputed {
    /// Whether every golden row is as stored.
    pub(crate) fn is_empty(&self) -> bool {
        self.new.is_empty() && self.changed.is_empty() && self.gone.is_empty()
    }

    /// Every value that differs, by key and column.
    pub(crate) fn flips(&self, kind: EntityKind) -> Vec<Flip> {
        let entity = kind.name();
        let columns = golden_columns(kind);
        let whole = |row: &GoldenRow, is_new: bool| {
            let id = shown(&row.values[0]);
            let (before, after) = if is_new { (None, id) } else { (id, None) };
            Flip { entity, key: row.key.to_string(), column: WHOLE, before, after }
        };
        let mut flips: Vec<Flip> = self.new.iter().map(|row| whole(row, true)).collect();
        flips.extend(self.gone.iter().map(|row| whole(row, false)));
        for (before, after) in &self.changed {
            let values = before.values.iter().zip(&after.values).zip(columns);
            let differing =
                values.filter(|((old, new), column)| old != new && !DERIVED.contains(&column.name));
            flips.extend(differing.map(|((old, new), column)| Flip {
                entity,
                key: after.key.to_string(),
                column: column.name,
                before: shown(old),
                after: shown(new),
            }));
        }
        flips.sort_by(|a, b| (&a.key, a.column).cmp(&(&b.key, b.column)));
        flips
    }
}

/// What a golden value was before, and is after.
type Values = (Option<String>, Option<String>);

/// Flips of several steps of one change: of each golden value, what it was before the first and is after the last.
#[derive(Debug, Default)]
pub(crate) struct NetFlips(BTreeMap<(String, &'static str), BTreeMap<&'static str, Values>>);

impl NetFlips {
    pub(crate) fn add(&mut self, flip: Flip) {
        let Flip { entity, key, column, before, after } = flip;
        let net = self.0.entry((key, entity)).or_default().entry(column).or_insert_with(|| (before, None));
        net.1 = after;
    }

    /// Gives what is different in the end to `sink`; gives how many values that are. Of a row that one step makes or deletes,
    /// what another step changes is no flip.
    pub(crate) fn tell(self, sink: &mut (dyn FnMut(Flip) + Send + '_)) -> u64 {
        let mut flips = 0;
        for ((key, entity), mut columns) in self.0 {
            if let Some(whole) = columns.remove(WHOLE) {
                columns = BTreeMap::from([(WHOLE, whole)]);
            }
            for (column, (before, after)) in
                columns.into_iter().filter(|(_, (before, after))| before != after)
            {
                flips += 1;
                sink(Flip { entity, key: key.clone(), column, before, after });
            }
        }
        flips
    }
}

fn shown(value: &Scalar) -> Option<String> {
    match value {
        Scalar::Null => None,
        Scalar::Int(number) => Some(number.to_string()),
        Scalar::Text(text) => Some(text.to_string()),
    }
}

/// What golden rows are computed with, beside the dimension rows that are stored.
#[derive(Clone, Copy)]
pub(crate) struct With<'w> {
    pub(crate) priorities: &'w Priorities,
    pub(crate) joins: &'w KeyJoins,
    /// Dimension rows about all the keys of its kind that are asked for, where they are in memory.
    pub(crate) known: Option<&'w Known>,
    /// The day of the scores that are written.
    pub(crate) today: Day,
}

impl<'w> With<'w> {
    pub(crate) fn scorer(&self, kind: EntityKind) -> Scorer<'w> {
        let With { priorities, joins, today, .. } = *self;
        Scorer { kind, priorities, joins, today, redates: false }
    }
}

/// Golden rows of `keys` (sorted, of one kind) from the dimension rows as they are stored now, those of joined keys
/// together. A key of which no dimension speaks keeps a golden row only where `lives` says that a payload still names it.
pub(crate) async fn recompute(
    store: &mut Store,
    kind: EntityKind,
    keys: &[Arc<str>],
    lives: &(dyn Fn(&str) -> bool + Sync),
    with: With<'_>,
) -> Result<Recomputed, Error> {
    let groups = with.joins.kind(kind);
    let roots: BTreeSet<Arc<str>> = keys.iter().map(|key| Arc::from(groups.root(key))).collect();
    let beside: Vec<&str> = roots.iter().flat_map(|root| groups.members(root)).map(|key| &**key).collect();
    let said = said_of(store, kind, keys, &beside, groups, with.known).await?;
    let given: HashSet<&str> = keys.iter().map(|key| &**key).collect();
    let remembered: HashSet<Box<str>> = store.remembered_keys(kind, &beside).await?.into_iter().collect();
    // A key that is joined to another may have a golden row from before.
    let all: BTreeSet<Arc<str>> = keys.iter().cloned().chain(roots.iter().cloned()).collect();
    let all: Vec<Arc<str>> = all.into_iter().collect();
    let (stored, company_ids) = match kind {
        EntityKind::Company => (stored_companies(store, &all, false).await?, HashMap::default()),
        EntityKind::Person => {
            (stored_persons(store, &all, false).await?, employer_ids(store, &said, with.joins).await?)
        }
    };
    let company_id = |key: &str| {
        let root = with.joins.kind(EntityKind::Company).root(key);
        let known = company_ids.get(root).map(|id| String::from(&**id));
        known.or_else(|| (root != key).then(|| entity_id(EntityKind::Company, root)))
    };
    // Another system's row is not ours to delete.
    let ours = |key: &str, row: &GoldenRow| row.values[0].as_text() == Some(&*entity_id(kind, key));
    let texts: Vec<&str> = all.iter().map(|key| &**key).collect();
    let mut scores = by_key(store.quality(kind, &texts).await?);
    let scorer = with.scorer(kind);
    let mut recomputed = Recomputed::default();
    // Rows that stay though nobody speaks of them by this key, with their scores.
    let mut unspoken = Vec::new();
    for key in all {
        let (known, score) = (stored.get(&*key), scores.remove(&*key));
        let rows = said.get(&key).map_or(&[][..], Vec::as_slice);
        // Who calls knows about the keys it gives; of those joined to them the joins remember it.
        let names = |member: &str| match given.contains(member) {
            true => lives(member),
            false => remembered.contains(member),
        };
        let is_named = || names(&key) || groups.members(&key).iter().any(|member| names(member));
        if !roots.contains(&key) || rows.is_empty() && !is_named() {
            match known {
                Some(row) if ours(&key, row) => {
                    recomputed.gone.push(GoldenRow { key: (&*key).into(), values: row.values.clone() });
                }
                Some(row) if stands_under(row, &key) => unspoken.push((key, row, score)),
                _ => recomputed.quality.homeless.extend(score.map(|score| score.key)),
            }
            continue;
        }
        let mut row = golden_row(kind, &key, rows, with.priorities, &company_id);
        if let Some(known) = known {
            keep_foreign(kind, &mut row, known);
        }
        let rows: Vec<&Dimension> = rows.iter().map(|row| &**row).collect();
        scorer.score(&key, &rows, &row, score.as_ref(), &mut recomputed.quality);
        match known {
            None => recomputed.new.push(row),
            Some(known) => {
                if row.values != known.values {
                    recomputed.changed.push((known.clone(), row));
                }
            }
        }
    }
    let moved = recomputed.changed.iter().filter(|(before, after)| !stands_under(before, &after.key));
    let moved: HashSet<Scalar> = moved.map(|(before, _)| before.values[0].clone()).collect();
    let is_any = !unspoken.is_empty();
    for (key, row, score) in unspoken {
        if moved.contains(&row.values[0]) {
            // From now on it stands under another key, and is scored there.
            recomputed.quality.homeless.extend(score.map(|score| score.key));
        } else {
            scorer.score::<Dimension>(&key, &[], row, score.as_ref(), &mut recomputed.quality);
        }
    }
    if is_any {
        recomputed.quality.sort();
    }
    Ok(recomputed)
}

/// Dimension rows by the key that they count for.
pub(crate) type SaidOf<'k> = HashMap<Arc<str>, Vec<Cow<'k, Dimension>>, ahash::RandomState>;

/// Dimension rows about `keys` and those that stand `beside` them.
pub(crate) async fn said_of<'k>(
    store: &mut Store,
    kind: EntityKind,
    keys: &'k [Arc<str>],
    beside: &[&str],
    groups: &'k Groups,
    known: Option<&'k Known>,
) -> Result<SaidOf<'k>, Error> {
    let mut said = SaidOf::default();
    let known = known.filter(|known| known.kind == kind);
    if let Some(known) = known {
        let about = known.about(keys, groups).filter(|(_, rows)| !rows.is_empty());
        let about = about.map(|(key, rows)| (Arc::clone(key), rows.into_iter().map(Cow::Borrowed).collect()));
        said.extend(about);
    }
    let asked = keys.iter().map(|key| &**key).filter(|_| known.is_none());
    let mut texts: Vec<&str> = asked.chain(beside.iter().copied()).collect();
    texts.sort_unstable();
    texts.dedup();
    for attribute in Attribute::of(kind) {
        for row in store.dimensions(attribute, &texts).await? {
            let root = groups.root(row.key());
            match said.get_mut(root) {
                Some(rows) => rows.push(Cow::Owned(row)),
                None => drop(said.insert(root.into(), vec![Cow::Owned(row)])),
            }
        }
    }
    if !beside.is_empty() {
        let maps = Maps::stored(store).await?;
        for (root, rows) in said.iter_mut().filter(|(root, _)| groups.has(root)) {
            let all = std::mem::take(rows).into_iter().map(Cow::into_owned).collect();
            *rows = together(root, all, &maps).into_iter().map(Cow::Owned).collect();
        }
    }
    Ok(said)
}

/// Ids of the golden companies for which persons work of whom dimension rows speak, by the company's key. A company without
/// a domain has the id that follows from its key.
async fn employer_ids(
    store: &mut Store,
    said: &SaidOf<'_>,
    joins: &KeyJoins,
) -> Result<HashMap<Box<str>, Box<str>, ahash::RandomState>, Error> {
    let groups = joins.kind(EntityKind::Company);
    let jobs = said.values().flatten().filter(|row| row.attribute() == Attribute::PersonCompany);
    let keys = jobs.filter_map(|row| row.matched()?.columns.first()?.as_text());
    let mut domains: Vec<&str> =
        keys.map(|key| groups.root(key)).filter(|key| company_key_kind(key) == "domain").collect();
    domains.sort_unstable();
    domains.dedup();
    Ok(store.company_ids(&domains).await?.into_iter().collect())
}

/// Writes new and changed rows. Rows that are gone are deleted by [`delete_gone`], persons before the companies they refer to.
pub(crate) async fn write(
    store: &mut Store,
    kind: EntityKind,
    recomputed: &Recomputed,
    now: Timestamp,
) -> Result<(), Error> {
    let changed: Vec<GoldenRow> = recomputed.changed.iter().map(|(_, row)| row.clone()).collect();
    store.write_golden(kind, &recomputed.new, &changed, now).await?;
    recomputed.quality.write(store, kind, now).await
}

/// Deletes golden rows of which nobody speaks any more.
pub(crate) async fn delete_gone(
    store: &mut Store,
    kind: EntityKind,
    recomputed: &Recomputed,
) -> Result<(), Error> {
    let ids: Vec<&str> = recomputed.gone.iter().filter_map(|row| row.values[0].as_text()).collect();
    store.delete_golden(kind, &ids).await.map(drop)
}
