//! What only the tests of the module call: ways to reach what has no other way in.

use crate::capsule::{ArrowChunks, ArrowStream, import};
use crate::errors::{guarded, raised};
use crate::forks::detached;
use firmograph::{Error, ErrorKind};
use pyo3::prelude::*;

/// Fails as a defect of ours would.
#[pyfunction]
#[pyo3(name = "_panic")]
pub(crate) fn panic_on_purpose(message: &str) -> PyResult<()> {
    guarded(|| std::panic::panic_any(message.to_owned()))
}

/// Arrow in, the same out: as a stream, or collected first. `fails` and `panics` say at which array it does.
#[pyfunction]
#[pyo3(name = "_pass_through", signature = (source, *, collect=false, fails=None, panics=None))]
pub(crate) fn pass_through<'py>(
    source: &Bound<'py, PyAny>,
    collect: bool,
    fails: Option<usize>,
    panics: Option<usize>,
) -> PyResult<Bound<'py, PyAny>> {
    guarded(|| {
        let py = source.py();
        let arrays = import(source)?;
        let field = arrays.field().clone();
        let arrays = arrays.enumerate().map(move |(at, array)| match at {
            at if fails == Some(at) => {
                Err(Error::new(ErrorKind::Data, "on-purpose", "fails as it was told to"))
            }
            at if panics == Some(at) => std::panic::panic_any("panics as it was told to"),
            _ => array,
        });
        if collect {
            let arrays =
                detached(py, || arrays.collect::<Result<_, _>>()).map_err(|error| raised(py, &error))?;
            ArrowChunks::object(py, field, arrays)
        } else {
            Ok(Bound::new(py, ArrowStream::new(field, arrays))?.into_any())
        }
    })
}
