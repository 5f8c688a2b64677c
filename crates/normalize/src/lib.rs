//! From raw text to standard values, with evidence: one function for each kind of value.
//!
//! Every function is total (any text gives an [`Outcome`](firmograph_core::Outcome), never a panic), deterministic and
//! free of locale, gives NFC, and is a fixed point on its own output. A value that is not understood is unmatched with
//! a reason; nothing is guessed. Text of more than [`LONGEST_INPUT`] bytes, and a name, title
//! or place of more than [`LONGEST_NAME`], is unmatched with the reason `too_long`, unread.
//!
//! ```
//! use firmograph_normalize::{clean_company_name, extract_domain, match_employee_range};
//!
//! assert_eq!(extract_domain("https://www.acme.co.uk/about").value().unwrap().domain, "acme.co.uk");
//! assert_eq!(clean_company_name("ACME WIDGETS, INC.").value().unwrap().display, "Acme Widgets");
//! assert_eq!(match_employee_range("1K-5K").value().unwrap().name, "1001-5000");
//! ```

mod acronym;
mod company_name;
mod company_notes;
mod company_type;
mod domain;
mod email;
mod email_grammar;
mod employee_range;
mod exchange;
mod fold_table;
mod form_trie;
mod host;
mod industry;
mod job_title;
mod kind;
mod legal_form;
mod level_map;
mod linkedin;
mod location;
mod mail_hosts;
mod match_key;
mod money_range;
mod name_case;
mod person_name;
mod phone;
mod placeholder;
mod range;
mod reference;
mod role_mailbox;
mod slip;
mod standard_range;
#[cfg(test)]
mod testing;
#[expect(unreachable_pub, reason = "helpers for the modules here, not for users")]
mod text;

pub use company_name::{CompanyName, clean_company_name};
pub use company_type::{CompanyType, match_company_type};
pub use domain::{Domain, DomainOptions, extract_domain, extract_domain_with};
pub use email::{Email, normalize_email, normalize_email_with};
pub use employee_range::match_employee_range;
pub use exchange::{CurrencyAmount, ExchangeRate, RangeOptions};
pub use industry::{Industry, match_industry};
pub use job_title::{JobTitle, level_name, level_of_name, match_job_title};
pub use kind::{Kind, normalize, normalize_in};
pub use level_map::{
    LevelMap, LevelMapCheck, LevelMapColumns, LevelMapEntry, LevelMapFinding, LevelMapPolicy, LevelMapReason,
    LevelMapRow, LevelMapSeverity, check_level_map, match_job_title_with,
};
pub use linkedin::{LinkedinKind, LinkedinUrl, canonical_linkedin_url};
pub use location::{Location, PlaceParts, country_code, match_location, match_place};
pub use money_range::{
    amount_in_other_currency, match_funding_range, match_funding_range_with, match_revenue_range,
    match_revenue_range_with,
};
pub use person_name::{PersonName, PersonNameParts, fold_person_name, join_person_name, split_person_name};
#[cfg(feature = "phone")]
pub use phone::{Phone, normalize_phone};
pub use placeholder::is_placeholder;
pub use reference::{ReferenceTable, reference_tables, word_tables};
pub use standard_range::RangeMatch;
pub use text::{LONGEST_INPUT, LONGEST_NAME, fold, fold_accents};
