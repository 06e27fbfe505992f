"""Times that name their zone: in letters, or as mails and scripts write it."""

from __future__ import annotations

from collections.abc import Sequence

# Names of zones that mean one offset. CST, IST and BST mean several, so times that carry them are not read.
ZONES = {
    "PST": -8, "PDT": -7, "MST": -7, "MDT": -6, "CDT": -5, "EST": -5, "EDT": -4, "WET": 0, "WEST": 1, "CET": 1, "CEST": 2,
    "MEZ": 1, "MESZ": 2, "EET": 2, "EEST": 3, "JST": 9, "AEST": 10, "AEDT": 11,
}  # fmt: skip
DAYS = r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*"
OFFSET = r"(?:UTC|GMT|Z)?[+-]\d{2}:?\d{2}|UTC|GMT|Z"


def parsed(column: str, formats: Sequence[str]) -> str:
    """SQL that reads text by the first of some formats that fits, NULL if none does."""
    return f"try_strptime({column}, [{', '.join(repr(f) for f in formats)}])"


def zoned(column: str, style: str, is_day: bool) -> str:
    """SQL for times that name their zone: in letters, or as mails and scripts write it."""
    if style == "iso_named":
        local = f"TRY_CAST(regexp_replace({column}, ' ?[A-Z]+$', '') AS TIMESTAMP)"
        name = f"regexp_extract({column}, '([A-Z]+)$', 1)"
        hours = " ".join(f"WHEN '{zone}' THEN {offset}" for zone, offset in ZONES.items())
        return local if is_day else f"({local} - to_hours(CASE {name} {hours} END))"
    plain = f"regexp_replace(regexp_replace({column}, '^[A-Za-z]+,? +', ''), ' ?\\([^)]*\\)$', '')"
    if style == "script":  # the weekday is gone: "Jan 05 2026 ..." becomes "05 Jan 2026 ..."
        plain = f"regexp_replace({plain}, '^([A-Za-z]+) (\\d+) ', '\\2 \\1 ')"
        plain = f"CASE WHEN ascii({column}) > 57 THEN {plain} END"
    day = f"regexp_extract({plain}, '^\\d+ [A-Za-z]+ \\d{{4}}')"
    if is_day:
        return parsed(day, ["%d %b %Y", "%d %B %Y"])
    at = f"regexp_extract({plain}, '\\d{{1,2}}:\\d{{2}}(:\\d{{2}})?')"
    offset = f"replace(regexp_extract({plain}, '[+-]\\d{{2}}:?\\d{{2}}$'), ':', '')"
    offset = f"coalesce(nullif({offset}, ''), '+0000')"
    days = [f"{d} {t} %z" for d in ("%d %b %Y", "%d %B %Y") for t in ("%H:%M:%S", "%H:%M")]
    whole = f"({day} || ' ' || {at} || ' ' || {offset})"
    is_a_day = parsed(
        day, ["%d %b %Y", "%d %B %Y"]
    )  # with a zone, the 31st of February would be the 3rd of March
    return f"CASE WHEN {is_a_day} IS NOT NULL THEN timezone('UTC', {parsed(whole, days)}) END"
