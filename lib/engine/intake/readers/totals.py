"""Rows that add up other rows of their table, wherever they stand: found by their words or gaps, proven by their values."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb

from lib.engine.intake.model import RAW, REJECTS, Limits, Reject
from lib.engine.intake.readers import header, row_source
from lib.engine.intake.readers.raw_table import LINE, TOTALS, RawTable
from lib.engine.intake.readers.row_source import TextTable
from lib.engine.intake.values import casts, value_kinds
from lib.engine.query import literal, quote

_CELLS = 2_000_000  # of a table that is searched; a larger one is no report with sums between its rows
_MOST = 400  # rows that may be totals; with more of them the words mean something else
_SUMS = (
    r"(grand |sub|sous-|zwischen|teil)?(total|totals|totaux|sum|summe|gesamt|gesamtsumme|gesamtergebnis|ergebnis|"
    r"totaal|suma|somme|somma|totale|totali|totalt|totales|insgesamt|overall|celkem|razem|合計|総計|合计|总计)"
)
_ALL = r"(all|alle|alles|todos|todas|todo|tous|toutes|tout|tutti|tutte|(\(|\[)all(\)|\])|gesamtes?)"
_WORDS = {
    "sum": rf"^{_SUMS}(\W.*| g[eé]n[eé]ral[e]?.*)?$|^{_ALL}( [^ ]+){{0,3}}$|^.{{1,60}}\W{_SUMS}$",
    "avg": r"^(average|averages|avg\.?|mean|durchschnitt|mittelwert|moyenne|promedio|media|média|gemiddelde|ø|⌀)(\W.*)?$",
    "median": r"^(median|médiane|mediana)(\W.*)?$",
    "max": r"^(max\.?|maximum|höchstwert|máximo|massimo)$",
    "min": r"^(min\.?|minimum|tiefstwert|mínimo|minimo)$",
    "count": r"^(count|anzahl|nombre|n)$",
    "change": r"^(%|pct\.?|percent|prozentuale)? ?(change|growth|difference|diff\.?|delta|Δ|veränderung|änderung|wachstum|"
    r"évolution|variation|variación|cambio|variazione|mom|yoy|wow)( ?\(?%\)?| vs.*)?$",
}
_GAPS = ("", "-", "--", "---")
_ANY = "|".join(f"(?:{pattern})" for pattern in _WORDS.values())


@dataclass(frozen=True)
class _Column:
    """A column of the table: what it is read as, and the SQL of its number where it is one."""

    name: str
    header: str
    kind: str
    sql: str = ""


@dataclass
class _Row:
    """A row that may add up others."""

    line: int
    keys: dict[str, str]
    texts: list[str | None]
    numbers: list[float | None]
    open: list[str]
    function: str
    word: str
    is_total: bool = False


def leave_out(found: TextTable, table: RawTable, limits: Limits) -> tuple[TextTable, RawTable]:
    """The table without rows that add up others; they become rejected records, and are told.

    Args:
        found: The all-text table.
        table: What reading it left behind.
        limits: Caps.

    Returns:
        The table to go on with, and the same with its accounting.
    """
    headers, rows = table.head.headers, table.accounting.accepted
    if rows < 2 or rows * len(headers) > _CELLS or header.names_periods(headers):
        return found, table
    columns = _columns(found.sample(), headers)
    if not any(c.sql for c in columns) or not any(c.kind != "number" for c in columns):
        return found, table
    with duckdb.connect(":memory:") as con:
        if not _has_candidates(con, found, columns, rows):
            return found, table
        totals, kept = _search(con, found, columns)
        if totals and found.text:
            found.write_out(con, limits)
            totals, kept = _search(con, found, columns)
        table = replace(table, head=replace(table.head, notes=(*table.head.notes, *kept)))
        if not totals:
            return found, table
        _rewrite(con, found, totals)
    row_source.save(found.folder, -1)
    left, n = table.accounting, len(totals)
    accounting = replace(left, accepted=left.accepted - n, rejected=left.rejected + n)
    rejects = (*table.rejects, *_rejected(found.folder / REJECTS, totals))
    kept_table = replace(
        table, accounting=accounting, rejects=rejects[:200], line_offset=-1, is_in_place=False
    )
    return TextTable(found.folder), kept_table


def told(table: RawTable) -> list[str]:
    """That rows were left out as totals, how many, and which.

    Args:
        table: What reading left behind, its rejected records among it.
    """
    left = [reject for reject in table.rejects if reject.reason == TOTALS]
    if not left:
        return []
    shown = ", ".join(f"line {reject.line:,}{_named(reject.text)}" for reject in left[:3])
    if len(left) == 1:
        return [f"One row is a total of the others and was left out: {shown}."]
    return [
        f"{len(left):,} rows are totals or averages of others and were left out: {shown}{', ...' * (len(left) > 3)}."
    ]


def _named(text: str) -> str:
    """The first words of a record, in quotes."""
    word = next((part for part in re.split(r"[,;\t|]", text) if re.search(r"[^\W\d_]", part)), "")
    bare = word.strip(' "')[:40]
    return f" “{bare}”" if bare else ""


def _search(
    con: duckdb.DuckDBPyConnection, found: TextTable, columns: Sequence[_Column]
) -> tuple[list[_Row], list[str]]:
    """The rows that add up others, and notes on rows that say so but do not."""
    search = _Search(con, found, columns)
    return search.totals(), search.kept_notes()


def _columns(sample: dict[str, list[str | None]], headers: Sequence[str]) -> list[_Column]:
    """What most cells of each column are: a total's own cell does not decide."""
    found = []
    for (name, cells), title in zip(sample.items(), headers, strict=True):
        some = value_kinds.present(cells)
        date = (
            value_kinds.guess_date(some, numeric=bool(re.search("(?i)date|day|tag|datum", title)))
            if some
            else None
        )
        number = value_kinds.guess_number(some) if some and not (date and date.share > 0.5) else None
        if number and number.share > 0.5:
            found.append(_Column(name, title, "number", casts.cast(quote(name), "number", number.style)))
        else:
            found.append(_Column(name, title, "date" if date and date.share > 0.5 else "text"))
    return found


