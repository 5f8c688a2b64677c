use firmograph_core::{Evidence, Outcome};
use serde::Serialize;

use crate::text;

/// What a LinkedIn page is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkedinKind {
    /// `/company/`
    Company,
    /// `/in/` and the older `/pub/`
    Person,
    /// `/school/` and the older `/edu/school`
    School,
    /// `/showcase/`
    Showcase,
}

/// A LinkedIn page in the one spelling that is compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LinkedinUrl {
    /// `https://www.linkedin.com/in/<slug>`, the slug percent-encoded.
    pub url: String,
    /// What the page is about.
    pub kind: LinkedinKind,
    /// The page's name, percent-decoded: a name that was chosen in lower case, an opaque member token (`ACoAA...`) in the case it
    /// has, since another case is another member.
    pub slug: String,
}

/// One spelling for every address of the same LinkedIn page.
///
/// ```
/// use firmograph_normalize::canonical_linkedin_url;
/// let found = canonical_linkedin_url("HTTP://DE.LINKEDIN.COM/COMPANY/ACME/ABOUT/?trk=x").ok().unwrap().value;
/// assert_eq!(found.url, "https://www.linkedin.com/company/acme");
/// assert_eq!(canonical_linkedin_url("linkedin.com.evil.com/in/x").reason(), Some("not_linkedin"));
/// ```
#[must_use]
pub fn canonical_linkedin_url(raw: &str) -> Outcome<LinkedinUrl> {
    if text::is_too_long(raw) {
        return Outcome::unmatched("too_long");
    }
    let trimmed = text::trim(raw).trim_matches(['"', '\'', '<', '>', '(', ')', ',', ';']);
    match read(trimmed) {
        Ok((found, rule, percent)) => Outcome::matched(
            found,
            Evidence::new(rule, "linkedin_paths@2026.1", text::span_of(raw, trimmed), percent),
        ),
        Err(reason) => Outcome::unmatched(reason),
    }
}

fn read(trimmed: &str) -> Result<(LinkedinUrl, &'static str, u8), &'static str> {
    if trimmed.is_empty() {
        return Err("blank");
    }
    if trimmed.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("urn:li:")) {
        return Err("urn");
    }
    if !trimmed.contains(['/', '.']) {
        return Err(if crate::is_placeholder(trimmed) { "placeholder" } else { "not_a_url" });
    }
    let rest = match trimmed.find("://") {
        Some(at) => {
            let scheme = &trimmed[..at];
            if !scheme.eq_ignore_ascii_case("https") && !scheme.eq_ignore_ascii_case("http") {
                return Err("not_a_url");
            }
            trimmed[at + 3..].trim_start_matches('/')
        }
        None => trimmed.trim_start_matches('/'),
    };
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len()));
    // Userinfo is how `linkedin.com@evil.com` passes for what it is not.
    let host = authority.split(':').next().unwrap_or(authority).trim_end_matches('.');
    if authority.contains('@') || !is_linkedin(host) {
        return Err(if crate::is_placeholder(trimmed) { "placeholder" } else { "not_linkedin" });
    }
    let path = path.split(['?', '#']).next().unwrap_or(path);
    if path.contains(char::is_whitespace) {
        return Err("blank_in_path");
    }
    let mut segments = path.split(['/', '\\']).filter(|segment| !segment.is_empty());
    let Some(mut section) = segments.next() else { return Err("no_page") };
    // `/mwlite/in/x` and `/m/in/x` are the same pages for telephones.
    if section.eq_ignore_ascii_case("mwlite") || section.eq_ignore_ascii_case("m") {
        section = segments.next().ok_or("no_page")?;
    }
    let mut rule = "path";
    let lower = section.to_ascii_lowercase();
    let kind = match lower.as_str() {
        "in" => LinkedinKind::Person,
        "pub" => {
            rule = "old_public_profile";
            LinkedinKind::Person
        }
        "company" | "companies" | "organization" => LinkedinKind::Company,
        "school" | "edu" => LinkedinKind::School,
        "showcase" => LinkedinKind::Showcase,
        "sales" => return Err("sales_navigator"),
        "talent" | "recruiter" => return Err("recruiter"),
        "profile" => return Err("profile_id"),
        "feed" | "posts" | "pulse" | "jobs" | "groups" | "search" | "learning" | "events" | "newsletters" => {
            return Err("not_a_profile");
        }
        _ => return Err("unknown_path"),
    };
    let mut name = segments.next().ok_or("no_page")?;
    if lower == "edu" {
        name = match name.strip_prefix("school-") {
            Some(rest) => rest,
            None => segments.next().ok_or("no_page")?,
        };
    }
    let decoded = decode(name)?;
    let token = kind == LinkedinKind::Person && is_member_token(&decoded);
    let mut slug = if token { decoded } else { text::fold(&decoded).into_owned() };
    if slug.is_empty() || slug.contains(['/', '?', '#', '\\', ' ', '%']) || slug.chars().any(char::is_control)
    {
        return Err("invalid_slug");
    }
    if lower == "pub" && !slug.eq_ignore_ascii_case("dir") {
        // `/pub/jane-roe/1a/2b3/c4d` became `/in/jane-roe-c4d2b31a`, each number padded to three places.
        let numbers: Vec<&str> = segments.take(3).collect();
        if let [a, b, c] = numbers[..]
            && numbers.iter().all(|n| n.len() <= 3 && n.bytes().all(|c| c.is_ascii_hexdigit()))
        {
            slug = format!("{slug}-{c:0>3}{b:0>3}{}", a.trim_start_matches('0')).to_lowercase();
        }
    } else if lower == "pub" {
        return Err("not_a_profile");
    }
    let section = match kind {
        LinkedinKind::Person => "in",
        LinkedinKind::Company => "company",
        LinkedinKind::School => "school",
        LinkedinKind::Showcase => "showcase",
    };
    let mut url = String::with_capacity(32 + slug.len());
    url.push_str("https://www.linkedin.com/");
    url.push_str(section);
    url.push('/');
    encode(&slug, &mut url);
    let percent = if rule == "path" { 100 } else { 80 };
    let (rule, percent) = if token {
        ("member_token", 60)
    } else if kind == LinkedinKind::Person && is_folded_token(&slug) {
        ("folded_member_token", 30)
    } else {
        (rule, percent)
    };
    Ok((LinkedinUrl { url, kind, slug }, rule, percent))
}

