"""`postil` and `python -m postil`."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line and exit with its status."""
    from postil.cli.main import run  # noqa: PLC0415 - what is not needed is not loaded
    from postil.cli.streams import prepare  # noqa: PLC0415

    prepare()
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
