use firmograph_core::Outcome;
use std::sync::LazyLock;

use crate::range::Counts;
use crate::standard_range::{RangeMatch, Standard};
use crate::text;

pub(crate) const DATA: &str = include_str!("../data/employee_ranges.csv");

static RANGES: LazyLock<Standard> =
    LazyLock::new(|| Standard::new(DATA, Counts::People, "employee_ranges@2026.1"));

/// The standard employee range of any spelling of a head count or an interval of them. A bare number is people.
///
/// ```
/// use firmograph_normalize::match_employee_range;
/// let found = match_employee_range("51 t0 200 employees").ok().unwrap().value;
/// assert_eq!((found.name, found.minimum, found.maximum), ("51-200", Some(51), Some(200)));
/// assert_eq!(match_employee_range("1000+").value().unwrap().maximum, None);
/// assert_eq!(match_employee_range("Marketing").reason(), Some("not_a_range"));
/// ```
#[must_use]
pub fn match_employee_range(raw: &str) -> Outcome<RangeMatch> {
    let ranges = &*RANGES;
    let mut placed = ranges.find(raw, &[]);
    if matches!(placed, Err("not_a_range")) && is_one_person(raw) {
        placed = ranges.value(1, "self_employed");
    }
    ranges.outcome(raw, placed)
}

fn is_one_person(raw: &str) -> bool {
    if raw.len() > 40 {
        return false;
    }
    let folded = text::fold_accents(raw);
    let words: String = folded.chars().filter(|c| c.is_alphabetic()).collect();
    matches!(
        words.as_str(),
        "selfemployed"
            | "selfemployment"
            | "soleproprietor"
            | "soleproprietorship"
            | "soletrader"
            | "solo"
            | "solopreneur"
            | "freelance"
            | "freelancer"
            | "justme"
            | "onlyme"
            | "myself"
            | "myselfonly"
            | "owneronly"
            | "oneman"
            | "onemanshow"
            | "selbststandig"
            | "selbstandig"
            | "freiberufler"
            | "independant"
            | "autonomo"
            | "zzp"
    )
}
