"""How an event layout is written: DuckDB numbers users, NumPy sorts each kind's keys, a rename publishes.

DuckDB works in an instance of its own with a memory limit and a folder to spill to, and hands rows over in
batches that are scattered straight into files, so 50 million events need no more memory than one kind's keys.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from lib.engine.datasets.dataset import Dataset
from lib.engine.segments import SEGMENT, segment_ctes, segment_join
from lib.engine.sources.sql_text import literal, quote
from lib.errors import DataError, LimitError

VERSION = "v2"
MEMORY_LIMIT = "1GB"
_BATCH = 500_000
_ARRAYS = ("offsets", "keys", "first_offsets", "firsts", "user_first", "user_last", "user_channel")
_META = (
    "kinds",
    "channels",
    "users",
    "shift",
    "unit_ms",
    "origin_ms",
    "last",
    "last_us",
)  # of the plan, kept
_OPTIONAL = ("channel", "revenue_keys", "revenue", "first_us", "user_first_us")
_DERIVED = ("segment-", "masks-")  # kept beside the layout once computed
_USABLE = "user_id IS NOT NULL AND event IS NOT NULL AND timestamp IS NOT NULL"


@dataclass(frozen=True)
class _Plan:
    """Sizes of a layout, known before any row is moved."""

    kinds: tuple[str, ...]
    counts: tuple[int, ...]
    channels: tuple[str, ...]
    has_channel: bool
    has_revenue: bool
    users: int
    unit_ms: int
    origin_ms: int
    last: int
    shift: int
    last_us: int
    is_exact: bool


@contextlib.contextmanager
def _connection(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    config: dict[str, Any] = {
        "memory_limit": MEMORY_LIMIT,
        "temp_directory": str(folder / "spill"),
        "threads": 3,
        "preserve_insertion_order": False,
    }
    con = duckdb.connect(":memory:", config=config)
    try:
        con.execute("SET TimeZone = 'UTC'")
        yield con
    finally:
        con.close()


def build(dataset: Dataset, folder: Path) -> None:
    """Write the layout of `dataset` to `folder`; of several builders at once one wins.

    Raises:
        DataError: No row has a user, an event and a time.
        LimitError: More users over a longer time than a key can hold.
    """
    work = Path(tempfile.mkdtemp(prefix=f"{folder.name}.building-", dir=folder.parent))
    try:
        with _connection(work) as con:
            con.execute(
                f"CREATE VIEW events AS SELECT * FROM read_parquet({literal(str(dataset.path))})"
                f" WHERE {_USABLE}"
            )
            plan = _plan(con, dataset)
            payload = _scatter(con, plan, work)
            exact = {} if plan.is_exact else _exact(con, plan)
        _finish(plan, payload, exact, work)
        shutil.rmtree(work / "spill", ignore_errors=True)
        with contextlib.suppress(OSError):  # another builder was first: its layout says the same
            work.rename(folder)
    finally:
        discard(work)


def discard(folder: Path) -> None:
    """Remove a layout; nobody opens it half removed, because it is renamed first."""
    grave = folder.with_name(f"{folder.name}.gone-{os.getpid()}-{os.urandom(4).hex()}")
    with contextlib.suppress(OSError):
        folder.rename(grave)
        shutil.rmtree(grave, ignore_errors=True)


def tidy(folder: Path) -> None:
    """Remove what older versions left beside and inside a layout: other layouts, and files that nothing reads now."""
    known = {"layout.json", *(f"{name}.npy" for name in (*_ARRAYS, *_OPTIONAL))}
    for other in folder.parent.glob("layout-v*"):
        if other.is_dir() and other != folder and re.fullmatch(r"layout-v\d+", other.name):
            discard(other)
    for file in folder.glob("*.npy"):
        if file.name not in known and not file.name.startswith(_DERIVED):
            with contextlib.suppress(OSError):  # in use, or somebody else was first
                file.unlink()


def load(folder: Path) -> dict[str, Any]:
    """Fields of a `Layout` from its files; arrays stay on disk until they are read."""
    meta = json.loads((folder / "layout.json").read_text())
    fields: dict[str, Any] = {**meta, "kinds": tuple(meta["kinds"]), "channels": tuple(meta["channels"])}
    for name in (*_ARRAYS, *_OPTIONAL):
        path = folder / f"{name}.npy"
        if name in _OPTIONAL and not path.exists():
            fields[name] = None
            continue
        array = (
            np.load(path, allow_pickle=False)
            if path.stat().st_size < 4096
            else np.load(path, mmap_mode="r", allow_pickle=False)
        )
        fields[name] = np.asarray(array)
    if len(fields["keys"]) != meta["rows"]:
        raise ValueError("layout does not match its own count")
    return fields


def _plan(con: duckdb.DuckDBPyConnection, dataset: Dataset) -> _Plan:
    has_channel, has_revenue = dataset.has("channel"), dataset.has("revenue")
    kinds = _kinds(con, dataset)
    channels: list[tuple[str]] = []
    if has_channel:
        sql = "SELECT DISTINCT channel FROM events WHERE channel IS NOT NULL ORDER BY 1"
        channels = con.execute(sql).fetchall()
    con.execute(
        "CREATE TABLE users AS SELECT user_id, CAST(ROW_NUMBER() OVER (ORDER BY user_id) - 1 AS BIGINT) AS u"
        " FROM (SELECT DISTINCT user_id FROM events)"
    )
    users = int(con.execute("SELECT COUNT(*) FROM users").fetchall()[0][0])
    origin, end = min(row[2] for row in kinds), max(row[3] for row in kinds)
    unit = 1
    if _bits(users) + _shift(end - origin) > 62:
        unit, origin = 1000, origin // 1000 * 1000
    last = (end - origin) // unit
    if _bits(users) + _shift(last) > 62:
        raise LimitError(
            "These events cover more users over a longer time than can be analysed at once.",
            "Split the file by year and upload the parts.",
        )
    return _Plan(
        kinds=tuple(row[0] for row in kinds),
        counts=tuple(row[1] for row in kinds),
        channels=tuple(name for (name,) in channels),
        has_channel=has_channel,
        has_revenue=has_revenue,
        users=users,
        unit_ms=unit,
        origin_ms=origin,
        last=last,
        shift=_shift(last),
        last_us=max(row[4] for row in kinds),
        is_exact=all(row[5] if unit == 1 else row[6] for row in kinds),
    )


def _kinds(
    con: duckdb.DuckDBPyConnection, dataset: Dataset
) -> list[tuple[str, int, int, int, int, bool, bool]]:
    """Name, number, first and last millisecond, last microsecond, whether all are whole milliseconds, whole seconds."""
    kinds = con.execute(
        "SELECT event, n, epoch_ms(a), epoch_ms(b), epoch_us(b), is_milli, is_second FROM (SELECT event, COUNT(*) AS n,"
        " MIN(timestamp) AS a, MAX(timestamp) AS b, BOOL_AND(epoch_us(timestamp) % 1000 = 0) AS is_milli,"
        " BOOL_AND(epoch_us(timestamp) % 1000000 = 0) AS is_second FROM events GROUP BY event) ORDER BY event"
    ).fetchall()
    if not kinds:
        raise DataError(
            f"{dataset.name} has no row with a user, an event and a time.",
            "Check which columns were chosen and upload it again.",
        )
    return kinds


def _bits(users: int) -> int:
    return max(1, users).bit_length()


def _shift(last: int) -> int:
    return (2 * last + 2).bit_length()


def _codes(values: tuple[str, ...]) -> np.dtype:
    return np.dtype(np.uint8 if len(values) < 255 else np.uint16 if len(values) < 65_535 else np.uint32)


def _codes_table(con: duckdb.DuckDBPyConnection, table: str, names: tuple[str, ...]) -> None:
    """A table of names and their positions."""
    found = pa.table({"name": pa.array(names, pa.string()), "code": pa.array(range(len(names)), pa.uint32())})
    con.register("codes", found)
    con.execute(f"CREATE TABLE {table} AS SELECT * FROM codes")
    con.unregister("codes")


def _scatter(con: duckdb.DuckDBPyConnection, plan: _Plan, work: Path) -> list[tuple[np.ndarray, np.ndarray]]:
    """Write unsorted keys and channels to their kind's run; return the revenue rows."""
    # Small tables to join are several times faster than casts to an enum: each dictionary is looked up once.
    _codes_table(con, "kind", plan.kinds)
    columns = [
        "kind.code AS c",
        f"(u.u << {plan.shift}) | ((epoch_ms(e.timestamp) - {plan.origin_ms}) // {plan.unit_ms}) AS k",
    ]
    joins = "JOIN users u ON u.user_id = e.user_id JOIN kind ON kind.name = e.event"
    if plan.channels:
        _codes_table(con, "channel", plan.channels)
        columns.append(f"COALESCE(channel.code, {len(plan.channels)}) AS ch")
        joins += " LEFT JOIN channel ON channel.name = e.channel"
    if plan.has_revenue:
        columns.append("CAST(e.revenue AS DOUBLE) AS r")
    rows = sum(plan.counts)
    keys = np.lib.format.open_memmap(work / "keys.npy", "w+", np.int64, (rows,))
    channel = None
    if plan.has_channel:
        channel = np.lib.format.open_memmap(work / "channel.npy", "w+", _codes(plan.channels), (rows,))
    place = np.concatenate(([0], np.cumsum(plan.counts)))[:-1].astype(np.int64)
    revenue: list[tuple[np.ndarray, np.ndarray]] = []
    sql = f"SELECT {', '.join(columns)} FROM events e {joins}"
    for batch in con.sql(sql).to_arrow_reader(_BATCH):
        part = {name: batch.column(name).to_numpy(zero_copy_only=False) for name in batch.schema.names}
        if "r" in part:
            paid = ~np.isnan(part["r"])
            revenue.append((part["k"][paid], part["r"][paid]))
        _place(part, keys, channel, place)
    return revenue


