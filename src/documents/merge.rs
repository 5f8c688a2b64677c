//! Documents of several sources about one company or person as one, key by key, with who gave what. What a source says is its newest
//! document; of each key the source that stands first wins. Both are orders in which no two are equal, so neither the order in which
//! documents come nor how they are grouped on the way can matter.

use super::envelope::{CERTAIN, Confidence};
use super::json::Json;
use super::kinds::DocumentKind;
use super::number;
use super::shape::says_something;
use firmograph_core::{PayloadId, Priorities, Source, Timestamp};
use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// One document as its source gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) source: Source,
    /// Of whom it speaks, before keys were joined.
    pub(crate) key: Box<str>,
    pub(crate) payload: PayloadId,
    pub(crate) observed_at: Option<Timestamp>,
    pub(crate) confidence: Option<Confidence>,
    pub(crate) model: Option<Box<str>>,
    pub(crate) document: Json,
}

/// The source of what people say, whom no other source outranks.
const MANUAL: &str = "manual";

impl Said {
    /// The order in which one source's documents replace each other: the greatest is what it says. Those without a date have no
    /// order in time; that the greater one stands is as good as any other answer, and the same whichever comes first.
    fn age(&self) -> impl Ord + '_ {
        (self.observed_at, self.confidence, &self.document, (&self.model, &self.key, self.payload))
    }

    /// What a person says comes first, then what a source knows, then what a model thinks.
    fn rank(&self) -> u8 {
        match (&self.model, self.source.as_str()) {
            (Some(_), _) => 2,
            (None, MANUAL) => 0,
            (None, _) => 1,
        }
    }
}

/// What each source says, by source.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Sayings(BTreeMap<Source, Latest>);

/// What a source says.
#[derive(Debug, Clone, Eq)]
struct Latest {
    said: Arc<Said>,
    /// Whether it says something else in another document that is as good, and neither has a date.
    is_undecided: bool,
}

impl PartialEq for Latest {
    /// What is believed is the same, whether there was a choice or not.
    fn eq(&self, other: &Self) -> bool {
        self.said == other.said
    }
}

impl Sayings {
    /// Hears one more document; an older one of the same source counts no more.
    pub(crate) fn hear(&mut self, said: Arc<Said>) {
        let Some(known) = self.0.get_mut(&said.source) else {
            self.0.insert(said.source.clone(), Latest { said, is_undecided: false });
            return;
        };
        let dated = |said: &Said| (said.observed_at, said.confidence);
        match dated(&known.said).cmp(&dated(&said)) {
            Ordering::Less => *known = Latest { said, is_undecided: false },
            Ordering::Equal => {
                known.is_undecided |= said.observed_at.is_none() && known.said.document != said.document;
                if known.said.age() < said.age() {
                    known.said = said;
                }
            }
            Ordering::Greater => {}
        }
    }

    /// Whether a source says different things in documents that have no order.
    pub(crate) fn are_undecided(&self) -> bool {
        self.0.values().any(|latest| latest.is_undecided)
    }

    /// What each source says, in the order of their names.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<Said>> {
        self.0.values().map(|latest| &latest.said)
    }

    /// The document of all of them, and for each of its keys who gave it and who else spoke; nothing where nobody says anything.
    pub(crate) fn golden(&self, kind: &DocumentKind, priorities: &Priorities) -> Option<(Json, Json)> {
        let mut by_key: BTreeMap<&str, Vec<Choice<'_>>> = BTreeMap::new();
        for said in self.iter() {
            let Json::Object(entries) = &said.document else { continue };
            for (key, value) in entries.iter().filter(|(_, value)| says_something(value)) {
                by_key.entry(key).or_default().push(Choice { said, value });
            }
        }
        let (mut document, mut attribution) = (BTreeMap::new(), BTreeMap::new());
        for (key, choices) in by_key {
            let (value, told) = match kind.identity(key) {
                Some(identity) => union(choices, identity, priorities),
                None => chosen(choices, priorities),
            };
            document.insert(key.into(), value);
            attribution.insert(key.into(), told);
        }
        (!document.is_empty()).then_some((Json::Object(document), Json::Object(attribution)))
    }
}

/// What one source says about one key, or one element of a list.
#[derive(Clone, Copy)]
struct Choice<'s> {
    said: &'s Said,
    value: &'s Json,
}

impl Choice<'_> {
    /// Who is believed first, and why: the last step is the source's name, and no two have one.
    fn against(&self, other: &Self, priorities: &Priorities) -> (Ordering, &'static str) {
        let (mine, theirs) = (self.said, other.said);
        let rank = if mine.rank().max(theirs.rank()) == 2 { "analysis" } else { "manual" };
        let steps = [
            (mine.rank().cmp(&theirs.rank()), rank),
            (priorities.compare_default(&mine.source, &theirs.source), "priority"),
            (Reverse(mine.observed_at).cmp(&Reverse(theirs.observed_at)), "older"),
            (Reverse(mine.confidence).cmp(&Reverse(theirs.confidence)), "less_confident"),
            (self.value.cmp(other.value), "order"),
        ];
        let decided = steps.into_iter().find(|(order, _)| order.is_ne());
        decided.unwrap_or((mine.source.cmp(&theirs.source), "order"))
    }
}

