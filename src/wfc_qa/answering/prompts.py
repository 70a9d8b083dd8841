"""What a language model is told, from ``prompts/*.md``: checked when read, hashed into receipts."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template

from ..errors import ConfigError
from ..types import Language

VARIABLES: Mapping[str, frozenset[str]] = {"condense": frozenset({"earlier", "question"})}
"""Every prompt there is, and the variables that each of its files uses, all of them and no others."""


@dataclass(frozen=True, slots=True)
class Prompts:
    """``sha256`` covers every prompt file."""

    templates: Mapping[tuple[str, Language], Template]
    sha256: str

    def fill(self, name: str, language: Language, **values: str) -> str:
        return self.templates[name, language].substitute(values)


def load_prompts(folder: Path) -> Prompts:
    """Read ``<name>.<language>.md`` of every prompt and language. Raises ConfigError when one is missing, or its
    variables are not those declared."""
    templates: dict[tuple[str, Language], Template] = {}
    digest = hashlib.sha256()
    for name, declared in sorted(VARIABLES.items()):
        for language in Language:
            path = folder / f"{name}.{language.value}.md"
            try:
                raw = path.read_bytes()
                template = Template(raw.decode("utf-8"))
            except (OSError, ValueError) as error:
                raise ConfigError(
                    f"{path}: prompt missing or unreadable ({error}); restore the file"
                ) from error
            if not template.is_valid() or set(template.get_identifiers()) != declared:
                wanted = ", ".join(f"${variable}" for variable in sorted(declared))
                raise ConfigError(f"{path}: a prompt must use {wanted} and no other variable; mend the file")
            templates[name, language] = template
            digest.update(f"{path.name}\0{len(raw)}\0".encode())
            digest.update(raw)
    return Prompts(templates, digest.hexdigest())
