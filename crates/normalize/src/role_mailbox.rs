//! Mailboxes that belong to a function and not to a person. The table was written for this project from general knowledge, 2026.

use ahash::AHashSet;
use std::sync::LazyLock;

/// `info`, `sales2`, `support-1`, `sales.emea`, `hr-team`.
pub(crate) fn is_role(mailbox: &str) -> bool {
    if ROLES.contains(mailbox) {
        return true;
    }
    let is_mark = |c: char| matches!(c, '.' | '-' | '_');
    let base = mailbox.trim_end_matches(|c: char| c.is_ascii_digit() || is_mark(c));
    if base.len() < mailbox.len() && ROLES.contains(base) {
        return true;
    }
    let Some((first, rest)) = base.split_once(is_mark) else { return false };
    // Two letters are too often somebody's initials, unless a longer word stands beside them.
    let is_role = |part: &str| ROLES.contains(part);
    let is_word = |part: &str| part.len() > 2 && (is_role(part) || QUALIFIERS.contains(&part));
    let mut rest = rest.split(is_mark);
    is_role(first)
        && (rest.clone().all(is_word)
            || first.len() > 2 && rest.clone().all(|part| is_role(part) || QUALIFIERS.contains(&part)))
        || QUALIFIERS.contains(&first) && rest.all(|part| part.len() > 2 && is_role(part))
}

/// What stands beside a function in the name of its mailbox.
const QUALIFIERS: [&str; 30] = [
    "team",
    "desk",
    "group",
    "dept",
    "department",
    "office",
    "global",
    "international",
    "hq",
    "us",
    "usa",
    "uk",
    "eu",
    "emea",
    "apac",
    "latam",
    "asia",
    "europe",
    "de",
    "fr",
    "es",
    "it",
    "nl",
    "be",
    "ch",
    "at",
    "ca",
    "au",
    "in",
    "jp",
];

pub(crate) const ROLE_DATA: &str = include_str!("../data/role_mailboxes.csv");
static ROLES: LazyLock<AHashSet<&'static str>> = LazyLock::new(|| ROLE_DATA.lines().skip(1).collect());

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_is_sorted_unique_and_lower_case() {
        crate::testing::assert_sorted_list(ROLE_DATA);
    }
}
