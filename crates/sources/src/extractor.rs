use crate::documents::{Documents, Sets};
use crate::header::OWN_PREFIX;
use crate::mapping::Mapping;
use crate::rows::Rows;
use crate::vendors;
use firmograph_core::{Error, ErrorKind, FieldSet, Source};

/// Reads stored payloads again, without the file that they came from, and finds in each what reading the file found.
///
/// ```
/// use firmograph_core::Field;
/// use firmograph_sources::Extractor;
///
/// let columns = ["Mail".to_owned(), "Company".to_owned()];
/// let mut extractor = Extractor::for_table(&columns, &[], None)?;
/// let records = extractor.extract(r#"["ada@acme.example","Acme"]"#)?;
/// assert_eq!(records[0].get(Field::CompanyName), Some("Acme"));
/// # Ok::<(), firmograph_core::Error>(())
/// ```
pub struct Extractor {
    kind: Kind,
}

enum Kind {
    Rows(Box<Rows>),
    Documents(Box<Documents>),
}

impl Extractor {
    /// For the rows of a table with these columns ([`crate::Input::columns`]), read with these mappings for this source.
    ///
    /// # Errors
    /// `unknown-column` (usage) where a mapping names what the table does not have.
    pub fn for_table(
        columns: &[String],
        own: &[Mapping],
        source: Option<&Source>,
    ) -> Result<Extractor, Error> {
        debug_assert!(columns.iter().all(|name| !name.starts_with(OWN_PREFIX)));
        let rows = Rows::new(columns, &vendors::with(own, source))?;
        Ok(Extractor { kind: Kind::Rows(Box::new(rows)) })
    }

    /// For JSON documents, read with these mappings for this source.
    #[must_use]
    pub fn for_documents(own: &[Mapping], source: Option<&Source>) -> Extractor {
        Extractor { kind: Kind::Documents(Box::new(Documents::new(vendors::with(own, source)))) }
    }

    /// The fields of each record of a payload, given as [`crate::Record::payload`] has it. There is at least one.
    ///
    /// # Errors
    /// `bad-payload` (data) where the text is no payload of this shape.
    pub fn extract(&mut self, body: &str) -> Result<Vec<FieldSet>, Error> {
        let Sets { first, mut also } = match &mut self.kind {
            Kind::Rows(rows) => {
                let cells: Vec<String> = serde_json::from_str(body).map_err(|error| {
                    bad_payload(format!("a row is a JSON array of text: {error}")).with_cause(error)
                })?;
                rows.read(|column| cells.get(column).map_or("", String::as_str))
            }
            Kind::Documents(documents) => {
                documents.take(body, None).map_err(|refusal| bad_payload(refusal.cause))?
            }
        };
        also.insert(0, first);
        Ok(also)
    }
}

impl std::fmt::Debug for Extractor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Extractor").finish_non_exhaustive()
    }
}

fn bad_payload(message: String) -> Error {
    Error::new(ErrorKind::Data, "bad-payload", message)
}
