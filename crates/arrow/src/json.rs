//! Rows that hold lists and structs of their own, as the JSON objects that a file would hold for them.

use crate::text::TextColumn;
use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, FixedSizeListArray, GenericListArray, OffsetSizeTrait};
use arrow_buffer::NullBuffer;
use arrow_schema::DataType;
use firmograph::sources::push_json_text;
use firmograph_core::Error;

/// Whether values of this type hold others.
pub(crate) fn is_nested(data_type: &DataType) -> bool {
    matches!(
        data_type,
        DataType::Struct(_)
            | DataType::List(_)
            | DataType::LargeList(_)
            | DataType::FixedSizeList(..)
            | DataType::Map(..)
    )
}

/// A column as JSON values; nulls are left out, as most writers of JSON leave them out.
pub(crate) enum JsonColumn {
    /// One text or number a row, and whether JSON has it without quotes.
    Leaf(TextColumn, bool),
    Struct(Option<NullBuffer>, Vec<(String, JsonColumn)>),
    /// Where the elements of each row begin; those of the last row end where one more would begin.
    List(Option<NullBuffer>, Vec<usize>, Box<JsonColumn>),
    /// As a list, of entries with a key and a value.
    Map(Option<NullBuffer>, Vec<usize>, TextColumn, Box<JsonColumn>),
}

impl JsonColumn {
    /// Reads a column; `name` is for the error.
    ///
    /// # Errors
    /// What [`TextColumn::new`] gives, for what holds no others. Bytes within another column are the UTF-8 text that they hold.
    pub(crate) fn new(name: &str, array: &ArrayRef) -> Result<JsonColumn, Error> {
        Ok(match array.data_type() {
            DataType::Struct(fields) => {
                let columns = fields.iter().zip(array.as_struct().columns());
                let inner = columns.map(|(field, column)| {
                    let name = format!("{name}.{}", field.name());
                    Ok((field.name().clone(), Self::inner(&name, column)?))
                });
                JsonColumn::Struct(array.nulls().cloned(), inner.collect::<Result<_, Error>>()?)
            }
            DataType::List(_) => Self::list::<i32>(name, array.as_list())?,
            DataType::LargeList(_) => Self::list::<i64>(name, array.as_list())?,
            DataType::FixedSizeList(..) => Self::fixed(name, array.as_fixed_size_list())?,
            DataType::Map(..) => {
                let map = array.as_map();
                let (first, starts) = starts(map.value_offsets());
                let length = starts.last().copied().unwrap_or(0);
                let keys = TextColumn::new(name, &map.keys().slice(first, length))?;
                let values = Self::inner(name, &map.values().slice(first, length))?;
                JsonColumn::Map(map.nulls().cloned(), starts, keys, Box::new(values))
            }
            data_type => {
                let said = match data_type {
                    DataType::Dictionary(_, values) => values,
                    data_type => data_type,
                };
                let is_plain = said.is_numeric() || *said == DataType::Boolean;
                JsonColumn::Leaf(TextColumn::new(name, array)?, is_plain)
            }
        })
    }

    /// A column within another.
    fn inner(name: &str, array: &ArrayRef) -> Result<JsonColumn, Error> {
        match TextColumn::of_bytes(array) {
            Some(texts) => Ok(JsonColumn::Leaf(texts, false)),
            None => Self::new(name, array),
        }
    }

    fn list<O: OffsetSizeTrait>(name: &str, list: &GenericListArray<O>) -> Result<JsonColumn, Error> {
        let (first, starts) = starts(list.value_offsets());
        let length = starts.last().copied().unwrap_or(0);
        // Only what the rows hold: a slice of a long list has all its elements behind it.
        let elements = Self::inner(name, &list.values().slice(first, length))?;
        Ok(JsonColumn::List(list.nulls().cloned(), starts, Box::new(elements)))
    }

    fn fixed(name: &str, list: &FixedSizeListArray) -> Result<JsonColumn, Error> {
        let length = list.value_length() as usize;
        let starts = (0..=list.len()).map(|row| row * length).collect();
        let elements = Self::inner(name, list.values())?;
        Ok(JsonColumn::List(list.nulls().cloned(), starts, Box::new(elements)))
    }

    /// Whether bytes that are no text stand in this row.
    pub(crate) fn is_broken(&self, row: usize) -> bool {
        match self {
            JsonColumn::Leaf(column, _) => column.is_broken(row),
            JsonColumn::Struct(nulls, fields) => {
                is_valid(nulls, row) && fields.iter().any(|(_, column)| column.is_broken(row))
            }
            JsonColumn::List(nulls, starts, elements) => {
                is_valid(nulls, row) && (starts[row]..starts[row + 1]).any(|at| elements.is_broken(at))
            }
            JsonColumn::Map(nulls, starts, keys, values) => {
                let mut entries = starts[row]..starts[row + 1];
                is_valid(nulls, row) && entries.any(|at| keys.is_broken(at) || values.is_broken(at))
            }
        }
    }

