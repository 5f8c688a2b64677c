//! `lookup import` and `lookup check`: a user's map of job titles to levels.

use crate::args::LookupImportArgs;
use crate::ingest::{dry_run_database, now};
use crate::output::{Output, Row, row_of};
use crate::{Done, OVER_LIMIT};
use firmograph::normalize::{LevelMapCheck, LevelMapPolicy, LevelMapSeverity, check_level_map};
use firmograph::{Engine, Error, LevelMapOptions, read_level_map};
use serde_json::Value;
use std::path::Path;
use std::process::ExitCode;

/// The name under which the stored map is listed.
pub(crate) const TABLE: &str = "job_title_level_map";

pub(crate) async fn list(database: &str, output: Output) -> Result<(), Error> {
    let rows = Engine::open(database).await?.store().level_map().await?;
    output.rows(rows.iter().map(row_of))
}

pub(crate) fn check(output: Output, file: &Path) -> Done {
    let rows = read_level_map(file)?;
    let check = check_level_map(&rows, &[]);
    tell(&check, rows.len());
    findings(output, &check, LevelMapPolicy::Sound)
}

pub(crate) async fn import(database: &str, output: Output, args: &LookupImportArgs) -> Done {
    // Read before a database is made that nothing would be written to.
    let rows = read_level_map(&args.file)?;
    let policy = match (args.force, args.strict) {
        (true, _) => LevelMapPolicy::Forced,
        (_, true) => LevelMapPolicy::Strict,
        _ => LevelMapPolicy::Sound,
    };
    let options = LevelMapOptions { policy, replace: args.replace, dry_run: args.dry_run };
    let mut engine = Engine::open(if args.dry_run { dry_run_database(database) } else { database }).await?;
    let report = engine.import_level_map(&rows, options, now(), &mut |_| {}).await?;
    tell(&report.check, rows.len());
    let left_out = rows.len() - applied(&report.check, policy);
    let changes = report.changes;
    eprintln!(
        "{}: {} rows applied ({} new, {} changed, {} there already), {left_out} left out, {} removed",
        if args.dry_run { "dry run (rolled back)" } else { TABLE },
        rows.len() - left_out,
        changes.added,
        changes.changed,
        changes.unchanged,
        changes.removed,
    );
    let contradictions = report.check.lines(LevelMapSeverity::Contradiction).len();
    if contradictions > 0 && !args.force {
        eprintln!("  help: correct the rows marked contradiction, or apply them as they are with --force");
    }
    eprintln!(
        "  {} titles matched anew, {} values of golden records differ",
        report.rematched, report.change.flips
    );
    findings(output, &report.check, policy)
}

fn applied(check: &LevelMapCheck, policy: LevelMapPolicy) -> usize {
    check.entries.iter().filter(|entry| policy.applies(entry.severity)).count()
}

/// How many rows are what, on stderr.
fn tell(check: &LevelMapCheck, rows: usize) {
    let listed = check.lines(LevelMapSeverity::Warning).len();
    let contradictions = check.lines(LevelMapSeverity::Contradiction).len();
    let unusable = check.lines(LevelMapSeverity::Unusable).len();
    eprintln!(
        "{rows} rows: {} clean, {} with a warning, {} contradictory, {unusable} unusable",
        rows - listed,
        listed - contradictions,
        contradictions - unusable,
    );
}

/// Each finding on a row; the status is 1 where a row was left out because it contradicts something or is unusable.
fn findings(output: Output, check: &LevelMapCheck, policy: LevelMapPolicy) -> Done {
    let mut is_left_out = false;
    output.rows(check.findings.iter().map(|finding| {
        // Entries are in the order of the file.
        let entry = check.entries.binary_search_by_key(&finding.line, |entry| entry.line);
        let entry = entry.ok().and_then(|index| check.entries.get(index));
        let applied = entry.is_some_and(|entry| policy.applies(entry.severity));
        is_left_out |= !applied && finding.severity >= LevelMapSeverity::Contradiction;
        let mut row: Row = row_of(finding);
        row.insert("applied".to_owned(), Value::Bool(applied));
        row
    }))?;
    Ok(if is_left_out { ExitCode::from(OVER_LIMIT) } else { ExitCode::SUCCESS })
}
