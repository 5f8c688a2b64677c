"""The calls of an asyncpg ingestor, with firmograph's store doing the writing: no pool, no SQL.

Rows become observations of a source. So golden rows, payloads, runs, rejects and provenance come of them, a blank
never replaces a value, a bad row is a reject and no exception, and a run can be taken back. The names, arguments and
answers are those that callers of ``DatabaseOperations`` know; unlike there, an outage raises and never reads as "not
found".

    python examples/python/store_operations.py sqlite://firmograph.db
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from firmograph import aio


def url_of_environment() -> str:
    """The address that such ingestors put together of POSTGRES_HOST, _PORT, _DB, _USER and _PASSWORD."""
    ask = os.environ.get
    who, password = ask("POSTGRES_USER", "postgres"), ask("POSTGRES_PASSWORD")
    if password:
        who += ":" + quote(password, safe="")
    place = f"{ask('POSTGRES_HOST', 'localhost')}:{ask('POSTGRES_PORT', '5433')}"
    return f"postgres://{who}@{place}/{ask('POSTGRES_DB', 'firmograph')}"


class DatabaseOperations:
    def __init__(self, url: str | None = None, *, source: str | None = None) -> None:
        self.store = aio.Store(url or url_of_environment())
        self.source = source

    async def initialize(self, schema_ops: object = None) -> None:
        """Opens the database. ``schema_ops`` made the tables in the origin system; the store makes and migrates its
        own.
        """
        await self.store.initialize()

    async def cleanup(self) -> None:
        await self.store.cleanup()

    async def health_check(self) -> dict[str, Any]:
        return await self.store.health_check()

    async def bulk_insert_companies(self, companies: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
        return await self.store.bulk_insert_companies(companies, source=self.source)

    async def bulk_insert_prospects(self, prospects: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
        return await self.store.bulk_insert_prospects(prospects, source=self.source)

    async def get_company_by_domain(self, domain: str) -> dict[str, Any] | None:
        return await self.store.get_company_by_domain(domain)

    async def get_company_id_by_domain(self, domain: str) -> str | None:
        return await self.store.get_company_id_by_domain(domain)

    async def get_company_prospect_view_count(self) -> int:
        return await self.store.get_company_prospect_view_count()

    async def get_database_counts(self) -> dict[str, int]:
        return await self.store.get_database_counts()

    # There it read estimates, because counting the view took a minute.
    get_fast_database_counts = get_database_counts


async def main(url: str) -> None:
    operations = DatabaseOperations(url)
    await operations.initialize()
    try:
        company = {
            "id": "northlight-robotics.com",
            "domain": "northlight-robotics.com",
            "name": "Northlight Robotics, Inc.",
        }
        sizes = {"minEmployeeSize": 201, "maxEmployeeSize": 500, "revenue": None, "updatedAt": "2026-01-31T12:00:00"}
        person = {
            "id": "gustav@northlight-robotics.com",
            "email": "gustav@northlight-robotics.com",
            "firstName": "Gustav",
        }
        print(await operations.bulk_insert_companies([company | sizes]))
        print(
            await operations.bulk_insert_prospects([person | {"jobTitle": "Founder & CEO", "companyId": company["id"]}])
        )
        found = await operations.get_company_by_domain("northlight-robotics.com")
        print(found and (found["name"], found["employeeRange"]))
        print(await operations.get_database_counts())
    finally:
        await operations.cleanup()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else url_of_environment()))
