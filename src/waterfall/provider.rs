//! Who is asked, and what it answers.

use crate::{Entity, Permit};
use firmograph_core::{EntityKind, Field, MicroDollars, Usage};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

/// Whom a provider is asked about.
#[derive(Debug, Clone, PartialEq)]
pub struct Subject {
    /// Company or person.
    pub kind: EntityKind,
    /// Its key: a domain, an e-mail address, a profile, ...
    pub key: String,
    /// What is known: the columns of the golden record, as an export has them.
    pub golden: Map<String, Value>,
    /// Attributes of which anything is known.
    pub attributes: Vec<&'static str>,
}

impl Subject {
    /// A column of the golden record that is text.
    #[must_use]
    pub fn text(&self, column: &str) -> Option<&str> {
        self.golden.get(column)?.as_str()
    }

    pub(super) fn of(kind: EntityKind, key: &str, entity: Option<&Entity>) -> Self {
        let mut golden =
            entity.map(|entity| crate::export::golden_json(kind, &entity.golden)).unwrap_or_default();
        // Of whom nothing is stored, the key is known.
        let column = match kind {
            EntityKind::Company if firmograph_core::company_key_kind(key) == "domain" => Some("domain"),
            EntityKind::Person if key.contains('@') => Some("email"),
            _ => None,
        };
        if let Some(column) = column.filter(|column| golden.get(*column).is_none_or(Value::is_null)) {
            golden.insert(column.to_owned(), Value::from(key));
        }
        let attributes = entity.map_or_else(Vec::new, |entity| {
            entity.coalesced.iter().map(|(attribute, _)| attribute.spec().name).collect()
        });
        Subject { kind, key: key.to_owned(), golden, attributes }
    }

    /// Whether a golden column or attribute is known.
    pub(super) fn has(&self, name: &str) -> bool {
        self.golden.get(name).is_some_and(|value| !value.is_null()) || self.attributes.contains(&name)
    }
}

/// What a provider knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AnswerRecord {
    /// Values by field. Whom they are about need not be said: it is whom was asked about.
    Fields(Vec<(Field, String)>),
    /// The provider's own JSON, read by a mapping of the waterfall or by one that comes with firmograph for this source. It must
    /// name whom it is about.
    Json(String),
}

/// What a provider answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderAnswer {
    /// What the call used, for its price.
    pub usage: Usage,
    /// What it cost, where that is not what the price says of what it used: nothing, where a cache answered.
    pub cost: Option<MicroDollars>,
    /// What it says.
    pub record: Option<AnswerRecord>,
    /// Whether the provider checked the values, as one does that tries whether mail arrives. Of [`AnswerRecord::Fields`].
    pub verified: bool,
}

impl ProviderAnswer {
    /// It knows nothing.
    #[must_use]
    pub fn miss() -> Self {
        ProviderAnswer { usage: Usage::default(), cost: None, record: None, verified: false }
    }

    /// It knows this.
    #[must_use]
    pub fn hit<T: Into<String>>(fields: impl IntoIterator<Item = (Field, T)>) -> Self {
        let fields = fields.into_iter().map(|(field, text)| (field, text.into())).collect();
        let usage = Usage { hit: true, matches: 1, ..Usage::default() };
        ProviderAnswer { usage, cost: None, record: Some(AnswerRecord::Fields(fields)), verified: false }
    }

    /// It knows what this JSON object says.
    #[must_use]
    pub fn json(text: &str) -> Self {
        let record = Some(AnswerRecord::Json(text.to_owned()));
        ProviderAnswer { record, ..ProviderAnswer::hit([] as [(Field, &str); 0]) }
    }

    /// And it checked the values.
    #[must_use]
    pub fn verified(self) -> Self {
        ProviderAnswer { verified: true, ..self }
    }

    /// And this is what the call used.
    #[must_use]
    pub fn used(self, usage: Usage) -> Self {
        ProviderAnswer { usage, ..self }
    }

    /// And this is what it cost, whatever the price says.
    #[must_use]
    pub fn paid(self, cost: MicroDollars) -> Self {
        ProviderAnswer { cost: Some(cost), ..self }
    }
}

/// Why a call failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderError {
    /// In one sentence.
    pub message: String,
    /// What it cost all the same.
    pub cost: MicroDollars,
}

impl ProviderError {
    /// A call that failed and cost nothing.
    #[must_use]
    pub fn new(message: impl fmt::Display) -> Self {
        ProviderError { message: message.to_string(), cost: MicroDollars::ZERO }
    }
}

impl fmt::Display for ProviderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ProviderError {}

