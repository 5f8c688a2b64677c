//! Two sources speak of the same companies; prints who won an attribute, and why the other lost.
//!
//! ```sh
//! cargo run --example explain
//! cargo run --example explain -- baysidefoods.co.uk revenue_range
//! ```
#![expect(clippy::print_stdout, reason = "an example prints what it does")]

use firmograph::{Attribute, Engine, EntityKind, Hooks, IngestOptions, Source, Timestamp, explain_json};
use std::path::Path;
use std::sync::Arc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let key = arguments.next().unwrap_or_else(|| "northlight-robotics.com".to_owned());
    let name = arguments.next().unwrap_or_else(|| "employee_range".to_owned());
    let attribute = Attribute::from_name(&name).ok_or("no attribute has this name")?;

    let mut engine = Engine::open("sqlite::memory:").await?;
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data");
    for (file, source) in [("customers.csv", "csv"), ("vendor.csv", "clay")] {
        let mut hooks =
            Hooks { clock: &|| Timestamp::UNIX_EPOCH, progress: &mut |_| {}, interrupted: Arc::default() };
        engine.ingest(&[data.join(file)], &IngestOptions::new(Source::new(source)?), &mut hooks).await?;
    }

    let company = engine.entity(EntityKind::Company, &key).await?.ok_or("no company has this key")?;
    // The same answer as plain values ...
    for (_, result) in company.coalesced.iter().filter(|(of, _)| *of == attribute) {
        let winner = &company.dimensions[result.winner];
        println!("{} won with {:?}", winner.source(), winner.raw().part(0));
        for loss in &result.losers {
            let loser = &company.dimensions[loss.index];
            println!("{} lost with {:?}: {:?}", loser.source(), loser.raw().part(0), loss.reason);
        }
    }
    // ... and as JSON, with evidence and payloads.
    for explanation in explain_json(&company, Some(attribute)) {
        println!("{explanation:#}");
    }
    Ok(())
}
