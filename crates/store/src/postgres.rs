//! What is PostgreSQL's own: opening, binding, reading cells, binary COPY.

use crate::connection::{bad_url, failed};
use crate::indexes::Suspended;
use crate::table::{ColumnKind, Table};
use crate::value::{Cell, Rows, Value};
use firmograph_core::{Error, Timestamp};
use sqlx::postgres::{PgArguments, PgConnectOptions, PgRow, PgValueFormat};
use sqlx::query::Query;
use sqlx::{AssertSqlSafe, ConnectOptions, PgConnection, Postgres, Row as _, TypeInfo, ValueRef};
use std::fmt::Write as _;
use std::str::FromStr;
use std::time::Duration;
use uuid::Uuid;

/// Seconds from the Unix epoch to PostgreSQL's, 2000-01-01.
const EPOCH: i64 = 946_684_800;
/// How long a server may take to answer a connection.
const PATIENCE: Duration = Duration::from_secs(15);
/// Rows up to which one INSERT is sent instead of COPY. Over TCP each COPY waits some 40 ms: its last message is held back
/// until the one before is acknowledged (Nagle's rule, RFC 896), and the driver cannot be told not to.
const FEW: usize = 200;
/// Bytes gathered before they are sent to COPY.
const CHUNK: usize = 1 << 17;
/// Key of the advisory lock that one writing transaction holds: "firmogra" as bytes.
const WRITER_LOCK: i64 = 0x6669_726d_6f67_7261;

pub(crate) async fn open(url: &str) -> Result<PgConnection, Error> {
    // jit compiles plans of one use; the memory is for the sorts of index builds and of de-duplication.
    let settings = [
        ("jit", "off"),
        ("work_mem", "64MB"),
        ("maintenance_work_mem", "256MB"),
        ("timezone", "UTC"),
        // Triggers note what other programs write into the golden tables.
        ("firmograph.writer", "on"),
    ];
    connect(parse(url)?, &settings).await
}

pub(crate) fn parse(url: &str) -> Result<PgConnectOptions, Error> {
    PgConnectOptions::from_str(url).map_err(|error| bad_url(url, Some(error)))
}

pub(crate) async fn connect(
    options: PgConnectOptions,
    settings: &[(&str, &str)],
) -> Result<PgConnection, Error> {
    let options = options.application_name("firmograph").options(settings.iter().copied());
    let options = options.disable_statement_logging();
    match tokio::time::timeout(PATIENCE, options.connect()).await {
        Ok(connected) => connected.map_err(failed),
        Err(_) => Err(failed(sqlx::Error::Io(std::io::ErrorKind::TimedOut.into()))),
    }
}

pub(crate) async fn begin_write(conn: &mut PgConnection) -> Result<(), sqlx::Error> {
    let sql = format!("BEGIN; SELECT pg_advisory_xact_lock({WRITER_LOCK})");
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(conn).await.map(drop)
}

pub(crate) fn bind<'q>(
    query: Query<'q, Postgres, PgArguments>,
    value: &Value<'_>,
) -> Query<'q, Postgres, PgArguments> {
    match value {
        Value::Null => query.bind(None::<String>),
        Value::Int(number) => query.bind(*number),
        Value::Real(number) => query.bind(*number),
        Value::Bool(yes) => query.bind(*yes),
        Value::Text(text) => query.bind(text.to_string()),
        Value::Bytes(bytes) => query.bind(bytes.to_vec()),
        Value::Id(id) => query.bind(Uuid::from_bytes(id.0)),
        Value::Time(time) => query.bind(time.to_string()),
        Value::Texts(texts) => {
            query.bind(texts.iter().map(|text| (*text).to_owned()).collect::<Vec<String>>())
        }
        Value::Ids(ids) => query.bind(ids.iter().map(|id| Uuid::from_bytes(id.0)).collect::<Vec<_>>()),
    }
}

pub(crate) fn any_text(column: &str, n: usize) -> String {
    format!("{column} = ANY(${n})")
}

pub(crate) fn any_id(column: &str, n: usize) -> String {
    any_text(column, n)
}

pub(crate) fn cells(row: &PgRow) -> Result<Vec<Cell>, sqlx::Error> {
    (0..row.len())
        .map(|index| {
            let value = row.try_get_raw(index)?;
            if value.is_null() {
                return Ok(Cell::Null);
            }
            debug_assert_eq!(value.format(), PgValueFormat::Binary);
            let bytes = value.as_bytes().map_err(sqlx::Error::Decode)?;
            Ok(match value.type_info().name() {
                "INT8" | "INT4" | "INT2" => Cell::Int(integer(bytes)),
                "FLOAT8" => Cell::Real(f64::from_bits(integer(bytes) as u64)),
                "UUID" | "BYTEA" => Cell::Bytes(bytes.to_vec()),
                "TIMESTAMPTZ" | "TIMESTAMP" => Cell::Time(
                    Timestamp::from_microsecond(integer(bytes) + EPOCH * 1_000_000).unwrap_or_default(),
                ),
                "BOOL" => Cell::Int(i64::from(bytes.first() == Some(&1))),
                _ => Cell::Text(value.as_str().map_err(sqlx::Error::Decode)?.into()),
            })
        })
        .collect()
}

