"""What the tests of the store share: an empty database of each kind."""

import asyncio
import os
import uuid

import pytest

SERVER = os.environ.get("FIRMOGRAPH_TEST_POSTGRES")


def ask_server(sql, database=None):
    """Runs one statement on the test server, and gives its rows."""
    import asyncpg

    async def ask():
        connection = await asyncpg.connect(SERVER if database is None else SERVER.rsplit("/", 1)[0] + "/" + database)
        try:
            return await connection.fetch(sql)
        finally:
            await connection.close()

    return asyncio.run(ask())


@pytest.fixture
def postgres():
    """The URL of an empty database on the test server."""
    if SERVER is None:
        pytest.skip("no PostgreSQL: FIRMOGRAPH_TEST_POSTGRES is not set (scripts/postgres run ...)")
    name = f"store_{uuid.uuid4().hex}"
    ask_server(f"CREATE DATABASE {name}")
    yield SERVER.rsplit("/", 1)[0] + "/" + name
    ask_server(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgres"])
def url(request, tmp_path):
    """The URL of an empty database of each kind."""
    return f"sqlite://{tmp_path / 'store.db'}" if request.param == "sqlite" else request.getfixturevalue("postgres")
