//! When what is known is good enough.

use super::{WaterfallAttribute, bad};
use crate::{Engine, Entity};
use firmograph_core::{Attribute, Dimension, Error, MicroDollars, Scalar};
use serde::{Deserialize, Deserializer};
use std::sync::Arc;

/// Grades an attribute of a company or person, 0 to 100; `None` where there is nothing to grade.
pub type QualityOf = Arc<dyn Fn(&Entity, Attribute) -> Option<u8> + Send + Sync>;

/// When nobody is asked for an attribute any more. What is asked is what is stored: the golden record and what each source says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopCondition {
    /// There is a value.
    Present,
    /// There is a standard value.
    Matched,
    /// There is a standard value that is at least so sure, in percent.
    Confidence(u8),
    /// So many sources say the same as the winner, itself counted.
    Agreement(u32),
    /// A provider said of the value shown that it checked it ([`ProviderAnswer::verified`](super::ProviderAnswer)).
    Verified,
    /// The attribute is graded at least so.
    Quality(u8),
    /// Never: everybody is asked.
    Never,
}

impl StopCondition {
    pub(super) fn check(self, of: &str) -> Result<(), Error> {
        match self {
            StopCondition::Agreement(0) => Err(bad(format!("{of}: an agreement of no source always holds"))),
            StopCondition::Confidence(percent) | StopCondition::Quality(percent) if percent > 100 => {
                Err(bad(format!("{of}: {percent} is more than 100")))
            }
            _ => Ok(()),
        }
    }

    /// Whether it holds.
    pub(super) async fn holds(
        self,
        of: &WaterfallAttribute,
        entity: Option<&Entity>,
        engine: &mut Engine,
        quality: Option<&QualityOf>,
    ) -> Result<bool, Error> {
        let Some(entity) = entity else { return Ok(false) };
        let Some(shown) = shown(entity, of) else { return Ok(false) };
        let is_sure = |percent: u8| {
            let evidence = shown.matched().map(|value| &value.evidence);
            // Steps of 0.01, which binary fractions miss by less than a half of one.
            evidence.is_some_and(|evidence| (evidence.confidence * 100.0).round() >= f64::from(percent))
        };
        Ok(match self {
            StopCondition::Present => true,
            StopCondition::Matched => is_matched(shown, of),
            StopCondition::Confidence(percent) => is_matched(shown, of) && is_sure(percent),
            StopCondition::Agreement(sources) => agreeing(of, Some(entity)) >= sources as usize,
            StopCondition::Verified => {
                let mut payloads = Vec::new();
                for row in said(entity, of).filter(|row| same(shown, row, of)) {
                    payloads.push(row.first().payload);
                }
                for payload in payloads {
                    if let Some((_, body, _)) = engine.store().payload(payload).await?
                        && super::answer::is_verified(&body)
                    {
                        return Ok(true);
                    }
                }
                false
            }
            StopCondition::Quality(least) => {
                let grade = quality.and_then(|quality| quality(entity, of.attribute));
                grade.is_some_and(|grade| grade >= least)
            }
            StopCondition::Never => false,
        })
    }
}

/// Sources that say the same as the winner, itself counted.
pub(super) fn agreeing(of: &WaterfallAttribute, entity: Option<&Entity>) -> usize {
    let shown = entity.and_then(|entity| Some((entity, shown(entity, of)?)));
    shown.map_or(0, |(entity, shown)| said(entity, of).filter(|row| same(shown, row, of)).count())
}

/// Rows that say something of the attribute, or of its part.
fn said<'e>(entity: &'e Entity, of: &WaterfallAttribute) -> impl Iterator<Item = &'e Dimension> {
    let (attribute, part) = (of.attribute, of.part);
    entity.dimensions.iter().filter(move |row| {
        row.attribute() == attribute
            && part.map_or(row.raw().filled() > 0, |part| row.raw().part(part).is_some())
    })
}

/// The row that is believed: the best of those that say something.
fn shown<'e>(entity: &'e Entity, of: &WaterfallAttribute) -> Option<&'e Dimension> {
    let (_, result) = entity.coalesced.iter().find(|(attribute, _)| *attribute == of.attribute)?;
    let order = std::iter::once(result.winner).chain(result.losers.iter().map(|loss| loss.index));
    let mut rows = order.filter_map(|index| entity.dimensions.get(index));
    rows.find(|row| of.part.is_none_or(|part| row.raw().part(part).is_some()))
}

/// The matched column by which values are compared.
fn column(of: &WaterfallAttribute) -> Option<usize> {
    match of.part {
        Some(part) => of.attribute.matched(of.attribute.spec().parts.get(part)?),
        // A legal form more or less is the same name.
        None if of.attribute == Attribute::CompanyName => of.attribute.matched("name_key"),
        None => Some(0),
    }
}

fn standard<'e>(row: &'e Dimension, of: &WaterfallAttribute) -> Option<&'e Scalar> {
    let scalar = row.matched()?.columns.get(column(of)?)?;
    (*scalar != Scalar::Null).then_some(scalar)
}

fn is_matched(row: &Dimension, of: &WaterfallAttribute) -> bool {
    match of.part.and(column(of)) {
        Some(_) => standard(row, of).is_some(),
        None => row.matched().is_some(),
    }
}

/// Whether two rows say the same: by their standard values, else by their text.
fn same(one: &Dimension, other: &Dimension, of: &WaterfallAttribute) -> bool {
    match (standard(one, of), standard(other, of)) {
        (Some(one), Some(other)) => one == other,
        (None, None) => match of.part {
            Some(part) => one.raw().part(part) == other.raw().part(part),
            None => one.raw() == other.raw(),
        },
        _ => false,
    }
}

impl<'de> Deserialize<'de> for StopCondition {
    /// `"present"`, `"matched"`, `"verified"`, `"never"`, `{ confidence = "90%" }`, `{ agreement = 2 }`, `{ quality = 80 }`.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Name(String),
            Confidence { confidence: String },
            Agreement { agreement: u32 },
            Quality { quality: u8 },
        }
        let wrong = |text: &str| {
            serde::de::Error::custom(format!(
                "{text:?} is no condition: write present, matched, verified, never, {{ confidence = \"90%\" }}, \
                 {{ agreement = 2 }} or {{ quality = 80 }}"
            ))
        };
        Ok(match Written::deserialize(deserializer)? {
            Written::Name(name) => match name.as_str() {
                "present" => StopCondition::Present,
                "matched" => StopCondition::Matched,
                "verified" => StopCondition::Verified,
                "never" => StopCondition::Never,
                other => return Err(wrong(other)),
            },
            Written::Confidence { confidence } => {
                let percent = confidence.strip_suffix('%').and_then(|text| text.parse::<MicroDollars>().ok());
                let whole = percent.filter(|percent| percent.micros() % 1_000_000 == 0);
                let percent = whole.and_then(|percent| u8::try_from(percent.micros() / 1_000_000).ok());
                let percent = percent.filter(|percent| *percent <= 100);
                StopCondition::Confidence(percent.ok_or_else(|| wrong(&format!("confidence {confidence}")))?)
            }
            Written::Agreement { agreement } => StopCondition::Agreement(agreement),
            Written::Quality { quality } => StopCondition::Quality(quality),
        })
    }
}
