//! Dicts in, dicts out: what an ingestor that has a writer of its own calls between reading and writing.

use crate::arguments::instant;
use crate::cell::{self, Cell, NoCell, type_name};
use crate::errors::{guarded, raised};
use crate::forks::detached;
use crate::golden_dicts::dicts;
use crate::taking::{Rejected, Waiting};
use ahash::RandomState;
use firmograph::sources::Mapping;
use firmograph::{
    Coalescer, DocumentNormalizer, EntityKind, Error, Normalizer, NormalizerOptions, Priorities, RejectCode,
    Source,
};
use pyo3::exceptions::PyTypeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString, PyTuple};
use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;

/// Rows that are given their meaning at a time, without the interpreter's lock.
const PIECE_ROWS: usize = 8_192;
/// Tables that are kept at a time: a feed that leaves out what it does not know has as many as it has rows.
const MAX_TABLES: usize = 256;
/// Rows after which signals are asked for.
pub(crate) const SIGNALS: usize = 1_024;

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
        refuse_frames(rows)?;
        let mut reading = Reading::new(options, require_company);
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
    /// Which tables have keys of this hash.
    by_keys: HashMap<u64, Vec<usize>, RandomState>,
    /// The table of the row before, which is mostly that of the next.
    last: usize,
    /// Rows that hold lists or dicts, of any keys.
    documents: Waiting<'py, DocumentNormalizer>,
    /// Every key that a table had.
    names: BTreeSet<String>,
    /// Why no header was known, until one is.
    unknown: Option<Arc<Error>>,
    is_known: bool,
    /// What the first row is, until one is a dict.
    no_dict: Option<String>,
    /// Rows so far, of all tables.
    count: usize,
    /// Rows that have no meaning yet.
    waiting: usize,
    coalescer: Coalescer,
    rejects: Vec<Rejected<'py>>,
    json: String,
}

struct Table<'py> {
    keys: Vec<Bound<'py, PyAny>>,
    names: Vec<String>,
    /// What gives its rows their meaning, or why nothing can.
    rows: Result<Waiting<'py, Normalizer>, Arc<Error>>,
}

impl<'py> Reading<'py> {
    fn new(options: NormalizerOptions, require_company: bool) -> Self {
        Reading {
            documents: Waiting::new(DocumentNormalizer::of_documents(options.clone())),
            options,
            require_company,
            tables: Vec::new(),
            by_keys: HashMap::default(),
            last: 0,
            names: BTreeSet::new(),
            unknown: None,
            is_known: false,
            no_dict: None,
            count: 0,
            waiting: 0,
            coalescer: Coalescer::new(Priorities::compiled()),
            rejects: Vec::new(),
            json: String::new(),
        }
    }

