//! The research cache as Python's `ResearchCache` has it: each method does one thing while the interpreter is free, and
//! gives JSON text, which `firmograph/research.py` shapes. Many threads may call at once.

use crate::engine::{json, now};
use crate::errors::{guarded, raised};
use crate::shared::{SLICE, Shared};
use firmograph::{
    Error, ErrorKind, Found, MicroDollars, Research, ResearchCache, ResearchError, ResearchKey,
    ResearchOptions, Stale,
};
use pyo3::prelude::*;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;
use tokio::sync::{Notify, oneshot};

/// The research cache of a database, opened when it is first needed.
#[pyclass(frozen, module = "firmograph._firmograph")]
pub(crate) struct ResearchCore {
    shared: Shared<ResearchCache>,
    keeps: Keeps,
}

/// How long and how much is kept.
struct Keeps {
    serves_stale: bool,
    time_to_live: Option<Duration>,
    miss_time_to_live: Option<Duration>,
    max_rows: Option<u64>,
    max_bytes: Option<u64>,
    holder: Option<String>,
}

/// What asking gave: what was found, and what it cost.
type Answer = PyResult<(Option<Found>, MicroDollars)>;

/// What the thread that works tells the one that called.
enum Message<T> {
    /// Nobody knows the answer: ask, and say what came of it.
    Ask(oneshot::Sender<Answer>),
    Done(T),
}

impl ResearchCore {
    fn options(&self) -> ResearchOptions {
        let mut options = ResearchOptions::new(Arc::new(now));
        (options.time_to_live, options.miss_time_to_live) =
            (self.keeps.time_to_live, self.keeps.miss_time_to_live);
        (options.max_rows, options.max_bytes) = (self.keeps.max_rows, self.keeps.max_bytes);
        // Which answers are deleted when; who is served one is decided where the budget is asked.
        options.stale = if self.keeps.serves_stale { Stale::Serve } else { Stale::Refuse };
        options.holder = self.keeps.holder.clone();
        // Which files are ours is noted where they are opened, and that is here.
        options.reconnects = !self.shared.location().is_file();
        options
    }

    /// Does something with the cache on a thread of its own, while the calling one hears signals and asks what nobody knows:
    /// `compute` runs where it was given.
    fn run<T: Send>(
        &self,
        py: Python<'_>,
        compute: Option<&Py<PyAny>>,
        work: impl AsyncFnOnce(&ResearchCache, &dyn Ask) -> Result<T, ResearchError<PyErr>> + Send,
    ) -> PyResult<T> {
        py.detach(|| {
            let opening = async |url: &str| {
                Ok::<_, ResearchError<PyErr>>(ResearchCache::open(url, self.options()).await?)
            };
            let open = match self.shared.get(opening, ResearchError::Failed) {
                Ok(open) => open,
                Err(error) => return Err(raised_of(error)),
            };
            let (stop, (sink, messages)) = (Notify::new(), channel());
            let done = std::thread::scope(|scope| {
                let (open, stop, asks) = (&open, &stop, Asks(sink.clone()));
                scope.spawn(move || {
                    let done = open.runtime.block_on(async {
                        tokio::select! {
                            biased;
                            () = stop.notified() => None,
                            done = work(&open.value, &asks) => Some(done),
                        }
                    });
                    drop(sink.send(Message::Done(done)));
                });
                let (mut left, mut is_paid) = (None, false);
                loop {
                    match messages.recv_timeout(SLICE) {
                        Ok(Message::Done(done)) => break left.map_or(Ok(done), Err),
                        Ok(Message::Ask(answer)) if left.is_none() => {
                            let asked = Python::attach(|py| asked(py, compute));
                            is_paid = asked.is_ok();
                            drop(answer.send(asked));
                        }
                        // Nothing is asked any more after a signal.
                        Ok(Message::Ask(_)) | Err(RecvTimeoutError::Timeout) => {}
                        Err(RecvTimeoutError::Disconnected) => break left.map_or(Ok(None), Err),
                    }
                    if let Err(signal) = Python::attach(|py| py.check_signals()) {
                        // What is paid is stored first, unless it is said twice.
                        if !is_paid || left.is_some() {
                            stop.notify_one();
                        }
                        left = Some(signal);
                    }
                }
            });
            drop(open);
            self.ended(done)
        })
    }

