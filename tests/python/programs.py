"""Programs that may hang: each in a process of its own, which is stopped in time."""

import os
import signal
import subprocess
import sys
import textwrap

import pytest

# Beside other things on a small machine.
PATIENCE = 60

PRELUDE = """
import asyncio, os, signal, socket, sqlite3, sys, threading, time
import firmograph as fg
from firmograph import aio

def silent_server():
    server = socket.socket()
    server.bind(("127.0.0.1", 0))
    server.listen(9)
    return server, f"postgresql://me:s3cret@127.0.0.1:{server.getsockname()[1]}/db"

def begun(work):
    def quietly():
        try:
            work()
        except fg.FirmographError:
            pass
    thread = threading.Thread(target=quietly, daemon=True)
    thread.start()
    return thread

def code(work):
    try:
        return work()
    except fg.FirmographError as error:
        return error.code
"""


def said(program, folder, patience=PATIENCE):
    """What a program says that runs in a folder; fails where it does not end, or not well."""
    text = PRELUDE + textwrap.dedent(program)
    process = subprocess.Popen(
        [sys.executable, "-X", "faulthandler", "-c", text],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # What it forks ends with it, which would else hold the pipes open.
        start_new_session=True,
    )
    try:
        out, errors = process.communicate(timeout=patience)
    except subprocess.TimeoutExpired:
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        process.kill()
        out, errors = process.communicate()
        pytest.fail(f"hangs after {patience} s: {out}\n{errors}")
    assert process.returncode == 0, (process.returncode, out, errors)
    assert errors == "", errors
    return out.split()
