//! Imports what a user says that raw values mean, matches the rows concerned anew, and takes it back.

use crate::Engine;
use crate::change::{ChangeReport, FlipSink, Touched};
use crate::lookups::{lookup_key, stored_lookups};
use crate::matching::match_value;
use crate::pipeline::PipelineOptions;
use crate::suggest::{standard_names, suggest};
use crate::user_table;
use firmograph_core::{Attribute, Error, ErrorKind, RawValue, Source, Timestamp};
use firmograph_store::{LOOKUP_ATTRIBUTES, LookupRow, Run};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Command of the runs that import lookups and maps of levels.
pub(crate) const LOOKUP_IMPORT: &str = "lookup import";

/// A row of a lookup file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookupEntry {
    /// Physical line, from 1.
    pub line: u64,
    /// The raw value.
    pub raw: String,
    /// What it is to mean: a standard value.
    pub standard: String,
}

/// Why a row of a lookup file is not applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LookupFinding {
    /// Physical line, from 1.
    pub line: u64,
    /// The raw value.
    pub raw: String,
    /// What the row says that it means.
    pub standard: String,
    /// `no_raw_value`, `not_a_standard_value` or `contradiction`.
    pub finding: &'static str,
    /// One sentence.
    pub detail: String,
}

/// What an import did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookupImport {
    /// Rows that were not applied, in the order of the file.
    pub findings: Vec<LookupFinding>,
    /// Rows that were applied: raw values that were not there or had another meaning.
    pub applied: u64,
    /// Rows that were there already.
    pub unchanged: u64,
    /// Dimension rows that were matched anew.
    pub rematched: u64,
    /// What became of golden records.
    pub change: ChangeReport,
}

/// What a run of this kind keeps for being taken back: what each raw value meant before.
#[derive(Serialize, Deserialize)]
struct Detail {
    attribute: String,
    before: BTreeMap<String, Option<(String, String, i64)>>,
}

/// The attribute of this name, where a user can say what its raw values mean.
///
/// # Errors
/// `no-lookup` (usage) for every other name.
pub fn lookup_attribute(name: &str) -> Result<Attribute, Error> {
    let known = LOOKUP_ATTRIBUTES.into_iter().find(|attribute| attribute.spec().name == name);
    known.ok_or_else(|| {
        let names: Vec<_> = LOOKUP_ATTRIBUTES.iter().map(|attribute| attribute.spec().name).collect();
        Error::new(ErrorKind::Usage, "no-lookup", format!("there is no lookup of {name:?}"))
            .with_help(format!("use one of {}", names.join(", ")))
    })
}

/// Reads a lookup file: CSV in UTF-8 with a header, whose first two columns are the raw and the standard value.
///
/// # Errors
/// `cannot-read` (environment) where the file cannot be read, `not-a-lookup` (usage) where it is something else.
pub fn read_lookup(path: &Path) -> Result<Vec<LookupEntry>, Error> {
    let bytes = user_table::read(path)?;
    let is_wide = |header: &[String]| (header.len() >= 2).then_some(());
    let ((), rows) = user_table::parse(&bytes, "two columns", is_wide).map_err(|why| {
        Error::new(ErrorKind::Usage, "not-a-lookup", format!("{} is not a lookup: {why}", path.display()))
            .with_help("write a CSV in UTF-8 with a header: raw_value,standard_value")
    })?;
    let cell = |cells: &[String], index: usize| cells.get(index).map(|cell| cell.trim().to_owned());
    let entries = rows.into_iter().map(|(line, cells)| LookupEntry {
        line,
        raw: cell(&cells, 0).unwrap_or_default(),
        standard: cell(&cells, 1).unwrap_or_default(),
    });
    Ok(entries.collect())
}

