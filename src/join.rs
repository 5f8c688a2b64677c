//! Two keys of one company or person, joined by hand: rebrands, several domains, several e-mails. Each join is a row with an
//! author and a reason, and is taken back by its number.

use crate::Engine;
use crate::change::{ChangeReport, FlipSink, Touched};
use crate::derive::{change_joins, new_join};
use crate::identity::key_of_text;
use crate::recompute::NetFlips;
use crate::user_table;
use firmograph_core::{EntityKind, Error, ErrorKind, Timestamp};
use firmograph_store::{AUTOMATIC, KeyJoin, Run};
use std::collections::BTreeMap;
use std::path::Path;

/// What one key is asked to count for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JoinRequest {
    /// Company or person.
    pub kind: EntityKind,
    /// The key that is to have no golden row of its own.
    pub from_key: Box<str>,
    /// The key that what is said is to count for. Neither need be known yet.
    pub into_key: Box<str>,
    /// The reason.
    pub why: String,
}

/// Reads domain aliases and rebrands: a CSV with the columns `from_key`, `into_key`, `why`, and `entity` where some are of
/// persons.
///
/// # Errors
/// When the file cannot be read, or a row lacks a key or a reason.
pub fn read_aliases(path: &Path) -> Result<Vec<JoinRequest>, Error> {
    let refused = |message: String| {
        Error::new(ErrorKind::Usage, "aliases", format!("{}: {message}", path.display()))
            .with_help("a CSV with the header from_key,into_key,why")
    };
    let bytes = user_table::read(path)?;
    let columns = |header: &[String]| {
        let column = |name: &str| header.iter().position(|title| title.trim().eq_ignore_ascii_case(name));
        Some((column("from_key")?, column("into_key")?, column("why")?, column("entity")))
    };
    let wanted = "columns from_key, into_key and why";
    let ((from, into, why, entity), rows) = user_table::parse(&bytes, wanted, columns).map_err(refused)?;
    let mut requests = Vec::new();
    for (line, cells) in &rows {
        let cell = |index: usize| cells.get(index).map(|cell| cell.trim()).filter(|text| !text.is_empty());
        let (Some(from), Some(into), Some(why)) = (cell(from), cell(into), cell(why)) else {
            return Err(refused(format!("line {line}: a key or the reason is missing")));
        };
        let kind = match entity.and_then(cell) {
            None | Some("company") => EntityKind::Company,
            Some("person") => EntityKind::Person,
            Some(other) => {
                return Err(refused(format!("line {line}: {other:?} is neither company nor person")));
            }
        };
        requests.push(JoinRequest {
            kind,
            from_key: key_of_text(kind, from),
            into_key: key_of_text(kind, into),
            why: why.to_owned(),
        });
    }
    Ok(requests)
}

/// Commands of the runs that make and take back joins.
pub(crate) const JOIN_COMMANDS: [&str; 2] = ["join", "join undo"];

impl Engine {
    /// Joins keys as one run, and computes the golden records that change; `sink` hears of each value that is another one.
    /// A join that is there already stays as it is.
    ///
    /// # Errors
    /// `join-same-key`, `joined-already` and `join-cycle` (usage), without any change; when the database refuses.
    pub async fn join(
        &mut self,
        requests: &[JoinRequest],
        author: &str,
        dry_run: bool,
        now: Timestamp,
        sink: &mut FlipSink<'_>,
    ) -> Result<ChangeReport, Error> {
        check_author(author)?;
        let mut run = self.begin_change(JOIN_COMMANDS[0], now).await?;
        let asked: Vec<_> = requests
            .iter()
            .map(|join| {
                serde_json::json!({ "entity": join.kind.name(), "from_key": join.from_key,
                    "into_key": join.into_key, "why": join.why })
            })
            .collect();
        run.detail = Some(serde_json::json!({ "author": author, "joins": asked }).to_string());
        let done = self.join_in_run(requests, author, run.id, now, sink).await;
        self.end_change(run, done, dry_run, now).await
    }

    async fn join_in_run(
        &mut self,
        requests: &[JoinRequest],
        author: &str,
        run: i64,
        now: Timestamp,
        sink: &mut FlipSink<'_>,
    ) -> Result<ChangeReport, Error> {
        let active = self.store.active_joins().await?;
        let (taken, made) = plan(&active, requests, author, run, now)?;
        let touched = change_joins(&mut self.store, taken, made, run, AUTOMATIC).await?;
        self.settle_change(touched, run, now, sink).await
    }

