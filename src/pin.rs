//! Pins: values that a person set, with a reason, and that outrank every source until they are removed or expire.
//!
//! A pin is a payload of the reserved source `pin`, a dimension row that this payload speaks for, and a row that says who,
//! why and until when. So it is matched, coalesced and explained like anything else that is said.

use crate::Engine;
use crate::change::{At, ChangeReport, FlipSink, Touched};
use crate::matching::match_value;
use crate::policy::{changed_since, detail_of};
use crate::reader::Identity;
use crate::replay::Readers;
use firmograph_core::{
    Attribute, Dimension, EntityKind, Error, ErrorKind, Observation, PayloadId, RawValue, Source, Timestamp,
};
use firmograph_store::{Payload, Run, StoredPin};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Commands whose runs set or remove pins.
pub(crate) const PIN_COMMANDS: [&str; 3] = ["pin set", "pin remove", "pin expire"];

/// A pin to be set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPin {
    /// What is pinned.
    pub attribute: Attribute,
    /// Key of the company or person.
    pub key: String,
    /// The value, raw: it is matched like any other.
    pub value: RawValue,
    /// Who says so.
    pub author: String,
    /// Why.
    pub reason: String,
    /// From when on it counts no more; `None` for ever.
    pub expires_at: Option<Timestamp>,
}

/// A pin that counts.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Pin {
    /// `company` or `person`.
    pub entity: &'static str,
    /// Key of the company or person.
    pub key: String,
    /// Name of the attribute.
    pub attribute: &'static str,
    /// The value as it was given, part by part.
    pub value: Map<String, Value>,
    /// Who set it.
    pub author: String,
    /// Why.
    pub reason: String,
    /// From when on it counts no more.
    pub expires_at: Option<Timestamp>,
    /// When it was set.
    pub set_at: Timestamp,
    /// The run that set it.
    pub run: i64,
    /// Its payload.
    pub payload: String,
}

impl From<&StoredPin> for Pin {
    fn from(stored: &StoredPin) -> Self {
        let spec = stored.attribute.spec();
        let raw = raw_of(stored);
        let parts = spec.parts.iter().enumerate();
        let value = parts.filter_map(|(index, part)| Some(((*part).to_owned(), json!(raw.part(index)?))));
        Pin {
            entity: spec.entity.name(),
            key: stored.key.clone(),
            attribute: spec.name,
            value: value.collect(),
            author: stored.author.clone(),
            reason: stored.reason.clone(),
            expires_at: stored.expires_at,
            set_at: stored.created_at,
            run: stored.run,
            payload: stored.payload.to_string(),
        }
    }
}

/// What a run changed.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Detail {
    /// Key and attribute, where the run is about one.
    key: Option<String>,
    attribute: Option<String>,
    /// Payload of the pin that was set.
    set: Option<String>,
    /// Payloads of the pins that were removed.
    removed: Vec<String>,
}

/// The value of a pin as people write it: text for the first part, or `PART=TEXT` for each of several.
///
/// # Errors
/// `pin-value` (usage) where there is no text, or several texts of which one names no part.
pub fn pin_value(attribute: Attribute, texts: &[impl AsRef<str>]) -> Result<RawValue, Error> {
    let spec = attribute.spec();
    let mut parts: Vec<Option<&str>> = vec![None; spec.parts.len()];
    for text in texts.iter().map(AsRef::as_ref) {
        let named = text.split_once('=').and_then(|(part, text)| Some((attribute.part(part)?, text)));
        match named {
            Some((part, text)) => parts[part] = Some(text),
            None if texts.len() == 1 => parts[0] = Some(text),
            None => {
                let message = format!("{text:?} names no part of {}", spec.name);
                let help = format!("write PART=TEXT with one of {}", spec.parts.join(", "));
                return Err(Error::new(ErrorKind::Usage, "pin-value", message).with_help(help));
            }
        }
    }
    if parts.iter().flatten().all(|text| text.trim().is_empty()) {
        let message = "a pin of nothing would say nothing".to_owned();
        return Err(Error::new(ErrorKind::Usage, "pin-value", message).with_help("give a value"));
    }
    Ok(RawValue::new(parts))
}

