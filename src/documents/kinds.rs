//! The kinds of documents there are: about whom each may speak, which fields it has, and what tells the elements of its lists apart.
//! A field that is not listed is kept as it is. A new kind is a row here and a column in a migration.

use firmograph_core::EntityKind;

/// A kind of document.
#[derive(Debug, PartialEq, Eq)]
pub struct DocumentKind {
    /// Its name, and that of its column.
    pub name: &'static str,
    /// About whom it may speak.
    pub entities: &'static [EntityKind],
    /// Whether it is what a model thinks: then the envelope must name the model, its confidence and the date.
    pub is_analysis: bool,
    /// What it holds.
    pub fields: &'static [DocumentField],
}

/// A field of a document.
#[derive(Debug, PartialEq, Eq)]
pub struct DocumentField {
    /// Its key.
    pub name: &'static str,
    /// What it may hold.
    pub shape: Shape,
    /// Whether it must say something.
    pub required: bool,
}

/// What a field may hold; null always, and it says nothing.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Shape {
    /// Text.
    Text,
    /// `true` or `false`.
    Flag,
    /// A whole number, not negative.
    Count,
    /// A number.
    Number,
    /// A number from 0 to 1.
    Share,
    /// An amount of money: a number, not negative.
    Amount,
    /// Three letters of ISO 4217.
    Currency,
    /// A year, a month, a day or an instant: `2021`, `2021-05`, `2021-05-03`, RFC 3339.
    Date,
    /// A list of texts.
    Texts,
    /// An object with these fields.
    Object(&'static [DocumentField]),
    /// A list of objects. Two sources mean the same element where all of `identity` are said and equal; else a source's own `id`
    /// tells its elements apart.
    List {
        /// Fields of each element.
        fields: &'static [DocumentField],
        /// Fields that together name an element, whoever speaks of it.
        identity: &'static [&'static str],
    },
}

use EntityKind::{Company, Person};
use Shape::{Amount, Count, Currency, Date, Flag, List, Number, Object, Share, Text, Texts};

const fn may(name: &'static str, shape: Shape) -> DocumentField {
    DocumentField { name, shape, required: false }
}

const fn must(name: &'static str, shape: Shape) -> DocumentField {
    DocumentField { name, shape, required: true }
}

const fn kind(
    name: &'static str,
    entities: &'static [EntityKind],
    fields: &'static [DocumentField],
) -> DocumentKind {
    DocumentKind { name, entities, is_analysis: false, fields }
}

const SCORE: &[DocumentField] = &[
    may("score", Number),
    may("scale", Number),
    may("count", Count),
    may("recommend", Share),
    may("url", Text),
];

const OTHER_COMPANY: Shape =
    List { fields: &[must("name", Text), may("domain", Text), may("since", Date)], identity: &["name"] };

const OTHER_PERSON: Shape = List {
    fields: &[must("name", Text), may("title", Text), may("date", Date), may("linkedin_url", Text)],
    identity: &["name", "title"],
};

