"""Questions edited where they stand, receipts and twins, in real Chromium on the real engine."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from serving_support import Chat, Site

pytestmark = pytest.mark.browser

MARKED = '2025年6月末重庆的贷款余额是多少？ <">'
LOANS_2024 = "2024年8月末重庆贷款余额是多少？"
FOCUSED = "document.activeElement.dataset.do ?? document.activeElement.id"


@pytest.fixture
def chat(browser: Browser, site: Site) -> Iterator[Chat]:
    """A Chinese reader's chat on a desktop; a page that logs an error fails its test."""
    chat = Chat(browser, site.url)
    yield chat
    chat.context.close()
    assert chat.complaints == []


def questions(chat: Chat) -> list[str]:
    return chat.page.locator(".turn .words").all_inner_texts()


def edit(chat: Chat, turn: int, question: str) -> None:
    """Ask ``question`` in place of what the turn (from 0) shows."""
    chat.page.locator(".turn").nth(turn).hover()
    chat.page.locator(".turn").nth(turn).locator("[data-do=edit]:visible").click()
    chat.page.fill("#edited", question)
    chat.page.press("#edited", "Enter")
    expect(chat.page.locator(".answer[aria-busy]")).to_have_count(0)


def test_the_understood_question_is_edited_with_the_keyboard_alone(chat: Chat) -> None:
    """Tab to its button, Enter, Escape and back, Enter, type, Enter: the turn is answered anew where it stood, focus is
    on it, and the next follow-up leans on the edited wording."""
    keys = chat.page.keyboard
    chat.ask(LOANS_2024)
    chat.ask("那2023年呢？")
    chat.page.focus("a.skip[data-do=last]")
    keys.press("Enter")
    keys.press("Tab")
    assert chat.page.evaluate(FOCUSED) == "edit"
    keys.press("Enter")
    assert chat.page.evaluate(FOCUSED) == "edited"
    assert chat.page.input_value("#edited") == "2023年重庆贷款余额是多少？"
    keys.type("甲乙丙")
    keys.press("Escape")
    assert chat.page.evaluate(FOCUSED) == "edit"
    assert chat.last(".understood q") == "2023年重庆贷款余额是多少？"
    keys.press("Enter")
    keys.press("Control+A")
    keys.insert_text("2023年重庆存款余额是多少？")
    keys.press("Enter")
    chat.settle()
    assert questions(chat) == [LOANS_2024, "2023年重庆存款余额是多少？"]
    assert "5.36万亿元" in chat.last(".sentence")
    assert chat.page.locator(".understood").count() == 0
    assert "turn" in chat.page.evaluate("document.activeElement.className")
    chat.ask("那2022年呢？")
    assert chat.last(".understood q") == "2022年重庆存款余额是多少？"


def test_a_question_edited_in_the_middle_leaves_the_other_turns(chat: Chat) -> None:
    """And a turn edited in the reader's own words leans only on the turns before it."""
    chat.ask(LOANS_2024)
    chat.ask("重庆有多少家上市公司？")
    chat.ask("2023年重庆存款余额是多少？")
    edit(chat, 1, "那2023年呢？")
    assert questions(chat) == [LOANS_2024, "那2023年呢？", "2023年重庆存款余额是多少？"]
    understood = chat.page.locator(".turn").nth(1).locator(".understood q")
    expect(understood).to_have_text("2023年重庆贷款余额是多少？")
    chat.page.reload()
    chat.page.wait_for_selector("#app[data-ready]")
    assert questions(chat) == [LOANS_2024, "那2023年呢？", "2023年重庆存款余额是多少？"]


def test_an_edit_leaves_the_draft_and_one_editor_at_most(chat: Chat) -> None:
    chat.ask(LOANS_2024)
    chat.ask("那2023年呢？")
    chat.page.fill("#question", "还没写完")
    for turn in (0, 1):
        chat.page.locator(".turn").nth(turn).hover()
        chat.page.locator(".turn").nth(turn).locator("[data-do=edit]:visible").click()
    expect(chat.page.locator(".editor")).to_have_count(1)
    chat.page.fill("#edited", "2022年重庆存款余额是多少？")
    chat.page.click(".editor [type=submit]")
    expect(chat.page.locator(".answer[aria-busy]")).to_have_count(0)
    assert chat.page.input_value("#question") == "还没写完"
    expect(chat.page.locator(".asked:visible")).to_have_count(2)


