use firmograph_core::{Evidence, Outcome, Span};
use serde::Serialize;
use std::borrow::Cow;
use unicode_normalization::UnicodeNormalization;

use crate::domain::{self, DomainOptions, How};
use crate::email_grammar::{check_literal, check_local, is_numeric_name, quotes_are_closed, unquoted_at};
use crate::host::ascii_host;
use crate::mail_hosts::{MailHost, suggested_host};
use crate::placeholder::{is_example_host, is_example_name};
use crate::role_mailbox::is_role;
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

/// Reads one e-mail address.
///
/// The grammar is that of a mailbox on the wire (RFC 5321: dot-atom or quoted string, a name or an address literal) and not
/// wider: comments, folded lines, blanks about the at sign and other forms that RFC 5322 keeps for messages are refused, as is a
/// host with a trailing dot or a label or address that is too long. A host under no listed suffix is syntax all the same: the
/// address is given, without a domain. So is a number as the top level (`numeric_host`): the grammar of RFC 5321 has it, and no
/// registry does. Blanks around an address are cut off; a line break is not, so whoever reads cells of several lines trims them
/// first.
///
/// What stands around an address in exports is accepted and said by the rule: `Name <a@b.c>` (`name_addr`), `mailto:` and
/// `Email:`, matching quotes, a note behind a blank (`trailing_note`), further addresses (`first_of_several`), full-width forms
/// (`full_width`). Mailboxes of examples (`test@example.com`) are `placeholder`s.
///
/// ```
/// use firmograph_normalize::normalize_email;
/// let found = normalize_email("Info+News@ACME.com (b)").ok().unwrap().value;
/// assert_eq!((found.address.as_str(), found.key.as_str()), ("Info+News@acme.com", "info@acme.com"));
/// assert!(found.is_role);
/// assert_eq!(normalize_email("a@b@c.com").reason(), Some("two_at_signs"));
/// assert_eq!(normalize_email("a@gmail.con").value().unwrap().suggestion.as_deref(), Some("a@gmail.com"));
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
    let matched = |email, how: How, rule, percent, span| {
        let (rule, percent) = if how == How::Plain { (rule, percent) } else { how.rule() };
        Outcome::matched(email, Evidence::new(rule, domain::REFERENCE, span, percent))
    };
    let trimmed = text::trim(raw);
    if trimmed.bytes().all(is_plain) && trimmed.len() == raw.len() {
        return match parse(trimmed, options) {
            Ok((email, how)) => matched(email, how, "addr_spec", 100, Span::all(raw)),
            Err(reason) => unmatched(trimmed, reason),
        };
    }
    if let Some(narrow) = narrow_forms(trimmed) {
        return match find_spec(&narrow).and_then(|found| parse(found.spec, options)) {
            Ok((email, how)) => matched(email, how, "full_width", 90, text::span_of(raw, trimmed)),
            Err(reason) => unmatched(&narrow, reason),
        };
    }
    let found = edges_are_blank(raw, trimmed)
        .and_then(|()| find_spec(trimmed))
        .and_then(|found| Ok((parse(found.spec, options)?, found)));
    match found {
        Ok(((email, how), Spec { spec, rule, percent })) => {
            matched(email, how, rule, percent, text::span_of(raw, spec))
        }
        Err(reason) => unmatched(trimmed, reason),
    }
}

fn unmatched(text: &str, reason: &'static str) -> Outcome<Email> {
    Outcome::unmatched(if reason != "blank" && crate::is_placeholder(text) { "placeholder" } else { reason })
}

/// RFC 5321 section 4.5.3.1.3 gives a path 256 with its brackets.
const LONGEST_ADDRESS: usize = 254;

/// The part of a text that claims to be an addr-spec, and why.
struct Spec<'a> {
    spec: &'a str,
    rule: &'static str,
    percent: u8,
}

/// `trimmed` with its full-width forms (U+FF01 to U+FF5E, what Japanese and Chinese keyboards type) in ASCII, if it has any.
fn narrow_forms(trimmed: &str) -> Option<String> {
    let is_wide = |c: char| ('\u{ff01}'..='\u{ff5e}').contains(&c);
    if trimmed.is_ascii() || !trimmed.contains(is_wide) {
        return None;
    }
    let narrow = |c: char| if is_wide(c) { char::from_u32(c as u32 - 0xfee0).unwrap_or(c) } else { c };
    Some(trimmed.chars().map(narrow).collect())
}

