"""How well the hits are ranked, measured by ir_measures: a question without hits scores 0, never nothing."""

from __future__ import annotations

from collections.abc import Mapping

from ..types import GoldQuestion, Score
from .record import Outcome, Run

BINARY = {
    "success@1": "Success@1",
    "success@5": "Success@5",
    "success@10": "Success@10",
    "recall@5": "R@5",
    "recall@10": "R@10",
    "rr@10": "RR@10",
}
GRADED = {"ndcg@10": "nDCG@10"}
PROOF = 2
BALANCED_HITS = 5


def rank_scores(run: Run) -> list[Score]:
    """Every ranking measure of every answerable question with evidence; nDCG by grade, the rest by proof."""
    ranked = {
        position: outcome
        for position, (question, outcome) in enumerate(zip(run.questions, run.outcomes, strict=True))
        if is_ranked(question, outcome)
    }
    found = {position: [hit.paragraph_id for hit in outcome.hits] for position, outcome in ranked.items()}
    proofs = {position: find_proofs(outcome) for position, outcome in ranked.items()}
    grades = {position: outcome.qrels for position, outcome in ranked.items()}
    return [
        Score(run.questions[position].query_id, measure, value)
        for names, relevant in ((BINARY, proofs), (GRADED, grades))
        for (position, measure), value in _calculate(names, relevant, found).items()
    ]


def balance_scores(run: Run) -> list[Score]:
    """Share of the first five hits that stand in the other language, of the questions that are ranked; 0 without."""
    scores = []
    for question, outcome in zip(run.questions, run.outcomes, strict=True):
        if is_ranked(question, outcome):
            names = [hit.paragraph_id for hit in outcome.hits[:BALANCED_HITS]]
            languages = [run.paragraphs[name].language for name in names if name in run.paragraphs]
            other = languages.count(question.language.other) / max(len(languages), 1)
            scores.append(Score(question.query_id, "other_language@5", other))
    return scores


def is_ranked(question: GoldQuestion, outcome: Outcome) -> bool:
    """Whether something should have been found; evidence that vanished from the collection still should."""
    return question.answerable and bool(question.evidence or outcome.qrels)


def find_proofs(outcome: Outcome) -> dict[str, int]:
    """The gold paragraphs that prove: of grade 2 and up, or the best there are in sets that know only grade 1."""
    proof = min(PROOF, max(outcome.qrels.values(), default=PROOF))
    return {name: grade for name, grade in outcome.qrels.items() if grade >= max(proof, 1)}


def language_pair(question: GoldQuestion, outcome: Outcome, run: Run) -> str:
    """Question language > language of its proofs: "zh>zh", "zh>en", "zh>both"; empty where no proof is known."""
    languages = {run.paragraphs[name].language for name in find_proofs(outcome) if name in run.paragraphs}
    if not question.answerable or not languages:
        return ""
    return f"{question.language.value}>{languages.pop().value if len(languages) == 1 else 'both'}"


def _calculate(
    names: Mapping[str, str], grades: Mapping[int, Mapping[str, int]], found: Mapping[int, list[str]]
) -> dict[tuple[int, str], float]:
    """Value by question and measure."""
    import ir_measures

    # Numbers for names: trec_eval's own code reads no blanks, and breaks ties by name.
    named = dict.fromkeys(name for one in (*grades.values(), *found.values()) for name in one)
    number = {name: str(place) for place, name in enumerate(named)}
    qrels = [
        ir_measures.Qrel(str(position), number[name], grade)
        for position, relevant in grades.items()
        for name, grade in relevant.items()
    ]
    run = [
        ir_measures.ScoredDoc(str(position), number[name], -float(rank))
        for position, hits in found.items()
        for rank, name in enumerate(dict.fromkeys(hits), 1)
    ]
    values = {(position, measure): 0.0 for position in found for measure in names}
    if not qrels or not run:
        return values
    measures = {ir_measures.parse_measure(theirs): ours for ours, theirs in names.items()}
    for metric in ir_measures.iter_calc(list(measures), qrels, run):
        values[int(metric.query_id), measures[metric.measure]] = float(metric.value)
    return values
