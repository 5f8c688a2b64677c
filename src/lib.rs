//! Messy company, prospect and lead data of many vendors in; attributed, explained golden records out.
//!
//! The way of one record: `payload -> fields -> observations -> dimensions -> golden row`. [`pipeline`] is the pure part;
//! [`Engine`] is the pipeline with a database behind it.
//!
//! ```
//! use firmograph::{Engine, EntityKind, Hooks, IngestOptions, Source, Timestamp};
//!
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! let folder = tempfile::tempdir()?;
//! let file = folder.path().join("leads.csv");
//! std::fs::write(&file, "Email,Company,Job Title,Employees\nada@acme.com,ACME INC,CTO,51-200\n")?;
//!
//! let mut engine = Engine::open("sqlite::memory:").await?;
//! let options = IngestOptions::new(Source::new("csv")?);
//! let mut hooks = Hooks {
//!     clock: &|| Timestamp::UNIX_EPOCH,
//!     progress: &mut |_| {},
//!     interrupted: Default::default(),
//! };
//! let report = engine.ingest(&[file], &options, &mut hooks).await?;
//! assert_eq!((report.tally.read, report.tally.accepted), (1, 1));
//!
//! let acme = engine.entity(EntityKind::Company, "acme.com").await?.expect("it was just ingested");
//! assert_eq!(acme.dimensions[0].raw().part(0), Some("ACME INC"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod batch;
mod believe;
mod budget;
mod budget_file;
mod change;
mod coalescer;
mod collect;
mod costs;
mod customers;
mod derive;
mod doctor;
pub mod documents;
mod duplicates;
mod engine;
mod explain;
mod export;
mod figures;
mod file_options;
mod find;
mod given;
mod identity;
mod ingest;
mod join;
mod joined;
mod known;
pub mod leads;
mod ledger;
mod legacy;
mod level_map;
mod level_quality;
mod lookup;
mod lookups;
mod matching;
mod normalizer;
mod parallel;
mod part;
mod pin;
pub mod pipeline;
mod policy;
mod prisma;
mod quality;
mod reader;
mod reading;
mod rebuild;
mod recompute;
mod reconcile;
mod rejects;
mod rematch;
mod replay;
mod report;
mod research;
mod restate;
mod shards;
mod spread;
mod stats;
mod suggest;
mod tell;
mod undo;
mod user_table;
mod verify;
mod waterfall;
mod write_batch;
mod write_part;

pub use budget::{
    AlertSink, BudgetOptions, Budgets, Call, FailMode, NewBudget, NotReserved, PaidCallError, Permit,
    Refusal, Settled, Settlement, SharedClock,
};
pub use budget_file::read_budgets;
pub use change::{ChangeReport, Changed, FlipSink};
pub use coalescer::{Coalescer, Golden};
pub use costs::{CostGroup, CostSummary, ValueCost, price_at, read_prices};
pub use customers::{CUSTOMER_COLUMNS, CUSTOMERS, CustomerTable, customer_options};
pub use doctor::Check;
pub use duplicates::Duplicate;
pub use engine::{Clock, Engine, Entity, mirror};
pub use explain::{entity_json, explain_json};
pub use export::ExportOptions;
pub use figures::{Coverage, LevelStep, Overlap, Wins};
pub use file_options::FileOptions;
pub use find::find_attribute;
pub use given::{COMPANY_COLUMNS, GivenRow, PROSPECT_COLUMNS, given_rows_path};
pub use identity::key_of_text;
pub use ingest::{DEFAULT_BATCH_ROWS, Hooks, IngestOptions, MaxRejects, Progress, parse_observed_at};
pub use join::{JoinRequest, read_aliases};
pub use legacy::{DIRECT_WRITES, DirectWriteOptions};
pub use level_map::{LevelMapImport, LevelMapOptions, read_level_map};
pub use level_quality::{
    DistinctValues, LevelCount, LevelDisagreement, LevelQuality, Listed, NotObserved, ProspectLevels,
    SeveralLevels, SourceLevels, UnmatchedLevel,
};
pub use lookup::{
    LookupEntry, LookupFinding, LookupImport, Unmatched as UnmatchedRow, check_lookup, lookup_attribute,
    read_lookup,
};
pub use lookups::Lookups;
pub use normalizer::{
    DocumentNormalizer, NormalizedRecord, NormalizedRow, NormalizedValue, Normalizer, NormalizerOptions,
};
pub use pin::{NewPin, Pin, pin_value};
pub use policy::{AttributePriorities, PriorityChange};
pub use prisma::{PrismaOptions, PrismaVersion, prisma_schema};
pub use quality::{
    AtFault, GateResult, QualityBy, QualityCheckOptions, QualityGate, QualityGroup, QualityReportOptions,
    RecordQuality, RefreshReport, quality_json, quality_svg,
};
pub use rebuild::{RebuildOptions, RebuildReport};
pub use recompute::Flip;
pub use reconcile::{
    ClassCounts, ColumnCounts, EntityCounts, Finding, FindingSink, Link, LinkCounts, PlaceCounts,
    Reconciliation, RecordCounts, UnplacedValue, ValueClass,
};
pub use report::{Counters, FileReport, IngestReport, MATCHABLE, RunStatus};
pub use research::{
    Found, Research, ResearchCache, ResearchError, ResearchKey, ResearchOptions, ResearchOrigin, Stale,
};
pub use shards::{LocatedEntity, ShardMap, ShardPlace, Sharded, ShardedReport};
pub use stats::{
    AccuracySample, AttributeAccuracy, ChangedValue, DocumentStats, LastRun, RefreshStats, RejectStats,
    RunStats, ScoreStats, Stats, StatsOptions, UnmatchedStats, prometheus_text,
};
pub use suggest::similar_names;
pub use verify::{Difference, DifferenceSink, VerifyReport};
pub use waterfall::{
    AfterTimeout, AnswerRecord, AttributeReport, DynProvider, EntityReport, HitRate, PlannedBudget,
    PlannedStep, Provider, ProviderAnswer, ProviderError, Providers, QualityOf, StepOutcome, StepReport,
    StopCondition, Subject, Waterfall, WaterfallAttribute, WaterfallOptions, WaterfallPlan, WaterfallReport,
    WaterfallStep, WhyStopped,
};

pub use firmograph_core::{
    ALERT_PERCENTAGES, Attribute, AttributeQuality, BudgetPeriod, BudgetScope, BudgetStanding, Coalesced,
    Day, Dimension, EntityKind, Error, ErrorKind, Evidence, Field, FieldSet, GoldenColumn, GoldenRow,
    Matched, MatchedValue, MicroDollars, Observation, Outcome, PayloadId, Policy, Position, Priorities,
    RawValue, Reject, RejectCode, Scalar, ScalarKind, Source, Span, Timestamp, UnitPrice, Unmatched, Usage,
    coalesce, golden_columns, time_zone,
};
pub use firmograph_core::{
    FieldQuality, QUALITY_PARTS, QUALITY_VERSION, Quality, QualityField, quality_fields, quality_table,
};
pub use firmograph_normalize as normalize;
pub use firmograph_sources as sources;
pub use firmograph_store as store;
