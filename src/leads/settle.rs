//! Brings the lead tables up to the documents that are believed: of those who were touched, what differs is written, and nothing
//! else.

use super::document::Document;
use super::json;
use super::rows::{
    CITATION, FACTORS, LEAD, RESEARCH, Rows, SCORE, SIGNAL, Said, TECHNOGRAPHIC, of_company, of_person,
};
use crate::Engine;
use crate::change::{Changed, Touched};
use crate::joined::{Groups, KeyJoins};
use crate::verify::Difference;
use crate::write_part::{stored_companies, stored_persons};
use firmograph_core::{EntityKind, Error};
use firmograph_store::{LEAD_TABLES, LeadCell, LeadDocument, LeadPayload, LeadRow};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Persons whose documents are held at a time.
const PERSONS_AT_ONCE: usize = 1_000;

/// Rows of lead tables that differ from what is stored, by table.
#[derive(Debug, Default)]
pub(crate) struct LeadDifferences {
    /// What is stored, if anything, and what should be, if anything.
    pub(crate) rows: Vec<(usize, Option<LeadRow>, Option<LeadRow>)>,
    /// Documents that belong to another lead than is noted.
    documents: Vec<LeadDocument>,
}

impl LeadDifferences {
    /// Each value that is not what it should be.
    pub(crate) fn told(self) -> impl Iterator<Item = Difference> {
        let shown = |cell: &LeadCell| match cell {
            LeadCell::Null => None,
            LeadCell::Int(number) => Some(number.to_string()),
            LeadCell::Real(number) => Some(json::number_text(*number)),
            LeadCell::Text(text) => Some(text.clone()),
            LeadCell::Time(time) => Some(time.to_string()),
        };
        self.rows.into_iter().flat_map(move |(table, stored, expected)| {
            let table = &LEAD_TABLES[table];
            let key =
                stored.as_ref().or(expected.as_ref()).and_then(|row| shown(&row[0])).unwrap_or_default();
            let whole = stored.is_none() || expected.is_none();
            let (stored, expected) = (stored.unwrap_or_default(), expected.unwrap_or_default());
            let differing = table.columns().enumerate().filter_map(move |(index, column)| {
                let (stored, expected) = (stored.get(index), expected.get(index));
                let is_told = if whole { index == 0 } else { stored != expected };
                let (stored, expected) = (stored.and_then(shown), expected.and_then(shown));
                is_told.then_some((column, stored, expected))
            });
            let differing: Vec<_> = differing.collect();
            differing.into_iter().map(move |(column, stored, expected)| Difference {
                table: table.name.to_owned(),
                key: key.clone(),
                source: None,
                column: column.to_owned(),
                stored,
                expected,
            })
        })
    }

    fn compare(&mut self, stored: Rows, mut expected: Rows) {
        for (table, rows) in stored.into_iter().enumerate() {
            for (id, row) in rows {
                match expected[table].remove(&id) {
                    Some(other) if other == row => {}
                    other => self.rows.push((table, Some(row), other)),
                }
            }
        }
        for (table, rows) in expected.into_iter().enumerate() {
            self.rows.extend(rows.into_values().map(|row| (table, None, Some(row))));
        }
    }
}

impl Engine {
    /// Brings the leads of everybody touched up to their documents. Whatever changes what is believed, or who is one with whom, comes
    /// by here. Costs one question where there are no lead documents.
    pub(crate) async fn settle_leads(&mut self, touched: &Touched) -> Result<Changed, Error> {
        let mut changed = Changed::default();
        let nobody = touched.persons.is_empty() && touched.companies.is_empty();
        if nobody || !self.store.has_lead_documents().await? {
            return Ok(changed);
        }
        let joins = KeyJoins::read(&mut self.store).await?;
        let (persons, companies) = self.concerned(touched, &joins).await?;
        let mut parts = pieces(&persons, joins.kind(EntityKind::Person));
        parts.resize_with(parts.len().max(1), BTreeSet::new);
        for (part, persons) in parts.iter().enumerate() {
            // What companies use is a small part; it comes with the first persons.
            let companies = if part == 0 { &companies } else { &BTreeSet::new() };
            let differences = self.lead_differences(persons, companies, &joins).await?;
            self.write_differences(differences, &mut changed).await?;
        }
        Ok(changed)
    }

