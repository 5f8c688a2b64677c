//! Who has a SQLite file open in this process. A lock on a file belongs to the process, not to a descriptor: when any
//! descriptor of the file is closed, the locks of all are gone. One SQLite library knows that and waits; two of them,
//! as that of Python's `sqlite3` and ours, take each other's locks away, and rows that were committed are lost.

use firmograph::store::sqlite_file;
use firmograph::{Error, ErrorKind};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A file, whatever it is called: device and inode.
type FileId = (u64, u64);

/// The descriptors that are ours, and of which process that is so.
#[derive(Default)]
pub(crate) struct Ours {
    process: u32,
    by_file: BTreeMap<FileId, BTreeSet<u32>>,
}

static OURS: Mutex<Ours> = Mutex::new(Ours { process: 0, by_file: BTreeMap::new() });

/// Holds the register, so that nothing of ours is opened or closed meanwhile.
pub(crate) fn held() -> MutexGuard<'static, Ours> {
    OURS.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Ours {
    /// Refuses the file of a database that something else in this process has open.
    ///
    /// # Errors
    /// `file-open-elsewhere` or `forked` (usage).
    pub(crate) fn check(&mut self, url: &str) -> Result<(), Error> {
        let Some((path, file)) = file_of(url) else { return Ok(()) };
        let open = descriptors(file);
        let known = self.by_file.entry(file).or_default();
        known.retain(|descriptor| open.contains(descriptor));
        if !known.is_empty() && self.process != std::process::id() {
            return Err(forked(&path.display().to_string()));
        }
        let others: Vec<u32> = open.difference(known).copied().collect();
        if known.is_empty() {
            self.by_file.remove(&file);
        }
        if others.is_empty() {
            return Ok(());
        }
        let message = format!(
            "{} is open in this process by something other than firmograph (descriptor {}): two SQLite libraries \
             in one process take each other's locks away, and committed rows are lost",
            path.display(),
            others.iter().map(u32::to_string).collect::<Vec<_>>().join(", ")
        );
        Err(Error::new(ErrorKind::Usage, "file-open-elsewhere", message).with_help(
            "close the other connection first (sqlite3.Connection.close()), or use it in another process; \
             within this one firmograph reads and writes the file alone",
        ))
    }

    /// Notes that the descriptors there are now are ours: of a file that was checked while the register was held ever
    /// since.
    pub(crate) fn note(&mut self, url: &str) {
        let Some((_, file)) = file_of(url) else { return };
        let open = descriptors(file);
        if self.process != std::process::id() {
            *self = Ours { process: std::process::id(), by_file: BTreeMap::new() };
        }
        match open.is_empty() {
            true => drop(self.by_file.remove(&file)),
            false => drop(self.by_file.insert(file, open)),
        }
    }
}

/// What a process is told that was forked from the one that opened the database.
pub(crate) fn forked(what: &str) -> Error {
    let message = format!(
        "{what} was opened by the process that this one was forked from: neither its connection nor its locks came \
         along"
    );
    Error::new(ErrorKind::Usage, "forked", message).with_help(
        "open a Store in each process, after the fork; close the parent's before it forks, or use the start method \
         \"spawn\"",
    )
}

#[cfg(unix)]
fn file_of(url: &str) -> Option<(std::path::PathBuf, FileId)> {
    let path = sqlite_file(url)?;
    let file = id_of(&path)?;
    Some((path, file))
}

#[cfg(unix)]
fn id_of(path: &Path) -> Option<FileId> {
    use std::os::unix::fs::MetadataExt;
    let found = std::fs::metadata(path).ok()?;
    Some((found.dev(), found.ino()))
}

/// The descriptors of this process that are the file.
#[cfg(unix)]
fn descriptors(file: FileId) -> BTreeSet<u32> {
    let folder = if cfg!(target_os = "linux") { "/proc/self/fd" } else { "/dev/fd" };
    let Ok(entries) = std::fs::read_dir(folder) else { return BTreeSet::new() };
    entries
        .flatten()
        .filter(|entry| id_of(&entry.path()) == Some(file))
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect()
}

// On Windows locks belong to handles: two libraries in one process do no harm to each other.
#[cfg(not(unix))]
fn file_of(_: &str) -> Option<(std::path::PathBuf, FileId)> {
    None
}

#[cfg(not(unix))]
fn descriptors(_: FileId) -> BTreeSet<u32> {
    BTreeSet::new()
}
