"""Where runtime files live: the store, the datasets, the derived layouts."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def home() -> Path:
    """The folder of everything kept at run time, made on first use.

    `WORKBOOK_HOME` names it; without that it is `.workbook/` beside `app.py`.
    """
    folder = Path(os.environ.get("WORKBOOK_HOME") or ROOT / ".workbook").expanduser().resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return folder
