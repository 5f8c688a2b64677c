use firmograph_core::{Evidence, Outcome};
use serde::Serialize;
use std::borrow::Cow;
use std::net::Ipv4Addr;

use crate::host::{Host, ascii_host, find_host};
use crate::mail_hosts::{MailHost, mail_host};
use crate::text;

/// A host name reduced to what somebody registered, by the [public suffix list](https://publicsuffix.org).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Domain {
    /// Registrable domain: A-labels, lower case, no trailing dot.
    pub domain: String,
    /// The host as given, in A-labels and lower case.
    pub host: String,
    /// Public suffix of the host.
    pub suffix: String,
    /// Whether the suffix stands in the private section of the list (`github.io`).
    pub is_private_suffix: bool,
    /// Whether anybody can have a mailbox there (`gmail.com`).
    pub is_free_mail: bool,
    /// Whether the domain gives out throw-away mailboxes.
    pub is_disposable: bool,
}

/// What [`extract_domain_with`] may do beyond reading.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DomainOptions {
    /// Append `.com` to a host without a dot (`unionbankofindia`). The rule then says `repaired_dotless`.
    pub repair_dotless: bool,
}

/// The registrable domain of a host, URL or e-mail address.
///
/// ```
/// use firmograph_normalize::extract_domain;
/// let found = extract_domain("https://www.mail.acme.co.uk:8443/about?x=1").ok().unwrap();
/// assert_eq!(found.value.domain, "acme.co.uk");
/// assert_eq!(extract_domain("gmail.con").reason(), Some("unlisted_suffix"));
/// ```
#[must_use]
pub fn extract_domain(raw: &str) -> Outcome<Domain> {
    extract_domain_with(raw, DomainOptions::default())
}

/// [`extract_domain`] with options.
///
/// ```
/// use firmograph_normalize::{DomainOptions, extract_domain_with};
/// let repaired = extract_domain_with("unionbankofindia", DomainOptions { repair_dotless: true });
/// assert_eq!(repaired.value().unwrap().domain, "unionbankofindia.com");
/// ```
#[must_use]
pub fn extract_domain_with(raw: &str, options: DomainOptions) -> Outcome<Domain> {
    if text::is_too_long(raw) {
        return Outcome::unmatched("too_long");
    }
    match find_host(raw).and_then(|found| {
        let parts = parts_of_host(ascii_host(found.host)?, options)?;
        Ok((found, parts))
    }) {
        Ok((found, parts)) => {
            let (rule, percent) = match parts.how {
                How::Plain if found.several => ("first_of_several", 80),
                How::Plain => (found.rule, 100),
                other => other.rule(),
            };
            let span = text::span_of(raw, found.host);
            Outcome::matched(parts.into_domain(), Evidence::new(rule, REFERENCE, span, percent))
        }
        Err(reason) => Outcome::unmatched(reason),
    }
}

pub(crate) const REFERENCE: &str = "public_suffix_list@2026.1";

/// How a host became a domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    Plain,
    Reserved,
    RepairedDotless,
    MixedScript,
    Confusable,
}

impl How {
    pub(crate) fn rule(self) -> (&'static str, u8) {
        match self {
            How::Plain => ("host", 100),
            How::Reserved => ("reserved_tld", 90),
            How::RepairedDotless => ("repaired_dotless", 50),
            How::MixedScript => ("mixed_script", 30),
            How::Confusable => ("confusable", 40),
        }
    }
}

/// A host taken apart, before anything is copied out of it.
#[derive(Debug)]
pub(crate) struct Parts<'a> {
    pub(crate) host: Cow<'a, str>,
    /// Where the registrable domain starts.
    start: usize,
    /// Where the public suffix starts.
    suffix: usize,
    pub(crate) is_private_suffix: bool,
    pub(crate) mail_host: Option<MailHost>,
    pub(crate) how: How,
}

