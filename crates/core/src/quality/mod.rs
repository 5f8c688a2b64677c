//! How good a golden record is, in hundredths of a point, from stored facts alone.
//!
//! The declared table is `data/quality.csv`. A *field* is one fact that the score counts; it has five parts, each a percentage
//! of what the part weighs, so they sum to the field's score. The score of an attribute is the mean of its fields, that of the
//! record the mean of all fields, both by the fields' weights. Each is rounded once, half up, and its parts (and what each
//! attribute adds to the record) are that sum dealt out by largest remainders, so that parts always sum to the whole. A field
//! that is not there has nothing. A value that no source is known to have said counts for its completeness alone.

mod day;
mod judge;
mod stored;
mod table;
#[cfg(test)]
mod tests;

pub use day::Day;
pub use judge::{Mailbox, Meaning, Scoring, quality};
pub use table::{QUALITY_PARTS, QUALITY_VERSION, QualityField, quality_fields, quality_table};

use crate::{Attribute, EntityKind, Source, Timestamp};
use table::{TABLE, place};

/// What one field is worth, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldQuality {
    /// The source whose value it is; none where no source is known to have said it.
    pub by: Option<Source>,
    /// The day on which that source saw it.
    pub day: Option<Day>,
    /// Other sources that say the same.
    pub agree: Vec<Source>,
    /// Other sources that say something else.
    pub differ: Vec<Source>,
    /// Hundredths of a point that each of [`QUALITY_PARTS`] gives.
    pub parts: [i64; 5],
}

impl FieldQuality {
    /// The score: 0 to 10,000 hundredths of a point.
    #[must_use]
    pub fn score(&self) -> i64 {
        self.parts.iter().sum()
    }
}

/// What one attribute is worth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttributeQuality {
    /// Which.
    pub attribute: Attribute,
    /// Hundredths of a point that it adds to the score of the record.
    pub points: i64,
    /// Its own score: 0 to 10,000.
    pub score: i64,
    /// What each part gives to its own score.
    pub parts: [i64; 5],
}

/// How good one golden record is as of one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quality {
    /// Company or person.
    pub kind: EntityKind,
    /// The day against which ages are told.
    pub as_of: Day,
    /// The score: 0 to 10,000 hundredths of a point.
    pub score: i64,
    /// What each of [`QUALITY_PARTS`] gives to the score.
    pub parts: [i64; 5],
    /// Share of the critical fields that are there, in hundredths of a percent, cut off.
    pub completeness: i64,
    /// The letter for that share.
    pub grade: &'static str,
    /// The attributes that the score counts, in the order of the list.
    pub attributes: Vec<AttributeQuality>,
    /// The fields that are there, in the order of [`quality_fields`].
    pub fields: Vec<Option<FieldQuality>>,
    /// Grade of a person's e-mail address; none without one.
    pub email_grade: Option<&'static str>,
    /// Score of the telephone numbers, 0 to 100; none without any.
    pub phone_score: Option<i64>,
    /// The newest day and time on which a source saw a value that won.
    pub verified_at: Option<Timestamp>,
    /// Every source that says anything about the record, by name.
    pub sources: Vec<Source>,
}

impl Quality {
    /// The same facts as of another day: freshness alone depends on it.
    #[must_use]
    pub fn at(&self, as_of: Day) -> Quality {
        let mut facts = self.clone();
        for field in facts.fields.iter_mut().flatten() {
            field.parts[3] = freshness(field, as_of) * TABLE.parts[3];
        }
        facts.as_of = as_of;
        facts.total()
    }

    /// A part as a percentage of what it could be, in hundredths of a percent, cut off.
    #[must_use]
    pub fn percent(&self, part: usize) -> i64 {
        let (given, most) = self.share(part);
        given * 10_000 / most.max(1)
    }