def _exact(con: duckdb.DuckDBPyConnection, plan: _Plan) -> dict[str, np.ndarray]:
    """First times and channels to the microsecond, where the events' times are finer than the layout's unit."""
    rows = con.sql(
        "SELECT kind.code AS c, u.u AS u, MIN(epoch_us(e.timestamp)) AS t FROM events e"
        " JOIN users u ON u.user_id = e.user_id JOIN kind ON kind.name = e.event GROUP BY 1, 2 ORDER BY 1, 2"
    ).to_arrow_table()
    user, first = rows.column("u").to_numpy(), rows.column("t").to_numpy()
    user_first = np.full(plan.users, np.iinfo(np.int64).max)
    np.minimum.at(user_first, user, first)
    found = {"first_us": first, "user_first_us": user_first}
    if plan.channels:
        codes = con.sql(
            f"WITH {segment_ctes('channel')} SELECT COALESCE(c.code, {len(plan.channels)}) AS code FROM users u"
            f" {segment_join('u')} LEFT JOIN channel c ON c.name = g.segment ORDER BY u.u"
        ).to_arrow_table()
        found["user_channel"] = codes.column("code").to_numpy().astype(np.int32)
    return found


def _place(
    part: dict[str, np.ndarray], keys: np.ndarray, channel: np.ndarray | None, place: np.ndarray
) -> None:
    code = part["c"].astype(np.uint16 if len(place) <= 65_536 else np.uint32)
    order = np.argsort(code, kind="stable")
    counts = np.bincount(code, minlength=len(place))
    present = np.flatnonzero(counts)
    sorted_keys = part["k"][order]
    sorted_channel = part["ch"][order] if "ch" in part else None
    start = 0
    for kind in present:
        size = int(counts[kind])
        target = slice(place[kind], place[kind] + size)
        keys[target] = sorted_keys[start : start + size]
        if channel is not None:
            channel[target] = 0 if sorted_channel is None else sorted_channel[start : start + size]
        place[kind] += size
        start += size


