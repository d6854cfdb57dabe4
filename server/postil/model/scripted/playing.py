"""Plays a reply over a connection, with everything that the script lets go wrong."""

from __future__ import annotations

import asyncio
from typing import Literal

from postil.model.scripted.connection import Connection, Left
from postil.model.scripted.frames import GARBAGE, PING, Spoken, event, stream
from postil.model.scripted.script import Reply

Outcome = Literal["open", "sent", "refused", "exhausted", "failed", "dropped", "left"]
"""How a request ended: `failed` by the script's error, `left` where the client closed before the end."""


async def pause(seconds: float | None, pings: float | None, connection: Connection) -> None:
    """Wait, with pings where the script wants them; None waits until the client leaves."""
    if pings is None:
        await connection.wait(seconds)
        return
    clock = asyncio.get_running_loop().time
    end = float("inf") if seconds is None else clock() + seconds
    while (left := end - clock()) > 0:
        await connection.wait(min(pings, left))
        await connection.send(PING)
        await connection.flush()


async def play(spoken: Spoken, connection: Connection, headers: dict[str, str]) -> Outcome:
    """Send the reply as a stream of events; raises Left where the client closes."""
    reply = spoken.reply
    if reply.drop == "connect":
        connection.drop()
        return "dropped"
    if reply.delay.first and reply.pings is None:
        await connection.wait(reply.delay.first)
    connection.begin_stream(headers)
    if reply.delay.first and reply.pings is not None:
        await pause(reply.delay.first, reply.pings, connection)
    deltas = 0
    ending = False
    for frame, kind in stream(spoken):
        if kind == "delta" or (kind == "ending" and not ending):
            ending = kind == "ending"
            ended = await _before(reply, deltas, connection, last=ending)
            if ended is not None:
                return ended
            deltas += 1
        await connection.send(frame)
    await connection.end_stream()
    return "sent" if ending else "failed"


async def _before(reply: Reply, deltas: int, connection: Connection, *, last: bool) -> Outcome | None:
    """Do what the script has planned before the delta of this number, or before the end; an outcome ends the reply."""
    if _due(reply.drop, deltas, last):
        await connection.flush()
        connection.drop()
        return "dropped"
    if _due(reply.truncate, deltas, last):
        await connection.end_stream()
        return "failed"
    if reply.error_event is not None and _due(reply.error_event.after, deltas, last):
        error = {"type": reply.error_event.type, "message": reply.error_event.message}
        await connection.send(event({"type": "error", "error": error}))
        await connection.end_stream()
        return "failed"
    if _due(reply.stall, deltas, last):
        await connection.flush()
        await pause(None, reply.pings, connection)
        raise Left
    if reply.malformed == "frame" and _due(1, deltas, last):
        await connection.send(GARBAGE)
    if reply.delay.each and not last:
        await connection.flush()
        await pause(reply.delay.each, reply.pings, connection)
    return None


def _due(planned: int | str | None, deltas: int, last: bool) -> bool:
    """Say whether it is time; what was planned for later than the last delta happens before the end."""
    if planned is True or not isinstance(planned, int):
        return False
    return planned >= deltas if last else planned == deltas
