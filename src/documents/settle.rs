//! Brings the tables of documents up to the payloads that are believed: of those who were touched, what differs is written, and
//! nothing else.

use super::envelope::{self, About, Envelope};
use super::expected::{Expected, canonical, place};
use crate::Engine;
use crate::change::Touched;
use crate::file_options::FileOptions;
use crate::joined::{Groups, KeyJoins};
use firmograph_core::{EntityKind, Error, PayloadId, Timestamp};
use firmograph_store::{DocumentNote, DocumentSize, GoldenDocuments, Payloads, SourceDocument};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// Companies or persons whose documents are held at a time: so many, or fewer that have so many bytes together. What one alone has is held
/// whatever it is, but of each source no more than its newest document.
const ENTITIES_AT_ONCE: usize = 500;
const BYTES_AT_ONCE: usize = 32 << 20;
/// Documents that are read from the database at a time: so many, or fewer of so many bytes.
const DOCUMENTS_AT_ONCE: usize = 1_000;
const READ_BYTES: usize = 8 << 20;
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
    /// Whether a source says different things in documents without a date, of which one had to be taken.
    is_undecided: bool,
}

impl Engine {
    /// Brings the documents of everybody touched up to what is believed. Whatever changes what is believed, or who is one with whom,
    /// comes by here. Costs one question where there are no documents. Says whether a source of somebody touched says different things in
    /// documents without a date, of which one had to be taken.
    pub(crate) async fn settle_documents(
        &mut self,
        touched: &Touched,
        now: Timestamp,
    ) -> Result<bool, Error> {
        let nobody = touched.persons.is_empty() && touched.companies.is_empty();
        if nobody || !self.store.has_documents().await? {
            return Ok(false);
        }
        let joins = KeyJoins::read(&mut self.store).await?;
        let mut is_undecided = false;
        for (kind, keys) in
            [(EntityKind::Company, &touched.companies), (EntityKind::Person, &touched.persons)]
        {
            let groups = joins.kind(kind);
            for entities in entities(keys, groups).chunks(ENTITIES_AT_ONCE) {
                for piece in self.pieces(kind, entities, groups).await? {
                    let differences = self.document_differences(kind, &piece, groups).await?;
                    is_undecided |= differences.is_undecided;
                    self.write_document_differences(&differences, now).await?;
                }
            }
        }
        Ok(is_undecided)
    }

    /// Entities, each with all its keys, in pieces whose documents can be held.
    async fn pieces(
        &mut self,
        kind: EntityKind,
        entities: &[BTreeSet<Arc<str>>],
        groups: &Groups,
    ) -> Result<Vec<Piece>, Error> {
        let keys: Vec<&str> = entities.iter().flatten().map(|key| &**key).collect();
        let mut by_root: HashMap<Box<str>, Vec<DocumentSize>> = HashMap::new();
        for size in self.store.document_sizes(kind, &keys).await? {
            by_root.entry(groups.root(&size.key).into()).or_default().push(size);
        }
        let mut pieces = vec![Piece::default()];
        let mut bytes = 0;
        for entity in entities {
            let root = entity.first().map(|key| groups.root(key)).unwrap_or_default();
            let documents = by_root.remove(root).unwrap_or_default();
            let more: usize = documents.iter().map(|document| document.bytes).sum();
            if bytes + more > BYTES_AT_ONCE && bytes > 0 {
                pieces.push(Piece::default());
                bytes = 0;
            }
            bytes += more;
            if let Some(piece) = pieces.last_mut() {
                piece.keys.extend(entity.iter().cloned());
                piece.documents.extend(documents);
            }
        }
        Ok(pieces)
    }

    /// The same of everybody, from what the payloads say.
    pub(crate) async fn settle_all_documents(&mut self, now: Timestamp) -> Result<(), Error> {
        let notes = self.note_differences().await?;
        let notes: Vec<DocumentNote> = notes.into_iter().filter_map(|(_, expected)| expected).collect();
        for notes in notes.chunks(PAYLOADS_AT_ONCE) {
            self.store.write_document_notes(notes).await?;
        }
        let touched = self.all_of_documents().await?;
        self.settle_documents(&touched, now).await.map(drop)
    }

    /// Whatever is not as it should be, of everybody.
    pub(crate) async fn all_document_differences(&mut self) -> Result<DocumentDifferences, Error> {
        let mut all = DocumentDifferences { notes: self.note_differences().await?, ..Default::default() };
        let touched = self.all_of_documents().await?;
        let joins = KeyJoins::read(&mut self.store).await?;
        for (kind, keys) in
            [(EntityKind::Company, &touched.companies), (EntityKind::Person, &touched.persons)]
        {
            let groups = joins.kind(kind);
            for entities in entities(keys, groups).chunks(ENTITIES_AT_ONCE) {
                for piece in self.pieces(kind, entities, groups).await? {
                    let mut differences = self.document_differences(kind, &piece, groups).await?;
                    all.sources.append(&mut differences.sources);
                    all.golden.append(&mut differences.golden);
                }
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
        piece: &Piece,
        groups: &Groups,
    ) -> Result<DocumentDifferences, Error> {
        let texts: Vec<&str> = piece.keys.iter().map(|key| &**key).collect();
        let mut expected = Expected::default();
        let mut waiting = &piece.documents[..];
        while !waiting.is_empty() {
            let mut bytes = 0;
            let mut fits = |document: &DocumentSize| {
                bytes += document.bytes;
                bytes <= READ_BYTES
            };
            let count = waiting.iter().take(DOCUMENTS_AT_ONCE).take_while(|document| fits(document)).count();
            let (now, later) = waiting.split_at(count.max(1));
            let now: Vec<PayloadId> = now.iter().map(|document| document.payload).collect();
            for row in self.store.believed_documents(&now).await? {
                expected.hear(row, groups)?;
            }
            waiting = later;
        }
        let mut differences =
            DocumentDifferences { is_undecided: expected.is_undecided(), ..Default::default() };
        let mut sources = expected.sources(kind);
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

/// Companies or persons whose documents are held at a time.
#[derive(Debug, Default)]
struct Piece {
    /// All their keys.
    keys: BTreeSet<Arc<str>>,
    /// The documents that are believed about them.
    documents: Vec<DocumentSize>,
}

/// Those whom these keys mean, each with all keys that are joined to it.
fn entities(keys: &BTreeSet<Arc<str>>, groups: &Groups) -> Vec<BTreeSet<Arc<str>>> {
    let mut by_root: BTreeMap<Arc<str>, BTreeSet<Arc<str>>> = BTreeMap::new();
    for key in keys {
        let root: Arc<str> = groups.root(key).into();
        let all = by_root.entry(Arc::clone(&root)).or_default();
        all.insert(Arc::clone(key));
        all.extend(groups.members(&root).iter().cloned());
        all.insert(root);
    }
    by_root.into_values().collect()
}
