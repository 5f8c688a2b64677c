//! The lead tables: rows that are derived from lead documents, by table and id.

use crate::Store;
use crate::table::{ColumnKind, Table};
use crate::value::{Row, Rows, Value};
use firmograph_core::{Error, Timestamp};

/// A value of a lead table.
#[derive(Debug, Clone, PartialEq)]
pub enum LeadCell {
    /// Nothing is known.
    Null,
    /// A whole number.
    Int(i64),
    /// A number as it was given.
    Real(f64),
    /// Text, or JSON as text.
    Text(String),
    /// An instant, to the microsecond.
    Time(Timestamp),
}

impl LeadCell {
    /// The text, where it is one.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            LeadCell::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// A row, in the order of its table's columns; the first is its id.
pub type LeadRow = Vec<LeadCell>;

/// One of the lead tables: its name and its columns.
#[derive(Debug, Clone, Copy)]
pub struct LeadTable {
    /// Name in SQL.
    pub name: &'static str,
    columns: &'static [(&'static str, ColumnKind)],
}

use ColumnKind::{Int, Json, Real, Text, Time};

/// The lead tables; each refers to those before it only.
pub const LEAD_TABLES: [LeadTable; 7] = [
    LeadTable {
        name: "lead",
        columns: &[
            ("id", Text),
            ("company_id", Text),
            ("persona_id", Text),
            ("name", Text),
            ("title", Text),
            ("email", Text),
            ("status", Text),
            ("source", Text),
            ("source_metadata", Json),
            ("external_ids", Json),
            ("company_key", Text),
            ("person_key", Text),
            ("created_at", Time),
            ("updated_at", Time),
        ],
    },
    LeadTable {
        name: "technographic",
        columns: &[
            ("id", Text),
            ("company_id", Text),
            ("name", Text),
            ("name_key", Text),
            ("category", Text),
            ("confidence", Text),
            ("source", Text),
            ("company_key", Text),
        ],
    },
    LeadTable {
        name: "research_run",
        columns: &[
            ("id", Text),
            ("lead_id", Text),
            ("company_id", Text),
            ("persona_id", Text),
            ("requested_lead", Json),
            ("research_timestamp_utc", Text),
            ("tools_used", Json),
            ("data_quality_warnings", Json),
            ("company_profile", Json),
            ("persona_profile", Json),
            ("is_current", Int),
            ("observed_at", Time),
        ],
    },
    LeadTable {
        name: "citation",
        columns: &[
            ("id", Text),
            ("research_run_id", Text),
            ("position", Int),
            ("source_name", Text),
            ("url", Text),
            ("accessed_at_utc", Text),
        ],
    },
    LeadTable {
        name: "detected_signal",
        columns: &[
            ("id", Text),
            ("lead_id", Text),
            ("research_run_id", Text),
            ("position", Int),
            ("type", Text),
            ("signal", Text),
            ("source", Text),
            ("strength", Text),
            ("recency", Text),
            ("evidence", Json),
        ],
    },
    LeadTable {
        name: "icp_score",
        columns: &[
            ("id", Text),
            ("lead_id", Text),
            ("icp_score", Real),
            ("fit_tier", Text),
            ("company_fit", Real),
            ("persona_fit", Real),
            ("timing_fit", Real),
            ("strengths", Json),
            ("risks", Json),
            ("gaps", Json),
            ("confidence_level", Text),
            ("inputs_used", Json),
            ("scored_at", Text),
            ("is_current", Int),
            ("observed_at", Time),
        ],
    },
    LeadTable {
        name: "icp_factor_breakdown",
        columns: &[
            ("id", Text),
            ("icp_score_id", Text),
            ("category", Text),
            ("score", Real),
            ("factors", Json),
        ],
    },
];

impl LeadTable {
    /// The names of the columns.
    pub fn columns(&self) -> impl Iterator<Item = &'static str> {
        self.columns.iter().map(|(name, _)| *name)
    }

    /// Where a column stands in a row.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|(column, _)| *column == name)
    }

    /// Whether a column holds JSON.
    #[must_use]
    pub fn is_json(&self, column: usize) -> bool {
        self.columns.get(column).is_some_and(|(_, kind)| *kind == Json)
    }

    fn table(&self) -> Table {
        Table { kept: "", ..Table::new(self.name, self.columns, &["id"]) }
    }

    fn list(&self) -> String {
        self.columns.iter().map(|(name, _)| format!("\"{name}\"")).collect::<Vec<_>>().join(", ")
    }
}

