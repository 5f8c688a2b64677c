use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Int8Type, Int16Type, Int32Type, Int64Type, TimestampMicrosecondType,
    TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type,
    UInt32Type, UInt64Type,
};
use arrow_array::{
    Array, ArrayRef, LargeStringArray, PrimitiveArray, StringArray, StringViewArray,
    types::{ArrowPrimitiveType, Float32Type, Float64Type},
};
use arrow_schema::{DataType, TimeUnit};
use firmograph_core::{Error, ErrorKind, Timestamp};
use std::fmt::Display;

/// A column read as text: what a cell of a CSV file would say. `None` where it is null.
///
/// Text in any of Arrow's layouts is borrowed; whole numbers, floats, truth values and times are written out once. A float that
/// is a whole number loses its `.0` (a data frame with gaps makes floats of numbers), and NaN is nothing.
#[derive(Debug, Clone)]
pub struct TextColumn(Layout);

#[derive(Debug, Clone)]
enum Layout {
    Utf8(StringArray),
    Large(LargeStringArray),
    View(StringViewArray),
    /// Where each value stands among the distinct ones; `None` for null.
    Dictionary(Vec<Option<usize>>, Box<TextColumn>),
    Null,
}

impl TextColumn {
    /// Reads a column; `name` is for the error.
    ///
    /// # Errors
    /// `arrow-type` (usage) where the type holds no single value, as a list or a struct does, or bytes.
    pub fn new(name: &str, array: &ArrayRef) -> Result<Self, Error> {
        let layout = match array.data_type() {
            DataType::Utf8 => Layout::Utf8(array.as_string().clone()),
            DataType::LargeUtf8 => Layout::Large(array.as_string().clone()),
            DataType::Utf8View => Layout::View(array.as_string_view().clone()),
            DataType::Null => Layout::Null,
            // Keys of a dictionary without a word are null, all of them, and cannot be normalised.
            DataType::Dictionary(..) if array.as_any_dictionary().values().is_empty() => {
                Self::new(name, array.as_any_dictionary().values())?;
                Layout::Null
            }
            DataType::Dictionary(..) => {
                let dictionary = array.as_any_dictionary();
                let keys = dictionary.normalized_keys();
                let keys = keys.into_iter().enumerate();
                let keys = keys.map(|(row, key)| (!dictionary.is_null(row)).then_some(key)).collect();
                Layout::Dictionary(keys, Box::new(Self::new(name, dictionary.values())?))
            }
            DataType::Boolean => {
                let values = array.as_boolean().iter();
                Layout::Utf8(values.map(|value| value.map(|value| value.to_string())).collect())
            }
            DataType::Int8 => whole::<Int8Type>(array),
            DataType::Int16 => whole::<Int16Type>(array),
            DataType::Int32 => whole::<Int32Type>(array),
            DataType::Int64 => whole::<Int64Type>(array),
            DataType::UInt8 => whole::<UInt8Type>(array),
            DataType::UInt16 => whole::<UInt16Type>(array),
            DataType::UInt32 => whole::<UInt32Type>(array),
            DataType::UInt64 => whole::<UInt64Type>(array),
            DataType::Float32 => written::<Float32Type>(array, |value| float(f64::from(value))),
            DataType::Float64 => written::<Float64Type>(array, float),
            DataType::Date32 => written::<Date32Type>(array, |days| instant(i64::from(days) * 86_400, 1)),
            DataType::Timestamp(TimeUnit::Second, _) => {
                written::<TimestampSecondType>(array, |time| instant(time, 1))
            }
            DataType::Timestamp(TimeUnit::Millisecond, _) => {
                written::<TimestampMillisecondType>(array, |time| instant(time, 1_000))
            }
            DataType::Timestamp(TimeUnit::Microsecond, _) => {
                written::<TimestampMicrosecondType>(array, |time| instant(time, 1_000_000))
            }
            DataType::Timestamp(TimeUnit::Nanosecond, _) => {
                written::<TimestampNanosecondType>(array, |time| instant(time, 1_000_000_000))
            }
            other => {
                let message = format!("column {name:?} is of type {other}, which is no text");
                let help =
                    "give text, or what can be written as text: whole numbers, floats, truth values, times";
                return Err(Error::new(ErrorKind::Usage, "arrow-type", message).with_help(help));
            }
        };
        Ok(TextColumn(layout))
    }

