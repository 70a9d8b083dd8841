"""Document pages and the source panel, over real HTTP and by property."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving_support import Site
from wfc_qa.serving.links import parse_quote, web_address
from wfc_qa.serving.pages import blocks, mark
from wfc_qa.serving.render import label, labels, preferred_language, render
from wfc_qa.types import Document, Language, Paragraph, Span

texts = st.text(min_size=1, max_size=60)


@pytest.fixture(scope="module")
def http(site: Site) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=site.url, timeout=60, trust_env=False) as client:
        yield client


def paragraph(text: str, start: int = 0, headings: tuple[str, ...] = ()) -> Paragraph:
    return Paragraph("d:1", "d", 1, Span(start, start + len(text)), text, headings)


def document(title: str = "T", text: str = "t") -> Document:
    return Document("d", title, Language.EN, "s", "p", None, None, text, "0" * 64)


@given(texts, st.integers(0, 50), st.integers(0, 120), st.integers(0, 120))
def test_marking_a_quote_changes_no_word(text: str, start: int, one: int, other: int) -> None:
    """Whatever the quote, the page says the paragraph's text, and marks exactly the part of the quote within it."""
    quote = Span(min(one, other), max(one, other))
    marked = str(mark(paragraph(text, start), quote))
    assert html.unescape(re.sub(r"</?mark>", "", marked)) == html.unescape(html.escape(text))
    found = re.search(r"<mark>(.*)</mark>", marked, re.DOTALL)
    inside = range(max(quote.start, start), min(quote.end, start + len(text)))
    assert (html.unescape(found[1]) if found else "") == text[
        inside.start - start : inside.stop - start or None
    ][: len(inside)]


@given(texts)
def test_markup_in_a_document_is_shown_not_obeyed(text: str) -> None:
    hostile = f"<script>{text}</script><img src=x onerror=alert(1)>"
    page = render(
        "document.html",
        ui="en",
        up="../",
        document=document(hostile, hostile),
        address="",
        blocks=list(blocks(document(), [paragraph(hostile, headings=(hostile,))], Span(3, 9))),
    )
    assert "<script>" not in page
    assert "<img" not in page


def test_a_heading_is_shown_once_where_it_begins() -> None:
    paths = [("A",), ("A",), ("A", "B"), ("C",), ("T", "C"), ()]
    shown = [
        block.headings for block in blocks(document(), [paragraph("x", headings=p) for p in paths], None)
    ]
    assert shown == [((2, "A"),), (), ((3, "B"),), ((2, "C"),), (), ()]


@pytest.mark.parametrize(
    "source", ["javascript:alert(1)", "data:text/html,x", "//host/x", "file:///etc", "年鉴", "http://[x"]
)
def test_only_web_addresses_become_links(source: str) -> None:
    assert web_address(source) == ""


def test_every_address_of_a_paragraph_is_a_link_even_where_one_begins_the_other() -> None:
    one, other = "https://a.example/x?y=1&z=2", "https://a.example/x?y=1&z=2/amp"
    text = f"Two counts differ. (Source: <{one}>; <{other}>)"
    [block] = blocks(document(), [replace(paragraph(text), source=one)], Span(0, 18))
    assert [html.unescape(link) for link in re.findall(r'href="([^"]*)"', block.html)] == [one, other]
    assert html.unescape(re.sub(r"</?(a|mark)\b[^>]*>", "", block.html)) == text
    assert block.address == ""


@given(st.text(max_size=20))
def test_a_quote_in_an_address_is_a_span_or_nothing(value: str) -> None:
    quote = parse_quote(value)
    assert quote is None or f"{quote.start}-{quote.end}" in {
        value,
        f"{int(value.split('-')[0])}-{int(value.split('-')[1])}",
    }


