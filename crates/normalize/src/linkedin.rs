use firmograph_core::{Evidence, Outcome};
use serde::Serialize;
use unicode_normalization::UnicodeNormalization;

use crate::host::behind_scheme;
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
/// Language and telephone hosts, tracking parameters, sub-pages, percent-encoding (twice over, too), older paths (`/pub/`, `/edu/`,
/// `/companies/`), `linkedin.cn`, the log-in page that stands before a profile, and the company pages of Sales Navigator come
/// to one address. A company's number and its name are two addresses of one page; which belong together is not known here.
/// Not pages: short links (`lnkd.in`), leads of Sales Navigator and recruiters' tools, whose tokens name no public page.
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
        Ok((found, ..)) if text::is_too_long_a_name(&found.url) => Outcome::unmatched("too_long"),
        Ok((found, rule, percent)) => Outcome::matched(
            found,
            Evidence::new(rule, "linkedin_paths@2026.1", text::span_of(raw, trimmed), percent),
        ),
        Err(reason) if reason != "blank" && crate::is_placeholder(trimmed) => {
            Outcome::unmatched("placeholder")
        }
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
        return Err("not_a_url");
    }
    let rest = match behind_scheme(trimmed) {
        Some(rest) => {
            let scheme = trimmed[..trimmed.len() - rest.len()].trim_end_matches(['/', '\\', ':']);
            let is_web = ["", "http", "https"].iter().any(|web| scheme.eq_ignore_ascii_case(web));
            if !is_web {
                return Err("not_a_url");
            }
            rest
        }
        None => trimmed.trim_start_matches('/'),
    };
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len()));
    // Userinfo is how `linkedin.com@evil.com` passes for what it is not.
    let host = authority.split(':').next().unwrap_or(authority).trim_end_matches('.');
    let is_china = is_under(host, "linkedin.cn");
    if authority.contains('@') || !(is_china || is_under(host, "linkedin.com")) {
        let is_short = is_under(host, "lnkd.in") && !authority.contains('@');
        return Err(if is_short { "short_link" } else { "not_linkedin" });
    }
    let (path, query) = path.split_at(path.find(['?', '#']).unwrap_or(path.len()));
    if path.contains(char::is_whitespace) {
        return Err("blank_in_path");
    }
    let mut segments = path.split(['/', '\\']).filter(|segment| !segment.is_empty());
    let mut section = segments.next().ok_or("no_page")?;
    // `/mwlite/in/x` and `/m/in/x` are the same pages for telephones, `/comm/` is how mails link to them, `/incareer/` is China's.
    while ["mwlite", "m", "comm", "incareer"].iter().any(|prefix| section.eq_ignore_ascii_case(prefix)) {
        section = segments.next().ok_or("no_page")?;
    }
    let mut rule = if is_china { "china_host" } else { "path" };
    let mut lower = [0; 12];
    let lower = lower_section(section, &mut lower).ok_or("unknown_path")?;
    let kind = match lower {
        "in" => LinkedinKind::Person,
        "pub" => {
            rule = "old_public_profile";
            LinkedinKind::Person
        }
        "company" | "companies" | "company-beta" | "organization" => LinkedinKind::Company,
        "school" | "edu" => LinkedinKind::School,
        "showcase" => LinkedinKind::Showcase,
        "sales" => {
            section = segments.next().unwrap_or_default();
            rule = "sales_navigator";
            let is_company =
                section.eq_ignore_ascii_case("company") || section.eq_ignore_ascii_case("companies");
            let number = segments.clone().next().unwrap_or_default();
            if !is_company || number.is_empty() || !number.bytes().all(|c| c.is_ascii_digit()) {
                return Err("sales_navigator");
            }
            LinkedinKind::Company
        }
        "authwall" | "uas" | "login" | "checkpoint" | "signup" => return behind_wall(query),
        "talent" | "recruiter" | "cap" => return Err("recruiter"),
        "profile" => return Err("profile_id"),
        "feed" | "posts" | "pulse" | "jobs" | "groups" | "groupinvite" | "search" | "learning" | "events"
        | "newsletters" | "redir" | "help" | "legal" | "messaging" | "mynetwork" | "notifications"
        | "hashtag" | "topic" | "today" | "video" | "services" | "directory" | "people" | "products"
        | "advice" | "sharearticle" => {
            return Err("not_a_profile");
        }
        _ => return Err("unknown_path"),
    };
    let name = match segments.next() {
        Some(name) if lower == "edu" => old_school(name, segments.next(), query)?,
        name => name.ok_or("no_page")?,
    };
    let decoded = decode(name)?;
    let token = kind == LinkedinKind::Person && is_member_token(&decoded);
    let mut slug = if token { decoded } else { fold_slug(decoded) };
    let is_wrong = |c: char| matches!(c, '/' | '?' | '#' | '\\' | '%') || c.is_whitespace() || c.is_control();
    if slug.is_empty() || slug.chars().any(is_wrong) {
        return Err("invalid_slug");
    }
    // Pages of the site's own about "you" and about what is gone.
    if matches!(slug.as_str(), "unavailable" | "me" | "edit" | "setup") && kind != LinkedinKind::School {
        return Err("not_a_profile");
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

/// The section in lower case, in memory on the stack; none is longer.
fn lower_section<'a>(section: &str, memory: &'a mut [u8; 12]) -> Option<&'a str> {
    let lower = memory.get_mut(..section.len())?;
    lower.copy_from_slice(section.as_bytes());
    lower.make_ascii_lowercase();
    std::str::from_utf8(lower).ok()
}

