use crate::dialect::{self, QUOTE};
use crate::window::Window;
use csv_core::{ReadRecordResult, Reader};
use firmograph_core::Error;

/// Cuts the text of a table into rows and cells (RFC 4180, and what files do beyond it) in bounded memory.
///
/// A row stays in the window until it is taken, so that a row that turns out to be bad still has its bytes.
pub(crate) struct Splitter {
    window: Window,
    reader: Reader,
    delimiter: u8,
    limit: usize,
    /// Cells beyond these are counted, not kept; `None` while the header is read.
    columns: Option<usize>,
    cells: Vec<u8>,
    cells_used: usize,
    ends: Vec<usize>,
    ends_used: usize,
}

/// One row, or what stands in its place. Lengths are in bytes of the window, line end included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Row {
    End,
    /// An empty line.
    Blank(usize),
    /// A row of `count` cells.
    Cells {
        length: usize,
        count: usize,
    },
    /// A row longer than the limit; `skip` passes over its first line.
    TooLong,
    /// The file ends inside the quotation that opens at the offset `quote`.
    Unclosed {
        length: usize,
        quote: usize,
    },
}

/// Cells beyond the columns that are kept, to be shown in a reject.
const EXTRA: usize = 256;

impl Splitter {
    pub(crate) fn new(window: Window, delimiter: u8, limit: usize) -> Splitter {
        Splitter {
            window,
            reader: dialect::reader(delimiter),
            delimiter,
            limit,
            columns: None,
            cells: vec![0; 4096],
            cells_used: 0,
            ends: vec![0; 256],
            ends_used: 0,
        }
    }

    /// The next row, not yet taken.
    pub(crate) fn next(&mut self) -> Result<Row, Error> {
        match self.window.data().first().copied() {
            None if self.window.fill() => return self.next(),
            None => return self.window.failure().map_or(Ok(Row::End), Err),
            Some(b'\n' | b'\r') => return Ok(Row::Blank(self.window.line_end_length(0))),
            Some(_) => {}
        }
        (self.cells_used, self.ends_used) = (0, 0);
        let (mut read, mut dropped) = (0, 0);
        loop {
            let mut input = &self.window.data()[read..];
            if input.is_empty() {
                if read > self.limit {
                    return Ok(self.too_long());
                }
                if self.window.fill() {
                    continue;
                }
                if self.window.has_failed() {
                    self.take(read);
                    return self.window.failure().map_or(Ok(Row::End), Err);
                }
                if let Some(quote) = open_quote(self.window.data(), self.delimiter) {
                    self.reader = dialect::reader(self.delimiter);
                    return Ok(Row::Unclosed { length: read, quote });
                }
                input = &[];
            }
            let (result, nin, nout, nend) = self.reader.read_record(
                input,
                &mut self.cells[self.cells_used..],
                &mut self.ends[self.ends_used..],
            );
            read += nin;
            self.cells_used += nout;
            self.ends_used += nend;
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => self.cells.resize(2 * self.cells.len(), 0),
                ReadRecordResult::OutputEndsFull => match self.columns {
                    None => self.ends.resize(2 * self.ends.len(), 0),
                    Some(columns) => {
                        dropped += self.ends_used - columns;
                        self.ends_used = columns;
                    }
                },
                ReadRecordResult::Record | ReadRecordResult::End => break,
            }
        }
        if read > 0 && self.window.data()[read - 1] == b'\r' {
            read += self.window.line_end_length(read - 1) - 1;
        }
        if read > self.limit {
            return Ok(self.too_long());
        }
        let count = self.ends_used + dropped;
        if dropped > 0 {
            self.ends_used = self.columns.unwrap_or_default();
        }
        Ok(Row::Cells { length: read, count })
    }

    /// The text of the cells, one after the other, and where each ends. Of far too many cells only the first are kept.
    pub(crate) fn cells(&self) -> (&[u8], &[usize]) {
        (&self.cells[..self.cells_used], &self.ends[..self.ends_used])
    }

    /// The first `length` bytes of the row as they stand in the file, without its line end.
    pub(crate) fn raw(&self, length: usize) -> &[u8] {
        let data = self.window.data();
        data[..length.min(data.len())].trim_ascii_end_of_line()
    }

    /// The line on which the row starts.
    pub(crate) fn line(&self) -> u64 {
        self.window.line()
    }

    /// The line of the byte `offset` bytes into the row.
    pub(crate) fn line_at(&self, offset: usize) -> u64 {
        let data = self.window.data();
        self.window.line() + crate::window::line_ends(&data[..offset], data.get(offset).copied())
    }

    /// Passes over `length` bytes.
    pub(crate) fn take(&mut self, length: usize) {
        self.window.consume(length);
    }

    /// Passes over one physical line.
    pub(crate) fn skip_line(&mut self) {
        self.window.skip_line();
    }

    /// Fixes the number of columns, which bounds what is kept of a row.
    pub(crate) fn set_columns(&mut self, columns: usize) {
        self.columns = Some(columns);
        self.ends.resize(columns + EXTRA, 0);
    }

    /// Reads the row that was cut last once more.
    pub(crate) fn rewind(&mut self) {
        self.reader = dialect::reader(self.delimiter);
    }

    pub(crate) fn bytes_read(&self) -> u64 {
        self.window.bytes_read()
    }

    pub(crate) fn open_quote(&self) -> Option<usize> {
        let data = self.window.data();
        open_quote(&data[..data.len().min(self.limit)], self.delimiter)
    }

    fn too_long(&mut self) -> Row {
        self.reader = dialect::reader(self.delimiter);
        // A fresh reader would take a byte order mark off the next row; having read a line end, it does not.
        self.reader.read_record(b"\n", &mut self.cells[..1], &mut self.ends[..1]);
        Row::TooLong
    }
}

trait TrimEndOfLine {
    fn trim_ascii_end_of_line(&self) -> &[u8];
}

impl TrimEndOfLine for [u8] {
    fn trim_ascii_end_of_line(&self) -> &[u8] {
        let line = self.strip_suffix(b"\n").unwrap_or(self);
        line.strip_suffix(b"\r").unwrap_or(line)
    }
}

/// Where the quotation opens that is still open at the end of `row`.
fn open_quote(row: &[u8], delimiter: u8) -> Option<usize> {
    #[derive(Clone, Copy)]
    enum State {
        Start,
        Plain,
        Quoted(usize),
        MaybeClosed(usize),
    }
    let mut state = State::Start;
    for (at, &byte) in row.iter().enumerate() {
        state = match (state, byte) {
            (State::Start, QUOTE) => State::Quoted(at),
            (State::Quoted(from), QUOTE) => State::MaybeClosed(from),
            (State::Quoted(from), _) | (State::MaybeClosed(from), QUOTE) => State::Quoted(from),
            (_, byte) if byte == delimiter => State::Start,
            _ => State::Plain,
        };
    }
    match state {
        State::Quoted(from) => Some(from),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_open_quotation_is_found_where_it_opens() {
        assert_eq!(open_quote(b"a,\"b", b','), Some(2));
        assert_eq!(open_quote(b"a,\"b\"\"", b','), Some(2));
        assert_eq!(open_quote(b"a,\"b\"", b','), None);
        assert_eq!(open_quote(b"a \"b, c", b','), None);
    }
}
