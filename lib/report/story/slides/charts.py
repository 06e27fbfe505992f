"""The charts of each step with the sentence each one proves, most telling first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from lib.analysis.audit import words_slides as words
from lib.analysis.templates import Template, names_in
from lib.analysis.verdict import Verdict
from lib.charts import experiments, stage
from lib.charts.spec import Chart
from lib.engine.evidence.evidence import Evidence, Fact, single
from lib.report.story.headlines import headline, verdict_lines, without_aside
from lib.report.story.inputs import StepChart
from lib.report.story.names import opening
from lib.report.story.summary_model import GuardedClaim, Line


def from_chart(
    chart: Chart | None,
    template: str,
    facts: dict[str, Fact | str],
    rule: str,
    *,
    claims: tuple[GuardedClaim, ...] = (),
    points: tuple[Line, ...] = (),
) -> list[StepChart]:
    """One picture, or none when there is no chart."""
    if chart is None or not chart.evidence.rows:
        return []
    return [StepChart(chart, headline(Line(template, facts, rule=rule)), points, claims)]


def from_verdict(chart: Chart | None, verdict: Verdict) -> list[StepChart]:
    """A chart that a verdict of its own explains."""
    if chart is None or not chart.evidence.rows:
        return []
    lines = verdict_lines(verdict)
    title, aside = without_aside(headline(lines[0]))
    points = (*([aside] if aside is not None else []), *lines[1:3])
    return [StepChart(chart, title, points[:3], ())]


def audit_charts(result: Any) -> tuple[StepChart, ...]:
    """The metric audit: why the main conversion moved, and who brought the new volume."""
    whole = _with_columns(result, "rate_before", "mix_effect", "rate_effect", "rate_after")
    parts = _with_columns(result, "segment", "share_before", "share_after", "share_of_new")
    if whole is None or not whole.rows:
        return ()
    return (*_what_moved(whole, parts), *_who_came(whole, parts))


def _with_columns(result: Any, *columns: str) -> Evidence | None:
    """The first table of a result that has these columns."""
    return next((table for table in result.evidence if set(columns) <= set(table.columns)), None)


def _derived(
    source: Evidence, title: str, columns: tuple[str, ...], rows: tuple[tuple[Any, ...], ...]
) -> Evidence:
    """Cells of one evidence in another shape, with the same query, data and day."""
    return replace(source, title=title, columns=columns, rows=rows)


def _what_moved(whole: Evidence, parts: Evidence | None) -> list[StepChart]:
    """From the old rate to the new one: mix, then rates within segments."""
    row = whole.records()[0]
    label = opening(whole.title.rpartition(":")[0] or words.CONVERSION.text)
    part = _part(whole)
    steps = (
        (f"{row['before']}", row["rate_before"]),
        (words.WHO_CAME.text, row["mix_effect"]),
        (words.CONVERSION_WITHIN.write(part=part), row["rate_effect"]),
        (f"{row['after']}", row["rate_after"]),
    )
    table = _derived(whole, words.MOVED_TABLE.write(what=label), ("part", "value"), steps)
    facts: dict[str, Fact | str] = {
        "what": label,
        "moved": "fell" if row["rate_after"] < row["rate_before"] else "rose",
        "before": str(row["before"]),
        "after": str(row["after"]),
        "part": part,
        "a": table.fact(0, "value", "percent1"),
        "b": table.fact(3, "value", "percent1"),
        "mix": table.fact(1, "value", "+points"),
        "rate": table.fact(2, "value", "+points"),
    }
    chart = Chart(
        "waterfall",
        table,
        "part",
        "value",
        words.MOVED_ALT.write(**facts),
        format="percent1",
        caption=words.MOVED_CAPTION.write(what=label, part=part),
    )
    title = words.CHART_MOVED.text + _certainty(row)
    return from_chart(chart, title, facts, "mix", points=tuple(_moved_points(whole, facts)))


def _certainty(row: dict[str, Any]) -> str:
    """How a headline about a change goes on: what most of it is, and what of it could be chance by its own range."""
    if _holds_nought(row, "change"):
        return words.MOVED_BY_CHANCE.text
    fell = row["rate_after"] < row["rate_before"]
    is_mix = abs(row["mix_effect"]) > abs(row["rate_effect"]) and (row["mix_effect"] < 0) == fell
    if not _holds_nought(row, "rate_effect"):
        return words.MOVED_BY_MIX.text if is_mix else ""
    return (words.MOVED_BY_MIX_REST_CHANCE if is_mix else words.MOVED_PART_BY_CHANCE).text


def _part(table: Evidence) -> str:
    """What the people were split by: their channel, where the query says so."""
    return "channel" if "channel" in table.sql else "segment"


def _holds_nought(row: dict[str, Any], name: str) -> bool:
    """Whether the range of a value, where it is known, leaves room for no change at all."""
    low, high = row.get(f"{name}_low"), row.get(f"{name}_high")
    return low is not None and high is not None and low <= 0 <= high


def _moved_points(whole: Evidence, facts: dict[str, Fact | str]) -> list[Line]:
    """How many more came, what explains the change, and whether the rates' part could be noise."""
    row = whole.records()[0]
    more = words.FEWER_CAME if row["entered_change"] < 0 else words.MORE_CAME
    entered = whole.fact(0, "entered_change", "percent")
    points = [_point(more, {**facts, "entered": entered}), _point(words.WHAT_EXPLAINS, facts)]
    # Where the whole change could be chance, so could its parts.
    name = next((name for name in words.CHANCE if _holds_nought(row, name)), None)
    if name is not None:
        ends = {end: whole.fact(0, f"{name}_{end}", "+points") for end in ("low", "high")}
        points.append(_point(words.CHANCE[name], {**facts, **ends}))
    return points


