"""Accessibility as axe judges it (shipped with its Python package), in every frame of a page."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

SCRIPT = Axe().axe_script
RUN = "() => axe.run({ resultTypes: ['violations'] })"


def violations(page: Page) -> list[str]:
    """What axe finds; from the page itself it does not see into frames of another origin."""
    found: list[str] = []
    for frame in page.frames:
        frame.evaluate(SCRIPT)
        result = frame.evaluate(RUN)
        assert result["passes"], frame.url
        found += [
            f"{violation['id']}: {node['target']} {node['failureSummary']}"
            for violation in result["violations"]
            for node in violation["nodes"]
        ]
    return found
