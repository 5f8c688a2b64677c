//! Counts for figures: how full the golden tables are, what sources share, on which levels people are, who won what.

use crate::Store;
use crate::table::golden_name;
use firmograph_core::{Attribute, EntityKind, Error, golden_columns};

/// How many golden rows there are, and how many say something in each column.
pub type Filled = (u64, Vec<(&'static str, u64)>);

/// Prospects on one level: its number and name, or none where the title names no level, and how many they are.
pub type OnLevel = (Option<(i64, String)>, u64);

impl Store {
    /// How many golden rows of one kind there are, and how many of them say something in each of the golden columns.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn filled_columns(&mut self, kind: EntityKind) -> Result<Filled, Error> {
        let counts = golden_columns(kind).iter().map(|column| format!(", COUNT(\"{}\")", column.name));
        let sql = format!("SELECT COUNT(*){} FROM {}", counts.collect::<String>(), golden_name(kind));
        let mut rows = self.conn.fetch(&sql, &[]).await?;
        let Some(row) = rows.first_mut() else { return Ok((0, Vec::new())) };
        let total = row.int()?.unsigned_abs();
        let columns = golden_columns(kind).iter();
        let filled = columns.map(|column| Ok((column.name, row.int()?.unsigned_abs())));
        Ok((total, filled.collect::<Result<_, Error>>()?))
    }

    /// Of how many keys two sources both speak, for each pair of sources that share any; each source with itself, too.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn shared_keys(&mut self, kind: EntityKind) -> Result<Vec<(String, String, u64)>, Error> {
        let tables = Attribute::of(kind).map(|attribute| attribute.spec().table);
        let said: Vec<String> = tables.map(|table| format!("SELECT key, source FROM core.{table}")).collect();
        let sql = format!(
            "WITH said AS ({}) SELECT a.source, b.source, COUNT(*) FROM said a JOIN said b ON b.key = a.key \
             AND b.source >= a.source GROUP BY a.source, b.source",
            said.join(" UNION ")
        );
        let rows = self.conn.fetch(&sql, &[]).await?;
        let mut all = rows
            .into_iter()
            .map(|mut row| Ok((row.text()?.into(), row.text()?.into(), row.int()?.unsigned_abs())))
            .collect::<Result<Vec<(String, String, u64)>, Error>>()?;
        all.sort_unstable();
        Ok(all)
    }

    /// How many prospects there are on each level, the first level first, and those without one last.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn prospects_by_named_level(&mut self) -> Result<Vec<OnLevel>, Error> {
        let sql = "SELECT d.\"level\", d.\"jobTitleLevel\", COUNT(*) FROM \"Prospect\" p LEFT JOIN \"JobTitleLevelDefinition\" d \
                   ON d.\"id\" = p.\"standardizedJobTitleLevelId\" GROUP BY d.\"level\", d.\"jobTitleLevel\"";
        let rows = self.conn.fetch(sql, &[]).await?;
        let mut all = rows
            .into_iter()
            .map(|mut row| {
                let (level, name) = (row.maybe_int()?, row.maybe_text()?);
                Ok((level.zip(name.map(Into::into)), row.int()?.unsigned_abs()))
            })
            .collect::<Result<Vec<OnLevel>, Error>>()?;
        all.sort_unstable_by_key(|(level, _)| level.as_ref().map_or(i64::MAX, |(level, _)| *level));
        Ok(all)
    }

    /// For each attribute and source, of how many golden records the source won it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn winners(&mut self, kind: EntityKind) -> Result<Vec<(String, String, u64)>, Error> {
        let view = match kind {
            EntityKind::Company => "core.company_provenance",
            EntityKind::Person => "core.person_provenance",
        };
        // Distinct: keys that are joined are told one by one.
        let sql = format!(
            "SELECT attribute, source, COUNT(DISTINCT id) FROM {view} WHERE is_winner GROUP BY attribute, source"
        );
        let rows = self.conn.fetch(&sql, &[]).await?;
        let mut all = rows
            .into_iter()
            .map(|mut row| Ok((row.text()?.into(), row.text()?.into(), row.int()?.unsigned_abs())))
            .collect::<Result<Vec<(String, String, u64)>, Error>>()?;
        all.sort_unstable();
        Ok(all)
    }
}
