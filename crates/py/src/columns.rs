//! `firmograph.columns`: the kernels of `firmograph-arrow` for whatever speaks Arrow, and for lists.

use crate::arguments::{Rates, Text, TextOrNumber};
use crate::capsule::{Arrays, ArrowChunks, ArrowStream, import};
use crate::errors::{guarded, raised};
use crate::forks::{detached, let_forks_by};
use arrow_array::cast::AsArray;
use arrow_array::{ArrayRef, StringArray};
use arrow_schema::{DataType, Field, FieldRef};
use firmograph::{Error, ErrorKind};
use firmograph_arrow::{Beside, ColumnKernel, aligned, pieces};
use firmograph_normalize::Kind;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyList, PyString, PyTuple};
use std::sync::Arc;

/// The results of a column, or of a table's column as further columns of the table.
#[pyfunction]
#[pyo3(signature = (kind, source, *, column, prefix, field, country, country_column, rates))]
#[expect(clippy::too_many_arguments, reason = "Python's keywords, each given by firmograph/columns.py alone")]
pub(crate) fn columns<'py>(
    kind: &str,
    source: &Bound<'py, PyAny>,
    column: Option<&str>,
    prefix: &str,
    field: Option<&str>,
    country: Option<&Bound<'py, PyAny>>,
    country_column: Option<&str>,
    rates: Option<Rates>,
) -> PyResult<Bound<'py, PyAny>> {
    guarded(|| {
        let py = source.py();
        let kernel = Kind::from_name(kind).ok_or_else(|| usage("unknown-kind", format!("no kind {kind:?}")));
        let kernel =
            kernel.and_then(|kind| ColumnKernel::new(kind, field)).map_err(|error| raised(py, &error))?;
        let kernel = kernel.with_rates(rates.unwrap_or_default().into_pairs());
        let arrays = read(source, kind.ends_with("_range"))?;
        let country = match country {
            None => Country::Constant(None),
            Some(text) if text.is_instance_of::<PyString>() => Country::Constant(Some(text.extract()?)),
            Some(column) => Country::Arrays(read(column, false)?),
        };
        match column {
            Some(name) => {
                let stream = table(kernel, arrays, name, prefix, country, country_column);
                Ok(Bound::new(py, stream.map_err(|error| raised(py, &error))?)?.into_any())
            }
            None => {
                let (field, found) =
                    detached(py, || whole(&kernel, arrays, country)).map_err(|error| raised(py, &error))?;
                ArrowChunks::object(py, field, found)
            }
        }
    })
}

/// The country of each record.
enum Country {
    Constant(Option<String>),
    Arrays(Arrays),
}

/// The results of a column, all of them.
fn whole(
    kernel: &ColumnKernel,
    arrays: Arrays,
    country: Country,
) -> Result<(FieldRef, Vec<ArrayRef>), Error> {
    let given = arrays.field().clone();
    if matches!(given.data_type(), DataType::Struct(_)) {
        let message = "this is a table or a column of structs, and no column of text";
        return Err(usage("no-column", message.to_owned()).with_help("say which one it is: column=\"...\""));
    }
    ColumnKernel::check(given.name(), given.data_type())?;
    let run = |values: &ArrayRef, beside: Beside<'_>| {
        let_forks_by();
        kernel.run(given.name(), values, beside)
    };
    let mut found = Vec::new();
    match country {
        Country::Constant(country) => {
            let beside = Beside::Constant(country.as_deref());
            for array in arrays {
                found
                    .extend(pieces(&array?).map(|piece| run(&piece, beside)).collect::<Result<Vec<_>, _>>()?);
            }
        }
        Country::Arrays(countries) => {
            let (values, countries): (Vec<_>, Vec<_>) =
                (arrays.collect::<Result<_, _>>()?, countries.collect::<Result<_, _>>()?);
            for (values, countries) in aligned(&values, &countries)? {
                for (values, countries) in pieces(&values).zip(pieces(&countries)) {
                    found.push(run(&values, Beside::Column(&countries))?);
                }
            }
        }
    }
    Ok((Arc::new(Field::new(given.name(), kernel.data_type(), true)), found))
}

/// A table with the results of one of its columns behind the others, batch by batch as it is read.
fn table(
    kernel: ColumnKernel,
    arrays: Arrays,
    column: &str,
    prefix: &str,
    country: Country,
    country_column: Option<&str>,
) -> Result<ArrowStream, Error> {
    let given = arrays.field().clone();
    let DataType::Struct(fields) = given.data_type() else {
        let message =
            format!("column={column:?} is for a table, and this is a column of type {}", given.data_type());
        return Err(usage("no-table", message));
    };
    let place = |name: &str| {
        let (place, field) = fields.find(name).ok_or_else(|| {
            let known: Vec<_> = fields.iter().map(|field| format!("{:?}", field.name())).collect();
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            let message = format!("the table has no column {name:?}; it has {known}");
            usage("unknown-column", message)
        })?;
        ColumnKernel::check(name, field.data_type()).map(|()| place)
    };
    let place_of_values = place(column)?;
    let place_of_country = country_column.map(place).transpose()?;
    let Country::Constant(country) = country else {
        let message = "beside a table the country is a text, or one of the table's columns";
        return Err(usage("no-column", message.to_owned()).with_help("say country_column=\"...\""));
    };
    let fields = kernel.appended(fields, prefix)?;
    let all = given.as_ref().clone().with_data_type(DataType::Struct(fields.clone()));
    let batches = arrays.flat_map(|array| match array {
        Ok(array) => pieces(&array).map(Ok).collect::<Vec<_>>(),
        Err(error) => vec![Err(error)],
    });
    let results = batches.map(move |rows| {
        let rows = rows?;
        let rows = rows.as_struct();
        let beside = match place_of_country {
            Some(place) => Beside::Column(rows.column(place)),
            None => Beside::Constant(country.as_deref()),
        };
        Ok(Arc::new(kernel.append(rows, place_of_values, beside, &fields)?) as ArrayRef)
    });
    Ok(ArrowStream::new(Arc::new(all), results))
}

/// Anything that speaks Arrow, or a list of texts; of numbers too where those are what a person means by a range.
fn read(source: &Bound<'_, PyAny>, numbers: bool) -> PyResult<Arrays> {
    let texts: Vec<Option<String>> = if let Ok(list) = source.cast::<PyList>() {
        list.iter().map(|item| text(&item, numbers)).collect::<PyResult<_>>()?
    } else if let Ok(tuple) = source.cast::<PyTuple>() {
        tuple.iter().map(|item| text(&item, numbers)).collect::<PyResult<_>>()?
    } else {
        return import(source);
    };
    let array: ArrayRef = Arc::new(StringArray::from(texts));
    Ok(Arrays::one(Arc::new(Field::new("", DataType::Utf8, true)), array))
}

fn text(item: &Bound<'_, PyAny>, numbers: bool) -> PyResult<Option<String>> {
    let text = if numbers {
        item.extract::<TextOrNumber>().map(|text| text.0)
    } else {
        item.extract::<Text<'_>>().map(|text| text.0.map(str::to_owned))
    };
    text.map_err(|error| match error.is_instance_of::<PyTypeError>(item.py()) {
        true => PyTypeError::new_err(format!("in a list, {}", error.value(item.py()))),
        false => error,
    })
}

fn usage(code: &'static str, message: String) -> Error {
    Error::new(ErrorKind::Usage, code, message)
}
