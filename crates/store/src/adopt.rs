//! Golden tables that another system made before firmograph came: on PostgreSQL `migrate up` sets them aside in the schema `legacy`,
//! makes its own and copies their rows, which are then observed like every direct write. `migrate down --to 0` puts them
//! back as they were.

use crate::connection::Connection;
use firmograph_core::{Error, ErrorKind};

/// Where they stand, and the table that says so.
const ADOPTED: &str = "legacy.firmograph_adopted";
/// What may be in the way, in the order in which rows are copied. Of the levels only the tables are set aside: the definitions
/// are ours, and a map is checked before it counts (`lookup import`).
const TABLES: [&str; 4] = ["Company", "Prospect", "JobTitleLevelDefinition", "JobTitleLevelMap"];
const VIEW: &str = "company_prospect_view";
/// Tables whose rows are copied.
const COPIED: [&str; 2] = ["Company", "Prospect"];

/// Sets aside what is in the way of the first migration.
///
/// # Errors
/// `tables-exist` (environment) on SQLite; when the database refuses, which changes nothing.
pub(crate) async fn set_aside(conn: &mut Connection) -> Result<(), Error> {
    let found = in_the_way(conn).await?;
    if found.is_empty() {
        return Ok(());
    }
    if !conn.is_postgres() {
        let message = format!("the database has tables of another program: {}", found.join(", "));
        return Err(Error::new(ErrorKind::Environment, "tables-exist", message)
            .with_help("use a database of its own; tables of a PostgreSQL database are taken over"));
    }
    let moved: String = found
        .iter()
        .map(|name| match name == VIEW {
            // A plain view and a materialised one alike.
            true => format!(
                "DO $$ BEGIN IF EXISTS (SELECT 1 FROM pg_matviews WHERE matviewname = '{VIEW}' \
                 AND schemaname = current_schema()) THEN ALTER MATERIALIZED VIEW {VIEW} SET SCHEMA legacy; \
                 ELSE ALTER VIEW {VIEW} SET SCHEMA legacy; END IF; END $$; "
            ),
            false => format!("ALTER TABLE \"{name}\" SET SCHEMA legacy; "),
        })
        .collect();
    in_one(
        conn,
        &format!(
            "CREATE SCHEMA legacy; CREATE TABLE {ADOPTED} (is_copied BOOLEAN NOT NULL); \
             INSERT INTO {ADOPTED} VALUES (FALSE); {moved}"
        ),
    )
    .await
}

/// Names that the first migration makes and that are there.
async fn in_the_way(conn: &mut Connection) -> Result<Vec<String>, Error> {
    let names = TABLES.iter().chain([&VIEW]).map(|name| format!("'{name}'")).collect::<Vec<_>>().join(", ");
    let sql = if conn.is_postgres() {
        format!(
            "SELECT c.relname::text FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace \
             AND c.relkind IN ('r', 'p', 'v', 'm') AND c.relname IN ({names}) ORDER BY c.relkind, c.relname"
        )
    } else {
        format!(
            "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name IN ({names}) ORDER BY name"
        )
    };
    let rows = conn.fetch(&sql, &[]).await?;
    rows.into_iter().map(|mut row| row.text().map(String::from)).collect()
}

/// Whether tables were set aside; and whether their rows are copied.
async fn adopted(conn: &mut Connection) -> Result<Option<bool>, Error> {
    if !conn.is_postgres()
        || conn
            .number(&format!("SELECT count(*) FROM pg_class WHERE oid = to_regclass('{ADOPTED}')"), &[])
            .await?
            == 0
    {
        return Ok(None);
    }
    Ok(Some(conn.number(&format!("SELECT CAST(is_copied AS INT)::bigint FROM {ADOPTED}"), &[]).await? == 1))
}

