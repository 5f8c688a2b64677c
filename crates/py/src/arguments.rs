//! Arguments that are more than a text.

use firmograph::{Error, ErrorKind, Timestamp, parse_observed_at};
use firmograph_normalize::ExchangeRate;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyInt, PyMapping, PyString};

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

/// Text, or a whole number written out as one.
pub(crate) struct TextOrNumber(pub(crate) String);

impl<'py> FromPyObject<'_, 'py> for TextOrNumber {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        // True is an int to Python, and no number of people or dollars.
        let number = object.is_instance_of::<PyInt>() && !object.is_instance_of::<PyBool>();
        if number || object.is_instance_of::<PyString>() {
            Ok(TextOrNumber(object.str()?.extract()?))
        } else {
            Err(PyTypeError::new_err(format!(
                "a str, an int or None was wanted, not {}",
                object.get_type().name()?
            )))
        }
    }
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
