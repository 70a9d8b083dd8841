"""Each format's structure becomes paragraphs under their headings."""

from __future__ import annotations

import pytest

from wfc_qa.reading.html import read_html
from wfc_qa.reading.layout import lay_out
from wfc_qa.reading.markdown import read_markdown
from wfc_qa.reading.plain import read_plain
from wfc_qa.types import Paragraph

RUN_IN = (
    'Core Insights - The "A and B" meeting in China-Singapore talks grew 8.9% [1][4] - The city leads [1]'
    " Service to the Real Economy - Credit rose - sharply - in 2024 [2] - Loans grew. Future Initiatives - Aim [4]"
)


def paragraphs(content: object) -> list[tuple[tuple[str, ...], str]]:
    found: tuple[Paragraph, ...] = lay_out("d", content.blocks)[1]  # type: ignore[attr-defined]
    return [(paragraph.headings, paragraph.text) for paragraph in found]


def markdown(text: str) -> list[tuple[tuple[str, ...], str]]:
    return paragraphs(read_markdown(text.encode()))


def plain(text: str) -> list[tuple[tuple[str, ...], str]]:
    return paragraphs(read_plain(text.encode()))


def html(text: str) -> list[tuple[tuple[str, ...], str]]:
    return paragraphs(read_html(text.encode()))


def test_markdown_headings_become_the_path() -> None:
    assert markdown("# A\n\nx\n\n## B\n\ny\n\n# C\n\nz") == [(("A",), "x"), (("A", "B"), "y"), (("C",), "z")]


def test_heading_over_nothing_is_a_paragraph() -> None:
    assert markdown("# A\n\n## B\n\n## C\n\nz\n\n## D") == [(("A",), "B"), (("A", "C"), "z"), (("A",), "D")]


def test_markdown_markup_is_out_of_sight_and_addresses_stay() -> None:
    text = "**金融**\n中心 has `code` and [label](http://a.b) ~~old~~ <https://c.d>"
    assert markdown(text) == [((), "金融中心 has code and label old https://c.d")]


def test_every_markdown_bullet_is_a_paragraph() -> None:
    assert [text for _, text in markdown("- a\n  - b [1][4]\n\n    c\n- d\n\n1. e\n2. f")] == [
        *"a",
        "b [1][4]",
        *"cdef",
    ]


def test_quotes_and_code_are_paragraphs() -> None:
    assert [text for _, text in markdown("> q\n\n```py\nx = 1\n\n  y\n```\n")] == ["q", "x = 1\n\n  y"]


def test_table_rows_stand_under_their_header() -> None:
    table = "| 指标 | 值 |\n|--|--|\n" + "".join(f"| 资产{i} | {i} |\n" for i in range(10))
    found = markdown(f"# T\n\n{table}\nend")
    assert [headings for headings, _ in found] == [("T", "指标 | 值")] * 2 + [("T",)]
    assert "\n".join(text for _, text in found[:2]) == "\n".join(f"资产{i} | {i}" for i in range(10))


def test_source_note_names_the_paragraphs_source() -> None:
    for note in (
        "来源：<https://a.b/c>",
        "（来源：[日报](https://a.b/c)）",
        "[来源](https://a.b/c)",
        "Source: https://a.b/c",
    ):
        (found,) = lay_out("d", read_markdown(f"贷款增长。{note}".encode()).blocks)[1]
        assert found.source == "https://a.b/c"
    (found,) = lay_out("d", read_markdown("贷款 [见](https://a.b/c)。".encode()).blocks)[1]
    assert found.source == ""


def test_run_in_layout_splits_into_sections_and_bullets() -> None:
    assert plain(RUN_IN) == [
        (("Core Insights",), 'The "A and B" meeting in China-Singapore talks grew 8.9% [1][4]'),
        (("Core Insights",), "The city leads [1]"),
        (("Service to the Real Economy",), "Credit rose - sharply - in 2024 [2]"),
        (("Service to the Real Economy",), "Loans grew."),
        (("Future Initiatives",), "Aim [4]"),
    ]


def test_chinese_run_in_layout_splits_too() -> None:
    assert plain("核心观点 - 资产增长 [1] - 贷款增长。 市场发展 - 债券领先 [2]") == [
        (("核心观点",), "资产增长 [1]"),
        (("核心观点",), "贷款增长。"),
        (("市场发展",), "债券领先 [2]"),
    ]


def test_ordinary_dashes_stay() -> None:
    for text in (
        "He came - as always - late. She left - early.",
        "The Bank - a lender - grew",
        "2021 - 2025",
    ):
        assert plain(text) == [((), text)]