    fn read(&mut self, py: Python<'py>, row: &Bound<'py, PyAny>) -> PyResult<()> {
        let at = self.count;
        self.count += 1;
        if self.count.is_multiple_of(SIGNALS) {
            py.check_signals()?;
        }
        let record = match row.cast::<PyDict>() {
            Ok(dict) => dict.clone(),
            Err(_) => match other_mapping(py, row) {
                Ok(Some(dict)) => dict,
                Err(error) if cell::is_fatal(py, &error) => return Err(error),
                no_dict => {
                    let why = no_dict.err().map_or_else(String::new, |error| format!(": {error}"));
                    let cause = format!("a row is a dict, and this is of type {}{why}", type_name(row));
                    if at == 0 {
                        self.no_dict = Some(type_name(row));
                    }
                    self.refuse(at, NoCell { code: RejectCode::BadValue, column: None, cause }, row);
                    return Ok(());
                }
            },
        };
        self.no_dict = None;
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
        let (mut cells, mut is_document, mut unread) = (Vec::with_capacity(values.len()), false, Vec::new());
        for value in &values {
            match cell::read(value)? {
                Ok(Cell::Text(text)) => cells.push(text),
                Ok(Cell::Number(text)) => cells.push(Cow::Owned(text)),
                no_text => {
                    is_document |= no_text.is_ok();
                    unread.extend(no_text.err().map(|no_cell| (cells.len(), no_cell)));
                    cells.push(Cow::Borrowed(""));
                }
            }
        }
        let table = match is_document {
            true => None,
            false => match self.table(py, &keys)? {
                Ok(table) => Some(table),
                Err(no_cell) => {
                    self.refuse(at, no_cell, &record);
                    return Ok(());
                }
            },
        };
        if let Some(cells) = surplus
            && says_something(&cells)?
        {
            let more = cells.len().unwrap_or(1);
            let cause = format!("{more} cells more than the header has columns");
            self.refuse(at, NoCell { code: RejectCode::TooManyCells, column: None, cause }, &record);
            return Ok(());
        }
        // A column of no meaning may hold anything.
        let mut left_out = Vec::new();
        for (column, no_cell) in unread {
            let Ok(name) = cell::name(&keys[column])? else { continue };
            let is_read = match table.map(|table| &self.tables[table].rows) {
                Some(Ok(rows)) => rows.normalizer.reads(&name),
                Some(Err(_)) => false,
                None => self.documents.normalizer.reads(&name),
            };
            if is_read {
                self.refuse(at, NoCell { column: Some(name), ..no_cell }, &record);
                return Ok(());
            }
            left_out.push(column);
        }
        let Some(table) = table else {
            self.json.clear();
            let entries = keys.iter().cloned().zip(values.iter().cloned()).enumerate();
            let entries = entries.filter(|(column, _)| !left_out.contains(column)).map(|(_, entry)| entry);
            if let Err(no_cell) = cell::push_object(entries, &mut self.json, 0)? {
                self.refuse(at, no_cell, &record);
                return Ok(());
            }
            self.documents.normalizer.read_document(&self.json);
            self.documents.rows.push((at, record));
            return self.waits(py);
        };
        match &mut self.tables[table].rows {
            Ok(rows) => {
                rows.normalizer.read(|column| cells.get(column).map_or("", |text| text));
                rows.rows.push((at, record));
                self.waits(py)
            }
            Err(error) => {
                let (help, cause) = (error.help().unwrap_or_default().to_owned().into(), error.to_string());
                let (row, code, record) = (at, error.code(), record.into_any());
                self.rejects.push(Rejected { row, code, help, column: None, cause, taken: None, record });
                Ok(())
            }
        }
    }

    /// One more row waits for its meaning.
    fn waits(&mut self, py: Python<'py>) -> PyResult<()> {
        self.waiting += 1;
        if self.waiting >= PIECE_ROWS { self.normalize(py) } else { Ok(()) }
    }

    fn refuse(&mut self, row: usize, no_cell: NoCell, record: &Bound<'py, PyAny>) {
        let NoCell { code, column, cause } = no_cell;
        let (code, help, record) = (code.code(), Cow::Borrowed(code.help()), record.clone());
        self.rejects.push(Rejected { row, code, help, column, cause, taken: None, record });
    }

