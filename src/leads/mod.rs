//! Leads: a person at a company whom somebody wants to win, with what was found out about both and how it was scored. They come as
//! nested documents, which are payloads like everything else; the tables `lead`, `technographic`, `research_run`, `citation`,
//! `detected_signal`, `icp_score` and `icp_factor_breakdown` are derived from the documents that are believed, as golden records are
//! from dimensions. So they are undone, removed, joined and rebuilt with everything else.

mod check;
mod document;
pub(crate) mod joins;
mod json;
mod note;
mod rows;
pub(crate) mod settle;

pub use check::{TIERS, tier_of};
