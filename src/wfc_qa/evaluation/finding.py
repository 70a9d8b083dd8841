"""What a check of gold questions finds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """An error makes a measure wrong; a warning is worth a look."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """``query_id`` is empty where it is about the whole set."""

    severity: Severity
    query_id: str
    message: str

    def __str__(self) -> str:
        return " ".join(filter(None, (f"{self.severity.value}:", self.query_id, self.message)))


def error(query_id: str, message: str) -> Finding:
    return Finding(Severity.ERROR, query_id, message)


def warning(query_id: str, message: str) -> Finding:
    return Finding(Severity.WARNING, query_id, message)