/// Around an address are blanks and no line breaks, folded or not: a cell of several lines may have more than an address.
fn edges_are_blank(raw: &str, trimmed: &str) -> Result<(), &'static str> {
    let start = text::span_of(raw, trimmed).0 as usize;
    let edges = [&raw[..start], &raw[start + trimmed.len()..]];
    let breaks = |edge: &str| edge.contains(['\r', '\n']);
    if !trimmed.is_empty() && edges.into_iter().any(breaks) { Err("line_break") } else { Ok(()) }
}

fn find_spec(trimmed: &str) -> Result<Spec<'_>, &'static str> {
    if trimmed.is_empty() {
        return Err("blank");
    }
    if !trimmed.contains('@') {
        return Err("no_at_sign");
    }
    let mut found = Spec { spec: trimmed, rule: "addr_spec", percent: 100 };
    let mut change = |spec, rule, percent| found = Spec { spec: text::trim(spec), rule, percent };
    let bracketed = trimmed.find('<').filter(|_| !trimmed.starts_with('"') || trimmed.ends_with('>'));
    if let Some((open, close)) = bracketed.and_then(|open| Some((open, open + trimmed[open..].find('>')?)))
        && quotes_are_closed(&trimmed[..open])
    {
        match &trimmed[close + 1..] {
            "" => change(&trimmed[open + 1..close], "name_addr", 100),
            rest if rest.trim_start().starts_with([',', ';']) => {
                let percent = if rest.contains('@') { 80 } else { 100 };
                change(
                    &trimmed[open + 1..close],
                    if percent == 80 { "first_of_several" } else { "name_addr" },
                    percent,
                );
            }
            _ => {}
        }
    } else if let Some(inside) = in_quotes(trimmed) {
        change(inside, "quoted", 100);
    } else if let Some(end) = end_of_first(trimmed) {
        let several = trimmed[end..].contains('@');
        let percent = if several { 80 } else { 100 };
        change(&trimmed[..end], if several { "first_of_several" } else { "addr_spec" }, percent);
    }
    for (label, rule) in [("mailto:", "mailto"), ("email:", "labelled"), ("e-mail:", "labelled")] {
        if found.spec.get(..label.len()).is_some_and(|start| start.eq_ignore_ascii_case(label)) {
            let spec = found.spec[label.len()..].trim_start();
            let end = if rule == "mailto" { spec.find('?') } else { None };
            found = Spec { spec: &spec[..end.unwrap_or(spec.len())], rule, ..found };
        }
    }
    // A note in brackets behind a blank: `x@acme.com (b)`. A comment without the blank is refused: it is no mailbox.
    let spec = found.spec;
    if let Some(at) = unquoted_at(spec)
        && !spec[at + 1..].starts_with('[')
        && let Some(blank) = spec[at..].find(char::is_whitespace)
    {
        let note = spec[at + blank..].trim_start();
        if note.starts_with(['(', '[', '-', '–']) && !note.contains('@') {
            found = Spec { spec: &spec[..at + blank], rule: "trailing_note", ..found };
        }
    }
    Ok(found)
}

/// The inside of `'x@acme.com'` or `"x@acme.com"`: as a quoted string of the grammar it would lack a host.
fn in_quotes(text: &str) -> Option<&str> {
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let inside = text.strip_prefix(quote)?.strip_suffix(quote)?;
    (!inside.contains(['"', '\\']) && inside.contains('@')).then_some(inside)
}

