//! Proves that nothing is stale: everything is computed anew from the payloads and compared with what is stored. It is a
//! rebuild that is rolled back, so what a rebuild would mend is what is told.

use crate::Engine;
use crate::quality::{quality_difference, quality_differences};
use crate::rebuild::{Hear, SLICE_PAYLOADS};
use crate::recompute::Recomputed;
use crate::restate::Restated;
use crate::spread::Spread;
use firmograph_core::{Dimension, EntityKind, Error, Scalar, Timestamp, golden_columns};
use serde::Serialize;
use std::collections::HashSet;

/// A stored value that is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Its table, as DESIGN names it.
    pub table: String,
    /// Key of the company or person; number of the run.
    pub key: String,
    /// The source, in a dimension table.
    pub source: Option<String>,
    /// The column; `id` or `source` where the whole row is there and should not be, or the other way round.
    pub column: String,
    /// The value that is stored.
    pub stored: Option<String>,
    /// The value that should be.
    pub expected: Option<String>,
}

/// Hears of each stored value that is not what it should be.
pub type DifferenceSink<'s> = dyn FnMut(Difference) + Send + 's;

/// What was compared and how many values differ.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct VerifyReport {
    /// Payloads that were read again.
    pub payloads: u64,
    /// Values that are not what they should be.
    pub differences: u64,
}

struct Comparing<'c, 's> {
    differences: u64,
    sink: &'c mut DifferenceSink<'s>,
}

impl Comparing<'_, '_> {
    fn tell(&mut self, difference: Difference) {
        self.differences += 1;
        (self.sink)(difference);
    }

    fn rows(&mut self, rows: &[Dimension], is_missing: bool) {
        for row in rows {
            let source = Some(row.source().to_string());
            let (stored, expected) = if is_missing { (None, source) } else { (source, None) };
            self.tell(difference(row, "source".to_owned(), stored, expected));
        }
    }

    /// Scores that are not what follows as of their own day.
    fn quality(&mut self, kind: EntityKind, recomputed: &Recomputed) {
        let rescored = &recomputed.quality;
        let told = quality_differences(kind, &rescored.new, &rescored.changed);
        // Of a golden row that is itself missing, the score is, too.
        let missing: HashSet<&str> = recomputed.new.iter().map(|row| &*row.key).collect();
        told.into_iter().filter(|told| !missing.contains(&*told.key)).for_each(|told| self.tell(told));
    }
}

impl Hear for Comparing<'_, '_> {
    fn dimensions(&mut self, restated: &Restated) {
        self.rows(&restated.new, true);
        self.rows(&restated.gone, false);
        for (stored, expected) in &restated.changed {
            for ((column, stored), (_, value)) in cells(stored).into_iter().zip(cells(expected)) {
                if stored != value {
                    self.tell(difference(expected, column, stored, value));
                }
            }
        }
    }

    fn golden(&mut self, kind: EntityKind, recomputed: &Recomputed) {
        let table = match kind {
            EntityKind::Company => "Company",
            EntityKind::Person => "Prospect",
        };
        let mut tell = |key: &str, column: &str, stored: &Scalar, expected: &Scalar| {
            self.tell(Difference {
                table: table.to_owned(),
                key: key.to_owned(),
                source: None,
                column: column.to_owned(),
                stored: shown(stored),
                expected: shown(expected),
            });
        };
        for row in &recomputed.new {
            tell(&row.key, "id", &Scalar::Null, &row.values[0]);
        }
        for row in &recomputed.gone {
            tell(&row.key, "id", &row.values[0], &Scalar::Null);
        }
        for (stored, expected) in &recomputed.changed {
            let values = stored.values.iter().zip(&expected.values).zip(golden_columns(kind));
            for ((stored, value), column) in values.filter(|((stored, value), _)| stored != value) {
                tell(&expected.key, column.name, stored, value);
            }
        }
        self.quality(kind, recomputed);
    }
}

impl Engine {
    /// Computes everything anew from the payloads that are believed and gives each value that is stored otherwise to
    /// `sink`; also runs whose counts do not add up and prospects that refer to no company. Leaves everything as it is.
    ///
    /// # Errors
    /// When the database does not answer, or a payload cannot be read again.
    pub async fn verify(
        &mut self,
        now: Timestamp,
        sink: &mut DifferenceSink<'_>,
    ) -> Result<VerifyReport, Error> {
        self.store.begin().await?;
        let mut hear = Comparing { differences: 0, sink };
        let payloads = async {
            self.read_again(true).await?;
            self.compare(now, &mut hear).await
        };
        let payloads = payloads.await;
        self.store.rollback().await?;
        Ok(VerifyReport { payloads: payloads?, differences: hear.differences })
    }

