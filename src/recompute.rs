//! Golden rows anew from what the dimensions hold: what removing, undoing, pinning, joining and another priority come down
//! to. What would change is known before it is written, so a dry run and the real one tell the same.

use crate::batch::{Stored, keep_foreign};
use crate::write_part::{stored_companies, stored_persons, with_employers};
use firmograph_core::{
    Attribute, Dimension, EntityKind, Error, GoldenRow, Priorities, Scalar, Timestamp, entity_id,
    golden_columns, golden_row,
};
use firmograph_store::Store;
use serde::Serialize;
use std::collections::BTreeMap;
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
}

/// Columns whose change follows from that of another, so that nobody wants to read of it.
const DERIVED: [&str; 1] = ["provenance"];

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
            Flip { entity, key: row.key.to_string(), column: columns[0].name, before, after }
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

fn shown(value: &Scalar) -> Option<String> {
    match value {
        Scalar::Null => None,
        Scalar::Int(number) => Some(number.to_string()),
        Scalar::Text(text) => Some(text.to_string()),
    }
}

/// Golden rows of `keys` (sorted, of one kind) from the dimension rows as they are stored now. A key of which no dimension
/// speaks keeps a golden row only where `lives` says that a payload still names it.
pub(crate) async fn recompute(
    store: &mut Store,
    kind: EntityKind,
    keys: &[Arc<str>],
    lives: &(dyn Fn(&str) -> bool + Sync),
    priorities: &Priorities,
) -> Result<Recomputed, Error> {
    let texts: Vec<&str> = keys.iter().map(|key| &**key).collect();
    let mut said: BTreeMap<Arc<str>, Vec<Dimension>> = BTreeMap::new();
    let mut jobs = Vec::new();
    for attribute in Attribute::of(kind) {
        for row in store.dimensions(attribute, &texts).await? {
            if attribute == Attribute::PersonCompany {
                jobs.push(row.clone());
            }
            said.entry(row.key().into()).or_default().push(row);
        }
    }
    let (stored, companies) = match kind {
        EntityKind::Company => (stored_companies(store, keys, false).await?, Stored::default()),
        EntityKind::Person => {
            let companies = with_employers(store, Stored::default(), &jobs).await?;
            (stored_persons(store, keys, false).await?, companies)
        }
    };
    let company_id =
        |key: &str| companies.get(key).and_then(|row| row.values[0].as_text()).map(str::to_owned);
    let mut recomputed = Recomputed::default();
    for key in keys {
        let rows = said.get(key).map_or(&[][..], Vec::as_slice);
        let known = stored.get(&**key);
        if rows.is_empty() && !lives(key) {
            // Another system's row is not ours to delete.
            let ours = |row: &&GoldenRow| row.values[0].as_text() == Some(&*entity_id(kind, key));
            recomputed
                .gone
                .extend(known.filter(ours).cloned().map(|row| GoldenRow { key: (&**key).into(), ..row }));
            continue;
        }
        let mut row = golden_row(kind, key, rows, priorities, &company_id);
        match known {
            None => recomputed.new.push(row),
            Some(known) => {
                keep_foreign(&mut row, known);
                if row.values != known.values {
                    recomputed.changed.push((known.clone(), row));
                }
            }
        }
    }
    Ok(recomputed)
}

/// Writes new and changed rows. Rows that are gone are deleted by [`delete_gone`], persons before the companies they refer to.
pub(crate) async fn write(
    store: &mut Store,
    kind: EntityKind,
    recomputed: &Recomputed,
    now: Timestamp,
) -> Result<(), Error> {
    let changed: Vec<GoldenRow> = recomputed.changed.iter().map(|(_, row)| row.clone()).collect();
    store.write_golden(kind, &recomputed.new, &changed, now).await
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
