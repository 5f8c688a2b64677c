"""The store from Python, on both databases: files, rows, records, explanations, runs, rejects, and what is taken
back.
"""

import asyncio
import doctest
import math
import pathlib
import sys
import uuid
from collections.abc import Mapping
from datetime import datetime, timezone
from decimal import Decimal
from types import MappingProxyType

import firmograph as fg
import pytest
from firmograph import aio, display, figures, store

ROOT = pathlib.Path(__file__).parents[2]
CUSTOMERS = ROOT / "examples" / "data" / "customers.csv"
COMPANY = {
    "id": "acme.com",
    "domain": "acme.com",
    "name": "ACME INC",
    "industry": "Computer Software",
    "minEmployeeSize": 201,
    "maxEmployeeSize": 500,
    "employeeSizeLink": None,
    "revenue": 5_000_000,
    "address": "1 Main St",
    "city": "Boston",
    "state": "MA",
    "country": "United States",
    "zipCode": "02139",
    "phone": "+1 617 555 0101",
    "mobilePhone": None,
    "externalSource": "csv",
    "externalId": "company_7",
    "createdAt": "2026-01-02T03:04:05",
    "updatedAt": "2026-02-02T03:04:05",
}
PROSPECT = {
    "id": "ada@acme.com",
    "salutation": "Dr.",
    "firstName": "Ada",
    "lastName": "Hale",
    "email": "ada@acme.com",
    "jobTitle": "VP of Sales",
    "jobTitleLevel": "VP",
    "department": "Sales",
    "jobTitleLink": None,
    "address": None,
    "city": "Austin",
    "state": "TX",
    "country": "United States",
    "zipCode": None,
    "phone": None,
    "mobilePhone": "+1 617 555 0103",
    "companyId": "acme.com",
    "externalSource": "csv",
    "externalId": "ada@acme.com",
    "createdAt": "2026-01-02T03:04:05",
    "updatedAt": "2026-02-02T03:04:05",
}
SUCCESS = {"status": "success", "records_processed": 1, "result": None}


def is_sound(one):
    assert one.verify()["differences"] == []


def test_rows_become_golden_and_everything_behind_it(url):
    with fg.Store(url) as one:
        companies = one.bulk_insert_companies([COMPANY])
        prospects = one.bulk_insert_prospects([PROSPECT])
        assert companies == SUCCESS and list(companies) == list(SUCCESS)
        assert prospects == SUCCESS and type(prospects["records_processed"]) is int
        assert (companies.run, companies.accepted, companies.rejected, companies.skipped) == (1, 1, 0, 0)
        row = one.get_company_by_domain("acme.com")
        assert set(COMPANY) < set(row), "every column of the table"
        assert (row["name"], row["minEmployeeSize"], row["revenue"], row["city"]) == ("Acme", 201, 5_000_000, "Boston")
        assert one.get_company_id_by_domain("HTTPS://www.acme.com/about") == row["id"]
        assert one.get_company_by_domain("nobody.example") is None
        assert one.get_company_id_by_domain("nobody.example") is None
        ada = one.person("ada@acme.com")
        assert (ada["companyId"], ada["standardizedJobTitleLevelId"]) == (row["id"], 6)
        assert one.person("bo@acme.com") is None and one.company("nobody.example") is None
        assert one.get_database_counts() == {"companies": 1, "prospects": 1}
        one.refresh_views()
        assert one.get_company_prospect_view_count() == 1
        (why,) = one.explain("acme.com", "employee_range")
        assert why["winner"]["raw"] == {"employee_range": "201-500"}
        assert why["winner"]["observed_at"] == "2026-02-02T03:04:05Z"
        runs = one.runs()
        assert [(run["command"], run["source"], run["status"], run["accepted"]) for run in runs] == [
            ("ingest", "csv", "done", 1),
            ("ingest", "csv", "done", 1),
        ]
        is_sound(one)
        # The same again changes nothing; a second process finds it all.
        assert one.bulk_insert_companies([COMPANY]).skipped == 1
    with fg.Store(url) as one:
        assert one.get_database_counts() == {"companies": 1, "prospects": 1}