/// Every kind, in the order in which they are shown.
pub const DOCUMENT_KINDS: &[DocumentKind] = &[
    kind(
        "growth",
        &[Company],
        &[
            may("headcount", Count),
            may("headcount_growth_6m", Number),
            may("headcount_growth_12m", Number),
            may("revenue_growth_12m", Number),
            may("as_of", Date),
            may(
                "history",
                List {
                    fields: &[must("date", Date), may("headcount", Count), may("revenue", Amount)],
                    identity: &["date"],
                },
            ),
        ],
    ),
    kind(
        "funding_rounds",
        &[Company],
        &[
            must(
                "rounds",
                List {
                    fields: &[
                        must("type", Text),
                        may("announced_on", Date),
                        may("amount", Amount),
                        may("currency", Currency),
                        may("valuation", Amount),
                        may("investors", Texts),
                        may("lead_investors", Texts),
                        may("url", Text),
                    ],
                    identity: &["announced_on", "type"],
                },
            ),
            may("total_raised", Amount),
            may("currency", Currency),
            may("stage", Text),
        ],
    ),
    kind(
        "acquisitions",
        &[Company],
        &[
            may(
                "acquisitions",
                List {
                    fields: &[
                        must("name", Text),
                        may("domain", Text),
                        may("announced_on", Date),
                        may("price", Amount),
                        may("currency", Currency),
                    ],
                    identity: &["announced_on", "name"],
                },
            ),
            may(
                "acquired_by",
                Object(&[
                    must("name", Text),
                    may("domain", Text),
                    may("announced_on", Date),
                    may("price", Amount),
                    may("currency", Currency),
                ]),
            ),
        ],
    ),
    kind(
        "reviews",
        &[Company],
        &[
            may("employer", Object(SCORE)),
            may("product", Object(SCORE)),
            may(
                "items",
                List {
                    fields: &[
                        may("date", Date),
                        may("title", Text),
                        may("text", Text),
                        may("rating", Number),
                        may("is_current_employee", Flag),
                    ],
                    identity: &["date", "title"],
                },
            ),
        ],
    ),
    DocumentKind {
        name: "ai_analysis",
        entities: &[Company, Person],
        is_analysis: true,
        fields: &[
            must("summary", Text),
            may("strengths", Texts),
            may("risks", Texts),
            may("opportunities", Texts),
            may("recommendation", Text),
            may(
                "signals",
                List {
                    fields: &[must("signal", Text), may("type", Text), may("confidence", Share)],
                    identity: &["signal"],
                },
            ),
        ],
    },
    kind(
        "network",
        &[Company, Person],
        &[
            may("followers", Count),
            may("connections", Count),
            may("competitors", OTHER_COMPANY),
            may("partners", OTHER_COMPANY),
            may("customers", OTHER_COMPANY),
            may("investors", OTHER_COMPANY),
            may("colleagues", OTHER_PERSON),
            may("reports_to", Object(&[must("name", Text), may("title", Text), may("linkedin_url", Text)])),
        ],
    ),
    kind(
        "salary",
        &[Company, Person],
        &[
            must("currency", Currency),
            may("period", Text),
            may("minimum", Amount),
            may("median", Amount),
            may("maximum", Amount),
            may(
                "projections",
                List {
                    fields: &[
                        must("title", Text),
                        may("location", Text),
                        may("minimum", Amount),
                        may("median", Amount),
                        may("maximum", Amount),
                    ],
                    identity: &["title", "location"],
                },
            ),
        ],
    ),
    kind("executive_changes", &[Company], &[may("arrivals", OTHER_PERSON), may("departures", OTHER_PERSON)]),
    kind(
        "hiring",
        &[Company],
        &[
            may("active_postings", Count),
            may("change_30d", Number),
            may("as_of", Date),
            may(
                "postings",
                List {
                    fields: &[
                        must("title", Text),
                        may("location", Text),
                        may("posted_on", Date),
                        may("url", Text),
                    ],
                    identity: &["posted_on", "title", "location"],
                },
            ),
        ],
    ),
    kind(
        "career",
        &[Person],
        &[
            may(
                "roles",
                List {
                    fields: &[
                        must("title", Text),
                        may("company", Text),
                        may("domain", Text),
                        may("from", Date),
                        may("to", Date),
                    ],
                    identity: &["company", "title", "from"],
                },
            ),
            may(
                "degrees",
                List {
                    fields: &[
                        must("school", Text),
                        may("degree", Text),
                        may("field", Text),
                        may("year", Count),
                    ],
                    identity: &["school", "degree"],
                },
            ),
        ],
    ),
];

impl DocumentKind {
    /// The kind of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<&'static DocumentKind> {
        DOCUMENT_KINDS.iter().find(|kind| kind.name == name)
    }

    /// Those that may speak of a company, or of a person.
    pub fn of(entity: EntityKind) -> impl Iterator<Item = &'static DocumentKind> {
        DOCUMENT_KINDS.iter().filter(move |kind| kind.entities.contains(&entity))
    }

    /// What names the elements of the list under `key`, where it is a list of objects.
    pub(crate) fn identity(&self, key: &str) -> Option<&'static [&'static str]> {
        self.fields.iter().find(|field| field.name == key).and_then(|field| match field.shape {
            List { identity, .. } => Some(identity),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_names_an_element_is_one_of_its_fields() {
        for kind in DOCUMENT_KINDS {
            assert!(!kind.entities.is_empty() && !kind.fields.is_empty(), "{}", kind.name);
            for field in kind.fields {
                let List { fields, identity } = field.shape else { continue };
                assert!(!identity.is_empty());
                for name in identity {
                    assert!(
                        fields.iter().any(|field| field.name == *name),
                        "{}.{}.{name}",
                        kind.name,
                        field.name
                    );
                }
            }
        }
        assert_eq!(DocumentKind::from_name("salary").unwrap().entities.len(), 2);
        assert!(DocumentKind::from_name("horoscope").is_none());
    }

    #[test]
    fn the_columns_of_the_tables_are_those_of_the_kinds() {
        for entity in [Company, Person] {
            let kinds: Vec<&str> = DocumentKind::of(entity).map(|kind| kind.name).collect();
            assert_eq!(kinds, firmograph_store::document_columns(entity));
        }
    }
}
