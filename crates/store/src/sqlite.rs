//! What is SQLite's own: opening, binding, reading cells, bulk writing.

use crate::connection::bad_url;
use crate::indexes::Suspended;
use crate::table::{Table, sqlite_names};
use crate::value::{Cell, Rows, Value};
use firmograph_core::{Error, PayloadId};
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteConnectOptions, SqliteJournalMode, SqliteRow, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions, Row as _, Sqlite, SqliteConnection, TypeInfo, ValueRef};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

/// Bound parameters of one statement. SQLite's own limit is 32,766; more than some thousands gains nothing.
const PARAMETERS: usize = 4_000;

pub(crate) async fn open(url: &str) -> Result<SqliteConnection, Error> {
    let options = SqliteConnectOptions::from_str(url)
        .map_err(|error| bad_url(url, Some(error)))?
        .create_if_missing(true)
        .foreign_keys(true)
        // Writers queue for each other; a whole batch of another process can take this long.
        .busy_timeout(Duration::from_secs(60))
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal)
        .pragma("cache_size", "-262144")
        // A batch writes hundreds of megabytes: larger pages are a tenth faster.
        .page_size(16_384)
        .pragma("temp_store", "memory")
        .statement_cache_capacity(64)
        // Summarising statements of thousands of parameters for a log that nobody reads costs more than running them.
        .disable_statement_logging();
    // Switching a fresh file to WAL fails at once, whatever the timeout, while another process does the same.
    let mut tries = 0;
    loop {
        match options.connect().await {
            Err(error) if tries < 50 && is_busy(&error) => {
                tries += 1;
                std::thread::sleep(Duration::from_millis(20));
            }
            result => return result.map_err(crate::connection::failed),
        }
    }
}

fn is_busy(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Database(database) if matches!(database.code().as_deref(), Some("5" | "261" | "517")))
}

pub(crate) async fn begin_write(conn: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    // A deferred transaction that upgrades later is refused at once when another writer came first.
    sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut *conn).await?;
    mark_writer(conn, true).await
}

/// Says to the triggers, which note what other programs write into the golden tables, that firmograph is writing. There is one
/// writer at a time, so no other program ever sees it.
pub(crate) async fn mark_writer(conn: &mut SqliteConnection, writing: bool) -> Result<(), sqlx::Error> {
    let sql =
        if writing { "UPDATE core_writer SET writing = 1" } else { "UPDATE core_writer SET writing = 0" };
    match sqlx::raw_sql(sql).execute(conn).await {
        // Not migrated that far: no trigger asks.
        Err(sqlx::Error::Database(error)) if error.message().contains("no such table") => Ok(()),
        done => done.map(drop),
    }
}

pub(crate) fn bind<'q>(
    query: Query<'q, Sqlite, SqliteArguments>,
    value: &Value<'_>,
) -> Query<'q, Sqlite, SqliteArguments> {
    match value {
        Value::Null => query.bind(None::<String>),
        Value::Int(number) => query.bind(*number),
        Value::Real(number) => query.bind(*number),
        Value::Bool(yes) => query.bind(i64::from(*yes)),
        Value::Text(text) => query.bind(text.to_string()),
        Value::Bytes(bytes) => query.bind(bytes.to_vec()),
        Value::Id(id) => query.bind(id.0.to_vec()),
        Value::Time(time) => query.bind(time.to_string()),
        Value::Texts(texts) => query.bind(serde_json::Value::from(texts.to_vec()).to_string()),
        Value::Ids(ids) => query.bind(
            serde_json::Value::from(ids.iter().map(PayloadId::to_string).collect::<Vec<_>>()).to_string(),
        ),
    }
}

pub(crate) fn any_text(column: &str, n: usize) -> String {
    format!("{column} IN (SELECT value FROM json_each(${n}))")
}

pub(crate) fn any_id(column: &str, n: usize) -> String {
    format!("{column} IN (SELECT unhex(value) FROM json_each(${n}))")
}

pub(crate) fn cells(row: &SqliteRow) -> Result<Vec<Cell>, sqlx::Error> {
    (0..row.len())
        .map(|index| {
            let value = row.try_get_raw(index)?;
            if value.is_null() {
                return Ok(Cell::Null);
            }
            Ok(match value.type_info().name() {
                "INTEGER" => Cell::Int(row.try_get_unchecked(index)?),
                "REAL" => Cell::Real(row.try_get_unchecked(index)?),
                "BLOB" => Cell::Bytes(row.try_get_unchecked(index)?),
                _ => Cell::Text(row.try_get_unchecked::<Box<str>, _>(index)?),
            })
        })
        .collect()
}

