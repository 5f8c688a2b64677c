//! What a check asks for: `completeness=80`, `name=1%`.

use crate::suggest::similar_names;
use firmograph_core::{
    EntityKind, Error, ErrorKind, GoldenColumn, QUALITY_PARTS, ScalarKind, golden_columns, quality_fields,
};

/// A limit that the records of a database have to keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QualityGate {
    /// As it was written, without its number.
    pub name: String,
    /// The limit in hundredths of a percent.
    pub limit: i64,
    pub(super) of: GateOf,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum GateOf {
    Min(Measure),
    /// For each kind that has it, the golden columns of which one must be known.
    MaxNull(Vec<(EntityKind, Vec<(&'static str, ScalarKind)>)>),
}

/// What is measured of each record, 0 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Measure {
    Score,
    /// Share of the critical fields.
    Completeness,
    /// A part as a percentage of what it could be.
    Part(usize),
}

impl QualityGate {
    /// The mean of a measure over the records of each kind is at least so much: `completeness=80`, `score=72.5`.
    ///
    /// # Errors
    /// `unknown-measure` or `bad-limit` (usage).
    ///
    /// ```
    /// use firmograph::QualityGate;
    ///
    /// assert_eq!(QualityGate::min("completeness=80")?.limit, 80_00);
    /// let error = QualityGate::min("completness=80").unwrap_err();
    /// assert_eq!(error.code(), "unknown-measure");
    /// assert!(error.help().unwrap().contains("completeness"));
    /// # Ok::<(), firmograph::Error>(())
    /// ```
    pub fn min(text: &str) -> Result<Self, Error> {
        let (name, limit) = parse(text, "completeness=80")?;
        let measure = match QUALITY_PARTS.iter().position(|part| *part == name) {
            _ if name == "score" => Measure::Score,
            Some(0) => Measure::Completeness,
            Some(part) => Measure::Part(part),
            None => {
                let names: Vec<_> = ["score"].into_iter().chain(QUALITY_PARTS).collect();
                return Err(unknown("unknown-measure", "measure", name, &names));
            }
        };
        Ok(QualityGate { name: name.to_owned(), limit, of: GateOf::Min(measure) })
    }

    /// At most this share of the records of each kind lacks a golden column, or a field of the score: `name=1%`, `person.email=5%`.
    /// A placeholder is nothing.
    ///
    /// # Errors
    /// `unknown-column` or `bad-limit` (usage).
    pub fn max_null(text: &str) -> Result<Self, Error> {
        let (name, limit) = parse(text, "name=1%")?;
        let (only, column) = match name.split_once('.') {
            Some(("company", column)) => (Some(EntityKind::Company), column),
            Some(("person", column)) => (Some(EntityKind::Person), column),
            _ => (None, name),
        };
        let kinds = [EntityKind::Company, EntityKind::Person].into_iter();
        let kinds: Vec<_> = kinds.filter(|kind| only.is_none_or(|only| only == *kind)).collect();
        let found: Vec<_> = kinds.iter().filter_map(|&kind| Some((kind, columns(kind, column)?))).collect();
        if found.is_empty() {
            let golden = kinds.iter().flat_map(|&kind| golden_columns(kind)).map(|column| column.name);
            let fields = kinds.iter().flat_map(|&kind| quality_fields(kind)).map(|field| field.name);
            let mut names: Vec<_> = golden.chain(fields).collect();
            names.sort_unstable();
            names.dedup();
            return Err(unknown("unknown-column", "golden column or field", column, &names));
        }
        Ok(QualityGate { name: name.to_owned(), limit, of: GateOf::MaxNull(found) })
    }

    /// Whether it is about what scores measure, of both kinds.
    pub(super) fn is_min(&self) -> bool {
        matches!(self.of, GateOf::Min(_))
    }

    /// The golden columns of a kind of which one must be known.
    pub(super) fn columns(&self, kind: EntityKind) -> Option<&[(&'static str, ScalarKind)]> {
        match &self.of {
            GateOf::Min(_) => None,
            GateOf::MaxNull(found) => {
                found.iter().find(|(of, _)| *of == kind).map(|(_, columns)| columns.as_slice())
            }
        }
    }
}

/// The golden column of this name, else those of the field of this name.
fn columns(kind: EntityKind, name: &str) -> Option<Vec<(&'static str, ScalarKind)>> {
    let all = golden_columns(kind);
    let told = |column: &GoldenColumn| (column.name, column.kind);
    if let Some(column) = all.iter().find(|column| column.name == name) {
        return Some(vec![told(column)]);
    }
    let field = quality_fields(kind).iter().find(|field| field.name == name)?;
    let names: Vec<_> = field.columns().collect();
    Some(all.iter().filter(|column| names.contains(&column.name)).map(told).collect())
}

/// A name and a percentage with at most two decimals, in hundredths.
fn parse<'t>(text: &'t str, example: &str) -> Result<(&'t str, i64), Error> {
    let parsed = text.split_once('=').and_then(|(name, limit)| Some((name.trim(), hundredths(limit)?)));
    parsed.filter(|(name, limit)| !name.is_empty() && (0..=10_000).contains(limit)).ok_or_else(|| {
        Error::new(ErrorKind::Usage, "bad-limit", format!("{text:?} is no name with a limit from 0 to 100"))
            .with_help(format!("write it like {example}, with at most two decimals"))
    })
}

fn hundredths(text: &str) -> Option<i64> {
    let text = text.trim();
    let text = text.strip_suffix('%').unwrap_or(text).trim_end();
    let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
    let is_number = |text: &str, most: usize| {
        (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    if !is_number(whole, 3) || !is_number(decimals, 2) {
        return None;
    }
    let tenths = if decimals.len() == 1 { 10 } else { 1 };
    Some(whole.parse::<i64>().ok()? * 100 + decimals.parse::<i64>().ok()? * tenths)
}

pub(super) fn unknown(code: &'static str, what: &str, name: &str, names: &[&str]) -> Error {
    let near = similar_names(name, names.iter().copied());
    let help = match near.as_slice() {
        [] => format!("use one of {}", names.join(", ")),
        near => format!("did you mean {}?", near.join(" or ")),
    };
    Error::new(ErrorKind::Usage, code, format!("there is no {what} {name:?}")).with_help(help)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_read_to_two_decimals_and_no_further() {
        for (text, limit) in
            [("80", 8_000), ("80%", 8_000), (" 0.5 %", 50), ("99.99", 9_999), ("100", 10_000)]
        {
            assert_eq!(QualityGate::min(&format!("score={text}")).unwrap().limit, limit, "{text}");
        }
        for text in ["", "x", "-1", "100.01", "101", "1.234", "1.", ".5", "NaN", "1e1"] {
            assert_eq!(QualityGate::min(&format!("score={text}")).unwrap_err().code(), "bad-limit", "{text}");
        }
        assert_eq!(QualityGate::min("score").unwrap_err().code(), "bad-limit");
        assert_eq!(QualityGate::min("=80").unwrap_err().code(), "bad-limit");
    }

    #[test]
    fn columns_are_golden_ones_or_fields_and_near_ones_are_suggested() {
        let kinds = |text: &str| match QualityGate::max_null(text).unwrap().of {
            GateOf::MaxNull(found) => found,
            GateOf::Min(_) => Vec::new(),
        };
        let names = |text: &str| -> Vec<Vec<&str>> {
            kinds(text)
                .into_iter()
                .map(|(_, columns)| columns.into_iter().map(|(name, _)| name).collect())
                .collect()
        };
        assert_eq!(names("name=1%"), [["name"], ["fullName"]]);
        assert_eq!(names("person.email=5%"), [["email"]]);
        assert_eq!(names("employees=5%"), [["minEmployeeSize", "maxEmployeeSize", "employeeRange"]]);
        let error = QualityGate::max_null("emial=5%").unwrap_err();
        assert_eq!((error.code(), error.help()), ("unknown-column", Some("did you mean email?")));
        assert_eq!(QualityGate::max_null("company.email=5%").unwrap_err().code(), "unknown-column");
    }
}