/// Schools were `/edu/school?id=18483`, `/edu/acme-university-18483` and `/edu/school-acme`.
fn old_school<'a>(name: &'a str, next: Option<&'a str>, query: &'a str) -> Result<&'a str, &'static str> {
    let is_number = |text: &&str| !text.is_empty() && text.bytes().all(|c| c.is_ascii_digit());
    if name.eq_ignore_ascii_case("school") {
        let id = query.trim_start_matches('?').split(['&', '#']).find_map(|pair| pair.strip_prefix("id="));
        return next.or(id.filter(is_number)).ok_or("no_page");
    }
    let number = name.rsplit_once('-').map(|(_, number)| number).filter(is_number);
    number.or(name.strip_prefix("school-")).ok_or("no_page")
}

/// The page that the log-in page leads to, which it names in its query.
fn behind_wall(query: &str) -> Result<(LinkedinUrl, &'static str, u8), &'static str> {
    let parameters = query.trim_start_matches('?').split(['&', '#']);
    let target = parameters.filter_map(|parameter| parameter.split_once('=')).find(|(name, _)| {
        ["sessionRedirect", "session_redirect"].iter().any(|known| name.eq_ignore_ascii_case(known))
    });
    let target = decode(target.ok_or("login_page")?.1)?;
    if !target.contains("linkedin.") || target.to_ascii_lowercase().contains("redirect") {
        return Err("login_page");
    }
    match read(&target) {
        Ok((page, "path", percent)) => Ok((page, "login_page", percent.min(90))),
        Ok(page) => Ok(page),
        Err(_) => Err("login_page"),
    }
}

/// Lower case and NFC, no more: another dash or a trade mark sign is another page.
fn fold_slug(mut slug: String) -> String {
    if slug.is_ascii() {
        slug.make_ascii_lowercase();
        return slug;
    }
    slug.nfc().flat_map(char::to_lowercase).nfc().collect()
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

/// Whether `host` is `site` or stands under it: language hosts (`de.`, `zh-cn.`), `www.` and `m.`; nothing that only starts or ends so.
fn is_under(host: &str, site: &str) -> bool {
    let Some(at) = host.len().checked_sub(site.len()) else { return false };
    if !host.is_char_boundary(at) || !host[at..].eq_ignore_ascii_case(site) {
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
