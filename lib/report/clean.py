"""One cleaner per sink: what a person typed is hostile by assumption, and stays plain text wherever it ends up."""

from __future__ import annotations

import html as _html
import re
import unicodedata

# Controls (C0 without tab and newline, C1), lone surrogates, non-characters.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
# Direction overrides and isolates, zero-width space, byte-order mark; joiners stay, scripts and emoji need them.
_INVISIBLE = re.compile("[\u200b\u202a-\u202e\u2066-\u2069\ufeff]")
_FORMULA = tuple("=+-@\t\r＝＋－＠")
_MARKDOWN = re.compile(r"([\\`*_\[\]<>|#~$])")
_RTL = {"R", "AL", "AN"}


def legal(value: str) -> str:
    """The same text without characters that files and converters cannot hold (a lone surrogate can end a process)."""
    return _INVISIBLE.sub("", _ILLEGAL.sub("", value))


def text(value: object, limit: int = 20_000) -> str:
    r"""Text that every file format accepts: line ends made one kind, what cannot be stored dropped.

    Args:
        value: Anything; None becomes "".
        limit: Longest result, in characters.

    >>> text("a\r\nb\x07 \u202egnp"), text(None)
    ('a\nb gnp', '')
    """
    if value is None:
        return ""
    raw = str(value).replace("\r\n", "\n").replace("\r", "\n")
    raw = re.sub("[\x0b\x0c\x85\u2028\u2029]", "\n", raw)
    raw = legal(raw)
    out = unicodedata.normalize("NFC", raw).strip()
    return out if len(out) <= limit else out[: limit - 1].rstrip() + "…"


def line(value: object, limit: int = 2_000) -> str:
    r"""Text on one line.

    >>> line("a\n  b\tc")
    'a b c'
    """
    return re.sub(r"[^\S\u00a0\u202f]+", " ", text(value, limit)).strip()


def csv_cell(value: object) -> object:
    """A cell no spreadsheet runs as a formula; numbers pass untouched.

    >>> csv_cell("=1+1"), csv_cell(-3)
    ("'=1+1", -3)
    """
    if value is None or isinstance(value, int | float):
        return value
    cell = text(value)
    return "'" + cell if cell.startswith(_FORMULA) else cell


def markdown(value: object) -> str:
    r"""Text inside a Markdown line; only what would be active is escaped.

    >>> markdown("a*b [x](y) 1-2")
    'a\\*b \\[x\\](y) 1-2'
    """
    out = _MARKDOWN.sub(r"\\\1", line(value))
    out = re.sub(r"^(\s*)([-+])(?=\s)", r"\1\\\2", out)
    out = re.sub(r"^(\s*\d+)([.)])(?=\s)", r"\1\\\2", out)
    return re.sub(r"(?i)\b(https?|ftp|mailto|javascript|data|file):", r"\1&#58;", out)


def html(value: object) -> str:
    """Text inside an HTML element or attribute.

    >>> html('<b onclick="x">')
    '&lt;b onclick=&quot;x&quot;&gt;'
    """
    return _html.escape(text(value), quote=True)


def is_rtl(value: str) -> bool:
    """Whether the first strong letter reads right to left."""
    if value.isascii():  # most texts are, and none of these letters reads right to left
        return False
    for char in value:
        direction = unicodedata.bidirectional(char)
        if direction == "L":
            return False
        if direction in _RTL:
            return True
    return False
