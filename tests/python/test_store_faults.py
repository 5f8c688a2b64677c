"""What no row, process or server may do to a database."""

import random
import threading
import time

import firmograph as fg
import pytest
from conftest import ask_server

ROWS = 6_000


def noise(length):
    """Text that no database can pack into less: its index would have to hold it as it is."""
    return "".join(random.Random(length).choices("abcdefghijklmnopqrstuvwxyz", k=length))


def people(folder, name="people.csv", rows=2_000):
    file = folder / name
    file.write_text("email,title\n" + "".join(f"p{row}@acme{row % 40}.example,CEO\n" for row in range(rows)))
    return str(file)


@pytest.mark.parametrize("rows", [10, ROWS])
def test_cells_of_any_length_are_taken(url, tmp_path, rows):
    names = ["First Name", "Last Name", "Title", "Department", "Company", "Industry", "City", "State", "Country", "Phone"]
    pages = ["Person Linkedin Url", "Company Linkedin Url"]
    columns = ["Email", "Website", *pages, *names]
    for length in (3_000, 10_000):
        cells = [noise(length + at) for at, _ in enumerate(names)]
        urls = [f"https://www.linkedin.com/{kind}/{noise(length)}" for kind in ("in", "company")]
        lines = [
            ",".join(["long@acme.example", "acme.example", *urls, *cells]),
            # Nothing but the name would be its key.
            ",".join(["", "acme.example", "", "", *cells]),
            ",".join(["", "", *urls, *cells]),
        ]
        lines += [f"p{row}@acme{row % 40}.example,,,,Ada,Hale,CEO,,,,,,," for row in range(rows)]
        file = tmp_path / f"long{length}.csv"
        file.write_text("\n".join([",".join(columns), *lines, ""]))
        with fg.Store(url) as one:
            run = one.ingest(str(file), source=f"length{length}")
            assert (run["status"], run["rejected"], run["accepted"] + run["skipped"]) == ("done", 1, rows + 2)
            reject = one.rejects(run["run"])[0]
            assert (reject["code"], reject["line"]) == ("no-key", 4)
            assert one.company("acme.example")["name"] is None
            person = one.person("long@acme.example")
            assert (person["jobTitle"], person["city"], person["fullName"]) == (None, None, None)
            one.refresh_views()
            assert one.verify()["differences"] == []
    with fg.Store(url) as one:
        assert one.get_database_counts() == {"companies": 41 if rows > 40 else rows + 1, "prospects": rows + 1}
        assert one.explain("acme.example", "company_name"), "what was said is kept"


def held_at(url, file, at):
    """An ingest in a thread that waits after so many records; with what became of it, and how it goes on."""
    is_there, goes_on, became = threading.Event(), threading.Event(), {}

    def hold(progress):
        if progress.read == at:
            is_there.set()
            assert goes_on.wait(60)

    def work():
        try:
            with fg.Store(url) as one:
                became["summary"] = one.ingest(file, batch_size=500, progress=hold)
        except fg.FirmographError as error:
            became["error"] = error

    thread = threading.Thread(target=work)
    thread.start()
    assert is_there.wait(60)

    def end():
        goes_on.set()
        thread.join()
        return became

    return end


def test_a_run_that_another_process_goes_on_with_is_left_to_it(url, tmp_path):
    file = people(tmp_path)
    end = held_at(url, file, 1_000)
    with fg.Store(url) as other:
        assert other.ingest(file, resume=True)["accepted"] == 2_000
        became = end()
        assert became["error"].code == "run-taken-over" and "went on" in str(became["error"])
        [run] = other.runs()
        assert (run["status"], run["accepted"], other.get_database_counts()["prospects"]) == ("done", 2_000, 2_000)
        assert other.verify()["differences"] == []


def test_a_run_that_is_taken_back_while_it_is_written_stays_so(url, tmp_path):
    file = people(tmp_path)
    end = held_at(url, file, 1_000)
    with fg.Store(url) as other:
        other.undo(1)
        became = end()
        assert became["error"].code == "run-taken-over" and "took it back" in str(became["error"])
        assert other.get_database_counts() == {"companies": 0, "prospects": 0}
        assert next(run for run in other.runs() if run["id"] == 1)["undone_by"] == 2
        assert other.verify()["differences"] == []
        assert other.ingest(file)["accepted"] == 2_000


def test_a_run_that_was_stopped_can_be_taken_back(url, tmp_path):
    file = people(tmp_path)

    class Stop(Exception):
        pass

    def stop(progress):
        raise Stop

    with fg.Store(url) as one:
        with pytest.raises(Stop):
            one.ingest(file, batch_size=500, progress=stop)
        assert one.ingest(file)["run"] == 2
        one.undo(2)
        one.undo(1)
        assert one.get_database_counts() == {"companies": 0, "prospects": 0}
        one.undo(4)
        assert one.get_database_counts()["prospects"] == 500
        assert one.verify()["differences"] == []


def test_what_records_give_is_taken_for_whom_it_is(url):
    rows = [
        {"First Name": "Ann", "Last Name": "Roe", "Person Linkedin Url": "linkedin.com/in/annroe", "Company": "Zed", "Website": "zed.com"},
        {"First Name": "Tim", "Last Name": "Poe", "Person Linkedin Url": "linkedin.com/in/timpoe", "Company": "", "Website": ""},
        {"First Name": "Eve", "Last Name": "Doe", "Person Linkedin Url": "", "Company": "Zed", "Website": "zed.com"},
    ]
    found = fg.normalize_records(rows, source="feed")
    with fg.Store(url) as one:
        for _ in range(2):
            assert one.bulk_insert_companies(found.companies).rejected == 0
            assert one.bulk_insert_prospects(found.prospects).rejected == 0
        assert one.get_database_counts() == {"companies": 1, "prospects": 3}
        assert {one.person(person["id"])["externalId"] for person in found.prospects} == {
            "linkedin.com/in/annroe",
            "linkedin.com/in/timpoe",
            "name:eve doe|zed.com",
        }


def test_a_connection_that_the_server_ended_is_made_anew(postgres):
    with fg.Store(postgres) as one:
        assert one.health_check()["status"] == "healthy"
        time.sleep(1.2)  # what did a work within the last second is not asked
        name = postgres.rsplit("/", 1)[1]
        ask_server(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
        assert one.health_check()["status"] == "healthy"
        ask_server(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
        with pytest.raises(fg.FirmographError) as told:
            one.get_database_counts()
        assert told.value.code == "database-unreachable"
        assert one.get_database_counts()["companies"] == 0


def test_a_key_with_a_nul_is_nobodys(url):
    with fg.Store(url) as one:
        assert one.company("a\0b.com") is None
        assert one.person("a\0b@acme.com") is None
        assert one.get_company_by_domain("a\0b.com") is None
        assert one.quality("a\0b.com") is None
        with pytest.raises(fg.FirmographError) as told:
            one.explain("a\0b.com")
        assert told.value.code == "unknown-key"


def test_a_figure_that_is_none_is_refused(tmp_path):
    with fg.Store(f"sqlite://{tmp_path / 'store.db'}") as one, pytest.raises(fg.FirmographError) as told:
        one.figure_counts("levels")
    assert told.value.code == "unknown-figure"
