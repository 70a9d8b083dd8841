"""What is hostile: payloads that would run where they were taken for markup, a collection full of them, a tripwire."""

from __future__ import annotations

import html
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import BrowserContext, Page

PAYLOADS = (Path(__file__).parent / "data" / "xss.txt").read_text("utf-8").splitlines()
VAULT = "2023年总行金库存金多少吨？"
WIRE = """
for (const name of ['alert', 'confirm', 'prompt', 'print']) window[name] = () => tripped(name);
addEventListener('securitypolicyviolation', event => blocked(`${event.violatedDirective} ${event.blockedURI}`));
"""
ALIEN = r"""() => {
  const found = [], address = /^(href|src|srcset|action|formaction|data|poster|background|xlink:href)$/i;
  const runs = /^\s*(javascript|vbscript|data:text)/i;
  const strange = 'object, embed, base:not([href="./"]), math, marquee, video, audio, xmp, script:empty:not([src])';
  const walk = root => {
    for (const element of root.querySelectorAll('*')) {
      for (const {name, value} of element.attributes)
        if (/^on/i.test(name) || name === 'srcdoc' || address.test(name) && runs.test(value))
          found.push(element.outerHTML.slice(0, 200));
      if (element.matches(strange))
        found.push(element.outerHTML.slice(0, 200));
      if (element.shadowRoot) walk(element.shadowRoot);
    }
  };
  walk(document);
  return found;
}"""


class Tripwire:
    """Knows whatever runs, and whatever a policy had to stop, in the pages of a context loaded from now on."""

    def __init__(self, context: BrowserContext) -> None:
        self.tripped: list[str] = []
        self.blocked: list[str] = []
        context.expose_binding(
            "tripped", lambda source, name: self.tripped.append(source["frame"].name or name)
        )
        context.expose_binding("blocked", lambda _, what: self.blocked.append(what))
        context.add_init_script(WIRE)
        context.on("dialog", lambda dialog: (self.tripped.append("dialog"), dialog.dismiss()))

    def check(self, *pages: Page) -> None:
        """Nothing ran, no policy had to step in, and no markup came of what was written."""
        assert not self.tripped, self.tripped
        assert not self.blocked, self.blocked
        for page in pages:
            for frame in page.frames:
                found = frame.evaluate(ALIEN)
                assert not found, (frame.url, found)


def groups(size: int, payloads: Sequence[str] = PAYLOADS) -> list[str]:
    """The payloads, some at a time."""
    return [" ".join(payloads[at : at + size]) for at in range(0, len(payloads), size)]


def escaped(text: str) -> str:
    return html.escape(text, quote=True)


def spaced(text: str) -> str:
    return " ".join(text.split())


def write_hostile(folder: Path) -> Path:
    """For each payload a document that bears it everywhere, and one document that bears them all."""
    folder.mkdir(parents=True)
    for number, payload in enumerate(PAYLOADS, 1):
        told = escaped(payload)
        meta = f'<meta name=publisher content="{told}"><meta name=source content="{told}">'
        # Without a title of its own a document is called by its file's name.
        title, heading = (f"<title>{told}</title>", f"<h2>{told}</h2>") if number % 2 else ("", "")
        fact = f"<p>第{number}号网点{told}2024年办理业务{number}万笔。</p>"
        name = payload.replace("/", "\\")[:60]
        _write(folder / f"{name} {number}.html", f"{meta}{title}", heading + fact)
    paragraphs = [f"<h2>{escaped(one)}</h2><p>{escaped(one)}</p>" for one in PAYLOADS]
    half = len(paragraphs) // 2
    paragraphs.insert(half, "<p>2023年总行金库存金八百吨。</p>")
    _write(folder / "all.html", f"<title>{escaped(PAYLOADS[0])}</title>", "".join(paragraphs))
    return folder


def _write(path: Path, head: str, body: str) -> None:
    path.write_text(
        f"<!doctype html><html lang=zh><head><meta charset=utf-8>{head}</head><body>{body}</body></html>",
        "utf-8",
    )
