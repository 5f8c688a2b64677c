//! What many threads share of one database: opened when it is first needed, on a runtime of its own, by one process.

use crate::running_work::{Noting, environment};
use crate::store_files;
use firmograph::Error;
use pyo3::prelude::*;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};

/// How long a call works before it asks for signals.
pub(crate) const SLICE: Duration = Duration::from_millis(40);

/// Something that has connections to a database.
pub(crate) struct Shared<T> {
    url: String,
    /// Whether it works between calls: a task of its own would else stop in the midst of a transaction.
    works_on: bool,
    /// The process that made it: connections do not come along when it forks.
    process: u32,
    open: Mutex<Option<Arc<Opened<T>>>>,
}

/// It, and the runtime that its connections belong to, which must go last.
pub(crate) struct Opened<T> {
    pub(crate) value: T,
    pub(crate) runtime: Runtime,
}

impl<T> Shared<T> {
    pub(crate) fn new(url: &str, works_on: bool) -> Self {
        Shared { url: url.to_owned(), works_on, process: std::process::id(), open: Mutex::default() }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    fn is_forked(&self) -> bool {
        self.process != std::process::id()
    }

    fn opened(&self) -> MutexGuard<'_, Option<Arc<Opened<T>>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether there is something to close.
    pub(crate) fn is_open(&self) -> bool {
        !self.is_forked() && self.opened().is_some()
    }

    /// What `opening` gives, unless it is open; no other thread opens it meanwhile.
    pub(crate) fn get<E: From<Error>>(
        &self,
        opening: impl AsyncFnOnce(&str) -> Result<T, E>,
    ) -> Result<Arc<Opened<T>>, E> {
        if self.is_forked() {
            return Err(store_files::forked(&self.url).into());
        }
        let mut opened = self.opened();
        if let Some(open) = &*opened {
            store_files::held().check(&self.url)?;
            return Ok(Arc::clone(open));
        }
        let mut runtime = match self.works_on {
            true => Builder::new_multi_thread(),
            false => Builder::new_current_thread(),
        };
        let runtime = runtime.worker_threads(1).thread_name("firmograph").enable_all().build();
        let runtime = runtime.map_err(|error| environment("runtime", &error))?;
        let mut noting = Noting::new(&self.url);
        noting.check()?;
        let value = runtime.block_on(opening(&self.url))?;
        let open = Arc::new(Opened { value, runtime });
        *opened = Some(Arc::clone(&open));
        Ok(open)
    }

    /// Lets go of a database that may not answer any more; the next call opens it anew. What only memory holds would be gone
    /// with its connection.
    pub(crate) fn forget(&self) {
        if !self.url.contains(":memory:") {
            self.close();
        }
    }

    /// Closes the database; the next call opens it again.
    pub(crate) fn close(&self) {
        if !self.is_forked() {
            drop(self.opened().take());
            drop(store_files::held().check(&self.url));
        }
    }
}

impl<T> Drop for Shared<T> {
    fn drop(&mut self) {
        if self.is_forked() {
            // Its connections are the parent's: what is closed here would be closed there.
            std::mem::forget(self.opened().take());
        }
    }
}

/// Works, and asks for signals now and then: `Err` with what a signal raised.
pub(crate) async fn hearing<T>(work: impl Future<Output = T>) -> PyResult<T> {
    let mut work = std::pin::pin!(work);
    loop {
        match tokio::time::timeout(SLICE, &mut work).await {
            Ok(done) => return Ok(done),
            Err(_) => Python::attach(|py| py.check_signals())?,
        }
    }
}