/// What is wrong with a row by itself.
fn wrong(attribute: Attribute, entry: &LookupEntry, options: &PipelineOptions) -> Option<LookupFinding> {
    let finding = |finding, detail| {
        let LookupEntry { line, raw, standard } = entry.clone();
        Some(LookupFinding { line, raw, standard, finding, detail })
    };
    if lookup_key(&entry.raw).is_empty() {
        return finding("no_raw_value", "the row has no raw value".to_owned());
    }
    let matched = match_value(attribute, &RawValue::new([Some(entry.standard.as_str())]), options);
    let found = matched.as_ref().and_then(|value| value.columns.first()?.as_text());
    if found == Some(&*entry.standard) {
        return None;
    }
    let near = match found {
        Some(found) => vec![found.to_owned()],
        None => suggest(attribute, &entry.standard),
    };
    let name = attribute.spec().name;
    let detail = match near.as_slice() {
        [] => format!("{:?} is no standard value of {name}", entry.standard),
        near => format!(
            "{:?} is no standard value of {name}; did you mean {}?",
            entry.standard,
            near.join(" or ")
        ),
    };
    finding("not_a_standard_value", detail)
}

/// The rows to apply, by folded raw value, and what is wrong with the others.
fn check(
    attribute: Attribute,
    entries: &[LookupEntry],
) -> Result<(BTreeMap<String, LookupEntry>, Vec<LookupFinding>), Error> {
    let options = PipelineOptions::new(Source::new("lookup")?);
    let mut findings = Vec::new();
    let mut wanted: BTreeMap<String, Vec<&LookupEntry>> = BTreeMap::new();
    for entry in entries {
        match wrong(attribute, entry, &options) {
            Some(finding) => findings.push(finding),
            None => wanted.entry(lookup_key(&entry.raw).into_owned()).or_default().push(entry),
        }
    }
    let mut rows = BTreeMap::new();
    for (key, same) in wanted {
        let meanings: BTreeSet<&str> = same.iter().map(|entry| entry.standard.as_str()).collect();
        if let ([first, ..], 1) = (same.as_slice(), meanings.len()) {
            rows.insert(key, (*first).clone());
            continue;
        }
        let meanings: Vec<_> = meanings.into_iter().collect();
        findings.extend(same.into_iter().cloned().map(|LookupEntry { line, raw, standard }| LookupFinding {
            line,
            raw,
            standard,
            finding: "contradiction",
            detail: format!("the file gives this value the meanings {}", meanings.join(" and ")),
        }));
    }
    findings.sort_by_key(|finding| finding.line);
    Ok((rows, findings))
}

/// What is wrong with the rows of a lookup, in the order of the file.
///
/// # Errors
/// `no-lookup` (usage) for an attribute without a lookup.
pub fn check_lookup(attribute: Attribute, entries: &[LookupEntry]) -> Result<Vec<LookupFinding>, Error> {
    lookup_attribute(attribute.spec().name)?;
    Ok(check(attribute, entries)?.1)
}

impl Engine {
    /// Stores what raw values mean, as one run, and matches exactly the rows that show them anew. Rows that name no standard
    /// value or contradict each other are not applied. Every golden value that flips goes to `sink`; a dry run is rolled back.
    ///
    /// # Errors
    /// `no-lookup` (usage) for an attribute without a lookup; when the database refuses, and nothing is changed then.
    pub async fn import_lookup(
        &mut self,
        attribute: Attribute,
        entries: &[LookupEntry],
        dry_run: bool,
        now: Timestamp,
        sink: &mut FlipSink<'_>,
    ) -> Result<LookupImport, Error> {
        lookup_attribute(attribute.spec().name)?;
        let (rows, findings) = check(attribute, entries)?;
        let mut run = self.begin_change(LOOKUP_IMPORT, now).await?;
        let mut import = LookupImport {
            findings,
            applied: 0,
            unchanged: 0,
            rematched: 0,
            change: ChangeReport::default(),
        };
        let done = self.store_lookup(attribute, rows, &mut run, &mut import, now, sink).await;
        import.change = self.end_change(run, done, dry_run, now).await?;
        Ok(import)
    }

