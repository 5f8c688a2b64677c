//! Arrow in and out: columns of raw values to columns of standard values, and record batches to golden frames.
//!
//! Everything here works on the thread that calls and starts none, so that an engine may call it from as many threads or
//! processes as it likes. There is no rule here: text goes to `firmograph-normalize`, records go to `firmograph`.

mod batch;
mod coalescer;
mod columns;
mod golden;
mod json;
mod moment;
mod normalized;
mod policy;
mod read_back;
mod records;
mod text;

pub use batch::{BatchOptions, NormalizedBatches};
pub use coalescer::{FrameCoalescer, GoldenBatches, state_schema};
pub use columns::{Beside, ColumnKernel, MAX_ROWS, aligned, pieces};
pub use golden::{golden_batches, golden_schema};
pub use normalized::{needed_fields, normalized_fields};
pub use policy::priorities;
pub use text::{TextColumn, float};