    /// A part before anything is rounded: what the fields give to it by their weights, and the most that they could give, which is the
    /// same for every record of a kind. A limit is held against this: parts of a score are dealt out, so they may be a hundredth off.
    #[must_use]
    pub fn share(&self, part: usize) -> (i64, i64) {
        let fields = quality_fields(self.kind);
        let given = fields.iter().zip(&self.fields).filter_map(|(spec, field)| {
            let points = field.as_ref()?.parts.get(part)?;
            Some(spec.weight * points)
        });
        let all: i64 = fields.iter().map(|spec| spec.weight).sum();
        (given.sum(), all * 100 * TABLE.parts.get(part).copied().unwrap_or_default())
    }

    /// Fills in what follows from the fields.
    fn total(mut self) -> Self {
        let fields = quality_fields(self.kind);
        let there =
            || self.fields.iter().zip(fields).filter_map(|(field, spec)| Some((field.as_ref()?, spec)));
        let all: i64 = fields.iter().map(|spec| spec.weight).sum();
        let filled: i64 = there().map(|(_, spec)| spec.weight).sum();
        let part_sums = |attribute: Option<Attribute>| {
            let mut sums = [0; 5];
            for (field, spec) in
                there().filter(|(_, spec)| attribute.is_none_or(|only| only == spec.attribute))
            {
                for (sum, part) in sums.iter_mut().zip(field.parts) {
                    *sum += spec.weight * part;
                }
            }
            sums
        };
        let mut counted: Vec<Attribute> = fields.iter().map(|spec| spec.attribute).collect();
        counted.sort_unstable();
        counted.dedup();
        let sums: Vec<[i64; 5]> = counted.iter().map(|&attribute| part_sums(Some(attribute))).collect();
        let mut points: Vec<i64> = sums.iter().map(|sums| sums.iter().sum()).collect();
        apportion(&mut points, all);
        let attributes = counted.iter().zip(sums).zip(points).map(|((&attribute, mut parts), points)| {
            let of = fields.iter().filter(|spec| spec.attribute == attribute);
            let score = apportion(&mut parts, of.map(|spec| spec.weight).sum());
            AttributeQuality { attribute, points, score, parts }
        });
        let (attributes, mut parts) = (attributes.collect(), part_sums(None));
        let score = apportion(&mut parts, all);
        let completeness = filled * 10_000 / all.max(1);
        let grades = &TABLE.grades[place(self.kind)];
        let grade =
            grades.iter().find(|(_, least)| completeness >= least * 100).map_or("", |(letter, _)| letter);
        (self.attributes, self.score, self.parts) = (attributes, score, parts);
        (self.completeness, self.grade) = (completeness, grade);
        self
    }
}

/// Divides each share by `by`, so that the shares are whole and sum to the sum divided by `by`, rounded half up: what is missing
/// goes to the largest remainders, of equal ones to the first. Gives the sum.
pub fn apportion(shares: &mut [i64], by: i64) -> i64 {
    let by = by.max(1);
    let whole = (2 * shares.iter().sum::<i64>() + by).div_euclid(2 * by);
    let mut order: Vec<usize> = (0..shares.len()).collect();
    order.sort_by_key(|&index| std::cmp::Reverse(shares[index] % by));
    for share in shares.iter_mut() {
        *share /= by;
    }
    let missing = whole - shares.iter().sum::<i64>();
    for &index in order.iter().take(usize::try_from(missing).unwrap_or_default()) {
        shares[index] += 1;
    }
    whole
}

fn freshness(field: &FieldQuality, as_of: Day) -> i64 {
    match &field.by {
        None => return 0,
        Some(by) if by.is_pin() => return TABLE.freshness_pinned,
        Some(_) => {}
    }
    let Some(day) = field.day else { return TABLE.unknown };
    // What was seen after that day was as fresh as can be.
    let age = as_of.since(day).max(0);
    TABLE.freshness.iter().find(|(days, _)| age < *days).map_or(TABLE.older, |(_, percent)| *percent)
}
