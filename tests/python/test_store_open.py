"""What is said when a database refuses, and files that this process has open by something else."""

import os
import pathlib
import socket
import sqlite3
import subprocess
import sys
import tempfile
from urllib.parse import urlsplit

import firmograph as fg
import pytest
from conftest import SERVER, ask_server

ROOT = pathlib.Path(__file__).parents[2]
needs_server = pytest.mark.skipif(SERVER is None, reason="FIRMOGRAPH_TEST_POSTGRES is not set")


def refused(url):
    """Every way in says the same."""
    store = fg.Store(url)
    errors = []
    for call in [
        store.open,
        store.migrate,
        store.runs,
        lambda: store.company("acme.com"),
        lambda: fg.leads(database=url),
    ]:
        with pytest.raises(fg.FirmographError) as error:
            call()
        errors.append((error.value.code, str(error.value)))
    assert len(set(errors)) == 1, errors
    told = store.health_check()
    assert (told["status"], told["connection_test"], told["code"], told["error"]) == ("unhealthy", False, *errors[0])
    assert error.value.help
    return errors[0]


def test_a_port_at_which_nobody_listens():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    code, said = refused(f"postgres://me@127.0.0.1:{port}/db")
    assert code == "database-unreachable" and "refused" in said.lower()


@needs_server
def test_a_database_that_is_not_there():
    code, said = refused(SERVER.rsplit("/", 1)[0] + "/no_such_database")
    assert code == "no-such-database" and 'database "no_such_database" does not exist' in said


@needs_server
def test_a_user_that_is_not_there():
    parts = urlsplit(SERVER)
    code, said = refused(f"postgres://no_such_user:secret@{parts.hostname}:{parts.port}/postgres")
    assert code == "database-login" and 'role "no_such_user" does not exist' in said and "secret" not in said


@needs_server
def test_a_wrong_password():
    # The test server trusts everybody: one user of it is asked for a password.
    path = pathlib.Path(ask_server("SHOW hba_file")[0][0])
    if not os.access(path, os.W_OK):
        pytest.skip(f"{path} cannot be written")
    before, parts = path.read_text(), urlsplit(SERVER)
    ask_server("CREATE ROLE careful LOGIN PASSWORD 'right'")
    try:
        path.write_text(f"host all careful all scram-sha-256\n{before}")
        ask_server("SELECT pg_reload_conf()")
        place = f"{parts.hostname}:{parts.port}{parts.path}"
        code, said = refused(f"postgres://careful:wrong@{place}")
        assert code == "database-login" and 'password authentication failed for user "careful"' in said
        assert "wrong" not in said
    finally:
        path.write_text(before)
        ask_server("SELECT pg_reload_conf()")
        ask_server("DROP ROLE careful")


@needs_server
def test_a_user_without_rights(postgres):
    name = postgres.rsplit("/", 1)[1]
    ask_server("CREATE ROLE reader LOGIN")
    try:
        parts = urlsplit(SERVER)
        code, said = refused(f"postgres://reader@{parts.hostname}:{parts.port}/{name}")
        assert code == "database-permission" and "permission denied" in said
    finally:
        ask_server("DROP ROLE reader")


def test_a_directory_and_a_folder_that_is_not_there(tmp_path):
    for path in [tmp_path, tmp_path / "none" / "a.db"]:
        code, said = refused(f"sqlite://{path}")
        assert code == "cannot-open-database" and "unable to open database file" in said


def test_a_file_that_is_no_database(tmp_path):
    path = tmp_path / "notes.db"
    path.write_text("These are my notes, and they are no database at all.\n" * 100)
    code, said = refused(f"sqlite://{path}")
    assert code == "not-a-database" and "file is not a database" in said
    assert path.read_text().startswith("These are my notes")


def test_an_address_that_is_none():
    code, said = refused("mysql://somewhere/else")
    assert code == "database-url" and "mysql" in said


