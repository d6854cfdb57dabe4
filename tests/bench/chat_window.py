"""The extension in real VS Code: how long it takes to be there, and from a key to the first painted word."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from playwright.sync_api import Browser

from tests.bench.figures import TIMES, Figure, p50
from tests.editors.vscode.bridge import Bridge
from tests.editors.vscode.codeserver import CodeServer
from tests.editors.vscode.conftest import EXTENSION, HERE
from tests.editors.vscode.desk import Desk, new_desk
from tests.editors.vscode.packed import packed

ROUNDS = 7
KEY = """() => { window.painted = null; const seen = new MutationObserver(() => {
  const last = [...document.querySelectorAll('.entry.prose')].at(-1)
  if (!last?.textContent.includes(window.wanted)) return
  seen.disconnect()
  requestAnimationFrame(() => setTimeout(() => { window.painted = performance.now() - window.pressed }, 0))
}); seen.observe(document.body, { childList: true, subtree: true, characterData: true })
  document.querySelector('textarea').addEventListener('keydown', () => { window.pressed = performance.now() }, { once: true, capture: true })
}"""
BARE = """async ({ url, body, wanted }) => {
  const begun = performance.now()
  const answer = await fetch(`${url}/v1/messages`, { method: 'POST', headers: { 'x-api-key': 'scripted', 'anthropic-version': '2023-06-01' }, body: JSON.stringify(body) })
  const box = document.createElement('p')
  document.body.append(box)
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader()
  for (let all = ''; !box.textContent.includes(wanted);) {
    const { value, done } = await reader.read()
    if (done) break
    all += value
    box.textContent = [...all.matchAll(/"text_delta","text":"([^"]*)"/g)].map(it => it[1]).join('')
  }
  await new Promise(done => requestAnimationFrame(() => setTimeout(done, 0)))
  return performance.now() - begun
}"""
REQUEST = {
    "model": "claude-sonnet-5-5",
    "max_tokens": 100,
    "stream": True,
    "messages": [{"role": "user", "content": "Go."}],
}


def figures_of(browser: Browser) -> list[Figure]:
    """Measure in one window."""
    with tempfile.TemporaryDirectory(prefix="pb-") as name:
        folder = Path(name)
        for it in ("br", "cs", "vsix", "desk"):
            (folder / it).mkdir()
        bridge = Bridge(folder / "br" / "s")
        extensions = [EXTENSION, packed(HERE / "spy", folder / "vsix" / "spy.vsix")]
        server = CodeServer(folder / "cs", bridge.address, extensions, {})
        try:
            with new_desk(folder / "desk", server, bridge, browser) as desk:
                return _measured(desk, browser)
        finally:
            server.close()
            bridge.close()


def _measured(desk: Desk, browser: Browser) -> list[Figure]:
    desk.play({"text": "wanted {{n}} and more", "times": "any"})
    desk.open(desk.world.file("app.py", "a - b\n"))
    activated = _activation(desk)
    chat = desk.chat().open()
    frame = chat.frame.owner.element_handle().content_frame()
    assert frame is not None
    url = desk.world.env["ANTHROPIC_BASE_URL"]
    page = browser.new_page(bypass_csp=True)
    page.goto(f"{url}/v1/models")  # the same origin, so that it may ask
    ours: list[float] = []
    bare: list[float] = []
    for number in range(ROUNDS + 1):
        frame.evaluate("it => { window.wanted = it }", f"wanted {2 * number + 1}")
        frame.evaluate(KEY)
        chat.ask("Go.")
        desk.until(lambda: frame.evaluate("() => window.painted"))
        taken = frame.evaluate("() => window.painted")
        desk.until(lambda: chat.button("Stop").count() == 0)
        other = page.evaluate(BARE, {"url": url, "body": REQUEST, "wanted": f"wanted {2 * number + 2}"})
        if number:  # the first one makes the session, and connections
            ours.append(taken)
            bare.append(other)
    page.context.close()
    desk.quit()
    own, other = activated
    return [
        Figure("extension: activation, beside an extension that only connects", round(own / max(1, other), 2), TIMES,
               behind=f"{own} beside {other} ms, as VS Code measures them"),
        Figure("chat: key to the first painted word, beside a bare page that asks the model",
               round(p50(ours) / p50(bare), 2), TIMES,
               behind=f"{p50(ours):.0f} beside {p50(bare):.0f} ms (p50 of {ROUNDS}); the difference is the whole way through extension host and server"),
    ]  # fmt: skip


def _activation(desk: Desk) -> tuple[int, int]:
    """Return the milliseconds of Postil and of the spy."""
    desk.spy("execute", "workbench.action.showRuntimeExtensions")
    rows = desk.window.page.locator(".runtime-extensions-editor .extension")

    found: dict[str, int] = {}

    def read() -> bool:
        for text in rows.all_inner_texts():
            taken = re.search(r"(\d+)\s?ms", text)
            for name in ("Postil", "spy"):
                if taken and text.strip().lower().startswith(name.lower()):
                    found[name] = int(taken[1])
        desk.window.page.mouse.wheel(0, 300)  # only what is in view is there
        return len(found) == 2

    rows.first.hover()
    desk.until(read)
    desk.window.press("Escape")
    rows.first.wait_for(state="hidden")
    return found["Postil"], found["spy"]
