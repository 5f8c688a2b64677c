//! What the URL of a database says.

use percent_encoding::percent_decode_str;
use std::path::PathBuf;

/// The file of a SQLite database, named as the driver names it; `None` for PostgreSQL and for databases in memory.
///
/// ```
/// use firmograph_store::sqlite_file;
/// assert_eq!(sqlite_file("sqlite://my.db?mode=ro").as_deref(), Some("my.db".as_ref()));
/// assert_eq!(sqlite_file("sqlite://my%20own.db").as_deref(), Some("my own.db".as_ref()));
/// assert_eq!(sqlite_file("sqlite::memory:"), None);
/// ```
#[must_use]
pub fn sqlite_file(url: &str) -> Option<PathBuf> {
    let (name, options) = sqlite_parts(url)?;
    let is_memory = name.is_empty() || name == ":memory:";
    if is_memory || options.is_some_and(|options| options.split('&').any(|option| option == "mode=memory")) {
        return None;
    }
    // What is no text is refused by the driver, too.
    Some(PathBuf::from(percent_decode_str(name).decode_utf8().ok()?.as_ref()))
}

/// The same database, whichever folder the process goes to: a SQLite file by its absolute path.
///
/// ```
/// use firmograph_store::{absolute_url, sqlite_file};
/// let path = std::env::current_dir().unwrap().join("my own.db");
/// assert_eq!(sqlite_file(&absolute_url("sqlite://my%20own.db?mode=ro")), Some(path));
/// assert_eq!(absolute_url("postgres://host/db"), "postgres://host/db");
/// ```
#[must_use]
pub fn absolute_url(url: &str) -> String {
    let absolute = || {
        let file = sqlite_file(url)?;
        if file.is_absolute() {
            return None;
        }
        let path = std::path::absolute(file).ok()?;
        let name = path.to_str()?.replace('%', "%25").replace('?', "%3F");
        let options = sqlite_parts(url)?.1.map_or_else(String::new, |options| format!("?{options}"));
        Some(format!("sqlite://{name}{options}"))
    };
    absolute().unwrap_or_else(|| url.to_owned())
}

/// A URL for people: of a server without user, password and options, which may be secrets.
///
/// ```
/// use firmograph_store::shown_url;
/// assert_eq!(shown_url("postgres://me:s3cret@host:5432/db?sslpassword=s3cret"), "postgres://host:5432/db");
/// assert_eq!(shown_url("sqlite://my.db?mode=ro"), "sqlite://my.db?mode=ro");
/// ```
#[must_use]
pub fn shown_url(url: &str) -> String {
    if url.starts_with("sqlite:") {
        return url.to_owned();
    }
    let (scheme, rest) = url.split_at(url.find("://").map_or(0, |at| at + "://".len()));
    let address = rest.split('?').next().unwrap_or(rest);
    let shown = match address.rsplit_once('@') {
        Some((_, address)) => address,
        // A password may have a question mark, and people write what is no URL.
        None if rest.contains('@') || address.to_ascii_lowercase().contains("password") => "...",
        None => address,
    };
    format!("{scheme}{shown}")
}

/// Name and options as they are written. The driver takes away any number of schemes.
fn sqlite_parts(url: &str) -> Option<(&str, Option<&str>)> {
    url.strip_prefix("sqlite:")?;
    let rest = url.trim_start_matches("sqlite://").trim_start_matches("sqlite:");
    Some(rest.split_once('?').map_or((rest, None), |(name, options)| (name, Some(options))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn files_are_named_as_the_driver_names_them() {
        let named = |url| sqlite_file(url).map(|path| path.to_str().unwrap().to_owned());
        for (url, file) in [
            ("sqlite:a.db", "a.db"),
            ("sqlite:///a/b.db", "/a/b.db"),
            ("sqlite://a%3Fb%25.db?cache=private", "a?b%.db"),
            ("sqlite://100%.db", "100%.db"),
            ("sqlite://%zz%4.db", "%zz%4.db"),
            ("sqlite://sqlite://a.db", "a.db"),
            ("sqlite://%C3%A4.db", "ä.db"),
        ] {
            assert_eq!(named(url).as_deref(), Some(file), "{url}");
            let options: sqlx::sqlite::SqliteConnectOptions = url.parse().unwrap();
            assert_eq!(options.get_filename(), Path::new(file), "{url}");
        }
        for url in
            ["postgres://h/d", "sqlite://", "sqlite://:memory:", "sqlite://a.db?cache=shared&mode=memory"]
        {
            assert_eq!(named(url), None, "{url}");
        }
        assert_eq!(named("sqlite://%FF.db"), None, "the driver refuses it");
    }

    #[test]
    fn an_absolute_url_names_the_same_file() {
        let here = std::env::current_dir().unwrap();
        for name in ["a.db", "a%20b.db", "./a%3Fb.db?mode=ro", "100%25.db?mode=rwc&cache=private"] {
            let (given, absolute) = (format!("sqlite://{name}"), absolute_url(&format!("sqlite://{name}")));
            assert_eq!(sqlite_file(&absolute), Some(here.join(sqlite_file(&given).unwrap())));
            assert_eq!(absolute.split_once('?').map(|at| at.1), name.split_once('?').map(|at| at.1));
            assert_eq!(absolute_url(&absolute), absolute);
        }
        assert_eq!(absolute_url("sqlite::memory:"), "sqlite::memory:");
    }

    #[test]
    fn what_is_shown_holds_no_secret() {
        for url in [
            "postgres://u:s3cret@h/d",
            "postgresql://u@h/d?password=s3cret&sslmode=require",
            "postgresql://h/d?password=s3@cret",
            "postgres://u:p?s3cret@h/d",
            "postgres://u:p/s3cret@h/d",
            "postgres://u:p#s3cret@h/d",
            "host=h user=u password=s3cret",
            "mysql://u:s3cret@h/d",
            "u:s3cret@h",
        ] {
            let shown = shown_url(url);
            assert!(!shown.contains("cret"), "{url}: {shown}");
        }
        for url in ["my.db", "postgres://h:5432/d", "mysql://h/d", "sqlite:///home/@me/a.db?mode=ro"] {
            assert_eq!(shown_url(url), url);
        }
    }
}
