"""What went wrong with a query, in plain words: where in the text, what it means, what to write instead."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping, Sequence

_KEYWORDS = (
    "SELECT", "FROM", "WHERE", "GROUP", "ORDER", "BY", "HAVING", "LIMIT", "JOIN", "LEFT", "INNER", "UNION", "DISTINCT",
    "VALUES", "WITH", "CASE", "WHEN", "THEN", "ELSE", "BETWEEN",
)  # fmt: skip
_TYPES = {
    r"U?INT(8|16|32|64|128)|U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?": "a whole number", r"DOUBLE|FLOAT|DECIMAL.*": "a number",
    "DATE": "a date", "TIMESTAMP.*": "a time", "BOOL(EAN)?": "yes or no", "VARCHAR": "text", "INTERVAL": "a span of time",
}  # fmt: skip
_MAX = 300
Tables = Mapping[str, Sequence[str]]
Place = tuple[str, int] | None
Speak = Callable[[re.Match[str], str, Tables, Place], tuple[str, str]]


def explain(text: str, sql: str, tables: Tables) -> tuple[str, str]:
    r"""Problem and remedy of an engine's message.

    Args:
        text: The message, its drawing of the query included.
        sql: The query.
        tables: Table -> its columns, as the person may name them.

    >>> explain('Parser Error: syntax error at or near "events"\n\nLINE 1: SELECT * FORM events', "SELECT * FORM events",
    ...         {"events": ["user_id"]})
    ('The query cannot be read at “events”.', 'Did you mean FROM instead of “FORM”?')
    """
    message, _, drawing = text.partition("\nLINE ")
    message = message.split("Error: ", 1)[-1].strip()
    place = _place("LINE " + drawing if drawing else "", sql)
    for pattern, speak in _RULES:
        found = re.search(pattern, message, re.DOTALL | re.IGNORECASE)
        if found:
            problem, remedy = speak(found, sql, tables, place)
            return problem.replace(" @", f" ({place[0]})" if place else ""), remedy
    first = re.split(r"\n|(?<=[.!])\s", message)[0].rstrip(".!")[:_MAX] or "The query failed"
    where = f" ({place[0]})" if place else ""
    return f"{first[:1].upper()}{first[1:]}{where}.", "Correct the query and run it again."


def _place(drawing: str, sql: str) -> Place:
    """Where the engine points to: in words, and as the position in the text; None when it does not point."""
    found = re.match(r"LINE (\d+): (.*)\n([ ]*)\^", drawing)
    if not found:
        return None
    line, shown = int(found.group(1)), found.group(2)
    at = len(found.group(3)) - len(f"LINE {line}: ")
    lines = sql.splitlines() or [""]
    if not 0 < line <= len(lines) or at < 0:
        return None
    if shown.startswith("..."):
        start = lines[line - 1].find(shown.strip(".")[:60])
        at = at - 3 + start if start >= 0 else at
    where = f"line {line}, character {at + 1}" if len(lines) > 1 else f"character {at + 1}"
    return where, sum(len(one) + 1 for one in lines[: line - 1]) + at


def _near(word: str, known: Sequence[str]) -> str:
    by_lower = {one.lower(): one for one in known}
    close = difflib.get_close_matches(word.lower(), list(by_lower), 1, 0.6)
    return by_lower[close[0]] if close else ""


def _listed(names: Sequence[str]) -> str:
    shown = list(names)[:15]
    return ", ".join(shown) + (" …" if len(names) > len(shown) else "")


def _syntax(found: re.Match[str], sql: str, tables: Tables, place: Place) -> tuple[str, str]:
    word = found.group(1)
    before = re.findall(r"[A-Za-z_]+", sql[: place[1]] if place else sql.split(word)[0])[-3:]
    for seen in reversed([*before, word]):
        meant = _near(seen, _KEYWORDS)
        if meant and meant.lower() != seen.lower() and seen.lower() not in _all_names(tables):
            return f"The query cannot be read at “{word}” @.", f"Did you mean {meant} instead of “{seen}”?"
    part = sql[: place[1]] if place else sql
    if part.count("(") > part.count(")"):
        return f"The query cannot be read at “{word}” @.", "A bracket before it is not closed."
    return (
        f"The query cannot be read at “{word}” @.",
        "Look just before it: a comma, a bracket or a word is missing.",
    )


def _all_names(tables: Tables) -> set[str]:
    return {name.lower() for name in tables} | {c.lower() for columns in tables.values() for c in columns}


def _column(found: re.Match[str], sql: str, tables: Tables, place: Place) -> tuple[str, str]:
    word = found.group(1)
    named = {
        t: c for t, c in tables.items() if re.search(rf"\b{re.escape(t)}\b", sql, re.IGNORECASE)
    } or tables
    columns = list(dict.fromkeys(c for some in named.values() for c in some))
    problem = f"There is no column “{word}” @."
    if place and sql[place[1] : place[1] + 1] == '"':
        return problem, f"Text stands in single quotes: '{word}'. Double quotes name a column."
    if not re.search(r"\bfrom\b", sql, re.IGNORECASE):
        return problem, f"The query has no FROM: name a table, {_listed(list(tables))}."
    meant = _near(word, columns)
    if meant:
        return problem, f"Did you mean {meant}?"
    return problem, "; ".join(f"{t} has {_listed(c)}" for t, c in list(named.items())[:3]) + "."


def _table(found: re.Match[str], sql: str, tables: Tables, place: Place) -> tuple[str, str]:
    word = found.group(1)
    meant = _near(word, list(tables))
    rest = f"The tables are {_listed(list(tables))}." if tables else "Bring a file on the Data page first."
    return f"There is no table “{word}” @.", f"Did you mean {meant}? {rest}" if meant else rest


def _function(found: re.Match[str], *_: object) -> tuple[str, str]:
    meant = found.group(2)
    return f"There is no function “{found.group(1)}” @.", (
        f"Did you mean {meant}?" if meant else "Choose a function of DuckDB's SQL."
    )


def _grouped(found: re.Match[str], *_: object) -> tuple[str, str]:
    word = found.group(1)
    return (
        f"“{word}” is neither grouped by nor added up @.",
        f"Add {word} to GROUP BY, or wrap it: count({word}), max({word}).",
    )


def _kind(name: str) -> str:
    return next((word for pattern, word in _TYPES.items() if re.fullmatch(pattern, name)), name)


def _cast(found: re.Match[str], *_: object) -> tuple[str, str]:
    value, kind = found.group(1)[:60], found.group(2)
    return f"“{value}” cannot be read as {_kind(kind)} @.", f"TRY_CAST(… AS {kind}) leaves such values empty."


def _types(found: re.Match[str], *_: object) -> tuple[str, str]:
    call = re.match(r"(.+?)\((.*)\)$", found.group(1))
    name, given = (call.group(1), call.group(2)) if call else (found.group(1), "")
    kinds = " and ".join(_kind(one.strip().replace("_LITERAL", "")) for one in given.split(","))
    return f"{name} cannot be used with {kinds} @.", "Convert first, for example CAST(column AS DOUBLE)."


def _says(problem: str, remedy: str) -> Speak:
    def speak(found: re.Match[str], *_: object) -> tuple[str, str]:
        return problem.format(*found.groups()), remedy.format(*found.groups())

    return speak


_RULES: tuple[tuple[str, Speak], ...] = (
    (r'syntax error at or near "(.*)"', _syntax),
    (r"unterminated (?:quoted|string)", _says("A text in quotes is not closed @.", "Close it with a single quote.")),
    (r"syntax error at end|unexpected end of|without selection list", _says("The query ends too early @.", "Finish it.")),
    (r'Referenced column "(.*?)" (?:not found|was not found)', _column),
    (r'does not have a column named "(.*?)"', _column),
    (r'Referenced table "(.*?)" not found', _table),
    (r"Table with name (.+?) does not exist", _table),
    (r'Function with name (\S+) does not exist!(?:\s*Did you mean "(.+?)")?', _function),
    (r'column "(.*?)" must appear in the GROUP BY', _grouped),
    (r"WHERE clause cannot contain aggregates", _says("WHERE cannot hold a total @.", "Filter totals with HAVING.")),
    (r"Ambiguous reference to column name \"(.*?)\" \(use: '(.*?)'",
     _says("“{0}” is in more than one table @.", "Say which one: {1}.")),
    (r"Could not convert string '(.*?)' to (\w+)", _cast),
    (r"No function matches .*?types '(.+?)'\.", _types),
    (r"best candidate function for the function call \"(.+?)\"", _types),
    (r"cannot be nested", _says("A total of a total @.", "Take the inner one in a WITH, the outer one over it.")),
    (r"(?:timestamp|date) field value out of range: \"(.*?)\"|invalid (?:timestamp|date) field format: \"(.*?)\"",
     lambda found, *_: (f"“{found.group(1) or found.group(2)}” is no date @.", "Write dates as 2026-01-31.")),
    (r"not provided for the following parameters: (.*)",
     _says("The query holds a placeholder ({0}) without a value.", "Write the value itself.")),
    (r"Overflow in", _says("A number grows past what its type can hold.", "CAST one side AS DOUBLE first.")),
    (r"More than one row returned by a subquery",
     _says("A query in brackets gives several rows where one value is needed.", "Add LIMIT 1, or use IN.")),
    (r"Malformed JSON", _says("A text is not valid JSON @.", "TRY_CAST(… AS JSON) leaves such values empty.")),
    (r"expression depth|nested too deep|Maximum.*depth",
     _says("The query is nested too deeply.", "Write it flatter, for example with WITH.")),
    (r"(?:LocalFileSystem|file system operations are disabled|Permission|not allowed|external access)",
     _says("A query here may only read the team's tables, no files and no network.", "Name a table in FROM.")),
)  # fmt: skip
