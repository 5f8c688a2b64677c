//! A user's map of titles to levels: read from a file, checked, stored, and used by every later ingest.

use crate::Engine;
use crate::change::{ChangeReport, FlipSink, Touched};
use crate::lookup::LOOKUP_IMPORT;
use crate::lookups::lookup_key;
use crate::user_table;
use firmograph_core::{Attribute, Error, ErrorKind, Timestamp};
use firmograph_normalize::{
    LevelMap, LevelMapCheck, LevelMapColumns, LevelMapPolicy, LevelMapRow, check_level_map, level_name,
};
use firmograph_store::{LevelMapChanges, MappedLevel, Run, Store};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

/// How a map is imported.
#[derive(Debug, Clone, Copy, Default)]
pub struct LevelMapOptions {
    /// Which of its rows are wanted.
    pub policy: LevelMapPolicy,
    /// Remove the rows that are stored and not in the map.
    pub replace: bool,
    /// Do everything and roll it back.
    pub dry_run: bool,
}

/// What an import did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LevelMapImport {
    /// What is to be said about the rows.
    pub check: LevelMapCheck,
    /// What became of the stored map.
    pub changes: LevelMapChanges,
    /// Dimension rows whose titles were matched anew.
    pub rematched: u64,
    /// What became of golden records.
    pub change: ChangeReport,
}

/// Reads the rows of a map from a CSV file with a header; comma, semicolon or tab.
///
/// # Errors
/// `cannot-read` (environment) where the file cannot be read, `not-a-level-map` (usage) where it is something else.
pub fn read_level_map(path: &Path) -> Result<Vec<LevelMapRow>, Error> {
    let bytes = user_table::read(path)?;
    parse_level_map(&bytes).map_err(|why| {
        let message = format!("{} is not a map of job-title levels: {why}", path.display());
        Error::new(ErrorKind::Usage, "not-a-level-map", message).with_help(
            "write a CSV in UTF-8 with a header: originalJobTitleLevel,standardizedJobTitleLevel,level",
        )
    })
}

fn parse_level_map(bytes: &[u8]) -> Result<Vec<LevelMapRow>, String> {
    let wanted = "columns of a text and of its level";
    let (columns, rows) = user_table::parse(bytes, wanted, LevelMapColumns::recognize)?;
    let rows: Vec<_> = rows.iter().map(|(line, cells)| columns.row(*line, cells)).collect();
    if rows.is_empty() { Err("it has no rows".to_owned()) } else { Ok(rows) }
}

/// What a run of this kind keeps for being taken back: the whole map before.
#[derive(Serialize, Deserialize)]
struct Detail {
    attribute: String,
    levels_before: Vec<MappedLevel>,
}

impl Engine {
    /// Checks the rows of a map, beside those that are stored, and stores the wanted ones as one run. Exactly the titles whose level
    /// the map changes are matched anew; every golden value that flips goes to `sink`.
    ///
    /// # Errors
    /// When the database refuses; nothing is changed then.
    pub async fn import_level_map(
        &mut self,
        rows: &[LevelMapRow],
        options: LevelMapOptions,
        now: Timestamp,
        sink: &mut FlipSink<'_>,
    ) -> Result<LevelMapImport, Error> {
        let mut run = self.begin_change(LOOKUP_IMPORT, now).await?;
        let mut import = LevelMapImport {
            check: LevelMapCheck::default(),
            changes: LevelMapChanges::default(),
            rematched: 0,
            change: ChangeReport::default(),
        };
        let done = self.store_level_map(rows, options, &mut run, &mut import, now, sink).await;
        import.change = self.end_change(run, done, options.dry_run, now).await?;
        Ok(import)
    }

    async fn store_level_map(
        &mut self,
        rows: &[LevelMapRow],
        options: LevelMapOptions,
        run: &mut Run,
        import: &mut LevelMapImport,
        now: Timestamp,
        sink: &mut FlipSink<'_>,
    ) -> Result<ChangeReport, Error> {
        let before = self.store.level_map().await?;
        let detail =
            Detail { attribute: Attribute::JobTitle.spec().name.to_owned(), levels_before: before.clone() };
        run.detail = serde_json::to_string(&detail).ok();
        (import.check, import.changes) = write(&mut self.store, rows, options).await?;
        let (touched, rematched) = self.apply_level_map(&before, now).await?;
        import.rematched = rematched;
        let mut report = ChangeReport::default();
        self.settle(&touched, &|_, _| true, now, &mut report, sink).await?;
        Ok(report)
    }

