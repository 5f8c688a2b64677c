//! Arrow in and out by the PyCapsule protocol, without a word of any data frame library.
//!
//! [`import`] takes whatever has `__arrow_c_stream__` or `__arrow_c_array__`. [`ArrowStream`], [`ArrowChunks`] and
//! [`ArrowArray`] are what is given back: a stream that computes as it is read and is read once, arrays that are there,
//! and one array. All that is unsafe in this crate is here.

use crate::errors::{catch, guarded, raised};
use crate::forks::{computing, pausing};
use arrow_array::ffi::{FFI_ArrowArray, FFI_ArrowSchema};
use arrow_array::ffi_stream::{ArrayStreamReader, FFI_ArrowArrayStream};
use arrow_array::{Array, ArrayRef, make_array};
use arrow_schema::{ArrowError, Field, FieldRef};
use firmograph::{Error, ErrorKind};
use pyo3::exceptions::PyException;
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyTuple};
use std::ffi::{CStr, CString, c_char, c_int};
use std::ptr::{self, NonNull};
use std::sync::{Mutex, PoisonError};

const STREAM: &CStr = c"arrow_array_stream";
const ARRAY: &CStr = c"arrow_array";
const SCHEMA: &CStr = c"arrow_schema";

/// What a stream answers when it failed: `EIO` and `EINVAL` mean nothing more to any reader, the text does.
const FAILED: c_int = 5;

/// Arrays as they come: structs where the producer has a table, other types where it has a column.
///
/// They are read where this is iterated, without the interpreter's lock if the caller let go of it: a producer that
/// needs the lock takes it by itself.
pub(crate) struct Arrays {
    field: FieldRef,
    source: Source,
}

enum Source {
    Stream(Box<ArrayStreamReader>),
    One(Option<ArrayRef>),
}

impl Arrays {
    /// Type, name and metadata of every array.
    pub(crate) fn field(&self) -> &FieldRef {
        &self.field
    }

    /// An array that is here already.
    pub(crate) fn one(field: FieldRef, array: ArrayRef) -> Self {
        Arrays { field, source: Source::One(Some(array)) }
    }

    /// Lets go of the producer, whose end may run code of any kind.
    fn release(&mut self) {
        pausing(|| self.source = Source::One(None));
    }
}

impl Drop for Arrays {
    fn drop(&mut self) {
        self.release();
    }
}

impl Iterator for Arrays {
    type Item = Result<ArrayRef, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.source {
            Source::One(array) => array.take().map(Ok),
            Source::Stream(stream) => {
                let next = pausing(|| catch(|| stream.next().transpose().map_err(refused)));
                // A producer that failed once may not be asked again.
                if next.is_err() {
                    self.release();
                }
                next.transpose()
            }
        }
    }
}

