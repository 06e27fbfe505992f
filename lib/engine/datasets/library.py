"""The shelf of datasets: one folder each under WORKBOOK_HOME/datasets, named by fingerprint, written once."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from lib.engine.datasets.dataset import CLEAN, Accounting, CellCount, Check, CleanColumn, Dataset
from lib.engine.datasets.reader import OWNER_OF_ALL, Reader
from lib.errors import NotFoundError

MANIFEST = "manifest.json"
REPLACED = (
    "replaced_by"  # in the folder of a dataset that somebody was erased from: the name of the one since
)


def root(home: Path) -> Path:
    """The folder that holds all datasets."""
    return home / "datasets"


def folder(home: Path, fingerprint: str) -> Path:
    """The folder of one dataset, whether it exists or not.

    Raises:
        NotFoundError: The fingerprint is not one.
    """
    if len(fingerprint) != 64 or not set(fingerprint) <= set("0123456789abcdef"):
        raise _absent()
    return root(home) / fingerprint


def write_manifest(into: Path, dataset: Dataset, details: Mapping[str, Any]) -> None:
    """Write a dataset's manifest."""
    whole = {
        "fingerprint": dataset.fingerprint,
        "name": dataset.name,
        "contract": dataset.contract,
        "rows": dataset.rows,
        "columns": [asdict(c) for c in dataset.columns],
        "accounting": asdict(dataset.accounting),
        "added_at": dataset.added_at,
        "details": dict(details),
    }
    (into / MANIFEST).write_text(json.dumps(whole, indent=1, ensure_ascii=False), encoding="utf-8")


def publish(staging: Path, target: Path) -> None:
    """Put a finished folder in its place, at once or not at all."""
    try:
        os.rename(staging, target)
    except OSError:  # somebody else published the same bytes a moment ago
        if not (target / MANIFEST).is_file():
            raise
        shutil.rmtree(staging, ignore_errors=True)


def details(dataset: Dataset) -> dict[str, Any]:
    """How a dataset that somebody has open was taken in: answers, notes, cells that were not read.

    Raises:
        NotFoundError: Its folder was erased or is damaged.
    """
    return _manifest(dataset.folder)["details"]


def open_dataset(home: Path, fingerprint: str, reader: Reader) -> Dataset:
    """A dataset by its fingerprint, for somebody who may open it.

    Args:
        home: Folder of runtime files.
        fingerprint: Hex SHA-256.
        reader: Whose right is asked. A dataset that they may not open is told as one that is not there.

    Raises:
        NotFoundError: It is not there, or not theirs.
    """
    place = folder(home, fingerprint)
    if not reader.may_open(fingerprint):
        raise _absent()
    whole = _manifest(_current(place))
    return Dataset(
        fingerprint=whole["fingerprint"],
        name=whole["name"],
        contract=whole["contract"],
        rows=whole["rows"],
        columns=tuple(CleanColumn(**c) for c in whole["columns"]),
        folder=folder(home, whole["fingerprint"]),
        accounting=Accounting(**whole["accounting"]),
        added_at=whole["added_at"],
        answers=dict(whole["details"].get("answers", {})),
        cells=_cells(whole),
        checks=tuple(
            Check(**{**c, "columns": tuple(c["columns"])}) for c in whole["details"].get("checks", ())
        ),
        notes=tuple(whole["details"].get("notes", ())),
    )


def _cells(whole: Mapping[str, Any]) -> tuple[CellCount, ...]:
    """Where the cells went; a dataset from before they were counted names the unreadable ones only."""
    details = whole["details"]
    if "cells" in details:
        return tuple(
            CellCount(**{**c, "examples": tuple((line, text) for line, text in c["examples"])})
            for c in details["cells"]
        )
    missing = {c["name"]: c["missing"] for c in whole["columns"]}
    return tuple(
        CellCount(
            c["column"],
            c["header"],
            whole["rows"] - missing.get(c["column"], 0),
            missing.get(c["column"], 0) - c["count"],
            c["count"],
            "cannot be read",
            tuple((line, text) for line, text in c["examples"]),
        )
        for c in details.get("cell_rejects", ())
    )


def replace_dataset(home: Path, old: str, new: str) -> None:
    """Let a name stand for another dataset from now on, and erase what it stood for.

    Args:
        home: Folder of runtime files.
        old: What workbooks name; their answers stay as they are.
        new: A dataset that was made from it.

    Raises:
        OSError: Something of the old one could not be removed; `finish_replacing` tries again.
    """
    note = root(home) / f".{old}.{REPLACED}"
    note.write_text(new, encoding="utf-8")
    os.replace(note, folder(home, old) / REPLACED)  # from here on the new one is opened
    finish_replacing(home)


def finish_replacing(home: Path) -> None:
    """Erase what is left of datasets that others stand for, should an earlier attempt have been cut off."""
    for marker in root(home).glob(f"*/{REPLACED}"):
        for path in marker.parent.iterdir():
            if path != marker:
                _erase(path)


def names_of(home: Path, fingerprint: str) -> set[str]:
    """Every name under which the same dataset is opened, itself among them.

    Raises:
        NotFoundError: The fingerprint is not one.
    """
    last = _current(folder(home, fingerprint))
    markers = root(home).glob(f"*/{REPLACED}")
    return {fingerprint, last.name, *(m.parent.name for m in markers if _current(m.parent) == last)}


def is_here(home: Path, fingerprint: str) -> bool:
    """Whether a dataset of this fingerprint is kept, be it in place of an earlier one."""
    return (_current(folder(home, fingerprint)) / MANIFEST).is_file()


def _current(place: Path) -> Path:
    """The folder that stands for another one since somebody was erased from it, else the folder itself."""
    while True:
        try:
            place = place.parent / (place / REPLACED).read_text(encoding="utf-8")
        except OSError:
            return place


def _manifest(place: Path) -> dict[str, Any]:
    try:
        whole = json.loads((place / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _absent() from error
    if not (place / CLEAN).is_file():
        raise NotFoundError("The dataset's table is gone.", "Upload the file again.")
    return whole


def _absent() -> NotFoundError:
    return NotFoundError("The dataset is not on this machine.", "Upload the file again.")


def list_datasets(home: Path) -> list[Dataset]:
    """All datasets, newest first, for whoever runs the server; damaged folders are passed over."""
    found = []
    for place in root(home).glob("[0-9a-f]*"):
        with contextlib.suppress(NotFoundError, KeyError, TypeError, AssertionError):
            if not (place / REPLACED).is_file():
                found.append(open_dataset(home, place.name, OWNER_OF_ALL))
    return sorted(found, key=lambda d: (d.added_at, d.fingerprint), reverse=True)


def delete_dataset(home: Path, fingerprint: str) -> None:
    """Erase a dataset and everything derived from it; nothing happens when it is not there.

    Raises:
        OSError: Something of it could not be removed.
    """
    _erase(folder(home, fingerprint))


def _erase(path: Path) -> None:
    """Remove a file or a folder; what is not there is removed already, what stays is an error."""
    try:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    except FileNotFoundError:
        return
