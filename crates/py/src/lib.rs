//! The compiled half of the Python module `firmograph`: the normalisers as functions, their results as objects; and, with a
//! database, why values are what they are, and leads.
//!
//! There is no rule here: text goes to `firmograph-normalize`, and the answer is laid out for Python. `None` goes in
//! wherever text does, because a missing cell is nothing unusual, and gives `None`.

mod arguments;
mod batch;
mod budgets;
#[expect(unsafe_code, reason = "Arrow's C interface is one of pointers")]
mod capsule;
mod cell;
mod coalescer;
mod columns;
mod documents;
mod engine;
mod errors;
mod forks;
mod functions;
mod golden_dicts;
mod location;
mod records;
mod research;
mod results;
mod running;
mod running_work;
mod shared;
mod store;
mod store_files;
mod store_quality;
mod store_rows;
mod tables;
mod taking;
mod testing;

use pyo3::prelude::*;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The compiled part of `firmograph`; import that instead.
#[pymodule(gil_used = false)]
mod _firmograph {
    use pyo3::prelude::*;

    #[pymodule_export]
    use super::batch::{mapping_text, normalize_batch, normalized_schema};
    #[pymodule_export]
    use super::budgets::BudgetsCore;
    #[pymodule_export]
    use super::capsule::{ArrowArray, ArrowChunks, ArrowStream};
    #[pymodule_export]
    use super::coalescer::{Coalescer, Golden, golden_schema, restored};
    #[pymodule_export]
    use super::columns::columns;
    #[pymodule_export]
    use super::engine::{
        delete_lead_json, explain_json, lead_json, leads_json, refresh_lead_json, upload_leads_json,
    };
    #[pymodule_export]
    use super::functions::{
        canonical_linkedin_url, clean_company_name, extract_domain, match_company_type, match_employee_range,
        match_funding_range, match_industry, match_job_title, match_location, match_revenue_range,
        normalize_email, normalize_phone, split_person_name,
    };
    #[pymodule_export]
    use super::records::normalize_records;
    #[pymodule_export]
    use super::research::ResearchCore;
    #[pymodule_export]
    use super::results::{
        CompanyName, CompanyType, Domain, Email, Industry, JobTitle, LinkedinUrl, Location, PersonName,
        Phone, RangeMatch,
    };
    #[pymodule_export]
    use super::store::StoreCore;
    #[pymodule_export]
    use super::testing::{panic_on_purpose, pass_through};

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        super::forks::watch(module.py())
    }
}
