//! Columns say what the functions say, of every shared case.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot read should stop")]

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type, UInt8Type, UInt16Type};
use arrow_array::{Array, ArrayRef, Int64Array, StringArray, StructArray};
use arrow_schema::{DataType, Field, Fields};
use firmograph_arrow::{Beside, ColumnKernel, MAX_ROWS, aligned, pieces};
use firmograph_normalize::{Kind, country_code, normalize_in};
use serde_json::Value;
use std::path::Path;
use std::sync::Arc;

/// A cell as JSON would say it.
fn cell(array: &ArrayRef, row: usize) -> Value {
    if array.is_null(row) {
        return Value::Null;
    }
    match array.data_type() {
        DataType::Utf8 => array.as_string::<i32>().value(row).into(),
        DataType::Boolean => array.as_boolean().value(row).into(),
        DataType::UInt8 => array.as_primitive::<UInt8Type>().value(row).into(),
        DataType::UInt16 => array.as_primitive::<UInt16Type>().value(row).into(),
        DataType::Int64 => array.as_primitive::<Int64Type>().value(row).into(),
        DataType::Float64 => array.as_primitive::<Float64Type>().value(row).into(),
        DataType::List(_) => {
            let items = array.as_list::<i32>().value(row);
            (0..items.len()).map(|item| cell(&items, item)).collect()
        }
        DataType::Struct(fields) => {
            let columns = array.as_struct().columns();
            let fields = fields.iter().zip(columns);
            Value::Object(fields.map(|(field, column)| (field.name().clone(), cell(column, row))).collect())
        }
        other => panic!("no column is of type {other}"),
    }
}

/// What the function says of a value, without what columns leave out; null where it says nothing.
fn said(kind: Kind, raw: Option<&str>, country: Option<&str>) -> Value {
    let Some(raw) = raw else { return Value::Null };
    let country = match kind {
        Kind::Phone => country.map(|country| country_code(country).unwrap_or(country)),
        _ => country,
    };
    let Value::Object(mut line) = normalize_in(kind, raw, country) else { panic!("a line is an object") };
    if line.contains_key("unmatched") {
        return Value::Null;
    }
    line.retain(|name, _| name != "raw" && name != "span");
    Value::Object(line)
}

struct Cases {
    texts: ArrayRef,
    countries: ArrayRef,
    expected: Vec<Value>,
}

fn cases(kind: Kind) -> Cases {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../tests/cases/{}.csv", kind.name()));
    let mut reader = csv::Reader::from_path(path).unwrap();
    let country = reader.headers().unwrap().iter().position(|name| name == "record_country");
    let mut rows = vec![(None, None)];
    for record in reader.records() {
        let record = record.unwrap();
        let country = country.map(|place| record[place].to_owned()).filter(|country| !country.is_empty());
        rows.push((Some(record[0].to_owned()), country));
    }
    let expected =
        rows.iter().map(|(text, country)| said(kind, text.as_deref(), country.as_deref())).collect();
    let (texts, countries): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
    Cases {
        texts: Arc::new(StringArray::from(texts)),
        countries: Arc::new(StringArray::from(countries)),
        expected,
    }
}

#[test]
fn every_case_is_as_the_function_says() {
    for &kind in Kind::ALL {
        let Cases { texts, countries, expected } = cases(kind);
        assert!(expected.iter().any(Value::is_object), "{}", kind.name());
        let kernel = ColumnKernel::new(kind, None).unwrap();
        let found = kernel.run("c", &texts, Beside::Column(&countries)).unwrap();
        assert_eq!(found.data_type(), &kernel.data_type());
        for (row, expected) in expected.iter().enumerate() {
            let mut found = cell(&found, row);
            if let Some(fields) = found.as_object_mut() {
                // Lines leave a few fields out where they are null; a column has them always.
                fields.retain(|name, value| !value.is_null() || expected.get(name).is_some());
            }
            assert_eq!(&found, expected, "{} {:?}", kind.name(), cell(&texts, row));
        }
    }
}

