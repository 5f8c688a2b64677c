use ahash::AHashSet;
use firmograph_core::{Evidence, Outcome};
use serde::Serialize;
use std::borrow::Cow;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::LazyLock;

use crate::domain::{self, DomainOptions, How};
use crate::host::ascii_host;
use crate::mail_hosts::MailHost;
use crate::slip::is_one_slip;
use crate::text;

/// A mailbox, read as the addr-spec of [RFC 5322](https://www.rfc-editor.org/rfc/rfc5322#section-3.4.1) with the limits of
/// [RFC 5321](https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1) and the letters of RFC 6531.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Email {
    /// The address: local part as given, host in lower-case A-labels.
    pub address: String,
    /// Canonical mailbox: case-folded, without a sub-address (`+tag`). Dots are kept: they matter to most hosts.
    pub key: String,
    /// Host in lower-case A-labels, or the domain literal.
    pub host: String,
    /// Registrable domain; none for an address literal or a host under no public suffix.
    pub domain: Option<String>,
    /// Whether the mailbox is a function's (`info@`), not a person's.
    pub is_role: bool,
    /// Whether the host is a free-mail provider.
    pub is_free_mail: bool,
    /// Whether the host gives out throw-away mailboxes.
    pub is_disposable: bool,
    /// The address that was perhaps meant (`gmial.com`). Suggested, never applied.
    pub suggestion: Option<String>,
}

/// Reads one e-mail address; `Name <a@b.c>`, `mailto:` and a note behind it are accepted.
///
/// ```
/// use firmograph_normalize::normalize_email;
/// let found = normalize_email("Info+News@ACME.com (b)").ok().unwrap().value;
/// assert_eq!((found.address.as_str(), found.key.as_str()), ("Info+News@acme.com", "info@acme.com"));
/// assert!(found.is_role);
/// assert_eq!(normalize_email("a@b@c.com").reason(), Some("two_at_signs"));
/// ```
#[must_use]
pub fn normalize_email(raw: &str) -> Outcome<Email> {
    normalize_email_with(raw, DomainOptions::default())
}

/// [`normalize_email`] with options for the host.
#[must_use]
pub fn normalize_email_with(raw: &str, options: DomainOptions) -> Outcome<Email> {
    if text::is_too_long(raw) {
        return Outcome::unmatched("too_long");
    }
    let (spec, rule) = match find_spec(raw) {
        Ok(found) => found,
        Err(reason) => return Outcome::unmatched(reason),
    };
    match parse(spec, options) {
        Ok((email, how)) => {
            let (rule, percent) = match how {
                How::Plain => (rule, 100),
                other => other.rule(),
            };
            Outcome::matched(email, Evidence::new(rule, domain::REFERENCE, text::span_of(raw, spec), percent))
        }
        Err(reason) => Outcome::unmatched(reason),
    }
}

/// RFC 5321 section 4.5.3.1.1.
const LONGEST_LOCAL: usize = 64;
/// RFC 5321 section 4.5.3.1.3 gives a path 256 with its brackets.
const LONGEST_ADDRESS: usize = 254;

/// The part of `raw` that claims to be an addr-spec.
fn find_spec(raw: &str) -> Result<(&str, &'static str), &'static str> {
    let trimmed = text::trim(raw);
    if trimmed.is_empty() {
        return Err("blank");
    }
    if !trimmed.contains('@') {
        return Err(if crate::is_placeholder(trimmed) { "placeholder" } else { "no_at_sign" });
    }
    let mut spec = trimmed;
    let mut rule = "addr_spec";
    if trimmed.bytes().all(is_plain) {
        return Ok((spec, rule));
    }
    if let (Some(open), true) = (spec.rfind('<'), spec.ends_with('>')) {
        let inside = &spec[open + 1..spec.len() - 1];
        if quotes_are_closed(&spec[..open]) {
            spec = text::trim(inside);
            rule = "name_addr";
        }
    }
    if spec.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("mailto:")) {
        spec = &spec[7..];
        spec = spec.split('?').next().unwrap_or(spec);
        rule = "mailto";
    }
    // A note in brackets behind a blank: `x@acme.com (b)`. A comment without the blank is refused: it is no mailbox.
    if let Some(at) = unquoted_at(spec)
        && let Some(blank) = spec[at..].find(char::is_whitespace)
    {
        let note = spec[at + blank..].trim_start();
        if note.starts_with(['(', '[', '-', '–']) && !note.contains('@') {
            spec = &spec[..at + blank];
            rule = "trailing_note";
        }
    }
    Ok((spec, rule))
}

