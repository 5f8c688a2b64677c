//! Whether the records keep the limits that somebody set, and which source is to blame where they do not.

use super::gate::{GateOf, Measure, QualityGate, unknown};
use super::report::{NOBODY, PAGE};
use super::show::points;
use crate::Engine;
use firmograph_core::{Day, EntityKind, Error, ErrorKind, Quality, Scalar, Source};
use firmograph_normalize::is_placeholder;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The source that costs a limit most.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AtFault {
    /// Its name; `(nobody)` where no source is known to have spoken of the records.
    pub source: String,
    /// Records of which it speaks and that are below the limit, or lack the value.
    pub records: u64,
    /// Records of which it speaks at all.
    pub of: u64,
}

/// How one limit is kept by the records of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GateResult {
    /// `min` or `max-null`.
    pub rule: &'static str,
    /// What is measured.
    pub name: String,
    /// Company or person.
    pub kind: EntityKind,
    /// The limit, in hundredths of a percent.
    pub limit: i64,
    /// What was found; the mean is cut off, the share rounded up, so that no limit that was missed looks kept.
    pub value: i64,
    /// Records that were asked.
    pub records: u64,
    /// Golden records without a score, which this limit would have to be held against, too. While there are any, it is not kept.
    pub not_scored: u64,
    /// Whether the limit is kept.
    pub passed: bool,
    /// Who costs it most, where it is not kept: of all sources that speak of records below the limit, the one to whose records
    /// most is missing.
    pub at_fault: Option<AtFault>,
}

impl GateResult {
    /// By how much the limit is missed, in hundredths of a percent; 0 where what was asked keeps it.
    #[must_use]
    pub fn missed_by(&self) -> i64 {
        match self.rule {
            MIN => (self.limit - self.value).max(0),
            _ => (self.value - self.limit).max(0),
        }
    }

