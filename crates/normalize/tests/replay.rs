//! Text that nobody should send, given to every kind: nothing panics, and no length costs more than its share.

use firmograph_normalize::{
    Kind, LONGEST_INPUT, fold_person_name, is_placeholder, match_location, normalize,
};

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
        let line = normalize(kind, text);
        assert_eq!(line["raw"], text);
        assert!(line.get("rule").is_some() != line.get("unmatched").is_some(), "{kind:?} {text:?}: {line}");
        if let Some(span) = line.get("span") {
            let place =
                |at: usize| span[at].as_u64().and_then(|at| usize::try_from(at).ok()).unwrap_or(usize::MAX);
            assert!(text.get(place(0)..place(1)).is_some(), "{kind:?} {text:?}: {line}");
        }
    }
    let _ = (fold_person_name(text), is_placeholder(text), match_location(text, Some("DE")));
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

/// The longest text that is read stays cheap however it is made: what is above it is not read at all.
#[test]
fn the_longest_text_is_read() {
    for piece in PIECES.iter().filter(|piece| !piece.is_empty()) {
        let text = piece.repeat(LONGEST_INPUT / piece.len());
        replay(&text);
        for &kind in Kind::ALL.iter().filter(|kind| **kind != Kind::Email && **kind != Kind::Domain) {
            assert_ne!(reason(kind, &text), "too_long");
        }
    }
}

#[test]
fn longer_text_is_not_read() {
    for piece in PIECES.iter().filter(|piece| !piece.is_empty()) {
        for length in [LONGEST_INPUT + 1, 100_000, 1_000_000] {
            let text = piece.repeat(length.div_ceil(piece.len()));
            for &kind in Kind::ALL {
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
