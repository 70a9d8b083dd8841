"""What the widget must not believe, and must not run."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from widget_support import Hosts

pytestmark = pytest.mark.browser

LOANS = "2024年8月末重庆贷款余额是多少？"
MARK = "window.hacked = 1"
ADD_FRAME = """src => new Promise(done => { const frame = document.createElement('iframe');
  frame.src = src; frame.onload = () => done(); document.body.append(frame); })"""
FORGE_HERE = """() => {
  for (const type of ['close', 'ticket', 'answer']) window.postMessage({wfc: 1, type, question: 'forged'}, '*');
  const panel = document.querySelector('wfc-chat').shadowRoot.querySelector('iframe').contentWindow;
  panel.postMessage({type: 'ask', question: 'forged'}, '*'); }"""
FORGE_TO_LOADER = """() => { for (const type of ['ready', 'close', 'answer'])
  parent.postMessage({wfc: 1, type, question: 'forged'}, '*'); }"""
FORGE_TO_PANEL = """() => {
  const panel = parent.document.querySelector('wfc-chat').shadowRoot.querySelector('iframe').contentWindow;
  for (const type of ['ask', 'close', 'theme', 'hello'])
    panel.postMessage({wfc: 1, type, question: 'forged', theme: 'dark', ticket: null}, '*'); }"""


def test_forged_messages_are_ignored(hosts: Hosts) -> None:
    """From the page itself, from frames beside the panel, whatever their origin, and without our version."""
    reader = hosts.reader(hosts.tag())
    reader.open()
    reader.page.evaluate(FORGE_HERE)
    reader.page.evaluate(ADD_FRAME, reader.page.url.replace("localhost", "127.0.0.1"))
    reader.page.frames[-1].evaluate(FORGE_TO_LOADER)
    # Of the right origin, but another window than the panel's parent.
    reader.page.evaluate(ADD_FRAME, "/empty")
    reader.page.frames[-1].evaluate(FORGE_TO_PANEL)
    reader.ask(LOANS)
    assert reader.panel.locator(".turn").count() == 1
    assert [heard["question"] for heard in reader.heard("answer")] == [LOANS]
    assert reader.heard("close") == []
    assert reader.panel.locator("html").get_attribute("data-theme") is None


@pytest.mark.parametrize(
    "payload",
    [
        f"<img src=x onerror='{MARK}'>",
        f"<script>{MARK}</script>",
        f"<svg onload='{MARK}'>",
        f"javascript:{MARK}",
        f"\"' autofocus onfocus='{MARK}' x='",
        "</textarea><iframe srcdoc='<script>parent.hacked = 1</script>'>",
    ],
)
def test_what_is_written_stays_writing(hosts: Hosts, payload: str) -> None:
    """In title, greeting, suggestion and question, in the portal's page and in the panel."""
    escaped = payload.replace("&", "&amp;").replace('"', "&quot;")
    options = f'data-title="{escaped}" data-greeting="{escaped}" data-suggestions="{escaped}"'
    reader = hosts.reader(hosts.tag(options))
    panel = reader.open()
    expect(panel.locator("h1").first).to_have_text(payload)
    expect(panel.locator(".brand")).to_have_text(payload)
    panel.locator(".examples button").click()
    expect(reader.settled().locator(".question")).to_contain_text(payload)
    assert reader.page.evaluate("window.hacked") is None
    assert panel.locator("body").evaluate("() => window.hacked") is None
    assert panel.locator("body :is(img, script, iframe, [onload], [onfocus])").count() == 0


def test_an_element_named_like_the_running_script_is_not_taken_for_it(hosts: Hosts) -> None:
    """What readers of a portal may write into its pages names no other server for the widget."""
    clobber = '<img name="currentScript" src="http://127.0.0.1:9/a/b.png" data-site="bank" alt="">'
    reader = hosts.reader(clobber + hosts.tag())
    reader.open()
    assert reader.page.frames[-1].url.startswith(hosts.site.url)
    reader.complaints = [said for said in reader.complaints if "ERR_" not in said]
