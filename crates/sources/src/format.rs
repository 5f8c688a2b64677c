use serde::Serialize;
use std::fmt;
use std::path::Path;

/// The shape of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Format {
    /// Rows of cells behind a delimiter, with a header row.
    Csv,
    /// One JSON document: an array of objects, one object, or an object that holds an array of objects.
    Json,
    /// One JSON object a line.
    JsonLines,
    /// Documents in the binary form of MongoDB, one after the other, as `mongodump` writes a collection. Each is read as the JSON
    /// object that it is.
    Bson,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Format::Csv => "csv",
            Format::Json => "json",
            Format::JsonLines => "jsonlines",
            Format::Bson => "bson",
        })
    }
}

/// The lower-case extension of `path`, that of a packed file looked at without its `.gz`.
pub(crate) fn extension(path: &Path) -> String {
    let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    name.rsplit_once('.').map(|(_, extension)| extension.to_owned()).unwrap_or_default()
}

/// Decides the shape from the extension and the first text; content beats a JSON extension.
pub(crate) fn decide(extension: &str, text: &str) -> Format {
    let text = text.trim_start();
    match extension {
        "csv" | "tsv" | "tab" | "psv" => return Format::Csv,
        "jsonl" | "ndjson" => return Format::JsonLines,
        _ => {}
    }
    if text.starts_with('{') {
        let mut lines = text.lines().filter(|line| !line.trim().is_empty());
        let first = lines.next().unwrap_or_default();
        let is_whole = serde_json::from_str::<serde::de::IgnoredAny>(first).is_ok();
        return if is_whole && lines.next().is_some() { Format::JsonLines } else { Format::Json };
    }
    let is_array = text.strip_prefix('[').is_some_and(|rest| {
        let rest = rest.trim_start();
        rest.is_empty() || rest.starts_with(['{', ']', '['])
    });
    if is_array || extension == "json" { Format::Json } else { Format::Csv }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_tells_json_documents_from_json_lines() {
        assert_eq!(decide("json", "{\"a\":1}\n{\"a\":2}\n"), Format::JsonLines);
        assert_eq!(decide("json", "{\n \"a\":1\n}\n"), Format::Json);
        assert_eq!(decide("", " [ {\"a\":1}]"), Format::Json);
        assert_eq!(decide("txt", "email,name\n"), Format::Csv);
        assert_eq!(extension(Path::new("x/Leads.CSV.gz")), "csv");
    }
}
