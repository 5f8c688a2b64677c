"""firmograph.columns: the scalar functions over columns and tables of every library."""

import csv
import doctest
import gc
import inspect
import resource
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path

import firmograph as fg
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

CASES = Path(__file__).resolve().parents[1] / "cases"
KINDS = {
    "extract_domain": "domain",
    "normalize_email": "email",
    "clean_company_name": "company_name",
    "match_job_title": "job_title",
    "match_employee_range": "employee_range",
    "match_revenue_range": "revenue_range",
    "match_funding_range": "funding_range",
    "canonical_linkedin_url": "linkedin_url",
    "match_industry": "industry",
    "match_company_type": "company_type",
    "match_location": "location",
    "normalize_phone": "phone",
    "split_person_name": "person_name",
}
COUNTRY = {"match_location": "country", "normalize_phone": "region"}
each = pytest.mark.parametrize("name", KINDS)
TITLES = ["VP of Sales", None, "Engineer", "", "Founder & CEO", "VP of Sales"]
LEVELS = [title and (found := fg.match_job_title(title)) and found.level or None for title in TITLES]


def cases(name):
    """The texts of the case file, with a null between them, and the countries where it has any."""
    with (CASES / f"{KINDS[name]}.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    texts = [None, *(row["input"] for row in rows)]
    countries = [None, *(row.get("record_country") or None for row in rows)]
    return texts, countries


def expected(name, texts, countries):
    def one(text, country):
        result = getattr(fg, name)(text, country) if name in COUNTRY else getattr(fg, name)(text)
        if result is None:
            return None
        fields = result.to_dict()
        del fields["span"]
        return fields

    return [one(text, country) for text, country in zip(texts, countries)]


def rows(column):
    return pa.chunked_array(column).to_pylist()


@each
def test_every_case_is_as_the_function_says(name):
    texts, countries = cases(name)
    options = {COUNTRY[name]: countries} if name in COUNTRY else {}
    found = getattr(fg.columns, name)(texts, **options)
    pa.chunked_array(found).validate(full=True)
    want = expected(name, texts, countries)
    assert any(want)
    assert rows(found) == want
    # The same from Arrow, in pieces that end at different rows, and as a table.
    pieces = pa.chunked_array([texts[:7], texts[7:8], [], texts[8:]], pa.large_string())
    options = {key: pa.chunked_array([value[:3], value[3:]], pa.string()) for key, value in options.items()}
    assert rows(getattr(fg.columns, name)(pieces, **options)) == want
    table = pa.table({"raw": pieces, "country": pa.array(countries, pa.string())})
    options = {f"{COUNTRY[name]}_column": "country"} if name in COUNTRY else {}
    found = pa.table(getattr(fg.columns, name)(table, column="raw", prefix="x_", **options))
    found.validate(full=True)
    fields = list(next(filter(None, want)))
    assert found.column_names == ["raw", "country", *(f"x_{field}" for field in fields)]
    blank = dict.fromkeys(fields)
    assert found.select([f"x_{field}" for field in fields]).rename_columns(fields).to_pylist() == [
        row or blank for row in want
    ]


@each
def test_each_field_alone_is_the_field(name):
    texts, _ = cases(name)
    whole = rows(getattr(fg.columns, name)(texts))
    fields = list(next(filter(None, whole)))
    for field in fields:
        alone = getattr(fg.columns, name)(texts, field=field)
        assert rows(alone) == [row and row[field] for row in whole]
    with pytest.raises(fg.FirmographError, match=f"there are {fields[0]}") as caught:
        getattr(fg.columns, name)(texts, field="nothing")
    assert caught.value.code == "unknown-field"


def test_types_are_plain():
    types = pa.schema(fg.columns.match_job_title(pa.table({"t": ["CEO"]}), column="t"))
    names = ("level", "levels", "seniority", "people_manager", "confidence")
    found = [str(types.field(name).type) for name in names]
    assert found == ["uint8", "list<item: uint8>", "string", "bool", "double"]
    amount = pa.schema(fg.columns.match_revenue_range(pa.table({"t": ["$5M"]}), column="t"))
    assert str(amount.field("minimum").type) == "int64"


@pytest.mark.parametrize(
    "make",
    [
        list,
        tuple,
        pa.array,
        lambda texts: pa.array(texts, pa.large_string()),
        lambda texts: pa.array(texts, pa.string_view()),
        lambda texts: pa.array(texts).dictionary_encode(),
        lambda texts: pa.chunked_array([texts[:1], texts[1:]]).dictionary_encode(),
        lambda texts: pa.array(["left out", *texts]).slice(1),
        pl.Series,
        lambda texts: pl.Series(texts, dtype=pl.Categorical),
        pd.Series,
        lambda texts: pd.Series(texts, dtype="category"),
        lambda texts: pd.Series(texts, dtype=object),
    ],
)
def test_columns_of_every_kind(make):
    assert rows(fg.columns.match_job_title(make(TITLES), field="level")) == LEVELS


def test_out_to_every_library():
    found = fg.columns.match_job_title(TITLES, field="level")
    assert pl.Series(found).to_list() == LEVELS
    assert pa.array(found).to_pylist() == LEVELS
    assert pd.Series.from_arrow(found).isna().tolist() == [level is None for level in LEVELS]
    whole = pl.Series(fg.columns.match_job_title(TITLES))
    assert whole.struct.field("level").to_list() == LEVELS
    assert whole.is_null().to_list() == [level is None for level in LEVELS]


def test_long_columns_come_in_batches():
    titles = pa.array(["CEO", None, "Engineer"] * 50_000)
    found = pa.chunked_array(fg.columns.match_job_title(titles))
    assert [len(chunk) for chunk in found.chunks] == [65_536, 65_536, 150_000 - 2 * 65_536]
    assert found.to_pylist() == rows(fg.columns.match_job_title(["CEO", None, "Engineer"])) * 50_000
    table = pa.table({"t": titles, "n": range(150_000)})
    batches = list(pa.RecordBatchReader.from_stream(fg.columns.match_job_title(table, column="t", field="level")))
    assert max(map(len, batches)) == 65_536
    assert pa.Table.from_batches(batches)["n"].to_pylist() == list(range(150_000))


def test_nothing_gives_nothing():
    assert len(fg.columns.match_job_title([])) == 0
    assert rows(fg.columns.match_job_title(pa.chunked_array([], pa.string()))) == []
    empty = pa.table({"t": pa.array([], pa.string())})
    assert pa.table(fg.columns.match_job_title(empty, column="t", field="level")).to_pylist() == []
    assert rows(fg.columns.match_job_title(pa.nulls(3), field="level")) == [None] * 3


def test_numbers_are_ranges():
    want = [found and found.name for found in map(fg.match_employee_range, [12, None, "51 to 200", 2**70])]
    assert rows(fg.columns.match_employee_range([12, None, "51 to 200", 2**70], field="name")) == want
    assert rows(fg.columns.match_employee_range(pa.array([12, None, 100]), field="name")) == ["11-50", None, "51-200"]
    assert rows(fg.columns.match_employee_range(pd.Series([12, None]), field="name")) == ["11-50", None]


@pytest.mark.parametrize("name", ["match_revenue_range", "match_funding_range"])
def test_rates_convert(name):
    found = rows(getattr(fg.columns, name)(["€5M", "$5M", "£5M"], rates={"EUR": 1.08}))
    assert [row and row["micro_dollars"] for row in found] == [1_080_000, None, None]
    assert found[0]["name"] == getattr(fg, name)("€5M", {"EUR": 1.08}).name
    with pytest.raises(ValueError, match="EUR"):
        getattr(fg.columns, name)(["€5M"], rates={"EUR": -1})


def test_the_country_of_all():
    assert rows(fg.columns.match_location(["CA", None], country="US", field="region_code")) == ["US-CA", None]
    numbers = ["020 7183 8750"]
    assert rows(fg.columns.normalize_phone(numbers, region="United Kingdom", field="e164")) == ["+442071838750"]
    table = pa.table({"phone": ["020 7183 8750"]})
    found = pa.table(fg.columns.normalize_phone(table, column="phone", region="GB", field="e164"))
    assert found["e164"].to_pylist() == ["+442071838750"]


@pytest.mark.parametrize(
    ("code", "call"),
    [
        ("length", lambda: fg.columns.match_location(["CA", "NY"], country=["US"])),
        ("no-column", lambda: fg.columns.match_job_title(pa.table({"t": ["x"]}))),
        ("no-column", lambda: fg.columns.match_location(pa.table({"t": ["x"]}), column="t", country=["US"])),
        ("no-table", lambda: fg.columns.match_job_title(["x"], column="t")),
        ("unknown-column", lambda: fg.columns.match_job_title(pa.table({"t": ["x"]}), column="T")),
        ("column-exists", lambda: fg.columns.match_job_title(pa.table({"t": ["x"], "level": [1]}), column="t")),
        ("arrow-type", lambda: fg.columns.match_job_title(pa.array([[1]]))),
        ("arrow-type", lambda: fg.columns.match_job_title(pa.table({"t": [b"x"]}), column="t")),
        ("no-arrow", lambda: fg.columns.match_job_title("CEO")),
    ],
)
def test_what_cannot_be_is_said_at_once(code, call):
    with pytest.raises(fg.FirmographError) as caught:
        call()
    assert caught.value.code == code


@pytest.mark.parametrize("item", [1, 1.5, b"x", True, ["x"]], ids=repr)
def test_a_list_of_other_things_is_refused(item):
    with pytest.raises(TypeError, match="a str or None was wanted"):
        fg.columns.match_job_title(["CEO", item])


def test_other_columns_pass_untouched():
    from test_capsule import TABLE, with_field_metadata

    table = with_field_metadata(TABLE)
    found = pa.table(fg.columns.match_job_title(table, column="text", prefix="title_"))
    found.validate(full=True)
    kept = found.select(table.column_names)
    assert kept.schema.equals(table.schema, check_metadata=True)
    assert kept == table


def test_two_calls_work_at_once():
    both = threading.Barrier(2, timeout=60)

    def work(_):
        def batches():
            for _ in range(5):
                # Nobody gets past this unless the other call is under way too.
                both.wait()
                yield pa.record_batch({"t": TITLES})

        reader = pa.RecordBatchReader.from_batches(pa.schema({"t": pa.string()}), batches())
        return pa.table(fg.columns.match_job_title(reader, column="t", field="level"))["level"].to_pylist()

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(work, range(2))) == [LEVELS * 5] * 2