    async fn compare(&mut self, now: Timestamp, hear: &mut Comparing<'_, '_>) -> Result<u64, Error> {
        for (run, read, together) in self.store.unbalanced_runs().await? {
            hear.tell(Difference {
                table: "raw.runs".to_owned(),
                key: run.to_string(),
                source: None,
                column: "rows_read".to_owned(),
                stored: Some(read.to_string()),
                expected: Some(together.to_string()),
            });
        }
        for (prospect, company) in self.store.dangling_prospects().await? {
            hear.tell(Difference {
                table: "Prospect".to_owned(),
                key: prospect.into(),
                source: None,
                column: "companyId".to_owned(),
                stored: Some(company.into()),
                expected: None,
            });
        }
        // Before anything is computed anew: a golden row that goes takes its leads with it.
        for difference in self.all_lead_differences().await?.told() {
            hear.tell(difference);
        }
        for kind in [EntityKind::Company, EntityKind::Person] {
            for key in self.store.homeless_quality(kind, "", None).await? {
                hear.tell(quality_difference(kind, &key, "key", Some(key.to_string()), None));
            }
        }
        for difference in self.all_document_differences().await?.told() {
            hear.tell(difference);
        }
        let slices = self.slices(SLICE_PAYLOADS).await?;
        let mut spread = Spread::default();
        for number in 0..slices.len() {
            self.rebuild_slice(&slices, number, &mut spread, None, now, hear).await?;
        }
        // Joins that follow and are not there, or the other way round; noted under any run, and rolled back.
        if let Some(run) = self.store.runs(1).await?.first().map(|run| run.id) {
            for key in self.derive_joins(run, now).await?.touched.companies {
                hear.tell(Difference {
                    table: "core.key_joins".to_owned(),
                    key: key.to_string(),
                    source: None,
                    column: "into_key".to_owned(),
                    stored: Some("another join than follows, or none".to_owned()),
                    expected: Some("what `rebuild` derives".to_owned()),
                });
            }
        }
        self.store.count_payloads(firmograph_store::Payloads::Believed).await
    }
}

fn difference(
    row: &Dimension,
    column: String,
    stored: Option<String>,
    expected: Option<String>,
) -> Difference {
    Difference {
        table: format!("core.{}", row.attribute().spec().table),
        key: row.key().to_owned(),
        source: Some(row.source().to_string()),
        column,
        stored,
        expected,
    }
}

/// The columns of a dimension row that the payloads decide, as text.
fn cells(row: &Dimension) -> Vec<(String, Option<String>)> {
    let spec = row.attribute().spec();
    let first = row.first();
    let mut cells: Vec<_> = spec
        .parts
        .iter()
        .zip(row.raw().parts(spec.parts.len()))
        .map(|(part, text)| (format!("raw_{part}"), text.map(str::to_owned)))
        .collect();
    let matched = row.matched();
    cells.extend(spec.matched.iter().enumerate().map(|(index, (name, _))| {
        let value = matched.and_then(|matched| matched.columns.get(index));
        (format!("matched_{name}"), value.and_then(shown))
    }));
    let evidence = matched.and_then(|matched| serde_json::to_string(&matched.evidence).ok());
    let others: Vec<String> = row
        .others()
        .iter()
        .map(|other| {
            let raw: Vec<_> = other.raw.parts(spec.parts.len()).collect();
            format!("{raw:?} {:?} {} {}", other.observed_at, other.payloads, other.payload)
        })
        .collect();
    cells.extend([
        ("evidence".to_owned(), evidence),
        ("payloads".to_owned(), Some(first.payloads.to_string())),
        ("payload_id".to_owned(), Some(first.payload.to_string())),
        ("others".to_owned(), (!others.is_empty()).then(|| others.join("; "))),
        ("observed_at".to_owned(), first.observed_at.map(|time| time.to_string())),
    ]);
    cells
}

fn shown(value: &Scalar) -> Option<String> {
    match value {
        Scalar::Null => None,
        Scalar::Int(number) => Some(number.to_string()),
        Scalar::Text(text) => Some(text.to_string()),
    }
}
