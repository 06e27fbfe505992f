"""The charts of each step with the sentence each one proves, most telling first."""

from __future__ import annotations

from typing import Any

from lib.analysis.verdict import Verdict
from lib.charts import experiment, handoff_map, stage
from lib.charts.spec import Chart
from lib.engine.evidence import Evidence, Fact, single
from lib.report.inputs import Picture
from lib.report.model import Claim, Line
from lib.report.sentences import headline, opening, verdict_lines, without_aside


def _from(
    chart: Chart | None,
    template: str,
    facts: dict[str, Fact | str],
    rule: str,
    *,
    claims: tuple[Claim, ...] = (),
    points: tuple[Line, ...] = (),
) -> list[Picture]:
    """One picture, or none when there is no chart."""
    if chart is None or not chart.evidence.rows:
        return []
    return [Picture(chart, headline(Line(template, facts, rule=rule)), points, claims)]


def _verdict(chart: Chart | None, verdict: Verdict) -> list[Picture]:
    """A chart that a verdict of its own explains."""
    if chart is None or not chart.evidence.rows:
        return []
    lines = verdict_lines(verdict)
    title, aside = without_aside(headline(lines[0]))
    points = (*([aside] if aside is not None else []), *lines[1:3])
    return [Picture(chart, title, points[:3], ())]


def _journey(result: Any) -> list[Picture]:
    """People per stage, and where most are lost."""
    table: Evidence | None = next((e for e in result.evidence if e.columns[:2] == ("stage", "people")), None)
    if table is None or len(table.rows) < 3 or "conversion_rate" not in table.columns:
        return []
    rates = [(rate, row) for row, rate in enumerate(table.column("conversion_rate")[:-1]) if rate is not None]
    if not rates:
        return []
    row = min(rates)[1]
    stages = table.column("stage")
    main = next(
        (
            stage.name
            for stage in result.picture.stages
            for c in result.picture.crossings
            if c.is_main and c.to_stage == stage.id
        ),
        "",
    )
    chart = handoff_map.funnel_chart(table, main)
    chart = Chart(
        chart.kind,
        table,
        chart.x,
        chart.y,
        f"{chart.alt} Most are lost after {stages[row]}.",
        format=chart.format,
        tones=((stages[row], "outcome"),),
        caption="People who reached each stage; the stage with the largest loss is marked",
    )
    facts: dict[str, Fact | str] = {
        "rate": table.fact(row, "conversion_rate", "percent"),
        "stage": stages[row],
        "next": stages[row + 1],
    }
    claim = Claim(
        "largest loss",
        f"SELECT (SELECT conversion_rate FROM t WHERE stage = '{str(stages[row]).replace(chr(39), chr(39) * 2)}') "
        "= min(conversion_rate) FROM t WHERE conversion_rate IS NOT NULL",
        {"t": table},
    )
    points = [
        Line(
            "The largest loss of the journey lies between {stage} and {next}.",
            facts | {},
            rule="largest_loss",
        )
    ]
    owner = next((s.owners for s in result.picture.stages if s.name == stages[row]), "")
    points.append(
        Line(
            "{stage} belongs to {owner}." if owner else "{stage} has no owner.",
            {"stage": stages[row], "owner": owner},
            rule="largest_loss",
        )
    )
    if "median_hours" in table.columns and table.rows[row][table.columns.index("median_hours")] is not None:
        points.append(
            Line(
                "Half of those who go on do so within {wait}.",
                {"wait": table.fact(row, "median_hours", "hours")},
                rule="median",
            )
        )
    return [
        Picture(
            chart,
            Line("{rate} of those who reach {stage} go on to {next}", facts, rule="largest_loss"),
            tuple(points),
            (claim,),
        )
    ]


def audit_pictures(result: Any) -> tuple[Picture, ...]:
    """The metric audit: why the main conversion moved, and who brought the new volume."""
    whole = next(
        (
            e
            for e in result.evidence
            if {"rate_before", "mix_effect", "rate_effect", "rate_after"} <= set(e.columns)
        ),
        None,
    )
    parts = next(
        (
            e
            for e in result.evidence
            if {"segment", "share_before", "share_after", "share_of_new"} <= set(e.columns)
        ),
        None,
    )
    if whole is None or not whole.rows:
        return ()
    return (*_what_moved(whole, parts), *_who_came(whole, parts))