impl Engine {
    /// Pins that count, by key and attribute.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn pins(&mut self) -> Result<Vec<Pin>, Error> {
        Ok(self.store.pins(None).await?.iter().map(Pin::from).collect())
    }

    /// Sets a pin, in place of the one that there may be.
    ///
    /// # Errors
    /// `unknown-key` (data) where the database knows nobody by the key; `pin-value`, `pin-reason` or `pin-expired` (usage) for a
    /// pin that says nothing, says not why, or is over already; when the database refuses. Nothing is changed then.
    pub async fn set_pin(
        &mut self,
        pin: &NewPin,
        dry_run: bool,
        now: Timestamp,
        sink: &mut FlipSink<'_>,
    ) -> Result<ChangeReport, Error> {
        check(pin, now)?;
        let mut run = self.begin_change("pin set", now).await?;
        let done = async {
            self.must_know(pin).await?;
            let stored = stored(pin, run.id, now);
            let old = self.pin_of(pin.attribute, &pin.key).await?;
            if let Some(old) = &old {
                self.unpin(old, run.id).await?;
            }
            self.write_pin(&stored).await?;
            run.detail = serde_json::to_string(&Detail {
                key: Some(pin.key.clone()),
                attribute: Some(pin.attribute.spec().name.to_owned()),
                set: Some(stored.payload.to_string()),
                removed: old.iter().map(|old| old.payload.to_string()).collect(),
            })
            .ok();
            self.settled(old.iter().chain([&stored]), run.id, now, sink).await
        };
        let done = done.await;
        self.end_change(run, done, dry_run, now).await
    }

    /// Removes the pin of one attribute of a company or person.
    ///
    /// # Errors
    /// `no-pin` (data) where there is none; when the database refuses. Nothing is changed then.
    pub async fn remove_pin(
        &mut self,
        attribute: Attribute,
        key: &str,
        dry_run: bool,
        now: Timestamp,
        sink: &mut FlipSink<'_>,
    ) -> Result<ChangeReport, Error> {
        let mut run = self.begin_change("pin remove", now).await?;
        let done = async {
            let name = attribute.spec().name;
            let pin = self.pin_of(attribute, key).await?.ok_or_else(|| {
                Error::new(ErrorKind::Data, "no-pin", format!("{name} of {key:?} is not pinned"))
                    .with_help("see `firmograph pin list`")
            })?;
            self.unpin(&pin, run.id).await?;
            run.detail = serde_json::to_string(&Detail {
                key: Some(key.to_owned()),
                attribute: Some(name.to_owned()),
                set: None,
                removed: vec![pin.payload.to_string()],
            })
            .ok();
            self.settled([&pin], run.id, now, sink).await
        };
        let done = done.await;
        self.end_change(run, done, dry_run, now).await
    }

    /// Removes pins whose time is over. `None` where there are none, and then there is no run either.
    ///
    /// # Errors
    /// When the database refuses; nothing is changed then.
    pub async fn expire_pins(
        &mut self,
        dry_run: bool,
        now: Timestamp,
        sink: &mut FlipSink<'_>,
    ) -> Result<Option<ChangeReport>, Error> {
        if !self.store.pins(None).await?.iter().any(|pin| is_over(pin, now)) {
            return Ok(None);
        }
        let mut run = self.begin_change("pin expire", now).await?;
        let done = self.expire_within(&mut run, now, sink).await;
        self.end_change(run, done, dry_run, now).await.map(Some)
    }

    /// Expires pins before an ingest: as a run, or for a dry run within its transaction.
    pub(crate) async fn expire_before_ingest(&mut self, dry_run: bool, now: Timestamp) -> Result<(), Error> {
        if !dry_run {
            return self.expire_pins(false, now, &mut |_| {}).await.map(drop);
        }
        if self.store.pins(None).await?.iter().any(|pin| is_over(pin, now)) {
            let mut run = Run::begun("pin expire", None, env!("CARGO_PKG_VERSION"), now);
            run.id = self.store.write_run(&run).await?;
            self.expire_within(&mut run, now, &mut |_| {}).await?;
        }
        Ok(())
    }

    async fn expire_within(
        &mut self,
        run: &mut Run,
        now: Timestamp,
        sink: &mut FlipSink<'_>,
    ) -> Result<ChangeReport, Error> {
        let mut over = self.store.pins(None).await?;
        over.retain(|pin| is_over(pin, now));
        for pin in &over {
            self.unpin(pin, run.id).await?;
        }
        let removed = over.iter().map(|pin| pin.payload.to_string()).collect();
        run.detail = serde_json::to_string(&Detail { removed, ..Default::default() }).ok();
        self.settled(&over, run.id, now, sink).await
    }

    /// Takes back `run`, one of [`PIN_COMMANDS`], as part of the run number `by`: the pin that it set is removed, and those that it
    /// removed count again unless their time is over. Gives everybody whose golden rows it may concern.
    pub(crate) async fn take_back_pin(
        &mut self,
        run: &Run,
        by: i64,
        now: Timestamp,
    ) -> Result<Touched, Error> {
        let over = |what: &str| {
            let message = format!("run {} ({}) cannot be taken back: {what}", run.id, run.command);
            Error::new(ErrorKind::Usage, "pin-expired", message)
                .with_help("set the pin again with a later date")
        };
        if run.command == "pin expire" {
            return Err(over("the time of its pins is over"));
        }
        let detail: Detail = detail_of(run)?;
        // Expiry undoes nothing that somebody decided, so it stands in nobody's way.
        for later in self.store.runs_in_force(&PIN_COMMANDS[..2], run.id).await? {
            let other: Detail = detail_of(&later)?;
            if (&other.key, &other.attribute) == (&detail.key, &detail.attribute) {
                return Err(changed_since(run, &later));
            }
        }
        let mut pins = Vec::new();
        if let Some(set) = &detail.set {
            let pin = self.pin_named(set).await?;
            if pin.removed_by.is_none() {
                self.unpin(&pin, by).await?;
            }
            pins.push(pin);
        }
        for removed in &detail.removed {
            let pin = self.pin_named(removed).await?;
            if !is_over(&pin, now) {
                self.store.mark_pin(pin.payload, None).await?;
                self.write_pinned(&pin).await?;
            } else if detail.set.is_none() {
                return Err(over("the time of its pin is over"));
            }
            pins.push(pin);
        }
        Ok(self.touched_by_pins(&pins))
    }

    /// The pin that counts for one attribute of one key.
    async fn pin_of(&mut self, attribute: Attribute, key: &str) -> Result<Option<StoredPin>, Error> {
        let pins = self.store.pins(Some(key)).await?;
        Ok(pins.into_iter().find(|pin| pin.attribute == attribute))
    }

    async fn pin_named(&mut self, payload: &str) -> Result<StoredPin, Error> {
        let id = u128::from_str_radix(payload, 16).map(|id| PayloadId(id.to_be_bytes()));
        let pin = match id {
            Ok(id) => self.store.pin(id).await?,
            Err(_) => None,
        };
        pin.ok_or_else(|| {
            let message = format!("a run names the pin {payload}, which there is not");
            Error::new(ErrorKind::Environment, "database-shape", message)
        })
    }

    async fn must_know(&mut self, pin: &NewPin) -> Result<(), Error> {
        let kind = pin.attribute.spec().entity;
        if self.entity(kind, &pin.key).await?.is_none() {
            return Err(crate::find::unknown(&pin.key));
        }
        // A person's golden row refers to the company, which must be there.
        if pin.attribute == Attribute::PersonCompany
            && let Some(matched) = self.matched_pin(pin.attribute, &pin.value)
            && let Some(company) = matched.columns.first().and_then(|column| column.as_text())
            && self.entity(EntityKind::Company, company).await?.is_none()
        {
            return Err(crate::find::unknown(company));
        }
        Ok(())
    }

    fn matched_pin(&self, attribute: Attribute, raw: &RawValue) -> Option<firmograph_core::MatchedValue> {
        match_value(attribute, raw, &self.pipeline_options(Source::pin()))
    }

    async fn write_pin(&mut self, pin: &StoredPin) -> Result<(), Error> {
        let payload = Payload {
            id: pin.payload,
            header: None,
            observed_at: Some(pin.created_at),
            body: pin.body.as_str().into(),
            line: 0,
        };
        // No file: numbers of files begin with 1.
        self.store.write_payloads(&[payload], &Source::pin(), 0, pin.created_at).await?;
        self.store.write_pin(pin).await?;
        self.write_pinned(pin).await
    }

    /// Writes what a pin says as the dimension row of its source.
    async fn write_pinned(&mut self, pin: &StoredPin) -> Result<(), Error> {
        let raw = raw_of(pin);
        let matched = self.matched_pin(pin.attribute, &raw).map(Arc::new);
        let mut row = Dimension::from(Observation {
            key: pin.key.as_str().into(),
            attribute: pin.attribute,
            source: Source::pin(),
            raw,
            payload: pin.payload,
            // A person said so then.
            observed_at: Some(pin.created_at),
        });
        row.set_matched(matched);
        self.store.write_dimensions(pin.attribute, &[&row], &[], pin.created_at).await
    }

    async fn unpin(&mut self, pin: &StoredPin, by: i64) -> Result<(), Error> {
        self.store.mark_pin(pin.payload, Some(by)).await?;
        self.store.delete_dimension(pin.attribute, &pin.key, &Source::pin()).await
    }

    /// Whoever is pinned was there before, and may be there for the sake of the pin alone by now. Names, places and pages are
    /// what joins follow from.
    async fn settled(
        &mut self,
        pins: impl IntoIterator<Item = &StoredPin>,
        run: i64,
        now: Timestamp,
        sink: &mut FlipSink<'_>,
    ) -> Result<ChangeReport, Error> {
        let mut report = ChangeReport::default();
        let touched = self.touched_by_pins(pins);
        let mut readers = Readers::open(&mut self.store, &self.maps).await?;
        self.settle_named(&mut readers, &touched, At { run, now }, &mut report, sink).await?;
        Ok(report)
    }

    /// Whom pins are about, and the companies for which persons work by their word.
    fn touched_by_pins<'p>(&self, pins: impl IntoIterator<Item = &'p StoredPin>) -> Touched {
        let mut touched = Touched::default();
        for pin in pins {
            let keys = match pin.attribute.spec().entity {
                EntityKind::Company => &mut touched.companies,
                EntityKind::Person => &mut touched.persons,
            };
            keys.insert(pin.key.as_str().into());
            if pin.attribute == Attribute::PersonCompany {
                let matched = self.matched_pin(pin.attribute, &raw_of(pin));
                let employer = matched.and_then(|matched| Some(matched.columns.first()?.as_text()?.into()));
                touched.companies.extend(employer);
            }
        }
        touched
    }
}