    /// The text of a row; rows beyond the last are null.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<&str> {
        match &self.0 {
            Layout::Utf8(array) => (row < array.len() && array.is_valid(row)).then(|| array.value(row)),
            Layout::Large(array) => (row < array.len() && array.is_valid(row)).then(|| array.value(row)),
            Layout::View(array) => (row < array.len() && array.is_valid(row)).then(|| array.value(row)),
            Layout::Dictionary(keys, values) => values.get((*keys.get(row)?)?),
            Layout::Null => None,
        }
    }
}

fn written<T: ArrowPrimitiveType>(array: &ArrayRef, write: impl Fn(T::Native) -> Option<String>) -> Layout {
    let values: &PrimitiveArray<T> = array.as_primitive();
    Layout::Utf8(values.iter().map(|value| value.and_then(&write)).collect())
}

fn whole<T: ArrowPrimitiveType<Native: Display>>(array: &ArrayRef) -> Layout {
    written::<T>(array, |value| Some(value.to_string()))
}

/// Up to here every whole number is a float.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// A float as a person would write it; NaN is nothing.
#[must_use]
pub fn float(value: f64) -> Option<String> {
    match value {
        value if value.is_nan() => None,
        // Minus zero is no number that anybody writes.
        0.0 => Some("0".to_owned()),
        value if value.fract() == 0.0 && value.abs() <= EXACT => Some(format!("{value:.0}")),
        value => Some(value.to_string()),
    }
}

fn instant(time: i64, per_second: i64) -> Option<String> {
    let nanos = i128::from(time) * i128::from(1_000_000_000 / per_second);
    Timestamp::from_nanosecond(nanos).ok().map(|time| time.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{
        BooleanArray, DictionaryArray, Float64Array, Int64Array, ListArray, NullArray,
        TimestampMillisecondArray, types::Int32Type,
    };
    use std::sync::Arc;

    fn texts(array: impl Array + 'static) -> Vec<Option<String>> {
        let array: ArrayRef = Arc::new(array);
        let column = TextColumn::new("c", &array).unwrap();
        assert_eq!(column.get(array.len()), None);
        (0..array.len()).map(|row| column.get(row).map(str::to_owned)).collect()
    }

    #[test]
    fn every_layout_of_text_reads_the_same() {
        let given = [Some("a"), None, Some(""), Some("a text that fits in no view of sixteen bytes")];
        let expected: Vec<Option<String>> = given.iter().map(|text| text.map(str::to_owned)).collect();
        assert_eq!(texts(StringArray::from_iter(given)), expected);
        assert_eq!(texts(LargeStringArray::from_iter(given)), expected);
        assert_eq!(texts(StringViewArray::from_iter(given)), expected);
        assert_eq!(texts(given.into_iter().collect::<DictionaryArray<Int32Type>>()), expected);
        assert_eq!(texts(StringArray::from_iter(given).slice(1, 3)), expected[1..]);
        assert_eq!(texts(NullArray::new(2)), [None, None]);
        assert_eq!(
            texts([None::<&str>; 2].into_iter().collect::<DictionaryArray<Int32Type>>()),
            [None, None]
        );
    }

    #[test]
    fn numbers_and_times_are_written_out() {
        let some = |texts: &[&str]| texts.iter().map(|text| Some((*text).to_owned())).collect::<Vec<_>>();
        assert_eq!(texts(Int64Array::from(vec![-5, 94105])), some(&["-5", "94105"]));
        let floats = texts(Float64Array::from(vec![94105.0, 0.5, -0.0, 1e300, f64::NAN]));
        assert_eq!(floats[..3], some(&["94105", "0.5", "0"]));
        assert_eq!(floats[4], None);
        assert_eq!(texts(BooleanArray::from(vec![true])), some(&["true"]));
        let time = TimestampMillisecondArray::from(vec![1_500]);
        assert_eq!(texts(time), some(&["1970-01-01T00:00:01.5Z"]));
    }

    #[test]
    fn a_list_is_no_text() {
        let list = ListArray::from_iter_primitive::<Int32Type, _, _>([Some([Some(1)])]);
        let array: ArrayRef = Arc::new(list);
        assert_eq!(TextColumn::new("tags", &array).unwrap_err().code(), "arrow-type");
    }
}
