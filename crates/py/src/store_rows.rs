//! Rows of Python as rows that the engine takes, and who says them.

use crate::cell::{is_fatal, moment, text_of_bytes, type_name};
use firmograph::{COMPANY_COLUMNS, EntityKind, GivenRow, PROSPECT_COLUMNS, Source};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyMapping, PyString};
use serde_json::{Map, Number, Value};

/// Who says a row that does not say so.
const NOBODY: &str = "csv";
/// The longest name of a source.
const LONGEST: usize = 40;
/// Rows after which signals are asked for.
const SIGNALS: u64 = 4_096;
/// As much of a row as a reject shows that could not be read.
const SHOWN: usize = 4_000;

/// The rows of each source, in the order in which the sources come, each with its number among all.
pub(crate) type BySource = Vec<(Source, Vec<(u64, GivenRow)>)>;

/// Reads rows. One that cannot be read is a row all the same, which will be a reject.
pub(crate) fn read(
    kind: EntityKind,
    rows: &Bound<'_, PyAny>,
    said_by: Option<&Source>,
) -> PyResult<(u64, BySource)> {
    let mut all = BySource::new();
    let mut count = 0;
    for row in rows.try_iter()? {
        count += 1;
        if count % SIGNALS == 0 {
            rows.py().check_signals()?;
        }
        let mut given = given(kind, &row?)?;
        let source = match said_by {
            Some(source) => source.clone(),
            None => named(&mut given),
        };
        match all.iter_mut().find(|(known, _)| *known == source) {
            Some((_, rows)) => rows.push((count, given)),
            None => all.push((source, vec![(count, given)])),
        }
    }
    Ok((count, all))
}

fn given(kind: EntityKind, row: &Bound<'_, PyAny>) -> PyResult<GivenRow> {
    let columns = match kind {
        EntityKind::Company => COMPANY_COLUMNS.as_slice(),
        EntityKind::Person => PROSPECT_COLUMNS.as_slice(),
    };
    let unreadable = |column: Option<&str>, cause: String| {
        let column = column.map(str::to_owned);
        Ok(GivenRow::Unreadable { column, cause, original: shown(row)? })
    };
    let Ok(mapping) = row.cast::<PyMapping>() else {
        return unreadable(None, format!("a row is a dict, and this is of type {}", type_name(row)));
    };
    let mut given = Map::new();
    for &column in columns {
        // Not every mapping is a dict, and not every one gives a KeyError alone for what it lacks.
        let cell = match mapping.cast::<PyDict>() {
            Ok(dict) => dict.get_item(column),
            Err(_) => match mapping.contains(column) {
                Ok(false) => Ok(None),
                Ok(true) => mapping.get_item(column).map(Some),
                Err(error) => Err(error),
            },
        };
        match cell.and_then(|cell| cell.map_or(Ok(Ok(Value::Null)), |cell| value(&cell))) {
            Ok(Ok(Value::Null)) => {}
            Ok(Ok(value)) => {
                given.insert(column.to_owned(), value);
            }
            Ok(Err(what)) => return unreadable(Some(column), format!("{column} is {what}")),
            Err(error) if is_fatal(row.py(), &error) => return Err(error),
            Err(error) => return unreadable(Some(column), format!("{column} cannot be read: {error}")),
        }
    }
    Ok(GivenRow::Row(given))
}

/// A cell: text, a number, a time, or nothing; or what it is instead.
fn value(cell: &Bound<'_, PyAny>) -> PyResult<Result<Value, String>> {
    if cell.is_none() {
        return Ok(Ok(Value::Null));
    }
    if let Ok(text) = cell.cast::<PyString>() {
        return Ok(Ok(Value::from(text.to_str()?)));
    }
    if let Ok(truth) = cell.cast::<PyBool>() {
        return Ok(Ok(Value::from(truth.is_true())));
    }
    if cell.is_instance_of::<PyInt>() {
        // What does not fit 64 bits stays as it is written.
        return Ok(Ok(match cell.extract::<i64>() {
            Ok(number) => Value::from(number),
            Err(_) => Value::from(cell.str()?.to_str()?),
        }));
    }
    if let Ok(number) = cell.cast::<PyFloat>() {
        return Ok(Ok(float(number.value())));
    }
    if let Some(text) = moment(cell)? {
        return Ok(Ok(if text.is_empty() { Value::Null } else { Value::from(text) }));
    }
    let kind = type_name(cell);
    if kind == "UUID" {
        return Ok(Ok(Value::from(cell.str()?.to_str()?)));
    }
    if let Some(text) = text_of_bytes(cell)? {
        return Ok(text.map(Value::from).ok_or_else(|| "bytes that are not UTF-8 text".to_owned()));
    }
    // Numbers of any library: NumPy's, or those of the module decimal.
    if let Ok(number) = cell.extract::<i64>() {
        return Ok(Ok(Value::from(number)));
    }
    if let Ok(number) = cell.extract::<f64>() {
        return Ok(Ok(float(number)));
    }
    Ok(Err(format!("of type {kind}, which no cell holds")))
}

/// A number of a column that had blanks is a float to pandas, and was none.
fn float(number: f64) -> Value {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if number.fract() == 0.0 && number.abs() < EXACT {
        return Value::from(number as i64);
    }
    // Not a number, and more than any number: nothing is said.
    Number::from_f64(number).map_or(Value::Null, Value::Number)
}

/// Who says a row: what it names as its external source, in the spelling of sources.
fn named(given: &mut GivenRow) -> Source {
    let nobody = || Source::new(NOBODY).unwrap_or_else(|_| Source::legacy());
    let GivenRow::Row(row) = &given else { return nobody() };
    let Some(text) = row.get("externalSource").and_then(Value::as_str) else { return nobody() };
    let folded: String = text
        .trim()
        .chars()
        .map(|c| match c.to_ascii_lowercase() {
            c @ ('a'..='z' | '0'..='9' | '_' | '-') => c,
            _ => '-',
        })
        .take(LONGEST)
        .collect();
    let folded = folded.trim_matches('-');
    match Source::new(folded) {
        Ok(source) if source.is_pin() || source.is_legacy() => {
            let cause = format!("{text:?} is a source that firmograph itself speaks as");
            let original = Value::Object(row.clone()).to_string();
            *given = GivenRow::Unreadable { column: Some("externalSource".to_owned()), cause, original };
            nobody()
        }
        Ok(source) => source,
        Err(_) => nobody(),
    }
}

fn shown(row: &Bound<'_, PyAny>) -> PyResult<String> {
    let text = match row.repr() {
        Ok(text) => text.to_string_lossy().into_owned(),
        Err(error) if is_fatal(row.py(), &error) => return Err(error),
        Err(_) => format!("<{}>", type_name(row)),
    };
    Ok(text.chars().take(SHOWN).collect())
}
