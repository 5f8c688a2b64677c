//! Arrow in and out: columns of raw values to columns of standard values, and record batches to golden frames.
//!
//! Everything here works on the thread that calls and starts none, so that an engine may call it from as many threads or
//! processes as it likes. There is no rule here: text goes to `firmograph-normalize`, records go to `firmograph`.

mod columns;
mod text;

pub use columns::{Beside, ColumnKernel, MAX_ROWS, aligned, pieces};
pub use text::{TextColumn, float};