pub(crate) async fn insert(
    conn: &mut SqliteConnection,
    table: &Table,
    rows: &(dyn Rows + Sync),
) -> Result<(), sqlx::Error> {
    write(conn, table, rows, "").await
}

pub(crate) async fn upsert(
    conn: &mut SqliteConnection,
    table: &Table,
    rows: &(dyn Rows + Sync),
) -> Result<(), sqlx::Error> {
    write(conn, table, rows, &table.on_conflict()).await
}

/// Statements of many rows of bound parameters; all but the last have one shape, which is prepared once. A column that has
/// one value in every row (the source, the time of writing, a part that nobody gave) stands in the text of the statement:
/// binding is half of the cost. (Numbered parameters would bind it once, but SQLite finds them by a linear search.)
async fn write(
    conn: &mut SqliteConnection,
    table: &Table,
    rows: &(dyn Rows + Sync),
    conflict: &str,
) -> Result<(), sqlx::Error> {
    let head = format!("INSERT INTO {} ({}) VALUES ", sqlite_names(&table.name), table.column_list());
    let constants = constant_columns(rows, table.columns.len());
    let one =
        format!("({})", constants.iter().map(|c| c.as_deref().unwrap_or("?")).collect::<Vec<_>>().join(","));
    let bound = constants.iter().filter(|constant| constant.is_none()).count();
    let per_statement = (PARAMETERS / bound.max(1)).clamp(1, 1_000);
    let statement = |count: usize| format!("{head}{} {conflict}", vec![one.as_str(); count].join(","));
    let whole: Arc<str> = statement(per_statement).into();
    let mut values = Vec::with_capacity(constants.len());
    let mut start = 0;
    while start < rows.len() {
        let count = per_statement.min(rows.len() - start);
        let is_whole = count == per_statement;
        let sql = if is_whole { whole.clone() } else { statement(count).into() };
        let mut query = sqlx::query(AssertSqlSafe(sql)).persistent(is_whole);
        for index in start..start + count {
            rows.row(index, &mut values);
            debug_assert_eq!(values.len(), constants.len(), "{}", table.name);
            for (value, _) in values.drain(..).zip(&constants).filter(|(_, constant)| constant.is_none()) {
                query = bind(query, &value);
            }
        }
        query.execute(&mut *conn).await?;
        start += count;
    }
    Ok(())
}

/// For each column the SQL literal of the value that every row has there, if there is one.
fn constant_columns(rows: &(dyn Rows + Sync), width: usize) -> Vec<Option<String>> {
    let (mut first, mut other) = (Vec::with_capacity(width), Vec::with_capacity(width));
    rows.row(0, &mut first);
    let mut literals: Vec<_> = first.iter().map(literal).collect();
    for index in 1..rows.len() {
        rows.row(index, &mut other);
        for (column, value) in other.drain(..).enumerate() {
            if value != first[column] {
                literals[column] = None;
            }
        }
    }
    literals
}

/// A short value as SQL text.
fn literal(value: &Value<'_>) -> Option<String> {
    match value {
        Value::Null => Some("NULL".to_owned()),
        Value::Int(number) => Some(number.to_string()),
        Value::Bool(yes) => Some(u8::from(*yes).to_string()),
        Value::Text(text) if text.len() <= 64 && !text.contains('\0') => {
            Some(format!("'{}'", text.replace('\'', "''")))
        }
        Value::Time(time) => Some(format!("'{time}'")),
        _ => None,
    }
}

pub(crate) async fn suspend_indexes(
    conn: &mut SqliteConnection,
    tables: &[Table],
) -> Result<Vec<Suspended>, sqlx::Error> {
    let mut rebuild = Vec::new();
    for table in tables {
        let name = sqlite_names(&table.name).trim_matches('"').to_owned();
        // Unique indexes stay: foreign keys and lookups need them while rows are written.
        let sql = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = $1 AND sql IS NOT NULL \
                   AND sql NOT LIKE 'CREATE UNIQUE%' ORDER BY name";
        for row in sqlx::query(sql).bind(name).fetch_all(&mut *conn).await? {
            let index: String = row.try_get(0)?;
            rebuild.push(Suspended {
                table: table.name.clone(),
                statement: row.try_get(1)?,
                is_foreign_key: false,
            });
            sqlx::raw_sql(AssertSqlSafe(format!("DROP INDEX \"{index}\""))).execute(&mut *conn).await?;
        }
    }
    Ok(rebuild)
}
