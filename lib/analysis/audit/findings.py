"""Findings of the metric audit, each with its one-click fix; what they say stands in `words`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

from lib.analysis.audit import quicksand, words
from lib.analysis.audit.metric_rows import STALE_DAYS, MetricLine, slug
from lib.analysis.handoff.before_after import of_metrics, with_review
from lib.analysis.metrics.lead_lag import Link
from lib.analysis.metrics.mix_rate import MixResult
from lib.analysis.metrics.mix_rate_text import rate_could_be_chance
from lib.analysis.metrics.series import MetricSeries, label
from lib.analysis.verdict import Finding, Fix, answers, by_severity
from lib.engine.calendar import iso_day
from lib.engine.evidence import formats
from lib.engine.evidence.evidence import Evidence, Fact
from lib.framework import metric_kinds, slots, step_ids
from lib.framework.load import framework
from lib.framework.schema import Kpi
from lib.workbook.model import SharedContract, Workbook

TEAMS = ("Marketing", "Growth")
GAPS = 0.2  # share of periods without a value above which it is said
_SHOWN = 4
_OTHER_SIDE = {metric_kinds.PROCESS: "outcome", metric_kinds.OUTCOME: "process"}


def findings(
    workbook: Workbook,
    lines: Sequence[MetricLine],
    links: Sequence[Link],
    sand: MixResult | None,
    glance: Evidence,
    relations: Evidence,
    today: dt.date,
) -> tuple[Finding, ...]:
    """All findings, most important first.

    Args:
        workbook: Register, contracts, tree.
        lines: The audit's lines.
        links: Everything that was correlated.
        sand: The split of the main conversion, or None.
        glance: The table of all metrics.
        relations: The table of duplicates and spend.
        today: For reviews that are due.
    """
    mine = [line for line in lines if line.is_registered]
    return by_severity(
        [
            *(_rising_volume(lines) if sand is None else _sand(sand)),
            *_unowned(mine, glance),
            *_doubly_owned(mine, glance),
            *_unsorted(mine),
            *_one_side(mine),
            *_process_only(mine),
            *(finding for line in mine for finding in _vanity(line, mine, glance)),
            *_repeats(lines, relations),
            *(finding for line in mine for finding in _shared(workbook, mine, line, today, glance)),
            *_without_input(workbook, mine, links),
            *_upkeep(mine, lines, glance),
        ]
    )


def _names(lines: Sequence[MetricLine]) -> str:
    shown = ", ".join(line.name for line in lines[:_SHOWN])
    return shown + (words.AND_OTHERS.text if len(lines) > _SHOWN else "")


def _listed(lines: Sequence[MetricLine]) -> dict[str, str]:
    """How many there are and what they are called."""
    count = words.METRICS.of(len(lines)).write(n=str(len(lines)))
    return {"count": count, "names": _names(lines)}


def _ids(lines: Sequence[MetricLine]) -> list[str]:
    return [line.id for line in lines]


def _suggested(lines: Sequence[MetricLine], field: str) -> tuple[tuple[str, Any], ...]:
    """One answer per metric: what is suggested for it."""
    saves: list[tuple[str, Any]] = []
    for line in lines:
        given = getattr(line.suggestion, field)
        saves += answers(
            slots.METRICS, line.id, **{field: list(given) if isinstance(given, tuple) else given}
        )
    return tuple(saves)


def _kpi(line: MetricLine) -> Kpi | None:
    """Its entry in the catalogue, as registered or as suggested."""
    return framework().kpis.get(line.metric.kpi or line.suggestion.kpi)


def _guard(mine: Sequence[MetricLine], kpi: Kpi | None) -> MetricLine | None:
    """The metric of the register that the catalogue names as the guardrail of this one."""
    if kpi is None:
        return None
    return next(
        (other for other in mine if (other.metric.kpi or other.suggestion.kpi) == kpi.guardrail), None
    )


def _sand(sand: MixResult) -> Iterator[Finding]:
    """More people entered while their conversion fell, and which of the two explanations holds."""
    if not quicksand.is_quicksand(sand):
        return
    sums = sand.evidence[1]
    cause = words.CAUSES[sand.conclusion].text
    if sand.conclusion != "mix" and rate_could_be_chance(sums):
        cause += words.CAUSE_BY_CHANCE.text
    facts: dict[str, Fact | str] = {
        "volume": sums.fact(0, "entered_change", "percent"),
        "what": label(sand.what),
        "cause": cause,
        "before": sums.fact(0, "rate_before", "percent1"),
        "after": sums.fact(0, "rate_after", "percent1"),
    }
    yield words.QUICKSAND.finding(facts, [sand.what], [_share_qualified(sand)], sand.table)


def _rising_volume(lines: Sequence[MetricLine]) -> Iterator[Finding]:
    """The same from two series of a metrics file, where there are no events to settle the cause."""
    volume = [line.series for line in lines if line.kind == metric_kinds.PROCESS and line.series]
    quality = [
        line.series
        for line in lines
        if line.kind in (metric_kinds.OUTCOME, metric_kinds.SHARED) and line.series
    ]
    for a, b in quicksand.from_series(volume, quality)[:1]:
        facts = {"volume": a.name, "quality": b.name}
        yield words.RISING_VOLUME.finding(facts, [a.id, b.id], [words.UPLOAD_EVENTS.fix(page=step_ids.DATA)])


def _share_qualified(sand: MixResult) -> Fix:
    """Start a shared metric that counts qualified entries, owned by both teams; its rule is agreed in its contract."""
    start = sand.what.partition(" to ")[0]
    name = words.QUALIFIED.write(start=label(start).lower())
    id = slug(name)
    return words.SHARE_QUALIFIED.fix(
        *answers(slots.METRICS, id, name=name, kind=metric_kinds.SHARED, owners=list(TEAMS)),
        *answers("contracts", id, event=start, marketing_owner=TEAMS[0], growth_owner=TEAMS[1]),
        name=name,
    )


def _unowned(mine: Sequence[MetricLine], glance: Evidence) -> Iterator[Finding]:
    nobody = [line for line in mine if not line.metric.owners]
    if nobody:
        known = [line for line in nobody if line.suggestion.owners]
        fixes = [words.TAKE_OWNERS.fix(*_suggested(known, "owners"))] if known else []
        yield words.UNOWNED.finding(_listed(nobody), _ids(nobody), fixes, glance)


def _doubly_owned(mine: Sequence[MetricLine], glance: Evidence) -> Iterator[Finding]:
    for line in mine:
        if len(line.metric.owners) > 1 and line.metric.kind != metric_kinds.SHARED:
            keep = line.metric.owners[0]
            fixes = [
                words.MAKE_SHARED.fix(*answers(slots.METRICS, line.id, kind=metric_kinds.SHARED)),
                words.KEEP_ONE.fix(*answers(slots.METRICS, line.id, owners=[keep]), owner=keep),
            ]
            yield words.DOUBLY_OWNED.finding({"names": line.name}, [line.id], fixes, glance)


def _unsorted(mine: Sequence[MetricLine]) -> Iterator[Finding]:
    unsorted = [line for line in mine if line.metric.kind == metric_kinds.UNASSIGNED]
    if unsorted:
        known = [line for line in unsorted if line.suggestion.kind != metric_kinds.UNASSIGNED]
        fixes = [words.TAKE_KINDS.fix(*_suggested(known, "kind"))] if known else []
        yield words.UNSORTED.finding(_listed(unsorted), _ids(unsorted), fixes)


def _one_side(mine: Sequence[MetricLine]) -> Iterator[Finding]:
    """All sorted metrics are of one side."""
    kinds = {str(line.metric.kind) for line in mine} - {metric_kinds.UNASSIGNED}
    side = kinds.pop() if len(kinds) == 1 else ""
    if side in _OTHER_SIDE and len(mine) >= 2:
        add = words.ADD_METRIC[_OTHER_SIDE[side]].fix(page=step_ids.REFERENCE)
        yield words.ONE_SIDE.finding({"kind": side}, _ids(mine), [add])


def _process_only(mine: Sequence[MetricLine]) -> Iterator[Finding]:
    """Teams that own several metrics and no outcome, while there is one."""
    ends = [line for line in mine if line.metric.kind in (metric_kinds.OUTCOME, metric_kinds.SHARED)]
    if not ends:
        return
    target = next((line for line in ends if line.metric.kind == metric_kinds.SHARED), ends[0])
    owned: dict[str, list[MetricLine]] = {}
    for line in mine:
        for team in dict.fromkeys(line.metric.owners):
            owned.setdefault(team, []).append(line)
    for team, own in owned.items():
        if len(own) >= 2 and {line.metric.kind for line in own} == {"process"}:
            both = list(dict.fromkeys([*target.metric.owners, team]))[:2]
            saves = answers(slots.METRICS, target.id, kind=metric_kinds.SHARED, owners=both)
            fix = words.SHARE_WITH.fix(*saves, metric=target.name, team=team)
            yield words.PROCESS_ONLY.finding({"team": team, "names": _names(own)}, _ids(own), [fix])


def _vanity(line: MetricLine, mine: Sequence[MetricLine], glance: Evidence) -> Iterator[Finding]:
    """A running total, a number that changes no decision, or a count read without its rate."""
    kpi, name = _kpi(line), {"names": line.name}
    is_dropped = line.metric.verdict == "drop"
    if _is_total(line, kpi):
        if not is_dropped:
            yield words.CUMULATIVE.finding(name, [line.id], [_drop(line)], glance)
    elif kpi is None or not kpi.is_vanity:
        return
    elif not line.metric.decision and not is_dropped:
        yield words.NO_DECISION.finding(name, [line.id], [_drop(line)])
    elif kpi.guardrail and not line.metric.guardrail:
        held = _guard(mine, kpi)
        guardrail = held.name if held else framework().kpis[kpi.guardrail].name
        fixes = [words.PUT_BESIDE.fix(*_guarded(line, held), name=guardrail)] if held else []
        yield words.RATIO_HIDDEN.finding({**name, "guardrail": guardrail}, [line.id], fixes)


def _is_total(line: MetricLine, kpi: Kpi | None) -> bool:
    """Whether a metric only adds up, by its values or by the catalogue."""
    return (line.series is not None and line.series.only_rises) or (kpi is not None and kpi.is_cumulative)


def _guarded(line: MetricLine, by: MetricLine) -> tuple[tuple[str, Any], ...]:
    return answers(slots.METRICS, line.id, guardrail=by.id)


def _drop(line: MetricLine) -> Fix:
    reason = line.verdict_reason or words.DROP_REASON.text
    return words.MARK_DROP.fix(*answers(slots.METRICS, line.id, verdict="drop", verdict_reason=reason))


def _repeats(lines: Sequence[MetricLine], relations: Evidence) -> Iterator[Finding]:
    """Metrics that say what another one says, or only how much was spent."""
    by_id = {line.id: line for line in lines}
    for line in lines:
        if line.metric.verdict == "drop":
            continue
        first = by_id.get(line.duplicate_of) if line.series is not None else None
        if first is not None:
            r = relations.fact(relations.find(metric=line.name, relation="repeats"), "r", "number")
            yield words.DUPLICATE.finding(
                {"second": line.name, "first": first.name, "r": r},
                [line.id, first.id],
                [_drop(line)] if line.is_registered else [],
                relations,
            )
        if line.spend is not None and line.metric.verdict != "fix":
            yield _spend_only(line, relations)


def _spend_only(line: MetricLine, relations: Evidence) -> Finding:
    row = relations.find(metric=line.name, relation="moves with spend only")
    facts = {
        "names": line.name,
        "spend": relations.records()[row]["other"],
        "r": relations.fact(row, "r", "number"),
    }
    fix = words.MARK_FIX.fix(
        *answers(slots.METRICS, line.id, verdict="fix", verdict_reason=line.verdict_reason)
    )
    return words.SPEND_ONLY.finding(facts, [line.id], [fix] if line.is_registered else [], relations)


def _shared(
    workbook: Workbook, mine: Sequence[MetricLine], line: MetricLine, today: dt.date, glance: Evidence
) -> Iterator[Finding]:
    """What a shared metric lacks, and a contract whose day has come."""
    contract = workbook.contracts.get(line.id)
    if line.metric.kind == metric_kinds.SHARED:
        if not line.metric.guardrail and not (contract and contract.guardrail):
            held = _guard(mine, _kpi(line))
            fixes = [words.GUARD_BY.fix(*_guarded(line, held), name=held.name)] if held else []
            yield words.NO_GUARDRAIL.finding({"names": line.name}, [line.id], fixes)
        if contract is None:
            yield words.NO_CONTRACT.finding({"names": line.name}, [line.id], [_draft(line)])
    if contract and contract.review_on and contract.review_on <= today.isoformat():
        yield _due(workbook, mine, line, contract, today, glance)


def _draft(line: MetricLine) -> Fix:
    """A contract that begins with the metric's owners, else with both teams."""
    first, *others = [*line.metric.owners, *TEAMS]
    second = next((owner for owner in others if owner != first), "")
    return words.DRAFT_CONTRACT.fix(
        *answers("contracts", line.id, marketing_owner=first, growth_owner=second)
    )


