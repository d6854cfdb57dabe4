"""The header of a table and its rows."""


def parse_header(line: str, separator: str = ",") -> list[str]:
    """Return the names of the columns, without the spaces around them."""
    fields: list[str] = []
    start = 0
    for position, character in enumerate(line):
        if character in (separator, "\n"):
            fields.append(line[start:position].strip())
            start = position + 1
    return fields


def parse_row(line: str, header: list[str], separator: str = ",") -> dict[str, str]:
    """Return one row by the names of its columns; missing cells are empty."""
    cells = [cell.strip() for cell in line.rstrip("\n").split(separator)]
    cells += [""] * (len(header) - len(cells))
    return dict(zip(header, cells, strict=False))
