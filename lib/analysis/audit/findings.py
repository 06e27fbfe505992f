"""Findings of the metric audit, from the rules in data/framework/audit.toml; each with its one-click fix."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from lib.analysis.audit import quicksand
from lib.analysis.audit.metric_rows import STALE_DAYS, Line, slug
from lib.analysis.handoff.before_after import of_metrics
from lib.analysis.metrics.lead_lag import Link
from lib.analysis.metrics.mix_rate import MixResult
from lib.analysis.metrics.mix_rate_text import rate_could_be_chance
from lib.analysis.metrics.series import Series, label
from lib.analysis.verdict import Finding, Fix
from lib.engine.evidence import formats
from lib.engine.evidence.evidence import Evidence, Fact
from lib.framework import metric_kinds, step_ids
from lib.framework.load import framework
from lib.workbook.model import SharedContract, Workbook

RANK = {"high": 0, "medium": 1, "low": 2}
TEAMS = ("Marketing", "Growth")
_SHOWN = 4


def findings(
    workbook: Workbook,
    lines: Sequence[Line],
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
    made: list[Finding] = []
    made += _sand(lines, sand)
    made += _ownership(mine, glance)
    made += _sides(mine)
    made += _vanity(mine, glance)
    made += _repeats(lines, relations)
    made += _shared(workbook, mine, today, glance)
    made += _levers(workbook, mine, links)
    made += _upkeep(mine, lines, glance)
    return tuple(sorted(made, key=lambda finding: RANK[finding.severity]))


def _make(
    code: str,
    facts: dict[str, Fact | str],
    subjects: Sequence[str],
    fixes: Sequence[Fix] = (),
    evidence: Evidence | None = None,
) -> Finding:
    text = framework().findings[code]
    return Finding(
        code,
        text.severity,
        text.template,
        f"{text.why} {text.remedy}",
        tuple(subjects),
        facts,
        tuple(fixes),
        evidence,
    )


def _names(lines: Sequence[Line]) -> str:
    shown = ", ".join(line.name for line in lines[:_SHOWN])
    return shown + (" and others" if len(lines) > _SHOWN else "")


def _count(lines: Sequence[Line]) -> str:
    return f"{len(lines)} metric{'s' if len(lines) != 1 else ''}"


def _save(lines: Sequence[Line], field: str, value: Any = None) -> tuple[tuple[str, Any], ...]:
    """One answer per metric: the value, or what is suggested for each."""
    out = []
    for line in lines:
        given = value if value is not None else getattr(line.suggestion, field)
        out.append((f"metrics/{line.id}/{field}", list(given) if isinstance(given, tuple) else given))
    return tuple(out)


_CAUSES = {
    "mix": "most of it is who came",
    "rate": "most of it is conversion within segments",
    "both": "who came and conversion within segments share it",
}


def _sand(lines: Sequence[Line], sand: MixResult | None) -> Iterator[Finding]:
    if sand is not None:
        if quicksand.is_quicksand(sand):
            sums = sand.evidence[1]
            cause = _CAUSES[sand.conclusion]
            if sand.conclusion != "mix" and rate_could_be_chance(sums):
                cause += " (the part within segments could be chance)"
            facts: dict[str, Fact | str] = {
                "volume": sums.fact(0, "entered_change", "percent"),
                "what": label(sand.what),
                "cause": cause,
                "before": sums.fact(0, "rate_before", "percent1"),
                "after": sums.fact(0, "rate_after", "percent1"),
            }
            yield _make(
                "quicksand",
                facts,
                [sand.what],
                _qualified(sand),
                sand.table,
            )
        return
    volume = [line.series for line in lines if line.kind == metric_kinds.PROCESS and line.series]
    quality = [
        line.series
        for line in lines
        if line.kind in (metric_kinds.OUTCOME, metric_kinds.SHARED) and line.series
    ]
    for a, b in quicksand.from_series(volume, quality)[:1]:
        yield _make(
            "rising_volume_falling_rate",
            {"volume": a.name, "quality": b.name},
            [a.id, b.id],
            [Fix("Upload events", page=step_ids.DATA)],
        )


def _qualified(sand: MixResult) -> list[Fix]:
    """Start a shared metric that counts qualified entries, owned by both teams; its rule is agreed in its contract."""
    start = sand.what.partition(" to ")[0]
    name = f"Qualified {label(start).lower()}"
    id = slug(name)
    saves = (
        (f"metrics/{id}/name", name),
        (f"metrics/{id}/kind", metric_kinds.SHARED),
        (f"metrics/{id}/owners", list(TEAMS)),
        (f"contracts/{id}/event", start),
        (f"contracts/{id}/marketing_owner", TEAMS[0]),
        (f"contracts/{id}/growth_owner", TEAMS[1]),
    )
    return [Fix(f"Share “{name}” between both teams", saves)]


def _ownership(mine: Sequence[Line], glance: Evidence) -> Iterator[Finding]:
    nobody = [line for line in mine if not line.metric.owners]
    if nobody:
        known = [line for line in nobody if line.suggestion.owners]
        fixes = [Fix("Take the suggested owners", _save(known, "owners"))] if known else []
        yield _make(
            "unowned",
            {"count": _count(nobody), "names": _names(nobody)},
            [line.id for line in nobody],
            fixes,
            glance,
        )
    for line in mine:
        if len(line.metric.owners) > 1 and line.metric.kind != metric_kinds.SHARED:
            keep = line.metric.owners[0]
            yield _make(
                "doubly_owned",
                {"names": line.name},
                [line.id],
                [
                    Fix("Make it shared", ((f"metrics/{line.id}/kind", metric_kinds.SHARED),)),
                    Fix(f"Keep {keep} only", ((f"metrics/{line.id}/owners", [keep]),)),
                ],
                glance,
            )
    unsorted = [line for line in mine if line.metric.kind == metric_kinds.UNASSIGNED]
    if unsorted:
        known = [line for line in unsorted if line.suggestion.kind != metric_kinds.UNASSIGNED]
        fixes = [Fix("Take the suggested kinds", _save(known, "kind"))] if known else []
        yield _make(
            "unsorted",
            {"count": _count(unsorted), "names": _names(unsorted)},
            [line.id for line in unsorted],
            fixes,
        )


def _sides(mine: Sequence[Line]) -> Iterator[Finding]:
    kinds = {line.metric.kind for line in mine} - {metric_kinds.UNASSIGNED}
    for kind, other in (
        (metric_kinds.PROCESS, metric_kinds.OUTCOME),
        (metric_kinds.OUTCOME, metric_kinds.PROCESS),
    ):
        if kinds == {kind} and len(mine) >= 2:
            yield _make(
                "only_one_side",
                {"kind": kind},
                [line.id for line in mine],
                [
                    Fix(f"Add an {other} metric", page=step_ids.REFERENCE)
                    if other == metric_kinds.OUTCOME
                    else Fix("Add a process metric", page=step_ids.REFERENCE)
                ],
            )
    ends = [line for line in mine if line.metric.kind in (metric_kinds.OUTCOME, metric_kinds.SHARED)]
    for team in dict.fromkeys(owner for line in mine for owner in line.metric.owners):
        own = [line for line in mine if team in line.metric.owners]
        if len(own) >= 2 and all(line.metric.kind == metric_kinds.PROCESS for line in own) and ends:
            target = next((line for line in ends if line.metric.kind == metric_kinds.SHARED), ends[0])
            both = list(dict.fromkeys([*target.metric.owners, team]))[:2]
            fix = Fix(
                f"Share {target.name} with {team}",
                ((f"metrics/{target.id}/kind", metric_kinds.SHARED), (f"metrics/{target.id}/owners", both)),
            )
            yield _make(
                "process_only_team", {"team": team, "names": _names(own)}, [line.id for line in own], [fix]
            )


def _vanity(mine: Sequence[Line], glance: Evidence) -> Iterator[Finding]:
    kpis = framework().kpis
    for line in mine:
        kpi = kpis.get(line.metric.kpi or line.suggestion.kpi)
        if (line.series is not None and line.series.only_rises) or (kpi and kpi.is_cumulative):
            if line.metric.verdict != "drop":
                yield _make("vanity_cumulative", {"names": line.name}, [line.id], [_drop(line)], glance)
        elif kpi and kpi.is_vanity and not line.metric.decision and line.metric.verdict != "drop":
            yield _make("vanity_no_decision", {"names": line.name}, [line.id], [_drop(line)])
        elif kpi and kpi.is_vanity and kpi.guardrail and not line.metric.guardrail:
            held = next(
                (other for other in mine if (other.metric.kpi or other.suggestion.kpi) == kpi.guardrail), None
            )
            name = held.name if held else kpis[kpi.guardrail].name
            fix = [Fix(f"Put {name} beside it", ((f"metrics/{line.id}/guardrail", held.id),))] if held else []
            yield _make("ratio_hidden", {"names": line.name, "guardrail": name}, [line.id], fix)


def _drop(line: Line) -> Fix:
    return Fix(
        "Mark it to drop",
        (
            (f"metrics/{line.id}/verdict", "drop"),
            (f"metrics/{line.id}/verdict_reason", line.verdict_reason or "No decision hangs on it."),
        ),
    )


def _repeats(lines: Sequence[Line], relations: Evidence) -> Iterator[Finding]:
    by_id = {line.id: line for line in lines}
    for line in lines:
        if line.metric.verdict == "drop":
            continue
        if line.duplicate_of and line.series is not None and line.duplicate_of in by_id:
            first = by_id[line.duplicate_of]
            row = relations.find(metric=line.name, relation="repeats")
            yield _make(
                "duplicate",
                {"second": line.name, "first": first.name, "r": relations.fact(row, "r", "number")},
                [line.id, first.id],
                [_drop(line)] if line.is_registered else [],
                relations,
            )
        if line.spend is not None:
            row = relations.find(metric=line.name, relation="moves with spend only")
            fix = Fix(
                "Mark it to fix",
                (
                    (f"metrics/{line.id}/verdict", "fix"),
                    (f"metrics/{line.id}/verdict_reason", line.verdict_reason),
                ),
            )
            if line.metric.verdict != "fix":
                yield _make(
                    "spend_only",
                    {
                        "names": line.name,
                        "spend": relations.records()[row]["other"],
                        "r": relations.fact(row, "r", "number"),
                    },
                    [line.id],
                    [fix] if line.is_registered else [],
                    relations,
                )


def _shared(workbook: Workbook, mine: Sequence[Line], today: dt.date, glance: Evidence) -> Iterator[Finding]:
    kpis = framework().kpis
    for line in mine:
        contract = workbook.contracts.get(line.id)
        if line.metric.kind == metric_kinds.SHARED:
            if not line.metric.guardrail and not (contract and contract.guardrail):
                kpi = kpis.get(line.metric.kpi or line.suggestion.kpi)
                held = next(
                    (
                        other
                        for other in mine
                        if kpi and (other.metric.kpi or other.suggestion.kpi) == kpi.guardrail
                    ),
                    None,
                )
                fix = (
                    [Fix(f"Guard it by {held.name}", ((f"metrics/{line.id}/guardrail", held.id),))]
                    if held
                    else []
                )
                yield _make("no_guardrail", {"names": line.name}, [line.id], fix)
            if contract is None:
                owners = [*line.metric.owners, *TEAMS]
                fix = Fix(
                    "Draft its contract",
                    (
                        (f"contracts/{line.id}/marketing_owner", owners[0]),
                        (
                            f"contracts/{line.id}/growth_owner",
                            next((o for o in owners if o != owners[0]), ""),
                        ),
                    ),
                )
                yield _make("no_contract", {"names": line.name}, [line.id], [fix])
        if contract and contract.review_on and contract.review_on <= today.isoformat():
            yield _due(workbook, mine, line, contract, today, glance)


def _due(
    workbook: Workbook,
    mine: Sequence[Line],
    line: Line,
    contract: SharedContract,
    today: dt.date,
    glance: Evidence,
) -> Finding:
    """A contract whose day has come, with what the data say since it applies."""
    later = (today + dt.timedelta(days=91)).isoformat()
    fix = Fix("Reviewed: ask again in a quarter", ((f"contracts/{line.id}/review_on", later),))
    made = _make(
        "review_due",
        {"names": line.name, "date": formats.write(contract.review_on, "date")},
        [line.id],
        [fix],
    )
    try:
        agreed = dt.date.fromisoformat(contract.agreed_on)
    except ValueError:
        return made
    found = of_metrics(contract_series(workbook, mine, line.id), agreed, glance)
    if found is None:
        return made
    return replace(
        made,
        template=f"{made.template} {found.verdict.template}",
        facts={**made.facts, **found.verdict.facts},
        evidence=found.table,
    )


def contract_series(workbook: Workbook, lines: Sequence[Line], id: str) -> list[tuple[str, Series, bool]]:
    """What a contract's review looks at: the shared metric, then its guardrail; (role, series, whether up is good)."""
    contract = workbook.contracts.get(id, SharedContract())
    guard = contract.guardrail or (workbook.metrics[id].guardrail if id in workbook.metrics else "")
    by_id = {line.id: line for line in lines}
    return [
        (role, item, line.metric.direction != "down")
        for role, key in (("shared", id), ("guardrail", guard))
        if (line := by_id.get(key)) is not None and (item := line.series) is not None
    ]