    /// Computes the golden rows of all that is touched; then derives anew what follows by itself, because a golden row may come by
    /// a join that is reason for another. A golden value that both steps change is told once.
    async fn settle_change(
        &mut self,
        touched: Touched,
        run: i64,
        now: Timestamp,
        sink: &mut FlipSink<'_>,
    ) -> Result<ChangeReport, Error> {
        let (mut report, mut net) = (ChangeReport::default(), NetFlips::default());
        self.settle_joins(&touched, now, &mut report, &mut |flip| net.add(flip)).await?;
        let derived = self.derive_joins(run, now).await?.touched;
        self.settle_joins(&derived, now, &mut report, &mut |flip| net.add(flip)).await?;
        report.flips = net.tell(sink);
        Ok(report)
    }

    /// Takes the join with this number back, as a run; the same pair is not joined again automatically.
    ///
    /// # Errors
    /// `unknown-join` (data) when there is none that counts; when the database refuses.
    pub async fn undo_join(
        &mut self,
        id: i64,
        author: &str,
        dry_run: bool,
        now: Timestamp,
        sink: &mut FlipSink<'_>,
    ) -> Result<ChangeReport, Error> {
        check_author(author)?;
        let mut run = self.begin_change(JOIN_COMMANDS[1], now).await?;
        run.detail = Some(serde_json::json!({ "author": author, "join": id }).to_string());
        let number = run.id;
        let done = async {
            let join = self.store.active_joins().await?.into_iter().find(|join| join.id == id);
            let join = join.ok_or_else(|| {
                Error::new(ErrorKind::Data, "unknown-join", format!("no join {id} counts"))
                    .with_help("see `firmograph join list`")
            })?;
            let touched = change_joins(&mut self.store, vec![join], Vec::new(), number, author).await?;
            self.settle_change(touched, number, now, sink).await
        };
        let done = done.await;
        self.end_change(run, done, dry_run, now).await
    }

    /// Takes back what `run`, a `join` or `join undo`, did to joins, within the run `by` that is at hand: what it joined is
    /// parted, what it parted is joined. The caller settles whom that touches, with [`Engine::named_keys`] for who lives, after
    /// [`Engine::derive_joins`].
    ///
    /// # Errors
    /// When a key is joined otherwise since; when the database refuses.
    pub(crate) async fn take_back_join(
        &mut self,
        run: &Run,
        by: i64,
        author: &str,
    ) -> Result<Touched, Error> {
        let (made, parted) = self.store.joins_of_run(run.id).await?;
        let taken: Vec<KeyJoin> = made.into_iter().filter(|join| join.removed_by.is_none()).collect();
        // What followed by itself is derived again by itself.
        let parted = parted.into_iter().filter(|join| !join.is_automatic() || is_by_user(join));
        let mut again: Vec<KeyJoin> =
            parted.map(|join| KeyJoin { removed_by: None, removed_author: None, ..join }).collect();
        let active = self.store.active_joins().await?;
        let replaced = active.into_iter().filter(|join| {
            join.is_automatic() && again.iter().any(|other| is_same_key(other, join)) && !is_in(&taken, join)
        });
        let taken: Vec<KeyJoin> = taken.iter().cloned().chain(replaced).collect();
        let rest = self.store.active_joins().await?.into_iter().filter(|join| !is_in(&taken, join));
        let rest: Vec<KeyJoin> = rest.collect();
        if let Some(join) = again.iter().find(|join| rest.iter().any(|other| is_same_key(other, join))) {
            return Err(joined_already(&join.from_key, &join.into_key));
        }
        again.retain(|join| !is_in(&rest, join));
        change_joins(&mut self.store, taken, again, by, author).await
    }

    /// Joins of keys, oldest first: those that count, or all that ever did.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn joins(&mut self, with_removed: bool) -> Result<Vec<KeyJoin>, Error> {
        if with_removed { self.store.all_joins().await } else { self.store.active_joins().await }
    }
}

fn is_by_user(join: &KeyJoin) -> bool {
    join.removed_author.as_deref() != Some(AUTOMATIC)
}

fn is_same_key(a: &KeyJoin, b: &KeyJoin) -> bool {
    a.entity == b.entity && a.from_key == b.from_key
}

fn is_in(joins: &[KeyJoin], join: &KeyJoin) -> bool {
    joins.iter().any(|other| other.id == join.id)
}

