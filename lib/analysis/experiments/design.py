"""What of a file is compared with what: control, metrics, segments, how it is read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from lib.analysis.events import event_names
from lib.engine import query
from lib.engine.datasets.dataset import CleanColumn, Dataset
from lib.engine.evidence.cache import cached
from lib.errors import DataError, MappingError
from lib.framework import slots
from lib.framework.recognise import recognise_kpi
from lib.stats.compare import MetricKind
from lib.workbook.model import Experiment, Workbook

SLOT = slots.EXPERIMENT
MAX_LEVELS = 12  # a text column with more values than this is no segment
MAX_VARIANTS = 20
EARLY = 0.1  # of alpha, for looks before the planned size of a test that is read once
_CONTROL = re.compile(
    r"^(control|ctrl|baseline|base|original|current|old|existing|off|a|0|default)$|control", re.I
)
_BEFORE = re.compile(r"(^|_)(before|pre|prior|previous|covariate|baseline|historic\w*)(_|$)", re.I)
_MONEY = re.compile(
    r"(^|_)(revenue|amount|spend|spent|margin|profit|cost|price|paid_total|order_value|arpu|aov|ltv|mrr|arr|umsatz)(_|$)",
    re.I,
)
_COUNTED = re.compile(r"(^|_)(count|number|items|orders|rate|share|pct|percent|index|score)(_|$)", re.I)
_FIXED = {"user_id", "variant"}


@dataclass(frozen=True)
class MetricSpec:
    """One metric of a test.

    Attributes:
        column: Column of the file, or event (or `revenue`) where the test is read from events.
        kind: proportion | mean | ratio.
        denominator: Column under a ratio.
        direction: Which way is good.
        role: process | outcome | guardrail | "" where nobody said.
        label: Its name in the register; "" where it has none.
        currency: ISO code an amount of money is written in; "" for everything else.
    """

    column: str
    kind: MetricKind
    denominator: str = ""
    direction: Literal["up", "down"] = "up"
    role: Literal["process", "outcome", "guardrail", ""] = ""
    label: str = ""
    currency: str = ""

    @property
    def name(self) -> str:
        """How it is named in tables of results: the columns of the file."""
        return f"{self.column}/{self.denominator}" if self.denominator else self.column

    @property
    def words(self) -> str:
        """How a person calls it, in the middle of a sentence.

        >>> MetricSpec("trial_paid", "proportion").words, MetricSpec("revenue", "ratio", "site_visits").words
        ('trial paid', 'revenue per site visits')
        """
        if self.label:
            return self.label
        top = event_names.spoken(self.column)
        return f"{top} per {event_names.spoken(self.denominator)}" if self.denominator else top

    @property
    def formats(self) -> tuple[str, str]:
        """How its values and its changes are written.

        >>> MetricSpec("paid", "proportion").formats, MetricSpec("revenue", "mean", currency="EUR").formats
        (('percent1', '+points'), ('money:EUR', '+money:EUR'))
        """
        if self.kind == "proportion":
            return "percent1", "+points"
        form = f"money:{self.currency}" if self.currency else "number"
        return form, f"+{form}"


@dataclass(frozen=True)
class Design:
    """How a test is read.

    Attributes:
        control: Name of the variant the others are compared with; "" takes the likeliest.
        metrics: In order of weight; empty takes every column that can be one.
        segments: Text columns to look into.
        covariate: Column known before the start, to narrow the intervals.
        date_column: When a person joined the test; "" for none.
        reading: fixed (one look at the planned size) | sequential (watched as it runs, with always-valid ranges). The
            simple sequential rule of Evan Miller is on purpose no third choice: it asks for two
            variants of one size, counts the successes of one rare yes-or-no metric and gives a winner without a range,
            while the table of nine needs a range of two metrics, guardrails and more than two variants. Where it does
            apply, always-valid ranges answer the same question at any look.
        planned_total: People in all variants as planned before the start; None uses a default plan.
        smallest_effect: Relative effect worth acting on, 0.1 for 10 %.
        shares: (variant, planned share); empty for equal.
        alpha: Chance of a false finding that is accepted.
        correction: holm | bh, over all metrics and variants.
        assignment_event: Set where the test is read from events.
        window_days: For events, how long after joining a person is watched.
        looks_alpha: Part of `alpha` kept for looks before the planned size of a test that is read once; None where there is
            no such plan, and always-valid ranges have the whole of it.
    """

    control: str = ""
    metrics: tuple[MetricSpec, ...] = ()
    segments: tuple[str, ...] = ()
    covariate: str = ""
    date_column: str = ""
    reading: Literal["fixed", "sequential"] = "fixed"
    planned_total: float | None = None
    smallest_effect: float = 0.1
    shares: tuple[tuple[str, float], ...] = ()
    alpha: float = 0.05
    correction: Literal["holm", "bh"] = "holm"
    assignment_event: str = ""
    window_days: int = 14
    looks_alpha: float | None = None

    @property
    def watched_alpha(self) -> float:
        """Chance of a false finding over all looks whose ranges are always valid."""
        return self.alpha if self.looks_alpha is None else self.looks_alpha

    @property
    def once_alpha(self) -> float:
        """Chance of a false finding at the one look at the planned size; both together are `alpha`."""
        return self.alpha - (self.looks_alpha or 0.0)


def parse_metric(text: str) -> MetricSpec:
    """Read `column:kind` or `column/denominator:ratio`.

    Raises:
        MappingError: It is neither.

    >>> parse_metric("retention_1:proportion").kind, parse_metric("revenue/sessions:ratio").denominator
    ('proportion', 'sessions')
    """
    column, _, kind = text.strip().rpartition(":")
    column, _, under = column.partition("/")
    if kind not in ("proportion", "mean", "ratio") or not column or (kind == "ratio") != bool(under):
        raise MappingError(
            f"{text!r} is not a metric of a test.",
            "Write column:proportion, column:mean or column/denominator:ratio.",
        )
    return MetricSpec(column, kind, under)  # type: ignore[arg-type]


def _is_share(dataset: Dataset, column: CleanColumn) -> bool:
    name = query.quote(column.name)
    sql = f"SELECT COUNT(*) AS odd FROM experiment WHERE {name} IS NOT NULL AND {name} NOT IN (0, 1)"
    return query.query(sql, {SLOT: dataset}).rows[0][0] == 0


def variants_of(dataset: Dataset) -> list[str]:
    """Names of the variants in the file, largest first.

    Raises:
        DataError: Fewer than two, or so many that the column is no variant.
    """
    sql = """SELECT variant, COUNT(DISTINCT user_id) AS people FROM experiment
        WHERE variant IS NOT NULL GROUP BY variant ORDER BY people DESC, variant LIMIT 50"""
    names = [str(row[0]) for row in query.query(sql, {SLOT: dataset}).rows]
    check_variants(names)
    return names


def check_variants(names: Sequence[str]) -> None:
    """Refuse what cannot be the variants of a test.

    Raises:
        DataError: Fewer than two, or so many that the column is no variant.
    """
    if len(names) < 2:
        raise DataError(
            "Everybody in this file is in the same variant.",
            "Choose the column that says who saw which variant, with at least two values.",
        )
    if len(names) > MAX_VARIANTS:
        raise DataError(
            f"The chosen variant column has {'more than ' if len(names) >= 50 else ''}{len(names)} values.",
            "Choose the column that says who saw which variant, usually two to four values.",
        )


def likely_control(names: Sequence[str]) -> str:
    """The variant that looks like the present state: by its name, else the first in alphabetical order.

    >>> likely_control(["new_page", "control"]), likely_control(["gate_40", "gate_30"])
    ('control', 'gate_30')
    """
    ordered = sorted(names)
    return next((name for name in ordered if _CONTROL.search(name)), ordered[0])


def _segments(dataset: Dataset) -> tuple[str, ...]:
    texts = [c.name for c in dataset.columns if c.kind == "text" and c.name not in _FIXED]
    if not texts:
        return ()
    counts = ", ".join(f"COUNT(DISTINCT {query.quote(name)})" for name in texts)
    row = query.query(f"SELECT {counts} FROM experiment", {SLOT: dataset}).rows[0]
    return tuple(name for name, n in zip(texts, row, strict=True) if 2 <= n <= MAX_LEVELS)


@cached
def guess(dataset: Dataset) -> Design:
    """The reading that a file suggests by its columns.

    Booleans and 0/1 numbers are shares, other numbers means, a number known before the start
    (`visits_before`) the
    covariate, texts with few values segments, a date the day of joining.
    """
    metrics, covariate, date = [], "", ""
    for column in dataset.columns:
        if column.name in _FIXED:
            continue
        if column.kind == "boolean":
            metrics.append(MetricSpec(column.name, "proportion"))
        elif column.kind in ("integer", "number") and _BEFORE.search(column.name):
            covariate = covariate or column.name
        elif column.kind in ("integer", "number"):
            metrics.append(MetricSpec(column.name, "proportion" if _is_share(dataset, column) else "mean"))
        elif column.kind in ("date", "timestamp"):
            date = date or column.name
    metrics.sort(key=lambda metric: metric.kind != "proportion")
    control = likely_control(variants_of(dataset))
    return Design(control, tuple(metrics), _segments(dataset), covariate, date)


def parse_allocation(text: str, variants: Sequence[str]) -> tuple[tuple[str, float], ...]:
    """Planned shares from "50/50" or "90/10", in the order of the variants; empty where it does not fit them.

    >>> parse_allocation("90/10", ["control", "new"])
    (('control', 0.9), ('new', 0.1))
    """
    parts = [float(part) for part in re.findall(r"\d+(?:\.\d+)?", text)]
    if len(parts) != len(variants) or sum(parts) <= 0 or min(parts) <= 0:
        return ()
    return tuple((name, part / sum(parts)) for name, part in zip(variants, parts, strict=True))


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")


def _role(metric: MetricSpec, experiment: Experiment, workbook: Workbook) -> MetricSpec:
    """The metric with its role in this test and its good direction in the register."""
    roles = {_plain(name): "guardrail" for name in experiment.guardrails}
    names = {id: record.name for id, record in workbook.metrics.items()}
    for role, metric_id, column in (
        ("outcome", experiment.outcome_metric, experiment.outcome_column),
        ("process", experiment.process_metric, experiment.process_column),
    ):
        said = [column] if column else [metric_id, names.get(metric_id, "")]
        roles |= {_plain(name): role for name in said if name}
    known = {_plain(record.name): record for record in workbook.metrics.values()} | dict(workbook.metrics)
    role = roles.get(_plain(metric.name), "")
    agreed = {"outcome": experiment.outcome_metric, "process": experiment.process_metric}.get(role, "")
    register = workbook.metrics.get(agreed) or known.get(_plain(metric.name)) or known.get(metric.name)
    direction = register.direction if register else metric.direction
    label = register.name if register else ""
    return replace(metric, role=role, direction=direction, label=label)  # type: ignore[arg-type]


def with_currency(design: Design, workbook: Workbook) -> Design:
    """The design with its amounts of money known as such, told by the names of their columns."""
    return replace(design, metrics=tuple(_money(metric, workbook) for metric in design.metrics))


def _money(metric: MetricSpec, workbook: Workbook) -> MetricSpec:
    kpi = recognise_kpi(metric.column)
    named = bool(_MONEY.search(metric.column) and not _COUNTED.search(metric.column))
    is_money = metric.kind != "proportion" and (named or (kpi is not None and kpi.unit == "currency"))
    return replace(metric, currency=workbook.settings.currency) if is_money else metric


_ROLE_ORDER = {"outcome": 0, "process": 1, "guardrail": 2, "": 3}


def _agreed_metrics(experiment: Experiment) -> tuple[MetricSpec, ...]:
    """Metrics of an experiment that is read from events: what was agreed on and the guardrails."""
    process = experiment.process_column or experiment.process_metric
    outcome = experiment.outcome_column or experiment.outcome_metric
    names = dict.fromkeys(name for name in (outcome, process, *experiment.guardrails) if name)
    return tuple(MetricSpec(name, "mean" if name == "revenue" else "proportion") for name in names)


def design_of(experiment: Experiment, workbook: Workbook, dataset: Dataset) -> Design:
    """The reading that was registered, completed by what the file suggests."""
    suggested = Design(metrics=_agreed_metrics(experiment)) if experiment.assignment_event else guess(dataset)
    named = tuple(parse_metric(text) for text in experiment.metrics) or suggested.metrics
    metrics = [_money(_role(metric, experiment, workbook), workbook) for metric in named]
    registered = {
        "control": experiment.control,
        slots.METRICS: tuple(sorted(metrics, key=lambda metric: _ROLE_ORDER[metric.role])),
        "segments": experiment.segments,
        "covariate": experiment.covariate,
        "reading": experiment.reading,
        "planned_total": experiment.planned_total,
        "smallest_effect": experiment.smallest_effect,
        "shares": parse_allocation(experiment.allocation, experiment.variants),
        "assignment_event": experiment.assignment_event,
        "window_days": int(experiment.window_days or 0),
    }
    return replace(suggested, **{part: value for part, value in registered.items() if value})
