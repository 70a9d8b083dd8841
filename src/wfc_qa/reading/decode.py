"""Bytes to text: Unicode first, then the Chinese encodings, never a guess that fails to decode."""

from __future__ import annotations

import codecs
import re

from charset_normalizer import from_bytes

from wfc_qa.errors import DocumentError

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE_BYTES = 65_536
_LEGACY = ["gb18030", "big5", "cp1252"]
_WIDE = ["utf_16_le", "utf_16_be"]
_LINE_END = re.compile("\r\n?|[\u0085\u2028\u2029\v\f]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f\ufffe\uffff]")
_MAX_CONTROL_SHARE = 0.01


def decode(data: bytes, declared: str = "") -> str:
    """Text of ``data`` with ``\\n`` line ends, without NUL, BOM or other controls.

    ``declared`` is the encoding the file itself names, if any. Raises DocumentError for binary data.
    """
    text = _decode(data, declared)
    if len(_CONTROL.findall(text)) > _MAX_CONTROL_SHARE * len(text):
        raise DocumentError("holds binary data, not text; convert it to Markdown, plain text or HTML")
    return _CONTROL.sub("", _LINE_END.sub("\n", text)).replace("\ufeff", "")


def _decode(data: bytes, declared: str) -> str:
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            text = _try(data, encoding)
            break
    else:
        text = _try(data, "utf-8") if not _looks_wide(data) else None
        if text is None and declared:
            text = _try(data, declared)
        if text is None and (guess := _guess(data)):
            text = _try(data, guess)
    if text is None:
        raise DocumentError("is in no encoding that can be told; save it as UTF-8")
    return text


def _try(data: bytes, encoding: str) -> str | None:
    # A codec such as "hex" decodes to bytes and raises LookupError; so does an unknown name.
    try:
        return data.decode(encoding)
    except (UnicodeError, LookupError, ValueError):
        return None


def _looks_wide(data: bytes) -> bool:
    return len(data) % 2 == 0 and data[:_SAMPLE_BYTES].count(0) * 10 > len(data[:_SAMPLE_BYTES])


def _guess(data: bytes) -> str:
    sample = data
    if len(data) > _SAMPLE_BYTES:
        # Half a character at the end would rule out the right encoding.
        end = data.rfind(b"\n", 0, _SAMPLE_BYTES) + 1 or _SAMPLE_BYTES
        sample = data[: end + end % 2]
    best = from_bytes(sample, cp_isolation=_WIDE if 0 in sample else _LEGACY).best()
    return best.encoding if best else ""
