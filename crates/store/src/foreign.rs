//! A table of another system, read as CSV. Nothing is written there: the session is a read-only one, and one statement sees
//! one state of the table, whoever writes to it meanwhile.

use crate::connection::{bad_url, failed};
use crate::value::Cell;
use crate::{postgres, sqlite};
use firmograph_core::{Error, ErrorKind};
use futures_util::TryStreamExt;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection as _, PgConnection, Row as _, SqliteConnection};
use std::io::Write;
use std::str::FromStr;
use std::time::Duration;

/// A table of another system.
pub struct ForeignTable {
    conn: Conn,
    /// As SQL names it.
    relation: String,
    /// Expression and name of each column.
    columns: Vec<(String, String)>,
    label: String,
}

enum Conn {
    Postgres(PgConnection),
    Sqlite(SqliteConnection),
}

impl ForeignTable {
    /// Finds `table` (`Customer`, `legacy.Customer`) in the database at `url`. Its columns come in the order of `first`, those
    /// that are not named there behind them.
    ///
    /// # Errors
    /// `database-url` or `no-such-table` (usage); when the database does not answer.
    pub async fn open(url: &str, table: &str, first: &[&str]) -> Result<Self, Error> {
        let mut found = if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            open_postgres(url, table).await?
        } else if url.starts_with("sqlite:") {
            open_sqlite(url, table).await?
        } else {
            return Err(bad_url(url, None));
        };
        let rank = |name: &str| first.iter().position(|known| *known == name).unwrap_or(first.len());
        found.columns.sort_by_key(|(_, name)| rank(name));
        Ok(found)
    }

    /// What it is called where it is kept: host, database and table, and neither user nor password.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.label
    }

    /// Writes a header and all rows as CSV, those with the least `id` first; nulls are empty cells. The same content gives the
    /// same bytes.
    ///
    /// # Errors
    /// `cannot-write` (environment) where `sink` refuses; when the database does not answer.
    pub async fn copy_to(mut self, sink: &mut (dyn Write + Send)) -> Result<(), Error> {
        let names: Vec<String> = self.columns.iter().map(|(_, name)| quoted_name(name)).collect();
        let id = names.iter().find(|name| *name == "\"id\"").map(String::as_str);
        match &mut self.conn {
            Conn::Postgres(conn) => {
                let ties = "(t.*)::text COLLATE \"C\"";
                let order = id.map_or_else(|| ties.to_owned(), |id| format!("{id}, {ties}"));
                let (names, relation) = (names.join(", "), &self.relation);
                let sql = format!(
                    "COPY (SELECT {names} FROM {relation} t ORDER BY {order}) TO STDOUT (FORMAT csv, HEADER)"
                );
                let mut chunks = conn.copy_out_raw(&sql).await.map_err(failed)?;
                while let Some(chunk) = chunks.try_next().await.map_err(failed)? {
                    sink.write_all(&chunk).map_err(cannot_write)?;
                }
            }
            Conn::Sqlite(conn) => {
                let ties = (1..=names.len()).map(|number| number.to_string());
                let order: Vec<String> = id.map(str::to_owned).into_iter().chain(ties).collect();
                let select: Vec<&str> = self.columns.iter().map(|(sql, _)| sql.as_str()).collect();
                let sql = format!(
                    "SELECT {} FROM {} ORDER BY {}",
                    select.join(", "),
                    self.relation,
                    order.join(", ")
                );
                let header = self.columns.iter().map(|(_, name)| Cell::Text(name.as_str().into()));
                sink.write_all(line(header).as_bytes()).map_err(cannot_write)?;
                let mut rows = sqlx::query(AssertSqlSafe(sql)).fetch(&mut *conn);
                while let Some(row) = rows.try_next().await.map_err(failed)? {
                    let cells = sqlite::cells(&row).map_err(failed)?;
                    sink.write_all(line(cells.into_iter()).as_bytes()).map_err(cannot_write)?;
                }
            }
        }
        sink.flush().map_err(cannot_write)?;
        match self.conn {
            Conn::Postgres(conn) => conn.close().await,
            Conn::Sqlite(conn) => conn.close().await,
        }
        .map_err(failed)
    }
}

