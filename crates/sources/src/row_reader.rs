use crate::documents::Sets;
use crate::input::{Item, Record, no_known_column};
use crate::mapping::Mapping;
use crate::payload;
use crate::rows::Rows;
use crate::tabular::kept;
use crate::vendors;
use firmograph_core::{Error, Field, Position, Reject, RejectCode, Source};

/// Reads rows that stand in memory as a file with the same header would be read: the same fields, the same payloads.
///
/// ```
/// use firmograph_core::Field;
/// use firmograph_sources::{Item, RowReader};
///
/// let columns = ["E-Mail".to_owned(), "Firma".to_owned()];
/// let mut reader = RowReader::new(&columns, &[], None)?;
/// let row = ["ada@acme.example", "Acme"];
/// let Item::Record(record) = reader.read(|column| row[column]) else { panic!("a record") };
/// assert_eq!(record.fields.get(Field::CompanyName), Some("Acme"));
/// assert_eq!(&*record.payload, r#"["ada@acme.example","Acme"]"#);
/// # Ok::<(), firmograph_core::Error>(())
/// ```
pub struct RowReader {
    names: Vec<String>,
    /// Columns that belong to the payload, and their names.
    kept: Vec<usize>,
    kept_names: Vec<String>,
    rows: Rows,
    record: u64,
    json: String,
}

impl RowReader {
    /// For rows of these columns, read with these mappings for this source.
    ///
    /// # Errors
    /// Usage: `no-known-column` where no column means anything, `unknown-column` where a mapping names what is not there.
    pub fn new(columns: &[String], own: &[Mapping], source: Option<&Source>) -> Result<RowReader, Error> {
        Self::planned(columns, |names| Rows::new(names, &vendors::with(own, source)))
    }

    /// As [`RowReader::new`], for rows that leave out what they do not know: a mapping may name columns that none of them has.
    ///
    /// # Errors
    /// Usage: `no-known-column`.
    pub fn of_part(columns: &[String], own: &[Mapping], source: Option<&Source>) -> Result<RowReader, Error> {
        Self::planned(columns, |names| Rows::of_part(names, &vendors::with(own, source)))
    }

    fn planned(
        columns: &[String],
        plan: impl FnOnce(&[String]) -> Result<Rows, Error>,
    ) -> Result<RowReader, Error> {
        let (kept, kept_names) = kept(columns);
        let rows = plan(&kept_names)?;
        if rows.mapped().is_empty() {
            return Err(no_known_column("the rows", columns.iter().map(String::as_str)));
        }
        let names = columns.to_vec();
        Ok(RowReader { names, kept, kept_names, rows, record: 0, json: String::new() })
    }

    /// Names of the payload's columns.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        &self.kept_names
    }

    /// Which column fills which field.
    #[must_use]
    pub fn mapped(&self) -> Vec<(Field, String)> {
        self.rows.mapped()
    }

    /// The next row, of which `cell` gives the text by column, empty where there is none. Rows are counted from 1, blank ones
    /// too: that is the line of their position.
    pub fn read<'c>(&mut self, cell: impl Fn(usize) -> &'c str) -> Item {
        let position = self.next_position();
        let cells = || self.kept.iter().map(|&column| cell(column));
        if cells().all(|text| text.trim_start().is_empty()) {
            return Item::Blank(position);
        }
        self.json.clear();
        payload::push_array(&mut self.json, cells());
        if let Some(column) = self.kept.iter().find(|&&column| cell(column).contains('\0')) {
            return Item::Reject(Reject {
                code: RejectCode::NulCharacter,
                position,
                column: self.names.get(*column).cloned(),
                cause: "a NUL character (U+0000) stands in this cell".to_owned(),
                original: self.json.as_bytes().to_vec(),
            });
        }
        let Sets { first: fields, also } = self.rows.read(|column| cell(self.kept[column]));
        Item::Record(Record { position, payload: self.json.as_str().into(), fields, also })
    }

    /// Whether what stands in `column` may matter: it fills a field, or a mapping reads it.
    #[must_use]
    pub fn reads(&self, column: &str) -> bool {
        self.rows.reads(column)
    }

    /// Counts a row that nobody can read.
    pub fn next_position(&mut self) -> Position {
        self.record += 1;
        Position { record: self.record, line: self.record }
    }
}

impl std::fmt::Debug for RowReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RowReader").field("columns", &self.kept_names).finish_non_exhaustive()
    }
}
