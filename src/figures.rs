//! Counts for figures, of what is stored.

use crate::Engine;
use firmograph_core::{EntityKind, Error, golden_columns};
use serde::Serialize;

/// How many golden rows say something in one column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Coverage {
    /// `company` or `person`.
    pub entity: &'static str,
    /// The golden column.
    pub column: &'static str,
    /// Rows that say something.
    pub filled: u64,
    /// Rows there are.
    pub total: u64,
}

/// Of how many companies or persons two sources both speak.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Overlap {
    /// `company` or `person`.
    pub entity: &'static str,
    /// One source.
    pub source: String,
    /// The other, or the same: then it is how many it speaks of at all.
    pub other: String,
    /// How many.
    pub keys: u64,
}

/// How many prospects are on one level.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LevelStep {
    /// The number of the level; none for prospects whose title names no level.
    pub level: Option<i64>,
    /// Its name.
    pub name: Option<String>,
    /// How many.
    pub prospects: u64,
}

/// Of how many golden records a source won an attribute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Wins {
    /// `company` or `person`.
    pub entity: &'static str,
    /// The attribute.
    pub attribute: String,
    /// The source.
    pub source: String,
    /// How many.
    pub records: u64,
}

/// Columns that say nothing of a company or person: who wrote the row, and what it was made of.
const OURS: [&str; 6] = ["id", "externalSource", "externalId", "key", "keyKind", "provenance"];
const KINDS: [EntityKind; 2] = [EntityKind::Company, EntityKind::Person];

impl Engine {
    /// How full each column of the golden tables is.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn coverage(&mut self) -> Result<Vec<Coverage>, Error> {
        let mut all = Vec::new();
        for kind in KINDS {
            let (total, columns) = self.store.filled_columns(kind).await?;
            debug_assert_eq!(columns.len(), golden_columns(kind).len());
            let told = columns.into_iter().filter(|(column, _)| !OURS.contains(column));
            let entity = kind.name();
            all.extend(told.map(|(column, filled)| Coverage { entity, column, filled, total }));
        }
        Ok(all)
    }

    /// Of how many companies and persons each pair of sources speaks.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn source_overlap(&mut self) -> Result<Vec<Overlap>, Error> {
        let mut all = Vec::new();
        for kind in KINDS {
            let shared = self.store.shared_keys(kind).await?.into_iter();
            let entity = kind.name();
            all.extend(shared.map(|(source, other, keys)| Overlap { entity, source, other, keys }));
        }
        Ok(all)
    }

    /// How many prospects are on each level, the first level first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn level_funnel(&mut self) -> Result<Vec<LevelStep>, Error> {
        let steps = self.store.prospects_by_named_level().await?.into_iter();
        let steps = steps.map(|(step, prospects)| {
            let (level, name) = step.unzip();
            LevelStep { level, name, prospects }
        });
        Ok(steps.collect())
    }

    /// For each attribute, how often each source won it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn wins(&mut self) -> Result<Vec<Wins>, Error> {
        let mut all = Vec::new();
        for kind in KINDS {
            let won = self.store.winners(kind).await?.into_iter();
            let entity = kind.name();
            all.extend(won.map(|(attribute, source, records)| Wins { entity, attribute, source, records }));
        }
        Ok(all)
    }
}