@pytest.mark.parametrize(("question", "line"), [("  ", "没有看到文字"), ("重庆" * 4000, "太长")])
def test_an_edit_that_cannot_be_asked_says_so_beside_it(chat: Chat, question: str, line: str) -> None:
    chat.ask(LOANS_2024)
    chat.page.hover(".turn")
    chat.page.click(".asked [data-do=edit]")
    chat.page.fill("#edited", question)
    chat.page.press("#edited", "Enter")
    expect(chat.page.locator("#edited-hint")).to_contain_text(line)
    chat.page.fill("#edited", LOANS_2024)
    expect(chat.page.locator("#edited-hint")).to_be_hidden()
    chat.page.click("[data-do=leave-editor]")
    assert "5.81" in chat.last(".sentence")
    assert chat.page.locator(".turn").count() == 1


def test_enter_that_confirms_an_input_method_asks_nothing_anew(chat: Chat) -> None:
    chat.ask(LOANS_2024)
    chat.page.hover(".turn")
    chat.page.click(".asked [data-do=edit]")
    for key in ("Enter", "Escape"):
        event = f"new KeyboardEvent('keydown', {{key: '{key}', isComposing: true, bubbles: true}})"
        chat.page.evaluate(f"document.getElementById('edited').dispatchEvent({event})")
    expect(chat.page.locator("#edited")).to_be_visible()
    assert chat.page.locator(".turn").count() == 1


def test_an_edited_question_that_gets_no_answer_gives_the_old_turn_back(browser: Browser, site: Site) -> None:
    chat = Chat(browser, site.url)
    chat.ask(LOANS_2024)
    chat.context.set_offline(True)
    chat.page.hover(".turn")
    chat.page.click(".asked [data-do=edit]")
    chat.page.fill("#edited", "2023年重庆存款余额是多少？")
    chat.page.press("#edited", "Enter")
    expect(chat.page.locator(".turn .words:visible")).to_have_text("2023年重庆存款余额是多少？")
    chat.page.click("#send")
    expect(chat.page.locator(".turn:visible")).to_have_count(2)
    assert "5.81" in chat.page.locator(".turn .sentence").first.inner_text()
    expect(chat.page.locator(".turn:last-child .stopped")).to_be_visible()
    chat.context.close()


def test_a_receipt_is_downloaded_as_json_even_after_a_reload(chat: Chat) -> None:
    chat.ask(MARKED)
    receipts = []
    for _ in range(2):
        with chat.page.expect_download() as download:
            chat.page.get_by_role("button", name="下载凭据（JSON）").click()
        receipts.append(json.loads(download.value.path().read_text(encoding="utf-8")))
        answer_id = receipts[-1]["receipt"]["answer_id"]
        assert download.value.suggested_filename == f"wfc-qa-{answer_id}.json"
        chat.page.reload()
        chat.page.wait_for_selector("#app[data-ready]")
    assert receipts[0] == receipts[1]
    assert receipts[0]["question"] == MARKED
    assert "6.25" in receipts[0]["sentences"][0]["text"]


def test_both_language_versions_are_cited_and_told_apart(chat: Chat) -> None:
    """By name on their marks, under one another in the list; each opens its own paragraph."""
    chat.ask(LOANS_2024)
    expect(chat.page.get_by_role("link", name="出处 1", exact=True)).to_be_visible()
    chat.page.get_by_role("link", name="出处 2 （英文）", exact=True).click()
    expect(chat.page.locator("#panel .cited mark")).to_contain_text("5.81 trillion yuan")
    chat.page.keyboard.press("Escape")
    twin = chat.page.locator(".sources > li .twins li")
    expect(twin.locator(".also .t-zh")).to_have_text("另见英文版")
    assert twin.locator(".title").get_attribute("lang") == "en"


def test_proof_is_one_calm_line_that_opens(chat: Chat) -> None:
    chat.ask(LOANS_2024)
    line = chat.page.locator(".proof summary")
    assert "原文照引" in line.inner_text()
    explained = chat.page.locator(".proof p").last
    expect(explained).to_be_hidden()
    line.press("Enter")
    expect(explained).to_contain_text("数字和单位")


def test_paper_shows_the_conversation_whole_and_its_addresses(chat: Chat) -> None:
    for _ in range(3):
        chat.ask(LOANS_2024)
    chat.page.emulate_media(media="print")
    expect(chat.page.locator(".composer")).to_be_hidden()
    assert chat.page.evaluate("document.getElementById('app').scrollHeight > innerHeight")
    assert chat.page.evaluate("getComputedStyle(document.getElementById('app')).position") == "static"
    address = "getComputedStyle(document.querySelector('.sources [data-address]'), '::after').content"
    assert "https://" in chat.page.evaluate(address)
