//! What many threads share of one database: opened when it is first needed, on a runtime of its own, by one process.

use crate::location::{Closing, Location};
use crate::running::busy;
use crate::running_work::{aside, environment};
use firmograph::Error;
use pyo3::prelude::*;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::ThreadId;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};

/// How long a call works before it asks for signals.
pub(crate) const SLICE: Duration = Duration::from_millis(40);

/// Something that has connections to a database.
pub(crate) struct Shared<T: Send + Sync + 'static> {
    location: Location,
    /// Whether it works between calls: a task of its own would else stop in the midst of a transaction.
    works_on: bool,
    place: Mutex<Place<T>>,
    is_free: Condvar,
}

struct Place<T> {
    open: Option<Arc<Opened<T>>>,
    /// The thread that opens it.
    opening: Option<ThreadId>,
    /// Threads whose calls wait for no other thread.
    entered: Vec<ThreadId>,
}

/// It, and the runtime that its connections belong to, which must go after them, and what waits for the end of both.
pub(crate) struct Opened<T> {
    pub(crate) value: T,
    pub(crate) runtime: Runtime,
    _closing: Option<Closing>,
}

impl<T: Send + Sync + 'static> Shared<T> {
    pub(crate) fn new(url: &str, works_on: bool) -> Self {
        let place = Place { open: None, opening: None, entered: Vec::new() };
        Shared { location: Location::new(url), works_on, place: Mutex::new(place), is_free: Condvar::new() }
    }

    pub(crate) fn location(&self) -> &Location {
        &self.location
    }

    fn place(&self) -> MutexGuard<'_, Place<T>> {
        self.place.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether there is something to close.
    pub(crate) fn is_open(&self) -> bool {
        !self.location.is_forked() && self.place().open.is_some()
    }

    /// Says that this thread works on it itself, until the answer is dropped.
    ///
    /// # Errors
    /// `busy` (usage) where it does so already: what is asked then is asked by what runs meanwhile, and would wait for itself.
    pub(crate) fn enter(&self, what: &str) -> Result<Entered<'_, T>, Error> {
        if self.location.is_forked() {
            return Err(self.location.forked());
        }
        let (mut place, me) = (self.place(), std::thread::current().id());
        if place.entered.contains(&me) {
            return Err(busy(what));
        }
        place.entered.push(me);
        Ok(Entered { shared: self, me })
    }

    /// What `opening` gives, unless it is open; no other thread opens it meanwhile. Who waits hears signals.
    pub(crate) fn get<E: From<Error>>(
        &self,
        opening: impl AsyncFnOnce(&str) -> Result<T, E>,
        signal: impl Fn(PyErr) -> E,
    ) -> Result<Arc<Opened<T>>, E> {
        if self.location.is_forked() {
            return Err(self.location.forked().into());
        }
        let me = std::thread::current().id();
        loop {
            let mut place = self.place();
            if let Some(open) = &place.open {
                let open = Arc::clone(open);
                drop(place);
                self.location.check_in_place()?;
                return Ok(open);
            }
            match place.opening {
                None => {
                    place.opening = Some(me);
                    break;
                }
                Some(thread) if thread == me => return Err(busy("this database").into()),
                Some(_) => drop(self.is_free.wait_timeout(place, SLICE)),
            }
            Python::attach(|py| py.check_signals()).map_err(&signal)?;
        }
        let _turn = Turn { shared: self };
        let mut runtime = match self.works_on {
            true => Builder::new_multi_thread(),
            false => Builder::new_current_thread(),
        };
        let runtime = runtime.worker_threads(1).thread_name("firmograph").enable_all().build();
        let runtime = runtime.map_err(|error| environment("runtime", &error))?;
        let mut noting = self.location.opening()?;
        let value = hearing(&runtime, opening(self.location.url())).map_err(signal)??;
        noting.is_open = true;
        let before = std::mem::take(&mut noting.before);
        drop(noting);
        let open = Arc::new(Opened { value, runtime, _closing: self.location.closing(&before) });
        self.place().open = Some(Arc::clone(&open));
        Ok(open)
    }

    /// Lets go of a database that may not answer any more; the next call opens it anew. What only memory holds would be gone
    /// with its connection.
    pub(crate) fn forget(&self) {
        if !self.location.is_memory() {
            self.close();
        }
    }

    /// Closes the database; the next call opens it again.
    pub(crate) fn close(&self) {
        if self.location.is_forked() {
            return;
        }
        let open = self.place().open.take();
        if open.is_some() {
            self.location.forget();
            drop(open);
        }
    }
}

impl<T: Send + Sync + 'static> Drop for Shared<T> {
    fn drop(&mut self) {
        // Locks nothing: in a forked child another thread of the parent might hold it for ever.
        let open = self.place.get_mut().unwrap_or_else(PoisonError::into_inner).open.take();
        if self.location.is_forked() {
            // Its connections are the parent's: what is closed here would be closed there.
            std::mem::forget(open);
        } else if open.is_some() {
            aside(move || drop(open));
        }
    }
}

/// A thread that works; see [`Shared::enter`].
pub(crate) struct Entered<'s, T: Send + Sync + 'static> {
    shared: &'s Shared<T>,
    me: ThreadId,
}

impl<T: Send + Sync + 'static> Drop for Entered<'_, T> {
    fn drop(&mut self) {
        self.shared.place().entered.retain(|thread| *thread != self.me);
    }
}

/// The turn of a thread to open it.
struct Turn<'s, T: Send + Sync + 'static> {
    shared: &'s Shared<T>,
}

impl<T: Send + Sync + 'static> Drop for Turn<'_, T> {
    fn drop(&mut self) {
        self.shared.place().opening = None;
        self.shared.is_free.notify_all();
    }
}

/// Works, and asks for signals now and then, outside of the runtime, because their handlers may use one: `Err` with what a
/// signal raised.
pub(crate) fn hearing<T>(runtime: &Runtime, work: impl Future<Output = T>) -> PyResult<T> {
    let mut work = Box::pin(work);
    loop {
        let slice = async { tokio::time::timeout(SLICE, &mut work).await };
        if let Ok(done) = runtime.block_on(slice) {
            return Ok(done);
        }
        if let Err(signal) = Python::attach(|py| py.check_signals()) {
            let _context = runtime.enter();
            drop(work);
            return Err(signal);
        }
    }
}
