"""normalize_records: dicts of a reader in, dicts for a writer out."""

import collections.abc
import csv
import enum
import math
import pathlib
import random
import signal
import sqlite3
import threading
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

import firmograph as fg
import pytest

ROOT = pathlib.Path(__file__).parents[2]
CUSTOMERS = ROOT / "examples/data/customers.csv"
NOW = datetime(2026, 1, 2, 3, 4, 5, 678_000)

COMPANY = """id domain name industry minEmployeeSize maxEmployeeSize employeeSizeLink revenue address city state country zipCode phone
mobilePhone externalSource externalId createdAt updatedAt""".split()
PROSPECT = """id salutation firstName lastName email jobTitle jobTitleLevel department jobTitleLink address city state country zipCode
phone mobilePhone companyId externalSource externalId createdAt updatedAt standardizedJobTitleLevelId""".split()


def customers():
    with open(CUSTOMERS, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def one(**cells):
    """The company and the prospect of one row."""
    companies, prospects, rejects = fg.normalize_records([cells], now=NOW)
    assert not rejects
    return (companies + [None])[0], (prospects + [None])[0]


def test_exactly_the_keys_and_types_that_writers_take():
    rows = customers()
    companies, prospects, rejects = fg.normalize_records(rows, now=NOW)
    assert len(companies) >= 10 and len(prospects) > 200
    for columns, numbers, dicts in [
        (COMPANY, {"minEmployeeSize", "maxEmployeeSize", "revenue"}, companies),
        (PROSPECT, {"standardizedJobTitleLevelId"}, prospects),
    ]:
        for row in dicts:
            assert list(row) == columns
            for column, value in row.items():
                assert value is None or type(value) is (int if column in numbers else str), (column, value)
                assert value != ""
        assert [row["id"] for row in dicts] == sorted({row["id"] for row in dicts})
        assert any(row[column] is not None for column in numbers for row in dicts)
    assert {row["companyId"] for row in prospects} <= {row["id"] for row in companies} | {None}
    assert companies[0]["createdAt"] == companies[0]["updatedAt"] == "2026-01-02T03:04:05.678"
    assert datetime.fromisoformat(prospects[0]["createdAt"]) == NOW
    # One row of nothing but blanks; and some whose company has a page and no domain.
    assert [reject["row"] for reject in rejects if reject["code"] == "blank"] == [132]
    assert {reject["code"] for reject in rejects} == {"blank", "no-domain"}
    assert all(reject["record"] is rows[reject["row"]] for reject in rejects)


def test_neither_order_nor_pieces_of_one_call_matter():
    rows = customers()
    expected = fg.normalize_records(rows, now=NOW)[:2]
    for seed in range(5):
        shuffled = rows[:]
        random.Random(seed).shuffle(shuffled)
        # Each row under its columns in another order too: a table of its own.
        shuffled = [dict(reversed(row.items())) if i % 3 == 0 else row for i, row in enumerate(shuffled)]
        companies, prospects, _ = fg.normalize_records(iter(shuffled), now=NOW)
        assert (companies, prospects) == expected


@pytest.mark.parametrize(
    "headers",
    [
        ("Email address", "Company", "Job Title", "Employee Size", "Zip/Postal code"),
        ("email", "company", "jobTitle", "employeeSize", "zipCode"),
        ("Emailaddress", "CompanyName", "title", "EMPLOYEE_SIZE", "postal_code"),
        ("E-Mail ", "\ufeffCompany Name", "Title", "employees", "ZIP"),
    ],
)
def test_headers_of_any_style(headers):
    row = dict(zip(headers, ["ada@acme.com", "Acme Inc", "CTO", "51-200", "02139"]))
    company, prospect = one(**row)
    assert (company["domain"], company["name"], company["minEmployeeSize"]) == ("acme.com", "Acme", 51)
    assert (prospect["email"], prospect["zipCode"]) == ("ada@acme.com", "02139")
    assert prospect["standardizedJobTitleLevelId"] == 1


class NaTType:
    """As pandas calls it; its text would be a value."""

    def isoformat(self):
        return "NaT"


@pytest.mark.parametrize("missing", [None, "", "  ", math.nan, NaTType(), "N/A", "null"])
def test_what_means_missing(missing):
    company, prospect = one(email="ada@acme.com", company=missing, title=missing, zip=missing, employees=missing)
    assert company["name"] is company["minEmployeeSize"] is None
    assert prospect["jobTitle"] is prospect["zipCode"] is prospect["standardizedJobTitleLevelId"] is None


def test_values_that_are_no_text():
    company, prospect = one(email="ada@acme.com", zip=94105.0, employees=120, revenue=Decimal("2500000"), city="Boston")
    assert prospect["zipCode"] == "94105"
    assert (company["minEmployeeSize"], company["maxEmployeeSize"], company["revenue"]) == (120, 120, 2_500_000)
    # A column of no meaning may hold anything.
    assert one(email="ada@acme.com", tags=["a", {"b": 1}], seen=date(2026, 1, 2), ok=True)[0]["id"] == "acme.com"


def test_pandas_and_numpy_say_missing_in_many_ways():
    pandas = pytest.importorskip("pandas")
    numpy = pytest.importorskip("numpy")
    frame = pandas.DataFrame(
        {
            "Email": ["ada@acme.com", "bob@acme.com"],
            "Zip": [94105, None],
            "Employees": [numpy.int64(51), pandas.NA],
            "Founded": [pandas.NaT, pandas.Timestamp("2020-01-02")],
            "Score": numpy.array([numpy.nan, 1], dtype="float32"),
        }
    )
    companies, prospects, rejects = fg.normalize_records(frame.to_dict("records"))
    assert not rejects
    assert [row["zipCode"] for row in prospects] == ["94105", None]
    assert companies[0]["minEmployeeSize"] == 51


class Silent:
    def __str__(self):
        raise RuntimeError("no word")


def test_cells_that_cannot_be_read():
    rows = [
        {"email": "ada@acme.com", "title": 10**5000, "seen": 1},
        {"email": "bo@acme.com", "title": Silent(), "seen": 1},
        {"email": "cy@acme.com", "title": object(), "seen": 1},
        {"email": "di@acme.com", "title": b"\xff\xfe", "seen": 1},
        {"email": "ed@acme.com", "title": memoryview(b"CTO"), "seen": 1},
        # A column of no meaning may hold anything.
        {"email": "fay@acme.com", "title": bytearray(b"CTO"), "seen": object()},
        {"email": "gus@acme.com", "title": b"CTO", "seen": b"\xff"},
    ]
    companies, prospects, rejects = fg.normalize_records(rows)
    assert [(row["email"], row["jobTitle"]) for row in prospects] == [
        ("ed@acme.com", "CTO"),
        ("fay@acme.com", "CTO"),
        ("gus@acme.com", "CTO"),
    ]
    assert [(reject["row"], reject["code"], reject["column"], reject["taken"]) for reject in rejects] == [
        (0, "bad-value", "title", None),
        (1, "bad-value", "title", None),
        (2, "bad-value", "title", None),
        (3, "bad-encoding", "title", None),
    ]
    assert "no word" in rejects[1]["cause"] and "of type object" in rejects[2]["cause"]
    assert rejects[2]["record"] is rows[2]

    class Stopped:
        def __str__(self):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fg.normalize_records([{"email": "ada@acme.com", "seen": Stopped()}])


class Answers(dict):
    """Has something by every name, as boxes of dicts have."""

    def __getattr__(self, name):
        return Answers()


def test_rows_that_hold_lists_and_dicts_are_documents():
    rows = [
        {"emails": ["ada@acme.com", "ada@home.com"], "company": {"name": "Acme, Inc.", "domain": "acme.com"}, "title": "CTO"},
        {"email": "bo@acme.com", "company": Answers(name="Acme, Inc."), "job": ({"title": "VP of Sales"},), "staff": 120},
        {"email": "cy@acme.com", "company": {}, "title": [], "tags": {"b", "a"}},
    ]
    companies, prospects, rejects = fg.normalize_records(rows)
    assert not rejects
    assert [(row["id"], row["name"]) for row in companies] == [("acme.com", "Acme")]
    assert [(row["email"], row["jobTitle"]) for row in prospects] == [
        ("ada@acme.com", "CTO"),
        ("bo@acme.com", "VP of Sales"),
        ("cy@acme.com", None),
    ]
    # As the lines of a file, and as a table.
    pyarrow = pytest.importorskip("pyarrow")
    given = [rows[0], {**rows[1], "job": list(rows[1]["job"]), "company": dict(rows[1]["company"])}]
    table = pyarrow.Table.from_struct_array(pyarrow.array(given))
    frame = fg.coalesce(fg.normalize_batch(table, "csv", prefix="fg_"), prefix="fg_")
    assert [row["jobTitle"] for row in pyarrow.table(frame.prospects).to_pylist()] == ["CTO", "VP of Sales"]
    assert pyarrow.table(frame.companies).to_pylist()[0]["name"] == companies[0]["name"]

    # What cannot be read and means nothing is left out of a document, too.
    photo = {"email": "ada@acme.com", "photo": b"\xff", "_id": object(), "tags": ["x"]}
    assert fg.normalize_records([photo]).prospects[0]["email"] == "ada@acme.com"
    assert fg.normalize_records([{**photo, "title": b"\xff"}]).rejects[0]["column"] == "title"

    itself = {"email": "ada@acme.com"}
    itself["self"] = [itself]
    bad = [itself, {"email": "bo@acme.com", "tags": [object()]}, {"email": "cy@acme.com", "tags": ["\ud800"]}]
    assert [(row["row"], row["code"], row["column"]) for row in fg.normalize_records(bad).rejects] == [
        (0, "bad-value", "self"),
        (1, "bad-value", "tags"),
        (2, "bad-encoding", "tags"),
    ]


def test_arrays_and_scalars_of_numpy():
    numpy = pytest.importorskip("numpy")
    rows = [
        {"email": "ada@acme.com", "seen": numpy.array([1, 2]), "observed_at": numpy.datetime64("2026-01-31T01:02:03", "ns")},
        {"email": "di@acme.com", "seen": numpy.datetime64("NaT"), "observed_at": ""},
        {"email": "ed@acme.com", "seen": numpy.array([]), "title": numpy.array(["CTO"])},
    ]
    _, prospects, rejects = fg.normalize_records(rows)
    assert not rejects
    assert [(row["email"], row["jobTitle"]) for row in prospects] == [
        ("ada@acme.com", None),
        ("di@acme.com", None),
        ("ed@acme.com", "CTO"),
    ]
    now = datetime(2026, 1, 1, tzinfo=timezone.utc)
    known = {"email": "ada@acme.com"}
    given = [{**known, "title": numpy.datetime64("2026-01-31"), "zip": numpy.float32(2139.0)}]
    text = [{**known, "title": "2026-01-31", "zip": "2139"}]
    assert fg.normalize_records(given, now=now) == fg.normalize_records(text, now=now), "a day stays one"


def test_every_company_names_its_source():
    companies, prospects, _ = fg.normalize_records([{"email": "ada@acme.com", "company": ""}], source="apollo")
    assert companies[0]["externalSource"] == prospects[0]["externalSource"] == "apollo"


def test_what_is_no_row_is_a_reject_and_what_are_no_rows_is_an_error():
    companies, _, rejects = fg.normalize_records([{"email": "ada@acme.com"}, None, "x", {"email": "bo@umbrella.com"}])
    assert [row["id"] for row in companies] == ["acme.com", "umbrella.com"]
    assert [(row["row"], row["code"], row["record"]) for row in rejects] == [(1, "bad-value", None), (2, "bad-value", "x")]
    for rows in ({"email": "ada@acme.com"}, "email", *frames()):
        with pytest.raises(TypeError, match="one a row"):
            fg.normalize_records(rows)
    database = sqlite3.connect(":memory:")
    database.row_factory = sqlite3.Row
    rows = database.execute("SELECT 'ada@acme.com' AS email, 'CTO' AS title").fetchall()
    database.close()
    assert fg.normalize_records(rows).prospects[0]["jobTitle"] == "CTO"


def frames():
    for name in ("pandas", "polars"):
        try:
            yield __import__(name).DataFrame({"email": ["ada@acme.com"]})
        except ImportError:
            pass


def test_a_reject_says_what_was_taken_all_the_same():
    rows = [{"Email": "a@gmail.com", "Company": "Foo"}, {"Company": "Foo"}]
    _, prospects, rejects = fg.normalize_records(rows)
    assert len(prospects) == 1
    assert [(row["row"], row["code"], row["taken"]) for row in rejects] == [(0, "no-domain", "prospect"), (1, "no-domain", None)]


def test_rows_that_leave_out_what_they_do_not_know():
    names = [f"field {number}" for number in range(12)]
    rows = []
    for number in range(2_000):
        known = {name: "x" for place, name in enumerate(names) if number >> place & 1}
        rows.append({"email": f"a{number}@acme{number % 50}.com", **known, "title": "CTO"})
    now = datetime(2026, 1, 1, tzinfo=timezone.utc)
    sparse = fg.normalize_records(rows, now=now)
    dense = fg.normalize_records([{**dict.fromkeys(["email", *names, "title"]), **row} for row in rows], now=now)
    assert sparse == dense and len(sparse.prospects) == 2_000
    assert fg.normalize_records(rows[::-1], now=now) == sparse


def test_an_interrupt_is_heard_between_rows():
    def rows():
        for number in range(100_000):
            if number == 2_000:
                signal.raise_signal(signal.SIGINT)
            seen.append(number)
            yield {"email": f"a{number}@acme.com"}

    seen = []
    # Whoever runs the tests in the background may have had the signal ignored.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            fg.normalize_records(rows())
    finally:
        signal.signal(signal.SIGINT, before)
    assert len(seen) < 10_000


def test_ids_and_people_without_a_company():
    rows = [
        {"email": "Ada+news@Mail.Acme.co.uk", "company": "Acme"},
        {"email": "bob@gmail.com"},
        {"company": "Initech", "country": "US", "email": ""},
        {"email": "info@acme.co.uk", "company": "Acme Ltd"},
        {"person_linkedin_url": "linkedin.com/in/eve", "company": "Initech", "country": "US"},
    ]
    companies, prospects, rejects = fg.normalize_records(rows)
    assert [(row["id"], row["domain"]) for row in companies] == [("acme.co.uk", "acme.co.uk")]
    assert [(row["id"], row["companyId"]) for row in prospects] == [
        ("ada@mail.acme.co.uk", "acme.co.uk"),
        ("bob@gmail.com", None),
        ("linkedin.com/in/eve", None),
    ]
    # Writers find companies by domain, so one without is told and not given.
    assert [(reject["row"], reject["code"]) for reject in rejects] == [(2, "no-domain"), (4, "no-domain")]
    companies, prospects, rejects = fg.normalize_records(rows, require_company=True)
    assert [row["id"] for row in companies] == ["acme.co.uk"]
    assert [row["id"] for row in prospects] == ["ada@mail.acme.co.uk"]
    assert [(reject["row"], reject["code"]) for reject in rejects] == [(n, "no-company") for n in (1, 2, 4)]


def test_rejects_say_why_and_nothing_is_lost():
    rows = [
        {"email": "ada@acme.com", "name": "Ada"},
        {"email": "nobody"},
        {"email": "bob@acme.com", "name": "a\0b"},
        {"email": "eve@acme.com", None: ["one", "two"]},
        {"email": "eve@acme.com", None: ["", " "]},
        {"email": "half \ud800@acme.com"},
        {"unknown": "x"},
        {"email": "kim@acme.com", "observed_at": "yesterday"},
        {},
    ]
    companies, prospects, rejects = fg.normalize_records(rows)
    told = [(reject["row"], reject["code"], reject["column"]) for reject in rejects]
    assert told == [
        (1, "no-key", "email"),
        (2, "nul-character", "name"),
        (3, "too-many-cells", None),
        (5, "bad-encoding", "email"),
        (6, "no-known-column", None),
        (7, "bad-date", "observed_at"),
        (8, "no-known-column", None),
    ]
    assert all(reject["cause"] and reject["record"] is rows[reject["row"]] for reject in rejects)
    assert [row["id"] for row in prospects] == ["ada@acme.com", "eve@acme.com"]


def test_the_newest_wins_whatever_the_order():
    rows = [
        {"email": "ada@acme.com", "title": "CTO", "observed_at": "2026-01-02"},
        {"email": "ada@acme.com", "title": "Engineer", "observed_at": "2025-01-02"},
    ]
    for order in (rows, rows[::-1]):
        assert fg.normalize_records(order).prospects[0]["jobTitle"] == "CTO"


def test_options(tmp_path):
    row = {"Post": "x@unionbankofindia", "Firma": "Union"}
    mapping = tmp_path / "m.toml"
    mapping.write_text('[fields]\nemail = "Post"\ncompany_name = "Firma"\n')
    companies, prospects, rejects = fg.normalize_records([row], mapping=mapping, repair_domains=True, source="clay")
    assert companies[0]["domain"] == "unionbankofindia.com"
    assert companies[0]["externalSource"] == prospects[0]["externalSource"] == "clay"
    later = datetime(2026, 1, 2, 3, tzinfo=timezone(timedelta(hours=2)))
    assert fg.normalize_records([{"email": "a.b@acme.com"}], now=later).companies[0]["createdAt"] == "2026-01-02T01:00:00.000"


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda: fg.normalize_records([{"x": 1}]), "no-known-column"),
        (lambda: fg.normalize_records([{"email": "a@b.com"}], source=""), "bad-source"),
        (lambda: fg.normalize_records([{"email": "a@b.com"}], observed_at="soon"), "bad-date"),
        (lambda: fg.normalize_records([{"email": "a@b.com"}], mapping="no-such-file.toml"), "cannot-read"),
    ],
)
def test_wrong_calls_raise_with_a_code(call, code):
    with pytest.raises(fg.FirmographError) as raised:
        call()
    assert raised.value.code == code


