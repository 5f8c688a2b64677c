#!/usr/bin/env python3
"""Three sources that disagree about the same companies: load, coalesce, export, and change one's mind. `scripts/bench sources` runs it.

The peer is PostgreSQL alone: the same values by COPY into one table and one GROUP BY that takes the first source's value of each
column, without payloads, matching, evidence or anything that could be undone. It is a floor, not something to replace.
"""

import argparse
import asyncio
import csv
import io
import json
import os
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

import asyncpg

from ingest import BINARY, new_database, run, settle

COLUMNS = ("domain", "name", "employees", "industry", "revenue", "city", "state", "country", "description")
HEADERS = ("Company Domain", "Company Name", "Employees", "Industry", "Annual Revenue", "Company City", "Company State",
           "Company Country", "Description")
SOURCES = ("clay", "apollo", "crunchbase")
ORDER = {"clay": 2, "apollo": 3, "crunchbase": 4}
WORDS = "north light brook mill vale forge lake print hill farm stone bridge river gate oak field iron copper".split()
FORMS = ("Inc.", "GmbH", "Ltd", "LLC", "S.A.", "")
EMPLOYEES = ("11-50", "51-200 employees", "1,001-5,000", "201 to 500", "10,001+ employees", "~40")
INDUSTRIES = ("Software Development", "Computer Software", "Retail", "Banking", "SaaS", "Machinery Manufacturing", "Stuff")
REVENUES = ("$5M - $10M", "10m-50m", "USD 750K", "100B-1T", "$1 billion", "")
PLACES = (("Boston", "MA", "United States"), ("Berlin", "", "Germany"), ("Lyon", "", "France"), ("Austin", "Texas", "US"))


def companies(source, count):
    """Values of one source about the same `count` companies; a sixth of the values is blank, and sources disagree."""
    chance = random.Random(f"2026 {source}")
    for number in range(count):
        names = random.Random(number)
        first, second = names.choice(WORDS), names.choice(WORDS)
        base = f"{first.title()} {second.title()} {number}"
        place = chance.choice(PLACES)
        name = chance.choice((base, base.upper(), f"{base} {chance.choice(FORMS)}".strip()))
        values = [name, chance.choice(EMPLOYEES), chance.choice(INDUSTRIES), chance.choice(REVENUES), *place,
                  f"{base} makes things, says {source}. " * chance.randint(1, 4)]
        yield [f"{first}-{second}-{number}.com", *("" if chance.random() < 1 / 6 else value for value in values)]


def make_files(folder, count):
    files = {}
    for source in SOURCES:
        files[source] = Path(folder) / f"{source}.csv"
        with files[source].open("w", newline="", encoding="utf-8") as out:
            writer = csv.writer(out)
            writer.writerow(HEADERS)
            writer.writerows(companies(source, count))
    return files


async def floor(url, files):
    connection = await asyncpg.connect(url)
    try:
        columns = ", ".join(f"{column} TEXT" for column in COLUMNS)
        await connection.execute(f"CREATE TABLE said ({columns}); ALTER TABLE said ADD COLUMN source INT")
        started = time.perf_counter()
        for source, file in files.items():
            await connection.execute(f"ALTER TABLE said ALTER COLUMN source SET DEFAULT {ORDER[source]}")
            await connection.copy_to_table("said", source=file, columns=COLUMNS, format="csv", header=True, null="")
        best = ", ".join(f"(array_agg({column} ORDER BY source) FILTER (WHERE {column} IS NOT NULL))[1] AS {column}"
                         for column in COLUMNS[1:])
        await connection.execute(f"CREATE TABLE golden AS SELECT domain, {best} FROM said GROUP BY domain")
        loaded = time.perf_counter() - started
        started = time.perf_counter()
        await connection.copy_from_query("SELECT * FROM golden ORDER BY domain", output=io.BytesIO(), format="csv")
        return {"load": loaded, "export": time.perf_counter() - started}
    finally:
        await connection.close()


def timed(*arguments, allowed=(0, 1)):
    started = time.perf_counter()
    said = run([BINARY, *arguments], allowed=allowed)
    return time.perf_counter() - started, said


def firmograph(url, files, folder):
    base = ("--database", url)
    run([BINARY, "migrate", "up", *base])
    settle(url)
    seconds = {"load": 0.0}
    for source, file in files.items():
        taken, _ = timed("ingest", file, "--source", source, "--no-refresh", *base)
        seconds["load"] += taken
    out = Path(folder) / "companies.ndjson"
    seconds["export"], _ = timed("export", "companies", "--output", out, *base)
    before = out.read_bytes()
    seconds["priority set, dry run"], said = timed("priority", "set", "company_name", "apollo,clay", "--dry-run",
                                                   "--format", "ndjson", *base)
    flips = said.count("\n")
    seconds["source remove, dry run"], _ = timed("source", "remove", "crunchbase", "--dry-run", *base)
    seconds["undo of the last ingest"], _ = timed("runs", "undo", str(len(files)), *base)
    redo = json.loads(run([BINARY, "runs", "list", "--limit", "1", "--format", "json", *base]))[0]["id"]
    seconds["undo of that"], _ = timed("runs", "undo", str(redo), *base)
    run([BINARY, "export", "companies", "--output", out, *base])
    if out.read_bytes() != before:
        sys.exit("undo and redo did not restore the export")
    seconds["verify"], _ = timed("verify", *base, allowed=(0,))
    seconds["rebuild"], _ = timed("rebuild", *base, allowed=(0,))
    return seconds, flips


def report(options, results, flips):
    rows = options.companies * len(SOURCES)
    print(f"\n{len(SOURCES)} sources x {options.companies:,} companies, {rows:,} rows; {options.rounds} rounds; "
          f"{flips:,} golden names flip in the dry run of the priority\n")
    print("| step | side | seconds: min | median | max | rows/s (median) | times the floor (median) |")
    print("|---|---|---|---|---|---|---|")
    steps = list(next(iter(results["firmograph, PostgreSQL"])))
    for step in steps:
        low = [taken[step] for taken in results["PostgreSQL alone"] if step in taken]
        for side, rounds in results.items():
            taken = [seconds[step] for seconds in rounds if step in seconds]
            if not taken:
                continue
            times = f"{statistics.median(a / b for a, b in zip(taken, low)):.1f}" if low else ""
            print(f"| {step} | {side} | {min(taken):.2f} | {statistics.median(taken):.2f} | {max(taken):.2f} "
                  f"| {rows / statistics.median(taken):,.0f} | {times} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--companies", type=int, default=60_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    server = os.environ["FIRMOGRAPH_TEST_POSTGRES"]
    results = {"PostgreSQL alone": [], "firmograph, PostgreSQL": [], "firmograph, SQLite": []}
    flips = 0
    with tempfile.TemporaryDirectory(prefix="firmograph-bench-") as folder:
        files = make_files(folder, options.companies)
        for number in range(options.rounds):
            results["PostgreSQL alone"].append(asyncio.run(floor(new_database(server, "floor"), files)))
            seconds, flips = firmograph(new_database(server, "sources"), files, folder)
            results["firmograph, PostgreSQL"].append(seconds)
            for path in Path(folder).glob("bench.db*"):
                path.unlink()
            seconds, _ = firmograph(f"sqlite://{Path(folder) / 'bench.db'}", files, folder)
            results["firmograph, SQLite"].append(seconds)
            print(f"round {number + 1} done", file=sys.stderr, flush=True)
    report(options, results, flips)


if __name__ == "__main__":
    main()
