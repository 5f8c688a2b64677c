use crate::documents::Sets;
use crate::header::OWN_PREFIX;
use crate::input::{Item, Record};
use crate::payload;
use crate::rows::Rows;
use crate::split::{Row, Splitter};
use encoding_rs::Encoding;
use firmograph_core::{Error, Field, FieldSetBuilder, Position, Reject, RejectCode};
use std::borrow::Cow;

/// Bytes of an overlong row that its reject keeps: enough to recognise it, little enough for a file full of them.
pub(crate) const OVERLONG_KEPT: usize = 64 * 1024;

/// The rows of a table as items.
pub(crate) struct Tabular {
    splitter: Splitter,
    /// The encoding of the cells, where that is not UTF-8.
    legacy: Option<&'static Encoding>,
    limit: usize,
    names: Vec<String>,
    /// Columns that belong to the payload, and their names.
    kept: Vec<usize>,
    kept_names: Vec<String>,
    rows: Rows,
    header: (Vec<u8>, Vec<usize>),
    record: u64,
    text: String,
    ends: Vec<usize>,
    json: String,
}

impl Tabular {
    /// Starts behind the header; `rows` reads the columns that are kept, `header` holds its cells as bytes, empty where there is none.
    pub(crate) fn new(
        mut splitter: Splitter,
        legacy: Option<&'static Encoding>,
        limit: usize,
        names: Vec<String>,
        rows: Rows,
        header: (Vec<u8>, Vec<usize>),
    ) -> Tabular {
        splitter.set_columns(names.len());
        let (kept, kept_names) = kept(&names);
        Tabular {
            splitter,
            legacy,
            limit,
            names,
            kept,
            kept_names,
            rows,
            header,
            record: 0,
            text: String::new(),
            ends: Vec::new(),
            json: String::new(),
        }
    }

    pub(crate) fn columns(&self) -> &[String] {
        &self.kept_names
    }

    pub(crate) fn bytes_read(&self) -> u64 {
        self.splitter.bytes_read()
    }

    pub(crate) fn next_item(&mut self) -> Result<Option<Item>, Error> {
        let row = self.splitter.next()?;
        let line = self.splitter.line();
        let item = match row {
            Row::End => return Ok(None),
            Row::Blank(length) => {
                self.splitter.take(length);
                Item::Blank(Position { record: self.record, line })
            }
            Row::Cells { length, count } => {
                let item = self.item(length, count, line);
                self.splitter.take(length);
                item
            }
            Row::TooLong => self.too_long(line),
            Row::Unclosed { length, quote } => {
                let cause = match self.splitter.line_at(quote) {
                    opened if opened == line => "the quotation that opens on this line never ends".to_owned(),
                    opened => format!("the quotation that opens on line {opened} never ends"),
                };
                let lines = self.splitter.line_at(length.saturating_sub(1)) + 1 - line;
                let cause = format!("{cause}: it holds the last {lines} lines of the file");
                let original = self.splitter.raw(length).to_vec();
                self.splitter.take(length);
                self.reject(RejectCode::UnclosedQuote, line, None, cause, original)
            }
        };
        Ok(Some(item))
    }

