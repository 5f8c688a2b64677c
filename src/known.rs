//! Dimension rows that are in memory already, so that golden rows need not read them again.

use crate::joined::Groups;
use firmograph_core::{Dimension, EntityKind};
use std::sync::Arc;

/// All dimension rows of one kind about some keys.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) kind: EntityKind,
    /// By attribute, each sorted by key.
    rows: Vec<Vec<Dimension>>,
}

impl Known {
    /// The rows by attribute, each list in any order.
    pub(crate) fn of(kind: EntityKind, mut rows: Vec<Vec<Dimension>>) -> Self {
        rows.iter_mut().for_each(|rows| rows.sort_by(|a, b| a.place().cmp(&b.place())));
        Known { kind, rows }
    }

    /// The rows about each of `keys` (sorted) that is joined to no other.
    pub(crate) fn about<'k>(
        &'k self,
        keys: &'k [Arc<str>],
        groups: &'k Groups,
    ) -> impl Iterator<Item = (&'k Arc<str>, Vec<&'k Dimension>)> {
        let first = keys.first().map_or("", |key| key);
        let start = |rows: &'k Vec<Dimension>| &rows[rows.partition_point(|row| row.key() < first)..];
        let mut rest: Vec<&[Dimension]> = self.rows.iter().map(start).collect();
        keys.iter().filter(|key| !groups.has(key)).map(move |key| {
            let mut about = Vec::new();
            for rows in &mut rest {
                // Keys come in order, so what is passed over is not asked for again.
                let before = rows.iter().take_while(|row| *row.key() < **key).count();
                let here = rows[before..].iter().take_while(|row| *row.key() == **key).count();
                about.extend(&rows[before..before + here]);
                *rows = &rows[before + here..];
            }
            (key, about)
        })
    }
}
