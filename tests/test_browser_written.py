"""A language model's answer in real Chromium: a real server asks a scripted model; nothing unproved is ever shown."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from axe_support import violations
from llm_server import ROLE, Part, Received, Reply, chunk, event, refuse, scripted
from serving_support import PATIENCE_S, Chat, Site, served

pytestmark = pytest.mark.browser

STREAMED = {"Content-Type": "text/event-stream"}
LOANS = "2025年6月末重庆的贷款余额是多少？"
TRUE = "重庆的贷款余额在2025年6月末为6.25万亿元。"
ALSO = "截至2025年6月30日，重庆贷款余额同比增长8.3%。"
FALSE = "截至2025年6月30日，重庆贷款余额62.5万亿元。"


class Model:
    """Says ``TRUE`` and begins the next sentence, then waits to be let go on; ``down`` refuses."""

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self.down = False

    def __call__(self, received: Received) -> Reply:
        return refuse(500) if self.down else Reply(self.talk(), headers=STREAMED)

    def talk(self) -> Iterator[Part]:
        yield ROLE
        yield chunk(content=f"{TRUE}[1]\n{FALSE[:4]}")
        while not self.go_on.is_set():
            yield chunk(content="")
            yield 0.05
        yield chunk(content=f"{FALSE[4:]}[1]\n{ALSO}[1]")
        yield chunk("stop")
        yield event("[DONE]")


@dataclass(frozen=True, slots=True)
class Desk:
    """A site whose answers the model writes; ``hung_up`` is set once the server stopped listening to it."""

    site: Site
    model: Model
    hung_up: threading.Event


@pytest.fixture(scope="module")
def desk(home_index: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    model = Model()
    with scripted(model) as server:
        address = {"llm": "openai-like", "llm_base_url": f"{server.origin}/v1", "llm_model": "scripted"}
        # So long that nothing ends by itself while a test waits for it.
        patience = {"llm_retries": 0, "llm_timeout_s": 10 * PATIENCE_S, "llm_stall_s": 10 * PATIENCE_S}
        with served(home_index, tmp_path_factory.mktemp("data"), **address, **patience) as site:
            yield Desk(site, model, server.hung_up)


@contextmanager
def reading(browser: Browser, desk: Desk, **options: object) -> Iterator[Chat]:
    desk.model.go_on.clear()
    desk.hung_up.clear()
    desk.model.down = False
    chat = Chat(browser, desk.site.url, **options)
    yield chat
    assert chat.complaints == []
    chat.context.close()


def send(chat: Chat) -> None:
    chat.page.fill("#question", LOANS)
    chat.page.press("#question", "Enter")
    expect(chat.page.locator(".turn:last-child .sentence")).to_contain_text(TRUE, timeout=1000 * PATIENCE_S)


def test_a_proved_sentence_is_read_while_the_rest_is_still_being_checked(
    browser: Browser, desk: Desk
) -> None:
    """Each is announced once; the wrong figure is nowhere on the page, and that it was withheld is said."""
    with reading(browser, desk) as chat:
        send(chat)
        expect(chat.page.locator(".waiting")).to_contain_text("正在逐句核对")
        assert chat.page.locator(".closing").count() == 0
        desk.model.go_on.set()
        chat.settle()
        expect(chat.page.locator(".sentence")).to_have_count(2)
        assert chat.page.locator(".waiting").count() == 0
        expect(chat.page.locator(".withheld")).to_contain_text("未予显示")
        expect(chat.page.locator(".withheld .why")).to_contain_text("数字")
        expect(chat.page.locator(".proof summary")).to_contain_text("由语言模型撰写")
        aloud = chat.page.locator("#status").inner_text()
        assert [aloud.count(text) for text in (TRUE, ALSO, "未予显示")] == [1, 1, 1]
        assert "62.5" not in chat.page.content()
        assert "62.5" not in chat.page.evaluate("JSON.stringify(sessionStorage)")
        chat.shoot("withheld")


def test_stop_ends_the_models_work_and_gives_the_question_back(browser: Browser, desk: Desk) -> None:
    """What was proved stays; the next question is answered; a stopped turn is no history."""
    with reading(browser, desk) as chat:
        send(chat)
        chat.page.get_by_role("button", name="停止").click()
        expect(chat.page.locator(".turn .stopped")).to_be_visible()
        assert desk.hung_up.wait(PATIENCE_S)
        assert chat.page.input_value("#question") == LOANS
        assert TRUE in chat.last(".sentence")
        desk.model.go_on.set()
        chat.ask(LOANS)
        expect(chat.page.locator(".turn:last-child .closing")).to_be_visible()
        expect(chat.page.locator(".turn:first-of-type .closing")).to_have_count(0)


def test_a_double_click_on_send_does_not_stop(browser: Browser, desk: Desk) -> None:
    with reading(browser, desk) as chat:
        chat.page.fill("#question", LOANS)
        chat.page.dblclick("#send")
        expect(chat.page.locator(".sentence")).to_contain_text(TRUE, timeout=1000 * PATIENCE_S)
        desk.model.go_on.set()
        chat.settle()
        assert chat.page.locator(".stopped").count() == 0


def test_a_model_that_fails_is_told_and_the_paragraphs_are_quoted(browser: Browser, desk: Desk) -> None:
    with reading(browser, desk) as chat:
        desk.model.down = True
        chat.ask(LOANS)
        assert "6.25万亿元" in chat.last(".sentence")
        expect(chat.page.locator(".note")).to_contain_text("语言模型没有给出可用的回答")
        expect(chat.page.locator(".proof summary")).to_contain_text("原文照引")


@pytest.mark.parametrize("color_scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_axe_finds_nothing_while_and_after_a_model_writes(
    browser: Browser, desk: Desk, color_scheme: str, width: int
) -> None:
    """Checking, withheld, proof opened, editor open."""
    look = {
        "color_scheme": color_scheme,
        "viewport": {"width": width, "height": 800},
        "reduced_motion": "reduce",
    }
    with reading(browser, desk, **look) as chat:
        send(chat)
        assert violations(chat.page) == []
        desk.model.go_on.set()
        chat.settle()
        chat.page.click(".proof summary")
        chat.page.hover(".turn")
        chat.page.click("[data-do=edit] >> visible=true")
        assert violations(chat.page) == []
        assert chat.page.evaluate("document.getElementById('scroll').scrollWidth <= innerWidth")
