#!/usr/bin/env python3
"""The way that firmograph replaces, as the peer of its benchmark: pandas `iterrows`, then asyncpg `executemany`.

    peer_ingest.py FILE --database URL [--create] [--batch 1000]

Cleans each row as the old ingestor did, its mistakes included, and upserts one company and one prospect a row, in
batches, into the two tables with all their indexes, in the schema `peer`. --create makes the schema anew. Prints one
JSON object: rows, seconds reading and cleaning, seconds writing, rows a second over both.
"""

import argparse
import asyncio
import json
import re
import time
from datetime import datetime, timezone

import asyncpg
import pandas

SCHEMA = """
DROP SCHEMA IF EXISTS peer CASCADE;
CREATE SCHEMA peer;
CREATE TABLE peer."Company" (
    id TEXT PRIMARY KEY, domain TEXT NOT NULL, name TEXT, industry TEXT, "minEmployeeSize" INTEGER,
    "maxEmployeeSize" INTEGER, "employeeSizeLink" TEXT, revenue BIGINT, address TEXT, city TEXT, state TEXT,
    country TEXT, "zipCode" TEXT, phone TEXT, "mobilePhone" TEXT, "externalSource" TEXT, "externalId" TEXT,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP, "updatedAt" TIMESTAMP(3) NOT NULL
);
CREATE UNIQUE INDEX "Company_domain_key" ON peer."Company" (domain);
CREATE INDEX ON peer."Company" (name);
CREATE INDEX ON peer."Company" (industry);
CREATE INDEX ON peer."Company" (revenue);
CREATE INDEX ON peer."Company" ("minEmployeeSize");
CREATE INDEX ON peer."Company" ("maxEmployeeSize");
CREATE INDEX ON peer."Company" (city, state, country);
CREATE TABLE peer."Prospect" (
    id TEXT PRIMARY KEY, salutation TEXT, "firstName" TEXT, "lastName" TEXT, email TEXT, "jobTitle" TEXT,
    "jobTitleLevel" TEXT, department TEXT, "jobTitleLink" TEXT, address TEXT, city TEXT, state TEXT, country TEXT,
    "zipCode" TEXT, phone TEXT, "mobilePhone" TEXT,
    "companyId" TEXT NOT NULL REFERENCES peer."Company" (id) ON DELETE RESTRICT ON UPDATE CASCADE,
    "externalSource" TEXT, "externalId" TEXT,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP, "updatedAt" TIMESTAMP(3) NOT NULL
);
CREATE INDEX ON peer."Prospect" (email);
CREATE INDEX ON peer."Prospect" ("companyId");
CREATE INDEX ON peer."Prospect" ("jobTitleLevel");
CREATE INDEX ON peer."Prospect" ("externalSource", "externalId");
"""

COMPANY = """id domain name industry minEmployeeSize maxEmployeeSize employeeSizeLink revenue address city state country
zipCode phone mobilePhone externalSource externalId createdAt updatedAt""".split()
PROSPECT = """id salutation firstName lastName email jobTitle jobTitleLevel department jobTitleLink address city state
country zipCode phone mobilePhone companyId externalSource externalId createdAt updatedAt""".split()

NOT_SIZES = ["information technology", "other", "sales", "marketing", "finance", "human resources", "operations",
             "compliance", "business development", "linkedin.com", "http", "www", "qq", "operation"]


def clean_header(header):
    parts = re.sub(r"_+", "_", re.sub(r"[^0-9A-Za-z]", "_", header)).strip("_").split("_")
    if len(parts) == 1:
        return parts[0].lower()
    return parts[0].lower() + "".join(part.capitalize() for part in parts[1:])


def clean_value(value):
    if pandas.isna(value):
        return None
    return str(value).strip() or None


def first_of(row, *keys):
    for key in keys:
        if key in row:
            value = clean_value(row[key])
            if value is not None:
                return value
    return None


def company_domain(email):
    """The company's domain, and the address, repaired by `.com` where the host has no dot."""
    if not email or "@" not in email:
        return None, email
    domain = email.split("@")[1].lower()
    if "." in domain and len(domain) > 3:
        return domain, email
    if "." not in domain and len(domain) > 2 and domain.replace("-", "").isalnum():
        return f"{domain}.com", email.replace(f"@{domain}", f"@{domain}.com")
    return None, email


def employee_size(text):
    if not text:
        return None, None
    text = text.lower().strip()
    for word in ("employees", "employee", "emp"):
        if word in text:
            text = text.replace(word, "").strip()
            break
    if any(word in text for word in NOT_SIZES):
        return None, None
    text = text.replace(",", "")
    for separator in ("-", " to ", " t0 ", "to", "t0"):
        if separator in text:
            parts = text.split(separator)
            try:
                return int(parts[0].strip()), int(parts[1].strip())
            except (ValueError, IndexError):
                break
    try:
        if text.endswith("+"):
            return int(text[:-1].strip()), None
        number = int(text)
        return number, number
    except ValueError:
        return None, None


