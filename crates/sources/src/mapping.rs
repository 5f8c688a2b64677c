use crate::header::{self, OWN_PREFIX, Target, fold_header};
use firmograph_core::{Error, ErrorKind, Field};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;
use toml::Spanned;

/// Which column fills which field, where header recognition does not know or must not decide.
///
/// Fields that a mapping names are filled from its columns only; the rest of the file is still recognised by its headers.
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
    fields: Vec<(Field, Vec<String>)>,
    ignore: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    fields: BTreeMap<Spanned<String>, OneOrMore>,
    #[serde(default)]
    ignore: Vec<String>,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "a column name or a list of column names")]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

impl Mapping {
    /// Reads a mapping file.
    ///
    /// # Errors
    /// `cannot-read` (environment), or what [`Mapping::parse`] gives.
    pub fn from_path(path: &Path) -> Result<Mapping, Error> {
        let text = std::fs::read_to_string(path).map_err(|error| {
            let message = format!("cannot read the mapping {}: {error}", path.display());
            Error::new(ErrorKind::Environment, "cannot-read", message).with_cause(error)
        })?;
        Mapping::parse(&text)
    }

    /// Parses the text of a mapping file.
    ///
    /// # Errors
    /// `bad-mapping` (usage) with the line: broken TOML, unknown keys, unknown fields.
    pub fn parse(text: &str) -> Result<Mapping, Error> {
        let file: File = toml::from_str(text).map_err(|error| {
            let line = error.span().map_or(1, |span| line_of(text, span.start));
            bad_mapping(line, error.message())
                .with_help("a mapping has a [fields] table (field = \"Column\") and an ignore list")
        })?;
        let mut mapping = Mapping { fields: Vec::new(), ignore: file.ignore };
        let mut entries: Vec<_> = file.fields.into_iter().collect();
        entries.sort_by_key(|(name, _)| name.span().start);
        for (name, columns) in entries {
            let columns = match columns {
                OneOrMore::One(column) => vec![column],
                OneOrMore::More(columns) => columns,
            };
            let line = line_of(text, name.span().start);
            let name = name.into_inner();
            if name == "ignore" {
                mapping.ignore.extend(columns);
                continue;
            }
            let Some(field) = Field::from_name(&name) else {
                let names: Vec<&str> = Field::ALL.iter().map(|field| field.name()).collect();
                return Err(bad_mapping(line, &format!("there is no field {name:?}")).with_help(suggestion(
                    &name,
                    &names,
                    "the fields are",
                )));
            };
            if columns.is_empty() {
                return Err(bad_mapping(line, &format!("no column is given for {name}")));
            }
            mapping.fields.push((field, columns));
        }
        Ok(mapping)
    }

    /// The columns given for `field`, in the order in which they are tried.
    #[must_use]
    pub fn columns(&self, field: Field) -> Option<&[String]> {
        self.fields.iter().find(|(given, _)| *given == field).map(|(_, columns)| columns.as_slice())
    }

    /// Every field given, with its columns, in the order of the file.
    pub fn fields(&self) -> impl Iterator<Item = (Field, &[String])> {
        self.fields.iter().map(|(field, columns)| (*field, columns.as_slice()))
    }

    /// Whether `column` must not be recognised by its name.
    #[must_use]
    pub fn ignores(&self, column: &str) -> bool {
        self.ignore.iter().any(|ignored| ignored == column || fold_header(ignored) == fold_header(column))
    }

    /// Whether this mapping names `column`.
    pub(crate) fn names(&self, column: &str) -> bool {
        self.fields.iter().flat_map(|(_, columns)| columns).any(|given| is_same_column(given, column))
    }
}

/// Which column fills which field: a field's columns stand in the order in which they are tried.
pub(crate) type Plan = Vec<(Field, usize)>;

