"""What each uploadable table must hold, loaded from data/contracts."""

from __future__ import annotations

import csv
import io
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from lib.errors import MappingError
from lib.framework import slots

FOLDER = Path(__file__).resolve().parents[3] / "data" / "contracts"
TYPES = ("text", "integer", "number", "boolean", "date", "timestamp")


@dataclass(frozen=True)
class ContractColumn:
    """One column that a contract knows.

    Attributes:
        name: Canonical name.
        type: text | integer | number | boolean | date | timestamp.
        description: What it holds, for a person.
        required: Whether every row needs it.
        aliases: Other names in normal form (see `normal`), best first.
        patterns: Regular expressions for the normal form.
        examples: Values for the template.
        values: Allowed values as {"to", "pattern"}; the first pattern that fits the lower-case text wins.
        otherwise: Value where none fits; "" means the cell cannot be read.
        minimum, maximum: Range outside which a number cannot be right.
        is_gate: A row whose value is none of `values` is left out, with its reason; an empty one passes.
        repeats: It holds a few names again and again, so a column of different values in every row is not it.
    """

    name: str
    type: str
    description: str
    required: bool = False
    aliases: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    values: tuple[Mapping[str, str], ...] = ()
    otherwise: str = ""
    minimum: float | None = None
    maximum: float | None = None
    is_gate: bool = False
    repeats: bool = False


@dataclass(frozen=True)
class Recipe:
    """An export that people really have, recognised by its columns.

    Attributes:
        id: e.g. posthog_events.
        title: As a person calls it.
        requires: Headers that must all be there.
        mapping: Canonical column -> header, "a | b" for alternatives, or "=value".
        note: What to know about this export.
        without: Headers of which none may be there: they make it another table.
    """

    id: str
    title: str
    requires: tuple[str, ...]
    mapping: Mapping[str, str]
    note: str = ""
    without: tuple[str, ...] = ()


@dataclass(frozen=True)
class Contract:
    """One table a team can bring.

    Attributes:
        id: The file's name in data/contracts.
        slot: Where the dataset goes: events, metrics, customers, spend, experiment, survey, deals.
        title: For a person.
        description: What one row is and what it is good for.
        columns: In template order.
        recipes: Known exports.
    """

    id: str
    slot: str
    title: str
    description: str
    columns: tuple[ContractColumn, ...]
    recipes: tuple[Recipe, ...] = ()

    @property
    def required(self) -> tuple[str, ...]:
        """Canonical names every row needs."""
        return tuple(column.name for column in self.columns if column.required)

    def column(self, name: str) -> ContractColumn:
        """A column by its canonical name.

        Raises:
            MappingError: The contract does not know it.
        """
        for column in self.columns:
            if column.name == name:
                return column
        names = ", ".join(column.name for column in self.columns)
        raise MappingError(
            f"A table of {self.title.lower()} has no column called {name}.", f"Use one of: {names}."
        )


def normal(header: str) -> str:
    """A header in normal form: lower case words joined by "_".

    >>> normal("Customer ID"), normal("userId"), normal("Amount (USD)")
    ('customer_id', 'user_id', 'amount_usd')
    """
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", header.strip())
    return re.sub(r"[\W_]+", "_", name).strip("_").lower()


def _column(raw: Mapping[str, Any]) -> ContractColumn:
    lists: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in raw.items()}
    return ContractColumn(**lists)


@cache
def contracts() -> Mapping[str, Contract]:
    """All contracts by id, in the order a person is asked for them."""
    found = {}
    for path in FOLDER.glob("*.toml"):
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        recipes = tuple(
            Recipe(
                r["id"],
                r["title"],
                tuple(r["requires"]),
                MappingProxyType(dict(r["mapping"])),
                r.get("note", ""),
                tuple(r.get("without", ())),
            )
            for r in raw.get("sources", [])
        )
        columns = tuple(_column(c) for c in raw["columns"])
        found[path.stem] = (
            raw.get("order", 99),
            Contract(path.stem, raw["slot"], raw["title"], raw["description"], columns, recipes),
        )
    ordered = sorted(found.items(), key=lambda item: (item[1][0], item[0]))
    return MappingProxyType({name: contract for name, (_, contract) in ordered})


def choose(name: str, mapping: Mapping[str, str]) -> Contract:
    """A contract by id or slot; `metrics` is long when a value column is mapped, else wide.

    Raises:
        MappingError: There is no such contract.
    """
    known = contracts()
    slot = re.sub(r"-\d+$", "", name)
    if slot == slots.METRICS:
        return known[slots.METRICS_LONG if "value" in mapping else slots.METRICS_WIDE]
    if slot not in known:
        raise MappingError(f"There is no kind of table called {name}.", f"Use one of: {', '.join(known)}.")
    return known[slot]


def check_mapping(contract: Contract, headers: Sequence[str], mapping: Mapping[str, str]) -> None:
    """Refuse a mapping that cannot work on a file with these headers.

    Raises:
        MappingError: It names what is not there, or leaves out what is needed.
    """
    for name, source in mapping.items():
        contract.column(name)
        if not source.startswith("=") and source not in headers:
            shown = ", ".join(headers[:12]) + (" ..." if len(headers) > 12 else "")
            raise MappingError(f"The file has no column called “{source}”.", f"Choose one of: {shown}.")
    if contract.id == slots.METRICS_WIDE and {"date", "metric"} <= mapping.keys():
        raise MappingError(
            "A wide table has either dates or metric names down its rows, not both.", "Map only one of them."
        )
    if contract.id == slots.METRICS_WIDE and "metric" in mapping:
        return
    missing = [name for name in contract.required if mapping.get(name, "=") == "="]
    if missing:
        raise _lacking(contract, missing, headers)


def _lacking(contract: Contract, missing: Sequence[str], headers: Sequence[str]) -> MappingError:
    if list(missing) == ["metric"]:
        return MappingError(
            "Nothing says what this metric is called.", "Name it, for example metric==revenue for every row."
        )
    return MappingError(
        f"The table of {contract.title.lower()} has no column for {' and '.join(missing)}.",
        f"Say which column holds it, for example {missing[0]}={headers[0]}.",
    )


def template(contract: Contract) -> bytes:
    """A CSV with the contract's columns and example rows, to fill in."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([column.name for column in contract.columns])
    for index in range(max((len(column.examples) for column in contract.columns), default=0)):
        writer.writerow(
            [column.examples[index] if index < len(column.examples) else "" for column in contract.columns]
        )
    return out.getvalue().encode("utf-8")
