//! Nanoseconds of each chunk of 1,000 values of one kind: `throughput KIND FILE` reads the lines of FILE, normalises all of them once to
//! read the tables, then once more by the clock, and prints the times. Results are dropped. `scripts/bench normalize` runs it.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "the figure is the output")]

use firmograph_normalize as fg;
use std::hint::black_box;
use std::process::ExitCode;
use std::time::Instant;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (Some(kind), Some(path)) = (arguments.first(), arguments.get(1)) else {
        eprintln!("throughput KIND FILE");
        return ExitCode::from(2);
    };
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => {
            eprintln!("{path}: {error}");
            return ExitCode::from(3);
        }
    };
    let values: Vec<&str> = text.lines().collect();
    // Nothing is printed for a kind that this example does not know.
    let times = run(kind, &values).unwrap_or_default();
    println!("{}", times.iter().map(u128::to_string).collect::<Vec<_>>().join(" "));
    ExitCode::SUCCESS
}

fn run(kind: &str, values: &[&str]) -> Option<Vec<u128>> {
    match fg::Kind::from_name(kind)? {
        fg::Kind::Domain => Some(time(values, fg::extract_domain)),
        fg::Kind::Email => Some(time(values, fg::normalize_email)),
        fg::Kind::CompanyName => Some(time(values, fg::clean_company_name)),
        fg::Kind::JobTitle => Some(time(values, fg::match_job_title)),
        fg::Kind::EmployeeRange => Some(time(values, fg::match_employee_range)),
        fg::Kind::RevenueRange => Some(time(values, fg::match_revenue_range)),
        fg::Kind::FundingRange => Some(time(values, fg::match_funding_range)),
        fg::Kind::LinkedinUrl => Some(time(values, fg::canonical_linkedin_url)),
        fg::Kind::Industry => Some(time(values, fg::match_industry)),
        fg::Kind::Location => Some(time(values, |value| fg::match_location(value, None))),
        fg::Kind::PersonName => Some(time(values, fg::split_person_name)),
        #[cfg(feature = "phone")]
        fg::Kind::Phone => Some(time(values, |value| fg::normalize_phone(value, Some("US")))),
        _ => None,
    }
}

fn time<T>(values: &[&str], function: impl Fn(&str) -> T) -> Vec<u128> {
    let pass = |values: &[&str]| values.iter().for_each(|value| drop(black_box(function(black_box(value)))));
    pass(values);
    let clocked = |chunk| {
        let started = Instant::now();
        pass(chunk);
        started.elapsed().as_nanos()
    };
    values.chunks(1000).map(clocked).collect()
}
