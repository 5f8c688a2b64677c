//! Tells a program that forks when nothing runs within SQLite: a child that is forked while another thread holds one of the
//! locks which all connections of a process share waits for it for ever, in a database of its own too.

use std::sync::OnceLock;

/// What is called before and after.
#[derive(Debug, Clone, Copy)]
struct Gate {
    enter: fn(),
    leave: fn(),
}

static GATE: OnceLock<Gate> = OnceLock::new();

/// Has `enter` called before and `leave` after each statement that SQLite runs for this process, from whichever thread, and each
/// opening and closing of its files. `enter` may wait until a fork is over. Between both a statement may wait for other
/// processes that write, for a minute at most. The first call counts, others change nothing.
pub fn watch_sqlite(enter: fn(), leave: fn()) {
    GATE.get_or_init(|| Gate { enter, leave });
}

/// Within SQLite, until this is dropped.
pub(crate) struct Within(Option<Gate>);

impl Within {
    pub(crate) fn sqlite(is_sqlite: bool) -> Self {
        let gate = GATE.get().copied().filter(|_| is_sqlite);
        if let Some(gate) = gate {
            (gate.enter)();
        }
        Within(gate)
    }
}

impl Drop for Within {
    fn drop(&mut self) {
        if let Some(gate) = self.0 {
            (gate.leave)();
        }
    }
}
