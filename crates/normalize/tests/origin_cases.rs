//! What the parsers of the origin gave for the same input, and where this project differs on purpose.

use firmograph_core::Outcome;
use firmograph_normalize::{
    DomainOptions, extract_domain_with, match_employee_range, match_revenue_range, normalize_email_with,
};
use serde_json::{Value, json};

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/origin_parser_cases.csv");

/// Input and why the answer is another.
const DIFFERENCES: &[(&str, &str)] = &[
    ("JOHN@ACME.COM", "the host is lower-cased in the address too"),
    ("jane@subdomain.example.org", "the registrable domain is the company; the host is kept beside it"),
    ("x@ACME", "the repaired host stands in the address too"),
    ("a@bb.c@d.com", "two at signs are no address"),
    ("x@www.acme.com", "www is a host of acme.com"),
    ("x@acme.com.", "the trailing dot is the root, not a name"),
    ("x@a.b", "a host with a dot is not repaired, and b is no suffix"),
    ("x@acme.com (b)", "the note is not part of the host"),
    (" x@acme.com ", "the address is trimmed"),
    ("x@münchen.de", "hosts are A-labels"),
    ("x@münchen", "hosts are A-labels"),
    ("@acme.com", "no mailbox without a local part"),
    ("x@acme..com", "an empty label is no host"),
    ("x@mail.acme.co.uk", "the registrable domain is acme.co.uk"),
    ("first last@acme.com", "a blank needs quotes"),
    ("x@192.168.0.1", "a number is no registrable domain"),
    ("500–1000", "dashes of every kind are dashes"),
    ("500—1000", "dashes of every kind are dashes"),
    ("500 - 1000 staff", "more words for people"),
    ("1K-5K", "scales"),
    ("10K+", "scales"),
    ("~500", "approximate numbers"),
    ("<50", "open intervals"),
    (">10000", "open intervals"),
    ("-5", "nobody employs fewer than none"),
    ("500-100", "a reversed interval says nothing sure"),
    ("500.0", "a whole number from a float column"),
    ("51-200 Employees (LinkedIn)", "a note in brackets"),
    ("Self-employed", "one person"),
    ("1,5 - 2,0", "a decimal comma is not a thousands separator, and people are whole"),
    ("10.001+", "European thousands"),
    ("999999999999", "more than there are people"),
    ("0", "a company of nobody is in no range"),
    ("100000", "a bare number is dollars"),
    ("1000", "a bare number is dollars"),
    ("200000000", "a bare number is dollars"),
    ("5 Million", "spelled scales"),
    ("5MM", "spelled scales"),
    ("1T", "trillions"),
    ("$1M-$5M", "intervals"),
    ("1M+", "open intervals"),
    ("< $1M", "open intervals"),
    ("1,5M", "a decimal comma"),
    ("0.5", "half a dollar is no revenue, and none is in no range"),
    ("-5M", "negative revenue is in no range"),
    ("inf", "not a number, and not a crash"),
    ("1e9", "a bare number is dollars"),
    ("100B-1T", "intervals"),
];

fn ours(function: &str, input: &str) -> Option<Value> {
    let options = DomainOptions { repair_dotless: true };
    Some(match function {
        "extract_domain_from_email" => match normalize_email_with(input, options) {
            Outcome::Matched(found) => json!([found.value.domain, found.value.address]),
            Outcome::Unmatched(_) => {
                let given = if input.is_empty() { "no-email-available" } else { input };
                let domain = extract_domain_with(input, options).ok().filter(|_| input.contains('@'));
                json!([domain.map_or("no-domain-available".to_owned(), |found| found.value.domain), given])
            }
        },
        "parse_employee_size" => match match_employee_range(input) {
            Outcome::Matched(found) => json!([found.value.minimum, found.value.maximum]),
            Outcome::Unmatched(_) => json!([null, null]),
        },
        "parse_revenue" => match match_revenue_range(input) {
            Outcome::Matched(found) if found.value.minimum == found.value.maximum => {
                json!(found.value.minimum)
            }
            Outcome::Matched(found) => json!([found.value.minimum, found.value.maximum]),
            Outcome::Unmatched(_) => Value::Null,
        },
        _ => return None,
    })
}

#[test]
#[expect(clippy::print_stderr, reason = "says why nothing was tested")]
fn agrees_with_the_origin_or_says_why() {
    let Ok(mut reader) = csv::Reader::from_path(PATH) else {
        eprintln!("skipped: {PATH} is not here");
        return;
    };
    let mut failures = Vec::new();
    for row in reader.records() {
        let row = row.unwrap();
        let (function, input, output, note) = (&row[0], &row[1], &row[2], &row[3]);
        let input = if input == "(null)" { "" } else { input };
        let Some(ours) = ours(function, input) else { continue };
        let theirs = serde_json::from_str::<Value>(output).unwrap_or(Value::Null);
        let numbers_only = note.starts_with("docstring") && function != "extract_domain_from_email";
        let listed = DIFFERENCES.iter().any(|(differs, _)| *differs == input);
        if ours != theirs && (numbers_only || !listed) {
            failures.push(format!("{function} {input:?}: {ours}, origin {theirs}"));
        }
    }
    assert!(failures.is_empty(), "{} differences\n{}", failures.len(), failures.join("\n"));
}