/// Somebody who can be asked. The permit says who pays for which operation and how much the call may cost; nobody but a budget
/// makes one, so no call is made without one. The waterfall settles it.
///
/// A waterfall asks no cache by itself. A provider that keeps what it was answered, also that nothing was found, is this one; what
/// the cache answers costs nothing. As a source says it, it counts as observed at the time of the run, however old it is, so the
/// cache's time to live says how old it may be:
///
/// ```
/// # use firmograph::{BudgetOptions, BudgetPeriod, BudgetScope, Budgets, Engine, Hooks, NewBudget};
/// # use firmograph::{Providers, StepOutcome, Waterfall, WaterfallOptions};
/// use firmograph::{Found, MicroDollars, Permit, Provider, ProviderAnswer, ProviderError};
/// use firmograph::{ResearchCache, ResearchError, ResearchKey, ResearchOptions, ResearchOrigin, Subject};
/// # use std::sync::Arc;
///
/// struct Quarry {
///     cache: ResearchCache,
/// }
///
/// impl Quarry {
///     /// Here stands the call.
///     async fn ask(&self, domain: &str) -> Result<Option<String>, ProviderError> {
///         Ok(Some(format!(r#"{{"domain": "{domain}", "industry": "Banking"}}"#)))
///     }
/// }
///
/// impl Provider for Quarry {
///     async fn call(&self, permit: &Permit<'_>, subject: &Subject) -> Result<ProviderAnswer, ProviderError> {
///         let call = permit.call();
///         let key = ResearchKey::new(&call.workspace, subject.kind.name(), &subject.key, "quarry company");
///         // The waterfall's permit pays, so no other is asked for.
///         let asked = self.cache.get_or_compute(&key, || async {
///             Ok::<_, ProviderError>(self.ask(&subject.key).await?.map(|json| Found::text(&json)))
///         });
///         let research = asked.await.map_err(|error| match error {
///             ResearchError::Failed(error) => error,
///             other => ProviderError::new(other),
///         })?;
///         let answer = match &research.found {
///             Some(found) => ProviderAnswer::json(&found.content),
///             None => ProviderAnswer::miss(),
///         };
///         Ok(match research.origin {
///             ResearchOrigin::Computed => answer,
///             _ => answer.paid(MicroDollars::ZERO),
///         })
///     }
/// }
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// # let folder = tempfile::tempdir()?;
/// # let database = format!("sqlite://{}", folder.path().join("example.db").display());
/// # let clock = || "2026-03-01T12:00:00Z".parse().unwrap();
/// # let budgets = Budgets::open(&database, BudgetOptions::new(Arc::new(clock))).await?;
/// # let (scope, period, cap) = (BudgetScope::workspace("acme"), BudgetPeriod::Day, MicroDollars::dollars(5));
/// # budgets.set(&NewBudget { scope, period, cap, time_zone: None, author: None }).await?;
/// # let waterfall = Waterfall::parse(r#"
/// #     [[attribute]]
/// #     name = "industry"
/// #     until = "never"
/// #     [[attribute.step]]
/// #     provider = "quarry"
/// #     price = { hit = "0.05", miss = "0.01" }
/// # "#)?;
/// # let mut hooks = Hooks { clock: &clock, progress: &mut |_| {}, interrupted: Arc::default() };
/// # let mut engine = Engine::open(&database).await?;
/// # let options = WaterfallOptions::new("acme");
/// let cache = ResearchCache::open(&database, ResearchOptions::new(Arc::new(clock))).await?;
/// let providers = Providers::new().with("quarry", Quarry { cache });
/// let first = waterfall.run(&mut engine, &budgets, &providers, &["acme.com"], &options, &mut hooks).await?;
/// let again = waterfall.run(&mut engine, &budgets, &providers, &["acme.com"], &options, &mut hooks).await?;
/// assert_eq!((first.cost.to_string(), again.cost.to_string()), ("0.05".into(), "0.00".into()));
/// # assert_eq!(again.entities[0].attributes[0].steps[0].outcome, StepOutcome::Hit);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Provider: Send + Sync {
    /// Asks about one company or person.
    ///
    /// # Errors
    /// Where there is no answer.
    fn call(
        &self,
        permit: &Permit<'_>,
        subject: &Subject,
    ) -> impl Future<Output = Result<ProviderAnswer, ProviderError>> + Send;
}

/// An answer that is under way.
type Answering<'a> = Pin<Box<dyn Future<Output = Result<ProviderAnswer, ProviderError>> + Send + 'a>>;

/// A [`Provider`] as an object.
pub trait DynProvider: Send + Sync {
    /// [`Provider::call`], in a box.
    fn call_boxed<'a>(&'a self, permit: &'a Permit<'_>, subject: &'a Subject) -> Answering<'a>;
}

impl<P: Provider> DynProvider for P {
    fn call_boxed<'a>(&'a self, permit: &'a Permit<'_>, subject: &'a Subject) -> Answering<'a> {
        Box::pin(self.call(permit, subject))
    }
}

/// Providers by name.
#[derive(Clone, Default)]
pub struct Providers(BTreeMap<String, Arc<dyn DynProvider>>);

impl Providers {
    /// Nobody.
    #[must_use]
    pub fn new() -> Self {
        Providers::default()
    }

    /// And this one, who is asked where steps name it so.
    #[must_use]
    pub fn with(mut self, name: &str, provider: impl DynProvider + 'static) -> Self {
        self.0.insert(name.to_owned(), Arc::new(provider));
        self
    }

    pub(super) fn get(&self, name: &str) -> Option<&dyn DynProvider> {
        self.0.get(name).map(|provider| &**provider)
    }
}

impl fmt::Debug for Providers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
