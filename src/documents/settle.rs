//! Brings the tables of documents up to the payloads that are believed: of those who were touched, what differs is written, and
//! nothing else.

use super::envelope::{self, About, Envelope};
use super::json::Json;
use super::kinds::DocumentKind;
use super::merge::{Said, Sayings};
use crate::Engine;
use crate::change::Touched;
use crate::file_options::FileOptions;
use crate::joined::{Groups, KeyJoins};
use firmograph_core::{EntityKind, Error, PayloadId, Priorities, Source, Timestamp};
use firmograph_store::{DocumentNote, GoldenDocuments, Payloads, SourceDocument, document_columns};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// Companies or persons whose documents are held at a time.
const ENTITIES_AT_ONCE: usize = 500;
/// Payloads that are read at a time.
const PAYLOADS_AT_ONCE: usize = 2_000;

/// What is stored, if anything, and what should be, if anything.
pub(super) type Differs<T> = (Option<T>, Option<T>);

/// Rows of documents that are not what they should be.
#[derive(Debug, Default)]
pub(crate) struct DocumentDifferences {
    pub(super) notes: Vec<Differs<DocumentNote>>,
    pub(super) sources: Vec<Differs<SourceDocument>>,
    pub(super) golden: Vec<(EntityKind, Differs<GoldenDocuments>)>,
}

impl Engine {
    /// Brings the documents of everybody touched up to what is believed. Whatever changes what is believed, or who is one with whom,
    /// comes by here. Costs one question where there are no documents.
    pub(crate) async fn settle_documents(&mut self, touched: &Touched, now: Timestamp) -> Result<(), Error> {
        let nobody = touched.persons.is_empty() && touched.companies.is_empty();
        if nobody || !self.store.has_documents().await? {
            return Ok(());
        }
        let joins = KeyJoins::read(&mut self.store).await?;
        for (kind, keys) in
            [(EntityKind::Company, &touched.companies), (EntityKind::Person, &touched.persons)]
        {
            for keys in pieces(keys, joins.kind(kind)) {
                let differences = self.document_differences(kind, &keys, joins.kind(kind)).await?;
                self.write_document_differences(&differences, now).await?;
            }
        }
        Ok(())
    }

    /// The same of everybody, from what the payloads say.
    pub(crate) async fn settle_all_documents(&mut self, now: Timestamp) -> Result<(), Error> {
        let notes = self.note_differences().await?;
        let notes: Vec<DocumentNote> = notes.into_iter().filter_map(|(_, expected)| expected).collect();
        for notes in notes.chunks(PAYLOADS_AT_ONCE) {
            self.store.write_document_notes(notes).await?;
        }
        let touched = self.all_of_documents().await?;
        self.settle_documents(&touched, now).await
    }

    /// Whatever is not as it should be, of everybody.
    pub(crate) async fn all_document_differences(&mut self) -> Result<DocumentDifferences, Error> {
        let mut all = DocumentDifferences { notes: self.note_differences().await?, ..Default::default() };
        let touched = self.all_of_documents().await?;
        let joins = KeyJoins::read(&mut self.store).await?;
        for (kind, keys) in
            [(EntityKind::Company, &touched.companies), (EntityKind::Person, &touched.persons)]
        {
            for keys in pieces(keys, joins.kind(kind)) {
                let mut differences = self.document_differences(kind, &keys, joins.kind(kind)).await?;
                all.sources.append(&mut differences.sources);
                all.golden.append(&mut differences.golden);
            }
        }
        Ok(all)
    }

    /// Adds those of whom a document speaks that run number `run` took out.
    pub(crate) async fn add_touched_documents(
        &mut self,
        run: i64,
        touched: &mut Touched,
    ) -> Result<(), Error> {
        for (kind, key) in self.store.document_keys(Some(run)).await? {
            touched.of(kind).insert(key.into());
        }
        Ok(())
    }

    async fn all_of_documents(&mut self) -> Result<Touched, Error> {
        let mut touched = Touched::default();
        for (kind, key) in self.store.document_keys(None).await? {
            touched.of(kind).insert(key.into());
        }
        Ok(touched)
    }