def _levers(workbook: Workbook, mine: Sequence[Line], links: Sequence[Link]) -> Iterator[Finding]:
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
        yield _make(
            "outcome_without_input",
            {"names": _names(alone)},
            [line.id for line in alone],
            [Fix("Plan a shared experiment", page=step_ids.SHARED_EXPERIMENTS)],
        )


def _upkeep(mine: Sequence[Line], lines: Sequence[Line], glance: Evidence) -> Iterator[Finding]:
    newest = max((line.series.last for line in lines if line.series), default=None)
    for line in mine:
        if line.series is not None and newest and (newest - line.series.last).days > STALE_DAYS:
            row = glance.find(id=line.id)
            yield _make(
                "stale",
                {"names": line.name, "date": glance.fact(row, "last_update", "date")},
                [line.id],
                [_drop(line)],
                glance,
            )
        elif line.series is not None and line.series.missing > 0.2:
            row = glance.find(id=line.id)
            yield _make(
                "gaps",
                {"names": line.name, "share": glance.fact(row, "missing", "percent")},
                [line.id],
                (),
                glance,
            )
    absent = [line for line in mine if line.series is None]
    if absent and newest is not None:
        yield _make(
            "not_in_data",
            {"count": _count(absent), "names": _names(absent)},
            [line.id for line in absent],
            [Fix("Upload the series", page=step_ids.DATA)],
        )
