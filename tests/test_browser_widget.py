"""The widget in real Chromium: its host page and the real service stand on different origins."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Route, expect

from axe_support import violations
from serving_support import Site
from widget_support import Portal, Reader

pytestmark = pytest.mark.browser

LOANS = "2023年和2024年8月末重庆贷款余额是多少？"
UNANSWERABLE = "火星上有银行吗？"


@pytest.fixture
def tag(embedding: tuple[Portal, Site]) -> str:
    """The one line of a portal; a test adds to its attributes where the mark is."""
    return f'<script src="{embedding[1].url}widget/v1.js" data-site="bank" @></script>'


@pytest.fixture
def reader(browser: Browser, embedding: tuple[Portal, Site], tag: str) -> Iterator[Reader]:
    """A Chinese reader on a desktop; a page that logs an error fails its test."""
    reader = Reader(browser, embedding[0].put(f"<h1>示例银行</h1><a href='#'>链接</a>{tag}"))
    yield reader
    reader.leave()
    assert reader.complaints == []


def test_one_line_gives_a_cited_answer_one_tap_from_its_paragraph(reader: Reader) -> None:
    """The citation opens its document inside the panel at the paragraph, its quote marked; back is where one was."""
    reader.open()
    turn = reader.ask(LOANS)
    said = turn.locator(".sentence").first.evaluate("element => element.firstChild.textContent")
    assert "5.67万亿元" in said
    expect(turn.locator(".proof")).to_contain_text("逐句核对无误")
    turn.locator(".cite").first.click()
    cited = reader.panel.locator("#source .cited")
    expect(cited).to_be_in_viewport()
    expect(cited.locator("mark")).to_have_text(said)
    expect(cited).to_contain_text("已核对原文")
    assert reader.panel.locator("#source .paragraph").count() > 1
    reader.shoot("source")
    reader.panel.locator("#source .bar button").click()
    assert reader.focused() == "cite"
    assert reader.heard("answer") == [{"question": LOANS, "abstention": None, "sentences": 2}]


def test_what_is_not_held_is_declined_with_the_nearest_passages(reader: Reader) -> None:
    reader.open()
    turn = reader.ask(UNANSWERABLE)
    assert turn.locator(".sentence").count() == 0
    expect(turn.locator(".declined")).to_contain_text("不作回答")
    assert turn.locator(".nearest li").count() == 3
    reader.shoot("declined")
    turn.locator(".nearest button").first.click()
    expect(reader.panel.locator("#source .cited")).to_be_in_viewport()
    assert reader.panel.locator("#source .verified").count() == 0
    [heard] = reader.heard("answer")
    assert heard["abstention"]


def test_focus_goes_into_the_panel_and_comes_back(reader: Reader) -> None:
    """By keyboard alone: Enter opens, Escape leaves first the source, then the panel."""
    reader.launcher.focus()
    expect(reader.launcher).to_have_attribute("aria-expanded", "false")
    reader.page.keyboard.press("Enter")
    expect(reader.panel.locator("#question")).to_be_focused()
    expect(reader.launcher).to_have_attribute("aria-expanded", "true")
    reader.page.keyboard.type(LOANS)
    reader.page.keyboard.press("Enter")
    reader.settled()
    reader.panel.locator(".cite").first.focus()
    reader.page.keyboard.press("Enter")
    expect(reader.panel.locator("#source .cited")).to_be_visible()
    reader.page.keyboard.press("Escape")
    expect(reader.panel.locator("#source")).to_be_hidden()
    assert reader.focused() == "cite"
    reader.page.keyboard.press("Escape")
    expect(reader.launcher).to_be_focused()
    expect(reader.launcher).to_have_attribute("aria-expanded", "false")
    reader.page.keyboard.press("Enter")
    expect(reader.panel.locator(".turn .sentence").first).to_be_visible()
    assert len(reader.heard("open")) == 2
    assert len(reader.heard("close")) == 1
    assert len(reader.heard("ready")) == 1


def test_a_follow_up_shows_how_it_was_understood(reader: Reader) -> None:
    reader.open()
    reader.ask("2024年8月末重庆贷款余额是多少？")
    turn = reader.ask("那2023年呢？")
    expect(turn.locator(".understood q")).to_contain_text("贷款")


def test_each_sentence_is_announced_once(reader: Reader) -> None:
    reader.open()
    turn = reader.ask(LOANS)
    shown = turn.locator(".sentence").evaluate_all("all => all.map(each => each.firstChild.textContent)")
    spoken = reader.panel.locator("#status p").all_text_contents()
    assert [line for line in spoken if line in shown] == shown


def test_an_answer_is_taken_along_with_its_sources(reader: Reader, embedding: tuple[Portal, Site]) -> None:
    for origin in (embedding[0].origin, embedding[1].url.rstrip("/")):
        reader.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=origin)
    reader.open()
    turn = reader.ask(LOANS)
    turn.locator("[aria-label='复制（带出处）']").click()
    expect(reader.panel.locator("#status")).to_contain_text("已复制")
    copied = reader.page.evaluate("navigator.clipboard.readText()")
    assert re.search(r"5\.67万亿元.*\[1\]", copied)
    assert re.search(r"^\[1\] .+ · ¶\d+ · https?://\S+$", copied, re.MULTILINE)


def test_paper_gets_the_conversation_with_the_addresses_of_its_sources(
    browser: Browser, embedding: tuple[Portal, Site], tag: str
) -> None:
    reader = Reader(browser, embedding[0].put(tag.replace("@", "data-mode=inline")))
    turn = reader.ask(LOANS)
    reader.page.emulate_media(media="print")
    expect(turn.locator(".sentence").first).to_be_visible()
    expect(turn.locator(".closing")).to_be_hidden()
    facts = turn.locator(".facts[data-address]").first
    assert "https://" in facts.evaluate("element => getComputedStyle(element, '::after').content")
    reader.leave()


def test_a_verdict_and_its_reason_are_taken(reader: Reader) -> None:
    reader.open()
    turn = reader.ask(LOANS)
    turn.locator("[data-verdict=down]").click()
    expect(turn.locator("[data-verdict=down]")).to_have_attribute("aria-pressed", "true")
    turn.locator("[name=reason]").fill("想要年末数")
    with reader.page.expect_response("**/api/v1/feedback") as response:
        turn.locator(".reason button").click()
    assert response.value.status == 201
    assert "想要年末数" in (response.value.request.post_data or "")


def test_a_session_that_is_over_is_renewed_unseen(reader: Reader) -> None:
    """The first question is refused with 401; the panel takes a new ticket and asks it once more."""
    tickets: list[str] = []
    reader.page.on(
        "request",
        lambda request: (
            request.method == "POST" and request.url.endswith("/tickets") and tickets.append(request.url)
        ),
    )
    refused: list[str] = []

    def refuse_once(route: Route) -> None:
        refused.append(route.request.headers["authorization"])
        if len(refused) == 1:
            route.fulfill(status=401, content_type="application/problem+json", body="{}")
        else:
            route.continue_()

    reader.page.route("**/api/v1/answers", refuse_once)
    reader.open()
    expect(reader.ask(LOANS).locator(".sentence").first).to_be_visible()
    assert len(tickets) == len(set(refused)) == 2
    reader.complaints = [said for said in reader.complaints if "401" not in said]


def test_a_full_house_says_when_to_come_back(reader: Reader) -> None:
    reader.page.route(
        "**/api/v1/answers",
        lambda route: route.fulfill(status=429, headers={"Retry-After": "2"}, body="{}"),
        times=1,
    )
    reader.open()
    reader.panel.locator("#question").fill(LOANS)
    reader.panel.locator("#question").press("Enter")
    again = reader.panel.locator(".turn button.plain")
    expect(reader.panel.locator(".busy")).to_contain_text("秒后再试")
    expect(again).to_be_disabled()
    expect(again).to_be_enabled()
    again.click()
    expect(reader.settled().locator(".sentence").first).to_be_visible()
    reader.complaints = [said for said in reader.complaints if "429" not in said]


def test_no_connection_is_said_and_the_question_can_be_asked_again(reader: Reader) -> None:
    reader.open()
    reader.context.set_offline(True)
    expect(reader.panel.locator("#offline")).to_contain_text("网络已断开")
    reader.context.set_offline(False)
    expect(reader.panel.locator("#offline")).to_be_empty()


def test_stop_ends_the_asking_and_the_box_is_free_again(reader: Reader) -> None:
    # Neither answered nor let through: the server takes its time.
    reader.page.route("**/api/v1/answers", lambda route: None, times=1)
    reader.open()
    reader.panel.locator("#question").fill(LOANS)
    reader.panel.locator("#question").press("Enter")
    reader.panel.locator(".send").click()
    expect(reader.panel.locator(".stopped")).to_have_text("已停止。")
    expect(reader.ask(LOANS).locator(".sentence").first).to_be_visible()


@pytest.mark.parametrize("question", ["   ", "😀🎉", "重庆" * 4000])
def test_what_cannot_be_asked_gets_one_friendly_line(reader: Reader, question: str) -> None:
    reader.open()
    reader.panel.locator("#question").fill(question)
    reader.panel.locator("#question").press("Enter")
    expect(reader.panel.locator("#hint")).not_to_be_empty()
    assert reader.panel.locator(".turn").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "locale"), [(1280, "zh-CN"), (390, "en-US"), (320, "zh-CN")])
def test_axe_finds_nothing(
    browser: Browser, embedding: tuple[Portal, Site], tag: str, scheme: str, width: int, locale: str
) -> None:
    """Closed, greeting, answer, decline, verdict and source, in both languages and themes; nothing scrolls sideways."""
    body = f"<main><h1>示例银行</h1></main>{tag}".replace(
        "@", 'data-suggestions="重庆的贷款余额是多少？" data-lang=' + locale[:2]
    )
    phone = {"is_mobile": True, "has_touch": True} if width < 500 else {}
    reader = Reader(
        browser, embedding[0].put(body), locale, color_scheme=scheme, viewport={"width": width, "height": 700},
        reduced_motion="reduce", **phone,
    )  # fmt: skip
    assert violations(reader.page) == []
    panel = reader.open()

    def check(name: str) -> None:
        assert violations(reader.page) == [], name
        wide = "[...document.querySelectorAll('html, .bar, #scroll, #composer, #source, #source .text')]"
        wide += ".filter(each => each.scrollWidth > each.clientWidth).map(each => each.id || each.className)"
        assert panel.locator("body").evaluate(f"() => {wide}") == []
        assert panel.locator("body").evaluate("() => document.getAnimations().length") == 0
        reader.shoot(f"{width}-{scheme}-{locale[:2]}-{name}")

    check("welcome")
    reader.ask(
        LOANS
        if locale == "zh-CN"
        else "How many financial institutions did Chongqing have at December 31, 2025?"
    )
    reader.ask(UNANSWERABLE if locale == "zh-CN" else "Is there a bank on Mars?").locator(
        "[data-verdict=up]"
    ).click()
    expect(panel.locator(".reason input")).to_be_visible()
    check("answers")
    panel.locator(".cite").first.click()
    expect(panel.locator("#source .cited")).to_be_visible()
    check("source")
    reader.leave()
    assert reader.complaints == []
