use super::{
    DistinctValues, LevelCount, LevelDisagreement, LevelQuality, Listed, NotObserved, ProspectLevels,
    SeveralLevels, SourceLevels, UnmatchedLevel,
};
use crate::lookups::lookup_key;
use crate::pipeline::{PipelineOptions, match_value};
use crate::suggest::suggest;
use firmograph_core::{Attribute, Error, RawValue};
use firmograph_normalize::{
    LevelMapFinding, LevelMapRow, LevelMapSeverity, check_level_map, is_placeholder, level_name,
    match_job_title_with,
};
use firmograph_store::{LevelColumnGroup, Store, TitleSource};
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

/// Groups of one text of the level column that are read at a time.
const GROUPS_AT_ONCE: usize = 20_000;
/// Golden prospects without a level that are read at a time.
const PROSPECTS_AT_ONCE: usize = 5_000;

pub(super) struct Report<'r> {
    pub(super) store: &'r mut Store,
    pub(super) options: &'r PipelineOptions,
    pub(super) top: usize,
}

impl Report<'_> {
    pub(super) async fn make(mut self) -> Result<LevelQuality, Error> {
        let mut prospects = ProspectLevels::default();
        let funnel = self.funnel(&mut prospects).await?;
        let not_observed = self.without_level(&mut prospects).await?;
        let sources = self.sources().await?;
        let mut column = self.level_column().await?;
        let (distinct, mapped) = self.store.distinct_titles().await?;
        let titles = DistinctValues { column: "job_title", distinct, mapped, unmatched: distinct - mapped };
        for (value, rows) in self.store.unmatched_titles(self.top).await? {
            column.unmatched.push(self.unmatched("job_title", value.into(), rows));
        }
        Ok(LevelQuality {
            prospects,
            funnel,
            sources,
            values: vec![column.values, titles],
            unmatched: column.unmatched,
            several: column.several,
            disagreements: column.disagreements,
            map: self.map().await?,
            not_observed,
        })
    }

    fn level_of(&self, text: &str) -> Result<u8, &'static str> {
        let outcome = match_job_title_with(text, self.options.level_map.as_deref());
        match outcome.value() {
            Some(title) => Ok(title.level),
            None => Err(outcome.reason().unwrap_or("not_recognised")),
        }
    }

    fn unmatched(&self, column: &'static str, value: String, rows: u64) -> UnmatchedLevel {
        let reason = self.level_of(&value).err().unwrap_or("matched_by_this_version");
        let suggestions = suggest(Attribute::JobTitle, &value);
        UnmatchedLevel { column, value, rows, reason, suggestions }
    }

    async fn funnel(&mut self, prospects: &mut ProspectLevels) -> Result<Vec<LevelCount>, Error> {
        let counts = self.store.prospects_by_level().await?;
        prospects.all = counts.iter().map(|(_, count)| count).sum();
        let on = |level: u8| -> u64 {
            counts.iter().filter(|(known, _)| *known == Some(level.into())).map(|(_, count)| count).sum()
        };
        let levels = (1..=15).filter_map(|level| Some((level, level_name(level)?)));
        let funnel: Vec<_> =
            levels.map(|(level, name)| LevelCount { level, name, prospects: on(level) }).collect();
        prospects.with_level = funnel.iter().map(|count| count.prospects).sum();
        Ok(funnel)
    }

    /// Sorts prospects without a level into those of which nothing is said, those not observed, and those unmatched.
    async fn without_level(&mut self, prospects: &mut ProspectLevels) -> Result<Listed<NotObserved>, Error> {
        // Joins are few: somebody made each, or two rows agreed on a page or a name.
        let joined: HashMap<Box<str>, bool> = self.store.joined_titles().await?.into_iter().collect();
        let given = |text: &Option<Box<str>>| text.as_deref().is_some_and(|text| !is_placeholder(text));
        let mut values: HashMap<Box<str>, u64> = HashMap::new();
        let mut after: Option<Box<str>> = None;
        loop {
            let page = self.store.unlevelled_page(after.as_deref(), PROSPECTS_AT_ONCE).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.id.clone());
            for row in page {
                let by_join = row.key.as_deref().and_then(|key| joined.get(key).copied());
                let spoken_of = row.is_said.max(by_join);
                let shown = given(&row.title) || given(&row.level);
                if spoken_of.is_some() || !shown {
                    let is_said = shown || spoken_of == Some(true);
                    *if is_said { &mut prospects.unmatched } else { &mut prospects.nothing_said } += 1;
                    continue;
                }
                prospects.not_observed += 1;
                let [title, level] =
                    [&row.title, &row.level].map(|text| text.as_deref().filter(|text| !is_placeholder(text)));
                let raw = RawValue::new([title, level]);
                prospects.would_match +=
                    u64::from(match_value(Attribute::JobTitle, &raw, self.options).is_some());
                if let Some(level) = level {
                    match values.get_mut(level) {
                        Some(rows) => *rows += 1,
                        None => {
                            values.insert(level.into(), 1);
                        }
                    }
                }
            }
        }
        let mut listed = Listed { all: values.len() as u64, rows: values.values().sum(), top: Vec::new() };
        let mut values: Vec<_> = values.into_iter().collect();
        values.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        for (value, rows) in values.into_iter().take(self.top) {
            let level = self.level_of(&value);
            let (level, reason) = (level.ok(), level.err());
            listed.top.push(NotObserved { value: value.into(), rows, level, reason });
        }
        Ok(listed)
    }

    async fn sources(&mut self) -> Result<Vec<SourceLevels>, Error> {
        let sources = self.store.title_sources().await?;
        let source = |row: TitleSource| {
            let matched = row.by_title + row.by_level_column + row.by_map;
            SourceLevels {
                source: row.source.into(),
                rows: row.rows,
                nothing_said: row.nothing_said,
                matched,
                unmatched: row.rows - row.nothing_said - matched,
                by_title: row.by_title,
                by_level_column: row.by_level_column,
                by_map: row.by_map,
            }
        };
        Ok(sources.into_iter().map(source).collect())
    }

    async fn level_column(&mut self) -> Result<LevelColumn, Error> {
        let mut found = LevelColumn::new(self.top);
        let mut folded: HashMap<Box<str>, BTreeMap<u8, u64>> = HashMap::new();
        // Unmatched texts by rows; of one text, all groups come one after the other.
        let mut unmatched: Vec<(u64, Box<str>)> = Vec::new();
        let mut last: Option<LevelColumnGroup> = None;
        let mut current: Option<(Box<str>, Result<u8, &'static str>)> = None;
        loop {
            let page = self.store.level_column_page(last.as_ref(), GROUPS_AT_ONCE).await?;
            for group in &page {
                let is_new = current.as_ref().is_none_or(|(raw, _)| *raw != group.raw);
                if is_new {
                    let meant = self.level_of(&group.raw);
                    found.values.distinct += 1;
                    found.values.mapped += u64::from(meant.is_ok());
                    if meant.is_err() {
                        unmatched.push((0, group.raw.clone()));
                    }
                    current = Some((group.raw.clone(), meant));
                }
                let meant = current.as_ref().and_then(|(_, meant)| meant.ok());
                if meant.is_none()
                    && let Some((rows, _)) = unmatched.last_mut()
                {
                    *rows += group.rows;
                }
                let Some(level) = u8::try_from(group.level).ok().filter(|level| *level > 0) else { continue };
                let levels = folded.entry(lookup_key(&group.raw).into()).or_default();
                *levels.entry(level).or_default() += group.rows;
                if let Some(by_column) = meant.filter(|&meant| group.by_title && meant != level) {
                    found.disagree(group, by_column, level);
                }
            }
            // What is certainly not among the first needs no memory; the groups of the last text may go on.
            if unmatched.len() > 2 * self.top + 2
                && let Some(open) = unmatched.pop()
            {
                cut(&mut unmatched, self.top, |(rows, text)| (Reverse(*rows), text.clone()));
                unmatched.push(open);
            }
            match page.into_iter().next_back() {
                Some(group) => last = Some(group),
                None => break,
            }
        }
        found.values.unmatched = found.values.distinct - found.values.mapped;
        cut(&mut unmatched, self.top, |(rows, text)| (Reverse(*rows), text.clone()));
        let unmatched = unmatched.into_iter();
        found.unmatched =
            unmatched.map(|(rows, text)| self.unmatched("job_title_level", text.into(), rows)).collect();
        found.finish(folded);
        Ok(found)
    }

    /// Another program may have filled the table, so its rows are checked again.
    async fn map(&mut self) -> Result<Vec<LevelMapFinding>, Error> {
        let rows: Vec<LevelMapRow> = (1..)
            .zip(self.store.level_map().await?)
            .map(|(line, row)| LevelMapRow {
                line,
                original: row.original,
                name: Some(row.name),
                level: row.level.to_string(),
            })
            .collect();
        let findings = check_level_map(&rows, &[]).findings.into_iter();
        Ok(findings.filter(|finding| finding.severity >= LevelMapSeverity::Contradiction).collect())
    }
}

