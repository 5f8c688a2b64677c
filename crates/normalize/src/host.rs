//! Where a host stands in a text, and its one spelling.

use std::borrow::Cow;
use std::net::Ipv6Addr;

use crate::text;

/// Where a host stands in a text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Found<'a> {
    pub(crate) host: &'a str,
    pub(crate) rule: &'static str,
    /// Another one stands behind it.
    pub(crate) several: bool,
}

impl<'a> Found<'a> {
    /// The spelling of what [`lower_host`] finds.
    pub(crate) fn as_lower_host(&self) -> Host<'a> {
        Host { name: Cow::Borrowed(self.host), is_idn: false, has_underscore: false }
    }
}

/// The characters that are the host, wherever they stand in `raw`.
pub(crate) fn find_host(raw: &str) -> Result<Found<'_>, &'static str> {
    match find_plain_host(raw) {
        Some(found) => Ok(found),
        None => find_any_host(raw),
    }
}

/// A host that needs neither finding nor spelling, the commonest of all, in one pass: lower-case ASCII with a dot and without
/// two hyphens in a row (so no A-label), alone or in a web address.
pub(crate) fn lower_host(raw: &str) -> Option<Found<'_>> {
    let bytes = raw.as_bytes();
    let (start, rule) = web_scheme(bytes);
    let (mut label, mut place) = (start, start);
    loop {
        let rest = bytes.get(place..)?;
        let run = rest.iter().position(|&c| !IS_LOWER[usize::from(c)]).unwrap_or(rest.len());
        // A hyphen, a dot and the end have a letter or a digit in front.
        if run == 0 {
            return None;
        }
        match rest.get(run) {
            Some(b'-') => {}
            Some(b'.') if place + run - label < 64 => label = place + run + 1,
            None | Some(b'/' | b'?' | b'#' | b'\\') => {
                let end = place + run;
                let fits = end - start < 254 && end - label < 64;
                return (fits && label > start).then(|| Found {
                    host: &raw[start..end],
                    rule,
                    several: false,
                });
            }
            Some(_) => return None,
        }
        place += run + 1;
    }
}

/// Small ASCII letters and digits.
static IS_LOWER: [bool; 256] = {
    let mut is_lower = [false; 256];
    let mut c = 0;
    while c < 128_u8 {
        is_lower[c as usize] = c.is_ascii_lowercase() || c.is_ascii_digit();
        c += 1;
    }
    is_lower
};

fn web_scheme(text: &[u8]) -> (usize, &'static str) {
    match text {
        [b'h', b't', b't', b'p', b':', b'/', b'/', ..] => (7, "url"),
        [b'h', b't', b't', b'p', b's', b':', b'/', b'/', ..] => (8, "url"),
        _ => (0, "host"),
    }
}

/// [`find_any_host`] for the common case, byte by byte: an ASCII host with a dot, alone or in a web address.
fn find_plain_host(raw: &str) -> Option<Found<'_>> {
    let bytes = raw.as_bytes();
    let (start, rule) = web_scheme(bytes);
    let mut dotted = false;
    let length = bytes[start..]
        .iter()
        .take_while(|&&c| {
            dotted |= c == b'.';
            c.is_ascii_alphanumeric() || c == b'.' || c == b'-'
        })
        .count();
    let ends = matches!(bytes.get(start + length), None | Some(b'/' | b'?' | b'#' | b'\\'));
    (dotted && ends).then(|| Found { host: &raw[start..start + length], rule, several: false })
}