def _due(
    workbook: Workbook,
    mine: Sequence[MetricLine],
    line: MetricLine,
    contract: SharedContract,
    today: dt.date,
    glance: Evidence,
) -> Finding:
    """A contract whose day has come, with what the data say since it applies."""
    later = (today + dt.timedelta(days=91)).isoformat()
    fix = words.REVIEWED.fix(*answers("contracts", line.id, review_on=later))
    facts = {"names": line.name, "date": formats.write(contract.review_on, "date")}
    made = words.REVIEW_DUE.finding(facts, [line.id], [fix])
    agreed = iso_day(contract.agreed_on)
    return with_review(made, of_metrics(contract_series(workbook, mine, line.id), agreed, glance))


def contract_series(
    workbook: Workbook, lines: Sequence[MetricLine], id: str
) -> list[tuple[str, MetricSeries, bool]]:
    """What a contract's review looks at: the shared metric, then its guardrail; (role, series, whether up is good)."""
    contract = workbook.contracts.get(id, SharedContract())
    guard = contract.guardrail or (workbook.metrics[id].guardrail if id in workbook.metrics else "")
    by_id = {line.id: line for line in lines}
    return [
        (role, item, line.metric.direction != "down")
        for role, key in (("shared", id), ("guardrail", guard))
        if (line := by_id.get(key)) is not None and (item := line.series) is not None
    ]


