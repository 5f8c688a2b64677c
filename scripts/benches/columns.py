#!/usr/bin/env python3
"""What Python costs on top of the normalisers, in nanoseconds a value: `scripts/bench columns` runs it.

The kernel is the Rust function over a list (as `normalize` measures it); beside it one call per value, a list in one
call, an Arrow column in one call, and one field of that. Values are distinct, so that nothing is remembered; those of the
last line repeat. Of each chunk of 1,000 calls, and of each whole column, the best round counts.
"""

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path

import firmograph as fg
import pyarrow as pa

from make_values import KINDS, make

ROOT = Path(__file__).resolve().parents[2]
THROUGHPUT = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release" / "examples" / "throughput"
CHUNK = 1000

FUNCTIONS = {
    "domain": "extract_domain",
    "email": "normalize_email",
    "company_name": "clean_company_name",
    "job_title": "match_job_title",
    "employee_range": "match_employee_range",
    "revenue_range": "match_revenue_range",
    "linkedin_url": "canonical_linkedin_url",
    "phone": "normalize_phone",
    "person_name": "split_person_name",
    "location": "match_location",
    "industry": "match_industry",
}


def chunked(function, values):
    times = []
    for start in range(0, len(values), CHUNK):
        chunk = values[start:start + CHUNK]
        started = time.perf_counter_ns()
        for value in chunk:
            function(value)
        times.append(time.perf_counter_ns() - started)
    return times


def once(work):
    started = time.perf_counter_ns()
    work()
    return [time.perf_counter_ns() - started]


def kernel(kind, path):
    done = subprocess.run([str(THROUGHPUT), kind, str(path)], stdout=subprocess.PIPE, text=True, check=True)
    return [int(part) for part in done.stdout.split()]


def best_of(sides, rounds, count):
    best = {}
    for number in range(rounds):
        for name in list(sides) if number % 2 == 0 else reversed(sides):
            times = sides[name]()
            best[name] = [min(pair) for pair in zip(times, best.get(name, times))]
    return {name: sum(best[name]) / count for name in sides}


def sides_of(kind, values, path):
    name = FUNCTIONS[kind]
    # The kernel is measured with national numbers of the United States.
    options = {"region": "US"} if kind == "phone" else {}
    scalar = getattr(fg, name)
    call = (lambda value: scalar(value, "US")) if options else scalar
    column, columns = pa.array(values), getattr(fg.columns, name)
    call(values[0])
    fields = pa.array(columns(values[:1])).type
    first = fields.field(0).name
    return {
        "kernel": lambda: kernel(kind, path),
        "call": lambda: chunked(call, values),
        "list": lambda: once(lambda: columns(values, **options)),
        "Arrow": lambda: once(lambda: columns(column, **options)),
        "Arrow, one field": lambda: once(lambda: columns(column, field=first, **options)),
    }


def threads(rows, rounds):
    """How many times the rows per second of one thread two have, of one column of titles each."""
    titles = pa.array(f"{title}, Region {row}" for row in range(rows // 2) for title in ("VP of Sales", "Engineer"))

    def spent(number):
        with ThreadPoolExecutor(number) as pool:
            return once(lambda: list(pool.map(lambda _: fg.columns.match_job_title(titles), range(number))))[0]

    spent(1)
    return 2 * min(spent(1) for _ in range(rounds)) / min(spent(2) for _ in range(rounds))


def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")


def memory(rows):
    """Resident megabytes after 10 and after 100 batches of a table."""
    table = pa.table({"title": [f"Engineer, Region {row}" for row in range(rows)]})
    found = {}
    for number in range(1, 101):
        pa.table(fg.columns.match_job_title(table, column="title"))
        found[number] = resident() / 1e6
    return found[10], found[100]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--values", type=int, default=20_000, help="distinct values of each kind")
    parser.add_argument("--titles", type=int, default=1_000_000, help="titles of the column that repeats")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=FUNCTIONS, action="append")
    options = parser.parse_args()
    print(f"Python {platform.python_version()}, pyarrow {version('pyarrow')}; {options.rounds} rounds, one core.\n")
    names = ["kernel", "call", "list", "Arrow", "Arrow, one field"]
    print("| kind | values |", " | ".join(names), "| call over kernel | Arrow times kernel |")
    print("|---|" + "---:|" * (len(names) + 3))
    with tempfile.TemporaryDirectory() as folder:
        for kind in options.only or (kind for kind in KINDS if kind in FUNCTIONS):
            values = make(kind, options.values, options.seed)
            path = Path(folder) / kind
            path.write_text("\n".join(values) + "\n", encoding="utf-8")
            best = best_of(sides_of(kind, values, path), options.rounds, len(values))
            cells = " | ".join(f"{best[name]:,.0f}" for name in names)
            over, times = best["call"] - best["kernel"], best["Arrow"] / best["kernel"]
            print(f"| {kind} | {len(values):,} | {cells} | {over:,.0f} | {times:.2f} |", flush=True)
        values = make("job_title", options.values, options.seed)
        titles = (values * (options.titles // len(values) + 1))[:options.titles]
        path = Path(folder) / "titles"
        path.write_text("\n".join(titles) + "\n", encoding="utf-8")
        best = best_of(sides_of("job_title", titles, path), options.rounds, len(titles))
    print(f"\n{len(titles):,} titles, {len(values):,} of them distinct, in one call: " +
          ", ".join(f"{name} {best[name]:,.0f} ns" for name in ("kernel", "Arrow", "Arrow, one field")) +
          f"; Arrow is {best['Arrow'] / best['kernel']:.2f} times the kernel.")
    print(f"Two threads: {threads(200_000, options.rounds):.2f} times one.")
    if sys.platform == "linux":
        ten, hundred = memory(60_000)
        print(f"Memory: {ten:,.0f} MB after 10 batches of 60,000 rows, {hundred:,.0f} MB after 100.")


if __name__ == "__main__":
    sys.exit(main())
