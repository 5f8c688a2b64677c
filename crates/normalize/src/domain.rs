use ahash::AHashSet;
use firmograph_core::{Evidence, Outcome};
use serde::Serialize;
use std::borrow::Cow;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::LazyLock;

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
    match find_host(raw).and_then(|found| {
        let domain = domain_of_host(found.host, options)?;
        Ok((found, domain))
    }) {
        Ok((found, (domain, how))) => {
            let (rule, percent) = match how {
                How::Plain if found.several => ("first_of_several", 80),
                How::Plain => (found.rule, 100),
                other => other.rule(),
            };
            let span = text::span_of(raw, found.host);
            Outcome::matched(domain, Evidence::new(rule, REFERENCE, span, percent))
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

struct Found<'a> {
    host: &'a str,
    rule: &'static str,
    several: bool,
}

/// The characters that are the host, wherever they stand in `raw`.
fn find_host(raw: &str) -> Result<Found<'_>, &'static str> {
    let text = text::trim(raw);
    let text = text.trim_matches(['"', '\'', '<', '>', '`']);
    if text.is_empty() {
        return Err("blank");
    }
    if !text.contains('.') && crate::is_placeholder(text) {
        return Err("placeholder");
    }
    let mut rule = "host";
    let mut rest = text;
    if let Some(at) = rest.find("//") {
        let scheme = rest[..at].trim_end_matches(':');
        if at == 0
            || rest[..at].ends_with(':') && scheme.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'+')
        {
            rest = &rest[at + 2..];
            // `https://http://acme.com` and `https:////acme.com` are common pasting errors.
            if let Some(again) = rest.strip_prefix("http://").or_else(|| rest.strip_prefix("https://")) {
                rest = again;
            }
            rest = rest.trim_start_matches('/');
            rule = "url";
        }
    } else if has_prefix(rest, "mailto:") {
        rest = &rest["mailto:".len()..];
    }
    let bytes = rest.as_bytes();
    let stop = bytes.iter().position(|c| matches!(c, b'/' | b'?' | b'#' | b'\\')).unwrap_or(rest.len());
    if let Some(at) = rest[..stop].rfind('@') {
        let local = &rest[..at];
        if rule != "url" && local.contains('@') && !local.starts_with('"') {
            return Err("two_at_signs");
        }
        if rule != "url"
            && !local.starts_with('"')
            && !local.contains('<')
            && local.contains(char::is_whitespace)
        {
            return Err("blank_in_local_part");
        }
        rest = rest[at + 1..].trim_start();
        if rule != "url" {
            rule = "email";
        }
    }
    if rest.starts_with('[') {
        return Err("ip_address");
    }
    let end = rest
        .find(|c: char| {
            matches!(c, '/' | '?' | '#' | '\\' | '(' | ',' | ';' | '|' | '<' | '>' | '"') || c.is_whitespace()
        })
        .unwrap_or(rest.len());
    let (mut host, behind) = rest.split_at(end);
    if let Some((name, port)) = host.rsplit_once(':') {
        if host.matches(':').count() > 1 {
            return Err(if host.parse::<Ipv6Addr>().is_ok() { "ip_address" } else { "invalid_character" });
        }
        if !port.bytes().all(|c| c.is_ascii_digit()) {
            return Err("invalid_port");
        }
        host = name;
    }
    let mut several = false;
    if !behind.is_empty() && !behind.starts_with(['/', '?', '#', '\\']) {
        let dotted = host.contains('.');
        let note = behind.trim_start();
        let bracketed = note.starts_with(['(', '[', '{', '<', '>', '"', '-', '–', '—']);
        if note.is_empty() || (bracketed && dotted) {
        } else if note.starts_with([',', ';', '|', '/']) || note.contains('.') {
            if !dotted {
                return Err(if note.starts_with(',') { "comma_for_dot" } else { "not_a_host" });
            }
            several = note.len() > 1;
        } else {
            return Err("not_a_host");
        }
    }
    if host.is_empty() {
        return Err("no_host");
    }
    Ok(Found { host, rule, several })
}