def _without_input(
    workbook: Workbook, mine: Sequence[MetricLine], links: Sequence[Link]
) -> Iterator[Finding]:
    """Outcomes that nothing in the tree feeds and nothing in the data goes before."""
    moved = {link.outcome for link in links if link.is_found}
    parents = {edge.parent for edge in workbook.inputs.values()}
    alone = [
        line
        for line in mine
        if line.metric.kind == metric_kinds.OUTCOME
        and line.id not in parents
        and not (line.series and line.series.id in moved)
    ]
    if alone:
        plan = words.PLAN_EXPERIMENT.fix(page=step_ids.SHARED_EXPERIMENTS)
        yield words.NO_INPUT.finding({"names": _names(alone)}, _ids(alone), [plan])


def _upkeep(mine: Sequence[MetricLine], lines: Sequence[MetricLine], glance: Evidence) -> Iterator[Finding]:
    """Metrics that are old, full of gaps or not in the data at all."""
    newest = max((line.series.last for line in lines if line.series), default=None)
    if newest is None:
        return
    for line in mine:
        if line.series is not None:
            yield from _worn(line, line.series, newest, glance)
    absent = [line for line in mine if line.series is None]
    if absent:
        upload = words.UPLOAD_SERIES.fix(page=step_ids.DATA)
        yield words.NOT_IN_DATA.finding(_listed(absent), _ids(absent), [upload])


def _worn(line: MetricLine, item: MetricSeries, newest: dt.date, glance: Evidence) -> Iterator[Finding]:
    if (newest - item.last).days > STALE_DAYS:
        date = glance.fact(glance.find(id=line.id), "last_update", "date")
        yield words.STALE.finding({"names": line.name, "date": date}, [line.id], [_drop(line)], glance)
    elif item.missing > GAPS:
        share = glance.fact(glance.find(id=line.id), "missing", "percent")
        yield words.GAPS.finding({"names": line.name, "share": share}, [line.id], (), glance)
