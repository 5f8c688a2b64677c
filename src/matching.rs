//! Raw value -> standard value, attribute by attribute.

use crate::identity::{Unkeyed, company_key};
use crate::pipeline::PipelineOptions;
use firmograph_core::{Attribute, Evidence, Matched, MatchedValue, Outcome, RawValue, Scalar, Span};
use firmograph_normalize::{
    LevelMap, PersonNameParts, PlaceParts, RangeMatch, canonical_linkedin_url, clean_company_name,
    country_code, join_person_name, match_company_type, match_employee_range, match_funding_range,
    match_industry, match_job_title_with, match_place, match_revenue_range, normalize_email_with,
    normalize_phone,
};
use std::borrow::Cow;

/// The standard value of a raw value, column by column; `None` where it has none (yet): unmatched is data. What a user says
/// that it means wins over the rules.
#[must_use]
pub fn match_value(attribute: Attribute, raw: &RawValue, options: &PipelineOptions) -> Option<MatchedValue> {
    if let Some(lookups) = &options.lookups
        && let Some(text) = raw.part(0)
        && let Some((standard, reference)) = lookups.standard(attribute, text)
        && let Some(mut value) = by_rules(attribute, &RawValue::new([Some(standard)]), options)
    {
        let evidence = Evidence::new("lookup", "", Span::all(text), 100);
        value.evidence = Evidence { reference: Cow::Owned(reference.to_owned()), ..evidence };
        return Some(value);
    }
    by_rules(attribute, raw, options)
}

fn by_rules(attribute: Attribute, raw: &RawValue, options: &PipelineOptions) -> Option<MatchedValue> {
    let text = raw.part(0);
    match attribute {
        Attribute::CompanyName => found(clean_company_name(text?), |name| {
            vec![
                Scalar::Text(name.display.into()),
                Scalar::Text(name.key.into()),
                Scalar::text(name.legal_form),
            ]
        }),
        Attribute::EmployeeRange => found(match_employee_range(&in_unit(text?, raw.part(2))), range_columns),
        Attribute::Revenue => found(match_revenue_range(&in_unit(text?, raw.part(1))), range_columns),
        Attribute::Funding => found(match_funding_range(&in_unit(text?, raw.part(1))), range_columns),
        Attribute::CompanyType => {
            found(match_company_type(text?), |kind| vec![Scalar::text(Some(kind.name))])
        }
        Attribute::Industry => found(match_industry(text?), |industry| {
            vec![Scalar::text(Some(industry.name)), Scalar::Int(industry.code.into())]
        }),
        Attribute::CompanyLocation | Attribute::PersonLocation => found(match_place(&place(raw)), |place| {
            vec![
                Scalar::text(place.city.as_deref()),
                Scalar::text(place.region),
                Scalar::text(place.country),
                Scalar::text(place.region_code),
                Scalar::text(place.country_code),
                Scalar::text(place.metro.as_deref()),
                Scalar::Int(place.is_remote.into()),
            ]
        }),
        Attribute::PersonName => match_person_name(raw),
        Attribute::CompanyContact => side_by_side([page(raw), phone(raw, 2), phone(raw, 3)]),
        Attribute::JobTitle => match_title(text, raw.part(1), options.level_map.as_deref()),
        Attribute::PersonCompany => found(employer(raw, options), |key| vec![Scalar::Text(key)]),
        Attribute::PersonContact => {
            side_by_side([email(raw, options), page(raw), phone(raw, 2), phone(raw, 3)])
        }
        Attribute::Description => None,
    }
}

/// Whether a raw value says something that its matcher should know.
pub(crate) fn asks(attribute: Attribute, raw: &RawValue) -> bool {
    let any = |parts: &[&str]| {
        parts.iter().filter_map(|part| attribute.part(part)).any(|part| raw.part(part).is_some())
    };
    match attribute {
        // A street or a postal code alone names no place.
        Attribute::CompanyLocation | Attribute::PersonLocation => {
            any(&["location", "city", "state", "country"])
        }
        Attribute::PersonName => any(&["first_name", "last_name", "full_name"]),
        _ => raw.part(0).is_some(),
    }
}

/// The company that a domain names, else the provisional one, exactly as it is keyed.
fn employer(raw: &RawValue, options: &PipelineOptions) -> Outcome<Box<str>> {
    match raw.part(0).map(|text| company_key(text, options)) {
        Some(Outcome::Matched(matched)) => Outcome::Matched(matched),
        _ => Unkeyed { page: raw.part(2), name: raw.part(1), country: raw.part(3) }.key(),
    }
}

fn found<T>(outcome: Outcome<T>, columns: impl FnOnce(T) -> Vec<Scalar>) -> Option<MatchedValue> {
    let matched = outcome.ok()?;
    Some(MatchedValue { columns: columns(matched.value), evidence: matched.evidence })
}

