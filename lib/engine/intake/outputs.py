"""Which columns the clean table gets, and the SQL that reads each from the all-text table."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb

from lib.engine.intake import money, questions, warnings
from lib.engine.intake.model import IntakeQuestion, RawColumn
from lib.engine.intake.readers import parse
from lib.engine.intake.readers.row_source import TextTable
from lib.engine.intake.values import casts, time_zones, value_kinds
from lib.engine.query import literal, quote
from lib.errors import MappingError

# question -> its answers
_OPTIONS = {"dates": ("dmy", "mdy"), "decimal": ("point", "comma"), "swapped": ("swapped", "right")}
_UNITS = ("hundredths", "whole")
TYPES = {
    "text": "VARCHAR",
    "integer": "BIGINT",
    "number": "DOUBLE",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
}


@dataclass(frozen=True)
class Output:
    """One column to write: `sql` gives its value, `raw` the text it is read from ("" for a constant)."""

    name: str
    kind: str
    header: str
    sql: str
    raw: str = ""
    required: bool = False
    is_extra: bool = False


def snake(header: str) -> str:
    """A header as a column name.

    >>> snake("Created (UTC)"), snake("userId"), snake("3rd party")
    ('created_utc', 'user_id', 'c_3rd_party')
    """
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", header)
    name = re.sub(r"\W+", "_", name, flags=re.UNICODE).strip("_").lower()
    return (f"c_{name}" if name[:1].isdigit() else name) or "column"


def _answer(answers: Mapping[str, str], kind: str, header: str, allowed: tuple[str, ...]) -> str:
    value = answers.get(f"{kind}:{header}", answers.get(kind, ""))
    if value and value not in allowed:
        raise MappingError(f"“{value}” is no answer to “{kind}”.", f"Answer with {' or '.join(allowed)}.")
    return value


def _kind_of(style: str) -> str:
    """The question that a style is an answer to; "" for a style that is clear by itself."""
    parts = set(style.split("+"))
    return next((kind for kind, styles in _OPTIONS.items() if parts & set(styles)), "")


class Builder:
    """Decides kind, style and SQL of every column to write."""

    def __init__(self, con: duckdb.DuckDBPyConnection, task: Mapping[str, Any]) -> None:
        self.con, self.task = con, task
        self.source = TextTable(Path(task["folder_read"]))
        self.columns = {c["header"]: RawColumn(**c) for c in task["columns"]}
        self.answers: dict[str, str] = task["answers"]
        self.values = self.source.sample()
        self.open: list[IntakeQuestion] = []

    def style(self, column: RawColumn, guess: value_kinds.Guess, *, is_asked: bool = True) -> str | None:
        """The style, settled by the data or an answer; None when it stays open."""
        base, mark, _ = guess.style.partition("@")
        settled = self._order(column, replace(guess, style=base), is_asked=is_asked)
        if settled is None or not mark or guess.kind == "date":
            return settled and settled + mark
        told: dict[str, str] = {}
        for letters in time_zones.unclear(warnings.zones_of(self.con, self.source, column)):
            answer = _answer(self.answers, letters, column.header, tuple(time_zones.SEVERAL[letters]))
            if not answer and is_asked:
                self.open.append(questions.about_zone(column, letters))
            if not answer:
                return None
            told[letters] = answer
        return time_zones.with_answers(settled, told)

    def _order(self, column: RawColumn, guess: value_kinds.Guess, *, is_asked: bool) -> str | None:
        """The order of day and month, whether they were swapped, or what separates decimals."""
        kind = guess.ask or _kind_of(guess.style)
        if not kind:
            return guess.style
        answer = _answer(self.answers, kind, column.header, _OPTIONS[kind])
        if not guess.ask:
            return guess.style
        known = column.style.partition("@")[0]
        is_known = (
            bool(set(known.split("+")) & set(_OPTIONS[kind])) and column.header not in self.task["open"]
        )
        if is_known and not answer:
            return known  # the whole file settled it when it was read
        read_so = replace(column, kind=guess.kind, style=guess.style)
        settled, question = parse.settle(self.con, self.source, read_so, guess)
        if question is None:
            return settled.style
        if is_asked and not answer:
            self.open.append(question)
        return value_kinds.with_answer(guess.style, kind, answer) if answer else None

    def check_answered(self) -> None:
        """Refuse to go on while a question is open.

        Raises:
            MappingError: One is; it says which and how to answer.
        """
        if self.open:
            raise _unanswered(self.open)

    def mapped(self, spec: Mapping[str, Any], source: str) -> Output | None:
        """A canonical column; None while a question about it is open."""
        name, kind, required = spec["name"], spec["type"], bool(spec.get("required") or spec.get("is_gate"))
        if source.startswith("="):
            sql = casts.cast(literal(source[1:]), kind, "plain" if kind in ("number", "integer") else "iso")
            return Output(name, kind, "", _shaped(sql, spec), required=required)
        column = self.columns[source]
        guess = value_kinds.for_target(self.values[column.name], kind, comma_likely=self.task["comma_likely"])
        if kind == "date":  # the day that is written, whatever its zone
            guess = replace(guess, kind="date")
        style = self.style(column, guess)
        if style is None:
            return None
        is_id = required and kind == "text"
        is_plain = self.source.is_plain(column.name, is_id=is_id)
        sql = casts.cast(quote(column.name), kind, style, is_id=is_id, is_plain=is_plain)
        if kind == "number":
            sql = self.in_whole_money(column, sql)
        return Output(name, kind, source, _shaped(sql, spec), column.name, required)

    def in_whole_money(self, column: RawColumn, sql: str) -> str:
        """An amount divided by what its column's name or an answer says; an open question is noted."""
        parts = money.divisor(column.header)
        answer = _answer(self.answers, "unit", column.header, _UNITS)
        if column.header in {c.header for c in money.unclear(list(self.columns.values()), self.values)}:
            if not answer:
                self.open.append(questions.about_unit(column))
            parts = 100 if answer == "hundredths" else 1
        return f"({sql}) / {parts}" if parts > 1 else sql

    def further(self, column: RawColumn, taken: set[str], *, as_text: bool = False) -> Output:
        """A column the contract does not know, kept under its own name."""
        name, number = snake(column.header), 2
        while name in taken:
            name, number = f"{snake(column.header)}_{number}", number + 1
        taken.add(name)
        kind, style = column.kind, ""
        if as_text or kind == "text":
            kind = "text"
        else:
            guess = value_kinds.guess(
                self.values[column.name], column.header, comma_likely=self.task["comma_likely"]
            )
            found = self.style(column, guess, is_asked=False)
            kind, style = (guess.kind, found) if found is not None else ("text", "")
        sql = casts.cast(
            quote(column.name), kind, style, is_plain=self.source.is_plain(column.name, is_id=False)
        )
        return Output(name, kind, column.header, sql, column.name, is_extra=True)


def _shaped(sql: str, spec: Mapping[str, Any]) -> str:
    """Apply a contract's list of values or its range."""
    if spec.get("values"):
        tests = " ".join(
            f"WHEN regexp_matches(lower({sql}), {literal(v['pattern'])}) THEN {literal(v['to'])}"
            for v in spec["values"]
        )
        other = literal(spec["otherwise"]) if spec.get("otherwise") else "NULL"
        nothing = "''" if spec.get("is_gate") else "NULL"
        return f"CASE WHEN {sql} IS NULL THEN {nothing} {tests} ELSE {other} END"
    low, high = spec.get("minimum"), spec.get("maximum")
    tests = [f"{sql} >= {low}"] * (low is not None) + [f"{sql} <= {high}"] * (high is not None)
    return f"CASE WHEN {' AND '.join(tests)} THEN {sql} END" if tests else sql


def _unanswered(questions: list[IntakeQuestion]) -> MappingError:
    first = questions[0]
    kind = first.id.partition(":")[0]
    options = " or ".join(f"{kind}={value}" for value, _ in first.options)
    return MappingError(first.text, f"Answer it on the Data page, or give {options}.")
