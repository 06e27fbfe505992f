"""One record of JSON as cells: nested objects become dotted names, lists stay text."""

from __future__ import annotations

import json
import re
from typing import Any

MAX_DEPTH = 32
_MOST = 20_000  # values of one record
_LONGEST_NAME = 200  # characters of a column's name
_TYPED = ("string_value", "int_value", "float_value", "double_value", "bool_value", "set_timestamp_micros")
_AS_TEXT = {True: "true", False: "false"}
_UNFIT = re.compile("[\x00\ud800-\udfff]")


class UnusableError(ValueError):
    """A record that cannot be a row; its text is the reason, a phrase for a person."""


class Number(str):
    """A number as the file writes it: no digit is lost."""

    __slots__ = ()


def decoder() -> json.JSONDecoder:
    """What parses a record: numbers stay as they are written, a name that occurs twice is refused."""
    return json.JSONDecoder(
        object_pairs_hook=_object, parse_int=Number, parse_float=Number, parse_constant=Number, strict=False
    )


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        name = next(name for name, _ in pairs if name in seen or seen.add(name))
        raise UnusableError(f"names “{name[:60]}” twice")
    return found


def cells(record: dict[str, Any]) -> tuple[dict[str, str | None], set[str]]:
    """The cells of a record by dotted name, and the names of those that hold a list.

    A list of keys and values, as GA4 exports its parameters, becomes a column for each key. An empty list or object is
    no value.

    Args:
        record: As `decoder` gives it.

    Raises:
        UnusableError: It is nested too deeply, or two of its names become one.

    >>> cells({"event": "paid", "user": {"id": Number("7")}, "tags": ["a", "b"]})
    ({'event': 'paid', 'user.id': '7', 'tags': '["a", "b"]'}, {'tags'})
    """
    found: dict[str, str | None] = {}
    lists: set[str] = set()
    _object_into(found, lists, "", record, 1)
    return found, lists


def _object_into(
    found: dict[str, str | None], lists: set[str], before: str, record: dict[str, Any], depth: int
) -> None:
    if depth > MAX_DEPTH:
        raise UnusableError(f"is nested more than {MAX_DEPTH} levels deep")
    for name, value in record.items():
        path, kind = before + name, type(value)
        if kind is list:
            _list_into(found, lists, path, value, depth)
        elif kind is dict:
            _object_into(found, lists, f"{path}.", value, depth + 1)
        else:
            if path in found or len(path) > _LONGEST_NAME:
                raise _unfit(path)
            found[path] = _AS_TEXT[value] if kind is bool else value
    if len(found) > _MOST:
        raise UnusableError(f"has more than {_MOST:,} values")


def _unfit(path: str) -> UnusableError:
    if len(path) > _LONGEST_NAME:
        return UnusableError(f"has a name of {len(path):,} characters")
    return UnusableError(f"names “{path[:60]}” twice")


def _list_into(
    found: dict[str, str | None], lists: set[str], path: str, items: list[Any], depth: int
) -> None:
    pairs = _pairs(items) if items else None
    if pairs is not None:
        _object_into(found, lists, f"{path}.", pairs, depth + 1)
        return
    lists.add(path)
    if items:
        _object_into(found, lists, "", {path: as_json(items, depth)}, depth)


def _pairs(items: list[Any]) -> dict[str, Any] | None:
    """The values of a list of {"key": ..., "value": ...} by key; None for any other list."""
    found: dict[str, Any] = {}
    for item in items:
        if not isinstance(item, dict) or item.keys() != {"key", "value"} or not isinstance(item["key"], str):
            return None
        found[item["key"]] = _typed(item["value"])
    return found if len(found) == len(items) else None


def _typed(value: Any) -> Any:
    """What a value is whose kind is told by the name it stands under, as in GA4's parameters."""
    if isinstance(value, dict) and value and all(name in _TYPED for name in value):
        return next((value[name] for name in _TYPED if value.get(name) is not None), None)
    return value


def as_json(value: Any, depth: int = 0) -> str:
    """A list or object as text, its numbers as they are written.

    Raises:
        UnusableError: It is nested too deeply.
    """
    if depth > MAX_DEPTH:
        raise UnusableError(f"is nested more than {MAX_DEPTH} levels deep")
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, list):
        if all(type(item) is str for item in value):
            return json.dumps(value, ensure_ascii=False)
        return f"[{', '.join(as_json(item, depth + 1) for item in value)}]"
    if isinstance(value, dict):
        inner = (
            f"{json.dumps(name, ensure_ascii=False)}: {as_json(item, depth + 1)}"
            for name, item in value.items()
        )
        return f"{{{', '.join(inner)}}}"
    return json.dumps(value, ensure_ascii=False)


def mended(found: dict[str, str | None]) -> tuple[dict[str, str | None], int]:
    """Cells without NUL characters and halves of characters, and how many held one.

    >>> mended({"a": "x" + chr(0), "b": chr(0xD800)})[1]
    2
    """
    if _is_sound("".join([*found, *filter(None, found.values())])):
        return found, 0
    count = 0
    whole: dict[str, str | None] = {}
    for name, value in found.items():
        if value is not None and _UNFIT.search(value):
            value = _UNFIT.sub("\ufffd", value.replace("\x00", ""))
            count += 1
        whole[_UNFIT.sub("\ufffd", name)] = value
    return whole, count


def _is_sound(text: str) -> bool:
    if "\x00" in text:
        return False
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
