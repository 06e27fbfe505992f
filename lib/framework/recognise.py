"""Recognises a metric of the catalogue, or a journey stage, by the name of a series or an event."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from lib.framework.load import framework
from lib.framework.schema import Kpi

# Words that say when or how it was summed, not what it is.
_FILLER = frozenset(
    (
        "total",
        "sum",
        "weekly",
        "monthly",
        "daily",
        "quarterly",
        "yearly",
        "annual",
        "number",
        "people",
        "of",
        "count",
        "no",
        "num",
        "nr",
        "the",
        "a",
        "in",
        "eur",
        "usd",
        "gbp",
        "avg",
        "average",
        "mean",
        "median",
        "week",
        "month",
        "day",
        "all",
        "overall",
        "our",
        "us",
        "global",
        "company",
    )
)
# German names of the usual metrics, without umlauts; longer ones come first.
_WORDS = {
    "website besuche": "website visits", "webseitenbesuche": "website visits", "seitenaufrufe": "page views",
    "besucher": "visitors", "besuche": "visits", "sitzungen": "sessions", "impressionen": "impressions",
    "anzeigen impressionen": "ad impressions", "klickrate": "click rate", "klicks": "clicks",
    "offnungsrate": "open rate", "newsletter abonnenten": "newsletter subscribers", "werbekosten": "ad spend",
    "werbeausgaben": "ad spend", "anmeldungen": "signups", "registrierungen": "signups", "testphasen": "trials",
    "neue kunden": "new customers", "neukunden": "new customers", "kunden": "customers", "umsatz": "revenue",
    "kundigungsrate": "churn rate", "abwanderungsrate": "churn rate", "abschlussquote": "win rate",
    "marketingausgaben": "marketing spend", "marketingkosten": "marketing spend", "werbebudget": "ad spend",
    "markenbekanntheit": "brand awareness", "kundenzufriedenheit": "customer satisfaction",
    "bestellungen": "orders", "gesamt": "total", "aktive nutzer": "active users",
}  # fmt: skip
_GERMAN = re.compile(r"\b(?:" + "|".join(sorted(_WORDS, key=len, reverse=True)) + r")\b")
_RATE = re.compile(r"(?<!\S)(rate|ratio|%|pct|percent|percentage|share|conversion|cvr|cr)(?!\S)")
_COST = re.compile(r"\b(cost|spend|budget|price)\b")
_COVERS_AT_LEAST = 0.6  # of the name's letters; less means the name is about something else


@dataclass(frozen=True)
class Recognition:
    """What a name was taken for, and why.

    Attributes:
        kpi: The metric of the catalogue, or None.
        reason: One sentence for the person who has to confirm it.
        matched: The part of the normalised name that decided.
    """

    kpi: Kpi | None
    reason: str
    matched: str = ""


def normalise(name: str) -> str:
    """A name as the patterns see it: lower case, words split, filler words dropped.

    >>> normalise("Trial_to-Paid Conversion (%)"), normalise("emailOpenRate"), normalise("Total MRR, EUR")
    ('trial to paid conversion %', 'email open rate', 'mrr')
    """
    text = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    bare = "".join(c for c in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(c))
    words = _GERMAN.sub(
        lambda found: _WORDS[found[0]], re.sub(r"[^0-9a-z%]+", " ", bare.replace("%", " % "))
    ).split()
    kept = [word for word in words if word not in _FILLER]
    return " ".join(kept or words)


@cache
def _compiled() -> tuple[tuple[Kpi, re.Pattern[str]], ...]:
    return tuple(
        (kpi, re.compile(rf"(?<![0-9a-z])(?:{pattern})(?![0-9a-z])"))
        for kpi in framework().kpis.values()
        for pattern in (*kpi.patterns, re.escape(normalise(kpi.name)))
    )


def _is_other_quantity(kpi: Kpi, text: str, matched: str) -> bool:
    """Whether the rest of the name turns the match into another quantity: "signups cost", "lead rate"."""
    rest = text.replace(matched, " ", 1)
    if kpi.unit in ("count", "currency") and _RATE.search(rest):
        return True
    return kpi.unit != "currency" and bool(_COST.search(rest) or re.search(r"\bper\b", rest))


@cache
def recognise(series_name: str) -> Recognition:
    """Name the metric of the catalogue that a series is, with the reason.

    Args:
        series_name: As it stands in the file.

    >>> recognise("Weekly Email Open Rate").reason
    '“Email Open Rate” is the name of Email open rate.'
    >>> recognise("Abwanderungsrate").reason
    '“Abwanderungsrate” is the name of Churn rate.'
    >>> recognise("Zork index").kpi is None
    True
    """
    text = normalise(series_name)
    letters = max(1, len(text.replace(" ", "")))
    best: list[tuple[int, Kpi, str]] = []
    for kpi, pattern in _compiled():
        for match in pattern.finditer(text):
            matched = match.group(0).strip()
            size = len(matched.replace(" ", ""))
            if size / letters >= _COVERS_AT_LEAST and not _is_other_quantity(kpi, text, matched):
                best.append((size, kpi, matched))
    if not best:
        return Recognition(None, f"“{series_name}” is not a name in the catalogue: choose its kind yourself.")
    top = max(size for size, _, _ in best)
    winners = {kpi.id: (kpi, matched) for size, kpi, matched in best if size == top}
    if len(winners) > 1:
        names = " or ".join(kpi.name for kpi, _ in winners.values())
        return Recognition(None, f"“{series_name}” could be {names}: choose one.")
    kpi, matched = next(iter(winners.values()))
    return Recognition(kpi, f"“{_as_written(series_name, matched)}” is the name of {kpi.name}.", matched)


def _as_written(name: str, matched: str) -> str:
    """The part of a name that decided, as the person wrote it; the whole name where it stands there in other words."""
    words = [re.escape(word) for word in matched.split()]
    found = re.search(r"(?<![^\W_])" + r"[\W_]*".join(words) + r"(?![^\W_])", name, re.IGNORECASE)
    return re.sub(r"[\W_]+", " ", found[0]) if found else name.strip()


def recognise_kpi(series_name: str) -> Kpi | None:
    """The metric of the catalogue that a series is, or None; `recognise` gives the reason too.

    >>> recognise_kpi("mqls").id
    'qualified_leads'
    """
    return recognise(series_name).kpi
