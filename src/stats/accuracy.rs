//! Whether stored standard values are still what the rules and tables of today say, by a sample that is the same wherever it is taken.

use super::{StatsOptions, share};
use crate::Engine;
use crate::matching::match_value;
use crate::report::MATCHABLE;
use firmograph_core::{Attribute, Dimension, Error, MatchedValue, Scalar};
use serde::Serialize;
use std::collections::BTreeSet;

/// Stored values that were matched anew.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct AccuracySample {
    /// How many, by attribute; attributes of which nothing is stored are left out.
    pub attributes: Vec<AttributeAccuracy>,
    /// Some of those that are matched otherwise now; `rebuild` would change them.
    pub changed: Vec<ChangedValue>,
}

/// How much of one attribute still agrees.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AttributeAccuracy {
    /// The attribute.
    pub attribute: &'static str,
    /// Values that were matched anew.
    pub sampled: u64,
    /// Those with the same standard value as stored, or none as stored.
    pub agreeing: u64,
}

/// A value that is matched otherwise now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChangedValue {
    /// The attribute.
    pub attribute: &'static str,
    /// Of whom it is.
    pub key: String,
    /// Who says it.
    pub source: String,
    /// What it says.
    pub raw: Vec<Option<String>>,
    /// The standard value that is stored, column by column.
    pub stored: Option<Vec<Option<String>>>,
    /// The one of now.
    pub now: Option<Vec<Option<String>>>,
}

impl AttributeAccuracy {
    /// The share that agrees, from 0 to 1.
    #[must_use]
    pub fn ratio(&self) -> f64 {
        share(self.agreeing, self.sampled)
    }
}

impl Engine {
    pub(super) async fn accuracy_sample(&mut self, options: &StatsOptions) -> Result<AccuracySample, Error> {
        let mut sample = AccuracySample::default();
        if options.accuracy_rows == 0 {
            return Ok(sample);
        }
        for &attribute in MATCHABLE {
            let places = self.store.sample_of(attribute, options.accuracy_rows).await?;
            let keys: BTreeSet<&str> = places.iter().map(|(key, _)| &**key).collect();
            let keys: Vec<&str> = keys.into_iter().collect();
            let sampled: BTreeSet<(&str, &str)> =
                places.iter().map(|(key, source)| (&**key, &**source)).collect();
            let mut rows = self.store.dimensions(attribute, &keys).await?;
            rows.retain(|row| sampled.contains(&(row.key(), row.source().as_str())));
            rows.sort_by(|a, b| a.place().cmp(&b.place()));
            let mut of = AttributeAccuracy { attribute: attribute.spec().name, sampled: 0, agreeing: 0 };
            for row in &rows {
                let now = match_value(attribute, row.raw(), &self.pipeline_options(row.source().clone()));
                let agrees =
                    row.matched().map(|matched| &matched.columns) == now.as_ref().map(|now| &now.columns);
                of.sampled += 1;
                of.agreeing += u64::from(agrees);
                if !agrees && sample.changed.len() < options.changed_rows {
                    sample.changed.push(changed(attribute, row, now));
                }
            }
            if of.sampled > 0 {
                sample.attributes.push(of);
            }
        }
        Ok(sample)
    }
}

fn changed(attribute: Attribute, row: &Dimension, now: Option<MatchedValue>) -> ChangedValue {
    let shown = |matched: &MatchedValue| {
        let cells = matched.columns.iter().map(|cell| match cell {
            Scalar::Null => None,
            Scalar::Int(number) => Some(number.to_string()),
            Scalar::Text(text) => Some(text.to_string()),
        });
        cells.collect::<Vec<Option<String>>>()
    };
    let spec = attribute.spec();
    ChangedValue {
        attribute: spec.name,
        key: row.key().to_owned(),
        source: row.source().to_string(),
        raw: row.raw().parts(spec.parts.len()).map(|part| part.map(str::to_owned)).collect(),
        stored: row.matched().map(|matched| shown(matched)),
        now: now.as_ref().map(shown),
    }
}
