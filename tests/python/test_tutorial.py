"""The tutorial, run from its first block to its last: what it says comes out, comes out."""

import ast
import pathlib
import re

import pytest

# What its programs import, for scripts/wheel.
NEEDS = ("altair",)
ROOT = pathlib.Path(__file__).parents[2]
TUTORIAL = ROOT / "docs" / "tutorial.md"


def steps(block):
    """Statements of a block, and what the line behind each says that it gives."""
    lines = block.splitlines()
    for statement in ast.parse(block).body:
        said = None
        if statement.end_lineno < len(lines) and lines[statement.end_lineno].startswith("# -> "):
            said = lines[statement.end_lineno].removeprefix("# -> ")
        yield statement, said


def outcomes(text, names):
    """(source, said, given) of each statement of which something is said."""
    for block in re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        for statement, said in steps(block):
            source = ast.get_source_segment(block, statement)
            if said is None:
                exec(compile(ast.Module([statement], []), "<tutorial>", "exec"), names)
            else:
                assert isinstance(statement, ast.Expr), f"{source}: only an expression gives something"
                yield source, said, repr(eval(compile(ast.Expression(statement.value), "<tutorial>", "eval"), names))


def test_every_block_gives_what_it_says(monkeypatch):
    monkeypatch.chdir(ROOT)
    text = TUTORIAL.read_text()
    differing, count = [], 0
    for source, said, given in outcomes(text, {}):
        count += 1
        if said != given:
            differing.append(f"{source}\n# -> {given}\nand not {said}")
    assert not differing, "\n\n".join(differing)
    assert count == text.count("\n# -> ") > 20, "every promise is kept, and none is passed over"


@pytest.mark.parametrize(("block", "holds"), [("1 + 1\n# -> 2\n", True), ("1 + 1\n# -> 3\n", False)])
def test_a_wrong_promise_is_found(block, holds):
    ((_, said, given),) = outcomes(f"```python\n{block}```\n", {})
    assert (said == given) == holds
