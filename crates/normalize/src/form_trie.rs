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

#[derive(Default)]
struct Node {
    /// Bit n: step n leads on.
    steps: u64,
    /// Where the places behind its steps start in `behind`.
    first: u32,
    mark: Mark,
}

/// A trie of words of `a` to `z`, digits, `&` and letters of other scripts.
pub(crate) struct Trie {
    nodes: Vec<Node>,
    behind: Vec<u16>,
}

/// The place where every text starts.
pub(crate) const ROOT: u16 = 0;

impl Trie {
    /// Words by their bytes, in the order in which they will be read.
    pub(crate) fn new(words: &BTreeMap<Vec<u8>, Mark>) -> Trie {
        let mut children = vec![BTreeMap::<u32, u16>::new()];
        let mut marks = vec![Mark::default()];
        for (word, mark) in words {
            let mut at = ROOT;
            for step in word.iter().flat_map(|&byte| steps_of(byte)).flatten() {
                let next = marks.len() as u16;
                at = *children[usize::from(at)].entry(step).or_insert(next);
                if at == next {
                    children.push(BTreeMap::new());
                    marks.push(Mark::default());
                }
            }
            marks[usize::from(at)] = *mark;
        }
        let (mut nodes, mut behind) = (Vec::with_capacity(marks.len()), Vec::with_capacity(marks.len()));
        for (children, mark) in children.into_iter().zip(marks) {
            let steps = children.keys().fold(0, |steps, step| steps | 1 << step);
            nodes.push(Node { steps, first: behind.len() as u32, mark });
            behind.extend(children.into_values());
        }
        Trie { nodes, behind }
    }

    /// The place behind a folded byte.
    #[inline]
    pub(crate) fn step(&self, at: u16, byte: u8) -> Option<u16> {
        if byte.is_ascii_lowercase() {
            return self.go(at, u32::from(byte - b'a'));
        }
        let [first, second] = steps_of(byte);
        let next = self.go(at, first?)?;
        second.map_or(Some(next), |second| self.go(next, second))
    }

    #[inline]
    fn go(&self, at: u16, step: u32) -> Option<u16> {
        let node = &self.nodes[usize::from(at)];
        if node.steps >> step & 1 == 0 {
            return None;
        }
        let before = node.steps & ((1 << step) - 1);
        Some(self.behind[node.first as usize + before.count_ones() as usize])
    }

    pub(crate) fn mark(&self, at: u16) -> Mark {
        self.nodes[usize::from(at)].mark
    }

    /// The mark of a whole word.
    pub(crate) fn get(&self, mut word: impl Iterator<Item = u8>) -> Mark {
        word.try_fold(ROOT, |at, byte| self.step(at, byte)).map_or(Mark::default(), |at| self.mark(at))
    }
}

/// The steps of a folded byte: one of 61. A byte of another script takes two, one for each half.
fn steps_of(byte: u8) -> [Option<u32>; 2] {
    let step = match byte {
        b'a'..=b'z' => byte - b'a',
        b'0'..=b'9' => 26 + byte - b'0',
        b'&' => 36,
        0x80.. => return [Some(37 + u32::from(byte >> 4 & 7)), Some(45 + u32::from(byte & 15))],
        _ => return [None; 2],
    };
    [Some(u32::from(step)), None]
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