/// A big-endian two's complement number of 2, 4 or 8 bytes.
fn integer(bytes: &[u8]) -> i64 {
    let start = if bytes.first().is_some_and(|byte| byte & 0x80 != 0) { -1 } else { 0 };
    bytes.iter().fold(start, |number, &byte| (number << 8) | i64::from(byte))
}

pub(crate) async fn insert(
    conn: &mut PgConnection,
    table: &Table,
    rows: &(dyn Rows + Sync),
) -> Result<(), sqlx::Error> {
    if rows.len() <= FEW {
        return insert_few(conn, table, rows, "").await;
    }
    copy(conn, &table.name, table, rows).await
}

pub(crate) async fn upsert(
    conn: &mut PgConnection,
    table: &Table,
    rows: &(dyn Rows + Sync),
) -> Result<(), sqlx::Error> {
    if rows.len() <= FEW {
        return insert_few(conn, table, rows, &table.on_conflict()).await;
    }
    let columns = table.column_list();
    let name = &table.name;
    let stage = format!("stage_{}", name.replace('.', "_").trim_matches('"'));
    let create = format!("CREATE TEMP TABLE \"{stage}\" AS SELECT {columns} FROM {name} WITH NO DATA");
    sqlx::raw_sql(AssertSqlSafe(create)).execute(&mut *conn).await?;
    copy(conn, &format!("\"{stage}\""), table, rows).await?;
    let order: Vec<_> = table.key.iter().map(|column| format!("\"{column}\"")).collect();
    let merge = format!(
        "INSERT INTO {name} ({columns}) SELECT {columns} FROM \"{stage}\" ORDER BY {} {}; DROP TABLE \"{stage}\"",
        order.join(", "),
        table.on_conflict()
    );
    sqlx::raw_sql(AssertSqlSafe(merge)).execute(&mut *conn).await.map(drop)
}

/// One statement with its values as literals, which take the types of their columns.
async fn insert_few(
    conn: &mut PgConnection,
    table: &Table,
    rows: &(dyn Rows + Sync),
    conflict: &str,
) -> Result<(), sqlx::Error> {
    let mut sql = format!("INSERT INTO {} ({}) VALUES ", table.name, table.column_list());
    let mut values = Vec::with_capacity(table.columns.len());
    for index in 0..rows.len() {
        rows.row(index, &mut values);
        sql.push_str(if index == 0 { "(" } else { ",(" });
        for (column, value) in values.drain(..).enumerate() {
            if column > 0 {
                sql.push(',');
            }
            put_literal(&mut sql, &value);
        }
        sql.push(')');
    }
    sql.push(' ');
    sql.push_str(conflict);
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(conn).await.map(drop)
}

/// A value as a literal of unknown type. `E''` has one meaning whatever `standard_conforming_strings` says.
fn put_literal(sql: &mut String, value: &Value<'_>) {
    // Writing to a String cannot fail.
    let _ = match value {
        Value::Int(number) => write!(sql, "{number}"),
        Value::Real(number) => write!(sql, "{number:?}"),
        Value::Bool(yes) => write!(sql, "{yes}"),
        Value::Text(text) => write!(sql, "E'{}'", text.replace('\\', "\\\\").replace('\'', "''")),
        Value::Bytes(bytes) => {
            sql.push_str("E'\\\\x");
            bytes.iter().try_for_each(|byte| write!(sql, "{byte:02x}")).map(|()| sql.push('\''))
        }
        Value::Id(id) => write!(sql, "'{id}'"),
        Value::Time(time) => write!(sql, "'{time}'"),
        Value::Null | Value::Texts(_) | Value::Ids(_) => write!(sql, "NULL"),
    };
}

