use crate::connection::{Connection, failed};
use crate::gate::Within;
use crate::{Store, adopt, sqlite_lock};
use firmograph_core::{Error, ErrorKind};
use sqlx::migrate::{Migrate, MigrateError, Migration, MigrationType};
use std::borrow::Cow;

/// sqlx's own table, under our name so that another user of the same database does not meet it.
const TABLE: &str = "firmograph_migrations";
/// Key of the advisory lock that a migrating session holds on PostgreSQL: "firmmigr" as bytes.
const LOCK: i64 = 0x6669_726d_6d69_6772;

/// Number, name, then up and down for SQLite and for PostgreSQL.
type Pair = (i64, &'static str, [&'static str; 2], [&'static str; 2]);

macro_rules! migration {
    ($number:literal, $name:literal, $file:literal) => {
        (
            $number,
            $name,
            [
                include_str!(concat!("../migrations/sqlite/", $file, ".up.sql")),
                include_str!(concat!("../migrations/sqlite/", $file, ".down.sql")),
            ],
            [
                include_str!(concat!("../migrations/postgres/", $file, ".up.sql")),
                include_str!(concat!("../migrations/postgres/", $file, ".down.sql")),
            ],
        )
    };
}

const MIGRATIONS: &[Pair] = &[
    migration!(1, "star", "0001_star"),
    migration!(2, "attribution", "0002_attribution"),
    migration!(3, "identity", "0003_identity"),
    migration!(4, "views", "0004_views"),
    migration!(5, "legacy", "0005_legacy"),
    migration!(6, "leads", "0006_leads"),
    migration!(7, "levels", "0007_levels"),
    migration!(8, "costs", "0008_costs"),
    migration!(9, "quality", "0009_quality"),
    migration!(10, "documents", "0010_documents"),
    migration!(11, "scores_go_with_keys", "0011_scores_go_with_keys"),
];

/// The migration from which on direct writes are noted.
const NOTES_DIRECT_WRITES: i64 = 5;

/// State of one migration.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct MigrationStatus {
    /// Its number, from 1.
    pub version: i64,
    /// Its name.
    pub name: &'static str,
    /// Whether the database has it.
    pub applied: bool,
}

fn migration(pair: &Pair, postgres: bool, down: bool) -> Migration {
    let &(version, name, sqlite, pg) = pair;
    let sql = if postgres { pg } else { sqlite }[usize::from(down)];
    let kind = if down { MigrationType::ReversibleDown } else { MigrationType::ReversibleUp };
    // A checkout with CRLF must have the same checksum, so the text that is hashed has LF alone.
    let sql = sqlx::SqlSafeStr::into_sql_str(sqlx::AssertSqlSafe(sql.replace("\r\n", "\n")));
    Migration::new(version, Cow::Borrowed(name), kind, sql, false)
}

impl Store {
    /// Which migrations there are and which the database has.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn migrations(&mut self) -> Result<Vec<MigrationStatus>, Error> {
        let applied = applied(&mut self.conn).await?;
        Ok(MIGRATIONS
            .iter()
            .map(|pair| MigrationStatus { version: pair.0, name: pair.1, applied: applied.contains(&pair.0) })
            .collect())
    }

    /// Applies what is missing, if anything is: without the lock that migrating takes where nothing is.
    ///
    /// # Errors
    /// As [`Store::migrate_up`].
    pub async fn bring_up_to_date(&mut self) -> Result<(), Error> {
        if self.migrations().await?.iter().any(|migration| !migration.applied) {
            self.migrate_up().await?;
        }
        Ok(())
    }

    /// Applies what is missing; gives the versions applied. Safe to run from many processes at once.
    ///
    /// # Errors
    /// `migration-changed` when an applied migration differs from ours; `database` when a statement is refused.
    pub async fn migrate_up(&mut self) -> Result<Vec<i64>, Error> {
        self.migrate(None).await
    }

    /// Takes migrations above `target` back, newest first; gives the versions taken back. 0 empties the database.
    ///
    /// # Errors
    /// As [`Store::migrate_up`].
    pub async fn migrate_down(&mut self, target: i64) -> Result<Vec<i64>, Error> {
        self.migrate(Some(target)).await
    }

    async fn migrate(&mut self, down_to: Option<i64>) -> Result<Vec<i64>, Error> {
        // sqlx's lock is an empty function on SQLite, and on PostgreSQL it outlives a failure.
        let _file = sqlite_lock::acquire(&self.url)?;
        if self.conn.is_postgres() {
            self.conn.run(&format!("SELECT pg_advisory_lock({LOCK})")).await?;
        }
        let result = step(&mut self.conn, down_to).await;
        if self.conn.is_postgres() {
            self.conn.run(&format!("SELECT pg_advisory_unlock({LOCK})")).await?;
        }
        result
    }
}

