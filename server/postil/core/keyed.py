"""Dictionaries by free text, such as paths: kept as pairs, for the keys of JSON objects lose on their way what is not UTF-8."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar, cast

from pydantic import BeforeValidator, PlainSerializer

V = TypeVar("V")


def _pairs(keyed: dict[str, Any]) -> list[tuple[str, Any]]:
    return list(keyed.items())


def _keyed(data: object) -> object:
    """Return pairs as a dictionary; anything else, such as what was kept as an object, as it is."""
    return dict(cast("list[tuple[str, Any]]", data)) if isinstance(data, list | tuple) else data


Keyed = Annotated[dict[str, V], BeforeValidator(_keyed), PlainSerializer(_pairs)]
"""By texts that may hold bytes which are not UTF-8, as lone surrogates."""
