"""Every kind of problem the service answers with; its name is part of the interface and never changes."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass

from .render import HERE


@dataclass(frozen=True, slots=True)
class ProblemType:
    """``meaning`` says what happened, ``mend`` what a client can do."""

    slug: str
    status: int
    title: str
    meaning: str
    mend: str

    @property
    def uri(self) -> str:
        return f"/problems/{self.slug}"


def _read() -> tuple[ProblemType, ...]:
    with (HERE / "problems.toml").open("rb") as file:
        return tuple(ProblemType(slug, **told) for slug, told in tomllib.load(file).items())


TYPES = _read()
BY_SLUG = {one.slug: one for one in TYPES}
_FIRST = {one.status: one for one in reversed(TYPES)} | {503: BY_SLUG["not-ready"]}


def problem_type(status: int, slug: str = "") -> ProblemType:
    """The kind named ``slug``, else what a status alone tells."""
    if slug in BY_SLUG:
        return BY_SLUG[slug]
    return _FIRST.get(status) or BY_SLUG["unexpected" if status >= 500 else "bad-request"]