#[test]
fn values_that_repeat_are_as_they_were_the_first_time() {
    let twice = |array: &ArrayRef| {
        let texts = array.as_string::<i32>();
        Arc::new(texts.iter().chain(texts.iter()).collect::<StringArray>()) as ArrayRef
    };
    for &kind in Kind::ALL {
        let Cases { texts, countries, .. } = cases(kind);
        let kernel = ColumnKernel::new(kind, None).unwrap();
        let once = kernel.run("c", &texts, Beside::Column(&countries)).unwrap();
        let found = kernel.run("c", &twice(&texts), Beside::Column(&twice(&countries))).unwrap();
        assert_eq!(&found.slice(0, texts.len()), &once, "{}", kind.name());
        assert_eq!(&found.slice(texts.len(), texts.len()), &once, "{}", kind.name());
    }
}

#[test]
fn one_field_is_that_field() {
    for &kind in Kind::ALL {
        let Cases { texts, countries, expected } = cases(kind);
        for field in ColumnKernel::new(kind, None).unwrap().fields() {
            let kernel = ColumnKernel::new(kind, Some(field.name())).unwrap();
            let found = kernel.run("c", &texts, Beside::Column(&countries)).unwrap();
            assert_eq!(found.data_type(), field.data_type());
            for (row, expected) in expected.iter().enumerate() {
                assert_eq!(cell(&found, row), expected[field.name()], "{} {}", kind.name(), field.name());
            }
        }
        let error = ColumnKernel::new(kind, Some("span")).unwrap_err();
        assert_eq!(error.code(), "unknown-field");
    }
}

#[test]
fn a_table_keeps_its_columns() {
    let numbers: ArrayRef = Arc::new(Int64Array::from(vec![Some(1), None]));
    let titles: ArrayRef = Arc::new(StringArray::from(vec!["VP of Sales", "?"]));
    let note = std::collections::HashMap::from([("note".to_owned(), "kept".to_owned())]);
    let fields: Fields = vec![
        Field::new("n", DataType::Int64, true).with_metadata(note),
        Field::new("title", DataType::Utf8, false),
    ]
    .into();
    let table = StructArray::new(fields.clone(), vec![numbers, titles], None);
    let kernel = ColumnKernel::new(Kind::JobTitle, Some("level")).unwrap();
    let all = kernel.appended(&fields, "t_").unwrap();
    let found = kernel.append(&table, 1, Beside::Constant(None), &all).unwrap();
    assert_eq!(found.fields()[..2], fields[..]);
    assert_eq!(found.columns()[..2], table.columns()[..]);
    assert_eq!(cell(found.column_by_name("t_level").unwrap(), 0), 6);
    assert!(found.column_by_name("t_level").unwrap().is_null(1));
    assert_eq!(kernel.appended(&all, "t_").unwrap_err().code(), "column-exists");
}

#[test]
fn an_amount_is_converted() {
    let amounts: ArrayRef = Arc::new(StringArray::from(vec!["€5M"]));
    let kernel = ColumnKernel::new(Kind::RevenueRange, Some("micro_dollars")).unwrap();
    assert!(kernel.run("c", &amounts, Beside::Constant(None)).unwrap().is_null(0));
    let kernel = kernel.with_rates(vec![("EUR".to_owned(), 1_080_000)]);
    assert_eq!(cell(&kernel.run("c", &amounts, Beside::Constant(None)).unwrap(), 0), 1_080_000);
}

#[test]
fn columns_in_other_pieces_are_aligned() {
    let array = |range: std::ops::Range<i64>| Arc::new(Int64Array::from_iter_values(range)) as ArrayRef;
    let left = [array(0..3), array(3..3), array(3..10)];
    let right = [array(0..0), array(0..5), array(5..9), array(9..10)];
    let pairs = aligned(&left, &right).unwrap();
    let lengths: Vec<_> = pairs.iter().map(|(left, _)| left.len()).collect();
    assert_eq!(lengths, [3, 2, 4, 1]);
    assert!(pairs.iter().all(|(left, right)| left == right));
    assert_eq!(aligned(&left, &right[..3]).unwrap_err().code(), "length");
    assert!(aligned(&[], &[]).unwrap().is_empty());
}

#[test]
fn long_arrays_are_cut() {
    let lengths = |rows: usize| {
        let array: ArrayRef = Arc::new(Int64Array::from_iter_values(0..rows as i64));
        pieces(&array).map(|piece| piece.len()).collect::<Vec<_>>()
    };
    assert_eq!(lengths(0), [0]);
    assert_eq!(lengths(MAX_ROWS), [MAX_ROWS]);
    assert_eq!(lengths(2 * MAX_ROWS + 1), [MAX_ROWS, MAX_ROWS, 1]);
}
