"""What must not leave: people's names, quotes, amounts of money, and rows about groups too small to be anonymous."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any

from lib.charts.spec import Chart
from lib.engine.evidence.evidence import Evidence, Fact
from lib.framework import slots
from lib.report.story import chart_table
from lib.report.story.inputs import Options
from lib.report.story.summary_model import Line, Message, Summary, parts_within
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


_COLLEAGUE = "a colleague"
# Section of the workbook -> the fields of its records in which people are named, one name or several.
_NAMING = {
    "experiments": ("decided_by", "forecasts"),
    "actions": ("owner",),
    "insights": ("by",),
    "rituals": ("owner",),
    "handoffs": ("escalation",),
    slots.METRICS: ("owners",),
    "stages": ("owners",),
    "contracts": ("marketing_owner", "growth_owner", "tie_break"),
    "ideas": ("marketing_owner", "growth_owner"),
}


def names(workbook: Workbook) -> dict[str, str]:
    """Person's name -> what to write instead."""
    found: dict[str, str] = {}
    for name, role in _known(workbook):
        found.setdefault(name.strip(), role)
    for name in _mentioned(workbook):
        if not _TEAM_WORDS.search(name):
            found.setdefault(name.strip(), _COLLEAGUE)
    found.pop("", None)
    for whole, role in list(found.items()):
        parts = whole.split()
        for part in parts if len(parts) > 1 else ():
            if len(part) >= 3 and part[:1].isupper() and not _TEAM_WORDS.search(part):
                found.setdefault(part, role)
    return found


def _known(workbook: Workbook) -> Iterator[tuple[str, str]]:
    """People whose role is written down."""
    yield workbook.settings.marketing_lead, "Marketing lead"
    yield workbook.settings.growth_lead, "Growth lead"
    for person in workbook.people.values():
        team = person.team.strip()
        yield person.name, person.role.strip() or (f"{team} team member" if team else _COLLEAGUE)


def _mentioned(workbook: Workbook) -> Iterator[str]:
    """What stands in fields that name people: names, and words for a team."""
    for section, fields_ in _NAMING.items():
        for record in getattr(workbook, section).values():
            for value in (getattr(record, field) for field in fields_):
                yield from (value,) if isinstance(value, str) else value
    for kept in workbook.room.values():  # who was in a workshop, and who parked or promised something there
        if isinstance(kept, list):
            yield from map(str, kept)
        elif isinstance(kept, dict):
            yield str(kept.get("owner") or "")


Change = Callable[[Any], Any]


def _rebuild(value: Any, change: Change, memo: dict[int, Any]) -> Any:
    """A copy of a frozen structure with `change` applied to every leaf and dataclass, innermost first."""
    if id(value) in memo:
        return memo[id(value)]
    if is_dataclass(value) and not isinstance(value, type):
        out = change(_with_fields(value, change, memo))
    elif isinstance(value, tuple):
        items = tuple(_rebuild(item, change, memo) for item in value)
        out = value if all(a is b for a, b in zip(items, value, strict=True)) else items
    elif isinstance(value, dict):
        out = {key: _rebuild(item, change, memo) for key, item in value.items()}
    else:
        return change(value)
    memo[id(value)] = out
    return out


def _with_fields(value: Any, change: Change, memo: dict[int, Any]) -> Any:
    """A dataclass with its fields rebuilt; itself where none changes."""
    old = {f.name: getattr(value, f.name) for f in fields(value)}
    new = {name: _rebuild(item, change, memo) for name, item in old.items()}
    changed = {name: item for name, item in new.items() if item is not old[name]}
    return replace(value, **changed) if changed else value


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


def _money_columns(summary: Summary) -> dict[str, set[str]]:
    """Evidence id -> columns that hold absolute money, by use and by name."""
    found: dict[str, set[str]] = {}
    for item in parts_within(summary):
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


