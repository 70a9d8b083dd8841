"""The widget on pages of every kind: strict, hostile, old, small, foreign, or without its service."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from widget_support import Hosts, Reader, box

pytestmark = pytest.mark.browser

LOANS = "2024年8月末重庆贷款余额是多少？"
HOSTILE_CSS = """<style>
  * { all: unset !important; display: none !important; pointer-events: none !important; }
  *::before, *::after { content: "X" !important; position: fixed !important; inset: 0 !important; }
  wfc-chat { opacity: 0 !important; transform: scale(0) !important; visibility: hidden !important; }
  wfc-chat { clip-path: inset(50%) !important; content-visibility: hidden !important; }
  button, iframe, dialog { width: 1px !important; height: 1px !important; filter: blur(9px) !important; }
  html { display: block !important; font-size: 3px !important; direction: rtl !important; color: red !important; }
  body { display: block !important; transform: scale(.5) !important; overflow: hidden !important; }
</style>"""


def test_a_strict_policy_of_the_host_page_suffices(hosts: Hosts) -> None:
    """No inline style, no inline script, no eval, trusted types enforced."""
    own = hosts.site.url.rstrip("/")
    policy = (
        f"default-src 'none'; script-src {own}; connect-src {own}; frame-src {own};"
        " require-trusted-types-for 'script'; trusted-types 'none'"
    )
    reader = hosts.reader(hosts.tag(), {"policy": policy})
    reader.open()
    expect(reader.ask(LOANS).locator(".sentence").first).to_contain_text("5.81万亿元")


def test_no_style_of_the_host_page_reaches_the_widget(hosts: Hosts) -> None:
    """Launcher and panel have the very place, size and look that they have on an empty page."""
    plain, hostile = hosts.reader(hosts.tag()), hosts.reader(hosts.tag(), {"head": HOSTILE_CSS})
    look = """element => { const { backgroundColor, opacity, filter, direction, fontSize, pointerEvents } =
      getComputedStyle(element); return [backgroundColor, opacity, filter, direction, fontSize, pointerEvents]; }"""
    assert box(plain, ".launcher") == box(hostile, ".launcher")
    for reader in (plain, hostile):
        reader.open()
        reader.page.wait_for_function("document.getAnimations().length === 0")
    for selector in ("wfc-chat .launcher", "wfc-chat dialog", "wfc-chat iframe"):
        assert box(plain, selector) == box(hostile, selector)
        assert plain.page.locator(selector).evaluate(look) == hostile.page.locator(selector).evaluate(look)
    covering = "document.elementFromPoint(innerWidth - 60, innerHeight - 60)?.localName"
    assert hostile.page.evaluate(covering) == "wfc-chat"
    assert (
        hostile.page.evaluate("getComputedStyle(document.querySelector('wfc-chat'), '::before').content")
        == "none"
    )
    expect(hostile.ask(LOANS).locator(".cite").first).to_be_in_viewport()
    hostile.shoot("hostile")


def test_a_page_in_quirks_mode_shows_the_same_widget(hosts: Hosts) -> None:
    plain, quirky = hosts.reader(hosts.tag()), hosts.reader(hosts.tag(), {"doctype": ""})
    assert quirky.page.evaluate("document.compatMode") == "BackCompat"
    for reader in (plain, quirky):
        reader.open()
        reader.page.wait_for_function("document.getAnimations().length === 0")
    for selector in ("wfc-chat .launcher", "wfc-chat dialog", "wfc-chat iframe"):
        assert box(plain, selector) == box(quirky, selector)


def test_as_a_block_it_stands_in_the_page_and_grows_with_its_answer(hosts: Hosts) -> None:
    reader = hosts.reader("<main id=place style='width: 600px'>" + hosts.tag("data-mode=inline") + "</main>")
    expect(reader.panel.locator("#question")).to_be_visible()
    assert reader.page.locator("#place wfc-chat").count() == 1
    assert reader.page.locator("wfc-chat .launcher").count() == 0
    assert reader.panel.locator("#close").count() == 0
    reader.page.wait_for_function("document.getAnimations().length === 0")
    before = box(reader, "wfc-chat .panel")
    assert before["width"] == 600
    reader.ask(LOANS)
    reader.page.wait_for_function(
        "height => document.querySelector('wfc-chat').offsetHeight > height", arg=before["height"]
    )
    assert reader.page.evaluate("document.querySelector('wfc-chat').offsetHeight") <= 620


def test_a_plain_frame_answers_without_the_loader(hosts: Hosts) -> None:
    frame = f'<iframe src="{hosts.site.url}widget/frame?site=bank&lang=en" width=500 height=600 title=chat></iframe>'
    reader = hosts.reader(frame)
    panel = reader.page.frame_locator("iframe")
    panel.locator("#question").fill(LOANS)
    panel.locator("#question").press("Enter")
    expect(panel.locator(".turn .cite").first).to_be_visible()
    expect(panel.locator("html")).to_have_attribute("lang", "en")
    # A session that is over: the page fetches a new ticket from its own address.
    reader.page.route("**/api/v1/answers", lambda route: route.fulfill(status=401, body="{}"), times=1)
    panel.locator("#question").fill("2023年重庆贷款余额是多少？")
    panel.locator("#question").press("Enter")
    expect(panel.locator(".turn").last.locator(".cite").first).to_be_visible()
    reader.complaints = [said for said in reader.complaints if "401" not in said]


def test_a_page_that_is_not_listed_gets_one_clear_line_and_no_panel(hosts: Hosts) -> None:
    """By another name the same portal is another origin: no ticket, no frame, nothing thrown."""
    address = hosts.portal.put(hosts.tag()).replace("localhost", "127.0.0.1")
    reader = Reader(hosts.browser, address)
    reader.launcher.click()
    expect(reader.page.locator("wfc-chat .wait")).to_contain_text("现在打不开问答")
    assert reader.page.locator("wfc-chat iframe").count() == 0
    expect(reader.page.locator("wfc-chat .wait button").first).to_have_text("再试一次")
    reader.shoot("refused")
    reader.page.keyboard.press("Escape")
    expect(reader.launcher).to_be_focused()
    assert not [
        said
        for said in reader.complaints
        if not said.startswith(("Access to fetch", "Failed to load", "Framing", "Refused to frame"))
    ]
    reader.leave()


def test_a_service_that_is_away_can_be_tried_again(hosts: Hosts) -> None:
    reader = hosts.reader(hosts.tag())
    reader.page.route("**/widget/panel*", lambda route: route.abort())
    reader.page.route("**/widget/tickets", lambda route: route.abort())
    reader.launcher.click()
    expect(reader.page.locator("wfc-chat .wait")).to_contain_text("现在打不开问答")
    reader.page.unroute_all()
    reader.page.locator("wfc-chat .wait button").first.click()
    expect(reader.panel.locator("#question")).to_be_focused()
    reader.complaints = [said for said in reader.complaints if "ERR_FAILED" not in said]


def test_a_phone_gives_the_panel_its_whole_screen(hosts: Hosts) -> None:
    """Nothing behind it can be reached, nothing scrolls sideways, targets fit a finger, turning keeps the talk."""
    reader = hosts.reader(
        "<a href='#' style='display: block'>链接</a>" + hosts.tag(),
        viewport={"width": 320, "height": 568},
        is_mobile=True,
        has_touch=True,
    )
    assert box(reader, ".launcher")["width"] >= 44
    reader.launcher.tap()
    expect(reader.panel.locator("#question")).to_be_visible()
    reader.page.wait_for_function("document.getAnimations().length === 0")
    assert box(reader, "wfc-chat dialog") == {"x": 0, "y": 0, "width": 320, "height": 568}
    assert reader.page.locator("wfc-chat dialog").evaluate("element => element.matches(':modal')")
    # No keyboard jumps up unasked.
    assert reader.focused() != "question"
    reader.ask(LOANS)
    small = """() => [...document.querySelectorAll('button, summary, input')]
      .filter(each => each.offsetParent && !each.matches('.cite') && Math.min(each.offsetHeight, each.offsetWidth) < 44)
      .map(each => each.outerHTML)"""
    assert reader.panel.locator("body").evaluate(small) == []
    reader.page.set_viewport_size({"width": 900, "height": 700})
    expect(reader.panel.locator(".turn .sentence").first).to_be_visible()
    reader.page.wait_for_function(
        "!document.querySelector('wfc-chat').shadowRoot.querySelector('dialog').matches(':modal')"
    )
    reader.panel.locator("#close").click()
    expect(reader.launcher).to_be_focused()
