"""Normalized and golden tables: any data frame in and out, in any order, pickled, in threads."""

import copy
import csv
import datetime
import doctest
import io
import pathlib
import pickle
import random
import subprocess
import sys
import threading
from decimal import Decimal

import duckdb
import firmograph as fg
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

CUSTOMERS = pathlib.Path(__file__).parents[2] / "examples/data/customers.csv"


def customers():
    """The example, every column text, and nothing where there is nothing: what a CSV reader of an engine gives."""
    rows = list(csv.DictReader(io.StringIO(CUSTOMERS.read_text())))
    return pa.table({name: pa.array([row[name] or None for row in rows], pa.string()) for name in rows[0]})


def normalized(table=None, source="csv", **options):
    return pa.table(fg.normalize_batch(customers() if table is None else table, source, prefix="fg_", **options))


def golden(*tables, policy=None):
    made = fg.coalesce(tables, policy, prefix="fg_")
    return pa.table(made.companies), pa.table(made.prospects)


def code(work):
    with pytest.raises(fg.FirmographError) as caught:
        work()
    return caught.value.code


def test_every_data_frame_goes_in_and_gives_the_same():
    given = table = customers()
    wanted = golden(normalized(table))
    frames = {
        "polars": pl.DataFrame(table),
        "pandas": table.to_pandas(),
        "pandas of Arrow": table.to_pandas(types_mapper=pd.ArrowDtype),
        "duckdb": duckdb.sql("select * from given"),
        "dictionaries": pa.table({name: table[name].dictionary_encode() for name in table.column_names}),
    }
    for name, frame in frames.items():
        assert golden(normalized(frame)) == wanted, name


def test_every_data_frame_comes_out_and_goes_on():
    stream = lambda: fg.normalize_batch(customers(), "csv", prefix="fg_")  # noqa: E731
    wanted = golden(stream())
    polars = pl.DataFrame(stream())
    assert polars.height == customers().num_rows
    given = stream()
    duck = duckdb.sql("select * from given order by random()")
    frames = {
        "polars": polars.sample(fraction=1, shuffle=True, seed=1),
        "pandas": pa.table(stream()).to_pandas(types_mapper=pd.ArrowDtype),
        "duckdb": duck,
    }
    for name, frame in frames.items():
        assert golden(frame) == wanted, name
    frames = fg.coalesce(stream(), prefix="fg_")
    companies = frames.companies
    assert len(companies) == pl.DataFrame(companies).height == duckdb.sql("select * from companies").count("*").fetchall()[0][0]
    assert pd.DataFrame.from_arrow(companies).shape[0] == len(companies)
    assert repr(frames) == f"<firmograph.Golden of {len(companies)} companies and {len(frames.prospects)} prospects>"


def test_rows_stay_beside_their_own_columns():
    table = customers().append_column("number", pa.array(range(customers().num_rows)))
    table = table.append_column("tags", pa.array([[number] for number in range(table.num_rows)]))
    table = pa.concat_tables([table.slice(0, 20), table.slice(20)])
    found = normalized(table)
    assert found.select(table.column_names) == table
    assert [field.name for field in found.schema][table.num_columns] == "fg_source"
    assert normalized(table, keep=["number"]).column_names[:2] == ["number", "fg_source"]
    assert normalized(table, keep=[])["fg_payload"] == found["fg_payload"]
    bare = pa.table(fg.normalize_batch(customers(), "csv", keep=[]))
    assert bare["job_title"].type.field("matched_level").type == pa.int64()
    assert bare["observed_at"].type == pa.timestamp("us", "UTC")