    /// What came of a work; a connection that may be lost, or was dropped with a work that was stopped, is not used again.
    fn ended<T>(&self, done: PyResult<Option<Result<T, ResearchError<PyErr>>>>) -> PyResult<T> {
        let is_loss = match &done {
            Ok(Some(Err(ResearchError::Cache(error)))) => error.kind() == ErrorKind::Environment,
            Ok(Some(_)) => false,
            Ok(None) | Err(_) => true,
        };
        if is_loss {
            self.shared.forget();
        }
        match done? {
            Some(Ok(done)) => Ok(done),
            Some(Err(error)) => Err(raised_of(error)),
            None => {
                let message = "the work on the research cache ended in a panic";
                let error = Error::new(ErrorKind::Environment, "internal-error", message);
                Python::attach(|py| Err(raised(py, &error)))
            }
        }
    }
}

fn raised_of(error: ResearchError<PyErr>) -> PyErr {
    match error {
        ResearchError::Failed(error) => error,
        ResearchError::Cache(error) => Python::attach(|py| raised(py, &error)),
        ResearchError::NotReserved(not) => Python::attach(|py| raised(py, &Error::from(not))),
    }
}

/// Asks the thread that called.
trait Ask: Sync {
    fn ask(&self) -> oneshot::Receiver<Answer>;
}

struct Asks<T>(std::sync::mpsc::Sender<Message<T>>);

impl<T: Send> Ask for Asks<T> {
    fn ask(&self) -> oneshot::Receiver<Answer> {
        let (answer, answered) = oneshot::channel();
        // Where nobody listens any more, the receiver says so.
        drop(self.0.send(Message::Ask(answer)));
        answered
    }
}

#[pymethods]
impl ResearchCore {
    #[new]
    #[expect(clippy::too_many_arguments, reason = "they are keywords in Python")]
    #[pyo3(signature = (url, time_to_live, miss_time_to_live, serves_stale, max_rows, max_bytes, holder))]
    fn new(
        py: Python<'_>,
        url: &str,
        time_to_live: Option<f64>,
        miss_time_to_live: Option<f64>,
        serves_stale: bool,
        max_rows: Option<u64>,
        max_bytes: Option<u64>,
        holder: Option<String>,
    ) -> PyResult<Self> {
        let duration = |seconds: Option<f64>| {
            seconds.map(Duration::try_from_secs_f64).transpose().map_err(|error| {
                raised(py, &Error::new(ErrorKind::Usage, "bad-time-to-live", error.to_string()))
            })
        };
        let (time_to_live, miss_time_to_live) = (duration(time_to_live)?, duration(miss_time_to_live)?);
        let keeps = Keeps { serves_stale, time_to_live, miss_time_to_live, max_rows, max_bytes, holder };
        Ok(ResearchCore { shared: Shared::new(url, true), keeps })
    }

    #[getter]
    fn url(&self) -> &str {
        self.shared.location().given()
    }

    /// The URL that names the same database in another folder; none of one in memory.
    #[getter]
    fn absolute_url(&self) -> Option<&str> {
        let location = self.shared.location();
        (!location.is_memory()).then(|| location.url())
    }

    /// The URL without secrets.
    #[getter]
    fn shown(&self) -> String {
        self.shared.location().shown()
    }