def test_what_is_inserted_can_be_taken_back(url):
    with fg.Store(url) as one:
        first = one.bulk_insert_companies([COMPANY])
        second = one.bulk_insert_prospects(
            [PROSPECT, PROSPECT | {"id": "bo@brook-mills.com", "email": "bo@brook-mills.com", "companyId": None}]
        )
        assert one.get_database_counts() == {"companies": 2, "prospects": 2}
        undone = one.undo(second.run)
        assert one.get_database_counts() == {"companies": 1, "prospects": 0}
        is_sound(one)
        one.undo(undone["run"])
        assert one.get_database_counts() == {"companies": 2, "prospects": 2}
        assert one.undo(first.run, dry_run=True)["dry_run"] is True
        is_sound(one)
        with pytest.raises(fg.FirmographError) as error:
            one.undo(999)
        assert error.value.code == "unknown-run"


def test_a_blank_never_beats_a_value_and_the_row_says_who_speaks(url):
    later = {"domain": "acme.com", "updatedAt": datetime(2026, 3, 1, tzinfo=timezone.utc)}
    with fg.Store(url) as one:
        one.bulk_insert_companies([COMPANY])
        blanks = dict.fromkeys(COMPANY, math.nan) | later | {"name": " ", "city": None, "zipCode": "02140"}
        assert one.bulk_insert_companies([blanks]).accepted == 1
        row = one.get_company_by_domain("acme.com")
        assert (row["name"], row["city"], row["zipCode"]) == ("Acme", "Boston", "02140")
        spoken = one.bulk_insert_companies(
            [
                COMPANY | {"externalSource": "Sales Navigator"},
                COMPANY | {"externalSource": ""},
                COMPANY | {"externalSource": "pin"},
            ]
        )
        assert [run["source"] for run in one.runs()[:2]] == ["csv", "sales-navigator"]
        assert (spoken["records_processed"], spoken.accepted, spoken.skipped, spoken.rejected) == (3, 2, 0, 1)
        assert len(spoken.runs) == 2
        one.bulk_insert_companies([COMPANY], source="clay")
        assert {who["source"] for who in [*one.explain("acme.com", "name")[0]["losers"]]} == {"csv", "sales-navigator"}
        with pytest.raises(fg.FirmographError) as error:
            one.bulk_insert_companies([], source="Not a name")
        assert error.value.code == "bad-source"
        is_sound(one)


class Odd:
    def __repr__(self):
        return "<odd>"


def test_a_bad_row_is_a_reject_and_no_exception(url):
    rows = [
        COMPANY,
        None,
        "acme.com",
        {"domain": Odd()},
        {"domain": "acme2.com", "name": "\ud800"},
        {"domain": "acme3.com", "name": "A\0B"},
        {"domain": "acme4.com", "name": b"latin-1: \xe9"},
        {"name": None},
        MappingProxyType({"domain": "acme5.com", "revenue": Decimal(5_000_000), "minEmployeeSize": 201.0}),
        {"domain": "acme6.com", "revenue": 10**30, "id": uuid.uuid4(), "extra": Odd()},
        {"domain": b"acme7.com", "name": bytearray("Acm\u00e9".encode())},
    ]
    with fg.Store(url) as one:
        done = one.bulk_insert_companies(iter(rows))
        assert done["records_processed"] == len(rows)
        assert (done.accepted, done.rejected) == (4, 7)
        rejects = one.rejects(done.run)
        assert [(reject["record"], reject["code"]) for reject in rejects] == [
            (2, "bad-value"),
            (3, "bad-value"),
            (4, "bad-value"),
            (5, "bad-value"),
            (6, "nul-character"),
            (7, "bad-value"),
            (8, "no-key"),
        ]
        assert rejects[2]["original"] == "{'domain': <odd>}" and rejects[2]["column"] == "domain"
        assert one.rejects(999) == [] and one.rejects() == rejects
        row = one.get_company_by_domain("acme5.com")
        assert (row["revenue"], row["minEmployeeSize"]) == (5_000_000, 201)
        assert one.get_company_by_domain("acme7.com")["name"] == "Acm\u00e9"
        assert rejects[5]["cause"] == "name is bytes that are not UTF-8 text"
        assert one.bulk_insert_prospects([]) == SUCCESS | {"records_processed": 0}
        is_sound(one)


def test_what_is_no_fault_of_a_row_is_no_reject(url):
    class Row(Mapping):
        def __init__(self, error):
            self.error = error

        def __getitem__(self, key):
            if key == "domain":
                return "acme.com"
            raise self.error

        def __iter__(self):
            return iter(["domain", "name"])

        def __len__(self):
            return 2

    numpy = pytest.importorskip("numpy")
    with fg.Store(url) as one:
        assert one.bulk_insert_companies([Row(ValueError("no"))]).rejected == 1
        for error in [KeyboardInterrupt, MemoryError, SystemExit]:
            with pytest.raises(error):
                one.bulk_insert_companies([Row(error())])
        seen = numpy.datetime64("2026-01-31T01:02:03", "ns")
        done = one.bulk_insert_companies(
            [
                {"domain": "acme.com", "name": "ACME", "updatedAt": seen},
                {"domain": "acme2.com", "updatedAt": numpy.datetime64("NaT")},
            ]
        )
        assert (done.accepted, done.rejected) == (2, 0)
        said = one.explain("acme.com", "company_name")
        assert "2026-01-31T01:02:03" in str(said)


