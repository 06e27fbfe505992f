"""What must not leave: people's names, quotes, amounts of money, and rows about groups too small to be anonymous."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from typing import Any

from lib.charts.spec import Chart
from lib.engine.evidence.evidence import Evidence, Fact
from lib.report.story import chart_table
from lib.report.story.inputs import Options
from lib.report.story.summary_model import ChartBody, Line, Message, Summary, walk
from lib.workbook.model import Workbook

WITHHELD = "withheld"
_TEAM_WORDS = re.compile(
    r"market|growth|sales|product|team|lead|head|founder|customer|brand|data|support|finance|both|nobody|success",
    re.I,
)
_MONEY = re.compile(
    r"(^|_)(revenue|mrr|arr|amount|spend|cost|price|cac|ltv|arpu|money|value_usd|payment|budget|income)(_|$)",
    re.I,
)
_PEOPLE = (
    "n",
    "users",
    "people",
    "customers",
    "accounts",
    "respondents",
    "entered",
    "size",
    "visitors",
    "trials",
    "deals",
    "n_control",
    "n_variant",
    "n_users",
    "cohort_size",
    "mature",
    "exposed",
    "count",
)
_GROUP = re.compile(
    r"channel|segment|plan|cohort|variant|country|persona|level|owner|campaign|respondent|user_id|customer|group",
    re.I,
)


def names(workbook: Workbook) -> dict[str, str]:
    """Person's name -> what to write instead."""
    found: dict[str, str] = {}
    settings = workbook.settings
    for name, role in ((settings.marketing_lead, "Marketing lead"), (settings.growth_lead, "Growth lead")):
        found.setdefault(name.strip(), role)
    for person in workbook.people.values():
        team = person.team.strip()
        found.setdefault(
            person.name.strip(), person.role.strip() or (f"{team} team member" if team else "a colleague")
        )
    loose = [w for e in workbook.experiments.values() for w in (*e.decided_by, *e.forecasts)]
    loose += [a.owner for a in workbook.actions.values()] + [i.by for i in workbook.insights.values()]
    loose += [r.owner for r in workbook.rituals.values()] + [h.escalation for h in workbook.handoffs.values()]
    loose += [o for m in workbook.metrics.values() for o in m.owners] + [
        o for s in workbook.stages.values() for o in s.owners
    ]
    for contract in workbook.contracts.values():
        loose += [contract.marketing_owner, contract.growth_owner, contract.tie_break]
    for kept in workbook.room.values():  # who was in a workshop, and who parked or promised something there
        loose += [str(name) for name in kept] if isinstance(kept, list) else []
        loose += [str(kept.get("owner") or "")] if isinstance(kept, dict) else []
    for idea in workbook.ideas.values():
        loose += [idea.marketing_owner, idea.growth_owner]
    for name in loose:
        if name.strip() and not _TEAM_WORDS.search(name):
            found.setdefault(name.strip(), "a colleague")
    found.pop("", None)
    for whole, role in list(found.items()):
        for part in whole.split():
            if (
                len(part) >= 3
                and len(whole.split()) > 1
                and part[:1].isupper()
                and not _TEAM_WORDS.search(part)
            ):
                found.setdefault(part, role)
    return found


def _rebuild(value: Any, change: Callable[[Any], Any], memo: dict[int, Any]) -> Any:
    """A copy of a frozen structure with `change` applied to every leaf and dataclass, innermost first."""
    if id(value) in memo:
        return memo[id(value)]
    if is_dataclass(value) and not isinstance(value, type):
        old = {f.name: getattr(value, f.name) for f in fields(value)}
        new = {name: _rebuild(item, change, memo) for name, item in old.items()}
        out = change(replace(value, **new) if any(new[k] is not old[k] for k in old) else value)
    elif isinstance(value, tuple):
        items = [_rebuild(item, change, memo) for item in value]
        out = tuple(items) if any(a is not b for a, b in zip(items, value, strict=True)) else value
    elif isinstance(value, dict):
        out = {key: _rebuild(item, change, memo) for key, item in value.items()}
    else:
        return change(value)
    memo[id(value)] = out
    return out


def _hide_names(summary: Summary, workbook: Workbook) -> Summary:
    table = names(workbook)
    if not table:
        return summary
    pattern = re.compile(
        r"(?<!\w)(" + "|".join(re.escape(n) for n in sorted(table, key=len, reverse=True)) + r")(?!\w)"
    )

    def change(value: Any) -> Any:
        return pattern.sub(lambda match: table[match.group(1)], value) if isinstance(value, str) else value

    return _rebuild(summary, change, {})


def _hide_quotes(summary: Summary) -> Summary:
    messages = tuple(replace(message, quote=None) for message in summary.messages)
    return replace(summary, messages=messages)


def _money_columns(summary: Summary) -> dict[str, set[str]]:
    """Evidence id -> columns that hold absolute money, by use and by name."""
    found: dict[str, set[str]] = {}
    for item in walk(summary):
        if isinstance(item, Fact) and item.format.removeprefix("+").startswith("money"):
            found.setdefault(item.evidence.id, set()).add(item.column)
        elif isinstance(item, Chart) and item.format.removeprefix("+").startswith("money"):
            found.setdefault(item.evidence.id, set()).update({item.y, item.low, item.high} - {""})
        elif isinstance(item, Evidence):
            named = {
                c
                for c in item.columns
                if _MONEY.search(c) and not re.search(r"share|rate|growth|change|relative|ratio|percent", c)
            }
            found.setdefault(item.id, set()).update(named)
    return found


