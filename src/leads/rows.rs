//! The rows of the lead tables, from the documents of one person or company. Pure: the same documents, in whatever order, give the
//! same rows.

use super::document::{CATEGORIES, Document, STATUSES};
use super::json::{canonical, time};
use super::note::lead_id;
use firmograph_core::{PayloadId, Timestamp, derived_id};
use firmograph_normalize::fold;
use firmograph_store::{LeadCell, LeadRow};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Places of the tables in [`firmograph_store::LEAD_TABLES`].
pub(crate) const LEAD: usize = 0;
pub(crate) const TECHNOGRAPHIC: usize = 1;
pub(crate) const RESEARCH: usize = 2;
pub(crate) const CITATION: usize = 3;
pub(crate) const SIGNAL: usize = 4;
pub(crate) const SCORE: usize = 5;
pub(crate) const FACTORS: usize = 6;

/// Rows of each table, by id.
pub(crate) type Rows = [BTreeMap<String, LeadRow>; 7];

/// A document with where it counts.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) payload: PayloadId,
    pub(crate) observed_at: Option<Timestamp>,
    /// The key that its company counts for.
    pub(crate) company: Option<Arc<str>>,
    pub(crate) document: Document,
}

impl Said {
    /// The newest is the greatest; of one time, who has come furthest.
    fn age(&self) -> (Option<Timestamp>, usize, PayloadId) {
        (self.observed_at, self.document.rank(), self.payload)
    }
}

/// Adds the rows of a person's leads; gives the lead of each document, in their order. `company_id` and `persona_id` are those of the
/// golden rows.
pub(crate) fn of_person(
    person: &str,
    persona_id: &str,
    said: &[Said],
    company_id: &dyn Fn(&str) -> Option<String>,
    rows: &mut Rows,
) -> Vec<String> {
    let mut leads = vec![String::new(); said.len()];
    for group in groups(said) {
        let mut of_group: Vec<&Said> = group.iter().map(|&index| &said[index]).collect();
        of_group.sort_by_key(|said| said.age());
        let by_name =
            |said: &&&Said| (said.document.names_company, said.document.research.is_some(), said.age());
        let company = of_group.iter().filter(|said| said.company.is_some()).max_by_key(by_name);
        let company = company.and_then(|said| said.company.as_deref());
        let id = lead_id(company, person);
        for index in group {
            leads[index].clone_from(&id);
        }
        let lead = Lead { id, company, company_id: company.and_then(company_id), person, persona_id };
        lead.rows(&of_group, rows);
    }
    leads
}

/// The documents of each lead: those of one company, by its key or by its name. A document that names no company, but by a mailbox,
/// is of the only lead there is.
fn groups(said: &[Said]) -> Vec<Vec<usize>> {
    let mut groups: Vec<(BTreeSet<String>, Vec<usize>)> = Vec::new();
    let tokens = |said: &Said| -> BTreeSet<String> {
        let names = said.document.companies.iter().map(|name| format!("name {}", fold(name)));
        said.company.iter().map(|key| format!("key {key}")).chain(names).collect()
    };
    let (naming, rest): (Vec<usize>, Vec<usize>) =
        (0..said.len()).partition(|&index| said[index].document.names_company);
    for index in naming {
        let (mut all, mut members) = (tokens(&said[index]), vec![index]);
        for (_, of_group) in groups.extract_if(.., |(known, _)| !known.is_disjoint(&all)).collect::<Vec<_>>()
        {
            members.extend(of_group);
        }
        for &member in &members {
            all.extend(tokens(&said[member]));
        }
        groups.push((all, members));
    }
    let named = groups.len();
    for index in rest {
        let own = tokens(&said[index]);
        let place = groups.iter().position(|(known, _)| !known.is_disjoint(&own));
        let only = (named == 1).then_some(0);
        // Several without a company are one.
        let blank = groups.iter().position(|(known, _)| known.is_empty() && own.is_empty());
        match place.or(only).or(blank) {
            Some(place) => groups[place].1.push(index),
            None => groups.push((own, vec![index])),
        }
    }
    groups.into_iter().map(|(_, members)| members).collect()
}

