//! Pins: who set which value of whom, why, and until when. What is pinned stands in the pin's payload.

use crate::Store;
use crate::payloads::ValueRows;
use crate::table::{ColumnKind, Table};
use crate::value::{Row, Value};
use firmograph_core::{Attribute, Error, ErrorKind, PayloadId, Source, Timestamp};

/// A row of `core.pins` with the text of its payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPin {
    /// Its payload.
    pub payload: PayloadId,
    /// What is pinned; this says of which kind of entity too.
    pub attribute: Attribute,
    /// Of whom.
    pub key: String,
    /// Who set it.
    pub author: String,
    /// Why.
    pub reason: String,
    /// From when on it counts no more; `None` for ever.
    pub expires_at: Option<Timestamp>,
    /// When it was set.
    pub created_at: Timestamp,
    /// The run that set it.
    pub run: i64,
    /// The run that removed it; `None` while it counts.
    pub removed_by: Option<i64>,
    /// Its payload, a JSON object.
    pub body: String,
}

/// Where a payload came from and when it was stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayloadOrigin {
    /// Path of its file; `None` for a payload of no file, such as a pin.
    pub path: Option<String>,
    /// Physical line on which it stands.
    pub line: u64,
    /// When it was stored.
    pub stored_at: Option<Timestamp>,
}

const SELECT: &str = "SELECT n.payload_id, n.attribute, n.key, n.author, n.reason, n.expires_at, n.created_at, n.run_id, \
                      n.removed_by, p.body FROM core.pins n JOIN raw.payloads p ON p.id = n.payload_id";

impl Store {
    /// Writes a pin whose payload is written.
    ///
    /// # Errors
    /// When the database refuses, for example because another pin of the same value counts.
    pub async fn write_pin(&mut self, pin: &StoredPin) -> Result<(), Error> {
        use ColumnKind::{Id, Int, Text, Time};
        let columns = [
            ("payload_id", Id),
            ("entity", Text),
            ("key", Text),
            ("attribute", Text),
            ("author", Text),
            ("reason", Text),
            ("expires_at", Time),
            ("created_at", Time),
            ("run_id", Int),
        ];
        let spec = pin.attribute.spec();
        let row = vec![
            Value::Id(pin.payload),
            Value::text(spec.entity.name()),
            Value::text(&pin.key),
            Value::text(spec.name),
            Value::text(&pin.author),
            Value::text(&pin.reason),
            Value::time(pin.expires_at),
            Value::Time(pin.created_at),
            Value::Int(pin.run),
        ];
        let table = Table::new("core.pins", &columns, &["payload_id"]);
        self.conn.insert(&table, &ValueRows(vec![row])).await
    }

    /// Pins that count, by key and attribute; of one key, or of all.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn pins(&mut self, key: Option<&str>) -> Result<Vec<StoredPin>, Error> {
        let (of, params) = match key {
            Some(key) => (" AND n.key = $1", vec![Value::text(key)]),
            None => ("", Vec::new()),
        };
        let sql = format!("{SELECT} WHERE n.removed_by IS NULL{of}");
        let rows = self.conn.fetch(&sql, &params).await?;
        let mut pins = rows.into_iter().map(read).collect::<Result<Vec<_>, Error>>()?;
        pins.sort_by(|a, b| (&a.key, a.attribute).cmp(&(&b.key, b.attribute)));
        Ok(pins)
    }

    /// The pin of this payload, whether it counts or not.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn pin(&mut self, payload: PayloadId) -> Result<Option<StoredPin>, Error> {
        let rows =
            self.conn.fetch(&format!("{SELECT} WHERE n.payload_id = $1"), &[Value::Id(payload)]).await?;
        rows.into_iter().next().map(read).transpose()
    }

    /// Marks a pin and its payload as removed by a run, or for `None` as counting again.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn mark_pin(&mut self, payload: PayloadId, removed_by: Option<i64>) -> Result<(), Error> {
        // A number of ours as text: an unknown one cannot be bound where no column says its type.
        let by = removed_by.map_or_else(|| "NULL".to_owned(), |run| run.to_string());
        for (table, id) in [("core.pins", "payload_id"), ("raw.payloads", "id")] {
            let sql = format!("UPDATE {table} SET removed_by = {by} WHERE {id} = $1");
            self.conn.execute(&sql, &[Value::Id(payload)]).await?;
        }
        Ok(())
    }

    /// Deletes what `source` says about `attribute` of one key.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn delete_dimension(
        &mut self,
        attribute: Attribute,
        key: &str,
        source: &Source,
    ) -> Result<(), Error> {
        let sql = format!("DELETE FROM core.{} WHERE \"key\" = $1 AND source = $2", attribute.spec().table);
        self.conn.execute(&sql, &[Value::text(key), Value::text(source.as_str())]).await.map(drop)
    }

    /// Where payloads came from: file, line and time of storing, in no particular order.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn payload_origins(
        &mut self,
        ids: &[PayloadId],
    ) -> Result<Vec<(PayloadId, PayloadOrigin)>, Error> {
        let is_one = self.conn.any_id("p.id", 1);
        let sql = format!(
            "SELECT p.id, f.path, p.line, p.created_at FROM raw.payloads p \
             LEFT JOIN raw.files f ON f.id = p.file_id WHERE {is_one}"
        );
        let rows = self.conn.fetch(&sql, &[Value::Ids(ids)]).await?;
        rows.into_iter()
            .map(|mut row| {
                let (id, path, line) = (row.id()?, row.maybe_text()?.map(Into::into), row.int()?);
                Ok((id, PayloadOrigin { path, line: line as u64, stored_at: row.maybe_time()? }))
            })
            .collect()
    }
}

fn read(mut row: Row) -> Result<StoredPin, Error> {
    let payload = row.id()?;
    let attribute = row.text()?;
    let attribute = Attribute::from_name(&attribute).ok_or_else(|| {
        let message = format!("a pin is about {attribute:?}, which this version does not know");
        Error::new(ErrorKind::Environment, "database-shape", message)
    })?;
    Ok(StoredPin {
        payload,
        attribute,
        key: row.text()?.into(),
        author: row.text()?.into(),
        reason: row.text()?.into(),
        expires_at: row.maybe_time()?,
        created_at: row.maybe_time()?.unwrap_or_default(),
        run: row.int()?,
        removed_by: row.maybe_int()?,
        body: row.text()?.into(),
    })
}