def _masked(evidence: Evidence, columns: set[str]) -> Evidence:
    places = {evidence.columns.index(c) for c in columns if c in evidence.columns}
    rows = tuple(
        tuple(WITHHELD if i in places and v is not None else v for i, v in enumerate(row))
        for row in evidence.rows
    )
    return replace(evidence, rows=rows, definition=f"{evidence.definition} Amounts of money are withheld.")


def _indexed(chart: Chart, columns: set[str]) -> Chart:
    """A chart of money as an index: the highest value is one hundred."""
    if chart.y not in columns:
        return chart
    source = chart.evidence
    used = [c for c in (chart.y, chart.low, chart.high) if c]
    values = [
        abs(v) for c in used for v in (chart_table.number(x) for x in source.column(c)) if v is not None
    ]
    top = max(values, default=0) or 1
    keep = [i for i, c in enumerate(source.columns) if c in {chart.x, chart.series, *used}]
    rows = tuple(
        tuple(
            round(row[i] / top * 100, 4)
            if source.columns[i] in used and chart_table.number(row[i]) is not None
            else row[i]
            for i in keep
        )
        for row in source.rows
    )
    evidence = replace(
        source,
        title=f"{source.title}, as an index",
        columns=tuple(source.columns[i] for i in keep),
        rows=rows,
        method="Index: highest value = 100; amounts of money are withheld",
        definition=f"{source.definition} Shown as an index.",
    )
    return replace(
        chart,
        evidence=evidence,
        format="number",
        caption=f"{chart.caption} (index)",
        alt="Chart of an index; amounts of money are withheld.",
    )


def _hide_money(summary: Summary) -> Summary:
    money = _money_columns(summary)

    def change(value: Any) -> Any:
        if isinstance(value, Message) and isinstance(value.body, ChartBody):
            columns = money.get(value.body.chart.evidence.id, set())
            if value.body.chart.y in columns:
                drop = value.body.chart.evidence.id
                chart = _indexed(value.body.chart, columns)
                return replace(
                    value, body=ChartBody(chart), evidence=tuple(e for e in value.evidence if e.id != drop)
                )
        return value

    indexed = _rebuild(summary, change, {})

    def mask(value: Any) -> Any:
        if (
            isinstance(value, Fact)
            and value.column in money.get(value.evidence.id, set())
            and value.value is not None
        ):
            return Fact(value.evidence, value.row, value.column, "text")
        return value

    def hide(value: Any) -> Any:
        if isinstance(value, Evidence) and money.get(value.id):
            return _masked(value, money[value.id])
        return value

    # Facts first: their format tells the columns while the evidence still has its own id.
    masked = _rebuild(indexed, mask, {})
    hidden = _rebuild(masked, hide, {})
    return _drop_words(hidden)


def _drop_words(summary: Summary) -> Summary:
    """Sentences that an analysis wrote with an amount in them carry it as text: they are left out."""
    sign = re.compile(r"[$€£¥₹]\s?\d|\d\s?(USD|EUR|GBP|CHF|JPY)\b")

    def change(value: Any) -> Any:
        if isinstance(value, Message):
            return replace(
                value,
                takeaways=tuple(t for t in value.takeaways if not sign.search(t.text)),
                notes=tuple(t for t in value.notes if not sign.search(t.text)),
            )
        if isinstance(value, Line) and any(
            isinstance(v, str) and sign.search(v) for v in value.facts.values()
        ):
            return replace(
                value,
                facts={k: sign.sub(WITHHELD, v) if isinstance(v, str) else v for k, v in value.facts.items()},
            )
        if isinstance(value, str):
            return re.sub(r"[$€£¥₹]\s?\d[\d.,]*[kmb]?", WITHHELD, value)
        return value

    return _rebuild(summary, change, {})


def small_rows(evidence: Evidence, floor: int) -> list[int]:
    """Rows about a group of fewer people than the floor.

    Only tables with a column that names a group are looked at: a stage of a journey or a whole company is no group.
    """
    counts = [i for i, c in enumerate(evidence.columns) if c in _PEOPLE]
    is_grouped = any(_GROUP.search(c) for c in evidence.columns)
    if floor <= 0 or not counts or not is_grouped or len(evidence.rows) < 2:
        return []
    out = []
    for index, row in enumerate(evidence.rows):
        values = [chart_table.number(row[i]) for i in counts]
        present = [v for v in values if v is not None]
        if present and min(present) < floor:
            out.append(index)
    return out


def _floor(summary: Summary, floor: int) -> Summary:
    left_out = 0

    def change(value: Any) -> Any:
        nonlocal left_out
        if isinstance(value, Evidence):
            small = set(small_rows(value, floor))
            if small:
                left_out += len(small)
                rows = tuple(
                    tuple(None for _ in row) if i in small else row for i, row in enumerate(value.rows)
                )
                return replace(
                    value,
                    rows=rows,
                    definition=f"{value.definition} Groups under the floor of {floor} are left out.",
                )
        if isinstance(value, Chart):
            kept = tuple(row for row in value.evidence.rows if any(cell is not None for cell in row))
            if len(kept) != len(value.evidence.rows):
                return replace(value, evidence=replace(value.evidence, rows=kept))
        return value

    out = _rebuild(summary, change, {})
    if left_out:
        out = replace(
            out, warnings=(*out.warnings, f"Rows about groups of fewer than {floor} people were left out.")
        )
    return out


def redact(summary: Summary, workbook: Workbook, options: Options, floor: int) -> Summary:
    """Apply everything that was asked for.

    Args:
        summary: The whole.
        workbook: Where people's names stand.
        options: What to hide.
        floor: Smallest group that may leave as a row; 0 for none.
    """
    out = _floor(summary, floor)
    if options.hide_quotes:
        out = _hide_quotes(out)
    if options.hide_money:
        out = _hide_money(out)
    if options.hide_names:
        out = _hide_names(out, workbook)
    return out
