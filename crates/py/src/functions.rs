use crate::arguments::{Rates, Text, TextOrNumber};
use crate::errors::guarded;
use crate::results::{
    CompanyName, CompanyType, Domain, Email, Industry, JobTitle, LinkedinUrl, Location, PersonName, Phone,
    RangeMatch,
};
use firmograph_normalize as normalize;
use pyo3::prelude::*;

/// Declares a Python function that hands its text to the normaliser of the same name.
macro_rules! text_function {
    ($(#[doc = $doc:literal])* $name:ident -> $result:ident) => {
        $(#[doc = $doc])*
        #[pyfunction]
        #[pyo3(signature = (text))]
        pub(crate) fn $name(text: Text<'_>) -> PyResult<Option<$result>> {
            guarded(|| Ok(text.0.and_then(|text| normalize::$name(text).ok()).map(Into::into)))
        }
    };
}

text_function! {
    /// The registrable domain of a host, an e-mail address or a URL.
    ///
    /// >>> extract_domain("Jane Doe <jane@mail.acme.co.uk>").domain
    /// 'acme.co.uk'
    /// >>> extract_domain("https://www.example.com/about").host
    /// 'www.example.com'
    /// >>> extract_domain("not a domain") is None
    /// True
    extract_domain -> Domain
}

text_function! {
    /// An e-mail address, the mailbox it delivers to, and what kind of mailbox that is.
    ///
    /// >>> email = normalize_email("Jane.Doe+news@Acme.com")
    /// >>> email.key
    /// 'jane.doe@acme.com'
    /// >>> email.is_role
    /// False
    normalize_email -> Email
}

text_function! {
    /// A company's name without legal form and noise, and a key to compare it by.
    ///
    /// >>> clean_company_name("  ACME Robotics, Inc. ").legal_form
    /// 'Inc'
    clean_company_name -> CompanyName
}

text_function! {
    /// Level, seniority and function of a job title, from one parse.
    ///
    /// >>> title = match_job_title("Vice Presedent of Sales")
    /// >>> title.level, title.seniority, title.function
    /// (6, 'VP', 'Sales')
    match_job_title -> JobTitle
}

text_function! {
    /// A LinkedIn URL in its one spelling, and what kind of page it names.
    ///
    /// >>> canonical_linkedin_url("linkedin.com/company/Acme/about/?x=1").url
    /// 'https://www.linkedin.com/company/acme'
    canonical_linkedin_url -> LinkedinUrl
}

text_function! {
    /// The standard industry of a name in any spelling, or of a code of NAICS or SIC that says so.
    ///
    /// >>> industry = match_industry("craft brewery")
    /// >>> industry.name, industry.code, industry.finer
    /// ('Food and Beverage Manufacturing', 23, 'Breweries')
    /// >>> match_industry("Banking, Insurance").also
    /// ['Insurance']
    /// >>> match_industry("Sales") is None
    /// True
    match_industry -> Industry
}

text_function! {
    /// The standard type of a company: public, private, nonprofit and so on.
    ///
    /// >>> match_company_type("PRIVATELY_HELD").name
    /// 'Private Company'
    /// >>> match_company_type("for_profit") is None
    /// True
    match_company_type -> CompanyType
}

text_function! {
    /// The parts of a person's name, and the name to show.
    ///
    /// >>> name = split_person_name("Prof. Dr. LUDWIG VAN DER BERG, MBA")
    /// >>> name.display
    /// 'Ludwig van der Berg'
    /// >>> name.prefix, name.particle, name.credentials
    /// ('Prof. Dr.', 'van der', 'MBA')
    split_person_name -> PersonName
}

/// The place that a text means. ``country`` is the country that the record names elsewhere, by name or code.
///
/// >>> place = match_location("SAN FRANCISCO, CA 94105")
/// >>> place.city, place.region, place.country_code
/// ('San Francisco', 'California', 'US')
/// >>> match_location("CA") is None
/// True
/// >>> match_location("CA", country="United States").region_code
/// 'US-CA'
#[pyfunction]
#[pyo3(signature = (text, country=None))]
pub(crate) fn match_location(text: Text<'_>, country: Option<Text<'_>>) -> PyResult<Option<Location>> {
    let country = country.and_then(|country| country.0);
    guarded(|| Ok(text.0.and_then(|text| normalize::match_location(text, country).ok()).map(Into::into)))
}

/// The telephone number of a text. ``region`` is the country of the record, by name or code; a national number needs it.
///
/// >>> phone = normalize_phone("020 7183 8750 ext. 4", region="United Kingdom")
/// >>> phone.e164, phone.extension
/// ('+442071838750', '4')
/// >>> normalize_phone("020 7183 8750") is None
/// True
#[pyfunction]
#[pyo3(signature = (text, region=None))]
pub(crate) fn normalize_phone(text: Text<'_>, region: Option<Text<'_>>) -> PyResult<Option<Phone>> {
    guarded(|| {
        let Some(text) = text.0 else { return Ok(None) };
        let code = region
            .and_then(|region| region.0)
            .map(|region| normalize::country_code(region).unwrap_or(region));
        Ok(normalize::normalize_phone(text, code).ok().map(Into::into))
    })
}

/// The standard employee range of a text or a number of people.
///
/// >>> match_employee_range("51 t0 200").name
/// '51-200'
/// >>> match_employee_range(12).name
/// '11-50'
#[pyfunction]
#[pyo3(signature = (text))]
pub(crate) fn match_employee_range(text: TextOrNumber) -> PyResult<Option<RangeMatch>> {
    guarded(|| Ok(text.0.and_then(|text| normalize::match_employee_range(&text).ok()).map(Into::into)))
}

/// Declares a Python function for a range of money, which the normaliser `$with` reads.
macro_rules! money_function {
    ($(#[doc = $doc:literal])* $name:ident with $with:ident) => {
        $(#[doc = $doc])*
        #[pyfunction]
        #[pyo3(signature = (text, rates=None))]
        pub(crate) fn $name(text: TextOrNumber, rates: Option<Rates>) -> PyResult<Option<RangeMatch>> {
            guarded(|| {
                let Some(text) = text.0 else { return Ok(None) };
                let rates = rates.unwrap_or_default();
                let rates = rates.list();
                let options = normalize::RangeOptions { rates: &rates };
                Ok(normalize::$with(&text, options).ok().map(Into::into))
            })
        }
    };
}

money_function! {
    /// The standard revenue range of a text or a number of US dollars.
    ///
    /// ``rates`` says what one unit of another currency (ISO 4217) is worth in US dollars, to the millionth. An amount in
    /// a currency without a rate has no range.
    ///
    /// >>> match_revenue_range("10m-25m").name
    /// '$10M - $25M'
    /// >>> match_revenue_range("10,5 Mio. €") is None
    /// True
    /// >>> found = match_revenue_range("10,5 Mio. €", rates={"EUR": 1.08})
    /// >>> found.name, found.minimum, found.currency, found.micro_dollars
    /// ('$10M - $25M', 11340000, 'EUR', 1080000)
    match_revenue_range with match_revenue_range_with
}

money_function! {
    /// The standard funding range of a text or a number of US dollars.
    ///
    /// ``rates`` says what one unit of another currency (ISO 4217) is worth in US dollars, to the millionth. An amount in
    /// a currency without a rate has no range.
    ///
    /// >>> match_funding_range("$150 Million").name
    /// '$100M - $250M'
    /// >>> match_funding_range("£2M", rates={"GBP": 1.25}).maximum
    /// 2500000
    match_funding_range with match_funding_range_with
}
