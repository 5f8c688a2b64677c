use std::sync::LazyLock;

/// A table of standard values as it is compiled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReferenceTable {
    /// Name, as evidence gives it before the `@`.
    pub name: &'static str,
    /// Version, as evidence gives it behind the `@`.
    pub version: &'static str,
    /// Column names.
    pub columns: Vec<&'static str>,
    /// Rows in the order of the file.
    pub rows: Vec<Vec<String>>,
}

/// Every reference table that matching uses.
///
/// ```
/// let tables = firmograph_normalize::reference_tables();
/// let employees = tables.iter().find(|table| table.name == "employee_ranges").unwrap();
/// assert_eq!((employees.version, employees.rows.len()), ("2026.1", 8));
/// ```
#[must_use]
pub fn reference_tables() -> &'static [ReferenceTable] {
    static TABLES: LazyLock<Vec<ReferenceTable>> =
        LazyLock::new(|| DATA.iter().map(|(name, version, data)| read(name, version, data)).collect());
    &TABLES
}

const DATA: [(&str, &str, &str); 7] = [
    ("job_title_levels", "2026.1", include_str!("../data/job_title_levels.csv")),
    ("seniorities", "2026.1", include_str!("../data/seniorities.csv")),
    ("job_functions", "2026.1", include_str!("../data/job_functions.csv")),
    ("employee_ranges", "2026.1", crate::employee_range::DATA),
    ("revenue_ranges", "2026.1", crate::money_range::REVENUE_DATA),
    ("funding_ranges", "2026.1", crate::money_range::FUNDING_DATA),
    ("free_mail_domains", "2026.1", crate::domain::FREE_MAIL_DATA),
];

fn read(name: &'static str, version: &'static str, data: &'static str) -> ReferenceTable {
    let mut lines = data.lines();
    let columns = lines.next().unwrap_or_default().split(',').collect();
    ReferenceTable { name, version, columns, rows: lines.map(cells).collect() }
}

/// Cells of one line of RFC 4180; the compiled tables have no line breaks in cells.
fn cells(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                push(&mut cells, '"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            c => push(&mut cells, c),
        }
    }
    cells
}

fn push(cells: &mut [String], c: char) {
    if let Some(cell) = cells.last_mut() {
        cell.push(c);
    }
}
