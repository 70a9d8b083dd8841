"""The shares a gold set of one's own should have, so that no language or kind of question is judged by chance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from ..types import GoldQuestion, Language
from .finding import Finding, warning

LANGUAGE_SHARE = (0.45, 0.55)
UNANSWERABLE_SHARE = 0.25
NEAR_MISS_SHARE = 0.5
FOLLOWUPS = 60
NEAR_MISSES = frozenset({"near_miss_year", "near_miss_entity", "near_miss_measure", "false_premise"})
UNANSWERABLE = NEAR_MISSES | {"absent", "off_topic"}
ANSWERABLE = frozenset(
    "fact figure date list comparison definition yesno paraphrase cross conflict followup".split()
)


def check_balance(questions: Sequence[GoldQuestion]) -> Iterator[Finding]:
    """Languages, unanswerable questions, near misses among them, follow-ups and kinds, over all splits."""
    if not questions:
        return
    low, high = LANGUAGE_SHARE
    for language in Language:
        share = sum(question.language is language for question in questions) / len(questions)
        if not low <= share <= high:
            yield warning(
                "", f"{share:.0%} of the questions are {language.value}, not {low:.0%} to {high:.0%}"
            )
    declined = [question for question in questions if not question.answerable]
    if (share := len(declined) / len(questions)) < UNANSWERABLE_SHARE:
        yield warning("", f"{share:.0%} of the questions are unanswerable, under {UNANSWERABLE_SHARE:.0%}")
    near = sum(question.kind in NEAR_MISSES for question in declined)
    if declined and near / len(declined) <= NEAR_MISS_SHARE:
        yield warning(
            "", f"{near} of {len(declined)} unanswerable questions are near misses, not most of them"
        )
    kinds = Counter(question.kind for question in questions)
    if kinds["followup"] < FOLLOWUPS:
        yield warning("", f"{kinds['followup']} questions are follow-ups, fewer than {FOLLOWUPS}")
    for kind in sorted((ANSWERABLE | UNANSWERABLE) - set(kinds)):
        yield warning("", f"no question is of kind {kind}")
    for question in declined:
        if question.kind in ANSWERABLE - {"followup"}:
            yield warning(question.query_id, f"cannot be answered, but is of kind {question.kind}")
