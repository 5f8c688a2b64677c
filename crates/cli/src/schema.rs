use crate::Done;
use crate::output::failed;
use clap::{Subcommand, ValueEnum};
use firmograph::{Engine, PrismaOptions, PrismaVersion};
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, Subcommand)]
pub(crate) enum SchemaCommand {
    /// Write a Prisma schema of every table and view of a PostgreSQL database
    #[command(after_help = PRISMA_HELP)]
    Prisma {
        /// File to write; stdout without
        #[arg(long, short)]
        output: Option<PathBuf>,
        /// Version of Prisma that is to read it
        #[arg(long, value_enum, default_value = "6")]
        prisma: Version,
        /// Only this schema of the database; may be given several times
        #[arg(long, value_name = "NAME")]
        schema: Vec<String>,
    },
}

const PRISMA_HELP: &str = "\
Conditions and expressions of indexes, and checks, cannot be said in Prisma: they stand in comments. A table whose rows nothing \
tells apart is there and ignored.";

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Version {
    /// 4.16 to 6
    #[value(name = "6")]
    Six,
    /// 7 and later: the URL stands in prisma.config.ts
    #[value(name = "7")]
    Seven,
}

pub(crate) async fn run(database: &str, command: SchemaCommand) -> Done {
    let SchemaCommand::Prisma { output, prisma, schema } = command;
    let version = match prisma {
        Version::Six => PrismaVersion::V6,
        Version::Seven => PrismaVersion::V7,
    };
    let options = PrismaOptions { version, schemas: schema };
    let text = Engine::open(database).await?.prisma_schema(&options).await?;
    match &output {
        Some(path) => std::fs::write(path, text),
        None => std::io::stdout().lock().write_all(text.as_bytes()),
    }
    .map_err(failed)?;
    Ok(ExitCode::SUCCESS)
}
