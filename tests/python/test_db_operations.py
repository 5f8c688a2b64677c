"""examples/python/db_operations.py: an asyncpg ingestor that keeps its own pool and statements, on PostgreSQL."""

import asyncio
import importlib.util
import os
import pathlib
import subprocess
import sys
import uuid

import asyncpg
import firmograph as fg
import pytest

ROOT = pathlib.Path(__file__).parents[2]
SERVER = os.environ.get("FIRMOGRAPH_TEST_POSTGRES")
CUSTOMERS = ROOT / "examples/data/customers.csv"
EXAMPLE = ROOT / "examples/python/db_operations.py"

pytestmark = pytest.mark.skipif(not SERVER, reason="FIRMOGRAPH_TEST_POSTGRES names no server")

# Golden tables as an older system has them: a company must have a domain, a prospect a company.
OLDER = """
CREATE TABLE "Company" (id text PRIMARY KEY, domain text NOT NULL UNIQUE, name text, industry text, "minEmployeeSize" integer,
    "maxEmployeeSize" integer, "employeeSizeLink" text, revenue bigint, address text, city text, state text, country text,
    "zipCode" text, phone text, "mobilePhone" text, "externalSource" text, "externalId" text,
    "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP, "updatedAt" timestamp(3) NOT NULL);
CREATE TABLE "Prospect" (id text PRIMARY KEY, salutation text, "firstName" text, "lastName" text, email text, "jobTitle" text,
    "jobTitleLevel" text, department text, "jobTitleLink" text, address text, city text, state text, country text,
    "zipCode" text, phone text, "mobilePhone" text, "companyId" text NOT NULL REFERENCES "Company" (id),
    "externalSource" text, "externalId" text, "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" timestamp(3) NOT NULL);
"""


@pytest.fixture
def module():
    spec = importlib.util.spec_from_file_location("db_operations", EXAMPLE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def url():
    name = f"test_{uuid.uuid4().hex}"

    async def run(statement):
        connection = await asyncpg.connect(SERVER)
        await connection.execute(statement)
        await connection.close()

    asyncio.run(run(f'CREATE DATABASE "{name}"'))
    yield SERVER.rsplit("/", 1)[0] + f"/{name}"
    asyncio.run(run(f'DROP DATABASE "{name}" WITH (FORCE)'))


def with_database(module, url, work):
    async def run():
        database = module.DatabaseOperations(url)
        await database.initialize()
        try:
            return await work(database)
        finally:
            await database.cleanup()

    return asyncio.run(run())


async def execute(url, statements):
    connection = await asyncpg.connect(url)
    await connection.execute(statements)
    await connection.close()


def test_into_the_tables_of_firmograph(module, url):
    # Any call opens the database and makes its tables.
    assert fg.leads(database=url) == []

    async def work(database):
        told = [await database.ingest_file(CUSTOMERS, batch_size=size) for size in (100, 1_000)]
        assert [file["rows"] for file in told] == [242, 242]
        assert 132 in [reject["row"] for reject in told[0]["rejects"]]
        health = await database.health_check()
        assert health["status"] == "healthy" and {"Company", "Prospect"} <= set(health["tables"])
        company = await database.get_company_by_domain("atelierlumen.fr")
        assert (company["id"], company["minEmployeeSize"]) == ("atelierlumen.fr", 2)
        assert await database.get_company_id_by_domain("nobody.example") is None
        levels = await database.pool.fetch(
            'SELECT d."jobTitleLevel", count(*) FROM "Prospect" p JOIN "JobTitleLevelDefinition" d '
            'ON d.level = p."standardizedJobTitleLevelId" GROUP BY 1'
        )
        assert len(levels) > 5
        return await database.get_database_counts()

    counts = with_database(module, url, work)
    companies, prospects, _ = fg.normalize_records(rows())
    assert counts == {"companies": len(companies), "prospects": len(prospects)}


def test_into_older_tables_beside_rows_that_are_there(module, url):
    asyncio.run(execute(url, OLDER))
    there = """INSERT INTO "Company" (id, domain, name, phone, "updatedAt") VALUES ('c-1', 'atelierlumen.fr', 'Lumen', '+33 1', now())"""
    asyncio.run(execute(url, there))

    async def work(database):
        told = await database.ingest_file(CUSTOMERS, require_company=True)
        assert {reject["code"] for reject in told["rejects"]} == {"blank", "no-company"}
        company = await database.get_company_by_domain("atelierlumen.fr")
        assert (company["id"], company["name"], company["phone"]) == ("c-1", "Atelier Lumen", "+33 1")
        staff = await database.pool.fetchval("""SELECT count(*) FROM "Prospect" WHERE "companyId" = 'c-1'""")
        assert staff > 0
        counts = await database.get_database_counts()
        assert counts == {"companies": told["companies"], "prospects": told["prospects"]}

    with_database(module, url, work)


def test_as_a_program(url):
    asyncio.run(execute(url, OLDER))
    vendor = ROOT / "examples/data/vendor.csv"
    run = subprocess.run(
        [sys.executable, EXAMPLE, vendor],
        env={**os.environ, "DATABASE_URL": url},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert run.returncode == 0, run.stderr
    assert "'rows': 8, 'companies': 8, 'prospects': 0" in run.stdout


def rows():
    import csv

    with open(CUSTOMERS, newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))
