"""What commands that read a file have in common."""

from __future__ import annotations

import argparse
import atexit
import shutil
import tempfile
from pathlib import Path

from lib.engine import contracts, intake
from lib.engine.dataset import Dataset
from lib.engine.intake import Reading
from lib.errors import MappingError


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


def add_file_arguments(parser: argparse.ArgumentParser) -> None:
    """FILE, --columns, --sheet, --answers, --time-zone and --json."""
    parser.add_argument(
        "file", metavar="FILE", help="CSV, TSV, aligned text, XLSX or Parquet; also .gz or .zip"
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
        help="dates=dmy|mdy, decimal=point|comma where the file leaves it open",
    )
    parser.add_argument(
        "--time-zone",
        default="",
        help="zone of times that do not say theirs, such as Europe/Berlin; UTC by default",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def read(args: argparse.Namespace) -> Reading:
    """Read the FILE of a command."""
    return intake.read(args.file, sheet=args.sheet)


def answers(args: argparse.Namespace) -> dict[str, str]:
    """What --answers and --time-zone say."""
    found = pairs(args.answers, "--answers")
    return found | ({"time_zone": args.time_zone} if args.time_zone else {})


def load(args: argparse.Namespace, contract: str) -> Dataset:
    """Read FILE as a dataset of a contract, kept only while the command runs.

    Args:
        args: With the attributes of `add_file_arguments`.
        contract: Id or slot, e.g. events.

    Raises:
        UserError: The file or the mapping cannot be used.
    """
    reading = read(args)
    given = pairs(args.columns, "--columns")
    proposal = contracts.propose(reading, contract)
    mapping = _merged(dict(proposal.mapping), given)
    home = Path(tempfile.mkdtemp(prefix="workbook-cli-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    dataset = intake.accept(reading, contract, mapping, answers=answers(args), home=home)
    if dataset.accounting.rejected:
        n = dataset.accounting.rejected
        # Told once the command has worked; a mistake is one line of its own.
        args.notices = [
            *getattr(args, "notices", ()),
            f"{n:,} row{'s' if n > 1 else ''} of {dataset.name} cannot be used; `python -m lib profile` lists them.",
        ]
    return dataset


def _merged(proposed: dict[str, str], given: dict[str, str]) -> dict[str, str]:
    """What was proposed, save where something else was said; a header is not used twice by accident."""
    taken = set(given.values())
    return {name: source for name, source in proposed.items() if source not in taken} | given
