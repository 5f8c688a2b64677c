//! Rows to normalized frames, and those to golden frames, on one thread: `cargo bench -p firmograph-arrow`. The item that is
//! counted is the observation: one value of one attribute that one row gives.

#![allow(clippy::unwrap_used, reason = "a bench stops where it fails")]

use arrow_array::{ArrayRef, RecordBatch, RecordBatchIterator, StringArray};
use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use firmograph::{Priorities, Source};
use firmograph_arrow::{BatchOptions, FrameCoalescer, NormalizedBatches};
use std::sync::Arc;

// As in the Python module.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ROWS: usize = 100_000;

fn main() {
    divan::main();
}

/// A column's name, and its text by row.
type Column = (&'static str, Box<dyn Fn(usize) -> String>);

/// Invented prospects: eight columns of which each row fills most; four rows a person, ten persons a company.
fn raw() -> RecordBatch {
    let titles = ["CTO", "VP Sales", "Head of Marketing", "Account Exec", "Senior Software Engineer"];
    let staff = ["51-200", "10,001+", "11-50 employees", "1K-5K"];
    let sectors = ["Banking", "Computer Software", "Retail", "Hospital & Health Care"];
    let cities = ["Austin, TX", "Berlin, Germany", "Leeds, UK", "San Francisco Bay Area"];
    let columns: [Column; 8] = [
        ("First Name", Box::new(move |row| format!("Ada{}", row / 4))),
        ("Last Name", Box::new(move |row| format!("Roe{}", row / 4 % 977))),
        ("Email", Box::new(move |row| format!("ada.roe{}@company{}.com", row / 4, row / 40))),
        ("Job Title", Box::new(move |row| format!("{} {}", titles[row % 5], row % 300))),
        ("Company", Box::new(move |row| format!("Company {}, Inc.", row / 40))),
        ("Employees", Box::new(move |row| staff[row % 4].to_owned())),
        ("Industry", Box::new(move |row| sectors[row % 4].to_owned())),
        ("Location", Box::new(move |row| cities[row % 4].to_owned())),
    ];
    let array = |cell: &dyn Fn(usize) -> String| {
        Arc::new(StringArray::from_iter_values((0..ROWS).map(cell))) as ArrayRef
    };
    RecordBatch::try_from_iter(columns.iter().map(|(name, cell)| (*name, array(cell)))).unwrap()
}

fn normalized(raw: &RecordBatch) -> Vec<RecordBatch> {
    let input = RecordBatchIterator::new([Ok(raw.clone())], raw.schema());
    let mut options = BatchOptions::new(Source::new("csv").unwrap());
    options.keep = Some(Vec::new());
    NormalizedBatches::new(input, options).unwrap().collect::<Result<_, _>>().unwrap()
}

fn coalescer(batches: &[RecordBatch]) -> FrameCoalescer {
    let mut coalescer = FrameCoalescer::new(Priorities::compiled(), None);
    for batch in batches {
        coalescer.push(batch, "").unwrap();
    }
    coalescer
}

fn observations(batches: &[RecordBatch]) -> ItemsCount {
    let coalescer = coalescer(batches);
    let records = coalescer.coalescer().records();
    ItemsCount::new(records.iter().map(|record| record.values.len()).sum::<usize>())
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn normalize_batch(bencher: Bencher<'_, '_>) {
    let raw = raw();
    let count = observations(&normalized(&raw));
    bencher.counter(count).bench_local(|| black_box(normalized(black_box(&raw))));
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn push(bencher: Bencher<'_, '_>) {
    let batches = normalized(&raw());
    bencher.counter(observations(&batches)).bench_local(|| black_box(coalescer(black_box(&batches))));
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn finish(bencher: Bencher<'_, '_>) {
    let batches = normalized(&raw());
    let coalescer = coalescer(&batches);
    bencher.counter(observations(&batches)).bench_local(|| black_box(coalescer.finish().unwrap()));
}
