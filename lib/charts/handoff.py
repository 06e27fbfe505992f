"""Pictures of the handoff step: the map of two territories, candidates, the baton, the clock."""

from __future__ import annotations

import html
from collections.abc import Sequence
from pathlib import Path

from lib.analysis.events import event_names
from lib.analysis.handoff.candidates import Candidate
from lib.analysis.handoff.handoff_scenario import Baton
from lib.analysis.handoff.sla import ContractMeasure
from lib.analysis.handoff.territory_map import MapCrossing, MapPicture, MapStage
from lib.charts.spec import Chart
from lib.engine.evidence.evidence import Evidence

ICONS = {"process": "●", "outcome": "◆", "shared": "■", "other": "○", "unassigned": "⚠"}
TONES = {
    "process": "process",
    "outcome": "outcome",
    "shared": "shared",
    "other": "muted",
    "unassigned": "alarm",
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
        lines.append(f'<span class="flow">{_safe(stage.step_conversion)} go on{wait}</span>')
    tone = f"--tone:var(--{TONES[stage.territory]})"
    return f'<li class="stage {stage.territory}" style="{tone}"><div class="card">{"".join(lines)}</div></li>'


def _crossing(items: Sequence[MapCrossing], left: MapStage, right: MapStage) -> str:
    """What stands between two stages: an arrow within a territory or at its edge, or every crossing there."""
    if not items:
        land = left.territory if left.territory == right.territory else "edge"
        return f'<li class="gap {land}" aria-hidden="true"><span class="arrow"></span></li>'
    parts = []
    for item in items:
        flag = "⚑ Main handoff" if item.is_main else "⚐ Handoff" if item.is_agreed else "⚠ Nothing agreed"
        detail = item.rule or (item.name if item.is_agreed else "")
        parts.append(
            f'<span class="flag">{flag}</span>' + (f"<span>{_safe(detail)}</span>" if detail else "")
        )
        if item.is_agreed:
            parts.append(f"<span>{_safe(item.from_owner)} to {_safe(item.to_owner)}</span>")
        if item.missing and item.is_main:
            parts.append(f'<span class="mark">⚠ {len(item.missing)} open</span>')
    kind = (
        "main" if any(i.is_main for i in items) else "agreed" if any(i.is_agreed for i in items) else "open"
    )
    return f'<li class="cross {kind}">{"".join(parts)}<span class="arrow" aria-hidden="true"></span></li>'


def map_html(picture: MapPicture) -> str:
    """The map as HTML with its own style: side by side on a wide page, top to bottom on a phone.

    Args:
        picture: The map.

    Returns:
        Markup without scripts; every text of the workbook escaped.
    """
    items: list[str] = []
    for index, stage in enumerate(picture.stages):
        if index:
            items.append(_crossing(picture.crossing_before(stage.id), picture.stages[index - 1], stage))
        items.append(_stage(stage))
    label = "Proposed journey" if picture.is_proposed else "Journey"
    shape = "hm tall" if len(picture.stages) + len(picture.crossings) > MOST_ACROSS else "hm"
    return (
        f'<div class="{shape}"><ol aria-label="{label}: {_safe(picture.alt)}">'
        f"{''.join(items)}</ol></div>"
        f"<style>{_CSS}</style>"
    )


def candidates_chart(found: Sequence[Candidate], *, most: int = 14) -> Chart | None:
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
    return Evidence(
        table.title,
        table.definition,
        table.sql,
        table.columns,
        tuple(rows),
        table.params,
        table.sources,
        table.at,
        table.method,
    )


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
        return Chart(
            "lines",
            whole,
            "hours",
            "still_waiting",
            low="ci_low",
            high="ci_high",
            format="percent",
            alt=f"Share of people still waiting after the handoff; starts at all and ends at {end}.",
            caption="Share still waiting (up) by hours since the handoff (across), with the 95 % range. People handed over "
            "lately count for as long as they could be watched.",
        )
    rows = [(name, *row) for name, table in CLOCKS for row in (whole if table == "whole" else human).rows]
    table = Evidence(
        "Still waiting, by clock",
        f"In all: {whole.definition} A person's time: {human.definition}",
        whole.sql,
        ("clock", *whole.columns),
        tuple(rows),
        whole.params,
        whole.sources,
        whole.at,
        whole.method,
    )
    last = human.fact(len(human.rows) - 1, "still_waiting", "percent")
    return Chart(
        "lines",
        table,
        "hours",
        "still_waiting",
        series="clock",
        low="ci_low",
        high="ci_high",
        format="percent",
        tones=((CLOCKS[0][0], "muted"), (CLOCKS[1][0], "shared")),
        alt=f"Share of people still waiting, starting at all: in all, from the handoff, it ends at {end}; a person's "
        f"time, from the assignment, at {last}.",
        caption="Share still waiting by hours, with the 95 % interval (Kaplan-Meier): in all since the handoff, a "
        "person's time since somebody was given the case.",
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


def baton_chart(baton: Baton, here: str, there: str) -> Chart:
    """Both teams' two rates at two places of the baton, side by side.

    Args:
        baton: All places.
        here: Id of the first place.
        there: Id of the second.
    """
    rows = []
    for name in dict.fromkeys((here, there)):
        found = baton.place(name)
        if found is not None:
            said = baton.name(name)
            rows += [
                (f"Marketing: reached {said}", found.reach, "process"),
                (f"Growth: converted after {said}", found.conversion, "outcome"),
            ]
    rows.sort(key=lambda row: row[2], reverse=True)
    source = baton.evidence
    columns = ("measure", "share", "team")
    table = Evidence(
        "Both teams at two places",
        source.definition,
        source.sql,
        columns,
        tuple(rows),
        source.params,
        source.sources,
        source.at,
        source.method,
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
