//! The CSV path, file to items, beside `csv` (which builds neither payloads nor fields and has no record limit).
#![allow(missing_docs, clippy::expect_used, reason = "benchmark")]

use divan::counter::BytesCount;
use firmograph_sources::{Input, Item, OpenOptions};
use std::fmt::Write as _;
use std::path::PathBuf;

fn main() {
    divan::main();
}

const HEADER: &str = "Salutation,First Name,Last Name,Email address,Job Title,Job Title Level,Job Title Link,Department,\
Company,Industry,Employee Size,Employee size link,Revenue,Address Line 1,Address Line 2,City,State,Zip/Postal code,\
Country,Phone,Mobile Phone (optional)\n";

/// A file of 200,000 rows and 21 columns, about 50 MB.
fn customers() -> (tempfile::TempDir, PathBuf, u64) {
    let mut text = String::from(HEADER);
    for row in 0..200_000 {
        let _ = writeln!(
            text,
            "Mr.,José,Laurent,jose.laurent{row}@acme-energy{}.example,\"Vice President, Sales\",VP,\
             https://www.linkedin.com/in/jose-laurent{row},Sales,\"Acme Energy {}, Inc\",Oil and Gas,51-200 employees,\
             https://www.linkedin.com/company/acme-energy{}/about/,$10M - $25M,{} Main St,,Paris,Île-de-France,75001,\
             France,+1 650 555 0100,",
            row % 60_000,
            row % 60_000,
            row % 60_000,
            row % 900,
        );
    }
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("customers.csv");
    std::fs::write(&path, &text).expect("a file");
    (folder, path, text.len() as u64)
}

#[divan::bench(sample_count = 8)]
fn input(bencher: divan::Bencher<'_, '_>) {
    let (_folder, path, size) = customers();
    bencher.counter(BytesCount::new(size)).bench_local(|| {
        let mut input = Input::open(&path, &OpenOptions::default()).expect("an input");
        let mut records = 0;
        while let Some(item) = input.next_item().expect("an item") {
            records += usize::from(matches!(item, Item::Record(_)));
        }
        assert_eq!(records, 200_000);
    });
}

#[divan::bench(sample_count = 8)]
fn peer_csv_crate(bencher: divan::Bencher<'_, '_>) {
    let (_folder, path, size) = customers();
    bencher.counter(BytesCount::new(size)).bench_local(|| {
        let mut reader = csv::Reader::from_path(&path).expect("a reader");
        let mut record = csv::StringRecord::new();
        let mut records = 0;
        while reader.read_record(&mut record).expect("a record") {
            records += 1;
        }
        assert_eq!(records, 200_000);
    });
}
