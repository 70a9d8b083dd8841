"""Markup in whatever people write or documents hold stays writing: 152 payloads, in real Chromium, none runs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import quote

import httpx
import pytest
from markdown_it import MarkdownIt
from playwright.sync_api import Browser, Page, expect

from access_support import session
from hostile_support import PAYLOADS, VAULT, Tripwire, escaped, groups, spaced, write_hostile
from serving_support import Chat, Site
from wfc_qa.builder import build_collection
from wfc_qa.config import Settings
from widget_support import Portal, Reader, portal_and_service

pytestmark = pytest.mark.browser
FRAMES = """addresses => Promise.all(addresses.map(address => new Promise(done => {
  const frame = document.createElement('iframe');
  frame.onload = done;
  frame.src = address;
  document.body.append(frame);
})))"""


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Portal, Site]]:
    """A portal and a service whose every document is hostile, and which answers whatever the guard lets through."""
    folder = tmp_path_factory.mktemp("hostile")
    settings = Settings(documents_dir=write_hostile(folder / "documents"), index_dir=folder / "index")
    build_collection(settings, lambda step, done, total: None)
    chosen = {"documents_dir": settings.documents_dir, "abstain_below": 0, "api_access": "open"}
    with portal_and_service(settings.index_dir, folder / "data", **chosen) as both:
        yield both


@pytest.fixture
def reader(browser: Browser) -> Iterator[Reader]:
    reader = Reader(browser, "about:blank")
    yield reader
    reader.leave()


@pytest.fixture
def wire(reader: Reader) -> Tripwire:
    return Tripwire(reader.context)


def test_the_payloads_run_where_nothing_stops_them(browser: Browser) -> None:
    """Or else that none runs elsewhere would mean nothing."""
    page = browser.new_page()
    wire = Tripwire(page.context)
    frames = "".join(
        f'<iframe name=p{at} srcdoc="{escaped(one)}"></iframe>' for at, one in enumerate(PAYLOADS)
    )
    page.goto("about:blank")
    page.set_content(frames, wait_until="load")
    page.wait_for_timeout(300)
    assert len(PAYLOADS) == len(set(PAYLOADS)) > 100
    assert len({name for name in wire.tripped if name.startswith("p")}) > 60
    page.close()


def test_in_the_widget(reader: Reader, wire: Tripwire, hostile: tuple[Portal, Site]) -> None:
    """As questions, in quoted sentences, titles, addresses and excerpts, as reasons, in a document, and as copied."""
    portal, site = hostile
    for origin in (portal.origin, site.url.rstrip("/")):
        reader.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=origin)
    reader.page.goto(portal.put(f'<script src="{site.url}widget/v1.js" data-site="bank"></script>'))
    panel, copied = reader.open(), []
    for question in groups(8):
        turn = reader.ask(question)
        assert spaced(turn.locator(".question [dir]").inner_text()) == spaced(question)
        copied.append(copy(reader))
    for number in range(1, len(PAYLOADS), 8):
        reader.ask(f"第{number}号网点2024年办理业务多少万笔？")
        copied.append(copy(reader))
    turn = reader.ask(VAULT)
    turn.locator("[data-verdict=down]").click()
    turn.locator("[name=reason]").fill(" ".join(PAYLOADS)[:2000])
    turn.locator(".reason button").click()
    turn.locator(".cite").first.click()
    expect(panel.locator("#source .cited")).to_be_visible()
    while panel.locator("#source .more:visible").count():
        panel.locator("#source .more:visible").first.click()
    shown = {spaced(text) for text in panel.locator("#source :is(h3, .words)").all_inner_texts()}
    assert {spaced(one) for one in PAYLOADS} - shown <= {spaced(PAYLOADS[0])}
    wire.check(reader.page)
    check_markdown(reader.page, wire, copied)


def test_in_the_options_of_the_widget(reader: Reader, wire: Tripwire, hostile: tuple[Portal, Site]) -> None:
    portal, site = hostile
    names = ("title", "lang", "theme", "position", "documents", "site", "greeting")
    options = [" ".join(f'data-{name}="{escaped(one)}"' for name in names) for one in PAYLOADS]
    script = f'<script src="{site.url}widget/v1.js"'
    reader.page.goto(portal.put("".join(f"{script} {each}></script>" for each in options)))
    labels = reader.page.locator("wfc-chat .launcher").evaluate_all("all => all.map(each => each.ariaLabel)")
    assert labels == [one.strip() for one in PAYLOADS]
    # What names no site gets one friendly line.
    reader.page.evaluate("document.querySelector('wfc-chat').open()")
    expect(reader.page.locator("wfc-chat .wait button").first).to_be_visible()
    wire.check(reader.page)
    asked = escaped(json.dumps(PAYLOADS))
    blocks = [
        f'<wfc-chat site="bank" mode="inline" title="{escaped(one)}" greeting="{escaped(one)}"'
        f' style="--wfc-font: {escaped(one)}; --wfc-accent: {escaped(one)}" suggestions="{asked}"></wfc-chat>'
        for one in groups(40)
    ]
    reader.page.goto(portal.put(f"{script} data-manual></script>{''.join(blocks)}"))
    for number, told in enumerate(groups(40)):
        reader.page.locator("wfc-chat").nth(number).scroll_into_view_if_needed()
        panel = reader.page.frame_locator("wfc-chat iframe").nth(number)
        expect(panel.locator("h1").first).to_have_text(told)
        assert panel.locator(".brand").inner_text() == spaced(told)
        assert panel.locator(".examples button").all_inner_texts() == [one.strip() for one in PAYLOADS]
    wire.check(reader.page)


def test_in_the_chat(browser: Browser, hostile: tuple[Portal, Site]) -> None:
    """As questions, in quotes, panels and filters, as reasons, in what is copied and in the receipt."""
    chat = Chat(browser, hostile[1].url)
    wire = Tripwire(chat.context)
    chat.page.goto(hostile[1].url)
    chat.page.wait_for_selector("#app[data-ready]")
    for question in groups(16):
        chat.ask(question)
        assert spaced(chat.last(".question .words")) == spaced(question)
    for number in range(2, len(PAYLOADS), 16):
        chat.ask(f"第{number}号网点2024年办理业务多少万笔？")
    chat.ask(VAULT)
    chat.page.click(".turn:last-child [data-verdict=down]")
    chat.page.fill(".turn:last-child [name=reason]", " ".join(PAYLOADS)[:2000])
    chat.page.click(".turn:last-child .reason button")
    chat.page.click("#filters summary")
    chat.page.click("#filters summary")
    chat.page.click(".turn:last-child .cite >> nth=0")
    expect(chat.page.locator("#panel .cited")).to_be_visible()
    copied = chat.page.locator(".closing").evaluate_all("all => all.map(each => each.dataset.markdown)")
    assert len(copied) == chat.page.locator(".turn").count()
    wire.check(chat.page)
    check_markdown(chat.page, wire, copied)
    chat.context.close()


def test_on_document_and_error_pages(reader: Reader, wire: Tripwire, hostile: tuple[Portal, Site]) -> None:
    """Each document's own page, their list, and what is said of an address that is none."""
    site = hostile[1]
    heads = httpx.get(f"{site.url}api/v1/documents", trust_env=False).json()
    assert len(heads) == len(PAYLOADS) + 1
    reader.page.goto(f"{site.url}documents")
    assert reader.page.locator(".documents li").count() == len(heads)
    wire.check(reader.page)
    for names in ([head["doc_id"] for head in heads], PAYLOADS):
        # Only a page of ours may frame them, and of ours only the chat may frame.
        reader.page.goto(site.url)
        reader.page.evaluate(FRAMES, [f"{site.url}documents/{quote(name, safe='')}" for name in names])
        assert len(reader.page.frames) > len(names)
        assert "documents" in reader.page.frames[-1].url
        wire.check(reader.page)


