"""The example portal, started as its README says, before readers of both languages and themes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FrameLocator, expect

from axe_support import violations
from portal_support import README, started
from widget_support import Reader

pytestmark = pytest.mark.browser
LOANS = {
    "zh": "2025年6月末重庆的贷款余额是多少？",
    "en": "How many ports did the corridor reach by January 21, 2024?",
}
PAGES = {
    "zh": ("/", "/ask.html", "/frame.html"),
    "en": ("/en.html", "/ask-en.html", "/frame-en.html"),
}
WIDE = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def portal(home_index: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with started(home_index, tmp_path_factory.mktemp("portal")) as address:
        yield address


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_page_of_it_answers_with_a_cited_quote(browser: Browser, portal: str, lang: str) -> None:
    """By launcher, as a block and in a plain iframe, under a policy without anything inline."""
    for path in PAGES[lang]:
        reader = Reader(browser, portal + path, "zh-CN" if lang == "zh" else "en-US")
        frame = reader.page.frame_locator("iframe").first
        panel: FrameLocator = reader.open() if path == PAGES[lang][0] else frame
        expect(panel.locator("html")).to_have_attribute("lang", re.compile(lang))
        panel.locator("#question").fill(LOANS[lang])
        panel.locator("#question").press("Enter")
        expect(panel.locator(".turn .cite").first).to_be_visible()
        reader.leave()
        assert reader.complaints == []


def test_each_suggested_question_is_answered(browser: Browser, portal: str) -> None:
    for lang, pages in PAGES.items():
        reader = Reader(browser, portal + pages[0], "zh-CN" if lang == "zh" else "en-US")
        panel = reader.open()
        for asked in panel.locator(".examples button").all_inner_texts():
            expect(reader.ask(asked).locator(".cite").first).to_be_visible()
        reader.leave()


def test_by_its_other_name_the_portal_is_not_listed(browser: Browser, portal: str) -> None:
    reader = Reader(browser, portal.replace("localhost", "127.0.0.1"))
    reader.launcher.click()
    expect(reader.page.locator("wfc-chat .wait")).to_contain_text("现在打不开问答")
    reader.leave()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "lang"), [(1280, "zh"), (390, "zh"), (320, "en")])
def test_axe_finds_nothing_on_it(browser: Browser, portal: str, scheme: str, width: int, lang: str) -> None:
    """Nor does anything scroll sideways; closed and open, and on its other pages."""
    phone = {"is_mobile": True, "has_touch": True} if width < 500 else {}
    options = {
        "viewport": {"width": width, "height": 800},
        "color_scheme": scheme,
        "reduced_motion": "reduce",
    }
    reader = Reader(
        browser, portal + PAGES[lang][0], "zh-CN" if lang == "zh" else "en-US", **options, **phone
    )
    name = f"portal-{lang}-{width}-{scheme}"
    assert violations(reader.page) == []
    assert not reader.page.evaluate(WIDE)
    reader.shoot(name)
    reader.open()
    reader.ask(LOANS[lang])
    assert violations(reader.page) == []
    reader.shoot(f"{name}-open")
    for path in PAGES[lang][1:]:
        reader.page.goto(portal + path)
        expect(reader.page.frame_locator("iframe").locator("#question")).to_be_visible()
        assert violations(reader.page) == []
        assert not reader.page.evaluate(WIDE)
        reader.shoot(f"{name}-{path[1:4]}")
    reader.leave()
    assert reader.complaints == []


def test_the_line_that_the_readme_shows_is_the_line_that_the_page_has() -> None:
    [line] = re.findall(
        r'^<script src="http://127\.0\.0\.1:7860(\S+ data-site=\S+?)"',
        README.read_text("utf-8"),
        re.MULTILINE,
    )
    assert f'<script src="{{{{widget}}}}{line}"' in (README.parent / "pages" / "index.html").read_text(
        "utf-8"
    )
