//! `lookup import`, `lookup check` and `lookup list` of what raw values mean.

use crate::args::LookupImportArgs;
use crate::ingest::{dry_run_database, now};
use crate::output::{Output, row_of};
use crate::{Done, OVER_LIMIT};
use firmograph::{Attribute, Engine, Error, LookupFinding, check_lookup, lookup_attribute, read_lookup};
use std::path::Path;
use std::process::ExitCode;

/// What the names of the user's tables end in: `industry_lookup`.
pub(crate) const SUFFIX: &str = "_lookup";

pub(crate) async fn list(database: &str, output: Output, name: &str) -> Result<(), Error> {
    let attribute = lookup_attribute(name.strip_suffix(SUFFIX).unwrap_or(name))?;
    let rows = Engine::open(database).await?.store().lookup(attribute).await?;
    output.rows(rows.iter().map(row_of))
}

pub(crate) fn check(output: Output, attribute: Attribute, file: &Path) -> Done {
    let entries = read_lookup(file)?;
    let found = check_lookup(attribute, &entries)?;
    eprintln!("{} rows: {} sound, {} left out", entries.len(), entries.len() - found.len(), found.len());
    findings(output, &found)
}

pub(crate) async fn import(
    database: &str,
    output: Output,
    attribute: Attribute,
    args: &LookupImportArgs,
) -> Done {
    // Read before a database is made that nothing would be written to.
    let entries = read_lookup(&args.file)?;
    let mut engine = Engine::open(if args.dry_run { dry_run_database(database) } else { database }).await?;
    let import = engine.import_lookup(attribute, &entries, args.dry_run, now(), &mut |_| {}).await?;
    eprintln!(
        "{}: {} raw values applied, {} there already, {} rows left out; {} values matched anew, {} golden values differ",
        if args.dry_run { "dry run (rolled back)".to_owned() } else { format!("run {}", import.change.run) },
        import.applied,
        import.unchanged,
        import.findings.len(),
        import.rematched,
        import.change.flips,
    );
    findings(output, &import.findings)
}

/// Each row that was left out; the status is 1 where there is one.
fn findings(output: Output, found: &[LookupFinding]) -> Done {
    output.rows(found.iter().map(row_of))?;
    Ok(if found.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(OVER_LIMIT) })
}
