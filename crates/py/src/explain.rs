use firmograph::Engine;
use firmograph_core::{Error, ErrorKind};
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// What `firmograph explain KEY [ATTRIBUTE]` says, as JSON text.
#[pyfunction]
#[pyo3(signature = (key, attribute, database))]
pub(crate) fn explain_json(
    py: Python<'_>,
    key: &str,
    attribute: Option<&str>,
    database: &str,
) -> PyResult<String> {
    py.detach(|| explained(key, attribute, database)).map_err(|error| raised(py, &error))
}

fn explained(key: &str, attribute: Option<&str>, database: &str) -> Result<String, Error> {
    let failed = |error: std::io::Error| Error::new(ErrorKind::Environment, "runtime", error.to_string());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
    runtime.block_on(async {
        let explained = Engine::open(database).await?.explain(key, attribute).await?;
        Ok(serde_json::Value::from(explained).to_string())
    })
}

/// The error as Python's own: `firmograph.FirmographError` with its code.
fn raised(py: Python<'_>, error: &Error) -> PyErr {
    let made = || {
        let code = PyDict::new(py);
        code.set_item("code", error.code())?;
        py.import("firmograph")?.getattr("FirmographError")?.call((error.to_string(),), Some(&code))
    };
    made().map_or_else(|failed| failed, PyErr::from_value)
}
