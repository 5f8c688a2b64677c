//! The flat table `"Customer"`, of one row a person with the person's company beside it: how it is read, and a copy of one that
//! stands in another database.

use crate::IngestOptions;
use firmograph_core::{Error, ErrorKind, Source};
use firmograph_sources::Format;
use firmograph_store::ForeignTable;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The source of customers unless another is named, and the name of the mapping that reads their columns.
pub const CUSTOMERS: &str = "customers";

/// The columns of the table, in its order. Others may stand beside them, and any may be missing.
pub const CUSTOMER_COLUMNS: [&str; 26] = [
    "id",
    "salutation",
    "firstName",
    "lastName",
    "email",
    "company",
    "address",
    "city",
    "state",
    "country",
    "zipCode",
    "phone",
    "mobilePhone",
    "industry",
    "jobTitleLevel",
    "jobTitle",
    "department",
    "minEmployeeSize",
    "maxEmployeeSize",
    "jobTitleLink",
    "employeeSizeLink",
    "revenue",
    "externalSource",
    "externalId",
    "createdAt",
    "updatedAt",
];

/// How customers are ingested as those of `source`. Their columns are read by the mapping that comes with firmograph, whatever
/// the source is called.
///
/// # Errors
/// None; the name of the mapping is a good name of a source.
pub fn customer_options(source: Source) -> Result<IngestOptions, Error> {
    let mut options = IngestOptions::new(source);
    options.open.source = Some(Source::new(CUSTOMERS)?);
    Ok(options)
}

/// A private copy of a table of customers, as it was at one moment; gone when dropped.
pub struct CustomerTable {
    /// Removes the copy.
    _folder: TempDir,
    path: PathBuf,
    label: String,
}

impl CustomerTable {
    /// Copies `table` of the database at `url`, to which nothing is written.
    ///
    /// # Errors
    /// `database-url` or `no-such-table` (usage), `cannot-write` (environment); when the database does not answer.
    pub async fn copy(url: &str, table: &str) -> Result<Self, Error> {
        let foreign = ForeignTable::open(url, table, &CUSTOMER_COLUMNS).await?;
        let label = foreign.label().to_owned();
        let folder = tempfile::Builder::new().prefix("firmograph-").tempdir().map_err(cannot_write)?;
        // The file's name is told in reports, so it is the same each time.
        let path = folder.path().join("Customer.csv");
        let mut file = BufWriter::new(private(&path).map_err(cannot_write)?);
        foreign.copy_to(&mut file).await?;
        Ok(CustomerTable { _folder: folder, path, label })
    }

    /// Where the copy is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads the copy as what it is, and calls it as the table: so a later process knows it again.
    pub fn describe(&self, options: &mut IngestOptions) {
        options.label = Some(self.label.clone());
        options.open.format = Some(Format::Csv);
        options.open.delimiter = Some(b',');
        options.open.encoding = Some("utf-8".to_owned());
    }
}

/// A new file that nobody else may read.
fn private(path: &Path) -> std::io::Result<std::fs::File> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn cannot_write(error: std::io::Error) -> Error {
    Error::new(ErrorKind::Environment, "cannot-write", format!("the table cannot be copied: {error}"))
        .with_cause(error)
}
