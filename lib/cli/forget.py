"""Erase one person from everything that is kept, on the word of whoever runs the server."""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path
from typing import Any

from lib.engine.datasets import forget
from lib.errors import DataError, NotFoundError
from lib.workbook import home as homes
from lib.workbook.mentions import mentions
from lib.workbook.store import open_store

NAME = "forget"
HELP = (
    "erase a person's rows from every original, table, layout and list of rejects, and report what was erased"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """--user-id and --home."""
    parser.add_argument(
        "--user-id", required=True, metavar="ID", help="the person's id or address, as the files have it"
    )
    parser.add_argument(
        "--home",
        default="",
        metavar="FOLDER",
        help="WORKBOOK_HOME of the installation; the usual one otherwise",
    )


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Erase, then report.

    Returns:
        rows: What was erased where; answers: typed answers that name the person and stay; left: what else stays.

    Raises:
        DataError: No id was given.
        NotFoundError: There is no such home.
    """
    person = args.user_id.strip()
    if not person:
        raise DataError("No id was given.", "Write --user-id with the person's id.")
    home = _home(args.home)
    rows = [
        {
            "where": item.dataset,
            "rows": item.rows,
            "rejected records": item.rejects,
            "original": "erased" if item.original else "",
            "dataset": "erased whole" if item.is_gone else "made again without them",
        }
        for item in forget.forget(home, person)
    ]
    rows += [
        {"where": f"{name} (not in use yet)", "original": "erased", "dataset": ""}
        for name in _uploads(home, person)
    ]
    answers = [
        {"workbook": name, "key": key, "times": n} for name, key, n in mentions(open_store(home), person)
    ]
    if not rows:
        sys.stderr.write("No dataset holds this id in a column that identifies people.\n")
    return {"rows": rows, "answers": answers, "left": " ".join(_left(bool(rows), bool(answers)))}


def _left(has_erased: bool, has_answers: bool) -> list[str]:
    """What a person has to know that this command cannot do."""
    said = []
    if has_erased:
        said.append("A server that is running keeps computed results in memory until it is started again.")
        said.append("A different file that holds this id brings it back when somebody uploads it.")
    if has_answers:
        said.append(
            "Typed answers stay in the workbooks' history; erase those workbooks, or their rooms, by hand."
        )
    said.append(
        "Free text in tables, exports that were downloaded and backups of the disk were not looked at."
    )
    return said


def _home(given: str) -> Path:
    if not given:
        return homes.home()
    home = Path(given).expanduser().resolve()
    if not home.is_dir():
        raise NotFoundError(f"There is no folder {given}.", "Check its name.")
    return home


def _uploads(home: Path, person: str) -> list[str]:
    """Erase files that were uploaded and are not in use yet: those that hold the id, or that cannot be searched."""
    gone = []
    for folder in sorted((home / "uploads").glob("*")):
        files = [path for path in folder.glob("file/*") if path.is_file()]
        if any(_may_hold(path, person) for path in files):
            shutil.rmtree(folder)
            gone += [path.name for path in files]
    return gone


def _may_hold(path: Path, person: str) -> bool:
    if path.suffix.lower() not in (".csv", ".tsv", ".txt"):
        return True
    content = path.read_bytes()
    return any(person.encode(code) in content for code in ("utf-8", "utf-16-le", "utf-16-be"))