/// What the site puts in place of a name that was not chosen: base64 of a record, so every letter's case counts.
fn is_member_token(slug: &str) -> bool {
    slug.len() > TOKEN_STARTS[0].len()
        && TOKEN_STARTS.iter().any(|start| slug.starts_with(start))
        && slug.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-' || c == b'_')
}

/// A token that somebody lower-cased: it names a page that cannot be found again.
fn is_folded_token(slug: &str) -> bool {
    slug.len() > 36
        && TOKEN_STARTS
            .iter()
            .any(|start| slug.get(..start.len()).is_some_and(|given| given.eq_ignore_ascii_case(start)))
}

/// Members, and leads of Sales Navigator.
const TOKEN_STARTS: [&str; 2] = ["ACoAA", "ACwAA"];

/// `linkedin.com` and its language hosts (`de.`, `zh-cn.`), `www.` and `m.`; nothing that only starts or ends so.
fn is_linkedin(host: &str) -> bool {
    const NAME: &str = "linkedin.com";
    let Some(at) = host.len().checked_sub(NAME.len()) else { return false };
    if !host.is_char_boundary(at) || !host[at..].eq_ignore_ascii_case(NAME) {
        return false;
    }
    match host[..at].strip_suffix('.') {
        None => at == 0,
        Some(before) => {
            !before.is_empty() && before.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-' || c == b'.')
        }
    }
}

fn decode(name: &str) -> Result<String, &'static str> {
    let mut current = name.to_owned();
    // `%25C3%25A9` was encoded twice on its way.
    for _ in 0..3 {
        if !current.contains('%') {
            break;
        }
        let mut bytes = Vec::with_capacity(current.len());
        let mut rest = current.as_bytes();
        while let [first, tail @ ..] = rest {
            let value = match (first, tail) {
                (b'%', [high, low, ..]) => hex(*high).zip(hex(*low)).map(|(high, low)| high * 16 + low),
                _ => None,
            };
            match value {
                Some(value) => {
                    bytes.push(value);
                    rest = &tail[2..];
                }
                None => {
                    bytes.push(*first);
                    rest = tail;
                }
            }
        }
        let decoded = String::from_utf8(bytes).map_err(|_| "invalid_encoding")?;
        if decoded == current {
            break;
        }
        current = decoded;
    }
    Ok(current)
}

fn hex(c: u8) -> Option<u8> {
    char::from(c).to_digit(16).map(|value| value as u8)
}

/// RFC 3986 unreserved characters stay, and those delimiters that are no punctuation around an address in a text.
fn encode(slug: &str, url: &mut String) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in slug.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~!$&*+=:@".contains(&byte) {
            url.push(char::from(byte));
        } else {
            url.push('%');
            url.push(char::from(HEX[usize::from(byte >> 4)]));
            url.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_keep_their_case_and_names_do_not() {
        for (raw, slug, rule) in [
            (
                "linkedin.com/in/ACoAABcDeFgHiJkLmNoPqRsTuVwXyZ0123456_-",
                "ACoAABcDeFgHiJkLmNoPqRsTuVwXyZ0123456_-",
                "member_token",
            ),
            ("linkedin.com/in/ACwAABcDeF,NAME", "acwaabcdef,name", "path"),
            (
                "linkedin.com/in/acoaabcdefghijklmnopqrstuvwxyz0123456789",
                "acoaabcdefghijklmnopqrstuvwxyz0123456789",
                "folded_member_token",
            ),
            ("linkedin.com/in/Jane-ROE", "jane-roe", "path"),
            ("linkedin.com/company/ACoAABc", "acoaabc", "path"),
            ("linkedin.com/in/zo%c3%ab", "zoë", "path"),
        ] {
            let found = canonical_linkedin_url(raw).ok().unwrap();
            assert_eq!((found.value.slug.as_str(), found.evidence.rule.as_ref()), (slug, rule));
            assert_eq!(canonical_linkedin_url(&found.value.url).value(), Some(&found.value));
        }
    }
}
