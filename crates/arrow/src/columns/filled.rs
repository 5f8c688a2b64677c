use arrow_array::builder::{BooleanBuilder, StringBuilder};
use arrow_array::cast::AsArray;
use arrow_array::types::{ArrowPrimitiveType, Float64Type, Int64Type, UInt8Type, UInt16Type};
use arrow_array::{Array, ArrayRef, ListArray, PrimitiveArray};
use arrow_buffer::{NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::{ArrowError, DataType};
use std::sync::Arc;

/// A column with, for each row, the value that stands at its place in `column`: for the types that results have.
///
/// `take` of arrow-select does the same for every type that there is, and brings half a megabyte of code that no result needs.
///
/// # Errors
/// For other types, and where the text or the elements of all rows are more than 2^31.
pub(super) fn filled(column: &ArrayRef, places: &[u32]) -> Result<ArrayRef, ArrowError> {
    Ok(match column.data_type() {
        DataType::Utf8 => {
            let texts = column.as_string::<i32>();
            let offsets = texts.value_offsets();
            let length = |place: u32| (offsets[place as usize + 1] - offsets[place as usize]) as usize;
            let bytes = places.iter().map(|&place| length(place)).sum();
            if i32::try_from(bytes).is_err() {
                return Err(ArrowError::OffsetOverflowError(bytes));
            }
            let mut built = StringBuilder::with_capacity(places.len(), bytes);
            for &place in places {
                let place = place as usize;
                built.append_option(texts.is_valid(place).then(|| texts.value(place)));
            }
            Arc::new(built.finish())
        }
        DataType::Boolean => {
            let flags = column.as_boolean();
            let mut built = BooleanBuilder::with_capacity(places.len());
            for &place in places {
                let place = place as usize;
                built.append_option(flags.is_valid(place).then(|| flags.value(place)));
            }
            Arc::new(built.finish())
        }
        DataType::UInt8 => numbers::<UInt8Type>(column, places),
        DataType::UInt16 => numbers::<UInt16Type>(column, places),
        DataType::Int64 => numbers::<Int64Type>(column, places),
        DataType::Float64 => numbers::<Float64Type>(column, places),
        DataType::List(field) => {
            let lists = column.as_list::<i32>();
            let offsets = lists.value_offsets();
            let (mut starts, mut elements) = (Vec::with_capacity(places.len() + 1), Vec::new());
            starts.push(0);
            for &place in places {
                let place = place as usize;
                elements.extend(offsets[place] as u32..offsets[place + 1] as u32);
                let end = i32::try_from(elements.len());
                starts.push(end.map_err(|_| ArrowError::OffsetOverflowError(elements.len()))?);
            }
            let offsets = OffsetBuffer::new(ScalarBuffer::from(starts));
            let values = filled(lists.values(), &elements)?;
            Arc::new(ListArray::try_new(Arc::clone(field), offsets, values, nulls(column, places))?)
        }
        other => return Err(ArrowError::NotYetImplemented(format!("rows of {other} from their places"))),
    })
}

fn numbers<T: ArrowPrimitiveType>(column: &ArrayRef, places: &[u32]) -> ArrayRef {
    let values = column.as_primitive::<T>().values();
    let values: ScalarBuffer<T::Native> = places.iter().map(|&place| values[place as usize]).collect();
    Arc::new(PrimitiveArray::<T>::new(values, nulls(column, places)))
}

fn nulls(column: &ArrayRef, places: &[u32]) -> Option<NullBuffer> {
    let nulls = column.nulls()?;
    Some(places.iter().map(|&place| nulls.is_valid(place as usize)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::builder::{ListBuilder, UInt8Builder};
    use arrow_array::{BooleanArray, Float64Array, StringArray};

    #[test]
    fn each_row_is_the_value_of_its_place() {
        let mut lists = ListBuilder::new(UInt8Builder::new());
        lists.append_value([Some(1), None, Some(3)]);
        lists.append_null();
        lists.append_value([]);
        let columns: [ArrayRef; 4] = [
            Arc::new(StringArray::from(vec![Some("a"), None, Some("")])),
            Arc::new(BooleanArray::from(vec![Some(true), None, Some(false)])),
            Arc::new(Float64Array::from(vec![Some(0.5), None, Some(1.0)])),
            Arc::new(lists.finish()),
        ];
        for column in columns {
            for whole in [Arc::clone(&column), column.slice(0, 3)] {
                let found = filled(&whole, &[2, 0, 1, 0]).unwrap();
                assert_eq!(found.data_type(), column.data_type());
                for (row, place) in [2, 0, 1, 0].into_iter().enumerate() {
                    assert_eq!(&found.slice(row, 1), &column.slice(place, 1), "{}", column.data_type());
                }
            }
            let end = filled(&column.slice(1, 2), &[1]).unwrap();
            assert_eq!(&end, &column.slice(2, 1), "a slice has places of its own");
            assert_eq!(filled(&column, &[]).unwrap().len(), 0);
        }
    }
}