/// Binary COPY: signature, flags, then tuples (PostgreSQL documentation, COPY, Binary Format).
async fn copy(
    conn: &mut PgConnection,
    target: &str,
    table: &Table,
    rows: &(dyn Rows + Sync),
) -> Result<(), sqlx::Error> {
    let sql = format!("COPY {target} ({}) FROM STDIN (FORMAT binary)", table.column_list());
    let mut sink = conn.copy_in_raw(&sql).await?;
    let mut buffer = Vec::with_capacity(CHUNK + (CHUNK >> 3));
    buffer.extend_from_slice(b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0");
    let mut values = Vec::with_capacity(table.columns.len());
    for index in 0..rows.len() {
        rows.row(index, &mut values);
        debug_assert_eq!(values.len(), table.columns.len(), "{}", table.name);
        buffer.extend_from_slice(&(values.len() as i16).to_be_bytes());
        for (value, (_, kind)) in values.drain(..).zip(&table.columns) {
            put(&mut buffer, &value, *kind);
        }
        if buffer.len() >= CHUNK {
            sink.send(buffer.as_slice()).await?;
            buffer.clear();
        }
    }
    buffer.extend_from_slice(&(-1_i16).to_be_bytes());
    sink.send(buffer.as_slice()).await?;
    sink.finish().await.map(drop)
}

fn put(buffer: &mut Vec<u8>, value: &Value<'_>, kind: ColumnKind) {
    let mut field = |bytes: &[u8]| {
        buffer.extend_from_slice(&(bytes.len() as i32).to_be_bytes());
        buffer.extend_from_slice(bytes);
    };
    let at = |time: &Timestamp| (time.as_microsecond() - EPOCH * 1_000_000).to_be_bytes();
    match value {
        Value::Int(number) => field(&number.to_be_bytes()),
        Value::Real(number) => field(&number.to_be_bytes()),
        Value::Bool(yes) => field(&[u8::from(*yes)]),
        Value::Text(text) if kind == ColumnKind::Time => match text.parse() {
            Ok(time) => field(&at(&time)),
            // The server says that it is no time.
            Err(_) => field(text.as_bytes()),
        },
        Value::Text(text) => field(text.as_bytes()),
        Value::Bytes(bytes) => field(bytes),
        Value::Id(id) => field(&id.0),
        Value::Time(time) => field(&at(time)),
        Value::Null | Value::Texts(_) | Value::Ids(_) => buffer.extend_from_slice(&(-1_i32).to_be_bytes()),
    }
    debug_assert!(
        !matches!((value, kind), (Value::Int(_), ColumnKind::Text) | (Value::Text(_), ColumnKind::Int)),
        "{value:?} in a column of {kind:?}"
    );
}

pub(crate) async fn lock_writer(conn: &mut PgConnection, lock: bool) -> Result<(), sqlx::Error> {
    let call = if lock { "pg_advisory_lock" } else { "pg_advisory_unlock" };
    sqlx::raw_sql(AssertSqlSafe(format!("SELECT {call}({WRITER_LOCK})"))).execute(conn).await.map(drop)
}

pub(crate) async fn suspend_indexes(
    conn: &mut PgConnection,
    tables: &[Table],
) -> Result<Vec<Suspended>, sqlx::Error> {
    let mut suspended = Vec::new();
    let names: Vec<String> = tables.iter().map(|table| table.name.clone()).collect();
    // Foreign keys first: they lean on the unique indexes. A key that a table of somebody else leans on stays.
    let constraints = "SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid), contype::text \
                       FROM pg_constraint c WHERE conrelid = ANY($1::regclass[]) AND contype IN ('f', 'p', 'u') \
                       AND NOT EXISTS (SELECT 1 FROM pg_constraint f WHERE f.contype = 'f' AND f.conindid = c.conindid \
                       AND f.oid <> c.oid AND NOT f.conrelid = ANY($1::regclass[])) ORDER BY contype, conname";
    for row in sqlx::query(constraints).bind(&names).fetch_all(&mut *conn).await? {
        let (table, name): (String, String) = (row.try_get(0)?, row.try_get(1)?);
        let drop = format!("ALTER TABLE {table} DROP CONSTRAINT {name}");
        sqlx::raw_sql(AssertSqlSafe(drop)).execute(&mut *conn).await?;
        let statement = format!("ALTER TABLE {table} ADD CONSTRAINT {name} {}", row.try_get::<String, _>(2)?);
        let is_foreign_key = row.try_get::<String, _>(3)? == "f";
        suspended.push(Suspended { table, statement, is_foreign_key });
    }
    let indexes = "SELECT indrelid::regclass::text, indexrelid::regclass::text, pg_get_indexdef(indexrelid) \
                   FROM pg_index i WHERE indrelid = ANY($1::regclass[]) \
                   AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid) ORDER BY 2";
    for row in sqlx::query(indexes).bind(&names).fetch_all(&mut *conn).await? {
        let (table, name, statement): (String, String, String) =
            (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        sqlx::raw_sql(AssertSqlSafe(format!("DROP INDEX {name}"))).execute(&mut *conn).await?;
        suspended.push(Suspended { table, statement, is_foreign_key: false });
    }
    Ok(suspended)
}
