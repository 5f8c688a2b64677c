"""An ingestor that writes `"Company"` and `"Prospect"` by itself, with the statements that such ingestors have: asyncpg, executemany,
every column by position, a blank never over a value. It knows nothing of firmograph, and firmograph observes what it wrote."""

import asyncio
import json
import os
import pathlib
import subprocess
from datetime import datetime

import asyncpg
import pytest

ROOT = pathlib.Path(__file__).parents[2]
SERVER = os.environ.get("FIRMOGRAPH_TEST_POSTGRES")

COMPANY = """id domain name industry minEmployeeSize maxEmployeeSize employeeSizeLink revenue address city state country zipCode phone
mobilePhone externalSource externalId createdAt updatedAt""".split()
PROSPECT = """id salutation firstName lastName email jobTitle jobTitleLevel department jobTitleLink address city state country zipCode
phone mobilePhone companyId externalSource externalId createdAt updatedAt""".split()


def upsert(table, columns, conflict):
    """INSERT of every column by position; on conflict what is given wins, and what is not stays."""
    names = ", ".join(f'"{column}"' for column in columns)
    places = ", ".join(f"${place}" for place in range(1, len(columns) + 1))
    kept = {"id", "createdAt", conflict}
    parts = [
        f'"{column}" = COALESCE(EXCLUDED."{column}", "{table}"."{column}")'
        for column in columns
        if column not in kept and column != "updatedAt"
    ]
    parts.append('"updatedAt" = EXCLUDED."updatedAt"')
    return f'INSERT INTO "{table}" ({names}) VALUES ({places}) ON CONFLICT ("{conflict}") DO UPDATE SET {", ".join(parts)}'


class Ingestor:
    """Writes through a pool of its own, as a program does that was there before."""

    def __init__(self, url):
        self.url = url

    async def initialize(self):
        self.pool = await asyncpg.create_pool(self.url, min_size=1, max_size=4)

    async def cleanup(self):
        await self.pool.close()

    @staticmethod
    def time(text):
        return datetime.fromisoformat(text) if text and "T" in text else datetime.now()

    async def bulk_insert(self, table, columns, conflict, rows):
        values = [
            tuple(self.time(row.get(name)) if name in ("createdAt", "updatedAt") else row.get(name) for name in columns)
            for row in rows
        ]
        async with self.pool.acquire() as connection:
            await connection.executemany(upsert(table, columns, conflict), values)
        return {"status": "success", "records_processed": len(rows), "result": None}

    async def bulk_insert_companies(self, rows):
        return await self.bulk_insert("Company", COMPANY, "domain", rows)

    async def bulk_insert_prospects(self, rows):
        return await self.bulk_insert("Prospect", PROSPECT, "id", rows)

    async def fetch(self, sql, *values):
        async with self.pool.acquire() as connection:
            return [dict(row) for row in await connection.fetch(sql, *values)]


def rows_of(number):
    """A company and a prospect as such an ingestor makes them of one row of a file."""
    domain, email = f"acme{number % 10}.com", f"Ada.{number}@acme{number % 10}.com"
    times = {"createdAt": "2026-01-02T03:04:05", "updatedAt": f"2026-02-{number % 28 + 1:02}T03:04:05"}
    shared = {"city": "Boston", "country": "USA", "externalSource": "csv", **times}
    company = {
        "id": domain,
        "domain": domain,
        "name": f"ACME {number % 10} INC",
        "industry": "Computer Software",
        "minEmployeeSize": 201,
        "maxEmployeeSize": 500 if number % 2 else None,
        "revenue": 5_000_000,
        "externalId": f"company_{email}",
        **shared,
    }
    prospect = {
        "id": email,
        "firstName": "ADA",
        "lastName": f"Hale {number}",
        "email": email,
        "jobTitleLevel": ["Manager ", "C-Level", "Banking"][number % 3],
        "companyId": domain,
        "zipCode": "02139",
        "externalId": email,
        **shared,
    }
    return company, prospect


