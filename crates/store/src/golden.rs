use crate::Store;
use crate::dimensions::between;
use crate::table::{ColumnKind, Table, golden_name};
use crate::value::{Row, Rows, Value};
use firmograph_core::{EntityKind, Error, GoldenRow, Timestamp, golden_columns};
use std::collections::HashSet;

struct GoldenRows<'g> {
    rows: &'g [GoldenRow],
    now: Timestamp,
}

impl Rows for GoldenRows<'_> {
    fn len(&self) -> usize {
        self.rows.len()
    }

    fn row<'a>(&'a self, index: usize, out: &mut Vec<Value<'a>>) {
        out.extend(self.rows[index].values.iter().map(Value::from));
        out.extend([Value::Time(self.now), Value::Time(self.now)]);
    }
}

/// The last columns of a golden table: when a row was first written and last changed.
const TIMES: usize = 2;
/// Texts that one statement looks for.
const AT_ONCE: usize = 10_000;

/// Times of a golden row: when it was first written and when it last changed.
pub type Times = (Option<Timestamp>, Option<Timestamp>);

impl Store {
    /// Golden rows that exist: of companies by domain, of persons by id. A row's `key` is what it was found by.
    ///
    /// # Errors
    /// When the database does not answer or holds rows of another shape.
    pub async fn golden(
        &mut self,
        kind: EntityKind,
        domains_or_ids: &[&str],
    ) -> Result<Vec<GoldenRow>, Error> {
        let found_by = match kind {
            EntityKind::Company => 1,
            EntityKind::Person => 0,
        };
        self.golden_where(kind, found_by, domains_or_ids).await
    }

    /// Golden rows that exist, by our key: those of another system, too, once it was noted whom they speak of.
    ///
    /// # Errors
    /// When the database does not answer or holds rows of another shape.
    pub async fn golden_by_key(&mut self, kind: EntityKind, keys: &[&str]) -> Result<Vec<GoldenRow>, Error> {
        self.golden_where(kind, golden_columns(kind).len() - 1, keys).await
    }

    /// Golden rows that exist, by id: companies without a domain, too. A row's `key` is its id.
    ///
    /// # Errors
    /// When the database does not answer or holds rows of another shape.
    pub async fn golden_by_id(&mut self, kind: EntityKind, ids: &[&str]) -> Result<Vec<GoldenRow>, Error> {
        self.golden_where(kind, 0, ids).await
    }

    async fn golden_where(
        &mut self,
        kind: EntityKind,
        found_by: usize,
        texts: &[&str],
    ) -> Result<Vec<GoldenRow>, Error> {
        if texts.is_empty() {
            return Ok(Vec::new());
        }
        let table = Table::golden(kind);
        let is_one = self.conn.any_text(&format!("\"{}\"", golden_columns(kind)[found_by].name), 1);
        let (columns, rest) = (table.read(TIMES), format!("FROM {} WHERE {is_one}", table.name));
        let mut all = Vec::new();
        for texts in texts.chunks(AT_ONCE) {
            for row in self.conn.fetch_many(&columns, &rest, &[Value::Texts(texts)]).await? {
                let (mut golden, _) = read(kind, row)?;
                golden.key = golden.values[found_by].as_text().unwrap_or_default().into();
                all.push(golden);
            }
        }
        Ok(all)
    }

