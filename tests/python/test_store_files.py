"""Which file a database is, whatever its name is by now, and what is said of an address."""

import os
import pickle
import sqlite3
import subprocess
import sys

import firmograph as fg
import pytest
from firmograph import aio
from programs import said

needs_descriptors = pytest.mark.skipif(sys.platform == "win32", reason="locks belong to handles there")


def inserted(store, domain):
    return store.bulk_insert_companies([{"domain": domain, "name": domain}]).accepted


@needs_descriptors
@pytest.mark.parametrize("case", ["percent", "folder", "renamed"])
def test_a_file_that_another_library_has_open_by_another_name(tmp_path, monkeypatch, case):
    monkeypatch.chdir(tmp_path)
    url, path = {
        "percent": ("sqlite://my%20own.db", "my own.db"),
        "folder": ("sqlite://a.db", "a.db"),
        "renamed": ("sqlite://a.db", "b.db"),
    }[case]
    store = fg.Store(url)
    assert inserted(store, "acme.com") == 1
    if case == "folder":
        (tmp_path / "below").mkdir()
        os.chdir("below")
    elif case == "renamed":
        os.rename("a.db", "b.db")
    other = sqlite3.connect(tmp_path / path)
    other.execute("SELECT count(*) FROM sqlite_master").fetchall()
    for call in (lambda: inserted(store, "brook.com"), store.close):
        with pytest.raises(fg.FirmographError) as error:
            call()
        assert error.value.code == "file-open-elsewhere"
    other.close()
    store.close()


def test_a_name_with_escapes_has_its_lock_beside_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with fg.Store("sqlite://my%20own%3F.db") as store:
        assert inserted(store, "acme.com") == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["my own?.db", "my own?.lock.migrate"]


@pytest.mark.parametrize("folder", ["plain", "50% what?"])
def test_a_relative_url_is_the_same_database_in_every_folder(tmp_path, monkeypatch, folder):
    below = tmp_path / folder / "below"
    below.mkdir(parents=True)
    monkeypatch.chdir(tmp_path / folder)
    store, budgets = fg.Store("sqlite://a.db"), fg.Budgets("sqlite://a.db")
    cache = fg.ResearchCache("sqlite://a.db")
    assert inserted(store, "acme.com") == 1
    os.chdir(below)
    store.budgets.set("acme", day=1)
    assert cache.stats()["rows"] == 0
    store.close()
    assert store.get_database_counts()["companies"] == 1
    assert [window["workspace"] for window in budgets.show()] == ["acme"]
    copied = pickle.loads(pickle.dumps(store))
    assert copied.get_database_counts()["companies"] == 1
    for one in (store, budgets, cache, copied):
        one.close()
    assert list(below.iterdir()) == []
    assert (store.url, repr(store)) == ("sqlite://a.db", "Store('sqlite://a.db')")


@needs_descriptors
def test_a_file_that_is_not_the_one_any_more(tmp_path):
    path, url = tmp_path / "a.db", f"sqlite://{tmp_path / 'a.db'}"
    store, budgets, file = fg.Store(url), fg.Budgets(url), tmp_path / "a.csv"
    file.write_text("Email\n" + "".join(f"ada.{n}@acme.com\n" for n in range(400)))
    budgets.set("acme", day=1)
    assert inserted(store, "acme.com") == 1

    def move(progress):
        if path.exists():
            path.rename(tmp_path / "b.db")

    with pytest.raises(fg.FirmographError) as error:
        store.ingest(file, batch_size=100, progress=move)
    assert error.value.code == "file-replaced" and "close()" in error.value.help
    for call in (store.runs, store.migrate, budgets.show):
        with pytest.raises(fg.FirmographError) as error:
            call()
        assert error.value.code == "file-replaced" and str(path) in str(error.value)
    store.close()
    budgets.close()
    # What was said before is in the file that was moved, and what is said now in a new one.
    for name in os.listdir(tmp_path):
        if name.startswith("a.db-"):
            os.rename(tmp_path / name, tmp_path / name.replace("a.db", "b.db"))
    assert store.get_database_counts()["companies"] == 0 and budgets.show() == []
    store.close()
    budgets.close()
    with fg.Store(f"sqlite://{tmp_path / 'b.db'}") as moved:
        assert moved.get_database_counts() == {"companies": 1, "prospects": 100}


@needs_descriptors
def test_two_threads_make_one_file(tmp_path):
    # Each finds what the other is opening.
    program = """
    for n in range(4):
        url, codes = f"sqlite://n{n}.db", []
        works = [fg.Store(url).get_database_counts, fg.Budgets(url).show, fg.Store(url).runs, fg.ResearchCache(url).stats]
        threads = [threading.Thread(target=lambda work=work: codes.append(code(work))) for work in works]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        print(*[said for said in codes if isinstance(said, str)])
    """
    assert said(program, tmp_path) == []


SECRETS = [
    "postgresql://me:s3cret@127.0.0.1:1/db",
    "postgresql://me@127.0.0.1:1/db?password=s3cret",
    "postgresql://me@127.0.0.1:1/db?sslpassword=s3@cret",
]


@pytest.mark.parametrize("url", SECRETS)
def test_no_repr_has_a_password(url):
    for made in (fg.Store, fg.Budgets, fg.ResearchCache, aio.Store, aio.Budgets, aio.ResearchCache):
        assert "cret" not in repr(made(url)), made
    assert repr(fg.Store(url)) == "Store('postgresql://127.0.0.1:1/db')"
    assert repr(fg.ResearchCache(url)) == "ResearchCache('postgresql://127.0.0.1:1/db')"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.parametrize("url", SECRETS)
def test_no_forked_child_is_told_a_password(url, tmp_path):
    program = f"""
    held = [fg.Store({url!r}).open, fg.Budgets({url!r}).show, fg.ResearchCache({url!r}).stats]
    child = os.fork()
    if child == 0:
        for work in held:
            try:
                work()
            except fg.ForkError as error:
                print(str(error), flush=True)
        os._exit(0)
    os.waitpid(child, 0)
    """
    out = " ".join(said(program, tmp_path))
    assert out.count("postgresql://127.0.0.1:1/db was opened by the process") == 3 and "cret" not in out, out


def test_no_error_of_an_address_has_a_password():
    for url in ("postgresql://me:s3cret@host:notaport/db", "mysql://me:s3cret@host/db", "host=h password=s3cret"):
        with pytest.raises(fg.FirmographError) as error:
            fg.Store(url).open()
        assert error.value.code == "database-url" and "cret" not in f"{error.value}{error.value.help}", url


def test_a_store_that_is_sent_elsewhere_is_the_same(tmp_path):
    (tmp_path / "below").mkdir()
    code = "import os, sys, pickle, firmograph as fg; os.chdir(sys.argv[1]); " \
        "sys.stdout.buffer.write(pickle.dumps(fg.Store('sqlite://a.db')))"
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, check=True, timeout=60)
    assert pickle.loads(done.stdout).url == f"sqlite://{tmp_path / 'a.db'}"
