//! Arguments that are more than a text.

use crate::cell::{self, Cell};
use firmograph::{Error, ErrorKind, Timestamp, parse_observed_at};
use firmograph_normalize::ExchangeRate;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyMapping, PyString};

/// When a source saw something.
///
/// # Errors
/// `bad-date` (usage) where the text is no date.
pub(crate) fn instant(text: &str) -> Result<Timestamp, Error> {
    parse_observed_at(text).ok_or_else(|| {
        Error::new(ErrorKind::Usage, "bad-date", format!("{text:?} is not a date"))
            .with_help("write observed_at as 2026-01-31 or 2026-01-31T12:00:00Z")
    })
}

/// A text, or nothing: None, and the NaN, NaT and NA of a data frame.
pub(crate) struct Text<'a>(pub(crate) Option<&'a str>);

impl<'a, 'py> FromPyObject<'a, 'py> for Text<'a> {
    type Error = PyErr;

    fn extract(object: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        if object.is_instance_of::<PyString>() {
            return Ok(Text(Some(object.extract()?)));
        }
        if object.is_none() || cell::is_missing(&object) {
            Ok(Text(None))
        } else {
            Err(wrong(&object, "str"))
        }
    }
}

/// As [`Text`], or a number of any library written out as one.
pub(crate) struct TextOrNumber(pub(crate) Option<String>);

impl<'py> FromPyObject<'_, 'py> for TextOrNumber {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        if object.is_none() {
            return Ok(TextOrNumber(None));
        }
        if object.is_instance_of::<PyString>() {
            return Ok(TextOrNumber(Some(object.extract()?)));
        }
        if cell::is_missing(&object) {
            return Ok(TextOrNumber(None));
        }
        // True is an int to Python, and no number of people or dollars; its text is no number either.
        match cell::read(&object)? {
            Ok(Cell::Number(text)) if text.parse::<f64>().is_ok() => Ok(TextOrNumber(Some(text))),
            Ok(Cell::Text(text)) if text.parse::<f64>().is_ok() => Ok(TextOrNumber(Some(text.into_owned()))),
            _ => Err(wrong(&object, "str, a number")),
        }
    }
}

fn wrong(object: &Bound<'_, PyAny>, wanted: &str) -> PyErr {
    PyTypeError::new_err(format!("a {wanted} or None was wanted, not {}", cell::type_name(object)))
}

/// The most dollars that one unit of a currency may be worth: millionths up to here are whole numbers to a float.
const HIGHEST: f64 = 1e9;

/// A mapping of currencies to US dollars for one unit, any number of Python's.
#[derive(Default)]
pub(crate) struct Rates(Vec<(String, i64)>);

impl Rates {
    pub(crate) fn into_pairs(self) -> Vec<(String, i64)> {
        self.0
    }

    pub(crate) fn list(&self) -> Vec<ExchangeRate<'_>> {
        let rates = self.0.iter();
        rates.map(|(currency, rate)| ExchangeRate { currency, micro_dollars: *rate }).collect()
    }
}

impl<'py> FromPyObject<'_, 'py> for Rates {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let items = object.cast::<PyMapping>()?.items()?;
        items
            .iter()
            .map(|item| item.extract().and_then(|(code, rate)| pair(code, &rate)))
            .collect::<PyResult<_>>()
            .map(Rates)
    }
}

fn pair(currency: String, rate: &Bound<'_, PyAny>) -> PyResult<(String, i64)> {
    if currency.len() != 3 || !currency.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return Err(PyValueError::new_err(format!("{currency:?} is no code of a currency (ISO 4217)")));
    }
    if rate.is_instance_of::<PyBool>() {
        return Err(PyTypeError::new_err(format!("the rate of {currency} is a bool, not a number")));
    }
    // The nearest float of a rate of up to six decimals is nearer to that many millionths than to any other number of them.
    let micro = (rate.extract::<f64>()? * 1e6).round();
    if !(1.0..=HIGHEST * 1e6).contains(&micro) {
        return Err(PyValueError::new_err(format!(
            "the rate of {currency} is not between 0.000001 and {HIGHEST} dollars"
        )));
    }
    Ok((currency, micro as i64))
}
