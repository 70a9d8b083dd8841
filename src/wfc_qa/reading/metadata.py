"""What a document says about itself: front matter or HTML meta, checked and filled in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

import frontmatter
import yaml

from wfc_qa.errors import DocumentError
from wfc_qa.types import Language

from .invisible import drop_invisible

_FRONT = re.compile(r"\s{0,100}---[ \t]*\n(?:.{0,65536}?\n)??---[ \t]*(?:\n|\Z)", re.DOTALL)
_DATE = re.compile(r"([0-9]{4})(?:-|/|\.|年)([0-9]{1,2})(?:-|/|\.|月)([0-9]{1,2})日?(?:[T ].{0,40})?")
_MEND = "write it as YYYY-MM-DD"


@dataclass(frozen=True, slots=True)
class Metadata:
    """Stated metadata; empty or ``None`` where the document states nothing."""

    title: str = ""
    publisher: str = ""
    source: str = ""
    published: date | None = None
    as_of: date | None = None
    language: Language | None = None


def split_front_matter(text: str) -> tuple[Mapping[str, object], str]:
    """YAML front matter and the body after it; text that only looks like front matter stays body."""
    head = _FRONT.match(text)
    if not head:
        return {}, text
    try:
        stated, _ = frontmatter.parse(head[0], handler=frontmatter.YAMLHandler())
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        cause = " ".join(str(error).split())[:200]
        raise DocumentError(
            f"has front matter that cannot be read ({cause}); mend the lines between ---"
        ) from None
    return (stated, text[head.end() :]) if stated else ({}, text)


def parse_metadata(stated: Mapping[str, object]) -> Metadata:
    """Checked metadata. Raises DocumentError for a date or language that cannot be understood."""
    return Metadata(
        title=_text(stated, "title"),
        publisher=_text(stated, "publisher"),
        source=_text(stated, "source"),
        published=_date(stated, "published"),
        as_of=_date(stated, "as_of"),
        language=_language(stated),
    )


def parse_date(value: str) -> date | None:
    """The day that ``value`` names, ``None`` if it names none."""
    match = _DATE.fullmatch(value.strip())
    try:
        return date(*map(int, match.groups())) if match else None
    except ValueError:
        return None


def _text(stated: Mapping[str, object], key: str) -> str:
    value = stated.get(key)
    return " ".join(drop_invisible(str(value)).split()) if isinstance(value, str | int | float | date) else ""


def _date(stated: Mapping[str, object], key: str) -> date | None:
    value = stated.get(key)
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if (day := parse_date(str(value)[:80])) is None:
        raise DocumentError(f"has {key}: {str(value)[:40]!r}, which is no date; {_MEND}")
    return day


def _language(stated: Mapping[str, object]) -> Language | None:
    if not (name := _text(stated, "language").lower()):
        return None
    try:
        return Language(re.split("[-_]", name)[0])
    except ValueError:
        raise DocumentError(f"has language: {name[:40]!r}; write zh or en, or leave it out") from None
