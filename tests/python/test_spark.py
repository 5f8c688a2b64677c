"""Spark's part, on Sail: a Spark Connect server without a JVM, which runs the Python of ``mapInArrow`` within its own process.

scripts/spark runs the same checks on Spark itself, with workers of their own.
"""

import subprocess
import sys

import pytest
import spark_checks
from pysail.spark import SparkConnectServer
from pyspark.sql import SparkSession


@pytest.fixture(scope="module")
def spark():
    server = SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    host, port = server.listening_address
    session = SparkSession.builder.remote(f"sc://{host}:{port}").getOrCreate()
    yield session
    session.stop()
    server.stop()


@pytest.mark.parametrize("check", spark_checks.CHECKS, ids=lambda check: check.__name__)
def test_on_sail(spark, tmp_path, check):
    check(spark, tmp_path)


def test_spark_is_not_imported_before_it_is_used():
    code = "import sys, firmograph, firmograph.spark; print(sorted({'pyspark', 'pyarrow', 'pandas'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
