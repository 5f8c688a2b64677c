//! Stored scores that are not what follows from what is stored.

use super::Rewritten;
use crate::Difference;
use firmograph_core::{EntityKind, QUALITY_PARTS};
use firmograph_store::QualityRow;

/// One value of a score that is another than it should be as of the day of the score; the whole score under the column `key`.
pub(crate) fn quality_difference(
    kind: EntityKind,
    key: &str,
    column: &str,
    stored: Option<String>,
    expected: Option<String>,
) -> Difference {
    Difference {
        table: format!("intelligence.{}_quality", kind.name()),
        key: key.to_owned(),
        source: None,
        column: column.to_owned(),
        stored,
        expected,
    }
}

/// Scores that are missing, and each value of those that are others.
pub(crate) fn quality_differences(
    kind: EntityKind,
    new: &[QualityRow],
    changed: &[Rewritten],
) -> Vec<Difference> {
    let missing =
        new.iter().map(|row| quality_difference(kind, &row.key, "key", None, Some(row.key.to_string())));
    let others = changed.iter().flat_map(|Rewritten { stored, expected, .. }| {
        let values = cells(stored).into_iter().zip(cells(expected));
        let differing = values.filter(|(stored, expected)| stored != expected);
        differing.map(|((column, stored), (_, value))| {
            quality_difference(kind, &expected.key, &column, stored, value)
        })
    });
    missing.chain(others).collect()
}

fn cells(row: &QualityRow) -> Vec<(String, Option<String>)> {
    let text = |name: &str, value: &str| (name.to_owned(), Some(value.to_owned()));
    let number = |name: &str, value: i64| (name.to_owned(), Some(value.to_string()));
    let mut cells = vec![
        text("id", &row.id),
        number("score", row.score),
        text("grade", &row.grade),
        number("completeness", row.completeness),
    ];
    cells.extend(
        QUALITY_PARTS.iter().zip(row.parts).map(|(part, points)| number(&format!("{part}_points"), points)),
    );
    cells.extend([
        ("phone_score".to_owned(), row.phone_score.map(|score| score.to_string())),
        ("email_grade".to_owned(), row.email_grade.as_deref().map(str::to_owned)),
        text("breakdown", &row.breakdown),
        text("sources", &row.sources),
        ("verified_at".to_owned(), row.verified_at.map(|time| time.to_string())),
        text("as_of", &row.as_of),
    ]);
    cells
}
