//! Taking back that rows of direct writers were observed: the rows stand as their programs left them, and wait to be observed when
//! somebody asks.

use crate::Engine;
use crate::change::{At, FlipSink};
use crate::quality::Rescored;
use crate::recompute::{Recomputed, changed_rows};
use firmograph_core::{EntityKind, Error, GoldenRow, Timestamp};
use firmograph_store::Run;
use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

/// Rows that can stand as their programs left them: nobody changed them since they were observed.
#[derive(Debug, Default)]
pub(crate) struct AsObserved {
    rows: Vec<(EntityKind, Vec<GoldenRow>)>,
    /// Their golden keys, by the name of their kind.
    keys: HashSet<(&'static str, Box<str>), ahash::RandomState>,
}

impl AsObserved {
    fn ids(rows: &[GoldenRow]) -> Vec<&str> {
        rows.iter().filter_map(|row| row.values[0].as_text()).collect()
    }

    /// Whether a golden key is that of such a row.
    pub(crate) fn has(&self, entity: &'static str, key: &str) -> bool {
        self.keys.contains(&(entity, Box::from(key)))
    }
}

impl Engine {
    /// Before an ingest is taken back: lets the rows of direct writers that it observed stand as they were, so that nothing refers to
    /// what goes.
    pub(crate) async fn stand_as_observed(&mut self, run: &Run, now: Timestamp) -> Result<AsObserved, Error> {
        let mut as_observed = AsObserved::default();
        for kind in [EntityKind::Company, EntityKind::Person] {
            let ids = self.store.rows_as_observed(kind, run.id, run.finished_at.unwrap_or(now)).await?;
            let ids: Vec<&str> = ids.iter().map(|id| &**id).collect();
            if ids.is_empty() {
                continue;
            }
            let rows = self.store.golden_by_id(kind, &ids).await?;
            self.store.write_as_observed(kind, run.id, &ids).await?;
            let keys = rows.iter().filter_map(|row| row.values.last()?.as_text());
            as_observed.keys.extend(keys.map(|key| (kind.name(), Box::from(key))));
            as_observed.rows.push((kind, rows));
        }
        Ok(as_observed)
    }

    /// After it was taken back: the rows again, whatever was settled meanwhile, and what was observed in them waits. Tells each value
    /// that is another one now.
    pub(crate) async fn hold_as_observed(
        &mut self,
        run: i64,
        At { run: by, now }: At,
        as_observed: AsObserved,
        sink: &mut FlipSink<'_>,
    ) -> Result<u64, Error> {
        let mut flips = 0;
        for (kind, before) in as_observed.rows {
            let ids = AsObserved::ids(&before);
            self.store.write_as_observed(kind, run, &ids).await?;
            let after = self.store.golden_by_id(kind, &ids).await?;
            let recomputed = Recomputed { changed: changed_rows(before, after), ..Recomputed::default() };
            let named = recomputed.changed.iter().flat_map(|(before, after)| [before, after]);
            let keys: BTreeSet<&str> = named.filter_map(|row| row.values.last()?.as_text()).collect();
            let keys: Vec<Arc<str>> = keys.into_iter().map(Arc::from).collect();
            let rescored = self.rescore(kind, &keys, Rescored::default(), None, now).await?;
            rescored.write(&mut self.store, kind, now).await?;
            for flip in recomputed.flips(kind) {
                flips += 1;
                sink(flip);
            }
        }
        self.store.hold_direct_writes(run, by).await?;
        Ok(flips)
    }
}
