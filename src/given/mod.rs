//! Rows that a program hands over, in the shape of the golden tables: the 19 columns of `"Company"` and the 21 of
//! `"Prospect"` that clients of the origin system write. They become observations of a source as records of a file
//! do, so golden rows, payloads, runs and provenance come of them, and they can be taken back.

mod row;
mod stood;

use crate::lookups::Maps;
use crate::report::RunStatus;
use crate::{Engine, Hooks, IngestOptions, IngestReport};
use firmograph_core::{EntityKind, Error, Source, Timestamp};
use firmograph_sources::{Extractor, Input, Item};
use std::path::PathBuf;

pub use row::GivenRow;

/// The columns of `"Company"` that programs write, in the order of the table.
pub const COMPANY_COLUMNS: [&str; 19] = [
    "id",
    "domain",
    "name",
    "industry",
    "minEmployeeSize",
    "maxEmployeeSize",
    "employeeSizeLink",
    "revenue",
    "address",
    "city",
    "state",
    "country",
    "zipCode",
    "phone",
    "mobilePhone",
    "externalSource",
    "externalId",
    "createdAt",
    "updatedAt",
];

/// The columns of `"Prospect"` that programs write, in the order of the table.
pub const PROSPECT_COLUMNS: [&str; 21] = [
    "id",
    "salutation",
    "firstName",
    "lastName",
    "email",
    "jobTitle",
    "jobTitleLevel",
    "department",
    "jobTitleLink",
    "address",
    "city",
    "state",
    "country",
    "zipCode",
    "phone",
    "mobilePhone",
    "companyId",
    "externalSource",
    "externalId",
    "createdAt",
    "updatedAt",
];

/// The source whose mappings read such rows, whoever says them.
const ROWS: &str = "rows";

/// What `raw.files` has for a path where rows were handed over.
#[must_use]
pub fn given_rows_path(kind: EntityKind) -> &'static str {
    match kind {
        EntityKind::Company => "rows of \"Company\"",
        EntityKind::Person => "rows of \"Prospect\"",
    }
}

impl Engine {
    /// Ingests rows of one golden table as one run in one transaction: all of them or, where the database refuses,
    /// none. Handing rows over again that have an `updatedAt` changes nothing.
    ///
    /// Each row comes with its number, by which rejects tell it. A row says what its columns say, seen at its
    /// `updatedAt`, or now. What it leaves blank stays as this source had said it. A row that cannot be taken is a
    /// reject of the run. `companyId` may be a domain, or the id of a golden company.
    ///
    /// # Errors
    /// `reserved-source` (usage); when the database refuses.
    pub async fn insert_rows(
        &mut self,
        kind: EntityKind,
        rows: Vec<(u64, GivenRow)>,
        source: Source,
        hooks: &mut Hooks<'_>,
    ) -> Result<IngestReport, Error> {
        if source.is_pin() || source.is_legacy() {
            return Err(row::reserved(&source));
        }
        // As before every ingest: a golden value may be written over what others wrote.
        self.observe_direct_writes(crate::DirectWriteOptions::default(), hooks).await?;
        let now = (hooks.clock)();
        self.expire_before_ingest(false, now).await?;
        let mut options = IngestOptions::new(source);
        options.open.source = Some(Source::new(ROWS)?);
        options.observed_at = Some(now);
        // One transaction from the first batch to the end: what a dry run is, but for the end.
        options.dry_run = true;
        self.maps = Maps::stored(&mut self.store).await?;
        self.maps.fill(&mut options.pipeline);
        self.store.begin().await?;
        match self.insert_within(kind, rows, &options, hooks, now).await {
            Ok(report) => self.store.commit().await.map(|()| report),
            Err(error) => {
                // The first error is the one to tell.
                drop(self.store.rollback().await);
                Err(error)
            }
        }
    }

    async fn insert_within(
        &mut self,
        kind: EntityKind,
        rows: Vec<(u64, GivenRow)>,
        options: &IngestOptions,
        hooks: &mut Hooks<'_>,
        now: Timestamp,
    ) -> Result<IngestReport, Error> {
        let mut extractor = Extractor::for_documents(&[], options.open.source.as_ref());
        let mut taken = row::taken(kind, rows);
        if kind == EntityKind::Person {
            self.name_companies(&mut taken).await?;
        }
        self.say_what_stood(kind, &mut taken, &mut extractor, options).await?;
        let items =
            taken.into_iter().map(|row| row.item(kind, &mut extractor)).collect::<Result<Vec<Item>, _>>()?;
        let name = given_rows_path(kind);
        let inputs = vec![Input::of_documents(name, items)];
        let mut report = self.ingest_inputs(&[PathBuf::from(name)], inputs, options, hooks).await?;
        report.dry_run = false;
        if let Some(mut run) = self.store.run(report.run).await? {
            run.status = RunStatus::Done.name().to_owned();
            run.finished_at = Some(now);
            run.counters = serde_json::to_string(&report.counters).unwrap_or_default();
            self.store.write_run(&run).await?;
        }
        Ok(report)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use firmograph_core::{golden_columns, origin_columns};

    #[test]
    fn the_columns_are_those_of_the_golden_tables_and_their_times() {
        let (company, person): (&[&str], &[&str]) = (&COMPANY_COLUMNS, &PROSPECT_COLUMNS);
        for (kind, columns) in [(EntityKind::Company, company), (EntityKind::Person, person)] {
            let golden = golden_columns(kind)[..origin_columns(kind)].iter().map(|column| column.name);
            let expected: Vec<&str> = golden.chain(["createdAt", "updatedAt"]).collect();
            assert_eq!(columns, expected);
        }
    }
}