/// Reads any object that speaks Arrow.
///
/// # Errors
/// `no-arrow` where the object does not; `arrow-producer` where it fails, or says what Arrow does not know.
pub(crate) fn import(object: &Bound<'_, PyAny>) -> PyResult<Arrays> {
    let py = object.py();
    // A type has the methods too, but only its instances have data.
    let has = |name| Ok::<_, PyErr>(!object.is_instance_of::<pyo3::types::PyType>() && object.hasattr(name)?);
    if has("__arrow_c_stream__")? {
        let capsule = object.call_method0("__arrow_c_stream__").map_err(|error| failed(py, error))?;
        let stream = pointer::<FFI_ArrowArrayStream>(&capsule, STREAM)?;
        // SAFETY: a capsule of this name holds an initialised stream; moved out of it, it is not freed by it.
        let stream = unsafe { FFI_ArrowArrayStream::from_raw(stream.as_ptr()) };
        let reader = py.detach(|| catch(|| ArrayStreamReader::try_new(stream).map_err(refused)));
        let reader = reader.map_err(|error| raised(py, &error))?;
        let field = arrow_array::ArrayReader::field(&reader).clone();
        return Ok(Arrays { field, source: Source::Stream(Box::new(reader)) });
    }
    if has("__arrow_c_array__")? {
        let pair = object.call_method0("__arrow_c_array__").map_err(|error| failed(py, error))?;
        let (schema, array): (Bound<'_, PyAny>, Bound<'_, PyAny>) =
            pair.extract().map_err(|error| failed(py, error))?;
        let schema = pointer::<FFI_ArrowSchema>(&schema, SCHEMA)?;
        let array = pointer::<FFI_ArrowArray>(&array, ARRAY)?;
        // SAFETY: capsules of these names hold an initialised schema and array of each other; both are moved out.
        let (schema, array) =
            unsafe { (FFI_ArrowSchema::from_raw(schema.as_ptr()), FFI_ArrowArray::from_raw(array.as_ptr())) };
        let read = catch(|| {
            let field = Field::try_from(&schema).map_err(refused)?;
            // SAFETY: the producer says that the array is of this schema.
            let data = unsafe { arrow_array::ffi::from_ffi(array, &schema) }.map_err(refused)?;
            Ok(Arrays::one(FieldRef::new(field), make_array(data)))
        });
        return read.map_err(|error| raised(py, &error));
    }
    let kind = object.get_type().name()?;
    let message = format!(
        "{kind} has no Arrow data: pass a column or table of pyarrow, Polars, pandas (2.2 or later), DuckDB or \
         anything else with __arrow_c_stream__ or __arrow_c_array__"
    );
    Err(raised(py, &Error::new(ErrorKind::Usage, "no-arrow", message)))
}

/// What the capsule of that name points to.
fn pointer<T>(capsule: &Bound<'_, PyAny>, name: &'static CStr) -> PyResult<NonNull<T>> {
    let failed = |error| failed(capsule.py(), error);
    let pointer =
        capsule.cast::<PyCapsule>().map_err(PyErr::from).and_then(|it| it.pointer_checked(Some(name)));
    Ok(pointer.map_err(failed)?.cast())
}

/// An error of the producer's Python half, with the exception as its cause. Ctrl-C and the like stay what they are.
fn failed(py: Python<'_>, error: PyErr) -> PyErr {
    if !error.is_instance_of::<PyException>(py) {
        return error;
    }
    let ours = raised(py, &Error::new(ErrorKind::Environment, "arrow-producer", error.to_string()));
    ours.set_cause(py, Some(error));
    ours
}

fn refused(error: ArrowError) -> Error {
    Error::new(ErrorKind::Environment, "arrow-producer", error.to_string()).with_cause(error)
}

/// What a stream gives, one array after the other.
type Boxed = Box<dyn Iterator<Item = Result<ArrayRef, Error>> + Send>;

/// An Arrow stream that computes as it is read, and is read once.
#[pyclass(frozen, module = "firmograph")]
pub(crate) struct ArrowStream {
    field: FieldRef,
    arrays: Mutex<Option<Boxed>>,
}

impl ArrowStream {
    /// A stream of arrays, each of the field's type: structs for a table.
    pub(crate) fn new(
        field: FieldRef,
        arrays: impl Iterator<Item = Result<ArrayRef, Error>> + Send + 'static,
    ) -> Self {
        ArrowStream { field, arrays: Mutex::new(Some(Box::new(arrays))) }
    }
}

#[pymethods]
impl ArrowStream {
    /// The stream as a capsule. The requested schema is a wish that the protocol lets a producer leave open.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        let _ = requested_schema;
        guarded(|| {
            let arrays = self.arrays.lock().unwrap_or_else(PoisonError::into_inner).take();
            let arrays = arrays.ok_or_else(|| {
                let message = "this Arrow stream was read already: it computes as it is read, and only once";
                raised(py, &Error::new(ErrorKind::Usage, "stream-taken", message))
            })?;
            stream_capsule(py, &self.field, arrays)
        })
    }

    /// The type as a capsule; takes nothing from the stream.
    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        guarded(|| schema_capsule(py, &self.field))
    }
}

