"""Ours and the peers: each answers the five questions in one common form, so that answers can be compared."""

from __future__ import annotations

import datetime as dt
import shutil
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
from chdb import session

from lib.analysis.events.attribution import attribution
from lib.analysis.events.funnel import funnel
from lib.analysis.events.ltv import ltv
from lib.analysis.events.retention import retention
from lib.analysis.handoff.scoring import handoff
from lib.engine.calendar import Calendar
from lib.engine.datasets.dataset import Accounting, CleanColumn, Dataset
from lib.engine.kernels import activity, revenue
from lib.engine.kernels import attribution as credits
from lib.engine.kernels import funnel as funnels
from lib.engine.kernels import handoff as scores
from lib.engine.layout.event_layout import open_layout
from tests.bench import sql

STEPS = ("visit", "signup", "trial_start", "activated", "paid")
WINDOW = 14 * sql.DAY
MODELS = ("first", "last", "linear", "position", "decay")
Answer = dict[Any, Any]


def dataset(clean: Path, folder: Path) -> Dataset:
    folder.mkdir(exist_ok=True)
    target = folder / "clean.parquet"
    if not target.exists():
        target.hardlink_to(clean)
    rows = duckdb.sql(f"SELECT COUNT(*) FROM '{clean}'").fetchall()[0][0]
    kinds = {
        "user_id": "text",
        "event": "text",
        "timestamp": "timestamp",
        "channel": "text",
        "revenue": "number",
    }
    columns = tuple(CleanColumn(name, kind, name) for name, kind in kinds.items())
    return Dataset(folder.name, "bench", "events", rows, columns, folder, Accounting(rows, rows, 0, 0, 0, 0))


def _week(day: str | dt.date | dt.datetime) -> int:
    day = dt.date.fromisoformat(day) if isinstance(day, str) else day
    return (dt.date(day.year, day.month, day.day) - dt.date(2024, 1, 1)).days // 7


class Ours:
    """The kernels alone: the same answer as the peers give, and no more. Past the cache of results."""

    name = "ours"

    def __init__(self, data: Dataset) -> None:
        self.data = data

    def funnel(self, steps: Sequence[str] = STEPS, window: int = WINDOW) -> Answer:
        layout = open_layout(self.data)
        units = layout.units(days=window / sql.DAY)
        spec = funnels.Spec(tuple(steps), units, (units,) * (len(steps) - 1), is_first_attempt=False)
        codes, names = layout.segment("channel")
        users = funnels.count(layout, spec, codes, len(names)).users
        return {(names[i], step + 1): int(users[i, step]) for i, step in zip(*np.nonzero(users), strict=True)}

    def retention(self) -> Answer:
        layout, answer = open_layout(self.data), {}
        for kind in ("bounded", "unbounded"):
            found = activity.cohorts(layout, Calendar(), "week", is_bounded=kind == "bounded")
            weeks = [_week(start) for start in found.periods.starts]
            answer |= {
                (kind, weeks[c], int(o)): int(found.retained[c, o])
                for c, o in zip(*np.nonzero(found.retained), strict=True)
            }
        return answer

    def attribution(self) -> Answer:
        layout = open_layout(self.data)
        lookback = layout.units(days=30)
        found = credits.before(layout, layout.firsts_of("paid"), sql.TOUCHES, lookback, with_end=False)
        credit = credits.credit(found, len(layout.channels), layout.exact_units(7))
        return {(name, m): float(credit[m][i]) for m in MODELS for i, name in enumerate(layout.channels)}

    def ltv(self) -> Answer:
        layout = open_layout(self.data)
        codes, names = layout.segment("channel")
        months = activity.periods(layout, Calendar(), "month")
        clock, width = months.clock(layout.origin_ms, layout.unit_ms), layout.bin_units(24 * 30)
        found = revenue.revenue(layout, clock, width, codes, len(names))
        return {
            (months.starts[c].isoformat(), names[s], int(p)): float(found[c, s, p])
            for c, s, p in zip(*np.nonzero(found), strict=True)
        }

    def handoff(self) -> Answer:
        layout = open_layout(self.data)
        at, horizon = scores.outcomes(layout, "paid"), layout.units(days=30)
        found = [scores.count(layout, kind, at, horizon) for kind in layout.kinds if kind != "paid"]
        return {c.kind: (c.reach, c.converted) for c in found}

    def forget_mask(self) -> None:
        """Delete what retention keeps beside the layout, so that the next one is ad hoc."""
        for path in open_layout(self.data).folder.glob("masks-*.npy"):
            path.unlink()


