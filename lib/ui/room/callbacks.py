"""How the facilitator's buttons act: in a callback, with a refusal said at the top of the next run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from lib.errors import UserError
from lib.ui import session
from lib.ui.room import facilitator_key

ROLE = "facilitator"


@contextmanager
def told() -> Iterator[None]:
    """For callbacks: a `UserError` in the body is said at the top of the next run."""
    try:
        yield
    except UserError as error:
        session.tell("problem", error.problem, error.remedy)


def do(act: Callable[..., Any], id: str, *args: Any) -> None:
    """A facilitator's button: run an act on a room, and say what was refused."""
    with told():
        facilitator_key.require(id)
        act(id, *args)
