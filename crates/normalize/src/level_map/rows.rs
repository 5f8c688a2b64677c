use crate::job_title::level_of_name;
use serde::Serialize;

/// One row of a map as it was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LevelMapRow {
    /// Physical line in the file; the header is on line 1.
    pub line: u64,
    /// The text that is mapped.
    pub original: String,
    /// Name of the level, where the map has a column for it.
    pub name: Option<String>,
    /// Number of the level, as text.
    pub level: String,
}

/// Which columns of a map are what.
///
/// ```
/// use firmograph_normalize::LevelMapColumns;
///
/// let header = ["originalJobTitleLevel", "standardizedJobTitleLevel", "level", "createdAt"];
/// let columns = LevelMapColumns::recognize(&header).unwrap();
/// let row = columns.row(2, &["Boss", "C-Level Executive", "1", ""]);
/// assert_eq!((row.original.as_str(), row.level.as_str()), ("Boss", "1"));
/// assert!(LevelMapColumns::recognize(&["Email", "Company"]).is_none());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LevelMapColumns {
    original: usize,
    name: Option<usize>,
    level: Option<usize>,
}

/// Headers by which a column is known, letters and digits only.
const ORIGINAL: [&str; 9] = [
    "originaljobtitlelevel",
    "jobtitlelevelfromdb",
    "originaltitle",
    "original",
    "jobtitle",
    "rawvalue",
    "raw",
    "title",
    "jobtitlelevel",
];
const NAME: [&str; 9] = [
    "standardizedjobtitlelevel",
    "standardisedjobtitlelevel",
    "standardjobtitlelevel",
    "standardizedlevel",
    "standardlevel",
    "standardname",
    "levelname",
    "name",
    "label",
];
const LEVEL: [&str; 5] =
    ["level", "jobtitlelevelid", "standardizedjobtitlelevelid", "levelnumber", "levelid"];

impl LevelMapColumns {
    /// Finds the columns of a header: the original text, and the level's number or name or both. Other columns are passed over.
    #[must_use]
    pub fn recognize<T: AsRef<str>>(header: &[T]) -> Option<Self> {
        let header: Vec<String> = header.iter().map(|cell| letters(cell.as_ref())).collect();
        let find = |names: &[&str]| names.iter().find_map(|name| header.iter().position(|cell| cell == name));
        let columns = LevelMapColumns { original: find(&ORIGINAL)?, name: find(&NAME), level: find(&LEVEL) };
        (columns.name.is_some() || columns.level.is_some()).then_some(columns)
    }

    /// The cells of one record as a row. Where a map has names only, the name gives the number.
    #[must_use]
    pub fn row<T: AsRef<str>>(&self, line: u64, cells: &[T]) -> LevelMapRow {
        let cell = |index: usize| cells.get(index).map_or("", AsRef::as_ref);
        let name = self.name.map(|index| cell(index).to_owned());
        let level = match self.level {
            Some(index) => cell(index).to_owned(),
            None => {
                name.as_deref().and_then(level_of_name).map_or_else(String::new, |level| level.to_string())
            }
        };
        LevelMapRow { line, original: cell(self.original).to_owned(), name, level }
    }
}

fn letters(header: &str) -> String {
    header.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_header() {
        for (header, name, level) in [
            ("Job Title Level from DB,Standard Job Title Level,Level", Some(1), Some(2)),
            ("originalJobTitleLevel,standardizedJobTitleLevel,level", Some(1), Some(2)),
            ("original_job_title_level,level,same_level_in_csv", None, Some(1)),
            ("\u{feff}Original,Standard name,LEVEL", Some(1), Some(2)),
            ("title,label", Some(1), None),
        ] {
            let cells: Vec<_> = header.split(',').collect();
            let columns = LevelMapColumns::recognize(&cells).unwrap();
            assert_eq!(columns, LevelMapColumns { original: 0, name, level }, "{header}");
        }
        for header in ["", "level", "name,level", "first name,email", "original"] {
            let cells: Vec<_> = header.split(',').collect();
            assert!(LevelMapColumns::recognize(&cells).is_none(), "{header}");
        }
    }

    #[test]
    fn a_name_alone_gives_the_number_and_missing_cells_are_blank() {
        let columns = LevelMapColumns::recognize(&["title", "label"]).unwrap();
        assert_eq!(columns.row(2, &["Boss", "c-level executive"]).level, "1");
        assert_eq!(columns.row(3, &["Boss", "Grand Vizier"]).level, "");
        assert_eq!(columns.row(4, &["Boss"]).name.as_deref(), Some(""));
    }
}
