use ahash::RandomState;

/// Slots of the largest table, and a share of the rows of the longest piece that lets values find a slot near their own.
const SLOTS: usize = 131_072;

/// A value looks for its slot in so many, one beside the other; one that finds none is new each time it comes.
const PROBES: usize = 8;

/// After so many values, looking for repeats goes on only if one in sixteen was one: those pay for the rest. A list that is
/// gone through again and again repeats nothing before its end, so a trial is half of the longest piece.
const TRIAL: u32 = 32_768;

/// Which rows of a piece repeat an earlier one.
///
/// A column of titles, places or domains says the same things again and again. The results of what it says are found and built
/// once, and the rows are filled from those.
pub(super) struct Repeats {
    /// Each the number of a distinct value, one up; 0 where the slot is free.
    slots: Vec<u32>,
    /// For each distinct value, the first row that had it.
    first: Vec<u32>,
    /// For each row, the number of its value.
    places: Vec<u32>,
    hasher: RandomState,
    asked: u32,
    helped: u32,
}

impl Repeats {
    /// Of a piece of so many rows, which are fewer than 2^32.
    pub(super) fn new(rows: usize) -> Self {
        Repeats {
            slots: vec![0; (2 * rows).next_power_of_two().min(SLOTS)],
            first: Vec::with_capacity(rows),
            places: Vec::with_capacity(rows),
            hasher: RandomState::new(),
            asked: 0,
            helped: 0,
        }
    }

    /// Takes the next row: whether its value is new. `key` gives the value of a row.
    pub(super) fn is_new<K: std::hash::Hash + PartialEq>(&mut self, key: impl Fn(usize) -> K) -> bool {
        let (row, number) = (self.places.len(), self.first.len() as u32);
        let known = if self.asked < TRIAL || self.helped >= TRIAL / 16 {
            self.find(&key(row), number, &key)
        } else {
            None
        };
        self.places.push(known.unwrap_or(number));
        if known.is_none() {
            self.first.push(row as u32);
        }
        known.is_none()
    }

    /// The number of a value that was met; one that was not gets `number` if there is a slot for it.
    fn find<K: std::hash::Hash + PartialEq>(
        &mut self,
        wanted: &K,
        number: u32,
        key: impl Fn(usize) -> K,
    ) -> Option<u32> {
        let start = self.hasher.hash_one(wanted) as usize;
        let mask = self.slots.len() - 1;
        let mut found = None;
        for probe in 0..PROBES {
            let slot = &mut self.slots[(start.wrapping_add(probe)) & mask];
            let Some(known) = slot.checked_sub(1) else {
                *slot = number + 1;
                break;
            };
            if key(self.first[known as usize] as usize) == *wanted {
                found = Some(known);
                break;
            }
        }
        if self.asked < TRIAL {
            self.asked += 1;
            self.helped += u32::from(found.is_some());
        }
        found
    }

    /// For each row the number of its value, counted from 0 in the order of their coming; `None` where no row repeats one.
    pub(super) fn finish(self) -> Option<Vec<u32>> {
        (self.first.len() < self.places.len()).then_some(self.places)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(texts: &[&str]) -> (Vec<bool>, Option<Vec<u32>>) {
        let mut repeats = Repeats::new(texts.len());
        let new = texts.iter().map(|_| repeats.is_new(|row| texts[row])).collect();
        (new, repeats.finish())
    }

    #[test]
    fn a_row_is_filled_from_the_first_that_said_the_same() {
        let (new, places) = places(&["a", "b", "a", "", "b", ""]);
        assert_eq!(new, [true, true, false, true, false, false]);
        assert_eq!(places.unwrap(), [0, 1, 0, 2, 1, 2]);
    }

    #[test]
    fn rows_that_all_differ_are_what_they_are() {
        assert_eq!(places(&["a", "b", "c"]), (vec![true; 3], None));
        assert_eq!(places(&[]), (vec![], None));
    }

    #[test]
    fn a_full_table_forgets_and_mistakes_nothing() {
        let texts: Vec<String> =
            (0..3 * SLOTS).map(|number| (number % (SLOTS * 3 / 2)).to_string()).collect();
        let mut repeats = Repeats::new(texts.len());
        // Some repeats among the first, so that looking goes on.
        let key = |row: usize| if row < 4_096 { texts[row % 2].as_str() } else { texts[row].as_str() };
        let mut made: Vec<&str> = Vec::new();
        for row in 0..texts.len() {
            if repeats.is_new(key) {
                made.push(key(row));
            }
        }
        let places = repeats.finish().unwrap();
        assert!(made.len() < texts.len());
        for (row, place) in places.into_iter().enumerate() {
            assert_eq!(made[place as usize], key(row));
        }
    }

    #[test]
    fn values_that_never_repeat_are_soon_not_looked_for() {
        let mut repeats = Repeats::new(65_536);
        for row in 0..65_536 {
            assert!(repeats.is_new(|row| if row < 33_000 { row } else { 7 }), "row {row}");
        }
        assert_eq!(repeats.finish(), None);
    }

    #[test]
    fn a_list_that_is_gone_through_again_is_found_out() {
        let mut repeats = Repeats::new(65_536);
        let new = (0..65_536).filter(|_| repeats.is_new(|row| row % 20_000)).count();
        assert!(new < 22_000, "{new} of 20,000 values were new");
    }
}
