"""Reads tables that people wrote by hand."""
