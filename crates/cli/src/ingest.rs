use crate::args::{Format, IngestArgs, InputFormat};
use crate::output::{Output, chosen, row_of};
use crate::{Done, INTERRUPTED, OVER_LIMIT, shards};
use firmograph::sources::{Format as FileFormat, Mapping};
use firmograph::{
    Engine, Error, ErrorKind, Hooks, IngestOptions, IngestReport, MaxRejects, Progress, RunStatus, Source,
    Timestamp, parse_observed_at,
};
use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

pub(crate) async fn run(database: &str, format: Option<Format>, args: IngestArgs) -> Done {
    let options = options(&args)?;
    let interrupted = on_ctrl_c();
    let started = Instant::now();
    // Said before a database is made that nothing will be written to.
    for file in &args.files {
        std::fs::metadata(file).map_err(|error| {
            Error::new(ErrorKind::Environment, "cannot-read", format!("{}: {error}", file.display()))
                .with_cause(error)
        })?;
    }
    if let Some(map) = &args.shards {
        return shards::ingest(map, format, &args, &options, interrupted).await;
    }
    let mut engine = Engine::open(if args.dry_run { dry_run_database(database) } else { database }).await?;
    let report = ingest(&mut engine, &args.files, &options, interrupted).await?;
    if !args.dry_run && !args.no_refresh && report.counters.changes() > 0 {
        engine.store().refresh_views().await?;
    }
    summarize(&report, started.elapsed());
    if format.is_some() {
        Output::stdout(chosen(format)).rows([row_of(&report)])?;
    }
    Ok(ended(report.status))
}

/// Says why a run stopped early, if it did; the exit status.
pub(crate) fn ended(status: RunStatus) -> ExitCode {
    match status {
        RunStatus::Interrupted => {
            eprintln!("interrupted: go on with --resume");
            ExitCode::from(INTERRUPTED)
        }
        RunStatus::TooManyRejects => {
            eprintln!("stopped: more rows were rejected than --max-rejects allows");
            ExitCode::from(OVER_LIMIT)
        }
        _ => ExitCode::SUCCESS,
    }
}

/// A dry run leaves nothing behind, not even an empty database file.
pub(crate) fn dry_run_database(database: &str) -> &str {
    match firmograph::store::sqlite_file(database) {
        Some(file) if !file.exists() => "sqlite::memory:",
        _ => database,
    }
}

/// Ingests with progress on stderr.
pub(crate) async fn ingest(
    engine: &mut Engine,
    files: &[PathBuf],
    options: &IngestOptions,
    interrupted: Arc<AtomicBool>,
) -> Result<IngestReport, Error> {
    with_progress(async |progress| {
        let mut hooks = Hooks { clock: &now, progress, interrupted };
        if !options.leads {
            return engine.ingest(files, options, &mut hooks).await;
        }
        let imported = engine.import_leads(files, options, &mut hooks).await;
        imported.map(|(report, leads)| IngestReport { leads: Some(Box::new(leads)), ..report })
    })
    .await
}

