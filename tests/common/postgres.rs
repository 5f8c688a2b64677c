//! A PostgreSQL database for one test, made and removed with `psql`: only crates/store may name the driver.

use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

const VARIABLE: &str = "FIRMOGRAPH_TEST_POSTGRES";
/// A cluster of its own, beside the first.
const SECOND: &str = "FIRMOGRAPH_TEST_POSTGRES_2";

static NUMBER: AtomicU32 = AtomicU32::new(0);

/// A database of its own on the test server; removed when dropped.
pub(crate) struct Postgres {
    pub(crate) url: String,
    admin: String,
    name: String,
}

impl Postgres {
    /// An empty database. `None`, after saying so, without a server; on CI that is a failure.
    pub(crate) fn fresh() -> Option<Self> {
        Self::fresh_of(VARIABLE, "run")
    }

    /// The same on another cluster.
    pub(crate) fn fresh_second() -> Option<Self> {
        Self::fresh_of(SECOND, "run --two")
    }

    fn fresh_of(variable: &str, command: &str) -> Option<Self> {
        let Ok(admin) = std::env::var(variable) else {
            assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "{variable} must be set where CI=true");
            eprintln!("skipped: {variable} is not set (scripts/postgres {command} COMMAND sets it)");
            return None;
        };
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("firmograph_test_{}_{number}", std::process::id());
        query(&admin, &format!("CREATE DATABASE {name}"));
        let (server, _) = admin.rsplit_once('/').expect("the URL ends with a database");
        let socket = query(&admin, "SHOW unix_socket_directories");
        let socket = socket.split(',').next().unwrap_or_default().trim();
        // Where the server is on this machine, its socket spares small packets a wait of 40 ms each.
        let host =
            if std::path::Path::new(socket).is_dir() { format!("?host={socket}") } else { String::new() };
        Some(Postgres { url: format!("{server}/{name}{host}"), admin, name })
    }

    /// What `psql` gives for a statement: rows as lines, cells separated by `|`.
    pub(crate) fn query(&self, sql: &str) -> String {
        query(&self.url, sql)
    }

    /// The same, or what the server says against it.
    pub(crate) fn try_query(&self, sql: &str) -> Result<String, String> {
        let output = psql(&self.url, sql).unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap().trim().to_owned();
        if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // A killed program may still be connected. Nothing can be done about a failure while dropping.
        drop(psql(&self.admin, &format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name)));
    }
}

fn psql(url: &str, sql: &str) -> std::io::Result<std::process::Output> {
    Command::new("psql").args(["-XqAt", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", sql]).output()
}

fn query(url: &str, sql: &str) -> String {
    let output = psql(url, sql).expect("psql is installed where PostgreSQL is tested");
    assert!(output.status.success(), "{sql}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}
