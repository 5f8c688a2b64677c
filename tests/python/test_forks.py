"""Forks while other threads compute: whatever those had begun, the child may not wait for it."""

import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")

FIRST_USE = """
import os, signal, sys, threading, time
import firmograph as fg

column = getattr(fg.columns, sys.argv[1])
begins = threading.Event()

def first():
    begins.set()
    column(["VP of Sales", "Acme Incorporated"])

threading.Thread(target=first).start()
begins.wait()
for _ in range(8):
    child = os.fork()
    if child == 0:
        signal.alarm(20)
        column(["Boston, MA"])
        os._exit(0)
    time.sleep(0.001)
    _, status = os.waitpid(child, 0)
    assert status == 0, os.WTERMSIG(status)
"""

PRODUCERS = """
import os, signal, threading, time
import firmograph as fg
import pyarrow as pa

signal.alarm(100)

def child_computes():
    child = os.fork()
    if child == 0:
        signal.alarm(20)
        fg.columns.match_job_title(["CEO"] * 10)
        fg.normalize_records([{"Company Website": "acme.com"}], source="csv")
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert status == 0, os.WTERMSIG(status)

def batches(number):
    for at in range(20):
        if at % 7 == number:
            child_computes()
        time.sleep(0.001)
        yield pa.record_batch({"Title": [f"VP of Sales {at} {row}" for row in range(200)]})

def work(number):
    schema = pa.schema({"Title": pa.string()})
    reader = pa.RecordBatchReader.from_batches(schema, batches(number))
    table = pa.table(fg.columns.match_job_title(reader, column="Title", prefix="it_"))
    assert table.num_rows == 4_000

threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
for thread in threads:
    thread.start()
while any(thread.is_alive() for thread in threads):
    child_computes()
for thread in threads:
    thread.join()
"""


def run(program, *arguments):
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", program, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=180)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("function", ["match_job_title", "match_industry", "clean_company_name", "normalize_phone"])
def test_a_child_does_not_wait_for_what_another_thread_reads_first(function):
    for _ in range(3):
        run(FIRST_USE, function)


def test_producers_that_fork_and_forks_amid_producers():
    run(PRODUCERS)
