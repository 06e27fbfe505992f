"""The ownership matrix crossed: the six areas x the stages of the journey, with the metrics that lie in each crossing.

One accountable answers for each crossing. Where the owner of the area, of the stage and of the metrics is the same one,
that is settled; where they differ somebody has to choose.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from lib.analysis.handoff.ownership import MatrixRow, Territory, agreed, territory
from lib.analysis.verdict import Finding, Fix
from lib.engine.evidence.evidence import single
from lib.framework import metric_kinds
from lib.framework.load import framework
from lib.framework.recognise import recognise_kpi
from lib.workbook.model import JourneyStage, Metric, Owns, Workbook

MONEY = "currency"
_SHOWN = 3


@dataclass(frozen=True)
class Cell:
    """Where one area meets one stage.

    Attributes:
        id: Its id under `owns/`.
        area: Area id.
        area_name: What a person calls it.
        stage: Stage id.
        stage_name: What a person calls it.
        metrics: Names of the metrics that lie here.
        claims: (who, as what): the owners of the metrics, the stage and the area.
        accountable: The one who answers; "" while nobody or more than one does.
        territory: Where the accountable one stands.
        problem: "" | nobody | contested.
    """

    id: str
    area: str
    area_name: str
    stage: str
    stage_name: str
    metrics: tuple[str, ...]
    claims: tuple[tuple[str, str], ...]
    accountable: str
    territory: Territory
    problem: Literal["", "nobody", "contested"]


def area_of(metric: Metric) -> str:
    """The area a metric belongs to: as the team set it, else by the catalogue, else by its kind; "" while it is not sorted."""
    if metric.area in framework().areas:
        return metric.area
    kpi = recognise_kpi(metric.name) if not metric.kpi else None
    id = metric.kpi or (kpi.id if kpi else "")
    for area in framework().areas.values():
        if id and id in area.kpis:
            return area.id
    known = framework().kpis.get(id)
    kind = (
        metric.kind
        if metric.kind != metric_kinds.UNASSIGNED
        else known.kind
        if known
        else metric_kinds.UNASSIGNED
    )
    if kind == metric_kinds.PROCESS:
        return "channel_system"
    if kind == metric_kinds.OUTCOME and (known.unit == MONEY if known else metric.unit in (MONEY, "money")):
        return "business_model"
    return "conversion_ecosystem" if kind in (metric_kinds.OUTCOME, metric_kinds.SHARED) else ""


def stage_of(metric: Metric, stages: Sequence[tuple[str, JourneyStage]]) -> str:
    """The stage a metric is read at: of its event, else of its AARRR stage; "" where the journey has none."""
    if metric.series.startswith("events:"):
        event = metric.series.removeprefix("events:").split(">")[-1]
        for key, stage in stages:
            if event in stage.events:
                return key
    return next((key for key, stage in stages if metric.aarrr and stage.aarrr == metric.aarrr), "")


def grid(
    workbook: Workbook, rows: Sequence[MatrixRow], stages: Sequence[tuple[str, JourneyStage]]
) -> tuple[Cell, ...]:
    """Every crossing of an area and a stage that holds a metric or was given an owner, areas first.

    Args:
        workbook: Metrics and what was agreed.
        rows: The plain matrix: areas, stages and metrics with who answers for each.
        stages: (id, stage) in journey order.
    """
    answers = {(row.kind, row.id): row for row in rows}
    at: dict[tuple[str, str], list[str]] = {}
    for key, metric in sorted(workbook.metrics.items(), key=lambda item: item[1].name.lower()):
        place = (area_of(metric), stage_of(metric, stages))
        if all(place) and metric.verdict != "drop":
            at.setdefault(place, []).append(key)
    out = []
    for area in framework().areas.values():
        for key, stage in stages:
            id = f"{area.id}+{key}"
            ids = at.get((area.id, key), [])
            if not ids and id not in workbook.owns:
                continue
            claims = [(answers["metric", m].accountable, answers["metric", m].name) for m in ids]
            claims += [
                (answers[kind, one].accountable, answers[kind, one].name)
                for kind, one in (("stage", key), ("area", area.id))
                if (kind, one) in answers
            ]
            out.append(
                _cell(
                    workbook,
                    id,
                    (area.id, area.name),
                    (key, stage.name or key),
                    tuple(workbook.metrics[m].name or m for m in ids),
                    claims,
                )
            )
    return tuple(out)


def _cell(
    workbook: Workbook,
    id: str,
    area: tuple[str, str],
    stage: tuple[str, str],
    metrics: tuple[str, ...],
    claims: Sequence[tuple[str, str]],
) -> Cell:
    known = tuple((who, what) for who, what in claims if who)
    chosen = agreed(workbook.owns.get(id, Owns()))
    names = list(dict.fromkeys(who for who, _ in known))
    one = chosen or (names[0] if len(names) == 1 else "")
    problem: Literal["", "nobody", "contested"] = "" if one else "contested" if names else "nobody"
    where = territory(workbook, (one,) if one else ())
    return Cell(id, *area, *stage, metrics, known, one, where, problem)


def findings(workbook: Workbook, cells: Sequence[Cell], rows: Sequence[MatrixRow]) -> Iterator[Finding]:
    """Crossings with two who answer, and with nobody; each with one click that settles all of them."""
    who = {(row.kind, row.id): row.accountable for row in rows}
    contested = [cell for cell in cells if cell.problem == "contested"]
    if contested:
        kinds = (("The stage's owner answers", "stage"), ("The area's owner answers", "area"))
        fixes = []
        for label, kind in kinds:
            saves = tuple(
                (f"owns/{cell.id}/resolved", name)
                for cell in contested
                if (name := who.get((kind, cell.stage if kind == "stage" else cell.area), ""))
            )
            if len(saves) == len(contested):
                fixes.append(Fix(label, saves))
        count = single(
            "Ownership matrix",
            "Crossings of an area and a stage with more than one who answers.",
            {"rows": len(contested)},
        )
        yield Finding(
            "matrix_contested",
            "medium",
            "{n} crossings of the ownership matrix have more than one who answers: {names}."
            if len(contested) > 1
            else "{n} crossing of the ownership matrix has more than one who answers: {names}.",
            "One team owns the area, another the stage or the metric: both will say they decide, and neither will "
            "answer. Choose which of them goes first, or settle each in the matrix.",
            tuple(cell.id for cell in contested),
            {"n": count.fact(0, "rows", "count"), "names": _names(contested)},
            tuple(fixes),
            count,
        )
    nobody = [cell for cell in cells if cell.problem == "nobody"]
    if nobody:
        areas = framework().areas
        saves = tuple((f"owns/{cell.id}/resolved", areas[cell.area].owner) for cell in nobody)
        yield Finding(
            "matrix_nobody",
            "low",
            "Nobody answers where {names}.",
            "These metrics lie on a stage and in an area that have no owner either.",
            tuple(cell.id for cell in nobody),
            {"names": _names(nobody)},
            (Fix("Take the area's usual owner", saves),),
        )


def _names(cells: Sequence[Cell]) -> str:
    shown = "; ".join(f"{cell.area_name} meets {cell.stage_name}" for cell in cells[:_SHOWN])
    return shown + (f" and {len(cells) - _SHOWN} more" if len(cells) > _SHOWN else "")