/// All tables that hold what is known of leads.
pub(crate) fn all_tables() -> Vec<Table> {
    let mut tables: Vec<Table> = LEAD_TABLES.iter().map(LeadTable::table).collect();
    tables.push(crate::lead_documents::table());
    tables
}

struct LeadRows<'r>(&'r [LeadRow]);

impl Rows for LeadRows<'_> {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn row<'a>(&'a self, index: usize, out: &mut Vec<Value<'a>>) {
        out.extend(self.0[index].iter().map(|cell| match cell {
            LeadCell::Null => Value::Null,
            LeadCell::Int(number) => Value::Int(*number),
            LeadCell::Real(number) => Value::Real(*number),
            LeadCell::Text(text) => Value::text(text),
            LeadCell::Time(time) => Value::Time(*time),
        }));
    }
}

/// Texts that one statement looks for.
const AT_ONCE: usize = 5_000;

impl Store {
    /// Rows of a lead table that have one of `values` in `column`, in the order of their ids.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn lead_rows(
        &mut self,
        table: &LeadTable,
        column: &str,
        values: &[&str],
    ) -> Result<Vec<LeadRow>, Error> {
        let is_one = self.conn.any_text(column, 1);
        let sql = format!("SELECT {} FROM {} WHERE {is_one}", table.list(), table.name);
        let mut all = Vec::new();
        for values in values.chunks(AT_ONCE) {
            let rows = self.conn.fetch(&sql, &[Value::Texts(values)]).await?;
            for row in rows {
                all.push(read(table, row)?);
            }
        }
        sort(&mut all);
        Ok(all)
    }

    /// Every row of a lead table, in the order of their ids.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn all_lead_rows(&mut self, table: &LeadTable) -> Result<Vec<LeadRow>, Error> {
        let sql = format!("SELECT {} FROM {}", table.list(), table.name);
        let rows = self.conn.fetch(&sql, &[]).await?;
        let mut all = rows.into_iter().map(|row| read(table, row)).collect::<Result<Vec<_>, _>>()?;
        sort(&mut all);
        Ok(all)
    }

    /// A page of leads in the order of their ids, after `after` (exclusive): of one status, of one company by its id.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn lead_page(
        &mut self,
        status: Option<&str>,
        company_id: Option<&str>,
        after: &str,
        limit: usize,
    ) -> Result<Vec<LeadRow>, Error> {
        let table = &LEAD_TABLES[0];
        // Byte order whatever the database's collation: pages of both backends must be the same.
        let order = if self.conn.is_postgres() { "id COLLATE \"C\"" } else { "id" };
        let mut sql = format!("SELECT {} FROM lead WHERE {order} > $1", table.list());
        let mut params = vec![Value::text(after)];
        for (column, wanted) in [("status", status), ("company_id", company_id)] {
            if let Some(wanted) = wanted {
                params.push(Value::text(wanted));
                sql.push_str(&format!(" AND {column} = ${}", params.len()));
            }
        }
        sql.push_str(&format!(" ORDER BY {order} LIMIT {limit}"));
        let rows = self.conn.fetch(&sql, &params).await?;
        rows.into_iter().map(|row| read(table, row)).collect()
    }

    /// Writes rows of a lead table; those that it has are replaced.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn write_lead_rows(&mut self, table: &LeadTable, rows: &[LeadRow]) -> Result<(), Error> {
        self.conn.upsert(&table.table(), &LeadRows(rows)).await
    }

    /// Deletes rows of a lead table by their ids, and what refers to them.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn delete_lead_rows(&mut self, table: &LeadTable, ids: &[&str]) -> Result<u64, Error> {
        let is_one = self.conn.any_text("id", 1);
        let sql = format!("DELETE FROM {} WHERE {is_one}", table.name);
        let mut gone = 0;
        for ids in ids.chunks(AT_ONCE) {
            gone += self.conn.execute(&sql, &[Value::Texts(ids)]).await?;
        }
        Ok(gone)
    }
}

fn sort(rows: &mut [LeadRow]) {
    rows.sort_by(|a, b| a[0].as_text().cmp(&b[0].as_text()));
}

fn read(table: &LeadTable, mut row: Row) -> Result<LeadRow, Error> {
    let cells = table.columns.iter().map(|(_, kind)| {
        Ok(match kind {
            Int => row.maybe_int()?.map_or(LeadCell::Null, LeadCell::Int),
            Real => row.maybe_real()?.map_or(LeadCell::Null, LeadCell::Real),
            Time => row.maybe_time()?.map_or(LeadCell::Null, LeadCell::Time),
            _ => row.maybe_text()?.map_or(LeadCell::Null, |text| LeadCell::Text(text.into())),
        })
    });
    cells.collect()
}
