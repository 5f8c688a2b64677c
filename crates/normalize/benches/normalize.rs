//! One bench for each normaliser: `cargo bench -p firmograph-normalize`. Each iteration takes one value of a mixed list, and a sample
//! takes each value equally often. The result is dropped inside the measure.

use divan::{Bencher, black_box};
use firmograph_normalize as fg;

fn main() {
    divan::main();
}

fn each<T>(bencher: Bencher<'_, '_>, values: &[&str], function: impl Fn(&str) -> T) {
    let mut places = (0..values.len()).cycle();
    // Tables are read once, on first use.
    values.iter().for_each(|value| drop(black_box(function(value))));
    bencher.bench_local(|| drop(black_box(function(black_box(values[places.next().unwrap_or_default()])))));
}

#[divan::bench(sample_count = 500, sample_size = 240)]
fn domain(bencher: Bencher<'_, '_>) {
    each(
        bencher,
        &["acme.com", "www.acme.co.uk", "https://blog.acme.io/a?b=c", "shop.example.com.br"],
        fg::extract_domain,
    );
}

#[divan::bench(sample_count = 500, sample_size = 240)]
fn email(bencher: Bencher<'_, '_>) {
    each(bencher, &["jane.roe@acme.com", "Info@ACME.co.uk", "x+tag@gmail.com"], fg::normalize_email);
}

#[divan::bench(sample_count = 500, sample_size = 240)]
fn company_name(bencher: Bencher<'_, '_>) {
    let names = ["Acme Widgets, Inc.", "NORDWIND LOGISTIK GMBH", "Blue River", "Kestrel Foods Pvt. Ltd."];
    each(bencher, &names, fg::clean_company_name);
}

#[divan::bench(sample_count = 500, sample_size = 240)]
fn employee_range(bencher: Bencher<'_, '_>) {
    each(bencher, &["51-200", "10,001+ employees", "1K-5K", "501 to 1000", "920"], fg::match_employee_range);
}

#[divan::bench(sample_count = 500, sample_size = 240)]
fn revenue_range(bencher: Bencher<'_, '_>) {
    each(bencher, &["$10M - $25M", "1B-10B", "200000000", "$5 Million"], fg::match_revenue_range);
}

#[divan::bench(sample_count = 500, sample_size = 240)]
fn linkedin_url(bencher: Bencher<'_, '_>) {
    let urls = ["https://www.linkedin.com/in/jane-roe", "http://de.linkedin.com/company/acme/about/?x=1"];
    each(bencher, &urls, fg::canonical_linkedin_url);
}

#[divan::bench(sample_count = 500, sample_size = 240)]
fn phone(bencher: Bencher<'_, '_>) {
    let numbers = ["+1 212-736-5000", "(212) 736-5000", "+442071838750", "1-650-253-0000 ext. 12"];
    each(bencher, &numbers, |number| fg::normalize_phone(number, Some("US")));
}

#[divan::bench(sample_count = 500, sample_size = 240)]
fn person_name(bencher: Bencher<'_, '_>) {
    let names = ["Jane Roe", "ROE, JANE M.", "Prof. Dr. Ludwig van der Berg", "José García López, MBA"];
    each(bencher, &names, fg::split_person_name);
}

#[divan::bench(sample_count = 500, sample_size = 240)]
fn location(bencher: Bencher<'_, '_>) {
    let places = [
        "San Francisco, CA",
        "Tempe, Arizona, United States",
        "München, Deutschland",
        "Greater Seattle Area",
    ];
    each(bencher, &places, |place| fg::match_location(place, None));
}

#[divan::bench(sample_count = 500, sample_size = 240)]
fn location_city_state(bencher: Bencher<'_, '_>) {
    let places = ["San Francisco, CA", "St. Louis, MO", "Austin, TX", "Brooklyn, NY"];
    each(bencher, &places, |place| fg::match_location(place, None));
}

#[divan::bench(sample_count = 500, sample_size = 240)]
fn job_title(bencher: Bencher<'_, '_>) {
    let titles =
        ["Senior Vice President of Sales", "Software Engineer II", "Founder & CEO", "Product Manager"];
    each(bencher, &titles, fg::match_job_title);
}

#[divan::bench(sample_count = 500, sample_size = 240)]
fn industry(bencher: Bencher<'_, '_>) {
    let names = [
        "Software Development",
        "information technology & services",
        "SaaS",
        "Hospital & Health Care",
        "541511",
    ];
    each(bencher, &names, fg::match_industry);
}

#[divan::bench(sample_count = 500, sample_size = 240)]
fn company_type(bencher: Bencher<'_, '_>) {
    each(
        bencher,
        &["Privately Held", "PUBLIC_COMPANY", "Non-Profit", "Self-Employed"],
        fg::match_company_type,
    );
}