def test_what_is_no_row_raises():
    for rows in ([1], ["text"], [["a"]]):
        with pytest.raises(TypeError, match="row 0"):
            fg.normalize_records(rows)
    assert fg.normalize_records([]) == ([], [], [])


def test_other_mappings_are_rows():
    from types import MappingProxyType

    rows = (MappingProxyType({"email": f"ada{n}@acme.com"}) for n in range(3))
    assert len(fg.normalize_records(rows).prospects) == 3


def test_threads_give_the_same():
    rows = customers()
    expected = fg.normalize_records(rows, now=NOW)
    results = []
    threads = [
        threading.Thread(target=lambda: results.append(fg.normalize_records(rows, now=NOW))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [expected] * 4


class Level(enum.IntEnum):
    VP = 6

    def __str__(self):
        return '1,"email":"eve@acme.com"'


def test_an_int_is_its_digits_whatever_it_shows():
    for more in ({}, {"tags": ["x"]}):
        _, prospects, rejects = fg.normalize_records([{"email": "ada@acme.com", "zip": Level.VP, **more}])
        assert not rejects and [(row["email"], row["zipCode"]) for row in prospects] == [("ada@acme.com", "6")]


def test_headers_are_known_where_rows_are_refused():
    for refused in ({"email": b"\xff"}, {"email": "a@acme.com", None: ["x"]}):
        rejects = fg.normalize_records([refused, {"foo": "x"}]).rejects
        assert [row["code"] for row in rejects][1] == "no-known-column"
    prospects, rejects = fg.normalize_records([{"email": ["a@acme.com"]}, {"foo": "x"}])[1:]
    assert len(prospects) == 1 and [row["code"] for row in rejects] == ["no-known-column"]


def test_a_mapping_may_name_what_some_rows_leave_out(tmp_path):
    mapping = tmp_path / "own.toml"
    mapping.write_text('[fields]\nemail = "mail"\njob_title = "job"\n')
    rows = [{"mail": "a@acme.com", "job": "CTO"}, {"mail": "b@acme.com"}, {"mail": "c@acme.com", "tags": ["x"]}]
    _, prospects, rejects = fg.normalize_records(rows, mapping=mapping)
    assert not rejects and [row["jobTitle"] for row in prospects] == ["CTO", None, None]
    with pytest.raises(fg.FirmographError) as raised:
        fg.normalize_records(rows[1:2], mapping=mapping)
    assert raised.value.code == "unknown-column"


def test_a_cell_that_a_mapping_by_row_leaves_to_its_header(tmp_path):
    mapping = tmp_path / "own.toml"
    mapping.write_text('[fields]\ncompany_name = "raw.name"\ncompany_domain = "raw.domain"\n')
    raw = '{"name": "Acme", "domain": "acme.com"}'
    rows = [{"email": b"\xff", "title": "CTO", "raw": raw}, {"email": "ada@acme.com", "title": "CTO", "raw": raw}]
    companies, prospects, rejects = fg.normalize_records(rows, mapping=mapping)
    assert [(row["row"], row["code"], row["column"]) for row in rejects] == [(0, "bad-encoding", "email")]
    assert companies[0]["name"] == "Acme" and [row["email"] for row in prospects] == ["ada@acme.com"]


class Rows(collections.abc.Mapping):
    def __init__(self, error):
        self.error = error

    def __getitem__(self, key):
        return "ada@acme.com"

    def __iter__(self):
        return iter(["email"])

    def __len__(self):
        return 1

    def items(self):
        raise self.error


class Key:
    def __str__(self):
        raise RuntimeError("no name")


def test_errors_of_rows_are_rejects_and_interrupts_are_not():
    with pytest.raises(KeyboardInterrupt):
        fg.normalize_records([Rows(KeyboardInterrupt())])
    rows = [{"email": "ada@acme.com"}, Rows(RuntimeError("gone")), {Key(): 1, "email": "bo@acme.com"}, {"email": ["x"], Key(): 1}]
    rejects = fg.normalize_records(rows).rejects
    assert [(row["row"], row["code"]) for row in rejects] == [(1, "bad-value"), (2, "bad-value"), (3, "bad-value")]
    assert "gone" in rejects[0]["cause"] and "no name" in rejects[1]["cause"]