    /// What differs in the leads of everybody.
    pub(crate) async fn all_lead_differences(&mut self) -> Result<LeadDifferences, Error> {
        let mut all = LeadDifferences::default();
        if !self.store.has_lead_documents().await? {
            return Ok(all);
        }
        let joins = KeyJoins::read(&mut self.store).await?;
        let touched = self.all_of_leads().await?;
        let (persons, companies) = self.concerned(&touched, &joins).await?;
        for (part, persons) in pieces(&persons, joins.kind(EntityKind::Person)).into_iter().enumerate() {
            let companies = if part == 0 { &companies } else { &BTreeSet::new() };
            let mut differences = self.lead_differences(&persons, companies, &joins).await?;
            all.rows.append(&mut differences.rows);
        }
        Ok(all)
    }

    /// Everybody of whom a lead document speaks or a lead table tells.
    pub(crate) async fn all_of_leads(&mut self) -> Result<Touched, Error> {
        let mut touched = Touched::default();
        for document in self.store.lead_documents(None).await? {
            touched.companies.extend(document.company_key.as_deref().map(Arc::from));
            touched.persons.extend(document.person_key.as_deref().map(Arc::from));
        }
        for (table, column, keys) in [
            (LEAD, "person_key", &mut touched.persons),
            (TECHNOGRAPHIC, "company_key", &mut touched.companies),
        ] {
            let table = &LEAD_TABLES[table];
            let Some(column) = table.column(column) else { continue };
            let rows = self.store.all_lead_rows(table).await?;
            keys.extend(rows.iter().filter_map(|row| row[column].as_text()).map(Arc::from));
        }
        Ok(touched)
    }

    /// The persons and companies whose rows may differ, by the keys that they count for, and by keys that counted before.
    async fn concerned(
        &mut self,
        touched: &Touched,
        joins: &KeyJoins,
    ) -> Result<(BTreeSet<Arc<str>>, BTreeSet<Arc<str>>), Error> {
        let companies = with_joined(&touched.companies, joins.kind(EntityKind::Company));
        let mut persons = touched.persons.clone();
        let texts: Vec<&str> = companies.iter().map(|key| &**key).collect();
        for document in self.store.lead_documents(Some(("company_key", &texts))).await? {
            persons.extend(document.person_key.as_deref().map(Arc::from));
        }
        Ok((with_joined(&persons, joins.kind(EntityKind::Person)), companies))
    }

    /// What differs in the leads of `persons`, and in what `companies` use: all keys of each are given.
    async fn lead_differences(
        &mut self,
        persons: &BTreeSet<Arc<str>>,
        companies: &BTreeSet<Arc<str>>,
        joins: &KeyJoins,
    ) -> Result<LeadDifferences, Error> {
        let mut differences = LeadDifferences::default();
        let mut expected = Rows::default();
        let groups = joins.kind(EntityKind::Company);
        let keys = texts(persons);
        let payloads = self.store.lead_payloads(Some(("person_key", &keys))).await?;
        let mut by_person: BTreeMap<Arc<str>, (Vec<LeadDocument>, Vec<Said>)> = BTreeMap::new();
        for payload in payloads {
            let Some(key) = payload.document.person_key.as_deref() else { continue };
            let root = Arc::from(joins.kind(EntityKind::Person).root(key));
            let entry = by_person.entry(root).or_default();
            entry.1.push(said(&payload, groups));
            entry.0.push(payload.document);
        }
        let roots: Vec<Arc<str>> = by_person.keys().cloned().collect();
        let golden = stored_persons(&mut self.store, &roots, false).await?;
        let employers: BTreeSet<Arc<str>> =
            by_person.values().flat_map(|(_, said)| said).filter_map(|said| said.company.clone()).collect();
        let used = self.store.lead_payloads(Some(("company_key", &texts(companies)))).await?;
        let mut by_company: BTreeMap<Arc<str>, Vec<Said>> = BTreeMap::new();
        for payload in &used {
            let said = said(payload, groups);
            if let Some(root) = said.company.clone().filter(|_| !said.document.technographics.is_empty()) {
                by_company.entry(root).or_default().push(said);
            }
        }
        let wanted: BTreeSet<Arc<str>> = employers.into_iter().chain(by_company.keys().cloned()).collect();
        let wanted: Vec<Arc<str>> = wanted.into_iter().collect();
        let golden_companies = stored_companies(&mut self.store, &wanted, false).await?;
        let company_id = |key: &str| golden_companies.get(key)?.values[0].as_text().map(str::to_owned);
        for (root, (documents, said)) in by_person {
            // Somebody may have deleted the golden row by hand: what would refer to it cannot be there either.
            let id = golden.get(&*root).and_then(|row| row.values[0].as_text());
            let leads = match id {
                Some(id) => of_person(&root, id, &said, &company_id, &mut expected),
                None => vec![String::new(); said.len()],
            };
            for (mut document, lead) in documents.into_iter().zip(leads) {
                let lead: Option<Box<str>> = (!lead.is_empty()).then(|| lead.into());
                if document.lead_id != lead {
                    document.lead_id = lead;
                    differences.documents.push(document);
                }
            }
        }
        for (root, said) in &by_company {
            if let Some(id) = company_id(root) {
                of_company(root, &id, said.iter().collect(), &mut expected);
            }
        }
        let stored = self.stored_leads(&keys, &texts(companies), &expected).await?;
        differences.compare(stored, expected);
        Ok(differences)
    }

