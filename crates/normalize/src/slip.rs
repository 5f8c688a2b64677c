//! One slip of the finger.

/// Whether `given` is `known` but for one byte changed, added or left out, or two neighbours swapped: an optimal string
/// alignment distance of exactly 1, without the table that the general distance needs.
pub(crate) fn is_one_slip(given: &[u8], known: &[u8]) -> bool {
    if given.len().abs_diff(known.len()) > 1 {
        return false;
    }
    let head = given.iter().zip(known).take_while(|(a, b)| a == b).count();
    let (given, known) = (&given[head..], &known[head..]);
    let tail = given.iter().rev().zip(known.iter().rev()).take_while(|(a, b)| a == b).count();
    match (given.len() - tail, known.len() - tail) {
        (0, 1) | (1, 0 | 1) => true,
        (2, 2) => given[0] == known[1] && given[1] == known[0],
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn agrees_with_the_general_distance(a in "[ab.]{0,7}", b in "[ab.]{0,7}") {
            let distance = rapidfuzz::distance::osa::distance(a.bytes(), b.bytes());
            prop_assert_eq!(is_one_slip(a.as_bytes(), b.as_bytes()), distance == 1);
        }
    }
}
