"""How a confined process is handed its plan: in memory that only it inherits, and that no command line shows."""

from __future__ import annotations

import os
import sys


def handed(data: bytes) -> int:
    """Return a descriptor that the data can be read from. Raises OSError."""
    if sys.platform != "linux":
        raise OSError("there are no files in memory on this system")
    file = os.memfd_create("postil-sandbox")
    try:
        os.write(file, data)
        os.lseek(file, 0, os.SEEK_SET)
    except BaseException:
        os.close(file)
        raise
    return file
