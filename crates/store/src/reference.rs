use crate::Store;
use crate::payloads::ValueRows;
use crate::table::{ColumnKind, Table};
use crate::value::Value;
use firmograph_core::{Error, ErrorKind};
use serde::Serialize;

/// A compiled reference table to be mirrored: its name in schema `reference`, its version, its columns and rows as text.
/// `job_title_levels` is mirrored to the public `"JobTitleLevelDefinition"`.
#[derive(Debug, Clone, Copy)]
pub struct ReferenceRows<'a> {
    /// Name of the table.
    pub name: &'a str,
    /// Its version, as evidence names it.
    pub version: &'a str,
    /// Names of its columns.
    pub columns: &'a [&'a str],
    /// Its rows.
    pub rows: &'a [Vec<String>],
}

/// A raw value without a standard value, and how many dimension rows of all sources show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnmatchedValue {
    /// Attribute.
    pub attribute: String,
    /// The raw value.
    pub raw: String,
    /// Rows that show it.
    pub rows: i64,
    /// Who gave it, by name.
    pub sources: Vec<String>,
}

/// Which columns of the reference tables hold numbers; the others hold text.
fn is_number(table: &str, column: &str) -> bool {
    matches!((table, column), (_, "minimum" | "maximum") | ("company_industries", "code"))
}

/// Reference tables that dimension rows refer to: table, dimension table, its column.
const REFERRED: [(&str, &str, &str); 7] = [
    ("employee_ranges", "company_employee_ranges", "matched_employee_range"),
    ("company_types", "company_types", "matched_company_type"),
    ("company_industries", "company_industries", "matched_industry"),
    ("funding_ranges", "company_funding", "matched_funding_range"),
    ("revenue_ranges", "company_revenue", "matched_revenue_range"),
    ("seniorities", "person_job_titles", "matched_seniority"),
    ("job_functions", "person_job_titles", "matched_function"),
];

/// The first column of a reference table is its key.
fn key_of(column: &str) -> &'static [&'static str] {
    match column {
        "code" => &["code"],
        "domain" => &["domain"],
        _ => &["name"],
    }
}

