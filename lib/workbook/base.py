"""The base of everything in a workbook."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class StoredRecord(BaseModel):
    """Base of everything in a workbook: frozen, unknown fields ignored (they stay in the event log)."""

    model_config = ConfigDict(frozen=True, extra="ignore")
