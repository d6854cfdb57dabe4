"""Servers of tools: the only room that speaks the Model Context Protocol."""