/// Plans a table by `mapping` first, then by recognising its headers.
pub(crate) fn plan(headers: &[String], mapping: Option<&Mapping>) -> Result<Plan, Error> {
    let mut plan = Plan::new();
    let mut given: Vec<Field> = Vec::new();
    let find = |name: &String| {
        let exact = headers.iter().position(|header| header == name);
        exact.or_else(|| headers.iter().position(|header| is_same_column(name, header)))
    };
    if let Some(mapping) = mapping {
        for (field, columns) in mapping.fields() {
            let found: Vec<usize> = columns.iter().filter_map(find).collect();
            if found.is_empty() {
                return Err(unknown_column(
                    &columns[0],
                    headers,
                    &format!("the mapping fills {field} from it"),
                ));
            }
            given.push(field);
            plan.extend(found.into_iter().map(|column| (field, column)));
        }
        if let Some(name) = mapping.ignore.iter().find(|name| find(name).is_none()) {
            return Err(unknown_column(name, headers, "the mapping ignores it"));
        }
    }
    let targets: Vec<Target> = (0..headers.len())
        .map(|column| {
            let header = headers[column].as_str();
            let is_taken = plan.iter().any(|&(_, taken)| taken == column)
                || header.starts_with(OWN_PREFIX)
                || mapping.is_some_and(|mapping| mapping.ignores(header));
            if is_taken { Target::default() } else { header::look_up(header) }
        })
        .collect();
    for (column, field) in header::resolve(&targets, &given).into_iter().enumerate() {
        plan.extend(field.filter(|field| !given.contains(field)).map(|field| (field, column)));
    }
    Ok(plan)
}

fn is_same_column(given: &str, header: &str) -> bool {
    given == header || (!fold_header(given).is_empty() && fold_header(given) == fold_header(header))
}

pub(crate) fn unknown_column(name: &str, headers: &[String], why: &str) -> Error {
    let names: Vec<&str> = headers.iter().map(String::as_str).collect();
    Error::new(ErrorKind::Usage, "unknown-column", format!("the file has no column {name:?}, but {why}"))
        .with_help(suggestion(name, &names, "the columns are"))
}

fn bad_mapping(line: usize, message: &str) -> Error {
    Error::new(ErrorKind::Usage, "bad-mapping", format!("mapping, line {line}: {message}"))
}

fn line_of(text: &str, offset: usize) -> usize {
    1 + text.bytes().take(offset).filter(|&byte| byte == b'\n').count()
}

/// The names nearest to `wanted`, or all of them when none is near.
fn suggestion(wanted: &str, names: &[&str], otherwise: &str) -> String {
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

    fn headers(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn errors_name_the_line() {
        let error = Mapping::parse("\n[fields]\nemail = \"Mail\"\n\n[feilds]\n").unwrap_err();
        assert!(error.to_string().contains("line 5"), "{error}");
        let error = Mapping::parse("[fields]\nemail = \"Mail\"\ncompanyname = \"X\"\n").unwrap_err();
        assert!(error.to_string().contains("line 3"), "{error}");
        assert!(error.help().unwrap().contains("company_name"));
        assert!(Mapping::parse("[fields]\nemail = 3\n").unwrap_err().to_string().contains("line 2"));
    }

    #[test]
    fn a_mapping_wins_for_its_fields_and_the_rest_is_recognised() {
        let mapping =
            Mapping::parse("[fields]\nemail = [\"Mail B\", \"Mail A\"]\nignore = [\"City\"]").unwrap();
        let headers = headers(&["Email", "Mail A", "Mail B", "City", "Company"]);
        let plan = plan(&headers, Some(&mapping)).unwrap();
        assert_eq!(plan, [(Field::Email, 2), (Field::Email, 1), (Field::CompanyName, 4)]);
    }

    #[test]
    fn a_missing_column_is_suggested() {
        let mapping = Mapping::parse("[fields]\nemail = \"Mial\"").unwrap();
        let error = plan(&headers(&["Mail", "Company"]), Some(&mapping)).unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::Usage, "unknown-column"));
        assert!(error.help().unwrap().contains("\"Mail\""));
    }
}
