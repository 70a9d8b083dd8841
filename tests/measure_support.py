"""Runs made by hand, for the tests of what is measured on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from wfc_qa.evaluation.gold import canonical_figure
from wfc_qa.evaluation.record import Outcome, Ranked, Run, Said, Shown, Stamp
from wfc_qa.types import GoldQuestion, Language, Place

TEXTS = {
    "a.zh": "截至2025年9月30日，科技企业贷款8641亿元，增长10.9%。",
    "a.en": "On September 30, 2025, loans to technology firms were 864.1 billion yuan, up 10.9 percent.",
    "b.zh": "重庆有56家机构参加。",
    "c.en": "The port handled 251,800 TEU in 2024.",
}
WITHHELD = "unsure"


def ask(
    query_id: str = "q1",
    answers: Sequence[Sequence[str]] = (("8641亿元", "864.1 billion yuan"),),
    *,
    answerable: bool = True,
    language: str = "zh",
    kind: str = "figure",
) -> GoldQuestion:
    """A gold question; an unanswerable one has no answers."""
    parts = tuple(tuple(part) for part in answers) if answerable else ()
    return GoldQuestion(
        query_id=query_id,
        text=f"{query_id}?",
        language=Language(language),
        kind=kind,
        answerable=answerable,
        answers=parts,
        figures=tuple(canonical_figure(part) for part in parts),
        evidence=(Place("a", "8641"),) if answerable else (),
    )


def answer(
    query_id: str, *said: tuple[str, Sequence[str]], confidence: float = 0.9, **fields: object
) -> Outcome:
    """An outcome that shows ``said``: sentences with the paragraphs each cites."""
    sentences = tuple(Said(text, tuple(cited)) for text, cited in said)
    return Outcome(query_id, sentences=sentences, confidence=confidence, **fields)  # type: ignore[arg-type]


def decline(
    query_id: str, *withheld: str, confidence: float = 0.1, why: str = WITHHELD, **fields: object
) -> Outcome:
    said = tuple(Said(text, ("a.zh",)) for text in withheld)
    return Outcome(query_id, withheld=said, abstention=why, confidence=confidence, **fields)  # type: ignore[arg-type]


def ranked(*names: str) -> tuple[Ranked, ...]:
    return tuple(Ranked(name, 1.0 / rank) for rank, name in enumerate(names, 1))


def make_run(
    questions: Sequence[GoldQuestion],
    outcomes: Sequence[Outcome],
    texts: Mapping[str, str] = TEXTS,
    *,
    name: str = "one",
    gold: str = "f" * 64,
) -> Run:
    """Paragraph ids end in their language."""
    stamp = Stamp(name, gold, "g", "c", "m", "p", "k", {}, "code", "machine", "2026-01-01T00:00:00", 1.0)
    shown = {
        name: Shown(name, name, "title", 1, Language(name.rpartition(".")[2]), text)
        for name, text in texts.items()
    }
    return Run(stamp, tuple(questions), tuple(outcomes), shown)