def revenue_dollars(text):
    if not text:
        return None
    text = text.upper().replace("USD", "").replace("$", "").replace(",", "").replace(";", "").strip()
    scale = 1
    for suffix, factor in (("K", 1_000), ("M", 1_000_000), ("B", 1_000_000_000)):
        if text.endswith(suffix):
            text, scale = text[:-1].strip(), factor
            break
    try:
        number = float(text)
    except ValueError:
        return None
    if scale == 1 and number >= 1000:
        scale = 1000
    return int(number * scale)


def clean_row(row):
    """One company and one prospect, or None for a row without a usable address."""
    domain, email = company_domain(first_of(row, "email", "emailAddress", "email_address"))
    if domain is None:
        return None
    minimum, maximum = employee_size(first_of(row, "employeeSize"))
    lines = [first_of(row, "addressLine1", "address"), first_of(row, "addressLine2")]
    now = datetime.now(timezone.utc).replace(tzinfo=None).isoformat()
    shared = {
        "address": " ".join(line for line in lines if line) or None,
        "city": first_of(row, "city"),
        "state": first_of(row, "state", "province"),
        "country": first_of(row, "country"),
        "zipCode": first_of(row, "zipCode", "postalCode"),
        "externalSource": "csv",
        "createdAt": now,
        "updatedAt": now,
    }
    company = {
        "id": domain,
        "domain": domain,
        "name": first_of(row, "company", "companyName"),
        "industry": first_of(row, "industry"),
        "minEmployeeSize": minimum,
        "maxEmployeeSize": maximum,
        "employeeSizeLink": first_of(row, "employeeSizeLink"),
        "revenue": revenue_dollars(first_of(row, "revenue")),
        "phone": first_of(row, "phone", "companyPhone"),
        "mobilePhone": first_of(row, "mobilePhone", "companyMobilePhone"),
        "externalId": f"company_{email}",
        **shared,
    }
    prospect = {
        "id": email,
        "salutation": first_of(row, "salutation"),
        "firstName": first_of(row, "firstName"),
        "lastName": first_of(row, "lastName"),
        "email": email,
        "jobTitle": first_of(row, "title", "jobTitle"),
        "jobTitleLevel": first_of(row, "jobTitleLevel"),
        "department": first_of(row, "department"),
        "jobTitleLink": first_of(row, "jobTitleLink"),
        "phone": first_of(row, "phone", "phoneNumber"),
        "mobilePhone": first_of(row, "mobilePhone"),
        "companyId": domain,
        "externalId": email,
        **shared,
    }
    return company, prospect


def read_file(path):
    frame = pandas.read_csv(path)
    frame.columns = [clean_header(column) for column in frame.columns]
    companies, prospects = [], []
    for _, row in frame.iterrows():
        pair = clean_row(row)
        if pair is not None:
            companies.append(pair[0])
            prospects.append(pair[1])
    return len(frame), companies, prospects


def upsert(table, columns, key):
    """The statement that keeps what is known where the new row says nothing."""
    names = ", ".join(f'"{column}"' for column in columns)
    places = ", ".join(f"${number}" for number in range(1, len(columns) + 1))
    changes = [f'"{column}" = COALESCE(EXCLUDED."{column}", peer."{table}"."{column}")'
               for column in columns if column not in ("id", key, "createdAt", "updatedAt")]
    changes.append('"updatedAt" = EXCLUDED."updatedAt"')
    target = f'peer."{table}"'
    return f'INSERT INTO {target} ({names}) VALUES ({places}) ON CONFLICT ("{key}") DO UPDATE SET {", ".join(changes)}'


def as_arguments(record, columns):
    return tuple(
        datetime.fromisoformat(record[column]) if column in ("createdAt", "updatedAt") else record[column]
        for column in columns
    )


async def write(url, companies, prospects, batch, create):
    pool = await asyncpg.create_pool(url, min_size=1, max_size=10)
    async with pool.acquire() as connection:
        if create:
            await connection.execute(SCHEMA)
    started = time.perf_counter()
    company_sql, prospect_sql = upsert("Company", COMPANY, "domain"), upsert("Prospect", PROSPECT, "id")
    for start in range(0, len(companies), batch):
        async with pool.acquire() as connection:
            await connection.executemany(
                company_sql, [as_arguments(record, COMPANY) for record in companies[start:start + batch]])
            await connection.executemany(
                prospect_sql, [as_arguments(record, PROSPECT) for record in prospects[start:start + batch]])
    seconds = time.perf_counter() - started
    await pool.close()
    return seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("file")
    parser.add_argument("--database", required=True)
    parser.add_argument("--create", action="store_true")
    parser.add_argument("--batch", type=int, default=1000)
    options = parser.parse_args()
    started = time.perf_counter()
    rows, companies, prospects = read_file(options.file)
    cleaning = time.perf_counter() - started
    writing = asyncio.run(write(options.database, companies, prospects, options.batch, options.create))
    print(json.dumps({
        "rows": rows,
        "kept": len(prospects),
        "cleaning_seconds": round(cleaning, 3),
        "writing_seconds": round(writing, 3),
        "rows_per_second": round(rows / (cleaning + writing)),
    }))


if __name__ == "__main__":
    main()
