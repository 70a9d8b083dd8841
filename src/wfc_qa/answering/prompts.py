"""What language models are told, from ``prompts/<name>.<language>.md``: checked when read, hashed into receipts.

A file holds what the system says, a line of three dashes, and what the user says; ``$variables`` stand in both.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template

from ..adapters.llms import Message, Role
from ..errors import ConfigError
from ..types import Language
from .grammar import Grammar, load_grammar

PROMPTS: Mapping[str, frozenset[str]] = {
    "answer": frozenset({"question", "passages", "refusal", "sentences"}),
    "condense": frozenset({"earlier", "question"}),
}
"""Every prompt, with the variables that it must use."""

_PARTING = re.compile(r"^---[ \t]*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Prompt:
    system: Template
    user: Template

    def fill(self, **values: str) -> tuple[Message, Message]:
        """What to send; ``values`` are put in as they are, and what looks like a variable in them stays."""
        return (
            Message(Role.SYSTEM, self.system.substitute(values).strip()),
            Message(Role.USER, self.user.substitute(values).strip()),
        )


@dataclass(frozen=True, slots=True)
class Prompts:
    """``sha256`` covers every prompt file and the grammar."""

    prompts: Mapping[tuple[str, Language], Prompt]
    grammar: Grammar
    sha256: str

    def fill(self, name: str, language: Language, **values: str) -> tuple[Message, Message]:
        return self.prompts[name, language].fill(**values)


def load_prompts(folder: Path) -> Prompts:
    """Read every prompt in every language. Raises ConfigError that names the file and the variable to mend."""
    prompts: dict[tuple[str, Language], Prompt] = {}
    digest = hashlib.sha256()
    for name, variables in PROMPTS.items():
        for language in Language:
            path = folder / f"{name}.{language.value}.md"
            try:
                raw = path.read_bytes()
                prompts[name, language] = _read_prompt(path, raw.decode("utf-8"), variables)
            except (OSError, ValueError) as error:
                raise ConfigError(f"prompt {path} cannot be read ({error}); restore the file") from error
            digest.update(raw)
    grammar = load_grammar(folder)
    digest.update(grammar.sha256.encode())
    return Prompts(prompts, grammar, digest.hexdigest())


def _read_prompt(path: Path, text: str, variables: frozenset[str]) -> Prompt:
    parts = _PARTING.split(text)
    if len(parts) != 2:
        raise ConfigError(f"prompt {path} needs one line '---' between what system and user say; put it back")
    system, user = map(Template, parts)
    known = ", ".join(f"${name}" for name in sorted(variables))
    for template in (system, user):
        if not template.is_valid():
            raise ConfigError(
                f"prompt {path} has a '$' that names no variable; write '$$', or one of {known}"
            )
    used = {*system.get_identifiers(), *user.get_identifiers()}
    if strange := used - variables:
        raise ConfigError(f"prompt {path} uses ${min(strange)}, which is unknown; use {known}")
    if absent := variables - used:
        raise ConfigError(f"prompt {path} does not use ${min(absent)}; put it back")
    return Prompt(system, user)
