"""Who asks for a dataset: the door (`library.open_dataset`) opens nothing without one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Reader:
    """Somebody's right to open datasets.

    Attributes:
        may_open: Asked for each fingerprint, at the moment it is opened.
    """

    may_open: Callable[[str], bool]


OWNER_OF_ALL = Reader(lambda _fingerprint: True)
"""Whoever sits at this computer, where nobody signs in; the server's own work on what it keeps."""

NOBODY = Reader(lambda _fingerprint: False)


def holder(fingerprints: Iterable[str]) -> Reader:
    """The right of who has the very file: they uploaded it, or it is shipped with the product.

    >>> holder(["ab"]).may_open("ab"), holder(["ab"]).may_open("cd")
    (True, False)
    """
    held = frozenset(fingerprints)
    return Reader(held.__contains__)
