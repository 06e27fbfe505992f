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
    """

    title: str
    file: str
    feeds: str


SLOTS: Final = MappingProxyType(
    {
        EVENTS: Slot("Events", "An events file", "the handoff map, the funnel, retention and attribution"),
        METRICS: Slot("Metrics", "A metrics file", "the metric audit"),
        EXPERIMENT: Slot("Experiment", "An experiment file", "the readout of a shared test"),
        CUSTOMERS: Slot("Customers", "A customers file", "churn, lifetime value and payback"),
        SPEND: Slot("Marketing spend", "A spend file", "acquisition cost and payback"),
        SURVEY: Slot("Survey answers", "A survey file", "NPS and product-market fit"),
        DEALS: Slot("Deals", "A deals file", "win rate and the effect of sales material"),
    }
)


def kind(slot: str) -> str:
    """The kind of table behind a workbook's slot, without its number.

    >>> kind("experiment-2")
    'experiment'
    """
    return slot.partition("-")[0]
