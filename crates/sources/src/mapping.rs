use crate::header::fold_header;
use crate::language;
use crate::path;
use crate::tree::Node;
use firmograph_core::{Error, ErrorKind, Field};
use std::path::Path;

/// Which column or path fills which field, where header recognition does not know or must not decide.
///
/// Fields that a mapping names are filled from its columns only; the rest of the file is still recognised by its headers,
/// unless the mapping says otherwise. The whole language is told in `data/vendors/README.md`; the vendors' mappings beside
/// it are written in it.
///
/// ```
/// use firmograph_sources::Mapping;
///
/// let mapping = Mapping::parse(r#"
///     ignore = ["Internal Id"]                 # columns that must not be recognised
///     [fields]
///     email = "Mail"
///     company_name = ["Account", "company.name"]   # tried in order; dots lead into JSON objects and arrays
/// "#)?;
/// assert_eq!(mapping.columns(firmograph_core::Field::Email).unwrap(), ["Mail"]);
///
/// let error = Mapping::parse("[fields]\nemial = \"Mail\"").unwrap_err();
/// assert_eq!(error.code(), "bad-mapping");
/// assert!(error.help().unwrap().contains("email"));
/// # Ok::<(), firmograph_core::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mapping {
    pub(crate) text: Box<str>,
    pub(crate) name: Option<String>,
    pub(crate) sources: Vec<String>,
    /// Where the documents stand within a record that wraps several.
    pub(crate) list: Vec<String>,
    pub(crate) when: When,
    pub(crate) pick: Vec<(String, Vec<String>)>,
    /// What holds for every record.
    pub(crate) common: Rule,
    /// Records of one payload; empty for one record of the common rule alone.
    pub(crate) records: Vec<Rule>,
    pub(crate) blank: Vec<(Field, Vec<String>)>,
    pub(crate) times: Vec<String>,
    pub(crate) ignore: Vec<String>,
    pub(crate) recognises: bool,
    /// Whether it was given by a user: what it names must be there.
    pub(crate) is_own: bool,
}

/// What a record must be for a mapping to be its mapping.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct When {
    /// Paths that are all there.
    pub(crate) has: Vec<String>,
    /// Conditions of which one holds.
    pub(crate) any: Vec<String>,
    pub(crate) equals: Vec<(String, String)>,
}

/// What fills the fields of one record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Rule {
    /// The list of which every element is a record, and where else it may stand.
    pub(crate) each: Vec<String>,
    pub(crate) fields: Vec<(Field, Vec<String>)>,
    pub(crate) says: Vec<(String, Vec<(Field, String)>)>,
    pub(crate) units: Vec<(Field, Unit)>,
}

/// The unit of a number: a constant, or a path to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unit {
    Constant(String),
    Path(Vec<String>),
}

impl When {
    pub(crate) fn is_always(&self) -> bool {
        self.has.is_empty() && self.any.is_empty() && self.equals.is_empty()
    }

    /// The paths that it asks for, as written.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &str> {
        let equals = self.equals.iter().map(|(path, _)| path.as_str());
        let any = self.any.iter().map(|condition| path::parted(condition.trim_start_matches('!')).0);
        self.has.iter().map(String::as_str).chain(any).chain(equals)
    }

    pub(crate) fn holds(&self, root: &Node<'_>) -> bool {
        self.has.iter().all(|path| path::find(root, path).is_some())
            && self
                .equals
                .iter()
                .all(|(path, text)| path::find(root, path).and_then(Node::text) == Some(text.as_str()))
            && (self.any.is_empty() || self.any.iter().any(|condition| path::holds(root, condition)))
    }
}

impl Rule {
    /// Every path that it names.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &str> {
        let of_units = self.units.iter().flat_map(|(_, unit)| match unit {
            Unit::Path(paths) => paths.as_slice(),
            Unit::Constant(_) => &[],
        });
        let of_fields = self.fields.iter().flat_map(|(_, paths)| paths);
        let said = self.says.iter().map(|(condition, _)| path::parted(condition).0);
        of_fields.chain(of_units).map(String::as_str).chain(said)
    }
}

impl Mapping {
    /// Reads a mapping file. It is called as its file is, unless it has a name of its own.
    ///
    /// # Errors
    /// `cannot-read` (environment), or what [`Mapping::parse`] gives.
    pub fn from_path(path: &Path) -> Result<Mapping, Error> {
        let text = std::fs::read_to_string(path).map_err(|error| {
            let message = format!("cannot read the mapping {}: {error}", path.display());
            Error::new(ErrorKind::Environment, "cannot-read", message).with_cause(error)
        })?;
        let mut mapping = Mapping::parse(&text).map_err(|error| {
            let named = Error::new(error.kind(), error.code(), format!("{}: {error}", path.display()));
            match error.help() {
                Some(help) => named.with_help(help),
                None => named,
            }
        })?;
        let stem = || path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
        mapping.name = mapping.name.take().or_else(stem);
        Ok(mapping)
    }

