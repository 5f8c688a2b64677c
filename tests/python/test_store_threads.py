"""What other threads, forks and callbacks do meanwhile: nobody waits for ever, or for a stranger."""

import os
import sys

import pytest
from programs import said

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
needs_signals = pytest.mark.skipif(sys.platform == "win32", reason="no timers that send signals")

FILE = """
with open("a.csv", "w") as file:
    file.write("email,title\\n" + "".join(f"ada.{n}@acme{n % 9}.com,CEO\\n" for n in range(60)))
"""


def test_a_store_is_dropped_while_another_thread_opens_a_file(tmp_path):
    program = """
    thread = begun(lambda: [fg.Budgets(f"sqlite://b{n}.db").show() for n in range(6)])
    dropped = 0
    while thread.is_alive() or not dropped:
        store = fg.Store("sqlite://x.db")
        store.get_database_counts()
        del store
        dropped += 1
    print("ended")
    """
    assert said(program, tmp_path) == ["ended"]


def test_a_store_is_dropped_while_another_thread_waits_for_a_server(tmp_path):
    program = """
    server, url = silent_server()
    stores = [fg.Store(f"sqlite://{name}.db") for name in "ab"]
    for store in stores:
        store.get_database_counts()
    ticks = []
    def tick():
        while True:
            ticks.append(time.monotonic())
            time.sleep(0.02)
    begun(tick)
    for open in (fg.Budgets(url).show, fg.Store(url).open):
        begun(open)
        time.sleep(0.3)
        began = time.monotonic()
        del store, stores[-1]
        store = None
        print("slow" if time.monotonic() - began > 5 else "dropped")
    time.sleep(0.1)
    print("held" if max(b - a for a, b in zip(ticks, ticks[1:])) > 5 else "free", flush=True)
    os._exit(0)
    """
    assert said(program, tmp_path) == ["dropped", "dropped", "free"]


@pytest.mark.skipif(sys.platform != "linux", reason="/proc")
def test_what_is_dropped_is_closed(tmp_path):
    program = """
    def is_open(name):
        for number in os.listdir("/proc/self/fd"):
            try:
                if os.readlink(f"/proc/self/fd/{number}").endswith(name):
                    return True
            except OSError:
                pass
        return False

    def use(name):
        made = {"store": fg.Store, "budgets": fg.Budgets, "research": fg.ResearchCache}[name[:-3]](f"sqlite://{name}")
        work = {"store": "runs", "budgets": "show", "research": "stats"}[name[:-3]]
        getattr(made, work)()
        made.close()
        late.append(is_open(name))
        getattr(made, work)()

    for name in ("store.db", "budgets.db", "research.db"):
        late = []
        for _ in range(20):
            # What is closed, and what is dropped.
            use(name)
            late.append(is_open(name))
        print(any(late))
        # And no number of a descriptor is taken for ours any more.
        other = sqlite3.connect(name)
        other.execute("SELECT count(*) FROM sqlite_master").fetchall()
        print(code(fg.Store(f"sqlite://{name}").open))
    """
    assert said(program, tmp_path) == ["False", "file-open-elsewhere"] * 3


@needs_fork
def test_a_silent_server_holds_up_no_other_database(tmp_path):
    program = """
    server, url = silent_server()
    store = fg.Store("sqlite://x.db")
    store.open()
    for open in (fg.Budgets(url).show, fg.ResearchCache(url).stats, fg.Store(url).open):
        begun(open)
        time.sleep(0.3)
        began = time.monotonic()
        store.get_database_counts()
        fg.Store("sqlite://y.db").get_database_counts()
        fg.Budgets("sqlite://z.db").show()
        print("slow" if time.monotonic() - began > 5 else "counted", flush=True)
    child = os.fork()
    if child == 0:
        fg.Store("sqlite://child.db").open()
        os._exit(0)
    print(os.waitpid(child, 0)[1], flush=True)
    os._exit(0)
    """
    assert said(program, tmp_path) == ["counted", "counted", "counted", "0"]


@needs_fork
def test_a_fork_while_descriptors_are_looked_at(tmp_path):
    # A file that something else has open is refused before SQLite, which has locks of its own, hears of it.
    program = """
    held = [open(f"file{n}", "w") for n in range(200)]
    begun(lambda: [code(fg.Store("sqlite://file0").open) for _ in range(10_000)])
    answers = set()
    for _ in range(60):
        child = os.fork()
        if child == 0:
            os._exit(0 if code(fg.Store("sqlite://file1").open) == "file-open-elsewhere" else 1)
        answers.add(os.waitpid(child, 0)[1])
    print(*answers, flush=True)
    os._exit(0)
    """
    assert said(program, tmp_path) == ["0"]


