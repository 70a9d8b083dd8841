"""The form of an answer, from ``prompts/answer.gbnf``: it binds the language models that can be bound."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from string import Template

from ..errors import ConfigError
from .assembly import REFUSAL

NAME = "answer.gbnf"
VARIABLES = {"refusal", "numbers", "more"}


@dataclass(frozen=True, slots=True)
class Grammar:
    template: Template
    sha256: str

    def fill(self, shown: int, most_sentences: int) -> str:
        """For an answer from passages numbered 1 to ``shown``."""
        numbers = " | ".join(f'"{number}"' for number in range(1, shown + 1))
        return self.template.substitute(refusal=REFUSAL, numbers=numbers, more=most_sentences - 1)


def load_grammar(folder: Path) -> Grammar:
    """Raises ConfigError that names the file and what to mend."""
    path = folder / NAME
    try:
        raw = path.read_bytes()
        # What is said of it to people is not sent along, and may name the variables.
        lines = [line for line in raw.decode("utf-8").splitlines() if not line.startswith("#")]
    except (OSError, ValueError) as error:
        raise ConfigError(f"grammar {path} cannot be read ({error}); restore the file") from error
    template = Template("\n".join(lines))
    if not template.is_valid() or set(template.get_identifiers()) != VARIABLES:
        known = ", ".join(f"${name}" for name in sorted(VARIABLES))
        raise ConfigError(f"grammar {path} must use {known} and no other '$'; restore the file")
    return Grammar(template, hashlib.sha256(raw).hexdigest())