def _finish(
    plan: _Plan,
    revenue: list[tuple[np.ndarray, np.ndarray]],
    exact: dict[str, np.ndarray],
    work: Path,
) -> None:
    keys = np.load(work / "keys.npy", mmap_mode="r+")
    channel = np.load(work / "channel.npy", mmap_mode="r+") if plan.has_channel else None
    offsets = np.concatenate(([0], np.cumsum(plan.counts))).astype(np.int64)
    low = (1 << plan.shift) - 1
    user_first = np.full(plan.users, np.iinfo(np.int64).max)
    user_last = np.full(plan.users, -1)
    none = len(plan.channels)
    channel_first = np.full(plan.users, np.iinfo(np.int64).max)
    firsts: list[np.ndarray] = []
    for start, end in itertools.pairwise(offsets):
        run = keys[start:end]
        codes = None if channel is None else channel[start:end]
        _sort(run, codes, plan)
        user = np.asarray(run) >> plan.shift
        begins = np.flatnonzero(np.concatenate(([True], user[1:] != user[:-1])))
        ends = np.concatenate((begins[1:], [len(run)])) - 1
        who = user[begins]
        first = np.asarray(run)[begins]
        firsts.append(first)
        user_first[who] = np.minimum(user_first[who], first & low)
        user_last[who] = np.maximum(user_last[who], np.asarray(run)[ends] & low)
        if codes is not None:
            _first_channel(np.asarray(run), np.asarray(codes), user, none, plan.shift, channel_first)
    sizes = [len(part) for part in firsts]
    user_channel = np.where(channel_first == np.iinfo(np.int64).max, none, channel_first % (none + 1))
    arrays = {
        "offsets": offsets,
        "first_offsets": np.concatenate(([0], np.cumsum(sizes))).astype(np.int64),
        "firsts": np.concatenate(firsts),
        "user_first": user_first,
        "user_last": user_last,
        "user_channel": user_channel.astype(np.int32),
    }
    if plan.has_revenue:
        arrays |= _paid(revenue)
    for name, array in (arrays | exact).items():
        np.save(work / f"{name}.npy", array, allow_pickle=False)
    meta = {name: getattr(plan, name) for name in _META} | {"rows": int(offsets[-1])}
    (work / "layout.json").write_text(json.dumps(meta))


