"""Whatever the file holds, spans are exact, paragraphs are disjoint, and no reader falls over."""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wfc_qa.errors import DocumentError
from wfc_qa.reading.decode import decode
from wfc_qa.reading.html import read_html
from wfc_qa.reading.invisible import drop_invisible
from wfc_qa.reading.layout import Block, lay_out
from wfc_qa.reading.markdown import read_markdown
from wfc_qa.reading.plain import plain_blocks, read_plain
from wfc_qa.types import Paragraph

WORDS = """# |## |- |  - |1. |> |```|\\n|\\n\\n|| a | b |\\n|---|---|\\n|** |`|[x](http://a.b)|<https://a.b>|<p>|<li>|</li>|<h2>|\\
</h2>|<table><tr><td>|</table>|<pre>|<script>|<!--|&amp;|银行 |loan |8.9 | - |[1]|Core Insights|来源：https://a.b/c|一、|\\t|---\\n""".split(
    "|"
)
SOURCES = st.text() | st.lists(st.sampled_from([word for word in WORDS if word]), max_size=40).map("".join)
READERS = pytest.mark.parametrize("read", [read_markdown, read_plain, read_html])


def laid_out(read: Callable, text: str) -> tuple[str, tuple[Paragraph, ...], tuple[Block, ...]]:
    try:
        content = read(text.encode("utf-8"))
    except DocumentError:
        return "", (), ()
    return *lay_out("d", content.blocks), content.blocks


@READERS
@given(text=SOURCES)
def test_paragraphs_tile_the_text(read: Callable, text: str) -> None:
    shown, paragraphs, _ = laid_out(read, text)
    end = 0
    for ordinal, paragraph in enumerate(paragraphs, 1):
        assert (
            shown[paragraph.span.start : paragraph.span.end] == paragraph.text == paragraph.text.strip() != ""
        )
        assert paragraph.span.start >= end
        assert paragraph.ordinal == ordinal
        end = paragraph.span.end
    assert len({paragraph.paragraph_id for paragraph in paragraphs}) == len(paragraphs)


@READERS
@given(text=SOURCES)
def test_between_paragraphs_stand_only_markup_and_headings(read: Callable, text: str) -> None:
    shown, paragraphs, _ = laid_out(read, text)
    above = {" ".join(heading.split()) for paragraph in paragraphs for heading in paragraph.headings}
    for gap in gaps(shown, paragraphs):
        for line in gap.split("\n"):
            bare = re.sub(r"^\s*(?:> )?(?:- |\d{1,9}[.)] )?", "", line)
            assert not bare.strip() or {" ".join(words.split()) for words in (line, bare)} & above


@given(SOURCES)
def test_plain_text_keeps_every_word_in_order(text: str) -> None:
    shown, _ = lay_out("d", plain_blocks(text))
    marks = re.compile(r"[\s\-–—•*·●■◆▪]+")
    assert marks.sub("", shown) == marks.sub("", drop_invisible(text))


UNSEEN = [chr(code) for code in range(sys.maxunicode) if unicodedata.category(chr(code)) == "Cf"]


@READERS
@given(
    text=st.lists(
        st.sampled_from([*"贷款 a1。\n", "# ", "- ", "&#8203;", "&#xE0041;"]) | st.sampled_from(UNSEEN)
    ).map("".join)
)
def test_nothing_that_no_reader_sees_is_read(read: Callable, text: str) -> None:
    shown, paragraphs, _ = laid_out(read, text)
    # In plain text a reference is five visible characters.
    for said in (shown, *(heading for paragraph in paragraphs for heading in paragraph.headings)):
        assert not any(unicodedata.category(char) == "Cf" for char in said)


def test_one_variation_selector_varies_and_more_hide() -> None:
    assert drop_invisible("葛\U000e0100城\U000e0101\U000e0102\U000e0103") == "葛\U000e0100城\U000e0101"


@READERS
@given(data=st.binary())
def test_any_bytes_are_read_or_refused(read: Callable, data: bytes) -> None:
    try:
        lay_out("d", read(data).blocks)
    except DocumentError as error:
        assert "\n" not in str(error)


@given(st.text(alphabet="银行贷款绿色金融a1 。\n", min_size=1))
def test_every_unicode_encoding_gives_the_same_text(text: str) -> None:
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        assert decode(text.encode(encoding)) == text


@given(st.lists(st.text(alphabet="银行贷款ab", min_size=1), unique=True, min_size=2, max_size=8), st.data())
def test_paragraph_ids_do_not_depend_on_other_paragraphs(texts: list[str], data: st.DataObject) -> None:
    kept = data.draw(st.sampled_from(texts))
    alone = lay_out("d", [Block(kept)])[1][0]
    among = lay_out("d", map(Block, texts))[1]
    assert alone.paragraph_id in {paragraph.paragraph_id for paragraph in among if paragraph.text == kept}


def test_repeated_paragraphs_have_numbered_ids() -> None:
    first, second, third = (p.paragraph_id for p in lay_out("d", [Block("同")] * 3)[1])
    assert (second, third) == (f"{first}-2", f"{first}-3")


def test_traditional_edition_of_a_paragraph_keeps_its_id() -> None:
    one, other = (lay_out("d", [Block(text)])[1][0] for text in ("贷款余额", "貸款餘額"))
    assert one.paragraph_id == other.paragraph_id


@pytest.mark.parametrize(
    "hostile", ["- " * 20_000, "a - " * 50_000, "[" * 5_000, "<div>" * 5_000, "> " * 2_000]
)
@READERS
def test_hostile_nesting_is_read(read: Callable, hostile: str) -> None:
    text, _, _ = laid_out(read, f"{hostile}\n\n银行")
    assert "银行" in text


def gaps(text: str, paragraphs: tuple[Paragraph, ...]) -> Iterator[str]:
    end = 0
    for paragraph in paragraphs:
        yield text[end : paragraph.span.start]
        end = paragraph.span.end
    yield text[end:]
