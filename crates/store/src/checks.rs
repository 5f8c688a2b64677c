use crate::Store;
use firmograph_core::{Attribute, EntityKind, Error};

impl Store {
    /// Counts of things that must not be, each by a name that says what would be wrong.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn inconsistencies(&mut self) -> Result<Vec<(&'static str, i64)>, Error> {
        let mut found = Vec::new();
        let runs = "SELECT count(*) FROM raw.runs r WHERE r.rows_read <> \
                    (SELECT COALESCE(CAST(SUM(f.rows_read) AS BIGINT), 0) FROM raw.files f WHERE f.run_id = r.id)";
        found.push(("runs that do not count what their files count", self.conn.number(runs, &[]).await?));
        let rejects = "SELECT count(*) FROM raw.files f WHERE f.rejected <> \
                       (SELECT count(*) FROM raw.rejects j WHERE j.file_id = f.id)";
        found.push(("files whose rejects are not kept", self.conn.number(rejects, &[]).await?));
        // A payload that was taken out and given again is that of the later file.
        let payloads = "SELECT count(*) FROM raw.files f \
                        LEFT JOIN (SELECT file_id, count(*) AS n FROM raw.payloads GROUP BY file_id) p ON p.file_id = f.id \
                        WHERE f.accepted < COALESCE(p.n, 0) OR f.accepted > COALESCE(p.n, 0) AND NOT EXISTS \
                        (SELECT 1 FROM raw.runs u WHERE u.id > f.run_id AND u.command IN ('undo', 'source remove', 'lead delete'))";
        found.push(("files whose accepted records are not kept", self.conn.number(payloads, &[]).await?));
        for (kind, golden, name) in [
            (EntityKind::Company, "\"Company\"", "company observations without a golden company"),
            (EntityKind::Person, "\"Prospect\"", "person observations without a golden prospect"),
        ] {
            let mut count = 0;
            for attribute in Attribute::of(kind) {
                let sql = format!(
                    "SELECT count(*) FROM core.{} WHERE key NOT IN \
                     (SELECT \"key\" FROM {golden} WHERE \"key\" IS NOT NULL) AND key NOT IN \
                     (SELECT from_key FROM core.key_joins WHERE entity = '{}' AND removed_by IS NULL)",
                    attribute.spec().table,
                    kind.name()
                );
                count += self.conn.number(&sql, &[]).await?;
            }
            found.push((name, count));
        }
        Ok(found)
    }

    /// Runs whose records do not add up: number, records read, and records accepted, rejected and skipped together.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn unbalanced_runs(&mut self) -> Result<Vec<(i64, i64, i64)>, Error> {
        let sql = "SELECT id, rows_read, accepted + rejected + skipped FROM raw.runs \
                   WHERE rows_read <> accepted + rejected + skipped ORDER BY id";
        let rows = self.conn.fetch(sql, &[]).await?;
        rows.into_iter().map(|mut row| Ok((row.int()?, row.int()?, row.int()?))).collect()
    }

    /// Golden prospects that refer to a company that is not there: id of the prospect, and of the company.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn dangling_prospects(&mut self) -> Result<Vec<(Box<str>, Box<str>)>, Error> {
        let sql = "SELECT p.\"id\", p.\"companyId\" FROM \"Prospect\" p \
                   LEFT JOIN \"Company\" c ON c.\"id\" = p.\"companyId\" \
                   WHERE p.\"companyId\" IS NOT NULL AND c.\"id\" IS NULL ORDER BY p.\"id\"";
        let rows = self.conn.fetch(sql, &[]).await?;
        rows.into_iter().map(|mut row| Ok((row.text()?, row.text()?))).collect()
    }
}