/// Bytes of an address without quotes, notes, brackets or a scheme.
fn is_plain(c: u8) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, b'.' | b'@' | b'-' | b'_' | b'+')
}

fn parse(spec: &str, options: DomainOptions) -> Result<(Email, How), &'static str> {
    let Some(at) = unquoted_at(spec) else { return Err("no_at_sign") };
    let (local, host) = (&spec[..at], &spec[at + 1..]);
    if host.contains('@') && !host.starts_with('[') {
        return Err("two_at_signs");
    }
    check_local(local)?;
    if host.is_empty() {
        return Err("no_host");
    }
    if !host.bytes().all(is_plain) {
        if host.contains(',') {
            return Err("comma_for_dot");
        }
        if host.contains(char::is_whitespace) {
            return Err("blank_in_host");
        }
    }
    let local: Cow<'_, str> =
        if local.is_ascii() { Cow::Borrowed(local) } else { Cow::Owned(text::tidy(local).into_owned()) };
    if host.starts_with('[') {
        check_literal(host)?;
        let host = host.to_ascii_lowercase();
        return finish(&local, Place::bare(host));
    }
    let ascii = ascii_host(host)?;
    if host.ends_with("..") {
        return Err("empty_label");
    }
    if ascii.name.as_bytes().contains(&b'_') {
        return Err("invalid_character");
    }
    let place = match domain::parts_of_host(ascii, options) {
        Ok(parts) => Place {
            domain: Some(parts.registrable().to_owned()),
            mail_host: parts.mail_host,
            is_private_suffix: parts.is_private_suffix,
            how: parts.how,
            host: parts.host.into_owned(),
        },
        // Nothing says these cannot take mail inside a company; they have no registrable domain.
        Err("unlisted_suffix" | "public_suffix") => Place::bare(ascii_host(host)?.name.into_owned()),
        Err(reason) => return Err(reason),
    };
    finish(&local, place)
}

/// What stands behind the at sign.
struct Place {
    host: String,
    domain: Option<String>,
    mail_host: Option<MailHost>,
    is_private_suffix: bool,
    how: How,
}

impl Place {
    /// A host without a registrable domain.
    fn bare(host: String) -> Self {
        Place { host, domain: None, mail_host: None, is_private_suffix: false, how: How::Plain }
    }
}

fn finish(local: &str, place: Place) -> Result<(Email, How), &'static str> {
    let length = local.len() + 1 + place.host.len();
    if length > LONGEST_ADDRESS {
        return Err("too_long");
    }
    let mut address = String::with_capacity(length);
    address.push_str(local);
    address.push('@');
    address.push_str(&place.host);
    let mut key = String::with_capacity(length);
    if local.is_ascii() {
        key.push_str(local);
        key.make_ascii_lowercase();
    } else {
        key.push_str(&text::fold(local));
    }
    if !local.starts_with('"')
        && let Some(tag) = key.find('+')
        && tag > 0
        && !key[..tag].ends_with('.')
    {
        key.truncate(tag);
    }
    let is_role = is_role(&key);
    key.push('@');
    key.push_str(&place.host);
    let suggestion = suggested_host(&place).map(|better| format!("{local}@{better}"));
    let Place { host, domain, mail_host, how, .. } = place;
    let is_free_mail = mail_host == Some(MailHost::Free);
    let is_disposable = mail_host == Some(MailHost::Disposable);
    Ok((Email { address, key, host, domain, is_role, is_free_mail, is_disposable, suggestion }, how))
}

/// `info`, `sales2`, `support-1`.
fn is_role(mailbox: &str) -> bool {
    ROLES.contains(mailbox) || {
        let base = mailbox.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | '_'));
        base.len() < mailbox.len() && ROLES.contains(base)
    }
}