@pytest.fixture(scope="module")
def firmograph():
    """The command line, built as the tests of Rust built it."""
    subprocess.run(["cargo", "build", "--quiet", "--locked", "-p", "firmograph-cli"], cwd=ROOT, check=True)

    def run(database, *arguments):
        command = [ROOT / "target" / "debug" / "firmograph", "--database", database, "--format", "json", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if done.stdout.strip() else None

    return run


@pytest.fixture
def database():
    if SERVER is None:
        pytest.skip("no PostgreSQL: FIRMOGRAPH_TEST_POSTGRES is not set (scripts/postgres run ...)")
    name = f"direct_{os.getpid()}"

    async def admin(sql):
        connection = await asyncpg.connect(SERVER)
        await connection.execute(sql)
        await connection.close()

    asyncio.run(admin(f"CREATE DATABASE {name}"))
    yield SERVER.rsplit("/", 1)[0] + "/" + name
    asyncio.run(admin(f"DROP DATABASE {name} WITH (FORCE)"))


def test_an_ingestor_runs_unchanged_and_is_observed(firmograph, database, tmp_path):
    vendor = tmp_path / "vendor.csv"
    vendor.write_text("Domain,Company,Industry,Country\nacme3.com,Acme Three,Automation Machinery Manufacturing,United States\n")
    firmograph(database, "ingest", "--source", "clay", str(vendor))

    async def write():
        ingestor = Ingestor(database)
        await ingestor.initialize()
        pairs = [rows_of(number) for number in range(60)]
        for _ in range(2):
            companies = await ingestor.bulk_insert_companies([company for company, _ in pairs])
            prospects = await ingestor.bulk_insert_prospects([prospect for _, prospect in pairs])
        counts = await ingestor.fetch('SELECT (SELECT count(*) FROM "Company") AS c, (SELECT count(*) FROM "Prospect") AS p')
        await ingestor.cleanup()
        return companies, prospects, counts[0]

    companies, prospects, counts = asyncio.run(write())
    assert companies["records_processed"] == prospects["records_processed"] == 60
    assert counts == {"c": 10, "p": 60}

    firmograph(database, "import", "legacy")

    async def read():
        ingestor = Ingestor(database)
        await ingestor.initialize()
        companies = await ingestor.fetch('SELECT * FROM "Company" ORDER BY domain')
        prospects = await ingestor.fetch('SELECT * FROM "Prospect" ORDER BY id')
        await ingestor.cleanup()
        return companies, prospects

    companies, prospects = asyncio.run(read())
    assert (len(companies), len(prospects)) == (10, 60)
    ids = {company["domain"]: company["id"] for company in companies}
    assert ids["acme1.com"] == "acme1.com"
    assert ids["acme3.com"] != "acme3.com", "it was there before, and its prospects found it by its domain"
    levels = {"Manager ": 10, "C-Level": 1, "Banking": None}
    for number in range(60):
        company, prospect = rows_of(number)
        found = next(row for row in prospects if row["id"] == prospect["id"])
        assert found["companyId"] == ids[company["domain"]]
        assert found["standardizedJobTitleLevelId"] == levels[prospect["jobTitleLevel"]]
        for column in PROSPECT:
            if column not in ("companyId", "createdAt", "updatedAt"):
                assert found[column] == prospect.get(column), (number, column)
    for company in companies:
        if company["domain"] == "acme3.com":
            assert (company["name"], company["revenue"]) == ("Acme Three", 5_000_000), "clay is believed more"
        else:
            assert company["name"] == f"ACME {company['domain'][4]} INC"
            assert (company["industry"], company["city"], company["country"]) == ("Computer Software", "Boston", "USA")
        assert company["employeeRange"] in ("201-500", "501-1000", "10001+"), company["employeeRange"]

    said = firmograph(database, "explain", "acme3.com", "company_name")
    said = said[0] if isinstance(said, list) else said
    assert said["winner"]["source"] == "clay"
    assert [loser["source"] for loser in said["losers"]] == ["legacy"]
