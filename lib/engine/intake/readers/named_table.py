"""An all-text table whose columns turn up while its records are read: written in parts, then put together."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from lib.engine.datasets.dataset import Accounting
from lib.engine.intake.model import RAW, Limits
from lib.engine.intake.readers import column_names
from lib.engine.intake.readers.header import Head
from lib.engine.intake.readers.raw_table import LINE, RawTable, Rejects
from lib.errors import LimitError

_ROWS = 20_000  # of a part
_CHARACTERS = 1 << 25  # of a part


class NamedTable:
    """Takes records one by one and leaves `raw.parquet` and `rejects.csv` in a folder."""

    def __init__(self, folder: Path, limits: Limits) -> None:
        self.names: dict[str, int] = {}
        self.rows = 0
        self.rejects = Rejects(folder)
        self._folder, self._limits = folder, limits
        self._parts: list[tuple[Path, int]] = []
        self._held: list[tuple[int, Mapping[str, str | None]]] = []
        self._size = 0

    def add(self, line: int, cells: Mapping[str, str | None]) -> str:
        """Take one record.

        Args:
            line: Where it starts in the file.
            cells: Text by column name; a name that is new becomes a column.

        Returns:
            Why it is no row, a phrase for a person; "" when it was taken.
        """
        if len(cells) > self._limits.max_columns:
            return f"has {len(cells):,} values; at most {self._limits.max_columns:,} columns are read"
        size = sum(map(len, filter(None, cells.values())))
        if size > self._limits.max_cell_kb << 10 and self._has_long(cells):
            return "a cell is longer than allowed"
        if not cells.keys() <= self.names.keys():
            fresh = [name for name in cells if name not in self.names]
            known = len(self.names)
            if known + len(fresh) > self._limits.max_columns:
                return f"has columns beyond the {self._limits.max_columns:,} that are read"
            self.names.update((name, place) for place, name in enumerate(fresh, known))
        self._held.append((line, cells))
        self._size += size
        if len(self._held) >= _ROWS or self._size > _CHARACTERS:
            self._write()
        return ""

    def _has_long(self, cells: Mapping[str, str | None]) -> bool:
        longest = self._limits.max_cell_kb << 10
        return any(value is not None and len(value) > longest for value in cells.values())

    def _write(self) -> None:
        """Write what is held as a part of its own."""
        count = len(self._held)
        if not count:
            return
        self.rows += count
        if self.rows * max(1, len(self.names)) > self._limits.max_cells_m * 1_000_000:
            raise LimitError(
                f"The table has more than {self._limits.max_cells_m:,} million cells.",
                "Keep the columns and period you need.",
            )
        columns: dict[str, list[str | None]] = {}
        for place, (_, cells) in enumerate(self._held):
            for name, value in cells.items():
                if value:
                    column = columns.get(name)
                    if column is None:
                        column = columns[name] = [None] * count
                    column[place] = value
        arrays = [pa.array(column, pa.string()) for column in columns.values()]
        arrays.append(pa.array([line for line, _ in self._held], pa.int64()))
        names = [f"c{self.names[name] + 1}" for name in columns]
        path = self._folder / f"part{len(self._parts)}.parquet"
        pq.write_table(pa.Table.from_arrays(arrays, names=[*names, LINE]), path, compression="snappy")
        self._parts.append((path, count))
        self._held, self._size = [], 0

    def finish(self) -> None:
        """Put the parts together; columns are in the order in which they turned up."""
        self._write()
        self.rejects.close()
        names = [f"c{i}" for i in range(1, len(self.names) + 1)]
        schema = pa.schema([*((name, pa.string()) for name in names), (LINE, pa.int64())])
        with pq.ParquetWriter(self._folder / RAW, schema, compression="snappy") as writer:
            for path, count in self._parts:
                part = pq.read_table(path)
                has = set(part.column_names)
                empty = pa.nulls(count, pa.string())
                columns = [part.column(name) if name in has else empty for name in names]
                writer.write_table(pa.Table.from_arrays([*columns, part.column(LINE)], schema=schema))
                path.unlink()

    def found(self, total: int, blank: int = 0) -> tuple[RawTable, list[str]]:
        """The finished table, and notes on names that were mended.

        Args:
            total: All records of the file.
            blank: Those that hold nothing.
        """
        headers, renamed = column_names.unique(list(self.names))
        accounting = Accounting(
            total=total, accepted=self.rows, rejected=self.rejects.count, preamble=0, blank=blank, header=0
        )
        head = Head(headers, 0, 0, (), ())
        return RawTable(head, accounting, tuple(self.rejects.shown), ()), renamed
