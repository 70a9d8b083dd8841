"""The report in real Chromium, opened from disk as a reader would."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from axe_support import violations
from report_support import HOSTILE, make_run
from wfc_qa.evaluation.comparison import compare
from wfc_qa.evaluation.report import write_report
from wfc_qa.evaluation.summary import summarise
from wfc_qa.evaluation.versus import write_comparison

pytestmark = pytest.mark.browser

SIZE = 120


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report and a comparison of runs in which every text is hostile."""
    folder = tmp_path_factory.mktemp("report")
    run = make_run(SIZE, wrong=(1, 3, 5), missed=(4,), extra=HOSTILE)
    other = make_run(SIZE, wrong=(1, 9), extra=HOSTILE, name="another run")
    write_report(run, summarise(run), folder)
    write_comparison(compare(run, other), run, other, folder)
    return folder


@pytest.fixture
def page(browser: Browser, folder: Path) -> Iterator[Page]:
    """The report; a page that logs an error, or asks any host for anything, fails its test."""
    with browser.new_context(viewport={"width": 1280, "height": 800}) as context:
        page = context.new_page()
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: message.type == "error" and complaints.append(message.text))
        page.on("request", lambda request: request.url.startswith("file:") or complaints.append(request.url))
        page.goto((folder / "report.html").as_uri())
        yield page
    assert complaints == []


@pytest.mark.parametrize("name", ["report.html", "compare.html"])
@pytest.mark.parametrize("color_scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_everyone_can_read_it(
    browser: Browser, folder: Path, name: str, color_scheme: str, width: int
) -> None:
    """axe finds nothing, folded or open, in either theme; the page itself never scrolls sideways."""
    options = {
        "color_scheme": color_scheme,
        "viewport": {"width": width, "height": 800},
        "reduced_motion": "reduce",
    }
    with browser.new_context(**options) as context:
        page = context.new_page()
        page.goto((folder / name).as_uri())
        assert violations(page) == []
        for foldable in (".stamp", ".question", ".pair"):
            for place in range(min(3, page.locator(foldable).count())):
                page.locator(f"{foldable} > summary").nth(place).click()
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") == width


def test_hostile_words_are_shown_and_never_run(page: Page) -> None:
    page.locator(".question > summary").first.click()
    expect(page.locator(".question[open] .body")).to_contain_text("<img src=x onerror=")
    assert page.evaluate("window.hacked") is None
    assert page.locator(".body img, .body script").count() == 0


def test_questions_are_found_by_verdict_kind_language_and_words(page: Page) -> None:
    count = page.locator("#count")
    expect(count).to_have_text(f"{SIZE} of {SIZE} questions")
    page.select_option("[name=verdict]", "false_answer")
    expect(count).to_have_text(f"1 of {SIZE} questions")
    expect(page.locator(".question .kind")).to_have_text("near miss year · q003")
    page.select_option("[name=verdict]", "")
    page.select_option("[name=kind]", "fact")
    expect(count).to_have_text(f"30 of {SIZE} questions")
    page.select_option("[name=lang]", "en")
    expect(count).to_have_text(f"15 of {SIZE} questions")
    page.select_option("[name=kind]", "")
    page.fill("[name=words]", "BANK 12 lend")
    expect(page.locator(".question .text")).to_contain_text("What did bank 12 lend?")
    page.fill("[name=words]", "no such words")
    expect(count).to_have_text(f"0 of {SIZE} questions")


def test_a_verdict_in_the_legend_shows_its_questions_and_lets_go_again(page: Page) -> None:
    button = page.get_by_role("button", name="Missed")
    button.click()
    expect(page.locator("#count")).to_have_text(f"1 of {SIZE} questions")
    expect(button).to_have_attribute("aria-pressed", "true")
    button.click()
    expect(page.locator("#count")).to_have_text(f"{SIZE} of {SIZE} questions")


def test_a_question_opens_by_key_to_all_that_happened(page: Page) -> None:
    """Asked after its history, expected with what was met, said, cited, retrieved with gold marked, confidence."""
    page.locator(".question > summary").nth(1).focus()
    page.keyboard.press("Enter")
    body = page.locator(".question[open] .body")
    for title in ("Asked", "Expected", "Answered", "Confidence", "Retrieved", "Cited beside them"):
        expect(body.get_by_role("heading", name=title, exact=True)).to_be_visible()
    expect(body).to_contain_text("重庆有哪些银行？")
    expect(body.locator(".unmet")).to_contain_text("101亿元")
    expect(body.locator("ol.hits > li")).to_have_count(10)
    expect(body.locator("ol.hits .gold")).to_have_count(1)
    expect(body.locator("ol.hits > li").first).to_contain_text("贷款余额101亿元")


def test_a_citation_leads_to_its_paragraph(page: Page) -> None:
    page.locator(".question > summary").first.click()
    page.locator(".question[open] ol.hits summary").first.click()
    expect(page.locator("ol.hits p").first).to_be_hidden()
    page.locator(".question[open] .chip").first.click()
    expect(page.locator("ol.hits p").first).to_be_visible()


def test_a_question_has_an_address_wherever_it_stands(page: Page, folder: Path) -> None:
    page.goto("about:blank")
    page.goto((folder / "report.html").as_uri() + "#q-q117")
    expect(page.locator("#q-q117 .body")).to_be_in_viewport()


def test_more_questions_come_when_asked_for(page: Page) -> None:
    expect(page.locator(".question")).to_have_count(50)
    page.get_by_role("button", name="Show 50 more").click()
    page.get_by_role("button", name="Show 20 more").click()
    expect(page.locator(".question")).to_have_count(SIZE)
    expect(page.locator("#more")).to_be_hidden()
