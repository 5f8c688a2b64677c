use crate::moment;
use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Date64Type, Decimal32Type, Decimal64Type, Decimal128Type, Decimal256Type,
    DecimalType, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType,
    UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{
    Array, ArrayRef, GenericBinaryArray, GenericStringArray, LargeStringArray, OffsetSizeTrait,
    PrimitiveArray, StringArray, StringViewArray,
};
use arrow_schema::{DataType, TimeUnit};
use firmograph_core::{Error, ErrorKind};
use std::fmt::Display;

/// A column read as text: what a cell of a CSV file would say. `None` where it is null.
///
/// Text in any of Arrow's layouts is borrowed; numbers, truth values and times are written out once, as a dict of Python with the
/// same value gives them: days as `2026-01-31`, times as `isoformat` has them. A float that is a whole number loses its `.0` (a
/// data frame with gaps makes floats of numbers), NaN is nothing, and a decimal keeps its digits.
///
/// What Arrow calls text may be none: readers of Parquet take the file's word for it. Bytes that are no UTF-8 read as null, and
/// [`is_broken`](Self::is_broken) tells.
#[derive(Debug, Clone)]
pub struct TextColumn {
    layout: Layout,
    /// Rows whose bytes are no text, in their order.
    broken: Vec<usize>,
}

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
            DataType::Utf8 => return Ok(checked::<i32>(array.as_string(), Layout::Utf8)),
            DataType::LargeUtf8 => return Ok(checked::<i64>(array.as_string(), Layout::Large)),
            DataType::Utf8View => return Ok(checked_view(array.as_string_view())),
            DataType::Null => Layout::Null,
            // Keys of a dictionary without a word are null, all of them, and cannot be normalised.
            DataType::Dictionary(..) if array.as_any_dictionary().values().is_empty() => {
                Self::new(name, array.as_any_dictionary().values())?;
                Layout::Null
            }
            DataType::Dictionary(..) => {
                let dictionary = array.as_any_dictionary();
                let values = Self::new(name, dictionary.values())?;
                let keys = dictionary.normalized_keys().into_iter().enumerate();
                let keys: Vec<Option<usize>> =
                    keys.map(|(row, key)| (!dictionary.is_null(row)).then_some(key)).collect();
                let broken = if values.broken.is_empty() {
                    Vec::new()
                } else {
                    let is_broken = |row: &usize| keys[*row].is_some_and(|key| values.is_broken(key));
                    (0..keys.len()).filter(is_broken).collect()
                };
                return Ok(TextColumn { layout: Layout::Dictionary(keys, Box::new(values)), broken });
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
            // By its own digits: as a double, 10.1 would be 10.100000381469727.
            DataType::Float32 => {
                written::<Float32Type>(array, |value| float(value.to_string().parse().unwrap_or(f64::NAN)))
            }
            DataType::Float64 => written::<Float64Type>(array, float),
            DataType::Decimal32(_, scale) => decimal::<Decimal32Type>(array, *scale),
            DataType::Decimal64(_, scale) => decimal::<Decimal64Type>(array, *scale),
            DataType::Decimal128(_, scale) => decimal::<Decimal128Type>(array, *scale),
            DataType::Decimal256(_, scale) => decimal::<Decimal256Type>(array, *scale),
            DataType::Date32 => written::<Date32Type>(array, |days| moment::day(i64::from(days) * 86_400)),
            DataType::Date64 => written::<Date64Type>(array, |time| moment::day(time.div_euclid(1_000))),
            DataType::Timestamp(unit, zone) => {
                let zone = moment::zone(zone.as_deref());
                let write = |time, per_second| moment::instant(time, per_second, zone.as_ref());
                match unit {
                    TimeUnit::Second => written::<TimestampSecondType>(array, |time| write(time, 1)),
                    TimeUnit::Millisecond => {
                        written::<TimestampMillisecondType>(array, |time| write(time, 1_000))
                    }
                    TimeUnit::Microsecond => {
                        written::<TimestampMicrosecondType>(array, |time| write(time, 1_000_000))
                    }
                    TimeUnit::Nanosecond => {
                        written::<TimestampNanosecondType>(array, |time| write(time, 1_000_000_000))
                    }
                }
            }
            other => {
                let message = format!("column {name:?} is of type {other}, which is no text");
                let help =
                    "give text, or what can be written as text: numbers, decimals, truth values, days, times";
                return Err(Error::new(ErrorKind::Usage, "arrow-type", message).with_help(help));
            }
        };
        Ok(TextColumn { layout, broken: Vec::new() })
    }

    /// Reads bytes as the UTF-8 text that they hold; `None` for a column of another type.
    pub(crate) fn of_bytes(array: &ArrayRef) -> Option<Self> {
        fn read<'a>(array: &'a impl Array, value: impl Fn(usize) -> &'a [u8]) -> TextColumn {
            mended((0..array.len()).map(|row| array.is_valid(row).then(|| value(row))))
        }
        Some(match array.data_type() {
            DataType::Binary => {
                let bytes = array.as_binary::<i32>();
                read(bytes, |row| bytes.value(row))
            }
            DataType::LargeBinary => {
                let bytes = array.as_binary::<i64>();
                read(bytes, |row| bytes.value(row))
            }
            DataType::BinaryView => {
                let bytes = array.as_binary_view();
                read(bytes, |row| bytes.value(row))
            }
            _ => return None,
        })
    }

    /// Reads a column of which every text must be one.
    ///
    /// # Errors
    /// As [`new`](Self::new), and `bad-encoding` (data) where bytes are no UTF-8.
    pub(crate) fn whole(name: &str, array: &ArrayRef) -> Result<Self, Error> {
        let column = Self::new(name, array)?;
        match column.broken.first() {
            None => Ok(column),
            Some(row) => {
                let message = format!("row {row} of column {name:?} has bytes that are not utf-8 text");
                Err(Error::new(ErrorKind::Data, "bad-encoding", message))
            }
        }
    }

    /// Whether the row holds bytes that are no text.
    #[must_use]
    pub fn is_broken(&self, row: usize) -> bool {
        !self.broken.is_empty() && self.broken.binary_search(&row).is_ok()
    }

    /// The text of a row; rows beyond the last are null.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<&str> {
        match &self.layout {
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

fn decimal<T: DecimalType>(array: &ArrayRef, scale: i8) -> Layout {
    written::<T>(array, |value| Some(T::format_decimal(value, T::MAX_PRECISION, scale)))
}

/// Text whose bytes are looked at once, all that the rows span: a slice of a long array is not paid for as the whole.
fn checked<O: OffsetSizeTrait>(
    array: &GenericStringArray<O>,
    layout: fn(GenericStringArray<O>) -> Layout,
) -> TextColumn {
    let offsets = array.value_offsets();
    let (first, last) = (offsets[0].as_usize(), offsets[array.len()].as_usize());
    let is_text = array.value_data().get(first..last).is_some_and(|bytes| {
        let is_cut = |text: &str| offsets.iter().any(|at| !text.is_char_boundary(at.as_usize() - first));
        bytes.is_ascii() || str::from_utf8(bytes).is_ok_and(|text| !is_cut(text))
    });
    if is_text {
        return TextColumn { layout: layout(array.clone()), broken: Vec::new() };
    }
    let bytes = GenericBinaryArray::<O>::from(array.clone());
    mended((0..bytes.len()).map(|row| bytes.is_valid(row).then(|| bytes.value(row))))
}

fn checked_view(array: &StringViewArray) -> TextColumn {
    let bytes = array.clone().to_binary_view();
    let values = || (0..bytes.len()).map(|row| bytes.is_valid(row).then(|| bytes.value(row)));
    if values().flatten().all(|bytes| str::from_utf8(bytes).is_ok()) {
        return TextColumn { layout: Layout::View(array.clone()), broken: Vec::new() };
    }
    mended(values())
}

/// The values that are text, and which are not.
fn mended<'a>(values: impl Iterator<Item = Option<&'a [u8]>>) -> TextColumn {
    let mut broken = Vec::new();
    let texts = values.enumerate().map(|(row, bytes)| match str::from_utf8(bytes?) {
        Ok(text) => Some(text),
        Err(_) => {
            broken.push(row);
            None
        }
    });
    let texts: LargeStringArray = texts.collect();
    TextColumn { layout: Layout::Large(texts), broken }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{
        BooleanArray, Date32Array, Decimal128Array, DictionaryArray, Float32Array, Float64Array, Int64Array,
        ListArray, NullArray, TimestampMillisecondArray,
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
        assert_eq!(texts(time), some(&["1970-01-01T00:00:01.500000"]));
        assert_eq!(texts(Date32Array::from(vec![20_000, -1])), some(&["2024-10-04", "1969-12-31"]));
        assert_eq!(texts(Float32Array::from(vec![10.1, 94105.0])), some(&["10.1", "94105"]));
        let money = Decimal128Array::from(vec![500_000_000, -5]).with_precision_and_scale(9, 2).unwrap();
        assert_eq!(texts(money), some(&["5000000.00", "-0.05"]));
    }

    #[test]
    fn bytes_that_are_no_text_are_null_and_told() {
        // Safe Rust makes no array of them; tests/python has some from pyarrow.
        let column = mended([Some(&b"ab"[..]), None, Some(b"VP \xF0"), Some("é".as_bytes())].into_iter());
        let read: Vec<_> = (0..4).map(|row| (column.get(row), column.is_broken(row))).collect();
        assert_eq!(read, [(Some("ab"), false), (None, false), (None, true), (Some("é"), false)]);
        let whole: ArrayRef = Arc::new(StringArray::from(vec!["aé", "é", "b"]));
        for (start, length) in [(0, 3), (1, 1), (2, 1), (0, 0), (3, 0)] {
            assert!(TextColumn::whole("c", &whole.slice(start, length)).is_ok());
        }
    }

    #[test]
    fn a_list_is_no_text() {
        let list = ListArray::from_iter_primitive::<Int32Type, _, _>([Some([Some(1)])]);
        let array: ArrayRef = Arc::new(list);
        assert_eq!(TextColumn::new("tags", &array).unwrap_err().code(), "arrow-type");
    }
}
