//! Standard values that look like a raw value. A suggestion is for people: nothing is ever matched by likeness.

use firmograph_core::Attribute;
use firmograph_normalize::{fold_accents, reference_tables};
use std::collections::BTreeSet;

/// Suggestions for one value at most.
const MOST: usize = 3;
/// Least likeness, 0 to 1: below it, texts that only begin alike are suggested.
const LEAST: f64 = 0.82;

/// Names of the standard values of an attribute; none where they cannot be listed.
pub(crate) fn standard_names(attribute: Attribute) -> Vec<&'static str> {
    let table = match attribute {
        Attribute::Industry => "company_industries",
        Attribute::CompanyType => "company_types",
        Attribute::EmployeeRange => "employee_ranges",
        Attribute::Revenue => "revenue_ranges",
        Attribute::Funding => "funding_ranges",
        Attribute::JobTitle => "job_title_levels",
        _ => return Vec::new(),
    };
    let Some(table) = reference_tables().iter().find(|known| known.name == table) else { return Vec::new() };
    let column = match attribute {
        Attribute::JobTitle => 1,
        _ => table.columns.iter().position(|column| *column == "name").unwrap_or(0),
    };
    table.rows.iter().filter_map(|row| row.get(column)).map(String::as_str).collect()
}

/// Standard values that look like `raw`, the likeliest first, at most three.
pub(crate) fn suggest(attribute: Attribute, raw: &str) -> Vec<String> {
    similar_names(raw, standard_names(attribute))
}

/// Those of some names that look like `raw`, the likeliest first, at most three.
#[must_use]
pub fn similar_names<'n>(raw: &str, names: impl IntoIterator<Item = &'n str>) -> Vec<String> {
    let raw = fold_accents(raw);
    let mut near: Vec<(f64, &str)> = names
        .into_iter()
        .map(|name| (likeness(&raw, &fold_accents(name)), name))
        .filter(|(likeness, _)| *likeness >= LEAST)
        .collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    near.into_iter().take(MOST).map(|(_, name)| name.to_owned()).collect()
}

/// By spelling, or by the words that two texts share: 0 to 1.
fn likeness(a: &str, b: &str) -> f64 {
    let words = |text: &str| -> BTreeSet<String> {
        let words = text.split(|c: char| !c.is_alphanumeric());
        words.filter(|word| !word.is_empty() && *word != "and").map(str::to_owned).collect()
    };
    let (first, second) = (words(a), words(b));
    let shared = first.intersection(&second).count() as f64;
    let fewer = first.len().min(second.len()) as f64;
    // One text says everything the other says, and more.
    let contained = if fewer > 0.0 { shared / fewer * 0.9 } else { 0.0 };
    strsim::jaro_winkler(a, b).max(contained)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_alike_is_suggested_and_the_rest_is_not() {
        assert_eq!(suggest(Attribute::CompanyType, "Privat Compny"), ["Private Company"]);
        assert!(
            suggest(Attribute::Industry, "Softwear Development").contains(&"Software Development".to_owned())
        );
        assert!(suggest(Attribute::Industry, "xyzzy").is_empty());
        assert!(suggest(Attribute::Description, "Software").is_empty());
    }
}
