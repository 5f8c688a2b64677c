//! Caps as a file says them.

use crate::budget::{NewBudget, check_amount, check_names};
use firmograph_core::{BudgetPeriod, BudgetScope, Error, ErrorKind, MicroDollars, time_zone};
use serde::Deserialize;
use std::path::Path;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    budget: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    workspace: String,
    provider: Option<String>,
    user: Option<String>,
    day: Option<toml::Value>,
    month: Option<toml::Value>,
    time_zone: Option<String>,
}

/// Reads a TOML file of caps: a `[[budget]]` with `workspace`, `day` and `month` in dollars, of which one may be missing, and
/// if need be `provider`, `user` and `time_zone`, without which a cap that there is keeps its own, and another one has UTC.
///
/// # Errors
/// `cannot-read` (environment); `bad-budgets` (usage) for a file that says something else.
pub fn read_budgets(path: &Path, author: Option<&str>) -> Result<Vec<NewBudget>, Error> {
    let bad = |what: String| {
        Error::new(ErrorKind::Usage, "bad-budgets", format!("{}: {what}", path.display()))
            .with_help("see examples/budgets.toml")
    };
    let text = std::fs::read_to_string(path).map_err(|error| {
        let message = format!("{} cannot be read: {error}", path.display());
        Error::new(ErrorKind::Environment, "cannot-read", message).with_cause(error)
    })?;
    let file: File = toml::from_str(&text).map_err(|error| bad(error.to_string()))?;
    let mut budgets: Vec<NewBudget> = Vec::new();
    for entry in file.budget {
        let Entry { workspace, provider, user, day, month, time_zone: zone } = entry;
        let scope = BudgetScope { workspace, provider, user };
        // All that can be known before the first of them is set.
        check_names(&scope.workspace, scope.provider.as_deref(), scope.user.as_deref())
            .and_then(|()| zone.as_deref().map_or(Ok(()), |zone| time_zone(zone).map(drop)))
            .map_err(|error| bad(format!("{scope}: {error}")))?;
        if day.is_none() && month.is_none() {
            return Err(bad(format!("{scope} has neither a cap for the day nor for the month")));
        }
        for (period, cap) in [(BudgetPeriod::Day, day), (BudgetPeriod::Month, month)] {
            let Some(cap) = cap else { continue };
            let cap = match cap {
                toml::Value::String(text) => text,
                other => other.to_string(),
            };
            let cap = cap
                .parse::<MicroDollars>()
                .and_then(|cap| check_amount("a cap", cap).map(|()| cap))
                .map_err(|error| bad(format!("{scope}, {period}: {error}")))?;
            if budgets.iter().any(|known| known.scope == scope && known.period == period) {
                return Err(bad(format!("{scope} has two caps for the {period}")));
            }
            budgets.push(NewBudget {
                scope: scope.clone(),
                period,
                cap,
                time_zone: zone.clone(),
                author: author.map(str::to_owned),
            });
        }
    }
    Ok(budgets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_is_read_and_what_is_no_budget_is_refused() {
        let example = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/budgets.toml"));
        let budgets = read_budgets(example, Some("ada")).unwrap();
        let shown = budgets
            .iter()
            .map(|of| format!("{} {} {} {}", of.scope, of.period, of.cap, of.time_zone.as_deref().unwrap()));
        assert_eq!(
            shown.collect::<Vec<_>>(),
            [
                "workspace example day 50.00 America/New_York",
                "workspace example month 1000.00 America/New_York",
                "workspace example, provider lusha month 200.00 America/New_York",
            ]
        );
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("budgets.toml");
        for (content, part) in [
            ("[[budget]]\nworkspace = \"a\"\n", "neither"),
            ("[[budget]]\nday = 1\n", "workspace"),
            ("[[budget]]\nworkspace = \"a\"\nday = 1\nyear = 2\n", "year"),
            ("[[budget]]\nworkspace = \"a\"\nday = \"much\"\n", "much"),
            ("[[budget]]\nworkspace = \"a\"\nday = 1\nmonth = -1\n", "less than nothing"),
            ("[[budget]]\nworkspace = \"a\"\nday = 1\ntime_zone = \"Mars\"\n", "Mars"),
            ("[[budget]]\nworkspace = \" \"\nday = 1\n", "is empty"),
            ("[[budget]]\nworkspace = \"a\"\nday = 1\n[[budget]]\nworkspace = \"a\"\nday = 2\n", "two caps"),
        ] {
            std::fs::write(&path, content).unwrap();
            let error = read_budgets(&path, None).unwrap_err();
            assert_eq!((error.code(), error.to_string().contains(part)), ("bad-budgets", true), "{error}");
        }
        std::fs::write(&path, "[[budget]]\nworkspace = \"a\"\nday = 0.0198\nmonth = 7\n").unwrap();
        let budgets = read_budgets(&path, None).unwrap();
        let caps: Vec<_> = budgets.iter().map(|budget| (budget.cap.micros(), &budget.time_zone)).collect();
        assert_eq!(caps, [(19_800, &None), (7_000_000, &None)]);
    }
}
