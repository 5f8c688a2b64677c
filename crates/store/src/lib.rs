//! SQL of firmograph: one body for SQLite and PostgreSQL. Rows only, no meaning; every write can be repeated.
//!
//! A [`Store`] is one connection. Writing happens between [`Store::begin`] and [`Store::commit`]; one writer at a time holds
//! a database, so a batch is read, merged and written without another batch in between.

mod address;
mod adopt;
mod believed;
mod budgets;
mod catalog;
mod checks;
mod connection;
mod cost_summary;
mod costs;
mod dimensions;
mod direct_writes;
mod documents;
mod enrichment;
mod facts;
mod figures;
mod foreign;
mod gate;
mod golden;
mod indexes;
mod joins;
mod kept;
mod lead_documents;
mod leads;
mod level_map;
mod level_quality;
mod lookups;
mod migrate;
mod packed;
mod payloads;
mod pins;
mod postgres;
mod priorities;
mod quality;
mod reference;
mod rejects;
mod research;
mod reservations;
mod runs;
mod sqlite;
mod sqlite_lock;
mod stats;
mod table;
mod value;
mod views;

pub use address::{absolute_url, shown_url, sqlite_file};
pub use believed::{PIN_SOURCE, Payloads, SourceCount, StoredPayload};
pub use budgets::{BudgetRule, BudgetWindow, WindowKey};
pub use catalog::{Column, ForeignKey, Index, Relation, RelationKind};
pub use connection::statements;
pub use cost_summary::{Bought, CostKey, CostRange, CostSums};
pub use costs::{ApiCost, PricedOperation};
pub use direct_writes::DirectWrite;
pub use documents::{DocumentNote, DocumentSize, GoldenDocuments, SourceDocument, document_columns};
pub use enrichment::HitCount;
pub use facts::{RowCounts, ServerFacts};
pub use figures::{Filled, OnLevel};
pub use foreign::ForeignTable;
pub use gate::watch_sqlite;
pub use golden::Times;
pub use joins::{AUTOMATIC, JoinCandidate, KeyJoin};
pub use kept::KeptPayload;
pub use lead_documents::{LeadDocument, LeadPayload};
pub use leads::{LEAD_TABLES, LeadCell, LeadRow, LeadTable};
pub use level_map::{LevelMapChanges, MappedLevel};
pub use level_quality::{LevelColumnGroup, TitleSource, UnlevelledProspect};
pub use lookups::{LOOKUP_ATTRIBUTES, LookupRow};
pub use migrate::MigrationStatus;
pub use payloads::{KnownPayloads, Payload};
pub use pins::{PayloadOrigin, StoredPin};
pub use priorities::{PRIORITIES_TABLE, PolicyRow, PriorityRow};
pub use quality::{QualityOf, QualityRow};
pub use reference::{ReferenceRows, UnmatchedValue};
pub use rejects::StoredReject;
pub use research::{ResearchHits, ResearchRow, ResearchStats};
pub use reservations::{BudgetAlert, Held, Reservation, ReservationState};
pub use runs::{Run, RunFile, Tally};
pub use stats::ViewRefresh;
pub use views::{NamedRow, View, ViewPage};

use connection::Connection;
use firmograph_core::Error;

/// One connection to a SQLite file or a PostgreSQL database.
pub struct Store {
    conn: Connection,
    url: String,
    suspended: Vec<indexes::Suspended>,
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

    /// Whether the database still answers on this connection: a server ends those that are idle, or its own life.
    pub async fn is_alive(&mut self) -> bool {
        self.conn.is_alive().await
    }

    /// Whether this is PostgreSQL.
    #[must_use]
    pub fn is_postgres(&self) -> bool {
        self.conn.is_postgres()
    }

    /// The URL it was opened with.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Begins a writing transaction; waits for another writer to end.
    ///
    /// # Errors
    /// When the database does not answer or stays busy.
    pub async fn begin(&mut self) -> Result<(), Error> {
        self.conn.begin_write().await
    }

    /// Begins a writing transaction beside that of another connection of this process, which holds the writer's lock.
    /// On PostgreSQL only: SQLite has one writer.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn begin_beside(&mut self) -> Result<(), Error> {
        self.conn.run("BEGIN").await
    }

    /// Begins a writing transaction for tables that no ingest writes, such as budgets: on PostgreSQL it waits for no other
    /// writer, and what decides is a conditional update of one row. SQLite has one writer at a time all the same.
    ///
    /// # Errors
    /// When the database does not answer or stays busy.
    pub async fn begin_apart(&mut self) -> Result<(), Error> {
        self.conn.begin_apart().await
    }

    /// Makes what is committed from here on survive a power failure too. PostgreSQL does so by itself.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn sync_fully(&mut self) -> Result<(), Error> {
        if self.is_postgres() { Ok(()) } else { self.conn.run("PRAGMA synchronous = FULL").await }
    }

    /// Makes everything since [`Store::begin`] durable.
    ///
    /// # Errors
    /// When the database refuses; nothing is changed then.
    pub async fn commit(&mut self) -> Result<(), Error> {
        self.conn.commit().await
    }

    /// Forgets everything since [`Store::begin`].
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn rollback(&mut self) -> Result<(), Error> {
        self.suspended.clear();
        self.conn.run("ROLLBACK").await
    }

    /// Holds the writer's lock over several transactions. SQLite locks by transaction, so there this does nothing.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn lock_writer(&mut self) -> Result<(), Error> {
        self.conn.lock_writer(true).await
    }

    /// Gives the writer's lock back.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn unlock_writer(&mut self) -> Result<(), Error> {
        self.conn.lock_writer(false).await
    }

    /// Closes the connection.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn close(self) -> Result<(), Error> {
        self.conn.close().await
    }
}
