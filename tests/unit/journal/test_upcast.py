"""Old shapes are raised, later and unknown ones kept."""

from __future__ import annotations

from typing import Any

from postil.core.event_codec import decode_durable
from postil.core.events import SessionClosed, UnknownEvent
from postil.journal.upcast import UPCASTS, decode_event, raise_event


def _from_one(data: dict[str, Any]) -> dict[str, Any]:
    return {"type": "SessionClosed", "v": 2, "why": data["cause"]}


def _from_two(data: dict[str, Any]) -> dict[str, Any]:
    return {"type": "SessionClosed", "v": 3, "reason": data["why"]}


def _renamed(data: dict[str, Any]) -> dict[str, Any]:
    return {**data, "type": "SessionClosed"}


TABLE = {("SessionClosed", 1): _from_one, ("SessionClosed", 2): _from_two, ("SessionEnded", 1): _renamed}


def test_an_old_event_climbs_to_the_current_shape() -> None:
    old = {"type": "SessionClosed", "v": 1, "cause": "done"}
    assert raise_event(old, TABLE) == {"type": "SessionClosed", "v": 3, "reason": "done"}
    event, note = decode_event(old, TABLE, {"SessionClosed": 3})
    assert event == SessionClosed(v=3, reason="done")
    assert note is None


def test_a_type_may_change_its_name() -> None:
    old = {"type": "SessionEnded", "v": 1, "cause": "done"}
    event, _ = decode_event(old, TABLE, {"SessionClosed": 3})
    assert event == SessionClosed(v=3, reason="done")


def test_a_later_version_is_kept_as_it_is() -> None:
    data = {"type": "SessionClosed", "v": 9, "shape": "new"}
    event, note = decode_event(data)
    assert event == UnknownEvent(raw=data)
    assert note is not None
    assert "later version" in note


def test_an_unknown_type_is_kept_as_it_is() -> None:
    for data in ({"type": "Invented", "v": 1}, {"type": ["odd"]}, {}, {"type": "SessionClosed", "v": "x"}):
        event, note = decode_event(data)
        assert event == UnknownEvent(raw=data)
        assert note


def test_what_does_not_fit_its_type_is_kept_as_it_is() -> None:
    data = {"type": "SessionClosed", "v": 1, "surplus": True}
    event, note = decode_event(data)
    assert event == UnknownEvent(raw=data)
    assert note is not None
    assert "does not fit" in note


def test_no_shape_has_changed_yet() -> None:
    assert UPCASTS == {}
    assert decode_durable({"type": "SessionClosed", "v": 1, "reason": "done"}) == SessionClosed(reason="done")
