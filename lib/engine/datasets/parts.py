"""What a dataset is made of: one file, or several files of a kind that were put together."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal, get_args

from lib.engine.datasets.dataset import Dataset
from lib.engine.datasets.library import MANIFEST

Rule = Literal["later", "earlier", "both", "apart"]
RULES: Final[tuple[Rule, ...]] = get_args(Rule)
RULE_WORDS: Final = MappingProxyType(
    {
        "later": "the newer file counts",
        "earlier": "the older file counts",
        "both": "both count",
        "apart": "both stay, the newer one under its file's name",
    }
)
"""What happens to rows that two files have; `apart` is for metrics only."""


@dataclass(frozen=True)
class FilePart:
    """One file of a dataset.

    Attributes:
        fingerprint: Of the file's own dataset, which stays as it is.
        name: The file's name.
        rows: Rows of its clean table.
        rule: What counts where this file and an earlier one have the same row; "" for the first file.
        copies: Rows that an earlier file has too, cell by cell, and that count once.
        differing: Rows with the key of a row in an earlier file but other values, of which one counts.
        renamed: Metrics that an earlier file has too: (name in the file, name in use).
    """

    fingerprint: str
    name: str
    rows: int
    rule: str = ""
    copies: int = 0
    differing: int = 0
    renamed: tuple[tuple[str, str], ...] = ()

    @property
    def left_out(self) -> int:
        """Rows that two files have and that count once."""
        return self.copies + self.differing

    @property
    def text(self) -> str:
        """What a person is told of its overlap with earlier files, full sentences; "" where there is none."""
        said = []
        if self.copies:
            one = self.copies == 1
            said.append(
                f"{self.copies:,} row{'' if one else 's'} of {self.name} {'is' if one else 'are'} in an earlier file "
                f"too and count{'s' if one else ''} once."
            )
        if self.differing:
            one = self.differing == 1
            said.append(
                f"{self.differing:,} row{'' if one else 's'} of {self.name} differ{'s' if one else ''} from an earlier "
                f"file: {RULE_WORDS[self.rule]}."
            )
        said += [
            f"“{old}” of {self.name} is called “{new}”, because an earlier file has it too."
            for old, new in self.renamed
        ]
        return " ".join(said)


def parts_of(dataset: Dataset) -> tuple[FilePart, ...]:
    """The files of a dataset in the order they were added; () for a dataset of one file.

    Args:
        dataset: Somebody has it open already.
    """
    return parts_of_folder(dataset.folder)


def parts_of_folder(folder: Path) -> tuple[FilePart, ...]:
    """The files of the dataset that a folder holds; () for a dataset of one file, or where it is gone."""
    return tuple(
        FilePart(**{**part, "renamed": tuple((old, new) for old, new in part["renamed"])})
        for part in details_of(folder).get("parts", ())
    )


def details_of(folder: Path) -> dict[str, Any]:
    """How the table of a folder came about; {} where that cannot be read."""
    try:
        return json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["details"]
    except (OSError, ValueError, KeyError):
        return {}


def joint_name(names: list[str]) -> str:
    """What a dataset of several files is called.

    >>> joint_name(["jan.csv", "feb.csv"]), joint_name(["a.csv", "b.csv", "c.csv", "d.csv", "e.csv"])
    ('jan.csv + feb.csv', 'a.csv + b.csv + 3 more files')
    """
    shown, rest = (names, 0) if len(names) <= 3 else (names[:2], len(names) - 2)
    return " + ".join([*shown, *([f"{rest} more files"] if rest else [])])