def _has_candidates(
    con: duckdb.DuckDBPyConnection, found: TextTable, columns: Sequence[_Column], rows: int
) -> bool:
    keys = [c for c in columns if c.kind != "number"]
    gaps = [f"count(*) FILTER (WHERE {_blank(c.name)})" for c in keys]
    words = " OR ".join(_says(c.name) for c in keys)
    row = con.execute(
        f"SELECT count(*) FILTER (WHERE {words}), {', '.join(gaps)} FROM {found.sql}"
    ).fetchone()
    return bool(row) and (row[0] > 0 or any(0 < gap <= rows / 2 for gap in row[1:]))


def _blank(name: str) -> str:
    return f"(coalesce(trim({quote(name)}), '') IN ({', '.join(map(literal, _GAPS))}))"


def _lined(found: TextTable) -> str:
    """The table with the place of each row."""
    if not found.text:
        return found.numbered()
    return f"(SELECT *, row_number() OVER () + {found.line_offset - 1} AS {LINE} FROM {found.sql})"


def _says(name: str) -> str:
    cell = f"lower(trim({quote(name)}))"
    return f"coalesce(length({cell}) < 60 AND regexp_matches({cell}, {literal(_ANY)}), false)"


class _Search:
    """Looks for totals in one table."""

    def __init__(self, con: duckdb.DuckDBPyConnection, found: TextTable, columns: Sequence[_Column]) -> None:
        self.con = con
        self.columns = columns
        self.keys = [c for c in columns if c.kind != "number"]
        self.numbers = [c for c in columns if c.kind == "number"]
        texts = ", ".join(quote(c.name) for c in columns)
        values = "".join(f", {c.sql} AS v{i}" for i, c in enumerate(self.numbers))
        words = " OR ".join(_says(c.name) for c in self.keys)
        con.execute(
            f"CREATE OR REPLACE TEMP TABLE cells AS SELECT {LINE}, {texts}{values}, {words} AS is_word FROM {_lined(found)}"
        )
        self.gapped: list[str] = []
        self.rows = self._candidates()

    def _candidates(self) -> list[_Row]:
        """Rows with words of a total, and rows with gaps; the latter only while they are few."""
        gaps = ", ".join(f"count(*) FILTER (WHERE {_blank(c.name)})" for c in self.keys)
        rows, *counts = self.con.execute(f"SELECT count(*), {gaps} FROM cells").fetchone() or (0,)
        for most in (rows / 2, 40, 0):
            self.gapped = [c.name for c, n in zip(self.keys, counts, strict=True) if 0 < n <= most]
            tests = " OR ".join(["is_word", *map(_blank, self.gapped)])
            found = self.con.execute(
                f"SELECT * FROM cells WHERE {tests} ORDER BY {LINE} LIMIT {_MOST + 1}"
            ).fetchall()
            if len(found) <= _MOST:
                return [self._row(row) for row in found]
        return []

    def _row(self, row: Sequence[Any]) -> _Row:
        width = len(self.columns)
        cells = dict(zip((c.name for c in self.columns), row[1 : width + 1], strict=True))
        texts = {c.name: (cells[c.name] or "").strip() for c in self.keys}
        saying = [(name, function) for name, cell in texts.items() if (function := _function(cell))]
        gaps = [name for name in self.gapped if texts[name] in _GAPS]
        name, function = saying[0] if saying else ("", "sum")
        opened = list(dict.fromkeys([n for n, _ in saying] + gaps))
        return _Row(
            line=int(row[0]),
            keys=texts,
            texts=list(cells.values()),
            numbers=list(row[width + 1 : -1]),
            open=opened,
            function=function,
            word=texts.get(name, ""),
        )

    def totals(self) -> list[_Row]:
        """The rows that add up others."""
        edges = f"SELECT coalesce(min({LINE}), 0), coalesce(max({LINE}), 0) FROM cells WHERE NOT is_word"
        low, high = self.con.execute(edges).fetchone() or (0, 0)
        for row in self.rows:
            row.is_total = self._is_proven(row, is_outside=not low < row.line < high)
        proven = [row for row in self.rows if row.is_total]
        is_summed = any(row.line > high for row in proven)
        followers = self._followers(proven, high if is_summed else None)
        for row in followers:
            row.is_total = True
        return [row for row in self.rows if row.is_total]

    def _followers(self, proven: Sequence[_Row], high: int | None) -> list[_Row]:
        """Rows with a word of totals that look like a proven one, or stand below a table that was summed up."""
        patterns = {tuple(row.open) for row in proven}
        named = [row for row in self.rows if row.word and not row.is_total]
        return [
            row
            for row in named
            if self._follows(row, patterns, is_below=high is not None and row.line > high)
        ]

    def _follows(self, row: _Row, patterns: set[tuple[str, ...]], *, is_below: bool) -> bool:
        """Whether a row that proves little by itself stands among totals that are proven."""
        if row.function == "change":
            return is_below
        return tuple(row.open) in patterns and self._is_proven(row, is_outside=False, few=1)

    def kept_notes(self) -> list[str]:
        """Rows that say they add up others, but do not."""
        open_rows = [row for row in self.rows if row.word and not row.is_total and row.function == "sum"]
        kept = [
            row for row in open_rows if not header.TOTALS.match(row.word)
        ]  # of those a warning tells already
        if not kept:
            return []
        where = f"Rows called “{kept[0].word}” are not the sum of the others and were kept (line {kept[0].line:,})."
        return [f"{where} Take them out if they count others twice."]

    def _aggregate(self, function: str, where: str) -> list[float]:
        parts = ", ".join(f"{function}(v{i})" for i in range(len(self.numbers)))
        row = self.con.execute(
            f"SELECT count(*), {parts} FROM cells WHERE NOT is_word AND ({where})"
        ).fetchone() or (0,)
        return [value or 0.0 for value in row]

    def _scopes(self, row: _Row) -> Iterator[str]:
        """Which rows it may add up: those of the same group, all, the block above or below, those it names."""
        said = [
            f"trim({quote(n)}) = {literal(cell)}"
            for n, cell in row.keys.items()
            if n not in row.open and cell
        ]
        if said and row.open:
            yield " AND ".join(said)
        yield "TRUE"
        at = next(i for i, r in enumerate(self.rows) if r is row)
        bounds = [-1, *(r.line for r in self.rows), 1 << 60]
        yield f"{LINE} < {row.line} AND {LINE} > {bounds[at]}"
        yield f"{LINE} > {row.line} AND {LINE} < {bounds[at + 2]}"
        name = re.sub(rf"(?i)^{_SUMS}\W+|\W+{_SUMS}$", "", row.word).strip()
        if name and name != row.word:
            yield " OR ".join(f"lower(trim({quote(c.name)})) = {literal(name.lower())}" for c in self.keys)

    def _is_proven(self, row: _Row, *, is_outside: bool, few: int = 2) -> bool:
        """Whether the values of a row are what its words or gaps say."""
        given = [(i, value) for i, value in enumerate(row.numbers) if value is not None]
        if row.function == "change":
            return bool({c.name for c in self.keys if c.kind == "date"} & set(row.open))
        if row.function != "sum" or not given:
            return is_outside and bool(given) and self._is_like(row.function, given)
        return any(
            self._adds_up(row, given, self._aggregate("sum", scope), few) for scope in self._summed(row)
        )

    def _summed(self, row: _Row) -> Iterator[str]:
        """Which rows a total may add up, as conditions."""
        # Rows with the same gaps may be totals too; rows that merely lack one cell are not, beside a row that says "total".
        rest = "TRUE" if row.word else " OR ".join(f"NOT {_blank(name)}" for name in row.open)
        for where in self._scopes(row):
            yield f"({where}) AND ({rest})"

    def _is_like(self, function: str, given: Sequence[tuple[int, float]]) -> bool:
        """Whether values are the average, the largest and so on of all others; averages may be weighted here and there."""
        found = self._aggregate(function, "TRUE")[1:]
        same = sum(_is_near(found[i], value, 0) for i, value in given)
        return same == len(given) or (function in ("avg", "median") and same * 2 >= len(given))

    def _adds_up(self, row: _Row, given: list[tuple[int, float]], sums: Sequence[float], few: int) -> bool:
        rows, *found = sums
        same = [v for i, v in given if v and _is_near(found[i], v, rows)]
        if not same or rows < 1:
            return False
        if row.word:
            return rows >= few or len(same) * 2 >= len(given)
        return rows >= 2 and (len(same) > 1 or abs(same[0]) >= 10)


