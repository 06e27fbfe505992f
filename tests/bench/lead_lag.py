"""360,000 correlations: 400 process metrics against 100 outcome metrics at lags of 0 to 8 weeks, over two years of days.

The same answer is the plain correlation of weekly means, each overlap centred: as matrix products over the weekly
table, and as SQL with `corr()` over shifted joins. The whole analysis takes trend, season, shared shocks and each
series' own past out first, counts memory, and corrects for the number of questions.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from lib.analysis.metrics.lead_lag import links
from lib.analysis.metrics.series import MetricSeries

PROCESS, OUTCOME, WEEKS, LAGS = 400, 100, 104, 9
_MONDAY = dt.date(2024, 1, 1)
_WEEKLY = """
    SELECT metric, (date - DATE '2024-01-01') // 7 AS week, AVG(value) AS value
    FROM daily GROUP BY ALL"""
_PLAIN = f"""
    WITH weekly AS ({_WEEKLY})
    SELECT p.metric AS process, o.metric AS outcome, o.week - p.week AS lag, CORR(p.value, o.value) AS r
    FROM weekly p JOIN weekly o ON o.week BETWEEN p.week AND p.week + {LAGS - 1}
    WHERE p.metric < {PROCESS} AND o.metric >= {PROCESS} GROUP BY ALL"""


def make(path: Path, seed: int = 3) -> None:
    """Write metric, date, value: random walks by the day, every tenth outcome led by a process metric."""
    rng = np.random.default_rng(seed)
    days, metrics = WEEKS * 7, PROCESS + OUTCOME
    steps = rng.normal(size=(metrics, days))
    for k in range(0, OUTCOME, 10):
        steps[PROCESS + k, 21:] += 2 * steps[k, :-21]
    values = 1000 + np.cumsum(steps, axis=1)
    dates = np.datetime64(_MONDAY) + np.arange(days)
    pq.write_table(pa.table({
        "metric": np.repeat(np.arange(metrics, dtype=np.int32), days), "date": np.tile(dates, metrics),
        "value": values.ravel(),
    }), path)  # fmt: skip


class LeadLag:
    """Both ways and the whole analysis over one table that DuckDB holds."""

    def __init__(self, path: Path) -> None:
        self.con = duckdb.connect()
        self.con.execute(f"CREATE TABLE daily AS SELECT * FROM '{path}'")

    def _weekly(self) -> np.ndarray:
        """Weekly means, float64[weeks, metrics]."""
        found = self.con.execute(_WEEKLY).fetchnumpy()
        table = np.empty((WEEKS, PROCESS + OUTCOME))
        table[found["week"], found["metric"]] = found["value"]
        return table

    def products(self) -> np.ndarray:
        """r by lag, process and outcome, as one matrix product a lag."""
        table = self._weekly()
        out = np.empty((LAGS, PROCESS, OUTCOME))
        for lag in range(LAGS):
            x, y = table[: WEEKS - lag, :PROCESS], table[lag:, PROCESS:]
            x, y = x - x.mean(axis=0), y - y.mean(axis=0)
            out[lag] = (x / np.linalg.norm(x, axis=0)).T @ (y / np.linalg.norm(y, axis=0))
        return out

    def plain(self) -> np.ndarray:
        """The same by joins."""
        found = self.con.execute(_PLAIN).fetchnumpy()
        out = np.empty((LAGS, PROCESS, OUTCOME))
        out[found["lag"], found["process"], found["outcome"] - PROCESS] = found["r"]
        return out

    def whole(self) -> int:
        """Pairs that the audit's analysis finds."""
        table = self._weekly()
        weeks = tuple(_MONDAY + dt.timedelta(days=7 * i) for i in range(WEEKS))
        made = [
            MetricSeries(f"m{i}", f"m{i}", "week", weeks, table[:, i], False, weeks[-1])
            for i in range(table.shape[1])
        ]
        return sum(link.is_found for link in links(made[:PROCESS], made[PROCESS:], LAGS - 1))
