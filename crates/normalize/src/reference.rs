use crate::job_title;
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

/// Every table of standard values: what a database mirrors.
///
/// ```
/// let tables = firmograph_normalize::reference_tables();
/// let employees = tables.iter().find(|table| table.name == "employee_ranges").unwrap();
/// assert_eq!((employees.version, employees.rows.len()), ("2026.1", 8));
/// ```
#[must_use]
pub fn reference_tables() -> &'static [ReferenceTable] {
    static TABLES: LazyLock<Vec<ReferenceTable>> = LazyLock::new(|| read_all(STANDARD_VALUES));
    &TABLES
}

/// Every table of words that matching reads raw text with. `job_titles@version` in evidence stands for the six tables of titles:
/// `title_words`, `title_phrases`, `title_suffixes`, `title_stems`, `function_words` and `job_title_level_aliases`; `person_names@version` for the six
/// `name_...` tables.
///
/// ```
/// let tables = firmograph_normalize::word_tables();
/// let words = tables.iter().find(|table| table.name == "title_words").unwrap();
/// assert_eq!(words.columns, ["word", "role", "level", "language"]);
/// ```
#[must_use]
pub fn word_tables() -> &'static [ReferenceTable] {
    static TABLES: LazyLock<Vec<ReferenceTable>> = LazyLock::new(|| read_all(WORDS));
    &TABLES
}

type Source = (&'static str, &'static str, &'static str);

const STANDARD_VALUES: &[Source] = &[
    ("job_title_levels", "2026.1", job_title::LEVEL_DATA),
    ("seniorities", "2026.1", job_title::SENIORITY_DATA),
    ("job_functions", "2026.1", job_title::FUNCTION_DATA),
    ("employee_ranges", "2026.1", crate::employee_range::DATA),
    ("revenue_ranges", "2026.1", crate::money_range::REVENUE_DATA),
    ("funding_ranges", "2026.1", crate::money_range::FUNDING_DATA),
    ("company_types", "2026.1", crate::company_type::DATA),
    ("company_industries", "2026.1", crate::industry::DATA),
    ("free_mail_domains", "2026.1", crate::mail_hosts::FREE_MAIL_DATA),
    ("countries", "2026.1", crate::location::country::DATA),
    ("subdivisions", "2026.1", crate::location::region::DATA),
    ("metros", "2026.1", crate::location::metro::DATA),
];

const WORDS: &[Source] = &[
    ("title_words", "2026.1", job_title::WORD_DATA),
    ("title_phrases", "2026.1", job_title::PHRASE_DATA),
    ("title_stems", "2026.1", job_title::STEM_DATA),
    ("title_suffixes", "2026.1", job_title::SUFFIX_DATA),
    ("function_words", "2026.1", job_title::FUNCTION_WORD_DATA),
    ("job_title_level_aliases", "2026.1", job_title::ALIAS_DATA),
    ("legal_forms", "2026.1", crate::legal_form::DATA),
    ("brands", "2026.1", crate::name_case::DATA),
    ("currencies", "2026.1", crate::range::currency::DATA),
    ("range_words", "2026.1", crate::range::words::DATA),
    ("placeholders", "2026.1", crate::placeholder::DATA),
    ("role_mailboxes", "2026.1", crate::role_mailbox::ROLE_DATA),
    ("disposable_domains", "2026.1", crate::mail_hosts::DISPOSABLE_DATA),
    ("disposable_allowed", "2026.1", crate::mail_hosts::DISPOSABLE_ALLOWED_DATA),
    ("company_type_aliases", "2026.1", crate::company_type::ALIAS_DATA),
    ("finer_industries", "2026.1", crate::industry::FINER_DATA),
    ("industry_aliases", "2026.1", crate::industry::ALIAS_DATA),
    ("not_industries", "2026.1", crate::industry::NOT_DATA),
    ("naics", "2026.1", crate::industry::NAICS_DATA),
    ("sic", "2026.1", crate::industry::SIC_DATA),
    ("name_prefixes", "2026.1", crate::person_name::PREFIX_DATA),
    ("name_suffixes", "2026.1", crate::person_name::SUFFIX_DATA),
    ("name_credentials", "2026.1", crate::person_name::CREDENTIAL_DATA),
    ("name_particles", "2026.1", crate::person_name::PARTICLE_DATA),
    ("name_surnames", "2026.1", crate::person_name::SURNAME_DATA),
    ("name_refusals", "2026.1", crate::person_name::REFUSAL_DATA),
    ("phone_words", "2026.1", crate::phone::WORD_DATA),
    ("phone_fictional", "2026.1", crate::phone::FICTION_DATA),
    ("country_names", "2026.1", crate::location::country::NAME_DATA),
    ("subdivision_names", "2026.1", crate::location::region::NAME_DATA),
];

fn read_all(sources: &[Source]) -> Vec<ReferenceTable> {
    sources.iter().map(|(name, version, data)| read(name, version, data)).collect()
}

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

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> impl Iterator<Item = &'static ReferenceTable> {
        reference_tables().iter().chain(word_tables())
    }

    #[test]
    fn every_row_has_every_cell_and_a_key() {
        for table in all() {
            assert!(!table.rows.is_empty(), "{}", table.name);
            for row in &table.rows {
                assert_eq!(row.len(), table.columns.len(), "{}: {row:?}", table.name);
                assert!(!row[0].is_empty(), "{}: {row:?}", table.name);
            }
        }
    }

    #[test]
    fn every_data_file_is_a_table() {
        let files = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/data")).unwrap();
        assert_eq!(files.count(), all().count());
    }

    #[test]
    fn evidence_names_a_table_and_its_version() {
        for (kind, raw) in [
            (crate::Kind::CompanyName, "Acme Ltd"),
            (crate::Kind::JobTitle, "CEO"),
            (crate::Kind::EmployeeRange, "5"),
            (crate::Kind::RevenueRange, "5"),
            (crate::Kind::FundingRange, "5"),
            (crate::Kind::Industry, "Software Development"),
            (crate::Kind::Industry, "Breweries"),
            (crate::Kind::Industry, "SaaS"),
            (crate::Kind::Industry, "541511"),
            (crate::Kind::Industry, "SIC 7372"),
            (crate::Kind::CompanyType, "Nonprofit"),
            (crate::Kind::CompanyType, "privately held"),
            (crate::Kind::Location, "Deutschland"),
            (crate::Kind::Location, "Bayern"),
            (crate::Kind::Location, "Greater Seattle Area"),
        ] {
            let line = crate::normalize(kind, raw);
            let (name, version) = line["reference"].as_str().unwrap().split_once('@').unwrap();
            let name = if name == "job_titles" { "title_words" } else { name };
            assert!(all().any(|table| table.name == name && table.version == version), "{line}");
        }
    }
}
