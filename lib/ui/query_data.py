"""The workbook's data with saved queries joined to its metrics: what the metric audit should look at."""

from __future__ import annotations

from collections.abc import Mapping

from lib.engine import query_metrics
from lib.engine.dataset import Dataset
from lib.ui import session
from lib.workbook.model import Workbook


def queries(book: Workbook) -> dict[str, str]:
    """Metric name -> SQL of every metric whose definition is a saved query.

    Args:
        book: The workbook.
    """
    found = {}
    for metric in book.metrics.values():
        query = book.queries.get(metric.series) if metric.source == "query" else None
        if query and query.sql:
            found[metric.name or query.name] = query.sql
    return found


def data() -> tuple[Mapping[str, Dataset], list[str]]:
    """The data, and one sentence for each saved query that cannot be used now.

    A query runs again only when it or a dataset changed; its result is kept by fingerprint.
    """
    return query_metrics.with_queries(session.data(), queries(session.workbook()), session.home())
