//! A first load is written without indexes, which are built afterwards: half the time of the whole load.

use crate::Store;
use crate::connection::Connection;
use crate::payloads;
use crate::table::{ColumnKind, Table};
use crate::value::{Row, Value};
use firmograph_core::{Attribute, EntityKind, Error};
use std::sync::Mutex;

/// A statement that puts an index or a constraint back.
#[derive(Debug, Clone)]
pub(crate) struct Suspended {
    /// The table it is on.
    pub(crate) table: String,
    pub(crate) statement: String,
    /// Foreign keys lean on the indexes, so they come last.
    pub(crate) is_foreign_key: bool,
}

impl Store {
    /// Takes the indexes away for the first load of an empty database. Nothing should be looked up by key until
    /// [`Store::restore_indexes`].
    ///
    /// On SQLite this belongs to the transaction at hand. On PostgreSQL it is a transaction of its own, so that a second
    /// connection can write too; the statements that put the indexes back are kept in `raw.suspended_indexes`, and
    /// whoever opens the database after a crash runs them ([`Store::mend_indexes`]).
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn suspend_indexes(&mut self) -> Result<(), Error> {
        let mut tables = [EntityKind::Company, EntityKind::Person].map(Table::golden).to_vec();
        if !self.conn.is_postgres() {
            // The other tables have one index, in whose order rows come: SQLite appends to it as fast as it builds it.
            self.suspended = self.conn.suspend_indexes(&tables).await?;
            return Ok(());
        }
        tables.extend(Attribute::ALL.iter().map(|&attribute| Table::dimension(attribute)));
        tables.extend([EntityKind::Company, EntityKind::Person].map(crate::quality::table));
        tables.push(payloads::table());
        // They lean on the golden tables, and are as empty as those.
        tables.extend(crate::leads::all_tables());
        self.begin().await?;
        let suspended = self.conn.suspend_indexes(&tables).await?;
        let columns = [
            ("id", ColumnKind::Int),
            ("target", ColumnKind::Text),
            ("statement", ColumnKind::Text),
            ("is_foreign_key", ColumnKind::Int),
        ];
        let rows = suspended.iter().enumerate().map(|(id, suspended)| {
            vec![
                Value::Int(id as i64),
                Value::text(&suspended.table),
                Value::text(&suspended.statement),
                Value::Int(suspended.is_foreign_key.into()),
            ]
        });
        let table = Table::new("raw.suspended_indexes", &columns, &["id"]);
        self.conn.insert(&table, &payloads::ValueRows(rows.collect())).await?;
        self.commit().await
    }

    /// Puts the indexes back, with a second connection two at a time.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn restore_indexes(&mut self, second: Option<&mut Store>) -> Result<(), Error> {
        if !self.conn.is_postgres() {
            for suspended in std::mem::take(&mut self.suspended) {
                self.conn.run(&suspended.statement).await?;
            }
            return Ok(());
        }
        let all = kept(&mut self.conn).await?;
        let (foreign, own): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|(_, suspended)| suspended.is_foreign_key);
        let queue = Mutex::new(own.into_iter());
        match second {
            Some(second) => {
                let (mine, theirs) =
                    tokio::join!(put_back(&mut self.conn, &queue), put_back(&mut second.conn, &queue));
                mine.and(theirs)?;
            }
            None => put_back(&mut self.conn, &queue).await?,
        }
        put_back(&mut self.conn, &Mutex::new(foreign.into_iter())).await
    }

    /// Puts indexes back that a crash left away. Waits for a writer that is at work.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn mend_indexes(&mut self) -> Result<(), Error> {
        if !self.conn.is_postgres() || kept(&mut self.conn).await?.is_empty() {
            return Ok(());
        }
        self.lock_writer().await?;
        let mended = self.restore_indexes(None).await;
        let unlocked = self.unlock_writer().await;
        // The first error is the one to tell.
        mended.and(unlocked)
    }
}

async fn kept(conn: &mut Connection) -> Result<Vec<(i64, Suspended)>, Error> {
    let sql = "SELECT id, target, statement, is_foreign_key FROM raw.suspended_indexes ORDER BY id";
    let read = |mut row: Row| {
        let id = row.int()?;
        let (table, statement) = (row.text()?.into(), row.text()?.into());
        Ok((id, Suspended { table, statement, is_foreign_key: row.int()? == 1 }))
    };
    conn.fetch(sql, &[]).await?.into_iter().map(read).collect()
}

/// Runs statements from a queue that two connections may share. Each statement and its note end in one transaction, so
/// that none is run twice.
async fn put_back(
    conn: &mut Connection,
    queue: &Mutex<std::vec::IntoIter<(i64, Suspended)>>,
) -> Result<(), Error> {
    loop {
        let next = queue.lock().map_or(None, |mut queue| queue.next());
        let Some((id, Suspended { statement, .. })) = next else { return Ok(()) };
        let done = format!("BEGIN; {statement}; DELETE FROM raw.suspended_indexes WHERE id = {id}; COMMIT");
        if let Err(error) = conn.run(&done).await {
            // The transaction that failed is still open, and everything after it would be refused in its name.
            drop(conn.run("ROLLBACK").await);
            return Err(error);
        }
    }
}
