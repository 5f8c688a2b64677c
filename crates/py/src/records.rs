//! Dicts in, dicts out: what an ingestor that has a writer of its own calls between reading and writing.

use crate::arguments::instant;
use crate::cell;
use crate::errors::{guarded, raised};
use firmograph::sources::Mapping;
use firmograph::{
    Attribute, Coalescer, EntityKind, Error, GoldenRow, NormalizedRecord, NormalizedRow, Normalizer,
    NormalizerOptions, Priorities, RejectCode, Scalar, Source, golden_columns,
};
use firmograph_core::{company_key_kind, origin_columns};
use pyo3::exceptions::PyTypeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString, PyTuple};
use std::borrow::Cow;
use std::path::Path;

/// Rows that are given their meaning at a time, without the interpreter's lock.
const PIECE_ROWS: usize = 8_192;
/// Ours that writers of the standard levels take.
const LEVEL: &str = "standardizedJobTitleLevelId";

/// Companies, prospects and rejects of `rows`; see `firmograph.normalize_records`.
#[pyfunction]
#[pyo3(signature = (rows, source, mapping, observed_at, repair_domains, require_company, now))]
#[expect(clippy::too_many_arguments, reason = "the options of one call, each by name in Python")]
pub(crate) fn normalize_records<'py>(
    py: Python<'py>,
    rows: &Bound<'py, PyAny>,
    source: &str,
    mapping: Option<&str>,
    observed_at: Option<&str>,
    repair_domains: bool,
    require_company: bool,
    now: &Bound<'py, PyString>,
) -> PyResult<Bound<'py, PyTuple>> {
    guarded(|| {
        let options =
            options(source, mapping, observed_at, repair_domains).map_err(|error| raised(py, &error))?;
        let mut reading = Reading {
            options,
            require_company,
            tables: Vec::new(),
            count: 0,
            coalescer: Coalescer::new(Priorities::compiled()),
            rejects: Vec::new(),
        };
        for row in rows.try_iter()? {
            reading.read(py, &row?)?;
        }
        reading.answer(py, now)
    })
}

fn options(
    source: &str,
    mapping: Option<&str>,
    observed_at: Option<&str>,
    repair_domains: bool,
) -> Result<NormalizerOptions, Error> {
    let mut options = NormalizerOptions::new(Source::new(source)?);
    options.pipeline.repair_domains = repair_domains;
    options.mappings =
        mapping.map(|path| Mapping::from_path(Path::new(path))).transpose()?.into_iter().collect();
    options.observed_at = observed_at.map(instant).transpose()?;
    Ok(options)
}

/// Rows of several tables: dicts with the same keys in the same order are rows of one.
struct Reading<'py> {
    options: NormalizerOptions,
    require_company: bool,
    tables: Vec<Table<'py>>,
    /// Rows so far, of all tables.
    count: usize,
    coalescer: Coalescer,
    rejects: Vec<Rejected<'py>>,
}

struct Table<'py> {
    keys: Vec<Bound<'py, PyAny>>,
    /// What gives its rows their meaning, or why nothing can.
    normalizer: Result<Normalizer, Error>,
    /// Rows that have no meaning yet, with their places among all.
    waiting: Vec<(usize, Bound<'py, PyDict>)>,
    /// How many rows had theirs before.
    done: u64,
}

/// A row that could not be taken, or not all of it.
struct Rejected<'py> {
    row: usize,
    code: &'static str,
    help: Cow<'static, str>,
    column: Option<String>,
    cause: String,
    record: Bound<'py, PyDict>,
}

impl<'py> Reading<'py> {
    fn read(&mut self, py: Python<'py>, row: &Bound<'py, PyAny>) -> PyResult<()> {
        let record = match row.cast::<PyDict>() {
            Ok(dict) => dict.clone(),
            Err(_) => other_mapping(py, row, self.count)?,
        };
        let at = self.count;
        self.count += 1;
        let mut keys = Vec::with_capacity(record.len());
        let mut values = Vec::with_capacity(record.len());
        let mut surplus = None;
        for (key, value) in record.iter() {
            // What csv.DictReader calls the cells for which the header has no name.
            if key.is_none() {
                surplus = Some(value);
                continue;
            }
            keys.push(key);
            values.push(value);
        }
        let reject = |code: RejectCode, column: Option<String>, cause: String| Rejected {
            row: at,
            code: code.code(),
            help: Cow::Borrowed(code.help()),
            column,
            cause,
            record: record.clone(),
        };
        if let Some(cells) = surplus.filter(|cells| says_something(cells)) {
            let more = cells.len().unwrap_or(1);
            let cause = format!("{more} cells more than the header has columns");
            self.rejects.push(reject(RejectCode::TooManyCells, None, cause));
            return Ok(());
        }
        let mut cells = Vec::with_capacity(values.len());
        for (key, value) in keys.iter().zip(&values) {
            match cell::text(value) {
                Ok(Some(text)) => cells.push(text),
                Err(error) if cell::is_fatal(py, &error) => return Err(error),
                Err(error) => {
                    let cause = format!("this cell cannot be read: {error}");
                    self.rejects.push(reject(RejectCode::BadValue, Some(key.str()?.to_string()), cause));
                    return Ok(());
                }
                Ok(None) => {
                    let cause = "half of a surrogate pair stands in this cell, which is no text".to_owned();
                    self.rejects.push(reject(RejectCode::BadEncoding, Some(key.str()?.to_string()), cause));
                    return Ok(());
                }
            }
        }
        let table = self.table(keys)?;
        let table = &mut self.tables[table];
        if let Ok(normalizer) = &mut table.normalizer {
            normalizer.read(|column| cells.get(column).map_or("", |text| text));
        }
        table.waiting.push((at, record));
        if table.waiting.len() >= PIECE_ROWS {
            self.normalize(py);
        }
        Ok(())
    }