    /// As a row of JSON.
    #[must_use]
    pub fn to_json(&self) -> Map<String, Value> {
        let fault = self.at_fault.as_ref();
        let cells = [
            ("gate", json!(self.rule)),
            ("name", json!(self.name)),
            ("entity", json!(self.kind.name())),
            ("limit", points(self.limit)),
            ("value", points(self.value)),
            ("passed", json!(self.passed)),
            ("missed_by", points(self.missed_by())),
            ("records", json!(self.records)),
            ("not_scored", json!(self.not_scored)),
            ("at_fault", json!(fault.map(|fault| &fault.source))),
            ("at_fault_records", json!(fault.map(|fault| fault.records))),
            ("at_fault_of", json!(fault.map(|fault| fault.of))),
        ];
        cells.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

const MIN: &str = "min";
const MAX_NULL: &str = "max-null";

/// Sources that records were seen to have.
#[derive(Debug, Default)]
pub(super) struct Seen(BTreeSet<String>);

impl Seen {
    pub(super) fn see(&mut self, sources: &[Source]) {
        for source in sources {
            if !self.0.contains(source.as_str()) {
                self.0.insert(source.to_string());
            }
        }
    }

    fn is_seen(&self, source: &Source) -> bool {
        self.0.contains(source.as_str())
    }

    /// Refuses a source of which there is nothing.
    pub(super) fn has(&self, source: Option<&Source>) -> Result<(), Error> {
        match source {
            Some(source) if !self.is_seen(source) => {
                let names: Vec<&str> = self.0.iter().map(String::as_str).collect();
                Err(unknown("unknown-source", "source of a scored record", source.as_str(), &names))
            }
            _ => Ok(()),
        }
    }
}

/// What a check is about.
#[derive(Debug, Clone, Default)]
pub struct QualityCheckOptions {
    /// The limits.
    pub gates: Vec<QualityGate>,
    /// Only records of which this source speaks.
    pub source: Option<Source>,
    /// Ages as of this day instead of that on which each record was scored.
    pub as_of: Option<Day>,
}

/// A part of a whole, before anything is rounded.
#[derive(Debug, Clone, Copy)]
struct Share {
    part: i64,
    /// The same for every record of a kind.
    whole: i64,
}

/// What is missing, by source.
#[derive(Debug, Default)]
struct Tally {
    records: u64,
    sum: i64,
    /// What the sum could be of one record.
    whole: i64,
    /// What is missing, records that lack it, records at all.
    by_source: BTreeMap<String, (i64, u64, u64)>,
}

impl Tally {
    fn add(&mut self, value: Share, missing: i64, sources: &[Source]) {
        self.records += 1;
        self.sum += value.part;
        self.whole = value.whole;
        let mut count = |source: &str| {
            if !self.by_source.contains_key(source) {
                self.by_source.insert(source.to_owned(), (0, 0, 0));
            }
            if let Some((all, lacking, records)) = self.by_source.get_mut(source) {
                *all += missing;
                *lacking += u64::from(missing > 0);
                *records += 1;
            }
        };
        match sources {
            [] => count(NOBODY),
            some => some.iter().for_each(|source| count(source.as_str())),
        }
    }

    fn at_fault(&self) -> Option<AtFault> {
        // The first by name of equal ones: the last of a maximum is taken, so names are asked from behind.
        let worst = self.by_source.iter().rev().max_by_key(|(_, (missing, _, _))| *missing)?;
        let (source, &(_, records, of)) = worst;
        (records > 0).then(|| AtFault { source: source.clone(), records, of })
    }
}

impl Engine {
    /// Holds every limit against the records of each kind. A limit of both kinds passes over one of which there are no records. A limit
    /// that scores are needed for is not kept while golden records have none: nobody can say whether they would keep it.
    ///
    /// # Errors
    /// `nothing-to-check` (data) when there are no records that a limit could be held against, `unknown-source` (usage) when no record
    /// is spoken of by the source asked for; or when the database does not answer.
    pub async fn quality_check(&mut self, options: &QualityCheckOptions) -> Result<Vec<GateResult>, Error> {
        let mut results = Vec::new();
        let mut seen = Seen::default();
        let mut is_held = vec![false; options.gates.len()];
        for kind in [EntityKind::Company, EntityKind::Person] {
            let mut tallies: Vec<Tally> = options.gates.iter().map(|_| Tally::default()).collect();
            if options.gates.iter().any(|gate| matches!(gate.of, GateOf::Min(_))) {
                self.measure(kind, options, &mut seen, &mut tallies).await?;
            }
            self.count_nulls(kind, options, &mut seen, &mut tallies).await?;
            let is_about = |gate: &QualityGate| gate.columns(kind).is_some() || gate.is_min();
            // Who speaks of a record is known by its score alone.
            let needs_scores = |gate: &QualityGate| gate.is_min() || options.source.is_some();
            let not_scored = match options.gates.iter().any(|gate| is_about(gate) && needs_scores(gate)) {
                true => self.store.golden_without_quality(kind).await?,
                false => 0,
            };
            for ((gate, tally), is_held) in options.gates.iter().zip(tallies).zip(&mut is_held) {
                let not_scored = if needs_scores(gate) { not_scored } else { 0 };
                if is_about(gate) && (tally.records > 0 || not_scored > 0) {
                    *is_held = true;
                    results.push(result(gate, kind, &tally, not_scored));
                }
            }
        }
        self.see_all(options, &mut seen).await?;
        seen.has(options.source.as_ref())?;
        match options.gates.iter().zip(is_held).find(|(_, is_held)| !is_held) {
            Some((gate, _)) => Err(nothing_to_check(gate, options.source.as_ref())),
            None => Ok(results),
        }
    }

    /// Sees the sources of all scored records, where the one asked for was not seen yet: limits of companies alone look at no person.
    async fn see_all(&mut self, options: &QualityCheckOptions, seen: &mut Seen) -> Result<(), Error> {
        let Some(source) = &options.source else { return Ok(()) };
        for kind in [EntityKind::Company, EntityKind::Person] {
            let mut after = String::new();
            while !seen.is_seen(source) {
                let page = self.store.golden_with_sources(kind, &[], &after, PAGE).await?;
                let Some((last, _)) = page.last() else { break };
                after = last.to_string();
                for (_, row) in &page {
                    seen.see(&sources_of(row.sources.as_deref())?);
                }
            }
        }
        Ok(())
    }

    /// Adds every scored record to the tallies of the measures.
    async fn measure(
        &mut self,
        kind: EntityKind,
        options: &QualityCheckOptions,
        seen: &mut Seen,
        tallies: &mut [Tally],
    ) -> Result<(), Error> {
        let mut after = String::new();
        loop {
            let page = self.store.quality_page(kind, &after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = last.key.to_string();
            for row in &page {
                let mut quality = row.quality(kind)?;
                seen.see(&quality.sources);
                if options.source.as_ref().is_some_and(|only| !quality.sources.contains(only)) {
                    continue;
                }
                if let Some(as_of) = options.as_of {
                    quality = quality.at(as_of);
                }
                for (gate, tally) in options.gates.iter().zip(&mut *tallies) {
                    if let GateOf::Min(measure) = gate.of {
                        let value = measured(measure, &quality);
                        let missing = gate.limit * value.whole - value.part * 10_000;
                        tally.add(value, missing.max(0), &quality.sources);
                    }
                }
            }
        }
    }

    /// Adds every golden row to the tallies of columns.
    async fn count_nulls(
        &mut self,
        kind: EntityKind,
        options: &QualityCheckOptions,
        seen: &mut Seen,
        tallies: &mut [Tally],
    ) -> Result<(), Error> {
        let wanted: Vec<_> = options
            .gates
            .iter()
            .enumerate()
            .filter_map(|(index, gate)| Some((index, gate.columns(kind)?)))
            .collect();
        if wanted.is_empty() {
            return Ok(());
        }
        let columns: Vec<_> = wanted.iter().flat_map(|(_, columns)| columns.iter().copied()).collect();
        let mut after = String::new();
        loop {
            let page = self.store.golden_with_sources(kind, &columns, &after, PAGE).await?;
            let Some((last, _)) = page.last() else { return Ok(()) };
            after = last.to_string();
            for (_, row) in &page {
                let sources = sources_of(row.sources.as_deref())?;
                seen.see(&sources);
                if options.source.as_ref().is_some_and(|only| !sources.contains(only)) {
                    continue;
                }
                let mut values = row.values.iter();
                for (index, columns) in &wanted {
                    let is_there =
                        values.by_ref().take(columns.len()).filter(|value| says(value)).count() > 0;
                    let missing = i64::from(!is_there);
                    tallies[*index].add(Share { part: missing, whole: 1 }, missing, &sources);
                }
            }
        }
    }
}

fn measured(measure: Measure, quality: &Quality) -> Share {
    let (part, whole) = match measure {
        Measure::Score => (quality.score, 10_000),
        // What is there gives all that it can give to the first part.
        Measure::Completeness => quality.share(0),
        Measure::Part(part) => quality.share(part),
    };
    Share { part, whole }
}

fn nothing_to_check(gate: &QualityGate, source: Option<&Source>) -> Error {
    let kinds = [EntityKind::Company, EntityKind::Person].into_iter();
    let kinds: Vec<_> =
        kinds.filter(|kind| gate.is_min() || gate.columns(*kind).is_some()).map(EntityKind::name).collect();
    let kinds = kinds.join(" or ");
    let of = source.map_or_else(String::new, |source| format!(" of which {source} speaks"));
    let message = format!("there is no {kinds}{of} to hold the limit of {:?} against", gate.name);
    Error::new(ErrorKind::Data, "nothing-to-check", message)
        .with_help("ingest some, or `firmograph quality refresh` where they were never scored")
}

fn says(value: &Scalar) -> bool {
    match value {
        Scalar::Null => false,
        Scalar::Int(_) => true,
        Scalar::Text(text) => !is_placeholder(text),
    }
}

fn sources_of(json: Option<&str>) -> Result<Vec<Source>, Error> {
    let names: Vec<String> = json.and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default();
    names.iter().map(|name| Source::new(name)).collect()
}

fn result(gate: &QualityGate, kind: EntityKind, tally: &Tally, not_scored: u64) -> GateResult {
    let records = tally.records as i64;
    // Hundredths of a percent of all that there could be.
    let (found, all) = (tally.sum * 10_000, (tally.whole * records).max(1));
    let (rule, value, keeps) = match gate.of {
        GateOf::Min(_) => (MIN, found / all, found >= gate.limit * all),
        GateOf::MaxNull(_) => (MAX_NULL, (found + all - 1) / all, found <= gate.limit * all),
    };
    let at_fault = if keeps { None } else { tally.at_fault() };
    let (name, limit, passed) = (gate.name.clone(), gate.limit, keeps && not_scored == 0);
    GateResult { rule, name, kind, limit, value, records: tally.records, not_scored, passed, at_fault }
}
