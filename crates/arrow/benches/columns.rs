//! A million titles as Arrow in one call, beside the same titles one by one: `cargo bench -p firmograph-arrow`.

#![allow(clippy::unwrap_used, reason = "a bench that cannot make its input should stop")]

use arrow_array::{ArrayRef, StringArray};
use divan::{Bencher, black_box};
use firmograph_arrow::{Beside, ColumnKernel, pieces};
use firmograph_normalize::{Kind, match_job_title};
use std::sync::Arc;

// As in the Python module.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ROWS: usize = 1_000_000;

fn main() {
    divan::main();
}

/// Titles as the normaliser's own bench has them, so that a column repeats itself; or twenty thousand that come again and again;
/// or each with a number of its own.
fn titles(kind: &str) -> Vec<String> {
    let titles =
        ["Senior Vice President of Sales", "Software Engineer II", "Founder & CEO", "Product Manager"];
    let titles = titles.iter().cycle().take(ROWS).enumerate();
    titles
        .map(|(row, title)| match kind {
            "repeated" => (*title).to_owned(),
            "listed" => format!("{title}, Region {}", row % 20_000),
            _ => format!("{title}, Region {row}"),
        })
        .collect()
}

#[divan::bench(args = ["repeated", "listed", "distinct"], sample_count = 5, sample_size = 1)]
fn one_by_one(bencher: Bencher<'_, '_>, kind: &str) {
    let titles = titles(kind);
    bencher
        .bench_local(|| titles.iter().for_each(|title| drop(black_box(match_job_title(black_box(title))))));
}

#[divan::bench(args = ["repeated", "listed", "distinct"], sample_count = 5, sample_size = 1)]
fn column(bencher: Bencher<'_, '_>, kind: &str) {
    run(bencher, kind, None);
}

#[divan::bench(args = ["repeated", "listed", "distinct"], sample_count = 5, sample_size = 1)]
fn column_of_levels(bencher: Bencher<'_, '_>, kind: &str) {
    run(bencher, kind, Some("level"));
}

fn run(bencher: Bencher<'_, '_>, kind: &str, field: Option<&str>) {
    let titles: ArrayRef = Arc::new(StringArray::from_iter_values(titles(kind)));
    let kernel = ColumnKernel::new(Kind::JobTitle, field).unwrap();
    bencher.bench_local(|| {
        pieces(&titles)
            .map(|piece| kernel.run("title", &piece, Beside::Constant(None)).unwrap())
            .collect::<Vec<_>>()
    });
}
