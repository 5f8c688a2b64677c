//! What has to stand still while the process forks: a child has the forking thread alone, and would wait for ever for what
//! another one had begun, be it a table that is read at its first use or a lock of the allocator.
//!
//! Threads that hold the interpreter's lock stand still by themselves. Those that compute without it are waited for: at most
//! the time of one piece of a column or frame, or of coalescing what was pushed. The work of a `Store` on its database is not
//! waited for, because it may take hours.

use crate::store_files;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

/// How long a thread sleeps before it looks again.
const NAP: Duration = Duration::from_micros(50);

/// Threads that compute.
static COMPUTING: AtomicUsize = AtomicUsize::new(0);
/// Threads that fork, or wait until they can.
static FORKING: AtomicUsize = AtomicUsize::new(0);

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
        (false, true) => loop {
            COMPUTING.fetch_add(1, SeqCst);
            if FORKING.load(SeqCst) == 0 {
                break;
            }
            COMPUTING.fetch_sub(1, SeqCst);
            std::thread::sleep(NAP);
        },
        (true, false) => drop(COMPUTING.fetch_sub(1, SeqCst)),
        _ => {}
    }
    IS_COMPUTING.set(to);
}

#[pyfunction]
fn before_fork(py: Python<'_>) {
    FORKING.fetch_add(1, SeqCst);
    // What frees an array may run any code of its producer's, and that may fork.
    let mine = usize::from(IS_COMPUTING.get());
    if COMPUTING.load(SeqCst) > mine {
        py.detach(|| {
            while COMPUTING.load(SeqCst) > mine {
                std::thread::sleep(NAP);
            }
        });
    }
    store_files::hold();
}

#[pyfunction]
fn after_fork_in_parent() {
    store_files::let_go();
    FORKING.fetch_sub(1, SeqCst);
}

#[pyfunction]
fn after_fork_in_child() {
    store_files::let_go();
    // Other threads may have been about to look, or to fork.
    COMPUTING.store(0, SeqCst);
    FORKING.store(0, SeqCst);
}

/// Has Python call the above around each fork.
pub(crate) fn watch(py: Python<'_>) -> PyResult<()> {
    // Not every system forks.
    let Ok(register) = py.import("os")?.getattr("register_at_fork") else { return Ok(()) };
    let hooks = PyDict::new(py);
    hooks.set_item("before", wrap_pyfunction!(before_fork, py)?)?;
    hooks.set_item("after_in_parent", wrap_pyfunction!(after_fork_in_parent, py)?)?;
    hooks.set_item("after_in_child", wrap_pyfunction!(after_fork_in_child, py)?)?;
    register.call((), Some(&hooks)).map(drop)
}
