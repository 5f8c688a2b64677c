use crate::bytes::Stream;
use crate::decision::{ColumnDecision, Decision};
use crate::dialect::{self, QUOTE};
use crate::elements::{Elements, Layout};
use crate::encoding::{self, Chosen, Transcoder};
use crate::format::{self, Format};
use crate::json::Json;
use crate::mapping::{self, Mapping};
use crate::rows::Rows;
use crate::split::{Row, Splitter};
use crate::tabular::{self, Tabular};
use crate::vendors;
use crate::window::Window;
use firmograph_core::{Error, ErrorKind, FieldSet, Position, Reject, Source};
use std::fmt;
use std::path::Path;

/// How a file is to be read; what is `None` is found out.
#[derive(Debug, Clone)]
pub struct OpenOptions {
    /// The delimiter of a table.
    pub delimiter: Option<u8>,
    /// The encoding, by a label that browsers know.
    pub encoding: Option<String>,
    /// The shape of the text.
    pub format: Option<Format>,
    /// Which column or path fills which field: of each record or table, the first whose condition holds is taken.
    pub mappings: Vec<Mapping>,
    /// Whose records they are: behind `mappings` come those for this source that come with firmograph.
    pub source: Option<Source>,
    /// The longest record that is taken, in bytes; memory stays within a few times of it.
    pub max_record_bytes: usize,
    /// Whether the first row of a table names its columns. Without a header, columns are called `column 1`, `column 2`, ...
    pub has_header: Option<bool>,
}

impl Default for OpenOptions {
    fn default() -> Self {
        OpenOptions {
            delimiter: None,
            encoding: None,
            format: None,
            mappings: Vec::new(),
            source: None,
            max_record_bytes: 1024 * 1024,
            has_header: None,
        }
    }
}

/// One thing in a file, in the file's order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// A record.
    Record(Record),
    /// A record that could not be taken.
    Reject(Reject),
    /// An empty line, a row of nothing but blank cells, or the header row once more (exports glued together). It has no
    /// number: its position names the record before it.
    Blank(Position),
}

/// One record: its payload, and the raw text of the fields that are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Where it stands.
    pub position: Position,
    /// Of a table, a JSON array of the cells as text in the order of [`Input::columns`]; of JSON, the object's own text.
    pub payload: Box<str>,
    /// The raw text by field.
    pub fields: FieldSet,
    /// The fields of further records that the same payload holds.
    pub also: Vec<FieldSet>,
}

/// An opened file. Reads in a stream; memory is bounded by [`OpenOptions::max_record_bytes`], not by the file.
pub struct Input {
    reader: Reader,
    decision: Decision,
    size: Option<u64>,
}

enum Reader {
    Table(Box<Tabular>),
    Json(Box<Json>),
    /// Items that stand in no file.
    Made(std::vec::IntoIter<Item>),
}

