//! What the tables of documents should hold of some companies or persons, from the documents that are believed.

use super::envelope;
use super::json::Json;
use super::kinds::DocumentKind;
use super::merge::{Said, Sayings};
use crate::joined::Groups;
use firmograph_core::{EntityKind, Error, PayloadId, Priorities, Source};
use firmograph_store::{GoldenDocuments, SourceDocument, document_columns};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

type OfKind = BTreeMap<&'static str, Sayings>;

/// What sources say, by own key and by the key that it counts for.
#[derive(Default)]
pub(super) struct Expected {
    by_key: BTreeMap<Box<str>, OfKind>,
    by_root: BTreeMap<Box<str>, OfKind>,
    /// File and run of each payload.
    files: HashMap<PayloadId, (i64, i64)>,
}

impl Expected {
    pub(super) fn hear(&mut self, row: SourceDocument, groups: &Groups) -> Result<(), Error> {
        // Of a kind that this version does not know nothing can be said.
        let Ok(envelope) = envelope::read(&row.document) else { return Ok(()) };
        self.files.insert(row.payload, (row.file, row.run));
        let root = groups.root(&row.key).into();
        let said = Arc::new(Said {
            source: Source::new(&row.source)?,
            key: row.key.clone(),
            payload: row.payload,
            observed_at: row.observed_at,
            confidence: envelope.confidence,
            model: envelope.model,
            document: envelope.document,
        });
        let name = envelope.kind.name;
        self.by_root.entry(root).or_default().entry(name).or_default().hear(Arc::clone(&said));
        self.by_key.entry(row.key).or_default().entry(name).or_default().hear(said);
        Ok(())
    }

    /// Whether a source says different things in documents without a date.
    pub(super) fn is_undecided(&self) -> bool {
        self.by_root.values().flat_map(BTreeMap::values).any(Sayings::are_undecided)
    }

    pub(super) fn sources(&self, entity: EntityKind) -> BTreeMap<Place, SourceDocument> {
        let mut rows = BTreeMap::new();
        for (key, of_kind) in &self.by_key {
            for (kind, said) in
                of_kind.iter().flat_map(|(kind, all)| all.iter().map(move |said| (*kind, said)))
            {
                let (file, run) = self.files.get(&said.payload).copied().unwrap_or_default();
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

    pub(super) fn golden(
        &self,
        entity: EntityKind,
        priorities: &Priorities,
    ) -> BTreeMap<Box<str>, GoldenDocuments> {
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
pub(super) type Place = (Box<str>, Box<str>, Box<str>);

pub(super) fn place(row: &SourceDocument) -> Place {
    (row.key.clone(), row.kind.clone(), row.source.clone())
}

/// JSON as a database gives it, in our spelling; what is no JSON stays as it is, and differs.
pub(super) fn canonical(text: Box<str>) -> Box<str> {
    Json::parse_stored(&text).map_or(text, |json| json.to_string().into())
}
