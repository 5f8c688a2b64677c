use crate::Store;
use crate::payloads::ValueRows;
use crate::table::{ColumnKind, Table};
use crate::value::Value;
use firmograph_core::{Error, ErrorKind};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A row of `"JobTitleLevelMap"`: a title or a vendor's word, and the level that a user gave it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MappedLevel {
    /// The text as the user spells it.
    pub original: String,
    /// Name of the level.
    pub name: String,
    /// 1 to 15.
    pub level: u8,
}

/// Rows that a write of the map touched.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct LevelMapChanges {
    /// Not there before.
    pub added: u64,
    /// There with another level or name.
    pub changed: u64,
    /// There already.
    pub unchanged: u64,
    /// There before, and not among the rows that replace them.
    pub removed: u64,
}

impl Store {
    /// The user's map, in byte order of its texts.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn level_map(&mut self) -> Result<Vec<MappedLevel>, Error> {
        let collate = if self.is_postgres() { " COLLATE \"C\"" } else { "" };
        let sql = format!(
            "SELECT \"originalJobTitleLevel\", \"standardizedJobTitleLevel\", \"level\" FROM \"JobTitleLevelMap\" \
             ORDER BY \"originalJobTitleLevel\"{collate}"
        );
        let rows = self.conn.fetch(&sql, &[]).await?;
        rows.into_iter()
            .map(|mut row| {
                let (original, name, level) = (row.text()?.into(), row.text()?.into(), row.int()?);
                // The table refers to the definitions, of which there are fifteen.
                let level = u8::try_from(level).map_err(|_| {
                    let message = format!("the map gives {original:?} the level {level}");
                    Error::new(ErrorKind::Environment, "database-shape", message)
                })?;
                Ok(MappedLevel { original, name, level })
            })
            .collect()
    }

    /// Writes rows of the user's map, each text once, between [`Store::begin`] and [`Store::commit`]. Texts that are there keep the
    /// time of their creation; with `replace`, texts that are not among `rows` are removed.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn write_level_map(
        &mut self,
        rows: &[MappedLevel],
        replace: bool,
    ) -> Result<LevelMapChanges, Error> {
        let stored = self.level_map().await?;
        let known: BTreeMap<&str, &MappedLevel> =
            stored.iter().map(|row| (row.original.as_str(), row)).collect();
        let mut changes = LevelMapChanges::default();
        let mut new = Vec::new();
        for row in rows {
            let (original, name) = (Value::text(&row.original), Value::text(&row.name));
            let level = Value::Int(row.level.into());
            match known.get(row.original.as_str()) {
                None => new.push(vec![original, name, level]),
                Some(known) if *known == row => changes.unchanged += 1,
                Some(_) => {
                    let update = "UPDATE \"JobTitleLevelMap\" SET \"standardizedJobTitleLevel\" = $2, \"level\" = $3, \
                                  \"updatedAt\" = CURRENT_TIMESTAMP WHERE \"originalJobTitleLevel\" = $1";
                    changes.changed += self.conn.execute(update, &[original, name, level]).await?;
                }
            }
        }
        changes.added = new.len() as u64;
        let columns = [
            ("originalJobTitleLevel", ColumnKind::Text),
            ("standardizedJobTitleLevel", ColumnKind::Text),
            ("level", ColumnKind::Int),
        ];
        self.conn.insert(&Table::new("\"JobTitleLevelMap\"", &columns, &[]), &ValueRows(new)).await?;
        if replace {
            let kept: BTreeSet<&str> = rows.iter().map(|row| row.original.as_str()).collect();
            for gone in stored.iter().filter(|row| !kept.contains(row.original.as_str())) {
                let delete = "DELETE FROM \"JobTitleLevelMap\" WHERE \"originalJobTitleLevel\" = $1";
                changes.removed += self.conn.execute(delete, &[Value::text(&gone.original)]).await?;
            }
        }
        Ok(changes)
    }
}