def test_no_thread_is_started_and_the_lock_is_free():
    titles = pa.array([f"Engineer {number}" for number in range(200_000)])
    before, ticks, done = threading.active_count(), 0, threading.Event()

    def tick():
        nonlocal ticks
        while not done.wait(0.001):
            ticks += 1

    ticker = threading.Thread(target=tick)
    ticker.start()
    found = fg.columns.match_job_title(titles)
    done.set()
    ticker.join()
    assert len(found) == 200_000
    assert ticks > 3
    assert threading.active_count() == before


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_memory_is_flat():
    def resident():
        gc.collect()
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()

    table = pa.table({"t": [f"Engineer {number}" for number in range(20_000)]})

    def batch():
        found = fg.columns.match_job_title(table, column="t")
        assert pa.table(found).num_rows == 20_000
        assert len(fg.columns.match_job_title(table["t"])) == 20_000

    for _ in range(10):
        batch()
    after_ten = resident()
    for _ in range(90):
        batch()
    # A batch leaves some 6 MB of results behind if nobody frees them: ninety of them would be 500.
    assert resident() - after_ten < 30_000_000


@pytest.mark.parametrize("name", ["module", *KINDS])
def test_the_examples_hold(name):
    item = fg.columns if name == "module" else inspect.unwrap(getattr(fg.columns, name))
    found = doctest.DocTestFinder(recurse=False).find(item, name, module=False, extraglobs=vars(fg.columns))
    runner = doctest.DocTestRunner()
    for test in found:
        runner.run(test)
    assert runner.tries > 0
    assert runner.failures == 0