class Whole:
    """Whole analyses as the pages call them: medians, intervals, verdict, findings and evidence. Past the cache."""

    name = "ours, whole"

    def __init__(self, data: Dataset) -> None:
        self.data = data

    def funnel(self) -> Answer:
        found = funnel.__wrapped__(self.data, STEPS, window_days=WINDOW / sql.DAY, by="channel")  # type: ignore[attr-defined]
        return {
            (row["segment"], row["position"]): row["users"]
            for row in found.rows
            if row["users"] and row["segment"] != "all"
        }

    def retention(self) -> Answer:
        answer: Answer = {}
        for kind in ("bounded", "unbounded"):
            found = retention.__wrapped__(self.data, kind=kind)  # type: ignore[attr-defined]
            answer |= {
                (kind, _week(r["cohort"]), r["period"]): r["retained"] for r in found.rows if r["retained"]
            }
        return answer

    def attribution(self) -> Answer:
        found = attribution.__wrapped__(self.data, "paid", touches=sql.TOUCHES, models=MODELS)  # type: ignore[attr-defined]
        return {
            (r["channel"], r["model"]): r["conversions"] for r in found.rows if r["channel"] != "(no touch)"
        }

    def ltv(self) -> Answer:
        """Revenue of single periods, from the cumulative values of mature ones."""
        found = ltv.__wrapped__(self.data, by="channel")  # type: ignore[attr-defined]
        return {
            (r["cohort"], r["segment"], r["period"]): r["revenue_per_customer"] * r["customers"]
            for r in found.rows if r["is_mature"] and r["segment"] != "all"
        }  # fmt: skip

    def handoff(self) -> Answer:
        found = handoff.__wrapped__(self.data, "paid")  # type: ignore[attr-defined]
        return {r["event"]: (r["reach"], r["converted"]) for r in found.rows}


def _levels(rows: Sequence[Sequence[Any]]) -> Answer:
    """(segment, level, users with exactly this level) as users who reached at least each level."""
    answer: Answer = defaultdict(int)
    for segment, level, users in rows:
        for step in range(1, int(level) + 1):
            answer[segment, step] += int(users)
    return dict(answer)


def _cumulative(rows: Sequence[Sequence[Any]], months: set[tuple[Any, ...]]) -> Answer:
    parts: dict[tuple[str, str], dict[int, float]] = defaultdict(dict)
    for month, segment, period, amount in rows:
        parts[str(month)[:10], str(segment)][int(period)] = float(amount)
    return {
        (m, s, k): sum(v for period, v in parts[m, s].items() if period <= k) for m, s, k in months
    }  # fmt: skip


def _single(rows: Sequence[Sequence[Any]]) -> Answer:
    return {(str(m)[:10], str(s), int(k)): float(v) for m, s, k, v in rows if float(v)}


