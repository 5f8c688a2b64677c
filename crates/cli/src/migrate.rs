use crate::Done;
use crate::args::{Format, MigrateCommand};
use crate::output::{Output, chosen, row_of};
use firmograph::store::Store;
use firmograph::{Error, ErrorKind, mirror};
use std::process::ExitCode;

pub(crate) async fn run(database: &str, format: Option<Format>, command: MigrateCommand) -> Done {
    let mut store = Store::open(database).await?;
    match command {
        MigrateCommand::Up => {
            let applied = store.migrate_up().await?;
            mirror(&mut store).await?;
            eprintln!("{} migrations applied; reference tables are those of this version", applied.len());
        }
        MigrateCommand::Down { to, yes } => {
            if !yes {
                return Err(Error::new(
                    ErrorKind::Usage,
                    "not-confirmed",
                    "going down removes tables and the data in them",
                )
                .with_help("say --yes if that is meant"));
            }
            let reverted = store.migrate_down(to).await?;
            eprintln!("{} migrations taken back", reverted.len());
        }
        MigrateCommand::Status => {}
    }
    let status = store.migrations().await?;
    Output::stdout(chosen(format)).rows(status.iter().map(row_of))?;
    Ok(ExitCode::SUCCESS)
}