/// The value that wins, and who spoke.
fn chosen(mut choices: Vec<Choice<'_>>, priorities: &Priorities) -> (Json, Json) {
    choices.sort_by(|a, b| a.against(b, priorities).0);
    let Some((winner, others)) = choices.split_first() else { return (Json::Null, Json::Null) };
    let mut told = by(winner.said);
    let (agreed, lost): (Vec<&Choice<'_>>, Vec<&Choice<'_>>) =
        others.iter().partition(|other| other.value == winner.value);
    if !agreed.is_empty() {
        let sources = agreed.iter().map(|other| Json::from(other.said.source.as_str()));
        told.insert("agreed".into(), Json::List(sources.collect()));
    }
    let lost = lost.into_iter().map(|other| {
        let mut told = by(other.said);
        told.insert("value".into(), other.value.clone());
        told.insert("why".into(), winner.against(other, priorities).1.into());
        Json::Object(told)
    });
    let lost: Vec<Json> = lost.collect();
    if !lost.is_empty() {
        told.insert("lost".into(), Json::List(lost));
    }
    (winner.value.clone(), Json::Object(told))
}

/// The elements that any source names, each once and as the source that stands first says it.
fn union(choices: Vec<Choice<'_>>, identity: &[&str], priorities: &Priorities) -> (Json, Json) {
    // Of each name what is said, each value with those who say it.
    let mut named: BTreeMap<Name, BTreeMap<&Json, Vec<&Said>>> = BTreeMap::new();
    for Choice { said, value } in choices {
        let Json::List(list) = value else { continue };
        for element in list.iter().filter(|element| says_something(element)) {
            let values = named.entry(Name::of(element, identity, said)).or_default();
            let sayers = values.entry(element).or_default();
            // A source that repeats itself says no more; all that it says comes at once.
            if sayers.last().is_none_or(|last| last.source != said.source) {
                sayers.push(said);
            }
        }
    }
    let mut elements: Vec<(Json, Json)> = Vec::new();
    for values in named.into_values() {
        let mut of_name: Vec<_> =
            paired(values).into_iter().map(|choices| chosen(choices, priorities)).collect();
        of_name.sort_unstable();
        elements.extend(of_name);
    }
    let (values, told) = elements.into_iter().unzip();
    (Json::List(values), Json::Object(BTreeMap::from([("elements".into(), Json::List(told))])))
}

/// The elements that are meant by values of one name. Two values of one source are two elements: a second seed round of the same day.
/// So those who say the same value mean one element; then each value is another word for the first element of which none of its
/// sources has spoken, values that many say before others.
fn paired<'s>(values: BTreeMap<&'s Json, Vec<&'s Said>>) -> Vec<Vec<Choice<'s>>> {
    let mut values: Vec<_> = values.into_iter().collect();
    values.sort_by_key(|(_, sayers)| Reverse(sayers.len()));
    let mut elements: Vec<(BTreeSet<&Source>, Vec<Choice<'_>>)> = Vec::new();
    for (value, sayers) in values {
        let spoke = |sources: &BTreeSet<&Source>| sayers.iter().any(|said| sources.contains(&said.source));
        let free = match elements.iter().position(|(sources, _)| !spoke(sources)) {
            Some(free) => free,
            None => {
                elements.push(Default::default());
                elements.len() - 1
            }
        };
        let (sources, choices) = &mut elements[free];
        for said in sayers {
            sources.insert(&said.source);
            choices.push(Choice { said, value });
        }
    }
    elements.into_iter().map(|(_, choices)| choices).collect()
}

/// What tells an element of a list from others.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Name {
    /// What everybody calls it: its date and type, without regard to case and signs.
    Common(Vec<String>),
    /// What one source calls it: the ids of another may mean something else.
    Own(Source, Json),
    /// Nothing but what it is.
    Whole(Json),
}

impl Name {
    fn of(element: &Json, identity: &[&str], said: &Said) -> Self {
        let common =
            identity.iter().map(|name| element.get(name).filter(|value| says_something(value)).map(folded));
        if let Some(common) = common.collect::<Option<Vec<String>>>() {
            return Name::Common(common);
        }
        match element.get("id").filter(|id| says_something(id)) {
            Some(id) => Name::Own(said.source.clone(), id.clone()),
            None => Name::Whole(element.clone()),
        }
    }
}

/// Of a text its letters, digits and the signs that tell C, C++ and C# apart, lower case; what has none of them, as it is.
fn folded(value: &Json) -> String {
    let Some(text) = value.as_text() else { return value.to_string() };
    let counts = |c: &char| c.is_alphanumeric() || matches!(c, '+' | '#');
    let folded: String = text.chars().filter(counts).flat_map(char::to_lowercase).collect();
    if folded.is_empty() { text.to_owned() } else { folded }
}

/// Who says it, when, and how sure.
fn by(said: &Said) -> BTreeMap<Box<str>, Json> {
    let mut told = BTreeMap::from([
        ("source".into(), Json::from(said.source.as_str())),
        ("key".into(), Json::from(&*said.key)),
        ("payload".into(), Json::from(&*said.payload.to_string())),
    ]);
    if let Some(at) = said.observed_at {
        told.insert("observed_at".into(), Json::from(&*at.to_string()));
    }
    if let Some(confidence) = said.confidence {
        told.insert("confidence".into(), share(confidence));
    }
    if let Some(model) = &said.model {
        told.insert("model".into(), Json::from(&**model));
    }
    told
}

/// A confidence as a number from 0 to 1.
pub(crate) fn share(confidence: Confidence) -> Json {
    let text = format!("{}e-4", confidence.min(CERTAIN));
    number::canonical(&text).map_or(Json::Null, Json::Number)
}

#[cfg(test)]
#[path = "merge_tests.rs"]
mod tests;
