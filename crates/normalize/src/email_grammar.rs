//! The two sides of an at sign as RFC 5321 and RFC 5322 have them.

use crate::host::is_ipv4;
use crate::text;
use std::net::{Ipv4Addr, Ipv6Addr};

/// RFC 5321 section 4.5.3.1.1.
pub(crate) const LONGEST_LOCAL: usize = 64;

/// Place of the `@` between local part and host: the first outside quotes.
pub(crate) fn unquoted_at(spec: &str) -> Option<usize> {
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

pub(crate) fn quotes_are_closed(text: &str) -> bool {
    text.bytes().filter(|&c| c == b'"').count() % 2 == 0
}

pub(crate) fn check_local(local: &str) -> Result<(), &'static str> {
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
            // RFC 6532 widens what may be quoted, not what may stand behind a backslash.
            _ if escaped && !c.is_ascii() => return Err("invalid_quoting"),
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

/// Whether a host whose last label is a number is a name by the letter of RFC 5321: one with letters, or the four numbers of an
/// IPv4 address. Other numbers (`256.0.0.1`), and those that browsers take for an address (`10.1`, `0x7f.0.0.1`), are none.
pub(crate) fn is_numeric_name(host: &str) -> bool {
    host.parse::<Ipv4Addr>().is_ok() || !is_ipv4(host) && host.bytes().any(|c| c.is_ascii_alphabetic())
}

/// RFC 5321 section 4.1.3.
pub(crate) fn check_literal(host: &str) -> Result<(), &'static str> {
    let Some(inside) = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) else {
        return Err("invalid_literal");
    };
    // Two colons stand for two groups or more.
    let groups = |address: &str| {
        let groups = address.split(':').filter(|group| !group.is_empty()).count();
        !address.contains("::") || groups + usize::from(address.contains('.')) <= 6
    };
    let valid = match inside.get(..5) {
        Some(tag) if tag.eq_ignore_ascii_case("ipv6:") => {
            inside[5..].parse::<Ipv6Addr>().is_ok() && groups(&inside[5..])
        }
        _ => inside.parse::<Ipv4Addr>().is_ok(),
    };
    if valid { Ok(()) } else { Err("invalid_literal") }
}
