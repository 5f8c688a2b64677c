//! What is known of each field: who said it, who agrees, whether it is valid, how far its source is trusted.

use super::table::{Compare, QualityField, TABLE, place, quality_fields};
use super::{Day, FieldQuality, Quality, freshness};
use crate::{
    Attribute, Dimension, EntityKind, GoldenRow, Priorities, Scalar, Source, Timestamp, coalesce,
    golden::given_for, golden_columns,
};
use std::borrow::{Borrow, Cow};

/// What a mailbox is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mailbox {
    /// Its registrable domain.
    pub domain: Option<String>,
    /// Whether it is that of a function (`info@`).
    pub is_role: bool,
    /// Whether anybody can have one there.
    pub is_free_mail: bool,
    /// Whether it is thrown away after use.
    pub is_disposable: bool,
}

/// What texts mean, which only normalisers know.
pub trait Meaning {
    /// Whether the text says only that there is no value.
    fn is_placeholder(&self, text: &str) -> bool;
    /// The registrable domain of a web address; none where it is no address.
    fn site(&self, website: &str) -> Option<String>;
    /// What an e-mail address is; none where it is none.
    fn mailbox(&self, email: &str) -> Option<Mailbox>;
    /// The key that a company's key counts for.
    fn company<'k>(&'k self, key: &'k str) -> &'k str;
}

/// With what a record is scored.
#[derive(Clone, Copy)]
pub struct Scoring<'s> {
    /// Who is believed first.
    pub priorities: &'s Priorities,
    /// What texts mean.
    pub meaning: &'s dyn Meaning,
    /// The day against which ages are told.
    pub as_of: Day,
}

/// Scores one golden record. `rows` are its dimension rows of all sources and attributes, in any order.
#[must_use]
pub fn quality<D: Borrow<Dimension>>(
    kind: EntityKind,
    rows: &[D],
    golden: &GoldenRow,
    with: Scoring<'_>,
) -> Quality {
    let judge = Judge { golden, with, spoken: spoken(kind, rows, with.priorities) };
    let fields: Vec<_> = quality_fields(kind).iter().map(|field| judge.field(field)).collect();
    let mut sources: Vec<&Source> = rows.iter().map(|row| row.borrow().source()).collect();
    sources.sort_unstable();
    sources.dedup();
    let winners = quality_fields(kind).iter().zip(&fields).filter(|(_, found)| found.is_some());
    let seen = winners.filter_map(|(field, _)| judge.said(field)?.0.first().observed_at);
    let verified_at: Option<Timestamp> = seen.max();
    let email = quality_fields(kind).iter().position(|field| field.name == "email");
    let email = email.and_then(|index| fields[index].as_ref());
    let email_sources = email.map_or(0, |found| i64::from(found.by.is_some()) + found.agree.len() as i64);
    let quality = Quality {
        kind,
        as_of: with.as_of,
        score: 0,
        parts: [0; 5],
        completeness: 0,
        grade: "",
        attributes: Vec::new(),
        email_grade: match kind {
            EntityKind::Company => None,
            EntityKind::Person => judge.email_grade(email_sources),
        },
        phone_score: judge.phone_score(kind),
        verified_at,
        sources: sources.into_iter().cloned().collect(),
        fields,
    };
    quality.total()
}

/// The rows about each attribute, the winner first, then the others from the best on.
fn spoken<'r, D: Borrow<Dimension>>(
    kind: EntityKind,
    rows: &'r [D],
    priorities: &Priorities,
) -> Vec<(Attribute, Vec<&'r Dimension>)> {
    let about = |attribute| {
        let found = coalesce(rows, attribute, priorities)?;
        let order = std::iter::once(found.winner).chain(found.losers.iter().map(|loss| loss.index));
        Some((attribute, order.map(|index| rows[index].borrow()).collect()))
    };
    Attribute::of(kind).filter_map(about).collect()
}

struct Judge<'j> {
    golden: &'j GoldenRow,
    with: Scoring<'j>,
    spoken: Vec<(Attribute, Vec<&'j Dimension>)>,
}

impl<'j> Judge<'j> {
    fn rows(&self, attribute: Attribute) -> &[&'j Dimension] {
        self.spoken.iter().find(|(of, _)| *of == attribute).map_or(&[], |(_, rows)| rows)
    }

    /// The row whose value a field shows, with the others about its attribute, as the golden record was filled. None where the record
    /// shows what no source gives: a row of another program keeps its own address.
    fn said(
        &self,
        field: &QualityField,
    ) -> Option<(&'j Dimension, impl Iterator<Item = &'j Dimension> + use<'_, 'j>)> {
        let rows = self.rows(field.attribute);
        let mut speaking = rows.iter().take(if field.attribute.has_single_parts() { rows.len() } else { 1 });
        let place = speaking.position(|row| self.gives(row, field))?;
        let others = rows.iter().enumerate().filter(move |(index, _)| *index != place).map(|(_, row)| *row);
        Some((rows[place], others))
    }

