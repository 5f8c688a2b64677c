//! Takes back a run that set priorities or pins.

use crate::Engine;
use crate::change::{ChangeReport, FlipSink};
use crate::pin::PIN_COMMANDS;
use crate::policy::PRIORITY_COMMANDS;
use firmograph_core::{Error, ErrorKind, Timestamp};
use firmograph_store::Run;

impl Engine {
    /// Takes back what a run set or removed: an order of sources, a policy, a pin. That is a run too.
    ///
    /// # Errors
    /// `unknown-run` (data) or `not-undoable` (usage) for another run; `changed-since` or `pin-expired` (usage) where what was there
    /// before cannot be put back; when the database refuses. Nothing is changed then.
    pub async fn take_back(
        &mut self,
        id: i64,
        dry_run: bool,
        now: Timestamp,
        sink: &mut FlipSink<'_>,
    ) -> Result<ChangeReport, Error> {
        let mut by = self.begin_change("undo", now).await?;
        let done = async {
            let target = self.store.run(id).await?.ok_or_else(|| {
                Error::new(ErrorKind::Data, "unknown-run", format!("there is no run {id}"))
                    .with_help("see `firmograph runs list`")
            })?;
            if let Some(undone_by) = target.undone_by {
                let message = format!("run {id} was taken back by run {undone_by} already");
                return Err(Error::new(ErrorKind::Usage, "not-undoable", message));
            }
            let command = target.command.as_str();
            let touched = if PRIORITY_COMMANDS.contains(&command) {
                self.take_back_priority(&target).await?
            } else if PIN_COMMANDS.contains(&command) {
                self.take_back_pin(&target, by.id, now).await?
            } else {
                let message = format!("run {id} ({command}) sets neither priorities nor pins");
                return Err(Error::new(ErrorKind::Usage, "not-undoable", message));
            };
            let mut report = ChangeReport::default();
            self.settle(&touched, &|_, _| true, now, &mut report, sink).await?;
            by.target_run = Some(id);
            self.store.write_run(&Run { undone_by: Some(by.id), ..target }).await?;
            Ok(report)
        };
        let done = done.await;
        self.end_change(by, done, dry_run, now).await
    }
}