@needs_fork
def test_a_child_lets_go_of_what_another_thread_opens(tmp_path):
    program = """
    server, url = silent_server()
    held = [fg.Budgets(url), fg.ResearchCache(url), fg.Store(url)]
    for open in (held[0].show, held[1].stats, held[2].open):
        begun(open)
    time.sleep(0.3)
    child = os.fork()
    if child == 0:
        answers = [code(held[0].show), code(held[1].stats), code(held[2].open), code(held[0].expire)]
        open = None
        held.clear()
        os._exit(0 if answers == ["forked"] * 4 else 1)
    print(os.waitpid(child, 0)[1], flush=True)
    os._exit(0)
    """
    assert said(program, tmp_path) == ["0"]


def test_a_progress_callback_that_calls_its_own_store(tmp_path):
    program = """
    store, other = fg.Store("sqlite://x.db"), fg.Store("sqlite://x.db")
    codes = []
    def heard(progress):
        for work in (store.get_database_counts, store.close, store.migrate):
            codes.append(code(work))
        codes.append(code(other.get_database_counts)["prospects"])
    done = store.ingest("a.csv", progress=heard, batch_size=30)
    print(done["accepted"], *dict.fromkeys(codes))
    print(code(lambda: store.ingest("a.csv", progress=lambda told: store.runs())))
    # Who left a work may call at once: it waits for the end.
    def enough(progress):
        raise ValueError("enough")
    for _ in range(5):
        try:
            store.ingest("a.csv", progress=enough)
        except ValueError:
            print(len(store.runs()))
    store.close()
    """
    out = said(FILE + program.replace("\n    ", "\n"), tmp_path)
    assert out[:2] == ["60", "busy"] and out[2:4] == ["30", "60"], out
    assert out[4] == "busy" and len(out) == 10, out


@needs_signals
def test_a_handler_that_calls_what_waits(tmp_path):
    program = """
    import subprocess
    hold = "import sqlite3, sys, time; held = sqlite3.connect(sys.argv[1]); held.execute('BEGIN IMMEDIATE'); " \\
        "print(flush=True); time.sleep(2)"
    def handled(*_):
        codes.append(code(work))
        codes.append(code(fg.Budgets("sqlite://other.db").show))
    signal.signal(signal.SIGALRM, handled)
    budgets, store = fg.Budgets("sqlite://a.db"), fg.Store("sqlite://a.db")
    budgets.show(), store.open()
    rows = [{"domain": "acme.com"}]
    for call, work in ((lambda: budgets.set("acme", day=1), budgets.show),
                       (lambda: store.bulk_insert_companies(rows), store.get_database_counts)):
        codes = []
        with subprocess.Popen([sys.executable, "-c", hold, "a.db"], stdout=subprocess.PIPE) as holder:
            holder.stdout.readline()
            signal.setitimer(signal.ITIMER_REAL, 0.5)
            call()
        print(*codes)
    print(budgets.show()[0]["cap"], store.get_database_counts()["companies"])
    """
    assert said(program, tmp_path) == ["busy", "[]", "busy", "[]", "1.000000", "1"]


def test_what_is_asked_asks_the_same(tmp_path):
    program = """
    cache = fg.ResearchCache("sqlite://r.db")
    def ask(what, compute):
        return cache.get_or_compute("acme.com", what, compute, workspace="acme")
    print(ask("news", lambda: ask("funding", lambda: "B").content).content)
    print(code(lambda: ask("jobs", lambda: ask("jobs", lambda: "never").content)))
    print(code(lambda: ask("jobs", lambda: ask("team", lambda: ask("jobs", lambda: "never").content).content)))
    print(ask("jobs", lambda: "two").content)

    async def use():
        cache = aio.ResearchCache("sqlite://r.db")
        async def ask(what, compute):
            return (await cache.get_or_compute("acme.com", what, compute, workspace="acme")).content
        async def text(said):
            return said
        print(await ask("a", lambda: ask("b", lambda: text("C"))))
        try:
            await ask("d", lambda: ask("d", lambda: text("never")))
        except fg.FirmographError as error:
            print(error.code)
        later = []
        async def leaves():
            later.append(asyncio.create_task(asyncio.sleep(0.2, None)))
            async def again():
                await asyncio.sleep(0.2)
                return await ask("e", lambda: text("never"))
            later.append(asyncio.create_task(again()))
            return "E"
        print(await ask("e", leaves), await later[1])
        await cache.close()
    asyncio.run(use())
    """
    assert said(program, tmp_path) == ["B", "busy", "busy", "two", "C", "busy", "E", "E"]


def test_the_program_ends_while_threads_read_what_python_produces(tmp_path):
    pytest.importorskip("pyarrow")
    program = """
    import pyarrow as pa
    table = pa.table({"email": [f"ada.{n}@acme{n}.com" for n in range(20_000)]})
    def read():
        while True:
            batches = (batch for batch in table.to_batches(200))
            made = pa.RecordBatchReader.from_batches(table.schema, batches)
            fg.Coalescer().push(fg.normalize_batch(made, "csv"))
    for _ in range(4):
        threading.Thread(target=read, daemon=True).start()
    time.sleep(0.3)
    """
    for _ in range(6):
        assert said(program, tmp_path) == []
