use crate::Store;
use crate::payloads::ValueRows;
use crate::table::{ColumnKind, Table};
use crate::value::Value;
use firmograph_core::{Attribute, Error};
use serde::{Deserialize, Serialize};

/// Attributes for which a user can say what a raw value means; each has a table `reference.<attribute>_lookup`.
pub const LOOKUP_ATTRIBUTES: [Attribute; 5] = [
    Attribute::CompanyType,
    Attribute::Industry,
    Attribute::EmployeeRange,
    Attribute::Revenue,
    Attribute::Funding,
];

/// A row of a lookup table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LookupRow {
    /// The raw value, folded.
    pub raw: String,
    /// The standard value.
    pub standard: String,
    /// The raw value as the user spells it.
    pub original: String,
    /// The run that set it.
    pub set_by: i64,
}

const COLUMNS: [(&str, ColumnKind); 4] = [
    ("raw_value", ColumnKind::Text),
    ("matched_value", ColumnKind::Text),
    ("original", ColumnKind::Text),
    ("set_by", ColumnKind::Int),
];

fn table(attribute: Attribute) -> Table {
    // Such a row has no times.
    let name = format!("reference.{}_lookup", attribute.spec().name);
    Table { kept: "", ..Table::new(&name, &COLUMNS, &["raw_value"]) }
}

impl Store {
    /// The user's rows for `attribute`, in byte order of the raw values.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn lookup(&mut self, attribute: Attribute) -> Result<Vec<LookupRow>, Error> {
        let table = table(attribute);
        let rows =
            self.conn.fetch(&format!("SELECT {} FROM {}", table.column_list(), table.name), &[]).await?;
        let mut rows = rows
            .into_iter()
            .map(|mut row| {
                let [raw, standard, original] = [row.text()?, row.text()?, row.text()?].map(Into::into);
                Ok(LookupRow { raw, standard, original, set_by: row.int()? })
            })
            .collect::<Result<Vec<_>, Error>>()?;
        rows.sort_by(|a, b| a.raw.cmp(&b.raw));
        Ok(rows)
    }

    /// Writes rows of a lookup, each raw value once; a raw value that is there gets the new meaning.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn write_lookup(&mut self, attribute: Attribute, rows: &[LookupRow]) -> Result<(), Error> {
        let values = rows.iter().map(|row| {
            let texts = [&row.raw, &row.standard, &row.original].map(|text| Value::text(text));
            texts.into_iter().chain([Value::Int(row.set_by)]).collect()
        });
        self.conn.upsert(&table(attribute), &ValueRows(values.collect())).await
    }

    /// Removes the rows of these raw values.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn delete_lookup(&mut self, attribute: Attribute, raw: &[&str]) -> Result<u64, Error> {
        if raw.is_empty() {
            return Ok(0);
        }
        let is_one = self.conn.any_text("raw_value", 1);
        let sql = format!("DELETE FROM {} WHERE {is_one}", table(attribute).name);
        self.conn.execute(&sql, &[Value::Texts(raw)]).await
    }

    /// Every distinct text that a part of an attribute shows, of all sources.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn raw_values(&mut self, attribute: Attribute, part: &str) -> Result<Vec<Box<str>>, Error> {
        let table = attribute.spec().table;
        let sql = format!("SELECT DISTINCT raw_{part} FROM core.{table} WHERE raw_{part} IS NOT NULL");
        self.conn.fetch(&sql, &[]).await?.into_iter().map(|mut row| row.text()).collect()
    }

    /// Keys of the rows whose part shows one of `texts`, sorted, each once.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn keys_showing(
        &mut self,
        attribute: Attribute,
        part: &str,
        texts: &[&str],
    ) -> Result<Vec<Box<str>>, Error> {
        if texts.is_empty() {
            return Ok(Vec::new());
        }
        let is_one = self.conn.any_text(&format!("raw_{part}"), 1);
        let sql = format!("SELECT DISTINCT key FROM core.{} WHERE {is_one}", attribute.spec().table);
        let rows = self.conn.fetch(&sql, &[Value::Texts(texts)]).await?;
        let mut keys = rows.into_iter().map(|mut row| row.text()).collect::<Result<Vec<_>, Error>>()?;
        keys.sort_unstable();
        Ok(keys)
    }
}