@pytest.mark.parametrize("layout", [pa.string(), pa.large_string(), pa.dictionary(pa.int32(), pa.string())], ids=str)
def test_bytes_that_are_no_text_give_nothing(layout):
    titles = pa.array([b"VP of Sales", b"CTO \xf0", None, b"CFO"]).view(pa.string())
    if layout != pa.string():
        titles = titles.dictionary_encode() if pa.types.is_dictionary(layout) else pa.array(
            [b"VP of Sales", b"CTO \xf0", None, b"CFO"], pa.large_binary()
        ).view(layout)
    assert pa.array(fg.columns.match_job_title(titles, field="level")).to_pylist() == [6, None, None, 1]
    table = pa.table({"title": titles, "email": [f"{name}@acme.com" for name in ("ada", "bo", "cy", "di")]})
    found = pa.table(fg.normalize_batch(table, "csv", prefix="fg_"))
    assert found["fg_reject_code"].to_pylist() == [None, "bad-encoding", None, None]
    assert found["fg_reject_column"].to_pylist()[1] == "title" and "utf-8" in found["fg_reject_cause"].to_pylist()[1]


def test_a_range_of_decimals():
    money = pa.array([Decimal("5000000.00"), None], pa.decimal128(12, 2))
    assert pa.array(fg.columns.match_revenue_range(money, field="name")).to_pylist() == ["$5M - $10M", None]
