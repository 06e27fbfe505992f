"""Every step of the walk and every page beside it, by name: the one place where an id is written.

An id is the page's address, the name of its file in `pages/` and the key under which content, findings and the
summary speak of the step, so its value never changes; elsewhere it is referred to by the names below.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

START: Final = "start"
DATA: Final = "data"
METRIC_AUDIT: Final = "metric_audit"
HANDOFF_MAP: Final = "handoff_map"
SHARED_EXPERIMENTS: Final = "shared_experiments"
STAGE_CHOICE: Final = "stage_choice"
SUMMARY: Final = "summary"
TRANSLATION: Final = "translation"
TEAM: Final = "team"
ROOM: Final = "room"
EXPLORE: Final = "explore"
WORKBOOK: Final = "workbook"
REFERENCE: Final = "reference"

STEPS: Final = (
    METRIC_AUDIT,
    HANDOFF_MAP,
    SHARED_EXPERIMENTS,
    STAGE_CHOICE,
)  # the four that conclude something
TITLES: Final = MappingProxyType(  # what people call each page, in the order of the sidebar
    {
        START: "Start",
        DATA: "Data",
        METRIC_AUDIT: "Metric audit",
        HANDOFF_MAP: "Handoff map",
        SHARED_EXPERIMENTS: "Shared experiments",
        STAGE_CHOICE: "PMM or growth",
        SUMMARY: "Summary",
        TRANSLATION: "Translation",
        TEAM: "Team",
        ROOM: "Workshop room",
        EXPLORE: "Explore",
        WORKBOOK: "Workbook",
        REFERENCE: "Reference",
    }
)
PAGES: Final = tuple(TITLES)
