"""Pictures of the handoff step: the map of two territories, candidates, the baton, the clock."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from lib.analysis.events import event_names
from lib.analysis.handoff.candidates import HandoffCandidate
from lib.analysis.handoff.handoff_scenario import HandoffScenario
from lib.analysis.handoff.sla import ContractMeasure
from lib.analysis.handoff.territory_map import MapCrossing, MapStage, TerritoryMap
from lib.charts.spec import Chart
from lib.engine.evidence.evidence import Evidence
from lib.framework import metric_kinds

ICONS = {
    metric_kinds.PROCESS: "●",
    metric_kinds.OUTCOME: "◆",
    metric_kinds.SHARED: "■",
    "other": "○",
    metric_kinds.UNASSIGNED: "⚠",
}
TONES = {
    metric_kinds.PROCESS: "process",
    metric_kinds.OUTCOME: "outcome",
    metric_kinds.SHARED: "shared",
    "other": "muted",
    metric_kinds.UNASSIGNED: "alarm",
}
MOST_ACROSS = 8  # stages and crossings that fit side by side; longer journeys are drawn top to bottom
_CSS = Path(__file__).with_name("handoff.css").read_text(encoding="utf-8")


def _safe(text: object) -> str:
    return html.escape(str(text))


def _stage(stage: MapStage) -> str:
    icon = f'<span aria-hidden="true">{ICONS[stage.territory]}</span>'
    lines = [f'<span class="land">{icon} {_safe(stage.territory_text)}</span>']
    lines.append(f'<span class="name">{_safe(stage.name)}</span>')
    if stage.owners:
        lines.append(f'<span class="who">{_safe(stage.owners)}</span>')
    lines += [
        f'<span class="mark"><span aria-hidden="true">⚠</span> {_safe(mark)}</span>'
        for mark in stage.marks
        if mark != stage.territory_text
    ]
    if stage.volume:
        people = "person" if stage.volume.value == 1 else "people"
        lines.append(f'<span class="volume">{_safe(stage.volume)} <small>{people}</small></span>')
    if stage.step_conversion:
        wait = f" · {_safe(stage.hours)}" if stage.hours else ""
        lines.append(
            f'<span class="flow">{_safe(stage.step_conversion)} go on {_safe(stage.window_text)}{wait}</span>'
        )
    if stage.order_mark:
        lines.append(f'<span class="mark"><span aria-hidden="true">⚠</span> {_safe(stage.order_mark)}</span>')
    tone = f"--tone:var(--{TONES[stage.territory]})"
    return f'<li class="stage {stage.territory}" style="{tone}"><div class="card">{"".join(lines)}</div></li>'


def _crossing(items: Sequence[MapCrossing], left: MapStage, right: MapStage) -> str:
    """What stands between two stages: an arrow within a territory or at its edge, or every crossing there."""
    if not items:
        land = left.territory if left.territory == right.territory else "edge"
        return f'<li class="gap {land}" aria-hidden="true"><span class="arrow"></span></li>'
    kind = "agreed" if any(i.is_agreed for i in items) else "open"
    kind = "main" if any(i.is_main for i in items) else kind
    said = "".join(map(_agreement, items))
    return f'<li class="cross {kind}">{said}<span class="arrow" aria-hidden="true"></span></li>'


def _agreement(item: MapCrossing) -> str:
    """One crossing: what it is, its rule, who hands over to whom, how much is open."""
    flag = "⚑ Main handoff" if item.is_main else "⚐ Handoff" if item.is_agreed else "⚠ Nothing agreed"
    name, ends = (item.name, f"{item.from_owner} to {item.to_owner}") if item.is_agreed else ("", "")
    still_open = f"⚠ {len(item.missing)} open" if item.missing and item.is_main else ""
    parts = (("flag", flag), ("", item.rule or name), ("", ends), ("mark", still_open))
    return "".join(
        f'<span class="{look}">{_safe(text)}</span>' if look else f"<span>{_safe(text)}</span>"
        for look, text in parts
        if text
    )


def map_html(territory: TerritoryMap) -> str:
    """The map as HTML with its own style: side by side on a wide page, top to bottom on a phone.

    Args:
        territory: The map.

    Returns:
        Markup without scripts; every text of the workbook escaped.
    """
    items: list[str] = []
    for index, stage in enumerate(territory.stages):
        if index:
            items.append(_crossing(territory.crossing_before(stage.id), territory.stages[index - 1], stage))
        items.append(_stage(stage))
    label = "Proposed journey" if territory.is_proposed else "Journey"
    shape = "hm tall" if len(territory.stages) + len(territory.crossings) > MOST_ACROSS else "hm"
    return (
        f'<div class="{shape}"><ol aria-label="{label}: {_safe(territory.alt)}">'
        f"{''.join(items)}</ol></div>"
        f"<style>{_CSS}</style>"
    )


def candidates_chart(found: Sequence[HandoffCandidate], *, most: int = 14) -> Chart | None:
    """Rate ratios with intervals, reference at no effect; None when nothing can be compared.

    Args:
        found: Candidates, best first.
        most: Rows at most.
    """
    if not found:
        return None
    table = found[0].evidence
    keep = [row for row in table.rows if row[table.columns.index("ci_low")] is not None][:most]
    if not keep:
        return None
    shown = _part(table, keep)
    tones = tuple(
        (str(row["name"]), "shared" if row["status"] == "recommended" else "pale") for row in shown.records()
    )
    good = [str(row["name"]) for row in shown.records() if row["status"] == "recommended"]
    words = ", ".join(good[:3]) if good else "no event"
    return Chart(
        "intervals",
        shown,
        "name",
        "rate_ratio",
        low="ci_low",
        high="ci_high",
        format="ratio",
        reference=1.0,
        tones=tones,
        alt=f"How often the outcome follows each event, compared with people of the same age; above the line: {words}.",
        caption="Times as often as people of the same age who have not done it, with the 95 % interval. The line is "
        "“no effect”.",
    )


def _part(table: Evidence, rows: Sequence[tuple[object, ...]]) -> Evidence:
    return replace(table, rows=tuple(rows))


def funnel_chart(table: Evidence, handoff: str = "") -> Chart:
    """People per stage, the stage where the baton passes emphasised.

    Args:
        table: The journey's evidence: stage, people...
        handoff: Name of the stage that receives the baton.
    """
    first, last = (table.rows[0][1], table.rows[-1][1]) if table.rows else (0, 0)
    mark = f" The baton passes at {handoff}." if handoff else ""
    return Chart(
        "bars",
        table,
        "stage",
        "people",
        format="count",
        highlight=handoff,
        tones=tuple((str(row[0]), "shared" if row[0] == handoff else "pale") for row in table.rows),
        alt=f"People per stage, from {first:,} to {last:,}.{mark}",
        caption=f"People who ever reached each stage.{mark}",
    )


CLOCKS = (("In all", "whole"), ("A person's time", "human"))


def waiting_chart(measure: ContractMeasure) -> Chart:
    """Share of people still waiting by hours, with its interval: since the handoff, and since a person was given the case."""
    whole, human = measure.waiting, measure.human_waiting
    end = whole.fact(len(whole.rows) - 1, "still_waiting", "percent")
    if human is None:
        return _waiting(
            whole,
            f"Share of people still waiting after the handoff; starts at all and ends at {end}.",
            "Share still waiting (up) by hours since the handoff (across), with the 95 % range. People handed over "
            "lately count for as long as they could be watched.",
        )
    rows = [(name, *row) for name, table in CLOCKS for row in (whole if table == "whole" else human).rows]
    both = replace(
        whole,
        title="Still waiting, by clock",
        definition=f"In all: {whole.definition} A person's time: {human.definition}",
        columns=("clock", *whole.columns),
        rows=tuple(rows),
    )
    last = human.fact(len(human.rows) - 1, "still_waiting", "percent")
    return _waiting(
        both,
        f"Share of people still waiting, starting at all: in all, from the handoff, it ends at {end}; a person's "
        f"time, from the assignment, at {last}.",
        "Share still waiting by hours, with the 95 % interval (Kaplan-Meier): in all since the handoff, a "
        "person's time since somebody was given the case.",
        series="clock",
        tones=((CLOCKS[0][0], "muted"), (CLOCKS[1][0], "shared")),
    )


def _waiting(
    table: Evidence, alt: str, caption: str, *, series: str = "", tones: tuple[tuple[str, str], ...] = ()
) -> Chart:
    return Chart(
        "lines",
        table,
        "hours",
        "still_waiting",
        alt,
        series=series,
        low="ci_low",
        high="ci_high",
        format="percent",
        tones=tones,
        caption=caption,
    )


def weekly_chart(measure: ContractMeasure) -> Chart | None:
    """Share inside the promised time per week of the handoff; None while no week can be judged."""
    rows = [row for row in measure.weekly.rows if row[2]]
    if not rows:
        return None
    return Chart(
        "lines",
        _part(measure.weekly, rows),
        "week",
        "share",
        low="ci_low",
        high="ci_high",
        format="percent",
        alt=f"Share inside the promised time per week, {len(rows)} weeks.",
        caption="Share picked up in time by week of the handoff, with the 95 % interval.",
    )


def channels_chart(measure: ContractMeasure) -> Chart | None:
    """Leak by channel with interval; None without channels."""
    if measure.channels is None or not measure.channels.rows:
        return None
    shown = _part(
        measure.channels, [(event_names.event(str(row[0])), *row[1:]) for row in measure.channels.rows]
    )
    worst = shown.rows[0][0]
    return Chart(
        "intervals",
        shown,
        "channel",
        "leak_rate",
        low="ci_low",
        high="ci_high",
        format="percent",
        alt=f"Share not picked up in time by channel; {worst} loses most.",
        caption="Share of handoffs not picked up in time, by channel of the first event, with the 95 % interval.",
    )


def reasons_chart(measure: ContractMeasure) -> Chart | None:
    """Reasons for turning down, most frequent first; None where no file gives reasons."""
    if measure.reasons is None:
        return None
    return Chart(
        "bars",
        measure.reasons,
        "reason",
        "share",
        format="percent",
        alt=f"Reasons for turning down; most frequent: {measure.reasons.rows[0][0]}.",
        caption="Share of all reasons given.",
    )


def scenario_chart(scenario: HandoffScenario, here: str, there: str) -> Chart:
    """Both teams' two rates at two places of the baton, side by side.

    Args:
        scenario: All places.
        here: Id of the first place.
        there: Id of the second.
    """
    rows = []
    for name in dict.fromkeys((here, there)):
        found = scenario.place(name)
        if found is not None:
            said = scenario.name(name)
            rows += [
                (f"Marketing: reached {said}", found.reach, "process"),
                (f"Growth: converted after {said}", found.conversion, "outcome"),
            ]
    rows.sort(key=lambda row: row[2], reverse=True)
    table = replace(
        scenario.evidence,
        title="Both teams at two places",
        columns=("measure", "share", "team"),
        rows=tuple(rows),
    )
    return Chart(
        "bars",
        table,
        "measure",
        "share",
        format="percent1",
        tones=tuple((row[0], row[2]) for row in rows),
        alt="; ".join(f"{row[0]} {row[1]:.1%}" for row in rows),
        caption="Marketing: share of all people brought to the handoff. Growth: share with the outcome within the "
        "horizon of those handed over long enough ago.",
    )
