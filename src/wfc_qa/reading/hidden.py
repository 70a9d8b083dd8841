"""What an HTML page holds but does not show: hidden by an element's kind, an attribute, a style or a style sheet.

Sheets are read as far as they name a tag, a class or an id; a sheet of another file is not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from bs4.element import Tag

DROPPED = frozenset(
    "script style noscript template head title meta link svg math canvas iframe object nav select button"
    " textarea input dialog rt rp audio video".split()
)
"""Elements whose text is no part of what a page says."""

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_CONDITIONAL = re.compile(r"@[^{};]{0,400}\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}")
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_SELECTOR = re.compile(r"[a-z][a-z0-9]*|(?:[a-z][a-z0-9]*)?[.#][a-z_-][\w-]*", re.IGNORECASE)
_ZERO = re.compile(r"[+-]?(?:0+(?:\.0*)?|\.0+)(?:[a-z]+|%)?")
_FAR = re.compile(r"-(?:[0-9]{3,}(?:\.[0-9]*)?(?:px|pt|%|em|rem|vw|vh)|[0-9]{2}(?:\.[0-9]*)?(?:em|rem))")
_FLAT = re.compile(
    r"rect\((?:\s*[01](?:px)?[\s,]*){4}\)|inset\(\s*(?:[5-9][0-9]|100)%.*|circle\(\s*0.*|scale\(\s*0\s*\).*"
    r"|translate[xy]?\(\s*-[0-9]{3,}.*"
)
_WHITE = re.compile(
    r"white|#f{3,4}|#(?:f[a-f]){3}(?:[0-9a-f]{2})?|rgba?\(\s*(?:25[0-5][,\s]+){2}25[0-5].*|hsla?\(.*100%.*"
)
_EDGES = ("left", "right", "top", "bottom", "text-indent", "margin-left", "margin-top")
_SIZES = ("width", "height", "max-width", "max-height")


class Sight:
    """Tells what of one page a reader sees."""

    def __init__(self, page: Tag) -> None:
        self._hiding: set[str] = set()
        self._grounds: set[str] = set()
        for sheet in page.find_all("style"):
            self._read(sheet.get_text())
        # What another file's sheet puts behind white words is not known here.
        self._dressed = page.find("link", rel="stylesheet") is not None

    def hides(self, tag: Tag) -> bool:
        style = _declarations(str(tag.get("style") or ""))
        return bool(
            tag.name in DROPPED
            or tag.has_attr("hidden")
            or tag.get("aria-hidden") == "true"
            or _hides(style)
            or not self._hiding.isdisjoint(_selectors(tag))
            or (not self._dressed and _is_white(tag, style) and not self._has_ground(tag))
        )

    def _read(self, sheet: str) -> None:
        for selectors, body in _RULE.findall(_CONDITIONAL.sub("", _COMMENT.sub("", sheet))):
            style = _declarations(body)
            named = {name for name in map(str.strip, selectors.split(",")) if _SELECTOR.fullmatch(name)}
            if _hides(style):
                self._hiding |= named
            if _grounds(style):
                self._grounds |= named

    def _has_ground(self, tag: Tag) -> bool:
        """Whether something other than white is stated behind ``tag``."""
        return any(
            one.has_attr("bgcolor")
            or _grounds(_declarations(str(one.get("style") or "")))
            or not self._grounds.isdisjoint(_selectors(one))
            for one in (tag, *tag.parents)
        )


def _declarations(style: str) -> Mapping[str, str]:
    pairs = (one.partition(":") for one in style.lower().split(";"))
    return {name.strip(): value.replace("!important", "").strip() for name, _, value in pairs}


def _hides(style: Mapping[str, str]) -> bool:
    return bool(style) and (
        style.get("display") == "none"
        or style.get("visibility") in {"hidden", "collapse"}
        or style.get("content-visibility") == "hidden"
        or any(_ZERO.fullmatch(style.get(name, "")) for name in ("opacity", "font-size"))
        or any(_FAR.fullmatch(style.get(name, "")) for name in _EDGES)
        or any(_FLAT.fullmatch(style.get(name, "")) for name in ("clip", "clip-path", "transform"))
        or "transparent" in {style.get("color"), style.get("-webkit-text-fill-color")}
        or (
            any(_ZERO.fullmatch(style.get(name, "")) for name in _SIZES)
            and style.get("overflow", "") in {"hidden", "clip"}
        )
    )


def _grounds(style: Mapping[str, str]) -> bool:
    stated = (style.get(name, "") for name in ("background", "background-color", "background-image"))
    return any(value and not _WHITE.match(value) for value in stated)


def _is_white(tag: Tag, style: Mapping[str, str]) -> bool:
    stated = style.get("color") or (str(tag.get("color") or "").lower() if tag.name == "font" else "")
    return bool(_WHITE.fullmatch(stated))


def _selectors(tag: Tag) -> Iterator[str]:
    """The simple selectors that match ``tag``."""
    marks = [f".{name}" for name in tag.get_attribute_list("class") if name]
    marks += [f"#{tag['id']}"] if tag.get("id") else []
    yield tag.name
    for mark in marks:
        yield mark
        yield f"{tag.name}{mark}"
