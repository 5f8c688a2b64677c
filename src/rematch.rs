//! Matches anew exactly the dimension rows that show certain raw values: what a new meaning of those values comes down to.

use crate::Engine;
use crate::change::Touched;
use crate::matching::match_value;
use firmograph_core::{Attribute, Dimension, EntityKind, Error, Timestamp};
use std::sync::Arc;

/// Keys whose dimension rows are held at a time.
const KEYS_AT_ONCE: usize = 10_000;

impl Engine {
    /// Matches the rows anew whose `parts` show a text that is `meant`, writes those whose standard value or evidence is
    /// another now, and adds whom they are about to `touched`. Gives how many rows were written.
    pub(crate) async fn rematch(
        &mut self,
        attribute: Attribute,
        parts: &[&str],
        meant: &(dyn Fn(&str) -> bool + Sync),
        now: Timestamp,
        touched: &mut Touched,
    ) -> Result<u64, Error> {
        let mut keys: Vec<Box<str>> = Vec::new();
        for part in parts {
            let said = self.store.raw_values(attribute, part).await?;
            let said: Vec<&str> = said.iter().map(|text| &**text).filter(|text| meant(text)).collect();
            keys.extend(self.store.keys_showing(attribute, part, &said).await?);
        }
        keys.sort_unstable();
        keys.dedup();
        let places: Vec<usize> = parts.iter().filter_map(|part| attribute.part(part)).collect();
        let is_meant = |row: &Dimension| places.iter().any(|&part| row.raw().part(part).is_some_and(meant));
        let mut written = 0;
        for keys in keys.chunks(KEYS_AT_ONCE) {
            let keys: Vec<&str> = keys.iter().map(|key| &**key).collect();
            let mut rows = self.store.dimensions(attribute, &keys).await?;
            rows.sort_by(|a, b| a.place().cmp(&b.place()));
            let mut changed = Vec::new();
            for mut row in rows.into_iter().filter(is_meant) {
                let options = self.pipeline_options(row.source().clone());
                let matched = match_value(attribute, row.raw(), &options).map(Arc::new);
                if row.matched() != matched.as_ref() {
                    row.set_matched(matched);
                    changed.push(row);
                }
            }
            for row in &changed {
                match attribute.spec().entity {
                    EntityKind::Company => touched.companies.insert(row.key().into()),
                    EntityKind::Person => touched.persons.insert(row.key().into()),
                };
            }
            written += changed.len() as u64;
            let changed: Vec<&Dimension> = changed.iter().collect();
            self.store.write_dimensions(attribute, &[], &changed, now).await?;
        }
        Ok(written)
    }
}
