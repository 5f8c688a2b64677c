use crate::Store;
use crate::payloads::ValueRows;
use crate::table::{ColumnKind, Table};
use crate::value::{Row, Value};
use firmograph_core::{EntityKind, Error, Timestamp};
use serde::Serialize;
use std::collections::HashSet;

/// The author of joins that follow from what sources say.
pub const AUTOMATIC: &str = "firmograph";

/// Two keys of one company or person: what is said of `from_key` counts for `into_key` until the row is removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KeyJoin {
    /// Number, from 1.
    pub id: i64,
    /// `company` or `person`.
    pub entity: String,
    /// The key that has no golden row of its own.
    pub from_key: String,
    /// The key that what is said counts for.
    pub into_key: String,
    /// A reason, or the rule and the value that it rests on.
    pub why: String,
    /// Who joined them; [`AUTOMATIC`] where it follows from what sources say.
    pub author: String,
    /// When.
    pub created_at: Timestamp,
    /// The run that joined them.
    pub run_id: i64,
    /// The run that took it back.
    pub removed_by: Option<i64>,
    /// Who took it back.
    pub removed_author: Option<String>,
}

impl KeyJoin {
    /// Whether it is of this kind of entity.
    #[must_use]
    pub fn is_of(&self, kind: EntityKind) -> bool {
        self.entity == kind.name()
    }

    /// Whether it follows from what sources say.
    #[must_use]
    pub fn is_automatic(&self) -> bool {
        self.author == AUTOMATIC
    }
}

/// A key that may stand for the same company as another, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JoinCandidate {
    /// A provisional key.
    pub from_key: Box<str>,
    /// A domain.
    pub into_key: Box<str>,
    /// What both share.
    pub value: Box<str>,
}

const COLUMNS: &[(&str, ColumnKind)] = &[
    ("id", ColumnKind::Int),
    ("entity", ColumnKind::Text),
    ("from_key", ColumnKind::Text),
    ("into_key", ColumnKind::Text),
    ("why", ColumnKind::Text),
    ("author", ColumnKind::Text),
    ("created_at", ColumnKind::Time),
    ("run_id", ColumnKind::Int),
    ("removed_by", ColumnKind::Int),
    ("removed_author", ColumnKind::Text),
];

/// Every provisional key: of a golden row, or joined to another key.
const PROVISIONAL: &str = "SELECT \"key\" FROM \"Company\" WHERE \"keyKind\" <> 'domain' \
     UNION SELECT from_key FROM core.key_joins WHERE entity = 'company' AND removed_by IS NULL";

/// `column` is a domain, as [`firmograph_core::company_key_kind`] tells.
fn is_domain(column: &str) -> String {
    format!("{column} NOT LIKE 'name:%' AND {column} NOT LIKE '%/%'")
}

