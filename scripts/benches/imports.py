#!/usr/bin/env python3
"""What other systems hold: a table of customers, nested leads, and rows that another program writes. `scripts/bench imports` runs it.

Customers and leads are timed with the comparison of every value; the direct writer is asyncpg with executemany, on tables without and with
the triggers that note its writes.
"""

import argparse
import asyncio
import csv
import json
import os
import random
import statistics
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

import asyncpg

from ingest import BINARY, new_database, run, settle
from peer_ingest import COMPANY, PROSPECT, upsert

WORDS = "north light brook mill vale forge lake print hill farm stone bridge river gate oak field iron copper".split()
CUSTOMER = """id salutation firstName lastName email company address city state country zipCode phone mobilePhone industry jobTitleLevel
jobTitle department minEmployeeSize maxEmployeeSize jobTitleLink employeeSizeLink revenue externalSource externalId createdAt
updatedAt""".split()
TITLES = ("Chief Financial Officer", "VP of Sales", "Sales Manager", "Director, Operations", "Engineer", "Owner", "Head of IT")
PLACES = (("Boston", "MA", "USA", "02139"), ("Berlin", "", "Germany", "10115"), ("Austin", "TX", "United States", "78701"))


def domain_of(chance, count):
    number = chance.randrange(max(count // 2, 1))
    return f"{WORDS[number % 18]}-{WORDS[number // 18 % 18]}-{number}.com", f"{WORDS[number % 18].title()} {number}"


def make_customers(path, count):
    chance = random.Random(2026)
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, CUSTOMER)
        writer.writeheader()
        for number in range(count):
            domain, name = domain_of(chance, count)
            city, state, country, code = chance.choice(PLACES)
            low = chance.choice((11, 51, 201, 501))
            writer.writerow({
                "id": f"c{number:07}",
                "firstName": "Ada",
                "lastName": f"Specimen{number % 977}",
                "email": f"Ada.{number % (count * 9 // 10)}@{domain}",
                "company": chance.choice((name, name.upper(), f"{name} Inc.")),
                "city": city, "state": state, "country": country, "zipCode": code,
                "phone": f"+1 617 555 {number % 10000:04}",
                "industry": chance.choice(("Software Development", "Computer Software", "Retail", "Stuff")),
                "jobTitle": chance.choice(TITLES),
                "jobTitleLevel": chance.choice(("Manager ", "C-Level", "Director", "")),
                "minEmployeeSize": low,
                "maxEmployeeSize": low * 4,
                "externalSource": "csv",
                "createdAt": "2024-04-03 10:11:12.345",
                "updatedAt": f"2024-04-{number % 28 + 1:02} 10:11:12.345",
            })


def make_leads(path, count):
    chance = random.Random(2027)
    with path.open("w", encoding="utf-8") as out:
        for number in range(count):
            domain, name = domain_of(chance, count)
            score = chance.randint(20, 99)
            tier = "Tier 1" if score >= 85 else "Tier 2" if score >= 70 else "Tier 3" if score >= 40 else "Disqualified"
            factors = {"score": score, "factors": [{"name": "Fit", "value": score, "weight": 100}]}
            person = f"Ada Specimen{number}"
            document = {
                "_id": f"{number:024x}",
                "lead_input": {"name": person, "title": chance.choice(TITLES), "company": name, "email": f"a{number}@{domain}"},
                "research": {
                    "CompanyProfile": {
                        "name": name, "domain": domain, "industry": "Retail",
                        "company_size": {"employee_count": chance.choice((0, 45, 320)), "annual_revenue_usd": 0},
                        "headquarters": {"city": "Berlin", "state_or_region": "Unknown", "country": "Germany"},
                        "technographics": [{"name": "Looms", "category": "ERP", "confidence": "High", "source": "site"}],
                        "confidence": "High",
                    },
                    "PersonaProfile": {"full_name": person, "title": "", "email": "", "confidence": "Low"},
                    "DetectedSignals": [{"type": "technical", "signal": "New looms", "source": "site", "strength": "high",
                                         "recency": "2026", "evidence": ["https://example.com/a"]}],
                    "ResearchMeta": {"research_timestamp_utc": "2025-12-18T09:01:00Z", "tools_used": ["SEARCH"],
                                     "citations": [{"source_name": "site", "url": "https://example.com",
                                                    "accessed_at_utc": "2025-12-18T09:00:40Z"}],
                                     "data_quality_warnings": []},
                },
                "icp": {
                    "icp_score": score, "fit_tier": tier,
                    "score_breakdown": {"company_fit": score, "persona_fit": score, "timing_fit": score},
                    "factor_breakdown": {"companyFit": factors, "personaFit": factors, "timingFit": factors},
                    "strengths": [], "risks": [], "gaps": [], "confidence_level": "High",
                    "scoring_meta": {"inputs_used": [], "scored_at": "2025-12-18T09:05:00Z"},
                },
                "status": "icp_scored",
                "createdAt": "2025-12-18T09:00:00.000Z",
                "updatedAt": "2025-12-20T09:00:00.000Z",
            }
            out.write(json.dumps(document) + "\n")


def timed(*arguments, allowed=(0,)):
    started = time.perf_counter()
    said = run([BINARY, *map(str, arguments)], allowed=allowed)
    return time.perf_counter() - started, said


def imported(url, what, file, folder):
    base = ("--database", url)
    run([BINARY, "migrate", "up", *base])
    settle(url)
    report = Path(folder) / "report.json"
    seconds = {}
    seconds[f"import {what}"], _ = timed("import", what, file, "--report", report, *base)
    found = json.loads(report.read_text())
    lost = found.get("lost", found.get("values", {}).get("lost"))
    if lost != 0:
        sys.exit(f"{lost} values are lost")
    seconds[f"import {what} again"], _ = timed("import", what, file, *base)
    seconds[f"undo of {what}"], _ = timed("runs", "undo", "1", *base)
    return seconds


async def direct(url, rows):
    """Seconds of a direct writer for companies and prospects, first inserts and then the same again with other telephone numbers."""
    connection = await asyncpg.connect(url)
    try:
        seconds = 0.0
        for phone in ("617 555 0100", "617 555 0101"):
            now = datetime(2026, 1, 2, 3, 4, 5)
            companies = [[f"d{n}.com", f"d{n}.com", f"Firm {n}", "Retail", 11, 50, None, None, None, "Boston", "MA", "USA", "02139",
                          phone, None, "csv", f"company_a@d{n}.com", now, now] for n in range(rows)]
            prospects = [[f"a@d{n}.com", None, "Ada", "Specimen", f"a@d{n}.com", "CFO", "C-Level", None, None, None, "Boston", "MA",
                          "USA", "02139", phone, None, f"d{n}.com", "csv", f"a@d{n}.com", now, now] for n in range(rows)]
            started = time.perf_counter()
            # The peer of `scripts/bench ingest`, on our tables.
            for table, columns, key, values in (("Company", COMPANY, "domain", companies), ("Prospect", PROSPECT, "id", prospects)):
                await connection.executemany(upsert(table, columns, key).replace('peer."', '"'), values)
            seconds += time.perf_counter() - started
        return seconds
    finally:
        await connection.close()


def writers(server, rows):
    seconds = {}
    for side in ("without triggers", "with triggers"):
        url = new_database(server, "direct")
        run([BINARY, "migrate", "up", "--database", url])
        if side == "without triggers":
            async def drop():
                connection = await asyncpg.connect(url)
                await connection.execute(
                    'DROP TRIGGER "Company_direct_write" ON "Company"; DROP TRIGGER "Prospect_direct_write" ON "Prospect"; '
                    'DROP TRIGGER "Prospect_find_company" ON "Prospect"')
                await connection.close()
            asyncio.run(drop())
        seconds[f"direct writes, {side}"] = asyncio.run(direct(url, rows))
    seconds["import legacy"], _ = timed("import", "legacy", "--database", url)
    return seconds


def report(options, results):
    print(f"\n{options.customers:,} customers, {options.leads:,} leads, {options.writes:,} companies and as many prospects written "
          f"directly, twice; {options.rounds} rounds\n")
    print("| step | database | seconds: min | median | max | rows/s (median) |")
    print("|---|---|---|---|---|---|")
    for side, rounds in results.items():
        for step in rounds[0]:
            taken = [seconds[step] for seconds in rounds]
            rows = options.customers if "customers" in step else options.leads if "leads" in step else 4 * options.writes
            print(f"| {step} | {side} | {min(taken):.2f} | {statistics.median(taken):.2f} | {max(taken):.2f} "
                  f"| {rows / statistics.median(taken):,.0f} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--leads", type=int, default=20_000)
    parser.add_argument("--writes", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    server = os.environ["FIRMOGRAPH_TEST_POSTGRES"]
    results = {"PostgreSQL": [], "SQLite": []}
    with tempfile.TemporaryDirectory(prefix="firmograph-bench-") as folder:
        customers, leads = Path(folder) / "customers.csv", Path(folder) / "leads.jsonl"
        make_customers(customers, options.customers)
        make_leads(leads, options.leads)
        for number in range(options.rounds):
            for side, rounds in results.items():
                seconds = {}
                for what, file in (("customers", customers), ("leads", leads)):
                    for path in Path(folder).glob("bench.db*"):
                        path.unlink()
                    url = new_database(server, "imports") if side == "PostgreSQL" else f"sqlite://{folder}/bench.db"
                    seconds |= imported(url, what, file, folder)
                if side == "PostgreSQL":
                    seconds |= writers(server, options.writes)
                rounds.append(seconds)
            print(f"round {number + 1} done", file=sys.stderr, flush=True)
    report(options, results)


if __name__ == "__main__":
    main()