def test_files_are_ingested_as_the_command_line_does(url):
    heard = []
    with fg.Store(url) as one:
        dry = one.ingest(CUSTOMERS, source="customers-csv", dry_run=True)
        assert dry.run == 0 and dry["dry_run"] and one.get_database_counts()["companies"] == 0
        done = one.ingest([CUSTOMERS], "customers-csv", batch_size=100, observed_at="2026-01-31", progress=heard.append)
        assert done.is_done and done["read"] == done["accepted"] + done["rejected"] + done["skipped"]
        assert done["accepted"] == dry["accepted"] > 200
        assert done["files"][0]["path"] == str(CUSTOMERS)
        assert [told.read for told in heard] == sorted(told.read for told in heard) and len(heard) > 1
        assert heard[-1] == fg.Progress(
            str(CUSTOMERS),
            CUSTOMERS.stat().st_size,
            CUSTOMERS.stat().st_size,
            *(done[k] for k in ("read", "accepted", "rejected", "skipped")),
        )
        counts = one.get_database_counts()
        assert one.get_company_prospect_view_count() >= counts["prospects"], "an ingest refreshes the view"
        assert len(one.rejects(done.run)) == done["rejected"]
        again = one.ingest(CUSTOMERS, "customers-csv", observed_at="2026-01-31")
        assert again["accepted"] == 0 and one.get_database_counts() == counts
        is_sound(one)


def test_mappings_limits_and_options(url, tmp_path):
    path, mapping = tmp_path / "a.csv", tmp_path / "m.toml"
    path.write_text("Mail,Firma,Rolle\nada@acme,ACME,CTO\n,,\nN/A,,y\n-,,x\n")
    mapping.write_text('[fields]\nemail = "Mail"\ncompany_name = "Firma"\njob_title = "Rolle"\n')
    with fg.Store(url) as one:
        done = one.ingest(path, mapping=mapping, repair_domains=True)
        assert one.company("acme.com")["name"] == "Acme"
        assert done["rejected"] == 2
        for limit, status in [(1, "too_many_rejects"), ("1%", "too_many_rejects"), (2, "done"), ("100%", "done")]:
            assert one.ingest(path, mapping=[mapping], max_rejects=limit)["status"] == status, limit
        for wrong in ["many", "101%", -1, True]:
            with pytest.raises(fg.FirmographError) as error:
                one.ingest(path, max_rejects=wrong)
            assert error.value.code == "max-rejects"
        for arguments, code in [
            ({"observed_at": "some day"}, "observed-at"),
            ({"source": "Not A Source"}, "bad-source"),
            ({"mapping": tmp_path / "none.toml"}, "cannot-read"),
            ({"paths": tmp_path / "none.csv"}, "cannot-read"),
        ]:
            with pytest.raises(fg.FirmographError) as error:
                one.ingest(**{"paths": path} | arguments)
            assert error.value.code == code


def test_health_and_versions(url):
    one = fg.Store(url)
    told = one.migrate()
    assert told["applied"] == list(range(1, told["version"] + 1))
    assert one.migrate() == {"version": told["version"], "applied": []}
    health = one.health_check()
    assert (health["status"], health["connection_test"]) == ("healthy", True)
    assert {"Company", "Prospect"} < set(health["tables"])
    assert ("PostgreSQL" in health["version"]) == url.startswith("postgres")
    assert health["database_name"] in url and (health["user_name"] is None) == url.startswith("sqlite")
    one.close()
    one.close()
    assert one.get_database_counts() == {"companies": 0, "prospects": 0}, "it opens again"


def test_two_stores_on_one_database(url):
    with fg.Store(url) as one, fg.Store(url) as other:
        one.bulk_insert_companies([COMPANY])
        other.bulk_insert_companies([COMPANY | {"domain": "brook-mills.com"}])
        one.close()
        other.bulk_insert_prospects([PROSPECT])
        assert one.get_database_counts() == {"companies": 2, "prospects": 1}