    fn item(&mut self, length: usize, count: usize, line: u64) -> Item {
        let (cells, ends) = self.splitter.cells();
        if cells.iter().all(u8::is_ascii_whitespace) || (cells == self.header.0 && ends == self.header.1) {
            return Item::Blank(Position { record: self.record, line });
        }
        let width = self.names.len();
        let has_extra = count > width && cells.len() > ends[width - 1];
        let (text, ends): (&str, &[usize]) = match self.legacy.filter(|_| !cells.is_ascii()) {
            None => match std::str::from_utf8(cells) {
                Ok(text) => (text, ends),
                Err(error) => return self.bad_encoding(length, line, error.valid_up_to(), "utf-8"),
            },
            Some(encoding) => {
                self.text.clear();
                self.ends.clear();
                let mut start = 0;
                for &end in ends {
                    let Some(cell) = crate::encoding::decode(encoding, &cells[start..end]) else {
                        return self.bad_encoding(length, line, start, encoding.name());
                    };
                    self.text.push_str(&cell);
                    self.ends.push(self.text.len());
                    start = end;
                }
                (&self.text, &self.ends)
            }
        };
        let start_of = |column: usize| if column == 0 { 0 } else { ends[column - 1] };
        // A cell boundary inside a character cannot be: the bytes around a delimiter are whole or not UTF-8 at all.
        let cell = |column: usize| match ends.get(column) {
            Some(&end) => text.get(start_of(column)..end).unwrap_or_default(),
            None => "",
        };
        self.json.clear();
        if has_extra {
            let original = if ends.len() == count {
                let cells = self.kept.iter().copied().chain(width..count).map(cell);
                payload::push_array(&mut self.json, cells);
                self.json.as_bytes().to_vec()
            } else {
                self.splitter.raw(length).to_vec()
            };
            let cause = format!("{count} cells where the header has {width} columns");
            return self.reject(RejectCode::TooManyCells, line, None, cause, original);
        }
        payload::push_array(&mut self.json, self.kept.iter().map(|&column| cell(column)));
        if let Some(at) = memchr::memchr(0, text.as_bytes()) {
            let column = ends.iter().position(|&end| at < end).and_then(|column| self.names.get(column));
            let (column, original) = (column.cloned(), self.json.as_bytes().to_vec());
            let cause = "a NUL character (U+0000) stands in this cell".to_owned();
            return self.reject(RejectCode::NulCharacter, line, column, cause, original);
        }
        let Sets { first: fields, also } = self.rows.read(|column| cell(self.kept[column]));
        self.record += 1;
        Item::Record(Record {
            position: Position { record: self.record, line },
            payload: self.json.as_str().into(),
            fields,
            also,
        })
    }

    fn too_long(&mut self, line: u64) -> Item {
        let quoted = self.splitter.open_quote().map(|at| self.splitter.line_at(at));
        let original = self.splitter.raw(self.limit.min(OVERLONG_KEPT)).to_vec();
        self.splitter.skip_line();
        let cause = match quoted {
            Some(opened) => format!(
                "the record is longer than {} bytes, inside the quotation that opens on line {opened}; reading goes on at line {}",
                self.limit,
                self.splitter.line()
            ),
            None => format!("the record is longer than {} bytes", self.limit),
        };
        self.reject(RejectCode::RecordTooLong, line, None, cause, original)
    }

    fn bad_encoding(&mut self, length: usize, line: u64, at: usize, encoding: &str) -> Item {
        let (_, ends) = self.splitter.cells();
        let column = ends.iter().position(|&end| at < end).and_then(|column| self.names.get(column)).cloned();
        let cause = format!("bytes that are not {encoding} text");
        let original = self.splitter.raw(length).to_vec();
        self.reject(RejectCode::BadEncoding, line, column, cause, original)
    }

    fn reject(
        &mut self,
        code: RejectCode,
        line: u64,
        column: Option<String>,
        cause: String,
        original: Vec<u8>,
    ) -> Item {
        self.record += 1;
        Item::Reject(Reject {
            code,
            position: Position { record: self.record, line },
            column,
            cause,
            original,
        })
    }
}

/// Sets `field` unless the text is blank: of several columns the first that says something wins.
pub(crate) fn set(fields: &mut FieldSetBuilder, field: Field, text: &str) {
    if !text.trim_start().is_empty() {
        fields.set(field, text);
    }
}

/// The columns that belong to the payload, and their names.
pub(crate) fn kept(names: &[String]) -> (Vec<usize>, Vec<String>) {
    let kept = names.iter().enumerate().filter(|(_, name)| !name.starts_with(OWN_PREFIX));
    kept.map(|(column, name)| (column, name.clone())).unzip()
}

/// The names of a header row, decoded. A name that cannot be decoded is shown with replacement characters.
pub(crate) fn names(cells: &[u8], ends: &[usize], encoding: &'static Encoding) -> Vec<String> {
    let mut start = 0;
    let mut names = Vec::with_capacity(ends.len());
    for &end in ends {
        let (name, _): (Cow<'_, str>, bool) = encoding.decode_without_bom_handling(&cells[start..end]);
        names.push(name.into_owned());
        start = end;
    }
    names
}
