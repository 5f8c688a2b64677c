//! Documents as they are asked for: of one company or person with who gave what, and of all that contain something.

use super::contains::{contains, parsed};
use super::json::Json;
use super::kinds::{DOCUMENT_KINDS, DocumentKind};
use super::merge::share;
use crate::Engine;
use crate::find::unknown;
use crate::identity::key_of_text;
use crate::joined::KeyJoins;
use firmograph_core::{EntityKind, Error, ErrorKind};
use firmograph_store::{SourceDocument, document_columns};
use serde::Serialize;
use serde_json::{Map, Value};

/// What is known of one company or person.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Documents {
    /// `company` or `person`.
    pub entity: &'static str,
    /// Its key, after keys are joined.
    pub key: String,
    /// The documents of all sources together, by kind.
    pub documents: Map<String, Value>,
    /// For each key of each document who gave it, who agreed, and who said something else and lost, and why.
    pub attribution: Map<String, Value>,
    /// What each source says, by kind and source.
    pub sources: Vec<SourceSays>,
}

/// What one source says.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SourceSays {
    /// Kind of document.
    pub kind: String,
    /// The source.
    pub source: String,
    /// Of whom it speaks, before keys were joined.
    pub key: String,
    /// The document.
    pub document: Value,
    /// How sure it is, from 0 to 1.
    pub confidence: Option<Value>,
    /// The model, where it is what a model thinks.
    pub model: Option<String>,
    /// When it saw it.
    pub observed_at: Option<String>,
    /// The payload it came in.
    pub payload: String,
    /// The run that brought it.
    pub run: i64,
}

/// A document that was found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FoundDocument {
    /// `company` or `person`.
    pub entity: &'static str,
    /// Of whom it is.
    pub key: String,
    /// Kind of document.
    pub kind: &'static str,
    /// The document of all sources together.
    pub document: Value,
}

/// Documents that are looked through at a time.
const PAGE: usize = 1_000;

/// The kind of document of this name.
///
/// # Errors
/// `unknown-kind` (usage).
pub fn find_document_kind(name: &str) -> Result<&'static DocumentKind, Error> {
    DocumentKind::from_name(name).ok_or_else(|| {
        let names: Vec<&str> = DOCUMENT_KINDS.iter().map(|kind| kind.name).collect();
        Error::new(ErrorKind::Usage, "unknown-kind", format!("{name:?} is no kind of document"))
            .with_help(format!("one of {}", names.join(", ")))
    })
}

impl Engine {
    /// What is known of a person by e-mail, profile or key, or of a company by domain, page or key; of one kind, or of all.
    ///
    /// # Errors
    /// `unknown-kind` (usage); `unknown-key` (data) where no document speaks of it; when the database does not answer.
    pub async fn documents(&mut self, text: &str, kind: Option<&str>) -> Result<Documents, Error> {
        let kind = kind.map(find_document_kind).transpose()?;
        for entity in [EntityKind::Person, EntityKind::Company] {
            // The company of somebody's address is somebody else.
            if entity == EntityKind::Company && text.contains('@') {
                continue;
            }
            let key = key_of_text(entity, text);
            let mut found = self.documents_of(entity, &key, kind).await?;
            // Not every key is what its text would be read as.
            if found.is_none() && *key != *text {
                found = self.documents_of(entity, text, kind).await?;
            }
            if let Some(found) = found {
                return Ok(found);
            }
        }
        Err(unknown(text))
    }

    async fn documents_of(
        &mut self,
        entity: EntityKind,
        key: &str,
        kind: Option<&DocumentKind>,
    ) -> Result<Option<Documents>, Error> {
        let joins = KeyJoins::read(&mut self.store).await?;
        let groups = joins.kind(entity);
        let root = groups.root(key).to_owned();
        let mut keys: Vec<&str> = groups.members(&root).iter().map(|key| &**key).collect();
        if keys.is_empty() {
            keys.push(&root);
        }
        let wanted = |name: &str| kind.is_none_or(|kind| kind.name == name);
        let golden = self.store.golden_documents(entity, &[&root]).await?.pop();
        let mut sources = self.store.source_documents(entity, &keys).await?;
        sources.retain(|row| wanted(&row.kind));
        sources.sort_by(|a, b| (&a.kind, &a.source, &a.key).cmp(&(&b.kind, &b.source, &b.key)));
        if golden.is_none() && sources.is_empty() {
            return Ok(None);
        }
        let (mut documents, mut attribution) = (Map::new(), Map::new());
        if let Some(golden) = golden {
            let told = Json::parse_stored(&golden.attribution).unwrap_or(Json::Null);
            for (name, text) in document_columns(entity).iter().zip(golden.documents) {
                let Some(text) = text.filter(|_| wanted(name)) else { continue };
                documents.insert((*name).to_owned(), value(&text));
                attribution
                    .insert((*name).to_owned(), told.get(name).map(Json::to_value).unwrap_or_default());
            }
        }
        let sources = sources.into_iter().map(SourceSays::from).collect();
        Ok(Some(Documents { entity: entity.name(), key: root, documents, attribution, sources }))
    }

    /// Documents of one kind that contain `part`, in the order of the keys, companies before persons: `@>` of PostgreSQL, by its GIN
    /// index there, and the same answer on SQLite, where each document is looked at.
    ///
    /// # Errors
    /// `unknown-kind` and `not-json` (usage); when the database does not answer.
    pub async fn find_documents(
        &mut self,
        kind: &str,
        entity: Option<EntityKind>,
        part: &str,
        limit: usize,
    ) -> Result<Vec<FoundDocument>, Error> {
        let kind = find_document_kind(kind)?;
        let part = parsed(part)?;
        let text = part.to_string();
        let mut found = Vec::new();
        for of in kind.entities.iter().filter(|of| entity.is_none_or(|entity| entity == **of)) {
            let mut after = String::new();
            loop {
                let page = self.store.documents_page(*of, kind.name, Some(&text), &after, PAGE).await?;
                let Some((last, _)) = page.last() else { break };
                after = last.to_string();
                for (key, document) in page {
                    let Ok(document) = Json::parse_stored(&document) else { continue };
                    if found.len() == limit {
                        return Ok(found);
                    }
                    if contains(&document, &part) {
                        let document = document.to_value();
                        found.push(FoundDocument {
                            entity: of.name(),
                            key: key.into(),
                            kind: kind.name,
                            document,
                        });
                    }
                }
            }
        }
        Ok(found)
    }
}

impl From<SourceDocument> for SourceSays {
    fn from(row: SourceDocument) -> Self {
        let confidence = row.confidence.and_then(|number| u16::try_from(number).ok());
        SourceSays {
            document: value(&row.document),
            kind: row.kind.into(),
            source: row.source.into(),
            key: row.key.into(),
            confidence: confidence.map(|number| share(number).to_value()),
            model: row.model.map(Into::into),
            observed_at: row.observed_at.map(|at| at.to_string()),
            payload: row.payload.to_string(),
            run: row.run,
        }
    }
}

fn value(text: &str) -> Value {
    Json::parse_stored(text).map(|json| json.to_value()).unwrap_or_default()
}