/// Where the first of several addresses ends, and what stands between them: a comma, a semicolon, a bar, a slash with blanks or
/// a blank before another address.
fn end_of_first(text: &str) -> Option<usize> {
    let at = unquoted_at(text)?;
    let end = at + text[at..].find(|c: char| matches!(c, ',' | ';' | '|') || c.is_whitespace())?;
    let rest =
        text[end..].trim_start_matches(|c: char| matches!(c, ',' | ';' | '|' | '/') || c.is_whitespace());
    let is_address = |part: &str| {
        part.split_once('@').is_some_and(|(local, host)| !local.is_empty() && host.contains('.'))
    };
    let separators = [',', ';', '|', '/', ' '];
    let mut parts = rest.split(separators).filter(|part| !part.is_empty());
    // With nothing behind it a comma or a semicolon only ends the cell; `x@acme,com` is a slip.
    let ends = text[end..].trim_end().bytes().all(|c| matches!(c, b',' | b';'));
    (ends || (text[at..end].contains('.') && parts.clone().next().is_some() && parts.all(is_address)))
        .then_some(end)
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
    // RFC 6532 wants NFC. It comes before the check: U+037E is a semicolon in it.
    let local: Cow<'_, str> =
        if local.is_ascii() { Cow::Borrowed(local) } else { Cow::Owned(local.nfc().collect()) };
    check_local(&local)?;
    if host.is_empty() {
        return Err("no_host");
    }
    if !host.bytes().all(is_plain) {
        if host.contains(',') {
            return Err("comma_for_dot");
        }
        if host.starts_with('[') {
            check_literal(host)?;
            return finish(&local, Place::bare(host.to_ascii_lowercase()));
        }
        if host.contains(char::is_whitespace) {
            return Err("blank_in_host");
        }
    }
    // RFC 5321 names have no root.
    if host.ends_with('.') {
        return Err("trailing_dot");
    }
    let ascii = ascii_host(host)?;
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
        // Nothing says these cannot take mail; they have no registrable domain.
        Err("unlisted_suffix" | "public_suffix") => Place::bare(ascii_host(host)?.name.into_owned()),
        Err(reason @ ("ip_address" | "numeric_suffix")) => {
            let name = ascii_host(host)?.name;
            if !is_numeric_name(&name) {
                return Err(reason);
            }
            Place { how: How::Numeric, ..Place::bare(name.into_owned()) }
        }
        Err(reason) => return Err(reason),
    };
    if is_example_host(&place.host) && is_example_name(&local) {
        return Err("placeholder");
    }
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
    push_folded(&mut key, without_tag(local));
    let is_role = is_role(&key);
    key.push('@');
    key.push_str(&place.host);
    let is_known = place.mail_host == Some(MailHost::Free) || place.is_private_suffix;
    let better = if is_known { None } else { suggested_host(&place.host) };
    let suggestion = better.map(|better| format!("{local}@{better}"));
    let Place { host, domain, mail_host, how, .. } = place;
    let is_free_mail = mail_host == Some(MailHost::Free);
    let is_disposable = mail_host == Some(MailHost::Disposable);
    Ok((Email { address, key, host, domain, is_role, is_free_mail, is_disposable, suggestion }, how))
}

/// The mailbox of a sub-address (RFC 5233): `x` of `x+news`. Quoted text has none.
fn without_tag(local: &str) -> &str {
    match local.find('+') {
        Some(tag) if tag > 0 && !local.starts_with('"') && !local[..tag].ends_with('.') => &local[..tag],
        _ => local,
    }
}

/// Folds case and compatibility forms, so far as a local part of no more bytes comes out of it: `½` would become a slash, and a
/// ligature of eighteen letters more than a mailbox may have.
fn push_folded(key: &mut String, local: &str) {
    if local.is_ascii() {
        key.push_str(local);
        key.make_ascii_lowercase();
        return;
    }
    let fits = |folded: &str| {
        folded.len() <= local.len()
            && without_tag(folded).len() == folded.len()
            && check_local(folded).is_ok()
    };
    let folded = text::fold(local);
    if fits(&folded) && *text::fold(&folded) == *folded {
        return key.push_str(&folded);
    }
    let lower: String = local.chars().flat_map(char::to_lowercase).nfc().collect();
    key.push_str(if fits(&lower) { &lower } else { local });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggestions_are_not_applied() {
        let email = normalize_email("x@gmial.com").ok().unwrap().value;
        assert_eq!((email.host.as_str(), email.suggestion.as_deref()), ("gmial.com", Some("x@gmail.com")));
        let email = normalize_email("x@gmail.con").ok().unwrap().value;
        assert_eq!((email.domain, email.suggestion.as_deref()), (None, Some("x@gmail.com")));
        assert_eq!(normalize_email("x@mail.com").value().unwrap().suggestion, None);
    }
}
