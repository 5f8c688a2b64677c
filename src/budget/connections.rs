//! Connections that several tasks share.

use firmograph_core::{Error, ErrorKind};
use firmograph_store::Store;
use std::sync::{Mutex, PoisonError};
use tokio::sync::{Semaphore, SemaphorePermit};

/// Connections to one database, opened as they are needed.
pub(crate) struct Connections {
    url: String,
    free: Mutex<Vec<Store>>,
    tickets: Semaphore,
    reconnects: bool,
    is_postgres: bool,
}

/// A connection that is lent to one task. One that is dropped is closed, and so what it had begun is undone: a task that is
/// cancelled leaves no half of a transaction to the next one.
pub(crate) struct Lent<'c> {
    connections: &'c Connections,
    store: Store,
    _ticket: SemaphorePermit<'c>,
}

impl Connections {
    /// At most `most` to the database that `first` is a connection to.
    pub(crate) fn new(first: Store, most: usize, reconnects: bool) -> Self {
        // SQLite has one writer, and a database in memory is gone with its connection.
        let is_postgres = first.is_postgres();
        let most = if is_postgres { most.max(1) } else { 1 };
        let (url, tickets) = (first.url().to_owned(), Semaphore::new(most));
        Connections { url, free: Mutex::new(vec![first]), tickets, reconnects, is_postgres }
    }

    pub(crate) async fn lend(&self) -> Result<Lent<'_>, Error> {
        let ticket = self.tickets.acquire().await.map_err(|error| {
            Error::new(ErrorKind::Environment, "closed", "the budgets were closed").with_cause(error)
        })?;
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let store = match free {
            Some(store) => store,
            None if self.reconnects => open(&self.url).await?,
            None => {
                let message = "the connection was lost, or closed with a task that was cancelled";
                return Err(Error::new(ErrorKind::Environment, "connection-lost", message));
            }
        };
        Ok(Lent { connections: self, store, _ticket: ticket })
    }

    /// A connection on which a transaction is begun that writes what no ingest writes.
    pub(crate) async fn begin(&self) -> Result<Lent<'_>, Error> {
        let mut lent = self.lend().await?;
        match lent.store.begin_apart().await {
            Ok(()) => Ok(lent),
            Err(error) => Err(lent.not_begun(error)),
        }
    }

    /// The same, for holding money.
    pub(crate) async fn begin_holding(&self) -> Result<Lent<'_>, Error> {
        let mut lent = self.lend().await?;
        match lent.store.begin_holding().await {
            Ok(()) => Ok(lent),
            Err(error) => Err(lent.not_begun(error)),
        }
    }

    /// Whether there is no connection, and there will be none.
    pub(crate) fn are_gone(&self) -> bool {
        let is_free = !self.free.lock().unwrap_or_else(PoisonError::into_inner).is_empty();
        !self.reconnects && !is_free && self.tickets.available_permits() > 0
    }

    /// Closes connections that nobody has: where a server went away, all of them are dead. A file does not go away, and a
    /// database in memory would be gone with its connection.
    pub(crate) fn forget_idle(&self) {
        if self.is_postgres && self.reconnects {
            drop(std::mem::take(&mut *self.free.lock().unwrap_or_else(PoisonError::into_inner)));
        }
    }
}

impl Lent<'_> {
    pub(crate) fn store(&mut self) -> &mut Store {
        &mut self.store
    }

    /// Ends a transaction: keeps it where the work succeeded, undoes it where not.
    pub(crate) async fn end<T>(mut self, done: Result<T, Error>) -> Result<T, Error> {
        match done {
            Ok(value) => {
                self.store.commit().await?;
                self.give_back();
                Ok(value)
            }
            Err(error) => {
                if self.store.rollback().await.is_ok() {
                    self.give_back();
                }
                Err(error)
            }
        }
    }

    /// A transaction that did not begin because others write leaves the connection as it was; whatever else stops it may have
    /// broken the connection.
    fn not_begun(self, error: Error) -> Error {
        if error.code() == "database-busy" {
            self.give_back();
        }
        error
    }

    pub(crate) fn give_back(self) {
        let Lent { connections, store, .. } = self;
        connections.free.lock().unwrap_or_else(PoisonError::into_inner).push(store);
    }
}

/// A connection on which what is committed stays.
pub(crate) async fn open(url: &str) -> Result<Store, Error> {
    let mut store = Store::open(url).await?;
    store.sync_fully().await?;
    Ok(store)
}
