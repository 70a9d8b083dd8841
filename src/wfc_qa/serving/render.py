"""Templates with autoescape, and the interface's labels in both languages."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from ..types import Language

HERE = Path(__file__).parent
STATIC = HERE / "static"


@cache
def labels() -> dict[str, dict[Language, str]]:
    """What the interface says, by key and language."""
    with (HERE / "labels.toml").open("rb") as file:
        table = tomllib.load(file)
    return {key: {Language(code): text for code, text in row.items()} for key, row in table.items()}


def label(key: str) -> Markup:
    """Both languages of a label; the style sheet shows the one the reader chose."""
    row = labels()[key]
    return Markup('<span class="t-zh" lang="zh-Hans">{}</span><span class="t-en" lang="en">{}</span>').format(
        row[Language.ZH], row[Language.EN]
    )


def either(key: str) -> Markup:
    """Both languages of a label as attributes, for places that hold only text."""
    row = labels()[key]
    return Markup('data-zh="{}" data-en="{}"').format(row[Language.ZH], row[Language.EN])


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("wfc_qa.serving"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(t=label, either=either)
    environment.filters["tag"] = tag
    return environment


def tag(language: Language) -> str:
    """The ``lang`` attribute of a language."""
    return "zh-Hans" if language is Language.ZH else "en"


def render(template: str, **values: Any) -> str:
    """A page or fragment; every value is escaped unless it is Markup."""
    return _environment().get_template(template).render(**values)


def preferred_language(accept_language: str) -> Language:
    """The interface language a browser asks for, before its reader chose one by hand."""
    codes = (part.split(";")[0].strip().lower()[:2] for part in accept_language.split(","))
    return next((Language(code) for code in codes if code in {"zh", "en"}), Language.EN)
