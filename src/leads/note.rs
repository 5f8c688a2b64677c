//! About whom each document of a lead file speaks, noted once it is stored. The step can be repeated: it looks for documents of
//! which nothing is noted yet, so a run that was killed before it leaves them to the next.

use super::document::Document;
use super::json;
use crate::Engine;
use crate::change::Touched;
use crate::file_options::FileOptions;
use crate::replay::{Readers, Wanted};
use firmograph_core::{Attribute, Error, PayloadId, derived_id};
use firmograph_normalize::{fold, fold_person_name};
use firmograph_store::{LeadDocument, Payloads};
use std::collections::HashMap;
use std::sync::Arc;

/// Documents that are read at a time.
const AT_ONCE: usize = 2_000;

impl Engine {
    /// Notes about whom documents speak of which that is not noted yet, or of all; gives everybody of whom they speak.
    pub(crate) async fn note_leads(&mut self, all: bool) -> Result<Touched, Error> {
        let mut touched = Touched::default();
        let mut files = Vec::new();
        for file in self.store.files(None).await? {
            let options = file.options.as_deref().map(FileOptions::parse).transpose()?;
            if options.is_some_and(|options| options.leads) {
                files.push(file.id);
            }
        }
        if files.is_empty() {
            return Ok(touched);
        }
        let which = if all { Payloads::OfFiles(&files) } else { Payloads::Unnoted(&files) };
        let mut readers = Readers::open(&mut self.store, &self.maps).await?;
        let mut after: Option<PayloadId> = None;
        loop {
            let page = self.store.payload_page(which, after, AT_ONCE).await?;
            let Some(last) = page.last() else { return Ok(touched) };
            after = Some(last.id);
            let mut documents: HashMap<PayloadId, LeadDocument> = HashMap::new();
            for payload in page.iter().filter(|payload| !payload.is_row) {
                let Some(value) = json::parse(&payload.body) else { continue };
                let document = LeadDocument {
                    payload: payload.id,
                    file: payload.file,
                    company_key: None,
                    person_key: None,
                    company_name: None,
                    person_name: Document::read(&value).name.map(|name| (&*fold_person_name(&name)).into()),
                    external_id: json::said(json::at(&value, "_id")).map(Into::into),
                    own_id: None,
                    lead_id: None,
                    observed_at: payload.observed_at,
                };
                documents.insert(payload.id, document);
            }
            for told in readers.read(page, &Wanted::All, true)? {
                let Some(document) = documents.get_mut(&told.payload) else { continue };
                if document.person_key.is_some() {
                    continue;
                }
                let name = told.said.iter().find(|(attribute, _)| *attribute == Attribute::CompanyName);
                let name = name.and_then(|(_, raw)| raw.part(0)).map(|name| (&*fold(name)).into());
                document.company_name = name;
                (document.company_key, document.person_key) = (told.company, told.person);
                touched.companies.extend(document.company_key.as_deref().map(Arc::from));
                touched.persons.extend(document.person_key.as_deref().map(Arc::from));
                let key = document.person_key.as_deref();
                document.own_id = key.map(|key| lead_id(document.company_key.as_deref(), key).into());
            }
            let mut documents: Vec<LeadDocument> = documents.into_values().collect();
            documents.sort_by_key(|document| document.payload);
            self.store.write_lead_documents(&documents).await?;
        }
    }
}

/// The id of the lead of a person at a company.
pub(crate) fn lead_id(company_key: Option<&str>, person_key: &str) -> String {
    derived_id("lead", &format!("{}\n{person_key}", company_key.unwrap_or_default()))
}
