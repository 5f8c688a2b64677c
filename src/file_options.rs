//! How a file was read, kept beside it so that its payloads can be read again.

use crate::ingest::IngestOptions;
use crate::shards::ShardPlace;
use firmograph_core::{Error, ErrorKind, Source, Timestamp};
use firmograph_sources::{Extractor, Mapping};
use serde::{Deserialize, Serialize};

/// What `raw.files.options` holds: all that decides what a stored payload of the file says, beside the payload and its
/// header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FileOptions {
    /// The texts of the user's own mappings, in the order in which they are tried.
    #[serde(default)]
    pub mappings: Vec<String>,
    /// The source whose mappings come behind them.
    pub source: Option<String>,
    /// Whether hosts without a dot were repaired.
    #[serde(default)]
    pub repair_domains: bool,
    /// When the source saw what does not say so itself.
    pub observed_at: Option<Timestamp>,
    /// Whether its records are lead documents.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub leads: bool,
    /// Whether its records are intelligence documents, which say nothing of attributes.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub documents: bool,
    /// Which shard the database is, where records were spread over several: it has taken no records but its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<ShardPlace>,
}

impl FileOptions {
    /// What of these options has to be kept.
    #[must_use]
    pub fn of(options: &IngestOptions) -> FileOptions {
        let source = options.open.source.as_ref().unwrap_or(&options.pipeline.source);
        FileOptions {
            mappings: options.open.mappings.iter().map(|mapping| mapping.text().to_owned()).collect(),
            source: Some(source.to_string()),
            repair_domains: options.pipeline.repair_domains,
            observed_at: options.observed_at,
            leads: options.leads,
            documents: false,
            shard: options.pipeline.shard.clone(),
        }
    }

    /// Reads what [`FileOptions::to_json`] wrote.
    ///
    /// # Errors
    /// `bad-file-options` (data) where the text is something else.
    pub fn parse(text: &str) -> Result<FileOptions, Error> {
        serde_json::from_str(text).map_err(|error| {
            let message = format!("the stored options of a file cannot be read: {error}");
            Error::new(ErrorKind::Data, "bad-file-options", message).with_cause(error)
        })
    }

    /// As the column holds it.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads the payloads of the file again; `header` is what `raw.files.header` holds, `None` for JSON documents.
    ///
    /// # Errors
    /// `bad-file-options` (data) for a header that is no array of names, and what mappings and [`Extractor`] refuse.
    pub fn extractor(&self, header: Option<&str>) -> Result<Extractor, Error> {
        let mappings =
            self.mappings.iter().map(|text| Mapping::parse(text)).collect::<Result<Vec<_>, _>>()?;
        let source = self.source.as_deref().map(Source::new).transpose()?;
        let Some(header) = header else { return Ok(Extractor::for_documents(&mappings, source.as_ref())) };
        let columns: Vec<String> = serde_json::from_str(header).map_err(|error| {
            let message = format!("the stored header of a file cannot be read: {error}");
            Error::new(ErrorKind::Data, "bad-file-options", message).with_cause(error)
        })?;
        Extractor::for_table(&columns, &mappings, source.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use firmograph_core::Field;

    #[test]
    fn options_come_back_and_read_payloads() {
        let mut options = IngestOptions::new(Source::new("acme").unwrap());
        options.open.mappings.push(Mapping::parse("[fields]\nemail = \"Mail\"").unwrap());
        options.pipeline.repair_domains = true;
        options.observed_at = crate::parse_observed_at("2026-01-31");
        let kept = FileOptions::of(&options);
        let again = FileOptions::parse(&kept.to_json()).unwrap();
        assert_eq!(again, kept);
        let mut extractor = again.extractor(Some("[\"Mail\",\"Firma\"]")).unwrap();
        let records = extractor.extract("[\"a@acme.example\",\"Acme\"]").unwrap();
        assert_eq!(records[0].get(Field::Email), Some("a@acme.example"));
        assert!(again.extractor(None).is_ok());
        assert_eq!(again.extractor(Some("{")).unwrap_err().code(), "bad-file-options");
        assert_eq!(FileOptions::parse("no").unwrap_err().code(), "bad-file-options");
    }
}
