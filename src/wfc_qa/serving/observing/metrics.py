"""Figures for Prometheus; of all worker processes, where ``PROMETHEUS_MULTIPROC_DIR`` names a folder they share."""

from __future__ import annotations

import os

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.multiprocess import MultiProcessCollector

from ...types import Answer, Support

MULTIPROCESS = "PROMETHEUS_MULTIPROC_DIR"
CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
BUCKETS_S = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Metrics:
    """The figures of one app; no label ever holds what somebody typed."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        registry = self._registry
        self._requests = Counter(
            "wfc_qa_requests", "Requests served.", ("method", "route", "status"), registry=registry
        )
        self._answer_s = Histogram(
            "wfc_qa_answer_seconds", "Time to make an answer.", buckets=BUCKETS_S, registry=registry
        )
        self._answers = Counter(
            "wfc_qa_answers", "Answers, by language and outcome.", ("language", "outcome"), registry=registry
        )
        self._withheld = Counter(
            "wfc_qa_sentences_withheld",
            "Sentences that a verdict kept back.",
            ("verdict",),
            registry=registry,
        )
        self._waiting = Gauge(
            "wfc_qa_questions_waiting",
            "Questions in the queue.",
            registry=registry,
            multiprocess_mode="livesum",
        )
        self._at_work = Gauge(
            "wfc_qa_answers_at_work",
            "Answers being made.",
            registry=registry,
            multiprocess_mode="livesum",
        )
        self._generation = Gauge(
            "wfc_qa_generation_info",
            "The generation of the index that answers.",
            ("generation", "model", "version"),
            registry=registry,
            multiprocess_mode="livemostrecent",
        )

        self._answering: tuple[str, str, str] | None = None

    def count_request(self, method: str, route: str, status: int) -> None:
        self._requests.labels(method, route, str(status)).inc()

    def count_answer(self, answer: Answer) -> None:
        self._answers.labels(answer.language.value, outcome(answer)).inc()
        self._answer_s.observe(answer.timings_ms.get("total", 0.0) / 1000)
        for sentence in answer.withheld:
            if sentence.support is not Support.SUPPORTED:
                self._withheld.labels(sentence.support.value).inc()

    def set_queue(self, waiting: int, at_work: int) -> None:
        self._waiting.set(waiting)
        self._at_work.set(at_work)

    def set_generation(self, generation: str, model: str, version: str) -> None:
        if not os.environ.get(MULTIPROCESS):
            self._generation.clear()
        elif self._answering:
            # What several processes keep cannot be cleared.
            self._generation.labels(*self._answering).set(0)
        self._answering = generation, model, version
        self._generation.labels(generation, model, version).set(1)

    def render(self) -> bytes:
        """In Prometheus' text format."""
        if not os.environ.get(MULTIPROCESS):
            return generate_latest(self._registry)
        together = CollectorRegistry()
        MultiProcessCollector(together)  # type: ignore[no-untyped-call]
        return generate_latest(together)


def outcome(answer: Answer) -> str:
    """``answered``, or why it was declined."""
    return answer.abstention.value if answer.abstention else "answered"
