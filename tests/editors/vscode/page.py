"""The chat's page by itself in the browser, under its own policy: no editor, no server, and every message when a test wants it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, Route

from postil.core import events as ev
from postil.core.event_codec import encode
from tests.editors.vscode.edition import ROOT
from tests.support.lsp_client import Json

CLIENT = ROOT / "clients" / "vscode"
DIST = CLIENT / "dist"
ORIGIN = "https://chat.test"
SESSION = "s0001"
NONCE = "0123456789"
STUB = """
window.sent = []; window.refused = []; window.long = []
document.addEventListener('securitypolicyviolation', it => window.refused.push(`${it.effectiveDirective} ${it.blockedURI}`))
new PerformanceObserver(list => { for (const it of list.getEntries()) window.long.push(it.duration) }).observe({ type: 'longtask' })
window.acquireVsCodeApi = () => ({ postMessage: it => window.sent.push(it), getState: () => ({ sessionId: null }), setState() {} })
"""
STREAM = """({ rate, seconds, update, words }) => new Promise(done => {
  const begun = performance.now()
  let sent = 0
  const timer = setInterval(() => {
    const passed = Math.min(performance.now() - begun, seconds * 1000)
    const due = Math.floor(passed * rate / 1000) - sent
    const texts = Array.from({ length: due }, (_, place) => words[(sent + place) % words.length])
    sent += due
    if (due > 0) window.postMessage({ type: 'updates', sessionId: update.sessionId, updates: texts.map(text => ({ ...update, event: { ...update.event, text } })) }, '*')
    if (passed < seconds * 1000) return
    clearInterval(timer)
    requestAnimationFrame(() => setTimeout(() => done(sent), 200))
  }, 33)
})"""
"""Send deltas at a rate; they are gathered as the extension host gathers them, and not joined as there."""


def policy() -> str:
    """Return the page's policy as the extension writes it, for this origin."""
    source = (CLIENT / "src" / "chat" / "html.ts").read_text("utf-8")
    (listed,) = re.findall(r"const policy = \[(.*?)\]", source, re.DOTALL)
    parts = re.findall(r'[`"]([^`"]+)[`"]', listed)
    assert "default-src 'none'" in parts
    return "; ".join(parts).replace("${nonce}", NONCE).replace("${source}", ORIGIN)


def open_page(browser: Browser, width: int = 360, height: int = 720) -> Page:
    """Open the page; requests for anything but its own files fail, and are counted by the page's `asked`."""
    page = browser.new_page(viewport={"width": width, "height": height})
    page.route("**/*", _answer)
    page.goto(f"{ORIGIN}/")
    return page


def _answer(route: Route) -> None:
    path = route.request.url.removeprefix(ORIGIN)
    files = {"/webview.js": "text/javascript", "/webview.css": "text/css"}
    if path == "/":
        body = (
            f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Postil</title>'
            f'<meta http-equiv="Content-Security-Policy" content="{policy()}">'
            f'<link rel="stylesheet" href="/webview.css" nonce="{NONCE}"></head><body><div id="root"></div>'
            f'<script nonce="{NONCE}">{STUB}</script><script nonce="{NONCE}" src="/webview.js"></script></body></html>'
        )
        route.fulfill(body=body, content_type="text/html")
    elif path in files:
        route.fulfill(path=DIST / path[1:], content_type=files[path])
    else:
        route.abort()


def send(page: Page, *messages: Json) -> None:
    """Send messages as the extension host does."""
    page.evaluate("all => { for (const it of all) window.postMessage(it, '*') }", list(messages))


def beginning() -> Json:
    """The first message."""
    status: Json = {
        "server": "ready", "message": "", "python": {"state": "found", "version": "", "path": "", "why": ""}, "install": None,
        "sandbox": {"state": "none", "name": "", "why": ""}, "key": "set", "trust": "trusted", "folder": True, "owner": None,
    }  # fmt: skip
    settings: Json = {
        "sendOn": "enter", "whileBusy": "queue", "foldThinking": True, "foldReads": True, "announce": "off",
        "confirmRewind": True, "warnAt": 0.8, "models": [], "modes": [],
    }  # fmt: skip
    return {
        "type": "init",
        "version": "0",
        "mac": False,
        "sessionId": None,
        "status": status,
        "settings": settings,
    }


def opened(events: list[ev.Durable]) -> Json:
    """The message that shows a session of these events."""
    found = {"suspended": False, "readOnly": False, "note": ""}
    message = {
        "type": "sessionOpened",
        "sessionId": SESSION,
        "seq": len(events),
        "events": _stamped(events, 0),
        **found,
    }
    return json.loads(json.dumps(message))


def updates(events: list[ev.Durable], after: int) -> Json:
    """The message that tells of events as they come."""
    message = {"type": "updates", "sessionId": SESSION, "updates": _stamped(events, after)}
    return json.loads(json.dumps(message))


def _stamped(events: list[ev.Durable], after: int) -> list[Json]:
    return [
        {"sessionId": SESSION, "seq": seq, "after": seq, "event": encode(event), "at": 1_800_000_000.0}
        for seq, event in enumerate(events, after + 1)
    ]


def delta(after: int, turn: str, text: str = "") -> Json:
    """One piece of the model's words."""
    event = {"type": "TextDelta", "v": 1, "turn_id": turn, "step": 1, "text": text}
    return {"sessionId": SESSION, "seq": None, "after": after, "event": event, "at": None}


def stream(page: Page, rate: int, seconds: float, update: Json, words: list[str]) -> int:
    """Send so many deltas a second; returns how many they were, once they are sent and painted."""
    given: dict[str, Any] = {"rate": rate, "seconds": seconds, "update": update, "words": words}
    return page.evaluate(STREAM, given)


def built() -> bool:
    """Whether the page is there to be opened."""
    return Path(DIST / "webview.js").exists()
