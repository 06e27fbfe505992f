"""Every kind of table a team can bring, by name: the one place where a dataset's slot is written.

A slot is the key of a dataset in a workbook, the name of its table in SQL and the id of its contract in
`data/contracts`, so its value never changes. A further table of a kind has a number behind: `experiment-2`.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

EVENTS: Final = "events"
METRICS: Final = "metrics"
EXPERIMENT: Final = "experiment"
CUSTOMERS: Final = "customers"
SPEND: Final = "spend"
SURVEY: Final = "survey"
DEALS: Final = "deals"

# The two contracts that fill the metrics slot; most other contracts have their slot's name.
METRICS_LONG: Final = "metrics_long"
METRICS_WIDE: Final = "metrics_wide"
# Fills the customers slot: the subscriptions of an account become one customer.
SUBSCRIPTIONS: Final = "subscriptions"


@dataclass(frozen=True)
class Slot:
    """What people call a kind of table.

    Attributes:
        title: As a heading.
        file: With its article, as what a person would bring.
        feeds: What it makes possible.
        key: Columns that name a row, so that a row of one file is found again in another; () where only the whole row
            does.
        day: The column with the day of a row; "" where rows have none.
    """

    title: str
    file: str
    feeds: str
    key: tuple[str, ...] = ()
    day: str = ""


SLOTS: Final = MappingProxyType(
    {
        EVENTS: Slot(
            "Events",
            "An events file",
            "the handoff map with its funnel, activation and retention",
            day="timestamp",
        ),
        METRICS: Slot("Metrics", "A metrics file", "the metric audit", ("date", "metric", "segment"), "date"),
        EXPERIMENT: Slot("Experiment", "An experiment file", "the readout of a shared test"),
        CUSTOMERS: Slot(
            "Customers",
            "A customers file",
            "paying customers, revenue per customer, lifetime value and where customers come from",
            ("customer_id",),
        ),
        SPEND: Slot(
            "Marketing spend",
            "A spend file",
            "cost per click and channel shares; with customers, acquisition cost and payback",
            ("date", "channel", "campaign"),
            "date",
        ),
        SURVEY: Slot(
            "Survey answers", "A survey file", "NPS and product-market fit", ("respondent_id", "date"), "date"
        ),
        DEALS: Slot("Deals", "A deals file", "win rate and the effect of sales material", ("deal_id",)),
    }
)


def kind(slot: str) -> str:
    """The kind of table behind a workbook's slot, without its number.

    >>> kind("experiment-2")
    'experiment'
    """
    return slot.partition("-")[0]
