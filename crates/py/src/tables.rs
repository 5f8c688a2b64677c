//! What Python gives as Arrow, as record batches.

use crate::capsule::{Arrays, import};
use crate::errors::raised;
use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, RecordBatch, RecordBatchReader};
use arrow_schema::{ArrowError, DataType, Field, FieldRef, Schema, SchemaRef};
use firmograph::{Error, ErrorKind};
use pyo3::prelude::*;
use std::sync::Arc;

/// The batches of a table, as they come.
pub(crate) struct Tables {
    arrays: Arrays,
    schema: SchemaRef,
}

impl Tables {
    /// Reads any table that speaks Arrow.
    pub(crate) fn new(object: &Bound<'_, PyAny>) -> PyResult<Self> {
        let arrays = import(object)?;
        let DataType::Struct(fields) = arrays.field().data_type() else {
            let message = format!("a table was wanted, not a column of {}", arrays.field().data_type());
            return Err(raised(object.py(), &Error::new(ErrorKind::Usage, "no-table", message)));
        };
        let schema = Schema::new_with_metadata(fields.clone(), arrays.field().metadata().clone());
        Ok(Tables { arrays, schema: Arc::new(schema) })
    }

    fn batch(&self, array: &ArrayRef) -> Result<RecordBatch, Error> {
        let rows = array.as_struct_opt().filter(|rows| rows.null_count() == 0).ok_or_else(|| {
            Error::new(ErrorKind::Usage, "no-table", "some rows of the table are null as a whole")
        })?;
        let batch = RecordBatch::from(rows.clone()).with_schema(Arc::clone(&self.schema));
        batch.map_err(ours)
    }
}

impl Iterator for Tables {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        let array = self.arrays.next()?;
        Some(
            array
                .and_then(|array| self.batch(&array))
                .map_err(|error| ArrowError::ExternalError(Box::new(error))),
        )
    }
}

impl RecordBatchReader for Tables {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }
}

/// The field that stands for tables of this schema.
pub(crate) fn table_field(schema: &Schema) -> FieldRef {
    let field = Field::new("", DataType::Struct(schema.fields().clone()), false);
    Arc::new(field.with_metadata(schema.metadata().clone()))
}

/// An error of Arrow's that carries one of ours, as that.
pub(crate) fn ours(error: ArrowError) -> Error {
    let failed = |message: String| Error::new(ErrorKind::Data, "arrow", message);
    match error {
        ArrowError::ExternalError(inner) => match inner.downcast::<Error>() {
            Ok(error) => *error,
            Err(other) => failed(other.to_string()),
        },
        error => failed(error.to_string()).with_cause(error),
    }
}
