"""The programs of docs/columns.md, each run by itself in a fresh interpreter."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

# What its programs import, for scripts/wheel.
NEEDS = ("daft", "duckdb", "pandas", "polars", "pyarrow")
PAGE = Path(__file__).resolve().parents[2] / "docs" / "columns.md"
# From some version between 0.7.9 and 0.7.18 on, Daft's threads may drop Python objects after the interpreter is gone:
# 1 to 5 programs of 100 crash after their last line, and 7 to 14 with what this one imports. So it ends before that.
AFTER = {"Daft": "import os; os._exit(0)\n"}


def recipes():
    text = PAGE.read_text(encoding="utf-8")
    for block in re.finditer(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        line = text.count("\n", 0, block.start(1)) + 1
        headings = re.findall(r"^## (.+)$", text[: block.start()], re.MULTILINE)
        heading = headings[-1] if headings else "start"
        yield pytest.param(line, block.group(1) + AFTER.get(heading, ""), id=f"{heading}-{line}")


@pytest.mark.parametrize(("line", "code"), list(recipes()))
def test_the_recipe_runs(line, code):
    assert "assert " in code
    # Blank lines before it, so that an error names the line of the page.
    done = subprocess.run(
        [sys.executable, "-c", "\n" * (line - 1) + code],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env={**os.environ, "DAFT_ANALYTICS_ENABLED": "0"},
    )
    assert done.returncode == 0, done.stderr


def test_every_library_has_a_recipe():
    headings = re.findall(r"^## (.+)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert {"Polars", "pandas", "DuckDB", "Daft"} <= set(headings)
