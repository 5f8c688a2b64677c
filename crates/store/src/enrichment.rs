//! What an enrichment is planned with: how often providers find something, and of whom something is missing.

use crate::Store;
use crate::table::golden_name;
use crate::value::Value;
use firmograph_core::{Attribute, Error};

/// How often an operation of a provider found something.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct HitCount {
    /// Who was called.
    pub provider: String,
    /// What was asked.
    pub operation: Option<String>,
    /// Calls that said whether they found something.
    pub calls: i64,
    /// Those that did.
    pub hits: i64,
}

impl Store {
    /// How often each operation found something, as the ledger of a workspace has it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn hit_counts(&mut self, workspace: &str) -> Result<Vec<HitCount>, Error> {
        let sql = "SELECT \"apiProvider\", \"operation\", COUNT(*), \
                   CAST(SUM(CASE WHEN hit THEN 1 ELSE 0 END) AS BIGINT) FROM intelligence.api_cost_tracking \
                   WHERE \"workspaceId\" = $1 AND hit IS NOT NULL GROUP BY 1, 2";
        let rows = self.conn.fetch(sql, &[Value::text(workspace)]).await?;
        let counts = rows.into_iter().map(|mut row| {
            Ok(HitCount {
                provider: row.text()?.into(),
                operation: row.maybe_text()?.map(Into::into),
                calls: row.int()?,
                hits: row.int()?,
            })
        });
        let mut counts = counts.collect::<Result<Vec<_>, Error>>()?;
        counts.sort_by(|a, b| (&a.provider, &a.operation).cmp(&(&b.provider, &b.operation)));
        Ok(counts)
    }

    /// Keys of golden records of whose attribute no source says anything under their own key, in byte order, at most `limit`.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn keys_missing(&mut self, attribute: Attribute, limit: usize) -> Result<Vec<String>, Error> {
        let spec = attribute.spec();
        let collate = if self.is_postgres() { " COLLATE \"C\"" } else { "" };
        let sql = format!(
            "SELECT g.\"key\" FROM {} g WHERE g.\"key\" IS NOT NULL AND NOT EXISTS \
             (SELECT 1 FROM core.{} d WHERE d.key = g.\"key\") ORDER BY g.\"key\"{collate} LIMIT {limit}",
            golden_name(spec.entity),
            spec.table
        );
        let rows = self.conn.fetch(&sql, &[]).await?;
        rows.into_iter().map(|mut row| row.text().map(Into::into)).collect()
    }
}
