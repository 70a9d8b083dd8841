"""The widget as it is served: built from its sources, small, and without a way to run what it shows."""

from __future__ import annotations

import gzip
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from wfc_qa.serving.render import HERE, STATIC, render

SOURCES = Path(__file__).parents[1] / "widget"
BUILT = STATIC / "widget"
FILES = ("v1.js", "panel.js", "panel.css")
LOADER_KB = 12
FIRST_OPEN_KB = 60
# Every way in which a browser takes text for code or markup.
RUNS_TEXT = re.compile(
    r"\b(?:eval|Function|innerHTML|outerHTML|insertAdjacentHTML|document\.write|setHTMLUnsafe|srcdoc"
    r"|createContextualFragment|importScripts|cssText)\b|\bimport\("
)
FOREIGN = re.compile(r"""(?:https?:|(?<=["'`(]))//[\w-]+(?:\.[\w-]+)+""")
# The namespace of SVG, which nothing is fetched from.
NAMES = {"http://www.w3.org"}


def compressed(text: bytes) -> int:
    return len(gzip.compress(text, mtime=0))


def page() -> bytes:
    values = {
        "lang": "zh",
        "theme": "auto",
        "up": "../",
        "site": "bank",
        "ticket": "",
        "keep": "counts",
        "max_question_chars": 2000,
    }
    return render("widget.html", origins=["https://www.bank.example"], **values).encode()


def test_what_is_served_is_what_the_sources_build(tmp_path: Path) -> None:
    """Byte for byte, so that the committed script can be audited by building it."""
    if shutil.which("node") is None or not (SOURCES / "node_modules").is_dir():
        pytest.skip("node and the widget's packages are not here; `make widget` installs them and builds")
    subprocess.run(["node", "build.mjs", str(tmp_path)], cwd=SOURCES, check=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(FILES)
    for name in FILES:
        assert (BUILT / name).read_bytes() == (tmp_path / name).read_bytes(), name


def test_the_loader_weighs_no_more_than_promised() -> None:
    assert compressed((BUILT / "v1.js").read_bytes()) <= LOADER_KB * 1024


def test_a_first_opening_weighs_no_more_than_promised() -> None:
    """The panel page with its script, style and icon."""
    served = [
        page(),
        *((BUILT / name).read_bytes() for name in FILES[1:]),
        (STATIC / "icon.svg").read_bytes(),
    ]
    assert sum(map(compressed, served)) <= FIRST_OPEN_KB * 1024


@pytest.mark.parametrize("name", FILES)
def test_the_widget_asks_no_foreign_host_and_runs_no_text(name: str) -> None:
    text = (BUILT / name).read_text("utf-8")
    assert set(FOREIGN.findall(text)) <= NAMES
    assert RUNS_TEXT.findall(text) == []


def test_the_panel_page_holds_no_code_or_style_of_its_own() -> None:
    """A policy without 'unsafe-inline' suffices."""
    html = page().decode()
    assert re.findall(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=", html) == []
    assert FOREIGN.findall(html) == ["https://www.bank.example"]


def test_the_panel_page_escapes_what_it_is_given() -> None:
    hostile = '"><script>alert(1)</script>'
    values = dict.fromkeys(("lang", "theme", "up", "site", "ticket", "keep", "max_question_chars"), hostile)
    assert "<script>alert" not in render("widget.html", origins=[hostile], **values)


def test_the_locked_packages_come_from_no_named_registry() -> None:
    """A mirror serves as well; what was locked is known by its hash."""
    locked = (SOURCES / "package-lock.json").read_text("utf-8")
    assert '"resolved"' not in locked
    assert "://" not in re.sub(r'"url": "[^"]*"', "", locked)


def test_the_style_of_the_host_page_stays_outside() -> None:
    """Within a shadow tree an important declaration outranks every one of the page's own."""
    assert "all:initial!important" in (BUILT / "v1.js").read_text("utf-8")


def test_the_words_of_the_widget_are_those_of_the_chat() -> None:
    """Where both name the same thing by the same key, in both languages."""
    labels = (HERE / "labels.toml").read_text("utf-8")
    said = dict(re.findall(r'^\[(\w+)\]\nzh = ("[^\n]+")$', labels, re.MULTILINE))
    messages = (SOURCES / "src" / "panel" / "messages.ts").read_text("utf-8")
    own = dict(re.findall(r'^  (\w+): \[\s*("[^"\n]+")', messages, re.MULTILINE))
    differing = {key for key in own.keys() & said.keys() if own[key] != said[key]}
    assert len(own.keys() & said.keys()) > 20
    assert differing <= {"back", "busy", "too_long"}