impl Store {
    /// Makes the reference tables of the database what the compiled ones are, in one transaction.
    ///
    /// # Errors
    /// When the database refuses; nothing is changed then.
    pub async fn mirror_reference(&mut self, tables: &[ReferenceRows<'_>]) -> Result<(), Error> {
        self.begin().await?;
        let result = self.mirror(tables).await;
        match result {
            Ok(()) => self.commit().await,
            Err(error) => {
                self.rollback().await?;
                Err(error)
            }
        }
    }

    async fn mirror(&mut self, tables: &[ReferenceRows<'_>]) -> Result<(), Error> {
        for table in tables {
            let known =
                "SELECT count(*) FROM reference.tables WHERE name = $1 AND version = $2 AND rows = $3";
            let count = table.rows.len() as i64;
            let params = [Value::text(table.name), Value::text(table.version), Value::Int(count)];
            if self.conn.number(known, &params).await? == 1 {
                continue;
            }
            if table.name == "job_title_levels" {
                self.mirror_levels(table).await?;
            } else {
                self.mirror_table(table).await?;
            }
            let note = "INSERT INTO reference.tables (name, version, rows) VALUES ($1, $2, $3) \
                        ON CONFLICT (name) DO UPDATE SET version = excluded.version, rows = excluded.rows";
            self.conn.execute(note, &params).await?;
        }
        self.mirror_priorities().await
    }

    /// Prospects refer to levels, so rows are updated in place.
    async fn mirror_levels(&mut self, table: &ReferenceRows<'_>) -> Result<(), Error> {
        let upsert = "INSERT INTO \"JobTitleLevelDefinition\" (\"id\", \"level\", \"jobTitleLevel\", \"examples\", \"description\") \
                      VALUES ($1, $2, $3, $4, $5) ON CONFLICT (\"id\") DO UPDATE SET \"jobTitleLevel\" = excluded.\"jobTitleLevel\", \
                      \"examples\" = excluded.\"examples\", \"description\" = excluded.\"description\", \
                      \"updatedAt\" = CURRENT_TIMESTAMP";
        for row in table.rows {
            let [level, name, examples, description] = row.as_slice() else {
                return Err(misshapen(table.name));
            };
            let level = number(table.name, level)?;
            let texts = [name, examples, description].map(|text| Value::text(text));
            let params: Vec<_> = [Value::Int(level), Value::Int(level)].into_iter().chain(texts).collect();
            self.conn.execute(upsert, &params).await?;
        }
        Ok(())
    }

    /// Rows of the other tables are what the compiled file holds; `sort_order` is their place in it. Dimension rows refer to some of
    /// them, so rows are replaced in place, and a row that is no more stays as long as one refers to it: `rebuild` ends that.
    async fn mirror_table(&mut self, table: &ReferenceRows<'_>) -> Result<(), Error> {
        let Some(&key) = table.columns.first() else { return Err(misshapen(table.name)) };
        let columns = table.columns.iter().map(|&column| {
            let kind = if is_number(table.name, column) { ColumnKind::Int } else { ColumnKind::Text };
            (column, kind)
        });
        let columns: Vec<_> = columns.chain([("sort_order", ColumnKind::Int)]).collect();
        let mut rows = Vec::with_capacity(table.rows.len());
        for (place, cells) in table.rows.iter().enumerate() {
            let mut values = Vec::with_capacity(columns.len());
            for ((_, kind), cell) in columns.iter().zip(cells) {
                values.push(match kind {
                    ColumnKind::Int if cell.is_empty() => Value::Null,
                    ColumnKind::Int => Value::Int(number(table.name, cell)?),
                    _ => Value::text(cell),
                });
            }
            values.push(Value::Int(place as i64 + 1));
            rows.push(values);
        }
        let name = format!("reference.{}", table.name);
        let keys: Vec<&str> = table.rows.iter().filter_map(|row| row.first()).map(String::as_str).collect();
        let is_kept = self.conn.any_text(&format!("\"{key}\""), 1);
        let used =
            REFERRED.iter().filter(|(referred, ..)| *referred == table.name).map(|(_, dimension, column)| {
                format!(
                    " AND NOT EXISTS (SELECT 1 FROM core.{dimension} d WHERE d.{column} = {name}.\"{key}\")"
                )
            });
        let sql = format!("DELETE FROM {name} WHERE NOT ({is_kept}){}", used.collect::<String>());
        self.conn.execute(&sql, &[Value::Texts(&keys)]).await?;
        // Such a row has no times.
        let target = Table { kept: "", ..Table::new(&name, &columns, key_of(key)) };
        self.conn.upsert(&target, &ValueRows(rows)).await
    }

    /// Reference tables of the database: name, version, rows.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn reference_versions(&mut self) -> Result<Vec<(String, String, i64)>, Error> {
        let rows =
            self.conn.fetch("SELECT name, version, rows FROM reference.tables ORDER BY name", &[]).await?;
        rows.into_iter().map(|mut row| Ok((row.text()?.into(), row.text()?.into(), row.int()?))).collect()
    }

    /// Raw values of `attributes` without a standard value, those with most rows first, at most `top`.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn unmatched(&mut self, attributes: &[&str], top: usize) -> Result<Vec<UnmatchedValue>, Error> {
        let is_one = self.conn.any_text("attribute", 1);
        let (list, order) = if self.conn.is_postgres() {
            ("string_agg(source, ',')", " COLLATE \"C\"")
        } else {
            ("group_concat(source, ',')", "")
        };
        let sql = format!(
            "SELECT attribute, raw_value, CAST(sum(row_count) AS BIGINT), {list} FROM reference.unmatched_values \
             WHERE {is_one} GROUP BY attribute, raw_value \
             ORDER BY sum(row_count) DESC, attribute, raw_value{order} LIMIT {top}"
        );
        let rows = self.conn.fetch(&sql, &[Value::Texts(attributes)]).await?;
        rows.into_iter()
            .map(|mut row| {
                let (attribute, raw) = (row.text()?.into(), row.text()?.into());
                let (rows, sources) = (row.int()?, row.text()?);
                let mut sources: Vec<String> = sources.split(',').map(str::to_owned).collect();
                sources.sort_unstable();
                Ok(UnmatchedValue { attribute, raw, rows, sources })
            })
            .collect()
    }
}

fn number(table: &str, cell: &str) -> Result<i64, Error> {
    cell.parse().map_err(|_| misshapen(table))
}

fn misshapen(table: &str) -> Error {
    Error::new(
        ErrorKind::Data,
        "reference-table",
        format!("the compiled reference table {table} is misshapen"),
    )
}
