"""What the team wrote down: who owns what, and the handoff map."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from lib.analysis.audit import words_slides as audit_words
from lib.analysis.handoff import words_slides as handoff_words
from lib.analysis.handoff.ownership import territory
from lib.analysis.templates import names_in
from lib.engine.evidence.evidence import Evidence, Fact, single
from lib.framework import metric_kinds, step_ids
from lib.report import clean
from lib.report.story.headlines import said, verdict_lines
from lib.report.story.inputs import Inputs
from lib.report.story.summary_model import (
    Crossing,
    DrawnStage,
    Line,
    MapBody,
    Message,
    Said,
    TableBody,
    TableCell,
    TableColumn,
    Text,
    Tone,
)
from lib.workbook.model import Handoff, JourneyStage, Metric, Workbook

_TONES: dict[str, Tone] = {
    metric_kinds.PROCESS: "process",
    metric_kinds.OUTCOME: "outcome",
    metric_kinds.SHARED: "shared",
    "other": "muted",
}
KINDS: dict[str, tuple[str, Tone]] = {
    kind: (label.text, _TONES.get(kind, "alarm")) for kind, label in audit_words.KINDS.items()
}
_KIND_ORDER = {kind: place for place, kind in enumerate(metric_kinds.KINDS)}
_NAMED, _SHORT = 2, 34  # crossings that a headline names, and how many characters each may have


def owners_text(owners: Sequence[str]) -> str:
    """Owners in one phrase."""
    names = [clean.line(name, 80) for name in owners if clean.line(name, 80)]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names) or "Nobody"


def _register(workbook: Workbook) -> Evidence:
    metrics = list(workbook.metrics.values())
    kinds = [metric.kind for metric in metrics]
    return single(
        audit_words.REGISTER_TABLE.text,
        audit_words.REGISTER_TABLE.means,
        {
            "metrics": len(metrics),
            "process": kinds.count(metric_kinds.PROCESS),
            "outcome": kinds.count(metric_kinds.OUTCOME),
            "shared": kinds.count(metric_kinds.SHARED),
            "undecided": kinds.count(metric_kinds.UNASSIGNED),
            "without_owner": sum(not m.owners for m in metrics),
            "two_owners_not_shared": sum(
                len(m.owners) > 1 and m.kind != metric_kinds.SHARED for m in metrics
            ),
            "without_decision": sum(not m.decision.strip() for m in metrics),
        },
    )


def _weight(item: tuple[str, Metric]) -> tuple[int, bool, int, str]:
    """What the headline speaks of first: no owner, no side, two owners; then metrics that change no decision."""
    _, metric = item
    return (
        _STATES.index(_row_state(metric)),
        bool(metric.decision.strip()),
        _KIND_ORDER[metric.kind],
        metric.name,
    )


def _owner_tone(metric: Metric) -> Tone:
    if not metric.owners:
        return "alarm"
    return "warn" if len(metric.owners) > 1 and metric.kind != metric_kinds.SHARED else "ink"


_STATES: tuple[tuple[str, Tone], ...] = (
    ("No owner", "alarm"), ("Owned twice", "warn"), ("Kind not decided", "alarm"), ("Clear", "good"),
)  # fmt: skip


def _row_state(metric: Metric) -> tuple[str, Tone]:
    is_twice = len(metric.owners) > 1 and metric.kind != metric_kinds.SHARED
    checks = (not metric.owners, is_twice, metric.kind == metric_kinds.UNASSIGNED, True)
    return _STATES[checks.index(True)]


_METRIC_COLUMNS = (
    TableColumn("Metric", 1.8),
    TableColumn("Kind", 1),
    TableColumn("Accountable", 1.4),
    TableColumn("Decision it changes", 2.2),
    TableColumn("Ownership", 0.9),
)


def ownership(inputs: Inputs, most: int) -> Message | None:
    """Who owns which metric; what is unclear comes first."""
    workbook = inputs.workbook
    if not workbook.metrics:
        return None
    evidence = _register(workbook)
    chosen = sorted(workbook.metrics.items(), key=_weight)[:most]
    caption = audit_words.REGISTER_CAPTION.text
    counted: dict[str, Fact | str] = {}
    if len(chosen) < len(workbook.metrics):
        caption += audit_words.REGISTER_SHOWN.text
        counted = {"shown": str(len(chosen)), "metrics": evidence.fact(0, "metrics", "count")}
    share = Line(
        audit_words.BY_KIND.text,
        {n: evidence.fact(0, n, "count") for n in audit_words.BY_KIND.facts},
        rule="register",
    )
    return Message(
        "ownership",
        "ownership",
        _ownership_title(evidence),
        TableBody(
            _METRIC_COLUMNS,
            tuple(_metric_row(key, metric) for key, metric in chosen),
            audit_words.REGISTER_ALT.text,
        ),
        Line(caption, counted, rule="ownership"),
        notes=(share,),
        evidence=(evidence,),
    )


def _ownership_title(evidence: Evidence) -> Line:
    """What is wrong with ownership, the worst first; then how many metrics change nothing."""
    values = evidence.records()[0]
    if values["without_owner"]:
        title = audit_words.WITHOUT_OWNER.of(values["without_owner"]).text
    elif values["two_owners_not_shared"]:
        title = audit_words.OWNED_TWICE.text
    elif values["undecided"]:
        title = audit_words.WITHOUT_SIDE.text
    else:
        title = audit_words.ALL_OWNED.text
    if values["without_decision"] > 1:
        title += audit_words.CHANGE_NOTHING.text
    return Line(title, {n: evidence.fact(0, n, "count") for n in names_in(title)}, rule="ownership")


def _metric_row(key: str, metric: Metric) -> tuple[TableCell, ...]:
    kind, tone = KINDS[metric.kind]
    state, state_tone = _row_state(metric)
    return (
        TableCell(Said(metric.name or key), strong=True),
        TableCell(Line(kind, rule="kind"), tone, mark=True),
        TableCell(Said(owners_text(metric.owners)), _owner_tone(metric)),
        TableCell(said(metric.decision or "Not written down"), "ink" if metric.decision else "muted"),
        TableCell(Line(state, rule="state"), state_tone, strong=True),
    )


_TERRITORIES: dict[str, tuple[str, Tone]] = {
    side: (label.text, _TONES.get(side, "alarm")) for side, label in handoff_words.TERRITORIES.items()
}


def _territory(workbook: Workbook, stage: JourneyStage) -> tuple[str, Tone]:
    """Which side a stage lies on, in words and as a tone."""
    return _TERRITORIES[territory(workbook, stage.owners)]


def _status(handoff: Handoff) -> Literal["agreed", "unclear", "missing"]:
    """Agreed when rule, response time and feedback are there; missing when there is no rule at all."""
    has_rule = bool(handoff.event or handoff.entry)
    complete = (
        has_rule and handoff.exit and (handoff.sla_hours is not None or handoff.sla_human_hours is not None)
    )
    return "agreed" if complete and handoff.feedback else "unclear" if has_rule else "missing"


@dataclass(frozen=True)
class _Border:
    """One crossing before it is drawn: after which stage, and its handoff, if any."""

    after: int
    name: str
    handoff: Handoff | None
    ends: str = ""  # "Trial to First report"

    @property
    def status(self) -> Literal["agreed", "unclear", "missing"]:
        """How far it is agreed."""
        return _status(self.handoff) if self.handoff else "missing"

    @property
    def hours(self) -> float | None:
        """The response time that was agreed."""
        if self.handoff is None:
            return None
        human, machine = self.handoff.sla_human_hours, self.handoff.sla_hours
        return human if machine is None else machine  # what the page and its findings hold the teams to


def _borders(workbook: Workbook, stages: list[tuple[str, JourneyStage]]) -> list[_Border]:
    """Crossings that were written down, and those between two sides that were not."""
    place = {key: index for index, (key, _) in enumerate(stages)}
    found: dict[int, _Border] = {}
    ends = [f"{one.name or a} to {two.name or b}" for (a, one), (b, two) in itertools.pairwise(stages)]
    for handoff in workbook.handoffs.values():
        after = place.get(handoff.to_stage, place.get(handoff.from_stage, -2) + 1) - 1
        if 0 <= after < len(stages) - 1:
            found[after] = _Border(after, handoff.name or "Handoff", handoff, ends[after])
    for index in range(len(stages) - 1):
        one, two = stages[index][1], stages[index + 1][1]
        if _territory(workbook, one) != _territory(workbook, two) and index not in found:
            found[index] = _Border(index, ends[index], None, ends[index])
    return [found[index] for index in sorted(found)]


def _crossing(border: _Border, row: int, rules: Evidence) -> Crossing:
    handoff = border.handoff
    ends = Line("{ends}", {"ends": border.ends}, rule="handoff")
    if handoff is None:
        nothing = Line(handoff_words.NOTHING_WRITTEN.text, rule="handoff")
        return Crossing(border.after, "missing", nothing, name=ends)
    rule = handoff.entry or (handoff_words.EVENT_SEEN.write(event=handoff.event) if handoff.event else "")
    text: Text = Line(handoff_words.NO_RULE.text, rule="handoff")
    if rule:
        text = Line(handoff_words.PASSES_WHEN.text, {"rule": clean.line(rule, 400)}, rule="handoff")
    response: Text = Line(handoff_words.NO_RESPONSE_TIME.text, rule="sla")
    if border.hours is not None:
        response = Line(
            handoff_words.RESPONSE_TIME.text,
            {"hours": rules.fact(row, "response_hours", "hours")},
            rule="sla",
        )
    return Crossing(border.after, border.status, text, response, main=handoff.is_main, name=ends)


def _rules(borders: list[_Border]) -> Evidence:
    """All crossings as one table: what is agreed at each, and how many are still open."""
    still_open = sum(b.status != "agreed" for b in borders)
    rows = tuple((b.name, b.status, b.hours, still_open, len(borders)) for b in borders)
    return Evidence(
        handoff_words.RULES_TABLE.text,
        handoff_words.RULES_TABLE.means,
        "",
        ("crossing", "rule", "response_hours", "still_open", "crossings"),
        rows,
    )


def _map_title(rules: Evidence, borders: list[_Border]) -> Line:
    """How many crossings are open, and which."""
    if not rules.rows:
        return Line(handoff_words.ONE_SIDE.text, rule="handoff")
    facts: dict[str, Fact | str] = {
        "open": rules.fact(0, "still_open", "count"),
        "all": rules.fact(0, "crossings", "count"),
    }
    still_open = [border for border in borders if border.status != "agreed"]
    if not still_open:
        return Line(
            handoff_words.ALL_COMPLETE.text,
            {"all": facts["all"]},
            rule="handoff",
        )
    template = handoff_words.INCOMPLETE.of(len(still_open)).text
    if len(still_open) <= _NAMED and all(len(border.ends) <= _SHORT for border in still_open):
        names = [f"name{number}" for number in range(len(still_open))]
        facts |= {name: border.ends for name, border in zip(names, still_open, strict=True)}
        template += ": " + " and ".join(f"{{{name}}}" for name in names)
    return Line(template, facts, rule="handoff")


def handoff_map(inputs: Inputs, volumes: dict[str, Fact]) -> Message | None:
    """The journey with its territories and crossings.

    Args:
        inputs: Workbook and steps.
        volumes: Stage id -> people who reached it, where the events say so.
    """
    workbook = inputs.workbook
    stages = workbook.journey()[:7]
    if len(stages) < 2:
        return None
    borders = _borders(workbook, stages)
    rules = _rules(borders)
    crossings = tuple(_crossing(border, row, rules) for row, border in enumerate(borders))
    stops = tuple(
        DrawnStage(
            Said(stage.name or key),
            Said(owners_text(stage.owners)),
            Said(stage.note) if stage.note else None,
            volumes.get(key),
            _territory(workbook, stage)[1],
            _territory(workbook, stage)[0],
        )
        for key, stage in stages
    )
    step = inputs.steps.get(step_ids.HANDOFF_MAP)
    notes: tuple[Text, ...] = tuple(verdict_lines(step.result.verdict)[:1]) if step is not None else ()
    owned = (handoff_words.OWNED_BY.write(stage=stop.name.text, owner=stop.owner.text) for stop in stops)
    caption = handoff_words.MAP_CAPTION.text + (handoff_words.MAP_COUNTED.text if volumes else "")
    return Message(
        "handoff-map",
        "handoffs",
        _map_title(rules, borders),
        MapBody(stops, crossings, handoff_words.MAP_ALT.write(stages="; ".join(owned))),
        Line(caption),
        notes=notes,
        evidence=(*(f.evidence for f in volumes.values()), rules),
        quote=_quote(inputs),
    )


def _quote(inputs: Inputs) -> Said | None:
    """The strongest thing a customer said."""
    best = sorted((i for i in inputs.workbook.insights.values() if i.quote), key=lambda i: -i.strength)
    return Said(best[0].quote, best[0].persona or "a customer") if best else None
