"""Questions asked twice: within a split a duplicate, across splits a leak, with other answers a contradiction."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from itertools import combinations

import numpy as np

from ..adapters.vectors import FloatArray
from ..indexing.centring import centre, find_centres
from ..types import GoldQuestion
from .finding import Finding, error
from .gold import plain

NEAR = 0.9
# Cosine of the questions' vectors, centred by language: rewordings lie above, other questions on the same fact below.
NEAR_MEANING = 0.8
Encode = Callable[[Sequence[str]], FloatArray]

Asked = tuple[str, GoldQuestion]


def check_leaks(questions_by_split: Mapping[str, Sequence[GoldQuestion]]) -> Iterator[Finding]:
    """Ids used twice; questions asked twice, word for word or nearly; questions in a file of another split."""
    asked = [(split, question) for split, own in questions_by_split.items() for question in own]
    yield from _check_ids(asked)
    yield from _check_repeats(asked)
    for one, other in combinations(questions_by_split, 2):
        yield from _find_near(one, questions_by_split[one], other, questions_by_split[other])
    for split, own in questions_by_split.items():
        if len(named := {question.split for question in own}) > 1:
            yield error("", f"{split} mixes questions of the splits {', '.join(sorted(named))}")


def check_meanings(
    questions_by_split: Mapping[str, Sequence[GoldQuestion]], encode: Encode
) -> Iterator[Finding]:
    """Questions that ask in other words, or in the other language, what a question of another split asks."""
    vectors = _embed(questions_by_split, encode)
    for one, other in combinations(questions_by_split, 2):
        likeness = vectors[other] @ vectors[one].T
        for question, row in zip(questions_by_split[other], likeness, strict=True):
            nearest = int(row.argmax())
            if row[nearest] >= NEAR_MEANING:
                near = questions_by_split[one][nearest].query_id
                told = f"leaks from {one}: {other} asks in other words what {near} asks (cosine {row[nearest]:.2f})"
                yield error(question.query_id, told)


def _embed(questions_by_split: Mapping[str, Sequence[GoldQuestion]], encode: Encode) -> dict[str, FloatArray]:
    questions = [question for own in questions_by_split.values() for question in own]
    raw = encode([" ".join((*question.history, question.text)) for question in questions])
    languages = [question.language for question in questions]
    moved = iter(centre(raw, languages, find_centres(raw, languages, {})))
    return {
        split: np.array([next(moved) for _ in own], np.float32) for split, own in questions_by_split.items()
    }


def hash_questions(questions: Iterable[GoldQuestion]) -> frozenset[str]:
    """SHA-256 of every question with its history, folded and without punctuation: disjoint for splits without leak."""
    return frozenset(
        hashlib.sha256("\n".join(_said(question)).encode()).hexdigest() for question in questions
    )


def _check_ids(asked: Iterable[Asked]) -> Iterator[Finding]:
    seen: set[str] = set()
    for _, question in asked:
        if question.query_id in seen:
            yield error(question.query_id, "is the id of an earlier question too")
        seen.add(question.query_id)


def _check_repeats(asked: Iterable[Asked]) -> Iterator[Finding]:
    groups: dict[tuple[str, ...], list[Asked]] = defaultdict(list)
    for split, question in asked:
        groups[_said(question)].append((split, question))
    for (home, first), *rest in groups.values():
        for split, question in rest:
            told = f"leaks from {home}: {split} asks" if split != home else "is a duplicate: it asks"
            yield error(question.query_id, f"{told} what {first.query_id} asks")
            if _expected(question) != _expected(first):
                yield error(question.query_id, f"contradicts {first.query_id}: same question, other answer")


def _find_near(
    one: str, first: Sequence[GoldQuestion], other: str, second: Sequence[GoldQuestion]
) -> Iterator[Finding]:
    known = [(_said(question), question) for question in first]
    matcher = SequenceMatcher(autojunk=False)
    for question in second:
        said = _said(question)
        # The matcher keeps what it learnt of its second text.
        matcher.set_seq2(said[-1])
        for earlier, near in known:
            if earlier == said or len(earlier) != len(said):
                continue
            matcher.set_seq1(earlier[-1])
            if not (matcher.real_quick_ratio() >= NEAR and matcher.quick_ratio() >= NEAR):
                continue
            if (ratio := matcher.ratio()) >= NEAR and _near_histories(earlier, said):
                told = f"leaks from {one}: {other} asks nearly what {near.query_id} asks ({ratio:.0%} alike)"
                yield error(question.query_id, told)


def _near_histories(one: Sequence[str], other: Sequence[str]) -> bool:
    return all(
        SequenceMatcher(None, turn, twin, autojunk=False).ratio() >= NEAR
        for turn, twin in zip(one[:-1], other[:-1], strict=True)
    )


def _said(question: GoldQuestion) -> tuple[str, ...]:
    """History and text, folded, of letters and digits only."""
    turns = (*question.history, question.text)
    return tuple("".join(char for char in plain(turn) if char.isalnum()) for turn in turns)


def _expected(question: GoldQuestion) -> tuple[bool, frozenset[frozenset[str]]]:
    return question.answerable, frozenset(frozenset(map(plain, part)) for part in question.answers)
