"""Who asks, as admission found it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from ...errors import NotFoundError
from ...types import Filters

# No document has it: filters that leave nothing must not read as filters that leave everything.
NO_DOCUMENT = ""


class Scope(StrEnum):
    """What an API key may be for."""

    ANSWERS = "answers"
    DOCUMENTS = "documents"
    FEEDBACK = "feedback"
    METRICS = "metrics"


class Kind(StrEnum):
    """By what a visitor is known; ``LOCAL`` is a program of this machine, which no limit counts."""

    LOCAL = "local"
    ADDRESS = "address"
    SESSION = "session"
    KEY = "key"


@dataclass(frozen=True, slots=True)
class Visitor:
    """``name`` is the session's id, the key's name or the address; ``doc_ids``, unless empty, are all it may see;
    ``address`` is where a session comes from."""

    kind: Kind
    name: str
    site: str | None = None
    doc_ids: tuple[str, ...] = ()
    address: str = ""

    def within(self, filters: Filters) -> Filters:
        """``filters`` narrowed to what this visitor may see."""
        if not self.doc_ids:
            return filters
        wanted = filters.doc_ids or self.doc_ids
        kept = tuple(doc_id for doc_id in wanted if doc_id in self.doc_ids)
        return replace(filters, doc_ids=kept or (NO_DOCUMENT,))

    def sees(self, doc_id: str) -> bool:
        return not self.doc_ids or doc_id in self.doc_ids

    def check_sees(self, doc_id: str) -> None:
        """Raises NotFoundError, as for a document that there is not."""
        if not self.sees(doc_id):
            raise NotFoundError(f"no document {doc_id!r} in this collection; see the list of documents")