    /// Of which payloads it is noted wrongly, or not at all, about whom they speak.
    async fn note_differences(&mut self) -> Result<Vec<Differs<DocumentNote>>, Error> {
        let mut files = Vec::new();
        for file in self.store.files(None).await? {
            let options = file.options.as_deref().map(FileOptions::parse).transpose()?;
            if options.is_some_and(|options| options.documents) {
                files.push(file.id);
            }
        }
        let mut differing = Vec::new();
        let mut after: Option<PayloadId> = None;
        while !files.is_empty() {
            let page = self.store.payload_page(Payloads::OfFiles(&files), after, PAYLOADS_AT_ONCE).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.id);
            let ids: Vec<PayloadId> = page.iter().map(|payload| payload.id).collect();
            let noted = self.store.document_notes(&ids).await?;
            let mut noted: HashMap<PayloadId, DocumentNote> =
                noted.into_iter().map(|note| (note.payload, note)).collect();
            for payload in page {
                let stored = noted.remove(&payload.id);
                let said = envelope::read(&payload.body).ok();
                let expected = said.and_then(|said| note(&said, payload.id, payload.file));
                if expected.is_some() && stored != expected {
                    differing.push((stored, expected));
                }
            }
        }
        Ok(differing)
    }

    /// What differs in the documents of these keys: all keys of each company or person are given.
    async fn document_differences(
        &mut self,
        kind: EntityKind,
        keys: &BTreeSet<Arc<str>>,
        groups: &Groups,
    ) -> Result<DocumentDifferences, Error> {
        let texts: Vec<&str> = keys.iter().map(|key| &**key).collect();
        let believed = self.store.believed_documents(kind, &texts).await?;
        let mut expected = Expected::default();
        for row in &believed {
            expected.hear(row, groups)?;
        }
        let mut differences = DocumentDifferences::default();
        let mut sources = expected.sources(kind, &believed);
        for mut row in self.store.source_documents(kind, &texts).await? {
            row.document = canonical(row.document);
            match sources.remove(&place(&row)) {
                Some(wanted) if wanted == row => {}
                wanted => differences.sources.push((Some(row), wanted)),
            }
        }
        differences.sources.extend(sources.into_values().map(|row| (None, Some(row))));
        let mut golden = expected.golden(kind, &self.priorities);
        for mut row in self.store.golden_documents(kind, &texts).await? {
            row.attribution = canonical(row.attribution);
            row.documents = row.documents.into_iter().map(|text| text.map(canonical)).collect();
            match golden.remove(&row.key) {
                Some(wanted) if wanted == row => {}
                wanted => differences.golden.push((kind, (Some(row), wanted))),
            }
        }
        differences.golden.extend(golden.into_values().map(|row| (kind, (None, Some(row)))));
        Ok(differences)
    }

    async fn write_document_differences(
        &mut self,
        differences: &DocumentDifferences,
        now: Timestamp,
    ) -> Result<(), Error> {
        let all = || differences.sources.iter();
        let gone = all().filter(|(_, wanted)| wanted.is_none()).filter_map(|(stored, _)| stored.clone());
        let gone: Vec<SourceDocument> = gone.collect();
        let written: Vec<SourceDocument> = all().filter_map(|(_, wanted)| wanted.clone()).collect();
        self.store.delete_source_documents(&gone).await?;
        self.store.write_source_documents(&written, now).await?;
        for kind in [EntityKind::Company, EntityKind::Person] {
            let mine =
                || differences.golden.iter().filter(move |(of, _)| *of == kind).map(|(_, differs)| differs);
            let gone = mine().filter(|(_, wanted)| wanted.is_none());
            let gone: Vec<&str> = gone.filter_map(|(stored, _)| Some(&*stored.as_ref()?.key)).collect();
            self.store.delete_golden_documents(kind, &gone).await?;
            let written: Vec<GoldenDocuments> = mine().filter_map(|(_, wanted)| wanted.clone()).collect();
            self.store.write_golden_documents(kind, &written, now).await?;
        }
        Ok(())
    }
}

/// About whom a payload speaks.
pub(super) fn note(said: &Envelope, payload: PayloadId, file: i64) -> Option<DocumentNote> {
    match &said.about {
        About::Key(key) => Some(DocumentNote { payload, file, entity: said.entity, key: key.clone() }),
        About::Id(_) => None,
    }
}