    /// Keys and ids of the golden companies that have one of these `domains`, or else it for their key.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn company_ids(&mut self, domains: &[&str]) -> Result<Vec<(Box<str>, Box<str>)>, Error> {
        let mut all = Vec::with_capacity(domains.len());
        for domains in domains.chunks(AT_ONCE) {
            let mut found = self.ids_where("domain", domains).await?;
            if found.len() < domains.len() {
                let known: HashSet<&str> = found.iter().map(|(domain, _)| &**domain).collect();
                let others: Vec<&str> =
                    domains.iter().copied().filter(|domain| !known.contains(domain)).collect();
                found.extend(self.ids_where("key", &others).await?);
            }
            all.append(&mut found);
        }
        Ok(all)
    }

    async fn ids_where(&mut self, column: &str, texts: &[&str]) -> Result<Vec<(Box<str>, Box<str>)>, Error> {
        let columns = [column, "id"].map(|name| (format!("\"{name}\""), ColumnKind::Text));
        let is_one = self.conn.any_text(&format!("\"{column}\""), 1);
        let rest = format!("FROM {} WHERE {is_one}", golden_name(EntityKind::Company));
        let rows = self.conn.fetch_many(&columns, &rest, &[Value::Texts(texts)]).await?;
        rows.into_iter().map(|mut row| Ok((row.text()?, row.text()?))).collect()
    }

    /// Writes golden rows, sorted: `new` ones the table does not have, `changed` ones it has. Companies go before persons.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn write_golden(
        &mut self,
        kind: EntityKind,
        new: &[GoldenRow],
        changed: &[GoldenRow],
        now: Timestamp,
    ) -> Result<(), Error> {
        let table = Table::golden(kind);
        self.conn.insert(&table, &GoldenRows { rows: new, now }).await?;
        self.conn.upsert(&table, &GoldenRows { rows: changed, now }).await
    }

    /// Deletes the golden rows with these ids. Persons go before the companies that they refer to.
    ///
    /// # Errors
    /// When the database refuses, for example because a prospect refers to a company among them.
    pub async fn delete_golden(&mut self, kind: EntityKind, ids: &[&str]) -> Result<u64, Error> {
        if ids.is_empty() {
            return Ok(0);
        }
        let is_one = self.conn.any_text("\"id\"", 1);
        let sql = format!("DELETE FROM {} WHERE {is_one}", golden_name(kind));
        self.conn.execute(&sql, &[Value::Texts(ids)]).await
    }

    /// Keys of the golden rows that are known to us by a key from `from` on and before `to`, in byte order.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn golden_keys_between(
        &mut self,
        kind: EntityKind,
        from: &str,
        to: Option<&str>,
    ) -> Result<Vec<Box<str>>, Error> {
        let (filter, params) = between("key", from, to, self.conn.is_postgres());
        let columns = [("\"key\"".to_owned(), ColumnKind::Text)];
        let rest = format!("FROM {} WHERE {filter}", golden_name(kind));
        let rows = self.conn.fetch_many(&columns, &rest, &params).await?;
        rows.into_iter().map(|mut row| row.text()).collect()
    }

    /// Those of the companies with these ids to which a prospect refers.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn referred_companies(&mut self, ids: &[&str]) -> Result<HashSet<Box<str>>, Error> {
        if ids.is_empty() {
            return Ok(HashSet::new());
        }
        let is_one = self.conn.any_text("\"companyId\"", 1);
        let sql = format!("SELECT DISTINCT \"companyId\" FROM \"Prospect\" WHERE {is_one}");
        let rows = self.conn.fetch(&sql, &[Value::Texts(ids)]).await?;
        rows.into_iter().map(|mut row| row.text()).collect()
    }

    /// One page of golden rows in the byte order of their ids, after `after` (exclusive), at most `limit` of them.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn golden_page(
        &mut self,
        kind: EntityKind,
        after: &str,
        limit: usize,
    ) -> Result<Vec<(GoldenRow, Times)>, Error> {
        // Byte order whatever the database's collation: pages of both backends must be the same.
        let order = if self.conn.is_postgres() { "\"id\" COLLATE \"C\"" } else { "\"id\"" };
        let sql = format!(
            "SELECT {}, \"createdAt\", \"updatedAt\" FROM {} WHERE {order} > $1 ORDER BY {order} LIMIT {limit}",
            columns(kind),
            golden_name(kind)
        );
        let rows = self.conn.fetch(&sql, &[Value::text(after)]).await?;
        rows.into_iter().map(|row| read(kind, row)).collect()
    }

    /// Whether the golden table has fewer than `rows` rows.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn has_fewer_golden(&mut self, kind: EntityKind, rows: usize) -> Result<bool, Error> {
        let sql = format!("SELECT count(*) FROM (SELECT 1 FROM {} LIMIT {rows}) g", golden_name(kind));
        Ok((self.conn.number(&sql, &[]).await? as usize) < rows)
    }

    /// Brings `company_prospect_view` up to date: a concurrent refresh on PostgreSQL, where it is materialised; nothing to
    /// do on SQLite, where it is a plain view.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn refresh_views(&mut self) -> Result<(), Error> {
        if !self.conn.is_postgres() {
            return Ok(());
        }
        // CONCURRENTLY compares row by row; a view without rows is filled faster without it, and nobody reads it yet.
        let empty = self
            .conn
            .number("SELECT count(*) FROM (SELECT 1 FROM company_prospect_view LIMIT 1) v", &[])
            .await?
            == 0;
        let how = if empty { "" } else { "CONCURRENTLY" };
        let began = self.microseconds().await?;
        self.conn.run(&format!("REFRESH MATERIALIZED VIEW {how} company_prospect_view")).await?;
        self.note_refresh("company_prospect_view", began).await
    }
}

fn columns(kind: EntityKind) -> String {
    let quoted: Vec<_> = golden_columns(kind).iter().map(|column| format!("\"{}\"", column.name)).collect();
    quoted.join(", ")
}

fn read(kind: EntityKind, mut row: Row) -> Result<(GoldenRow, Times), Error> {
    let values = golden_columns(kind).iter().map(|_| row.scalar()).collect::<Result<Vec<_>, _>>()?;
    let times = (row.maybe_time()?, row.maybe_time()?);
    let key = values[0].as_text().unwrap_or_default().into();
    Ok((GoldenRow { key, values }, times))
}
