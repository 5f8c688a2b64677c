#!/usr/bin/env python3
"""File to committed rows: `firmograph ingest` beside the pandas and asyncpg ingestor. `scripts/bench ingest` runs it.

Scenarios: `initial` (an empty database), `reload` (the same file again), `live` (tables that hold another file). The
sides take turns within each round, and the order is swapped from round to round. The peer's time is its reading,
cleaning and writing without the start of Python; firmograph's is the whole process.
"""

import argparse
import asyncio
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import asyncpg

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
BINARY = ROOT / "target" / "release" / "firmograph"
SCENARIOS = ("initial", "reload", "live")
LIVE_ROWS, LIVE_SEED = 50_000, 2


class Peer:
    name = "pandas + asyncpg, PostgreSQL"

    def __init__(self, server, folder):
        self.server = server

    def fresh(self):
        self.url = new_database(self.server, "peer")
        self.create = True

    def load(self, file):
        settle(self.url)
        command = [sys.executable, HERE / "peer_ingest.py", file, "--database", self.url]
        if self.create:
            command.append("--create")
        self.create = False
        said = json.loads(run(command))
        return said["cleaning_seconds"] + said["writing_seconds"]

    def refresh(self):
        return None


class Firmograph:
    name = "firmograph, PostgreSQL"

    def __init__(self, server, folder):
        self.server = server

    def fresh(self):
        self.url = new_database(self.server, "firmograph")
        run([BINARY, "migrate", "up", "--database", self.url])

    def load(self, file):
        settle(self.url)
        started = time.perf_counter()
        # Exit 1 means done, with rejects over the limit; rejects are part of the data.
        run([BINARY, "ingest", file, "--source", "csv", "--database", self.url, "--no-refresh"], allowed=(0, 1))
        return time.perf_counter() - started

    def refresh(self):
        """Seconds of a refresh of the view that other clients read, or None where there is none."""
        try:
            started = time.perf_counter()
            asyncio.run(execute(self.url, "REFRESH MATERIALIZED VIEW company_prospect_view"))
            return time.perf_counter() - started
        except asyncpg.PostgresError:
            return None


class FirmographSqlite(Firmograph):
    name = "firmograph, SQLite"

    def __init__(self, server, folder):
        self.folder = Path(folder)

    def fresh(self):
        for path in self.folder.glob("bench.db*"):
            path.unlink()
        self.url = f"sqlite://{self.folder / 'bench.db'}"
        run([BINARY, "migrate", "up", "--database", self.url])

    def refresh(self):
        return None


SIDES = (Peer, Firmograph, FirmographSqlite)


def run(command, allowed=(0,)):
    done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode not in allowed:
        sys.exit(f"{' '.join(str(part) for part in command)} ended with {done.returncode}:\n{done.stderr[-2000:]}")
    return done.stdout


async def execute(url, statement):
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def new_database(server, name):
    database = f"bench_{name}"
    asyncio.run(execute(server, f"DROP DATABASE IF EXISTS {database} WITH (FORCE)"))
    asyncio.run(execute(server, f"CREATE DATABASE {database}"))
    return f"{server.rsplit('/', maxsplit=1)[0]}/{database}"


def settle(url):
    """Writes out what earlier loads left behind, so that no side pays for another."""
    if url.startswith("postgres"):
        asyncio.run(execute(url, "CHECKPOINT"))


def make_file(folder, rows, domains, seed):
    path = Path(folder) / f"customers-{rows}-{seed}.csv"
    with path.open("wb") as out:
        arguments = [str(rows), "--domains", str(domains), "--seed", str(seed)]
        subprocess.run([sys.executable, str(HERE / "make_customers.py"), *arguments], stdout=out, check=True)
    return path


def one_round(side, file, other, scenarios):
    """Seconds by scenario, and of the view's refresh after the first load."""
    seconds = {}
    if {"initial", "reload"} & set(scenarios):
        side.fresh()
        seconds["initial"] = side.load(file)
        seconds["refresh"] = side.refresh()
        if "reload" in scenarios:
            seconds["reload"] = side.load(file)
    if "live" in scenarios:
        side.fresh()
        side.load(other)
        seconds["live"] = side.load(file)
    return seconds


def report(options, results):
    print(f"\n{options.rows:,} rows over {options.domains:,} domains, {options.rounds} rounds; {os.cpu_count()} cores, "
          f"Python {platform.python_version()}, pandas and asyncpg as pinned in scripts/bench-requirements.txt\n")
    print("| scenario | side | rows/s: min | median | max | times the peer (median) | by round |")
    print("|---|---|---|---|---|---|---|")
    for scenario in SCENARIOS:
        peer = [seconds[scenario] for seconds in results[Peer.name] if scenario in seconds]
        for side in SIDES:
            taken = [seconds[scenario] for seconds in results[side.name] if scenario in seconds]
            if not taken:
                continue
            rates = sorted(options.rows / value for value in taken)
            times = [theirs / ours for theirs, ours in zip(peer, taken)]
            print(f"| {scenario} | {side.name} | {rates[0]:,.0f} | {statistics.median(rates):,.0f} | {rates[-1]:,.0f} "
                  f"| {statistics.median(times):.2f} | {', '.join(f'{value:.2f}' for value in times)} |")
    refreshes = [seconds["refresh"] for seconds in results[Firmograph.name] if seconds.get("refresh")]
    if refreshes:
        print(f"\nRefresh of company_prospect_view after the initial load: median {statistics.median(refreshes):.2f} s.")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--domains", type=int, default=60_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", action="append", choices=SCENARIOS, help="only this scenario (may be given again)")
    options = parser.parse_args()
    server = os.environ["FIRMOGRAPH_TEST_POSTGRES"]
    scenarios = options.only or SCENARIOS
    results = {side.name: [] for side in SIDES}
    with tempfile.TemporaryDirectory(prefix="firmograph-bench-") as folder:
        file = make_file(folder, options.rows, options.domains, seed=1)
        other = make_file(folder, LIVE_ROWS, LIVE_ROWS // 3, LIVE_SEED) if "live" in scenarios else None
        for number in range(options.rounds):
            for side in SIDES if number % 2 == 0 else reversed(SIDES):
                seconds = one_round(side(server, folder), file, other, scenarios)
                results[side.name].append(seconds)
                said = ", ".join(f"{name} {value:.2f} s" for name, value in seconds.items() if value is not None)
                print(f"round {number + 1}: {side.name}: {said}", file=sys.stderr, flush=True)
    report(options, results)


if __name__ == "__main__":
    main()
