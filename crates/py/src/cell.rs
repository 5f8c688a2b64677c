//! A value of Python as the text that a cell of a file would hold.

use firmograph_arrow::float;
use pyo3::exceptions::{PyException, PyMemoryError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};
use std::borrow::Cow;

/// The text of a value: empty for what pandas and others say where nothing is known (None, NaN, NaT, NA), whole numbers without
/// `.0`, times as in ISO 8601, lists, dicts and arrays as JSON. `None` for a text that no encoding can write.
pub(crate) fn text<'v>(value: &'v Bound<'_, PyAny>) -> PyResult<Option<Cow<'v, str>>> {
    if let Ok(text) = value.cast::<PyString>() {
        return Ok(text.to_str().ok().map(Cow::Borrowed));
    }
    if value.is_none() {
        return Ok(Some(Cow::Borrowed("")));
    }
    other(value).map(|text| Some(Cow::Owned(text)))
}

/// Whether an error is no fault of the value at hand: somebody pressed Ctrl-C, or memory is full.
pub(crate) fn is_fatal(py: Python<'_>, error: &PyErr) -> bool {
    !error.is_instance_of::<PyException>(py) || error.is_instance_of::<PyMemoryError>(py)
}

/// The text of a date or time of any library, empty for one that is none; nothing where it is neither.
pub(crate) fn moment(value: &Bound<'_, PyAny>) -> PyResult<Option<String>> {
    let kind = value.get_type().name()?;
    let write = match kind.to_str()? {
        "NaTType" | "NAType" => return Ok(Some(String::new())),
        // As Python's own it would be a number where it has nanoseconds.
        "datetime64" => {
            let mut plain = value.call_method0("tolist")?;
            if plain.is_instance_of::<PyInt>() {
                plain = value.call_method1("astype", ("datetime64[us]",))?.call_method0("tolist")?;
            }
            if plain.is_none() {
                return Ok(Some(String::new()));
            }
            plain.getattr("isoformat")
        }
        _ => value.getattr("isoformat"),
    };
    match write {
        Ok(write) => {
            let text: String = write.call0()?.extract()?;
            Ok(Some(if text == "NaT" { String::new() } else { text }))
        }
        Err(error) if is_fatal(value.py(), &error) => Err(error),
        Err(_) => Ok(None),
    }
}

fn other(value: &Bound<'_, PyAny>) -> PyResult<String> {
    if let Ok(truth) = value.cast::<PyBool>() {
        return Ok(truth.is_true().to_string());
    }
    if value.is_instance_of::<PyInt>() {
        return Ok(value.str()?.to_string());
    }
    if let Ok(number) = value.cast::<PyFloat>() {
        return Ok(float(number.value()).unwrap_or_default());
    }
    if value.is_instance_of::<PyList>()
        || value.is_instance_of::<PyDict>()
        || value.is_instance_of::<PyTuple>()
    {
        let written = value.py().import("json")?.call_method1("dumps", (value,));
        return match written {
            Err(error) if is_fatal(value.py(), &error) => Err(error),
            // What is no JSON is at least what Python shows.
            Err(_) => value.repr().map(|shown| shown.to_string()),
            Ok(written) => written.extract(),
        };
    }
    if let Some(text) = moment(value)? {
        return Ok(text);
    }
    // A scalar of numpy is a number of Python in disguise, and an array is a list.
    if value.hasattr("dtype")? && value.hasattr("tolist")? {
        let plain = value.call_method0("tolist")?;
        if !plain.is(value) && !plain.hasattr("dtype")? {
            return Ok(text(&plain)?.unwrap_or_default().into_owned());
        }
    }
    Ok(value.str()?.to_string())
}
