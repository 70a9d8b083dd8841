"""The judge: what one outcome is worth against its gold question, by rule and without a model's opinion."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from ..text.figures import Figure, Unit, find_figures
from ..text.scripts import HAN, fold_text
from ..text.units import MONEY
from ..types import GoldQuestion
from .gold import canonical, is_right, meets, states
from .record import Outcome, Said
from .results import Verdict

Parts = Sequence[Sequence[str]]

TELLING = MONEY | {Unit.PERCENT, Unit.POINTS, Unit.TEU}
# Smaller counts number the things a sentence speaks of more often than they state a fact.
SMALL_COUNT = 10
ARTICLES = frozenset({"a", "an", "the"})
_TOKEN = re.compile(rf"[{HAN}]|[0-9]+(?:[.,][0-9]+)+|(?:(?![{HAN}])[^\W_])+")
_APOSTROPHES = str.maketrans("", "", "'’")


def judge(question: GoldQuestion, outcome: Outcome, texts: Mapping[str, str]) -> dict[str, float]:
    """Measure to value, of those that speak of this question; ``texts`` holds every paragraph cited."""
    scores = _judge_citations(question, outcome, texts)
    if has_answer_key(question):
        scores |= _judge_abstention(question, outcome)
        if question.answerable:
            scores |= _judge_wording(question, outcome.text) | _judge_proof(question, outcome, texts)
    return scores


def has_answer_key(question: GoldQuestion) -> bool:
    """Whether an answer can be judged; retrieval-only sets accept no wording for an answerable question."""
    return bool(question.answers) or not question.answerable


def is_answer_right(question: GoldQuestion, sentences: Iterable[Said]) -> bool:
    """Whether ``sentences``, shown or withheld, say all that is accepted; nothing answers the unanswerable."""
    said = "\n".join(sentence.text for sentence in sentences)
    return question.answerable and bool(said) and is_right(question, said)


def give_verdict(question: GoldQuestion, outcome: Outcome) -> Verdict:
    """Where no wording is accepted (retrieval-only sets), citing a gold paragraph is right."""
    if outcome.failed or not (outcome.answered or outcome.abstention):
        return Verdict.FAILED
    if not outcome.answered:
        return Verdict.MISSED if question.answerable else Verdict.DECLINED
    if not question.answerable:
        return Verdict.FALSE_ANSWER
    if has_answer_key(question):
        right = is_answer_right(question, outcome.sentences)
    else:
        right = any(outcome.qrels.get(name, 0) >= 1 for name in _cited(outcome))
    return Verdict.RIGHT if right else Verdict.WRONG


def exact_match(said: str, parts: Parts) -> float:
    """Share of parts of which ``said`` is, token for token, an accepted wording; 0 without parts."""
    tokens = tokenise(said)
    return _mean([any(tokens == tokenise(wording) for wording in part) for part in parts])


def token_f1(said: str, parts: Parts) -> float:
    """Mean over parts of the best F1 of ``said`` against an accepted wording, in [0, 1]; 0 without parts."""
    tokens = Counter(tokenise(said))
    return _mean([max((_f1(tokens, Counter(tokenise(one))) for one in part), default=0.0) for part in parts])


def tokenise(text: str) -> list[str]:
    """Folded tokens: Han characters single, other letters and digits as runs, a figure with its point whole.

    Punctuation, thousands commas and English articles are dropped; an apostrophe joins ("China's" is "chinas").
    """
    found: list[str] = _TOKEN.findall(fold_text(text).translate(_APOSTROPHES))
    return [token.replace(",", "") for token in found if token not in ARTICLES]


def is_telling(figure: Figure) -> bool:
    """Whether a reader takes the figure for a statement: money, per cent, points, TEU, or a count above 10."""
    return figure.unit in TELLING or (figure.unit is Unit.COUNT and abs(figure.value) > SMALL_COUNT)


def _judge_wording(question: GoldQuestion, said: str) -> dict[str, float]:
    """All 0 for an answer declined, whose text is empty."""
    met = meets(question, said)
    scores = {
        "exact_match": exact_match(said, question.answers) if said else 0.0,
        "token_f1": token_f1(said, question.answers) if said else 0.0,
        "answer_contained": _mean(met),
        "answer_right": float(all(met)),
    }
    if stated := states(question, said):
        scores["figure_match"] = _mean(stated)
    return scores


def _judge_abstention(question: GoldQuestion, outcome: Outcome) -> dict[str, float]:
    answered, declined = outcome.answered, not outcome.answered and bool(outcome.abstention)
    scores = {"wrong_figure": float(_shows_wrong_figure(question, outcome.text))}
    if answered:
        right = is_answer_right(question, outcome.sentences)
        scores |= {"correct_when_answered": float(right), "risk": float(not right)}
    if declined:
        scores["abstention_precision"] = float(not question.answerable)
    if question.answerable:
        scores["coverage"] = float(answered)
    else:
        scores["abstention_recall"] = float(declined)
    return scores


def _judge_citations(question: GoldQuestion, outcome: Outcome, texts: Mapping[str, str]) -> dict[str, float]:
    if not outcome.answered:
        return {}
    gold = [question.answerable and outcome.qrels.get(name, 0) >= 1 for name in _cited(outcome)]
    scores = {
        "citation_precision": _mean(gold),
        "verbatim_quote": _mean([_stands(one, texts) for one in outcome.sentences]),
    }
    supported = [
        canonical(figure) in stated
        for sentence in outcome.sentences
        for stated in [set().union(*(_stated(texts.get(name, "")) for name in sentence.cited))]
        for figure in find_figures(sentence.text)
    ]
    return scores | ({"figure_support": _mean(supported)} if supported else {})


def _judge_proof(question: GoldQuestion, outcome: Outcome, texts: Mapping[str, str]) -> dict[str, float]:
    gold = [name for name in _cited(outcome) if outcome.qrels.get(name, 0) >= 1]
    met = [meets(question, texts.get(name, "")) for name in gold]
    recall = _mean([any(part) for part in zip(*met, strict=True)])
    return {"citation_recall_all": recall} | ({"citation_recall": recall} if outcome.answered else {})


def _shows_wrong_figure(question: GoldQuestion, said: str) -> bool:
    if not said or (question.answerable and not any(question.figures)):
        return False
    if not any(is_telling(figure) for figure in find_figures(said)):
        return False
    worded = [met for figure, met in zip(question.figures, meets(question, said), strict=True) if figure]
    met = [one or other for one, other in zip(worded, states(question, said), strict=True)]
    return not question.answerable or not all(met)


def _cited(outcome: Outcome) -> list[str]:
    """Every paragraph cited, once."""
    return list(dict.fromkeys(name for sentence in outcome.sentences for name in sentence.cited))


def _stands(sentence: Said, texts: Mapping[str, str]) -> bool:
    words = "".join(sentence.text.split())
    return any(words in "".join(texts.get(name, "").split()) for name in sentence.cited)


def _stated(text: str) -> set[str]:
    return {canonical(figure) for figure in find_figures(text)}


def _f1(said: Counter[str], wanted: Counter[str]) -> float:
    if not said or not wanted:
        return float(said == wanted)
    # Twice the shared over all tokens is the harmonic mean of precision and recall.
    return 2 * (said & wanted).total() / (said.total() + wanted.total())


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