fn find_any_host(raw: &str) -> Result<Found<'_>, &'static str> {
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
    if let Some(behind) = behind_scheme(text) {
        rest = behind;
        // `https://http://acme.com` is a common pasting error.
        while let Some(behind) = behind_web_scheme(rest) {
            rest = behind;
        }
        rule = "url";
    } else if has_prefix(rest, "mailto:") {
        rest = &rest["mailto:".len()..];
    }
    let bytes = rest.as_bytes();
    let stop = bytes.iter().position(|c| matches!(c, b'/' | b'?' | b'#' | b'\\')).unwrap_or(rest.len());
    if let Some(at) = bytes[..stop].iter().rposition(|&c| c == b'@') {
        let local = &rest[..at];
        if rule != "url" && local.contains('@') && !local.starts_with('"') {
            return match local.find([',', ';']) {
                Some(end) if local[..end].contains('@') => {
                    find_any_host(&local[..end]).map(|found| Found { several: true, ..found })
                }
                _ => Err("two_at_signs"),
            };
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
    if let Some(literal) = rest.strip_prefix('[') {
        let literal = literal.split([']', '%']).next().unwrap_or(literal);
        let literal = if has_prefix(literal, "ipv6:") { &literal[5..] } else { literal };
        let is_address = literal.parse::<Ipv6Addr>().is_ok() || is_ipv4(literal);
        return Err(if is_address { "ip_address" } else { "not_a_host" });
    }
    let end = rest
        .find(|c: char| {
            matches!(c, '/' | '?' | '#' | '\\' | '(' | ',' | ';' | '|' | '<' | '>' | '"') || c.is_whitespace()
        })
        .unwrap_or(rest.len());
    let (mut host, behind) = rest.split_at(end);
    if text::has_byte(host, b':')
        && let Some((name, port)) = host.rsplit_once(':')
    {
        if name.contains(':') {
            let address = host.split('%').next().unwrap_or(host);
            return Err(if address.parse::<Ipv6Addr>().is_ok() { "ip_address" } else { "invalid_character" });
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

/// What stands behind a scheme and its slashes, or behind the slashes alone; for `http` and `https` a slip in them is forgiven
/// (`http//`, `http:/`, `https:\\`).
pub(crate) fn behind_scheme(text: &str) -> Option<&str> {
    if let Some(at) = text.as_bytes().windows(2).position(|two| two == b"//") {
        let is_scheme = text[..at].strip_suffix(':').is_some_and(|scheme| {
            !scheme.is_empty() && scheme.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'+')
        });
        if at == 0 || is_scheme {
            return Some(text[at + 2..].trim_start_matches('/'));
        }
    }
    behind_web_scheme(text)
}

fn behind_web_scheme(text: &str) -> Option<&str> {
    ["https", "http"].into_iter().find_map(|scheme| {
        let rest = has_prefix(text, scheme).then(|| &text[scheme.len()..])?;
        let is_slip = rest.starts_with(":/") || rest.starts_with(":\\") || rest.starts_with("//");
        is_slip.then(|| rest.trim_start_matches([':', '/', '\\']))
    })
}

/// Whether `host` is an IPv4 address in any form that resolvers and browsers read: one to four numbers, decimal, octal (`017`) or
/// hexadecimal (`0x7f`), by the [WHATWG rules](https://url.spec.whatwg.org/#concept-ipv4-parser). A lone decimal is just a number.
pub(crate) fn is_ipv4(host: &str) -> bool {
    let mut parts = 0;
    let mut value = 0_u64;
    let mut is_hex = false;
    for part in host.split('.') {
        let (digits, radix) = match part.as_bytes() {
            [b'0', b'x' | b'X', ..] => (&part[2..], 16),
            [b'0', _, ..] => (&part[1..], 8),
            _ => (part, 10),
        };
        is_hex |= radix == 16;
        let digits = if digits.is_empty() && radix == 16 { "0" } else { digits };
        if parts == 4 || value > 255 || digits.starts_with('+') {
            return false;
        }
        let Ok(next) = u64::from_str_radix(digits, radix) else { return false };
        value = next;
        parts += 1;
    }
    (parts > 1 || is_hex) && value < 1 << (8 * (5 - parts))
}

/// A host that DNS would carry: A-labels, lower case, no trailing dot.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Host<'a> {
    pub(crate) name: Cow<'a, str>,
    /// Whether it has A-labels.
    pub(crate) is_idn: bool,
    pub(crate) has_underscore: bool,
}

/// Lower-cased A-label form without the trailing dot; an error where DNS would not carry it
/// ([UTS 46](https://www.unicode.org/reports/tr46/), RFC 1035 section 2.3.4 lengths).
pub(crate) fn ascii_host(host: &str) -> Result<Host<'_>, &'static str> {
    let host = host.strip_suffix('.').unwrap_or(host);
    match plain_host(host) {
        Some(host) => Ok(host),
        None => any_host(host),
    }
}

/// [`any_host`] for ASCII without two hyphens in a row (so no A-label) and without a fault, in one pass.
fn plain_host(host: &str) -> Option<Host<'_>> {
    if host.len() > 253 {
        return None;
    }
    let (mut upper, mut has_underscore, mut length, mut before) = (false, false, 0_usize, b'.');
    for &c in host.as_bytes() {
        match c {
            b'a'..=b'z' | b'0'..=b'9' => length += 1,
            b'_' => {
                has_underscore = true;
                length += 1;
            }
            b'A'..=b'Z' => {
                upper = true;
                length += 1;
            }
            b'-' if before != b'-' && before != b'.' => length += 1,
            b'.' if (1..=63).contains(&length) && before != b'-' => length = 0,
            _ => return None,
        }
        before = c;
    }
    if !(1..=63).contains(&length) || before == b'-' {
        return None;
    }
    let name = if upper { Cow::Owned(host.to_ascii_lowercase()) } else { Cow::Borrowed(host) };
    Some(Host { name, is_idn: false, has_underscore })
}

fn any_host(host: &str) -> Result<Host<'_>, &'static str> {
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
    let (is_idn, has_underscore) = (has_a_label(&host), host.contains('_'));
    Ok(Host { name: host, is_idn, has_underscore })
}

fn has_prefix(text: &str, prefix: &str) -> bool {
    text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

fn has_a_label(host: &str) -> bool {
    host.as_bytes().windows(4).any(|four| four.eq_ignore_ascii_case(b"xn--"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

        #[test]
        fn plain_hosts_are_found_alike(
            text in "(https?:/{0,3}|www\\.| )?[a-zA-Z.@:-]{0,12}(//?|[?#\\\\ ,(\"])?[a-z./:@ \"]{0,8}",
        ) {
            if let Some(found) = find_plain_host(&text) {
                prop_assert_eq!(Ok(found), find_any_host(&text));
            }
        }

        #[test]
        fn lower_hosts_are_found_and_spelled_alike(text in "(https?://)?([a-z0-9.-]{0,9}|[a-z]{62,64}\\.)[a-z.-]{0,9}(/[a-zA-Z]{0,3})?") {
            if let Some(found) = lower_host(&text) {
                prop_assert_eq!(any_host(found.host), Ok(found.as_lower_host()));
                prop_assert_eq!(Ok(found), find_any_host(&text));
            }
        }

        #[test]
        fn addresses_are_known(parts in any::<[u8; 4]>()) {
            let [a, b, c, d] = parts;
            for text in [
                format!("{a}.{b}.{c}.{d}"),
                format!("0x{a:x}.0{b:o}.{}", u32::from(c) << 8 | u32::from(d)),
                format!("0x{a:02x}{b:02x}{c:02x}{d:02x}"),
            ] {
                prop_assert!(is_ipv4(&text), "{text}");
            }
            for text in [format!("{a}.{b}.{c}.{d}.{a}"), format!("{a}.{}.1", u32::from(b) + 256)] {
                prop_assert!(!is_ipv4(&text), "{text}");
            }
        }

        #[test]
        fn plain_hosts_are_spelled_alike(text in "([a-zA-Z0-9_-]{0,5}|xn--[a-z]{0,3}|[a-z]{62,64})(\\.[a-zA-Z0-9_-]{0,5}){0,4}") {
            if let Some(host) = plain_host(&text) {
                prop_assert_eq!(Ok(host), any_host(&text));
            } else if !text.contains("--") {
                prop_assert!(any_host(&text).is_err());
            }
        }
    }
}
