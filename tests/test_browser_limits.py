"""The chat page of a server that counts: a reader who asks too often is told so at once, and keeps the question."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser

from serving_support import Chat, served

QUESTION = "2024年8月末重庆贷款余额是多少？"


def test_a_reader_who_asks_too_often_is_told_so_and_keeps_the_question(
    browser: Browser, home_index: Path, tmp_path: Path
) -> None:
    with served(home_index, tmp_path, api_access="open", limit_address="1/hour") as site:
        chat = Chat(browser, site.url)
        chat.ask(QUESTION)
        assert chat.last(".sentence")
        chat.ask("那2023年呢？")
        assert "请稍后再试" in chat.last(".failure.busy")
        assert chat.page.input_value("#question") == "那2023年呢？"
        assert chat.page.context.cookies() == []
        chat.context.close()
