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
CREATE TABLE "Company" (id text PRIMARY KEY, domain text NOT NULL UNIQUE, name text, industry text,
    "minEmployeeSize" integer, "maxEmployeeSize" integer, "employeeSizeLink" text, revenue bigint, address text,
    city text, state text, country text, "zipCode" text, phone text, "mobilePhone" text, "externalSource" text,
    "externalId" text, "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP, "updatedAt" timestamp(3) NOT NULL);
CREATE TABLE "Prospect" (id text PRIMARY KEY, salutation text, "firstName" text, "lastName" text, email text,
    "jobTitle" text, "jobTitleLevel" text, department text, "jobTitleLink" text, address text, city text, state text,
    country text, "zipCode" text, phone text, "mobilePhone" text, "companyId" text NOT NULL REFERENCES "Company" (id),
    "externalSource" text, "externalId" text, "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" timestamp(3) NOT NULL);
"""
# There are such tables that want to know of every row where it comes from, too.
STRICT = OLDER + "".join(
    f'ALTER TABLE "{table}" ALTER "{column}" SET NOT NULL;'
    for table in ("Company", "Prospect")
    for column in ("externalSource", "externalId")
)
# A business address with and without the company's name, free mail with and without it, and no person at all.
PEOPLE = """First Name,Last Name,Email address,Company,Employee Size
Ada,Lind,ada@acme.com,,
Bob,Moss,bob@other.com,Other Inc,51-200
Cid,Nash,cid@gmail.com,Free Co,1-10
Dee,Oak,dee@gmail.com,,
,,,Nobody Ltd,11-50
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
    there = """INSERT INTO "Company" (id, domain, name, phone, "updatedAt")
        VALUES ('c-1', 'atelierlumen.fr', 'Lumen', '+33 1', now())"""
    asyncio.run(execute(url, there))

    async def work(database):
        told = await database.ingest_file(CUSTOMERS)
        assert told["refused"] == []
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
    assert "'rows': 8, 'companies': 8, 'prospects': 0, 'lost': 0" in run.stdout


def run_main(module, url, monkeypatch, *files):
    monkeypatch.setenv("DATABASE_URL", url)
    return asyncio.run(module.main(files))


def write(path, text):
    path.write_text(text, encoding="utf-8")
    return path


def fetch(url, query):
    async def ask():
        connection = await asyncpg.connect(url)
        try:
            return [tuple(row) for row in await connection.fetch(query)]
        finally:
            await connection.close()

    return asyncio.run(ask())


COMPANIES = 'SELECT domain, "externalSource", "externalId" FROM "Company" ORDER BY 1'
PROSPECTS = 'SELECT email, "companyId", "externalSource", "externalId" FROM "Prospect" ORDER BY 1'


@pytest.mark.parametrize("tables", [OLDER, STRICT], ids=["older", "strict"])
def test_older_tables_say_themselves_that_they_want_a_company(module, url, monkeypatch, tmp_path, capsys, tables):
    asyncio.run(execute(url, tables))
    path = write(tmp_path / "people.csv", PEOPLE)
    assert run_main(module, url, monkeypatch, path) == 3
    told = capsys.readouterr()
    assert "'rows': 5, 'companies': 2, 'prospects': 2, 'lost': 3" in told.out
    assert [line.split(": ")[1:4] for line in told.err.splitlines()] == [
        [f"row {row}", "lost", "no-company"] for row in (2, 3, 4)
    ]
    assert [domain for domain, *_ in fetch(url, COMPANIES)] == ["acme.com", "other.com"]
    assert fetch(url, PROSPECTS) == [
        ("ada@acme.com", "acme.com", "csv", "ada@acme.com"),
        ("bob@other.com", "other.com", "csv", "bob@other.com"),
    ]
    if tables == STRICT:
        assert fetch(url, COMPANIES) == [("acme.com", "csv", "acme.com"), ("other.com", "csv", "other.com")]


def test_a_person_taken_without_its_company_is_not_lost(module, url, monkeypatch, tmp_path, capsys):
    asyncio.run(execute(url, OLDER + 'ALTER TABLE "Prospect" ALTER "companyId" DROP NOT NULL'))
    people = PEOPLE.splitlines(keepends=True)
    path = write(tmp_path / "people.csv", "".join(people[:-1]))
    assert run_main(module, url, monkeypatch, path) == 0
    told = capsys.readouterr()
    assert "'rows': 4, 'companies': 2, 'prospects': 4, 'lost': 0" in told.out
    assert told.err.startswith(f"{path}: row 2: note: no-domain: the person is taken"), told.err
    assert ("cid@gmail.com", None, "csv", "cid@gmail.com") in fetch(url, PROSPECTS)

    assert run_main(module, url, monkeypatch, write(path, people[0] + people[-1])) == 1
    assert "row 0: lost: no-domain" in capsys.readouterr().err


def test_what_the_database_refuses_is_lost_alone(module, url, monkeypatch, tmp_path, capsys):
    asyncio.run(execute(url, OLDER + """ALTER TABLE "Company" ADD CHECK (domain <> 'firm-3.com')"""))
    people = "".join(f"P{n},p{n}@firm-{n}.com,Firm {n}\n" for n in range(9))
    path = write(tmp_path / "people.csv", "First Name,Email address,Company\n" + people)
    assert run_main(module, url, monkeypatch, path) == 2
    told = capsys.readouterr()
    assert "'rows': 9, 'companies': 8, 'prospects': 8, 'lost': 2" in told.out
    assert [line.split(": ")[1:3] for line in told.err.splitlines()] == [
        ["Company firm-3.com", "lost"],
        ["Prospect p3@firm-3.com", "lost"],
    ]

    async def work(database):
        sizes = [("one.com", 1), ("huge.com", 1 << 40), ("two.com", 2)]
        rows = [{"id": domain, "domain": domain, "minEmployeeSize": size} for domain, size in sizes]
        wrote = await database.bulk_insert_companies(rows)
        assert (wrote["status"], wrote["records_processed"]) == ("partial", 2)
        assert [row["id"] for row in wrote["refused"]] == ["huge.com"]
        wrote = await database.bulk_insert_companies([])
        assert wrote == {"status": "success", "records_processed": 0, "result": None, "refused": []}

    with_database(module, url, work)


@pytest.mark.parametrize(
    "text",
    [
        "Email address\nada@acme.com\nbob@other.com\n",
        '"Email address"\n"ada@acme.com"\n"bob@other.com"\n',
        "Email address;First Name\nada@acme.com;Ada\nbob@other.com;Bob\n",
        "Email address\tFirst Name\nada@acme.com\tAda\nbob@other.com\tBob\n",
    ],
    ids=["one", "quoted", "semicolons", "tabs"],
)
def test_the_delimiter_is_found_or_there_is_none(module, url, tmp_path, text):
    asyncio.run(execute(url, OLDER))
    path = write(tmp_path / "people.csv", text)
    told = with_database(module, url, lambda database: database.ingest_file(path))
    assert (told["rows"], told["companies"], told["prospects"], told["rejects"]) == (2, 2, 2, [])


def test_doubled_quotes_far_below_the_header(module, url, tmp_path):
    asyncio.run(execute(url, OLDER))
    lines = [f'"p{n}@firm-{n}.com","Firm {n}","Ada"' for n in range(3_000)]
    lines.append('"x@last.com","The ""Last"", Firm","Eve"')
    path = write(tmp_path / "people.csv", "Email address,Company,First Name\n" + "\n".join(lines))
    assert path.stat().st_size > 65_536 + 100
    told = with_database(module, url, lambda database: database.ingest_file(path, batch_size=500))
    assert (told["companies"], told["prospects"], told["rejects"]) == (3_001, 3_001, [])
    assert fetch(url, """SELECT "firstName" FROM "Prospect" WHERE email = 'x@last.com'""") == [("Eve",)]


def test_a_row_in_another_encoding_is_a_reject(module, url, tmp_path):
    asyncio.run(execute(url, OLDER))
    path = tmp_path / "people.csv"
    lines = ["Email address,First Name", "ada@acme.com,Ada", "rene@acme.com,Ren\u00e9", "bob@acme.com,Bob"]
    path.write_bytes("\n".join(lines).encode("latin-1"))
    told = with_database(module, url, lambda database: database.ingest_file(path))
    assert (told["rows"], told["companies"], told["prospects"]) == (3, 1, 2)
    assert [(reject["row"], reject["code"], reject["column"]) for reject in told["rejects"]] == [
        (1, "bad-encoding", "First Name")
    ]


def rows():
    import csv

    with open(CUSTOMERS, newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))