type OfKind = BTreeMap<&'static str, Sayings>;

/// What sources say, by own key and by the key that it counts for.
#[derive(Default)]
struct Expected {
    by_key: BTreeMap<Box<str>, OfKind>,
    by_root: BTreeMap<Box<str>, OfKind>,
}

impl Expected {
    fn hear(&mut self, row: &SourceDocument, groups: &Groups) -> Result<(), Error> {
        // Of a kind that this version does not know nothing can be said.
        let Ok(envelope) = envelope::read(&row.document) else { return Ok(()) };
        let said = Said {
            source: Source::new(&row.source)?,
            key: row.key.clone(),
            payload: row.payload,
            observed_at: row.observed_at,
            confidence: envelope.confidence,
            model: envelope.model,
            document: envelope.document,
        };
        let name = envelope.kind.name;
        let root = groups.root(&row.key);
        self.by_root.entry(root.into()).or_default().entry(name).or_default().hear(said.clone());
        self.by_key.entry(row.key.clone()).or_default().entry(name).or_default().hear(said);
        Ok(())
    }

    fn sources(&self, entity: EntityKind, believed: &[SourceDocument]) -> BTreeMap<Place, SourceDocument> {
        let files: HashMap<PayloadId, (i64, i64)> =
            believed.iter().map(|row| (row.payload, (row.file, row.run))).collect();
        let mut rows = BTreeMap::new();
        for (key, of_kind) in &self.by_key {
            for (kind, said) in
                of_kind.iter().flat_map(|(kind, all)| all.iter().map(move |said| (*kind, said)))
            {
                let (file, run) = files.get(&said.payload).copied().unwrap_or_default();
                let row = SourceDocument {
                    entity,
                    key: key.clone(),
                    kind: kind.into(),
                    source: said.source.as_str().into(),
                    document: said.document.to_string().into(),
                    confidence: said.confidence.map(i64::from),
                    model: said.model.clone(),
                    observed_at: said.observed_at,
                    payload: said.payload,
                    file,
                    run,
                };
                rows.insert(place(&row), row);
            }
        }
        rows
    }

    fn golden(&self, entity: EntityKind, priorities: &Priorities) -> BTreeMap<Box<str>, GoldenDocuments> {
        let rows = self.by_root.iter().filter_map(|(root, of_kind)| {
            let mut attribution = BTreeMap::new();
            let documents = document_columns(entity).iter().map(|column| {
                let kind = DocumentKind::from_name(column)?;
                let (document, told) = of_kind.get(column)?.golden(kind, priorities)?;
                attribution.insert(Box::from(*column), told);
                Some(document.to_string().into())
            });
            let documents: Vec<Option<Box<str>>> = documents.collect();
            let attribution = Json::Object(attribution).to_string().into();
            let says = documents.iter().any(Option::is_some);
            says.then(|| (root.clone(), GoldenDocuments { key: root.clone(), documents, attribution }))
        });
        rows.collect()
    }
}

/// Key, kind and source.
type Place = (Box<str>, Box<str>, Box<str>);

fn place(row: &SourceDocument) -> Place {
    (row.key.clone(), row.kind.clone(), row.source.clone())
}

/// JSON as a database gives it, in our spelling; what is no JSON stays as it is, and differs.
fn canonical(text: Box<str>) -> Box<str> {
    Json::parse(&text).map_or(text, |json| json.to_string().into())
}

/// The keys with all that are joined to them, in pieces; all keys of one company or person are in one.
fn pieces(keys: &BTreeSet<Arc<str>>, groups: &Groups) -> Vec<BTreeSet<Arc<str>>> {
    let mut by_root: BTreeMap<Arc<str>, BTreeSet<Arc<str>>> = BTreeMap::new();
    for key in keys {
        let root: Arc<str> = groups.root(key).into();
        let all = by_root.entry(Arc::clone(&root)).or_default();
        all.insert(Arc::clone(key));
        all.extend(groups.members(&root).iter().cloned());
        all.insert(root);
    }
    let by_root: Vec<BTreeSet<Arc<str>>> = by_root.into_values().collect();
    by_root.chunks(ENTITIES_AT_ONCE).map(|piece| piece.iter().flatten().cloned().collect()).collect()
}
