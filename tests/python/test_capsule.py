"""Arrow in and out: every library that people use, tables and columns, errors, and who may read how often."""

import datetime
import gc
from decimal import Decimal

import duckdb
import firmograph as fg
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from firmograph._firmograph import _panic, _pass_through

TABLE = pa.table(
    {
        "text": pa.array(["a", None, "ü"]),
        "large": pa.array(["a", None, "b"], pa.large_string()),
        "view": pa.array(["a", None, "a text that fits in no view of sixteen bytes"], pa.string_view()),
        "words": pa.array(["x", "y", "x"]).dictionary_encode(),
        "ordered": pa.DictionaryArray.from_arrays(pa.array([0, 1, 0], pa.int8()), pa.array(["lo", "hi"]), ordered=True),
        "bytes": pa.array([b"\x00", None, b""], pa.binary()),
        "list": pa.array([[1], None, []], pa.list_(pa.int16())),
        "fixed": pa.array([[1, 2], None, [3, 4]], pa.list_(pa.int32(), 2)),
        "struct": pa.array([{"a": 1, "b": ["z"]}, None, {"a": None, "b": []}]),
        "map": pa.array([[("k", 1)], None, []], pa.map_(pa.string(), pa.int64())),
        "decimal": pa.array([Decimal("1.10"), None, Decimal("-2.00")], pa.decimal128(20, 2)),
        "day": pa.array([datetime.date(2026, 1, 31), None, None]),
        "time": pa.array([0, None, 1], pa.timestamp("us", "Europe/Berlin")),
        "span": pa.array([0, None, 1], pa.duration("ms")),
        "yes": pa.array([True, None, False]),
        "half": pa.array([1.5, None, float("inf")], pa.float32()),
        "nothing": pa.nulls(3),
        "json": pa.ExtensionArray.from_storage(pa.json_(pa.string()), pa.array(["{}", None, "[]"])),
        "id": pa.ExtensionArray.from_storage(pa.uuid(), pa.array([b"0" * 16, None, b"1" * 16], pa.binary(16))),
    }
).replace_schema_metadata({"made by": "a test"})


def with_field_metadata(table):
    plain = [field.with_metadata({"note": field.name}) for field in table.schema]
    fields = [new if "ext" not in str(new.type) else old for new, old in zip(plain, table.schema)]
    return table.cast(pa.schema(fields, table.schema.metadata))


class OnlyStream:
    """Speaks Arrow and nothing else."""

    def __init__(self, data):
        self.data = data

    def __arrow_c_stream__(self, requested_schema=None):
        return self.data.__arrow_c_stream__(requested_schema)


class OnlyArray:
    def __init__(self, data):
        self.data = data

    def __arrow_c_array__(self, requested_schema=None):
        return self.data.__arrow_c_array__(requested_schema)


@pytest.mark.parametrize("collect", [False, True])
def test_a_table_passes_untouched(collect):
    table = with_field_metadata(TABLE)
    found = pa.table(_pass_through(table, collect=collect))
    found.validate(full=True)
    assert found.schema.equals(table.schema, check_metadata=True)
    assert found == table
    assert found.schema.field("ordered").type.ordered


@pytest.mark.parametrize("name", TABLE.column_names)
@pytest.mark.parametrize("rows", [slice(0, 3), slice(1, 3), slice(2, 3), slice(0, 0)], ids=str)
def test_a_column_passes_untouched(name, rows):
    column = TABLE[name][rows]
    found = pa.chunked_array(_pass_through(column))
    found.validate(full=True)
    assert found.type == column.type
    assert found.to_pylist() == column.to_pylist()
    one = column.combine_chunks()
    if isinstance(one, pa.ChunkedArray):
        one = one.chunk(0) if one.num_chunks else pa.array([], column.type)
    again = pa.array(_pass_through(OnlyArray(one), collect=True))
    again.validate(full=True)
    assert (again.type, again.to_pylist()) == (one.type, one.to_pylist())


def test_batches_stay_batches():
    table = pa.concat_tables([TABLE, TABLE.slice(1), TABLE.slice(0, 0)])
    assert [len(batch) for batch in pa.RecordBatchReader.from_stream(_pass_through(table))] == [
        len(batch) for batch in pa.RecordBatchReader.from_stream(table)
    ]
    assert pa.table(_pass_through(OnlyArray(TABLE.to_batches()[0]))) == TABLE.slice(0)


def test_polars_in_and_out():
    frame = pl.DataFrame({"a": ["x", None], "b": [[1], []], "c": pl.Series(["u", "v"], dtype=pl.Categorical)})
    assert pl.DataFrame(_pass_through(frame)).equals(frame)
    assert pl.DataFrame(_pass_through(frame, collect=True)).equals(frame)
    assert pl.Series(_pass_through(frame["a"])).to_list() == ["x", None]
    assert pl.Series(_pass_through(frame["a"], collect=True)).to_list() == ["x", None]


