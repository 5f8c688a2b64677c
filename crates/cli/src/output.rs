//! Rows of data in any of the four formats.

use crate::args::Format;
use firmograph::{Error, ErrorKind};
use serde_json::{Map, Value};
use std::io::{BufWriter, IsTerminal, Write};
use std::path::Path;

/// One row: names and values, in the order in which columns are shown.
pub(crate) type Row = Map<String, Value>;

/// The format asked for, else a table on a terminal and NDJSON for programs.
pub(crate) fn chosen(format: Option<Format>) -> Format {
    format.unwrap_or(if std::io::stdout().is_terminal() { Format::Table } else { Format::Ndjson })
}

/// Writes rows to stdout or a file as they come; only tables wait for the last row.
pub(crate) struct Output {
    format: Format,
    sink: Box<dyn Write + Send>,
    rows: Vec<Row>,
    count: u64,
}

impl Output {
    pub(crate) fn stdout(format: Format) -> Self {
        Output { format, sink: Box::new(BufWriter::new(std::io::stdout())), rows: Vec::new(), count: 0 }
    }

    pub(crate) fn to(format: Format, path: Option<&Path>) -> Result<Self, Error> {
        let Some(path) = path else { return Ok(Output::stdout(format)) };
        let file = std::fs::File::create(path).map_err(failed)?;
        Ok(Output { format, sink: Box::new(BufWriter::new(file)), rows: Vec::new(), count: 0 })
    }

    pub(crate) fn row(&mut self, row: Row) -> Result<(), Error> {
        self.count += 1;
        match self.format {
            Format::Table => self.rows.push(row),
            Format::Ndjson => {
                serde_json::to_writer(&mut self.sink, &row).map_err(|error| failed(error.into()))?;
                self.sink.write_all(b"\n").map_err(failed)?;
            }
            Format::Json => {
                self.sink.write_all(if self.count == 1 { b"[\n" } else { b",\n" }).map_err(failed)?;
                serde_json::to_writer(&mut self.sink, &row).map_err(|error| failed(error.into()))?;
            }
            Format::Csv => {
                let mut line = csv::Writer::from_writer(Vec::new());
                let written = (|| {
                    if self.count == 1 {
                        line.write_record(row.keys())?;
                    }
                    line.write_record(row.values().map(cell))?;
                    line.into_inner().map_err(|error| error.into_error().into())
                })();
                let bytes = written.map_err(|error: csv::Error| failed(error.into()))?;
                self.sink.write_all(&bytes).map_err(failed)?;
            }
        }
        Ok(())
    }

    pub(crate) fn rows(mut self, rows: impl IntoIterator<Item = Row>) -> Result<(), Error> {
        for row in rows {
            self.row(row)?;
        }
        self.finish()
    }

    pub(crate) fn finish(mut self) -> Result<(), Error> {
        match self.format {
            Format::Table if !self.rows.is_empty() => {
                writeln!(self.sink, "{}", table(&self.rows)).map_err(failed)?;
            }
            Format::Json => {
                self.sink.write_all(if self.count == 0 { b"[]\n" } else { b"\n]\n" }).map_err(failed)?;
            }
            _ => {}
        }
        self.sink.flush().map_err(failed)
    }
}

fn table(rows: &[Row]) -> comfy_table::Table {
    let mut columns: Vec<&String> = Vec::new();
    for name in rows.iter().flat_map(Map::keys) {
        if !columns.contains(&name) {
            columns.push(name);
        }
    }
    let mut table = comfy_table::Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table.set_header(&columns);
    for row in rows {
        table.add_row(columns.iter().map(|name| row.get(*name).map_or_else(String::new, cell)));
    }
    table
}

/// A value as one cell: text as it is, nothing for null, JSON for what has parts.
pub(crate) fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A serialisable struct as a row.
pub(crate) fn row_of(value: &impl serde::Serialize) -> Row {
    match serde_json::to_value(value) {
        Ok(Value::Object(row)) => row,
        Ok(other) => Map::from_iter([("value".to_owned(), other)]),
        Err(error) => Map::from_iter([("error".to_owned(), Value::from(error.to_string()))]),
    }
}

pub(crate) fn failed(error: std::io::Error) -> Error {
    Error::new(ErrorKind::Environment, "cannot-write", format!("the output cannot be written: {error}"))
        .with_cause(error)
}