def _function(cell: str) -> str:
    """What a word says a row holds; "" for none."""
    if not cell or len(cell) >= 60:
        return ""
    return next((name for name, pattern in _WORDS.items() if re.match(pattern, cell.lower())), "")


def _is_near(one: float, other: float, rows: float) -> bool:
    """Whether two numbers are equal, but for the rounding of as many rows where they have decimals."""
    has_decimals = other != round(other) or one != round(one, 6)
    rounding = min(0.005 * (rows + 1), 0.002 * abs(other)) if has_decimals else 0.0
    return abs(one - other) <= 1e-6 * abs(other) + rounding


def _rewrite(con: duckdb.DuckDBPyConnection, found: TextTable, totals: Sequence[_Row]) -> None:
    lines = ", ".join(str(row.line) for row in totals)
    target = found.folder / f"{RAW}.new"
    con.execute(
        f"COPY (SELECT * FROM {found.numbered()} WHERE {LINE} NOT IN ({lines}) ORDER BY {LINE}) "
        f"TO {literal(str(target))} (FORMAT parquet, COMPRESSION snappy)"
    )
    target.replace(found.folder / RAW)


def _rejected(file: Path, totals: Sequence[_Row]) -> list[Reject]:
    rejects = [Reject(row.line, TOTALS, ",".join(cell or "" for cell in row.texts)[:500]) for row in totals]
    with file.open("a", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows((r.line, r.reason, r.text) for r in rejects)
    return rejects
