//! Prints cases, precision, recall and abstention for each kind, from `tests/cases`, as a Markdown table.
#![expect(clippy::print_stdout, reason = "the table is the output")]

use firmograph_normalize::{Kind, normalize};
use serde_json::Value;

fn main() {
    println!("| kind | cases | precision | recall | abstention |\n|---|---:|---:|---:|---:|");
    for &kind in Kind::ALL {
        let path = format!("{}/../../tests/cases/{}.csv", env!("CARGO_MANIFEST_DIR"), kind.name());
        let Ok(mut reader) = csv::Reader::from_path(path) else { continue };
        let Some(column) = reader.headers().ok().and_then(|names| names.get(1).map(str::to_owned)) else {
            continue;
        };
        let (mut cases, mut given, mut right, mut wanted) = (0_u32, 0_u32, 0_u32, 0_u32);
        for row in reader.records().flatten() {
            let found = normalize(kind, &row[0]);
            let got = match found.get(&column) {
                None | Some(Value::Null) => String::new(),
                Some(Value::String(text)) => text.clone(),
                Some(other) => other.to_string(),
            };
            cases += 1;
            given += u32::from(!got.is_empty());
            wanted += u32::from(!row[1].is_empty());
            right += u32::from(!got.is_empty() && got == row[1]);
        }
        let share = |part: u32, whole: u32| if whole == 0 { 1.0 } else { f64::from(part) / f64::from(whole) };
        println!(
            "| {} | {cases} | {:.3} | {:.3} | {:.3} |",
            kind.name(),
            share(right, given),
            share(right, wanted),
            share(cases - given, cases)
        );
    }
}