async fn open_postgres(url: &str, table: &str) -> Result<ForeignTable, Error> {
    let options = postgres::parse(url)?;
    let (host, port) = (options.get_host().to_owned(), options.get_port());
    let database = options.get_database().unwrap_or_else(|| options.get_username()).to_owned();
    let label = match options.get_socket() {
        Some(socket) => format!("postgres:///{database}?host={}#{table}", socket.display()),
        None if port == 5432 => format!("postgres://{host}/{database}#{table}"),
        None => format!("postgres://{host}:{port}/{database}#{table}"),
    };
    let settings =
        [("default_transaction_read_only", "on"), ("timezone", "UTC"), ("datestyle", "ISO"), ("jit", "off")];
    let mut conn = postgres::connect(options, &settings).await?;
    // As it is written, and as PostgreSQL folds what nobody quoted.
    let quoted: Vec<String> = table.split('.').map(|part| quoted_name(part.trim_matches('"'))).collect();
    let sql = "SELECT coalesce(to_regclass($1), to_regclass($2))::text";
    let found: Option<String> = sqlx::query(sql)
        .bind(quoted.join("."))
        .bind(quoted.join(".").to_lowercase())
        .fetch_one(&mut conn)
        .await
        .and_then(|row| row.try_get(0))
        .map_err(failed)?;
    let Some(relation) = found else { return Err(no_such_table(&label)) };
    let sql = "SELECT attname::text FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 \
               AND NOT attisdropped ORDER BY attnum";
    let rows = sqlx::query(sql).bind(&relation).fetch_all(&mut conn).await.map_err(failed)?;
    let columns = rows.iter().map(|row| {
        let name: String = row.try_get(0).map_err(failed)?;
        Ok((quoted_name(&name), name))
    });
    let columns = columns.collect::<Result<_, Error>>()?;
    Ok(ForeignTable { conn: Conn::Postgres(conn), relation, columns, label })
}

async fn open_sqlite(url: &str, table: &str) -> Result<ForeignTable, Error> {
    let label = format!("{}#{table}", url.split('?').next().unwrap_or(url));
    let options = SqliteConnectOptions::from_str(url).map_err(|error| bad_url(url, Some(error)))?;
    let options = options.read_only(true).create_if_missing(false).busy_timeout(Duration::from_secs(60));
    let mut conn = options.disable_statement_logging().connect().await.map_err(failed)?;
    let name = table.trim_matches('"');
    let sql = "SELECT name, type FROM pragma_table_info($1) ORDER BY cid";
    let rows = sqlx::query(sql).bind(name).fetch_all(&mut conn).await.map_err(failed)?;
    if rows.is_empty() {
        return Err(no_such_table(&label));
    }
    let columns = rows.iter().map(|row| {
        let name: String = row.try_get(0).map_err(failed)?;
        let kind: String = row.try_get(1).map_err(failed)?;
        let kind = kind.to_uppercase();
        let quoted = quoted_name(&name);
        // Some programs keep instants there as milliseconds.
        let sql = if kind.contains("DATE") || kind.contains("TIME") {
            format!(
                "CASE typeof({quoted}) WHEN 'integer' THEN strftime('%Y-%m-%d %H:%M:%f', {quoted} / 1000.0, 'unixepoch') \
                 ELSE {quoted} END"
            )
        } else {
            quoted
        };
        Ok((sql, name))
    });
    let columns = columns.collect::<Result<_, Error>>()?;
    Ok(ForeignTable { conn: Conn::Sqlite(conn), relation: quoted_name(name), columns, label })
}

fn quoted_name(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A row of RFC 4180; every text is quoted, so none is taken for something else.
fn line(cells: impl Iterator<Item = Cell>) -> String {
    let cells: Vec<String> = cells
        .map(|cell| match cell {
            Cell::Null => String::new(),
            Cell::Int(number) => number.to_string(),
            Cell::Real(number) => number.to_string(),
            Cell::Text(text) => format!("\"{}\"", text.replace('"', "\"\"")),
            Cell::Bytes(bytes) => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
            Cell::Time(time) => time.to_string(),
        })
        .collect();
    cells.join(",") + "\n"
}

fn no_such_table(label: &str) -> Error {
    let (database, table) = label.rsplit_once('#').unwrap_or((label, ""));
    Error::new(ErrorKind::Usage, "no-such-table", format!("{database} has no table {table:?}"))
        .with_help("name it with its schema where it is in none of the search path: schema.Customer")
}

fn cannot_write(error: std::io::Error) -> Error {
    Error::new(
        ErrorKind::Environment,
        "cannot-write",
        format!("the copy of the table cannot be written: {error}"),
    )
    .with_cause(error)
}