class Chdb:
    name = "chdb MergeTree"

    def __init__(self, wide: Path, folder: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        self.session = session.Session(str(folder))
        self._run("CREATE DATABASE IF NOT EXISTS b ENGINE = Atomic")
        self._run("USE b")
        self._run("""CREATE TABLE ev (user UInt32, event LowCardinality(String), timestamp DateTime,
            channel LowCardinality(String), revenue Float64, ch0 LowCardinality(String))
            ENGINE = MergeTree ORDER BY (user, timestamp)""")
        self._run(f"""INSERT INTO ev SELECT user, event, timestamp, channel, ifNull(revenue, 0), ch0
            FROM file('{wide}', Parquet)""")
        self._run("CREATE TABLE users ENGINE = MergeTree ORDER BY user AS "
                  "SELECT user, min(timestamp) t0, any(ch0) ch0 FROM ev GROUP BY user")  # fmt: skip
        self._run("OPTIMIZE TABLE ev FINAL")

    def _run(self, text: str) -> list[list[str]]:
        out = str(self.session.query(text, "TabSeparated"))
        return [line.split("\t") for line in out.splitlines()]

    def funnel(self, steps: Sequence[str] = STEPS, window: int = WINDOW) -> Answer:
        return _levels(self._run(sql.chdb_funnel(steps, window)))

    def retention(self) -> Answer:
        answer: Answer = {}
        for cw, o, bounded, unbounded in self._run(sql.CHDB_RETENTION):
            if int(bounded):
                answer["bounded", int(cw), int(o)] = int(bounded)
            answer["unbounded", int(cw), int(o)] = int(unbounded)
        return answer

    def attribution(self) -> Answer:
        return {
            (row[0], m): float(v)
            for row in self._run(sql.CHDB_ATTRIBUTION)
            for m, v in zip(MODELS, row[1:], strict=True)
        }

    def ltv(self) -> list[Any]:
        return self._run(sql.CHDB_LTV)

    def handoff(self) -> Answer:
        return {row[0]: (int(row[1]), int(row[2])) for row in self._run(sql.CHDB_HANDOFF)}


class Duck:
    name = "DuckDB, plain SQL"

    def __init__(self, wide: Path, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        (folder / "plain.duckdb").unlink(missing_ok=True)
        self.con = duckdb.connect(str(folder / "plain.duckdb"))
        self.con.execute(f"CREATE TABLE ev AS SELECT * REPLACE (user_id AS user) FROM '{wide}'")

    def funnel(self, steps: Sequence[str] = STEPS, window: int = WINDOW) -> Answer:
        rows = self.con.execute(sql.duck_funnel(steps, window)).fetchall()
        return {(row[0], i + 1): row[i + 1] for row in rows for i in range(len(steps)) if row[i + 1]}

    def retention(self) -> Answer:
        rows = self.con.execute(sql.DUCK_RETENTION).fetchall()
        answer: Answer = {("bounded", _week(cw), o): n for cw, o, n in rows if o < 1000}
        last = {(_week(cw), o - 1000): n for cw, o, n in rows if o >= 1000}
        for cohort in {key[0] for key in last}:
            total = 0
            for o in range(60, -1, -1):
                total += last.get((cohort, o), 0)
                if total:
                    answer["unbounded", cohort, o] = total
        return answer

    def attribution(self) -> Answer:
        rows = self.con.execute(sql.DUCK_ATTRIBUTION).fetchall()
        return {(row[0], m): float(v) for row in rows for m, v in zip(MODELS, row[1:], strict=True)}

    def ltv(self) -> list[Any]:
        return self.con.execute(sql.DUCK_LTV).fetchall()

    def handoff(self) -> Answer:
        return {row[0]: (row[1], row[2]) for row in self.con.execute(sql.DUCK_HANDOFF).fetchall()}


class Polars:
    name = "polars, from Parquet"

    def __init__(self, wide: Path) -> None:
        self.wide = wide

    def _scan(self) -> pl.LazyFrame:
        return pl.scan_parquet(self.wide)

    def funnel(self, steps: Sequence[str] = STEPS, window: int = WINDOW) -> Answer:
        names = {step: i for i, step in enumerate(steps)}
        frame = (
            self._scan().filter(pl.col("event").is_in(list(steps)))
            .select("user", "ch0", t=pl.col("timestamp").dt.epoch("s"),
                s=pl.col("event").replace_strict(names, return_dtype=pl.Int8))
            .sort("user", "t", "s")
        )  # fmt: skip
        frame = frame.with_columns(e0=pl.when(pl.col("s") == 0).then(pl.col("t")))
        for i in range(1, len(steps)):
            frame = frame.with_columns(c=pl.col(f"e{i - 1}").forward_fill().over("user"))
            ok = (pl.col("s") == i) & (pl.col("t") - pl.col("c") <= window)
            frame = frame.with_columns(pl.when(ok).then(pl.col("c")).alias(f"e{i}"))
        counts = [
            pl.col("user").filter(pl.col(f"e{i}").is_not_null()).n_unique().alias(str(i + 1))
            for i in range(len(steps))
        ]
        found = frame.group_by("ch0").agg(counts).collect()
        return {(row["ch0"], i): row[str(i)] for row in found.iter_rows(named=True) for i in range(1, len(steps) + 1)
                if row[str(i)]}  # fmt: skip

    def retention(self) -> Answer:
        week = (pl.col("timestamp").dt.epoch("s") - sql.MONDAY) // sql.WEEK
        pairs = self._scan().select("user", w=week.cast(pl.Int32)).unique()
        user = pairs.group_by("user").agg(cw=pl.col("w").min(), lw=pl.col("w").max())
        bounded = pairs.join(user, on="user").group_by("cw", o=pl.col("w") - pl.col("cw")).len()
        found, last = pl.collect_all([bounded, user.group_by("cw", o=pl.col("lw") - pl.col("cw")).len()])
        answer: Answer = {("bounded", cw, o): n for cw, o, n in found.iter_rows()}
        ends = {(cw, o): n for cw, o, n in last.iter_rows()}
        for cohort in {key[0] for key in ends}:
            total = 0
            for o in range(60, -1, -1):
                total += ends.get((cohort, o), 0)
                if total:
                    answer["unbounded", cohort, o] = total
        return answer

    def ltv(self) -> list[Any]:
        user = self._scan().group_by("user").agg(t0=pl.col("timestamp").min(), ch0=pl.col("ch0").first())
        paid = self._scan().filter(pl.col("event") == "paid").select("user", "timestamp", "revenue")
        age = (pl.col("timestamp") - pl.col("t0")).dt.total_seconds() // (30 * sql.DAY)
        found = (
            paid.join(user, on="user")
            .group_by(pl.col("t0").dt.truncate("1mo"), "ch0", k=age)
            .agg(pl.col("revenue").sum())
        )
        return list(found.collect().iter_rows())

    def handoff(self) -> Answer:
        first = self._scan().group_by("user", "event").agg(t=pl.col("timestamp").min())
        paid = first.filter(pl.col("event") == "paid").select("user", p="t")
        both = first.filter(pl.col("event") != "paid").join(paid, on="user", how="left")
        is_open = pl.col("p").is_null() | (pl.col("t") < pl.col("p"))
        hit = (pl.col("t") < pl.col("p")) & (pl.col("p") <= pl.col("t") + pl.duration(days=30))
        found = both.group_by("event").agg(r=is_open.sum(), c=hit.sum()).collect()
        return {event: (r, c) for event, r, c in found.iter_rows()}


class Pandas:
    """Over a frame that is in memory already."""

    name = "pandas, in memory"

    def __init__(self, wide: Path) -> None:
        self.frame = pd.read_parquet(wide, columns=["user", "event", "timestamp", "ch0", "revenue"])
        self.frame["t"] = self.frame.pop("timestamp").astype("int64") // 10**6
        if self.frame["t"].max() < 10**9:
            raise AssertionError("timestamps are expected in microseconds")

    def funnel(self, steps: Sequence[str] = STEPS, window: int = WINDOW) -> Answer:
        frame = self.frame[self.frame["event"].isin(steps)]
        frame = frame.assign(s=frame["event"].map({step: i for i, step in enumerate(steps)}).astype("int8"))
        frame = frame.sort_values(["user", "t", "s"])
        entered = frame["t"].where(frame["s"] == 0)
        answer: Answer = {}
        for i in range(len(steps)):
            if i:
                carried = entered.groupby(frame["user"]).ffill()
                entered = carried.where((frame["s"] == i) & (frame["t"] - carried <= window))
            reached = frame[entered.notna()].drop_duplicates("user")["ch0"].value_counts()
            answer |= {(name, i + 1): int(n) for name, n in reached.items() if n}
        return answer

    def ltv(self) -> list[Any]:
        user = self.frame.groupby("user").agg(t0=("t", "min"), ch0=("ch0", "first"))
        paid = self.frame[self.frame["event"] == "paid"].join(user[["t0"]], on="user")
        paid = paid.assign(k=(paid["t"] - paid["t0"]) // (30 * sql.DAY))
        month = (
            pd.to_datetime(paid["t0"], unit="s").to_numpy().astype("datetime64[M]").astype("datetime64[D]")
        )
        found = paid.groupby([month, paid["ch0"], paid["k"]])["revenue"].sum()
        return [(m.date(), c, k, v) for (m, c, k), v in found.items()]

    def handoff(self) -> Answer:
        first = self.frame.groupby(["user", "event"])["t"].min().reset_index()
        paid = first[first["event"] == "paid"].set_index("user")["t"].rename("p")
        both = first[first["event"] != "paid"].join(paid, on="user")
        both["r"] = both["p"].isna() | (both["t"] < both["p"])
        both["c"] = (both["t"] < both["p"]) & (both["p"] <= both["t"] + 30 * sql.DAY)
        found = both.groupby("event")[["r", "c"]].sum()
        return {event: (int(r), int(c)) for event, r, c in found.itertuples()}


def same(question: str, ours: Answer, theirs: Any, *, is_cumulative: bool = False) -> bool:
    """Whether two answers are the same (money and credit to nine digits).

    Args:
        question: One of the five.
        ours: Our answer.
        theirs: A peer's.
        is_cumulative: Ours adds revenue up over periods, as the analysis shows it; the peers give single periods.
    """
    if question == "ltv":
        theirs = _cumulative(theirs, set(ours)) if is_cumulative else _single(theirs)
    if ours.keys() != theirs.keys():
        return False
    return all(np.allclose(ours[key], theirs[key], rtol=1e-9, atol=1e-6) for key in ours)
