"""Pictures of tests: all tests' ranges, one test read once and watched, what more weeks would show."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from lib.analysis.events import event_names
from lib.analysis.experiments.readout import Effect, Readout
from lib.analysis.experiments.shared_experiments import ExperimentsResult
from lib.charts.spec import Chart
from lib.engine.evidence import formats
from lib.engine.evidence.evidence import Evidence, single
from lib.stats import power

STATE_TONES = {"better": "shared", "worse": "alarm", "flat": "muted", "unclear": "pale", "silent": "pale"}
STATE_WORDS = {
    "better": "better",
    "worse": "worse",
    "flat": "flat",
    "unclear": "can't tell yet",
    "silent": "too few people",
}


def overview(result: ExperimentsResult) -> Chart | None:
    """All tests: relative effect on each registered metric with its range; None without readouts."""
    table = result.overview
    if table is None:
        return None
    look = [record for record in table.records() if record["reading"] == "one look"]
    rows = tuple(
        (
            f"{r['test']} ({STATE_WORDS[str(r['state'])]})",
            r["relative_effect"],
            r["low"],
            r["high"],
            r["state"],
        )
        for r in look
    )
    evidence = dataclasses.replace(
        table, columns=("test", "relative_effect", "low", "high", "state"), rows=rows
    )
    tones = tuple((str(row[0]), STATE_TONES[str(row[4])]) for row in rows)
    said = "; ".join(f"{row[0]} {_signed(row[1])} ({_signed(row[2])} to {_signed(row[3])})" for row in rows)
    return Chart(
        "intervals",
        evidence,
        "test",
        "relative_effect",
        f"Relative effects with ranges: {said}.",
        low="low",
        high="high",
        format="+percent1",
        tones=tones,
        title="What our tests changed",
        reference=0.0,
        caption="Change against control with its 95 % range for one look at the end. The dashed line is no effect.",
    )


def _pair(effect: Effect, many: bool) -> list[tuple[object, ...]]:
    values = effect.row()
    name = event_names.heading(effect.metric.words) + (
        f", {event_names.event(effect.variant)}" if many else ""
    )
    if values["relative_effect"] is None or values["relative_ci_high"] is None:
        return []
    one = (
        f"{name} ({STATE_WORDS[effect.state]})",
        values["relative_effect"],
        values["relative_ci_low"],
        values["relative_ci_high"],
        "one look",
    )
    if values["relative_always_high"] is None:
        return [one]
    return [
        one,
        (
            f"{name}, if watched daily",
            values["relative_effect"],
            values["relative_always_low"],
            values["relative_always_high"],
            "any look",
        ),
    ]


def readout(result: Readout, *, segments: bool = False) -> Chart | None:
    """One test: each metric's range for one look and, paler, the wider one for any number of looks.

    Args:
        result: The readout.
        segments: Show the first metric by segment instead.
    """
    many = len(result.variants) > 2
    if segments:
        effects: Sequence[Effect] = [_named(e, e.level) for e in result.segments]
        source, looks = result.evidence[2], 1
    else:
        effects, source, looks = result.effects, result.results, 2
    found = [(e, pair[:looks]) for e in effects if (pair := _pair(e, many))]
    pairs = [row for _, pair in found for row in pair]
    if not pairs:
        return None
    evidence = dataclasses.replace(
        source,
        title=f"{source.title}, relative",
        columns=("metric", "relative_effect", "low", "high", "reading"),
        rows=tuple(pairs),
    )
    states = {pair[0][0]: STATE_TONES[effect.state] for effect, pair in found}
    said = "; ".join(
        f"{row[0]} {_signed(row[1])}, range {_signed(row[2])} to {_signed(row[3])}" for row in pairs
    )
    caption = f"Change against {event_names.quoted(result.variants[0])} with its 95 % range."
    if not segments:
        caption += " The range named watched daily stays true however often you look."
    return Chart(
        "intervals",
        evidence,
        "metric",
        "relative_effect",
        f"Effects of the test: {said}.",
        low="low",
        high="high",
        format="+percent1",
        tones=tuple((str(row[0]), states.get(row[0], "pale")) for row in pairs),
        reference=0.0,
        caption=caption,
    )


def _named(effect: Effect, name: str) -> Effect:
    """The effect with its metric called so."""
    return dataclasses.replace(effect, metric=dataclasses.replace(effect.metric, label=name))


def _signed(value: object) -> str:
    return formats.write(value, "+percent1")


def smallest_effect_curve(
    baseline: float, weekly_users: float, variants: int = 2, weeks: int = 12, hoped: float | None = None
) -> Chart:
    """Smallest relative effect a test could see, by the weeks it runs.

    Args:
        baseline: Share that converts today.
        weekly_users: New people a week, all variants together.
        variants: With control.
        weeks: How far to look.
        hoped: Drawn as a line to compare with.
    """
    alpha = power.corrected_alpha(0.05, variants)
    rows = tuple(
        (
            str(week),
            power.smallest_effect_proportion(baseline, weekly_users * week / variants, alpha=alpha),
        )
        for week in range(1, weeks + 1)
    )
    base = single("inputs", "", {"baseline": baseline, "weekly_users": weekly_users, "variants": variants})
    evidence = Evidence(
        "Smallest effect by weeks",
        "Smallest relative change that a two-sided test sees with the wanted power.",
        "",
        ("weeks", "smallest_effect"),
        rows,
        tuple(base.records()[0].items()),
        method="Two-proportion power",
    )
    first, last = (formats.write(rows[at][1], "percent") for at in (0, -1))
    ends = f"{first} after one week, {last} after {weeks}"
    return Chart(
        "columns",
        evidence,
        "weeks",
        "smallest_effect",
        f"Smallest visible effect by week: {ends}.",
        format="percent",
        reference=hoped,
        caption="Smallest change you could see (up), by weeks the test runs (across)."
        + (" The line is the change you hope for." if hoped else ""),
    )
