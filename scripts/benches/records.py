#!/usr/bin/env python3
"""What it costs to give rows in memory their meaning, in microseconds a row: `scripts/bench records` runs it.

The rows are those of make_customers.py, 21 columns each. Beside `normalize_records` (dicts in, golden dicts out) stand what it takes to
read the file into such dicts, and the same rows as an Arrow table through `normalize_batch` and `coalesce`. One thread; of
each side the best round counts.
"""

import argparse
import csv
import platform
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

import firmograph as fg
import pyarrow as pa

MAKE = Path(__file__).with_name("make_customers.py")


def read(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def sparse(rows):
    """As a feed of JSON has rows: without what is not known."""
    return [{key: value for key, value in row.items() if value} for row in rows]


def nested(rows):
    """Rows with an object in them, as most interfaces give them."""
    company = ("Company", "Industry", "Employee Size", "Revenue")
    return [{**{key: value for key, value in row.items() if key not in company},
             "company": {key: row[key] for key in company}} for row in rows]


def coalesced(table):
    golden = fg.coalesce(fg.normalize_batch(table, "csv", keep=[]))
    return pa.table(golden.companies).num_rows, pa.table(golden.prospects).num_rows


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "customers.csv"
        with open(path, "wb") as file:
            subprocess.run([sys.executable, MAKE, str(options.rows)], stdout=file, check=True)
        rows = read(path)
        table = pa.table({name: [row[name] for row in rows] for name in rows[0]})
        without, within = sparse(rows), nested(rows)
        table_of_objects = pa.Table.from_struct_array(pa.array(within))
        sides = {
            "`csv.DictReader`": lambda: read(path),
            "`normalize_records`": lambda: fg.normalize_records(rows),
            "the same, keys left out where nothing is known": lambda: fg.normalize_records(without),
            "the same, the company an object": lambda: fg.normalize_records(within),
            "`normalize_batch` and `coalesce`": lambda: coalesced(table),
            "the same, the company a struct": lambda: coalesced(table_of_objects),
        }
        best = dict.fromkeys(sides, float("inf"))
        for number in range(options.rounds):
            for name in list(sides) if number % 2 == 0 else reversed(sides):
                started = time.perf_counter()
                sides[name]()
                best[name] = min(best[name], time.perf_counter() - started)
    print(f"Python {platform.python_version()}, pyarrow {version('pyarrow')}; {len(rows):,} rows of {len(rows[0])} columns, "
          f"{options.rounds} rounds, one thread.\n")
    print("| what | us a row | rows a second |\n|---|---:|---:|")
    for name, seconds in best.items():
        print(f"| {name} | {seconds / len(rows) * 1e6:,.2f} | {len(rows) / seconds:,.0f} |")


if __name__ == "__main__":
    sys.exit(main())
