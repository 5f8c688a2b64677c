//! A value of Python as the text that a cell of a file would hold.

use firmograph_arrow::float;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};
use std::borrow::Cow;

/// The text of a value: empty for what pandas and others say where nothing is known (None, NaN, NaT, NA), whole numbers without
/// `.0`, times as in ISO 8601, lists and dicts as JSON. `None` for a text that no encoding can write.
pub(crate) fn text<'v>(value: &'v Bound<'_, PyAny>) -> PyResult<Option<Cow<'v, str>>> {
    if let Ok(text) = value.cast::<PyString>() {
        return Ok(text.to_str().ok().map(Cow::Borrowed));
    }
    if value.is_none() {
        return Ok(Some(Cow::Borrowed("")));
    }
    other(value).map(|text| Some(Cow::Owned(text)))
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
    let kind = value.get_type().name()?;
    if matches!(kind.to_str()?, "NaTType" | "NAType") {
        return Ok(String::new());
    }
    if value.is_instance_of::<PyList>()
        || value.is_instance_of::<PyDict>()
        || value.is_instance_of::<PyTuple>()
    {
        let written = value.py().import("json")?.call_method1("dumps", (value,));
        // What is no JSON is at least what Python shows.
        return written.or_else(|_| value.repr().map(Bound::into_any))?.extract();
    }
    // A scalar of numpy is a number of Python in disguise.
    if value.hasattr("dtype")? {
        let plain = value.call_method0("item")?;
        if !plain.is(value) && !plain.hasattr("dtype")? {
            return Ok(text(&plain)?.unwrap_or_default().into_owned());
        }
    }
    match value.getattr("isoformat") {
        Ok(written) => written.call0()?.extract(),
        Err(_) => Ok(value.str()?.to_string()),
    }
}
