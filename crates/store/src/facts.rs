//! What a database says of itself: who answers, which tables it has, how many rows stand in them.

use crate::Store;
use crate::table::golden_name;
use crate::value::Value;
use crate::views::{NamedRow, scalar};
use firmograph_core::{EntityKind, Error, golden_columns};

/// Who answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerFacts {
    /// The name of the database; of SQLite its file.
    pub database: String,
    /// As whom we are there; SQLite has no users.
    pub user: Option<String>,
    /// As the server tells it.
    pub version: String,
    /// Names of its tables, with the schema where that is not `public`, in byte order.
    pub tables: Vec<String>,
}

/// Rows of the golden tables and of the view beside them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowCounts {
    /// Of `"Company"`.
    pub companies: u64,
    /// Of `"Prospect"`.
    pub prospects: u64,
}

impl Store {
    /// Who answers, and which tables there are.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn server_facts(&mut self) -> Result<ServerFacts, Error> {
        let (who, tables) = if self.is_postgres() {
            (
                "SELECT current_database()::text, current_user::text, version()",
                "SELECT CASE n.nspname WHEN 'public' THEN '' ELSE n.nspname || '.' END || c.relname FROM pg_class c \
                 JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p') \
                 AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%' ORDER BY 1",
            )
        } else {
            (
                "SELECT COALESCE((SELECT file FROM pragma_database_list WHERE name = 'main'), ''), NULL, \
                 'SQLite ' || sqlite_version()",
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY 1",
            )
        };
        let mut rows = self.conn.fetch(who, &[]).await?;
        let (mut database, mut user, mut version) = (String::new(), None, String::new());
        if let Some(row) = rows.first_mut() {
            (database, user, version) =
                (row.text()?.into(), row.maybe_text()?.map(Into::into), row.text()?.into());
        }
        let tables = self.conn.fetch(tables, &[]).await?;
        let mut tables = tables
            .into_iter()
            .map(|mut row| Ok(row.text()?.into()))
            .collect::<Result<Vec<String>, Error>>()?;
        tables.sort_unstable();
        Ok(ServerFacts { database, user, version, tables })
    }

    /// How many golden rows there are.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn row_counts(&mut self) -> Result<RowCounts, Error> {
        let mut counts = [0; 2];
        for (count, kind) in counts.iter_mut().zip([EntityKind::Company, EntityKind::Person]) {
            let sql = format!("SELECT COUNT(*) FROM {}", golden_name(kind));
            *count = self.conn.number(&sql, &[]).await?.unsigned_abs();
        }
        Ok(RowCounts { companies: counts[0], prospects: counts[1] })
    }

    /// How many rows `company_prospect_view` has: as of the last refresh on PostgreSQL.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn view_count(&mut self) -> Result<u64, Error> {
        let count = self.conn.number("SELECT COUNT(*) FROM company_prospect_view", &[]).await?;
        Ok(count.unsigned_abs())
    }

    /// A golden row by its id: every column that its table has, times too.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn whole_golden_row(&mut self, kind: EntityKind, id: &str) -> Result<Option<NamedRow>, Error> {
        let columns = self.whole_golden_columns(kind).await?;
        let sql = format!("SELECT {columns} FROM {} WHERE \"id\" = $1", golden_name(kind));
        let rows = self.conn.fetch_named(&sql, &[Value::text(id)]).await?;
        let row = rows.into_iter().next();
        Ok(row.map(|row| row.into_iter().map(|(name, cell)| (name, scalar(cell))).collect()))
    }

    /// All columns of a golden table. Another system may have added some, of any type: those are read as text.
    async fn whole_golden_columns(&mut self, kind: EntityKind) -> Result<String, Error> {
        if !self.conn.is_postgres() {
            return Ok("*".to_owned());
        }
        let table = golden_name(kind).trim_matches('"');
        let sql = "SELECT column_name::text FROM information_schema.columns WHERE table_schema = current_schema() \
                   AND table_name = $1 ORDER BY ordinal_position";
        let is_ours = |name: &str| {
            name == "createdAt"
                || name == "updatedAt"
                || golden_columns(kind).iter().any(|column| column.name == name)
        };
        let mut columns = Vec::new();
        for mut row in self.conn.fetch(sql, &[Value::text(table)]).await? {
            let name = row.text()?;
            let quoted = format!("\"{}\"", name.replace('"', "\"\""));
            columns.push(if is_ours(&name) { quoted } else { format!("CAST({quoted} AS TEXT) AS {quoted}") });
        }
        Ok(columns.join(", "))
    }
}
