use crate::address::shown_url;
use crate::gate::Within;
use crate::indexes::Suspended;
use crate::packed;
use crate::table::{Table, sqlite_names};
use crate::value::{Cell, Row, Rows, Value};
use crate::{postgres, sqlite};
use firmograph_core::{Error, ErrorKind};
use sqlx::{AssertSqlSafe, Column as _, Connection as _, PgConnection, Row as _, SqliteConnection};

thread_local! {
    static STATEMENTS: std::cell::Cell<u64> = const { std::cell::Cell::new(0) };
}

/// How many statements this thread has given to a database: a test may ask that their number does not grow with the rows.
#[must_use]
pub fn statements() -> u64 {
    STATEMENTS.get()
}

fn count_statement() {
    STATEMENTS.set(STATEMENTS.get() + 1);
}

/// One connection to either database. All SQL of this crate is written once and runs through here; what differs is in
/// `sqlite.rs` and `postgres.rs`.
///
/// An enum and not a generic parameter: statements are text either way, so bounds on every function would buy nothing.
pub(crate) enum Connection {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

macro_rules! on {
    ($self:expr, $conn:ident, $module:ident => $body:expr) => {
        match $self {
            Connection::Sqlite($conn) => {
                use sqlite as $module;
                $body
            }
            Connection::Postgres($conn) => {
                use postgres as $module;
                $body
            }
        }
    };
}

impl Connection {
    pub(crate) async fn open(url: &str) -> Result<Self, Error> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            Ok(Connection::Postgres(postgres::open(url).await?))
        } else if url.starts_with("sqlite:") {
            let _within = Within::sqlite(true);
            Ok(Connection::Sqlite(sqlite::open(url).await?))
        } else {
            Err(bad_url(url, None))
        }
    }

    /// The statement as this database spells it.
    fn spell(&self, sql: &str) -> String {
        match self {
            Connection::Sqlite(_) => sqlite_names(sql),
            Connection::Postgres(_) => sql.to_owned(),
        }
    }

    pub(crate) async fn execute(&mut self, sql: &str, params: &[Value<'_>]) -> Result<u64, Error> {
        let _within = Within::sqlite(!self.is_postgres());
        count_statement();
        let sql = self.spell(sql);
        on!(self, conn, dialect => {
            let mut query = sqlx::query(AssertSqlSafe(sql));
            for param in params {
                query = dialect::bind(query, param);
            }
            query.execute(conn).await.map(|done| done.rows_affected()).map_err(failed)
        })
    }

    /// Runs statements that take no parameters and are not worth preparing.
    pub(crate) async fn run(&mut self, sql: &str) -> Result<(), Error> {
        let _within = Within::sqlite(!self.is_postgres());
        let sql = self.spell(sql);
        let sql = sqlx::raw_sql(AssertSqlSafe(sql));
        match self {
            Connection::Sqlite(conn) => sql.execute(conn).await.map(drop),
            Connection::Postgres(conn) => sql.execute(conn).await.map(drop),
        }
        .map_err(failed)
    }

    pub(crate) async fn fetch(&mut self, sql: &str, params: &[Value<'_>]) -> Result<Vec<Row>, Error> {
        let _within = Within::sqlite(!self.is_postgres());
        count_statement();
        let sql = self.spell(sql);
        on!(self, conn, dialect => {
            let mut query = sqlx::query(AssertSqlSafe(sql));
            for param in params {
                query = dialect::bind(query, param);
            }
            let rows = query.fetch_all(conn).await.map_err(failed)?;
            rows.iter().map(|row| dialect::cells(row).map(Row::new).map_err(failed)).collect()
        })
    }

    /// The `columns` of what `rest` (`FROM ...`) finds, which must not be more than memory is meant for: a page, or what is
    /// known of some thousand keys. Faster than [`Connection::fetch`] from hundreds of rows on.
    pub(crate) async fn fetch_many(
        &mut self,
        columns: &[packed::Read],
        rest: &str,
        params: &[Value<'_>],
    ) -> Result<Vec<Row>, Error> {
        let Connection::Sqlite(conn) = self else {
            // Counted by what it calls.
            let columns: Vec<_> = columns.iter().map(|(sql, _)| sql.as_str()).collect();
            return self.fetch(&format!("SELECT {} {rest}", columns.join(", ")), params).await;
        };
        count_statement();
        let _within = Within::sqlite(true);
        let mut query = sqlx::query(AssertSqlSafe(sqlite_names(&packed::query(columns, rest))));
        for param in params {
            query = sqlite::bind(query, param);
        }
        let row = query.fetch_one(conn).await.map_err(failed)?;
        match row.try_get_unchecked::<Option<&[u8]>, _>(0).map_err(failed)? {
            Some(packed) => packed::rows(packed, columns),
            None => Ok(Vec::new()),
        }
    }

    /// As [`Connection::fetch`], with the name of each column.
    pub(crate) async fn fetch_named(
        &mut self,
        sql: &str,
        params: &[Value<'_>],
    ) -> Result<Vec<Vec<(String, Cell)>>, Error> {
        let _within = Within::sqlite(!self.is_postgres());
        let sql = self.spell(sql);
        on!(self, conn, dialect => {
            let mut query = sqlx::query(AssertSqlSafe(sql));
            for param in params {
                query = dialect::bind(query, param);
            }
            let rows = query.fetch_all(conn).await.map_err(failed)?;
            let named = rows.iter().map(|row| {
                let names = row.columns().iter().map(|column| column.name().to_owned());
                Ok(names.zip(dialect::cells(row).map_err(failed)?).collect())
            });
            named.collect()
        })
    }

    /// The one number that `sql` gives.
    pub(crate) async fn number(&mut self, sql: &str, params: &[Value<'_>]) -> Result<i64, Error> {
        let mut rows = self.fetch(sql, params).await?;
        rows.first_mut().map_or(Ok(0), Row::int)
    }

    /// Writes rows whose keys the table does not have yet.
    pub(crate) async fn insert(&mut self, table: &Table, rows: &(dyn Rows + Sync)) -> Result<(), Error> {
        if rows.len() == 0 {
            return Ok(());
        }
        let _within = Within::sqlite(!self.is_postgres());
        on!(self, conn, dialect => dialect::insert(conn, table, rows).await.map_err(failed))
    }

    /// Writes rows whose keys the table may have; those it has are replaced, but for their creation time.
    pub(crate) async fn upsert(&mut self, table: &Table, rows: &(dyn Rows + Sync)) -> Result<(), Error> {
        if rows.len() == 0 {
            return Ok(());
        }
        let _within = Within::sqlite(!self.is_postgres());
        on!(self, conn, dialect => dialect::upsert(conn, table, rows).await.map_err(failed))
    }

    /// Begins a transaction that will write. One writer at a time, on either database: readers go on, and a second
    /// writer waits here instead of deadlocking over rows later.
    pub(crate) async fn begin_write(&mut self) -> Result<(), Error> {
        let _within = Within::sqlite(!self.is_postgres());
        on!(self, conn, dialect => dialect::begin_write(conn).await.map_err(failed))
    }

    /// Ends a transaction that [`Connection::begin_write`] began, and keeps what it wrote.
    pub(crate) async fn commit(&mut self) -> Result<(), Error> {
        if let Connection::Sqlite(conn) = self {
            let _within = Within::sqlite(true);
            sqlite::mark_writer(conn, false).await.map_err(failed)?;
        }
        self.run("COMMIT").await
    }

    /// Takes or gives back the lock that a writer holds over several transactions.
    pub(crate) async fn lock_writer(&mut self, lock: bool) -> Result<(), Error> {
        match self {
            Connection::Sqlite(_) => Ok(()),
            Connection::Postgres(conn) => postgres::lock_writer(conn, lock).await.map_err(failed),
        }
    }

    /// `column` is one of the texts bound as parameter `$n` ([`Value::Texts`]).
    pub(crate) fn any_text(&self, column: &str, n: usize) -> String {
        on!(self, _conn, dialect => dialect::any_text(column, n))
    }

    /// `column` is one of the ids bound as parameter `$n` ([`Value::Ids`]).
    pub(crate) fn any_id(&self, column: &str, n: usize) -> String {
        on!(self, _conn, dialect => dialect::any_id(column, n))
    }

    /// Parameter `$n` as an instant ([`Value::moment`]).
    pub(crate) fn moment(&self, n: usize) -> String {
        if self.is_postgres() { format!("${n}::timestamptz") } else { format!("${n}") }
    }

    /// Begins a transaction that will write tables which no ingest writes, and so waits for none on PostgreSQL.
    pub(crate) async fn begin_apart(&mut self) -> Result<(), Error> {
        self.run(if self.is_postgres() { "BEGIN" } else { "BEGIN IMMEDIATE" }).await
    }

    /// Takes the indexes of `tables` away and gives back the statements that put them there again.
    pub(crate) async fn suspend_indexes(&mut self, tables: &[Table]) -> Result<Vec<Suspended>, Error> {
        let _within = Within::sqlite(!self.is_postgres());
        on!(self, conn, dialect => dialect::suspend_indexes(conn, tables).await.map_err(failed))
    }

    pub(crate) fn is_postgres(&self) -> bool {
        matches!(self, Connection::Postgres(_))
    }

    /// Whether somebody still answers.
    pub(crate) async fn is_alive(&mut self) -> bool {
        match self {
            Connection::Sqlite(_) => true,
            Connection::Postgres(conn) => conn.ping().await.is_ok(),
        }
    }

    pub(crate) async fn close(self) -> Result<(), Error> {
        let _within = Within::sqlite(!self.is_postgres());
        match self {
            Connection::Sqlite(conn) => conn.close().await,
            Connection::Postgres(conn) => conn.close().await,
        }
        .map_err(failed)
    }
}

/// A URL that names no database.
pub(crate) fn bad_url(url: &str, cause: Option<sqlx::Error>) -> Error {
    let why = cause.as_ref().map_or_else(String::new, |cause| format!(": {cause}"));
    let shown = shown_url(url);
    let error = Error::new(ErrorKind::Usage, "database-url", format!("{shown:?} is not a database URL{why}"))
        .with_help("use sqlite://file.db or postgres://user@host/database");
    match cause {
        Some(cause) => error.with_cause(cause),
        None => error,
    }
}

/// The family of a SQLite error code; none for a code of PostgreSQL, which has five characters.
fn family(code: &str) -> Option<u32> {
    (code.len() < 5).then(|| code.parse::<u32>().ok()).flatten().map(|code| code & 0xff)
}

/// A database error as ours. Its text names tables and columns, never row values beyond what the database says.
pub(crate) fn failed(error: sqlx::Error) -> Error {
    let (code, help) = match &error {
        sqlx::Error::Io(_) => {
            ("database-unreachable", Some("is the server running, and is the address right?"))
        }
        sqlx::Error::Database(database) => match database.code().as_deref() {
            Some("5" | "6" | "261" | "517") => {
                ("database-busy", Some("another process holds the database: wait for it or stop it"))
            }
            Some("13") => ("disk-full", Some("free some space and resume the run")),
            Some("28P01" | "28000") => (
                "database-login",
                Some("is the user right, and the password, and may the user come from here?"),
            ),
            // The server said goodbye, to an idle connection too.
            Some("57P01" | "57P02" | "57P03" | "57P05") => (
                "database-unreachable",
                Some("the server ended the connection, or starts or stops: try again"),
            ),
            Some("3D000") => ("no-such-database", Some("make the database first, or name another one")),
            Some("25006") => ("database-read-only", Some("the server takes no writes: ask another one")),
            Some("42501") => ("database-permission", Some("the user lacks a right on this database")),
            Some("53300") => {
                ("too-many-connections", Some("close connections, or allow the server more of them"))
            }
            // The low byte is the code of the family, and what SQLite numbers is shorter than what PostgreSQL does.
            Some(code) if family(code) == Some(8) => {
                ("database-read-only", Some("may this user write the file and its folder?"))
            }
            Some(code) if family(code) == Some(14) => (
                "cannot-open-database",
                Some("is it a file, is its folder there, and may this user open it?"),
            ),
            Some("26") => ("not-a-database", Some("the file is something else: name another one")),
            Some("42P01" | "3F000") => ("not-migrated", Some("run `firmograph migrate up` first")),
            _ if database.message().contains("no such table") => {
                ("not-migrated", Some("run `firmograph migrate up` first"))
            }
            _ => ("database", None),
        },
        _ => ("database", None),
    };
    let mine =
        Error::new(ErrorKind::Environment, code, format!("the database refused: {error}")).with_cause(error);
    match help {
        Some(help) => mine.with_help(help),
        None => mine,
    }
}
