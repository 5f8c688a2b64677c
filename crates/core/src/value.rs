use crate::{Evidence, MAX_PARTS};
use std::cmp::Ordering;

/// A raw value of one attribute: the text of each of its parts exactly as given, `None` where a part is absent.
///
/// The parts are those of [`crate::AttributeSpec::parts`]; a value never has more than [`MAX_PARTS`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RawValue {
    text: Box<str>,
    ends: [u32; MAX_PARTS],
}

impl RawValue {
    /// A raw value of the given parts; empty text counts as absent, parts beyond [`MAX_PARTS`] are not read.
    pub fn new<'a>(parts: impl IntoIterator<Item = Option<&'a str>>) -> Self {
        let mut given = [""; MAX_PARTS];
        for (slot, part) in given.iter_mut().zip(parts) {
            *slot = part.unwrap_or("");
        }
        let mut ends = [0; MAX_PARTS];
        let mut length = 0;
        for (end, part) in ends.iter_mut().zip(given) {
            length += part.len();
            *end = length as u32;
        }
        // One allocation of the right size: a batch makes millions of these.
        let text = match given {
            [only, ..] if only.len() == length => only.into(),
            parts => {
                let mut text = String::with_capacity(length);
                parts.iter().for_each(|part| text.push_str(part));
                text.into()
            }
        };
        RawValue { text, ends }
    }

    /// The text of part `index`.
    #[must_use]
    pub fn part(&self, index: usize) -> Option<&str> {
        let start = if index == 0 { 0 } else { self.ends[index - 1] as usize };
        let end = self.ends[index] as usize;
        (start < end).then(|| &self.text[start..end])
    }

    /// The first `count` parts.
    pub fn parts(&self, count: usize) -> impl Iterator<Item = Option<&str>> {
        (0..count).map(|index| self.part(index))
    }

    /// How many parts have text.
    #[must_use]
    pub fn filled(&self) -> usize {
        (0..MAX_PARTS).filter(|&index| self.part(index).is_some()).count()
    }

    /// Whether no part has text.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.text.is_empty()
    }

    /// Bytes of text over all parts.
    #[must_use]
    pub fn text_len(&self) -> usize {
        self.text.len()
    }
}

impl Ord for RawValue {
    fn cmp(&self, other: &Self) -> Ordering {
        self.text.cmp(&other.text).then_with(|| self.ends.cmp(&other.ends))
    }
}

impl PartialOrd for RawValue {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// One cell of a matched value or a golden row.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub enum Scalar {
    /// Not known.
    #[default]
    Null,
    /// A whole number: people, dollars, a level.
    Int(i64),
    /// Text.
    Text(Box<str>),
}

impl Scalar {
    /// Text, or [`Scalar::Null`] for `None`.
    #[must_use]
    pub fn text(text: Option<&str>) -> Self {
        text.map_or(Scalar::Null, |text| Scalar::Text(text.into()))
    }

    /// A whole number, or [`Scalar::Null`] for `None`.
    #[must_use]
    pub fn int(number: Option<i64>) -> Self {
        number.map_or(Scalar::Null, Scalar::Int)
    }

    /// This, or what `other` gives where this is nothing.
    #[must_use]
    pub fn or(self, other: impl FnOnce() -> Scalar) -> Scalar {
        match self {
            Scalar::Null => other(),
            known => known,
        }
    }

    /// The text of [`Scalar::Text`].
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Scalar::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number of [`Scalar::Int`].
    #[must_use]
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Scalar::Int(number) => Some(*number),
            _ => None,
        }
    }
}

/// The standard value of an attribute, column by column ([`crate::AttributeSpec::matched`]), with its evidence.
#[derive(Debug, Clone, PartialEq)]
pub struct MatchedValue {
    /// One scalar for each matched column.
    pub columns: Vec<Scalar>,
    /// How it was matched.
    pub evidence: Evidence,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_come_back_as_given() {
        let raw = RawValue::new([Some("a"), None, Some("cc"), Some("")]);
        assert_eq!(raw.parts(4).collect::<Vec<_>>(), [Some("a"), None, Some("cc"), None]);
        assert_eq!(raw.filled(), 2);
        assert_ne!(raw, RawValue::new([Some("ac"), None, Some("c")]));
        assert!(RawValue::new([None, None]).is_blank());
    }
}
