"""Accessibility, judged by axe (shipped with its Python package)."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from serving_support import Chat, Site

pytestmark = pytest.mark.browser


def serious(page: Page) -> list[str]:
    found = Axe().run(page).response
    assert found["passes"]
    return [
        f"{violation['id']}: {node['target']} {node['failureSummary']}"
        for violation in found["violations"]
        if violation["impact"] in {"serious", "critical"}
        for node in violation["nodes"]
    ]


@pytest.mark.parametrize("color_scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_axe_finds_nothing_serious(browser: Browser, site: Site, color_scheme: str, width: int) -> None:
    """Welcome, answer, decline, open filters, panel and the document pages, in both themes, wide and narrow."""
    chat = Chat(
        browser,
        site.url,
        color_scheme=color_scheme,
        viewport={"width": width, "height": 800},
        reduced_motion="reduce",
    )
    assert serious(chat.page) == []
    chat.ask("2024年重庆贷款余额是多少？")
    chat.ask("火星上有银行吗？")
    chat.page.click(".turn:last-child [data-verdict=down]")
    expect(chat.page.locator(".turn:last-child .reason")).to_be_visible()
    chat.page.click("#filters summary")
    assert serious(chat.page) == []
    chat.page.click("#filters summary")
    chat.page.click(".cite >> nth=0")
    expect(chat.page.locator("#panel .cited")).to_be_visible()
    assert serious(chat.page) == []
    chat.page.click("#panel .whole")
    expect(chat.page.locator(".paragraph:target")).to_be_visible()
    assert serious(chat.page) == []
    chat.page.goto(site.url + "documents")
    assert serious(chat.page) == []
    chat.context.close()


def test_motion_stops_where_the_reader_asks_for_it(browser: Browser, site: Site) -> None:
    chat = Chat(browser, site.url, reduced_motion="reduce")
    chat.ask("2024年重庆贷款余额是多少？")
    assert chat.page.evaluate("document.getAnimations().length") == 0
    chat.context.close()
