//! Prints `ACCURACY.md`: cases, precision, recall and abstention of each kind from `tests/cases`, and the agreement with maps of the
//! origin system where they are at hand.
#![expect(clippy::print_stdout, reason = "the document is the output")]

use firmograph_normalize::{Kind, match_job_title, normalize_in};
use serde_json::Value;
use std::path::{Path, PathBuf};

const HEAD: &str = "# Accuracy

What the normalisers make of the cases in `tests/cases`. The cases were invented by us beside the code, save for vectors of the
public suffix list in the file of domains, and many expected values were taken from the code and read over, so these numbers guard
against regression; they are no evidence about data in the wild. Made with

```sh
cargo run --release -p firmograph-normalize --example accuracy > ACCURACY.md
```

- **precision**: of the values that were matched, the share that is right in every column that counts.
- **recall**: of the cases that have a value, the share that was matched and is right.
- **abstention**: the share of all cases that was left unmatched, rightly or not.
";

const PUBLIC: &str = "
## Against public data

Measured by hand on 2026-11-21 with data that is not in this project. *Tuned* means that rules were changed after reading what was
wrong, so the figure is a hope for other data and no evidence; *first look* that nothing had been read before.

| kind | data | result | |
|---|---|---|---|
| domain | vectors of the public suffix list (`tests.txt`), 77 | 77 | in the case file |
| email | is_email, 164: accepted of the 38 below its threshold; refused of 66 errors, of 60 others above it (two have a blank at an end) | 38; 66, 58 | tuned |
| company_name | index of 500 large companies beside their titles at the SEC, 498 pairs: equal key; equal display where keys agree | 0.920; 0.943 | tuned |
| company_name | 174,063 names as they are, upper and lower case: no fixed point or unmatched | 0 | |
| job_title | level, seniority and function, sets labelled by us before the answers were seen, 389 and 233 titles in ten languages | 0.907, 0.918 | first look |
| job_title | the same in the manner of job boards, 121 | 0.926 | first look |
| job_title | 74,392 titles of the package find_job_titles: matched | 0.894 | |
| industry | 147 industries by either name; finer names with an ancestor among them, 258 | 147; 258 | tables from the same list |
| location | `City, ST`, two lists of 29,639 and 29,726 places | 0.995, 0.991 | tuned |
| phone | examples of libphonenumber 9.0.43, 1,383 numbers of every region and type in 10 formats | 13,785 of 13,785 | first look |
| phone | the same without the plus sign, with the region | 1,367 of 1,374 | tuned |
| person_name | tests of the package nameparser, 366: equal; abstained | 281; 22 | tuned |
";

fn main() {
    println!("{HEAD}");
    println!("| kind | cases | precision | recall | abstention |\n|---|---:|---:|---:|---:|");
    for &kind in Kind::ALL {
        for row in rows_of(kind) {
            println!("{row}");
        }
    }
    println!("\n{}", agreement());
    println!("{PUBLIC}");
}

/// Columns that must all be right; the first says whether there is a value.
fn columns(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::JobTitle => &["level", "seniority", "function"],
        Kind::CompanyName => &["display", "key", "legal_form"],
        Kind::LinkedinUrl => &["url", "kind"],
        Kind::Location => &["country_code", "city", "region", "metro", "is_remote"],
        Kind::Email => &["address", "key", "domain", "is_role"],
        Kind::EmployeeRange | Kind::RevenueRange | Kind::FundingRange => {
            &["name", "minimum", "maximum", "straddles"]
        }
        Kind::Industry => &["name", "code", "finer"],
        Kind::CompanyType => &["name", "code"],
        Kind::PersonName => &["display", "given", "family", "credentials"],
        Kind::Domain => &["domain"],
        // Telephone numbers are there with a feature only.
        _ => &["e164", "is_valid", "region", "extension"],
    }
}

fn rows_of(kind: Kind) -> Vec<String> {
    let path = root().join("tests/cases").join(format!("{}.csv", kind.name()));
    let Some((header, cases)) = read(&path) else { return Vec::new() };
    let mut rows = vec![score(kind, None, &header, &cases, columns(kind))];
    // The three answers of a title are used apart.
    if kind == Kind::JobTitle {
        rows.extend(
            columns(kind).iter().map(|&column| score(kind, Some(column), &header, &cases, &[column])),
        );
    }
    rows
}

