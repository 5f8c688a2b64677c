//! What becomes of errors and panics on their way to Python.

use crate::capsule::is_over;
use firmograph::{Error, ErrorKind, Refusal};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The error as Python's own: `firmograph.FirmographError`, or `ForkError`, with its code and what helps.
pub(crate) fn raised(py: Python<'_>, error: &Error) -> PyErr {
    let made = || {
        let more = PyDict::new(py);
        more.set_item("code", error.code())?;
        more.set_item("help", error.help())?;
        let name = match error.code() {
            "forked" => "ForkError",
            // Full, but how things stand could not be asked.
            "budget-exceeded" => {
                let response = PyDict::new(py);
                response.set_item("success", false)?;
                response.set_item("error", "BUDGET_LIMIT_EXCEEDED")?;
                response.set_item("message", error.to_string())?;
                response.set_item("details", PyDict::new(py))?;
                more.set_item("response", response)?;
                "BudgetExceeded"
            }
            _ => "FirmographError",
        };
        py.import("firmograph")?.getattr(name)?.call((error.to_string(),), Some(&more))
    };
    made().map_or_else(|failed| failed, PyErr::from_value)
}

/// A budget without room as `firmograph.BudgetExceeded`, with the body of an HTTP response.
pub(crate) fn refused(py: Python<'_>, refusal: Refusal) -> PyErr {
    let body = refusal.http_body().to_string();
    let error = Error::from(refusal);
    let made = || {
        let response = py.import("json")?.call_method1("loads", (body,))?;
        let more = PyDict::new(py);
        more.set_item("help", error.help())?;
        more.set_item("response", response)?;
        py.import("firmograph")?.getattr("BudgetExceeded")?.call((error.to_string(),), Some(&more))
    };
    made().map_or_else(|failed| failed, PyErr::from_value)
}

/// Does what an exported function does, and makes an exception of a panic.
///
/// Left alone it would become pyo3's `PanicException`, which is no `Exception`: whoever handles errors would not see it.
pub(crate) fn guarded<T>(work: impl FnOnce() -> PyResult<T>) -> PyResult<T> {
    let caught = catch(|| Ok(work()));
    caught.unwrap_or_else(|error| Python::attach(|py| Err(raised(py, &error))))
}

/// Turns a panic of our own code into the error `internal-error`.
pub(crate) fn catch<T>(work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    // What the work had borrowed is given back or dropped unread: nothing half changed is looked at again.
    let work = AssertUnwindSafe(|| {
        let ends = Ends;
        let done = work();
        std::mem::forget(ends);
        done
    });
    catch_unwind(work).unwrap_or_else(|payload| Err(internal(payload.as_ref())))
}

/// Keeps a thread where it is that Python ends: up to 3.13 it unwinds whoever asks for its lock while the interpreter shuts down,
/// as a producer of arrays does that is written in Python, and to catch that, as a panic is caught, would end the process.
struct Ends;

impl Drop for Ends {
    fn drop(&mut self) {
        // A panic goes on to where it is caught.
        while !std::thread::panicking() && is_over() {
            std::thread::park();
        }
    }
}

fn internal(payload: &(dyn Any + Send)) -> Error {
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message");
    Error::new(ErrorKind::Environment, "internal-error", format!("this is a defect of firmograph: {text}"))
        .with_help("please report it, with the values that were given")
}
