use crate::Done;
use crate::args::{DemoArgs, Format};
use crate::ingest;
use crate::output::{Output, chosen, row_of};
use firmograph::{Engine, EntityKind, Error, ErrorKind, IngestOptions, MATCHABLE, Source};
use std::process::ExitCode;
use std::time::Instant;

/// Synthetic files: a lead export of messy rows, and a vendor that knows some of the same companies.
const FILES: &[(&str, &str, &str)] = &[
    ("customers.csv", "csv", include_str!("../../../examples/data/customers.csv")),
    ("vendor.csv", "clay", include_str!("../../../examples/data/vendor.csv")),
];
/// A company that both files speak of.
const SHOWN: &str = "northlight-robotics.com";

pub(crate) async fn run(format: Option<Format>, args: DemoArgs) -> Done {
    let failed = |error: std::io::Error| {
        Error::new(ErrorKind::Environment, "cannot-write", format!("the demo needs a folder: {error}"))
            .with_cause(error)
    };
    let folder = tempfile::tempdir().map_err(failed)?;
    let file = args.keep.unwrap_or_else(|| folder.path().join("demo.db"));
    let mut engine = Engine::open(&format!("sqlite://{}", file.display())).await?;
    let interrupted = ingest::on_ctrl_c();
    for (name, source, content) in FILES {
        let path = folder.path().join(name);
        std::fs::write(&path, content).map_err(failed)?;
        let started = Instant::now();
        let options = IngestOptions::new(Source::new(source)?);
        let report = ingest::ingest(&mut engine, &[path], &options, interrupted.clone()).await?;
        eprintln!("== firmograph ingest {name} --source {source}");
        ingest::summarize(&report, started.elapsed());
    }
    if let Some(entity) = engine.entity(EntityKind::Company, SHOWN).await? {
        eprintln!("== firmograph company {SHOWN}");
        crate::entity::show(&entity, format)?;
    }
    eprintln!("== firmograph lookup unmatched --top 5");
    let matchable: Vec<_> = MATCHABLE.iter().map(|attribute| attribute.spec().name).collect();
    let unmatched = engine.unmatched(&matchable, 5).await?;
    Output::stdout(chosen(format)).rows(unmatched.iter().map(row_of))?;
    Ok(ExitCode::SUCCESS)
}