/// One row of the table. A case is given, wanted or right by the columns together; the first of them says whether there is a value.
fn score(
    kind: Kind,
    part: Option<&str>,
    header: &[String],
    cases: &[Vec<String>],
    columns: &[&str],
) -> String {
    let places: Vec<_> = columns
        .iter()
        .filter_map(|column| Some((*column, header.iter().position(|name| name == column)?)))
        .collect();
    let (mut given, mut right, mut wanted) = (0, 0, 0);
    for case in cases {
        let country =
            header.iter().position(|name| name == "record_country").map(|place| case[place].as_str());
        let found = normalize_in(kind, &case[0], country);
        let values: Vec<_> =
            places.iter().map(|(column, place)| (shown(found.get(*column)), &case[*place])).collect();
        let matched = values.first().is_some_and(|(got, _)| !got.is_empty());
        given += usize::from(matched);
        wanted += usize::from(values.first().is_some_and(|(_, want)| !want.is_empty()));
        right += usize::from(matched && values.iter().all(|(got, want)| got == *want));
    }
    let part = part.map(|part| format!(": {part}")).unwrap_or_default();
    format!(
        "| {}{part} | {} | {} | {} | {} |",
        kind.name(),
        cases.len(),
        share(right, given),
        share(right, wanted),
        share(cases.len() - given, cases.len())
    )
}

/// How far the levels of the origin system's own maps are those that titles get here.
fn agreement() -> String {
    let data = root().join("../shared/data");
    let mut text = "## Agreement with the origin system's maps\n\n".to_owned();
    let Some((_, findings)) = read(&data.join("job_title_level_map_contradictions.csv")) else {
        text.push_str("The maps were not at hand when this was made.");
        return text;
    };
    let with = |finding: &str| -> Vec<&str> {
        findings.iter().filter(|row| row[5].contains(finding)).map(|row| row[1].as_str()).collect()
    };
    let industries = with("industry_name_not_a_title");
    let contradictory: Vec<_> =
        [with("differs_from_definition"), with("belongs_to_other_level")].into_iter().flatten().collect();
    text.push_str(
        "Levels of the maps, where they were at hand. Rows that contradict the definitions of the levels say nothing; rows whose\n\
         title is the name of an industry are unmatched here on purpose. A test holds this agreement,\n\
         so it too is a regression guard and no evidence about other titles.\n\n\
         | map | titles | contradictory | industries | left unmatched | others | same level |\n|---|---:|---:|---:|---:|---:|---:|\n",
    );
    for (name, file, level) in [
        ("of the table", "job_title_level_map.csv", 2),
        ("of the migration", "job_title_level_map_migration010.csv", 1),
    ] {
        let Some((_, rows)) = read(&data.join(file)) else { continue };
        let (mut contradicts, mut industry, mut unmatched, mut others, mut same) = (0, 0, 0, 0, 0);
        for row in &rows {
            let title = row[0].as_str();
            let found = match_job_title(title).value().map(|title| title.level.to_string());
            if industries.contains(&title) {
                industry += 1;
                unmatched += usize::from(found.is_none());
            } else if contradictory.contains(&title) {
                contradicts += 1;
            } else {
                others += 1;
                same += usize::from(found.as_deref() == Some(row[level].as_str()));
            }
        }
        text.push_str(&format!(
            "| {name} | {} | {contradicts} | {industry} | {unmatched} | {others} | {same} ({}) |\n",
            rows.len(),
            share(same, others)
        ));
    }
    text.truncate(text.trim_end().len());
    text
}

fn share(part: usize, whole: usize) -> String {
    if whole == 0 { "-".to_owned() } else { format!("{:.3}", part as f64 / whole as f64) }
}

fn shown(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Header and rows of a CSV file; nothing where there is none.
fn read(path: &Path) -> Option<(Vec<String>, Vec<Vec<String>>)> {
    let mut reader = csv::Reader::from_path(path).ok()?;
    let header = reader.headers().ok()?.iter().map(str::to_owned).collect();
    let rows =
        reader.records().map_while(Result::ok).map(|row| row.iter().map(str::to_owned).collect()).collect();
    Some((header, rows))
}