    /// Appends the value of a row; whether there is one.
    pub(crate) fn push(&self, row: usize, json: &mut String) -> bool {
        match self {
            JsonColumn::Leaf(column, is_plain) => match column.get(row) {
                None => return false,
                // JSON has no word for infinities.
                Some(text) if *is_plain && !text.ends_with("inf") => json.push_str(text),
                Some(text) => push_json_text(json, text),
            },
            JsonColumn::Struct(nulls, _) | JsonColumn::List(nulls, ..) | JsonColumn::Map(nulls, ..)
                if !is_valid(nulls, row) =>
            {
                return false;
            }
            JsonColumn::Struct(_, fields) => {
                push_object(json, fields.iter().map(|(name, column)| (name.as_str(), column, row)));
            }
            JsonColumn::List(_, starts, elements) => {
                json.push('[');
                for at in starts[row]..starts[row + 1] {
                    if at > starts[row] {
                        json.push(',');
                    }
                    // An element keeps its place.
                    if !elements.push(at, json) {
                        json.push_str("null");
                    }
                }
                json.push(']');
            }
            JsonColumn::Map(_, starts, keys, values) => {
                let entries = (starts[row]..starts[row + 1])
                    .filter_map(|at| Some((keys.get(at)?, values.as_ref(), at)));
                push_object(json, entries);
            }
        }
        true
    }
}

/// Appends an object of columns, each with its name and row.
pub(crate) fn push_object<'a>(
    json: &mut String,
    entries: impl Iterator<Item = (&'a str, &'a JsonColumn, usize)>,
) {
    json.push('{');
    let mut is_first = true;
    for (name, column, row) in entries {
        let before = json.len();
        if !is_first {
            json.push(',');
        }
        push_json_text(json, name);
        json.push(':');
        if column.push(row, json) {
            is_first = false;
        } else {
            json.truncate(before);
        }
    }
    json.push('}');
}

fn is_valid(nulls: &Option<NullBuffer>, row: usize) -> bool {
    nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row))
}

/// Where the first row's elements begin, and where those of each row do from there.
fn starts<O: OffsetSizeTrait>(offsets: &[O]) -> (usize, Vec<usize>) {
    let first = offsets.first().map_or(0, |offset| offset.as_usize());
    (first, offsets.iter().map(|offset| offset.as_usize() - first).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::builder::{Int32Builder, ListBuilder, MapBuilder, StringBuilder};
    use arrow_array::{BinaryArray, Float64Array, StringArray, StructArray};
    use arrow_schema::Field;
    use std::sync::Arc;

    fn rows(array: &ArrayRef) -> Vec<Option<String>> {
        let column = JsonColumn::new("c", array).unwrap();
        (0..array.len())
            .map(|row| {
                let mut json = String::new();
                column.push(row, &mut json).then_some(json)
            })
            .collect()
    }

    #[test]
    fn what_holds_others_is_json_from_any_slice() {
        let mut lists = ListBuilder::new(Int32Builder::new());
        lists.append_value([Some(1), None]);
        lists.append_null();
        lists.append_value([Some(3)]);
        let lists: ArrayRef = Arc::new(lists.finish());
        let texts: ArrayRef = Arc::new(StringArray::from(vec![Some("a\"b"), None, Some("c")]));
        let bytes: ArrayRef = Arc::new(BinaryArray::from(vec![&b"x"[..], b"y", b"z"]));
        let floats: ArrayRef = Arc::new(Float64Array::from(vec![f64::INFINITY, 1e300, 2.0]));
        let field =
            |name: &str, array: &ArrayRef| Arc::new(Field::new(name, array.data_type().clone(), true));
        let columns = [("tags", lists), ("name", texts), ("code", bytes), ("size", floats)];
        let columns = columns.map(|(name, array)| (field(name, &array), array)).to_vec();
        let all: ArrayRef = Arc::new(StructArray::from(columns));
        let expected = [
            r#"{"tags":[1,null],"name":"a\"b","code":"x","size":"inf"}"#.to_owned(),
            format!(r#"{{"code":"y","size":{}}}"#, 1e300),
            r#"{"tags":[3],"name":"c","code":"z","size":2}"#.to_owned(),
        ];
        assert_eq!(rows(&all), expected.clone().map(Some));
        assert_eq!(rows(&all.slice(2, 1)), [Some(expected[2].clone())]);

        let mut maps = MapBuilder::new(None, StringBuilder::new(), Int32Builder::new());
        maps.keys().append_value("x");
        maps.values().append_value(1);
        maps.append(true).unwrap();
        maps.append(false).unwrap();
        maps.keys().append_value("y");
        maps.values().append_null();
        maps.append(true).unwrap();
        let maps: ArrayRef = Arc::new(maps.finish());
        assert_eq!(rows(&maps), [Some(r#"{"x":1}"#.to_owned()), None, Some("{}".to_owned())]);
        assert_eq!(rows(&maps.slice(1, 2)), [None, Some("{}".to_owned())]);
    }
}
