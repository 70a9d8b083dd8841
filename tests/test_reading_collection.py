"""A folder is read whole: what cannot be read is named, the rest is there, in the same order each time."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

import pytest

from wfc_qa.errors import DocumentError
from wfc_qa.reading import read_collection, read_document
from wfc_qa.types import Document, Language

DOCUMENTS = Path(__file__).parents[1] / "index" / "documents"


def read(folder: Path, name: str, data: str | bytes) -> Document:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return read_document(path, folder)[0]


def test_front_matter_is_read_and_left_out_of_the_text(tmp_path: Path) -> None:
    head = "---\ntitle: 标题\npublisher: 日报\npublished: 2025-05-23\nas_of: 2025年4月1日\nlanguage: zh-CN\nsource: https://a.b\n---\n"
    for name in ("a.md", "b.txt"):
        document = read(tmp_path, name, f"{head}text")
        assert (document.title, document.publisher, document.source) == ("标题", "日报", "https://a.b")
        assert (document.published, document.as_of) == (date(2025, 5, 23), date(2025, 4, 1))
        assert (document.language, document.text) == (Language.ZH, "text")
        assert document.sha256 == hashlib.sha256(f"{head}text".encode()).hexdigest()


def test_html_meta_stands_for_front_matter(tmp_path: Path) -> None:
    page = (
        '<html lang="en"><title>T</title><meta name="published" content="2025-05-23">'
        '<meta property="og:site_name" content="Daily"><p>text</p></html>'
    )
    document = read(tmp_path, "a.html", page)
    assert (document.title, document.publisher, document.published) == ("T", "Daily", date(2025, 5, 23))


def test_missing_metadata_is_inferred(tmp_path: Path) -> None:
    heading = read(tmp_path, "a.md", "# 重庆金融\n\n贷款增长")
    assert (heading.title, heading.language, heading.published) == ("重庆金融", Language.ZH, None)
    assert read(tmp_path, "news.txt", "Loans grew").title == "news"


def test_rule_at_the_start_is_no_front_matter(tmp_path: Path) -> None:
    assert read(tmp_path, "a.txt", "---\nLoans grew\n---\nagain").text.count("Loans grew") == 1


@pytest.mark.parametrize(
    ("name", "data", "cause"),
    [
        ("date.md", "---\npublished: soon\n---\nx", "YYYY-MM-DD"),
        ("day.md", "---\npublished: 2025-02-31\n---\nx", "front matter"),
        ("language.md", "---\nlanguage: fr\n---\nx", "zh or en"),
        ("yaml.md", "---\n{: [\n---\nx", "front matter"),
        ("empty.md", "", "no text"),
        ("rule.md", "---", "no text"),
        ("image.txt", bytes(range(256)) * 9, "UTF-8"),
        ("control.txt", b"\1\2\3a" * 99, "convert"),
        ("report.pdf", b"%PDF", ".md"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_mend(
    tmp_path: Path, name: str, data: str | bytes, cause: str
) -> None:
    with pytest.raises(DocumentError, match=f"^{name} .*{cause}"):
        read(tmp_path, name, data)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("重庆金融业资产达到8.9万亿元，贷款突破6万亿元。", "gb18030"),
        ("重慶金融業資產達到8.9萬億元，貸款突破6萬億元。", "big5"),
        ("重庆金融业资产达到8.9万亿元\n贷款", "utf-16-le"),
        ("重庆金融业", "utf-16"),
        ("The café's loans grew in the naïve façade of a bank", "cp1252"),
    ],
)
def test_encodings_are_told(tmp_path: Path, text: str, encoding: str) -> None:
    assert read(tmp_path, "a.txt", text.encode(encoding)).text == text
    assert read(tmp_path, "b.txt", "\n".join([text] * 3000).encode(encoding)).text.startswith(text)


def test_line_ends_bom_and_nul_are_normalised_and_words_stay(tmp_path: Path) -> None:
    text = "ＧＤＰ臺灣 line\r\nnext" + " more" * 40
    assert read(tmp_path, "a.txt", b"\xef\xbb\xbf" + text.encode() + b"\0").text == text.replace("\r\n", "\n")


def test_collection_keeps_the_good_and_names_the_bad(tmp_path: Path) -> None:
    for name in ("b.md", "a.txt", "sub/c d.html", ".hidden.md", ".git/x.md", "a.md", "x.pdf"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"text of {name}")
    (tmp_path / "empty.txt").touch()
    collection = read_collection(tmp_path)
    assert [document.doc_id for document in collection.documents] == ["a", "b", "sub--c-d"]
    assert [problem.path.name for problem in collection.problems] == ["a.txt", "empty.txt", "x.pdf"]
    assert {paragraph.doc_id for paragraph in collection.paragraphs} == {"a", "b", "sub--c-d"}
    assert read_collection(tmp_path) == collection


def test_dangling_link_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("text")
    (tmp_path / "gone.md").symlink_to(tmp_path / "nowhere.md")
    (problem,) = read_collection(tmp_path).problems
    assert problem.message.startswith("gone.md cannot be opened")


def test_folder_without_documents_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="holds no document"):
        read_collection(tmp_path)
    with pytest.raises(DocumentError, match="is no folder"):
        read_collection(tmp_path / "missing")


def test_home_collection_reads_without_a_problem() -> None:
    assert read_collection(DOCUMENTS).problems == ()


def test_the_news_file_splits_into_its_sections_and_loses_no_word() -> None:
    path = DOCUMENTS / "white-paper-2025-news.txt"
    document, paragraphs = read_document(path, DOCUMENTS)
    sections = list(dict.fromkeys(paragraph.headings for paragraph in paragraphs))
    assert [" ".join(headings) for headings in sections] == [
        "",
        "Core Insights",
        "Financial Institutions",
        "Market Development",
        "Service to the Real Economy",
        "Innovation and Digital Finance",
        "Open Financial Landscape",
        "Financial Ecosystem Optimization",
        "Infrastructure Development",
        "Future Initiatives",
    ]
    assert [len([p for p in paragraphs if p.headings == headings]) for headings in sections[1:]] == [2] * 9
    assert all(paragraph.text.endswith("]") for paragraph in paragraphs[1:])
    body = path.read_text(encoding="utf-8").split("\n---\n", 1)[1]
    assert document.text.split() == body.split()