/// Arrow data that is there: any number of readers, any number of times.
#[pyclass(frozen, subclass, module = "firmograph")]
pub(crate) struct ArrowChunks {
    field: FieldRef,
    arrays: Vec<ArrayRef>,
}

impl ArrowChunks {
    /// The arrays as a Python object: an [`ArrowArray`] where there is one, so that a reader of either method finds it.
    pub(crate) fn object(
        py: Python<'_>,
        field: FieldRef,
        arrays: Vec<ArrayRef>,
    ) -> PyResult<Bound<'_, PyAny>> {
        let one = arrays.len() == 1;
        let chunks = PyClassInitializer::from(ArrowChunks { field, arrays });
        if one {
            Ok(Bound::new(py, chunks.add_subclass(ArrowArray))?.into_any())
        } else {
            Ok(Bound::new(py, chunks)?.into_any())
        }
    }
}

#[pymethods]
impl ArrowChunks {
    /// The number of rows.
    fn __len__(&self) -> usize {
        self.arrays.iter().map(|array| array.len()).sum()
    }

    /// The arrays as a capsule, as often as anybody asks.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        let _ = requested_schema;
        let arrays = self.arrays.clone().into_iter().map(Ok);
        guarded(|| stream_capsule(py, &self.field, Box::new(arrays)))
    }

    /// The type as a capsule.
    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        guarded(|| schema_capsule(py, &self.field))
    }
}

/// One Arrow array.
#[pyclass(frozen, extends = ArrowChunks, module = "firmograph")]
pub(crate) struct ArrowArray;

#[pymethods]
impl ArrowArray {
    /// Type and array, each as a capsule.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_array__<'py>(
        this: PyRef<'py, Self>,
        requested_schema: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyTuple>> {
        let _ = requested_schema;
        guarded(|| {
            let (py, chunks) = (this.py(), this.as_super());
            let data = chunks.arrays.first().map(|array| FFI_ArrowArray::new(&array.to_data()));
            let array = PyCapsule::new_with_value(py, data.unwrap_or_else(FFI_ArrowArray::empty), ARRAY)?;
            PyTuple::new(py, [schema_capsule(py, &chunks.field)?, array])
        })
    }
}

fn schema_capsule<'py>(py: Python<'py>, field: &FieldRef) -> PyResult<Bound<'py, PyCapsule>> {
    let schema = FFI_ArrowSchema::try_from(field).map_err(|error| raised(py, &refused(error)))?;
    PyCapsule::new_with_value(py, schema, SCHEMA)
}

fn stream_capsule<'py>(py: Python<'py>, field: &FieldRef, arrays: Boxed) -> PyResult<Bound<'py, PyCapsule>> {
    let given = Box::new(Given { field: field.clone(), arrays: Some(arrays), error: CString::default() });
    // SAFETY: each callback reads `private_data` as the `Given` that it is; `release` frees it once and says so.
    let stream = unsafe {
        FFI_ArrowArrayStream::new_unchecked(
            Some(get_schema),
            Some(get_next),
            Some(get_last_error),
            Some(release),
            Box::into_raw(given).cast(),
        )
    };
    // A capsule that nobody reads is dropped as the stream, which then calls `release`.
    PyCapsule::new_with_value(py, stream, STREAM)
}

/// What an exported stream owns.
struct Given {
    field: FieldRef,
    /// `None` after the end, and after an error.
    arrays: Option<Boxed>,
    error: CString,
}

impl Given {
    fn next(&mut self) -> Result<Option<ArrayRef>, Error> {
        let Some(arrays) = &mut self.arrays else { return Ok(None) };
        let array = arrays.next().transpose()?;
        if let Some(array) = array.as_ref().filter(|array| array.data_type() != self.field.data_type()) {
            let message = format!("{} was promised, not {}", self.field.data_type(), array.data_type());
            return Err(Error::new(ErrorKind::Environment, "internal-error", message));
        }
        Ok(array)
    }

