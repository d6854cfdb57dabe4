"""Postil's documents as they are shipped with it, for the tool `manual`; copies that `make gen` writes."""
