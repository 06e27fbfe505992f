"""The kinds a metric can be of, by name: the one place where they are written.

Process is marketing's side, outcome is growth's, shared belongs to both; unassigned is what nobody has sorted yet.
A stage of the journey takes the kind of those who answer for it, so its territory has the same names.
"""

from __future__ import annotations

from typing import Final, Literal

Kind = Literal["process", "outcome", "shared", "unassigned"]
SortedKind = Literal["process", "outcome", "shared"]
Side = Literal["process", "outcome"]

PROCESS: Final = "process"
OUTCOME: Final = "outcome"
SHARED: Final = "shared"
UNASSIGNED: Final = "unassigned"

KINDS: Final = (PROCESS, SHARED, OUTCOME, UNASSIGNED)  # in the order in which a board shows them
