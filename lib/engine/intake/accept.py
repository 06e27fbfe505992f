"""Accept a reading as a dataset: the parent's side."""

from __future__ import annotations

import hashlib
import json
import shutil
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from lib.engine.contracts import contract_schema
from lib.engine.contracts.contract_schema import Contract
from lib.engine.datasets import library
from lib.engine.datasets.dataset import Accounting, CleanColumn, Dataset
from lib.engine.datasets.reader import holder
from lib.engine.intake import process, warnings
from lib.engine.intake.model import Limits, Progress, Reading
from lib.engine.query import now
from lib.framework import slots

VERSION = 4  # of the way files are taken in; part of the fingerprint


def fingerprint(
    reading: Reading, contract: str, mapping: Mapping[str, str], answers: Mapping[str, str]
) -> str:
    """Hex SHA-256 of everything that decides what the clean table holds."""
    whole = [
        VERSION,
        reading.sha256,
        reading.sheet,
        contract,
        sorted(mapping.items()),
        sorted(answers.items()),
    ]
    return hashlib.sha256(json.dumps(whole).encode()).hexdigest()


def accept(
    reading: Reading,
    contract: str,
    mapping: Mapping[str, str],
    *,
    answers: Mapping[str, str] | None = None,
    home: Path,
    progress: Progress | None = None,
    limits: Limits | None = None,
) -> Dataset:
    """Turn a reading into a dataset that fulfils a contract.

    Args:
        reading: From `read`.
        contract: Id or slot of the contract: events, metrics (or metrics_long, metrics_wide), customers...
        mapping: Canonical column -> header in the file, or "=value" for the same value in every row.
        answers: Question id (or its kind, `dates` or `decimal`) -> option; `time_zone` -> zone of times without
            one (UTC).
        home: Folder of runtime files.
        progress: Told how far it is; returning False stops the work and leaves nothing behind.
        limits: Caps; from the environment by default.

    Returns:
        The dataset. The same file, mapping and answers give the same dataset again.

    Raises:
        MappingError: A required column is missing, a header is not there, or a question is open.
    """
    mapping = {name: source for name, source in mapping.items() if source}
    answers = dict(answers or {})
    agreed = contract_schema.choose(contract, mapping)
    contract_schema.check_mapping(agreed, reading.headers, mapping)
    name = fingerprint(reading, agreed.id, mapping, answers)
    existing = library.folder(home, name)
    if library.is_here(home, name):
        return library.open_dataset(home, name, holder([name]))
    staging = library.root(home) / f".{uuid.uuid4().hex}"
    staging.mkdir(parents=True)
    try:
        done = process.run(
            "accept",
            _task(reading, agreed, mapping, answers, staging),
            limits or Limits.from_environment(),
            progress,
        )
        dataset = _dataset(reading, agreed, name, existing, done)
        shutil.copyfile(reading.path, staging / f"original{''.join(Path(reading.name).suffixes[-2:])[:12]}")
        shutil.rmtree(staging / "spill", ignore_errors=True)
        library.write_manifest(staging, dataset, _details(reading, agreed, mapping, answers, done))
        library.publish(staging, existing)
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise
    return library.open_dataset(home, name, holder([name]))


def _task(
    reading: Reading, agreed: Contract, mapping: Mapping[str, str], answers: Mapping[str, str], staging: Path
) -> dict[str, Any]:
    """What the worker is told."""
    return {
        "folder_read": str(reading.folder),
        "columns": [asdict(c) for c in reading.columns],
        "folder": str(staging),
        "contract": [asdict(c) for c in agreed.columns],
        "mapping": mapping,
        "answers": answers,
        "open": [question.column for question in reading.questions],
        "comma_likely": reading.has_commas,
        "slot": agreed.slot,
        "is_wide": agreed.id == slots.METRICS_WIDE,
    }


def _dataset(reading: Reading, agreed: Contract, name: str, folder: Path, done: Mapping[str, Any]) -> Dataset:
    """The dataset as the worker left it."""
    # The careful reader has the last word, should it have taken over while the rows were written.
    read = Accounting(**done["read"]) if done.get("read") else reading.accounting
    rejected = read.rejected + done["rejected"]
    return Dataset(
        fingerprint=name,
        name=reading.name,
        contract=agreed.slot,
        rows=done["rows"],
        columns=tuple(CleanColumn(**c) for c in done["columns"]),
        folder=folder,
        accounting=replace(read, accepted=done["accepted"], rejected=rejected),
        added_at=now(),
    )


def _details(
    reading: Reading,
    agreed: Contract,
    mapping: Mapping[str, str],
    answers: Mapping[str, str],
    done: Mapping[str, Any],
) -> dict[str, Any]:
    """How the file was read and mapped, kept beside the dataset."""
    return {
        "contract_id": agreed.id,
        "mapping": mapping,
        "answers": answers,
        "sha256": reading.sha256,
        "sheet": reading.sheet,
        "encoding": reading.encoding,
        "delimiter": reading.delimiter,
        "format": reading.format,
        "notes": [*_still_true(reading.notes, done), *done["notes"]],
        "cells": done["cells"],
        "checks": done["checks"],
    }


def _still_true(notes: Sequence[str], done: Mapping[str, Any]) -> list[str]:
    """What was said when the file was read, without what the taking in has settled: copies of rows."""
    return [note for note in notes if not (done.get("copies_told") and note.endswith(warnings.AS_THEY_STAND))]
