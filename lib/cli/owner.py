"""Owners of workbooks, for whoever runs the server: those made before sign-in was turned on have none yet."""

from __future__ import annotations

import argparse
from typing import Any

from lib.errors import DataError, NotFoundError
from lib.workbook.events import WorkbookEntry
from lib.workbook.home import home
from lib.workbook.members import Members, clean
from lib.workbook.store import Store, open_store

NAME = "owner"
HELP = "list workbooks with their owners, or make somebody an owner (after turning sign-in on)"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """[WORKBOOK] [EMAIL] or --unowned EMAIL."""
    parser.add_argument("workbook", nargs="?", default="", help="its id, or its name where only one has it")
    parser.add_argument(
        "email", nargs="?", default="", help="who owns it from now on, beside its owners so far"
    )
    parser.add_argument(
        "--unowned", default="", metavar="EMAIL", help="make EMAIL the owner of every workbook without one"
    )


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Grant, then list.

    Returns:
        rows: workbook, name, owners.

    Raises:
        DataError: Not an address, or a workbook without one.
        NotFoundError: No such workbook, or several of that name.
    """
    store = open_store(home())
    members = Members(store.engine)
    if args.workbook and not args.email:
        raise DataError(
            "An e-mail address is missing.",
            f"Type it after the workbook: owner {args.workbook} ann@example.com",
        )
    if args.unowned:
        address = clean(args.unowned)
        for entry in store.entries():
            members.claim(entry.id, address)
    if args.workbook:
        members.appoint(_find(store, args.workbook).id, args.email)
    return {"rows": [_row(entry, members) for entry in store.entries()]}


def _row(entry: WorkbookEntry, members: Members) -> dict[str, str]:
    owners = [member.who for member in members.of(entry.id) if member.role == "owner"]
    return {"workbook": entry.id, "name": entry.name, "owners": ", ".join(owners)}


def _find(store: Store, named: str) -> WorkbookEntry:
    entries = store.entries()
    found = [entry for entry in entries if entry.id == named] or [
        entry for entry in entries if entry.name == named
    ]
    if not found:
        raise NotFoundError(f"There is no workbook {named!r}.", "`python -m lib owner` lists them all.")
    if len(found) > 1:
        raise NotFoundError(
            f"{len(found)} workbooks are called {named!r}.",
            "Name it by its id; `python -m lib owner` lists them.",
        )
    return found[0]
