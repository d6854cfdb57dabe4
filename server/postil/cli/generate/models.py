"""Which models are made of which: the classes that others refer to, found from their annotations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, get_args

from pydantic import BaseModel


def nested_models(models: Iterable[type[BaseModel]]) -> list[type[BaseModel]]:
    """Return the models and all that their fields are made of, each once, the parts before the whole."""
    ordered: dict[type[BaseModel], None] = {}

    def visit(model: type[BaseModel]) -> None:
        if model in ordered:
            return
        for field in model.model_fields.values():
            for part in _models_in(field.annotation):
                visit(part)
        ordered[model] = None

    for model in models:
        visit(model)
    return list(ordered)


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models_in(argument)