/// Copies the rows that were set aside into our tables, with the rights that others have on them. To be called when the tables
/// are there and before direct writes are noted, so that the migration that notes them finds them.
///
/// # Errors
/// When the database refuses, which changes nothing.
pub(crate) async fn copy(conn: &mut Connection) -> Result<(), Error> {
    if adopted(conn).await? != Some(false) {
        return Ok(());
    }
    let mut copies = String::new();
    for table in COPIED {
        add_their_columns(conn, table).await?;
        let sql = format!(
            "SELECT COALESCE(string_agg(quote_ident(o.column_name), ', ' ORDER BY o.ordinal_position), '') \
             FROM information_schema.columns o JOIN information_schema.columns n \
             ON n.table_schema = current_schema() AND n.table_name = o.table_name AND n.column_name = o.column_name \
             WHERE o.table_schema = 'legacy' AND o.table_name = '{table}'"
        );
        let columns = conn.fetch(&sql, &[]).await?.remove(0).text()?;
        if !columns.is_empty() {
            copies +=
                &format!("INSERT INTO \"{table}\" ({columns}) SELECT {columns} FROM legacy.\"{table}\"; ");
        }
    }
    let rights = "DO $$ DECLARE g RECORD; BEGIN FOR g IN \
         SELECT c.relname, a.privilege_type, CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(a.grantee::regrole::text) END AS who \
         FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) a \
         WHERE c.relnamespace = 'legacy'::regnamespace AND a.grantee <> c.relowner \
         AND to_regclass(quote_ident(current_schema()) || '.' || quote_ident(c.relname)) IS NOT NULL \
         LOOP EXECUTE format('GRANT %s ON %I TO %s', g.privilege_type, g.relname, g.who); END LOOP; END $$; ";
    in_one(conn, &format!("{copies}{rights}UPDATE {ADOPTED} SET is_copied = TRUE")).await
}

/// Adds the columns that their table has and ours lacks, so that their programs find them and their values: scores, JSON of their own.
/// A value that has to be there is optional in ours, because nobody but them knows one.
async fn add_their_columns(conn: &mut Connection, table: &str) -> Result<(), Error> {
    let sql = format!(
        "SELECT COALESCE(string_agg(format('ALTER TABLE %I ADD COLUMN %I %s%s', '{table}', a.attname, \
         format_type(a.atttypid, a.atttypmod), COALESCE(' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid), '')), '; ' \
         ORDER BY a.attnum), '') FROM pg_attribute a \
         LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum \
         WHERE a.attrelid = to_regclass('legacy.\"{table}\"') AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' \
         AND NOT EXISTS (SELECT 1 FROM information_schema.columns n WHERE n.table_schema = current_schema() \
         AND n.table_name = '{table}' AND n.column_name = a.attname)"
    );
    let added = conn.fetch(&sql, &[]).await?.remove(0).text()?;
    if added.is_empty() { Ok(()) } else { in_one(conn, &added).await }
}

/// Puts back what was set aside, after the last of our tables is gone.
///
/// # Errors
/// When the database refuses, which changes nothing.
pub(crate) async fn put_back(conn: &mut Connection) -> Result<(), Error> {
    if adopted(conn).await?.is_none() {
        return Ok(());
    }
    let back = "DO $$ DECLARE t RECORD; BEGIN FOR t IN \
         SELECT relname, relkind FROM pg_class WHERE relnamespace = 'legacy'::regnamespace AND relkind IN ('r', 'p', 'v', 'm') \
         LOOP EXECUTE format('ALTER %s legacy.%I SET SCHEMA %I', \
         CASE t.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE 'TABLE' END, t.relname, current_schema()); \
         END LOOP; END $$; ";
    in_one(conn, &format!("DROP TABLE {ADOPTED}; {back}DROP SCHEMA legacy")).await
}

/// Runs statements in one transaction.
async fn in_one(conn: &mut Connection, statements: &str) -> Result<(), Error> {
    let done = conn.run(&format!("BEGIN; {statements}; COMMIT")).await;
    if done.is_err() {
        // The first error is the one to tell.
        drop(conn.run("ROLLBACK").await);
    }
    done
}
