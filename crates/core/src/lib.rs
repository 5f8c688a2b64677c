//! Words and rules of firmograph, and nothing else: no input or output, no async, no clock, no big tables.
//!
//! A source gives a payload; its mapping turns the payload into a [`FieldSet`]; normalisers turn raw text into an
//! [`Outcome`]; together they become [`Observation`]s, which are gathered per (key, attribute, source) in a
//! [`Dimension`], coalesced across sources ([`coalesce`]) and laid out as a golden row ([`GoldenRow`]).
//!
//! ```
//! use firmograph_core::{Attribute, Dimension, Observation, PayloadId, Priorities, RawValue, Source, coalesce};
//!
//! let said = |source: &str, name: &str| {
//!     Dimension::from(Observation {
//!         key: "acme.example".into(),
//!         attribute: Attribute::CompanyName,
//!         source: Source::new(source).unwrap(),
//!         raw: RawValue::new([Some(name)]),
//!         payload: PayloadId::default(),
//!         observed_at: None,
//!     })
//! };
//! let dimensions = [said("apollo", "ACME"), said("crunchbase", "Acme Inc.")];
//! let golden = coalesce(&dimensions, Attribute::CompanyName, &Priorities::compiled()).unwrap();
//! assert_eq!(dimensions[golden.winner].source().as_str(), "crunchbase");
//! ```

mod attribute;
mod budget;
mod coalesce;
mod dimension;
mod error;
mod evidence;
mod field;
mod golden;
mod key;
mod money;
mod observation;
mod price;
mod priorities;
mod quality;
mod reject;
mod source;
mod value;

pub use attribute::{Attribute, AttributeSpec, EntityKind, MAX_PARTS, ScalarKind};
pub use budget::{ALERT_PERCENTAGES, BudgetPeriod, BudgetScope, BudgetStanding, time_zone};
pub use coalesce::{Coalesced, Loss, LossReason, Policy, WinReason, coalesce};
pub use dimension::{Dimension, Support};
pub use error::{Error, ErrorKind};
pub use evidence::{Evidence, Matched, Outcome, Span, Unmatched};
pub use field::{Field, FieldSet, FieldSetBuilder};
pub use golden::{GoldenColumn, GoldenRow, LONGEST_INDEXED, golden_columns, golden_row, origin_columns};
pub use key::{
    company_key_kind, company_key_of_domain, company_key_of_linkedin, company_key_of_name, derived_id,
    entity_id, person_key_of_email, person_key_of_linkedin, person_key_of_name,
};
pub use money::MicroDollars;
pub use observation::{Observation, PayloadId};
pub use price::{UnitPrice, Usage};
pub use priorities::Priorities;
pub use quality::{
    AttributeQuality, Day, FieldQuality, Mailbox, Meaning, QUALITY_PARTS, QUALITY_VERSION, Quality,
    QualityField, Scoring, apportion, quality, quality_fields, quality_table,
};
pub use reject::{Position, Reject, RejectCode};
pub use source::Source;
pub use value::{MatchedValue, RawValue, Scalar};

pub use jiff::Timestamp;
