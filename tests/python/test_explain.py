"""`explain` from Python: what it refuses, and how. What it says is what the command line says."""

import firmograph as fg
import pytest


@pytest.mark.parametrize(
    ("key", "attribute", "database", "code"),
    [
        ("nobody.example", None, "sqlite::memory:", "unknown-key"),
        ("nobody.example", "name", "sqlite::memory:", "unknown-key"),
        ("nobody.example", "colour", "sqlite::memory:", "unknown-attribute"),
        ("nobody.example", "range", "sqlite::memory:", "ambiguous-attribute"),
        ("nobody.example", None, "mysql://somewhere/else", "database-url"),
    ],
)
def test_an_error_has_the_code_of_the_command_line(key, attribute, database, code):
    with pytest.raises(fg.FirmographError) as error:
        fg.explain(key, attribute, database=database)
    assert error.value.code == code
    assert str(error.value)