/// Which joins `requests` take back (automatic ones that are in the way) and which they make.
fn plan(
    active: &[KeyJoin],
    requests: &[JoinRequest],
    author: &str,
    run: i64,
    now: Timestamp,
) -> Result<(Vec<KeyJoin>, Vec<KeyJoin>), Error> {
    let (mut taken, mut made): (Vec<KeyJoin>, Vec<KeyJoin>) = (Vec::new(), Vec::new());
    // By kind and from-key: what counts so far.
    let mut counts: BTreeMap<(String, String), KeyJoin> =
        active.iter().map(|join| ((join.entity.clone(), join.from_key.clone()), join.clone())).collect();
    for JoinRequest { kind, from_key, into_key, why } in requests {
        if from_key == into_key {
            let message = format!("{from_key:?} cannot be joined to itself");
            return Err(Error::new(ErrorKind::Usage, "join-same-key", message));
        }
        let place = (kind.name().to_owned(), from_key.to_string());
        match counts.get(&place) {
            Some(join) if join.into_key == **into_key && !join.is_automatic() => continue,
            Some(join) if join.is_automatic() => taken.extend(counts.remove(&place)),
            Some(join) => return Err(joined_already(from_key, &join.into_key)),
            None => {}
        }
        // Along the chain from the key it goes into: who comes back to where it starts would go in a circle.
        let mut next = (kind.name().to_owned(), into_key.to_string());
        while let Some(join) = counts.get(&next) {
            let after = (next.0.clone(), join.into_key.clone());
            if after.1 == **from_key {
                if !join.is_automatic() {
                    let message =
                        format!("{into_key:?} counts for {from_key:?} already, so that would be a circle");
                    return Err(Error::new(ErrorKind::Usage, "join-cycle", message)
                        .with_help("take the other join back first: see `firmograph join list`"));
                }
                taken.extend(counts.remove(&next));
                break;
            }
            next = after;
        }
        let join = new_join(*kind, from_key, into_key, why.clone(), author, run, now);
        counts.insert(place, join.clone());
        made.push(join);
    }
    Ok((taken, made))
}

fn joined_already(from: &str, into: &str) -> Error {
    Error::new(ErrorKind::Usage, "joined-already", format!("{from:?} is joined to {into:?} already"))
        .with_help("take that join back first: see `firmograph join list`")
}

fn check_author(author: &str) -> Result<(), Error> {
    if author.trim().is_empty() || author == AUTOMATIC {
        let message = format!("{author:?} is no author of a join by hand");
        return Err(Error::new(ErrorKind::Usage, "join-author", message));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{EntityKind::Company, Hooks, IngestOptions, Source};
    use firmograph_store::Store;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    async fn keys(store: &mut Store) -> Vec<String> {
        let rows = store.golden_page(Company, "", 100).await.unwrap();
        let mut keys: Vec<String> =
            rows.iter().filter_map(|(row, _)| row.values[1].as_text()).map(str::to_owned).collect();
        keys.sort();
        keys
    }

    async fn take_back(engine: &mut Engine, id: i64) {
        let run = engine.store.run(id).await.unwrap().unwrap();
        let by = engine.begin_change("undo", NOW).await.unwrap();
        let touched = engine.take_back_join(&run, by.id, "ada").await.unwrap();
        let number = by.id;
        let done = engine.settle_change(touched, number, NOW, &mut |_| {}).await;
        engine.end_change(by, done, false, NOW).await.unwrap();
    }

    #[test]
    fn runs_that_join_and_part_are_taken_back() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("leads.csv");
            std::fs::write(&file, "Email\nada@old-brook.com\nbo@brook-mills.com\n").unwrap();
            let mut engine = Engine::open("sqlite::memory:").await.unwrap();
            let options = IngestOptions::new(Source::new("csv").unwrap());
            let mut hooks = Hooks { clock: &|| NOW, progress: &mut |_| {}, interrupted: Default::default() };
            engine.ingest(&[file], &options, &mut hooks).await.unwrap();
            let request = JoinRequest {
                kind: Company,
                from_key: "old-brook.com".into(),
                into_key: "brook-mills.com".into(),
                why: "rebrand".to_owned(),
            };
            let apart = ["brook-mills.com", "old-brook.com"];
            assert_eq!(keys(&mut engine.store).await, apart);
            let joined = engine.join(&[request], "ada", false, NOW, &mut |_| {}).await.unwrap();
            assert_eq!(keys(&mut engine.store).await, ["brook-mills.com"]);
            take_back(&mut engine, joined.run).await;
            assert_eq!(keys(&mut engine.store).await, apart);
            // That run parted them, so taking it back joins them again.
            take_back(&mut engine, joined.run + 1).await;
            assert_eq!(keys(&mut engine.store).await, ["brook-mills.com"]);
            assert_eq!(engine.joins(true).await.unwrap().len(), 1);
        });
    }
}
