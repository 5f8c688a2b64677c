//! Rows that their programs deleted: what was said of them is believed no more.

use super::identified;
use crate::Engine;
use crate::change::{At, ChangeReport};
use crate::leads::delete::taken_out;
use crate::reader::Identity;
use crate::undo::Step;
use firmograph_core::{Error, Source, Timestamp};
use firmograph_sources::Extractor;

/// Command of the runs that withdraw what was said of deleted rows.
pub(crate) const LEGACY_DELETE: &str = "legacy delete";

impl Engine {
    /// Withdraws, as a run, what was observed in rows that their programs deleted since. Where another source speaks of the company or
    /// person, there is a golden row of ours again.
    pub(super) async fn withdraw_deleted(&mut self, now: Timestamp) -> Result<(), Error> {
        let through = self.store.last_deletion().await?;
        if through == 0 || self.store.observed_then_deleted(through).await?.is_empty() {
            return Ok(());
        }
        let mut run = self.begin_change(LEGACY_DELETE, now).await?;
        run.source = Some(Source::legacy().to_string());
        let done = async {
            let identity = Identity { source: Source::legacy(), header: None, observed_at: None };
            let mut extractor = Extractor::for_documents(&[], Some(&Source::legacy()));
            let mut payloads = Vec::new();
            for write in self.store.observed_then_deleted(through).await? {
                payloads.push(identified(&write, &identity, &mut extractor)?.id);
            }
            let sources = [Source::legacy().to_string()];
            run.detail = taken_out(&payloads, &sources);
            let mut report = ChangeReport::default();
            let at = At { run: run.id, now };
            let step = Step::RemoveThese(&payloads);
            self.change_payloads(step, run.id, &sources, at, &mut report, &mut |_| {}).await?;
            self.store.claim_deletions(run.id, through).await?;
            Ok(report)
        }
        .await;
        self.end_change(run, done, false, now).await.map(drop)
    }
}
