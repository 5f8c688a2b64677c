//! What an ingest tells: counts that add up, and what was noticed on the way.

use firmograph_core::{Attribute, EntityKind};
use firmograph_store::Tally;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What was noticed in a run. Every number counts records, but `placeholders`, which counts cells, and the company and
/// person counters, which count golden rows written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Counters {
    /// Skipped: payloads that an earlier batch or run stored.
    pub known_payloads: u64,
    /// Skipped: records equal to an earlier one of the same batch.
    pub repeated_payloads: u64,
    /// Records of other shards' companies, too, whose payload is stored and counted on each of those shards: counted here and
    /// elsewhere.
    #[serde(skip_serializing_if = "is_zero")]
    pub shared_payloads: u64,
    /// Skipped: empty lines.
    pub blank_lines: u64,
    /// E-mail given, and not an address.
    pub unusable_emails: u64,
    /// E-mail of a free-mail or disposable provider: it names no company.
    pub free_mail: u64,
    /// E-mail of a role: it names no person.
    pub role_mailboxes: u64,
    /// A person and no company; kept.
    pub without_company: u64,
    /// A company and no person; kept.
    pub without_person: u64,
    /// Hosts without a dot that were repaired.
    pub repaired_domains: u64,
    /// Cells that hold a placeholder.
    pub placeholders: u64,
    /// Golden companies written for the first time.
    pub new_companies: u64,
    /// Golden companies that changed.
    pub changed_companies: u64,
    /// Golden prospects written for the first time.
    pub new_prospects: u64,
    /// Golden prospects that changed.
    pub changed_prospects: u64,
    /// Companies without a domain that are joined to one since this run, because of what sources say.
    pub keys_joined: u64,
    /// Such joins that hold no longer since this run.
    pub keys_parted: u64,
    /// Dimension rows written without a standard value, by attribute that has a matcher.
    pub unmatched: BTreeMap<String, u64>,
    /// Rejects by code.
    pub rejects: BTreeMap<String, u64>,
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// Attributes whose raw values have a matcher in this version; of the others nothing is said to be unmatched.
pub const MATCHABLE: &[Attribute] = &[
    Attribute::CompanyName,
    Attribute::EmployeeRange,
    Attribute::CompanyType,
    Attribute::CompanyLocation,
    Attribute::Industry,
    Attribute::Funding,
    Attribute::Revenue,
    Attribute::PersonName,
    Attribute::JobTitle,
    Attribute::PersonLocation,
];

impl Counters {
    /// Adds what another part counted.
    pub(crate) fn add(&mut self, other: Counters) {
        let Counters {
            known_payloads,
            repeated_payloads,
            shared_payloads,
            blank_lines,
            unusable_emails,
            free_mail,
            role_mailboxes,
            without_company,
            without_person,
            repaired_domains,
            placeholders,
            new_companies,
            changed_companies,
            new_prospects,
            changed_prospects,
            keys_joined,
            keys_parted,
            unmatched,
            rejects,
        } = other;
        self.known_payloads += known_payloads;
        self.repeated_payloads += repeated_payloads;
        self.shared_payloads += shared_payloads;
        self.blank_lines += blank_lines;
        self.unusable_emails += unusable_emails;
        self.free_mail += free_mail;
        self.role_mailboxes += role_mailboxes;
        self.without_company += without_company;
        self.without_person += without_person;
        self.repaired_domains += repaired_domains;
        self.placeholders += placeholders;
        self.new_companies += new_companies;
        self.changed_companies += changed_companies;
        self.new_prospects += new_prospects;
        self.changed_prospects += changed_prospects;
        self.keys_joined += keys_joined;
        self.keys_parted += keys_parted;
        for (mine, theirs) in [(&mut self.unmatched, unmatched), (&mut self.rejects, rejects)] {
            for (name, count) in theirs {
                *mine.entry(name).or_default() += count;
            }
        }
    }

    pub(crate) fn wrote(&mut self, kind: EntityKind, new: usize, changed: usize) {
        let (all_new, all_changed) = match kind {
            EntityKind::Company => (&mut self.new_companies, &mut self.changed_companies),
            EntityKind::Person => (&mut self.new_prospects, &mut self.changed_prospects),
        };
        *all_new += new as u64;
        *all_changed += changed as u64;
    }

    /// Golden rows written.
    #[must_use]
    pub fn changes(&self) -> u64 {
        self.new_companies + self.changed_companies + self.new_prospects + self.changed_prospects
    }
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RunStatus {
    /// Every file was read to its end.
    Done,
    /// Interrupted; `--resume` goes on.
    Interrupted,
    /// More rejects than allowed; what was committed before stays.
    TooManyRejects,
}

impl RunStatus {
    pub(crate) fn name(self) -> &'static str {
        match self {
            RunStatus::Done => "done",
            RunStatus::Interrupted => "interrupted",
            RunStatus::TooManyRejects => "too_many_rejects",
        }
    }
}

/// What became of one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileReport {
    /// Path as given.
    pub path: String,
    /// How it was read, in one line.
    pub decision: String,
    /// What became of its records.
    #[serde(flatten)]
    pub tally: Tally,
    /// Records that an interrupted run had committed before.
    pub resumed_at: u64,
    /// Worth knowing, not an error.
    pub notes: Vec<String>,
    /// Keys of JSON records that their mapping neither reads nor ignores, and how many records have each. They stay in the
    /// payload.
    pub unread_keys: BTreeMap<String, u64>,
}

/// What an ingest did. For every file and for the run, read = accepted + rejected + skipped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IngestReport {
    /// Number of the run; 0 for a dry run, which leaves no trace.
    pub run: i64,
    /// How it ended.
    pub status: RunStatus,
    /// Whether everything was rolled back at the end.
    pub dry_run: bool,
    /// Each file.
    pub files: Vec<FileReport>,
    /// All files together.
    #[serde(flatten)]
    pub tally: Tally,
    /// What was noticed.
    pub counters: Counters,
    /// What became of lead documents, where the files hold such.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leads: Option<Box<crate::leads::LeadReport>>,
}