impl Input {
    /// Opens `path` and decides how to read it, from its first 128 KiB.
    ///
    /// # Errors
    /// Usage: `unknown-encoding`, `no-header`, `no-known-column`, `unknown-column`. Environment: `cannot-read`. Data:
    /// `empty-file`.
    pub fn open(path: &Path, options: &OpenOptions) -> Result<Input, Error> {
        let file =
            path.file_name().map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into());
        let (mut stream, size) = Stream::open(path)?;
        let extension = format::extension(path);
        if options.format.unwrap_or(Format::Json) == Format::Bson
            || options.format.is_none() && extension == "bson"
        {
            stream.read_bson();
        }
        let (sample, complete) = stream.sample()?;
        let chosen = encoding::decide(sample, complete, options.encoding.as_deref())?;
        let (text, _) = chosen.encoding.decode_without_bom_handling(&sample[chosen.mark..]);
        let text = text.into_owned();
        if complete && text.trim().is_empty() {
            return Err(Error::new(ErrorKind::Data, "empty-file", format!("{file} is empty")));
        }
        let format = match stream.is_bson() {
            true => Format::Bson,
            false => options.format.unwrap_or_else(|| format::decide(&extension, &text)),
        };
        stream.skip(chosen.mark);
        let is_utf8 = chosen.encoding == encoding_rs::UTF_8;
        if !is_utf8 && (format != Format::Csv || !chosen.is_row_wise()) {
            stream.transcode(Transcoder::new(chosen.encoding));
        }
        let decision = Decision {
            file,
            format,
            gzip: stream.is_gzip(),
            encoding: chosen.encoding.name().to_lowercase(),
            encoding_guessed: chosen.guessed,
            delimiter: None,
            quote: None,
            has_header: false,
            columns: Vec::new(),
            mapped: Vec::new(),
            mappings: Vec::new(),
        };
        let window = Window::new(stream);
        match format {
            Format::Csv => open_table(window, decision, chosen, &extension, &text, options, size),
            Format::Json | Format::JsonLines | Format::Bson => {
                open_json(window, decision, &text, options, size)
            }
        }
    }

    /// Documents that stand in no file, to be read as if they did; `name` says where they come from.
    #[must_use]
    pub fn of_documents(name: &str, items: Vec<Item>) -> Input {
        let decision = Decision {
            file: name.to_owned(),
            format: Format::JsonLines,
            gzip: false,
            encoding: "utf-8".to_owned(),
            encoding_guessed: false,
            delimiter: None,
            quote: None,
            has_header: false,
            columns: Vec::new(),
            mapped: Vec::new(),
            mappings: Vec::new(),
        };
        Input { reader: Reader::Made(items.into_iter()), decision, size: None }
    }

    /// Whether its records stand in a file.
    #[must_use]
    pub fn is_of_file(&self) -> bool {
        !matches!(self.reader, Reader::Made(_))
    }

    /// What was decided about the file.
    #[must_use]
    pub fn decision(&self) -> &Decision {
        &self.decision
    }

    /// The names of the payload's columns, exactly as in the file; `None` for JSON.
    #[must_use]
    pub fn columns(&self) -> Option<&[String]> {
        match &self.reader {
            Reader::Table(table) => Some(table.columns()),
            Reader::Json(_) | Reader::Made(_) => None,
        }
    }

    /// The next item, `None` at the end.
    ///
    /// # Errors
    /// Only what stops the whole file: `cannot-read`, `truncated-gzip`, `corrupt-gzip` (environment). A bad row is an
    /// [`Item::Reject`].
    pub fn next_item(&mut self) -> Result<Option<Item>, Error> {
        match &mut self.reader {
            Reader::Table(table) => table.next_item(),
            Reader::Json(json) => json.next_item(),
            Reader::Made(items) => Ok(items.next()),
        }
    }

    /// Keys of JSON records, folded (`jobs[].title`), that the mapping of their record neither reads nor ignores, with the
    /// number of records that have them, as far as the file has been read. Keys that begin with `_` are notes.
    #[must_use]
    pub fn unread_keys(&self) -> Vec<(String, u64)> {
        match &self.reader {
            Reader::Table(_) | Reader::Made(_) => Vec::new(),
            Reader::Json(json) => json.unread(),
        }
    }

    /// Bytes read of the file on disk, packed as it is.
    #[must_use]
    pub fn bytes_read(&self) -> u64 {
        match &self.reader {
            Reader::Table(table) => table.bytes_read(),
            Reader::Json(json) => json.bytes_read(),
            Reader::Made(_) => 0,
        }
    }

    /// The size of the file on disk; `None` where it has none, as a pipe.
    #[must_use]
    pub fn file_size(&self) -> Option<u64> {
        self.size
    }
}

impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Input").field("decision", &self.decision).finish_non_exhaustive()
    }
}

fn open_table(
    mut window: Window,
    mut decision: Decision,
    chosen: Chosen,
    extension: &str,
    text: &str,
    options: &OpenOptions,
    size: Option<u64>,
) -> Result<Input, Error> {
    let mappings = vendors::with(&options.mappings, options.source.as_ref());
    let dialect = dialect::decide(text, extension, options.delimiter, &mappings);
    decision.delimiter = Some(dialect.delimiter as char);
    decision.quote = Some(QUOTE as char);
    if dialect.preamble > 0 {
        window.fill_to(dialect.preamble);
        window.consume(dialect.preamble);
    }
    let row_wise = chosen.is_row_wise().then_some(chosen.encoding);
    let encoding = row_wise.unwrap_or(encoding_rs::UTF_8);
    let mut splitter = Splitter::new(window, dialect.delimiter, options.max_record_bytes);
    let length = loop {
        match splitter.next()? {
            Row::Cells { length, count } if count > 0 => break length,
            Row::Blank(length) | Row::Cells { length, .. } => splitter.take(length),
            Row::End => {
                let message = format!("{} has no rows", decision.file);
                return Err(Error::new(ErrorKind::Data, "empty-file", message));
            }
            Row::TooLong | Row::Unclosed { .. } => {
                return Err(no_header(&decision.file, "its first row never ends, or is too long"));
            }
        }
    };
    let (cells, ends) = splitter.cells();
    let mut header = (cells.to_vec(), ends.to_vec());
    let mut names = tabular::names(cells, ends, encoding);
    let is_header = options.has_header;
    if is_header.unwrap_or_else(|| names.iter().any(|name| dialect::is_known(name, &mappings))) {
        splitter.take(length);
        decision.has_header = true;
    } else if is_header.is_none() {
        let shown: Vec<String> = names.iter().take(8).map(|name| format!("{name:?}")).collect();
        return Err(no_header(&decision.file, &format!("its first row is {}", shown.join(", "))));
    } else {
        splitter.rewind();
        header = (Vec::new(), Vec::new());
        names = (1..=names.len()).map(|number| format!("column {number}")).collect();
    }
    let (_, kept) = tabular::kept(&names);
    let rows = Rows::new(&kept, &mappings)?;
    decision.mapped = rows.mapped();
    if decision.mapped.is_empty() {
        return Err(no_known_column(&decision.file, names.iter().map(String::as_str)));
    }
    decision.mappings = rows.mappings().iter().map(Mapping::fingerprint).collect();
    let columns = kept.into_iter().enumerate();
    decision.columns =
        columns.map(|(column, name)| ColumnDecision { name, field: rows.field_of(column) }).collect();
    let legacy = row_wise.filter(|encoding| *encoding != encoding_rs::UTF_8);
    let table = Tabular::new(splitter, legacy, options.max_record_bytes, names, rows, header);
    Ok(Input { reader: Reader::Table(Box::new(table)), decision, size })
}