    /// The golden values of a field, by column; a placeholder is nothing.
    fn shown(&self, field: &QualityField) -> impl Iterator<Item = (usize, &Scalar)> {
        let values = field.golden.iter().filter_map(|&index| Some((index, self.golden.values.get(index)?)));
        values.filter(|(_, value)| match value {
            Scalar::Null => false,
            Scalar::Int(_) => true,
            Scalar::Text(text) => !self.with.meaning.is_placeholder(text),
        })
    }

    /// Whether the golden record says something.
    fn is_there(&self, field: &QualityField) -> bool {
        self.shown(field).next().is_some()
    }

    /// Whether the golden record shows what `row` gives.
    fn gives(&self, row: &Dimension, field: &QualityField) -> bool {
        self.shown(field).any(|(index, shown)| {
            let is_given = match (given_for(field.kind, index, row), shown) {
                // An id says nothing of the key.
                (given, _) if field.attribute == Attribute::PersonCompany => given != Scalar::Null,
                (Scalar::Text(given), Scalar::Text(shown)) => {
                    given == *shown || folded(&given) == folded(shown)
                }
                (given, shown) => given == *shown,
            };
            // Where another program finds its row by an address, this stays as it was written.
            let is_kept = || match (raw_text(field, row), shown) {
                (Some(raw), Scalar::Text(shown)) => row.source().is_legacy() && folded(raw) == folded(shown),
                _ => false,
            };
            is_given || is_kept()
        })
    }

    fn field(&self, field: &QualityField) -> Option<FieldQuality> {
        if !self.is_there(field) {
            return None;
        }
        let mut found =
            FieldQuality { by: None, day: None, agree: Vec::new(), differ: Vec::new(), parts: [0; 5] };
        let mut percents = [100, 0, 0, 0, 0];
        if let Some((row, others)) = self.said(field) {
            found.by = Some(row.source().clone());
            found.day = row.first().observed_at.map(Day::of);
            self.compare(field, row, others, &mut found);
            let is_pin = row.source().is_pin();
            percents[1] = 100 * i64::from(self.is_valid(field, row));
            percents[2] = match (found.agree.len() as i64, found.differ.len() as i64) {
                _ if is_pin => TABLE.agreement_pinned,
                _ if field.compare == Compare::None => TABLE.not_compared,
                (0, 0) => TABLE.alone,
                (agree, differ) => 100 * agree / (agree + differ),
            };
            percents[3] = freshness(&found, self.with.as_of);
            percents[4] = self.trust(field, row.source());
        }
        for ((part, percent), weight) in found.parts.iter_mut().zip(percents).zip(TABLE.parts) {
            *part = percent * weight;
        }
        Some(found)
    }

    fn is_valid(&self, field: &QualityField, row: &Dimension) -> bool {
        match &field.compare {
            _ if !field.matched.is_empty() => {
                field.matched.iter().any(|&index| *standard(row, index) != Scalar::Null)
            }
            Compare::Site => self.site(field, row).is_some(),
            // Nothing to hold it against.
            _ => true,
        }
    }

    fn trust(&self, field: &QualityField, source: &Source) -> i64 {
        if source.is_pin() {
            return TABLE.trust_pinned;
        }
        match self.with.priorities.rank(field.attribute, source) {
            Some(rank) => TABLE.ranks.get(rank).copied().unwrap_or(TABLE.listed),
            None => TABLE.unlisted,
        }
    }

    /// Who of `others` says what `row` says, and who something else. A source that does not speak of it, or not so that it is
    /// understood, says neither.
    fn compare(
        &self,
        field: &QualityField,
        row: &Dimension,
        others: impl Iterator<Item = &'j Dimension>,
        found: &mut FieldQuality,
    ) {
        let mut said = None;
        for other in others {
            let mine = said.get_or_insert_with(|| self.comparable(field, row, None));
            let Some((by, mine)) = mine else { return };
            let Some((_, theirs)) = self.comparable(field, other, Some(by)) else { continue };
            let list = if *mine == theirs { &mut found.agree } else { &mut found.differ };
            list.push(other.source().clone());
        }
        found.agree.sort_unstable();
        found.differ.sort_unstable();
    }

    /// What is held against others, and by what: that of the row before, where one is given.
    fn comparable(&self, field: &QualityField, row: &Dimension, by: Option<&By>) -> Option<(By, String)> {
        let matched = |index: usize| match standard(row, index) {
            Scalar::Null => None,
            Scalar::Int(number) => Some(number.to_string()),
            Scalar::Text(key) if field.attribute == Attribute::PersonCompany => {
                Some(self.with.meaning.company(key).to_owned())
            }
            Scalar::Text(text) => Some(text.to_lowercase()),
        };
        let raw = || Some((By::Raw, folded(raw_text(field, row)?)));
        match (&field.compare, by) {
            (Compare::None, _) => None,
            (Compare::Site, _) => Some((By::Site, self.site(field, row)?)),
            (Compare::Raw, _) | (_, Some(By::Raw)) => raw(),
            (_, Some(&By::Matched(index))) => Some((By::Matched(index), matched(index)?)),
            (Compare::Matched(columns), _) => {
                let known = columns.iter().find_map(|&index| Some((By::Matched(index), matched(index)?)));
                known.or_else(raw)
            }
        }
    }

