//! Hosts where anybody can have a mailbox, and those that give out throw-away ones.

use ahash::AHashMap;
use std::sync::LazyLock;

/// What is known of a mail host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MailHost {
    Free,
    Disposable,
}

/// What is known of `host`, or of the registrable domain it stands under.
pub(crate) fn mail_host(host: &str, registrable: &str) -> Option<MailHost> {
    let known = MAIL_HOSTS.get(registrable);
    let known = if host.len() == registrable.len() { known } else { known.or_else(|| MAIL_HOSTS.get(host)) };
    known.copied()
}

static MAIL_HOSTS: LazyLock<AHashMap<&'static str, MailHost>> = LazyLock::new(|| {
    let free = FREE_MAIL_DATA.lines().skip(1).map(|host| (host, MailHost::Free));
    let disposable = DISPOSABLE_DATA.lines().skip(1).filter_map(|line| line.split(',').next());
    free.chain(disposable.map(|host| (host, MailHost::Disposable))).collect()
});

pub(crate) const FREE_MAIL_DATA: &str = include_str!("../data/free_mail.csv");
pub(crate) const DISPOSABLE_DATA: &str = include_str!("../data/disposable.csv");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_is_sorted_unique_and_lower_case() {
        crate::testing::assert_sorted_list(FREE_MAIL_DATA);
        crate::testing::assert_sorted_list(DISPOSABLE_DATA);
    }

    #[test]
    fn no_host_is_both() {
        assert_eq!(MAIL_HOSTS.len(), FREE_MAIL_DATA.lines().count() + DISPOSABLE_DATA.lines().count() - 2);
    }
}
