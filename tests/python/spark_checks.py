"""What has to hold on any Spark: run on Sail by test_spark.py, and on Spark itself by scripts/spark."""

import datetime
from decimal import Decimal

import firmograph as fg
import firmograph.spark as fs
import pyarrow as pa

COLUMNS = ["email", "full name", "title", "company", "employees", "sector", "seen", "note"]
MAPPING = """
[fields]
email = "email"
full_name = "full name"
job_title = "title"
company_name = "company"
employee_size = "employees"
industry = "sector"
observed_at = "seen"
"""
TITLES = ["VP Sales", "CTO", None, "Head of Marketing", "intern", "Account Exec"]


def rows(count, seed=0):
    """Invented prospects of several companies; some rows are blank, of nobody, or repeated."""
    made = []
    for number in range(count):
        at = number * 11 + seed
        if number % 19 == 4:
            made.append((None,) * len(COLUMNS))
            continue
        email = "nobody at all" if number % 23 == 5 else f"Person{at % 140}@company{at % 35}.com"
        seen = f"2026-0{at % 9 + 1}-15T08:30:00.123456Z" if at % 3 else None
        company = None if number % 23 == 5 else f"Company  {at % 35}, Inc."
        staff = ["51-200", "10,001+", None, "11-50"][at % 4]
        made.append((email, f"Ada Roe{at % 140}", TITLES[at % 6], company, staff, "Banking", seen, f"ü {number}"))
    return made


def table(given):
    return pa.table({name: pa.array(cells, pa.string()) for name, cells in zip(COLUMNS, zip(*given))})


def frame(spark, given):
    return spark.createDataFrame(given, ", ".join(f"`{name}` string" for name in COLUMNS))


def options(path):
    mapping = path / "mapping.toml"
    mapping.write_text(MAPPING)
    return {"mapping": str(mapping), "observed_at": "2025-12-31"}


def collected(df):
    """A golden frame, in the order of the keys, as Arrow."""
    found = sorted(df.collect(), key=lambda row: row["key"].encode())
    return [tuple(row) for row in found]


def expected(golden):
    return [tuple(row.values()) for row in pa.table(golden).to_pylist()]


def golden_frames_are_those_of_one_machine(spark, path):
    given = {"csv": rows(900), "clay": rows(500, 3), "linkedin": rows(200, 11)}
    policy = {"priorities": {"*": ["clay", "csv"]}, "policies": {"job_title": "most_recent", "company_name": "first"}}
    alone = [fg.normalize_batch(table(each), source, **options(path)) for source, each in given.items()]
    tables = [pa.table(each) for each in alone]
    for said in (None, policy):
        golden = fg.coalesce(tables, said)
        assert len(golden.companies) > 30 and len(golden.prospects) > 100
        for pieces, dealt in ((1, 1), (3, None), (7, 5)):
            frames = [
                fs.normalize(frame(spark, each).repartition(pieces), source, **options(path))
                for source, each in given.items()
            ]
            both = frames[0].unionByName(frames[1]).unionByName(frames[2])
            found = fs.coalesce(both, said, partitions=dealt)
            assert collected(found.companies) == expected(golden.companies), (said, pieces)
            assert collected(found.prospects) == expected(golden.prospects), (said, pieces)
            names = pa.table(golden.companies).schema.names
            assert found.companies.columns == names and found.prospects.columns == pa.table(golden.prospects).schema.names
    assert expected(fg.coalesce(tables, policy).prospects) != expected(fg.coalesce(tables).prospects)


def every_row_is_there_with_its_own_columns(spark, path):
    day, instant = datetime.date(2026, 1, 31), datetime.datetime(2026, 1, 31, 12, 30, 0, 123456)
    made = [
        (number, f"a{number}@acme.example.com" if number % 5 else None, [number, None], Decimal(number), day, instant, {"k": number})
        for number in range(100)
    ]
    schema = "id bigint, email string, tags array<int>, amount decimal(20,2), day date, at timestamp, more map<string,int>"
    given = spark.createDataFrame(made, schema)
    df = fs.normalize(given.repartition(4), "crm", prefix="fg_")
    found = sorted(df.collect(), key=lambda row: row["id"])
    assert [tuple(row)[:7] for row in found] == [tuple(row) for row in sorted(given.collect(), key=lambda row: row["id"])]
    assert df.schema.fields[:7] == given.schema.fields
    assert all((row["fg_reject_code"] is None) == (row["id"] % 5 != 0) for row in found)
    assert found[7]["fg_person_key"] == "a7@acme.example.com"
    bare = fs.normalize(given, "crm", prefix="fg_", keep=["id", "at"])
    assert bare.columns[:3] == ["id", "at", "fg_source"]
    assert {row["fg_payload"] for row in bare.collect()} == {row["fg_payload"] for row in found}
    golden = fs.coalesce(df, prefix="fg_")
    assert golden.companies.count() == 1 and golden.prospects.count() == 80


def times_go_through_in_any_zone(spark, path):
    given = rows(60)
    alone = pa.table(fg.normalize_batch(table(given), "csv", **options(path)))
    wanted = {(row["payload"], row["observed_at"]) for row in alone.to_pylist() if row["payload"]}
    zone = spark.conf.get("spark.sql.session.timeZone")
    try:
        for name in ("America/New_York", "Asia/Kolkata", "UTC"):
            spark.conf.set("spark.sql.session.timeZone", name)
            df = fs.normalize(frame(spark, given), "csv", **options(path))
            seconds = df.selectExpr("payload", "unix_micros(observed_at) as micros").where("payload is not null")
            epoch = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
            found = {(row["payload"], epoch + datetime.timedelta(microseconds=row["micros"])) for row in seconds.collect()}
            assert found == wanted, name
            golden = fs.coalesce(df, {"policies": {"job_title": "most_recent"}})
            assert collected(golden.prospects) == expected(fg.coalesce(alone, {"policies": {"job_title": "most_recent"}}).prospects)
    finally:
        spark.conf.set("spark.sql.session.timeZone", zone)


def what_cannot_be_is_refused_before_anything_runs(spark, path):
    def code(work):
        try:
            work()
        except fg.FirmographError as error:
            return error.code
        return None

    def fails(batches):
        raise RuntimeError("a job ran")
        yield from batches

    df = frame(spark, rows(10)).mapInArrow(fails, ", ".join(f"`{name}` string" for name in COLUMNS))
    own = options(path)
    assert code(lambda: fs.coalesce(fs.normalize(df, "csv", **own))) is None
    assert code(lambda: fs.normalize(df.selectExpr("note"), "csv")) == "no-known-column"
    assert code(lambda: fs.normalize(df.withColumnRenamed("sector", "Industry"), "csv")) == "column-clash"
    assert code(lambda: fs.normalize(df, "CSV", **own)) == "bad-source"
    assert code(lambda: fs.normalize(df, "csv", mapping=path / "none.toml")) == "cannot-read"
    assert code(lambda: fs.normalize(df, "csv", observed_at="yesterday")) == "bad-date"
    normalized = fs.normalize(df, "csv", **own)
    assert code(lambda: fs.coalesce(normalized, {"policies": {"industry": "loudest"}})) == "unknown-policy"


CHECKS = [
    golden_frames_are_those_of_one_machine,
    every_row_is_there_with_its_own_columns,
    times_go_through_in_any_zone,
    what_cannot_be_is_refused_before_anything_runs,
]