/// A number that names no unit, with the one that its source counts in; text that has letters or a sign of money stays.
fn in_unit<'t>(text: &'t str, unit: Option<&str>) -> Cow<'t, str> {
    let is_bare = |text: &str| text.chars().all(|c| c.is_numeric() || " .,'_+-–—~<>".contains(c));
    match unit {
        Some(unit) if is_bare(text) => Cow::Owned(format!("{} {unit}", text.trim_end())),
        _ => Cow::Borrowed(text),
    }
}

fn range_columns(range: RangeMatch) -> Vec<Scalar> {
    vec![Scalar::text(Some(range.name)), Scalar::int(range.minimum), Scalar::int(range.maximum)]
}

/// The title decides; where it is no title, the level that a vendor put beside it does. A user's map wins over the rules for each.
fn match_title(title: Option<&str>, level: Option<&str>, map: Option<&LevelMap>) -> Option<MatchedValue> {
    let by_title = title.and_then(|title| {
        found(match_job_title_with(title, map), |job| {
            vec![
                Scalar::Int(job.level.into()),
                Scalar::text(Some(job.seniority)),
                Scalar::text(job.function),
                Scalar::Text(job.cleaned_title.into()),
            ]
        })
    });
    by_title.or_else(|| {
        let mut value = found(match_job_title_with(level?, map), |job| {
            vec![Scalar::Int(job.level.into()), Scalar::text(Some(job.seniority)), Scalar::Null, Scalar::Null]
        })?;
        value.evidence.rule = Cow::Owned(format!("level_column:{}", value.evidence.rule));
        Some(value)
    })
}

fn place(raw: &RawValue) -> PlaceParts<'_> {
    PlaceParts {
        location: raw.part(0),
        address: raw.part(1),
        city: raw.part(2),
        state: raw.part(3),
        postal_code: raw.part(4),
        country: raw.part(5),
    }
}

fn match_person_name(raw: &RawValue) -> Option<MatchedValue> {
    let parts = PersonNameParts {
        salutation: raw.part(0),
        first_name: raw.part(1),
        middle_name: raw.part(2),
        last_name: raw.part(3),
        full_name: raw.part(4),
    };
    found(join_person_name(&parts), |name| {
        let last_name = match (name.particle, name.family) {
            (Some(particle), Some(family)) => Some(format!("{particle} {family}")),
            (particle, family) => family.or(particle),
        };
        let rest = [name.prefix, name.given, name.middle, last_name, name.suffix, name.credentials];
        let mut columns = Vec::with_capacity(7);
        columns.push(Scalar::Text(name.display.into()));
        columns.extend(rest.into_iter().map(owned));
        columns
    })
}

fn owned(text: Option<String>) -> Scalar {
    text.map_or(Scalar::Null, |text| Scalar::Text(text.into()))
}

type Read = Option<(String, Evidence)>;

fn email(raw: &RawValue, options: &PipelineOptions) -> Read {
    let matched = normalize_email_with(raw.part(0)?.trim(), options.domain_options()).ok()?;
    Some((matched.value.address, matched.evidence))
}

fn page(raw: &RawValue) -> Read {
    let matched = canonical_linkedin_url(raw.part(1)?).ok()?;
    Some((matched.value.url, matched.evidence))
}

/// A number that can be dialled; the country beside it says what a national number means.
fn phone(raw: &RawValue, part: usize) -> Read {
    let text = raw.part(part)?;
    let region = raw.part(4).and_then(country_code);
    let Matched { value, evidence } = normalize_phone(text, region).ok()?;
    if !value.is_valid {
        return None;
    }
    let number = match value.extension {
        Some(extension) => format!("{} ext. {extension}", value.e164),
        None => value.e164,
    };
    Some((number, evidence))
}

/// Columns that are matched each by itself; the evidence is that of the first that is.
fn side_by_side<const N: usize>(columns: [Read; N]) -> Option<MatchedValue> {
    let evidence = columns.iter().flatten().next()?.1.clone();
    let columns = columns.into_iter().map(|column| owned(column.map(|(text, _)| text))).collect();
    Some(MatchedValue { columns, evidence })
}

#[cfg(test)]
mod tests {
    use super::*;
    use firmograph_core::Source;

    #[test]
    fn a_unit_counts_for_bare_numbers_alone() {
        let options = PipelineOptions::new(Source::new("csv").unwrap());
        let range = |said: &str, unit: &str| {
            let raw = RawValue::new([Some(said), Some(unit)]);
            let matched = match_value(Attribute::Revenue, &raw, &options)?;
            matched.columns[0].as_text().map(str::to_owned)
        };
        assert_eq!(range("12", "million USD").as_deref(), Some("$10M - $25M"));
        assert_eq!(range("10-25", "million").as_deref(), Some("$10M - $25M"));
        assert_eq!(range("$12K", "million USD").as_deref(), Some("< $1M"));
        assert_eq!(range("12", "").as_deref(), Some("< $1M"));
    }
}
