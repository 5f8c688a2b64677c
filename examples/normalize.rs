//! Raw values to standard values, each with its evidence; no database, no files.
//!
//! ```sh
//! cargo run --example normalize
//! ```
#![expect(clippy::print_stdout, reason = "an example prints what it does")]

use firmograph::Outcome;
use firmograph::normalize::{Kind, match_employee_range, match_job_title, normalize};

fn main() {
    println!("job titles");
    for raw in
        ["Founder & CEO", "Assistant to the CEO", "Vice Presedent of Sales", "Geschäftsführer", "Banking"]
    {
        match match_job_title(raw) {
            Outcome::Matched(title) => println!(
                "  {raw:?}: level {} ({}), by {} of {}, confidence {}",
                title.value.level,
                title.value.level_name,
                title.evidence.rule,
                title.evidence.reference,
                title.evidence.confidence
            ),
            // No error: an unmatched value is kept and counted, with the reason.
            Outcome::Unmatched(unmatched) => println!("  {raw:?}: unmatched, {}", unmatched.reason),
        }
    }

    println!("numbers of employees");
    for raw in ["51 t0 200", "1K-5K", "10,001+ employees", "self-employed", "many"] {
        // `ok` leaves the reason behind; `range.value` and `range.evidence` are plain structs.
        match match_employee_range(raw).ok() {
            Some(range) => println!("  {raw:?}: {}, by {}", range.value.name, range.evidence.rule),
            None => println!("  {raw:?}: unmatched"),
        }
    }

    println!("any kind by name, as the command line and NDJSON give it");
    for (kind, raw) in [
        (Kind::Domain, "https://www.acme.co.uk/about"),
        (Kind::Email, "Ada.L+news@Mail.Acme.com"),
        (Kind::CompanyName, "ACME WIDGETS, INC."),
        (Kind::RevenueRange, "USD 750K"),
    ] {
        println!("  {}", normalize(kind, raw));
    }
}