    /// The table of rows with these keys.
    fn table(&mut self, keys: Vec<Bound<'py, PyAny>>) -> PyResult<usize> {
        // Keys of one reader are the same objects in every row.
        let same = |table: &Table<'py>| {
            table.keys.len() == keys.len() && table.keys.iter().zip(&keys).all(|(one, other)| one.is(other))
        };
        if let Some(table) = self.tables.iter().rposition(same) {
            return Ok(table);
        }
        for (at, table) in self.tables.iter_mut().enumerate() {
            if table.keys.len() != keys.len() {
                continue;
            }
            let mut all = true;
            for (one, other) in table.keys.iter().zip(&keys) {
                all = all && one.eq(other)?;
            }
            if all {
                table.keys = keys;
                return Ok(at);
            }
        }
        let columns = keys.iter().map(|key| Ok(key.str()?.to_string())).collect::<PyResult<Vec<_>>>()?;
        let normalizer = Normalizer::new(&columns, self.options.clone());
        self.tables.push(Table { keys, normalizer, waiting: Vec::new(), done: 0 });
        Ok(self.tables.len() - 1)
    }

    /// Gives the rows that wait their meaning, without the interpreter's lock.
    fn normalize(&mut self, py: Python<'py>) {
        for table in &mut self.tables {
            let waiting = std::mem::take(&mut table.waiting);
            let first = table.done + 1;
            table.done += waiting.len() as u64;
            let Ok(normalizer) = &mut table.normalizer else {
                let Err(error) = &table.normalizer else { continue };
                self.rejects.extend(waiting.into_iter().map(|(row, record)| Rejected {
                    row,
                    code: "no-known-column",
                    help: error.help().unwrap_or_default().to_owned().into(),
                    column: None,
                    cause: error.to_string(),
                    record,
                }));
                continue;
            };
            let (coalescer, require_company) = (&mut self.coalescer, self.require_company);
            let refused = py.detach(|| {
                let rows = normalizer.finish().into_iter();
                rows.filter_map(|row| taken(row, require_company, coalescer)).collect::<Vec<_>>()
            });
            for Refused { line, code, help, column, cause } in refused {
                let Some((row, record)) = waiting.get((line - first) as usize) else { continue };
                let (row, record, help) = (*row, record.clone(), help.into());
                self.rejects.push(Rejected { row, code, help, column, cause, record });
            }
        }
    }

    /// Companies, prospects and rejects.
    fn answer(mut self, py: Python<'py>, now: &Bound<'py, PyString>) -> PyResult<Bound<'py, PyTuple>> {
        self.normalize(py);
        // Where nothing at all is recognised, the call is wrong, not the rows.
        if let Some(Err(error)) = self.tables.first().map(|table| &table.normalizer)
            && self.tables.iter().all(|table| table.normalizer.is_err())
        {
            return Err(raised(py, error));
        }
        let coalescer = self.coalescer;
        let golden = py.detach(move || coalescer.finish_by_key());
        let companies = dicts(py, EntityKind::Company, &golden.companies, now)?;
        let prospects = dicts(py, EntityKind::Person, &golden.persons, now)?;
        self.rejects.sort_by_key(|reject| reject.row);
        let rejects = PyList::empty(py);
        for Rejected { row, code, help, column, cause, record } in self.rejects {
            let reject = PyDict::new(py);
            reject.set_item(intern!(py, "row"), row)?;
            reject.set_item(intern!(py, "code"), code)?;
            reject.set_item(intern!(py, "column"), column)?;
            reject.set_item(intern!(py, "cause"), cause)?;
            reject.set_item(intern!(py, "help"), help)?;
            reject.set_item(intern!(py, "record"), record)?;
            rejects.append(reject)?;
        }
        (companies, prospects, rejects).into_pyobject(py)
    }
}

