//! What the thread does that works on a database: opens it, works until it is done or stopped, closes it.

use crate::running::{Ear, Open, Stop};
use crate::store_files;
use firmograph::store::Store as Database;
use firmograph::{Engine, Error, ErrorKind};
use serde_json::Value;
use std::sync::MutexGuard;
use std::time::Duration;

/// How long a database may take to close after its work was dropped.
const PATIENCE: Duration = Duration::from_secs(5);

/// Works until it is done or stopped. A work that is stopped is dropped where it stands: closing the database rolls
/// back what it did not commit.
pub(crate) fn at_work(
    url: &str,
    open: Option<Open>,
    work: impl AsyncFnOnce(&mut Option<Engine>, &str, &Ear) -> Result<Value, Error>,
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
    if let Err(error) = store_files::held().check(url) {
        return (Err(error), engine.map(|engine| Open { engine, runtime }));
    }
    let done = runtime.block_on(async {
        let done = tokio::select! {
            biased;
            () = stop.wake.notified() => None,
            done = work(&mut engine, url, &ear) => Some(done),
        };
        let keeps = match &done {
            None => false,
            Some(Err(error)) => error.kind() != ErrorKind::Environment,
            Some(Ok(_)) => true,
        };
        let refused = ear.refused();
        // What only memory holds would be gone with its connection, and locks of others with ours.
        if !keeps && (url.contains(":memory:") || refused.is_some()) {
            if let Some(engine) = &mut engine {
                drop(engine.store().rollback().await);
            }
        } else if !keeps && let Some(engine) = engine.take() {
            closed(engine, url).await;
        }
        refused.map(Err).or(done)
    });
    let stopped = || Error::new(ErrorKind::Interrupted, "interrupted", "the work was stopped");
    (done.unwrap_or_else(|| Err(stopped())), engine.map(|engine| Open { engine, runtime }))
}

/// Opens a database while nothing else of ours is opened or closed: what is open behind it and was not before is ours.
pub(crate) async fn open_guarded(url: &str) -> Result<Engine, Error> {
    let mut noting = Noting::new(url);
    noting.check()?;
    Engine::open(url).await
}

/// Opens a database, and tells which migrations it lacked.
pub(crate) async fn open_telling(url: &str) -> Result<(Engine, Vec<i64>), Error> {
    let mut noting = Noting::new(url);
    noting.check()?;
    let mut database = Database::open(url).await?;
    let lacking = database.migrations().await?.into_iter().filter(|migration| !migration.applied);
    let lacking = lacking.map(|migration| migration.version).collect();
    database.close().await?;
    Ok((Engine::open(url).await?, lacking))
}

/// Notes what is open when it is dropped, as it is also when the opening is.
pub(crate) struct Noting<'u> {
    held: MutexGuard<'static, store_files::Ours>,
    url: &'u str,
}

impl<'u> Noting<'u> {
    pub(crate) fn new(url: &'u str) -> Self {
        Noting { held: store_files::held(), url }
    }

    pub(crate) fn check(&mut self) -> Result<(), Error> {
        self.held.check(self.url)
    }
}

impl Drop for Noting<'_> {
    fn drop(&mut self) {
        self.held.note(self.url);
    }
}

pub(crate) async fn closed(engine: Engine, url: &str) {
    // Its answer does not matter: what is not committed is rolled back either way.
    drop(tokio::time::timeout(PATIENCE, engine.close()).await);
    drop(store_files::held().check(url));
}

pub(crate) fn environment(code: &'static str, error: &std::io::Error) -> Error {
    Error::new(ErrorKind::Environment, code, error.to_string())
}