/// Does what is asked with ears for progress, which is shown on stderr.
pub(crate) async fn with_progress<T>(work: impl AsyncFnOnce(&mut dyn FnMut(Progress<'_>)) -> T) -> T {
    let bar = std::io::stderr().is_terminal().then(progress_bar);
    let mut last = None;
    let mut progress = |progress: Progress<'_>| match &bar {
        Some(bar) => {
            if last.as_deref() != Some(progress.path) {
                bar.set_length(progress.size.unwrap_or(0));
                bar.set_message(progress.path.display().to_string());
                last = Some(progress.path.to_owned());
            }
            bar.set_position(progress.bytes);
            bar.set_prefix(format!("{} rows", grouped(progress.tally.read)));
        }
        None => {
            let tally = progress.tally;
            let share = progress.size.filter(|size| *size > 0).map(|size| progress.bytes * 100 / size);
            eprintln!(
                "{}: {} rows read{}",
                progress.path.display(),
                grouped(tally.read),
                share.map_or_else(String::new, |share| format!(" ({share} %)"))
            );
        }
    };
    let done = work(&mut progress).await;
    if let Some(bar) = bar {
        bar.finish_and_clear();
    }
    done
}

#[expect(clippy::disallowed_methods, reason = "the face is where the clock is read")]
pub(crate) fn now() -> Timestamp {
    // PostgreSQL keeps microseconds, so both databases get no more.
    Timestamp::from_microsecond(Timestamp::now().as_microsecond()).unwrap_or_default()
}

fn progress_bar() -> ProgressBar {
    let bar = ProgressBar::new(0);
    let style = ProgressStyle::with_template("{msg} {wide_bar} {bytes}/{total_bytes} {prefix} {elapsed}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.enable_steady_tick(Duration::from_millis(250));
    bar
}

/// The first Ctrl-C asks the run to end after its batch, the second ends it at once; either way it can be resumed.
pub(crate) fn on_ctrl_c() -> Arc<AtomicBool> {
    let flag = Arc::new(AtomicBool::new(false));
    let mine = Arc::clone(&flag);
    let set = ctrlc::set_handler(move || {
        if mine.swap(true, Ordering::Relaxed) {
            std::process::exit(INTERRUPTED.into());
        }
        eprintln!("\nending after the batch at hand; Ctrl-C again to drop it");
    });
    if let Err(error) = set {
        eprintln!("note: Ctrl-C ends without a checkpoint: {error}");
    }
    flag
}

fn options(args: &IngestArgs) -> Result<IngestOptions, Error> {
    let mut options = IngestOptions::new(Source::new(&args.source)?);
    options.pipeline.repair_domains = args.repair_domains;
    options.dry_run = args.dry_run;
    options.resume = args.resume;
    options.batch_rows = args.batch_size.max(1);
    options.max_rejects = args.max_rejects.as_deref().map(max_rejects).transpose()?;
    options.open.encoding.clone_from(&args.encoding);
    options.open.delimiter = args.delimiter.as_deref().map(delimiter).transpose()?;
    options.open.format = args.input_format.map(|format| match format {
        InputFormat::Csv => FileFormat::Csv,
        InputFormat::Json => FileFormat::Json,
        InputFormat::JsonLines => FileFormat::JsonLines,
    });
    if let Some(bytes) = args.max_record_bytes {
        options.open.max_record_bytes = bytes;
    }
    options.open.mappings =
        args.mapping.iter().map(|path| Mapping::from_path(path)).collect::<Result<_, _>>()?;
    options.observed_at = args.observed_at.as_deref().map(observed_at).transpose()?;
    Ok(options)
}

pub(crate) fn observed_at(text: &str) -> Result<Timestamp, Error> {
    parse_observed_at(text).ok_or_else(|| {
        usage("observed-at", format!("{text:?} is not a date"), "write 2026-01-31 or 2026-01-31T12:00:00Z")
    })
}

fn usage(code: &'static str, message: String, help: &str) -> Error {
    Error::new(ErrorKind::Usage, code, message).with_help(help)
}

pub(crate) fn max_rejects(text: &str) -> Result<MaxRejects, Error> {
    let parsed = match text.strip_suffix('%') {
        Some(percent) => percent
            .trim()
            .parse()
            .ok()
            .filter(|percent| (0.0..=100.0).contains(percent))
            .map(MaxRejects::Percent),
        None => text.parse().ok().map(MaxRejects::Count),
    };
    parsed.ok_or_else(|| {
        usage("max-rejects", format!("{text:?} is no limit"), "write a number, or a percentage like 2.5%")
    })
}

fn delimiter(text: &str) -> Result<u8, Error> {
    match text {
        "tab" | "\\t" | "\t" => Ok(b'\t'),
        _ => match text.as_bytes() {
            [byte] if byte.is_ascii() => Ok(*byte),
            _ => {
                Err(usage("delimiter", format!("{text:?} is not a delimiter"), "write one character, or tab"))
            }
        },
    }
}

/// A summary for people, on stderr.
pub(crate) fn summarize(report: &IngestReport, took: Duration) {
    for file in &report.files {
        eprintln!("{}", file.decision);
        if file.resumed_at > 0 {
            eprintln!("  resumed after {} lines that were committed before", grouped(file.resumed_at));
        }
        for note in &file.notes {
            eprintln!("  note: {note}");
        }
        if !file.unread_keys.is_empty() {
            eprintln!("  keys not read: {}", shown_keys(&file.unread_keys));
        }
    }
    let (tally, counters) = (report.tally, &report.counters);
    let name =
        if report.dry_run { "dry run (rolled back)".to_owned() } else { format!("run {}", report.run) };
    let rate = tally.read as f64 / took.as_secs_f64().max(0.001);
    eprintln!(
        "{name}: {} rows in {:.1} s ({} rows/s)",
        grouped(tally.read),
        took.as_secs_f64(),
        grouped(rate as u64)
    );
    let lines = [
        ("accepted", tally.accepted, String::new()),
        ("rejected", tally.rejected, codes(&counters.rejects)),
        (
            "skipped",
            tally.skipped,
            listed(&[
                ("known", counters.known_payloads),
                ("repeated", counters.repeated_payloads),
                ("blank", counters.blank_lines),
            ]),
        ),
        (
            "companies",
            counters.new_companies + counters.changed_companies,
            listed(&[
                ("new", counters.new_companies),
                ("changed", counters.changed_companies),
                ("joined to a domain", counters.keys_joined),
                ("parted from one", counters.keys_parted),
            ]),
        ),
        (
            "prospects",
            counters.new_prospects + counters.changed_prospects,
            listed(&[
                ("new", counters.new_prospects),
                ("changed", counters.changed_prospects),
                ("rows without a company", counters.without_company),
            ]),
        ),
    ];
    for (name, count, detail) in lines {
        let detail = if detail.is_empty() { detail } else { format!("  ({detail})") };
        eprintln!("  {name:<10} {:>12}{detail}", grouped(count));
    }
    let noticed = listed(&[
        ("free-mail addresses", counters.free_mail),
        ("unusable e-mails", counters.unusable_emails),
        ("role mailboxes", counters.role_mailboxes),
        ("rows without a person", counters.without_person),
        ("repaired domains", counters.repaired_domains),
        ("placeholder cells", counters.placeholders),
    ]);
    if !noticed.is_empty() {
        eprintln!("  noticed: {noticed}");
    }
    if !counters.unmatched.is_empty() {
        eprintln!(
            "  without a standard value: {} (see `firmograph lookup unmatched`)",
            codes(&counters.unmatched)
        );
    }
    if tally.rejected > 0 && !report.dry_run {
        eprintln!("  repair rejects with `firmograph rejects export --run {}`", report.run);
    }
}

/// How many keys one line can bear.
const SHOWN_KEYS: usize = 12;

/// `a (12), b.c (3), ...`: those that most records have first.
fn shown_keys(keys: &std::collections::BTreeMap<String, u64>) -> String {
    let mut sorted: Vec<_> = keys.iter().collect();
    sorted.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    let shown = sorted.iter().take(SHOWN_KEYS).map(|(key, count)| format!("{key} ({})", grouped(**count)));
    let more = if sorted.len() > SHOWN_KEYS { ", ..." } else { "" };
    format!("{}{more}", shown.collect::<Vec<_>>().join(", "))
}

fn listed(counts: &[(&str, u64)]) -> String {
    let some: Vec<_> = counts
        .iter()
        .filter(|(_, count)| *count > 0)
        .map(|(name, count)| format!("{} {name}", grouped(*count)))
        .collect();
    some.join(", ")
}

pub(crate) fn codes(counts: &std::collections::BTreeMap<String, u64>) -> String {
    let some: Vec<_> = counts.iter().map(|(code, count)| format!("{} {code}", grouped(*count))).collect();
    some.join(", ")
}

/// 1234567 as 1,234,567.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