/// The registrable domain of a bare host.
pub(crate) fn domain_of_host(host: &str, options: DomainOptions) -> Result<(Domain, How), &'static str> {
    let mut host = ascii_host(host)?;
    let mut how = How::Plain;
    if !host.contains('.') {
        if host == "localhost" {
            return Err("localhost");
        }
        // Two letters are a country or a slip, not a company name.
        if !options.repair_dotless || host.len() < 3 || host.bytes().all(|c| c.is_ascii_digit()) {
            return Err("dotless_host");
        }
        host.to_mut().push_str(".com");
        how = How::RepairedDotless;
    }
    let last = host.rsplit('.').next().unwrap_or_default();
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
    let suffix_len = suffix.as_bytes().len();
    let Some(before) = host.len().checked_sub(suffix_len + 1) else { return Err("public_suffix") };
    let start = host[..before].rfind('.').map_or(0, |dot| dot + 1);
    let registrable = &host[start..];
    if registrable.contains('_') {
        return Err("invalid_character");
    }
    if how == How::Plain && host.contains("xn--") {
        how = script_of_host(&host);
    }
    Ok((
        Domain {
            domain: registrable.to_owned(),
            suffix: host[before + 1..].to_owned(),
            is_private_suffix,
            is_free_mail: is_free_mail(&host, registrable),
            is_disposable: is_disposable(&host, registrable),
            host: host.into_owned(),
        },
        how,
    ))
}

/// Whether `host`, or the registrable domain it stands under, is a free-mail provider's.
pub(crate) fn is_free_mail(host: &str, registrable: &str) -> bool {
    FREE_MAIL.contains(registrable) || (host.len() != registrable.len() && FREE_MAIL.contains(host))
}

/// Whether `host`, or the registrable domain it stands under, gives out throw-away mailboxes.
pub(crate) fn is_disposable(host: &str, registrable: &str) -> bool {
    DISPOSABLE.contains(registrable) || (host.len() != registrable.len() && DISPOSABLE.contains(host))
}

pub(crate) const FREE_MAIL_DATA: &str = include_str!("../data/free_mail.csv");
const DISPOSABLE_DATA: &str = include_str!("../data/disposable.csv");

static FREE_MAIL: LazyLock<AHashSet<&'static str>> =
    LazyLock::new(|| FREE_MAIL_DATA.lines().skip(1).collect());
static DISPOSABLE: LazyLock<AHashSet<&'static str>> =
    LazyLock::new(|| DISPOSABLE_DATA.lines().skip(1).filter_map(|line| line.split(',').next()).collect());

/// Lower-cased A-label form without the trailing dot; an error where DNS would not carry it
/// ([UTS 46](https://www.unicode.org/reports/tr46/), RFC 1035 section 2.3.4 lengths).
pub(crate) fn ascii_host(host: &str) -> Result<Cow<'_, str>, &'static str> {
    let host = host.strip_suffix('.').unwrap_or(host);
    let host: Cow<'_, str> = if host.is_ascii() && !has_a_label(host) {
        if host.bytes().any(|c| c.is_ascii_uppercase()) {
            Cow::Owned(host.to_ascii_lowercase())
        } else {
            Cow::Borrowed(host)
        }
    } else {
        match idna::domain_to_ascii_cow(host.as_bytes(), idna::AsciiDenyList::URL) {
            Ok(Cow::Owned(mut ascii)) => {
                if ascii.ends_with('.') {
                    ascii.pop();
                }
                Cow::Owned(ascii)
            }
            Ok(Cow::Borrowed(ascii)) => Cow::Borrowed(ascii.strip_suffix('.').unwrap_or(ascii)),
            Err(_) => return Err("invalid_idn"),
        }
    };
    if host.len() > 253 {
        return Err("too_long");
    }
    for label in host.split('.') {
        let bytes = label.as_bytes();
        let (Some(&first), Some(&last)) = (bytes.first(), bytes.last()) else { return Err("empty_label") };
        if bytes.len() > 63 {
            return Err("too_long");
        }
        if !bytes.iter().all(|c| matches!(c, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_')) {
            return Err("invalid_character");
        }
        if first == b'-' || last == b'-' {
            return Err("hyphen_at_edge");
        }
    }
    Ok(host)
}

fn has_prefix(text: &str, prefix: &str) -> bool {
    text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

fn has_a_label(host: &str) -> bool {
    host.as_bytes().windows(4).any(|four| four.eq_ignore_ascii_case(b"xn--"))
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
    fn data_is_sorted_unique_and_lower_case() {
        crate::testing::assert_sorted_list(FREE_MAIL_DATA);
        crate::testing::assert_sorted_list(DISPOSABLE_DATA);
        assert!(DISPOSABLE.is_disjoint(&FREE_MAIL));
    }

    #[test]
    fn default_rule_only_for_documentation() {
        assert_eq!(extract_domain("b.acme.example").value().unwrap().domain, "acme.example");
        assert_eq!(extract_domain("b.acme.exampl").reason(), Some("unlisted_suffix"));
    }
}
