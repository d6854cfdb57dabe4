"""Files on the disk: where they are, read and written so that nothing is lost, and what they held before."""