def test_pandas_in_and_out():
    frame = pd.DataFrame({"a": ["x", None], "b": [1.5, 2.0]})
    assert pa.table(_pass_through(frame)).column("a").to_pylist() == ["x", None]
    assert pa.chunked_array(_pass_through(frame["b"])).to_pylist() == [1.5, 2.0]
    found = pd.DataFrame.from_arrow(_pass_through(frame)) if hasattr(pd.DataFrame, "from_arrow") else None
    if found is not None:
        assert found["b"].tolist() == [1.5, 2.0]


def test_duckdb_in_and_out():
    relation = duckdb.sql("SELECT i, 'n' || i AS name FROM range(5000) AS t(i)")
    ready = _pass_through(relation, collect=True)
    for _ in range(2):
        assert duckdb.sql("SELECT count(*), sum(i) FROM ready").fetchall() == [(5000, 12497500)]
    stream = _pass_through(ready)
    assert duckdb.sql("SELECT count(*), max(name) FROM stream").fetchall() == [(5000, "n999")]


def test_a_stream_is_read_once():
    stream = _pass_through(TABLE)
    assert pa.schema(stream) == TABLE.schema
    pa.table(stream)
    with pytest.raises(fg.FirmographError, match="read already") as caught:
        pa.table(stream)
    assert caught.value.code == "stream-taken"
    assert not hasattr(stream, "__len__")
    assert not hasattr(stream, "__arrow_c_array__")


def test_what_is_there_is_read_often():
    both = _pass_through(pa.chunked_array([["a"], ["b", "c"]]), collect=True)
    assert len(both) == 3
    assert not hasattr(both, "__arrow_c_array__")
    one = _pass_through(pa.array(["a", "b"]), collect=True)
    assert len(one) == 2
    for _ in range(3):
        assert pa.chunked_array(both).to_pylist() == ["a", "b", "c"]
        assert pa.array(one).to_pylist() == pa.chunked_array(one).to_pylist() == ["a", "b"]


def test_a_capsule_that_nobody_reads_is_freed():
    size = pa.total_allocated_bytes()
    for _ in range(50):
        array = pa.array(["x" * 10_000] * 10)
        _pass_through(array).__arrow_c_stream__()
        _pass_through(array, collect=True).__arrow_c_array__()
    del array
    gc.collect()
    assert pa.total_allocated_bytes() <= size + 200_000


@pytest.mark.parametrize("thing", [None, 1, "text", object(), pa.Table, {"a": 1}], ids=repr)
def test_no_arrow_is_said(thing):
    with pytest.raises(fg.FirmographError, match="pass a column or table") as caught:
        _pass_through(thing)
    assert caught.value.code == "no-arrow"


def test_an_error_of_the_producer_comes_through():
    def batches():
        yield TABLE.to_batches()[0]
        raise OSError("the disk is on fire")

    reader = pa.RecordBatchReader.from_batches(TABLE.schema, batches())
    with pytest.raises(fg.FirmographError, match="the disk is on fire") as caught:
        _pass_through(OnlyStream(reader), collect=True)
    assert caught.value.code == "arrow-producer"
    reader = pa.RecordBatchReader.from_batches(TABLE.schema, batches())
    with pytest.raises(OSError, match="the disk is on fire"):
        pa.table(_pass_through(OnlyStream(reader)))


@pytest.mark.parametrize("given", [ValueError("no"), 3, (1, 2)], ids=repr)
def test_a_producer_that_gives_no_capsule(given):
    class Broken:
        def __arrow_c_stream__(self, requested_schema=None):
            if isinstance(given, Exception):
                raise given
            return given

    with pytest.raises(fg.FirmographError) as caught:
        _pass_through(Broken())
    assert caught.value.code == "arrow-producer"
    assert caught.value.__cause__ is not None


def test_ctrl_c_in_a_producer_stays_one():
    class Interrupted:
        def __arrow_c_stream__(self, requested_schema=None):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        _pass_through(Interrupted())


def test_an_error_of_ours_reaches_the_reader():
    chunks = pa.chunked_array([["a"], ["b"]])
    with pytest.raises(OSError, match="on-purpose: fails as it was told to"):
        pa.chunked_array(_pass_through(chunks, fails=1))
    with pytest.raises(OSError, match="internal-error: .*panics as it was told to"):
        pa.chunked_array(_pass_through(chunks, panics=1))
    with pytest.raises(fg.FirmographError) as caught:
        _pass_through(chunks, panics=1, collect=True)
    assert caught.value.code == "internal-error"


def test_a_panic_is_an_error_of_ours():
    with pytest.raises(fg.FirmographError, match="a defect of firmograph: as planned") as caught:
        _panic("as planned")
    assert caught.value.code == "internal-error"
