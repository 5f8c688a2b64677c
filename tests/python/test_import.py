"""Importing the module, and processes that have it: what it brings along, fork, spawn, warnings as errors."""

import multiprocessing
import os
import subprocess
import sys
import threading

import firmograph as fg
import pytest

# What takes long to import, or may start threads.
HEAVY = (
    *("pandas", "pyarrow", "polars", "numpy", "duckdb", "daft", "typing_extensions"),
    *("asyncio", "concurrent", "multiprocessing", "subprocess", "threading", "socket", "ssl", "sqlite3", "logging"),
    *("inspect", "dataclasses", "unittest"),
)


def fresh(code, *options):
    done = subprocess.run([sys.executable, *options, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_import_brings_nothing_heavy():
    code = "import sys; before = set(sys.modules); import firmograph; print(*sorted(set(sys.modules) - before))"
    brought = fresh(code, "-I").split()
    assert "firmograph._firmograph" in brought
    assert not [name for name in brought if name.partition(".")[0] in HEAVY]
    assert len(brought) < 60


def test_the_import_starts_no_thread():
    code = "import os; import firmograph as fg; fg.match_job_title('CEO'); print(len(os.listdir('/proc/self/task')))"
    if sys.platform == "linux":
        assert fresh(code).strip() == "1"


def test_columns_bring_nothing_either():
    code = """
import sys
import firmograph as fg
fg.columns.match_job_title(["CEO"]).__arrow_c_stream__()
print(*sys.modules)
"""
    assert not {"pandas", "pyarrow", "numpy", "polars", "threading"} & set(fresh(code, "-I").split())


def test_development_mode_has_nothing_to_say():
    code = """
import gc
import firmograph as fg
for _ in range(3):
    assert fg.columns.match_job_title(["CEO"] * 10).__arrow_c_array__()
    assert fg.match_job_title("VP of Sales").level == 6
    try:
        fg.columns.match_job_title(1)
    except fg.FirmographError as error:
        assert error.code == "no-arrow"
gc.collect()
"""
    command = [sys.executable, "-X", "dev", "-W", "error", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def level_of(title):
    return fg.match_job_title(title).level, len(fg.columns.match_job_title([title] * 100))


@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
def test_processes(method):
    want = level_of("VP of Sales")
    with multiprocessing.get_context(method).Pool(2) as pool:
        assert pool.map_async(level_of, ["VP of Sales"] * 20).get(timeout=120) == [want] * 20


def test_results_cross_processes():
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.apply_async(fg.extract_domain, ("acme.com",)).get(timeout=120) == fg.extract_domain("acme.com")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_fork_while_threads_work():
    stop = threading.Event()

    def work():
        while not stop.is_set():
            fg.columns.match_job_title(["VP of Sales", "Engineer"] * 500)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(5):
            child = os.fork()
            if child == 0:
                os._exit(0 if level_of("VP of Sales") == (6, 100) else 1)
            assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    finally:
        stop.set()
        for thread in threads:
            thread.join()
