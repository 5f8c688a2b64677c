//! What holds for every kind and every text. The property tests, the replay of the corpora and the fuzz targets all ask here.

use firmograph_normalize::{Kind, normalize};
use serde_json::Value;
use unicode_normalization::is_nfc;

/// A field of a kind, and the fields that are the same when its value is normalised again. A field without such fields
/// stays the same itself.
type FixedPoint = (&'static str, &'static [&'static str]);

/// The fixed points of a kind, by its name so that a kind may be listed before it is there.
fn fixed_points(kind: &str) -> &'static [FixedPoint] {
    match kind {
        "domain" => &[("domain", &[]), ("host", &["domain", "host", "suffix", "is_private_suffix"])],
        "email" => &[("address", &["address", "key", "host", "domain", "suggestion"]), ("key", &[])],
        "company_name" => &[("display", &["display", "key"])],
        "job_title" => &[("cleaned_title", &["cleaned_title", "level", "seniority", "function"])],
        "employee_range" | "revenue_range" | "funding_range" => &[("name", &[])],
        "linkedin_url" => &[("url", &["url", "kind", "slug"])],
        "industry" | "company_type" => &[("name", &["name", "code"])],
        "phone" => &[("e164", &["e164", "is_valid"])],
        "person_name" => &[("display", &[])],
        _ => &[],
    }
}

/// Panics where `text` shows a fault of `kind`: a panic of its own, two answers, neither a match nor a reason, a span
/// that cuts a character, output that is not NFC, or a value that its own normaliser changes.
pub(crate) fn check(kind: Kind, text: &str) {
    let found = normalize(kind, text);
    let told = |what: &str| format!("{} {text:?}: {what}: {found}", kind.name());
    assert_eq!(found, normalize(kind, text), "{}", told("two answers"));
    assert_eq!(found["raw"], text);
    let matched = found.get("rule").is_some();
    assert!(matched != found.get("unmatched").is_some(), "{}", told("matched and not"));
    for (name, value) in found.as_object().into_iter().flatten().filter(|(name, _)| *name != "raw") {
        assert!(texts(value).all(is_nfc), "{}", told(&format!("{name} is not NFC")));
    }
    if !matched {
        return;
    }
    let end = |at: usize| found["span"][at].as_u64().map_or(usize::MAX, |at| at as usize);
    assert!(text.get(end(0)..end(1)).is_some(), "{}", told("span"));
    for name in ["confidence", "overlap"] {
        let within = found.get(name).and_then(Value::as_f64).is_none_or(|share| (0.0..=1.0).contains(&share));
        assert!(within, "{}", told(name));
    }
    for (field, same) in fixed_points(kind.name()) {
        let Some(value) = found[field].as_str() else { continue };
        assert!(!value.is_empty(), "{}", told(&format!("{field} is empty")));
        let again = normalize(kind, value);
        for name in if same.is_empty() { std::slice::from_ref(field) } else { *same } {
            assert_eq!(again[name], found[name], "{}", told(&format!("{field} is no fixed point: {again}")));
        }
    }
}

fn texts(value: &Value) -> Box<dyn Iterator<Item = &str> + '_> {
    match value {
        Value::String(text) => Box::new(std::iter::once(text.as_str())),
        Value::Array(items) => Box::new(items.iter().flat_map(texts)),
        _ => Box::new(std::iter::empty()),
    }
}