/// What the level column says, as far as it has been read.
struct LevelColumn {
    top: usize,
    values: DistinctValues,
    unmatched: Vec<UnmatchedLevel>,
    several: Listed<SeveralLevels>,
    disagreements: Listed<LevelDisagreement>,
}

impl LevelColumn {
    fn new(top: usize) -> Self {
        let values = DistinctValues { column: "job_title_level", distinct: 0, mapped: 0, unmatched: 0 };
        let (several, disagreements) = (Listed::none(), Listed::none());
        LevelColumn { top, values, unmatched: Vec::new(), several, disagreements }
    }

    fn disagree(&mut self, group: &LevelColumnGroup, by_column: u8, by_title: u8) {
        self.disagreements.all += 1;
        self.disagreements.rows += group.rows;
        self.disagreements.top.push(LevelDisagreement {
            value: group.raw.as_ref().to_owned(),
            by_column,
            by_title,
            rows: group.rows,
            example: group.example.as_ref().to_owned(),
        });
        if self.disagreements.top.len() > 2 * self.top {
            self.cut_disagreements();
        }
    }

    fn cut_disagreements(&mut self) {
        cut(&mut self.disagreements.top, self.top, |row| {
            (Reverse(row.rows), row.value.clone(), row.by_title)
        });
    }

    fn finish(&mut self, folded: HashMap<Box<str>, BTreeMap<u8, u64>>) {
        self.cut_disagreements();
        let several = folded.into_iter().filter(|(_, levels)| levels.len() > 1);
        let mut several: Vec<_> =
            several.map(|(value, levels)| SeveralLevels { value: value.into(), levels }).collect();
        let rows = |value: &SeveralLevels| value.levels.values().sum::<u64>();
        self.several.all = several.len() as u64;
        self.several.rows = several.iter().map(rows).sum();
        cut(&mut several, self.top, |value| (Reverse(rows(value)), value.value.clone()));
        self.several.top = several;
    }
}

/// Sorts by `key` and keeps the first `top`.
fn cut<T, K: Ord>(list: &mut Vec<T>, top: usize, key: impl FnMut(&T) -> K) {
    list.sort_by_cached_key(key);
    list.truncate(top);
}
