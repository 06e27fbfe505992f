"""The columns of a Parquet file as text: structs become dotted names, lists of keys and values a column a key."""

from __future__ import annotations

from dataclasses import dataclass, field

import duckdb
import pyarrow as pa

from lib.engine.query import literal, quote

_DEEPEST = 16  # structs in structs
_TYPED = ("string_value", "int_value", "float_value", "double_value", "bool_value", "set_timestamp_micros")
_INDEX = "__index_level_"  # how pandas calls an index without a name


@dataclass
class Leaves:
    """What is read of a file.

    Attributes:
        columns: (header, SQL of its text) in file order.
        refused: Columns of bytes, which are left out.
        lists: Columns that hold lists, kept as text.
        keyed: Columns of keys and values, which became a column a key.
        numbered: Whether row numbers that pandas wrote were left out.
    """

    columns: list[tuple[str, str]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    lists: list[str] = field(default_factory=list)
    keyed: list[str] = field(default_factory=list)
    numbered: bool = False

    def notes(self) -> list[str]:
        """What a person should know, full sentences."""
        found = [f"Column “{name}” holds bytes and was left out." for name in self.refused]
        found += [f"Column “{name}” holds lists, which are kept as text." for name in self.lists]
        found += [f"Column “{name}” holds keys and values: each key is a column here." for name in self.keyed]
        if self.numbered:
            found.append("The row numbers that pandas added were left out.")
        return found


def find(schema: pa.Schema, con: duckdb.DuckDBPyConnection, table: str, most: int) -> Leaves:
    """All columns of a file.

    Columns are taken by their place: two may have one name, or names that differ in capitals only.

    Args:
        schema: The file's.
        con: A connection that can read `table`.
        table: SQL of the file with its columns named p1, p2, ...
        most: Keys of one column that become columns; with more the whole is kept as text.
    """
    found = Leaves()
    finder = _Finder(found, con, table, most)
    for place, item in enumerate(schema, 1):
        if item.name.startswith(_INDEX) and pa.types.is_integer(item.type):
            found.numbered = True
        else:
            name = "index" if item.name.startswith(_INDEX) else item.name
            finder.add(name, f"p{place}", item.type, 0)
    return found


@dataclass
class _Finder:
    found: Leaves
    con: duckdb.DuckDBPyConnection
    table: str
    most: int

    def add(self, name: str, sql: str, kind: pa.DataType, depth: int) -> None:
        """A column, or the columns inside it."""
        if pa.types.is_dictionary(kind):
            kind = kind.value_type
        if _is_bytes(kind) and self._holds_bytes(sql):
            self.found.refused.append(name)
        elif pa.types.is_struct(kind) and depth < _DEEPEST:
            for inner in kind:
                self.add(f"{name}.{inner.name}", f"{sql}.{quote(inner.name)}", inner.type, depth + 1)
        elif pa.types.is_nested(kind):
            self._nested(name, sql, kind)
        else:
            self.found.columns.append((name, f"CAST({sql} AS VARCHAR)"))

    def _holds_bytes(self, sql: str) -> bool:
        """Whether the engine reads bytes: intervals and identifiers are written as bytes of a fixed length too."""
        row = self.con.execute(f"SELECT typeof({sql}) FROM {self.table} LIMIT 1").fetchone()
        return row is None or row[0] == "BLOB"

    def _nested(self, name: str, sql: str, kind: pa.DataType) -> None:
        pair = _pair(kind)
        keys = self._keys(sql, kind) if pair else None
        if pair is None or keys is None:
            self.found.lists.append(name)
            text = f"CAST(to_json({sql}) AS VARCHAR)"
            self.found.columns.append((name, f"CASE WHEN {text} NOT IN ('[]', '{{}}') THEN {text} END"))
            return
        self.found.keyed.append(name)
        for key in keys:
            if pa.types.is_map(kind):
                value = f"{sql}[{literal(key)}]"
            else:
                value = f"list_filter({sql}, lambda x: x.key = {literal(key)})[1].value"
            self.found.columns.append((f"{name}.{key}", _value(value, pair)))

    def _keys(self, sql: str, kind: pa.DataType) -> list[str] | None:
        """The keys of all rows, in order of their first letters; None where they are too many, or one is twice in a row."""
        keys = f"map_keys({sql})" if pa.types.is_map(kind) else f"list_transform({sql}, lambda x: x.key)"
        row = self.con.execute(
            f"SELECT bool_or(len(keys) > len(list_distinct(keys))) FROM (SELECT {keys} AS keys FROM {self.table})"
        ).fetchone()
        found = self.con.execute(
            f"SELECT DISTINCT unnest({keys}) AS key FROM {self.table} ORDER BY key LIMIT {self.most + 1}"
        ).fetchall()
        if (row and row[0]) or len(found) > self.most or any(key is None for (key,) in found):
            return None
        return [str(key) for (key,) in found]


def _is_bytes(kind: pa.DataType) -> bool:
    return pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind)


def _pair(kind: pa.DataType) -> pa.DataType | None:
    """The type of the values of a column of keys and values; None for any other."""
    if pa.types.is_map(kind):
        return kind.item_type if pa.types.is_string(kind.key_type) else None
    if not (pa.types.is_list(kind) or pa.types.is_large_list(kind)):
        return None
    item = kind.value_type
    if not pa.types.is_struct(item) or {inner.name for inner in item} != {"key", "value"}:
        return None
    is_text = pa.types.is_string(item.field("key").type) or pa.types.is_large_string(item.field("key").type)
    return item.field("value").type if is_text else None


def _value(sql: str, kind: pa.DataType) -> str:
    """SQL for a value as text; where its kind is told by the name it stands under, as GA4 has it, whichever is there."""
    if pa.types.is_struct(kind) and all(inner.name in _TYPED for inner in kind) and len(kind):
        names = [name for name in _TYPED if name in {inner.name for inner in kind}]
        return f"coalesce({', '.join(f'CAST({sql}.{name} AS VARCHAR)' for name in names)})"
    if pa.types.is_nested(kind):
        return f"CAST(to_json({sql}) AS VARCHAR)"
    return f"CAST({sql} AS VARCHAR)"
