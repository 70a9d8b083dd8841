"""Behind a reverse proxy that serves the site under a path."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from serving_support import Chat, Site, proxied, served

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("root_path", ["/qa", ""])
def test_the_chat_works_below_a_path(
    browser: Browser, home_index: Path, tmp_path: Path, site: Site, root_path: str
) -> None:
    """Page, answer, panel and document page all load under /qa, whether or not the server was told of the path."""
    if root_path:
        with served(home_index, tmp_path, root_path=root_path) as told:
            _walk(browser, told.url.removesuffix("/qa/") + "/")
    else:
        _walk(browser, site.url)


def _walk(browser: Browser, upstream: str) -> None:
    with proxied(upstream, "/qa") as url:
        chat = Chat(browser, url)
        chat.follow("2024年8月末重庆贷款余额是多少？", "5.81")
        chat.page.click(".page-bar nav a >> nth=0")
        chat.page.wait_for_selector("#app[data-ready]")
        assert chat.page.url == url
        assert [request for request in chat.requests if not request.startswith(url)] == []
        assert not chat.complaints
        chat.context.close()
