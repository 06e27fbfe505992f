"""Small tables of a made-up company, written by hand, as intake would leave them."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

from lib.engine.datasets.dataset import Accounting, CleanColumn, Dataset

COLUMNS = {
    "survey": {"respondent_id": "text", "nps_score": "integer", "pmf_answer": "text"},
    "deals": {"deal_id": "text", "created_date": "date", "outcome": "text", "sales_asset_used": "boolean"},
    "customers": {
        "customer_id": "text",
        "signup_date": "date",
        "channel": "text",
        "mrr": "number",
        "churn_date": "date",
    },
    "spend": {"date": "date", "channel": "text", "spend": "number"},
    "events": {
        "user_id": "text",
        "event": "text",
        "timestamp": "timestamp",
        "channel": "text",
        "revenue": "number",
    },
}
TYPES = {"text": "VARCHAR", "integer": "BIGINT", "number": "DOUBLE", "boolean": "BOOLEAN", "date": "DATE",
         "timestamp": "TIMESTAMP"}  # fmt: skip


def table(
    contract: str, rows: Sequence[Sequence[Any]], folder: Path, columns: dict[str, str] | None = None
) -> Dataset:
    """A dataset of these rows."""
    columns = columns or COLUMNS[contract]
    name = hashlib.sha256(repr((contract, rows, columns)).encode()).hexdigest()
    home = folder / name[:16]
    home.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as con:
        con.execute(f"CREATE TABLE t ({', '.join(f'{c} {TYPES[k]}' for c, k in columns.items())})")
        if rows:
            con.executemany(
                f"INSERT INTO t VALUES ({', '.join('?' * len(columns))})", [list(row) for row in rows]
            )
        con.execute(f"COPY t TO '{home / 'clean.parquet'}' (FORMAT parquet)")
    kinds = tuple(CleanColumn(c, k, c) for c, k in columns.items())
    n = len(rows)
    return Dataset(name, f"{contract}.csv", contract, n, kinds, home, Accounting(n + 1, n, 0, 0, 0, 1))


def survey(very: int, other: int, folder: Path, scores: Sequence[int] = ()) -> Dataset:
    """A survey with so many very disappointed and others; scores cycle, 8 without any."""
    answers = ["very disappointed"] * very + ["not disappointed"] * other
    given = list(scores) or [8]
    rows = [(f"r{i}", given[i % len(given)], answer) for i, answer in enumerate(answers)]
    return table("survey", rows, folder)