    /// Parses the text of a mapping file.
    ///
    /// # Errors
    /// `bad-mapping` (usage) with the line: broken TOML, unknown keys, unknown fields.
    pub fn parse(text: &str) -> Result<Mapping, Error> {
        language::parse(text)
    }

    /// The text that was parsed.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What it calls itself, or its file's name.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The sources whose records it is for.
    #[must_use]
    pub fn sources(&self) -> &[String] {
        &self.sources
    }

    /// The columns given for `field`, in the order in which they are tried.
    #[must_use]
    pub fn columns(&self, field: Field) -> Option<&[String]> {
        self.fields().find(|(given, _)| *given == field).map(|(_, columns)| columns)
    }

    /// Every field given, with its columns, in the order of the file: those of all records first.
    pub fn fields(&self) -> impl Iterator<Item = (Field, &[String])> {
        self.rules().flat_map(|rule| &rule.fields).map(|(field, columns)| (*field, columns.as_slice()))
    }

    /// Whether `column` must not be recognised by its name.
    #[must_use]
    pub fn ignores(&self, column: &str) -> bool {
        self.ignore.iter().any(|ignored| is_same_column(ignored, column))
    }

    /// Whether this mapping names `column`.
    pub(crate) fn names(&self, column: &str) -> bool {
        self.fields().flat_map(|(_, columns)| columns).any(|given| is_same_column(given, column))
    }

    pub(crate) fn rules(&self) -> impl Iterator<Item = &Rule> {
        std::iter::once(&self.common).chain(&self.records)
    }

    /// Every path that it reads, as written.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &str> {
        let each = self.rules().flat_map(|rule| &rule.each);
        let picked = self.pick.iter().flat_map(|(_, paths)| paths);
        let named = each.chain(picked).map(String::as_str);
        self.when.paths().chain(named).chain(self.rules().flat_map(Rule::paths))
    }

    /// Whether it reads `column`, or what stands in it.
    pub(crate) fn reads(&self, column: &str) -> bool {
        self.paths().any(|path| {
            let first = path.split(['.', '[']).next().unwrap_or(path);
            is_same_column(path, column) || is_same_column(first, column)
        })
    }

    /// Whether `text` means nothing in `field`.
    pub(crate) fn is_blank(&self, field: Field, text: &str) -> bool {
        self.blank
            .iter()
            .filter(|(given, _)| *given == field)
            .flat_map(|(_, patterns)| patterns)
            .any(|pattern| is_like(text.trim(), pattern))
    }

    /// Tells this text of a mapping from others.
    pub(crate) fn fingerprint(&self) -> String {
        // FNV-1a: it must be the same on every machine, and nobody gains by making two equal.
        let hash = self.text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        format!("{}/{hash:016x}", self.name.as_deref().unwrap_or("mapping"))
    }
}

pub(crate) fn is_same_column(given: &str, header: &str) -> bool {
    given == header || (!fold_header(given).is_empty() && fold_header(given) == fold_header(header))
}

/// Whether the text is the pattern, in which one `*` stands for anything.
fn is_like(text: &str, pattern: &str) -> bool {
    match pattern.split_once('*') {
        None => text == pattern,
        Some((start, end)) => {
            text.len() >= start.len() + end.len() && text.starts_with(start) && text.ends_with(end)
        }
    }
}

pub(crate) fn unknown_column(name: &str, headers: &[String], why: &str) -> Error {
    let names: Vec<&str> = headers.iter().map(String::as_str).collect();
    Error::new(ErrorKind::Usage, "unknown-column", format!("the file has no column {name:?}, but {why}"))
        .with_help(suggestion(name, &names, "the columns are"))
}

/// The names nearest to `wanted`, or all of them when none is near.
pub(crate) fn suggestion(wanted: &str, names: &[&str], otherwise: &str) -> String {
    let wanted = wanted.to_lowercase();
    let mut near: Vec<(f64, &str)> = names
        .iter()
        .map(|name| (strsim::jaro_winkler(&wanted, &name.to_lowercase()), *name))
        .filter(|(likeness, _)| *likeness > 0.8)
        .collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0));
    if near.is_empty() {
        return format!("{otherwise} {}", names.join(", "));
    }
    let near: Vec<String> = near.iter().take(3).map(|(_, name)| format!("{name:?}")).collect();
    format!("did you mean {}?", near.join(" or "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_anything() {
        assert!(is_like("https://x.example/", "http*"));
        assert!(is_like("n/a", "n/a") && !is_like("n/a ", "n/a"));
        assert!(is_like("a-z", "a*z") && !is_like("a", "a*a"));
    }
}
