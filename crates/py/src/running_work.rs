//! What the thread does that works on a database: opens it, works until it is done or stopped, closes it.

use crate::location::Location;
use crate::running::{Ear, Open, Stop};
use firmograph::store::Store as Database;
use firmograph::{Engine, Error, ErrorKind};
use pyo3::prelude::*;
use serde_json::Value;
use std::time::Duration;

/// How long a database may take to close after its work was dropped.
const PATIENCE: Duration = Duration::from_secs(5);

/// Works until it is done or stopped. A work that is stopped is dropped where it stands: closing the database rolls
/// back what it did not commit.
pub(crate) fn at_work(
    location: &Location,
    open: Option<Open>,
    work: impl AsyncFnOnce(&mut Option<Engine>, &Location, &Ear) -> Result<Value, Error>,
    ear: Ear,
    stop: &Stop,
) -> (Result<Value, Error>, Option<Open>) {
    let (mut engine, runtime) = match open {
        Some(Open { engine, runtime }) => (Some(engine), Ok(runtime)),
        None => (None, tokio::runtime::Builder::new_current_thread().enable_all().build()),
    };
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => return (Err(environment("runtime", &error)), None),
    };
    // Also of what is only read: closing takes the locks away whoever does it.
    if let Err(error) = location.check() {
        return (Err(error), engine.map(|engine| Open { engine, runtime }));
    }
    let done = runtime.block_on(async {
        let done = tokio::select! {
            biased;
            () = stop.wake.notified() => None,
            done = work(&mut engine, location, &ear) => Some(done),
        };
        let keeps = match &done {
            None => false,
            Some(Err(error)) => error.kind() != ErrorKind::Environment,
            Some(Ok(_)) => true,
        };
        let refused = ear.refused();
        // What only memory holds would be gone with its connection, and locks of others with ours.
        if !keeps && (location.is_memory() || refused.is_some()) {
            if let Some(engine) = &mut engine {
                drop(engine.store().rollback().await);
            }
        } else if !keeps && let Some(engine) = engine.take() {
            closed(engine, location).await;
        }
        refused.map(Err).or(done)
    });
    let stopped = || Error::new(ErrorKind::Interrupted, "interrupted", "the work was stopped");
    (done.unwrap_or_else(|| Err(stopped())), engine.map(|engine| Open { engine, runtime }))
}

/// Opens a database: what is open behind it then and was not before is ours.
pub(crate) async fn open_guarded(location: &Location) -> Result<Engine, Error> {
    let mut opening = location.opening()?;
    let engine = Engine::open(location.url()).await?;
    opening.is_open = true;
    Ok(engine)
}

/// Opens a database, and tells which migrations it lacked.
pub(crate) async fn open_telling(location: &Location) -> Result<(Engine, Vec<i64>), Error> {
    let mut opening = location.opening()?;
    let mut database = Database::open(location.url()).await?;
    let lacking = database.migrations().await?.into_iter().filter(|migration| !migration.applied);
    let lacking = lacking.map(|migration| migration.version).collect();
    database.close().await?;
    let engine = Engine::open(location.url()).await?;
    opening.is_open = true;
    Ok((engine, lacking))
}

pub(crate) async fn closed(engine: Engine, location: &Location) {
    // Its answer does not matter: what is not committed is rolled back either way.
    drop(tokio::time::timeout(PATIENCE, engine.close()).await);
    location.closed();
}

/// Does what takes its time when Python drops an object: on a thread of its own, because this one may be within a runtime, and
/// waits for it while Python goes on.
pub(crate) fn aside(work: impl FnOnce() + Send + 'static) {
    let Ok(thread) = std::thread::Builder::new().name("firmograph".to_owned()).spawn(work) else { return };
    let mut thread = Some(thread);
    let mut wait = || drop(thread.take().map(std::thread::JoinHandle::join));
    // At the interpreter's end nobody else is left to go on.
    if Python::try_attach(|py| py.detach(&mut wait)).is_none() {
        wait();
    }
}

pub(crate) fn environment(code: &'static str, error: &std::io::Error) -> Error {
    Error::new(ErrorKind::Environment, code, error.to_string())
}
