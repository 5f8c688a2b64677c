//! Golden records as JSON.

use crate::Engine;
use firmograph_core::{EntityKind, Error, ErrorKind, GoldenRow, Scalar, Timestamp, golden_columns};
use firmograph_store::View;
use serde_json::{Map, Value, json};

/// What an export holds.
#[derive(Debug, Clone, Copy, Default)]
pub struct ExportOptions {
    /// Load times too. Without them the export of the same data is the same bytes on any machine, at any time.
    pub with_times: bool,
}

/// Golden rows read from the database at a time.
const PAGE: usize = 5_000;

impl Engine {
    /// Gives every golden row of one kind to `sink`, in the byte order of their ids.
    ///
    /// # Errors
    /// When the database does not answer, or what `sink` returns.
    pub async fn export(
        &mut self,
        kind: EntityKind,
        options: ExportOptions,
        sink: &mut dyn FnMut(Map<String, Value>) -> Result<(), Error>,
    ) -> Result<u64, Error> {
        let mut after = String::new();
        let mut count = 0;
        loop {
            let page = self.store.golden_page(kind, &after, PAGE).await?;
            let Some((last, _)) = page.last() else { return Ok(count) };
            after = last.values[0].as_text().unwrap_or_default().to_owned();
            for (row, (created_at, updated_at)) in page {
                let mut object = golden_json(kind, &row);
                if options.with_times {
                    object.insert("createdAt".to_owned(), json!(created_at));
                    object.insert("updatedAt".to_owned(), json!(updated_at));
                }
                sink(object)?;
                count += 1;
            }
        }
    }
}

impl Engine {
    /// Gives every row of a view to `sink`, in the byte order of what tells its rows apart. With `since`, only rows that changed
    /// after it (exclusive), of views that know it ([`View::changed_at`]). What was deleted since is in [`View::Deletions`].
    ///
    /// # Errors
    /// `no-change-time` (usage) for `since` with a view that does not know when its rows changed; when the database does not
    /// answer, or what `sink` returns.
    pub async fn export_view(
        &mut self,
        view: View,
        since: Option<Timestamp>,
        sink: &mut dyn FnMut(Map<String, Value>) -> Result<(), Error>,
    ) -> Result<u64, Error> {
        if since.is_some() && view.changed_at().is_none() {
            let message = format!("{} does not say when its rows changed", view.name());
            return Err(Error::new(ErrorKind::Usage, "no-change-time", message));
        }
        let mut after: Option<Vec<String>> = None;
        let mut count = 0;
        loop {
            let page = self.store.view_page(view, after.as_deref(), since, PAGE).await?;
            let Some(last) = page.last else { return Ok(count) };
            after = Some(last);
            for row in page.rows {
                sink(row.into_iter().map(|(name, value)| (name, scalar_json(&value))).collect())?;
                count += 1;
            }
        }
    }
}

pub(crate) fn scalar_json(scalar: &Scalar) -> Value {
    match scalar {
        Scalar::Null => Value::Null,
        Scalar::Int(number) => json!(number),
        Scalar::Text(text) => json!(text),
    }
}

pub(crate) fn golden_json(kind: EntityKind, row: &GoldenRow) -> Map<String, Value> {
    let columns = golden_columns(kind).iter();
    columns.zip(&row.values).map(|(column, value)| (column.name.to_owned(), scalar_json(value))).collect()
}
