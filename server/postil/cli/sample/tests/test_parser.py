"""What people rely on in the parser."""

import unittest

from tidy.parser import parse_header, parse_row


class HeaderTest(unittest.TestCase):
    """A header line becomes the names of the columns."""

    def test_with_newline(self) -> None:
        self.assertEqual(parse_header("name, size, date\n"), ["name", "size", "date"])

    def test_without_newline(self) -> None:
        self.assertEqual(parse_header("name, size, date"), ["name", "size", "date"])


class RowTest(unittest.TestCase):
    """A row becomes a mapping."""

    def test_missing_cells_are_empty(self) -> None:
        self.assertEqual(parse_row("a, 1", ["name", "size", "date"]), {"name": "a", "size": "1", "date": ""})


if __name__ == "__main__":
    unittest.main()