def test_plain_bullets_are_paragraphs_and_numbering_stays() -> None:
    text = "引言\n• 一\n- 二\n1. three\n一、四\n（二）五\n1.2 trillion\n\nlast"
    assert [t for _, t in plain(text)] == [
        "引言",
        "一",
        "二",
        "1. three",
        "一、四",
        "（二）五",
        "1.2 trillion",
        "last",
    ]


def test_full_lines_are_joined_and_short_ones_kept() -> None:
    long = "The city is establishing a modern financial"
    assert plain(f"{long}\nsystem.\nEnd") == [((), f"{long} system.\nEnd")]


def test_html_shows_what_a_reader_sees() -> None:
    page = """<html><head><title>T</title><style>s{}</style></head><body><script>bad()</script><!-- c --><nav>n</nav>
    <h1>大 <b>标题</b></h1><p>Loans <b>grew</b>\n fast<br>now.</p><p hidden>h</p><p style="display: none">d</p>
    <ul><li>a<ul><li>b</li></ul></li></ul><table><tr><th>x</th><th>y</th></tr><tr><td>1</td><td>2</td></tr></table>
    <p>ok &lt;script&gt; <a href="https://a.b">link</a></p></body></html>"""
    assert html(page) == [
        (("大 标题",), "Loans grew fast\nnow."),
        (("大 标题",), "a"),
        (("大 标题",), "b"),
        (("大 标题", "x | y"), "1 | 2"),
        (("大 标题",), "ok <script> link"),
    ]


@pytest.mark.parametrize(
    "hiding",
    [
        *(
            "hidden",
            "aria-hidden=true",
            "style='display : NONE'",
            "style='color:red;visibility:hidden!important'",
        ),
        *("style='opacity:0'", "style='opacity: .0'", "style='font-size:0px'", "style='text-indent:-9999px'"),
        *(
            "style='position:absolute;left:-200em'",
            "style='clip:rect(0,0,0,0)'",
            "style='clip-path:inset(50%)'",
        ),
        *("style='transform:scale(0)'", "style='height:0;overflow:hidden'", "style='color:transparent'"),
        *(
            "style='color:#fff'",
            "style='color:white'",
            "style='color:rgb(255, 255, 255)'",
            "class='n x'",
            "id=y",
        ),
    ],
)
def test_what_a_page_hides_is_not_read(hiding: str) -> None:
    sheet = "<style>/* p{} */ .x,#y{display:none} @media print{p{display:none}} i.z{font-size:0}</style>"
    page = f"{sheet}<p>a</p><p {hiding}>b</p><table><tr><td>c</td><td {hiding}>d</td></tr></table><i class=z>e</i>"
    assert html(page) == [((), "a"), ((), "c")]
    if not hiding.startswith(("class", "id")):
        assert markdown(f"a<span {hiding}> b <span>c</span></span> d") == [((), "a d")]


@pytest.mark.parametrize(
    "shown",
    [
        *(
            "style='display:block'",
            "style='opacity:0.5'",
            "style='font-size:0.9em'",
            "style='left:-20px'",
            "class=z",
        ),
        *("style='color:#fff;background:#036'", "style='color:#333'", "style='width:0'", "aria-hidden=false"),
    ],
)
def test_what_a_page_shows_is_read(shown: str) -> None:
    assert html(f"<style>b.z{{display:none}}</style><p>a</p><p {shown}>b</p>") == [((), "a"), ((), "b")]


def test_white_words_are_read_where_something_stands_behind_them() -> None:
    words = "<p style='color:white'>b</p>"
    assert html(f"<style>.dark{{background:#000}}</style><div class=dark>{words}</div>") == [((), "b")]
    assert html(f"<div bgcolor=navy>{words}</div>") == [((), "b")]
    assert html(f"<link rel=stylesheet href=a.css>{words}") == [((), "b")]
    assert html(f"<div style='background:white'>{words}</div>") == []


def test_what_stands_within_hidden_html_of_markdown_is_not_read() -> None:
    text = "a\n\n<div hidden>\n\nb\n\n## c\n\n- d\n\n<div>e</div>\n\n</div>\n\nf <script>g</script>h <img hidden>i"
    assert markdown(text) == [((), "a"), ((), "f h i")]


def test_html_inside_markdown_loses_its_tags() -> None:
    assert markdown("<div>\n<p>x <b>y</b></p><script>bad()</script>\n</div>\n\na<br>b <i>c</i>") == [
        ((), "x y"),
        ((), "a\nb c"),
    ]