    async fn store_lookup(
        &mut self,
        attribute: Attribute,
        rows: BTreeMap<String, LookupEntry>,
        run: &mut Run,
        import: &mut LookupImport,
        now: Timestamp,
        sink: &mut FlipSink<'_>,
    ) -> Result<ChangeReport, Error> {
        let stored: BTreeMap<String, LookupRow> =
            self.store.lookup(attribute).await?.into_iter().map(|row| (row.raw.clone(), row)).collect();
        let given = rows.len() as u64;
        let new: Vec<LookupRow> = rows
            .into_iter()
            .filter(|(raw, entry)| stored.get(raw).is_none_or(|row| row.standard != entry.standard))
            .map(|(raw, LookupEntry { raw: original, standard, .. })| LookupRow {
                raw,
                standard,
                original,
                set_by: run.id,
            })
            .collect();
        (import.applied, import.unchanged) = (new.len() as u64, given - new.len() as u64);
        let before = new.iter().map(|row| {
            let known = stored.get(&row.raw).cloned();
            (row.raw.clone(), known.map(|row| (row.standard, row.original, row.set_by)))
        });
        let detail = Detail { attribute: attribute.spec().name.to_owned(), before: before.collect() };
        run.detail = serde_json::to_string(&detail).ok();
        self.store.write_lookup(attribute, &new).await?;
        let raw: BTreeSet<String> = new.into_iter().map(|row| row.raw).collect();
        let mut report = ChangeReport::default();
        let (touched, rematched) = self.apply_lookup(attribute, &raw, now).await?;
        import.rematched = rematched;
        self.settle(&touched, &|_, _| true, now, &mut report, sink).await?;
        Ok(report)
    }

    /// Matches the rows that show one of the folded raw values anew, with the lookups as they are stored now.
    async fn apply_lookup(
        &mut self,
        attribute: Attribute,
        raw: &BTreeSet<String>,
        now: Timestamp,
    ) -> Result<(Touched, u64), Error> {
        self.maps.lookups = stored_lookups(&mut self.store).await?;
        let parts = &attribute.spec().parts[..1];
        let mut touched = Touched::default();
        let meant = |text: &str| raw.contains(&*lookup_key(text));
        let rematched = self.rematch(attribute, parts, &meant, now, &mut touched).await?;
        Ok((touched, rematched))
    }

    /// Gives raw values the meaning they had before `run`; gives whom that touches.
    pub(crate) async fn take_back_lookup(&mut self, run: &Run, now: Timestamp) -> Result<Touched, Error> {
        if let Some(touched) = self.take_back_level_map(run, now).await? {
            return Ok(touched);
        }
        let detail: Option<Detail> = run.detail.as_deref().and_then(|text| serde_json::from_str(text).ok());
        let Some(Detail { attribute, before }) = detail else {
            let message = format!("run {} does not say what it changed", run.id);
            return Err(Error::new(ErrorKind::Environment, "database-shape", message));
        };
        let attribute = lookup_attribute(&attribute)?;
        for row in self.store.lookup(attribute).await? {
            if before.contains_key(&row.raw) && row.set_by != run.id {
                let message = format!("run {} gave {:?} another meaning since", row.set_by, row.original);
                return Err(Error::new(ErrorKind::Usage, "changed-since", message)
                    .with_help(format!("undo run {} first", row.set_by)));
            }
        }
        let raw: BTreeSet<String> = before.keys().cloned().collect();
        let gone: Vec<&str> = raw.iter().map(String::as_str).collect();
        self.store.delete_lookup(attribute, &gone).await?;
        let old = before.into_iter().filter_map(|(raw, known)| {
            let (standard, original, set_by) = known?;
            Some(LookupRow { raw, standard, original, set_by })
        });
        self.store.write_lookup(attribute, &old.collect::<Vec<_>>()).await?;
        Ok(self.apply_lookup(attribute, &raw, now).await?.0)
    }

    /// Raw values without a standard value, those with most rows first, at most `top` of them, each with standard values that
    /// look like it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn unmatched(&mut self, attributes: &[&str], top: usize) -> Result<Vec<Unmatched>, Error> {
        let values = self.store.unmatched(attributes, top).await?;
        Ok(values
            .into_iter()
            .map(|value| {
                let attribute = Attribute::from_name(&value.attribute);
                let suggestions =
                    attribute.map(|attribute| suggest(attribute, &value.raw)).unwrap_or_default();
                let can_import = attribute.is_some_and(|attribute| !standard_names(attribute).is_empty());
                Unmatched { value, suggestions, can_import }
            })
            .collect())
    }
}

/// An unmatched raw value and what it may mean.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unmatched {
    /// The value, and how many rows show it.
    #[serde(flatten)]
    pub value: firmograph_store::UnmatchedValue,
    /// Standard values that look like it, the likeliest first; none where none does.
    pub suggestions: Vec<String>,
    /// Whether `lookup import` can give it a meaning.
    pub can_import: bool,
}