def _what_moved(whole: Evidence, parts: Evidence | None) -> list[Picture]:
    """From the old rate to the new one: mix, then rates within segments."""
    row = whole.records()[0]
    label = opening(whole.title.rpartition(":")[0] or "Conversion")
    steps = (
        (f"{row['before']}", row["rate_before"]),
        ("Mix of segments", row["mix_effect"]),
        ("Rates within segments", row["rate_effect"]),
        (f"{row['after']}", row["rate_after"]),
    )
    table = Evidence(
        f"{label}: from then to now",
        whole.definition,
        whole.sql,
        ("part", "value"),
        steps,
        whole.params,
        whole.sources,
        whole.at,
        whole.method,
    )
    fell = row["rate_after"] < row["rate_before"]
    facts: dict[str, Fact | str] = {
        "what": label,
        "moved": "fell" if fell else "rose",
        "a": table.fact(0, "value", "percent1"),
        "b": table.fact(3, "value", "percent1"),
        "entered": whole.fact(0, "entered_change", "percent"),
        "mix": table.fact(1, "value", "+points"),
        "rate": table.fact(2, "value", "+points"),
    }
    chart = Chart(
        "waterfall",
        table,
        "part",
        "value",
        f"{label} from {facts['a']} to {facts['b']}: mix {facts['mix']}, rates {facts['rate']}.",
        format="percent1",
        caption=f"{label}: what the change is made of, in percentage points",
    )
    title = "{what} {moved} from {a} to {b}"
    if abs(row["mix_effect"]) > abs(row["rate_effect"]) and (row["mix_effect"] < 0) == fell:
        title += ", and the larger part is who came"
    points = [
        Line(
            "{entered} more people entered over the same months."
            if row["entered_change"] >= 0
            else "{entered} change in people who entered over the same months.",
            facts,
            rule="mix",
        ),
        Line("Mix explains {mix}, rates within segments {rate}.", facts, rule="mix"),
    ]
    if row.get("rate_effect_low") is not None and row["rate_effect_low"] < 0 < row["rate_effect_high"]:
        ends: dict[str, Fact | str] = {
            "low": whole.fact(0, "rate_effect_low", "+points"),
            "high": whole.fact(0, "rate_effect_high", "+points"),
        }
        points.append(
            Line("The rate effect could be noise: its range runs from {low} to {high}.", ends, rule="mix")
        )
    return _from(chart, title, facts, "mix", points=tuple(points))


def _who_came(whole: Evidence, parts: Evidence | None) -> list[Picture]:
    """Shares of the segments then and now."""
    if parts is None or len(parts.rows) < 2:
        return []
    row = whole.records()[0]
    # The last row is the whole itself; stacked on its own parts it would halve them.
    named = [r for r in parts.records() if str(r["segment"]) != "all" or r["share_before"] != 1]
    rows = tuple(
        (period, r["segment"], r[column])
        for period, column in ((str(row["before"]), "share_before"), (str(row["after"]), "share_after"))
        for r in named
    )
    table = Evidence(
        f"{parts.title}, shares",
        parts.definition,
        parts.sql,
        ("period", "segment", "share"),
        rows,
        parts.params,
        parts.sources,
        parts.at,
        parts.method,
    )
    news = [
        (value, index)
        for index, value in enumerate(parts.column("share_of_new"))
        if isinstance(value, int | float)
    ]
    if not news:
        return []
    top = max(news)[1]
    facts: dict[str, Fact | str] = {
        "segment": str(parts.rows[top][0]),
        "new": parts.fact(top, "share_of_new", "percent"),
        "was": parts.fact(top, "share_before", "percent"),
        "now": parts.fact(top, "share_after", "percent"),
    }
    points = []
    if "relative_rate" in parts.columns and parts.rows[top][parts.columns.index("relative_rate")] is not None:
        facts["relative"] = parts.fact(top, "relative_rate", "ratio2")
        points.append(Line("It converts at {relative} the rate of the others.", facts, rule="mix"))
    points.append(Line("Its share of all who entered went from {was} to {now}.", facts, rule="mix"))
    chart = Chart(
        "stacked",
        table,
        "period",
        "share",
        f"Shares by segment then and now; {facts['segment']} went from {facts['was']} to {facts['now']}.",
        series="segment",
        format="percent",
        tones=((str(facts["segment"]), "outcome"),),
        caption="Share of those who entered, by segment",
    )
    return _from(chart, "{segment} brought {new} of the new volume", facts, "mix", points=tuple(points))


