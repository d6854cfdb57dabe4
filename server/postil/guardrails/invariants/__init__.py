"""The invariants, a file each: what has to hold of any harness, however it was changed."""
