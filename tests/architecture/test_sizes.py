"""Files and functions stay small enough to be read in one sitting."""

from tests.architecture.sizes import (
    FILE_LIMIT,
    FUNCTION_LIMIT,
    Size,
    allowances,
    complaints,
    file_sizes,
    function_sizes,
    report,
)
from tests.architecture.sources import python_files


def test_files_are_small() -> None:
    allowed, _ = allowances()
    found = complaints(file_sizes(python_files()), FILE_LIMIT, allowed)
    assert not found, "\n".join(found)


def test_functions_are_small() -> None:
    _, allowed = allowances()
    found = complaints(function_sizes(python_files()), FUNCTION_LIMIT, allowed)
    assert not found, "\n".join(found)


def test_an_exception_may_shrink_but_not_grow() -> None:
    allowed = {"a": 70}
    assert not complaints([Size(70, "a")], 60, allowed)
    assert "split it" in complaints([Size(71, "a")], 60, allowed)[0]
    assert "shrunk to 65" in complaints([Size(65, "a")], 60, allowed)[0]
    assert "take it out" in complaints([Size(60, "a")], 60, allowed)[0]
    assert "take it out" in complaints([], 60, allowed)[0]


def test_the_figures_can_be_reported() -> None:
    assert report().startswith("sizes: files: ")
