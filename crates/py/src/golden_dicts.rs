//! Golden rows as Python's dicts.

use crate::records::SIGNALS;
use firmograph::{EntityKind, GoldenRow, Scalar, golden_columns};
use firmograph_core::origin_columns;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString};

/// Ours that writers of the standard levels take.
const LEVEL: &str = "standardizedJobTitleLevelId";

/// Golden rows as the dicts that `bulk_insert_companies` and `bulk_insert_prospects` take.
pub(crate) fn dicts<'py>(
    py: Python<'py>,
    kind: EntityKind,
    rows: &[GoldenRow],
    now: &Bound<'py, PyString>,
    source: &Bound<'py, PyString>,
) -> PyResult<Bound<'py, PyList>> {
    let columns = golden_columns(kind);
    let taken = origin_columns(kind);
    let level = columns.iter().enumerate().filter(|(_, column)| column.name == LEVEL);
    let columns: Vec<(usize, Bound<'py, PyString>)> = columns[..taken]
        .iter()
        .enumerate()
        .chain(level)
        .map(|(at, column)| (at, PyString::intern(py, column.name)))
        .collect();
    // Most columns of most rows are empty, and a dict is copied in one piece.
    let empty = PyDict::new(py);
    columns[..taken].iter().try_for_each(|(_, name)| empty.set_item(name, py.None()))?;
    empty.set_item(intern!(py, "createdAt"), now)?;
    empty.set_item(intern!(py, "updatedAt"), now)?;
    columns[taken..].iter().try_for_each(|(_, name)| empty.set_item(name, py.None()))?;
    // All rows are this source's: a company of which they say nothing but its domain is, too.
    empty.set_item(intern!(py, "externalSource"), source)?;
    let list = PyList::empty(py);
    for (at, row) in rows.iter().enumerate() {
        if (at + 1).is_multiple_of(SIGNALS) {
            py.check_signals()?;
        }
        let dict = empty.copy()?;
        for (at, name) in &columns {
            match &row.values[*at] {
                Scalar::Null => {}
                Scalar::Int(number) => dict.set_item(name, number)?,
                Scalar::Text(text) => dict.set_item(name, &**text)?,
            }
        }
        list.append(dict)?;
    }
    Ok(list)
}
