//! Scores of all records in groups: by source, attribute, field, month or grade.

use super::show::points;
use crate::Engine;
use firmograph_core::{
    Day, EntityKind, Error, ErrorKind, QUALITY_PARTS, Quality, Source, apportion, quality_fields,
};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// By what a report groups.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum QualityBy {
    /// All companies, and all persons.
    #[default]
    Entity,
    /// Records of which a source speaks; one of which two speak counts for both.
    Source,
    /// Attributes, of all records.
    Attribute,
    /// Fields, of all records.
    Field,
    /// The month in which a record was last verified.
    Month,
    /// The letter for completeness.
    Grade,
}

impl QualityBy {
    /// Every way.
    pub const ALL: [QualityBy; 6] = [
        QualityBy::Entity,
        QualityBy::Source,
        QualityBy::Attribute,
        QualityBy::Field,
        QualityBy::Month,
        QualityBy::Grade,
    ];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            QualityBy::Entity => "entity",
            QualityBy::Source => "source",
            QualityBy::Attribute => "attribute",
            QualityBy::Field => "field",
            QualityBy::Month => "month",
            QualityBy::Grade => "grade",
        }
    }

    /// The way of this name.
    ///
    /// # Errors
    /// `unknown-group` (usage) where there is none.
    pub fn from_name(name: &str) -> Result<Self, Error> {
        QualityBy::ALL.into_iter().find(|by| by.name() == name).ok_or_else(|| {
            let names = QualityBy::ALL.map(QualityBy::name);
            Error::new(ErrorKind::Usage, "unknown-group", format!("a report is not grouped by {name:?}"))
                .with_help(format!("use one of {}", names.join(", ")))
        })
    }
}

/// What is reported.
#[derive(Debug, Clone, Default)]
pub struct QualityReportOptions {
    /// Groups.
    pub by: QualityBy,
    /// Ages as of this day instead of that on which each record was scored.
    pub as_of: Option<Day>,
    /// Only records of which this source speaks.
    pub source: Option<Source>,
}

/// The mean of a group, in hundredths of a point; the parts sum to the score.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QualityGroup {
    /// Company or person.
    pub kind: EntityKind,
    /// Name of the group.
    pub group: String,
    /// Records in it.
    pub records: u64,
    /// Mean score.
    pub score: i64,
    /// What each part gives to it.
    pub parts: [i64; 5],
    /// Share of the critical fields that are there; of a field, of the records that have it.
    pub filled: i64,
}

impl QualityGroup {
    /// As a row of JSON.
    #[must_use]
    pub fn to_json(&self, by: QualityBy) -> Map<String, Value> {
        let mut row = Map::new();
        row.insert("entity".to_owned(), json!(self.kind.name()));
        if by != QualityBy::Entity {
            row.insert(by.name().to_owned(), json!(self.group));
        }
        row.insert("records".to_owned(), json!(self.records));
        row.insert("score".to_owned(), points(self.score));
        row.extend(
            QUALITY_PARTS.iter().zip(self.parts).map(|(part, value)| ((*part).to_owned(), points(value))),
        );
        row.insert("filled_percent".to_owned(), points(self.filled));
        row
    }
}

/// Sums over the records of a group.
#[derive(Debug, Default)]
struct Sums {
    records: u64,
    parts: [i64; 5],
    filled: i64,
}

impl Sums {
    fn add(&mut self, parts: [i64; 5], filled: i64) {
        self.records += 1;
        self.parts.iter_mut().zip(parts).for_each(|(sum, part)| *sum += part);
        self.filled += filled;
    }
}

/// Scores read at a time.
pub(super) const PAGE: usize = 20_000;

/// Groups in the order in which they are told.
type Groups = BTreeMap<(usize, String), Sums>;

impl QualityReportOptions {
    /// What the numbers of a report are about, as a line below the title of its picture.
    #[must_use]
    pub fn note(&self) -> String {
        let of = self.source.as_ref().map(|source| format!("records of which {source} speaks, "));
        let day =
            self.as_of.map_or("the day on which each record was scored".to_owned(), |day| day.to_string());
        format!("points of 100, {}as of {day}", of.unwrap_or_default())
    }
}

impl Engine {
    /// The mean scores of groups of records, in a stable order: fields and attributes as they are declared, grades from the best on,
    /// the others by name.
    ///
    /// # Errors
    /// `unknown-source` (usage) when no scored record is spoken of by the source asked for; or when the database does not answer.
    pub async fn quality_report(
        &mut self,
        options: &QualityReportOptions,
    ) -> Result<Vec<QualityGroup>, Error> {
        let mut all = Vec::new();
        let mut seen = super::check::Seen::default();
        for kind in [EntityKind::Company, EntityKind::Person] {
            let (mut groups, mut after) = (Groups::new(), String::new());
            loop {
                let page = self.store.quality_page(kind, &after, PAGE).await?;
                let Some(last) = page.last() else { break };
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
                    add(&mut groups, options.by, &quality);
                }
            }
            all.extend(groups.into_iter().map(|((_, group), sums)| told(kind, group, sums)));
        }
        seen.has(options.source.as_ref())?;
        Ok(all)
    }
}

fn told(kind: EntityKind, group: String, sums: Sums) -> QualityGroup {
    let Sums { records, mut parts, filled } = sums;
    let score = apportion(&mut parts, records as i64);
    QualityGroup { kind, group, records, score, parts, filled: filled / (records as i64).max(1) }
}

fn add(groups: &mut Groups, by: QualityBy, quality: &Quality) {
    let mut put = |order: usize, group: String, parts: [i64; 5], filled: i64| {
        groups.entry((order, group)).or_default().add(parts, filled);
    };
    let (parts, filled) = (quality.parts, quality.completeness);
    match by {
        QualityBy::Entity => put(0, quality.kind.name().to_owned(), parts, filled),
        QualityBy::Source if quality.sources.is_empty() => put(1, NOBODY.to_owned(), parts, filled),
        QualityBy::Source => {
            quality.sources.iter().for_each(|source| put(0, source.to_string(), parts, filled))
        }
        QualityBy::Month => match quality.verified_at {
            Some(time) => put(0, Day::of(time).to_string().chars().take(7).collect(), parts, filled),
            None => put(1, "unknown".to_owned(), parts, filled),
        },
        QualityBy::Grade => put(grade_order(quality.grade), quality.grade.to_owned(), parts, filled),
        QualityBy::Attribute => {
            for of in &quality.attributes {
                let fields = quality_fields(quality.kind).iter().zip(&quality.fields);
                let fields = fields.filter(|(spec, _)| spec.attribute == of.attribute);
                let (all, there) = fields.fold((0, 0), |(all, there), (spec, field)| {
                    (all + spec.weight, there + spec.weight * i64::from(field.is_some()))
                });
                put(
                    of.attribute as usize,
                    of.attribute.spec().name.to_owned(),
                    of.parts,
                    there * 10_000 / all.max(1),
                );
            }
        }
        QualityBy::Field => {
            for (order, (spec, field)) in quality_fields(quality.kind).iter().zip(&quality.fields).enumerate()
            {
                let parts = field.as_ref().map_or([0; 5], |field| field.parts);
                put(order, spec.name.to_owned(), parts, 10_000 * i64::from(field.is_some()));
            }
        }
    }
}

/// In whose name a value counts that no source is known to have said.
pub(super) const NOBODY: &str = "(nobody)";

fn grade_order(grade: &str) -> usize {
    ["A+", "A", "B", "C", "D", "F"].iter().position(|known| *known == grade).unwrap_or(usize::MAX)
}
