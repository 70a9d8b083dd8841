"""The home collection says only what its sources say, and says where it has it from."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = ROOT / "index" / "documents"
FACTS = [
    json.loads(line)
    for line in (ROOT / "tests/data/facts.jsonl").read_text("utf-8").splitlines()
    if line.strip()
]
USERS = DOCUMENTS / "white-paper-2025-news.txt"
USERS_SHA256 = "0586df3061532ee4d9c0db0019e409a4e85053bcc0d19e37773ed82069acc5d4"
WRITTEN = sorted(DOCUMENTS.glob("*.md"))

HEADER = re.compile(rb"\A---\n(.*?)\n---\n", re.S)
URL = re.compile(r"https?://[^\s<>]+")
SOURCE = re.compile(
    r"(?:（来源：(?P<zh>(?:<[^<>]+>|[^<>（）])+)）| \(Source: (?P<en>(?:<[^<>]+>|[^<>()])+)\))$"
)
HEARSAY = re.compile(r"(?<!数)据|[Aa]ccording to")
UNADDRESSED = (
    "中国新闻网，2023年8月3日，无网页地址",
    "China News, 2023-08-03, no page address",
    "新闻报道，2023年8月17日，无网页地址",
)

MONTHS = {
    month: number
    for number, month in enumerate(
        "January February March April May June July August September October November December".split(), 1
    )
}
MONTH = "|".join(MONTHS)
DATE = re.compile(
    rf"(?P<y1>\d{{4}})年(?:(?P<m1>\d{{1,2}})月(?:(?P<d1>\d{{1,2}})日)?)?"
    rf"|(?P<m2>{MONTH})(?: (?P<d2>\d{{1,2}}),)? (?P<y2>\d{{4}})"
    rf"|(?P<y3>\d{{4}})-(?P<m3>\d{{2}})(?:-(?P<d3>\d{{2}}))?(?!\d)"
)
SCALES = {"": 0, "万": 4, "million": 6, "亿": 8, "billion": 9, "万亿": 12, "trillion": 12}
FIGURE = re.compile(
    r"(?P<number>\d+(?:,\d{3})*(?:\.\d+)?)(?P<percent>%)?\s?(?P<scale>万亿|亿|万|[mbtr]+illion)?"
)


class Figure(NamedTuple):
    """``number`` as written, without separators; ``value`` with its scale applied."""

    number: str
    percent: bool
    value: Decimal


def header(path: Path) -> dict[str, object]:
    match = HEADER.match(path.read_bytes())
    assert match, f"{path.name} has no front matter"
    fields: dict[str, object] = yaml.safe_load(match[1])
    return fields


def body(path: Path) -> str:
    return HEADER.sub(b"", path.read_bytes(), count=1).decode("utf-8")


def paragraphs(path: Path) -> list[str]:
    """Paragraphs and bullets; each is one line of a written document."""
    return [line for line in body(path).splitlines() if line and not line.startswith("#")]


def dates(text: str) -> set[str]:
    """Dates as ISO prefixes: ``2025``, ``2025-06``, ``2025-06-30``."""
    found = set()
    for match in DATE.finditer(text):
        year, month, day = (
            match["y1"] or match["y2"] or match["y3"],
            match["m1"] or MONTHS.get(match["m2"] or "") or match["m3"],
            match["d1"] or match["d2"] or match["d3"],
        )
        found.add("-".join([year, *(f"{int(part):02}" for part in (month, day) if part)]))
    return found


def figures(text: str) -> set[Figure]:
    text = DATE.sub(" ", URL.sub(" ", unicodedata.normalize("NFKC", text)))
    found = set()
    for match in FIGURE.finditer(text):
        number = match["number"].replace(",", "")
        value = Decimal(number).scaleb(SCALES[match["scale"] or ""])
        found.add(Figure(number, bool(match["percent"]), value))
    return found


EVIDENCE = [
    "\n".join(fact[field] for field in ("date", "zh", "en", "source", "note"))
    for fact in FACTS
    if fact["id"] != "F23"
] + [body(USERS)]
KNOWN_FIGURES = set().union(*map(figures, EVIDENCE))
KNOWN_YEARS = set(re.findall(r"\d{4}", " ".join(URL.sub(" ", text) for text in EVIDENCE)))
KNOWN_DATES = {date for text in EVIDENCE for date in dates(unicodedata.normalize("NFKC", URL.sub(" ", text)))}
ADDRESSES = {
    url.rstrip(")")
    for fact in FACTS
    if fact["id"] != "F23"
    for url in URL.findall(fact["source"] + " " + fact["note"])
}


def test_the_users_document_is_word_for_word() -> None:
    raw = USERS.read_bytes()
    match = HEADER.match(raw)
    assert match
    assert hashlib.sha256(raw[match.end() :]).hexdigest() == USERS_SHA256


@pytest.mark.parametrize("path", [*WRITTEN, USERS], ids=lambda path: path.name)
def test_every_document_says_who_published_it_when_and_in_which_language(path: Path) -> None:
    fields = header(path)
    assert set(fields) == {"title", "publisher", "published", "as_of", "language", "source"}
    assert all(fields.values())
    assert fields["language"] in ("zh", "en")
    assert str(fields["as_of"]) in {date for date in KNOWN_DATES if len(date) == 10}
    if path in WRITTEN:
        assert path.name.endswith(f".{fields['language']}.md")
        assert body(path).strip().startswith(f"# {fields['title']}\n")
        assert str(fields["published"]) == "2026-11-22"


def test_topics_come_in_pairs_and_some_in_one_language_only() -> None:
    topics: dict[str, set[str]] = {}
    for path in WRITTEN:
        topic, language, _ = path.name.split(".")
        topics.setdefault(topic, set()).add(language)
    pairs = [topic for topic, languages in topics.items() if languages == {"zh", "en"}]
    assert len(WRITTEN) >= 12
    assert len(pairs) >= 7
    assert {"zh"} in topics.values()
    assert {"en"} in topics.values()


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.name)
def test_every_paragraph_ends_with_the_source_it_was_taken_from(path: Path) -> None:
    for paragraph in paragraphs(path):
        note = SOURCE.search(paragraph)
        assert note, paragraph
        named = note[str(header(path)["language"])]
        assert named, f"source note in the wrong language: {paragraph}"
        assert named in UNADDRESSED or set(re.findall(r"<([^>]+)>", named)) <= ADDRESSES, paragraph
        assert named in UNADDRESSED or "<" in named, paragraph


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.name)
def test_every_figure_occurs_in_the_facts_or_in_the_users_document(path: Path) -> None:
    """As the same digits with the same percent sign; where a scale is written, with the same value."""
    written = {(figure.number, figure.percent) for figure in KNOWN_FIGURES}
    scaled = {figure.value for figure in KNOWN_FIGURES}
    unscaled = {figure.number for figure in KNOWN_FIGURES if figure.value == Decimal(figure.number)}
    for figure in figures(body(path)):
        assert (figure.number, figure.percent) in written, figure
        assert figure.value in scaled or figure.number in unscaled, figure


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.name)
def test_every_date_occurs_in_the_facts_or_in_the_users_document(path: Path) -> None:
    for date in dates(unicodedata.normalize("NFKC", URL.sub(" ", body(path)))):
        if len(date) == 4:
            assert date in KNOWN_YEARS, date
        else:
            assert any(known.startswith(date) for known in KNOWN_DATES), date


def test_figures_of_the_undated_fact_are_left_out() -> None:
    for path in WRITTEN:
        assert not {"17.7", "129"} & {figure.number for figure in figures(body(path))}


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.name)
def test_what_was_reposted_or_aggregated_is_told_as_hearsay(path: Path) -> None:
    """A paragraph that rests on a repost or an aggregator, alone or beside others, says so."""
    weak = {fact["source"] for fact in FACTS if fact["tier"] in "RA"}
    for paragraph in paragraphs(path):
        if set(URL.findall(paragraph)) & weak:
            assert HEARSAY.search(paragraph), paragraph


def test_the_checks_would_notice_an_invented_figure_or_date() -> None:
    assert figures("贷款余额9.99万亿元") == {Figure("9.99", False, Decimal("9.99E12"))}
    assert Decimal("9.99E12") not in {figure.value for figure in KNOWN_FIGURES}
    assert dates("2025年6月3日, June 30, 2025 and 2019-08") == {"2025-06-03", "2025-06-30", "2019-08"}