def test_neither_order_nor_pieces_matter():
    whole = normalized()
    wanted = golden(whole)
    rows = list(range(whole.num_rows))
    for seed in range(3):
        random.Random(seed).shuffle(rows)
        shuffled = whole.take(rows)
        cut = 17 * (seed + 1)
        assert golden(shuffled.slice(cut), shuffled.slice(0, cut + 5)) == wanted
        hands = [fg.Coalescer() for _ in range(3)]
        for at in range(0, whole.num_rows, 10):
            hands[at // 10 % 3].push(shuffled.slice(at, 10), prefix="fg_")
        hands[0].merge(hands[1])
        hands[0].push(hands[2].state())
        made = hands[0].finish()
        assert (pa.table(made.companies), pa.table(made.prospects)) == wanted


def test_a_coalescer_is_pickled_and_copied():
    policy = {"priorities": {"*": ["manual"]}, "policies": {"industry": "longest"}}
    coalescer = fg.Coalescer(policy)
    new = coalescer.push(normalized(), prefix="fg_")
    assert new == len(coalescer) > 100 and coalescer.push(normalized(), prefix="fg_") == 0
    for made in (pickle.loads(pickle.dumps(coalescer)), copy.deepcopy(coalescer)):
        assert len(made) == len(coalescer)
        assert pa.table(made.state()) == pa.table(coalescer.state())
        made.merge(coalescer)
        assert pa.table(made.finish().companies) == pa.table(coalescer.finish().companies)
    company = pickle.loads(pickle.dumps(fg.Coalescer(only="company")))
    assert company and len(company) == 0
    assert code(lambda: company.merge(coalescer)) == "coalescer-mismatch"
    assert pa.table(company.finish().companies).num_rows == 0
    coalescer.merge(coalescer)
    assert len(coalescer) == new


def test_options_mean_what_they_say(tmp_path):
    table = pa.table({"who": ["ada@acme"], "what": ["VP Sales"]})
    mapping = tmp_path / "own.toml"
    mapping.write_text('[fields]\nemail = "who"\njob_title = "what"\n')
    for when in ("2026-01-31", datetime.date(2026, 1, 31), datetime.datetime(2026, 1, 31, tzinfo=datetime.timezone.utc)):
        row = pa.table(fg.normalize_batch(table, "csv", mapping=mapping, observed_at=when, repair_domains=True)).to_pylist()[0]
        assert row["observed_at"] == datetime.datetime(2026, 1, 31, tzinfo=datetime.timezone.utc)
        assert row["company_key"] == "acme.com" and row["job_title"]["matched_level"] == 6
    assert pa.table(fg.normalize_batch(table, "csv", mapping=mapping))["company_key"].to_pylist() == [None]


def test_what_cannot_be_has_a_code(tmp_path):
    table = customers()
    assert code(lambda: fg.normalize_batch(table, "csv")) == "column-clash" or "industry" not in table.column_names
    assert code(lambda: fg.normalize_batch(table, "CSV")) == "bad-source"
    assert code(lambda: fg.normalize_batch([1], "csv")) == "no-arrow"
    assert code(lambda: fg.normalize_batch(pa.array(["a"]), "csv")) == "no-table"
    assert code(lambda: fg.normalize_batch(pa.table({"nothing": [1]}), "csv")) == "no-known-column"
    assert code(lambda: fg.normalize_batch(pa.table({"email": [b"ada@acme.com"]}), "csv")) == "arrow-type"
    assert code(lambda: fg.normalize_batch(table, "csv", keep=["nothing"])) == "unknown-column"
    assert code(lambda: fg.normalize_batch(table, "csv", mapping=tmp_path / "none.toml")) == "cannot-read"
    assert code(lambda: fg.normalize_batch(table, "csv", observed_at="soon")) == "bad-date"
    assert code(lambda: fg.Coalescer().push(table)) == "missing-column"
    for policy in (1, [], "longest", {1: {}}, {"colour": {}}, {"priorities": []}, {"priorities": {"*": 1}}, {"policies": {"industry": 1}}):
        assert code(lambda: fg.Coalescer(policy)) == "bad-policy", policy  # noqa: B023
    assert code(lambda: fg.Coalescer({"priorities": {"*": ["pin"]}})) == "reserved-source"
    assert code(lambda: fg.Coalescer({"policies": {"colour": "longest"}})) == "unknown-attribute"
    assert code(lambda: fg.Coalescer(only="firm")) == "unknown-kind"
    with pytest.raises(TypeError):
        fg.normalize_batch(table, "csv", keep="email")


def test_an_error_of_the_producer_comes_through():
    def batches():
        yield customers().to_batches()[0]
        raise ValueError("the reader broke")

    reader = pa.RecordBatchReader.from_batches(customers().schema, batches())
    with pytest.raises(Exception, match="the reader broke"):
        pa.table(fg.normalize_batch(reader, "csv", prefix="fg_"))
    reader = pa.RecordBatchReader.from_batches(customers().schema, batches())
    assert code(lambda: fg.Coalescer().push(fg.normalize_batch(reader, "csv", prefix="fg_"), prefix="fg_")) == "arrow-producer"


def test_threads_share_a_coalescer():
    whole = normalized()
    shared = fg.Coalescer()
    pieces = [whole.slice(at, 25) for at in range(0, whole.num_rows, 25)]
    threads = [threading.Thread(target=lambda part=part: [shared.push(each, prefix="fg_") for each in pieces[part::4]]) for part in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    made = shared.finish()
    assert (pa.table(made.companies), pa.table(made.prospects)) == golden(whole)


def test_memory_stays_flat():
    code = """
import resource, sys
import pyarrow as pa, firmograph as fg
piece = pa.table({"email": [f"a{n}@acme{n % 97}.com" for n in range(2000)], "title": ["VP Sales"] * 2000}).to_batches()[0]
def run(count):
    reader = pa.RecordBatchReader.from_batches(piece.schema, (piece for _ in range(count)))
    for batch in pa.RecordBatchReader.from_stream(fg.normalize_batch(reader, "csv", prefix="fg_")):
        assert batch.num_rows <= 65536
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
first = run(10)
print(run(100) - first)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 20_000, "kilobytes"


@pytest.mark.parametrize("function", [fg.normalize_batch, fg.coalesce], ids=lambda function: function.__name__)
def test_examples_hold(function):
    names = vars(sys.modules[function.__module__])
    found = doctest.DocTestFinder(recurse=False).find(function, function.__name__, module=False, extraglobs=names)
    assert found[0].examples and doctest.DocTestRunner().run(found[0]).failed == 0


def test_a_row_says_the_same_from_typed_columns_as_from_text():
    day, time = datetime.date(2024, 10, 4), datetime.datetime(2024, 10, 4, 5, 6, 7, 500_000)
    given = {"email": "a@acme.com", "founded": day, "seen": time, "revenue": Decimal("2500000.00"), "employees": 120, "score": 10.1}
    text = {name: str(value) for name, value in given.items()} | {"seen": time.isoformat()}
    typed = pa.table(
        {
            "email": ["a@acme.com"],
            "founded": pa.array([day], pa.date32()),
            "seen": pa.array([time], pa.timestamp("us")),
            "revenue": pa.array([given["revenue"]], pa.decimal128(12, 2)),
            "employees": pa.array([120], pa.int16()),
            "score": pa.array([10.1], pa.float32()),
        }
    )
    coalescer, payloads = fg.Coalescer(), set()
    for table in (typed, pa.Table.from_pylist([text])):
        found = pa.table(fg.normalize_batch(table, "csv", prefix="fg_"))
        assert found["fg_reject_code"].to_pylist() == [None]
        payloads.add(found["fg_payload"][0].as_py())
        coalescer.push(found, prefix="fg_")
    assert len(payloads) == len(coalescer) == 1
