//! What the end-to-end tests share: databases of their own, and customer files as messy as real ones.
#![allow(dead_code, reason = "each test binary uses its part")]

pub(crate) mod customer_table;
pub(crate) mod customers;
pub(crate) mod postgres;

use postgres::Postgres;
use std::path::Path;
use tempfile::TempDir;

/// A folder of one test, with a database in it or beside it; gone when dropped.
pub(crate) struct Place {
    folder: TempDir,
    server: Option<Postgres>,
}

impl Place {
    pub(crate) fn sqlite() -> Self {
        Place { folder: tempfile::tempdir().unwrap(), server: None }
    }

    /// `None`, after saying so, where there is no server to test with.
    pub(crate) fn postgres() -> Option<Self> {
        let server = Postgres::fresh()?;
        Some(Place { folder: tempfile::tempdir().unwrap(), server: Some(server) })
    }

    /// The same on another server.
    pub(crate) fn second_postgres() -> Option<Self> {
        let server = Postgres::fresh_second()?;
        Some(Place { folder: tempfile::tempdir().unwrap(), server: Some(server) })
    }

    /// URL of the database.
    pub(crate) fn url(&self) -> String {
        match &self.server {
            Some(server) => server.url.clone(),
            None => format!("sqlite://{}", self.folder.path().join("test.db").display()),
        }
    }

    pub(crate) fn server(&self) -> Option<&Postgres> {
        self.server.as_ref()
    }

    /// Runs a statement behind the program's back, with names as SQLite has them (`core_company_names`). A company that is
    /// deleted from under its prospects is what such statements are for, so SQLite is not asked to keep references.
    pub(crate) fn sql(&self, sql: &str) {
        match &self.server {
            Some(server) => {
                let tables = [
                    "raw_payloads",
                    "raw_rejects",
                    "raw_runs",
                    "raw_files",
                    "core_",
                    "reference_",
                    "intelligence_",
                ];
                let named = tables.iter().fold(sql.to_owned(), |sql, table| {
                    sql.replace(&format!(" {table}"), &format!(" {}", table.replacen('_', ".", 1)))
                });
                server.query(&named);
            }
            None => {
                let file = self.folder.path().join("test.db");
                // Python is needed for the tests anyhow, and has SQLite in it.
                let run = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], timeout=10); c.execute(sys.argv[2]); c.commit()";
                let mut python = std::process::Command::new("python3");
                let done = python.args(["-c", run]).arg(file).arg(sql).output().unwrap();
                assert!(done.status.success(), "{sql}: {}", String::from_utf8_lossy(&done.stderr));
            }
        }
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file into the folder and gives its path.
    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

/// Makes a module with one test for each database out of a function that takes a [`Place`].
#[macro_export]
macro_rules! on_both {
    ($($name:ident)*) => {$(
        mod $name {
            use $crate::common::Place;

            #[test]
            fn sqlite() {
                super::$name(&Place::sqlite());
            }

            #[test]
            fn postgres() {
                if let Some(place) = Place::postgres() {
                    super::$name(&place);
                }
            }
        }
    )*};
}
