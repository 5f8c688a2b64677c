use crate::header;
use crate::mapping::Mapping;
use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

/// How a table is cut into cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Dialect {
    pub(crate) delimiter: u8,
    /// Bytes of a first line `sep=;`, which spreadsheets write and read.
    pub(crate) preamble: usize,
}

const CANDIDATES: [u8; 4] = [b',', b';', b'\t', b'|'];

pub(crate) const QUOTE: u8 = b'"';

/// Decides the delimiter of `sample`.
///
/// The headers decide first: the delimiter under which most of them are known. Statistics (`csv-nose`) are asked only
/// where no header is known, because they can be led astray by one column full of commas.
pub(crate) fn decide(sample: &str, extension: &str, asked: Option<u8>, mappings: &[Mapping]) -> Dialect {
    let (separator, preamble) = separator_line(sample);
    if let Some(delimiter) = asked.or(separator) {
        return Dialect { delimiter, preamble };
    }
    let sample = &sample[preamble..];
    let known = CANDIDATES.map(|delimiter| known_headers(sample, delimiter, mappings));
    let most = known.iter().copied().max().unwrap_or_default();
    let best: Vec<u8> =
        CANDIDATES.into_iter().zip(known).filter(|(_, n)| *n == most).map(|(d, _)| d).collect();
    let delimiter = match (extension, best.as_slice()) {
        ("tsv" | "tab", best) if best.contains(&b'\t') => b'\t',
        ("psv", best) if best.contains(&b'|') => b'|',
        (_, &[one]) => one,
        // One known header under every delimiter: a table of one column.
        (_, best) if most > 0 => best.first().copied().unwrap_or(b','),
        _ => sniff(sample).unwrap_or(b','),
    };
    Dialect { delimiter, preamble }
}

/// A fresh reader of this dialect.
pub(crate) fn reader(delimiter: u8) -> Reader {
    ReaderBuilder::new().delimiter(delimiter).quote(QUOTE).build()
}

fn separator_line(sample: &str) -> (Option<u8>, usize) {
    let Some(rest) = sample.get(..4).filter(|start| start.eq_ignore_ascii_case("sep=")).map(|_| &sample[4..])
    else {
        return (None, 0);
    };
    match *rest.as_bytes() {
        [delimiter, b'\r', b'\n', ..] => (Some(delimiter), 7),
        [delimiter, b'\n' | b'\r', ..] => (Some(delimiter), 6),
        _ => (None, 0),
    }
}

fn known_headers(sample: &str, delimiter: u8, mappings: &[Mapping]) -> usize {
    first_row(sample, delimiter).iter().filter(|cell| is_known(cell, mappings)).count()
}

/// Whether this cell of a first row is a header that means something.
pub(crate) fn is_known(cell: &str, mappings: &[Mapping]) -> bool {
    header::look_up(cell).is_known() || mappings.iter().any(|mapping| mapping.names(cell))
}

fn first_row(sample: &str, delimiter: u8) -> Vec<String> {
    let sample = sample.trim_start_matches(['\r', '\n']).as_bytes();
    let mut cells = vec![0; sample.len() + 1];
    let mut ends = vec![0; 4096];
    let mut reader = reader(delimiter);
    let (mut result, read, mut written, mut count) = reader.read_record(sample, &mut cells, &mut ends);
    if matches!(result, ReadRecordResult::InputEmpty) && read == sample.len() {
        let more;
        (result, _, more, _) = reader.read_record(&[], &mut cells[written..], &mut ends[count..]);
        written += more;
        count += usize::from(matches!(result, ReadRecordResult::Record));
    }
    let text = String::from_utf8_lossy(&cells[..written]);
    let mut start = 0;
    let mut row = Vec::with_capacity(count);
    for &end in &ends[..count] {
        row.push(text.get(start..end).unwrap_or_default().to_owned());
        start = end;
    }
    row
}

/// Asks the statistics, and believes them only where their answer is one that tables have.
fn sniff(sample: &str) -> Option<u8> {
    // Its cost grows with the sample; a hundred rows or so say as much as ten thousand.
    let mut cut = sample.len().min(32 * 1024);
    while !sample.is_char_boundary(cut) {
        cut -= 1;
    }
    let sniffed = csv_nose::Sniffer::new().sniff_bytes(&sample.as_bytes()[..cut]).ok()?;
    let delimiter = sniffed.dialect.delimiter;
    (CANDIDATES.contains(&delimiter) && sample.as_bytes().contains(&delimiter)).then_some(delimiter)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delimiter(sample: &str) -> char {
        decide(sample, "csv", None, &[]).delimiter as char
    }

    #[test]
    fn headers_decide_against_cells_full_of_other_delimiters() {
        assert_eq!(delimiter("First Name;Last Name;Email\nA, B, C;D, E;x@y.example\n"), ';');
        assert_eq!(delimiter("Email|Company\nx@y.example|\"A, B; C\"\n"), '|');
        assert_eq!(delimiter("Email\tCompany\nx\ty\n"), '\t');
        assert_eq!(delimiter("\r\nEmail,Company\nx;1,y;2\n"), ',');
        assert_eq!(delimiter("Email"), ',');
    }

    #[test]
    fn unknown_headers_leave_it_to_statistics() {
        assert_eq!(delimiter("foo;bar;baz\n1;2;3\n4;5;6\n7;8;9\n"), ';');
    }

    #[test]
    fn a_separator_line_is_believed() {
        assert_eq!(
            decide("sep=;\r\nEmail;X\r\n", "csv", None, &[]),
            Dialect { delimiter: b';', preamble: 7 }
        );
    }
}
