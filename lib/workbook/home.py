"""Where runtime files live: the store, the datasets, the derived layouts."""

from __future__ import annotations

import functools
import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def named() -> Path:
    """The folder of everything kept at run time, which need not exist yet.

    `WORKBOOK_HOME` names it; without that it is `.workbook/` beside `app.py`.
    """
    return Path(os.environ.get("WORKBOOK_HOME") or str(ROOT / ".workbook"))


def home() -> Path:
    """The folder of everything kept at run time, made on first use."""
    return _made(str(named()))


@functools.cache  # asked for dozens of times while a page is drawn
def _made(name: str) -> Path:
    folder = Path(name).expanduser().resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return folder
