//! Hosts where anybody can have a mailbox, those that give out throw-away ones, and those that are mistyped.
//!
//! Sources: free mail, general knowledge of providers and access providers, 2026, not checked row by row; throw-away, the CC0 list of
//! `github.com/disposable-email-domains/disposable-email-domains` of 2026-08 and hosts seen by us, each row with the month of its
//! check. Such lists hold hosts that only forward to their owner or that are providers of lasting mailboxes: those of
//! `disposable_allowed.csv` are never taken for throw-away, whatever a newer list says.

use ahash::AHashMap;
use std::sync::LazyLock;

use crate::slip::is_one_slip;

/// What is known of a mail host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MailHost {
    Free,
    Disposable,
}

/// What is known of `host`, or of the registrable domain it stands under.
pub(crate) fn mail_host(host: &str, registrable: &str) -> Option<MailHost> {
    let known = MAIL_HOSTS.get(registrable)?;
    if known.has_hosts && host.len() != registrable.len() {
        return known.kind.or_else(|| MAIL_HOSTS.get(host)?.kind);
    }
    known.kind
}

#[derive(Debug, Clone, Copy, Default)]
struct Known {
    kind: Option<MailHost>,
    /// A host under this domain is listed: most domains have none, and need no second look.
    has_hosts: bool,
}

static MAIL_HOSTS: LazyLock<AHashMap<&'static str, Known>> = LazyLock::new(|| {
    let mut hosts: AHashMap<&str, Known> = AHashMap::new();
    let disposable = first_cells(DISPOSABLE_DATA).map(|host| (host, Some(MailHost::Disposable)));
    let allowed = first_cells(DISPOSABLE_ALLOWED_DATA).map(|host| (host, None));
    let free = first_cells(FREE_MAIL_DATA).map(|host| (host, Some(MailHost::Free)));
    for (host, kind) in disposable.chain(allowed).chain(free) {
        hosts.entry(host).or_default().kind = kind;
        if let Some(domain) = psl::domain_str(host).filter(|domain| domain.len() < host.len()) {
            hosts.entry(domain).or_default().has_hosts = true;
        }
    }
    hosts
});

fn first_cells(data: &'static str) -> impl Iterator<Item = &'static str> {
    data.lines().skip(1).filter_map(|line| line.split(',').next())
}

pub(crate) const FREE_MAIL_DATA: &str = include_str!("../data/free_mail.csv");
pub(crate) const DISPOSABLE_DATA: &str = include_str!("../data/disposable.csv");
pub(crate) const DISPOSABLE_ALLOWED_DATA: &str = include_str!("../data/disposable_allowed.csv");

/// The well-known host one slip away from `host`, if `host` is not well known itself.
///
/// A listed host is only suspected on a swap of neighbours or a doubled or missing letter of a long name; a host under no
/// public suffix is wrong for certain, so any single slip counts.
pub(crate) fn suggested_host(host: &str) -> Option<&'static str> {
    if !(5..=16).contains(&host.len()) {
        return None;
    }
    let (name, rest) = host.split_once('.')?;
    let known = WELL_KNOWN.iter().find(|(known_name, known_rest, _)| {
        // Names of four letters (`mail`, `gmx`) are one slip from too many real companies; none is in the list.
        name.len().abs_diff(known_name.len()) <= 1
            && (rest == *known_rest && is_one_slip(name.as_bytes(), known_name.as_bytes())
                || name == *known_name && is_slip_of_suffix(rest, known_rest))
    });
    known.map(|(_, _, host)| *host)
}

/// `con`, `cmo`, `co`, `comm`, `om`, `cm` for `com`.
fn is_slip_of_suffix(rest: &str, known: &str) -> bool {
    known == "com"
        && matches!(
            rest,
            "con"
                | "cmo"
                | "co"
                | "comm"
                | "om"
                | "cm"
                | "ocm"
                | "coom"
                | "vom"
                | "xom"
                | "cpm"
                | "cim"
                | "c0m"
                | "comn"
                | "coml"
        )
}

/// Hosts that people mistype daily, most used first: first label, the others, and both.
const WELL_KNOWN: [(&str, &str, &str); 10] = [
    ("gmail", "com", "gmail.com"),
    ("yahoo", "com", "yahoo.com"),
    ("hotmail", "com", "hotmail.com"),
    ("outlook", "com", "outlook.com"),
    ("icloud", "com", "icloud.com"),
    ("protonmail", "com", "protonmail.com"),
    ("googlemail", "com", "googlemail.com"),
    ("yahoo", "co.uk", "yahoo.co.uk"),
    ("hotmail", "co.uk", "hotmail.co.uk"),
    ("comcast", "net", "comcast.net"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_is_sorted_unique_and_lower_case() {
        crate::testing::assert_sorted_list(FREE_MAIL_DATA);
        crate::testing::assert_sorted_list(DISPOSABLE_DATA);
        crate::testing::assert_sorted_list(DISPOSABLE_ALLOWED_DATA);
    }

    #[test]
    fn no_host_is_both() {
        let known = MAIL_HOSTS.values().filter(|known| known.kind.is_some()).count();
        assert_eq!(known, FREE_MAIL_DATA.lines().count() + DISPOSABLE_DATA.lines().count() - 2);
    }

    #[test]
    fn what_only_forwards_is_no_throw_away_host() {
        for host in first_cells(DISPOSABLE_ALLOWED_DATA) {
            assert_eq!(mail_host(host, host), Some(MailHost::Free), "{host}");
        }
        assert_eq!(mail_host("eu.mailinator.com", "mailinator.com"), Some(MailHost::Disposable));
    }
}
