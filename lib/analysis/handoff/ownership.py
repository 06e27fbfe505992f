"""Who owns what: territories of the journey and the ownership matrix of areas, stages and metrics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from lib.framework import metric_kinds
from lib.framework.load import framework
from lib.workbook.model import JourneyStage, Owns, Workbook

Territory = metric_kinds.Kind | Literal["other"]
RowKind = Literal["area", "stage", "metric"]
Problem = Literal["", "nobody", "two", "other"]
MARKETING, GROWTH, BOTH = "Marketing", "Growth", "Both"
_PROCESS = {"marketing", "pmm", "product marketing", "brand", "demand generation", "content"}
_OUTCOME = {"growth", "product growth", "growth marketing"}
_BOTH = {"both", "shared", "marketing and growth"}
WORDS: dict[Territory, str] = {
    metric_kinds.PROCESS: "Process",
    metric_kinds.OUTCOME: "Outcome",
    metric_kinds.SHARED: "Shared",
    "other": "Another team",
    metric_kinds.UNASSIGNED: "No owner",
}


@dataclass(frozen=True)
class MatrixRow:
    """One row of the ownership matrix.

    Attributes:
        id: Stage, area or metric id; the row's id under `owns/`.
        kind: area | stage | metric.
        name: What a person calls it.
        owners: Who is named today.
        accountable: The one who answers for it, "" while nobody or more than one does.
        territory: Where it lies.
        suggested: Typical owner of the framework, "" when it has none.
        problem: "" | nobody | two | other (the agreed one is not its owner).
    """

    id: str
    kind: RowKind
    name: str
    owners: tuple[str, ...]
    accountable: str
    territory: Territory
    suggested: str
    problem: Problem


def team_of(workbook: Workbook, owner: str) -> metric_kinds.Side | Literal["both", "other"]:
    """The side a named owner stands on: a team's name, one of the two leads, or a person of a known team."""
    name, settings = owner.strip().lower(), workbook.settings
    if name in _BOTH:
        return "both"
    if name in (_PROCESS | {settings.marketing_lead.lower()} - {""}):
        return "process"
    if name in (_OUTCOME | {settings.growth_lead.lower()} - {""}):
        return "outcome"
    teams = [person.team.lower() for person in workbook.people.values() if person.name.lower() == name]
    known = next((team for team in teams if team in _PROCESS | _OUTCOME), "")
    return "process" if known in _PROCESS else "outcome" if known else "other"


def territory(workbook: Workbook, owners: Sequence[str]) -> Territory:
    """Where something lies, from who owns it."""
    sides = {team_of(workbook, owner) for owner in owners if owner.strip()}
    if not sides:
        return metric_kinds.UNASSIGNED
    if "both" in sides or {metric_kinds.PROCESS, metric_kinds.OUTCOME} <= sides:
        return metric_kinds.SHARED
    if metric_kinds.PROCESS in sides:
        return metric_kinds.PROCESS
    return metric_kinds.OUTCOME if metric_kinds.OUTCOME in sides else "other"


def agreed(owns: Owns) -> str:
    """The one the teams agreed on; "" when they agreed on both, on nobody, or not at all."""
    return "" if owns.resolved.strip().lower() in (*_BOTH, "nobody") else owns.resolved


def accountable(owners: Sequence[str], owns: Owns) -> str:
    """The one who answers for a row: whom the teams agreed on, else its only owner."""
    named = [owner for owner in owners if owner.strip()]
    if agreed(owns):
        return agreed(owns)
    return named[0] if len(named) == 1 and named[0].lower() not in _BOTH else ""


def _problem(owners: Sequence[str], one: str) -> Problem:
    is_shared = len(owners) > 1 or any(owner.strip().lower() in _BOTH for owner in owners)
    if one:
        return "other" if owners and not is_shared and one not in owners else ""
    return "two" if is_shared else "nobody"


def _row(
    workbook: Workbook, key: str, kind: RowKind, name: str, owners: tuple[str, ...], suggested: str
) -> MatrixRow:
    one = accountable(owners, workbook.owns.get(key, Owns()))
    where = territory(workbook, owners or ((one,) if one else ()))
    return MatrixRow(key, kind, name, owners, one, where, suggested, _problem(owners, one))


def matrix(
    workbook: Workbook, stages: Sequence[tuple[str, JourneyStage]] | None = None
) -> tuple[MatrixRow, ...]:
    """All rows of the ownership matrix: the six areas, then the stages in journey order, then the metrics.

    Args:
        workbook: What the team answered.
        stages: Stages to list; the workbook's own when None.
    """
    rows = []
    for area in framework().areas.values():
        said = workbook.owns.get(area.id, Owns()).today
        rows.append(_row(workbook, area.id, "area", area.name, (said,) if said else (), area.owner))
    for key, stage in workbook.journey() if stages is None else stages:
        rows.append(_row(workbook, key, "stage", stage.name or key, stage.owners, ""))
    for key, metric in sorted(workbook.metrics.items(), key=lambda item: item[1].name.lower()):
        usual = {
            metric_kinds.PROCESS: MARKETING,
            metric_kinds.OUTCOME: GROWTH,
            metric_kinds.SHARED: BOTH,
        }.get(metric.kind, "")
        # A shared metric has two owners by agreement; its contract names who decides.
        agreed = workbook.contracts.get(key)
        row = _row(workbook, key, "metric", metric.name or key, metric.owners, usual)
        if row.problem == "two" and metric.kind == metric_kinds.SHARED and agreed and agreed.tie_break:
            row = MatrixRow(key, "metric", row.name, row.owners, agreed.tie_break, row.territory, usual, "")
        rows.append(row)
    return tuple(rows)
