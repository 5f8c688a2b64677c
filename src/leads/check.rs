//! What does not fit together in a lead document. It is told and never repaired: the tables hold what was given.

use super::document::{CATEGORIES, Document, STATUSES, Score, factor};
use super::json::{number_text, said};
use firmograph_normalize::fold_person_name;
use serde_json::Value;

/// From which score on a lead has a tier; below the last it has none. The scale of the system whose documents these are: 85 is
/// shown as a high fit, 70 as a medium one, and below 40 nobody is written to.
pub const TIERS: [(f64, &str); 4] =
    [(85.0, "Tier 1"), (70.0, "Tier 2"), (40.0, "Tier 3"), (f64::NEG_INFINITY, "Disqualified")];

/// Scores are rounded to whole numbers, so two that belong together may be up to 1 apart, exclusive.
const ROUNDING: f64 = 1.0;

const SIGNALS: [&str; 7] =
    ["organizational", "technical", "financial", "intent", "engagement", "persona_change", "other"];
const LEVELS: [&str; 3] = ["High", "Medium", "Low"];
const STRENGTHS: [&str; 3] = ["high", "medium", "low"];

/// One thing in a document that contradicts another, or is none of the values that it may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Disagreement {
    pub(crate) code: &'static str,
    pub(crate) path: String,
    pub(crate) expected: String,
    pub(crate) found: String,
}

/// The tier that follows from a score.
#[must_use]
pub fn tier_of(score: f64) -> &'static str {
    TIERS.iter().find(|(from, _)| score >= *from).map_or("Disqualified", |(_, tier)| tier)
}

/// Everything in a document that does not fit together.
pub(crate) fn check(document: &Document) -> Vec<Disagreement> {
    let mut found = Vec::new();
    let mut tell = |code, path: String, expected: String, shown: String| {
        found.push(Disagreement { code, path, expected, found: shown });
    };
    if document.title.is_none() {
        tell("missing-title", "title".to_owned(), "a title".to_owned(), "none".to_owned());
    }
    if document.name.is_none() {
        tell("missing-name", "name".to_owned(), "a name".to_owned(), "none".to_owned());
    }
    if document.companies.is_empty() && document.metadata.get("company_id").is_none() {
        tell("missing-company", "company".to_owned(), "a company".to_owned(), "none".to_owned());
    }
    if let Some(email) = &document.email
        && !is_address(email)
    {
        tell("bad-email", "email".to_owned(), "name@host.tld".to_owned(), email.clone());
    }
    for key in super::document::REFERENCES {
        if let Some(id) = document.metadata.get(key) {
            let expected = "a document of this import".to_owned();
            tell("unresolved-reference", key.to_owned(), expected, super::json::shown(id));
        }
    }
    let mut known = |path: String, value: Option<&str>, of: &[&str]| {
        if let Some(value) = value.filter(|value| !of.contains(value)) {
            tell("unknown-value", path, of.join(" | "), value.to_owned());
        }
    };
    known("status".to_owned(), document.status.as_deref(), &STATUSES);
    for (index, technographic) in document.technographics.iter().enumerate() {
        let path = format!("research.CompanyProfile.technographics[{index}].confidence");
        known(path, technographic.confidence.as_deref(), &LEVELS);
    }
    if let Some(research) = &document.research {
        for (index, signal) in research.signals.iter().enumerate() {
            let path = |key| format!("research.DetectedSignals[{index}].{key}");
            known(path("type"), signal.kind.as_deref(), &SIGNALS);
            known(path("strength"), signal.strength.as_deref(), &STRENGTHS);
        }
    }
    if let Some(score) = &document.score {
        let tiers: Vec<&str> = TIERS.iter().map(|(_, tier)| *tier).collect();
        known("icp.fit_tier".to_owned(), score.tier.as_deref(), &tiers);
        known("icp.confidence_level".to_owned(), score.confidence.as_deref(), &LEVELS);
    }
    check_status(document, &mut tell);
    if let Some(score) = &document.score {
        check_score(score, &mut tell);
    }
    if let (Some(name), Some(requested)) = (&document.name, requested_name(document))
        && fold_person_name(name) != fold_person_name(requested)
    {
        let path = "research.ResearchMeta.requested_lead.name".to_owned();
        tell("other-lead-requested", path, name.clone(), requested.to_owned());
    }
    found
}

fn requested_name(document: &Document) -> Option<&str> {
    said(document.research.as_ref()?.requested.as_ref()?.get("name")?)
}

/// What the upload of this system asks of an address: something, `@`, something with a dot in it, and no blank.
pub(crate) fn is_address(text: &str) -> bool {
    let Some((name, host)) = text.split_once('@') else { return false };
    let has_dot = host.char_indices().any(|(at, c)| c == '.' && at > 0 && at + 1 < host.len());
    !name.is_empty() && has_dot && !host.contains('@') && !text.contains(char::is_whitespace)
}

type Tell<'t> = dyn FnMut(&'static str, String, String, String) + 't;

fn check_status(document: &Document, tell: &mut Tell<'_>) {
    let path = || "status".to_owned();
    let has_score = document.score.as_ref().is_some_and(|score| score.score.is_some());
    let (research, status) = (document.research.is_some(), document.status.as_deref());
    // Documents of the later form hold the lead alone.
    let is_nested =
        document.metadata.get("company_id").is_none() && document.metadata.get("persona_id").is_none();
    match status {
        Some("icp_scored") if !has_score && is_nested => {
            tell(
                "status-without-content",
                path(),
                "a score".to_owned(),
                "icp_scored without a score".to_owned(),
            );
        }
        Some("researched") if !research && is_nested => {
            tell(
                "status-without-content",
                path(),
                "research".to_owned(),
                "researched without research".to_owned(),
            );
        }
        Some(status @ ("uploaded" | "researched")) if has_score => {
            tell("status-behind-content", path(), "icp_scored".to_owned(), status.to_owned());
        }
        Some("uploaded") if research => {
            tell("status-behind-content", path(), "researched".to_owned(), "uploaded".to_owned());
        }
        _ => {}
    }
}

