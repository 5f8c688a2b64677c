use crate::Done;
use crate::args::{ExportArgs, Exported, Format};
use crate::output::Output;
use firmograph::store::View;
use firmograph::{Engine, EntityKind, Error, ErrorKind, ExportOptions};
use std::process::ExitCode;

/// Golden records of one kind, or a view.
enum What {
    Golden(EntityKind),
    View(View),
}

pub(crate) async fn run(database: &str, format: Option<Format>, args: ExportArgs) -> Done {
    let what = match args.what {
        Exported::Companies => What::Golden(EntityKind::Company),
        Exported::Prospects => What::Golden(EntityKind::Person),
        Exported::Leads => What::View(View::Leads),
        Exported::CompaniesFull => What::View(View::CompaniesFull),
        Exported::PeopleFull => What::View(View::PeopleFull),
        Exported::CompanyProvenance => What::View(View::CompanyProvenance),
        Exported::PersonProvenance => What::View(View::PersonProvenance),
        Exported::CompanyProspectView => What::View(View::CompanyProspect),
        Exported::Deletions => What::View(View::Deletions),
    };
    if matches!(what, What::Golden(_)) && args.since.is_some() {
        let message = "golden records are exported whole; views know when their rows changed";
        return Err(Error::new(ErrorKind::Usage, "no-change-time", message.to_owned())
            .with_help("use companies_full, people_full, company_prospect_view or deletions"));
    }
    let mut engine = Engine::open(database).await?;
    // A table of a whole database helps nobody: NDJSON unless asked otherwise, on a terminal too.
    let mut output = Output::to(format.unwrap_or(Format::Ndjson), args.output.as_deref())?;
    match what {
        What::Golden(kind) => {
            let options = ExportOptions { with_times: args.with_times };
            engine.export(kind, options, &mut |row| output.row(row)).await?;
        }
        What::View(view) => {
            engine.export_view(view, args.since, &mut |row| output.row(row)).await?;
        }
    }
    output.finish()?;
    Ok(ExitCode::SUCCESS)
}
