//! SQL of firmograph: one body for SQLite and PostgreSQL. Rows only, no meaning; every write can be repeated.
//!
//! A [`Store`] is one connection. Writing happens between [`Store::begin`] and [`Store::commit`]; one writer at a time holds
//! a database, so a batch is read, merged and written without another batch in between.

mod checks;
mod connection;
mod dimensions;
mod golden;
mod migrate;
mod payloads;
mod postgres;
mod reference;
mod rejects;
mod runs;
mod sqlite;
mod sqlite_lock;
mod table;
mod value;

pub use golden::Times;
pub use migrate::MigrationStatus;
pub use payloads::Payload;
pub use reference::{ReferenceRows, UnmatchedValue};
pub use rejects::StoredReject;
pub use runs::{Run, RunFile, Tally};

use connection::Connection;
use firmograph_core::{Attribute, EntityKind, Error};
use table::Table;

/// One connection to a SQLite file or a PostgreSQL database.
pub struct Store {
    conn: Connection,
    url: String,
    suspended: Vec<String>,
}

impl Store {
    /// Opens `sqlite://file.db` (made if missing; `sqlite::memory:` works too) or `postgres://user@host/database`.
    ///
    /// # Errors
    /// `database-url` (usage) for another URL, `database-unreachable` when nobody answers.
    pub async fn open(url: &str) -> Result<Self, Error> {
        let conn = Connection::open(url).await?;
        Ok(Store { conn, url: url.to_owned(), suspended: Vec::new() })
    }

    /// Whether this is PostgreSQL.
    #[must_use]
    pub fn is_postgres(&self) -> bool {
        self.conn.is_postgres()
    }

    /// Begins a writing transaction; waits for another writer to end.
    ///
    /// # Errors
    /// When the database does not answer or stays busy.
    pub async fn begin(&mut self) -> Result<(), Error> {
        self.conn.begin_write().await
    }

    /// Makes everything since [`Store::begin`] durable, with its indexes.
    ///
    /// # Errors
    /// When the database refuses; nothing is changed then.
    pub async fn commit(&mut self) -> Result<(), Error> {
        for statement in std::mem::take(&mut self.suspended) {
            self.conn.run(&statement).await?;
        }
        self.conn.run("COMMIT").await
    }

    /// Forgets everything since [`Store::begin`].
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn rollback(&mut self) -> Result<(), Error> {
        self.suspended.clear();
        self.conn.run("ROLLBACK").await
    }

    /// For the first load of an empty database: rows are written without indexes, which [`Store::commit`] builds. Nothing
    /// may be looked up by key until then.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn suspend_indexes(&mut self) -> Result<(), Error> {
        let mut tables: Vec<_> =
            Attribute::ALL.iter().map(|&attribute| Table::dimension(attribute)).collect();
        tables.push(payloads::table());
        tables.extend([EntityKind::Company, EntityKind::Person].map(Table::golden));
        self.suspended = self.conn.suspend_indexes(&tables).await?;
        Ok(())
    }

    /// Closes the connection.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn close(self) -> Result<(), Error> {
        self.conn.close().await
    }
}
