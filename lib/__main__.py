"""Headless twin of the workbook: `python -m lib COMMAND ...`."""

import argparse
import dataclasses
import datetime as dt
import importlib
import io
import json
import math
import os
import pkgutil
import sys
import traceback
from types import ModuleType
from typing import Any, NoReturn

from lib import cli
from lib.errors import DataError, UserError
from lib.workbook.home import keep_private

_SHARED = {"common"}  # modules of lib/cli that are not commands


def _modules() -> list[str]:
    return sorted(
        item.name
        for item in pkgutil.iter_modules(cli.__path__)
        if item.name not in _SHARED and item.name[0] != "_"
    )


def _load(name: str) -> ModuleType:
    return importlib.import_module(f"lib.cli.{name}")


def _commands(wanted: str) -> list[ModuleType]:
    """The module of the wanted command alone where its file is named after it, else all of them."""
    name = wanted.replace("-", "_")
    return [_load(name)] if name in _modules() else [_load(found) for found in _modules()]


class _Parser(argparse.ArgumentParser):
    """Tells a mistake in one line, as every other mistake is told."""

    def error(self, message: str) -> NoReturn:
        raise DataError(
            f"{message[:1].upper()}{message[1:]}.", f"`{self.prog} --help` lists what can be given."
        )


def _parser(modules: list[ModuleType]) -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m lib", description=__doc__)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for module in modules:
        command = commands.add_parser(module.NAME, help=module.HELP, description=module.HELP)
        module.add_arguments(command)
        if "--json" not in command._option_string_actions:
            command.add_argument("--json", action="store_true", help="print one JSON object")
        command.set_defaults(run=module.run)
    return parser


def _plain(value: Any) -> Any:
    """Anything an analysis may hand over, as JSON can carry it."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return _plain(dataclasses.asdict(value))
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    item = getattr(value, "item", None)  # a NumPy scalar
    if callable(item):
        return _plain(item())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if isinstance(value, str | int | bool | None) else str(value)


def _table(rows: list[dict[str, Any]]) -> str:
    columns = list(dict.fromkeys(key for row in rows for key in row))
    cells = [columns] + [[_cell(row.get(column)) for column in columns] for row in rows]
    widths = [max(len(line[i]) for line in cells) for i in range(len(columns))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in cells
    ]
    return "\n".join([lines[0], "  ".join("-" * width for width in widths), *lines[1:]])


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:,.4g}" if abs(value) < 1e6 else f"{value:,.0f}"
    return str(value) if not isinstance(value, dict | list) else json.dumps(value, ensure_ascii=False)


def _text(whole: dict[str, Any]) -> str:
    """A result for a person at a terminal: the verdict first, tables as tables."""
    verdict = whole.get("verdict")
    parts = [str(verdict.get("text", ""))] if isinstance(verdict, dict) else []
    parts += [_part(key, value) for key, value in whole.items() if key not in ("verdict", "evidence")]
    return "\n".join(part for part in parts if part) or "Nothing to list."


def _part(key: str, value: Any) -> str:
    """One field of a result: a list of records as a table under its name; "" for nothing."""
    if value in (None, [], {}):
        return ""
    if isinstance(value, list) and all(isinstance(item, dict) for item in value):
        return (f"{key}\n" if key != "rows" else "") + _table(value)
    return f"{key}: {_cell(value)}"


def _with_notes(result: Any, notices: list[str]) -> Any:
    """A command's result with what was noticed of its files, under `notes`; other notes of its own come first."""
    whole = dict(result) if isinstance(result, dict) else _plain(result)
    return {**whole, "notes": [*whole.get("notes", []), *notices]}


def main(argv: list[str]) -> int:
    """Run one command and print what it found.

    Args:
        argv: Arguments after the program's name.

    Returns:
        0 when it worked, 2 for a mistake of the user's.
    """
    try:
        args = _parser(_commands(argv[0] if argv else "")).parse_args(argv)
        result = args.run(args)
    except UserError as error:
        _complain(f"{error.problem} {error.remedy}")
        return 2
    notices = getattr(args, "notices", None)
    for notice in notices or ():
        print(notice, file=sys.stderr)
    if isinstance(result, str):
        _print(result)
    else:
        whole = _plain(result if notices is None or not args.json else _with_notes(result, notices))
        _print(json.dumps(whole, ensure_ascii=False, allow_nan=False) if args.json else _text(whole))
    return 0


def run_process(argv: list[str]) -> int:
    """`main` as a process: whatever happens ends in one line and an exit code, never in a traceback.

    Args:
        argv: Arguments after the program's name.

    Returns:
        0 when it worked, 2 for what the user can mend, 130 when they stopped it, 1 for the rest.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # JSON is UTF-8 whatever the terminal; names of files may be no text.
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    keep_private()
    try:
        return main(argv)
    except BrokenPipeError:  # the reader of our output (head, less) has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        _complain("Stopped before the end.")
        return 130
    except Exception as error:  # noqa: BLE001 - nobody stands above a program
        return _surprise(error)


def console() -> int:
    """`workbook COMMAND ...`: the console script of an editable install, the same as `python -m lib`."""
    return run_process(sys.argv[1:])


def _print(text: str) -> None:
    """Write what was found; a full disk beneath it is not the workbook's."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        raise
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        problem = f"What was found cannot be written out: {error.strerror}."
        raise DataError(problem, "Send it to another file or disk.") from error


def _surprise(error: Exception) -> int:
    """Tell what nobody foresaw: trouble with the disk or the store in its own words, the rest as our mistake."""
    from lib.workbook import home, store_errors  # slow to load, and hardly ever needed

    known = error if isinstance(error, UserError) else store_errors.explain(error, home.named())
    if known:
        _complain(str(known))
        return 2
    if os.environ.get("WORKBOOK_TRACEBACK"):
        traceback.print_exception(error)
    _complain(
        f"Something went wrong on our side ({type(error).__name__}). Run it again with WORKBOOK_TRACEBACK=1 set and "
        "report what it prints."
    )
    return 1


def _complain(text: str) -> None:
    print(" ".join(text.splitlines()), file=sys.stderr)


if __name__ == "__main__":
    sys.exit(console())
