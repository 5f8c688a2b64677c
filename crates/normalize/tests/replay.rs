//! Text that nobody should send, given to every kind: nothing panics, and no length costs more than its share. The corpora of the
//! fuzz targets are given to their kinds, and to all others.

mod checks;

use checks::check;
use firmograph_normalize::{
    Kind, LONGEST_INPUT, LONGEST_NAME, fold_person_name, is_placeholder, match_location, normalize,
};
use std::fs;

/// Pieces that are strange alone, and stranger repeated.
const PIECES: &[&str] = &[
    "",
    " ",
    "\0",
    "\u{1}\u{2}\u{7f}\u{85}",
    "\r\n\t",
    "\u{301}",
    "e\u{301}\u{301}\u{323}",
    "\u{345}\u{302}",
    "\u{200b}\u{feff}\u{2060}",
    "\u{202e}moc.emca",
    "\u{627}\u{644}\u{645}\u{62f}\u{64a}\u{631}",
    "\u{5e9}\u{5dc}\u{5d5}\u{5dd} (\u{5d1}\u{5e2}\"\u{5de})",
    "👩\u{200d}🚀",
    "🇩🇪",
    "ﷺ",
    "ŉ",
    "ß",
    "İı",
    "ΣΑΣ",
    "㈱",
    "（株）",
    "\u{fffd}",
    "\u{10ffff}",
    "---",
    "///",
    "...",
    ",,,",
    ";;;",
    "@@@",
    "&&&",
    "+++",
    "~~~",
    "((((",
    "))))",
    "[]{}<>",
    "\"",
    "''",
    "\\",
    "%",
    "%25",
    "%ff",
    "&amp;",
    "xn--",
    "xn--a",
    "0",
    "9",
    "1,",
    "1 000 ",
    "1e9",
    "1-",
    "$",
    "k",
    "٣",
    "a",
    "A",
    "a.",
    "a@",
    "http://",
    "linkedin.com/in/",
    "linkedin.com/in/ACoAA",
    "urn:li:",
    "mailto:",
    "Inc ",
    " GmbH & Co. KG",
    "株式会社",
    "有限公司",
    "/DE/",
    "VP ",
    "MD, ",
    "Chief ",
    "Assistant to the ",
    "部長",
    "of ",
    "N/A",
    "null",
    "CA, ",
    "Remote - ",
    "Greater ",
    " Area",
    "St. ",
    " (Oder)",
    "12345 ",
    "San Jose",
];

fn replay(text: &str) {
    for &kind in Kind::ALL {
        check(kind, text);
    }
    let _ = (fold_person_name(text), is_placeholder(text), match_location(text, Some("DE")));
}

const FUZZ: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz");

/// A kind without seeds, or without a target that grows them, is one that nobody searches.
#[test]
fn every_kind_has_a_target_and_a_corpus_that_holds() {
    let manifest = fs::read_to_string(format!("{FUZZ}/Cargo.toml")).unwrap();
    for &kind in Kind::ALL {
        let name = kind.name();
        let target = fs::read_to_string(format!("{FUZZ}/fuzz_targets/{name}.rs")).unwrap_or_default();
        assert!(target.contains(&format!("\"{name}\"")), "fuzz/fuzz_targets/{name}.rs checks {name}");
        assert!(manifest.contains(&format!("\nname = \"{name}\"\n")), "fuzz/Cargo.toml lists {name}");
        let folder = format!("{FUZZ}/corpus/{name}");
        let seeds = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{folder}: {error}"));
        let seeds: Vec<_> = seeds.map(|seed| seed.unwrap().path()).collect();
        assert!(seeds.len() >= 10, "{folder} has {} seeds", seeds.len());
        for path in seeds {
            // A run may leave bytes that are no text; its target does not read them either.
            if let Ok(text) = String::from_utf8(fs::read(path).unwrap()) {
                replay(&text);
            }
        }
    }
}

#[test]
fn every_piece_alone_paired_and_repeated() {
    for first in PIECES {
        for second in PIECES {
            replay(&format!("{first}{second}"));
            replay(&format!("Acme {first} x@acme.com {second} 10-50"));
        }
        for times in [3, 17, 60] {
            replay(&first.repeat(times));
        }
    }
}

/// Bytes of the longest text of a kind that is read.
fn longest(kind: Kind) -> usize {
    match kind {
        Kind::CompanyName
        | Kind::JobTitle
        | Kind::Industry
        | Kind::CompanyType
        | Kind::Location
        | Kind::PersonName => LONGEST_NAME,
        _ => LONGEST_INPUT,
    }
}

/// The longest text that is read stays cheap however it is made: what is above it is not read at all.
#[test]
fn the_longest_text_is_read() {
    for piece in PIECES.iter().filter(|piece| !piece.is_empty()) {
        for &kind in Kind::ALL.iter().filter(|kind| **kind != Kind::Email && **kind != Kind::Domain) {
            let text = piece.repeat(longest(kind) / piece.len());
            replay(&text);
            assert_ne!(reason(kind, &text), "too_long");
        }
    }
}

#[test]
fn longer_text_is_not_read() {
    for piece in PIECES.iter().filter(|piece| !piece.is_empty()) {
        for &kind in Kind::ALL {
            for length in [longest(kind) + 1, 100_000, 1_000_000] {
                let text = piece.repeat(length.div_ceil(piece.len()));
                assert_eq!(reason(kind, &text), "too_long");
            }
        }
    }
}

/// Keys of person names have no limit, so their cost must grow with the length alone: twice the text gives at most twice the key.
#[test]
fn folding_grows_with_the_length() {
    for piece in PIECES.iter().filter(|piece| !piece.is_empty()) {
        let folded = |length: usize| fold_person_name(&piece.repeat(length.div_ceil(piece.len()))).len();
        let (once, twice) = (folded(100_000), folded(200_000));
        assert!(twice <= once.saturating_mul(2) + 64, "{piece:?}: {once} and {twice} bytes");
    }
}

fn reason(kind: Kind, text: &str) -> String {
    normalize(kind, text)["unmatched"].as_str().unwrap_or_default().to_owned()
}
