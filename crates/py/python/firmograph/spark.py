"""The same in Spark: ``normalize`` and ``coalesce`` of Spark data frames, on classic Spark and Spark Connect, 3.5 and later.

Each partition goes through the same code as on one machine, as Arrow and without a process of its own for a key, so that the
golden frames are the same to the byte, however the rows are partitioned. Workers need firmograph and pyarrow. What
is a few million rows needs no cluster: ``firmograph.normalize_batch`` and ``firmograph.coalesce`` do the same alone.

Nothing runs before the frames are used. ``coalesce`` reads its frame twice, once for companies and once for prospects: write it,
or ``cache`` it, before.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from os import PathLike
from typing import TYPE_CHECKING, Any, NamedTuple

from ._batch import instant, names
from ._firmograph import Coalescer, _golden_schema, _mapping_text, _normalize_batch, _normalized_schema

if TYPE_CHECKING:
    from pyspark.sql import DataFrame
    from pyspark.sql.types import DataType, StructField

__all__ = ["GoldenFrames", "coalesce", "normalize"]


class GoldenFrames(NamedTuple):
    """Golden companies and prospects, with the columns of the tables ``"Company"`` and ``"Prospect"``."""

    companies: DataFrame
    prospects: DataFrame


def normalize(
    df: DataFrame,
    source: str,
    *,
    mapping: str | PathLike[str] | None = None,
    observed_at: str | datetime.date | None = None,
    repair_domains: bool = False,
    keep: Sequence[str] | None = None,
    prefix: str = "",
) -> DataFrame:
    """A frame with what each row means beside it: what ``firmograph.normalize_batch`` gives.

    The mapping file is read here, not on the workers. What cannot work (no column that means anything, a column with the name
    of one of ours) raises ``FirmographError`` at once.
    """
    import pyarrow as pa
    from pyspark.sql.types import StructType

    text = None if mapping is None else _mapping_text(mapping)
    kept = None if keep is None else list(names(keep))
    options = (source, text, instant(observed_at), repair_domains, kept, prefix)
    given = pa.schema([(field.name, _arrow(field.dataType)) for field in df.schema.fields])
    _normalize_batch(given.empty_table(), *options)

    def normalized(batches: Iterator[Any]) -> Iterator[Any]:
        first = next(batches, None)
        if first is None:
            return
        reader = pa.RecordBatchReader.from_batches(first.schema, chain([first], batches))
        yield from pa.RecordBatchReader.from_stream(_normalize_batch(reader, *options))

    foreign = df.schema.fields if kept is None else [df.schema[name] for name in kept]
    schema = StructType([*foreign, *_fields(_normalized_schema(prefix))])
    return df.mapInArrow(normalized, schema)


def coalesce(
    df: DataFrame,
    policy: Mapping[str, Any] | None = None,
    *,
    prefix: str = "",
    partitions: int | None = None,
) -> GoldenFrames:
    """The golden companies and prospects of a normalized frame; several are one by ``unionByName``.

    The records of one key come together in one partition; ``partitions`` says into how many they are dealt, where that is not
    Spark's own number. A record without a company is left out of the companies, one without a person out of the prospects.
    """
    import pyarrow as pa
    from pyspark.sql import functions as f
    from pyspark.sql.types import StructType

    Coalescer(policy)  # refuses what is no policy here, not on a worker

    def side(kind: str) -> DataFrame:
        def golden(batches: Iterator[Any]) -> Iterator[Any]:
            coalescer = Coalescer(policy, only=kind)
            for batch in batches:
                coalescer.push(batch, prefix=prefix)
            frames = coalescer.finish()
            table = pa.table(frames.companies if kind == "company" else frames.prospects)
            yield from table.to_batches()

        columns = [f"`{name}`" for name in pa.schema(_normalized_schema(prefix, kind)).names]
        key = f.col(f"`{prefix}{kind}_key`")
        rows = df.select(*columns).where(key.isNotNull())
        dealt = rows.repartition(key) if partitions is None else rows.repartition(partitions, key)
        return dealt.mapInArrow(golden, StructType(_fields(_golden_schema(kind))))

    return GoldenFrames(side("company"), side("person"))


def _arrow(spark: DataType) -> Any:
    """Of which type a column comes to a worker, as far as it matters to what can be read as text."""
    import pyarrow as pa
    from pyspark.sql import types

    plain = {
        "boolean": pa.bool_(),
        "byte": pa.int8(),
        "short": pa.int16(),
        "integer": pa.int32(),
        "long": pa.int64(),
        "float": pa.float32(),
        "double": pa.float64(),
        "date": pa.date32(),
        "timestamp": pa.timestamp("us", "UTC"),
        "timestamp_ntz": pa.timestamp("us"),
        "void": pa.null(),
        "binary": pa.binary(),
        "array": pa.list_(pa.null()),
        "struct": pa.struct([]),
        "map": pa.map_(pa.string(), pa.null()),
    }
    if isinstance(spark, types.DecimalType):
        return pa.decimal128(spark.precision, spark.scale)
    if isinstance(spark, (types.StringType, types.VarcharType, types.CharType)):
        return pa.string()
    return plain.get(spark.typeName(), pa.binary())


def _fields(arrow: Any) -> list[StructField]:
    """Columns of ours as Spark's."""
    import pyarrow as pa
    from pyspark.sql.types import StructField

    return [StructField(field.name, _spark(field.type)) for field in pa.schema(arrow)]


def _spark(arrow: Any) -> DataType:
    import pyarrow as pa
    from pyspark.sql import types

    if pa.types.is_struct(arrow):
        fields = [arrow.field(index) for index in range(arrow.num_fields)]
        return types.StructType([types.StructField(field.name, _spark(field.type)) for field in fields])
    if pa.types.is_timestamp(arrow):
        return types.TimestampType()
    plain = {
        pa.string(): types.StringType,
        pa.int32(): types.IntegerType,
        pa.int64(): types.LongType,
        pa.float64(): types.DoubleType,
    }
    return plain[arrow]()
