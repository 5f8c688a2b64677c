"""Forks while other threads compute: whatever those had begun, the child may not wait for it."""

import os
import subprocess
import sys

import pytest

# What its programs import, for scripts/wheel.
NEEDS = ("pyarrow",)
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

# A lock that is held around each fork, as that of `logging` is, and by a thread that computes.
OTHERS_LOCK = """
import os, signal, threading, time

lock = threading.Lock()
os.register_at_fork(before=lock.acquire, after_in_parent=lock.release, after_in_child=lock.release)

import firmograph as fg

signal.alarm(60)
fg.columns.match_job_title(["CEO"])
held = threading.Event()

def work():
    with lock:
        held.set()
        time.sleep(0.2)
        fg.columns.match_job_title(["CEO"])

thread = threading.Thread(target=work)
thread.start()
held.wait()
child = os.fork()
if child == 0:
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
thread.join()
"""

# What a producer does when it is closed early, by an error of ours.
CLOSED_EARLY = """
import os, signal, threading
import firmograph as fg
import pyarrow as pa

signal.alarm(60)
meeting = threading.Barrier(2)

def fork():
    child = os.fork()
    if child == 0:
        # And once more in the child, where nothing may be counted that stayed behind.
        if os.fork() == 0:
            os._exit(0)
        assert os.wait()[1] == 0
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0

def batches():
    try:
        yield pa.record_batch({"Title": ["CEO"]})
    finally:
        meeting.wait()
        fork()

def work():
    schema = pa.schema({"Title": pa.string()})
    reader = pa.RecordBatchReader.from_batches(schema, batches())
    try:
        fg.Coalescer().push(reader)
    except fg.FirmographError as error:
        del reader
    else:
        raise AssertionError("a frame without meaning was pushed")

threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
fork()
"""

# Hooks of several libraries, of which some run Python code, and one forks.
SEVERAL_HOOKS = """
import logging, os, signal, sys, threading, time

depth = 0

def forks_again():
    global depth
    depth += 1
    if depth == 1 and os.fork() == 0:
        os._exit(0)
    if depth == 1:
        os.wait()

os.register_at_fork(before=lambda: time.sleep(0.001), after_in_parent=lambda: time.sleep(0.001))
os.register_at_fork(after_in_parent=forks_again)

import firmograph

# As after a test that imports everything anew.
for name in [name for name in sys.modules if name.split(".")[0] == "firmograph"]:
    del sys.modules[name]
import firmograph as fg

signal.alarm(60)

def work():
    for _ in range(20):
        child = os.fork()
        if child == 0:
            os._exit(fg.match_job_title("VP of Sales").level - 6)
        assert os.waitpid(child, 0)[1] == 0

work()
threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
"""

SQLITE = """
import os, pathlib, signal, sys, tempfile, threading
import firmograph as fg

folder = pathlib.Path(tempfile.mkdtemp())
file = folder / "people.csv"
lines = [f"p{row}@acme{row % 90}.example,VP of Sales {row}" for row in range(6_000)]
file.write_text("email,title" + chr(10) + chr(10).join(lines) + chr(10))
is_writing = threading.Event()

def work():
    with fg.Store(f"sqlite://{folder}/parent.db") as store:
        store.ingest(str(file), batch_size=100, progress=lambda told: is_writing.set())

writer = threading.Thread(target=work)
writer.start()
is_writing.wait()
for number in range(20):
    child = os.fork()
    if child == 0:
        signal.alarm(20)
        with fg.Store(f"sqlite://{folder}/{number}.db" if number % 2 else "sqlite::memory:") as store:
            os._exit(store.get_database_counts()["prospects"])
    assert os.waitpid(child, 0)[1] == 0, number
writer.join()
"""


def run(program, *arguments):
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", program, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=180)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("function", ["match_job_title", "match_industry", "clean_company_name", "normalize_phone"])
def test_a_child_does_not_wait_for_what_another_thread_reads_first(function):
    for _ in range(3):
        run(FIRST_USE, function)


@pytest.mark.parametrize(
    "program",
    [PRODUCERS, OTHERS_LOCK, CLOSED_EARLY, SEVERAL_HOOKS, SQLITE],
    ids=["producers", "others-lock", "closed-early", "several-hooks", "within-sqlite"],
)
def test_nothing_waits_for_itself(program):
    run(program)
