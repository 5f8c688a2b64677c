//! Where a database is: found once, when an object is made, so that it stays the same database wherever the process goes.

use crate::store_files::{self, FileId, id_of};
use firmograph::store::{absolute_url, shown_url, sqlite_file};
use firmograph::{Error, ErrorKind};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

/// The URL of a database, and the file that is open behind it.
pub(crate) struct Location {
    given: String,
    url: String,
    /// That of a SQLite database.
    path: Option<PathBuf>,
    /// The process that made it: connections, threads and locks do not come along when it forks.
    process: u32,
    /// What is open, whatever it is called by now.
    opened: Mutex<Option<FileId>>,
}

impl Location {
    pub(crate) fn new(given: &str) -> Self {
        let url = absolute_url(given);
        let path = sqlite_file(&url);
        Location { given: given.to_owned(), url, path, process: std::process::id(), opened: Mutex::default() }
    }

    /// As it was given.
    pub(crate) fn given(&self) -> &str {
        &self.given
    }

    /// As it is opened.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// For people.
    pub(crate) fn shown(&self) -> String {
        shown_url(&self.given)
    }

    pub(crate) fn is_file(&self) -> bool {
        self.path.is_some()
    }

    /// Whether it is gone with its connection.
    pub(crate) fn is_memory(&self) -> bool {
        self.path.is_none() && self.url.starts_with("sqlite:")
    }

    /// Whether this process was forked from the one that made it.
    pub(crate) fn is_forked(&self) -> bool {
        self.process != std::process::id()
    }

    /// What a forked process is told.
    pub(crate) fn forked(&self) -> Error {
        store_files::forked(&self.shown())
    }

    /// # Errors
    /// `file-open-elsewhere` or `forked` (usage) where something else has the file open.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let Some(path) = &self.path else { return Ok(()) };
        match self.opened().or_else(|| id_of(path)) {
            Some(file) => store_files::check(path, file),
            None => Ok(()),
        }
    }

    /// As [`Location::check`], for what is more than to close it.
    ///
    /// # Errors
    /// `file-replaced` (usage) besides, where the path names another file by now, or none.
    pub(crate) fn check_in_place(&self) -> Result<(), Error> {
        self.check()?;
        match (&self.path, self.opened()) {
            (Some(path), Some(file)) if id_of(path) != Some(file) => {
                let message = format!(
                    "{} is not the file any more that was opened: it was moved, deleted or replaced, and SQLite \
                     writes its journal beside the old name",
                    path.display()
                );
                Err(Error::new(ErrorKind::Usage, "file-replaced", message)
                    .with_help("close() it, and the next call opens what is there by then"))
            }
            _ => Ok(()),
        }
    }

    /// Notes what is open behind it when the answer is dropped, as it is also when the opening is.
    ///
    /// # Errors
    /// As [`Location::check`].
    pub(crate) fn opening(&self) -> Result<Opening<'_>, Error> {
        let before = self.path.as_deref().map(store_files::begin).transpose()?.unwrap_or_default();
        Ok(Opening { location: self, before, is_open: false })
    }

    /// To be dropped when what was opened since `before` was dropped.
    pub(crate) fn closing(&self, before: &BTreeSet<u32>) -> Option<Closing> {
        let (path, file) = (self.path.clone()?, self.opened()?);
        let ours = store_files::descriptors(file).difference(before).copied().collect();
        Some(Closing { path, file, ours })
    }

    /// Says that it is open no more, or will soon be no more.
    pub(crate) fn forget(&self) {
        *self.lock() = None;
    }

    /// Says that it was closed.
    pub(crate) fn closed(&self) {
        let checked = self.check();
        self.forget();
        // Only what is not open any more is forgotten: whatever else it finds is told to the next one that asks.
        drop(checked);
    }

    fn opened(&self) -> Option<FileId> {
        *self.lock()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<FileId>> {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A database that is being opened.
pub(crate) struct Opening<'l> {
    location: &'l Location,
    /// Descriptors of the file before.
    pub(crate) before: BTreeSet<u32>,
    /// Whether it is open now.
    pub(crate) is_open: bool,
}

impl Drop for Opening<'_> {
    fn drop(&mut self) {
        let file = self.location.path.as_deref().and_then(store_files::end);
        if self.is_open {
            *self.location.lock() = file;
        }
    }
}

/// Descriptors of what is dropped with it, before it.
pub(crate) struct Closing {
    path: PathBuf,
    file: FileId,
    ours: BTreeSet<u32>,
}

impl Drop for Closing {
    fn drop(&mut self) {
        store_files::closed(&self.path, self.file, &self.ours);
    }
}
