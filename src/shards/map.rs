//! Which database holds which key.

use crate::pipeline::Keys;
use firmograph_core::{EntityKind, Error, ErrorKind};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// The databases over which records are spread, in order, and the rule that spreads them.
///
/// The rule is [`ShardMap::VERSION`]: let *h* be the first 8 bytes of BLAKE3 of the key's UTF-8 bytes, read as a
/// little-endian unsigned number; the shard is the jump consistent hash of *h* over the number of shards (Lamping and Veach,
/// *A Fast, Minimal Memory, Consistent Hash Algorithm*, 2014, with its multiplier 2862933555777941757). The key is that of the
/// company, also for a person who has one; a person without a company goes by the person's key.
///
/// | key | *h* | of 2 | of 3 | of 4 | of 8 | of 16 | of 100 |
/// |---|---|---|---|---|---|---|---|
/// | `acme.com` | `0x941f891af119216b` | 0 | 2 | 2 | 7 | 10 | 10 |
/// | `northlight-robotics.com` | `0x988530304da330a9` | 0 | 0 | 3 | 3 | 3 | 84 |
/// | `xn--bcher-kva.example` | `0xbb2259e94b694830` | 0 | 0 | 0 | 0 | 8 | 54 |
/// | `linkedin.com/company/brook-mills` | `0x00a5ebd8030110d6` | 1 | 1 | 3 | 3 | 12 | 31 |
/// | `name:brookmills\|gb` | `0x9764e4fe6ef2b541` | 0 | 0 | 0 | 7 | 7 | 52 |
/// | `ada@gmail.com` | `0x817c852ff54d6a88` | 0 | 0 | 3 | 3 | 11 | 37 |
///
/// ```
/// use firmograph::ShardMap;
///
/// let map = ShardMap::new(["postgres://a/leads", "postgres://b/leads", "postgres://c/leads"])?;
/// assert_eq!(map.shard_of("acme.com"), 2);
/// assert_eq!(map.shard_of("linkedin.com/company/brook-mills"), 1);
/// # Ok::<(), firmograph::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShardMap {
    urls: Vec<String>,
}

/// The file of a shard map.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MapFile {
    version: String,
    shards: Vec<String>,
}

impl ShardMap {
    /// The rule. Another rule will have another name, and no database of this one is taken for one of that.
    pub const VERSION: &str = "jump-blake3-1";

    /// Shards in this order, which is part of the map: given in another order, keys are sought where they are not.
    ///
    /// # Errors
    /// `shard-map` (usage) without a shard, or where a shard is named twice.
    pub fn new<S: Into<String>>(urls: impl IntoIterator<Item = S>) -> Result<Self, Error> {
        let urls: Vec<String> = urls.into_iter().map(Into::into).collect();
        if urls.is_empty() || u32::try_from(urls.len()).is_err() {
            return Err(wrong("a shard map names at least one database".to_owned()));
        }
        for (shard, url) in urls.iter().enumerate() {
            // Each database in memory is another one.
            let same = |known: &String| known == url && url != "sqlite::memory:";
            if let Some(first) = urls[..shard].iter().position(same) {
                return Err(wrong(format!("shards {first} and {shard} are the same database")));
            }
        }
        Ok(ShardMap { urls })
    }

    /// Reads a TOML file: `version = "jump-blake3-1"` and `shards = ["postgres://...", "postgres://..."]`.
    ///
    /// # Errors
    /// `cannot-read` (environment); `shard-map` (usage) for anything else, another version too.
    pub fn from_path(path: &Path) -> Result<Self, Error> {
        let text = std::fs::read_to_string(path).map_err(|error| {
            let message = format!("{}: {error}", path.display());
            Error::new(ErrorKind::Environment, "cannot-read", message).with_cause(error)
        })?;
        // What the parser shows of a line may hold a password: its sentence is enough.
        let file: MapFile = toml::from_str(&text)
            .map_err(|error| wrong(format!("{}: {}", path.display(), error.message())))?;
        if file.version != Self::VERSION {
            return Err(wrong(format!(
                "{} is of version {:?}, and this program knows {:?}",
                path.display(),
                file.version,
                Self::VERSION
            )));
        }
        ShardMap::new(file.shards)
    }

    /// The databases, in order.
    #[must_use]
    pub fn urls(&self) -> &[String] {
        &self.urls
    }

    /// What the database of a shard is called, for people: its address without user, password and options.
    #[must_use]
    pub fn label(&self, shard: usize) -> &str {
        let url = self.urls.get(shard).map_or("", String::as_str);
        let address = url.split_once("://").map_or(url, |(_, address)| address);
        let address = address.split('?').next().unwrap_or(address);
        address.rsplit_once('@').map_or(address, |(_, address)| address)
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.urls.len()
    }

    /// The shard of a company key, or of the key of a person without a company.
    #[must_use]
    pub fn shard_of(&self, key: &str) -> usize {
        place_of(key, self.urls.len() as u32) as usize
    }

    /// The one shard that can have this company or person, where the key says so. A person known by name is with the company
    /// that the key names; one known by e-mail or profile is wherever a company is of which somebody said it.
    #[must_use]
    pub fn sure_shard(&self, kind: EntityKind, key: &str) -> Option<usize> {
        match kind {
            EntityKind::Company => Some(self.shard_of(key)),
            EntityKind::Person => {
                let (_, company) = key.strip_prefix("name:")?.split_once('|')?;
                Some(self.shard_of(company))
            }
        }
    }

    /// What the database at `place` has to know about the map.
    pub(crate) fn place(&self, place: usize) -> ShardPlace {
        ShardPlace { version: Self::VERSION.to_owned(), place: place as u32, of: self.urls.len() as u32 }
    }
}

