//! What is asked.

use super::text::escaped;
use firmograph_core::{Error, ErrorKind};

/// The most bytes of a part, as it is stored: an entry of an index on PostgreSQL takes 2,704, and one has two parts.
const LONGEST: usize = 1_024;

/// A question: about whom, of what kind, to which model.
///
/// ```
/// use firmograph::ResearchKey;
///
/// let key = ResearchKey::new("acme", "company", "northlight-robotics.com", "funding");
/// assert_eq!(key.hash(), key.clone().hash());
/// assert_ne!(key.hash(), key.clone().model("small").hash());
/// assert_ne!(key.hash(), key.question("").hash(), "an empty question is a question");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ResearchKey {
    /// The workspace that pays; what one found is not given to another.
    pub workspace: String,
    /// `company` or `person`.
    pub entity_type: String,
    /// Key or id of the company or person.
    pub entity_id: String,
    /// What kind of question it is.
    pub research_type: String,
    /// The language model that answers.
    pub model: Option<String>,
    /// The words of the question, where the type does not say all.
    pub question: Option<String>,
}

impl ResearchKey {
    /// A question of a type, about a company or person.
    #[must_use]
    pub fn new(workspace: &str, entity_type: &str, entity_id: &str, research_type: &str) -> Self {
        ResearchKey {
            workspace: workspace.to_owned(),
            entity_type: entity_type.to_owned(),
            entity_id: entity_id.to_owned(),
            research_type: research_type.to_owned(),
            model: None,
            question: None,
        }
    }

    /// Says which model answers.
    #[must_use]
    pub fn model(mut self, model: &str) -> Self {
        self.model = Some(model.to_owned());
        self
    }

    /// Says the words of the question.
    #[must_use]
    pub fn question(mut self, question: &str) -> Self {
        self.question = Some(question.to_owned());
        self
    }

    /// What `research_key` holds: BLAKE3, in hexadecimal digits, over `firmograph research 1` and the six parts in the order of
    /// this struct, each with its length before it in eight bytes, least first; a part that is not given is the length 2^64-1.
    #[must_use]
    pub fn hash(&self) -> String {
        let parts = [&self.workspace, &self.entity_type, &self.entity_id, &self.research_type].map(Some);
        let mut hasher = blake3::Hasher::new();
        hasher.update(b"firmograph research 1");
        for part in parts.into_iter().chain([self.model.as_ref(), self.question.as_ref()]) {
            hasher.update(&part.map_or(u64::MAX, |part| part.len() as u64).to_le_bytes());
            hasher.update(part.map_or("", String::as_str).as_bytes());
        }
        hasher.finalize().to_hex().to_string()
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        if self.workspace.trim().is_empty() || self.research_type.trim().is_empty() {
            let message = "a question needs a workspace and a type";
            return Err(Error::new(ErrorKind::Usage, "bad-name", message));
        }
        let names = ["workspace", "entity type", "entity id", "research type"];
        for (name, part) in names.into_iter().zip(self.columns()) {
            if part.len() > LONGEST {
                let message =
                    format!("the {name} of a question has {} bytes, and {LONGEST} are taken", part.len());
                return Err(Error::new(ErrorKind::Usage, "too-long", message)
                    .with_help("what is long belongs into the words of the question"));
            }
        }
        Ok(())
    }

    /// The parts as columns hold them.
    pub(super) fn columns(&self) -> [String; 4] {
        [&self.workspace, &self.entity_type, &self.entity_id, &self.research_type].map(|part| escaped(part))
    }
}
