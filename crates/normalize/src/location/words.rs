//! Words beside places: remote work, offices, streets, and parts of the world that are no country.

/// A country-less answer to "where": from anywhere.
pub(super) fn is_remote(key: &str) -> bool {
    matches!(
        key,
        "remote"
            | "fully remote"
            | "full remote"
            | "100 remote"
            | "all remote"
            | "remote first"
            | "remote only"
            | "remote work"
            | "remote working"
            | "remotely"
            | "work remotely"
            | "remote position"
            | "remote job"
            | "remote friendly"
            | "remote eligible"
            | "remote location"
            | "remote office"
            | "remote worker"
            | "remote based"
            | "permanently remote"
            | "work from home"
            | "wfh"
            | "work at home"
            | "work from anywhere"
            | "home office"
            | "homeoffice"
            | "home based"
            | "telecommute"
            | "telework"
            | "teleworking"
            | "virtual"
            | "virtual office"
            | "distributed"
            | "fully distributed"
            | "anywhere"
            | "anywhere in the world"
            | "remote anywhere"
            | "location independent"
            | "worldwide"
            | "remote worldwide"
            | "remote global"
            | "teletravail"
            | "a distance"
            | "a distancia"
            | "teletrabajo"
            | "remoto"
            | "100 remoto"
            | "en remoto"
            | "da remoto"
            | "trabalho remoto"
            | "teletrabalho"
            | "fernarbeit"
            | "thuiswerk"
            | "distans"
            | "pa distans"
            | "zdalnie"
            | "praca zdalna"
            | "uzaktan"
            | "uzaktan calisma"
            | "удаленно"
            | "リモート"
            | "在宅"
            | "远程"
            | "遠端"
    )
}

/// Words that stand before a place and make it the place that remote work is done from.
pub(super) const REMOTE_BEFORE: &[&str] = &[
    "100 remote ",
    "fully remote ",
    "remote or ",
    "remote within ",
    "remote in ",
    "remote from ",
    "remote ",
    "work from home ",
    "wfh ",
    "home based ",
    "anywhere in ",
    "anywhere within ",
    "virtual ",
];

/// And behind one.
pub(super) const REMOTE_AFTER: &[&str] =
    &[" or remote", " and remote", " fully remote", " remote", " wfh", " virtual", " anywhere"];

/// Words that say nothing about the place.
pub(super) fn is_noise(key: &str) -> bool {
    matches!(
        key,
        "hybrid"
            | "hybrid remote"
            | "hybrid work"
            | "on site"
            | "onsite"
            | "in office"
            | "in person"
            | "office"
            | "offices"
            | "hq"
            | "headquarters"
            | "head office"
            | "headquarter"
            | "main office"
            | "corporate office"
            | "corporate headquarters"
            | "global headquarters"
            | "global hq"
            | "world headquarters"
            | "location"
            | "locations"
            | "flexible"
            | "relocation"
            | "multiple locations"
            | "various locations"
            | "various"
            | "based in"
            | "city"
            | "state"
            | "country"
            | "earth"
    )
}

/// Such words before and behind a place.
pub(super) const NOISE_BEFORE: &[&str] = &[
    "hybrid remote in ",
    "hybrid in ",
    "hybrid ",
    "based in ",
    "hq ",
    "headquarters ",
    "headquartered in ",
    "on site ",
    "onsite ",
    "located in ",
    "office in ",
];

/// And behind one.
pub(super) const NOISE_AFTER: &[&str] =
    &[" hybrid", " hq", " headquarters", " office", " onsite", " on site", " head office"];

/// Parts of the world that are no country.
pub(super) fn is_macro_region(key: &str) -> bool {
    matches!(
        key,
        "emea"
            | "apac"
            | "apj"
            | "apjc"
            | "japac"
            | "latam"
            | "latin america"
            | "amer"
            | "americas"
            | "the americas"
            | "namer"
            | "noram"
            | "north america"
            | "northern america"
            | "south america"
            | "central america"
            | "us and canada"
            | "usa and canada"
            | "caribbean"
            | "europe"
            | "western europe"
            | "eastern europe"
            | "northern europe"
            | "southern europe"
            | "central europe"
            | "central and eastern europe"
            | "cee"
            | "dach"
            | "benelux"
            | "nordics"
            | "nordic"
            | "the nordics"
            | "nordic countries"
            | "scandinavia"
            | "baltics"
            | "balkans"
            | "eu"
            | "european union"
            | "eea"
            | "schengen"
            | "uki"
            | "uk and ireland"
            | "uk and i"
            | "asia"
            | "asia pacific"
            | "asia pac"
            | "southeast asia"
            | "south east asia"
            | "south asia"
            | "east asia"
            | "central asia"
            | "anz"
            | "asean"
            | "australia and new zealand"
            | "oceania"
            | "australasia"
            | "africa"
            | "north africa"
            | "west africa"
            | "east africa"
            | "sub saharan africa"
            | "southern africa"
            | "ssa"
            | "mena"
            | "middle east"
            | "the middle east"
            | "middle east and africa"
            | "middle east and north africa"
            | "gcc"
            | "global"
            | "international"
            | "asien"
            | "afrika"
            | "amerique latine"
            | "america latina"
            | "lateinamerika"
            | "nordamerika"
    )
}

/// Whether the words of a key name a street, a floor or a building.
pub(super) fn is_street(key: &str) -> bool {
    let first = key.split(' ').next().unwrap_or_default();
    let last = key.rsplit(' ').next().unwrap_or_default();
    let begins = matches!(
        first,
        "rue"
            | "calle"
            | "via"
            | "viale"
            | "piazza"
            | "rua"
            | "avenida"
            | "av"
            | "ul"
            | "ulica"
            | "suite"
            | "floor"
            | "unit"
            | "building"
    );
    let ends = matches!(
        last,
        "street"
            | "st"
            | "road"
            | "rd"
            | "avenue"
            | "ave"
            | "blvd"
            | "boulevard"
            | "suite"
            | "floor"
            | "flr"
            | "building"
            | "bldg"
            | "unit"
            | "apt"
            | "highway"
            | "hwy"
            | "pkwy"
            | "parkway"
            | "strasse"
            | "str"
            | "straat"
    );
    let joined =
        ["strasse", "straat", "gatan", "gasse"].iter().any(|end| key.len() > end.len() && key.ends_with(end));
    first != last && (begins || ends) || joined
}
