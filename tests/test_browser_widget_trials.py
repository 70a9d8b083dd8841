"""The widget where things go wrong or slowly: foreign pages, stale tickets, two tabs, a poor line, large type."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from axe_support import violations
from serving_support import Chat
from wfc_qa.serving.access.secret import load_secret
from wfc_qa.serving.access.tokens import TICKET, Signer
from widget_support import Hosts, portal_and_service

pytestmark = pytest.mark.browser
LOANS = "2024年8月末重庆贷款余额是多少？"
DEPOSITS = "2023年重庆存款余额是多少？"
FETCH = """async ([address, options]) => {
  try { const response = await fetch(address, options); return response.status; } catch (error) { return error.name; }
}"""
POST = {"method": "POST", "headers": {"Content-Type": "application/json"}}
SLOW = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 20_000}
# What a finger or a shaky pointer needs around the middle of a target; text links among words are exempt.
CRAMPED = """least => [...document.querySelectorAll('button, summary, input, textarea, select, a')]
  .filter(each => each.checkVisibility({visibilityProperty: true}) && !each.closest('p, .vh, .skip, [inert]'))
  .filter(each => { each.scrollIntoView({block: 'center'});
    const { x, y, width, height } = each.getBoundingClientRect(), half = least / 2 - .5;
    return width > 1 && [[0, half], [0, -half], [half, 0], [-half, 0]].some(([right, down]) => {
      const hit = document.elementFromPoint(x + width / 2 + right, y + height / 2 + down);
      return !hit || !(each.contains(hit) || hit.contains(each) && hit.matches('label, li')); }); })
  .map(each => each.outerHTML.slice(0, 120))"""


def test_a_page_that_is_not_listed_gets_neither_frame_nor_answer(hosts: Hosts) -> None:
    """And one that is listed gets a ticket, and nothing else that a script of its own could read."""
    url, listed = hosts.site.url, hosts.reader("").page
    foreign = hosts.browser.new_page()
    foreign.goto(listed.url.replace("localhost", "127.0.0.1"))

    def fetched(page: Page, path: str, body: str) -> object:
        return page.evaluate(FETCH, [url + path, {**POST, "body": body}])

    assert fetched(listed, "api/v1/widget/tickets", '{"site": "bank"}') == 201
    assert fetched(foreign, "api/v1/widget/tickets", '{"site": "bank"}') == "TypeError"
    for page in (listed, foreign):
        assert fetched(page, "api/v1/answers", f'{{"question": "{LOANS}"}}') == "TypeError"
        assert fetched(page, "api/v1/widget/sessions", '{"ticket": "x"}') == "TypeError"
        assert page.evaluate(FETCH, [f"{url}widget/frame?site=bank", {}]) == "TypeError"
        assert page.evaluate(FETCH, [f"{url}api/v1/documents", {}]) == "TypeError"
    for address in ("widget/frame?site=bank", "widget/panel?site=bank", "", "documents"):
        foreign.set_content(f'<iframe src="{url}{address}"></iframe>')
        foreign.wait_for_function("frames.length === 1")
        expect(foreign.frame_locator("iframe").locator("#question, main, #app")).to_have_count(0)
        assert foreign.frames[1].url.startswith(("chrome-error:", "about:"))
    foreign.close()
    hosts.readers[0].complaints.clear()


def test_a_ticket_that_was_used_opens_nothing_more(hosts: Hosts) -> None:
    reader = hosts.reader(hosts.tag())
    with reader.page.expect_response("**/api/v1/widget/tickets") as given:
        reader.open()
    ticket = given.value.json()["ticket"]
    reader.ask(LOANS)
    panel = reader.page.frames[-1]
    body = {**POST, "body": f'{{"ticket": "{ticket}"}}'}
    assert panel.evaluate(FETCH, [f"{hosts.site.url}api/v1/widget/sessions", body]) == 403
    reader.complaints = [said for said in reader.complaints if "403" not in said]


def test_a_ticket_that_came_too_late_is_replaced_unseen(hosts: Hosts) -> None:
    old = Signer(TICKET, load_secret(hosts.site.data_dir), 60, clock=lambda: time.time() - 61)
    late = old.give("bank", hosts.portal.origin)
    refused: list[int] = []

    def deliver(route: Route) -> None:
        response = route.fetch()
        route.fulfill(response=response, json={"ticket": late, "expires_s": 60})

    reader = hosts.reader(hosts.tag())
    reader.page.on(
        "response", lambda response: "sessions" in response.url and refused.append(response.status)
    )
    reader.page.route("**/api/v1/widget/tickets", deliver, times=1)
    reader.open()
    expect(reader.ask(LOANS).locator(".sentence").first).to_contain_text("5.81万亿元")
    assert refused == [403, 201]
    reader.complaints = [said for said in reader.complaints if "403" not in said]


def test_two_tabs_keep_to_themselves(hosts: Hosts) -> None:
    """Asked at the same time, each has its own session and its own answer."""
    first = hosts.reader(hosts.tag())
    tokens: list[str] = []
    first.context.on(
        "request",
        lambda request: request.url.endswith("/answers") and tokens.append(request.headers["authorization"]),
    )
    second = first.context.new_page()
    second.goto(first.page.url)
    second.locator("wfc-chat .launcher").click()
    other = second.frame_locator("wfc-chat iframe")
    first.open()
    for panel, question in ((first.panel, LOANS), (other, DEPOSITS)):
        panel.locator("#question").fill(question)
        panel.locator("#question").press("Enter")
    expect(first.panel.locator(".sentence")).to_contain_text("5.81万亿元")
    expect(other.locator(".sentence")).to_contain_text("5.36万亿元")
    assert first.panel.locator(".turn").count() == other.locator(".turn").count() == 1
    assert len(set(tokens)) == 2


def test_a_slow_line_is_told_of_and_borne(hosts: Hosts) -> None:
    """At 400 ms and 50 KB/s: a word while it opens, what was asked meanwhile is answered, nothing twice."""
    reader = hosts.reader(hosts.tag())
    reader.context.new_cdp_session(reader.page).send("Network.emulateNetworkConditions", SLOW)
    reader.page.evaluate("question => document.querySelector('wfc-chat').ask(question)", LOANS)
    expect(reader.page.locator("wfc-chat .wait p").first).to_have_text("正在打开……")
    expect(reader.panel.locator("#question")).to_be_visible(timeout=30_000)
    frame = reader.page.frames[-1]
    reader.context.new_cdp_session(frame).send("Network.emulateNetworkConditions", SLOW)
    assert reader.settled().locator(".sentence").count() == 1
    turn = reader.ask(DEPOSITS)
    assert turn.locator(".sentence").count() == 1
    turn.locator(".cite").first.click()
    expect(reader.panel.locator("#source .waiting")).to_be_visible()
    expect(reader.panel.locator("#source .cited")).to_be_in_viewport(timeout=30_000)
    assert reader.panel.locator(".turn").count() == 2


def test_at_twice_the_size_everything_is_there(hosts: Hosts) -> None:
    """Zoomed to 200 %, as a window of half the width and height is; nothing scrolls sideways or covers the answer."""
    reader = hosts.reader(
        f"<main><h1>示例银行</h1></main>{hosts.tag()}",
        viewport={"width": 640, "height": 400},
        device_scale_factor=2,
        reduced_motion="reduce",
    )
    panel = reader.open()
    turn = reader.ask(LOANS)
    expect(turn.locator(".sentence")).to_be_in_viewport()
    expect(panel.locator("#question")).to_be_in_viewport(ratio=1)
    expect(panel.locator("#close")).to_be_in_viewport(ratio=1)
    assert violations(reader.page) == []
    panel.locator(".cite").first.click()
    expect(panel.locator("#source .cited mark")).to_be_in_viewport()
    text = panel.locator("#source .text")
    assert text.evaluate("element => element.scrollWidth <= element.clientWidth")
    reader.shoot("zoomed")


def test_every_target_is_large_enough(hosts: Hosts) -> None:
    """24 pixels for all, 44 for what one does first; in the widget, on the chat and on the document pages."""
    reader = hosts.reader(hosts.tag('data-suggestions="重庆的贷款余额是多少？"'), reduced_motion="reduce")
    panel = reader.open()
    for selector in (".examples button", ".send", "#close"):
        box = panel.locator(selector).first.bounding_box()
        assert box
        assert min(box["width"], box["height"]) >= 44, selector
    reader.ask(LOANS).locator("[data-verdict=up]").click()
    expect(panel.locator(".reason input")).to_be_visible()
    frame = reader.page.frames[-1]
    assert frame.evaluate(CRAMPED, 24) == []
    panel.locator(".cite").first.click()
    expect(panel.locator("#source .cited")).to_be_visible()
    assert frame.evaluate(CRAMPED, 24) == []
    for path in ("", "documents", "documents/green-finance.zh"):
        reader.page.goto(hosts.site.url + path)
        if not path:
            reader.page.wait_for_selector("#app[data-ready]")
            reader.page.fill("#question", LOANS)
            reader.page.press("#question", "Enter")
            reader.page.wait_for_selector(".turn:last-child .answer:not([aria-busy])")
        assert reader.page.evaluate(CRAMPED, 24) == [], path


@pytest.mark.parametrize(("keep", "asked"), [("nothing", 0), ("counts", 2)])
def test_where_nothing_is_kept_no_reader_is_asked_for_a_verdict(
    browser: Browser, home_index: Path, tmp_path: Path, keep: str, asked: int
) -> None:
    """Neither in the widget nor in the chat; copying and printing stay."""
    with portal_and_service(home_index, tmp_path, keep=keep) as (portal, site):
        hosts = Hosts(browser, portal, site)
        reader = hosts.reader(hosts.tag())
        reader.open()
        closing = reader.ask(LOANS).locator(".closing")
        expect(closing.locator("[data-verdict]")).to_have_count(asked)
        assert closing.locator("button").count() >= 2
        reader.leave()
        chat = Chat(browser, site.url)
        chat.ask(LOANS)
        assert chat.page.locator("[data-verdict]").count() == asked
        assert chat.page.locator("[data-do=copy]").count() == 1
        chat.context.close()
