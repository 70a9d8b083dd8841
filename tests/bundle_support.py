"""Small data sets made by hypothesis, and what they hold."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from wfc_qa.evaluation.bundle import QUESTIONS_FILE, Bundle, bundle_collection
from wfc_qa.evaluation.gold import holds, load_gold, plain, resolve
from wfc_qa.types import GoldQuestion

WORDS = ["贷款", "余额", "8641亿元", "2025年", "green ", "loans ", "12.5% ", "\n", "。", "A’s ", "𠮷 "]
TEXTS = st.lists(st.sampled_from(WORDS), min_size=1, max_size=8).map("".join)
ASKED = TEXTS.map(lambda text: f"问{text}？".replace("\n", " "))


@st.composite
def sources(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Lines of the form of our own: documents, and questions that one of their paragraphs answers or none does."""
    names = draw(st.lists(st.text("ab-1", min_size=1), unique=True, min_size=1, max_size=4))
    lines: list[dict[str, Any]] = []
    places = []
    for name in names:
        texts = draw(st.lists(TEXTS.filter(_says), unique_by=str.strip, min_size=1, max_size=4))
        lines.append({"document": {"doc_id": name, "title": f"题 {name}", "paragraphs": texts}})
        places += [(name, number, text.strip()) for number, text in enumerate(texts, 1)]
    for number in range(draw(st.integers(1, 6))):
        doc_id, paragraph, text = draw(st.sampled_from(places))
        wordings = draw(st.lists(_wordings(text), min_size=1, max_size=3, unique=True))
        answerable = draw(st.booleans()) or not number
        question = {
            "query_id": f"q{number}",
            "text": draw(ASKED),
            "answerable": answerable,
            "answers": [wordings] if answerable else [],
            "evidence": [{"doc_id": doc_id, "paragraph": paragraph, "grade": 2 if answerable else 1}],
            "split": draw(st.sampled_from(["dev", "test"])),
        }
        lines.append({"question": question})
    return draw(st.permutations(lines))


def write_source(lines: list[dict[str, Any]], path: Path) -> Path:
    path.write_text("".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines), "utf-8")
    return path


def questions_of(bundle: Bundle) -> dict[str, GoldQuestion]:
    return {one.query_id: one for one in load_gold(bundle.folder / QUESTIONS_FILE)[0]}


def gold_of(bundle: Bundle) -> dict[str, dict[str, str]]:
    """Text by id of the paragraphs that prove each question."""
    paragraphs = bundle_collection(bundle).paragraphs
    texts = {one.paragraph_id: one.text for one in paragraphs}
    held = {one.doc_id: [own for own in paragraphs if own.doc_id == one.doc_id] for one in paragraphs}
    return {
        name: {found: texts[found] for found, grade in resolve(question, held).items() if grade > 1}
        for name, question in questions_of(bundle).items()
    }


def _says(text: str) -> bool:
    return any(char.isalnum() for char in text)


def _wordings(text: str) -> st.SearchStrategy[str]:
    cuts = {text[start:end].strip() for start in range(len(text)) for end in range(start + 1, len(text) + 1)}
    return st.sampled_from(sorted(cut for cut in cuts if holds(plain(text), plain(cut))))