def test_every_label_says_something_in_both_languages() -> None:
    for key, row in labels().items():
        assert set(row) == set(Language)
        assert all(row.values())
        assert str(label(key)).count("<span") == 2


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-GB", "en"),
        ("fr-FR,zh-TW;q=0.5", "zh"),
        ("", "en"),
        ("*", "en"),
    ],
)
def test_the_interface_begins_in_the_browsers_language(header: str, language: str) -> None:
    assert preferred_language(header) == language


def test_every_document_has_a_page_with_every_paragraph(http: httpx.Client) -> None:
    listed = http.get("documents").text
    for known in http.get("api/v1/documents").json():
        entry = re.search(rf'href="\./documents/{known["doc_id"]}".*?</li>', listed, re.DOTALL)
        assert entry
        assert str(label(known["language"])) in entry[0]
        page = http.get(f"documents/{known['doc_id']}").text
        full = http.get(f"api/v1/documents/{known['doc_id']}").json()
        assert re.findall(r'id="p(\d+)"', page) == [str(p["ordinal"]) for p in full["paragraphs"]]
        assert html.escape(known["title"], quote=False) in html.unescape(page).replace("&", "&amp;")


def test_links_that_leave_are_safe(http: httpx.Client) -> None:
    """Every absolute link on a document page opens elsewhere without a referrer or a handle on this page."""
    known = http.get("api/v1/documents").json()[0]["doc_id"]
    links = re.findall(r"<a [^>]*href=\"https?://[^>]*>", http.get(f"documents/{known}").text)
    assert links
    assert all("noopener noreferrer" in link for link in links)


def test_a_page_survives_any_quote_in_its_address(http: httpx.Client) -> None:
    known = http.get("api/v1/documents").json()[0]["doc_id"]
    for quote in ("9-1", "0-999999999", "x", "<script>", "1-", "٣-٤", "1-2-3"):
        assert http.get(f"documents/{known}", params={"q": quote}).status_code == 200
        assert http.get(f"documents/{known}/panel", params={"q": quote, "p": 1}).status_code == 200


@pytest.mark.parametrize("path", ["documents/none", "documents/none/panel?p=1", "nowhere"])
def test_a_missing_page_says_so_as_a_page(http: httpx.Client, path: str) -> None:
    response = http.get(path)
    assert response.status_code == 404
    assert response.headers["content-type"].startswith("text/html")
    assert "<h1>" in response.text
    assert labels()["not_found_detail"][Language.ZH] in response.text
    way = re.search(r'<a href="([^"]*documents)">', response.text)
    assert way
    assert str(response.url.join(way[1])) == str(http.base_url.join("documents"))


def test_the_panel_shows_the_cited_paragraph_between_its_neighbours(http: httpx.Client) -> None:
    known = http.get("api/v1/documents").json()[0]["doc_id"]
    panel = http.get(f"documents/{known}/panel", params={"p": 2}).text
    assert panel.count('class="paragraph') == 3
    assert panel.count('class="paragraph cited"') == 1
    assert f"documents/{known}#p2" in panel
    assert http.get(f"documents/{known}/panel", params={"p": 99999}).status_code == 404


@pytest.mark.parametrize(
    "path", ["", "documents", "documents/green-finance.zh", "config", "gradio_api/app_id"]
)
def test_no_page_reads_this_machines_documents_by_a_borrowed_name(http: httpx.Client, path: str) -> None:
    """A page whose own name was made to lead here (DNS rebinding) is of our origin to its browser, not to us."""
    told = {"Host": "rebound.example:7860", "Sec-Fetch-Site": "same-origin"}
    assert http.get(path, headers=told).status_code == 403


@pytest.mark.parametrize("by", ["cross-site", "same-site"])
def test_a_citations_link_opens_from_any_page_and_no_page_reads_it(http: httpx.Client, by: str) -> None:
    address = "documents/green-finance.zh"
    followed = {"Sec-Fetch-Site": by, "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    assert http.get(address, headers=followed).status_code == 200
    for mode, place in (("cors", "empty"), ("no-cors", "script"), ("navigate", "iframe")):
        told = {"Sec-Fetch-Site": by, "Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": place}
        assert http.get(address, headers=told).status_code == 403
