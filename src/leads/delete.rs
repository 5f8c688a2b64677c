//! Taking a lead out: its documents are believed no more, so everything that is derived from them alone goes.

use super::read::unknown_lead;
use crate::Engine;
use crate::change::{At, ChangeReport, FlipSink};
use crate::undo::Step;
use firmograph_core::{Error, ErrorKind, PayloadId, Timestamp};
use firmograph_store::Run;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Command of the runs that take a lead out.
pub(crate) const LEAD_DELETE: &str = "lead delete";

/// What such a run keeps, to be taken back and done again.
#[derive(Debug, Serialize, Deserialize)]
struct Deleted {
    #[serde(default)]
    lead: String,
    payloads: Vec<String>,
    sources: Vec<String>,
}

impl Engine {
    /// Deletes a lead, as a run: none of its documents is believed any more. Company and person go with it where nobody else names
    /// them. Undoing the run brings everything back.
    ///
    /// # Errors
    /// `unknown-lead` (data); or when the database refuses, which changes nothing.
    pub async fn delete_lead(
        &mut self,
        id: &str,
        dry_run: bool,
        now: Timestamp,
        sink: &mut FlipSink<'_>,
    ) -> Result<ChangeReport, Error> {
        let mut run = self.begin_change(LEAD_DELETE, now).await?;
        let done = async {
            let lead = self.lead_id_of(id).await?.ok_or_else(|| unknown_lead(id))?;
            let documents = self.store.lead_documents(Some(("lead_id", &[&*lead]))).await?;
            let payloads: Vec<PayloadId> = documents.iter().map(|document| document.payload).collect();
            let files: BTreeSet<i64> = documents.iter().map(|document| document.file).collect();
            let all = self.store.files(None).await?;
            let sources: BTreeSet<String> =
                all.into_iter().filter(|file| files.contains(&file.id)).map(|file| file.source).collect();
            let deleted = Deleted {
                lead,
                payloads: payloads.iter().map(PayloadId::to_string).collect(),
                sources: sources.into_iter().collect(),
            };
            run.detail = serde_json::to_string(&deleted).ok();
            let mut report = ChangeReport::default();
            let at = At { run: run.id, now };
            let step = Step::RemoveThese(&payloads);
            self.change_payloads(step, run.id, &deleted.sources, at, &mut report, sink).await?;
            Ok(report)
        }
        .await;
        self.end_change(run, done, dry_run, now).await
    }
}

/// What a run keeps that takes payloads of these sources out.
pub(crate) fn taken_out(payloads: &[PayloadId], sources: &[String]) -> Option<String> {
    let payloads = payloads.iter().map(PayloadId::to_string).collect();
    serde_json::to_string(&Deleted { lead: String::new(), payloads, sources: sources.to_vec() }).ok()
}

/// The payloads that such a run took out, and their sources.
pub(crate) fn deleted_lead(run: &Run) -> Result<(Vec<PayloadId>, Vec<String>), Error> {
    let broken = || {
        let message = format!("run {} does not say what it deleted", run.id);
        Error::new(ErrorKind::Environment, "database-shape", message)
    };
    let deleted: Option<Deleted> = run.detail.as_deref().and_then(|json| serde_json::from_str(json).ok());
    let Deleted { payloads, sources, .. } = deleted.ok_or_else(broken)?;
    let payloads = payloads.iter().map(|text| parse_id(text).ok_or_else(broken)).collect::<Result<_, _>>()?;
    Ok((payloads, sources))
}

fn parse_id(text: &str) -> Option<PayloadId> {
    let mut id = [0; 16];
    if text.len() != 32 || !text.is_ascii() {
        return None;
    }
    for (byte, at) in id.iter_mut().zip((0..).step_by(2)) {
        *byte = u8::from_str_radix(text.get(at..at + 2)?, 16).ok()?;
    }
    Some(PayloadId(id))
}
