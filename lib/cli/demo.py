"""The demo company's files, to look at and to try things on."""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path
from typing import Any

from lib.engine.datasets import demo
from lib.errors import FileError
from lib.workbook.home import as_usual

NAME = "demo"
HELP = "write the demo company's files into a folder"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """--to FOLDER."""
    parser.add_argument(
        "--to", required=True, metavar="FOLDER", help="where the files go; made if it is not there"
    )


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Copy the files."""
    if not args.to.strip():
        raise FileError("--to names no folder.", "Write --to FOLDER; `--to .` is the one you are in.")
    folder = Path(args.to)
    rows = []
    try:
        with as_usual():
            folder.mkdir(parents=True, exist_ok=True)
            for slot, path in demo.files().items():
                shutil.copyfile(path, folder / path.name)
                rows.append({"slot": slot, "file": str(folder / path.name), "bytes": path.stat().st_size})
    except OSError as error:
        raise FileError(f"The folder {folder} cannot be written.", "Choose another folder.") from error
    return {"rows": rows}
