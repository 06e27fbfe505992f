"""What commands that read a file have in common."""

from __future__ import annotations

import argparse
import atexit
import contextlib
import os
import shutil
import sys
import tempfile
from pathlib import Path

from lib.engine import intake
from lib.engine.calendar import Calendar
from lib.engine.contracts import meaning, paying, recognition
from lib.engine.datasets import combination
from lib.engine.datasets.dataset import Dataset
from lib.engine.datasets.parts import RULES
from lib.engine.intake import Reading
from lib.engine.intake.values import time_zones
from lib.errors import FileError, MappingError

_OPTIONS = {
    "dates": ("dmy", "mdy"),
    "decimal": ("point", "comma"),
    meaning.ANSWER: meaning.ADDINGS,
    paying.ANSWER: (paying.BY_RULE, paying.ALL),
    "swapped": ("swapped", "right"),
    "unit": ("hundredths", "whole"),
}


def pairs(text: str, what: str) -> dict[str, str]:
    r"""`a=b,c=d` as a dictionary; a comma inside a value is written `\\,`.

    Raises:
        MappingError: A part has no "=".

    >>> pairs("user_id=Customer ID,event==purchase", "--columns")
    {'user_id': 'Customer ID', 'event': '=purchase'}
    """
    found: dict[str, str] = {}
    for part in text.replace("\\,", "\0").split(","):
        if not part.strip():
            continue
        name, sign, value = part.replace("\0", ",").partition("=")
        if not sign or not name.strip():
            raise MappingError(
                f"“{part.strip()}” in {what} has no “=”.", f"Write {what} name=value,name=value."
            )
        found[name.strip()] = value.strip()
    return found


def add_file_arguments(parser: argparse.ArgumentParser, *, several: bool = True) -> None:
    """FILE, --add and --overlap where several files of a kind make sense, --columns, --sheet, --answers and more."""
    parser.add_argument(
        "file", metavar="FILE", help="CSV, TSV, aligned text, XLSX or Parquet; also .gz or .zip; - for a pipe"
    )
    if several:
        parser.add_argument(
            "--add",
            action="append",
            default=[],
            metavar="FILE",
            help="a further file of the kind (another month, another team), once for each",
        )
        parser.add_argument(
            "--overlap",
            choices=RULES,
            default=None,
            help="what counts where two files have the same row; the file named later by default",
        )
    parser.add_argument(
        "--columns",
        default="",
        metavar="user_id=HEADER,...",
        help="canonical column = header in the file; event==purchase gives every row the same value",
    )
    parser.add_argument("--sheet", default=None, help="sheet of a workbook, or file in an archive")
    parser.add_argument(
        "--answers",
        default="",
        metavar="dates=dmy,...",
        help="dates=dmy|mdy, decimal=point|comma, swapped=swapped|right, unit=hundredths|whole where the file leaves it open; "
        "counted:METRIC=sum|mean|level|running|never; paying=all where everybody in a customers file pays",
    )
    parser.add_argument(
        "--time-zone",
        default="",
        help="zone of times that do not say theirs, such as Europe/Berlin; UTC by default",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def read(args: argparse.Namespace) -> Reading:
    """Read the FILE of a command; what comes through a pipe is kept on disk while the command runs.

    Raises:
        FileError: It is a folder, or may not be read.
    """
    path, name = _source(args.file)
    reading = intake.read(path, name=name, sheet=args.sheet)
    if args.sheet and reading.sheet != args.sheet:
        there = ", ".join(f"“{sheet.name}”" for sheet in reading.sheets)
        raise MappingError(
            f"{name} has no sheet or file called “{args.sheet}”.",
            f"Choose one of: {there}." if there else "Leave --sheet out.",
        )
    return reading


def _source(file: str) -> tuple[Path, str]:
    """Where a file is read from, and what it is called."""
    path, name = Path(file), _shown(Path(file).name)
    if path.is_dir():
        raise FileError(f"{name or 'That'} is a folder, not a file.", "Name one file in it.")
    if file == "-" or (path.exists() and not path.is_file()):
        return _piped(file), "standard input" if file == "-" else name
    if path.is_file() and not os.access(path, os.R_OK):
        raise FileError(f"{name} may not be read by you.", "Ask its owner for the right to read it.")
    return path, name


def _shown(name: str) -> str:
    """A file's name as text; bytes in it that are none become a question mark."""
    return os.fsencode(name).decode("utf-8", "replace")


def _piped(name: str) -> Path:
    """A copy of what comes through standard input (`-`) or another pipe, removed at the end."""
    if name == "-" and sys.stdin.isatty():
        raise FileError(
            "Nothing comes through standard input.", "Name a file, or send one: cat FILE | python -m lib ..."
        )
    target = _folder() / "piped"
    with contextlib.ExitStack() as open_files:
        source = sys.stdin.buffer if name == "-" else open_files.enter_context(Path(name).open("rb"))
        shutil.copyfileobj(source, open_files.enter_context(target.open("wb")), 1 << 20)
    return target


def _folder() -> Path:
    """A folder for the time the command runs."""
    made = Path(tempfile.mkdtemp(prefix="workbook-cli-"))
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return made


def answers(args: argparse.Namespace) -> dict[str, str]:
    """What --answers and --time-zone say.

    Raises:
        MappingError: An answer to nothing that is ever asked, or one that is no option of its question.
        DataError: No time zone has that name.
    """
    options = {**_OPTIONS, **{letters: tuple(places) for letters, places in time_zones.SEVERAL.items()}}
    found = pairs(args.answers, "--answers")
    for name, value in found.items():
        allowed = options.get(name.partition(":")[0])
        if allowed is None and name != "time_zone":
            raise MappingError(
                f"No file leaves a question called “{name}” open.", f"Use {', '.join(_OPTIONS)} or time_zone."
            )
        if allowed and value not in allowed:
            raise MappingError(f"“{value}” does not answer {name}.", f"Write {' or '.join(allowed)}.")
    found |= {"time_zone": args.time_zone} if args.time_zone else {}
    if "time_zone" in found:
        Calendar(found["time_zone"])  # a name that no zone has is refused before the file is read
    return found


def load(args: argparse.Namespace, contract: str) -> Dataset:
    """Read FILE, and the files of --add with it, as a dataset of a contract that is kept while the command runs.

    Args:
        args: With the attributes of `add_file_arguments`.
        contract: Id or slot, e.g. events.

    Raises:
        UserError: A file or the mapping cannot be used.
    """
    home = _folder()
    dataset = _load_one(args, contract, home)
    for path in getattr(args, "add", ()):
        further = _load_one(argparse.Namespace(**{**vars(args), "file": path}), contract, home)
        dataset = combination.add(home, dataset, further, rule=args.overlap)
    # Told once the command has worked; a mistake is one line of its own.
    args.notices = list(dict.fromkeys((*getattr(args, "notices", ()), *dataset.remarks)))
    return dataset


def _load_one(args: argparse.Namespace, contract: str, home: Path) -> Dataset:
    """One file as a dataset."""
    settled, given = answers(args), pairs(args.columns, "--columns")
    reading = read(args)
    proposal = recognition.propose(reading, contract)
    mapping = _merged(dict(proposal.mapping), given)
    return intake.accept(reading, contract, mapping, answers=settled, home=home)


def _merged(proposed: dict[str, str], given: dict[str, str]) -> dict[str, str]:
    """What was proposed, save where something else was said; a header is not used twice by accident."""
    taken = set(given.values())
    return {name: source for name, source in proposed.items() if source not in taken} | given
