//! Who has a SQLite file open in this process. A lock on a file belongs to the process, not to a descriptor: when any
//! descriptor of the file is closed, the locks of all are gone. One SQLite library knows that and waits; two of them,
//! as that of Python's `sqlite3` and ours, take each other's locks away, and rows that were committed are lost.
//!
//! The register is locked for as long as it takes to look at the descriptors, never while a database is opened or Python is
//! waited for; and by a thread that forks, until it has.

use firmograph::{Error, ErrorKind};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::Duration;

/// For how many milliseconds at most a file is waited for that is being closed: another connection may keep it open.
const CLOSING: u32 = 500;

/// A file, whatever it is called: device and inode.
pub(crate) type FileId = (u64, u64);

type Descriptors = BTreeMap<FileId, BTreeSet<u32>>;

/// The descriptors that are ours, and of which process that is so.
struct Ours {
    process: u32,
    by_file: Descriptors,
    /// Files that are being opened: what is new of them is taken for ours until it is noted.
    opening: Vec<PathBuf>,
    /// What the process had open that this one was forked from.
    inherited: Descriptors,
}

static OURS: Mutex<Ours> = Mutex::new(Ours {
    process: 0,
    by_file: BTreeMap::new(),
    opening: Vec::new(),
    inherited: BTreeMap::new(),
});

fn held() -> MutexGuard<'static, Ours> {
    let mut ours = OURS.lock().unwrap_or_else(PoisonError::into_inner);
    ours.be_of(std::process::id());
    ours
}

/// Refuses a file that something else in this process has open.
///
/// # Errors
/// `file-open-elsewhere` or `forked` (usage).
pub(crate) fn check(path: &Path, file: FileId) -> Result<(), Error> {
    held().check(path, file)
}

/// Says that a file is about to be opened: gives its descriptors before.
///
/// # Errors
/// As [`check`].
pub(crate) fn begin(path: &Path) -> Result<BTreeSet<u32>, Error> {
    let mut ours = held();
    let mut before = BTreeSet::new();
    if let Some(file) = id_of(path) {
        ours.check(path, file)?;
        before = descriptors(file);
    }
    ours.opening.push(path.to_owned());
    Ok(before)
}

/// Notes what of a file is open now as ours, after [`begin`]: gives the file, if any is.
pub(crate) fn end(path: &Path) -> Option<FileId> {
    let mut ours = held();
    if let Some(at) = ours.opening.iter().position(|opening| opening == path) {
        ours.opening.swap_remove(at);
    }
    let file = id_of(path)?;
    let open = descriptors(file);
    if open.is_empty() {
        ours.by_file.remove(&file);
        return None;
    }
    ours.by_file.insert(file, open);
    Some(file)
}

/// Waits for the end of descriptors whose connections were dropped, which are closed by threads of the driver: who opens the
/// file next by another library would lose its locks with them.
pub(crate) fn closed(path: &Path, file: FileId, dropped: &BTreeSet<u32>) {
    for _ in 0..CLOSING {
        if descriptors(file).is_disjoint(dropped) {
            break;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    // Only what is not open any more is forgotten: whatever else it finds is told to the next one that asks.
    drop(check(path, file));
}

impl Ours {
    /// What another process noted is inherited, if that was the one that this one was forked from.
    fn be_of(&mut self, process: u32) {
        if self.process == process {
            return;
        }
        self.process = process;
        let files: Vec<FileId> = self.opening.drain(..).filter_map(|path| id_of(&path)).collect();
        let opened = files.into_iter().map(|file| (file, descriptors(file)));
        for (file, open) in opened.chain(std::mem::take(&mut self.by_file)) {
            self.inherited.entry(file).or_default().extend(open);
        }
    }

    fn check(&mut self, path: &Path, file: FileId) -> Result<(), Error> {
        let open = descriptors(file);
        for noted in [&mut self.by_file, &mut self.inherited] {
            if let Some(noted) = noted.get_mut(&file) {
                noted.retain(|descriptor| open.contains(descriptor));
            }
            noted.retain(|_, noted| !noted.is_empty());
        }
        if self.inherited.contains_key(&file) {
            return Err(forked(&path.display().to_string()));
        }
        if self.opening.iter().any(|opening| id_of(opening) == Some(file)) {
            return Ok(());
        }
        let others = match self.by_file.get(&file) {
            Some(known) => open.difference(known).copied().collect(),
            None => open,
        };
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

thread_local! {
    /// The register while this thread forks, once for each fork that it is in: what one runs may fork itself.
    static FORKING: RefCell<Vec<Option<MutexGuard<'static, Ours>>>> = const { RefCell::new(Vec::new()) };
}

/// Keeps other threads from the register while this one forks, if none has it now: a child would find it locked for ever.
pub(crate) fn try_hold() -> bool {
    FORKING.with_borrow_mut(|forking| {
        let ours = match OURS.try_lock() {
            Ok(ours) => Some(ours),
            Err(TryLockError::Poisoned(ours)) => Some(ours.into_inner()),
            // This thread has it from the fork before.
            Err(TryLockError::WouldBlock) if forking.iter().any(Option::is_some) => None,
            Err(TryLockError::WouldBlock) => return false,
        };
        forking.push(ours);
        true
    })
}

/// Ends [`try_hold`], in parent and child.
pub(crate) fn let_go() {
    FORKING.with_borrow_mut(|forking| drop(forking.pop()));
}

#[cfg(unix)]
pub(crate) fn id_of(path: &Path) -> Option<FileId> {
    use std::os::unix::fs::MetadataExt;
    let found = std::fs::metadata(path).ok()?;
    Some((found.dev(), found.ino()))
}

/// The descriptors of this process that are the file.
#[cfg(unix)]
pub(crate) fn descriptors(file: FileId) -> BTreeSet<u32> {
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
pub(crate) fn id_of(_: &Path) -> Option<FileId> {
    None
}

#[cfg(not(unix))]
pub(crate) fn descriptors(_: FileId) -> BTreeSet<u32> {
    BTreeSet::new()
}
