//! Golden frames of normalized ones.

use crate::capsule::ArrowChunks;
use crate::errors::{guarded, raised};
use crate::forks::detached;
use crate::tables::{Tables, ours, table_field};
use arrow_array::{ArrayRef, RecordBatch, StructArray};
use firmograph::{EntityKind, Error, ErrorKind};
use firmograph_arrow::{FrameCoalescer, GoldenBatches, priorities, state_schema};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyMapping, PyTuple};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Gathers normalized records, in any order and from any engine, and coalesces them into golden companies and prospects.
#[pyclass(frozen, module = "firmograph")]
pub(crate) struct Coalescer {
    inner: Mutex<FrameCoalescer>,
    policy: Policy,
}

/// What the user said about sources, as it was said.
#[derive(Clone, Default)]
struct Policy {
    priorities: Vec<(String, Vec<String>)>,
    policies: Vec<(String, String)>,
}

impl Coalescer {
    fn lock(&self) -> MutexGuard<'_, FrameCoalescer> {
        // Pushing checks a batch before it changes anything.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn made(py: Python<'_>, policy: Option<&Bound<'_, PyAny>>, only: Option<&str>) -> PyResult<Self> {
        let policy = policy.map(|policy| Policy::read(policy)).transpose()?.unwrap_or_default();
        let made = || {
            let only = only.map(kind).transpose()?;
            Ok(FrameCoalescer::new(priorities(&policy.priorities, &policy.policies)?, only))
        };
        let inner = made().map_err(|error: Error| raised(py, &error))?;
        Ok(Coalescer { inner: Mutex::new(inner), policy })
    }
}

#[pymethods]
impl Coalescer {
    #[new]
    #[pyo3(signature = (policy=None, *, only=None))]
    fn new(py: Python<'_>, policy: Option<&Bound<'_, PyAny>>, only: Option<&str>) -> PyResult<Self> {
        guarded(|| Self::made(py, policy, only))
    }

    /// Adds the records of a normalized table; gives how many were not there before. What a batch of it says counts whole or
    /// not at all.
    #[pyo3(signature = (batch, *, prefix=""))]
    fn push(&self, batch: &Bound<'_, PyAny>, prefix: &str) -> PyResult<usize> {
        guarded(|| {
            let py = batch.py();
            let tables = Tables::new(batch)?;
            let pushed = detached(py, || {
                let mut new = 0;
                for batch in tables {
                    // Taken for each batch: what gives them may itself need this coalescer.
                    new += self.lock().push(&batch.map_err(ours)?, prefix)?;
                }
                Ok(new)
            });
            pushed.map_err(|error| raised(py, &error))
        })
    }

    /// Adds every record of another coalescer of the same policy; those that both have count once.
    fn merge(&self, py: Python<'_>, other: &Coalescer) -> PyResult<()> {
        guarded(|| {
            let merged = detached(py, || {
                // A copy, so that two threads that merge into each other wait for nothing.
                let other = other.lock().clone();
                self.lock().merge(other)
            });
            merged.map_err(|error| raised(py, &error))
        })
    }

    /// The records as a table, in the order of their payloads: pushed into another coalescer, they make it what this one is.
    fn state<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        guarded(|| {
            let state = detached(py, || self.lock().state()).map_err(|error| raised(py, &ours(error)))?;
            ArrowChunks::object(py, table_field(&state_schema()), arrays(state))
        })
    }

    /// The golden companies and prospects of everything that was pushed.
    fn finish(&self, py: Python<'_>) -> PyResult<Golden> {
        guarded(|| {
            let golden = detached(py, || self.lock().finish()).map_err(|error| raised(py, &ours(error)))?;
            let GoldenBatches { companies, persons } = golden;
            Ok(Golden { companies: arrays(companies), prospects: arrays(persons) })
        })
    }

    /// How many records count.
    fn __len__(&self, py: Python<'_>) -> usize {
        detached(py, || self.lock().len())
    }

    /// A coalescer is there, with records or without.
    fn __bool__(&self) -> bool {
        true
    }

    fn __repr__(&self, py: Python<'_>) -> String {
        format!("<firmograph.Coalescer of {} records>", self.__len__(py))
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        guarded(|| {
            let (only, bytes) = detached(py, || {
                let inner = self.lock();
                (inner.only().map(EntityKind::name), inner.to_bytes())
            });
            let bytes = bytes.map_err(|error| raised(py, &ours(error)))?;
            let restored = py.import("firmograph._firmograph")?.getattr("_restored")?;
            let state = (self.policy.dict(py)?, only, PyBytes::new(py, &bytes));
            (restored, state).into_pyobject(py)
        })
    }
}

