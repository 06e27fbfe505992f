"""Which columns of a large table a query can need: the rest need not be loaded."""

from __future__ import annotations

import re

from lib.engine.datasets.dataset import Dataset

SMALL = 1_000_000  # rows; up to here everything is loaded
# Words that can mean columns nobody has named, or a whole row.
_WHOLE = re.compile(
    r"\b(summarize|describe|show|pivot|unpivot|natural|columns|table|except|exclude|replace|rename|name|row|struct\w*)\b"
)


def needed_columns(sql: str, table: str, dataset: Dataset) -> list[str]:
    """Columns that a query names; empty for all of them, which is also the answer in any doubt.

    Args:
        sql: The query.
        table: The table's name in it.
        dataset: The table.
    """
    if dataset.rows <= SMALL:
        return []
    text = re.sub(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'", " ", sql, flags=re.DOTALL).lower()
    text = re.sub(r"\bcount\s*\(\s*\*\s*\)", "count()", text)
    froms, selects = len(re.findall(r"\bfrom\b", text)), len(re.findall(r"\bselect\b", text))
    if "*" in text or _WHOLE.search(text) or froms > selects:
        return []
    names = {table} | set(re.findall(rf"\b{table}\b\"?\s+(?:as\s+)?(\w+)", text))
    for name in names - {
        "where",
        "group",
        "order",
        "join",
        "left",
        "on",
        "using",
        "limit",
        "inner",
        "union",
        "having",
    }:
        # A row as a value (`SELECT e FROM events e`) names no column and means all.
        alone = len(re.findall(rf"\b{name}\b(?!\"?\s*\.)", text))
        if alone > len(
            re.findall(
                rf"\b{table}\b\"?\s+(?:as\s+)?{name}\b"
                if name != table
                else rf"(?:from|join|,)\s+\"?{table}\b",
                text,
            )
        ):
            return []
    found = [
        column.name for column in dataset.columns if re.search(rf"\b{re.escape(column.name.lower())}\b", text)
    ]
    return found or [dataset.columns[0].name]
