//! Golden rows as record batches.

use crate::columns::MAX_ROWS;
use arrow_array::builder::{Int64Builder, StringBuilder};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use firmograph::{EntityKind, GoldenRow, ScalarKind, golden_columns};
use std::sync::Arc;

/// The columns of golden companies or persons: those of `"Company"` and `"Prospect"` without their times, then ours; text and
/// whole numbers of 64 bits.
#[must_use]
pub fn golden_schema(kind: EntityKind) -> SchemaRef {
    let fields = golden_columns(kind).iter().map(|column| {
        let of = match column.kind {
            ScalarKind::Text => DataType::Utf8,
            ScalarKind::Int => DataType::Int64,
        };
        Field::new(column.name, of, true)
    });
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

/// Golden rows, in their order, in batches of at most [`MAX_ROWS`].
///
/// # Errors
/// Arrow's, where text of one batch is longer than 2 GB.
pub fn golden_batches(kind: EntityKind, rows: &[GoldenRow]) -> Result<Vec<RecordBatch>, ArrowError> {
    let schema = golden_schema(kind);
    let of_rows = |rows: &[GoldenRow]| {
        let columns = golden_columns(kind).iter().enumerate().map(|(index, column)| {
            let cells = rows.iter().map(|row| row.values.get(index));
            match column.kind {
                ScalarKind::Text => {
                    let mut texts = StringBuilder::with_capacity(rows.len(), 0);
                    cells.for_each(|cell| texts.append_option(cell.and_then(|cell| cell.as_text())));
                    Arc::new(texts.finish()) as ArrayRef
                }
                ScalarKind::Int => {
                    let mut numbers = Int64Builder::with_capacity(rows.len());
                    cells.for_each(|cell| numbers.append_option(cell.and_then(|cell| cell.as_int())));
                    Arc::new(numbers.finish()) as ArrayRef
                }
            }
        });
        RecordBatch::try_new(Arc::clone(&schema), columns.collect())
    };
    rows.chunks(MAX_ROWS).map(of_rows).collect()
}
