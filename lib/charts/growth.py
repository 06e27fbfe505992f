"""Growth accounting as columns: who came, stayed and came back above the line, who left below it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from lib.analysis.events.growth_accounting import GrowthResult
from lib.charts.spec import Chart
from lib.engine.evidence import formats

PARTS = {"retained": "Stayed", "new": "New", "resurrected": "Came back", "churned": "Left"}
_TONES = {"Stayed": "pale", "New": "outcome", "Came back": "shared", "Left": "alarm"}


def _named(start: str, period: str) -> str:
    return formats.write(dt.date.fromisoformat(start), "month" if period == "month" else "date")


def people(result: GrowthResult, most: int = 13) -> Chart:
    """Active people by period and where they came from; those who left since the period before, below zero.

    Args:
        result: Growth accounting.
        most: Periods shown, the last complete ones.
    """
    table = result.evidence[0]
    at = {name: table.columns.index(name) for name in (*PARTS, "period", "is_complete")}
    kept = [row for row in table.rows if row[at["is_complete"]]][-most:]
    rows = tuple(
        (
            _named(row[at["period"]], result.period),
            word,
            -row[at[part]] if part == "churned" else row[at[part]],
        )
        for row in kept
        for part, word in PARTS.items()
    )
    shown = replace(table, columns=("period", "part", "people"), rows=rows)
    last = (
        {
            word: shown.fact(len(rows) - len(PARTS) + i, "people", "count").text.lstrip("-−")
            for i, word in enumerate(PARTS.values())
        }
        if rows
        else {}
    )
    listed = ", ".join(f"{word.lower()} {text}" for word, text in last.items())
    return Chart(
        "stacked",
        shown,
        x="period",
        y="people",
        series="part",
        format="count",
        tones=tuple(_TONES.items()),
        caption=f"People active in each complete {result.period}; below the line those who were active in the "
        f"{result.period} before and were not any more.",
        alt=f"People by {result.period}. Last complete {result.period}: {listed}."
        if listed
        else f"No complete {result.period} yet.",
    )
