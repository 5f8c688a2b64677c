"""The example ingestor whose writing the store does, called as such ingestors are."""

import asyncio
import importlib.util
import pathlib
import subprocess
import sys

import firmograph as fg
import pytest

ROOT = pathlib.Path(__file__).parents[2]
PATH = ROOT / "examples" / "python" / "store_operations.py"
SPEC = importlib.util.spec_from_file_location("store_operations", PATH)
store_operations = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(store_operations)


def rows(count):
    companies = [
        {
            "id": f"acme{n}.com",
            "domain": f"acme{n}.com",
            "name": f"ACME {n} INC",
            "externalSource": "csv",
            "updatedAt": "2026-02-02T00:00:00",
        }
        for n in range(count // 10)
    ]
    prospects = [
        {
            "id": f"ada.{n}@acme{n % (count // 10)}.com",
            "email": f"ada.{n}@acme{n % (count // 10)}.com",
            "jobTitle": "VP of Sales",
            "companyId": f"acme{n % (count // 10)}.com",
            "externalSource": "csv",
            "updatedAt": "2026-02-02T00:00:00",
        }
        for n in range(count)
    ]
    return companies, prospects


def test_it_is_called_as_database_operations_is(url):
    async def use():
        operations = store_operations.DatabaseOperations(url)
        await operations.initialize(schema_ops=None)
        companies, prospects = rows(200)
        for _ in range(2):
            # Prospects before their companies raised a foreign key error there.
            wrote = await operations.bulk_insert_prospects(prospects), await operations.bulk_insert_companies(companies)
            assert wrote == (
                {"status": "success", "records_processed": 200, "result": None},
                {"status": "success", "records_processed": 20, "result": None},
            )
            assert await operations.get_database_counts() == {"companies": 20, "prospects": 200}
        assert await operations.get_fast_database_counts() == {"companies": 20, "prospects": 200}
        found = await operations.get_company_by_domain("acme7.com")
        assert (found["name"], found["externalSource"]) == ("Acme 7", "csv")
        assert await operations.get_company_id_by_domain("acme7.com") == found["id"]
        assert await operations.get_company_by_domain("nobody.example") is None
        assert await operations.get_company_prospect_view_count() >= 0
        assert (await operations.health_check())["status"] == "healthy"
        await operations.cleanup()

    asyncio.run(use())
    with fg.Store(url) as store:
        assert store.verify()["differences"] == []
        assert [run["read"] for run in store.runs()] == [20, 200, 20, 200]


def test_an_outage_raises():
    async def use():
        operations = store_operations.DatabaseOperations("postgres://me@127.0.0.1:1/db")
        with pytest.raises(fg.FirmographError) as error:
            await operations.get_company_by_domain("acme.com")
        assert error.value.code == "database-unreachable"
        assert (await operations.health_check())["status"] == "unhealthy"

    asyncio.run(use())


def test_it_runs_by_itself(url):
    done = subprocess.run([sys.executable, PATH, url], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[2:] == ["('Northlight Robotics', '201-500')", "{'companies': 1, 'prospects': 1}"]


def test_the_address_is_made_of_the_environment(monkeypatch):
    for name in ["HOST", "PORT", "DB", "USER", "PASSWORD"]:
        monkeypatch.setenv(f"POSTGRES_{name}", name.lower())
    monkeypatch.setenv("POSTGRES_PASSWORD", "p@ss/word")
    assert store_operations.DatabaseOperations().store.url == "postgres://user:p%40ss%2Fword@host:port/db"
