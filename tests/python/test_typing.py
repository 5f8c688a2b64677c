"""What type checkers are promised holds when it runs."""

import subprocess
import sys
from pathlib import Path

# What its programs import, for scripts/wheel.
NEEDS = ("typing_extensions",)


def test_the_typed_program_runs():
    program = Path(__file__).with_name("typing") / "uses.py"
    done = subprocess.run([sys.executable, program], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
