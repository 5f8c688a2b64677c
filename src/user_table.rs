//! The small tables that users write: CSV in UTF-8 with a header; comma, semicolon or tab; rows with their physical lines.

use firmograph_core::{Error, ErrorKind};
use std::path::Path;

/// What stands between the cells, the commonest first.
const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];

/// A row that is not blank: its physical line, from 1, and its cells.
pub(crate) type UserRow = (u64, Vec<String>);

/// The bytes of the file.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Error> {
    std::fs::read(path).map_err(|error| {
        Error::new(ErrorKind::Environment, "cannot-read", format!("{}: {error}", path.display()))
            .with_cause(error)
    })
}

/// What `recognize` makes of the header, and the rows. The error says in a few words what is wrong; `wanted` is what the header
/// should have.
pub(crate) fn parse<C>(
    bytes: &[u8],
    wanted: &str,
    recognize: impl Fn(&[String]) -> Option<C>,
) -> Result<(C, Vec<UserRow>), String> {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let text = std::str::from_utf8(bytes)
        .map_err(|error| format!("byte {} is not UTF-8", error.valid_up_to() + 1))?;
    let opened = |delimiter: u8| {
        let mut reader = csv::ReaderBuilder::new();
        reader.delimiter(delimiter).flexible(true).from_reader(text.as_bytes())
    };
    let found = DELIMITERS.into_iter().find_map(|delimiter| {
        let header: Vec<String> = opened(delimiter).headers().ok()?.iter().map(str::to_owned).collect();
        Some((delimiter, recognize(&header)?))
    });
    let Some((delimiter, columns)) = found else {
        let header = text.lines().next().unwrap_or_default();
        let header: String = header.chars().take(120).collect();
        return Err(format!("the header {header:?} has no {wanted}"));
    };
    let mut rows = Vec::new();
    let mut place = Place { text, at: 0, line: 1 };
    for record in opened(delimiter).records() {
        let record = record.map_err(|error| error.to_string())?;
        let line = place.line_of(record.position().map_or(0, |position| position.byte() as usize));
        if record.iter().any(|cell| !cell.trim().is_empty()) {
            rows.push((line, record.iter().map(str::to_owned).collect()));
        }
    }
    Ok((columns, rows))
}

/// Physical lines of a text, asked for in their order.
struct Place<'t> {
    text: &'t str,
    at: usize,
    line: u64,
}

impl Place<'_> {
    /// The line on which a record starts. The reader's own count stops at blank lines before a record.
    fn line_of(&mut self, byte: usize) -> u64 {
        let rest = self.text.as_bytes().get(byte..).unwrap_or_default();
        let start = byte + rest.iter().take_while(|byte| matches!(byte, b'\n' | b'\r')).count();
        let passed = self.text.as_bytes().get(self.at..start).unwrap_or_default();
        self.line += passed.iter().filter(|byte| **byte == b'\n').count() as u64;
        self.at = start.max(self.at);
        self.line
    }
}
