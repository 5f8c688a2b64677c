use firmograph_core::{Evidence, Outcome};
use serde::Serialize;
use std::borrow::Cow;
use unicode_security::confusable_detection::skeleton;
use unicode_security::mixed_script::AugmentedScriptSet;

use crate::host::{Found, Host, ascii_host, find_host, is_ipv4, lower_host};
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
    /// Where the suffix is private: the registrable domain by the ICANN section alone (`github.io` for `acme.github.io`), that
    /// is whoever runs the place.
    pub icann_domain: Option<String>,
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
/// A host that looks like another (`pаypal.com` with a Cyrillic letter) has a domain of its own, A-labels, and the rule
/// `mixed_script` or `confusable` with a low confidence: it is never the domain that it imitates.
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
    match read(raw, options) {
        Ok((found, parts)) => {
            let (rule, percent) = match parts.how {
                How::Plain if found.several => ("first_of_several", 80),
                How::Plain => (found.rule, 100),
                other => other.rule(),
            };
            let span = text::span_of(raw, found.host);
            Outcome::matched(parts.into_domain(), Evidence::new(rule, REFERENCE, span, percent))
        }
        // A blank and this machine are told apart from nothing said.
        Err(reason @ ("blank" | "localhost")) => Outcome::unmatched(reason),
        Err(_) if crate::is_placeholder(raw) => Outcome::unmatched("placeholder"),
        Err(reason) => Outcome::unmatched(reason),
    }
}

fn read(raw: &str, options: DomainOptions) -> Result<(Found<'_>, Parts<'_>), &'static str> {
    if let Some(found) = lower_host(raw) {
        let parts = parts_of_host(found.as_lower_host(), options)?;
        return Ok((found, parts));
    }
    let found = find_host(raw)?;
    let host = ascii_host(found.host)?;
    Ok((found, parts_of_host(host, options)?))
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
    /// The last label of a mailbox's host is a number.
    Numeric,
}