def handoff_pictures(result: Any) -> tuple[Picture, ...]:
    """The handoff step."""
    found = _journey(result)
    contract = result.contract
    if contract is not None:
        table: Evidence | None = contract.channels
        worst = table.rows[0] if table is not None and table.rows else None
        if table is not None and worst is not None:
            facts = {"rate": table.fact(0, "leak_rate", "percent"), "channel": str(worst[0])}
            found += _from(
                handoff_map.channels_chart(contract),
                "{rate} of handoffs from {channel} are not picked up in time",
                facts,
                "leak",
                points=verdict_points(contract.verdict),
            )
        found += _verdict(handoff_map.weekly_chart(contract), contract.verdict)
    candidates = [c for c in result.candidates if c.status == "recommended"]
    if candidates:
        chart = handoff_map.candidates_chart(result.candidates)
        if chart is not None:
            facts = {"event": candidates[0].event, "ratio": _ratio(chart.evidence, candidates[0].event)}
            found += _from(
                chart,
                "People who did “{event}” convert {ratio} as often as the same people before it",
                facts,
                "candidate",
            )
    return tuple(found)


def verdict_points(verdict: Verdict) -> tuple[Line, ...]:
    """A verdict's further sentences as takeaways; its first is the headline of the slide beside it."""
    return tuple(verdict_lines(verdict)[1:3])


def _ratio(table: Evidence, event: str) -> Fact | str:
    return table.fact(table.find(event=event), "rate_ratio", "ratio")


def _ranges(chart: Chart | None) -> list[Picture]:
    """All tests: how many ranges are clear of no effect."""
    if chart is None or not chart.evidence.rows:
        return []
    records = chart.evidence.records()
    counts = single(
        "Ranges of the tests",
        "Ranges that lie wholly on one side of no effect.",
        {
            "ranges": len(records),
            "up": sum((r["low"] or 0) > 0 for r in records),
            "down": sum((r["high"] or 0) < 0 for r in records),
        },
    )
    facts: dict[str, Fact | str] = {name: counts.fact(0, name, "count") for name in counts.columns}
    up, down, total = counts.rows[0][1], counts.rows[0][2], counts.rows[0][0]
    clear = "{up} of {ranges} readings lie clearly above no effect"
    template = clear if up else "No reading of the tests lies clearly above no effect" if total else ""
    points = [
        Line(
            "{down} of {ranges} lie clearly below it." if down else "None lies clearly below it.",
            facts,
            rule="ranges",
        )
    ]
    if up + down < total:
        points.append(Line("The rest cannot tell yet: their ranges include no effect.", rule="ranges"))
    return _from(chart, template, facts, "ranges", points=tuple(points))


def test_pictures(result: Any) -> tuple[Picture, ...]:
    """The experiments step."""
    found = _ranges(experiment.overview(result))
    for readout in result.readouts.values():
        found += _verdict(experiment.readout(readout), readout.verdict)
    return tuple(found)


def stage_pictures(result: Any) -> tuple[Picture, ...]:
    """The stage step."""
    if not result.signals:
        return ()
    table = result.evidence[0]
    speaks = table.column("speaks")
    counts = single(
        "Stage inputs",
        "Inputs for and against the stage with the most weight.",
        {"inputs": len(speaks), "supporting": speaks.count("for")},
    )
    facts: dict[str, Fact | str] = {name: counts.fact(0, name, "count") for name in counts.columns}
    facts["stage"] = result.rule.name if result.rule else "the leading stage"
    return tuple(
        _from(
            stage.support_chart(result),
            "{supporting} of {inputs} inputs speak for the stage {stage}",
            facts,
            "stage_inputs",
        )
    )
