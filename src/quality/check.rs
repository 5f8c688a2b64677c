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
    /// Whether the limit is kept.
    pub passed: bool,
    /// Who costs it most, where it is not kept: of all sources that speak of records below the limit, the one to whose records
    /// most is missing.
    pub at_fault: Option<AtFault>,
}

impl GateResult {
    /// By how much the limit is missed, in hundredths of a percent; 0 where it is kept.
    #[must_use]
    pub fn missed_by(&self) -> i64 {
        if self.passed { 0 } else { (self.limit - self.value).abs() }
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
            ("at_fault", json!(fault.map(|fault| &fault.source))),
            ("at_fault_records", json!(fault.map(|fault| fault.records))),
            ("at_fault_of", json!(fault.map(|fault| fault.of))),
        ];
        cells.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

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

    /// Refuses a source of which there is nothing.
    pub(super) fn has(&self, source: Option<&Source>) -> Result<(), Error> {
        match source {
            Some(source) if !self.0.contains(source.as_str()) => {
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

/// What is missing, by source.
#[derive(Debug, Default)]
struct Tally {
    records: u64,
    sum: i64,
    /// What is missing, records that lack it, records at all.
    by_source: BTreeMap<String, (i64, u64, u64)>,
}

impl Tally {
    fn add(&mut self, value: i64, missing: i64, sources: &[Source]) {
        self.records += 1;
        self.sum += value;
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
    /// Holds every limit against the records of each kind. Kinds of which there are no records are passed over.
    ///
    /// # Errors
    /// `nothing-to-check` (data) when there are no records at all, `unknown-source` (usage) when no record is spoken of by the
    /// source asked for; or when the database does not answer.
    pub async fn quality_check(&mut self, options: &QualityCheckOptions) -> Result<Vec<GateResult>, Error> {
        let mut results = Vec::new();
        let (mut seen, mut is_any) = (Seen::default(), false);
        for kind in [EntityKind::Company, EntityKind::Person] {
            let mut tallies: Vec<Tally> = options.gates.iter().map(|_| Tally::default()).collect();
            if options.gates.iter().any(|gate| matches!(gate.of, GateOf::Min(_))) {
                self.measure(kind, options, &mut seen, &mut tallies).await?;
            }
            self.count_nulls(kind, options, &mut seen, &mut tallies).await?;
            for (gate, tally) in options.gates.iter().zip(tallies).filter(|(_, tally)| tally.records > 0) {
                is_any = true;
                results.push(result(gate, kind, &tally));
            }
        }
        seen.has(options.source.as_ref())?;
        if !is_any && !options.gates.is_empty() {
            return Err(Error::new(
                ErrorKind::Data,
                "nothing-to-check",
                "there are no records to check".to_owned(),
            )
            .with_help("ingest some, or `firmograph quality refresh` where they were never scored"));
        }
        Ok(results)
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
                        tally.add(value, (gate.limit - value).max(0), &quality.sources);
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
            .filter_map(|(index, gate)| match &gate.of {
                GateOf::MaxNull(found) => Some((index, &found.iter().find(|(of, _)| *of == kind)?.1)),
                GateOf::Min(_) => None,
            })
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
                    tallies[*index].add(missing, missing, &sources);
                }
            }
        }
    }
}

fn measured(measure: Measure, quality: &Quality) -> i64 {
    match measure {
        Measure::Score => quality.score,
        Measure::Completeness => quality.completeness,
        Measure::Part(part) => quality.percent(part),
    }
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

fn result(gate: &QualityGate, kind: EntityKind, tally: &Tally) -> GateResult {
    let records = tally.records as i64;
    let (rule, value, passed) = match gate.of {
        GateOf::Min(_) => ("min", tally.sum / records, tally.sum >= gate.limit * records),
        GateOf::MaxNull(_) => {
            let share = (tally.sum * 10_000 + records - 1) / records;
            ("max-null", share, tally.sum * 10_000 <= gate.limit * records)
        }
    };
    let at_fault = if passed { None } else { tally.at_fault() };
    let (name, limit) = (gate.name.clone(), gate.limit);
    GateResult { rule, name, kind, limit, value, records: tally.records, passed, at_fault }
}
