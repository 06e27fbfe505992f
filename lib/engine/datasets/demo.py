"""The demo company: its files, taken in like anybody's, and the answers of its finished example workbook."""

from __future__ import annotations

import hashlib
import json
import threading
import tomllib
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from lib.engine.datasets.dataset import Dataset
from lib.engine.datasets.reader import holder
from lib.errors import UserError
from lib.framework import slots

FOLDER = Path(__file__).resolve().parents[3] / "data" / "demo"
FILES = {
    slots.EVENTS: "events.csv.gz",
    slots.METRICS: "metrics.csv",
    slots.SPEND: "spend.csv",
    slots.CUSTOMERS: "customers.csv",
    slots.SURVEY: "survey.csv",
    slots.DEALS: "deals.csv",
    slots.EXPERIMENT: "experiment_onboarding.csv",
    "experiment-2": "experiment_headline.csv",
}
NAME = "Larkmere (finished example)"
_NOTE = "demo.json"  # in WORKBOOK_HOME: which datasets the shipped files became
_lock = threading.Lock()


def files() -> dict[str, Path]:
    """Slot -> file that is shipped with the product."""
    return {slot: FOLDER / name for slot, name in FILES.items()}


def install(home: Path) -> dict[str, Dataset]:
    """Take every demo file in, once: what was taken in before is opened, not read again. Safe to call at once twice.

    Args:
        home: Where datasets are kept.

    Returns:
        Slot -> dataset.

    Raises:
        FileError: A shipped file is missing or was changed so that it cannot be read.
    """
    with _lock:
        known = _installed(home)
        if known:
            return known
        # Each file is read in a process of its own, so a few at once take little longer than one.
        with ThreadPoolExecutor(max_workers=4) as pool:
            made = dict(pool.map(lambda item: (item[0], _take_in(item[0], item[1], home)), files().items()))
        note = {"files": _digest(), "datasets": {slot: data.fingerprint for slot, data in made.items()}}
        staging = home / f"{_NOTE}.{uuid.uuid4().hex}"
        staging.write_text(json.dumps(note), encoding="utf-8")
        staging.replace(home / _NOTE)
        return made


def _installed(home: Path) -> dict[str, Dataset]:
    """The datasets of an earlier installation of these very files, {} when there is none or one of them is gone."""
    from lib.engine.datasets import library

    try:
        note = json.loads((home / _NOTE).read_text(encoding="utf-8"))
        if note["files"] != _digest():
            return {}
        made = dict(note["datasets"])
        shipped = holder(made.values())  # everybody has these files
        return {slot: library.open_dataset(home, found, shipped) for slot, found in made.items()}
    except (OSError, ValueError, KeyError, UserError):
        return {}


def _digest() -> str:
    """Digest of all shipped files and of the code that reads them."""
    code = sorted((Path(__file__).resolve().parents[1] / "intake").rglob("*.py"))
    whole = hashlib.sha256()
    for path in [*files().values(), *code]:
        whole.update(path.read_bytes())
    return whole.hexdigest()


def _take_in(slot: str, path: Path, home: Path) -> Dataset:
    from lib.engine import intake
    from lib.engine.contracts import recognition

    reading = intake.read(path)
    kind = slots.kind(slot)  # experiment-2 is a second experiment; metrics_long is metrics
    proposal = next(p for p in recognition.recognise(reading) if p.contract.split("_")[0] == kind)
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
