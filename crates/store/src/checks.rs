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
        let payloads = "SELECT count(*) FROM raw.files f WHERE f.accepted <> \
                        (SELECT count(*) FROM raw.payloads p WHERE p.file_id = f.id)";
        found.push(("files whose accepted records are not kept", self.conn.number(payloads, &[]).await?));
        for (kind, golden, name) in [
            (EntityKind::Company, "\"Company\"", "company observations without a golden company"),
            (EntityKind::Person, "\"Prospect\"", "person observations without a golden prospect"),
        ] {
            let mut count = 0;
            for attribute in Attribute::of(kind) {
                let sql = format!(
                    "SELECT count(*) FROM core.{} WHERE key NOT IN \
                     (SELECT \"externalId\" FROM {golden} WHERE \"externalId\" IS NOT NULL) AND key NOT IN \
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
}
