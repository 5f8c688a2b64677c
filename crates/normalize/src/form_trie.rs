//! Folded words as a trie: a text that is none of them leaves it after a letter or two, without a copy or a hash of it.

use std::collections::BTreeMap;

/// What is known of the letters that lead to a place of the trie.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Mark {
    /// The place of the word in the caller's list, where the letters are one.
    pub(crate) word: Option<u16>,
    /// Most words of a form that ends in these letters as its last word; 0 where none does.
    pub(crate) most_words: u8,
}

/// A trie of words of `a` to `z`, digits, `&` and letters of other scripts, as a double array: the place behind a step is a sum, and
/// holds where it is reached from.
pub(crate) struct Trie {
    places: Vec<Place>,
}

#[derive(Clone, Copy)]
struct Place {
    /// The place before this one; [`NOWHERE`] where it is free.
    from: u16,
    /// Added to a step, the place behind it.
    base: u16,
    mark: Mark,
}

/// The place where every text starts.
pub(crate) const ROOT: u16 = 0;

const NOWHERE: u16 = u16::MAX;

impl Trie {
    /// Words by their bytes, in the order in which they will be read.
    pub(crate) fn new(words: &BTreeMap<Vec<u8>, Mark>) -> Trie {
        let mut children = vec![BTreeMap::<u16, usize>::new()];
        let mut marks = vec![Mark::default()];
        for (word, mark) in words {
            let mut at = 0;
            for step in word.iter().flat_map(|&byte| steps_of(byte)).flatten() {
                let next = marks.len();
                at = *children[at].entry(step).or_insert(next);
                if at == next {
                    children.push(BTreeMap::new());
                    marks.push(Mark::default());
                }
            }
            marks[at] = *mark;
        }
        let free = Place { from: NOWHERE, base: 0, mark: Mark::default() };
        let mut places = vec![Place { mark: marks[0], ..free }];
        // A place is taken from here on; those before it are not free.
        let mut first_free = 1;
        let mut open = vec![(ROOT, 0)];
        while let Some((at, node)) = open.pop() {
            let Some(lowest) = children[node].keys().next().copied() else { continue };
            let is_free = |places: &[Place], place: usize| {
                place > 0 && places.get(place).is_none_or(|place| place.from == NOWHERE)
            };
            while !is_free(&places, first_free) {
                first_free += 1;
            }
            let mut base = first_free.saturating_sub(usize::from(lowest));
            while !children[node].keys().all(|&step| is_free(&places, base + usize::from(step))) {
                base += 1;
            }
            places[usize::from(at)].base = base as u16;
            for (&step, &child) in &children[node] {
                let place = base + usize::from(step);
                if places.len() <= place {
                    places.resize(place + 1, free);
                }
                places[place] = Place { from: at, base: 0, mark: marks[child] };
                open.push((place as u16, child));
            }
        }
        Trie { places }
    }

    /// The place behind a folded byte.
    #[inline]
    pub(crate) fn step(&self, at: u16, byte: u8) -> Option<u16> {
        if byte.is_ascii_lowercase() {
            return self.go(at, u16::from(byte - b'a'));
        }
        let [first, second] = steps_of(byte);
        let next = self.go(at, first?)?;
        second.map_or(Some(next), |second| self.go(next, second))
    }

    /// The place behind a step of [`ASCII_STEPS`].
    #[inline]
    pub(crate) fn step_ascii(&self, at: u16, step: u8) -> Option<u16> {
        self.go(at, u16::from(step))
    }

    #[inline]
    fn go(&self, at: u16, step: u16) -> Option<u16> {
        let next = self.places[usize::from(at)].base + step;
        self.places.get(usize::from(next)).is_some_and(|place| place.from == at).then_some(next)
    }

    pub(crate) fn mark(&self, at: u16) -> Mark {
        self.places[usize::from(at)].mark
    }

    /// The mark of a whole word.
    pub(crate) fn get(&self, mut word: impl Iterator<Item = u8>) -> Mark {
        word.try_fold(ROOT, |at, byte| self.step(at, byte)).map_or(Mark::default(), |at| self.mark(at))
    }
}

/// What a byte of a text is to a trie of folded words: the step of a letter in either case, a digit or `&`, else one of the three
/// below.
pub(crate) static ASCII_STEPS: [u8; 256] = {
    let mut steps = [IS_SIGN; 256];
    let mut c = 0;
    while c < 256 {
        let byte = c as u8;
        steps[c] = match byte {
            b'a'..=b'z' => byte - b'a',
            b'A'..=b'Z' => byte - b'A',
            b'0'..=b'9' => 26 + byte - b'0',
            b'&' => 36,
            // A comma parts a form from the name as a blank does: `Acme,Inc`.
            b' ' | b',' => PARTS_WORDS,
            0x80.. => IS_BEYOND_ASCII,
            _ => IS_SIGN,
        };
        c += 1;
    }
    steps
};
pub(crate) const PARTS_WORDS: u8 = 253;
pub(crate) const IS_SIGN: u8 = 254;
pub(crate) const IS_BEYOND_ASCII: u8 = 255;

/// The steps of a folded byte: one of 61. A byte of another script takes two, one for each half.
fn steps_of(byte: u8) -> [Option<u16>; 2] {
    let step = match byte {
        b'a'..=b'z' => byte - b'a',
        b'0'..=b'9' => 26 + byte - b'0',
        b'&' => 36,
        0x80.. => return [Some(37 + u16::from(byte >> 4 & 7)), Some(45 + u16::from(byte & 15))],
        _ => return [None; 2],
    };
    [Some(u16::from(step)), None]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_and_their_parts_are_not() {
        let words = ["gmbh", "gmbh&cokg", "ооо", "株式会社", "株"];
        let marks = |at| Mark { word: Some(at), most_words: 1 };
        let trie = Trie::new(
            &words.iter().zip(0..).map(|(word, at)| (word.as_bytes().to_vec(), marks(at))).collect(),
        );
        for (word, at) in words.iter().zip(0..) {
            assert_eq!(trie.get(word.bytes()).word, Some(at), "{word}");
        }
        for word in ["", "g", "gmb", "gmbh&", "gmbhs", "оо", "株式", "gm-bh", "GMBH"] {
            assert_eq!(trie.get(word.bytes()).word, None, "{word}");
        }
    }
}