    /// The table of rows with these keys.
    fn table(&mut self, py: Python<'py>, keys: &[Bound<'py, PyAny>]) -> PyResult<Result<usize, NoCell>> {
        // Keys of one reader are the same objects in every row.
        let is_same = |table: &Table<'py>| {
            table.keys.len() == keys.len() && table.keys.iter().zip(keys).all(|(one, other)| one.is(other))
        };
        if self.tables.get(self.last).is_some_and(is_same) {
            return Ok(Ok(self.last));
        }
        let mut names = Vec::with_capacity(keys.len());
        for key in keys {
            match cell::name(key)? {
                Ok(name) => names.push(name),
                Err(no_cell) => return Ok(Err(no_cell)),
            }
        }
        let hash = self.by_keys.hasher().hash_one(&names);
        let known = self.by_keys.get(&hash).into_iter().flatten().copied();
        if let Some(at) = known.into_iter().find(|&at| self.tables[at].names == names) {
            self.tables[at].keys = keys.to_vec();
            self.last = at;
            return Ok(Ok(at));
        }
        if self.tables.len() >= MAX_TABLES {
            self.normalize(py)?;
            self.tables.clear();
            self.by_keys.clear();
        }
        self.names.extend(names.iter().cloned());
        let rows = Normalizer::of_part(&names, self.options.clone()).map(Waiting::new).map_err(Arc::new);
        match &rows {
            Ok(_) => self.is_known = true,
            Err(error) => {
                self.unknown.get_or_insert_with(|| Arc::clone(error));
            }
        }
        self.last = self.tables.len();
        self.by_keys.entry(hash).or_default().push(self.last);
        self.tables.push(Table { keys: keys.to_vec(), names, rows });
        Ok(Ok(self.last))
    }

    /// Gives the rows that wait their meaning.
    fn normalize(&mut self, py: Python<'py>) -> PyResult<()> {
        self.waiting = 0;
        let (coalescer, rejects) = (&mut self.coalescer, &mut self.rejects);
        for table in &mut self.tables {
            if let Ok(rows) = &mut table.rows {
                rows.normalize(py, self.require_company, coalescer, rejects);
            }
        }
        self.documents.normalize(py, self.require_company, coalescer, rejects);
        py.check_signals()
    }

    /// Companies, prospects and rejects.
    fn answer(mut self, py: Python<'py>, now: &Bound<'py, PyString>) -> PyResult<Bound<'py, PyTuple>> {
        self.normalize(py)?;
        if let Some(kind) = self.no_dict {
            return Err(PyTypeError::new_err(format!(
                "row 0 is a {kind}, not a dict, and so is none of the rows"
            )));
        }
        // Where nothing at all is recognised, the call is wrong, not the rows.
        let is_known = self.is_known || self.documents.done > 0;
        if let Some(error) = self.unknown.filter(|_| !is_known) {
            return Err(raised(py, &error));
        }
        // A mapping of the caller's own may name what one row leaves out, and not what all do.
        if self.is_known && self.documents.done == 0 && !self.options.mappings.is_empty() {
            let names: Vec<String> = self.names.into_iter().collect();
            let options = self.options.clone();
            Normalizer::new(&names, options).map_err(|error| raised(py, &error))?;
        }
        let source = PyString::new(py, self.options.pipeline.source.as_str());
        let coalescer = self.coalescer;
        let golden = detached(py, move || coalescer.finish_by_key());
        let companies = dicts(py, EntityKind::Company, &golden.companies, now, &source)?;
        let prospects = dicts(py, EntityKind::Person, &golden.persons, now, &source)?;
        self.rejects.sort_by_key(|reject| reject.row);
        let rejects = PyList::empty(py);
        for Rejected { row, code, help, column, cause, taken, record } in self.rejects {
            let reject = PyDict::new(py);
            reject.set_item(intern!(py, "row"), row)?;
            reject.set_item(intern!(py, "code"), code)?;
            reject.set_item(intern!(py, "column"), column)?;
            reject.set_item(intern!(py, "cause"), cause)?;
            reject.set_item(intern!(py, "help"), help)?;
            reject.set_item(intern!(py, "taken"), taken)?;
            reject.set_item(intern!(py, "record"), record)?;
            rejects.append(reject)?;
        }
        (companies, prospects, rejects).into_pyobject(py)
    }
}

/// A dict of any other mapping, such as a row of a database driver; `None` for what is none.
fn other_mapping<'py>(py: Python<'py>, row: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyDict>>> {
    let called = |name: &Bound<'py, PyString>| match row.getattr_opt(name)? {
        Some(method) => method.call0().map(Some),
        None => Ok(None),
    };
    let dict = PyDict::new(py);
    if let Some(items) = called(intern!(py, "items"))? {
        for item in items.try_iter()? {
            let (key, value): (Bound<'_, PyAny>, Bound<'_, PyAny>) = item?.extract()?;
            dict.set_item(key, value)?;
        }
        return Ok(Some(dict));
    }
    // sqlite3.Row has keys and no items.
    let Some(keys) = called(intern!(py, "keys"))? else { return Ok(None) };
    for key in keys.try_iter()? {
        let key = key?;
        dict.set_item(&key, row.get_item(&key)?)?;
    }
    Ok(Some(dict))
}

/// A frame gives its columns where its rows are wanted, and a dict its keys.
fn refuse_frames(rows: &Bound<'_, PyAny>) -> PyResult<()> {
    let is_frame = rows.hasattr("__arrow_c_stream__")? || rows.hasattr("to_dict")?;
    if !is_frame && !rows.is_instance_of::<PyDict>() && !rows.is_instance_of::<PyString>() {
        return Ok(());
    }
    let way = match rows.is_instance_of::<PyDict>() {
        true => "for one row give [row]",
        false if is_frame => {
            "give frame.to_dict(\"records\"), or call normalize_batch, which takes frames as they are"
        }
        false => "give what csv.DictReader gives",
    };
    let message = format!("an iterable of dicts was wanted, one a row, not a {}: {way}", type_name(rows));
    Err(PyTypeError::new_err(message))
}

/// Whether any of the cells for which there is no header holds something.
fn says_something(cells: &Bound<'_, PyAny>) -> PyResult<bool> {
    let says = |cell: &Bound<'_, PyAny>| {
        Ok(!matches!(cell::read(cell)?, Ok(Cell::Text(text)) if text.trim().is_empty()))
    };
    let Ok(cells) = cells.cast::<PyList>() else { return says(cells) };
    for cell in cells {
        if says(&cell)? {
            return Ok(true);
        }
    }
    Ok(false)
}
