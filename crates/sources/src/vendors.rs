//! The mappings of vendors that come with firmograph.

use crate::mapping::Mapping;
use firmograph_core::Source;
use std::sync::LazyLock;

/// Their texts. Of one source, the first whose condition holds is taken: those that ask for more stand before others.
const TEXTS: &[&str] = &[
    include_str!("../data/vendors/signal_job_change.toml"),
    include_str!("../data/vendors/signal_promotion.toml"),
    include_str!("../data/vendors/signal_job_posting.toml"),
    include_str!("../data/vendors/signal_new_hire.toml"),
    include_str!("../data/vendors/signal_news_fundraising.toml"),
    include_str!("../data/vendors/claygent_customers.toml"),
    include_str!("../data/vendors/manual_customers.toml"),
    include_str!("../data/vendors/clay_find_companies.toml"),
    include_str!("../data/vendors/clay_company_firmographics.toml"),
    include_str!("../data/vendors/clay_find_people.toml"),
    include_str!("../data/vendors/clay_person_profile.toml"),
    include_str!("../data/vendors/salesnav_people.toml"),
    include_str!("../data/vendors/apollo_people.toml"),
    include_str!("../data/vendors/crunchbase_company.toml"),
    include_str!("../data/vendors/crunchbase_portfolio.toml"),
    include_str!("../data/vendors/companyenrich_company.toml"),
    include_str!("../data/vendors/companyenrich_similar.toml"),
    include_str!("../data/vendors/coresignal_company.toml"),
    include_str!("../data/vendors/coresignal_person.toml"),
    include_str!("../data/vendors/lusha_company.toml"),
    include_str!("../data/vendors/lusha_person.toml"),
    include_str!("../data/vendors/perplexity_company.toml"),
    include_str!("../data/vendors/perplexity_person.toml"),
    include_str!("../data/vendors/manual_company.toml"),
    include_str!("../data/vendors/legacy_company.toml"),
    include_str!("../data/vendors/legacy_prospect.toml"),
    include_str!("../data/vendors/customers.toml"),
    include_str!("../data/vendors/row_company.toml"),
    include_str!("../data/vendors/row_prospect.toml"),
    include_str!("../data/vendors/nested_lead.toml"),
];

static MAPPINGS: LazyLock<Vec<Mapping>> = LazyLock::new(|| {
    let parsed = TEXTS.iter().filter_map(|text| Mapping::parse(text).ok());
    parsed.map(|mapping| Mapping { is_own: false, ..mapping }).collect()
});

/// The mappings of vendors that come with firmograph, in the order in which they are tried.
#[must_use]
pub fn vendor_mappings() -> &'static [Mapping] {
    &MAPPINGS
}

/// A user's own mappings, and behind them those of the source that come with firmograph.
pub(crate) fn with(own: &[Mapping], source: Option<&Source>) -> Vec<Mapping> {
    let is_for = |mapping: &&Mapping| {
        source.is_some_and(|source| mapping.sources().iter().any(|name| name == source.as_str()))
    };
    own.iter().chain(MAPPINGS.iter().filter(is_for)).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mapping_can_be_read_and_is_for_a_source() {
        for text in TEXTS {
            let mapping = Mapping::parse(text).unwrap();
            assert!(mapping.name().is_some() && !mapping.sources().is_empty(), "{text}");
            assert!(!mapping.when.is_always(), "{:?} would take everything", mapping.name());
        }
    }
}
