//! What a user says that raw values mean: read from the database when an engine opens, and asked before the rules.

use crate::level_map::stored_level_map;
use crate::pipeline::PipelineOptions;
use firmograph_core::{Attribute, Error, Evidence, MatchedValue, Source};
use firmograph_normalize::{LevelMap, fold_accents};
use firmograph_store::{LOOKUP_ATTRIBUTES, LookupRow, Store};
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

/// The user's lookups of one database, by attribute.
///
/// Case, accents and the number of blanks in a raw value do not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lookups {
    tables: HashMap<Attribute, Lookup>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Lookup {
    rows: HashMap<String, String>,
    /// `industry_lookup@version`, where the version is a hash of every row.
    reference: String,
}

/// What makes two raw values one.
pub(crate) fn lookup_key(raw: &str) -> Cow<'_, str> {
    fold_accents(raw)
}

impl Lookups {
    /// Lookups of rows by attribute; attributes without rows have none.
    #[must_use]
    pub fn new(tables: impl IntoIterator<Item = (Attribute, Vec<LookupRow>)>) -> Self {
        let tables = tables.into_iter().filter(|(_, rows)| !rows.is_empty());
        let tables = tables.map(|(attribute, mut rows)| {
            rows.sort_by(|a, b| a.raw.cmp(&b.raw));
            let mut hasher = blake3::Hasher::new();
            for text in rows.iter().flat_map(|row| [&row.raw, &row.standard]) {
                hasher.update(text.as_bytes()).update(&[0]);
            }
            let version = &hasher.finalize().to_hex()[..16];
            let reference = format!("{}_lookup@{version}", attribute.spec().name);
            let rows = rows.into_iter().map(|row| (row.raw, row.standard)).collect();
            (attribute, Lookup { rows, reference })
        });
        Lookups { tables: tables.collect() }
    }

    /// The standard value that the user gave a raw value, and the table that says so with its version.
    #[must_use]
    pub fn standard(&self, attribute: Attribute, raw: &str) -> Option<(&str, &str)> {
        let lookup = self.tables.get(&attribute)?;
        let standard = lookup.rows.get(&*lookup_key(raw))?;
        Some((standard, &lookup.reference))
    }
}

/// Whether two matches say the same by the same rule, and are at most by other versions of one of the user's maps. What
/// changes elsewhere in a map makes no match older.
pub(crate) fn is_same_answer(a: &MatchedValue, b: &MatchedValue) -> bool {
    let table = |matched: &MatchedValue| {
        let (table, _) = matched.evidence.reference.split_once('@')?;
        (table == "job_title_level_map" || table.ends_with("_lookup")).then(|| table.to_owned())
    };
    let is_one_table = table(a).is_some_and(|name| table(b) == Some(name));
    let evidence = Evidence { reference: b.evidence.reference.clone(), ..a.evidence.clone() };
    is_one_table && a.columns == b.columns && evidence == b.evidence
}

/// All that the user of a database says that raw values mean.
#[derive(Debug, Clone, Default)]
pub(crate) struct Maps {
    /// Titles to levels.
    pub(crate) level_map: Option<Arc<LevelMap>>,
    /// Raw values of other attributes to standard values.
    pub(crate) lookups: Option<Arc<Lookups>>,
}

impl Maps {
    /// As they are stored now.
    pub(crate) async fn stored(store: &mut Store) -> Result<Self, Error> {
        Ok(Maps { level_map: stored_level_map(store).await?, lookups: stored_lookups(store).await? })
    }

    /// Fills in what `options` do not bring themselves.
    pub(crate) fn fill(&self, options: &mut PipelineOptions) {
        if options.level_map.is_none() {
            options.level_map.clone_from(&self.level_map);
        }
        if options.lookups.is_none() {
            options.lookups.clone_from(&self.lookups);
        }
    }

    /// How records of `source` are read for meaning with these maps.
    pub(crate) fn options(&self, source: Source) -> PipelineOptions {
        let mut options = PipelineOptions::new(source);
        self.fill(&mut options);
        options
    }
}

/// The lookups of a database; `None` where it has none, which costs ingest nothing.
pub(crate) async fn stored_lookups(store: &mut Store) -> Result<Option<Arc<Lookups>>, Error> {
    let mut tables = Vec::new();
    for attribute in LOOKUP_ATTRIBUTES {
        tables.push((attribute, store.lookup(attribute).await?));
    }
    let lookups = Lookups::new(tables);
    Ok((!lookups.tables.is_empty()).then(|| Arc::new(lookups)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(pairs: &[(&str, &str)]) -> Vec<LookupRow> {
        let row = |&(raw, standard): &(&str, &str)| LookupRow {
            raw: lookup_key(raw).into_owned(),
            standard: standard.to_owned(),
            original: raw.to_owned(),
            set_by: 1,
        };
        pairs.iter().map(row).collect()
    }

    #[test]
    fn spelling_does_not_matter_and_the_version_is_of_the_content() {
        let lookups = Lookups::new([(Attribute::Industry, rows(&[("Câfé  Tech", "Restaurants")]))]);
        let (standard, reference) = lookups.standard(Attribute::Industry, " CAFE TECH").unwrap();
        assert_eq!(standard, "Restaurants");
        assert!(reference.starts_with("industry_lookup@"), "{reference}");
        assert_eq!(lookups.standard(Attribute::CompanyType, "cafe tech"), None);
        let other = Lookups::new([(Attribute::Industry, rows(&[("Câfé  Tech", "Retail")]))]);
        assert_ne!(other.standard(Attribute::Industry, "cafe tech").unwrap().1, reference);
    }
}
