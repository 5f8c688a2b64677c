//! Leads: a person at a company whom somebody wants to win, with what was found out about both and how it was scored. They come as
//! nested documents, which are payloads like everything else; the tables `lead`, `technographic`, `research_run`, `citation`,
//! `detected_signal`, `icp_score` and `icp_factor_breakdown` are derived from the documents that are believed, as golden records are
//! from dimensions. So they are undone, removed, joined and rebuilt with everything else.

mod check;
pub(crate) mod delete;
mod document;
mod found;
mod import;
pub(crate) mod joins;
mod json;
mod made;
mod note;
mod read;
mod refresh;
mod report;
mod rows;
mod settle;
mod upload;

pub use check::{TIERS, tier_of};
pub use found::FieldCounts;
pub use import::{LEAD_SOURCE, lead_options};
pub use read::{Lead, LeadFilter};
pub use refresh::LeadRefresh;
pub use report::{AmbiguousKey, DocumentPlace, Finding, History, LeadReport, MergedDocuments, UnplacedValue};
pub use upload::{LeadColumns, LeadUpload, UploadedRow};
