//! A value of Python as the text that a cell of a file would hold, or as the JSON that a document would.

use firmograph::RejectCode;
use firmograph::sources::push_json_text;
use firmograph_arrow::float;
use pyo3::exceptions::{PyException, PyMemoryError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{
    PyBool, PyByteArray, PyBytes, PyDict, PyFloat, PyFrozenSet, PyInt, PyList, PySet, PyString, PyTuple,
};
use std::borrow::Cow;

/// What a value is to somebody who reads cells.
pub(crate) enum Cell<'v> {
    /// Empty where nothing is known: None, NaN, NaT, NA, an infinity, a list or dict with nothing in it.
    Text(Cow<'v, str>),
    /// A number or truth value, which JSON has without quotes.
    Number(String),
    /// A list, a dict or a set, or an array as a list: what makes a row a document.
    Nested(Bound<'v, PyAny>),
}

/// Why a value is no cell.
pub(crate) struct NoCell {
    pub(crate) code: RejectCode,
    /// Under which key of an object it stands.
    pub(crate) column: Option<String>,
    pub(crate) cause: String,
}

/// Lists within lists that are read; a list may hold itself.
const MAX_DEPTH: usize = 64;

/// What stands in a cell. Whole numbers lose their `.0`, times are as in ISO 8601, bytes are the UTF-8 text that they hold.
pub(crate) fn read<'v>(value: &'v Bound<'v, PyAny>) -> PyResult<Result<Cell<'v>, NoCell>> {
    if let Ok(text) = value.cast::<PyString>() {
        let no_text = || no_encoding("half of a surrogate pair stands in this cell, which is no text");
        return Ok(text.to_str().map(|text| Cell::Text(Cow::Borrowed(text))).map_err(|_| no_text()));
    }
    if value.is_none() {
        return Ok(Ok(Cell::Text(Cow::Borrowed(""))));
    }
    match leaf(value) {
        Ok(Ok(Leaf::Text(text))) => Ok(Ok(Cell::Text(text.into()))),
        Ok(Ok(Leaf::Number(text))) => Ok(Ok(Cell::Number(text))),
        Ok(Ok(Leaf::Others(others))) if others.len().is_ok_and(|length| length == 0) => {
            Ok(Ok(Cell::Text(Cow::Borrowed(""))))
        }
        Ok(Ok(Leaf::Others(others))) => Ok(Ok(Cell::Nested(others))),
        Ok(Err(no_cell)) => Ok(Err(no_cell)),
        Err(error) if is_fatal(value.py(), &error) => Err(error),
        Err(error) => Ok(Err(no_value(format!("this cell cannot be read: {error}")))),
    }
}

/// Appends a value as JSON; nothing, where it says nothing. Whether it was appended.
pub(crate) fn push_json(
    value: &Bound<'_, PyAny>,
    json: &mut String,
    depth: usize,
) -> PyResult<Result<bool, NoCell>> {
    if depth > MAX_DEPTH {
        return Ok(Err(no_value(format!("lists or dicts stand in each other more than {MAX_DEPTH} deep"))));
    }
    if let Ok(dict) = value.cast::<PyDict>() {
        return Ok(push_object(dict.iter(), json, depth)?.map(|()| true));
    }
    let others = match read(value)? {
        Err(no_cell) => return Ok(Err(no_cell)),
        Ok(Cell::Text(text)) if text.is_empty() => return Ok(Ok(false)),
        Ok(Cell::Text(text)) => {
            push_json_text(json, &text);
            return Ok(Ok(true));
        }
        Ok(Cell::Number(text)) => {
            json.push_str(&text);
            return Ok(Ok(true));
        }
        Ok(Cell::Nested(others)) => others,
    };
    let mut elements = Vec::new();
    for element in others.try_iter()? {
        let mut text = String::new();
        match push_json(&element?, &mut text, depth + 1)? {
            // An element keeps its place.
            Ok(is_there) => elements.push(if is_there { text } else { "null".to_owned() }),
            Err(no_cell) => return Ok(Err(no_cell)),
        }
    }
    if value.is_instance_of::<PySet>() || value.is_instance_of::<PyFrozenSet>() {
        // Python deals a set of texts in another order each time it runs.
        elements.sort_unstable();
    }
    json.push('[');
    json.push_str(&elements.join(","));
    json.push(']');
    Ok(Ok(true))
}

/// Appends an object of these entries, without those that say nothing.
pub(crate) fn push_object<'py>(
    entries: impl Iterator<Item = (Bound<'py, PyAny>, Bound<'py, PyAny>)>,
    json: &mut String,
    depth: usize,
) -> PyResult<Result<(), NoCell>> {
    json.push('{');
    let mut is_first = true;
    for (key, value) in entries {
        let key = match name(&key)? {
            Ok(key) => key,
            Err(no_cell) => return Ok(Err(no_cell)),
        };
        let before = json.len();
        if !is_first {
            json.push(',');
        }
        push_json_text(json, &key);
        json.push(':');
        match push_json(&value, json, depth + 1)? {
            Ok(true) => is_first = false,
            Ok(false) => json.truncate(before),
            Err(no_cell) => return Ok(Err(NoCell { column: Some(key), ..no_cell })),
        }
    }
    json.push('}');
    Ok(Ok(()))
}

/// The name of a column.
pub(crate) fn name(key: &Bound<'_, PyAny>) -> PyResult<Result<String, NoCell>> {
    let no_text = || no_encoding("half of a surrogate pair stands in a key, which is no text");
    match key.str() {
        Ok(text) => Ok(text.to_str().map(str::to_owned).map_err(|_| no_text())),
        Err(error) if is_fatal(key.py(), &error) => Err(error),
        Err(error) => Ok(Err(no_value(format!("a key of this row cannot be read: {error}")))),
    }
}

/// Whether an error is no fault of the value at hand: somebody pressed Ctrl-C, or memory is full.
pub(crate) fn is_fatal(py: Python<'_>, error: &PyErr) -> bool {
    !error.is_instance_of::<PyException>(py) || error.is_instance_of::<PyMemoryError>(py)
}

/// Whether a value is what pandas and others say where nothing is known: NaN, NaT or NA.
pub(crate) fn is_missing(value: &Bound<'_, PyAny>) -> bool {
    if let Ok(number) = value.cast::<PyFloat>() {
        return number.value().is_nan();
    }
    let Ok(kind) = value.get_type().name() else { return false };
    match kind.to_str() {
        Ok("NaTType" | "NAType") => true,
        Ok("float32" | "float16") => value.extract::<f64>().is_ok_and(f64::is_nan),
        _ => false,
    }
}

/// What Python calls the type of a value.
pub(crate) fn type_name(value: &Bound<'_, PyAny>) -> String {
    value.get_type().name().map_or_else(|_| "?".to_owned(), |name| name.to_string())
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

/// The text that bytes hold, since some drivers give the text of a database as its bytes: none of its own where they are not
/// UTF-8, none at all where the value is something else.
pub(crate) fn text_of_bytes(value: &Bound<'_, PyAny>) -> PyResult<Option<Option<String>>> {
    let is_bytes = value.is_instance_of::<PyBytes>() || value.is_instance_of::<PyByteArray>();
    if !is_bytes && type_name(value) != "memoryview" {
        return Ok(None);
    }
    let bytes: Vec<u8> = value.py().get_type::<PyBytes>().call1((value,))?.extract()?;
    Ok(Some(String::from_utf8(bytes).ok()))
}

/// A value that is no text and not None.
enum Leaf<'py> {
    Text(String),
    /// A number or truth value, which JSON has without quotes.
    Number(String),
    /// What holds other values.
    Others(Bound<'py, PyAny>),
}

fn leaf<'py>(value: &Bound<'py, PyAny>) -> PyResult<Result<Leaf<'py>, NoCell>> {
    if let Ok(text) = value.cast::<PyString>() {
        return Ok(Ok(Leaf::Text(text.to_string_lossy().into_owned())));
    }
    if let Ok(truth) = value.cast::<PyBool>() {
        return Ok(Ok(Leaf::Number(truth.is_true().to_string())));
    }
    if value.is_instance_of::<PyInt>() {
        // Kinds of int, such as those of an enumeration, show themselves in ways of their own.
        let written =
            value.py().get_type::<PyInt>().call_method1(intern!(value.py(), "__repr__"), (value,))?;
        return Ok(Ok(Leaf::Number(written.extract()?)));
    }
    if let Ok(number) = value.cast::<PyFloat>() {
        return Ok(Ok(number_leaf(number.value())));
    }
    if value.is_instance_of::<PyList>()
        || value.is_instance_of::<PyDict>()
        || value.is_instance_of::<PyTuple>()
        || value.is_instance_of::<PySet>()
        || value.is_instance_of::<PyFrozenSet>()
    {
        return Ok(Ok(Leaf::Others(value.clone())));
    }
    if let Some(text) = moment(value)? {
        return Ok(Ok(Leaf::Text(text)));
    }
    let py = value.py();
    let kind = type_name(value);
    if let Some(text) = text_of_bytes(value)? {
        let no_text = || no_encoding("bytes that are not utf-8 text stand in this cell");
        return Ok(text.map(Leaf::Text).ok_or_else(no_text));
    }
    // A scalar of numpy is a number of Python in disguise, and an array is a list.
    if value.hasattr(intern!(py, "dtype"))? && value.hasattr(intern!(py, "tolist"))? {
        if kind == "float32" || kind == "float16" {
            // By its own digits: as a double, 10.1 would be 10.100000381469727.
            return Ok(Ok(number_leaf(value.str()?.to_str()?.parse().unwrap_or(f64::NAN))));
        }
        let plain = value.call_method0("tolist")?;
        if !plain.is(value) && !plain.hasattr("dtype")? {
            if plain.is_none() {
                return Ok(Ok(Leaf::Text(String::new())));
            }
            return leaf(&plain);
        }
    }
    // What says nothing of its own shows where it stands in memory, which is no value.
    let plain_str = py.get_type::<PyAny>().getattr(intern!(py, "__str__"))?;
    if value.get_type().getattr(intern!(py, "__str__"))?.is(&plain_str) {
        return Ok(Err(no_value(format!("this is of type {kind}, which no cell holds"))));
    }
    Ok(Ok(Leaf::Text(value.str()?.to_string())))
}

fn number_leaf<'py>(number: f64) -> Leaf<'py> {
    match float(number).filter(|_| number.is_finite()) {
        Some(text) => Leaf::Number(text),
        None => Leaf::Text(String::new()),
    }
}

fn no_value(cause: String) -> NoCell {
    NoCell { code: RejectCode::BadValue, column: None, cause }
}

fn no_encoding(cause: &str) -> NoCell {
    NoCell { code: RejectCode::BadEncoding, column: None, cause: cause.to_owned() }
}
