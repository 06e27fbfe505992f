"""The KPIs of both crafts, each with value, range, n, window and definition, from whatever files are there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from lib.analysis.kpis import (
    channel_kpis,
    customer_kpis,
    deal_kpis,
    event_kpis,
    money_kpis,
    spend_kpis,
    survey_kpis,
)
from lib.analysis.kpis.kpi_value import KpiValue
from lib.analysis.result_types import Data
from lib.analysis.verdict import Finding, Verdict
from lib.engine.calendar import Calendar
from lib.engine.datasets.dataset import Dataset
from lib.engine.evidence.cache import cached
from lib.engine.evidence.evidence import Evidence
from lib.framework import slots
from lib.workbook.model import Workbook

# What each KPI needs, for those whose file is missing.
NEEDS: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "pmf_share": (slots.SURVEY,), "nps": (slots.SURVEY,), "activation_rate": (slots.EVENTS,), "win_rate": (slots.DEALS,),
    "sales_enablement": (slots.DEALS,), "cac": (slots.SPEND, slots.CUSTOMERS), "cac_payback": (slots.SPEND, slots.CUSTOMERS),
    "ltv": (slots.CUSTOMERS,), "quick_ratio": (slots.CUSTOMERS,), "revenue_per_user": (slots.CUSTOMERS,),
    "organic_share": (slots.CUSTOMERS,), "channel_concentration": (slots.CUSTOMERS,), "paying_customers": (slots.CUSTOMERS,),
})  # fmt: skip


@dataclass(frozen=True)
class KpisResult:
    """All KPIs that the files at hand can answer.

    Attributes:
        values: KPI id -> value, in the order to show.
        largest_channel: Name of the largest channel, "" when unknown.
        verdict: How many could be told.
        findings: None; the steps judge these numbers.
        evidence: One table a KPI.
    """

    values: Mapping[str, KpiValue]
    largest_channel: str
    verdict: Verdict
    findings: tuple[Finding, ...]
    evidence: tuple[Evidence, ...]

    def known(self, id: str) -> KpiValue | None:
        """A KPI that may be shown, or None."""
        value = self.values.get(id)
        return value if value and value.is_known else None


def kpis(book: Workbook, data: Data) -> KpisResult:
    """Compute every KPI that the data allow.

    Args:
        book: Settings (gross margin), channel aliases and journey stages are read.
        data: Datasets by slot; any may be missing.

    Source:
        Definitions and defaults: NPS error (cybaea.net), Ellis's fit question, Skok (LTV, payback), Hamid (quick
        ratio); each KPI's `definition` says exactly what was counted.
    """
    found = [
        *_from_survey(data.get(slots.SURVEY)),
        *_from_events(book, data),
        *_from_deals(data.get(slots.DEALS)),
        *_from_spend(data.get(slots.SPEND), dict(book.channels)),
    ]
    values = {value.id: value for value in found} | _money(book, data)
    named = _channels(
        {k: v for k, v in data.items() if k in (slots.CUSTOMERS, slots.EVENTS)}, dict(book.channels)
    )
    if named:
        values |= {value.id: value for value in named[:2]}
    format = f"money:{book.settings.currency}"
    values = {id: replace(v, format=format) if v.format == "money" else v for id, v in values.items()}
    return KpisResult(
        MappingProxyType(values),
        named[2] if named else "",
        _verdict(values),
        (),
        tuple(value.evidence for value in values.values()),
    )


_pmf, _nps, _csat = cached(survey_kpis.pmf), cached(survey_kpis.nps), cached(survey_kpis.csat)
_activation, _revenue = cached(event_kpis.activation), cached(event_kpis.revenue_per_user)
_win_rate, _enablement = cached(deal_kpis.win_rate), cached(deal_kpis.enablement)
_channels, _cost = cached(channel_kpis.sources), cached(money_kpis.cost)
_spend = cached(spend_kpis.from_spend)
_quick, _paying = cached(customer_kpis.quick_ratio), cached(customer_kpis.paying)


def _from_survey(survey: Dataset | None) -> Iterator[KpiValue]:
    if survey and survey.has("pmf_answer"):
        yield _pmf(survey)
    if survey and survey.has("nps_score"):
        yield _nps(survey)
    if survey and (satisfied := _csat(survey)):
        yield satisfied


def _from_events(book: Workbook, data: Data) -> Iterator[KpiValue]:
    events = data.get(slots.EVENTS)
    if not events:
        return
    yield _activation(events, event_kpis.roles(book, events))
    if per_user := _revenue(events):
        yield per_user
    if not data.get(slots.CUSTOMERS):  # people who came and went stand in for customers won and lost
        yield event_kpis.quick_ratio(events, Calendar.of(book.settings))


def _from_deals(deals: Dataset | None) -> Iterator[KpiValue]:
    if deals:
        yield _win_rate(deals)
    if deals and deals.has("sales_asset_used"):
        yield _enablement(deals)


def _from_spend(spend: Dataset | None, aliases: dict[str, str]) -> Iterator[KpiValue]:
    if spend:
        yield from _spend(spend, aliases)


def _money(book: Workbook, data: Data) -> dict[str, KpiValue]:
    customers, spend = data.get(slots.CUSTOMERS), data.get(slots.SPEND)
    if not customers:
        return {}
    margin = book.settings.gross_margin
    paying, months = _paying(customers)
    sql = paying.evidence.sql
    found = {
        "paying_customers": paying,
        "quick_ratio": _quick(customers),
        "revenue_per_user": customer_kpis.revenue_per_customer(customers, months, sql),
        "ltv": customer_kpis.lifetime_value(customers, months, margin, sql),
    }
    if spend:
        cost = _cost(customers, spend, dict(book.channels))
        both = {slots.CUSTOMERS: customers, slots.SPEND: spend}
        found |= {
            "cac": cost.blended,
            "cac_paid": cost.paid,
            "cac_payback": money_kpis.payback(cost, margin, both),
            "ltv_to_cac": money_kpis.ltv_to_cac(found["ltv"], cost.blended),
        }
    return found


def _verdict(values: Mapping[str, KpiValue]) -> Verdict:
    known = [value for value in values.values() if value.is_known]
    if not known:
        needs = next(
            (value.needs for value in values.values() if value.needs),
            "a survey, events, deals or customers file",
        )
        return Verdict("unclear", "No KPI can be told from these files yet.", needs=needs, code="kpis_none")
    facts = {value.id: value.fact for value in known[:3]}
    listed = ", ".join(f"{value.name} {{{value.id}}}" for value in known[:3])
    return Verdict("info", listed + ".", facts, code="kpis")