impl How {
    pub(crate) fn rule(self) -> (&'static str, u8) {
        match self {
            How::Plain => ("host", 100),
            How::Reserved => ("reserved_tld", 90),
            How::RepairedDotless => ("repaired_dotless", 50),
            How::MixedScript => ("mixed_script", 30),
            How::Confusable => ("confusable", 40),
            How::Numeric => ("numeric_host", 40),
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
            icann_domain: self.is_private_suffix.then(|| icann_domain(&self.host, self.suffix)).flatten(),
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
    let Host { name: mut host, is_idn, has_underscore } = host;
    let mut how = How::Plain;
    let mut last = &host[start_of_last_label(&host)..];
    let is_dotless = last.len() == host.len();
    if last.as_bytes().first().is_some_and(u8::is_ascii_digit) {
        if is_ipv4(&host) {
            return Err("ip_address");
        }
        if is_number(last) && !is_dotless {
            return Err("numeric_suffix");
        }
    }
    if is_dotless {
        if host == "localhost" {
            return Err("localhost");
        }
        let is_generic =
            matches!(last, "com" | "net" | "org" | "edu" | "gov" | "int" | "mil" | "info" | "biz");
        if is_generic || !options.repair_dotless && is_listed(&host) {
            return Err("public_suffix");
        }
        // Two letters are a country or a slip, not a company name.
        if !options.repair_dotless || host.len() < 3 || is_number(&host) {
            return Err("dotless_host");
        }
        host.to_mut().push_str(".com");
        how = How::RepairedDotless;
        last = "com";
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
    let start = start_of_last_label(&host[..before]);
    if has_underscore && host[start..].contains('_') {
        return Err("invalid_character");
    }
    if how == How::Plain && is_idn {
        how = script_of_host(&host);
    }
    let mail_host = mail_host(&host, &host[start..]);
    Ok(Parts { start, suffix, is_private_suffix, mail_host, how, host })
}

/// Most labels are shorter than what a search of a whole text takes to set out.
fn start_of_last_label(host: &str) -> usize {
    host.as_bytes().iter().rposition(|&c| c == b'.').map_or(0, |dot| dot + 1)
}

/// The last label of a name is not a number ([WHATWG](https://url.spec.whatwg.org/#ends-in-a-number-checker), RFC 3696).
fn is_number(label: &str) -> bool {
    let hex = label.strip_prefix("0x");
    label.bytes().all(|c| c.is_ascii_digit())
        || hex.is_some_and(|hex| hex.bytes().all(|c| c.is_ascii_hexdigit()))
}

fn is_listed(suffix: &str) -> bool {
    psl::suffix(suffix.as_bytes()).is_some_and(|suffix| suffix.is_known())
}

/// The registrable domain of a host whose private suffix starts at `private`: under the longest ICANN suffix of that suffix.
fn icann_domain(host: &str, private: usize) -> Option<String> {
    let mut rest = &host[private..];
    while let Some((_, parent)) = rest.split_once('.') {
        rest = parent;
        let suffix = psl::suffix(rest.as_bytes())?;
        if suffix.typ() == Some(psl::Type::Icann) {
            let before = (host.len() - suffix.as_bytes().len()).checked_sub(1)?;
            let start = host[..before].rfind('.').map_or(0, |dot| dot + 1);
            return Some(host[start..].to_owned());
        }
    }
    None
}

/// Tells hosts that look like another one, by [UTS 39](https://www.unicode.org/reports/tr39/): a label of scripts that are not
/// written together, or one under an ASCII suffix whose every letter has a twin in ASCII.
fn script_of_host(host: &str) -> How {
    let (shown, _) = idna::domain_to_unicode(host);
    let ascii_suffix = shown.rsplit('.').next().is_some_and(str::is_ascii);
    for label in shown.split('.').filter(|label| !label.is_ascii()) {
        if is_mixed(label) {
            return How::MixedScript;
        }
        if ascii_suffix && skeleton(label).all(|c| c.is_ascii_alphanumeric() || c == '-') {
            return How::Confusable;
        }
    }
    How::Plain
}

/// "Highly restrictive" of UTS 39 is the limit: one script, or Latin beside those of Chinese, Japanese or Korean.
fn is_mixed(label: &str) -> bool {
    if !AugmentedScriptSet::for_str(label).is_empty() {
        return false;
    }
    let beside_latin: String = label.chars().filter(|c| !c.is_ascii_alphabetic()).collect();
    let scripts = AugmentedScriptSet::for_str(&beside_latin);
    !(scripts.hanb || scripts.jpan || scripts.kore)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sections_are_told() {
        for (host, domain, icann) in [
            ("a.acme.github.io", "acme.github.io", Some("github.io")),
            ("a.b.example.uk.com", "example.uk.com", Some("uk.com")),
            ("www.acme.co.uk", "acme.co.uk", None),
        ] {
            let found = extract_domain(host).ok().unwrap().value;
            assert_eq!((found.domain.as_str(), found.icann_domain.as_deref()), (domain, icann));
        }
    }

    #[test]
    fn imitations_are_told_and_kept_apart() {
        for (host, rule) in [
            ("pаypal.com", "mixed_script"),
            ("раураӏ.com", "confusable"),
            ("gοοgle.com", "mixed_script"),
            ("аррӏе.com", "confusable"),
            ("bücher.de", "host"),
            ("łódź.pl", "host"),
            ("москва.com", "host"),
            ("сосо.рф", "host"),
            ("東京acme.jp", "host"),
            ("toyotaトヨタ.jp", "host"),
            ("삼성tv.kr", "host"),
            ("食狮.com.cn", "host"),
            ("ελλάδα.gr", "host"),
        ] {
            let found = extract_domain(host).ok().unwrap();
            assert_eq!(found.evidence.rule, rule, "{host}");
            assert!(found.value.domain.contains("xn--"), "{host}");
        }
    }

    #[test]
    fn default_rule_only_for_documentation() {
        assert_eq!(extract_domain("b.acme.example").value().unwrap().domain, "acme.example");
        assert_eq!(extract_domain("b.acme.exampl").reason(), Some("unlisted_suffix"));
    }
}
