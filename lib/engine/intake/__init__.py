"""Taking a file in: every physical record accounted for, nothing guessed, nothing half-written.

`read` turns bytes into an all-text table and says where each record went; `accept` turns that table into a dataset that
fulfils a contract. Both run in a throw-away worker process, so no file can take the server down.
"""

from lib.engine.intake.accept import accept
from lib.engine.intake.model import (
    IntakeQuestion,
    Limits,
    Progress,
    RawColumn,
    Reading,
    Reject,
    Sheet,
    StoppedError,
)
from lib.engine.intake.read import read, release, sweep
from lib.engine.intake.readers.preview import Preview, preview

__all__ = [
    "IntakeQuestion",
    "Limits",
    "Preview",
    "Progress",
    "RawColumn",
    "Reading",
    "Reject",
    "Sheet",
    "StoppedError",
    "accept",
    "preview",
    "read",
    "release",
    "sweep",
]
