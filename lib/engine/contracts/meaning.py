"""What a column of numbers means: the one place that decides whether it is added up, averaged or only read.

The values are looked at first, the name second, with word borders and the catalogue of metrics. Where the two
disagree the reading is marked, and the Data page asks for it; what a person says there counts before everything.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal, get_args

import numpy as np

from lib.framework.recognise import recognise_kpi
from lib.framework.schema import Kpi

Adding = Literal["sum", "mean", "level", "running", "never"]
ADDINGS: Final[tuple[Adding, ...]] = get_args(Adding)
ANSWER: Final = "counted"  # "counted:HEADER" is the id of a person's answer
WORDS: Final[Mapping[Adding, str]] = MappingProxyType(
    {
        "sum": "a count or amount: days and segments add up",
        "mean": "a rate, score or price: averaged, never added up",
        "level": "what there is at one time: segments add up, days do not",
        "running": "a running total: its last value counts",
        "never": "an identifier or a calendar field: no metric",
    }
)
LEAST_RUNNING = 30  # periods a series must never fall before it is a total by its values alone
LEAST_NAMED = 12  # the same where its steps are another series, or its name says so
SLOW = 0.01  # mean step over mean value below which a daily series is a level
LEAST_DAYS = 14
_AVERAGED_UNITS = ("percent", "ratio", "score", "days", "hours")

_RATE_WORDS = frozenset(
    [
        "rate",
        "rates",
        "ratio",
        "ratios",
        "%",
        "pct",
        "percent",
        "percentage",
        "percentages",
        "cvr",
        "ctr",
        "cr",
        "score",
        "scores",
        "average",
        "avg",
        "mean",
        "median",
        "per",
        "index",
        "nps",
        "csat",
        "ces",
        "roas",
        "roi",
        "cpc",
        "cpa",
        "cpm",
        "cpl",
        "cac",
        "arpu",
        "arppu",
        "aov",
        "quote",
        "quota",
        "anteil",
        "prozent",
        "taux",
        "tasa",
    ]
)
_FIRST_OF = frozenset(("share", "rate", "percentage", "percent", "ratio", "average", "anteil", "%"))
_ALWAYS = frozenset(("average", "avg", "mean", "median", "per"))  # wherever they stand
_WEAK = frozenset(("conversion", "share"))  # as the last word: a rate or a count, the values decide
_COUNT_LAST = frozenset(
    [
        "count",
        "counts",
        "total",
        "totals",
        "responses",
        "answers",
        "number",
        "sum",
        "anzahl",
        "menge",
        "volume",
    ]
)
_MONEY = frozenset(
    [
        "revenue",
        "sales",
        "cost",
        "costs",
        "spend",
        "budget",
        "gmv",
        "bookings",
        "umsatz",
        "ausgaben",
        "kosten",
        "price",
        "amount",
    ]
)
_LEVEL_WORDS = frozenset(
    [
        "mrr",
        "arr",
        "headcount",
        "employees",
        "followers",
        "subscribers",
        "balance",
        "inventory",
        "backlog",
        "active",
        "members",
    ]
)
_RUNNING = re.compile(
    r"\b(cumulative|cumulated|cumul|running|lifetime|ytd|mtd|to date|so far|all time|kumuliert)\b"
)
_NEVER = re.compile(
    r"(^|\s)(id|ids|uuid|guid|sku|ean|isbn|zip|zipcode|postcode|plz|latitude|longitude)$"
    r"|\b(invoice|order|customer|account|ticket|phone|row|line|kunden|rechnungs)\s?(no|nr|num|number|nummer)$"
    r"|^(year|month|quarter|week|day|hour|jahr|monat|quartal|woche|tag|index|row|nr|no)$"
)


@dataclass(frozen=True)
class ValueShape:
    """What the values of a metric look like.

    Attributes:
        lowest, highest: Smallest and largest single value; NaN where there are none.
        is_whole: Every single value is a whole number.
        is_slow: By day it moves by less than a hundredth of its size, and does move.
        only_rises: It never falls from period to period, and mostly rises.
        periods: How many periods it has.
        is_steady: Its steps keep their size while it grows many times over, as the steps of a total do.
        follows: Name of the series that its steps are, "" for none.
    """

    lowest: float = float("nan")
    highest: float = float("nan")
    is_whole: bool = False
    is_slow: bool = False
    only_rises: bool = False
    periods: int = 0
    is_steady: bool = False
    follows: str = ""

    @property
    def is_share(self) -> bool:
        """Fractions between 0 and 1."""
        return self.lowest >= 0 and self.highest <= 1 and not self.is_whole

    @property
    def is_beyond_percent(self) -> bool:
        """Whole numbers that go beyond 100: no percentage."""
        return self.is_whole and self.lowest >= 0 and self.highest > 100


@dataclass(frozen=True)
class Counting:
    """How a metric is counted.

    Attributes:
        adds: sum | mean | level | running | never.
        reason: Why, one phrase.
        is_open: Name and values disagree, so a person should look.
    """

    adds: Adding
    reason: str
    is_open: bool = False

    @property
    def is_rate(self) -> bool:
        """Averaged: neither its days nor its segments add up."""
        return self.adds == "mean"


def words(name: str) -> tuple[str, ...]:
    """The words of a name, lower case.

    >>> words("Total_Conversion (%)"), words("npsResponses")
    (('total', 'conversion', '%'), ('nps', 'responses'))
    """
    text = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).replace("%", " % ").lower()
    return tuple(re.sub(r"[^\w%]+|_", " ", text).split())


def by_name(name: str) -> tuple[Adding | None, str]:
    """What the words of a name say, and which of them; None where they say nothing.

    >>> [by_name(n)[0] for n in ("Open rate", "NPS responses", "Registrations", "Share of voice", "Orders per visit")]
    ['mean', 'sum', None, 'mean', 'mean']
    """
    said = words(name)
    last = said[-1] if said else ""
    if _NEVER.search(" ".join(said)):
        return "never", last
    if _RUNNING.search(" ".join(said)):
        return "running", next(iter(_RUNNING.findall(" ".join(said))))
    if rate := _rate_word(said):
        return "mean", rate
    if last in _COUNT_LAST or said[:2] == ("number", "of"):
        return "sum", last
    if level := next((word for word in said if word in _LEVEL_WORDS), ""):
        return "level", level
    return ("sum", last) if set(said) & _MONEY else (None, "")


def _rate_word(said: tuple[str, ...]) -> str:
    """The word that makes a name one of a rate: any that averages, the last one, or the first before "of"."""
    always = next((word for word in said if word in _ALWAYS), "")
    if always:
        return always
    if _is_share_of(said):
        return said[0]
    ends = [word for word in said[-2:] if word in _RATE_WORDS]
    return ends[-1] if ends and (said[-1] in _RATE_WORDS or not _is_counted(said[-1])) else ""


def _is_share_of(said: tuple[str, ...]) -> bool:
    """Whether a name begins with "share of", in one of the languages it is written in."""
    return len(said) > 1 and said[1] in ("of", "der", "von", "de") and said[0] in _FIRST_OF


def _is_counted(word: str) -> bool:
    """Whether a word names things that are counted: a plural, or a word for a number of them."""
    return word in _COUNT_LAST or (word.endswith("s") and not word.endswith("ss"))


def of_metric(name: str, values: ValueShape, answer: str = "") -> Counting:
    """How a metric is counted.

    Args:
        name: As in the file.
        values: What its values look like.
        answer: What a person said, one of `ADDINGS`; "" for nothing.
    """
    if answer in ADDINGS:
        return Counting(answer, "you said so")
    said, word = by_name(name)
    if said == "never" and values.is_whole:
        return Counting("never", f"“{word}” names identifiers or parts of a date")
    kpi = recognise_kpi(name)
    if found := _total(said, kpi, values):
        return found
    if kpi is not None:
        return _catalogued(kpi, values, is_count=said == "sum")
    if said == "mean":
        if values.is_beyond_percent and word in ("%", "pct", "percent", "percentage", "nps", "csat"):
            return Counting("sum", f"whole numbers above 100 are no “{word}”", is_open=True)
        return Counting("mean", f"“{word}” says so")
    return _unnamed(said, word, name, values)


def _unnamed(said: Adding | None, word: str, name: str, values: ValueShape) -> Counting:
    """The reading where neither the catalogue nor a word for a rate decides: the values do."""
    if values.is_share and not set(words(name)) & _MONEY:
        return Counting("mean", "its values are fractions between 0 and 1", is_open=said == "sum")
    if said == "level":
        return Counting("level", f"“{word}” is what there is at one time")
    if values.is_slow and said is None and not _is_counted((words(name) or ("",))[-1]):
        return Counting("level", "it moves slowly from day to day", is_open=True)
    is_weak = (words(name) or ("",))[-1] in _WEAK
    if values.is_whole:
        return Counting("sum", "its values are whole numbers", is_open=is_weak and values.highest <= 100)
    return Counting("sum", "nothing says that it is a rate or a level", is_open=is_weak)


def _total(said: Adding | None, kpi: Kpi | None, values: ValueShape) -> Counting | None:
    """A running total: never falling alone is a growing business, so the steps have to show it or the name to say it."""
    is_named = said == "running" or bool(kpi and kpi.is_cumulative)
    if is_named:
        return Counting("running", "its name says that it adds up", is_open=not values.only_rises)
    if said == "level" or (kpi and _is_never_total(kpi)) or not values.only_rises:
        return None
    if values.follows and values.periods >= LEAST_NAMED:
        return Counting("running", f"its steps are the values of {values.follows}")
    if values.is_steady and values.periods >= LEAST_RUNNING:
        return Counting("running", "it never falls and its steps keep their size", is_open=True)
    return None


def _is_never_total(kpi: Kpi) -> bool:
    """Whether the catalogue knows a metric as a level or an average, which may rise for years without adding up."""
    return kpi.is_level or kpi.is_average or kpi.unit in _AVERAGED_UNITS


def _catalogued(kpi: Kpi, values: ValueShape, *, is_count: bool) -> Counting:
    """The reading of a metric that the catalogue knows, unless the values cannot be it."""
    if kpi.unit in _AVERAGED_UNITS or kpi.is_average:
        if kpi.unit == "percent" and (values.is_beyond_percent or (is_count and values.is_whole)):
            return Counting("sum", f"whole numbers above 100 are no {kpi.name.lower()}", is_open=True)
        return Counting("mean", f"{kpi.name} is averaged")
    if kpi.is_level:
        return Counting("level", f"{kpi.name} is what there is at one time")
    if kpi.unit == "count" and values.is_share:
        return Counting("mean", f"fractions between 0 and 1 are no {kpi.name.lower()}", is_open=True)
    return Counting("sum", f"{kpi.name} adds up")


def rises(values: np.ndarray) -> bool:
    """Whether values never fall and mostly rise; few of them say nothing."""
    steps = np.diff(values)
    return len(values) >= LEAST_NAMED and bool((steps >= 0).all()) and bool((steps > 0).mean() > 0.5)


def is_steady(values: np.ndarray) -> bool:
    """Whether steps keep their size while the values grow several times over: what is added, not what there is.

    A business that grows by a share takes larger steps the larger it is; the steps of a total are the counts of each
    period, whatever the total has become.
    """
    steps = np.diff(values)
    if len(steps) < LEAST_RUNNING - 1 or values[0] < 0 or values[-1] < 3 * max(values[0], steps.mean()):
        return False
    half = len(steps) // 2
    early, late = float(steps[:half].mean()), float(steps[half:].mean())
    return early > 0 and 0.5 <= late / early <= 2.0


def followed(values: np.ndarray, others: Iterable[tuple[str, np.ndarray]]) -> str:
    """The series whose values the steps of this one are, "" for none.

    Args:
        values: float[periods].
        others: Name and float[periods] of the other series of the same periods.
    """
    steps = np.diff(values)
    if len(steps) < LEAST_NAMED - 1 or not steps.std() > 0:
        return ""
    for name, other in others:
        same = other[1:]
        if len(other) != len(values) or not same.std() > 0:
            continue
        close = np.abs(steps - same) <= 0.05 * np.maximum(np.abs(same), 1e-9)
        if close.mean() >= 0.9:
            return name
    return ""
