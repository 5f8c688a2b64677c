use crate::results::{CompanyName, Domain, Email, JobTitle, LinkedinUrl, RangeMatch};
use firmograph_normalize as normalize;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyInt, PyString};

/// Declares a Python function that hands its text to the normaliser of the same name.
macro_rules! text_function {
    ($(#[doc = $doc:literal])* $name:ident -> $result:ident) => {
        $(#[doc = $doc])*
        #[pyfunction]
        #[pyo3(signature = (text))]
        pub(crate) fn $name(text: Option<&str>) -> Option<$result> {
            normalize::$name(text?).ok().map(Into::into)
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

/// Declares a Python function for a range, whose raw value may also be a whole number.
macro_rules! range_function {
    ($(#[doc = $doc:literal])* $name:ident) => {
        $(#[doc = $doc])*
        #[pyfunction]
        #[pyo3(signature = (text))]
        pub(crate) fn $name(text: Option<TextOrNumber>) -> Option<RangeMatch> {
            normalize::$name(&text?.0).ok().map(Into::into)
        }
    };
}

/// Text, or a whole number written out as one.
pub(crate) struct TextOrNumber(String);

impl<'py> FromPyObject<'_, 'py> for TextOrNumber {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        // True is an int to Python, and no number of people or dollars.
        let number = object.is_instance_of::<PyInt>() && !object.is_instance_of::<PyBool>();
        if number || object.is_instance_of::<PyString>() {
            Ok(TextOrNumber(object.str()?.extract()?))
        } else {
            Err(PyTypeError::new_err(format!(
                "a str, an int or None was wanted, not {}",
                object.get_type().name()?
            )))
        }
    }
}

range_function! {
    /// The standard employee range of a text or a number of people.
    ///
    /// >>> match_employee_range("51 t0 200").name
    /// '51-200'
    /// >>> match_employee_range(12).name
    /// '11-50'
    match_employee_range
}

range_function! {
    /// The standard revenue range of a text or a number of US dollars.
    ///
    /// >>> match_revenue_range("10m-25m").name
    /// '$10M - $25M'
    match_revenue_range
}

range_function! {
    /// The standard funding range of a text or a number of US dollars.
    ///
    /// >>> match_funding_range("$150 Million").name
    /// '$100M - $250M'
    match_funding_range
}
