//! What needs a database for one call: each opens it, does one thing without the interpreter's lock, closes it, and
//! gives JSON text.

use crate::errors::guarded;
use crate::running::Running;
use crate::store::{Waiting, answer};
use firmograph::leads::{LeadColumns, LeadFilter};
use firmograph::{Engine, Error, ErrorKind, Timestamp};
use pyo3::prelude::*;
use std::path::PathBuf;

/// What `firmograph explain KEY [ATTRIBUTE]` says, as JSON text.
#[pyfunction]
#[pyo3(signature = (key, attribute, database))]
pub(crate) fn explain_json(
    py: Python<'_>,
    key: String,
    attribute: Option<String>,
    database: &str,
) -> PyResult<String> {
    run(py, database, async move |engine| {
        Ok(serde_json::Value::from(engine.explain(&key, attribute.as_deref()).await?))
    })
}

/// What `firmograph leads list` says.
#[pyfunction]
#[pyo3(signature = (status, company, limit, after, database))]
pub(crate) fn leads_json(
    py: Python<'_>,
    status: Option<String>,
    company: Option<String>,
    limit: usize,
    after: Option<String>,
    database: &str,
) -> PyResult<String> {
    run(py, database, async move |engine| {
        let (status, company, after) = (status.as_deref(), company.as_deref(), after.as_deref());
        json(&engine.leads(&LeadFilter { status, company, limit, after }).await?)
    })
}

/// What `firmograph leads show ID` says; `null` where there is no such lead.
#[pyfunction]
#[pyo3(signature = (id, database))]
pub(crate) fn lead_json(py: Python<'_>, id: String, database: &str) -> PyResult<String> {
    run(py, database, async move |engine| json(&engine.lead(&id).await?))
}

/// What `firmograph leads upload FILE` does and says.
#[pyfunction]
#[pyo3(signature = (path, name, title, company, email, database))]
pub(crate) fn upload_leads_json(
    py: Python<'_>,
    path: PathBuf,
    name: Option<String>,
    title: Option<String>,
    company: Option<String>,
    email: Option<String>,
    database: &str,
) -> PyResult<String> {
    let columns = LeadColumns { name, title, company, email };
    run(py, database, async move |engine| json(&engine.upload_leads(&path, &columns, now()).await?))
}

/// What `firmograph leads refresh ID` does and says.
#[pyfunction]
#[pyo3(signature = (id, research, icp, database))]
pub(crate) fn refresh_lead_json(
    py: Python<'_>,
    id: String,
    research: Option<String>,
    icp: Option<String>,
    database: &str,
) -> PyResult<String> {
    run(py, database, async move |engine| {
        json(&engine.refresh_lead(&id, research.as_deref(), icp.as_deref(), now()).await?)
    })
}

/// What `firmograph leads delete ID` does and says.
#[pyfunction]
#[pyo3(signature = (id, dry_run, database))]
pub(crate) fn delete_lead_json(
    py: Python<'_>,
    id: String,
    dry_run: bool,
    database: &str,
) -> PyResult<String> {
    run(py, database, async move |engine| json(&engine.delete_lead(&id, dry_run, now(), &mut |_| {}).await?))
}

/// Does something with the engine of a database, without the interpreter's lock.
fn run(
    py: Python<'_>,
    database: &str,
    work: impl AsyncFnOnce(&mut Engine) -> Result<serde_json::Value, Error> + Send + 'static,
) -> PyResult<String> {
    guarded(|| {
        let (running, mut waiting) = (Running::new(database), Waiting { py, progress: None });
        let ended = running.run(&mut waiting, async move |engine: &mut Engine, _: &_| work(engine).await);
        drop(running);
        answer(py, ended)
    })
}

pub(crate) fn json(value: &impl serde::Serialize) -> Result<serde_json::Value, Error> {
    serde_json::to_value(value)
        .map_err(|error| Error::new(ErrorKind::Environment, "no-json", error.to_string()).with_cause(error))
}

#[expect(clippy::disallowed_methods, reason = "the face is where the clock is read")]
pub(crate) fn now() -> Timestamp {
    // PostgreSQL keeps microseconds, so both databases get no more.
    Timestamp::from_microsecond(Timestamp::now().as_microsecond()).unwrap_or_default()
}