/// The coalescer that was pickled.
#[pyfunction]
#[pyo3(name = "_restored")]
pub(crate) fn restored(
    py: Python<'_>,
    policy: &Bound<'_, PyAny>,
    only: Option<&str>,
    state: &[u8],
) -> PyResult<Coalescer> {
    guarded(|| {
        let coalescer = Coalescer::made(py, Some(policy), only)?;
        let pushed = detached(py, || coalescer.lock().push_bytes(state));
        pushed.map_err(|error| raised(py, &error))?;
        Ok(coalescer)
    })
}

/// Golden companies and prospects, each a table in the order of the keys.
#[pyclass(frozen, module = "firmograph")]
pub(crate) struct Golden {
    companies: Vec<ArrayRef>,
    prospects: Vec<ArrayRef>,
}

#[pymethods]
impl Golden {
    /// One row for each company.
    #[getter]
    fn companies<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        golden(py, EntityKind::Company, &self.companies)
    }

    /// One row for each person.
    #[getter]
    fn prospects<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        golden(py, EntityKind::Person, &self.prospects)
    }

    fn __repr__(&self) -> String {
        let rows = |arrays: &[ArrayRef]| arrays.iter().map(|array| array.len()).sum::<usize>();
        let (companies, prospects) = (rows(&self.companies), rows(&self.prospects));
        format!("<firmograph.Golden of {companies} companies and {prospects} prospects>")
    }
}

/// The columns of golden companies (`company`) or prospects (`person`), of no rows.
#[pyfunction]
#[pyo3(name = "_golden_schema")]
pub(crate) fn golden_schema<'py>(py: Python<'py>, only: &str) -> PyResult<Bound<'py, PyAny>> {
    guarded(|| golden(py, kind(only).map_err(|error| raised(py, &error))?, &[]))
}

fn golden<'py>(py: Python<'py>, kind: EntityKind, arrays: &[ArrayRef]) -> PyResult<Bound<'py, PyAny>> {
    guarded(|| ArrowChunks::object(py, table_field(&firmograph_arrow::golden_schema(kind)), arrays.to_vec()))
}

fn arrays(batches: Vec<RecordBatch>) -> Vec<ArrayRef> {
    batches.into_iter().map(|batch| Arc::new(StructArray::from(batch)) as ArrayRef).collect()
}

/// The kind of entity of this name.
pub(crate) fn kind(name: &str) -> Result<EntityKind, Error> {
    [EntityKind::Company, EntityKind::Person].into_iter().find(|kind| kind.name() == name).ok_or_else(|| {
        Error::new(ErrorKind::Usage, "unknown-kind", format!("{name:?} is no kind of entity"))
            .with_help("use company or person")
    })
}

impl Policy {
    fn read(policy: &Bound<'_, PyAny>) -> PyResult<Self> {
        let refused = |what: &str| {
            let help = r#"{"priorities": {"*": ["manual", "clay"]}, "policies": {"industry": "longest"}}"#;
            let message = format!("{what}: a policy is a dict such as {help}");
            raised(policy.py(), &Error::new(ErrorKind::Usage, "bad-policy", message))
        };
        let mut read = Policy::default();
        for (name, said) in pairs(policy).ok_or_else(|| refused("the policy is no dict of texts"))? {
            match name.as_str() {
                "priorities" => {
                    for (attribute, sources) in
                        pairs(&said).ok_or_else(|| refused("priorities is no dict"))?
                    {
                        let sources =
                            sources.extract().map_err(|_| refused("sources are no list of names"))?;
                        read.priorities.push((attribute, sources));
                    }
                }
                "policies" => {
                    for (attribute, policy) in pairs(&said).ok_or_else(|| refused("policies is no dict"))? {
                        let policy =
                            policy.extract().map_err(|_| refused("a policy of an attribute is no name"))?;
                        read.policies.push((attribute, policy));
                    }
                }
                other => return Err(refused(&format!("there is no {other:?}"))),
            }
        }
        Ok(read)
    }

    fn dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let (priorities, policies, dict) = (PyDict::new(py), PyDict::new(py), PyDict::new(py));
        for (attribute, sources) in &self.priorities {
            priorities.set_item(attribute, sources)?;
        }
        for (attribute, policy) in &self.policies {
            policies.set_item(attribute, policy)?;
        }
        dict.set_item("priorities", priorities)?;
        dict.set_item("policies", policies)?;
        Ok(dict)
    }
}

/// The items of a mapping whose keys are text.
fn pairs<'py>(object: &Bound<'py, PyAny>) -> Option<Vec<(String, Bound<'py, PyAny>)>> {
    let items = object.cast::<PyMapping>().ok()?.items().ok()?;
    items.iter().map(|item| item.extract().ok()).collect()
}
