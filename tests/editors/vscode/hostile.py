"""What a model may write to run, load, hide or stall something in the chat, and how a page is measured."""

from __future__ import annotations

RUNS = (
    "\x1b[31mred\x1b[0m \u202egpj.exe\u202c zero\u200bwidth",  # first: of a long line, a card shows the beginning
    "<script>window.pwned=1</script>",
    '<img src=x onerror="window.pwned=2">',
    '<svg onload="window.pwned=3"><animate onbegin="window.pwned=4" attributeName=x></svg>',
    '<math><mtext><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=window.pwned=5&gt;">',
    "<iframe srcdoc='<script>parent.pwned=6</script>'></iframe>",
    '<b style="position:fixed;inset:0;background:url(https://evil.example/css.png)">all over it</b>',
    "<style>@import 'https://evil.example/a.css'; * { display: none }</style>",
    "[run](command:workbench.action.quit) [js](javascript:window.pwned=7) [code](vscode://evil.example/x)",
    "[data](data:text/html,<script>window.pwned=8</script>) [web](https://example.com/page)",
    "![pixel](https://evil.example/pixel.png) ![svg](data:image/svg+xml,<svg onload=window.pwned=9>)",
)
WEB = {"https://example.com/page", "https://evil.example/pixel.png"}
HOSTILE = "\n\n".join(RUNS)
LINE = HOSTILE.replace("\n", " ")
MEGABYTE = "x" * 1_000_000
FLOOD = "word " * 60_000
ERROR = "Not so. [See why](command:workbench.action.quit) <img src=x onerror=window.pwned=10>"
PLAN = {"tool": "todo", "input": {"items": [{"text": LINE, "status": "in_progress"}]}}

PLACE = """log => {
  const top = log.getBoundingClientRect().top
  const row = [...log.querySelectorAll('button.row')].find(it => it.getBoundingClientRect().top > top + 60)
  return row === undefined ? null : { row: row.dataset.row, at: row.getBoundingClientRect().top - top }
}"""
SCROLLED = """log => ({ top: log.scrollTop, height: log.scrollHeight, left: log.scrollHeight - log.scrollTop - log.clientHeight })"""
END = "log => log.innerText.slice(-200)"
OFFSET = """(log, name) => {
  const row = [...log.querySelectorAll('button.row')].find(it => it.dataset.row === name)
  return row === undefined ? null : row.getBoundingClientRect().top - log.getBoundingClientRect().top
}"""
PAINTED = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 50))))"
