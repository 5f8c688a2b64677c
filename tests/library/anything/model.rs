//! Which payloads are believed after what was done, by the rules that are documented and nothing else.

use super::act::Act;
use std::collections::BTreeMap;

/// Source, time of observation, and the row.
pub(super) type Payload = (&'static str, usize, String);

/// The run that a payload belongs to, and the run that took it out.
type Fate = (i64, Option<i64>);

#[derive(Debug, Default)]
pub(super) struct Model {
    payloads: BTreeMap<Payload, Fate>,
    runs: BTreeMap<i64, Act>,
}

impl Model {
    /// The run at the end of a chain of undoings, and the length of the chain.
    fn base(&self, run: i64) -> (i64, usize) {
        match &self.runs[&run] {
            Act::Undo(target) => {
                let (base, depth) = self.base(*target);
                (base, depth + 1)
            }
            _ => (run, 0),
        }
    }

    /// `act` was done as the run of this number.
    pub(super) fn done(&mut self, act: &Act, run: i64) {
        self.runs.insert(run, act.clone());
        match act {
            Act::Ingest { source, time, lines, .. } => {
                for line in lines {
                    let fate = self.payloads.entry((source, *time, line.clone())).or_insert((run, None));
                    if fate.1.is_some() {
                        *fate = (run, None);
                    }
                }
            }
            Act::RemoveSource(source) => self.remove(run, |payload, _| payload.0 == *source),
            Act::Undo(target) => {
                let (base, depth) = self.base(*target);
                let takes_effect = depth % 2 == 1;
                match (self.runs[&base].clone(), takes_effect) {
                    (Act::Ingest { .. }, false) => self.remove(run, |_, owner| owner == base),
                    (Act::Ingest { .. }, true) => self.restore(*target),
                    (Act::RemoveSource(_), false) => self.restore(base),
                    (Act::RemoveSource(source), true) => {
                        self.remove(base, |payload, owner| payload.0 == source && owner < base);
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }

    /// Whether a run, or the one that it takes back in the end, changed which payloads are believed.
    pub(super) fn is_of_payloads(&self, run: i64) -> bool {
        matches!(self.runs[&self.base(run).0], Act::Ingest { .. } | Act::RemoveSource(_))
    }

    fn remove(&mut self, by: i64, is_one: impl Fn(&Payload, i64) -> bool) {
        for (payload, (owner, removed)) in &mut self.payloads {
            if removed.is_none() && is_one(payload, *owner) {
                *removed = Some(by);
            }
        }
    }

    fn restore(&mut self, mark: i64) {
        self.payloads.values_mut().filter(|fate| fate.1 == Some(mark)).for_each(|fate| fate.1 = None);
    }

    /// Rows that are believed, by source and time.
    pub(super) fn believed(&self) -> BTreeMap<(&'static str, usize), Vec<String>> {
        let mut files: BTreeMap<_, Vec<String>> = BTreeMap::new();
        for ((source, time, line), _) in self.payloads.iter().filter(|(_, fate)| fate.1.is_none()) {
            files.entry((*source, *time)).or_default().push(line.clone());
        }
        files
    }
}
