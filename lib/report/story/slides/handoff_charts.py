"""The charts of the handoff step with the sentence each one proves: the journey, the leak, what goes before."""

from __future__ import annotations

from typing import Any

from lib.analysis.handoff import words_slides as words
from lib.analysis.verdict import Verdict
from lib.charts import handoff
from lib.charts.spec import Chart
from lib.engine.evidence import formats
from lib.engine.evidence.evidence import Evidence, Fact
from lib.report.story import chart_table
from lib.report.story.headlines import verdict_lines
from lib.report.story.inputs import StepChart
from lib.report.story.names import plain_name
from lib.report.story.slides.charts import from_chart, from_verdict
from lib.report.story.summary_model import GuardedClaim, Line


def _journey(result: Any) -> list[StepChart]:
    """People per stage, and where most are lost."""
    table: Evidence | None = next((e for e in result.evidence if e.columns[:2] == ("stage", "people")), None)
    if table is None or len(table.rows) < 3 or "step_conversion_rate" not in table.columns:
        return []
    rates = [
        (rate, row)
        for row, rate in enumerate(table.column("step_conversion_rate")[:-1])
        if chart_table.number(rate) is not None and row not in _turned(result)
    ]
    if not rates:
        return []
    row = min(rates)[1]
    shown = _with_rates(table, _turned(result))
    facts: dict[str, Fact | str] = {
        "loss": shown.fact(row, "lost", "percent"),
        "stage": table.rows[row][0],
        "next": table.rows[row + 1][0],
        "window": formats.write(dict(table.params)["window_days"], "days"),
    }
    claim = GuardedClaim(
        words.CHART_LOSS.claim,
        f"SELECT (SELECT lost FROM t WHERE stage = '{str(facts['stage']).replace(chr(39), chr(39) * 2)}') "
        "= max(lost) FROM t WHERE lost IS NOT NULL",
        {"t": shown},
    )
    title = Line(words.CHART_LOSS.text, facts, rule="largest_loss")
    return [
        StepChart(
            _journey_chart(shown, row, facts),
            title,
            tuple(_journey_points(result, table, row, facts)),
            (claim,),
        )
    ]


def _turned(result: Any) -> set[int]:
    """Rows of stages that most people walk in another order: their rates say nothing."""
    return {row for row, flow in enumerate(result.flows.values()) if flow.is_contradicted}


def _with_rates(table: Evidence, turned: set[int]) -> Evidence:
    """The journey with each stage's loss, and its name with the rate from the stage before."""
    rates = [
        None if row in turned else chart_table.number(rate)
        for row, rate in enumerate(table.column("step_conversion_rate"))
    ]
    window = formats.write(dict(table.params)["window_days"], "days")
    rows = []
    for index, (name, people) in enumerate(zip(table.column("stage"), table.column("people"), strict=True)):
        before = rates[index - 1] if index else None
        label, rate = plain_name(str(name)), rates[index]
        if before is not None:
            label = words.STAGE_WITH_RATE.write(
                stage=label, rate=formats.write(before, "percent"), window=window
            )
        rows.append((name, label, people, None if rate is None else 1 - rate))
    return Evidence(
        words.LOSS_TABLE_SHOWN.write(title=table.title),
        words.LOSS_MEANS_SHOWN.write(meaning=table.definition),
        table.sql,
        ("stage", "label", "people", "lost"),
        tuple(rows),
        table.params,
        table.sources,
        table.at,
        table.method,
    )


def _journey_chart(shown: Evidence, row: int, facts: dict[str, Fact | str]) -> Chart:
    """One bar a stage; the one after which most are lost is marked."""
    parts = ", ".join(
        f"{plain_name(str(r['stage']))} {formats.write(r['people'], 'count')}" for r in shown.records()
    )
    return Chart(
        "bars",
        shown,
        "label",
        "people",
        words.JOURNEY_ALT.write(parts=parts, stage=facts["stage"]),
        format="count",
        tones=((str(shown.rows[row][1]), "outcome"),),
        caption=words.JOURNEY_CAPTION.text,
    )


def _journey_points(result: Any, table: Evidence, row: int, facts: dict[str, Fact | str]) -> list[Line]:
    """Whose stage the largest loss is, and how long people take to go on."""
    owner = next((s.owners for s in result.territory_map.stages if s.name == facts["stage"]), "")
    whose = words.LOSS_OWNED if owner else words.LOSS_UNOWNED
    points = [Line(whose.text, {"stage": facts["stage"], "owner": owner}, rule="largest_loss")]
    if "median_hours" in table.columns and table.rows[row][table.columns.index("median_hours")] is not None:
        wait = {"wait": table.fact(row, "median_hours", result.wait_format)}
        points.append(Line(words.LOSS_WAIT.text, wait, rule="median"))
    return points


def handoff_charts(result: Any) -> tuple[StepChart, ...]:
    """The handoff step."""
    found = _journey(result)
    contract = result.contract
    if contract is not None:
        table: Evidence | None = contract.channels
        if table is not None and table.rows:
            template, leaks = _leaks(table)
            found += from_chart(
                handoff.channels_chart(contract),
                template,
                leaks,
                "leak",
                points=verdict_points(contract.verdict),
            )
        found += from_verdict(handoff.weekly_chart(contract), contract.verdict)
    candidates = [c for c in result.candidates if c.status == "recommended"]
    if candidates:
        chart = handoff.candidates_chart(result.candidates)
        if chart is not None:
            facts = {"event": candidates[0].event, "ratio": _ratio(chart.evidence, candidates[0].event)}
            found += from_chart(
                chart,
                words.CHART_CANDIDATE.text,
                facts,
                "candidate",
            )
    return tuple(found)


def _leaks(table: Evidence) -> tuple[str, dict[str, Fact | str]]:
    """The channel that leaks most, where its range is clear of the best one's; else that they leak alike."""
    last = len(table.rows) - 1
    worst, best = table.records()[0], table.records()[last]
    facts: dict[str, Fact | str] = {
        "rate": table.fact(0, "leak_rate", "percent"),
        "least": table.fact(last, "leak_rate", "percent"),
        "channel": str(worst["channel"]),
        "other": str(best["channel"]),
    }
    if last and (worst.get("ci_low") or 0) <= (best.get("ci_high") or 1):
        return words.CHART_LEAKS_ALIKE.text, facts
    return (words.CHART_LEAKS if last else words.CHART_LEAKS_ONE).text, facts


def verdict_points(verdict: Verdict) -> tuple[Line, ...]:
    """A verdict's further sentences as takeaways; its first is the headline of the slide beside it."""
    return tuple(verdict_lines(verdict)[1:3])


def _ratio(table: Evidence, event: str) -> Fact | str:
    return table.fact(table.find(event=event), "rate_ratio", "ratio")
