//! Checks of a database: that it is of this version, and that its parts agree with each other.

use crate::Engine;
use firmograph_core::Error;
use firmograph_normalize::reference_tables;
use serde::Serialize;

/// One check and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What was checked.
    pub check: String,
    /// Whether it is as it should be.
    pub well: bool,
    /// What was found.
    pub found: String,
}

impl Engine {
    /// Checks versions, counts and references.
    ///
    /// # Errors
    /// When the database does not answer; what it answers wrongly is a [`Check`] that is not well.
    pub async fn doctor(&mut self) -> Result<Vec<Check>, Error> {
        let mut checks = Vec::new();
        let mut check = |name: &str, well: bool, found: String| {
            checks.push(Check { check: name.to_owned(), well, found })
        };
        let migrations = self.store.migrations().await?;
        let missing = migrations.iter().filter(|migration| !migration.applied).count();
        check("migrations", missing == 0, format!("{} known, {missing} missing", migrations.len()));
        let versions = self.store.reference_versions().await?;
        let stale: Vec<_> = reference_tables()
            .iter()
            .filter(|table| {
                !versions.iter().any(|(name, version, _)| name == table.name && version == table.version)
            })
            .map(|table| table.name)
            .collect();
        let found = if stale.is_empty() {
            format!("{} tables", versions.len())
        } else {
            format!("older: {}", stale.join(", "))
        };
        check("reference tables are of this version", stale.is_empty(), found);
        for (name, count) in self.store.inconsistencies().await? {
            check(name, count == 0, format!("{count} found"));
        }
        Ok(checks)
    }
}
