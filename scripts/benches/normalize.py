#!/usr/bin/env python3
"""Nanoseconds a value: our normalisers beside Python's usual ones. `scripts/bench normalize` runs it.

Every side gets the same list of distinct values (make_values.py), in chunks of 1,000, on one core, once in each round; the order is
swapped from round to round. Of each chunk the best round counts, so that a machine with other work to do disturbs little.
goldenflow takes a column at a time, the other peers a value at a time.
"""

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

# Before polars is imported: one core for everybody.
os.environ["POLARS_MAX_THREADS"] = os.environ["RAYON_NUM_THREADS"] = "1"

import phonenumbers
import polars
import tldextract
from cleanco import basename
from goldenflow import get_transform
from rigour.names import remove_org_types

from make_values import KINDS, make

ROOT = Path(__file__).resolve().parents[2]
THROUGHPUT = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release" / "examples" / "throughput"

# As long as the example throughput has them.
CHUNK = 1000

# The list that comes with the package: no file and no network.
EXTRACT = tldextract.TLDExtract(cache_dir=None, suffix_list_urls=())


def registrable_domain(value):
    return EXTRACT(value).top_domain_under_public_suffix


def e164(value):
    try:
        return phonenumbers.format_number(phonenumbers.parse(value, "US"), phonenumbers.PhoneNumberFormat.E164)
    except phonenumbers.NumberParseException:
        return None


def each(function):
    return lambda values, column: [function(value) for value in values]


def whole(transform):
    function = get_transform(transform).func
    return lambda values, column: function(column)


# What each peer gives is less than ours; the nearest that it has is measured.
PEERS = {
    "domain": {"tldextract": each(registrable_domain), "goldenflow `url_extract_domain`": whole("url_extract_domain")},
    "email": {"goldenflow `email_canonical`": whole("email_canonical")},
    "company_name": {
        "cleanco `basename`": each(basename),
        "rigour `remove_org_types`": each(remove_org_types),
        "goldenflow `company_normalize`": whole("company_normalize"),
        "goldenflow `company_strip_legal`": whole("company_strip_legal"),
    },
    "linkedin_url": {"goldenflow `url_canonical`": whole("url_canonical")},
    "phone": {"phonenumbers": each(e164), "goldenflow `phone_e164`": whole("phone_e164")},
    "person_name": {"goldenflow `name_proper`": whole("name_proper")},
}


def ours(kind, path):
    """Nanoseconds by chunk; none where there is no such kind."""
    done = subprocess.run([str(THROUGHPUT), kind, str(path)], stdout=subprocess.PIPE, text=True, check=True)
    return [int(part) for part in done.stdout.split()]


def theirs(function, chunks):
    times = []
    for values, column in chunks:
        started = time.perf_counter_ns()
        function(values, column)
        times.append(time.perf_counter_ns() - started)
    return times


def measure(kind, values, path, rounds):
    """Nanoseconds a value by side: the best round of each chunk."""
    chunks = [values[start:start + CHUNK] for start in range(0, len(values), CHUNK)]
    chunks = [(chunk, polars.Series(chunk)) for chunk in chunks]
    sides = {"firmograph": lambda: ours(kind, path)}
    for name, function in PEERS.get(kind, {}).items():
        sides[name] = lambda function=function: theirs(function, chunks)
        # Tables are read before anything is timed.
        function(*chunks[0])
    best = {}
    for number in range(rounds):
        for name in list(sides) if number % 2 == 0 else reversed(sides):
            times = sides[name]()
            best[name] = [min(pair) for pair in zip(times, best.get(name, times))]
    return {name: sum(best[name]) / len(values) for name in sides if best[name]}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--values", type=int, default=20_000, help="distinct values of each kind")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=KINDS, action="append")
    options = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    versions = ", ".join(f"{name} {version(name)}" for name in
                         ("tldextract", "cleanco", "rigour", "goldenflow", "phonenumbers"))
    print(f"Python {platform.python_version()}, {versions}; {options.rounds} rounds, one core.\n")
    print("| kind | values | side | ns a value | times firmograph |\n|---|---:|---|---:|---:|")
    with tempfile.TemporaryDirectory() as folder:
        for kind in options.only or KINDS:
            values = make(kind, options.values, options.seed)
            path = Path(folder) / kind
            path.write_text("\n".join(values) + "\n", encoding="utf-8")
            best = measure(kind, values, path, options.rounds)
            for name, found in best.items():
                ratio = f"{found / best['firmograph']:.1f}" if "firmograph" in best else ""
                print(f"| {kind} | {len(values):,} | {name} | {found:,.0f} | {ratio} |", flush=True)


if __name__ == "__main__":
    sys.exit(main())