struct Lead<'l> {
    id: String,
    company: Option<&'l str>,
    company_id: Option<String>,
    person: &'l str,
    persona_id: &'l str,
}

impl Lead<'_> {
    /// `said` is oldest first.
    fn rows(&self, said: &[&Said], rows: &mut Rows) {
        let newest = |get: &dyn Fn(&Document) -> Option<&String>| {
            text(said.iter().rev().find_map(|said| get(&said.document)).map(String::as_str))
        };
        let mut metadata = serde_json::Map::new();
        for one in said {
            metadata.extend(one.document.metadata.clone());
        }
        let external: BTreeSet<&String> = said.iter().flat_map(|said| &said.document.external_ids).collect();
        let external = (!external.is_empty()).then(|| Value::from_iter(external.into_iter().cloned()));
        let rank = said.iter().map(|said| said.document.rank()).max().unwrap_or_default();
        let row = vec![
            text(Some(&self.id)),
            text(self.company_id.as_deref()),
            text(Some(self.persona_id)),
            newest(&|document| document.name.as_ref()),
            newest(&|document| document.title.as_ref()),
            newest(&|document| document.email.as_ref()),
            text(Some(STATUSES[rank])),
            newest(&|document| document.source.as_ref()),
            json((!metadata.is_empty()).then_some(&Value::Object(metadata))),
            json(external.as_ref()),
            text(self.company),
            text(Some(self.person)),
            instant(said.iter().filter_map(|said| said.document.created_at).min()),
            instant(said.iter().filter_map(|said| said.document.updated_at).max()),
        ];
        rows[LEAD].insert(self.id.clone(), row);
        self.research(said, rows);
        self.scores(said, rows);
    }

    fn research(&self, said: &[&Said], rows: &mut Rows) {
        let mut runs = BTreeMap::new();
        for one in said {
            if let Some(research) = &one.document.research {
                // The newest document comes last.
                runs.insert(research.hash.as_str(), (one.observed_at, research));
            }
        }
        let when = |text: &Option<String>| text.clone().and_then(|text| time(&Value::from(text)));
        let current = runs
            .iter()
            .max_by_key(|(hash, (seen, research))| (when(&research.timestamp).or(*seen), *seen, **hash))
            .map(|(hash, _)| *hash);
        for (hash, (seen, research)) in runs {
            let id = derived_id("research_run", &format!("{}\n{hash}", self.id));
            let row = vec![
                text(Some(&id)),
                text(Some(&self.id)),
                text(self.company_id.as_deref()),
                text(Some(self.persona_id)),
                json(research.requested.as_ref()),
                text(research.timestamp.as_deref()),
                json(research.tools.as_ref()),
                json(research.warnings.as_ref()),
                json(research.company.as_ref()),
                json(research.persona.as_ref()),
                LeadCell::Int(i64::from(current == Some(hash))),
                instant(seen),
            ];
            rows[RESEARCH].insert(id.clone(), row);
            for (position, [name, url, accessed]) in research.citations.iter().enumerate() {
                let own = derived_id("citation", &format!("{id}\n{position}"));
                let mut row = vec![text(Some(&own)), text(Some(&id)), LeadCell::Int(position as i64)];
                row.extend([name, url, accessed].map(|value| text(value.as_deref())));
                rows[CITATION].insert(own, row);
            }
            for (position, signal) in research.signals.iter().enumerate() {
                let own = derived_id("detected_signal", &format!("{id}\n{position}"));
                let row = vec![
                    text(Some(&own)),
                    text(Some(&self.id)),
                    text(Some(&id)),
                    LeadCell::Int(position as i64),
                    text(signal.kind.as_deref()),
                    text(Some(&signal.signal)),
                    text(signal.source.as_deref()),
                    text(signal.strength.as_deref()),
                    text(signal.recency.as_deref()),
                    json(signal.evidence.as_ref()),
                ];
                rows[SIGNAL].insert(own, row);
            }
        }
    }

    fn scores(&self, said: &[&Said], rows: &mut Rows) {
        let mut scores = BTreeMap::new();
        for one in said {
            if let Some(score) = &one.document.score {
                scores.insert(score.hash.as_str(), (one.observed_at, score));
            }
        }
        let when = |text: &Option<String>| text.clone().and_then(|text| time(&Value::from(text)));
        let current = scores
            .iter()
            .max_by_key(|(hash, (seen, score))| (when(&score.scored_at).or(*seen), *seen, **hash))
            .map(|(hash, _)| *hash);
        for (hash, (seen, score)) in scores {
            let id = derived_id("icp_score", &format!("{}\n{hash}", self.id));
            let [company, persona, timing] = score.fits.map(real);
            let row = vec![
                text(Some(&id)),
                text(Some(&self.id)),
                real(score.score),
                text(score.tier.as_deref()),
                company,
                persona,
                timing,
                json(score.strengths.as_ref()),
                json(score.risks.as_ref()),
                json(score.gaps.as_ref()),
                text(score.confidence.as_deref()),
                json(score.inputs.as_ref()),
                text(score.scored_at.as_deref()),
                LeadCell::Int(i64::from(current == Some(hash))),
                instant(seen),
            ];
            rows[SCORE].insert(id.clone(), row);
            for breakdown in &score.factors {
                debug_assert!(CATEGORIES.iter().any(|(category, _)| *category == breakdown.category));
                let own = derived_id("icp_factor_breakdown", &format!("{id}\n{}", breakdown.category));
                let row = vec![
                    text(Some(&own)),
                    text(Some(&id)),
                    text(Some(breakdown.category)),
                    real(breakdown.score),
                    json(breakdown.factors.as_ref()),
                ];
                rows[FACTORS].insert(own, row);
            }
        }
    }
}

