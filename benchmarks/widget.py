"""What the widget costs a portal's reader: bytes of the first use, and milliseconds to launcher and conversation.

In real Chromium on the example portal, served on another origin; each run in a browser context of its own, with nothing
cached. Times are the browser's own.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import shutil
import sys
import threading
from http.server import ThreadingHTTPServer

import httpx
from playwright.sync_api import Browser, sync_playwright

from api import served
from measure import Spread, print_table, workbench
from wfc_qa.config import CHECKOUT

sys.path.append(str(CHECKOUT / "examples" / "portal"))
from serve import handler

KB = 1024
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
# The first frame that shows the launcher, and the panel's word that it is drawn and listens.
WATCH = """
const seen = () => document.querySelector('wfc-chat')?.shadowRoot?.querySelector('.launcher')?.checkVisibility();
window.launcherMs = new Promise(done => {
  const look = () => requestAnimationFrame(seen() ? () => done(performance.now()) : look);
  if (window === top) look();
});
addEventListener('click', () => { window.clickMs = performance.now(); }, true);
window.readyMs = new Promise(done => addEventListener('wfc-ready', () => done(performance.now())));
"""
LAUNCHER = """async () => await window.launcherMs
  - performance.getEntriesByType('resource').find(entry => entry.name.endsWith('/widget/v1.js')).responseEnd"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=25)
    chosen = parser.parse_args()
    chromium = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if chromium is None:
        raise SystemExit(f"no {', '.join(CHROMIUMS)} on the path; run `make browser`")
    with workbench() as settings, ThreadingHTTPServer(("127.0.0.1", 0), handler("")) as portal:
        origin = f"http://localhost:{portal.server_port}"
        sites = json.dumps({"bank": {"origins": [origin]}})
        with served(settings, sites=sites, limit_address="100000/minute") as (port, _):
            service = f"http://127.0.0.1:{port}"
            portal.RequestHandlerClass = handler(service)
            threading.Thread(target=portal.serve_forever, daemon=True).start()
            weigh(service)
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
                open_once(browser, origin)
                runs = [open_once(browser, origin) for _ in range(chosen.runs)]
                browser.close()
        portal.shutdown()
    launcher, ready = zip(*runs, strict=True)
    print_table(
        f"The widget in {chosen.runs} first openings",
        ("", "ms", "goal"),
        [
            ["script loaded to launcher painted", Spread.of(launcher).show(0), "100"],
            ["click to conversation ready", Spread.of(ready).show(0), "500"],
        ],
    )


def open_once(browser: Browser, origin: str) -> tuple[float, float]:
    """Milliseconds to the launcher, and to the conversation."""
    context = browser.new_context(locale="zh-CN", viewport={"width": 1280, "height": 800})
    context.add_init_script(WATCH)
    page = context.new_page()
    page.goto(origin)
    launcher = page.evaluate(LAUNCHER)
    page.locator("wfc-chat .launcher").click()
    taken = launcher, page.evaluate("async () => await readyMs - clickMs")
    context.close()
    return taken


def weigh(service: str) -> None:
    """The size of each part of a first use, gzipped, and as this server sends it."""
    rows, totals = [], [0, 0]
    with httpx.Client(base_url=service, trust_env=False) as http:
        panel = "widget/panel?site=bank"
        page = http.get(panel).text
        paths = ["widget/v1.js", panel, *re.findall(r'(?:src|href)="\.\./([^"]+)"', page)]
        for path in paths:
            with http.stream("GET", path, headers={"Accept-Encoding": "gzip"}) as response:
                sent = len(b"".join(response.iter_raw()))
            zipped = len(gzip.compress(http.get(path, headers={"Accept-Encoding": "identity"}).content))
            totals = [totals[0] + zipped, totals[1] + sent]
            rows.append(
                [path.partition("?")[0], f"{zipped / KB:.1f}", f"{sent / KB:.1f}", "12" if not rows else ""]
            )
    rows.append(["first use", *(f"{total / KB:.1f}" for total in totals), "60"])
    print_table("Bytes", ("", "KB gzipped", "KB as sent", "goal"), rows)


if __name__ == "__main__":
    main()