    /// Matches the titles anew to which the stored map gives another level than `before`.
    async fn apply_level_map(
        &mut self,
        before: &[MappedLevel],
        now: Timestamp,
    ) -> Result<(Touched, u64), Error> {
        self.maps.level_map = stored_level_map(&mut self.store).await?;
        let after = self.store.level_map().await?;
        let texts = |rows: &[MappedLevel]| -> BTreeSet<(String, u8)> {
            rows.iter().map(|row| (lookup_key(&row.original).into_owned(), row.level)).collect()
        };
        let (old, new) = (texts(before), texts(&after));
        let changed: BTreeSet<&str> = old.symmetric_difference(&new).map(|(text, _)| text.as_str()).collect();
        let meant = |text: &str| changed.contains(&*lookup_key(text));
        let mut touched = Touched::default();
        let parts = ["job_title", "job_title_level"];
        let rematched = self.rematch(Attribute::JobTitle, &parts, &meant, now, &mut touched).await?;
        Ok((touched, rematched))
    }

    /// Makes the map what it was before `run`; gives whom that touches. `None` when the run imported no map of levels.
    pub(crate) async fn take_back_level_map(
        &mut self,
        run: &Run,
        now: Timestamp,
    ) -> Result<Option<Touched>, Error> {
        let detail: Option<Detail> = run.detail.as_deref().and_then(|text| serde_json::from_str(text).ok());
        let Some(Detail { levels_before, .. }) = detail else { return Ok(None) };
        let later = self.store.runs(usize::MAX >> 1).await?.into_iter().find(|later| {
            let is_map =
                later.detail.as_deref().is_some_and(|text| serde_json::from_str::<Detail>(text).is_ok());
            later.id > run.id && later.command == LOOKUP_IMPORT && later.undone_by.is_none() && is_map
        });
        if let Some(later) = later {
            let message = format!("run {} changed the map since", later.id);
            return Err(Error::new(ErrorKind::Usage, "changed-since", message)
                .with_help(format!("undo run {} first", later.id)));
        }
        let now_stored = self.store.level_map().await?;
        self.store.write_level_map(&levels_before, true).await?;
        Ok(Some(self.apply_level_map(&now_stored, now).await?.0))
    }
}

async fn write(
    store: &mut Store,
    rows: &[LevelMapRow],
    options: LevelMapOptions,
) -> Result<(LevelMapCheck, LevelMapChanges), Error> {
    let stored = if options.replace { Vec::new() } else { store.level_map().await? };
    let stored: Vec<_> = stored.into_iter().map(|row| (row.original, row.level)).collect();
    let check = check_level_map(rows, &stored);
    let wanted: Vec<MappedLevel> = check
        .wanted(options.policy)
        .into_iter()
        .map(|entry| MappedLevel {
            original: entry.original.clone(),
            // Always the definition's, so that name and number cannot disagree in the table.
            name: level_name(entry.level).unwrap_or_default().to_owned(),
            level: entry.level,
        })
        .collect();
    let changes = store.write_level_map(&wanted, options.replace).await?;
    Ok((check, changes))
}

/// The map of a database; `None` where it has none, which costs ingest nothing.
pub(crate) async fn stored_level_map(store: &mut Store) -> Result<Option<Arc<LevelMap>>, Error> {
    let rows = store.level_map().await?;
    let map = LevelMap::new(rows.iter().map(|row| (&row.original, row.level)));
    Ok((!map.is_empty()).then(|| Arc::new(map)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<(u64, String, String)> {
        let rows = parse_level_map(text.as_bytes()).unwrap();
        rows.into_iter().map(|row| (row.line, row.original, row.level)).collect()
    }

    #[test]
    fn lines_are_physical() {
        let text = "\u{feff}Original,Level\r\n\r\nBoss,1\r\n\"Two\nlines\",2\r\n,,\r\n\r\n\r\nClerk,12";
        let expected = [(3, "Boss", "1"), (4, "Two\nlines", "2"), (9, "Clerk", "12")];
        assert_eq!(
            lines(text),
            expected.map(|(line, text, level)| (line, text.to_owned(), level.to_owned()))
        );
    }

    #[test]
    fn other_delimiters() {
        assert_eq!(lines("original;level\nBoss, the;1\n"), [(2, "Boss, the".to_owned(), "1".to_owned())]);
        assert_eq!(lines("original\tlevel\nBoss\t1\n"), [(2, "Boss".to_owned(), "1".to_owned())]);
    }

    #[test]
    fn what_is_no_map_says_why() {
        for (bytes, why) in [
            (&b"Email,Company\na@b.com,B\n"[..], "Email,Company"),
            (b"", "no columns"),
            (b"original,level\n", "no rows"),
            (b"original,level\n\xff,1\n", "byte 16"),
        ] {
            let said = parse_level_map(bytes).unwrap_err();
            assert!(said.contains(why), "{said}");
        }
    }
}
