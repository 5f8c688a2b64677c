use crate::Store;
use crate::table::{ColumnKind, Table};
use crate::value::{Rows, Value};
use firmograph_core::{Error, Reject};

/// A reject as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredReject {
    /// Number, from 1.
    pub id: i64,
    /// The run that met it.
    pub run_id: i64,
    /// The file it stands in.
    pub file_id: i64,
    /// Path of that file.
    pub path: String,
    /// Record number in the file.
    pub record: i64,
    /// Physical line in the file.
    pub line: i64,
    /// Stable code.
    pub code: String,
    /// Column concerned.
    pub column: Option<String>,
    /// What was found.
    pub cause: String,
    /// The cells as a JSON array, or the bytes.
    pub original: Vec<u8>,
    /// Column names as a JSON array, for tables.
    pub header: Option<String>,
}

struct RejectRows<'r> {
    rows: &'r [Reject],
    first_id: i64,
    run: i64,
    file: i64,
}

impl Rows for RejectRows<'_> {
    fn len(&self) -> usize {
        self.rows.len()
    }

    fn row<'a>(&'a self, index: usize, out: &mut Vec<Value<'a>>) {
        let reject = &self.rows[index];
        out.extend([
            Value::Int(self.first_id + index as i64),
            Value::Int(self.run),
            Value::Int(self.file),
            Value::Int(reject.position.record as i64),
            Value::Int(reject.position.line as i64),
            Value::text(reject.code.code()),
            Value::maybe(reject.column.as_deref()),
            Value::text(&reject.cause),
            Value::Bytes(&reject.original),
        ]);
    }
}

impl Store {
    /// Keeps the rejects of one file.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn write_rejects(&mut self, rejects: &[Reject], run: i64, file: i64) -> Result<(), Error> {
        if rejects.is_empty() {
            return Ok(());
        }
        use ColumnKind::{Bytes, Int, Text};
        let columns = [
            ("id", Int),
            ("run_id", Int),
            ("file_id", Int),
            ("record", Int),
            ("line", Int),
            ("code", Text),
            ("column_name", Text),
            ("cause", Text),
            ("original", Bytes),
        ];
        let first_id = self.next_id("raw.rejects").await?;
        let rows = RejectRows { rows: rejects, first_id, run, file };
        self.conn.insert(&Table::new("raw.rejects", &columns, &["id"]), &rows).await
    }

    /// Rejects of one run, or of all for `None`, in the order they were met, after `after` (exclusive), at most `limit`.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn rejects(
        &mut self,
        run: Option<i64>,
        after: i64,
        limit: usize,
    ) -> Result<Vec<StoredReject>, Error> {
        let mut params = vec![Value::Int(after)];
        let mut filter = "WHERE r.id > $1".to_owned();
        if let Some(run) = run {
            params.push(Value::Int(run));
            filter.push_str(" AND r.run_id = $2");
        }
        let sql = format!(
            "SELECT r.id, r.run_id, r.file_id, f.path, r.record, r.line, r.code, r.column_name, r.cause, r.original, \
             f.header FROM raw.rejects r JOIN raw.files f ON f.id = r.file_id {filter} ORDER BY r.id LIMIT {limit}"
        );
        let rows = self.conn.fetch(&sql, &params).await?;
        rows.into_iter()
            .map(|mut row| {
                Ok(StoredReject {
                    id: row.int()?,
                    run_id: row.int()?,
                    file_id: row.int()?,
                    path: row.text()?.into(),
                    record: row.int()?,
                    line: row.int()?,
                    code: row.text()?.into(),
                    column: row.maybe_text()?.map(Into::into),
                    cause: row.text()?.into(),
                    original: row.bytes()?,
                    header: row.maybe_text()?.map(Into::into),
                })
            })
            .collect()
    }
}