/// Which shard of how many a database is: kept beside each of its files, because a payload may hold records of several shards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShardPlace {
    /// The rule.
    pub version: String,
    /// Number of the shard, from 0.
    pub place: u32,
    /// How many shards there are.
    pub of: u32,
}

impl ShardPlace {
    /// Whether a record with these keys belongs here.
    pub(crate) fn has(&self, keys: &Keys) -> bool {
        placed(keys, self.of) == Some(self.place)
    }
}

/// The shard of a record: by its company, else by its person.
pub(crate) fn placed(keys: &Keys, of: u32) -> Option<u32> {
    let key = keys.company.as_deref().or(keys.person.as_deref())?;
    Some(place_of(key, of))
}

fn place_of(key: &str, of: u32) -> u32 {
    let mut first = [0; 8];
    first.copy_from_slice(&blake3::hash(key.as_bytes()).as_bytes()[..8]);
    jump(u64::from_le_bytes(first), of)
}

/// Jump consistent hash: with one more bucket, one key of `buckets + 1` moves, and into the new one.
fn jump(mut hash: u64, buckets: u32) -> u32 {
    let (mut last, mut next) = (0, 0_u64);
    while next < u64::from(buckets) {
        last = next;
        hash = hash.wrapping_mul(2_862_933_555_777_941_757).wrapping_add(1);
        next = ((last + 1) as f64 * ((1_u64 << 31) as f64 / ((hash >> 33) + 1) as f64)) as u64;
    }
    last as u32
}

fn wrong(message: String) -> Error {
    Error::new(ErrorKind::Usage, "shard-map", message).with_help(
        "write version = \"jump-blake3-1\" and shards = [\"postgres://...\", ...], in an order that stays",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed with Python's `blake3` and the paper's text, not with this code.
    const VECTORS: [(&str, [u32; 8]); 8] = [
        ("", [0, 0, 0, 0, 0, 9, 72, 721]),
        ("acme.com", [0, 0, 2, 2, 7, 10, 10, 809]),
        ("northlight-robotics.com", [0, 0, 0, 3, 3, 3, 84, 765]),
        ("brook-mills.com", [0, 0, 0, 3, 3, 8, 79, 898]),
        ("xn--bcher-kva.example", [0, 0, 0, 0, 0, 8, 54, 743]),
        ("linkedin.com/company/brook-mills", [0, 1, 1, 3, 3, 12, 31, 298]),
        ("name:brookmills|gb", [0, 0, 0, 0, 7, 7, 52, 666]),
        ("ada@gmail.com", [0, 0, 0, 3, 3, 11, 37, 37]),
    ];

    #[test]
    fn the_published_rule() {
        for (key, shards) in VECTORS {
            let given = [1, 2, 3, 4, 8, 16, 100, 1000].map(|of| place_of(key, of));
            assert_eq!(given, shards, "{key:?}");
        }
    }

    #[test]
    fn a_further_shard_takes_its_share_and_moves_nothing_else() {
        let keys: Vec<String> = (0..20_000).map(|number| format!("company-{number}.example")).collect();
        let mut moved = 0;
        let mut filled = [0_u32; 5];
        for key in &keys {
            let (before, after) = (place_of(key, 4), place_of(key, 5));
            assert!(before == after || after == 4, "{key} went from {before} to {after}");
            moved += u32::from(before != after);
            filled[after as usize] += 1;
        }
        assert!((3_700..4_300).contains(&moved), "a fifth of 20,000: {moved}");
        assert!(filled.iter().all(|count| (3_700..4_300).contains(count)), "{filled:?}");
    }

    #[test]
    fn maps_that_are_none() {
        let code = |urls: &[&str]| ShardMap::new(urls.iter().copied()).map_err(|error| error.code());
        assert_eq!(code(&[]), Err("shard-map"));
        assert_eq!(code(&["sqlite://a.db", "sqlite://b.db", "sqlite://a.db"]), Err("shard-map"));
        let file = tempfile::NamedTempFile::new().unwrap();
        let read = |text: &str| {
            std::fs::write(file.path(), text).unwrap();
            ShardMap::from_path(file.path()).map(|map| map.count()).map_err(|error| error.to_string())
        };
        assert_eq!(
            read("version = \"jump-blake3-1\"\nshards = [\"sqlite://a.db\", \"sqlite://b.db\"]"),
            Ok(2)
        );
        assert!(read("version = \"2\"\nshards = [\"sqlite://a.db\"]").is_err());
        assert!(read("shards = [\"sqlite://a.db\"]").is_err());
        let bad = read("version = \"jump-blake3-1\"\nshards = [\"postgres://u:secret@h/d\", 4]").unwrap_err();
        assert!(!bad.contains("secret"), "{bad}");
    }

    #[test]
    fn labels_hold_no_password() {
        let map =
            ShardMap::new(["postgres://u:se@cret@h:5432/leads?sslmode=require", "sqlite:///a/b.db"]).unwrap();
        assert_eq!([map.label(0), map.label(1), map.label(2)], ["h:5432/leads", "/a/b.db", ""]);
    }

    #[test]
    fn keys_that_say_where_they_are() {
        let map = ShardMap::new(["sqlite://a.db", "sqlite://b.db", "sqlite://c.db"]).unwrap();
        let sure = |kind, key| map.sure_shard(kind, key);
        assert_eq!(sure(EntityKind::Company, "acme.com"), Some(2));
        assert_eq!(sure(EntityKind::Person, "name:ada hale|acme.com"), Some(2));
        let provisional = "name:ada hale|name:brookmills|gb";
        assert_eq!(sure(EntityKind::Person, provisional), Some(map.shard_of("name:brookmills|gb")));
        assert_eq!(sure(EntityKind::Person, "ada@acme.com"), None);
    }
}
