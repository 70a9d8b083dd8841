"""The judge: what one outcome is worth against its gold question, by rule and without a model's opinion."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from ..text.figures import find_figures
from ..text.scripts import HAN, fold_text
from ..types import GoldQuestion
from ..verification.reading import telling
from .gold import canonical, is_right, meets, states
from .ranking import find_proofs
from .record import Outcome, Said
from .results import Verdict

Parts = Sequence[Sequence[str]]

ARTICLES = frozenset({"a", "an", "the"})
_TOKEN = re.compile(rf"[{HAN}]|[0-9]+(?:[.,][0-9]+)+|(?:(?![{HAN}])[^\W_])+")
_APOSTROPHES = str.maketrans("", "", "'’")


def judge(question: GoldQuestion, outcome: Outcome, texts: Mapping[str, str]) -> dict[str, float]:
    """Measure to value, of those that speak of this question; ``texts`` holds every paragraph cited."""
    scores = _judge_citations(question, outcome, texts)
    if has_answer_key(question):
        scores |= _judge_abstention(question, outcome, texts)
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


def _judge_abstention(question: GoldQuestion, outcome: Outcome, texts: Mapping[str, str]) -> dict[str, float]:
    answered, declined = outcome.answered, not outcome.answered and bool(outcome.abstention)
    scores = {"wrong_figure": float(_shows_wrong_figure(question, outcome, texts))}
    if answered:
        scores["correct_when_answered"] = float(is_answer_right(question, outcome.sentences))
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
    gold = _cited_gold(question, outcome)
    scores = {
        "citation_precision": _mean([name in gold for name in _cited(outcome)]),
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
    gold = _cited_gold(question, outcome)
    met = [meets(question, texts.get(name, "")) for name in gold]
    recall = _mean([any(part) for part in zip(*met, strict=True)])
    scores = {"citation_recall_all": recall}
    if outcome.answered:
        found = _mean([name in gold for name in find_proofs(outcome)])
        scores |= {"citation_recall": recall, "citation_recall_paragraphs": found}
    return scores


def _shows_wrong_figure(question: GoldQuestion, outcome: Outcome, texts: Mapping[str, str]) -> bool:
    """A figure that a cited gold paragraph states may be off the point, yet it is true."""
    if is_answer_right(question, outcome.sentences):
        return False
    stated = set().union(*(_stated(texts.get(name, "")) for name in _cited_gold(question, outcome)))
    return any(telling(one) and canonical(one) not in stated for one in find_figures(outcome.text))


def _cited(outcome: Outcome) -> list[str]:
    """Every paragraph cited, once."""
    return list(dict.fromkeys(name for sentence in outcome.sentences for name in sentence.cited))


def _cited_gold(question: GoldQuestion, outcome: Outcome) -> list[str]:
    """Those cited that are gold: nothing is for the unanswerable."""
    return [name for name in _cited(outcome) if question.answerable and outcome.qrels.get(name, 0) >= 1]


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