    /// The rows that are stored of these persons and companies, and under the ids that are expected.
    async fn stored_leads(
        &mut self,
        persons: &[&str],
        companies: &[&str],
        expected: &Rows,
    ) -> Result<Rows, Error> {
        let mut stored = Rows::default();
        for (table, column, values) in
            [(LEAD, "person_key", persons), (TECHNOGRAPHIC, "company_key", companies)]
        {
            let rows = self.store.lead_rows(&LEAD_TABLES[table], column, values).await?;
            stored[table] = by_id(rows);
        }
        for (table, column, parent) in [
            (RESEARCH, "lead_id", LEAD),
            (CITATION, "research_run_id", RESEARCH),
            (SIGNAL, "lead_id", LEAD),
            (SCORE, "lead_id", LEAD),
            (FACTORS, "icp_score_id", SCORE),
        ] {
            let ids: BTreeSet<&str> =
                stored[parent].keys().chain(expected[parent].keys()).map(String::as_str).collect();
            let ids: Vec<&str> = ids.into_iter().collect();
            let rows = self.store.lead_rows(&LEAD_TABLES[table], column, &ids).await?;
            stored[table] = by_id(rows);
        }
        Ok(stored)
    }

    async fn write_differences(
        &mut self,
        differences: LeadDifferences,
        changed: &mut Changed,
    ) -> Result<(), Error> {
        let mut gone: [Vec<String>; 7] = Default::default();
        let mut written: [Vec<LeadRow>; 7] = Default::default();
        for (table, stored, expected) in differences.rows {
            if table == LEAD {
                changed.new += u64::from(stored.is_none());
                changed.changed += u64::from(stored.is_some() && expected.is_some());
                changed.gone += u64::from(expected.is_none());
            }
            match (stored, expected) {
                (_, Some(row)) => written[table].push(row),
                (Some(row), None) => gone[table].extend(row[0].as_text().map(str::to_owned)),
                (None, None) => {}
            }
        }
        for table in (0..LEAD_TABLES.len()).rev() {
            let ids: Vec<&str> = gone[table].iter().map(String::as_str).collect();
            self.store.delete_lead_rows(&LEAD_TABLES[table], &ids).await?;
        }
        for (table, mut rows) in written.into_iter().enumerate() {
            rows.sort_by(|a, b| a[0].as_text().cmp(&b[0].as_text()));
            self.store.write_lead_rows(&LEAD_TABLES[table], &rows).await?;
        }
        self.store.write_lead_documents(&differences.documents).await
    }
}

/// A document as it counts now.
fn said(payload: &LeadPayload, companies: &Groups) -> Said {
    let document = json::parse(&payload.body).map(|value| Document::read(&value)).unwrap_or_default();
    Said {
        payload: payload.document.payload,
        observed_at: payload.document.observed_at,
        company: payload.document.company_key.as_deref().map(|key| Arc::from(companies.root(key))),
        document,
    }
}

/// The keys, those that they count for, and all that count for these.
fn with_joined(keys: &BTreeSet<Arc<str>>, groups: &Groups) -> BTreeSet<Arc<str>> {
    let mut all = keys.clone();
    for key in keys {
        let root = groups.root(key);
        all.insert(Arc::from(root));
        all.extend(groups.members(root).iter().cloned());
    }
    all
}

/// Keys in pieces; all keys of one person are in one.
fn pieces(keys: &BTreeSet<Arc<str>>, groups: &Groups) -> Vec<BTreeSet<Arc<str>>> {
    let mut by_root: BTreeMap<&str, Vec<&Arc<str>>> = BTreeMap::new();
    for key in keys {
        by_root.entry(groups.root(key)).or_default().push(key);
    }
    let by_root: Vec<Vec<&Arc<str>>> = by_root.into_values().collect();
    by_root
        .chunks(PERSONS_AT_ONCE)
        .map(|piece| piece.iter().flatten().map(|key| Arc::clone(key)).collect())
        .collect()
}

fn texts(keys: &BTreeSet<Arc<str>>) -> Vec<&str> {
    keys.iter().map(|key| &**key).collect()
}

fn by_id(rows: Vec<LeadRow>) -> BTreeMap<String, LeadRow> {
    rows.into_iter().filter_map(|row| Some((row[0].as_text()?.to_owned(), row))).collect()
}
