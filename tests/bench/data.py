"""Seeded events of a made-up company for the benchmark: twelve kinds, eight channels, 180 days, second resolution.

Every user visits; some go on to signup, trial, activation and paying, where activation helps and seven further kinds
(whitepaper, webinar, demo, pricing, email, feature, support) come at random moments, more often while a user is new,
and have no effect on paying. They are frequent enough before paying that a handoff score of theirs can be told to about
three per cent at ten million events.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

KINDS = (
    "visit", "signup", "trial_start", "activated", "paid", "whitepaper", "webinar", "demo_request", "pricing_view",
    "email_open", "feature_used", "support_ticket",
)  # fmt: skip
CHANNELS = ("affiliate", "direct", "email", "organic", "paid_search", "paid_social", "partner", "referral")
NULL_KINDS = KINDS[5:]
DAYS = 180
DAY = 86_400
START = 1_704_067_200  # 1 January 2024, UTC
ACTIVE_DAYS = 40  # how fast a user's interest fades
ROWS_PER_USER = 13.6
_CHUNK_USERS = 200_000


def _chunk(rng: np.random.Generator, first_user: int, users: int) -> pa.Table:
    born = rng.integers(0, DAYS * DAY, users)
    signup = _after(rng, born, rng.random(users) < 0.35, 3 * DAY)
    trial = _after(rng, signup, rng.random(users) < 0.60, 2 * DAY, ties=0.08)
    activated = _after(rng, trial, rng.random(users) < 0.50, 4 * DAY)
    # Paying: a constant hazard from activation on, nothing else matters.
    paid = _after(rng, activated, rng.random(users) < 0.6, 9 * DAY)
    parts = [(np.arange(users), born, np.zeros(users, np.int64))]
    for code, times in ((1, signup), (2, trial), (3, activated), (4, paid)):
        who = np.flatnonzero(times >= 0)
        parts.append((who, times[who], np.full(len(who), code)))
    renewals = np.flatnonzero(paid >= 0)
    for month in (1, 2, 3):
        again = renewals[rng.random(len(renewals)) < 0.9**month]
        parts.append((again, paid[again] + month * 30 * DAY, np.full(len(again), 4)))
    weights = {0: 4.5, 5: 0.6, 6: 0.5, 7: 0.45, 8: 1.4, 9: 3.0, 10: 4.2, 11: 0.5}
    for code, mean in weights.items():
        count = rng.poisson(mean, users)
        who = np.repeat(np.arange(users), count)
        at = born[who] + rng.exponential(ACTIVE_DAYS * DAY, len(who)).astype(np.int64)
        parts.append((who, at, np.full(len(who), code)))
    user, time, kind = (np.concatenate([part[i] for part in parts]) for i in range(3))
    inside = time < DAYS * DAY
    return _table(rng, first_user, user[inside], time[inside], kind[inside], users)


def _after(
    rng: np.random.Generator, start: np.ndarray, happens: np.ndarray, scale: float, ties: float = 0.0
) -> np.ndarray:
    wait = rng.exponential(scale, len(start)).astype(np.int64)
    wait[rng.random(len(start)) < ties] = 0
    return np.where((start >= 0) & happens, start + wait, -1)


def _table(
    rng: np.random.Generator,
    first_user: int,
    user: np.ndarray,
    time: np.ndarray,
    kind: np.ndarray,
    users: int,
) -> pa.Table:
    home = rng.integers(0, len(CHANNELS), users)
    channel = np.where(rng.random(len(user)) < 0.7, home[user], rng.integers(0, len(CHANNELS), len(user)))
    revenue = pa.array(np.where(kind == 4, rng.integers(10, 200, len(user)), 0).astype(float), mask=kind != 4)
    names = pa.DictionaryArray.from_arrays(pa.array(kind.astype(np.int8)), pa.array(KINDS))
    sources = pa.DictionaryArray.from_arrays(pa.array(channel.astype(np.int8)), pa.array(CHANNELS))
    stamps = pa.array((START + time) * 1_000_000, pa.timestamp("us"))
    return pa.table({
        "user": pa.array(first_user + user), "event": names, "timestamp": stamps, "channel": sources,
        "revenue": revenue,
    })  # fmt: skip


def make(path: Path, rows: int, seed: int = 7) -> None:
    """Write about `rows` events, ordered by time, as clean Parquet with user_id, event, timestamp, channel, revenue."""
    rng = np.random.default_rng(seed)
    users = round(rows / ROWS_PER_USER)
    raw = path.with_suffix(".raw.parquet")
    writer: pq.ParquetWriter | None = None
    for first in range(0, users, _CHUNK_USERS):
        table = _chunk(rng, first, min(_CHUNK_USERS, users - first))
        writer = writer or pq.ParquetWriter(raw, table.schema)
        writer.write_table(table)
    if writer:
        writer.close()
    con = duckdb.connect(config={"temp_directory": str(path.parent / "spill"), "memory_limit": "4GB"})
    con.execute(f"""
        COPY (SELECT printf('u%08d', CAST("user" AS BIGINT)) AS user_id, CAST(event AS VARCHAR) AS event, timestamp,
                     CAST(channel AS VARCHAR) AS channel, revenue
              FROM read_parquet('{raw}') ORDER BY timestamp, "user")
        TO '{path}' (FORMAT parquet, COMPRESSION zstd)""")
    con.close()
    raw.unlink()
