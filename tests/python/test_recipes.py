"""The programs of docs/columns.md, each run by itself in a fresh interpreter."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

# What its programs import, for scripts/wheel.
NEEDS = ("daft", "duckdb", "pandas", "polars", "pyarrow")
PAGE = Path(__file__).resolve().parents[2] / "docs" / "columns.md"


def recipes():
    text = PAGE.read_text(encoding="utf-8")
    for block in re.finditer(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        line = text.count("\n", 0, block.start(1)) + 1
        headings = re.findall(r"^## (.+)$", text[: block.start()], re.MULTILINE)
        yield pytest.param(line, block.group(1), id=f"{headings[-1] if headings else 'start'}-{line}")


@pytest.mark.parametrize(("line", "code"), list(recipes()))
def test_the_recipe_runs(line, code):
    assert "assert " in code
    # Blank lines before it, so that an error names the line of the page.
    done = subprocess.run(
        [sys.executable, "-c", "\n" * (line - 1) + code], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr


def test_every_library_has_a_recipe():
    headings = re.findall(r"^## (.+)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert {"Polars", "pandas", "DuckDB", "Daft"} <= set(headings)