def test_coroutines_do_the_same_and_the_loop_goes_on(url):
    async def use():
        ticks = 0

        async def tick():
            nonlocal ticks
            while True:
                await asyncio.sleep(0.001)
                ticks += 1

        ticking = asyncio.create_task(tick())
        one = aio.Store(url)
        await one.initialize()
        both = await asyncio.gather(one.bulk_insert_companies([COMPANY]), one.bulk_insert_prospects([PROSPECT]))
        assert both == [SUCCESS, SUCCESS]
        summary = await one.ingest(CUSTOMERS, batch_size=100)
        counts, person = await one.get_database_counts(), await one.person("ada@acme.com")
        await one.refresh_views()
        view = await one.get_company_prospect_view_count()
        company, row = await one.company("acme.com"), await one.get_company_by_domain("acme.com")
        assert await one.get_company_id_by_domain("acme.com") == row["id"] == company["id"]
        assert (await one.explain("acme.com", "name"))[0]["winner"]["source"] == "csv"
        assert len(await one.rejects(summary.run)) == summary["rejected"]
        assert (await one.health_check())["status"] == "healthy" and (await one.migrate())["applied"] == []
        assert (await one.figures.level_funnel())["mark"]["type"] == "bar"
        undone = await one.undo(summary.run)
        runs = await one.runs()
        assert (await one.verify())["differences"] == []
        await one.cleanup()
        ticking.cancel()
        assert ticks > 20 and counts["companies"] > 10 and person["firstName"] == "Ada" and view > 0
        assert runs[0]["id"] == undone["run"]

    asyncio.run(use())


def test_both_stores_have_the_same_methods():
    import inspect

    def named(kind):
        return {name: value for name, value in vars(kind).items() if not name.startswith("_") and callable(value)}

    blocking, awaited = named(fg.Store), named(aio.Store)
    assert set(awaited) - set(blocking) == {"initialize", "cleanup"}
    assert set(blocking) - set(awaited) == {"interrupt"}
    for name in set(blocking) & set(awaited) - {"open", "close"}:
        assert inspect.iscoroutinefunction(awaited[name])
        mine, other = inspect.signature(blocking[name]), inspect.signature(awaited[name])
        assert mine.parameters == other.parameters, name


def test_records_and_summaries_show_themselves_and_escape(url):
    evil = "<script>alert('x')</script>"
    with fg.Store(url) as one:
        one.bulk_insert_companies([COMPANY | {"name": evil, "address": "A & B <b>"}])
        one.bulk_insert_prospects([PROSPECT | {"jobTitle": evil}])
        shown = {
            "company": one.company("acme.com"),
            "person": one.person("ada@acme.com"),
            "explanations": one.explain("ada@acme.com"),
            "runs": one.runs(),
            "ingest": one.ingest(CUSTOMERS),
        }
    for name, thing in shown.items():
        html = thing._repr_html_()
        assert html.startswith("<table>") and html.endswith("</table>"), name
        assert "<script" not in html and "<b>" not in html, name
    assert "&lt;script&gt;" in shown["person"]._repr_html_() and "A &amp; B &lt;b&gt;" in shown["company"]._repr_html_()
    assert "<td>company_name</td><td>csv</td>" in shown["company"]._repr_html_(), "who says so"
    assert "&lt;script&gt;" in shown["explanations"]._repr_html_() and "Austin" in shown["explanations"]._repr_html_()
    assert isinstance(shown["company"], dict) and isinstance(shown["runs"][0], dict) and shown["runs"][0]._repr_html_()
    assert f"<td>{shown['ingest']['read']}</td>" in shown["ingest"]._repr_html_()


def test_what_a_store_says_of_itself():
    assert repr(fg.Store("postgres://me:secret@host/db")) == "Store('postgres://host/db')"
    assert "secret" not in repr(aio.Store("postgres://me:secret@host/db"))
    assert fg.Store().url == "sqlite://firmograph.db"


@pytest.mark.parametrize("module", [store, figures, display, aio], ids=lambda module: module.__name__)
def test_the_examples_hold(module):
    result = doctest.testmod(module)
    assert result.attempted > 0 and result.failed == 0


def test_importing_starts_nothing_and_imports_little():
    import subprocess

    code = (
        "import sys, threading, firmograph; heavy = {'pandas', 'pyarrow', 'polars', 'altair', 'asyncio', 'html'}; "
        "print(sorted(heavy & set(sys.modules)), threading.active_count(), len(__import__('os').listdir('/proc/self/task')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["[]", "1", "1"]
