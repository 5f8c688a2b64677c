use ahash::RandomState;

/// What a call remembers at once: a column repeats its values, and most of its repeats stand near each other.
const SLOTS: usize = 1024;

/// After so many values, remembering goes on only if it has helped.
const TRIAL: u32 = 4096;

/// Results of values met before, each in the slot of its hash. A later value takes the slot of an earlier one.
pub(super) struct Memory<'a, T> {
    slots: Vec<Option<(Key<'a>, T)>>,
    hasher: RandomState,
    asked: u32,
    helped: u32,
    /// The result of a value that is not remembered.
    passing: Option<T>,
}

/// A text, and what stands beside it.
type Key<'a> = (&'a str, Option<&'a str>);

impl<'a, T> Memory<'a, T> {
    pub(super) fn new() -> Self {
        let slots = std::iter::repeat_with(|| None).take(SLOTS).collect();
        Memory { slots, hasher: RandomState::new(), asked: 0, helped: 0, passing: None }
    }

    /// The result of `key`, which `make` finds where it is not remembered.
    pub(super) fn get(&mut self, key: Key<'a>, make: impl FnOnce() -> T) -> &T {
        // One in sixteen pays for the keeping of the others.
        if self.asked >= TRIAL && self.helped < TRIAL / 16 {
            return self.passing.insert(make());
        }
        let place = self.hasher.hash_one(key) as usize % SLOTS;
        let slot = &mut self.slots[place];
        let known = slot.as_ref().is_some_and(|(known, _)| *known == key);
        if self.asked < TRIAL {
            self.asked += 1;
            self.helped += u32::from(known);
        }
        if !known {
            *slot = None;
        }
        &slot.get_or_insert_with(|| (key, make())).1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_made_once_while_it_is_remembered() {
        let mut memory = Memory::new();
        let mut made = 0;
        for _ in 0..5000 {
            assert_eq!(
                *memory.get(("a", Some("b")), || {
                    made += 1;
                    7
                }),
                7
            );
        }
        assert_eq!(made, 1);
        assert_eq!(*memory.get(("a", None), || 8), 8);
    }

    #[test]
    fn values_that_never_repeat_are_not_kept_for_long() {
        let texts: Vec<String> = (0..10_000).map(|number| number.to_string()).collect();
        let mut memory = Memory::new();
        for text in &texts {
            assert_eq!(memory.get((text, None), || text.len()), &text.len());
        }
        let mut made = 0;
        for _ in 0..3 {
            memory.get((&texts[0], None), || {
                made += 1;
                0
            });
        }
        assert_eq!(made, 3);
    }
}
