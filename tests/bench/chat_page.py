"""The chat's page by itself in a browser, beside a bare page with the same rows: time to paint, work, long tasks, memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, Page

from postil.core import events as ev
from postil.core.event_codec import encode
from tests.bench.figures import TIMES, Figure
from tests.editors.vscode.page import beginning, delta, open_page, opened, stream
from tests.editors.vscode.rows import events_of
from tests.support.golden_parts import prompt, routed

ROWS = 2_000
SECONDS = 8
"""How long deltas come in each run."""
TURN = "t9999"
WORDS = [*["word "] * 59, "end.\n\n"]

WATCH = """
window.long = []
new PerformanceObserver(list => { for (const it of list.getEntries()) window.long.push(it.duration) }).observe({ type: 'longtask' })
"""
PAINTED = (
    "() => new Promise(done => requestAnimationFrame(() => setTimeout(() => done(performance.now()), 0)))"
)
SHOW = """async messages => {
  const begun = performance.now()
  for (const it of messages) window.postMessage(it, '*')
  while (document.querySelector('.entry') === null) await new Promise(done => setTimeout(done, 1))
  await new Promise(done => requestAnimationFrame(() => setTimeout(done, 0)))
  return performance.now() - begun
}"""
SHOW_BARE = """async lines => {
  const begun = performance.now()
  const log = document.createElement('div')
  log.style = 'height: 700px; overflow-y: auto; width: 340px; overflow-wrap: anywhere'
  for (const it of lines) { const row = document.createElement('div'); row.textContent = it; log.append(row) }
  const prose = document.createElement('p')
  log.append(prose)
  document.body.append(log)
  window.grow = words => { prose.append(words); log.scrollTop = log.scrollHeight }
  log.scrollTop = log.scrollHeight
  await new Promise(done => requestAnimationFrame(() => setTimeout(done, 0)))
  return performance.now() - begun
}"""
STREAM_BARE = """({ rate, seconds, words }) => new Promise(done => {
  const begun = performance.now()
  let sent = 0
  const timer = setInterval(() => {
    const passed = Math.min(performance.now() - begun, seconds * 1000)
    const due = Math.floor(passed * rate / 1000) - sent
    window.grow(Array.from({ length: due }, (_, place) => words[(sent + place) % words.length]).join(''))
    sent += due
    if (passed < seconds * 1000) return
    clearInterval(timer)
    requestAnimationFrame(() => setTimeout(() => done(sent), 200))
  }, 33)
})"""


@dataclass(frozen=True, slots=True)
class Seen:
    """What one page did."""

    shown: float
    """Milliseconds until the rows were painted."""
    work: float
    """Milliseconds of the main thread while deltas came."""
    long: list[float]
    """The tasks of more than 50 ms meanwhile."""
    heap: float
    """Megabytes, once what nobody holds was let go of."""
    nodes: int


def figures_of(browser: Browser) -> list[Figure]:
    """Measure both pages: two hundred deltas a second, and five thousand."""
    figures: list[Figure] = []
    for rate in (200, 5_000):
        ours, bare = _chat(browser, rate), _bare(browser, rate)
        what = f"chat with {ROWS:,} rows, {rate:,} deltas/s"
        if rate == 200:
            figures += [
                Figure("chat: open a session of 2,000 rows, beside a bare page", _ratio(ours.shown, bare.shown), TIMES,
                       behind=f"{ours.shown:.0f} beside {bare.shown:.0f} ms"),
                Figure("chat: memory with 2,000 rows", _ratio(ours.heap, bare.heap), TIMES,
                       behind=f"{ours.heap:.1f} beside {bare.heap:.1f} MB; {ours.nodes:,} beside {bare.nodes:,} nodes"),
            ]  # fmt: skip
        figures += [
            Figure(f"{what}: main thread", _ratio(ours.work, bare.work), TIMES,
                   behind=f"{ours.work / SECONDS:.0f} beside {bare.work / SECONDS:.0f} ms of each second"),
            Figure(f"{what}: long tasks", len(ours.long), "", goal=0,
                   behind=f"the longest {max(ours.long, default=0):.0f} ms; bare {len(bare.long)}, {max(bare.long, default=0):.0f} ms"),
        ]  # fmt: skip
    return figures


def _ratio(ours: float, bare: float) -> float:
    return round(ours / max(bare, 0.1), 2)


def _chat(browser: Browser, rate: int) -> Seen:
    page = open_page(browser)
    events = _events()
    shown = page.evaluate(SHOW, [beginning(), opened(events)])
    update = delta(len(events), TURN)
    return _seen(page, shown, rate, lambda: stream(page, rate, SECONDS, update, WORDS))


def _bare(browser: Browser, rate: int) -> Seen:
    page = browser.new_page(viewport={"width": 360, "height": 720})
    page.goto("about:blank")
    page.evaluate(WATCH)
    lines = [
        f"{data.get('command') or data.get('text', '')}"
        for data in map(encode, _events())
        if data["type"] in ("CallStarted", "PromptReceived")
    ]
    given = {"rate": rate, "seconds": SECONDS, "words": WORDS}
    return _seen(page, page.evaluate(SHOW_BARE, lines), rate, lambda: page.evaluate(STREAM_BARE, given))


def _seen(page: Page, shown: float, rate: int, streamed: Callable[[], int]) -> Seen:
    devtools: Any = page.context.new_cdp_session(page)
    devtools.send("Performance.enable")
    page.evaluate(PAINTED)
    page.evaluate("() => { window.long.length = 0 }")
    before = _metrics(devtools)
    assert streamed() == rate * SECONDS, "every delta was sent"
    after = _metrics(devtools)
    assert "end." in page.inner_text("body"), "they are in the page"
    devtools.send("HeapProfiler.collectGarbage")
    last = _metrics(devtools)
    nodes = page.evaluate("() => document.querySelectorAll('*').length")
    long = page.evaluate("() => window.long")
    page.context.close()
    work = (after["TaskDuration"] - before["TaskDuration"]) * 1000
    return Seen(shown, work, long, last["JSHeapUsedSize"] / 1e6, nodes)


def _metrics(devtools: Any) -> dict[str, float]:
    return {it["name"]: it["value"] for it in devtools.send("Performance.getMetrics")["metrics"]}


def _events() -> list[ev.Durable]:
    return [*events_of("/project", ROWS), prompt(TURN, "And now?"), routed(TURN)]
