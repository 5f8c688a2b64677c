# pyarrow has no types of its own, so what they are is said here and not in the module.

import datetime
from collections.abc import Mapping, Sequence
from os import PathLike
from typing import Any, NamedTuple

from pyspark.sql import DataFrame

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