@pytest.mark.skipif(sys.platform != "linux", reason="a user who may not write")
def test_a_file_that_may_only_be_read():
    with tempfile.TemporaryDirectory(dir=ROOT / "target") as folder:
        path = pathlib.Path(folder) / "fixed.db"
        with fg.Store(f"sqlite://{path}") as store:
            store.bulk_insert_companies([{"domain": "acme.com"}])
        path.chmod(0o444)
        os.chmod(folder, 0o555)
        # Root may write everything: then somebody else asks.
        code = (
            "import os, sys, firmograph as fg\n"
            "if os.geteuid() == 0:\n    os.setgroups([]), os.setgid(65534), os.setuid(65534)\n"
            "store = fg.Store(sys.argv[1])\n"
            "try:\n    store.bulk_insert_companies([{'domain': 'brook-mills.com'}])\n"
            "except fg.FirmographError as error:\n    print(error.code, '|', error)\n"
        )
        done = subprocess.run([sys.executable, "-c", code, f"sqlite://{path}"], capture_output=True, text=True)
        os.chmod(folder, 0o755)
    code, _, said = done.stdout.strip().partition(" | ")
    assert code in ("database-read-only", "cannot-open-database"), done
    assert "readonly" in said or "unable to open" in said


needs_descriptors = pytest.mark.skipif(sys.platform == "win32", reason="locks belong to handles there")


@needs_descriptors
def test_a_file_that_another_library_has_open_is_refused(tmp_path):
    path = tmp_path / "shared.db"
    url = f"sqlite://{path}"
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE mine (a)")
    assert refused(url)[0] == "file-open-elsewhere"
    other.close()
    with fg.Store(url) as store:
        store.bulk_insert_companies([{"domain": "acme.com"}])
        # Opened by another name, while ours is open: the next call does not write.
        (tmp_path / "link.db").symlink_to(path)
        other = sqlite3.connect(tmp_path / "link.db")
        other.execute("SELECT * FROM mine").fetchall()
        for call in [lambda: store.bulk_insert_companies([{"domain": "brook-mills.com"}]), store.runs, store.close]:
            with pytest.raises(fg.FirmographError) as error:
                call()
            assert error.value.code == "file-open-elsewhere"
            assert "close" in error.value.help and str(path) in str(error.value)
        with pytest.raises(fg.FirmographError):
            fg.leads(database=url)
        other.close()
        store.bulk_insert_companies([{"domain": "brook-mills.com"}])
        assert store.get_database_counts()["companies"] == 2
        assert store.verify()["differences"] == []


@needs_descriptors
def test_an_ingest_ends_when_another_library_opens_the_file(tmp_path):
    path, file = tmp_path / "shared.db", tmp_path / "a.csv"
    file.write_text("Email\n" + "".join(f"ada.{n}@acme.com\n" for n in range(400)))
    opened = []

    def heard(progress):
        if not opened:
            opened.append(sqlite3.connect(path))
            opened[0].execute("SELECT * FROM sqlite_master").fetchall()

    with fg.Store(f"sqlite://{path}") as store:
        with pytest.raises(fg.FirmographError) as error:
            store.ingest(file, batch_size=100, progress=heard)
        assert error.value.code == "file-open-elsewhere"
        opened[0].close()
        done = store.ingest(file, batch_size=100, resume=True)
        assert done["read"] == done["accepted"] == 400 and done["files"][0]["resumed_at"] == 100


def test_stores_of_ours_share_a_file(tmp_path):
    url = f"sqlite://{tmp_path / 'ours.db'}"
    stores = [fg.Store(url) for _ in range(4)]
    for number, store in enumerate(stores):
        store.bulk_insert_companies([{"domain": f"acme{number}.com"}])
    stores[0].close()
    del stores[1]
    assert fg.leads(database=url) == []
    for number, store in enumerate(stores):
        store.bulk_insert_companies([{"domain": f"brook{number}.com"}])
    assert stores[0].get_database_counts()["companies"] == 7


def test_memory_belongs_to_its_store():
    with fg.Store("sqlite::memory:") as store:
        store.bulk_insert_companies([{"domain": "acme.com"}])
        with pytest.raises(fg.FirmographError):
            store.ingest("no-such-file.csv")
        assert store.get_database_counts()["companies"] == 1
