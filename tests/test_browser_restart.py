"""The page while its server goes away and comes back."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from serving_support import Chat, free_port, start_server, stop_server, wait_for_health

pytestmark = pytest.mark.browser


def test_a_restart_of_the_server_loses_neither_conversation_nor_question(
    browser: Browser, home_index: Path, tmp_path: Path
) -> None:
    """A question asked while the server is down is still in the box once it is back, below the earlier turns."""
    port = free_port()
    settings = {"port": port, "index_dir": home_index, "data_dir": tmp_path}
    process = start_server(**settings)
    try:
        wait_for_health(process, port, "ready")
        chat = Chat(browser, f"http://127.0.0.1:{port}/")
        chat.ask("2024年8月末重庆贷款余额是多少？")
        stop_server(process)
        chat.page.fill("#question", "那2023年呢？")
        chat.page.press("#question", "Enter")
        process = start_server(**settings)
        wait_for_health(process, port, "ready")
        expect(chat.page.locator("#question")).to_have_value("那2023年呢？", timeout=60_000)
        expect(chat.page.locator(".turn")).to_have_count(1, timeout=60_000)
        chat.page.press("#question", "Enter")
        chat.settle()
        assert "贷款" in chat.last(".understood q")
        chat.context.close()
    finally:
        stop_server(process)