impl Store {
    /// Joins that are not removed, of companies and persons, in the order of their numbers.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn active_joins(&mut self) -> Result<Vec<KeyJoin>, Error> {
        self.joins_where("removed_by IS NULL", &[]).await
    }

    /// Every join that ever was, in the order of their numbers.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn all_joins(&mut self) -> Result<Vec<KeyJoin>, Error> {
        self.joins_where("1 = 1", &[]).await
    }

    /// Joins that a user took back.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn refused_joins(&mut self) -> Result<Vec<KeyJoin>, Error> {
        self.joins_where("removed_by IS NOT NULL AND removed_author <> $1", &[Value::text(AUTOMATIC)]).await
    }

    /// Joins that a run made, and joins that it took back.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn joins_of_run(&mut self, run: i64) -> Result<(Vec<KeyJoin>, Vec<KeyJoin>), Error> {
        let made = self.joins_where("run_id = $1", &[Value::Int(run)]).await?;
        Ok((made, self.joins_where("removed_by = $1", &[Value::Int(run)]).await?))
    }

    async fn joins_where(&mut self, condition: &str, params: &[Value<'_>]) -> Result<Vec<KeyJoin>, Error> {
        let columns = Table::new("", COLUMNS, &[]).read(0);
        let rest = format!("FROM core.key_joins WHERE {condition}");
        let rows = self.conn.fetch_many(&columns, &rest, params).await?;
        let mut joins = rows.into_iter().map(read).collect::<Result<Vec<KeyJoin>, Error>>()?;
        joins.sort_by_key(|join| join.id);
        Ok(joins)
    }

    /// Writes joins; those with id 0 are new and get their numbers, in their order.
    ///
    /// # Errors
    /// When the database refuses, for example because a key is joined already.
    pub async fn write_joins(&mut self, joins: &mut [KeyJoin]) -> Result<(), Error> {
        if joins.is_empty() {
            return Ok(());
        }
        let mut next = self.next_id("core.key_joins").await?;
        for join in joins.iter_mut().filter(|join| join.id == 0) {
            join.id = next;
            next += 1;
        }
        let rows = joins.iter().map(|join| {
            vec![
                Value::Int(join.id),
                Value::text(&join.entity),
                Value::text(&join.from_key),
                Value::text(&join.into_key),
                Value::text(&join.why),
                Value::text(&join.author),
                Value::Time(join.created_at),
                Value::Int(join.run_id),
                join.removed_by.map_or(Value::Null, Value::Int),
                Value::maybe(join.removed_author.as_deref()),
            ]
        });
        self.conn.upsert(&Table::new("core.key_joins", COLUMNS, &["id"]), &ValueRows(rows.collect())).await
    }

    /// Whether any company has no domain, or any two keys are joined.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn has_provisional_keys(&mut self) -> Result<bool, Error> {
        let sql = format!("SELECT count(*) FROM (SELECT 1 FROM ({PROVISIONAL}) k LIMIT 1) p");
        Ok(self.conn.number(&sql, &[]).await? > 0)
    }

    /// Domains with the same LinkedIn page as a company that is known by its page alone.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn page_candidates(&mut self) -> Result<Vec<JoinCandidate>, Error> {
        let key = "replace(matched_linkedin_url, 'https://www.', '')";
        let sql = format!(
            "SELECT DISTINCT {key}, key, matched_linkedin_url FROM core.company_contacts \
             WHERE {} AND {key} IN ({PROVISIONAL})",
            is_domain("key")
        );
        self.candidates(&sql).await
    }

    /// Domains with the same name and country as a company that is known by name and country alone.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn name_candidates(&mut self) -> Result<Vec<JoinCandidate>, Error> {
        let key = "'name:' || n.matched_name_key || '|' || lower(l.matched_country_code)";
        let sql = format!(
            "SELECT DISTINCT {key}, n.key, n.matched_name_key || ', ' || l.matched_country_code \
             FROM core.company_names n JOIN core.company_locations l ON l.key = n.key \
             WHERE {} AND {key} IN ({PROVISIONAL})",
            is_domain("n.key")
        );
        self.candidates(&sql).await
    }

    /// Domains with the same name as a company that is known by name alone, without a country. Never joined by itself.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn bare_name_candidates(&mut self) -> Result<Vec<JoinCandidate>, Error> {
        let key = "'name:' || matched_name_key || '|'";
        let sql = format!(
            "SELECT DISTINCT {key}, key, matched_name_key FROM core.company_names \
             WHERE {} AND {key} IN ({PROVISIONAL})",
            is_domain("key")
        );
        self.candidates(&sql).await
    }

    async fn candidates(&mut self, sql: &str) -> Result<Vec<JoinCandidate>, Error> {
        let rows = self.conn.fetch(sql, &[]).await?;
        let read = |mut row: Row| {
            Ok(JoinCandidate { from_key: row.text()?, into_key: row.text()?, value: row.text()? })
        };
        rows.into_iter().map(read).collect()
    }

    /// Keys of persons of whom a source says, as the value shown, that they work for one of `companies`.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn persons_working_for(&mut self, companies: &[&str]) -> Result<Vec<Box<str>>, Error> {
        if companies.is_empty() {
            return Ok(Vec::new());
        }
        let is_one = self.conn.any_text("matched_company_key", 1);
        let sql = format!("SELECT DISTINCT key FROM core.person_companies WHERE {is_one}");
        let rows = self.conn.fetch(&sql, &[Value::Texts(companies)]).await?;
        rows.into_iter().map(|mut row| row.text()).collect()
    }

    /// Keys and e-mail addresses, as they are shown, of golden persons who have one: the first `limit` behind the key `after`.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn person_addresses(
        &mut self,
        after: &str,
        limit: usize,
    ) -> Result<Vec<(Box<str>, Box<str>)>, Error> {
        let sql = format!(
            "SELECT \"key\", \"email\" FROM \"Prospect\" WHERE \"key\" > $1 AND \"email\" IS NOT NULL \
             ORDER BY \"key\" LIMIT {limit}"
        );
        let rows = self.conn.fetch(&sql, &[Value::text(after)]).await?;
        rows.into_iter().map(|mut row| Ok((row.text()?, row.text()?))).collect()
    }

    /// Keys of persons who are known by name alone.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn persons_by_name(&mut self) -> Result<Vec<Box<str>>, Error> {
        let sql = "SELECT DISTINCT key FROM core.person_names WHERE key LIKE 'name:%'";
        self.conn.fetch(sql, &[]).await?.into_iter().map(|mut row| row.text()).collect()
    }

    /// Remembers of joined keys that a payload names them.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn remember_keys(&mut self, kind: EntityKind, keys: &[&str]) -> Result<(), Error> {
        let known: HashSet<Box<str>> = self.remembered_keys(kind, keys).await?.into_iter().collect();
        let new = keys.iter().filter(|key| !known.contains(**key));
        let rows = new.map(|key| vec![Value::text(kind.name()), Value::text(key)]).collect();
        let columns = [("entity", ColumnKind::Text), ("key", ColumnKind::Text)];
        let table = Table::new("core.joined_keys", &columns, &["entity", "key"]);
        self.conn.insert(&table, &ValueRows(rows)).await
    }

    /// Those of `keys` that a payload names, as far as joins remember.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn remembered_keys(&mut self, kind: EntityKind, keys: &[&str]) -> Result<Vec<Box<str>>, Error> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let is_one = self.conn.any_text("key", 1);
        let sql = format!("SELECT key FROM core.joined_keys WHERE {is_one} AND entity = $2");
        let rows = self.conn.fetch(&sql, &[Value::Texts(keys), Value::text(kind.name())]).await?;
        rows.into_iter().map(|mut row| row.text()).collect()
    }

    /// Forgets of these keys that a payload names them.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn forget_keys(&mut self, kind: EntityKind, keys: &[&str]) -> Result<(), Error> {
        if keys.is_empty() {
            return Ok(());
        }
        let is_one = self.conn.any_text("key", 1);
        let sql = format!("DELETE FROM core.joined_keys WHERE {is_one} AND entity = $2");
        self.conn.execute(&sql, &[Value::Texts(keys), Value::text(kind.name())]).await.map(drop)
    }

    /// Forgets keys that are not joined any more: their own golden rows tell of them.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn forget_single_keys(&mut self) -> Result<(), Error> {
        let joined = |side: &str| {
            format!(
                "EXISTS (SELECT 1 FROM core.key_joins j WHERE j.removed_by IS NULL AND j.entity = k.entity \
                 AND j.{side} = k.key)"
            )
        };
        let (from, into) = (joined("from_key"), joined("into_key"));
        let sql = format!("DELETE FROM core.joined_keys AS k WHERE NOT {from} AND NOT {into}");
        self.conn.execute(&sql, &[]).await.map(drop)
    }

    /// Values that several keys share, each with one of its keys; `said` selects pairs of `value` and `key`.
    async fn shared(&mut self, said: &str) -> Result<Vec<(Box<str>, Box<str>)>, Error> {
        let sql = format!(
            "WITH said AS (SELECT DISTINCT {said}) SELECT s.value, s.key FROM said s \
             JOIN (SELECT value FROM said WHERE value IS NOT NULL GROUP BY value HAVING count(*) > 1) m \
             ON m.value = s.value"
        );
        let rows = self.conn.fetch(&sql, &[]).await?;
        let mut rows: Vec<(Box<str>, Box<str>)> =
            rows.into_iter().map(|mut row| Ok((row.text()?, row.text()?))).collect::<Result<_, Error>>()?;
        // In byte order whatever the database's collation.
        rows.sort_unstable();
        Ok(rows)
    }

    /// What several companies with a domain, or several persons, have in common, by rule: each value with its keys, in order.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn shared_values(
        &mut self,
        kind: EntityKind,
    ) -> Result<Vec<(&'static str, Vec<(Box<str>, Box<str>)>)>, Error> {
        let of_contacts = |column: &str, table: &str, filter: &str| {
            format!("{column} AS value, key AS key FROM core.{table} WHERE {column} IS NOT NULL{filter}")
        };
        let domains = format!(" AND {}", is_domain("key"));
        let asked = match kind {
            EntityKind::Company => vec![
                ("linkedin_page", of_contacts("matched_linkedin_url", "company_contacts", &domains)),
                (
                    "name_and_country",
                    format!(
                        "n.matched_name_key || ', ' || l.matched_country_code AS value, n.key AS key \
                         FROM core.company_names n JOIN core.company_locations l ON l.key = n.key WHERE {}",
                        is_domain("n.key")
                    ),
                ),
                ("phone", of_contacts("matched_phone", "company_contacts", &domains)),
            ],
            EntityKind::Person => vec![
                ("linkedin_profile", of_contacts("matched_linkedin_url", "person_contacts", "")),
                ("mobile_phone", of_contacts("matched_mobile_phone", "person_contacts", "")),
            ],
        };
        let mut all = Vec::new();
        for (rule, said) in asked {
            all.push((rule, self.shared(&said).await?));
        }
        Ok(all)
    }
}

fn read(mut row: Row) -> Result<KeyJoin, Error> {
    Ok(KeyJoin {
        id: row.int()?,
        entity: row.text()?.into(),
        from_key: row.text()?.into(),
        into_key: row.text()?.into(),
        why: row.text()?.into(),
        author: row.text()?.into(),
        created_at: row.maybe_time()?.unwrap_or_default(),
        run_id: row.int()?,
        removed_by: row.maybe_int()?,
        removed_author: row.maybe_text()?.map(Into::into),
    })
}
