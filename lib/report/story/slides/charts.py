"""The charts of each step with the sentence each one proves, most telling first."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from lib.analysis.verdict import Verdict
from lib.charts import experiments, stage
from lib.charts.spec import Chart
from lib.engine.evidence.evidence import Evidence, Fact, single
from lib.report.story.headlines import headline, verdict_lines, without_aside
from lib.report.story.inputs import Picture
from lib.report.story.names import opening
from lib.report.story.summary_model import Claim, Line
from lib.report.story.wording import names_in


def from_chart(
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


def from_verdict(chart: Chart | None, verdict: Verdict) -> list[Picture]:
    """A chart that a verdict of its own explains."""
    if chart is None or not chart.evidence.rows:
        return []
    lines = verdict_lines(verdict)
    title, aside = without_aside(headline(lines[0]))
    points = (*([aside] if aside is not None else []), *lines[1:3])
    return [Picture(chart, title, points[:3], ())]


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


def _derived(
    source: Evidence, title: str, columns: tuple[str, ...], rows: tuple[tuple[Any, ...], ...]
) -> Evidence:
    """Cells of one evidence in another shape, with the same query, data and day."""
    return replace(source, title=title, columns=columns, rows=rows)


_NOISE = {
    "change": "The whole change could be chance: its range runs from {low} to {high}.",
    "rate_effect": "The part within {part}s could be chance: its range runs from {low} to {high}.",
}


def _what_moved(whole: Evidence, parts: Evidence | None) -> list[Picture]:
    """From the old rate to the new one: mix, then rates within segments."""
    row = whole.records()[0]
    label = opening(whole.title.rpartition(":")[0] or "Conversion")
    part = _part(whole)
    steps = (
        (f"{row['before']}", row["rate_before"]),
        ("Who came", row["mix_effect"]),
        (f"Conversion within {part}s", row["rate_effect"]),
        (f"{row['after']}", row["rate_after"]),
    )
    table = _derived(whole, f"{label}: from then to now", ("part", "value"), steps)
    fell = row["rate_after"] < row["rate_before"]
    facts: dict[str, Fact | str] = {
        "what": label,
        "moved": "fell" if fell else "rose",
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
        f"{label} from {facts['a']} to {facts['b']}: who came {facts['mix']}, conversion within {part}s {facts['rate']}.",
        format="percent1",
        caption=f"{label}: what the change is made of, in percentage points. Who came: each {part}'s share of people",
    )
    title = "{what} {moved} from {a} in {before} to {b} in {after}" + _certainty(row)
    return from_chart(chart, title, facts, "mix", points=tuple(_moved_points(whole, facts)))


def _certainty(row: dict[str, Any]) -> str:
    """How a headline about a change goes on: what most of it is, and what of it could be chance by its own range."""
    if _holds_nought(row, "change"):
        return ", which could be chance"
    fell = row["rate_after"] < row["rate_before"]
    is_mix = abs(row["mix_effect"]) > abs(row["rate_effect"]) and (row["mix_effect"] < 0) == fell
    if not _holds_nought(row, "rate_effect"):
        return ", mostly because of who came" if is_mix else ""
    if is_mix:
        return ", mostly because of who came; the rest could be chance"
    return "; the part within {part}s could be chance"


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
    more = "{entered} more people came in {after} than in {before}."
    if row["entered_change"] < 0:
        more = "{entered} change in the people who came, from {before} to {after}."
    counted = {
        "entered": whole.fact(0, "entered_change", "percent"),
        **{n: facts[n] for n in ("before", "after")},
    }
    points = [
        Line(more, counted, rule="mix"),
        Line(
            "Who came explains {mix}; conversion within the {part}s explains {rate}.",
            {n: facts[n] for n in ("mix", "rate", "part")},
            rule="mix",
        ),
    ]
    for name, template in _NOISE.items():
        if _holds_nought(row, name):
            ends: dict[str, Fact | str] = {
                end: whole.fact(0, f"{name}_{end}", "+points") for end in ("low", "high")
            }
            ends |= {"part": facts["part"]} if "{part}" in template else {}
            points.append(Line(template, ends, rule="mix"))
            break  # where the whole change could be chance, so could its parts
    return points


def _who_came(whole: Evidence, parts: Evidence | None) -> list[Picture]:
    """Shares of the segments then and now."""
    top = _brought_most(parts) if parts is not None else None
    if parts is None or top is None:
        return []
    facts: dict[str, Fact | str] = {
        "segment": opening(str(parts.rows[top][0])),
        "new": parts.fact(top, "share_of_new", "percent"),
        "was": parts.fact(top, "share_before", "percent"),
        "now": parts.fact(top, "share_after", "percent"),
    }
    row = whole.records()[0]
    facts |= {"before": str(row["before"]), "after": str(row["after"])}
    title = "{segment} brought {new} of the additional people"
    share = "Its share of all who came went from {was} in {before} to {now} in {after}."
    points = [Line(share, {n: facts[n] for n in ("was", "before", "now", "after")}, rule="mix")]
    place = parts.columns.index("relative_rate") if "relative_rate" in parts.columns else -1
    relative = parts.rows[top][place] if place >= 0 else None
    if relative is not None:
        facts["relative"] = parts.fact(top, "relative_rate", "percent")
        if relative < 1:
            title += " and converts at {relative} of the rate of the others"
        else:
            rate = {"relative": facts["relative"]}
            points.insert(0, Line("It converts at {relative} of the rate of the others.", rate, rule="mix"))
    facts = {n: facts[n] for n in facts if n in names_in(title)} | {n: facts[n] for n in ("was", "now")}
    chart = _shares_chart(row, parts, str(parts.rows[top][0]), facts)
    return from_chart(chart, title, facts, "mix", points=tuple(points))


def _brought_most(parts: Evidence) -> int | None:
    """The segment with the largest share of the new people; None where such a share would mean nothing."""
    shares = [share if isinstance(share, int | float) else None for share in parts.column("share_of_new")]
    known = [share for share in shares if share is not None]
    # Where others shrank by more than was added, a share of it means nothing.
    if len(shares) < 2 or not known or max(known) > 1:
        return None
    return len(shares) - 1 - shares[::-1].index(max(known))  # the later one of two equal ones


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
        _derived(parts, f"{parts.title}, shares", ("period", "segment", "share"), rows),
        "period",
        "share",
        f"Shares by segment then and now; {facts['segment']} went from {facts['was']} to {facts['now']}.",
        series="segment",
        format="percent",
        tones=((top, "outcome"),),
        caption=f"Share of those who came, by {_part(parts)}",
    )


def _ranges(chart: Chart | None) -> list[Picture]:
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
    verb = "is" if total == 1 else "are"
    template = "{up} of {ranges} test results " + verb + " clearly better than control"
    template += ", {down} clearly worse" if down else ", none clearly worse"
    if not up:
        template = "No test result is clearly better than control"
        template += ", {down} clearly worse" if down else " yet"
    return from_chart(chart, template, facts, "ranges", points=_untold(up + down, total))


def _untold(clear: int, total: int) -> tuple[Line, ...]:
    """What the ranges that include no effect tell; nothing where there is none."""
    if clear == total:
        return ()
    rest = "The others cannot tell yet: their ranges include no effect."
    if clear == total - 1:
        rest = "The other one cannot tell yet: its range includes no effect."
    return (Line(rest if clear else "All ranges include no effect.", rule="ranges"),)


def test_pictures(result: Any) -> tuple[Picture, ...]:
    """The experiments step."""
    found = _ranges(experiments.overview(result))
    for readout in result.readouts.values():
        found += from_verdict(experiments.readout(readout), readout.verdict)
    return tuple(found)


def stage_pictures(result: Any) -> tuple[Picture, ...]:
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
