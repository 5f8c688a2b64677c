use serde::{Deserialize, Serialize};

/// Where in its file a record stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Position {
    /// Record number, 1 for the first record after the header.
    pub record: u64,
    /// Physical line on which the record starts, 1 for the first line of the file.
    pub line: u64,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $code:literal, $help:literal;)*) => {
        /// Why a record could not be taken. Codes are stable.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
        #[non_exhaustive]
        pub enum RejectCode {
            $($(#[$doc])* #[serde(rename = $code)] $variant,)*
        }

        impl RejectCode {
            /// Every code.
            pub const ALL: &'static [RejectCode] = &[$(RejectCode::$variant,)*];

            /// The stable code, kebab case.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self { $(RejectCode::$variant => $code,)* }
            }

            /// What to do about it.
            #[must_use]
            pub fn help(self) -> &'static str {
                match self { $(RejectCode::$variant => $help,)* }
            }
        }
    };
}

codes! {
    /// More cells than the header has columns.
    TooManyCells = "too-many-cells", "quote the cells that contain the delimiter, or name it with --delimiter";
    /// A quoted cell that never ends.
    UnclosedQuote = "unclosed-quote", "close the quotation mark that opens on this line";
    /// A record longer than the limit.
    RecordTooLong = "record-too-long", "look for a missing quotation mark or line end; raise --max-record-bytes if the record is real";
    /// Bytes that are not text in the file's encoding.
    BadEncoding = "bad-encoding", "name the file's real encoding with --encoding";
    /// A NUL character, which PostgreSQL cannot keep.
    NulCharacter = "nul-character", "remove the NUL character";
    /// A line or element that is not the JSON it should be.
    BadJson = "bad-json", "each line must be one JSON object";
    /// Neither a person nor a company can be identified.
    NoKey = "no-key", "give an e-mail, a website or domain, a LinkedIn page, a company name, or a full name beside a company";
    /// A date that cannot be read.
    BadDate = "bad-date", "write observed_at as 2026-01-31 or 2026-01-31T12:00:00Z";
    /// A value of a kind that says nothing here, as a list where a text belongs.
    BadValue = "bad-value", "give text, a number, a date, or nothing";
    /// A cell is blank that must say something.
    MissingValue = "missing-value", "fill the cells that are required: of a lead its name and its company";
    /// What a document comes in does not say what it is, about whom, or who says it.
    BadEnvelope = "bad-envelope", "an envelope is an object with kind, entity, key (domain, email, id), source, observed_at, confidence and document";
    /// A kind of document that nobody declared.
    UnknownKind = "unknown-kind", "see `firmograph documents kinds`";
    /// A confidence that cannot be.
    BadConfidence = "bad-confidence", "give a number from 0 to 1, or from 0 to 100 with \"confidence_scale\": 100";
    /// A field of a document that is missing, or holds what it cannot hold.
    BadDocument = "bad-document", "see `firmograph documents kinds` for the fields of each kind";
    /// The id of a company or person that is not there.
    UnknownId = "unknown-id", "ingest the company or person first, or name it by its domain, e-mail or key";
}

/// A record that could not be taken: why, where, and the original bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reject {
    /// Why.
    pub code: RejectCode,
    /// Where.
    pub position: Position,
    /// The column concerned, by its name in the file, where one column is to blame.
    pub column: Option<String>,
    /// What exactly was found, in one sentence.
    pub cause: String,
    /// The record's cells (a JSON array of text in the header's order) or, where it could not be split, its bytes.
    pub original: Vec<u8>,
}