/// Place of the `@` between local part and host: the first outside quotes.
fn unquoted_at(spec: &str) -> Option<usize> {
    let (mut quoted, mut escaped) = (false, false);
    for (place, c) in spec.bytes().enumerate() {
        match c {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'@' if !quoted => return Some(place),
            _ => {}
        }
    }
    None
}

fn quotes_are_closed(text: &str) -> bool {
    text.bytes().filter(|&c| c == b'"').count() % 2 == 0
}

fn check_local(local: &str) -> Result<(), &'static str> {
    if local.is_empty() {
        return Err("no_local_part");
    }
    if local.len() > LONGEST_LOCAL {
        return Err("too_long");
    }
    if local.starts_with('"') {
        return check_quoted(local);
    }
    let mut after_dot = true;
    for c in local.chars() {
        match c {
            'a'..='z' | 'A'..='Z' | '0'..='9' => after_dot = false,
            '.' if after_dot => return Err("misplaced_dot"),
            '.' => after_dot = true,
            c if c.is_whitespace() => return Err("blank_in_local_part"),
            c if is_atext(c) => after_dot = false,
            _ => return Err("invalid_character"),
        }
    }
    if after_dot { Err("misplaced_dot") } else { Ok(()) }
}

fn check_quoted(local: &str) -> Result<(), &'static str> {
    let Some(inside) = local.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return Err("invalid_quoting");
    };
    if local.len() < 2 {
        return Err("invalid_quoting");
    }
    let mut escaped = false;
    for c in inside.chars() {
        if c.is_control() || (!c.is_ascii() && !is_atext(c)) {
            return Err("invalid_character");
        }
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Err("invalid_quoting"),
            _ => {}
        }
    }
    if escaped { Err("invalid_quoting") } else { Ok(()) }
}

fn is_atext(c: char) -> bool {
    c.is_ascii_alphanumeric()
        || matches!(c, '!' | '#'..='\'' | '*' | '+' | '-' | '/' | '=' | '?' | '^'..='`' | '{'..='~')
        || (!c.is_ascii() && !c.is_control() && !c.is_whitespace() && !text::is_invisible(c))
}

/// RFC 5321 section 4.1.3.
fn check_literal(host: &str) -> Result<(), &'static str> {
    let Some(inside) = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) else {
        return Err("invalid_literal");
    };
    let valid = match inside.get(..5) {
        Some(tag) if tag.eq_ignore_ascii_case("ipv6:") => inside[5..].parse::<Ipv6Addr>().is_ok(),
        _ => inside.parse::<Ipv4Addr>().is_ok(),
    };
    if valid { Ok(()) } else { Err("invalid_literal") }
}

/// The well-known host one slip away from `host`, if `host` is not well known itself.
///
/// A listed host is only suspected on a swap of neighbours or a doubled or missing letter of a long name; a host under no
/// public suffix is wrong for certain, so any single slip counts.
fn suggested_host(place: &Place) -> Option<&'static str> {
    let host = place.host.as_str();
    if place.mail_host == Some(MailHost::Free) || place.is_private_suffix || host.starts_with('[') {
        return None;
    }
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

pub(crate) const ROLE_DATA: &str = include_str!("../data/role_mailboxes.csv");
static ROLES: LazyLock<AHashSet<&'static str>> = LazyLock::new(|| ROLE_DATA.lines().skip(1).collect());

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_is_sorted_unique_and_lower_case() {
        crate::testing::assert_sorted_list(ROLE_DATA);
    }

    #[test]
    fn suggestions_are_not_applied() {
        let email = normalize_email("x@gmial.com").ok().unwrap().value;
        assert_eq!((email.host.as_str(), email.suggestion.as_deref()), ("gmial.com", Some("x@gmail.com")));
        let email = normalize_email("x@gmail.con").ok().unwrap().value;
        assert_eq!((email.domain, email.suggestion.as_deref()), (None, Some("x@gmail.com")));
        assert_eq!(normalize_email("x@mail.com").value().unwrap().suggestion, None);
    }
}
