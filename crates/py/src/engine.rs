//! What needs a database: each call opens it, does one thing without the interpreter's lock, and gives JSON text.

use crate::errors::{guarded, raised};
use firmograph::leads::{LeadColumns, LeadFilter};
use firmograph::{Engine, Error, ErrorKind, Timestamp};
use pyo3::prelude::*;
use std::path::Path;

/// What `firmograph explain KEY [ATTRIBUTE]` says, as JSON text.
#[pyfunction]
#[pyo3(signature = (key, attribute, database))]
pub(crate) fn explain_json(
    py: Python<'_>,
    key: &str,
    attribute: Option<&str>,
    database: &str,
) -> PyResult<String> {
    run(py, database, async |engine| Ok(serde_json::Value::from(engine.explain(key, attribute).await?)))
}

/// What `firmograph leads list` says.
#[pyfunction]
#[pyo3(signature = (status, company, limit, after, database))]
pub(crate) fn leads_json(
    py: Python<'_>,
    status: Option<&str>,
    company: Option<&str>,
    limit: usize,
    after: Option<&str>,
    database: &str,
) -> PyResult<String> {
    let filter = LeadFilter { status, company, limit, after };
    run(py, database, async |engine| json(&engine.leads(&filter).await?))
}

/// What `firmograph leads show ID` says; `null` where there is no such lead.
#[pyfunction]
#[pyo3(signature = (id, database))]
pub(crate) fn lead_json(py: Python<'_>, id: &str, database: &str) -> PyResult<String> {
    run(py, database, async |engine| json(&engine.lead(id).await?))
}

/// What `firmograph leads upload FILE` does and says.
#[pyfunction]
#[pyo3(signature = (path, name, title, company, email, database))]
pub(crate) fn upload_leads_json(
    py: Python<'_>,
    path: &str,
    name: Option<String>,
    title: Option<String>,
    company: Option<String>,
    email: Option<String>,
    database: &str,
) -> PyResult<String> {
    let columns = LeadColumns { name, title, company, email };
    run(py, database, async |engine| json(&engine.upload_leads(Path::new(path), &columns, now()).await?))
}

/// What `firmograph leads refresh ID` does and says.
#[pyfunction]
#[pyo3(signature = (id, research, icp, database))]
pub(crate) fn refresh_lead_json(
    py: Python<'_>,
    id: &str,
    research: Option<&str>,
    icp: Option<&str>,
    database: &str,
) -> PyResult<String> {
    run(py, database, async |engine| json(&engine.refresh_lead(id, research, icp, now()).await?))
}

/// What `firmograph leads delete ID` does and says.
#[pyfunction]
#[pyo3(signature = (id, dry_run, database))]
pub(crate) fn delete_lead_json(py: Python<'_>, id: &str, dry_run: bool, database: &str) -> PyResult<String> {
    run(py, database, async |engine| json(&engine.delete_lead(id, dry_run, now(), &mut |_| {}).await?))
}

/// Does something with the engine of a database, without the interpreter's lock.
fn run(
    py: Python<'_>,
    database: &str,
    work: impl AsyncFnOnce(&mut Engine) -> Result<serde_json::Value, Error> + Send,
) -> PyResult<String> {
    let run = || {
        let failed = |error: std::io::Error| Error::new(ErrorKind::Environment, "runtime", error.to_string());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
        runtime.block_on(async { work(&mut Engine::open(database).await?).await })
    };
    guarded(|| py.detach(run).map(|value| value.to_string()).map_err(|error| raised(py, &error)))
}

fn json(value: &impl serde::Serialize) -> Result<serde_json::Value, Error> {
    serde_json::to_value(value)
        .map_err(|error| Error::new(ErrorKind::Environment, "no-json", error.to_string()).with_cause(error))
}

#[expect(clippy::disallowed_methods, reason = "the face is where the clock is read")]
fn now() -> Timestamp {
    // PostgreSQL keeps microseconds, so both databases get no more.
    Timestamp::from_microsecond(Timestamp::now().as_microsecond()).unwrap_or_default()
}