fn is_over(pin: &StoredPin, now: Timestamp) -> bool {
    pin.expires_at.is_some_and(|at| at <= now)
}

fn check(pin: &NewPin, now: Timestamp) -> Result<(), Error> {
    let parts = pin.attribute.spec().parts.len();
    let refuse = |code, message: &str, help: &str| {
        Err(Error::new(ErrorKind::Usage, code, message).with_help(help.to_owned()))
    };
    if pin.value.parts(parts).flatten().all(|text| text.trim().is_empty()) {
        return refuse("pin-value", "a pin of nothing would say nothing", "give a value");
    }
    if pin.reason.trim().is_empty() || pin.author.trim().is_empty() {
        return refuse("pin-reason", "a pin says who set it and why", "give an author and a reason");
    }
    if pin.expires_at.is_some_and(|at| at <= now) {
        return refuse("pin-expired", "the time of this pin is over already", "give a later date, or none");
    }
    Ok(())
}

/// The pin as it is stored. Its payload names the run, so that the same value pinned again is another payload.
fn stored(pin: &NewPin, run: i64, now: Timestamp) -> StoredPin {
    let spec = pin.attribute.spec();
    let parts = spec.parts.iter().enumerate();
    let parts = parts.filter_map(|(index, part)| Some(((*part).to_owned(), json!(pin.value.part(index)?))));
    let body = json!({
        "entity": spec.entity.name(),
        "key": pin.key,
        "attribute": spec.name,
        "parts": parts.collect::<Map<_, _>>(),
        "author": pin.author,
        "reason": pin.reason,
        "expires_at": pin.expires_at,
        "set_at": now,
        "run": run,
    })
    .to_string();
    let identity = Identity { source: Source::pin(), header: None, observed_at: None };
    StoredPin {
        payload: identity.payload_id(&body, None),
        attribute: pin.attribute,
        key: pin.key.clone(),
        author: pin.author.clone(),
        reason: pin.reason.clone(),
        expires_at: pin.expires_at,
        created_at: now,
        run,
        removed_by: None,
        body,
    }
}

/// The value that a pin's payload holds.
fn raw_of(pin: &StoredPin) -> RawValue {
    let body: Value = serde_json::from_str(&pin.body).unwrap_or_default();
    RawValue::new(pin.attribute.spec().parts.iter().map(|part| body["parts"][part].as_str()))
}