fn check_score(score: &Score, tell: &mut Tell<'_>) {
    let icp = |key: &str| format!("icp.{key}");
    match (score.score, &score.tier) {
        (None, _) => tell("missing-score", icp("icp_score"), "a number".to_owned(), "none".to_owned()),
        (Some(value), Some(tier)) if tier != tier_of(value) => {
            let expected = format!("{} for {}", tier_of(value), number_text(value));
            tell("tier-against-score", icp("fit_tier"), expected, tier.clone());
        }
        _ => {}
    }
    let range = |path: String, value: Option<f64>, tell: &mut Tell<'_>| {
        if let Some(value) = value.filter(|value| !(0.0..=100.0).contains(value)) {
            tell("out-of-range", path, "0 to 100".to_owned(), number_text(value));
        }
    };
    range(icp("icp_score"), score.score, tell);
    for ((_, key), value) in CATEGORIES.iter().zip(score.fits) {
        range(format!("icp.score_breakdown.{key}"), value, tell);
    }
    for breakdown in &score.factors {
        let path = format!("icp.factor_breakdown.{}", breakdown.category);
        range(format!("{path}.score"), breakdown.score, tell);
        let factors =
            breakdown.factors.as_ref().and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let factors: Vec<_> = factors.iter().map(factor).collect();
        for (index, (_, value, weight)) in factors.iter().enumerate() {
            range(format!("{path}.factors[{index}].value"), *value, tell);
            range(format!("{path}.factors[{index}].weight"), *weight, tell);
        }
        let weights: f64 = factors.iter().filter_map(|(_, _, weight)| *weight).sum();
        if !factors.is_empty() && (weights - 100.0).abs() > 1e-9 {
            tell("weights-against-100", format!("{path}.factors"), "100".to_owned(), number_text(weights));
        }
        let weighted: f64 =
            factors.iter().filter_map(|(_, value, weight)| Some((*value)? * (*weight)?)).sum();
        if weights > 0.0
            && let Some(given) = breakdown.score
            && (given - weighted / weights).abs() >= ROUNDING
        {
            let expected = number_text((weighted / weights * 100.0).round() / 100.0);
            tell("score-against-factors", format!("{path}.score"), expected, number_text(given));
        }
        let place = CATEGORIES.iter().position(|(category, _)| *category == breakdown.category);
        if let (Some(place), Some(given)) = (place, breakdown.score)
            && let Some(other) = score.fits[place]
            && other != given
        {
            let path = format!("icp.score_breakdown.{}", CATEGORIES[place].1);
            tell("breakdown-against-factors", path, number_text(given), number_text(other));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn codes(document: &Value) -> Vec<(&'static str, String)> {
        let found = check(&Document::read(document));
        found.into_iter().map(|one| (one.code, one.path)).collect()
    }

    fn with_icp(icp: Value) -> Value {
        json!({"lead_input": {"name": "A", "title": "CTO", "company": "B"}, "status": "icp_scored", "icp": icp})
    }

    #[test]
    fn a_score_that_fits_together_says_nothing() {
        let icp = json!({"icp_score": 70, "fit_tier": "Tier 2", "score_breakdown": {"company_fit": 95},
            "factor_breakdown": {"companyFit": {"score": 95, "factors": [
                {"name": "a", "value": 95, "weight": 40}, {"name": "b", "value": 98, "weight": 30},
                {"name": "c", "value": 90, "weight": 30}]}}});
        assert_eq!(codes(&with_icp(icp)), []);
    }

    #[test]
    fn each_contradiction_is_told_once_with_its_place() {
        let icp = json!({"icp_score": 84.9, "fit_tier": "Tier 1", "score_breakdown": {"company_fit": 94, "timing_fit": 101},
            "factor_breakdown": {"companyFit": {"score": 96, "factors": [
                {"name": "a", "value": 95, "weight": 50}, {"name": "b", "value": 95, "weight": 40}]}}});
        let places: Vec<_> = codes(&with_icp(icp));
        let expected = [
            ("tier-against-score", "icp.fit_tier"),
            ("out-of-range", "icp.score_breakdown.timing_fit"),
            ("weights-against-100", "icp.factor_breakdown.companyFit.factors"),
            ("score-against-factors", "icp.factor_breakdown.companyFit.score"),
            ("breakdown-against-factors", "icp.score_breakdown.company_fit"),
        ];
        assert_eq!(places, expected.map(|(code, path)| (code, path.to_owned())));
    }

    #[test]
    fn tiers_and_addresses() {
        assert_eq!(
            [85.0, 84.99, 70.0, 69.0, 40.0, 39.9].map(tier_of),
            ["Tier 1", "Tier 2", "Tier 2", "Tier 3", "Tier 3", "Disqualified"]
        );
        assert!(is_address("a@b.c") && !is_address("a@b") && !is_address("a b@c.d") && !is_address("@b.c"));
        assert!(!is_address("a@.b") && !is_address("a@b.") && !is_address("a@b@c.d"));
    }
}
