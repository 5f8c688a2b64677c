//! Tables with their meaning beside them.

use crate::arguments::instant;
use crate::capsule::{ArrowChunks, ArrowStream};
use crate::coalescer::kind;
use crate::errors::{guarded, raised};
use crate::forks::detached;
use crate::tables::{Tables, ours, table_field};
use arrow_array::{ArrayRef, RecordBatchReader, StructArray};
use arrow_schema::Schema;
use firmograph::sources::Mapping;
use firmograph::{Error, Source};
use firmograph_arrow::{BatchOptions, NormalizedBatches, needed_fields, normalized_fields};
use pyo3::prelude::*;
use std::path::PathBuf;
use std::sync::Arc;

/// Normalizes the rows of a table as they are read. `mapping` is the text of a mapping file.
#[pyfunction]
#[pyo3(name = "_normalize_batch")]
#[pyo3(signature = (stream, source, mapping, observed_at, repair_domains, keep, prefix))]
pub(crate) fn normalize_batch<'py>(
    stream: &Bound<'py, PyAny>,
    source: &str,
    mapping: Option<&str>,
    observed_at: Option<&str>,
    repair_domains: bool,
    keep: Option<Vec<String>>,
    prefix: String,
) -> PyResult<Bound<'py, ArrowStream>> {
    guarded(|| {
        let py = stream.py();
        let failed = |error: Error| raised(py, &error);
        let mut options = BatchOptions::new(Source::new(source).map_err(failed)?);
        options.normalizer.mappings =
            mapping.map(Mapping::parse).transpose().map_err(failed)?.into_iter().collect();
        options.normalizer.observed_at = observed_at.map(instant).transpose().map_err(failed)?;
        options.normalizer.pipeline.repair_domains = repair_domains;
        options.keep = keep;
        options.prefix = prefix;
        let tables = Tables::new(stream)?;
        let batches = detached(py, || NormalizedBatches::new(tables, options)).map_err(failed)?;
        let field = table_field(&batches.schema());
        let arrays = batches.map(|batch| {
            let batch = batch.map_err(ours)?;
            Ok(Arc::new(StructArray::from(batch)) as ArrayRef)
        });
        Bound::new(py, ArrowStream::new(field, arrays))
    })
}

/// The text of a mapping file that was read and found right.
#[pyfunction]
#[pyo3(name = "_mapping_text")]
pub(crate) fn mapping_text(py: Python<'_>, path: PathBuf) -> PyResult<String> {
    guarded(|| {
        let mapping = py.detach(|| Mapping::from_path(&path)).map_err(|error| raised(py, &error))?;
        Ok(mapping.text().to_owned())
    })
}

/// The columns that normalizing adds, of no rows; those alone that a coalescer needs where `only` names a kind of entity.
#[pyfunction]
#[pyo3(name = "_normalized_schema", signature = (prefix, only=None))]
pub(crate) fn normalized_schema<'py>(
    py: Python<'py>,
    prefix: &str,
    only: Option<&str>,
) -> PyResult<Bound<'py, PyAny>> {
    guarded(|| {
        let kind = only.map(kind).transpose().map_err(|error| raised(py, &error))?;
        let fields = kind.map_or_else(|| normalized_fields(prefix), |kind| needed_fields(prefix, kind));
        ArrowChunks::object(py, table_field(&Schema::new(fields)), Vec::new())
    })
}
