"""How an event layout is written: DuckDB numbers users and hands over keys, `layout_arrays` sorts them, a rename publishes.

DuckDB works in an instance of its own with a memory limit and a folder to spill to, and hands rows over in
batches that are scattered straight into files, so 50 million events need no more memory than one kind's keys.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from lib.engine.datasets.dataset import Dataset
from lib.engine.layout import arrays
from lib.engine.layout.arrays import Plan, bits
from lib.engine.segments import SEGMENT, segment_ctes, segment_join
from lib.engine.sources.sql_text import literal, quote
from lib.errors import DataError, LimitError

VERSION = "v2"
MEMORY_LIMIT = "1GB"
_BATCH = 500_000
_DERIVED = ("segment-", "masks-")  # kept beside the layout once computed
_USABLE = "user_id IS NOT NULL AND event IS NOT NULL AND timestamp IS NOT NULL"


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
        arrays.write(plan, payload, exact, work)
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
    known = {"layout.json", *(f"{name}.npy" for name in arrays.NAMES)}
    for other in folder.parent.glob("layout-v*"):
        if other.is_dir() and other != folder and re.fullmatch(r"layout-v\d+", other.name):
            discard(other)
    for file in folder.glob("*.npy"):
        if file.name not in known and not file.name.startswith(_DERIVED):
            with contextlib.suppress(OSError):  # in use, or somebody else was first
                file.unlink()


def _plan(con: duckdb.DuckDBPyConnection, dataset: Dataset) -> Plan:
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
    if bits(users) + _shift(end - origin) > 62:
        unit, origin = 1000, origin // 1000 * 1000
    last = (end - origin) // unit
    if bits(users) + _shift(last) > 62:
        raise LimitError(
            "These events cover more users over a longer time than can be analysed at once.",
            "Split the file by year and upload the parts.",
        )
    return Plan(
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


def _scatter(con: duckdb.DuckDBPyConnection, plan: Plan, work: Path) -> list[tuple[np.ndarray, np.ndarray]]:
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


def _exact(con: duckdb.DuckDBPyConnection, plan: Plan) -> dict[str, np.ndarray]:
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
