//! A Prisma schema of the tables that a database really has: every table and view, however it came to be there.
//!
//! What Prisma cannot say (conditions, expressions, checks) stands in comments beside the model, so nothing is lost silently.

mod block;
mod names;
mod types;

use crate::Engine;
use block::Block;
use firmograph_core::Error;
use firmograph_store::{Relation, RelationKind};
use names::Models;

/// The version of Prisma for which a schema is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrismaVersion {
    /// 4.16 to 6.
    V6,
    /// 7 and later: the URL stands in `prisma.config.ts`.
    V7,
}

/// How a schema is written.
#[derive(Debug, Clone)]
pub struct PrismaOptions {
    /// For which version.
    pub version: PrismaVersion,
    /// Only these schemas of the database; all without.
    pub schemas: Vec<String>,
}

impl Engine {
    /// Writes a Prisma schema of the tables and views of this database. The same tables give the same bytes.
    ///
    /// # Errors
    /// `not-postgres` (usage) on SQLite; when the database does not answer.
    pub async fn prisma_schema(&mut self, options: &PrismaOptions) -> Result<String, Error> {
        let relations = self.store.relations().await?;
        Ok(prisma_schema(&relations, options))
    }
}

/// Writes a Prisma schema of these relations, which are in the byte order of their schemas and names.
#[must_use]
pub fn prisma_schema(relations: &[Relation], options: &PrismaOptions) -> String {
    let is_wanted =
        |relation: &&Relation| options.schemas.is_empty() || options.schemas.contains(&relation.schema);
    let mut wanted: Vec<&Relation> = relations.iter().filter(is_wanted).collect();
    // What clients know comes first; views after the tables that they show.
    wanted.sort_by_key(|relation| {
        (relation.schema != "public", &relation.schema, relation.kind != RelationKind::Table, &relation.name)
    });
    let models = Models::new(&wanted);
    let mut text = head(&wanted, options);
    for relation in &wanted {
        text.push('\n');
        Block::of(relation, &models, options.version).write(&mut text);
    }
    text
}

fn head(relations: &[&Relation], options: &PrismaOptions) -> String {
    let mut schemas: Vec<&str> = relations.iter().map(|relation| relation.schema.as_str()).collect();
    schemas.dedup();
    let quoted: Vec<_> = schemas.iter().map(|schema| types::quoted(schema)).collect();
    let (features, url) = match options.version {
        // Before 6.13 several schemas were a preview feature; after it, naming that one is a warning.
        PrismaVersion::V6 => ("\"multiSchema\", \"views\"", "  url      = env(\"DATABASE_URL\")\n"),
        PrismaVersion::V7 => ("\"views\"", ""),
    };
    format!(
        "// Written by `firmograph schema prisma` from the tables of a database. Migrations are firmograph's: do not\n\
         // `prisma migrate` or `prisma db push` from this file.\n\n\
         generator client {{\n  provider        = \"prisma-client-js\"\n  previewFeatures = [{features}]\n}}\n\n\
         datasource db {{\n  provider = \"postgresql\"\n{url}  schemas  = [{}]\n}}\n",
        quoted.join(", ")
    )
}

#[cfg(test)]
mod tests;
