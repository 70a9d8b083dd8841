"""What the system says itself, from ``prompts/messages.*.toml``: checked when read, hashed into receipts."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template

from ..errors import ConfigError
from ..types import Abstention, Answer, Language, Note

LABELS = ("nearest", "sources", "understood")
VARIABLES = frozenset({"missing"})
QUOTES = {Language.ZH: "“{}”", Language.EN: "“{}”"}
JOINTS = {Language.ZH: "、", Language.EN: ", "}
# Where a message goes on without naming what is missing, the variable takes its own punctuation along.
AFTER_NOUN = {Language.ZH: "{}", Language.EN: " ({})"}


@dataclass(frozen=True, slots=True)
class Wording:
    """``sha256`` covers every message file."""

    templates: Mapping[tuple[Language, str, str], Template]
    sha256: str

    def abstention(self, answer: Answer) -> str:
        """One sentence on why ``answer`` was declined; empty for an answer that was not."""
        if answer.abstention is None:
            return ""
        return self._say(answer.language, "abstention", answer.abstention.value, answer.missing)

    def note(self, note: Note, language: Language) -> str:
        return self._say(language, "note", note.value, ())

    def label(self, name: str, language: Language) -> str:
        return self._say(language, "label", name, ())

    def _say(self, language: Language, section: str, name: str, missing: Sequence[str]) -> str:
        said = JOINTS[language].join(QUOTES[language].format(word) for word in missing)
        if said and name in {Abstention.MISSING_DATE, Abstention.MISSING_FIGURE}:
            said = AFTER_NOUN[language].format(said)
        return self.templates[language, section, name].substitute(missing=said)


def load_wording(folder: Path) -> Wording:
    """Read the message files of every language. Raises ConfigError when one is missing, incomplete or uses an unknown
    variable."""
    templates: dict[tuple[Language, str, str], Template] = {}
    digest = hashlib.sha256()
    wanted = [("abstention", a.value) for a in Abstention] + [("note", n.value) for n in Note]
    wanted += [("label", name) for name in LABELS]
    for language in Language:
        path = folder / f"messages.{language.value}.toml"
        try:
            raw = path.read_bytes()
            data = tomllib.loads(raw.decode("utf-8"))
            for section, name in wanted:
                template = Template(data[section][name])
                unknown = set(template.get_identifiers()) - VARIABLES
                if unknown or not template.is_valid():
                    raise ConfigError(
                        f"{path}: {section}.{name} uses an unknown variable; only $missing is known"
                    )
                templates[language, section, name] = template
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ConfigError(f"{path}: message missing or unreadable ({error}); restore the file") from error
        digest.update(raw)
    return Wording(templates, digest.hexdigest())