impl Parts<'_> {
    pub(crate) fn registrable(&self) -> &str {
        &self.host[self.start..]
    }

    fn into_domain(self) -> Domain {
        Domain {
            domain: self.registrable().to_owned(),
            suffix: self.host[self.suffix..].to_owned(),
            is_private_suffix: self.is_private_suffix,
            is_free_mail: self.mail_host == Some(MailHost::Free),
            is_disposable: self.mail_host == Some(MailHost::Disposable),
            host: self.host.into_owned(),
        }
    }
}

/// Takes a host apart at its public suffix.
pub(crate) fn parts_of_host(host: Host<'_>, options: DomainOptions) -> Result<Parts<'_>, &'static str> {
    let Host { name: mut host, is_idn } = host;
    let mut how = How::Plain;
    let mut last = host.rsplit('.').next().unwrap_or_default();
    if last.len() == host.len() {
        if host == "localhost" {
            return Err("localhost");
        }
        // Two letters are a country or a slip, not a company name.
        if !options.repair_dotless || host.len() < 3 || host.bytes().all(|c| c.is_ascii_digit()) {
            return Err("dotless_host");
        }
        host.to_mut().push_str(".com");
        how = How::RepairedDotless;
        last = "com";
    }
    if last.bytes().all(|c| c.is_ascii_digit()) || is_hex_number(last) {
        return Err(if host.parse::<Ipv4Addr>().is_ok() { "ip_address" } else { "numeric_suffix" });
    }
    match last {
        "localhost" => return Err("localhost"),
        "local" | "internal" | "lan" | "intranet" | "corp" | "home" | "localdomain" | "invalid" | "test"
        | "onion" | "arpa" => return Err("reserved_host"),
        _ => {}
    }
    let Some(suffix) = psl::suffix(host.as_bytes()) else { return Err("unlisted_suffix") };
    let is_private_suffix = match suffix.typ() {
        Some(psl::Type::Icann) => false,
        Some(psl::Type::Private) => true,
        // RFC 2606 keeps `.example` for documentation: under it the list's default rule `*` holds.
        None if last == "example" => {
            how = if how == How::Plain { How::Reserved } else { how };
            false
        }
        None => return Err("unlisted_suffix"),
    };
    let suffix = host.len() - suffix.as_bytes().len();
    let Some(before) = suffix.checked_sub(1) else { return Err("public_suffix") };
    let start = host.as_bytes()[..before].iter().rposition(|&c| c == b'.').map_or(0, |dot| dot + 1);
    if host.as_bytes()[start..].contains(&b'_') {
        return Err("invalid_character");
    }
    if how == How::Plain && is_idn {
        how = script_of_host(&host);
    }
    let mail_host = mail_host(&host, &host[start..]);
    Ok(Parts { start, suffix, is_private_suffix, mail_host, how, host })
}

/// WHATWG URL hosts read `0x7f` as a number; a name cannot end so.
fn is_hex_number(label: &str) -> bool {
    label.strip_prefix("0x").is_some_and(|digits| digits.bytes().all(|c| c.is_ascii_hexdigit()))
}

/// Tells hosts that look like another one: Latin mixed with Cyrillic or Greek in one label, or a label wholly of Cyrillic
/// letters with Latin twins under an ASCII suffix.
fn script_of_host(host: &str) -> How {
    let (shown, _) = idna::domain_to_unicode(host);
    let ascii_suffix = shown.rsplit('.').next().is_some_and(|label| label.is_ascii());
    for label in shown.split('.') {
        let latin = label.chars().any(|c| matches!(c, 'a'..='z' | '\u{c0}'..='\u{24f}'));
        let other = label.chars().any(|c| matches!(c, '\u{370}'..='\u{52f}'));
        if latin && other {
            return How::MixedScript;
        }
        let twins = |c: char| "асеорхуіјѕԁһԛԝь-0123456789".contains(c);
        if other && ascii_suffix && label.chars().all(twins) {
            return How::Confusable;
        }
    }
    How::Plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn default_rule_only_for_documentation() {
        assert_eq!(extract_domain("b.acme.example").value().unwrap().domain, "acme.example");
        assert_eq!(extract_domain("b.acme.exampl").reason(), Some("unlisted_suffix"));
    }
}
