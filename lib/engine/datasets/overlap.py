"""Which rows two files of a kind have both: found by key and date, in SQL over their clean tables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath

import duckdb

from lib.engine.datasets.dataset import Dataset
from lib.engine.datasets.parts import Rule
from lib.engine.query import literal, quote
from lib.framework import slots

ROW = "_row"  # number of a row in its part's table
_MOSTLY = 0.5  # share of common values that differ, from which two files measure two things
_OTHER_GRAIN = 2.5  # ratio of two files' usual distances between dates
_IDS = ("event_id", "insert_id", "message_id", "uuid", "event_uuid", "dedup_id")


@dataclass(frozen=True)
class PartFile:
    """A file on its way into a dataset of several.

    Attributes:
        dataset: The file's own dataset.
        rule: What counts where an earlier file has the same row.
        renamed: Metric in the file -> metric in use.
    """

    dataset: Dataset
    rule: Rule = "later"
    renamed: Mapping[str, str] = field(default_factory=dict)

    @property
    def kinds(self) -> dict[str, str]:
        """Column -> kind of its values."""
        return {column.name: column.kind for column in self.dataset.columns}

    @property
    def sql(self) -> str:
        """A query of its rows, numbered."""
        table = f"read_parquet({literal(str(self.dataset.path))}, file_row_number = true)"
        changed = ""
        if self.renamed:
            tests = " ".join(f"WHEN {literal(old)} THEN {literal(new)}" for old, new in self.renamed.items())
            changed = f" REPLACE (CASE metric {tests} ELSE metric END AS metric)"
        return f"(SELECT * EXCLUDE (file_row_number){changed}, file_row_number AS {ROW} FROM {table})"


def begin(con: duckdb.DuckDBPyConnection) -> None:
    """Make the table of rows that are left out."""
    con.execute(f"CREATE OR REPLACE TEMP TABLE left_out (part INTEGER, {ROW} BIGINT)")


def rest(member: PartFile, part: int) -> str:
    """SQL of the rows of a part that are not left out."""
    return f"(SELECT * FROM {member.sql} WHERE {ROW} NOT IN (SELECT {ROW} FROM left_out WHERE part = {part}))"


def compare(
    con: duckdb.DuckDBPyConnection, members: Sequence[PartFile], early: int, late: int
) -> tuple[int, int]:
    """Leave out what two parts have both, as the later part's rule says.

    Args:
        con: After `begin`.
        members: All parts.
        early: Number of the part that was there before.
        late: Number of the part whose rule is asked.

    Returns:
        Rows left out that are copies, and rows left out whose key is there with other values.
    """
    one, two = members[early], members[late]
    if two.rule in ("both", "apart"):
        return 0, 0
    columns = [name for name, kind in one.kinds.items() if two.kinds.get(name) == kind]
    key = _key(one.dataset, two.dataset, columns)
    where = _common_days(con, one, two, key or columns)
    if where is None:
        return 0, 0
    before, after = (f"(SELECT * FROM {rest(m, n)} WHERE {where})" for m, n in ((one, early), (two, late)))
    if not key:
        return _leave_copies(con, early, before, after, columns), 0
    mine, other, part = (after, before, late) if two.rule == "earlier" else (before, after, early)
    return _leave_keys(con, part, mine, other, key, columns)


def _same(columns: Iterable[str]) -> str:
    return " AND ".join(f"a.{quote(name)} IS NOT DISTINCT FROM b.{quote(name)}" for name in columns)


def _leave_keys(
    con: duckdb.DuckDBPyConnection,
    part: int,
    mine: str,
    other: str,
    key: Sequence[str],
    columns: Sequence[str],
) -> tuple[int, int]:
    """Leave out the rows of one part whose key the other one has."""
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE found AS SELECT a.{ROW}, "
        f"EXISTS (SELECT 1 FROM {other} b WHERE {_same(columns)}) AS is_copy "
        f"FROM {mine} a WHERE EXISTS (SELECT 1 FROM {other} b WHERE {_same(key)})"
    )
    con.execute(f"INSERT INTO left_out SELECT {part}, {ROW} FROM found")
    counted = "SELECT count(*) FILTER (WHERE is_copy), count(*) FILTER (WHERE NOT is_copy) FROM found"
    copies, differing = con.execute(counted).fetchone() or (0, 0)
    return int(copies), int(differing)


def _leave_copies(
    con: duckdb.DuckDBPyConnection, part: int, before: str, after: str, columns: Sequence[str]
) -> int:
    """Leave out copies of whole rows. A row that a file has twice is there twice: only as many go as the other has."""
    listed = ", ".join(map(quote, columns))
    numbered = (
        f"row_number() OVER (PARTITION BY {', '.join(f'a.{quote(c)}' for c in columns)} ORDER BY a.{ROW})"
    )
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE found AS SELECT a.{ROW} FROM {before} a JOIN "
        f"(SELECT {listed}, count(*) AS _times FROM {after} GROUP BY ALL) b ON {_same(columns)} "
        f"QUALIFY {numbered} <= b._times"
    )
    con.execute(f"INSERT INTO left_out SELECT {part}, {ROW} FROM found")
    return int((con.execute("SELECT count(*) FROM found").fetchone() or (0,))[0])


def _key(one: Dataset, two: Dataset, columns: Sequence[str]) -> tuple[str, ...]:
    """The columns that name a row; () where only the whole row does."""
    slot = slots.SLOTS[one.contract]
    if slot.key and set(slot.key) & set(columns):
        return tuple(name for name in slot.key if name in columns)
    if one.contract == slots.EVENTS:
        missing = {c.name: c.missing for data in (one, two) for c in data.columns if c.missing}
        return tuple(name for name in _IDS if name in columns and name not in missing)[:1]
    return ()


def _days(con: duckdb.DuckDBPyConnection, member: PartFile, name: str) -> tuple[dt.date, dt.date] | None:
    found = con.execute(f"SELECT min({quote(name)}), max({quote(name)}) FROM {member.sql}").fetchone()
    return None if found is None or found[0] is None else (found[0], found[1])


def _common_days(
    con: duckdb.DuckDBPyConnection, one: PartFile, two: PartFile, compared: Sequence[str]
) -> str | None:
    """SQL of the days that both files cover; None where they have none in common. A month beside a month costs nothing."""
    day = slots.SLOTS[one.dataset.contract].day
    if day not in compared:
        return "TRUE"
    spans = _days(con, one, day), _days(con, two, day)
    if spans[0] is None or spans[1] is None:
        return "TRUE"
    low, high = max(spans[0][0], spans[1][0]), min(spans[0][1], spans[1][1])
    if low > high:
        return None
    return f"({quote(day)} IS NULL OR {quote(day)} BETWEEN {literal(str(low))} AND {literal(str(high))})"


# ---- two files that measure the same metric -------------------------------------------------------------------------


def proposed_rule(con: duckdb.DuckDBPyConnection, members: Sequence[PartFile], added: PartFile) -> Rule:
    """What should count where a new file has rows that are there already.

    A newer export of the same metrics is a correction. A file with other metrics, another rhythm or other segments
    that happens to use a name too measures something else, so both stay.

    Args:
        con: Any connection.
        members: The parts that are there.
        added: The new one.
    """
    if added.dataset.contract != slots.METRICS:
        return "later"
    names = _metrics(con, added)
    return "apart" if any(_is_other(con, member, added, names) for member in members) else "later"


def _metrics(con: duckdb.DuckDBPyConnection, member: PartFile) -> set[str]:
    return {str(row[0]) for row in con.execute(f"SELECT DISTINCT metric FROM {member.sql}").fetchall()}


def _is_other(con: duckdb.DuckDBPyConnection, one: PartFile, two: PartFile, names: set[str]) -> bool:
    there = _metrics(con, one)
    shared = there & names
    if not shared:
        return False
    forms = [_form(con, member, shared) for member in (one, two)]
    (gap, is_split), (other_gap, is_other_split) = forms
    if is_split != is_other_split:
        return True
    if gap and other_gap and max(gap, other_gap) / min(gap, other_gap) >= _OTHER_GRAIN:
        return True
    return there != names and _differ(con, one, two) > _MOSTLY


def _form(con: duckdb.DuckDBPyConnection, member: PartFile, names: set[str]) -> tuple[float, bool]:
    """Usual days between two dates of these metrics (0 for a single date), and whether they are split by segment."""
    only = f"metric IN ({', '.join(map(literal, sorted(names)))})"
    steps = (
        f"SELECT date - lag(date) OVER (PARTITION BY metric ORDER BY date) AS step FROM "
        f"(SELECT DISTINCT metric, date FROM {member.sql} WHERE {only})"
    )
    gap = con.execute(f"SELECT median(step) FROM ({steps}) WHERE step > 0").fetchone()
    if "segment" not in member.kinds:
        return float(gap[0] or 0) if gap else 0.0, False
    split = con.execute(f"SELECT count(segment) FROM {member.sql} WHERE {only}").fetchone()
    return float(gap[0] or 0) if gap else 0.0, bool(split and split[0])


def _differ(con: duckdb.DuckDBPyConnection, one: PartFile, two: PartFile) -> float:
    """Share of values that two files do not agree on, of those they both have."""
    key = [name for name in ("date", "metric", "segment") if name in one.kinds and name in two.kinds]
    row = con.execute(
        f"SELECT count(*), count(*) FILTER (WHERE a.value IS DISTINCT FROM b.value) "
        f"FROM {one.sql} a JOIN {two.sql} b ON {_same(key)}"
    ).fetchone() or (0, 0)
    return row[1] / row[0] if row[0] else 0.0


def renamed(con: duckdb.DuckDBPyConnection, members: Sequence[PartFile], added: PartFile) -> dict[str, str]:
    """New names for the metrics of a file that earlier ones have too, after the file.

    Args:
        con: Any connection.
        members: The parts that are there.
        added: The new one, under its own names.
    """
    there = set().union(*(_metrics(con, member) for member in members)) if members else set()
    stem = PurePath(added.dataset.name).name.partition(".")[0] or "file"
    names: dict[str, str] = {}
    for name in sorted(_metrics(con, added) & there):
        new, number = f"{name} ({stem})", 2
        while new in there or new in names.values():
            new, number = f"{name} ({stem} {number})", number + 1
        names[name] = new
    return names