def _paid(revenue: list[tuple[np.ndarray, np.ndarray]]) -> dict[str, np.ndarray]:
    """Keys and amounts of the events that carry revenue, sorted by key, then amount."""
    keys = np.concatenate([part[0] for part in revenue]) if revenue else np.zeros(0, np.int64)
    paid = np.concatenate([part[1] for part in revenue]) if revenue else np.zeros(0)
    order = np.lexsort((paid, keys))
    return {"revenue_keys": keys[order], "revenue": paid[order]}


def _sort(run: np.ndarray, codes: np.ndarray | None, plan: _Plan) -> None:
    """Sort a kind's keys in place, channels (alphabetical codes) along with them and as tie break."""
    if codes is None:
        run.sort()
        return
    bits = len(plan.channels).bit_length()
    if (
        _bits(plan.users) + plan.shift + bits <= 62
    ):  # both fit one integer: several times faster than an indirect sort
        both = (np.asarray(run) << bits) | codes
        both.sort()
        run[:] = both >> bits
        codes[:] = both & ((1 << bits) - 1)
        return
    order = np.lexsort((codes, run))
    run[:], codes[:] = np.asarray(run)[order], np.asarray(codes)[order]


def _first_channel(
    run: np.ndarray, codes: np.ndarray, user: np.ndarray, none: int, shift: int, best: np.ndarray
) -> None:
    """Lower `best` (time and channel in one number) by this kind's earliest events that have a channel."""
    known = codes < none
    if not known.all():
        run, codes, user = run[known], codes[known], user[known]
    if not len(run):
        return
    # Runs are sorted by (user, time, channel), so a user's first row is already the earliest and
    # alphabetically first.
    begins = np.flatnonzero(np.concatenate(([True], user[1:] != user[:-1])))
    value = (run[begins] & ((1 << shift) - 1)) * (none + 1) + codes[begins]
    who = user[begins]
    best[who] = np.minimum(best[who], value)


def segment(dataset: Dataset, folder: Path, column: str) -> tuple[np.ndarray, tuple[str, ...]]:
    """Code of each user's value in a column, and the values; kept beside the layout once computed."""
    stem = "segment-" + hashlib.sha256(column.encode()).hexdigest()[:16]
    codes_path, names_path = folder / f"{stem}.npy", folder / f"{stem}.json"
    if not codes_path.exists() or not names_path.exists():
        sql = f"""
            WITH events AS (SELECT user_id, timestamp, {quote(column)}
                            FROM read_parquet({literal(str(dataset.path))}) WHERE {_USABLE}),
            {segment_ctes(column)}
            SELECT {SEGMENT} FROM (SELECT DISTINCT user_id FROM events) u {segment_join("u")}
            ORDER BY u.user_id"""
        with (
            tempfile.TemporaryDirectory(prefix="segment-", dir=folder) as work,
            _connection(Path(work)) as con,
        ):
            values = con.sql(sql).to_arrow_table().column(0).combine_chunks().dictionary_encode()
        order = np.argsort(np.array(values.dictionary.to_pylist(), dtype=object))
        rank = np.empty(len(order), np.int32)
        rank[order] = np.arange(len(order), dtype=np.int32)
        names = [values.dictionary[int(i)].as_py() for i in order]
        _publish(codes_path, names_path, rank[values.indices.to_numpy()], names)
    return np.load(codes_path, allow_pickle=False), tuple(json.loads(names_path.read_text()))


def _publish(codes_path: Path, names_path: Path, codes: np.ndarray, names: list[str]) -> None:
    mark = os.urandom(4).hex()
    names_temp, codes_temp = names_path.with_suffix(f".{mark}.json"), codes_path.with_suffix(f".{mark}.npy")
    names_temp.write_text(json.dumps(names))
    np.save(codes_temp, codes, allow_pickle=False)
    names_temp.rename(names_path)
    codes_temp.rename(codes_path)