    fn fail(&mut self, error: &Error) -> c_int {
        self.arrays = None;
        let text = format!("{}: {error}", error.code()).replace('\0', " ");
        self.error = CString::new(text).unwrap_or_default();
        FAILED
    }
}

/// # Safety
/// `stream` must be one made by [`stream_capsule`] and not released.
unsafe fn given<'a>(stream: *mut FFI_ArrowArrayStream) -> &'a mut Given {
    // SAFETY: as the caller promises; the protocol lets nobody call two functions of a stream at once.
    unsafe { &mut *(*stream).private_data().cast::<Given>() }
}

unsafe extern "C" fn get_schema(stream: *mut FFI_ArrowArrayStream, out: *mut FFI_ArrowSchema) -> c_int {
    // SAFETY: the reader calls the stream's own function with the stream.
    let given = unsafe { given(stream) };
    match catch(|| FFI_ArrowSchema::try_from(&given.field).map_err(refused)) {
        Ok(schema) => {
            // SAFETY: the reader gives room for a schema, with nothing in it that is to be freed.
            unsafe { ptr::write(out, schema) };
            0
        }
        Err(error) => given.fail(&error),
    }
}

unsafe extern "C" fn get_next(stream: *mut FFI_ArrowArrayStream, out: *mut FFI_ArrowArray) -> c_int {
    // SAFETY: the reader calls the stream's own function with the stream.
    let given = unsafe { given(stream) };
    let next = unlocked(|| Ok(given.next()?.map(|array| FFI_ArrowArray::new(&array.to_data()))));
    let array = match next {
        Ok(Some(array)) => array,
        Ok(None) => {
            given.arrays = None;
            FFI_ArrowArray::empty()
        }
        Err(error) => return given.fail(&error),
    };
    // SAFETY: the reader gives room for an array, with nothing in it that is to be freed.
    unsafe { ptr::write(out, array) };
    0
}

/// Does something without the interpreter's lock. Some readers hold it here and some do not: taking it first lets everybody let
/// go of it.
///
/// pyo3's own way goes by what pyo3 did on this thread. A producer of C++ that was called with the lock and let go of it by
/// itself, as DuckDB does when it reads a stream of ours for us, is not known to pyo3, which would end the process.
fn unlocked<T>(work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    // SAFETY: these ask for nothing; what is taken is given back in the reverse order, and `catch` lets no panic get between.
    unsafe {
        // While the interpreter shuts down there is no lock to take.
        if pyo3::ffi::Py_IsInitialized() == 0 {
            return catch(work);
        }
        let held = pyo3::ffi::PyGILState_Ensure();
        let thread = pyo3::ffi::PyEval_SaveThread();
        let done = catch(|| computing(work));
        pyo3::ffi::PyEval_RestoreThread(thread);
        pyo3::ffi::PyGILState_Release(held);
        done
    }
}

/// Whether the interpreter shuts down.
pub(crate) fn is_over() -> bool {
    // SAFETY: this may be asked at any time, by any thread.
    unsafe { pyo3::ffi::Py_IsInitialized() == 0 }
}

unsafe extern "C" fn get_last_error(stream: *mut FFI_ArrowArrayStream) -> *const c_char {
    // SAFETY: the reader calls the stream's own function with the stream.
    unsafe { given(stream) }.error.as_ptr()
}

unsafe extern "C" fn release(stream: *mut FFI_ArrowArrayStream) {
    // SAFETY: the reader, or the capsule's end, calls this once; what it drops was made by `stream_capsule`.
    unsafe {
        drop(Box::from_raw((*stream).private_data().cast::<Given>()));
        (*stream).set_private_data(ptr::null_mut());
        (*stream).set_release(None);
    }
}