/// Adds what a company uses: one row for each name, whatever its case, with what the newest document says of it.
pub(crate) fn of_company(company: &str, company_id: &str, mut said: Vec<&Said>, rows: &mut Rows) {
    said.sort_by_key(|said| said.age());
    let mut all: BTreeMap<String, [Option<&String>; 4]> = BTreeMap::new();
    for one in said.iter().flat_map(|said| &said.document.technographics) {
        let known = all.entry(fold(&one.name).into_owned()).or_default();
        let parts = [Some(&one.name), one.category.as_ref(), one.confidence.as_ref(), one.source.as_ref()];
        for (known, part) in known.iter_mut().zip(parts) {
            *known = part.or(*known);
        }
    }
    for (key, [name, category, confidence, source]) in all {
        let id = derived_id("technographic", &format!("{company}\n{key}"));
        let value = |value: Option<&String>| text(value.map(String::as_str));
        let row = vec![
            text(Some(&id)),
            text(Some(company_id)),
            value(name),
            text(Some(&key)),
            value(category),
            value(confidence),
            value(source),
            text(Some(company)),
        ];
        rows[TECHNOGRAPHIC].insert(id, row);
    }
}

fn text(text: Option<&str>) -> LeadCell {
    text.map_or(LeadCell::Null, |text| LeadCell::Text(text.to_owned()))
}

/// In one spelling, so that equal values are equal text.
fn json(value: Option<&Value>) -> LeadCell {
    value.map_or(LeadCell::Null, |value| LeadCell::Text(canonical(value)))
}

fn real(number: Option<f64>) -> LeadCell {
    number.map_or(LeadCell::Null, LeadCell::Real)
}

fn instant(time: Option<Timestamp>) -> LeadCell {
    time.map_or(LeadCell::Null, LeadCell::Time)
}
