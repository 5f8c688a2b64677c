"""One session of scripts/spark: ``spark_job.py PLACE MASTER checks`` or ``spark_job.py PLACE MASTER speed ROWS``."""

import os
import pathlib
import re
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).parents[1]
# The driver's own copy. It goes into sys.path alone: PYTHONPATH would reach the workers, who are to have theirs from the archive.
sys.path[:0] = [str(pathlib.Path(sys.argv[1], "unpacked").resolve()), str(ROOT / "tests/python")]

import firmograph as fg  # noqa: E402
import firmograph.spark as fs  # noqa: E402
import pyspark  # noqa: E402
import spark_checks  # noqa: E402
from pyspark.sql import SparkSession  # noqa: E402
from pyspark.sql import functions as f  # noqa: E402

# What people write first: words, and the level that each means.
LEVELS = [
    (r"\b(chief|ceo|cto|cfo|coo)\b", 8),
    (r"\b(svp|senior vice president)\b", 7),
    (r"\b(vp|vice president)\b", 6),
    (r"\b(head|director)\b", 5),
    (r"\bmanager\b", 4),
    (r"\b(senior|lead|principal)\b", 3),
    (r"\b(intern|trainee)\b", 1),
]


def is_cluster(master):
    return master.startswith("local-cluster")


def session(place, master):
    os.environ["SPARK_HOME"] = str(pathlib.Path(pyspark.__file__).parent)
    os.environ["PYSPARK_PYTHON"] = sys.executable
    settings = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.shuffle.partitions": "8",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.local.dir": str(pathlib.Path(place, "tmp").resolve()),
        "spark.sql.warehouse.dir": str(pathlib.Path(place, "warehouse").resolve()),
    }
    if is_cluster(master):
        archive = pathlib.Path(place, "firmograph.zip").resolve()
        settings |= {"spark.archives": f"{archive}#deps", "spark.executorEnv.PYTHONPATH": "deps"}
    else:
        # Workers of the driver itself start where the driver did, and nothing is shipped to them.
        os.environ["PYTHONPATH"] = str(pathlib.Path(place, "unpacked").resolve())
    builder = SparkSession.builder.master(master).appName("firmograph")
    for name, value in settings.items():
        builder = builder.config(name, value)
    made = builder.getOrCreate()
    made.sparkContext.setLogLevel("ERROR")
    return made


def where(batches):
    import firmograph
    import pyarrow

    for batch in batches:
        yield pyarrow.record_batch({"path": [firmograph.__file__] * batch.num_rows})


def checks(spark, master):
    paths = {row["path"] for row in spark.range(8, numPartitions=4).mapInArrow(where, "path string").collect()}
    print(f"{master}: workers have firmograph from {sorted(paths)}")
    if is_cluster(master) and not all("/deps/" in path for path in paths):
        sys.exit("the workers' firmograph is not that of the archive")
    for check in spark_checks.CHECKS:
        began = time.perf_counter()
        with tempfile.TemporaryDirectory() as path:
            check(spark, pathlib.Path(path))
        print(f"{master}: {check.__name__.replace('_', ' ')}: ok, {time.perf_counter() - began:.1f} s", flush=True)


def prospects(spark, rows):
    """Invented prospects: a hundred thousand persons a million rows, ten a company."""
    at = f.col("id")
    person, company = (at / 10).cast("long"), (at / 100).cast("long")
    some = lambda *texts: f.element_at(f.array(*map(f.lit, texts)), (at % len(texts) + 1).cast("int"))  # noqa: E731
    title = some("VP Sales", "CTO", "Head of Marketing", "Senior Software Engineer", "Account Manager", "Intern", "Director")
    return spark.range(rows, numPartitions=8).select(
        f.concat(f.lit("ada"), person, f.lit("@company"), company, f.lit(".com")).alias("email"),
        f.concat(title, f.lit(" "), (at % 1000).cast("string")).alias("title"),
        f.concat(f.lit("Company "), company, f.lit(", Inc.")).alias("company"),
        some("51-200", "10,001+", "11-50 employees", "1K-5K").alias("employees"),
        some("Austin, TX", "Berlin, Germany", "Leeds, UK").alias("location"),
    )


def speed(spark, rows):
    given = prospects(spark, rows).cache()
    given.count()
    patterns = [(re.compile(pattern, re.IGNORECASE), level) for pattern, level in LEVELS]

    def level(title):
        return next((level for pattern, level in patterns if pattern.search(title or "")), None)

    def identity(batches):
        yield from batches

    def levels(batches):
        import pyarrow as pa
        from firmograph import columns

        for batch in batches:
            titles = columns.match_job_title(batch["title"])
            yield pa.record_batch({"level": pa.array(titles).field("level").cast("int32")})

    normalized = fs.normalize(given, "csv", keep=[])
    jobs = {
        "identity, all columns": lambda: given.mapInArrow(identity, given.schema),
        "title level, Python UDF of seven patterns": lambda: given.select(f.udf(level, "int")("title")),
        "title level, ours (columns.match_job_title)": lambda: given.select("title").mapInArrow(levels, "level int"),
        "normalize, all columns and attributes": lambda: normalized,
        "normalize and coalesce, companies": lambda: fs.coalesce(normalized).companies,
        "normalize and coalesce, prospects": lambda: fs.coalesce(normalized).prospects,
    }
    for name, job in jobs.items():
        times = []
        for _ in range(3):
            began = time.perf_counter()
            job().write.format("noop").mode("overwrite").save()
            times.append(time.perf_counter() - began)
        best = min(times)
        print(f"{name:45} {best:7.2f} s {rows / best:12,.0f} rows/s", flush=True)
    # Spark 3 gives a frame of pandas alone.
    table = given.toArrow() if hasattr(given, "toArrow") else given.toPandas()
    began = time.perf_counter()
    coalescer = fg.Coalescer()
    coalescer.push(fg.normalize_batch(table, "csv", keep=[], prefix="fg_"), prefix="fg_")
    middle = time.perf_counter()
    coalescer.finish()
    end = time.perf_counter()
    print(f"{'one process without Spark, normalize and push':45} {middle - began:7.2f} s {rows / (middle - began):12,.0f} rows/s")
    print(f"{'one process without Spark, finish':45} {end - middle:7.2f} s {rows / (end - middle):12,.0f} rows/s")


if __name__ == "__main__":
    _, place, master, work, *more = sys.argv
    spark = session(place, master)
    try:
        checks(spark, master) if work == "checks" else speed(spark, int(more[0]))
    finally:
        spark.stop()
