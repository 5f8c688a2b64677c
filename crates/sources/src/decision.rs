use crate::format::Format;
use firmograph_core::Field;
use serde::{Serialize, Serializer};
use std::fmt;

/// What was decided about a file before its first record was read. `Display` says it in one line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Decision {
    /// The file's name, without its folder.
    pub file: String,
    /// The shape of the text.
    pub format: Format,
    /// Whether the file is packed with gzip.
    pub gzip: bool,
    /// The encoding, lower case: `utf-8`, `windows-1252`, ...
    pub encoding: String,
    /// Whether the encoding is a guess: not asked for, not marked and not proven by the bytes.
    pub encoding_guessed: bool,
    /// The delimiter, of a table.
    pub delimiter: Option<char>,
    /// The quotation mark, of a table.
    pub quote: Option<char>,
    /// Whether the first row names the columns.
    pub has_header: bool,
    /// The columns of a table, or the paths seen in the first objects of a JSON file.
    pub columns: Vec<ColumnDecision>,
    /// Which column fills which field: a field's columns in the order in which they are tried.
    #[serde(serialize_with = "pairs_as_text")]
    pub mapped: Vec<(Field, String)>,
    /// The mappings in use, of a JSON file those of its first objects: the name, a slash and the hash of the text.
    pub mappings: Vec<String>,
}

/// One column and what it is taken for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ColumnDecision {
    /// Its name, exactly as in the file.
    pub name: String,
    /// The field it fills; unknown columns stay in the payload.
    #[serde(serialize_with = "field_as_text")]
    pub field: Option<Field>,
}

impl Decision {
    /// A stable text of what fills what. The same file read with another mapping, or by newer header rows, differs here.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let mut text = format!("{}", self.format);
        if let Some(delimiter) = self.delimiter {
            text.push(' ');
            text.extend(delimiter.escape_default());
        }
        for (field, column) in &self.mapped {
            text.push_str(&format!(";{field}<-{column:?}"));
        }
        for mapping in &self.mappings {
            text.push_str(&format!(";{mapping}"));
        }
        text
    }
}

/// How many names one line can bear.
const SHOWN: usize = 6;

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.file, self.format)?;
        if self.gzip {
            f.write_str(" in gzip")?;
        }
        write!(f, ", {}{}", self.encoding, if self.encoding_guessed { " (guessed)" } else { "" })?;
        if let Some(delimiter) = self.delimiter {
            write!(f, ", delimiter {delimiter:?}")?;
        }
        if !self.has_header && self.format == Format::Csv {
            f.write_str(", no header")?;
        }
        let names: Vec<&str> = self.mappings.iter().filter_map(|name| name.split('/').next()).collect();
        if !names.is_empty() {
            write!(f, ", {} {}", if names.len() == 1 { "mapping" } else { "mappings" }, names.join(", "))?;
        }
        let (mapped, kept): (Vec<_>, Vec<_>) = self.columns.iter().partition(|column| column.field.is_some());
        let noun = if self.format == Format::Csv { "column" } else { "path" };
        let plural = if self.columns.len() == 1 { "" } else { "s" };
        write!(f, ", {} {noun}{plural}: {} mapped (", self.columns.len(), mapped.len())?;
        // Columns named as their field say nothing new; those that are read as something else come first.
        let said = mapped.iter().filter_map(|column| Some((column.field?, column.name.as_str())));
        let (plain, telling): (Vec<_>, Vec<_>) =
            said.partition(|(field, name)| crate::fold_header(name) == crate::fold_header(field.name()));
        let shown = telling.iter().chain(&plain).take(SHOWN);
        let shown: Vec<String> = shown.map(|(field, name)| format!("{field} <- {name:?}")).collect();
        write!(f, "{}{})", shown.join(", "), if mapped.len() > SHOWN { ", ..." } else { "" })?;
        if !kept.is_empty() {
            let names: Vec<String> =
                kept.iter().take(SHOWN).map(|column| format!("{:?}", column.name)).collect();
            let more = if kept.len() > SHOWN { ", ..." } else { "" };
            write!(f, ", {} kept in the payload: {}{more}", kept.len(), names.join(", "))?;
        }
        Ok(())
    }
}

fn field_as_text<S: Serializer>(field: &Option<Field>, serializer: S) -> Result<S::Ok, S::Error> {
    field.map(Field::name).serialize(serializer)
}

fn pairs_as_text<S: Serializer>(pairs: &[(Field, String)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(pairs.iter().map(|(field, column)| (field.name(), column)))
}
