"""A complete ingestor with a pool and statements of its own, in which firmograph does the cleaning.

    POSTGRES_HOST=localhost POSTGRES_DB=leads python db_operations.py customers.csv more.csv

It writes `"Company"` and `"Prospect"` as they are: those that `firmograph migrate up` makes, or older ones, which may
lack the column of the standard level or want a company for every prospect. What firmograph adds to an ingestor of this
shape are the three lines marked with <--. It exits with 1 where something was lost; a person taken without its company
is a note.
"""

import asyncio
import csv
import os
import sys
from datetime import datetime, timezone
from itertools import islice

import asyncpg

import firmograph as fg  # <--

COMPANY = """id domain name industry minEmployeeSize maxEmployeeSize employeeSizeLink revenue address city state country
zipCode phone mobilePhone externalSource externalId createdAt updatedAt""".split()
PROSPECT = """id salutation firstName lastName email jobTitle jobTitleLevel department jobTitleLink address city state
country zipCode phone mobilePhone companyId externalSource externalId createdAt updatedAt""".split()
LEVEL = "standardizedJobTitleLevelId"
# What PostgreSQL says of a row, not of the connection or the statement.
REFUSED = (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError)


class DatabaseOperations:
    """Everything that the ingestor asks of the database."""

    def __init__(self, url=None):
        self.url = url
        self.pool = None
        self.prospect_columns = PROSPECT
        self.require_company = False

    async def initialize(self, schema_ops=None):
        """Opens the pool, and looks what the table of prospects is like."""
        options = {"min_size": 1, "max_size": 10}
        if self.url:
            self.pool = await asyncpg.create_pool(self.url, **options)
        else:
            self.pool = await asyncpg.create_pool(
                host=os.environ.get("POSTGRES_HOST", "localhost"),
                port=int(os.environ.get("POSTGRES_PORT", "5432")),
                database=os.environ.get("POSTGRES_DB"),
                user=os.environ.get("POSTGRES_USER"),
                password=os.environ.get("POSTGRES_PASSWORD"),
                **options,
            )
        known = await self.pool.fetch(
            """SELECT attname, attnotnull FROM pg_attribute
            WHERE attrelid = to_regclass('"Prospect"') AND attnum > 0 AND NOT attisdropped"""
        )
        required = {row["attname"]: row["attnotnull"] for row in known}
        if LEVEL in required:
            self.prospect_columns = [*PROSPECT, LEVEL]
        self.require_company = required.get("companyId", False)

    async def cleanup(self):
        """Closes the pool."""
        if self.pool is not None:
            await self.pool.close()

    async def health_check(self):
        """Whether the database answers, and what is in it."""
        try:
            row = await self.pool.fetchrow("SELECT current_database() AS name, current_user AS user, version()")
            tables = await self.pool.fetch(
                "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename"
            )
        except (OSError, asyncpg.PostgresError) as error:
            return {"status": "unhealthy", "error": str(error)}
        return {
            "status": "healthy",
            "database_name": row["name"],
            "user_name": row["user"],
            "version": row["version"],
            "tables": [table["tablename"] for table in tables],
            "connection_test": 1,
        }

    async def bulk_insert_companies(self, companies):
        """Inserts companies, or fills what is new about those that are there by their domain."""
        return await self._upsert("Company", COMPANY, "domain", companies)

    async def bulk_insert_prospects(self, prospects):
        """Inserts prospects, or fills what is new about those that are there by their id."""
        # A company that was there before has the id that it was given then.
        domains = {row["companyId"] for row in prospects if row.get("companyId")}
        found = await self.pool.fetch('SELECT domain, id FROM "Company" WHERE domain = ANY($1)', list(domains))
        ids = {row["domain"]: row["id"] for row in found}
        rows = [{**row, "companyId": ids.get(row.get("companyId"), row.get("companyId"))} for row in prospects]
        return await self._upsert("Prospect", self.prospect_columns, "id", rows)

    async def _upsert(self, table, columns, conflict, rows):
        names = ", ".join(f'"{column}"' for column in columns)
        places = ", ".join(f"${place}" for place in range(1, len(columns) + 1))
        filled = [column for column in columns if column not in ("id", "createdAt", "updatedAt", conflict)]
        changes = [f'"{column}" = COALESCE(EXCLUDED."{column}", "{table}"."{column}")' for column in filled]
        statement = (
            f'INSERT INTO "{table}" ({names}) VALUES ({places}) ON CONFLICT ("{conflict}") DO UPDATE SET '
            + ", ".join([*changes, '"updatedAt" = EXCLUDED."updatedAt"'])
        )
        values = [tuple(_value(column, row.get(column)) for column in columns) for row in rows]
        async with self.pool.acquire() as connection:
            refused = await _write(connection, statement, values)
        return {
            "status": "partial" if refused else "success",
            "records_processed": len(rows) - len(refused),
            "result": None,
            "refused": [{"table": table, "id": value[0], "cause": error.args[0]} for value, error in refused],
        }

    async def get_company_by_domain(self, domain):
        """The company of a domain as a dict; None where there is none."""
        row = await self.pool.fetchrow('SELECT * FROM "Company" WHERE domain = $1', domain)
        return dict(row) if row else None

    async def get_company_id_by_domain(self, domain):
        """The id of the company of a domain; None where there is none."""
        return await self.pool.fetchval('SELECT id FROM "Company" WHERE domain = $1', domain)

    async def get_company_prospect_view_count(self):
        """How many rows the view holds."""
        return await self.pool.fetchval("SELECT count(*) FROM company_prospect_view")

    async def get_database_counts(self):
        """How many companies and prospects there are."""
        return {
            "companies": await self.pool.fetchval('SELECT count(*) FROM "Company"'),
            "prospects": await self.pool.fetchval('SELECT count(*) FROM "Prospect"'),
        }

    async def ingest_file(self, path, *, source="csv", batch_size=5_000, **options):
        """Reads a CSV file with a header, cleans its rows and writes them; gives what became of them.

        Rejects are rows that firmograph did not take, or only in part; what the database would not have is refused.
        """
        options.setdefault("require_company", self.require_company)
        told = {"file": str(path), "rows": 0, "companies": 0, "prospects": 0, "rejects": [], "refused": []}
        # Bytes that are not UTF-8 make their row a reject, and not the whole file unreadable.
        with open(path, newline="", encoding="utf-8-sig", errors="surrogateescape") as file:
            beginning = file.read(65_536)
            file.seek(0)
            # Whether quotes are doubled is not guessed: the first that are may stand after the beginning.
            reader = csv.DictReader(file, dialect=_dialect(beginning), doublequote=True)
            while rows := list(islice(reader, batch_size)):
                companies, prospects, rejects = fg.normalize_records(rows, source=source, **options)  # <--
                wrote = await self.bulk_insert_companies(companies), await self.bulk_insert_prospects(prospects)
                told["rejects"] += [{**reject, "row": told["rows"] + reject["row"]} for reject in rejects]  # <--
                told["rows"] += len(rows)
                for table, result in zip(("companies", "prospects"), wrote):
                    told[table] += result["records_processed"]
                    told["refused"] += result["refused"]
        return told