    fn site(&self, field: &QualityField, row: &Dimension) -> Option<String> {
        self.with.meaning.site(raw_text(field, row)?)
    }

    fn golden(&self, kind: EntityKind, name: &str) -> Option<&str> {
        let index = golden_columns(kind).iter().position(|column| column.name == name)?;
        let text = self.golden.values.get(index)?.as_text()?;
        (!self.with.meaning.is_placeholder(text)).then_some(text)
    }

    /// By the first condition that holds; `sources` say the address.
    fn email_grade(&self, sources: i64) -> Option<&'static str> {
        let address = self.golden(EntityKind::Person, "email")?;
        let mailbox = self.with.meaning.mailbox(address);
        let company = self.rows(Attribute::PersonCompany).first().map(|row| standard(row, 0));
        let company = company.and_then(|key| key.as_text()).map(|key| self.with.meaning.company(key));
        let holds = |condition: &str| match &mailbox {
            None => condition == "invalid",
            Some(mailbox) => match condition {
                "disposable" => mailbox.is_disposable,
                "role" => mailbox.is_role,
                // At a domain that is joined to the company's, too.
                "own_domain" => {
                    let domain = mailbox.domain.as_deref();
                    domain.is_some() && domain.map(|domain| self.with.meaning.company(domain)) == company
                }
                "free_mail" => mailbox.is_free_mail,
                "other_domain" => true,
                _ => false,
            },
        };
        let mut rows = TABLE.email.iter();
        rows.find(|(condition, least, _)| sources >= *least && holds(condition)).map(|(_, _, grade)| *grade)
    }

    /// The standard form of the number `shown`, which some source gives so or in this very writing: a number that can be dialled.
    fn dialled(&self, attribute: Attribute, name: &str, shown: Option<&str>) -> Option<&str> {
        let (index, part, shown) = (attribute.matched(name)?, attribute.part(name)?, shown?);
        self.rows(attribute).iter().find_map(|row| {
            let number = standard(row, index).as_text()?;
            (number == shown || row.raw().part(part) == Some(shown)).then_some(number)
        })
    }

    /// Whether two sources give this number, as whatever kind of number.
    fn is_agreed(&self, attribute: Attribute, number: &str) -> bool {
        let columns = ["phone", "mobile_phone"].map(|name| attribute.matched(name));
        let gives = |row: &Dimension| {
            columns.iter().flatten().any(|&index| standard(row, index).as_text() == Some(number))
        };
        self.rows(attribute).iter().filter(|row| gives(row)).count() > 1
    }

    /// The points of every condition that holds.
    fn phone_score(&self, kind: EntityKind) -> Option<i64> {
        let attribute = match kind {
            EntityKind::Company => Attribute::CompanyContact,
            EntityKind::Person => Attribute::PersonContact,
        };
        let [phone, mobile] = ["phone", "mobilePhone"].map(|column| self.golden(kind, column));
        if phone.is_none() && mobile.is_none() {
            return None;
        }
        let (phone, mobile) =
            (self.dialled(attribute, "phone", phone), self.dialled(attribute, "mobile_phone", mobile));
        let is_valid = phone.is_some() || mobile.is_some();
        let holds = |condition: &str| match condition {
            "valid" => is_valid,
            "phone" => phone.is_some(),
            "mobile_phone" => mobile.is_some(),
            "agreed" => [phone, mobile].into_iter().flatten().any(|number| self.is_agreed(attribute, number)),
            "two" => phone.is_some() && mobile.is_some() && phone != mobile,
            _ => false,
        };
        let points = TABLE.phone[place(kind)].iter().filter(|(condition, _)| holds(condition));
        Some(points.map(|(_, points)| points).sum::<i64>().min(100))
    }
}

/// By what two rows are held against each other.
enum By {
    Matched(usize),
    Raw,
    Site,
}

fn standard(row: &Dimension, index: usize) -> &Scalar {
    const NULL: &Scalar = &Scalar::Null;
    row.matched().and_then(|value| value.columns.get(index)).unwrap_or(NULL)
}

/// The first part that has more than blanks.
fn raw_text<'r>(field: &QualityField, row: &'r Dimension) -> Option<&'r str> {
    field.raw.iter().filter_map(|&index| row.raw().part(index)).find(|text| !text.trim().is_empty())
}

/// Without regard to case and blanks.
fn folded(text: &str) -> String {
    let words: Vec<Cow<'_, str>> =
        text.split_whitespace().map(|word| Cow::Owned(word.to_lowercase())).collect();
    words.join(" ")
}