fn open_json(
    mut window: Window,
    mut decision: Decision,
    text: &str,
    options: &OpenOptions,
    size: Option<u64>,
) -> Result<Input, Error> {
    let (layout, preamble) = match decision.format {
        Format::JsonLines | Format::Bson => (Layout::Lines, 0),
        _ => crate::wrapped::layout(text),
    };
    window.fill_to(preamble);
    window.consume(preamble);
    let elements = Elements::new(window, layout, options.max_record_bytes);
    let mappings = vendors::with(&options.mappings, options.source.as_ref());
    let mut json = Json::new(elements, options.max_record_bytes, mappings);
    let (seen, is_whole) = json.look_ahead()?;
    let paths: Vec<String> = seen.paths.iter().map(|(path, _)| path.clone()).collect();
    let used = seen.mappings.iter().filter_map(|&index| Some((index, json.mappings().get(index)?)));
    let used: Vec<(usize, &Mapping)> = used.collect();
    // A path that the first objects lack may come later; in a file that was seen to its end it will not. What a mapping
    // for certain records alone names may be missing in these.
    let whole = used.iter().filter(|(_, mapping)| is_whole && mapping.is_own && mapping.when.is_always());
    for (index, mapping) in whole.filter(|(_, mapping)| mapping.records.is_empty()) {
        for (field, columns) in mapping.fields().filter(|(field, _)| !seen.filled.contains(&(*index, *field)))
        {
            if !paths.is_empty() {
                let why = format!("the mapping fills {field} from it");
                return Err(mapping::unknown_column(&columns[0], &paths, &why));
            }
        }
    }
    if used.is_empty() && !paths.is_empty() && seen.paths.iter().all(|(_, field)| field.is_none()) {
        return Err(no_known_column(&decision.file, paths.iter().map(String::as_str)));
    }
    // A mapping is told as it was given: which of its alternatives the first objects have is chance.
    decision.mapped = used
        .iter()
        .flat_map(|(_, mapping)| mapping.fields())
        .flat_map(|(field, columns)| columns.iter().map(move |column| (field, column.clone())))
        .collect();
    decision.mappings = used.iter().map(|(_, mapping)| mapping.fingerprint()).collect();
    let given: Vec<_> = decision.mapped.iter().map(|(field, _)| *field).collect();
    let found = seen.paths.iter().filter_map(|(path, field)| Some(((*field)?, path.clone())));
    decision.mapped.extend(found.filter(|(field, _)| !given.contains(field)));
    let columns = seen.paths.into_iter();
    decision.columns = columns.map(|(name, field)| ColumnDecision { name, field }).collect();
    Ok(Input { reader: Reader::Json(Box::new(json)), decision, size })
}

fn no_header(file: &str, found: &str) -> Error {
    let message = format!("{file} has no header that is recognised: {found}");
    Error::new(ErrorKind::Usage, "no-header", message).with_help(
        "give a mapping that names its columns ([fields] email = \"Column\"), the delimiter if it is another one, \
         or say that there is no header and map \"column 1\", \"column 2\", ...",
    )
}

pub(crate) fn no_known_column<'a>(file: &str, names: impl Iterator<Item = &'a str>) -> Error {
    let shown: Vec<String> = names.take(12).map(|name| format!("{name:?}")).collect();
    let shown = if shown.is_empty() { "none".to_owned() } else { shown.join(", ") };
    let message = format!("no column of {file} is known; it has {shown}");
    Error::new(ErrorKind::Usage, "no-known-column", message)
        .with_help("give a mapping file: [fields] email = \"Column\", company_name = \"Other Column\"")
}