def _point(template: Template, facts: Mapping[str, Fact | str]) -> Line:
    """A sentence beside a chart of the audit, with the facts it names."""
    template.require(facts)
    return Line(template.text, {name: facts[name] for name in template.facts}, rule="mix")


def _who_came(whole: Evidence, parts: Evidence | None) -> list[StepChart]:
    """Shares of the segments then and now."""
    top = _brought_most(parts) if parts is not None and len(parts.rows) >= 2 else None
    if parts is None or top is None:
        return []
    row, brought = whole.records()[0], parts.records()[top]
    facts: dict[str, Fact | str] = {
        "segment": opening(str(brought["segment"])),
        "new": parts.fact(top, "share_of_new", "percent"),
        "was": parts.fact(top, "share_before", "percent"),
        "now": parts.fact(top, "share_after", "percent"),
        "before": str(row["before"]),
        "after": str(row["after"]),
    }
    title, points = words.CHART_BROUGHT, [_point(words.ITS_SHARE, facts)]
    if brought.get("relative_rate") is not None:
        facts["relative"] = parts.fact(top, "relative_rate", "percent")
        if brought["relative_rate"] < 1:
            title = words.BROUGHT_AND_CONVERTS
        else:
            points.insert(0, _point(words.CONVERTS_AT, facts))
    chart = _shares_chart(row, parts, str(brought["segment"]), facts)
    shown = {name: facts[name] for name in (*names_in(title.text), "was", "now")}
    return from_chart(chart, title.text, shown, "mix", points=tuple(points))


def _brought_most(parts: Evidence) -> int | None:
    """The row of the segment with most of the new people; None where it is not known.

    Where others shrank by more than was added, a share of what was added means nothing.
    """
    news = [
        (value, index)
        for index, value in enumerate(parts.column("share_of_new"))
        if isinstance(value, int | float)
    ]
    return max(news)[1] if news and max(news)[0] <= 1 else None


def _shares_chart(row: dict[str, Any], parts: Evidence, top: str, facts: dict[str, Fact | str]) -> Chart:
    """Two stacks, then and now; the segment with most of the new volume is marked."""
    # The last row is the whole itself; stacked on its own parts it would halve them.
    named = [r for r in parts.records() if str(r["segment"]) != "all" or r["share_before"] != 1]
    rows = tuple(
        (period, r["segment"], r[column])
        for period, column in ((str(row["before"]), "share_before"), (str(row["after"]), "share_after"))
        for r in named
    )
    return Chart(
        "stacked",
        _derived(parts, words.SHARES_TABLE.write(title=parts.title), ("period", "segment", "share"), rows),
        "period",
        "share",
        words.SHARES_ALT.write(**facts),
        series="segment",
        format="percent",
        tones=((top, "outcome"),),
        caption=words.SHARES_CAPTION.write(part=_part(parts)),
    )


def _ranges(chart: Chart | None) -> list[StepChart]:
    """All tests: how many ranges are clear of no effect."""
    if chart is None or not chart.evidence.rows:
        return []
    records = chart.evidence.records()
    total, up = len(records), sum((r["low"] or 0) > 0 for r in records)
    down = sum((r["high"] or 0) < 0 for r in records)
    counts = single(
        "Ranges of the tests",
        "Ranges that lie wholly on one side of no effect.",
        {"ranges": total, "up": up, "down": down},
        method="Counted in the table of effects",
        sources=chart.evidence.sources,
    )
    facts: dict[str, Fact | str] = {name: counts.fact(0, name, "count") for name in counts.columns}
    total, up, down = counts.rows[0]
    verb = "is" if total == 1 else "are"
    if up:
        worse = ", {down} clearly worse" if down else ", none clearly worse"
        template = "{up} of {ranges} test results " + verb + " clearly better than control" + worse
    else:
        worse = ", {down} clearly worse" if down else " yet"
        template = "No test result is clearly better than control" + worse
    points = _undecided(total, up + down)
    return from_chart(chart, template, facts, "ranges", points=points)


def _undecided(total: int, clear: int) -> tuple[Line, ...]:
    """That the other ranges include no effect, where there are any."""
    if clear == total:
        return ()
    rest = "The others cannot tell yet: their ranges include no effect."
    if clear == total - 1:
        rest = "The other one cannot tell yet: its range includes no effect."
    return (Line(rest if clear else "All ranges include no effect.", rule="ranges"),)


def experiment_charts(result: Any) -> tuple[StepChart, ...]:
    """The experiments step."""
    found = _ranges(experiments.overview(result))
    for readout in result.readouts.values():
        found += from_verdict(experiments.readout(readout), readout.verdict)
    return tuple(found)


def stage_charts(result: Any) -> tuple[StepChart, ...]:
    """The stage step."""
    if not result.signals:
        return ()
    table = result.evidence[0]
    strongest = max(range(len(table.rows)), key=lambda row: abs(table.column("support")[row] or 0))
    facts: dict[str, Fact | str] = {
        "signal": str(table.column("signal")[strongest]),
        "reading": table.fact(strongest, "reading", "text"),
        "stage": result.rule.name if result.rule else "the leading stage",
        "way": "for" if table.column("speaks")[strongest] == "for" else "against",
    }
    title = "{signal} speaks loudest {way} the stage {stage}, at {reading}"
    return tuple(from_chart(stage.support_chart(result), title, facts, "stage_inputs"))