    /// Writes the hits that were counted, and closes the database; a later call opens it again.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        if !py.detach(|| self.shared.is_open()) {
            return Ok(());
        }
        let flushed = guarded(|| self.run(py, None, async |cache, _| Ok(cache.flush().await?)));
        py.detach(|| self.shared.close());
        flushed
    }

    /// The answer to a question: `compute()` is called where nobody knows it, and gives a dict.
    fn get_or_compute(&self, py: Python<'_>, key: KeyArguments, compute: Py<PyAny>) -> PyResult<String> {
        let key = ResearchKey::from(key);
        guarded(|| {
            self.run(py, Some(&compute), async |cache, ask| {
                let research = cache
                    .get_or_compute_at_cost(&key, || async {
                        ask.ask()
                            .await
                            .unwrap_or_else(|_| Err(pyo3::exceptions::PyKeyboardInterrupt::new_err(())))
                    })
                    .await?;
                Ok(told(&research).to_string())
            })
        })
    }

    /// The stored answer, also where its time is over; `null` where there is none.
    fn stored(&self, py: Python<'_>, key: KeyArguments) -> PyResult<String> {
        let key = ResearchKey::from(key);
        guarded(|| {
            self.run(py, None, async |cache, _| {
                Ok(cache.stored(&key).await?.as_ref().map_or(Value::Null, told).to_string())
            })
        })
    }

    fn stats(&self, py: Python<'_>) -> PyResult<String> {
        guarded(|| self.run(py, None, async |cache, _| Ok(json(&cache.stats().await?)?.to_string())))
    }

    #[pyo3(signature = (workspace, entity, limit))]
    fn list(
        &self,
        py: Python<'_>,
        workspace: Option<String>,
        entity: Option<String>,
        limit: usize,
    ) -> PyResult<String> {
        guarded(|| {
            self.run(py, None, async |cache, _| {
                let rows = cache.list(workspace.as_deref(), entity.as_deref(), limit).await?;
                Ok(json(&rows)?.to_string())
            })
        })
    }

    fn expire(&self, py: Python<'_>) -> PyResult<u64> {
        guarded(|| self.run(py, None, async |cache, _| Ok(cache.expire().await?)))
    }
}

/// What `compute` gives.
fn asked(py: Python<'_>, compute: Option<&Py<PyAny>>) -> Answer {
    let Some(compute) = compute else { return Ok((None, MicroDollars::ZERO)) };
    let given: FoundArguments = compute.call0(py)?.extract(py)?;
    let cost = MicroDollars::new(given.cost);
    let extracted = given.extracted.as_deref().map(serde_json::from_str).transpose().map_err(|error| {
        raised(py, &Error::new(ErrorKind::Usage, "bad-json", format!("what was extracted: {error}")))
    })?;
    let found = given.content.map(|content| Found {
        content,
        sources: given.sources,
        extracted,
        confidence: given.confidence,
        tokens: given.tokens,
        cost,
    });
    Ok((found, cost))
}

fn told(research: &Research) -> Value {
    let found = research.found.as_ref();
    json!({
        "content": found.map(|found| &found.content),
        "sources": found.map_or(&[] as &[String], |found| &found.sources),
        "extracted": found.and_then(|found| found.extracted.as_ref()),
        "confidence": found.and_then(|found| found.confidence),
        "tokens": found.and_then(|found| found.tokens),
        "cost": research.cost,
        "origin": research.origin,
        "age": research.age.as_secs_f64(),
        "saved": research.saved,
        "expires_at": research.expires_at.map(|at| at.as_millisecond()),
        "not_stored": research.not_stored.as_ref().map(ToString::to_string),
    })
}

/// What is asked.
#[derive(FromPyObject)]
struct KeyArguments {
    #[pyo3(item)]
    workspace: String,
    #[pyo3(item)]
    entity_type: String,
    #[pyo3(item)]
    entity_id: String,
    #[pyo3(item)]
    research_type: String,
    #[pyo3(item)]
    model: Option<String>,
    #[pyo3(item)]
    question: Option<String>,
}

impl From<KeyArguments> for ResearchKey {
    fn from(given: KeyArguments) -> Self {
        let KeyArguments { workspace, entity_type, entity_id, research_type, model, question } = given;
        ResearchKey { workspace, entity_type, entity_id, research_type, model, question }
    }
}

/// What was found; without content nothing was.
#[derive(FromPyObject)]
struct FoundArguments {
    #[pyo3(item)]
    content: Option<String>,
    #[pyo3(item)]
    sources: Vec<String>,
    #[pyo3(item)]
    extracted: Option<String>,
    #[pyo3(item)]
    confidence: Option<f64>,
    #[pyo3(item)]
    tokens: Option<i64>,
    #[pyo3(item)]
    cost: i64,
}
