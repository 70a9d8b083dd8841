"""Accessibility, judged by axe (shipped with its Python package)."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from axe_support import violations
from serving_support import Chat, Site

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("color_scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "locale"), [(1280, "zh-CN"), (360, "en-US")])
def test_axe_finds_nothing(browser: Browser, site: Site, color_scheme: str, width: int, locale: str) -> None:
    """Welcome, answer, decline, open filters, panel and the document pages, in both themes, wide and narrow."""
    chat = Chat(
        browser,
        site.url,
        locale,
        color_scheme=color_scheme,
        viewport={"width": width, "height": 800},
        reduced_motion="reduce",
    )
    assert violations(chat.page) == []
    chat.ask("2024年8月末重庆贷款余额是多少？")
    chat.ask("火星上有银行吗？")
    chat.page.click(".turn:last-child [data-verdict=down]")
    expect(chat.page.locator(".turn:last-child .reason")).to_be_visible()
    chat.page.click("#filters summary")
    assert violations(chat.page) == []
    chat.page.click("#filters summary")
    chat.page.click(".cite >> nth=0")
    expect(chat.page.locator("#panel .cited")).to_be_visible()
    assert violations(chat.page) == []
    chat.page.click("#panel .whole")
    expect(chat.page.locator(".paragraph:target")).to_be_visible()
    assert violations(chat.page) == []
    chat.page.goto(site.url + "documents")
    assert violations(chat.page) == []
    chat.context.close()


def test_motion_stops_where_the_reader_asks_for_it(browser: Browser, site: Site) -> None:
    chat = Chat(browser, site.url, reduced_motion="reduce")
    chat.ask("2024年8月末重庆贷款余额是多少？")
    assert chat.page.evaluate("document.getAnimations().length") == 0
    chat.context.close()