async fn applied(conn: &mut Connection) -> Result<Vec<i64>, Error> {
    let exists = if conn.is_postgres() {
        format!(
            "SELECT count(*) FROM pg_tables WHERE tablename = '{TABLE}' AND schemaname = ANY(current_schemas(false))"
        )
    } else {
        format!("SELECT count(*) FROM sqlite_master WHERE name = '{TABLE}'")
    };
    if conn.number(&exists, &[]).await? == 0 {
        return Ok(Vec::new());
    }
    let rows = conn.fetch(&format!("SELECT version FROM {TABLE} ORDER BY version"), &[]).await?;
    rows.into_iter().map(|mut row| row.int()).collect()
}

/// Where to go: up to a version (inclusive) or down to one.
#[derive(Clone, Copy)]
enum Way {
    Up(i64),
    Down(i64),
}

async fn step(conn: &mut Connection, down_to: Option<i64>) -> Result<Vec<i64>, Error> {
    let Some(target) = down_to else {
        if applied(conn).await?.is_empty() {
            adopt::set_aside(conn).await?;
        }
        // Rows of another system are copied before direct writes are noted, and so are noted as the first of them.
        let mut done = go(conn, Way::Up(NOTES_DIRECT_WRITES - 1)).await?;
        adopt::copy(conn).await?;
        done.extend(go(conn, Way::Up(i64::MAX)).await?);
        return Ok(done);
    };
    let done = go(conn, Way::Down(target)).await?;
    if target == 0 {
        adopt::put_back(conn).await?;
    }
    Ok(done)
}

async fn go(conn: &mut Connection, way: Way) -> Result<Vec<i64>, Error> {
    let postgres = conn.is_postgres();
    let _within = Within::sqlite(!postgres);
    match conn {
        Connection::Sqlite(conn) => apply(conn, postgres, way).await,
        Connection::Postgres(conn) => apply(conn, postgres, way).await,
    }
}

async fn apply<C: Migrate>(conn: &mut C, postgres: bool, way: Way) -> Result<Vec<i64>, Error> {
    conn.ensure_migrations_table(TABLE).await.map_err(refused)?;
    let applied = conn.list_applied_migrations(TABLE).await.map_err(refused)?;
    let mut done = Vec::new();
    for known in &applied {
        let Some(pair) = MIGRATIONS.iter().find(|pair| pair.0 == known.version) else {
            return Err(changed(format!(
                "the database has migration {}, which this version does not know",
                known.version
            )));
        };
        if migration(pair, postgres, false).checksum != known.checksum {
            return Err(changed(format!(
                "migration {} in the database is not the one of this version",
                known.version
            )));
        }
    }
    let has = |version: i64| applied.iter().any(|known| known.version == version);
    match way {
        Way::Up(last) => {
            for pair in MIGRATIONS.iter().filter(|pair| !has(pair.0) && pair.0 <= last) {
                conn.apply(TABLE, &migration(pair, postgres, false)).await.map_err(refused)?;
                done.push(pair.0);
            }
        }
        Way::Down(target) => {
            for pair in MIGRATIONS.iter().rev().filter(|pair| has(pair.0) && pair.0 > target) {
                conn.revert(TABLE, &migration(pair, postgres, true)).await.map_err(refused)?;
                done.push(pair.0);
            }
        }
    }
    Ok(done)
}

fn changed(message: String) -> Error {
    Error::new(ErrorKind::Environment, "migration-changed", message)
        .with_help("use the version of firmograph that migrated this database, or a newer one")
}

fn refused(error: MigrateError) -> Error {
    match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => failed(error),
        other => Error::new(ErrorKind::Environment, "migration", other.to_string()),
    }
}
