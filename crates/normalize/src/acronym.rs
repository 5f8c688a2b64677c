//! Which words of a name in one case are acronyms: what could not be said as an English word.

use std::sync::LazyLock;

/// Letters of the longest word of letters alone that can be an acronym.
pub(crate) const LONGEST_ACRONYM: usize = 5;

/// Whether `word`, in small letters, is an acronym. `alone` says that it is the whole of a name in capitals.
pub(crate) fn is_acronym(word: &str, alone: bool) -> bool {
    let shape = Shape::of(word);
    if shape.letters == 0 || shape.is_foreign {
        return false;
    }
    // `A.B.C.`, `A&B`, `B2`, `4G`.
    if shape.letters >= 2 && shape.dots + 1 >= shape.letters
        || shape.letters <= 3 && (shape.has_ampersand || alone && !shape.has_apostrophe)
    {
        return true;
    }
    if shape.has_digit {
        return shape.letters <= 2 && !["st", "nd", "rd", "th"].iter().any(|end| word.ends_with(end));
    }
    if shape.has_apostrophe || shape.has_other {
        return false;
    }
    match shape.letters {
        1 | 2 => true,
        3 | 4 => !can_be_said(word.trim_end_matches('.').as_bytes()),
        LONGEST_ACRONYM => !shape.has_vowel && !word.contains('.'),
        _ => false,
    }
}

#[derive(Default)]
struct Shape {
    letters: usize,
    dots: usize,
    has_vowel: bool,
    has_digit: bool,
    has_ampersand: bool,
    has_apostrophe: bool,
    has_other: bool,
    is_foreign: bool,
}

impl Shape {
    fn of(word: &str) -> Shape {
        let mut shape = Shape::default();
        for c in word.bytes() {
            match c {
                b'a'..=b'z' => {
                    shape.letters += 1;
                    shape.has_vowel |= is_vowel(c);
                }
                b'.' => shape.dots += 1,
                b'0'..=b'9' => shape.has_digit = true,
                b'&' | b'+' => shape.has_ampersand = true,
                b'\'' => shape.has_apostrophe = true,
                0x80.. => shape.is_foreign = true,
                _ => shape.has_other = true,
            }
        }
        shape
    }
}

fn is_vowel(c: u8) -> bool {
    matches!(c, b'a' | b'e' | b'i' | b'o' | b'u' | b'y')
}

/// Whether the consonants at the two ends of a short word are such as English words have there.
fn can_be_said(word: &[u8]) -> bool {
    let Some(first) = word.iter().position(|&c| is_vowel(c)) else { return false };
    let last = word.iter().rposition(|&c| is_vowel(c)).map_or(word.len(), |at| at + 1);
    // `y` starts a word as a consonant.
    let start = if word[0] == b'y' { &word[..0] } else { &word[..first] };
    let end = &word[last..];
    let doubled = word.starts_with(b"aa") || word.starts_with(b"ii") || word.starts_with(b"uu");
    let known = |list: usize, cluster: &[u8]| CLUSTERS[list].binary_search(&packed(cluster)).is_ok();
    let starts = start.len() < 2 && (start != b"q" || word.get(1) == Some(&b'u')) || known(0, start);
    let ends = end.len() < 2 && !matches!(end, b"j" | b"q" | b"v") || known(1, end);
    starts && ends && !doubled
}

/// Clusters of consonants that start and end words of English and of names, as the bytes of a number, sorted.
static CLUSTERS: LazyLock<[Vec<u32>; 2]> = LazyLock::new(|| {
    [STARTS, ENDS].map(|list| {
        let mut packed: Vec<u32> = list.split(' ').map(|cluster| packed(cluster.as_bytes())).collect();
        packed.sort_unstable();
        packed
    })
});

fn packed(cluster: &[u8]) -> u32 {
    cluster.iter().fold(0, |packed, &c| packed << 8 | u32::from(c))
}

const STARTS: &str = "bl br ch chr cl cr cz dr dw fj fl fr gh gl gn gr gw kl kn kr mc ph pl pr ps rh sc sch scr sh shr sk sl sm sn \
sp spl spr sq st str sw sz th thr tr ts tw wh wr zh";

const ENDS: &str = "bb bs ch ck cks cs ct dd dds ds ff ffs ft gg ggs gh gs hl hn ks ld lds lf lk ll lls lm lms lp ls lt lts mb nch \
rch tch lch ght ghs mp mps ms nc nd nds ng ngs nk nks nn ns nt nts nz ph pp pps ps pt rb rc rd rds rf rg rk rl \
rm rms rn rp rs rt rts sh sk ss st th ts tt wn ws zz";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_said_is_an_acronym() {
        for word in ["cbx", "idt", "bmw", "ii", "iii", "a.b.c.", "b2b", "h&m", "aar", "ge", "x", "nvdrx"] {
            assert!(is_acronym(word, false), "{word}");
        }
        for word in ["sun", "ark", "blue", "golf", "yard", "schwab", "1st", "o'do", "über", "first", "hills"]
        {
            assert!(!is_acronym(word, false), "{word}");
        }
        assert!(is_acronym("sun", true));
    }
}