def _indexed(chart: Chart) -> Chart:
    """A chart of money as an index: the highest value is one hundred."""
    source = chart.evidence
    used = [c for c in (chart.y, chart.low, chart.high) if c]
    amounts = [chart_table.number(value) for c in used for value in source.column(c)]
    top = max((abs(amount) for amount in amounts if amount is not None), default=0) or 1
    keep = [c for c in source.columns if c in {chart.x, chart.series, *used}]
    columns = [_of_hundred(source.column(c), top) if c in used else source.column(c) for c in keep]
    evidence = replace(
        source,
        title=f"{source.title}, as an index",
        columns=tuple(keep),
        rows=tuple(zip(*columns, strict=True)),
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


def _of_hundred(values: Sequence[Any], top: float) -> list[Any]:
    """Numbers as parts of a hundred; what is no number stays."""
    known = [(value, chart_table.number(value)) for value in values]
    return [value if amount is None else round(amount / top * 100, 4) for value, amount in known]


def _with_indexes(message: Message, money: Mapping[str, set[str]]) -> Message:
    """A slide whose charts of money became indexes; the amounts are no evidence of it any more."""

    def is_money(chart: Chart) -> bool:
        return chart.y in money.get(chart.evidence.id, ())

    dropped = {chart.evidence.id for chart in message.charts() if is_money(chart)}
    if not dropped:
        return message
    body = _rebuild(message.body, lambda v: _indexed(v) if isinstance(v, Chart) and is_money(v) else v, {})
    return replace(message, body=body, evidence=tuple(e for e in message.evidence if e.id not in dropped))


def _hide_money(summary: Summary) -> Summary:
    money = _money_columns(summary)
    indexed = replace(summary, messages=tuple(_with_indexes(message, money) for message in summary.messages))

    def mask(value: Any) -> Any:
        is_money = isinstance(value, Fact) and value.column in money.get(value.evidence.id, ())
        if is_money and value.value is not None:
            return Fact(value.evidence, value.row, value.column, "text")
        return value

    def hide(value: Any) -> Any:
        if isinstance(value, Evidence) and money.get(value.id):
            return _masked(value, money[value.id])
        return value

    # Facts first: their format tells the columns while the evidence still has its own id.
    return _rebuild(_rebuild(_rebuild(indexed, mask, {}), hide, {}), _without_amounts, {})


_AMOUNT = re.compile(r"[$€£¥₹]\s?\d|\d\s?(USD|EUR|GBP|CHF|JPY)\b")
_WRITTEN_AMOUNT = re.compile(r"[$€£¥₹]\s?\d[\d.,]*[kmb]?")


def _without_amounts(value: Any) -> Any:
    """Sentences that an analysis wrote with an amount in them carry it as text: they are left out, or the amount is."""
    if isinstance(value, str):
        return _WRITTEN_AMOUNT.sub(WITHHELD, value)
    if isinstance(value, Message):
        kept = {
            name: tuple(text for text in getattr(value, name) if not _AMOUNT.search(text.text))
            for name in ("takeaways", "notes")
        }
        return replace(value, **kept)
    if isinstance(value, Line):
        typed = {k: _AMOUNT.sub(WITHHELD, v) for k, v in value.facts.items() if isinstance(v, str)}
        return replace(value, facts={**value.facts, **typed})
    return value


def small_rows(evidence: Evidence, floor: int) -> list[int]:
    """Rows about a group of fewer people than the floor.

    Only tables with a column that names a group are looked at: a stage of a journey or a whole company is no group.
    """
    counts = [i for i, c in enumerate(evidence.columns) if c in _PEOPLE]
    is_grouped = any(_GROUP.search(c) for c in evidence.columns)
    if floor <= 0 or not counts or not is_grouped or len(evidence.rows) < 2:
        return []
    return [index for index, row in enumerate(evidence.rows) if _least(row, counts, floor) < floor]


def _least(row: Sequence[Any], places: Sequence[int], unknown: float) -> float:
    """The smallest number of people that a row tells."""
    known = (chart_table.number(row[place]) for place in places)
    return min((number for number in known if number is not None), default=unknown)


def _floor(summary: Summary, floor: int) -> Summary:
    """Without rows about groups that are too small; the summary says so where there were any."""
    blanked: set[str] = set()

    def change(value: Any) -> Any:
        if isinstance(value, Evidence) and (small := small_rows(value, floor)):
            blanked.add(value.id)
            return _blank(value, set(small), floor)
        return _with_rows(value) if isinstance(value, Chart) else value

    out = _rebuild(summary, change, {})
    if not blanked:
        return out
    warning = f"Rows about groups of fewer than {floor} people were left out."
    return replace(out, warnings=(*out.warnings, warning))


def _blank(evidence: Evidence, rows: set[int], floor: int) -> Evidence:
    """A table with these rows emptied: the place of the others stays, because facts point at it."""
    return replace(
        evidence,
        rows=tuple((None,) * len(row) if i in rows else row for i, row in enumerate(evidence.rows)),
        definition=f"{evidence.definition} Groups under the floor of {floor} are left out.",
    )


def _with_rows(chart: Chart) -> Chart:
    """A chart without rows that are empty."""
    rows = chart.evidence.rows
    kept = tuple(row for row in rows if any(cell is not None for cell in row))
    return chart if len(kept) == len(rows) else replace(chart, evidence=replace(chart.evidence, rows=kept))


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
        out = replace(out, messages=tuple(replace(message, quote=None) for message in out.messages))
    if options.hide_money:
        out = _hide_money(out)
    if options.hide_names:
        out = _hide_names(out, workbook)
    return out
