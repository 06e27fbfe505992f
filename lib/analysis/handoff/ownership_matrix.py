"""The ownership matrix crossed: the six areas x the stages of the journey, with the metrics that lie in each crossing.

One accountable answers for each crossing. Where the owner of the area, of the stage and of the metrics is the same one,
that is settled; where they differ somebody has to choose.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Literal

from lib.analysis.handoff import words
from lib.analysis.handoff.ownership import MatrixRow, Territory, agreed, territory
from lib.analysis.verdict import Finding, Fix, answers
from lib.engine.evidence.evidence import single
from lib.framework import metric_kinds
from lib.framework.load import framework
from lib.framework.recognise import recognise_kpi
from lib.framework.schema import Kpi
from lib.workbook.model import JourneyStage, Metric, Owns, Workbook

MONEY = "currency"
_SHOWN = 3
_AREA_OF_KIND = {
    metric_kinds.PROCESS: "channel_system",
    metric_kinds.OUTCOME: "conversion_ecosystem",
    metric_kinds.SHARED: "conversion_ecosystem",
}


@dataclass(frozen=True)
class OwnershipCell:
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
    content = framework()
    if metric.area in content.areas:
        return metric.area
    recognised = recognise_kpi(metric.name) if not metric.kpi else None
    id = recognised.id if recognised else metric.kpi
    listed = next((area.id for area in content.areas.values() if id and id in area.kpis), "")
    return listed or _area_by_kind(metric, content.kpis.get(id))


def _area_by_kind(metric: Metric, kpi: Kpi | None) -> str:
    """The area of a metric that no area lists: by its kind, and money apart from other outcomes."""
    kind = kpi.kind if kpi and metric.kind == metric_kinds.UNASSIGNED else metric.kind
    is_money = kpi.unit == MONEY if kpi else metric.unit in (MONEY, "money")
    return "business_model" if kind == metric_kinds.OUTCOME and is_money else _AREA_OF_KIND.get(kind, "")


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
) -> tuple[OwnershipCell, ...]:
    """Every crossing of an area and a stage that holds a metric or was given an owner, areas first.

    Args:
        workbook: Metrics and what was agreed.
        rows: The plain matrix: areas, stages and metrics with who answers for each.
        stages: (id, stage) in journey order.
    """
    who = {(row.kind, row.id): (row.accountable, row.name) for row in rows}
    at = _placed(workbook, stages)
    out = []
    for area, (key, stage) in product(framework().areas.values(), stages):
        id, metrics = f"{area.id}+{key}", at.get((area.id, key), [])
        if metrics or id in workbook.owns:
            places = [*(("metric", one) for one in metrics), ("stage", key), ("area", area.id)]
            claims = [who[place] for place in places if place in who]
            names = tuple(workbook.metrics[one].name or one for one in metrics)
            out.append(_cell(workbook, id, (area.id, area.name), (key, stage.name or key), names, claims))
    return tuple(out)


def _placed(
    workbook: Workbook, stages: Sequence[tuple[str, JourneyStage]]
) -> dict[tuple[str, str], list[str]]:
    """(area, stage) -> ids of the metrics that lie there, by name; without those that are to be dropped."""
    at: dict[tuple[str, str], list[str]] = {}
    for key, metric in sorted(workbook.metrics.items(), key=lambda item: item[1].name.lower()):
        if metric.verdict != "drop":
            at.setdefault((area_of(metric), stage_of(metric, stages)), []).append(key)
    return at


def _cell(
    workbook: Workbook,
    id: str,
    area: tuple[str, str],
    stage: tuple[str, str],
    metrics: tuple[str, ...],
    claims: Sequence[tuple[str, str]],
) -> OwnershipCell:
    known = tuple((who, what) for who, what in claims if who)
    chosen = agreed(workbook.owns.get(id, Owns()))
    names = list(dict.fromkeys(who for who, _ in known))
    one = chosen or (names[0] if len(names) == 1 else "")
    problem: Literal["", "nobody", "contested"] = "" if one else "contested" if names else "nobody"
    where = territory(workbook, (one,) if one else ())
    return OwnershipCell(id, *area, *stage, metrics, known, one, where, problem)


def findings(cells: Sequence[OwnershipCell], rows: Sequence[MatrixRow]) -> Iterator[Finding]:
    """Crossings with two who answer, and with nobody; each with one click that settles all of them."""
    contested = [cell for cell in cells if cell.problem == "contested"]
    if contested:
        count = single(words.MATRIX_TABLE.text, words.MATRIX_TABLE.means, {"rows": len(contested)})
        facts = {"n": count.fact(0, "rows", "count"), "names": _names(contested)}
        yield words.CONTESTED.of(len(contested)).finding(
            facts, _ids(contested), _who_goes_first(contested, rows), count
        )
    nobody = [cell for cell in cells if cell.problem == "nobody"]
    if nobody:
        take = words.TAKE_AREA_OWNER.fix(
            *_resolve(nobody, {cell.id: framework().areas[cell.area].owner for cell in nobody})
        )
        yield words.CROSSING_NOBODY.finding({"names": _names(nobody)}, _ids(nobody), [take])


def _who_goes_first(contested: Sequence[OwnershipCell], rows: Sequence[MatrixRow]) -> list[Fix]:
    """Let the owner of the stage, or of the area, answer everywhere; only where each has one."""
    who = {(row.kind, row.id): row.accountable for row in rows}
    fixes = []
    for kind, label in words.GOES_FIRST.items():
        named = {cell.id: who.get((kind, getattr(cell, kind)), "") for cell in contested}
        if all(named.values()):
            fixes.append(label.fix(*_resolve(contested, named)))
    return fixes


def _resolve(cells: Sequence[OwnershipCell], named: Mapping[str, str]) -> list[tuple[str, Any]]:
    return [save for cell in cells for save in answers("owns", cell.id, resolved=named[cell.id])]


def _ids(cells: Sequence[OwnershipCell]) -> list[str]:
    return [cell.id for cell in cells]


def _names(cells: Sequence[OwnershipCell]) -> str:
    shown = "; ".join(
        words.MEETS.write(area=cell.area_name, stage=cell.stage_name) for cell in cells[:_SHOWN]
    )
    more = len(cells) - _SHOWN
    return shown + (words.AND_MORE.write(n=str(more)) if more > 0 else "")
