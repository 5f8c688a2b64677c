//! Which source is believed first and by which policy, as the database has it: the compiled table with what users set over it.

use crate::Store;
use crate::payloads::ValueRows;
use crate::table::{ColumnKind, Table};
use crate::value::Value;
use firmograph_core::{Attribute, Error, Policy, Priorities};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A row of `reference.source_priorities`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriorityRow {
    /// Name of an attribute, or `*` for all that have no rows of their own.
    pub attribute: String,
    /// The source.
    pub source: String,
    /// Lower numbers are believed first.
    pub priority: i64,
    /// The run that set it; `None` for a row of the compiled table.
    pub set_by: Option<i64>,
}

/// A row of `reference.attribute_policies`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyRow {
    /// Name of an attribute.
    pub attribute: String,
    /// Name of its policy.
    pub policy: String,
    /// The run that set it.
    pub set_by: i64,
}

/// The name by which `reference.tables` notes the version of the compiled rows.
pub const PRIORITIES_TABLE: &str = "source_priorities";

impl Store {
    /// The priorities and policies in force.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn priorities(&mut self) -> Result<Priorities, Error> {
        let rows = self.priority_rows().await?;
        let rows = rows.iter().map(|row| (&*row.attribute, &*row.source, row.priority));
        let priorities = Priorities::from_rows(rows);
        // A policy or an attribute that only a later version knows is passed over.
        let policies =
            self.policy_rows().await?.into_iter().filter_map(|row| {
                Some((Attribute::from_name(&row.attribute)?, Policy::from_name(&row.policy)?))
            });
        Ok(policies.fold(priorities, |all, (attribute, policy)| all.with_policy(attribute, policy)))
    }

    /// Rows of all attributes, those believed first first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn priority_rows(&mut self) -> Result<Vec<PriorityRow>, Error> {
        let sql = "SELECT attribute, source, priority, set_by FROM reference.source_priorities";
        let rows = self.conn.fetch(sql, &[]).await?;
        let rows = rows.into_iter().map(|mut row| {
            Ok(PriorityRow {
                attribute: row.text()?.into(),
                source: row.text()?.into(),
                priority: row.int()?,
                set_by: row.maybe_int()?,
            })
        });
        let mut rows = rows.collect::<Result<Vec<_>, Error>>()?;
        rows.sort_by(|a, b| {
            (&a.attribute, a.priority, &a.source).cmp(&(&b.attribute, b.priority, &b.source))
        });
        Ok(rows)
    }

    /// Policies that users set, by attribute.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn policy_rows(&mut self) -> Result<Vec<PolicyRow>, Error> {
        let sql = "SELECT attribute, policy, set_by FROM reference.attribute_policies";
        let rows = self.conn.fetch(sql, &[]).await?;
        let rows = rows.into_iter().map(|mut row| {
            Ok(PolicyRow { attribute: row.text()?.into(), policy: row.text()?.into(), set_by: row.int()? })
        });
        let mut rows = rows.collect::<Result<Vec<_>, Error>>()?;
        rows.sort_by(|a, b| a.attribute.cmp(&b.attribute));
        Ok(rows)
    }

    /// Makes `rows` the rows of `attribute` (a name or `*`).
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn replace_priorities(&mut self, attribute: &str, rows: &[PriorityRow]) -> Result<(), Error> {
        let delete = "DELETE FROM reference.source_priorities WHERE attribute = $1";
        self.conn.execute(delete, &[Value::text(attribute)]).await?;
        let columns = [
            ("attribute", ColumnKind::Text),
            ("source", ColumnKind::Text),
            ("priority", ColumnKind::Int),
            ("set_by", ColumnKind::Int),
        ];
        let rows = rows.iter().map(|row| {
            let set_by = row.set_by.map_or(Value::Null, Value::Int);
            vec![Value::text(attribute), Value::text(&row.source), Value::Int(row.priority), set_by]
        });
        let table = Table::new("reference.source_priorities", &columns, &["attribute", "source"]);
        self.conn.insert(&table, &ValueRows(rows.collect())).await
    }

    /// Sets the policy of `attribute`, or for `None` goes back to the compiled one.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn replace_policy(&mut self, attribute: &str, row: Option<&PolicyRow>) -> Result<(), Error> {
        let delete = "DELETE FROM reference.attribute_policies WHERE attribute = $1";
        self.conn.execute(delete, &[Value::text(attribute)]).await?;
        let Some(row) = row else { return Ok(()) };
        let insert =
            "INSERT INTO reference.attribute_policies (attribute, policy, set_by) VALUES ($1, $2, $3)";
        let params = [Value::text(attribute), Value::text(&row.policy), Value::Int(row.set_by)];
        self.conn.execute(insert, &params).await.map(drop)
    }

    /// Keys of which at least two sources say something about one of `attributes` (of one kind of entity), or one where the key
    /// is joined to others, in byte order after `after` (exclusive), at most `limit`: nobody else's golden row can change with
    /// a priority.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn contested_keys(
        &mut self,
        attributes: &[Attribute],
        after: &str,
        limit: usize,
    ) -> Result<Vec<Arc<str>>, Error> {
        let order = if self.conn.is_postgres() { "\"key\" COLLATE \"C\"" } else { "\"key\"" };
        let said: Vec<_> = attributes
            .iter()
            .map(|attribute| {
                let table = attribute.spec().table;
                format!("SELECT \"key\", source FROM core.{table} WHERE {order} > $1")
            })
            .collect();
        let joined = ["from_key", "into_key"]
            .map(|side| format!("SELECT {side} FROM core.key_joins WHERE removed_by IS NULL"))
            .join(" UNION ");
        let sql = format!(
            "SELECT \"key\" FROM ({}) said GROUP BY \"key\" HAVING count(*) > 1 OR \"key\" IN ({joined}) \
             ORDER BY {order} LIMIT {limit}",
            said.join(" UNION ")
        );
        let rows = self.conn.fetch(&sql, &[Value::text(after)]).await?;
        rows.into_iter().map(|mut row| Ok(Arc::from(row.text()?))).collect()
    }

    /// Brings the rows that no user set up to the compiled table, where that is of another version than the one mirrored last.
    /// Attributes of which a user set rows keep those alone.
    pub(crate) async fn mirror_priorities(&mut self) -> Result<(), Error> {
        let versions = self.reference_versions().await?;
        let mirrored = versions.iter().find(|(name, _, _)| name == PRIORITIES_TABLE);
        if mirrored.is_some_and(|(_, version, _)| version.as_str() >= Priorities::VERSION) {
            return Ok(());
        }
        let stored = self.priority_rows().await?;
        let set: BTreeSet<&str> =
            stored.iter().filter(|row| row.set_by.is_some()).map(|row| &*row.attribute).collect();
        let compiled = Priorities::compiled_rows().map(|(attribute, source, priority)| PriorityRow {
            attribute: attribute.to_owned(),
            source: source.to_owned(),
            priority,
            set_by: None,
        });
        let compiled: Vec<_> = compiled.filter(|row| !set.contains(&*row.attribute)).collect();
        let named = stored.iter().chain(&compiled).map(|row| &*row.attribute);
        let attributes: BTreeSet<&str> = named.filter(|attribute| !set.contains(attribute)).collect();
        for attribute in attributes {
            let of = |rows: &[PriorityRow]| -> Vec<PriorityRow> {
                rows.iter().filter(|row| row.attribute == attribute).cloned().collect()
            };
            let (mut rows, known) = (of(&compiled), of(&stored));
            if mirrored.is_none() {
                // Before versions were noted rows could be changed by hand alone: such rows stay as they are.
                rows.retain(|row| known.iter().all(|known| known.source != row.source));
                rows.extend(known);
            }
            self.replace_priorities(attribute, &rows).await?;
        }
        let note = "INSERT INTO reference.tables (name, version, rows) VALUES ($1, $2, $3) \
                    ON CONFLICT (name) DO UPDATE SET version = excluded.version, rows = excluded.rows";
        let count = Priorities::compiled_rows().count() as i64;
        let params = [Value::text(PRIORITIES_TABLE), Value::text(Priorities::VERSION), Value::Int(count)];
        self.conn.execute(note, &params).await.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(attribute: &str, source: &str, priority: i64, set_by: Option<i64>) -> PriorityRow {
        PriorityRow { attribute: attribute.to_owned(), source: source.to_owned(), priority, set_by }
    }

    async fn rows_of(store: &mut Store, attribute: &str) -> Vec<PriorityRow> {
        let rows = store.priority_rows().await.unwrap();
        rows.into_iter().filter(|row| row.attribute == attribute).collect()
    }

    /// As if the rows had been mirrored from the table of another version; `None`: before versions were noted.
    async fn mirrored_from(store: &mut Store, version: Option<&str>) {
        let delete = "DELETE FROM reference.tables WHERE name = 'source_priorities'";
        store.conn.execute(delete, &[]).await.unwrap();
        if let Some(version) = version {
            let note =
                "INSERT INTO reference.tables (name, version, rows) VALUES ('source_priorities', $1, 1)";
            store.conn.execute(note, &[Value::text(version)]).await.unwrap();
        }
        store.mirror_reference(&[]).await.unwrap();
    }

    #[test]
    fn compiled_rows_follow_the_table_and_rows_that_were_set_stay() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut store = Store::open("sqlite::memory:").await.unwrap();
            store.migrate_up().await.unwrap();
            store.mirror_reference(&[]).await.unwrap();
            let compiled = rows_of(&mut store, "*").await;
            assert!(compiled.len() > 3 && compiled.iter().all(|row| row.set_by.is_none()));

            let set = [row("company_name", "csv", 0, Some(7)), row("company_name", "clay", 1, Some(7))];
            store.replace_priorities("company_name", &set).await.unwrap();
            let older = [row("*", "clay", 0, None), row("*", "gone", 1, None)];
            store.replace_priorities("*", &older).await.unwrap();
            store.replace_priorities("industry", &[row("industry", "gone", 0, None)]).await.unwrap();
            store.mirror_reference(&[]).await.unwrap();
            assert_eq!(rows_of(&mut store, "*").await, older, "mirrored once for each version");

            mirrored_from(&mut store, Some("2025.9")).await;
            assert_eq!(rows_of(&mut store, "*").await, compiled);
            assert!(rows_of(&mut store, "industry").await.is_empty());
            assert_eq!(rows_of(&mut store, "company_name").await, set);

            // Changed by hand, before a run could say who did it.
            store.replace_priorities("*", &[row("*", "clay", 0, None)]).await.unwrap();
            mirrored_from(&mut store, None).await;
            let rows = rows_of(&mut store, "*").await;
            assert_eq!(rows.len(), compiled.len());
            assert!(rows.contains(&row("*", "clay", 0, None)), "{rows:?}");

            mirrored_from(&mut store, Some("2999.1")).await;
            assert_eq!(rows_of(&mut store, "*").await, rows, "a later version's rows stay");
        });
    }
}
