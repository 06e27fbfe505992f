"""The shelf of datasets: one folder each under WORKBOOK_HOME/datasets, named by fingerprint, written once."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from types import MappingProxyType
from typing import Any

from lib.engine.datasets.dataset import CLEAN, Accounting, CellCount, Check, CleanColumn, Dataset
from lib.errors import NotFoundError

MANIFEST = "manifest.json"


def root(home: Path) -> Path:
    """The folder that holds all datasets."""
    return home / "datasets"


def folder(home: Path, fingerprint: str) -> Path:
    """The folder of one dataset, whether it exists or not.

    Raises:
        NotFoundError: The fingerprint is not one.
    """
    if len(fingerprint) != 64 or not set(fingerprint) <= set("0123456789abcdef"):
        raise NotFoundError("The dataset is not on this machine.", "Upload the file again.")
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


def manifest(home: Path, fingerprint: str) -> dict[str, Any]:
    """Everything known about a dataset, as plain data.

    Raises:
        NotFoundError: It is not there, or its folder is damaged.
    """
    place = folder(home, fingerprint)
    try:
        whole = json.loads((place / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise NotFoundError("The dataset is not on this machine.", "Upload the file again.") from error
    if not (place / CLEAN).is_file():
        raise NotFoundError("The dataset's table is gone.", "Upload the file again.")
    return whole


def open_dataset(home: Path, fingerprint: str) -> Dataset:
    """A dataset by its fingerprint.

    Args:
        home: Folder of runtime files.
        fingerprint: Hex SHA-256.

    Raises:
        NotFoundError: It is not there.
    """
    whole = manifest(home, fingerprint)
    return Dataset(
        fingerprint=whole["fingerprint"],
        name=whole["name"],
        contract=whole["contract"],
        rows=whole["rows"],
        columns=tuple(CleanColumn(**c) for c in whole["columns"]),
        folder=folder(home, fingerprint),
        accounting=Accounting(**whole["accounting"]),
        added_at=whole["added_at"],
        answers=MappingProxyType(dict(whole["details"].get("answers", {}))),
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


def delete_dataset(home: Path, fingerprint: str) -> None:
    """Remove a dataset and everything derived from it; nothing happens when it is not there."""
    shutil.rmtree(folder(home, fingerprint), ignore_errors=True)
