"""The demo company: its files, taken in like anybody's, and the answers of its finished example workbook."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from lib.engine.dataset import Dataset

FOLDER = Path(__file__).resolve().parents[2] / "data" / "demo"
FILES = {
    "events": "events.csv.gz",
    "metrics": "metrics.csv",
    "spend": "spend.csv",
    "customers": "customers.csv",
    "survey": "survey.csv",
    "deals": "deals.csv",
    "experiment": "experiment_onboarding.csv",
    "experiment-2": "experiment_headline.csv",
}
NAME = "Larkmere (finished example)"


def files() -> dict[str, Path]:
    """Slot -> file that is shipped with the product."""
    return {slot: FOLDER / name for slot, name in FILES.items()}


def install(home: Path) -> dict[str, Dataset]:
    """Take every demo file in (once: the same file gives the same dataset) and return them by slot.

    Args:
        home: Where datasets are kept.

    Raises:
        FileError: A shipped file is missing or was changed so that it cannot be read.
    """
    # Each file is read in a process of its own, so a few at once take little longer than one.
    with ThreadPoolExecutor(max_workers=4) as pool:
        return dict(pool.map(lambda item: (item[0], _take_in(*item, home)), files().items()))


def _take_in(slot: str, path: Path, home: Path) -> Dataset:
    from lib.engine import contracts, intake

    reading = intake.read(path)
    kind = slot.split("-")[0]  # experiment-2 is a second experiment; metrics_long is metrics
    proposal = next(p for p in contracts.recognise(reading) if p.contract.split("_")[0] == kind)
    return intake.accept(reading, proposal.contract, proposal.mapping, home=home)


def answers() -> Iterator[tuple[str, str, Any]]:
    """The finished example's answers: (author, workbook key, value), in the order they were given."""
    content = tomllib.loads((FOLDER / "example.toml").read_text(encoding="utf-8"))
    authors = content.pop("authors")
    for section, fields in content.items():
        author = authors.get(section, authors["default"])
        for name, value in fields.items():
            if isinstance(value, dict):
                yield from ((author, f"{section}/{name}/{field}", inner) for field, inner in value.items())
            else:
                yield (author, f"{section}/{name}", value)
