//! What has to stand still while the process forks: a child has the forking thread alone, and would wait for ever for what
//! another one had begun, be it a table that is read at its first use or a lock of the allocator.
//!
//! Threads that hold the interpreter's lock stand still by themselves. Those that compute without it are waited for, until the
//! piece of a column or frame at hand is done, or a coalescer has taken or given what it was asked; so are those within SQLite,
//! until the statement at hand is done. What waits for another database, and what readers of our streams do with them, is not
//! waited for: it may take hours, or the lock.
//!
//! The waits of those who fork and those who compute for each other have an end. Whoever waits longer waits for something that
//! waits for it, such as a lock that others hold while the process forks: then a child that might hang is better than a parent
//! that does. The register of files is held for a look alone, and waited for as long as that takes.

use crate::capsule::is_over;
use crate::store_files;
use firmograph::store::watch_sqlite;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::time::{Duration, Instant};

/// How long a thread sleeps before it looks again.
const NAP: Duration = Duration::from_micros(50);
/// For how long those who compute are waited for: a million rows are coalesced in less.
const FORK_WAITS: Duration = Duration::from_secs(10);
/// For how long a fork is waited for, which takes milliseconds unless the process is huge or its hooks wait.
const COMPUTING_WAITS: Duration = Duration::from_secs(1);

/// Threads that compute.
static COMPUTING: AtomicUsize = AtomicUsize::new(0);
/// Threads that fork, or wait until they can.
static FORKING: AtomicUsize = AtomicUsize::new(0);
/// Whether a fork was waited for in vain: nobody waits for that one any more.
static WAITED_IN_VAIN: AtomicBool = AtomicBool::new(false);

thread_local! {
    static IS_COMPUTING: Cell<bool> = const { Cell::new(false) };
}

/// Computes without the interpreter's lock, while no thread forks.
pub(crate) fn detached<T: Send>(py: Python<'_>, work: impl FnOnce() -> T + Send) -> T {
    py.detach(|| computing(work))
}

/// Computes while no thread forks. The thread must not hold the interpreter's lock, which the forking one needs.
pub(crate) fn computing<T>(work: impl FnOnce() -> T) -> T {
    let _within = Within::new(true);
    work()
}

/// Does, amid computing, what may need the interpreter's lock or take any time, and may itself fork.
pub(crate) fn pausing<T>(work: impl FnOnce() -> T) -> T {
    let _without = Within::new(false);
    work()
}

/// Between two pieces of one computation: lets those fork that wait for it.
pub(crate) fn let_forks_by() {
    pausing(|| ());
}

/// Whether this thread computes, until this is dropped.
struct Within {
    before: bool,
}

impl Within {
    fn new(now: bool) -> Self {
        let before = IS_COMPUTING.get();
        change(before, now);
        Within { before }
    }
}

impl Drop for Within {
    fn drop(&mut self) {
        change(IS_COMPUTING.get(), self.before);
    }
}

fn change(from: bool, to: bool) {
    match (from, to) {
        (false, true) => enter(),
        (true, false) => leave(),
        _ => {}
    }
    IS_COMPUTING.set(to);
}

fn enter() {
    COMPUTING.fetch_add(1, SeqCst);
    if may_compute() {
        return;
    }
    COMPUTING.fetch_sub(1, SeqCst);
    if !wait_until(COMPUTING_WAITS, may_compute) {
        WAITED_IN_VAIN.store(true, SeqCst);
    }
    COMPUTING.fetch_add(1, SeqCst);
}

fn leave() {
    COMPUTING.fetch_sub(1, SeqCst);
}

fn may_compute() -> bool {
    FORKING.load(SeqCst) == 0 || WAITED_IN_VAIN.load(SeqCst)
}

/// Whether it is so before the time is over.
fn wait_until(at_most: Duration, is_so: impl Fn() -> bool) -> bool {
    let begun = Instant::now();
    while !is_so() {
        if begun.elapsed() >= at_most {
            return false;
        }
        std::thread::sleep(NAP);
    }
    true
}

#[pyfunction]
fn before_fork(py: Python<'_>) {
    if FORKING.fetch_add(1, SeqCst) == 0 {
        WAITED_IN_VAIN.store(false, SeqCst);
    }
    // What frees an array may run any code of its producer's, and that may fork.
    if IS_COMPUTING.get() {
        COMPUTING.fetch_sub(1, SeqCst);
    }
    // A thread that the interpreter's end found computing does so for ever.
    let are_done = || COMPUTING.load(SeqCst) == 0 || is_over();
    if !are_done() {
        py.detach(|| wait_until(FORK_WAITS, are_done));
    }
    // Whoever has it may need the interpreter's lock to get on.
    while !store_files::try_hold() {
        py.detach(|| std::thread::sleep(NAP));
    }
}

#[pyfunction]
fn after_fork_in_parent() {
    store_files::let_go();
    if IS_COMPUTING.get() {
        COMPUTING.fetch_add(1, SeqCst);
    }
    FORKING.fetch_sub(1, SeqCst);
}

#[pyfunction]
fn after_fork_in_child() {
    store_files::let_go();
    // Other threads may have computed, or been about to fork.
    COMPUTING.store(usize::from(IS_COMPUTING.get()), SeqCst);
    FORKING.store(0, SeqCst);
}

/// Has Python call the above around each fork, once: a module that is imported anew is the same library.
pub(crate) fn watch(py: Python<'_>) -> PyResult<()> {
    static IS_WATCHED: AtomicBool = AtomicBool::new(false);
    // Not every system forks.
    let Ok(register) = py.import("os")?.getattr("register_at_fork") else { return Ok(()) };
    if IS_WATCHED.swap(true, SeqCst) {
        return Ok(());
    }
    watch_sqlite(enter, leave);
    let hooks = PyDict::new(py);
    hooks.set_item("before", wrap_pyfunction!(before_fork, py)?)?;
    hooks.set_item("after_in_parent", wrap_pyfunction!(after_fork_in_parent, py)?)?;
    hooks.set_item("after_in_child", wrap_pyfunction!(after_fork_in_child, py)?)?;
    register.call((), Some(&hooks)).map(drop)
}