def test_in_the_parameters_of_the_api(hostile: tuple[Portal, Site]) -> None:
    """Whatever is told back is JSON, which no browser takes for a page."""
    portal, site = hostile
    with httpx.Client(base_url=site.url, trust_env=False, timeout=60) as http:
        bank = session(http, "bank", portal.origin)
        for one in PAYLOADS:
            filters = {"doc_ids": [one], "language": one, "published_from": one}
            for response in (
                http.get("api/v1/passages", params={"q": "x", "doc_ids": one, "language": one}),
                http.get("api/v1/documents", params={"offset": one}),
                http.post("api/v1/answers", json={"question": one, "filters": filters}, headers=bank),
                http.post("api/v1/widget/tickets", json={"site": one}, headers={"Origin": portal.origin}),
            ):
                assert response.status_code < 500
                assert "json" in response.headers["content-type"]
                assert response.headers["x-content-type-options"] == "nosniff"


def copy(reader: Reader) -> str:
    """What the last turn puts on the clipboard."""
    reader.panel.locator("[aria-label='复制（带出处）']").last.click()
    return str(reader.page.evaluate("navigator.clipboard.readText()"))


def check_markdown(page: Page, wire: Tripwire, copied: list[str]) -> None:
    """Pasted where Markdown may hold HTML and links of any kind, it holds none."""
    markdown = MarkdownIt("commonmark", {"html": True})
    markdown.validateLink = lambda _: True  # type: ignore[method-assign]
    page.goto("about:blank")
    page.set_content("".join(markdown.render(each) for each in copied), wait_until="load")
    page.wait_for_timeout(200)
    wire.check(page)