async def _write(connection, statement, values):
    """Writes rows, all of them or, where some are refused, the others; gives the refused ones with their errors."""
    try:
        await connection.executemany(statement, values)
    except REFUSED as error:
        # Nothing of these is written. Halves find the ones that are to blame in few steps.
        if len(values) == 1:
            return [(values[0], error)]
        half = len(values) // 2
        return [
            *await _write(connection, statement, values[:half]),
            *await _write(connection, statement, values[half:]),
        ]
    return []


def _dialect(beginning):
    try:
        return csv.Sniffer().sniff(beginning, delimiters=",;\t|")
    except csv.Error:
        # A single column has no delimiter.
        return csv.excel


def _value(column, value):
    if column not in ("createdAt", "updatedAt"):
        return value
    if isinstance(value, str) and "T" in value:
        return datetime.fromisoformat(value.replace("Z", "+00:00")).replace(tzinfo=None)
    return datetime.now(timezone.utc).replace(tzinfo=None)


async def main(paths):
    """Ingests files one after the other; gives how many rows were lost whole or refused by the database."""
    database = DatabaseOperations(os.environ.get("DATABASE_URL"))
    await database.initialize()
    lost = 0
    try:
        for path in paths:
            told = await database.ingest_file(path)
            rejects, refused = told.pop("rejects"), told.pop("refused")
            told["lost"] = sum(not reject.get("taken") for reject in rejects) + len(refused)
            lost += told["lost"]
            print(told)
            for reject in rejects:
                kind = "note" if reject.get("taken") else "lost"
                print(f"{path}: row {reject['row']}: {kind}: {reject['code']}: {reject['cause']}", file=sys.stderr)
            for row in refused:
                print(f"{path}: {row['table']} {row['id']}: lost: {row['cause']}", file=sys.stderr)
        print(await database.get_database_counts())
    finally:
        await database.cleanup()
    return lost


if __name__ == "__main__":
    sys.exit(1 if asyncio.run(main(sys.argv[1:])) else 0)