/// A dict of any other mapping, such as a row of a database driver.
fn other_mapping<'py>(py: Python<'py>, row: &Bound<'py, PyAny>, at: usize) -> PyResult<Bound<'py, PyDict>> {
    let wrong = || PyTypeError::new_err(format!("row {at} is a {}, not a dict", type_name(row)));
    let items = row.call_method0("items").map_err(|_| wrong())?;
    let dict = PyDict::new(py);
    for item in items.try_iter()? {
        let (key, value): (Bound<'_, PyAny>, Bound<'_, PyAny>) = item?.extract().map_err(|_| wrong())?;
        dict.set_item(key, value)?;
    }
    Ok(dict)
}

fn type_name(object: &Bound<'_, PyAny>) -> String {
    object.get_type().name().map_or_else(|_| "value".to_owned(), |name| name.to_string())
}

/// Whether any of the cells for which there is no header holds text.
fn says_something(cells: &Bound<'_, PyAny>) -> bool {
    let blank = |cell: &Bound<'_, PyAny>| {
        cell::text(cell).is_ok_and(|text| text.is_some_and(|t| t.trim().is_empty()))
    };
    match cells.cast::<PyList>() {
        Ok(cells) => !cells.iter().all(|cell| blank(&cell)),
        Err(_) => !blank(cells),
    }
}

/// What of a row was not taken, and why.
struct Refused {
    /// Which row of its table, from 1.
    line: u64,
    code: &'static str,
    help: &'static str,
    column: Option<String>,
    cause: String,
}

/// Pushes a record; says what of the row was not taken.
fn taken(row: NormalizedRow, require_company: bool, coalescer: &mut Coalescer) -> Option<Refused> {
    let mut record: NormalizedRecord = match row {
        NormalizedRow::Record(record) => record,
        NormalizedRow::Reject(reject) => {
            return Some(Refused {
                line: reject.position.line,
                code: reject.code.code(),
                help: reject.code.help(),
                column: reject.column,
                cause: reject.cause,
            });
        }
        NormalizedRow::Blank(position) => {
            let cause = "every cell is blank".to_owned();
            return Some(Refused { line: position.line, code: "blank", help: "", column: None, cause });
        }
    };
    let has_domain = record.company.as_deref().is_some_and(|key| company_key_kind(key) == "domain");
    let line = record.position.line;
    let refused =
        |code, help, cause: &str| Some(Refused { line, code, help, column: None, cause: cause.to_owned() });
    if require_company && !has_domain {
        let help = "give a business e-mail, a domain or a website, or call without require_company";
        return refused("no-company", help, "nothing in it gives the domain of a company");
    }
    if has_domain || record.company.is_none() {
        coalescer.push(record);
        return None;
    }
    // Writers find a company by its domain: one without would be inserted again with every load.
    let help = "give its domain or website, or let a Store write, which knows it by its page or name until a domain is known";
    if record.person.is_none() {
        return refused("no-domain", help, "the company has no domain to find it by");
    }
    record.company = None;
    let is_of_person = |attribute: Attribute| attribute.spec().entity == EntityKind::Person;
    record
        .values
        .retain(|value| is_of_person(value.attribute) && value.attribute != Attribute::PersonCompany);
    coalescer.push(record);
    refused("no-domain", help, "the person is taken without the company, which has no domain to find it by")
}

/// Golden rows as the dicts that `bulk_insert_companies` and `bulk_insert_prospects` take.
fn dicts<'py>(
    py: Python<'py>,
    kind: EntityKind,
    rows: &[GoldenRow],
    now: &Bound<'py, PyString>,
) -> PyResult<Bound<'py, PyList>> {
    let columns = golden_columns(kind);
    let taken = origin_columns(kind);
    let level = columns.iter().enumerate().filter(|(_, column)| column.name == LEVEL);
    let columns: Vec<(usize, Bound<'py, PyString>)> = columns[..taken]
        .iter()
        .enumerate()
        .chain(level)
        .map(|(at, column)| (at, PyString::intern(py, column.name)))
        .collect();
    // Most columns of most rows are empty, and a dict is copied in one piece.
    let empty = PyDict::new(py);
    columns[..taken].iter().try_for_each(|(_, name)| empty.set_item(name, py.None()))?;
    empty.set_item(intern!(py, "createdAt"), now)?;
    empty.set_item(intern!(py, "updatedAt"), now)?;
    columns[taken..].iter().try_for_each(|(_, name)| empty.set_item(name, py.None()))?;
    let list = PyList::empty(py);
    for row in rows {
        let dict = empty.copy()?;
        for (at, name) in &columns {
            match &row.values[*at] {
                Scalar::Null => {}
                Scalar::Int(number) => dict.set_item(name, number)?,
                Scalar::Text(text) => dict.set_item(name, &**text)?,
            }
        }
        list.append(dict)?;
    }
    Ok(list)
}
