"""Times that name their zone: in letters, by an offset, or as mails and scripts write it.

A style such as `dmy@` is that of a time of day with its zone behind it; `iso@CST=-360` says besides what letters that
mean several zones stand for, in minutes ahead of UTC.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

# Letters that mean one zone, and how many hours it is ahead of UTC.
ZONES = {
    "UTC": 0, "GMT": 0, "Z": 0, "WET": 0, "WEST": 1, "CET": 1, "CEST": 2, "MEZ": 1, "MESZ": 2, "EET": 2, "EEST": 3,
    "MSK": 3, "TRT": 3, "NST": -3.5, "NDT": -2.5, "ADT": -3, "EST": -5, "EDT": -4, "CDT": -5, "MST": -7, "MDT": -6,
    "PST": -8, "PDT": -7, "AKST": -9, "AKDT": -8, "HST": -10, "BRT": -3, "ART": -3, "WAT": 1, "CAT": 2, "SAST": 2,
    "EAT": 3, "PKT": 5, "ICT": 7, "WIB": 7, "SGT": 8, "HKT": 8, "AWST": 8, "JST": 9, "KST": 9,
    "ACST": 9.5, "ACDT": 10.5, "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13,
}  # fmt: skip
# Letters that mean several: what they stand for is asked.
SEVERAL = {
    "CST": {"UTC-6": "North American Central", "UTC+8": "China", "UTC-5": "Cuba"},
    "IST": {"UTC+5:30": "India", "UTC+2": "Israel", "UTC+1": "Irish summer"},
    "BST": {"UTC+1": "British summer", "UTC+6": "Bangladesh"},
    "AST": {"UTC-4": "Atlantic", "UTC+3": "Arabia"},
    "GST": {"UTC+4": "Gulf", "UTC-2": "South Georgia"},
    "SST": {"UTC+8": "Singapore", "UTC-11": "Samoa"},
}
DAYS = r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*"
OFFSET = r"(?:UTC|GMT|Z)?[+-]\d{2}:?\d{2}|UTC|GMT|Z"
_LETTERS = "|".join(sorted((*ZONES, *SEVERAL), key=len, reverse=True))
# A time of day, its zone, and perhaps the name of the place in brackets.
BEHIND = (
    rf"^(.*:\d{{2}}(?:[.,]\d{{1,9}})?(?: ?[AaPp]\.?[Mm]\.?)?) ?"
    rf"((?:UTC|GMT)?[+-]\d{{1,2}}(?::?\d{{2}})?|{_LETTERS})(?:\[[\w/+-]+\])?$"
)
_BEHIND = re.compile(BEHIND)
_IN_HEADER = re.compile(rf"[ _(\[-]({_LETTERS})[)\]]?$")


def split(value: str) -> tuple[str, str]:
    """A time without its zone, and the zone; "" where it names none.

    >>> split("05.01.2026 10:00 CET"), split("2026-01-05")
    (('05.01.2026 10:00', 'CET'), ('2026-01-05', ''))
    """
    found = _BEHIND.match(value)
    return (found.group(1), found.group(2)) if found else (value, "")


def of_header(header: str) -> str:
    """The zone that a column's name speaks of, other than UTC; "" for none.

    >>> of_header("Created (PST)"), of_header("timestamp_utc"), of_header("cost")
    ('PST', '', '')
    """
    found = _IN_HEADER.search(header.upper() if header.islower() else header)
    return found.group(1) if found and found.group(1) not in ("UTC", "GMT", "Z") else ""


def minutes(zone: str) -> int:
    """Minutes ahead of UTC of an offset such as UTC+5:30."""
    sign, hours, rest = re.findall(r"([+-])(\d{1,2}):?(\d{2})?$", zone)[0]
    return (-1 if sign == "-" else 1) * (int(hours) * 60 + int(rest or 0))


def named(letters: str) -> str:
    """An offset as people read it.

    >>> named("PST"), named("NST"), named("CET")
    ('UTC−8', 'UTC−3:30', 'UTC+1')
    """
    hours = ZONES[letters]
    whole, rest = divmod(abs(hours), 1)
    return f"UTC{'−' if hours < 0 else '+'}{int(whole)}{f':{int(rest * 60):02}' if rest else ''}"


def with_answers(base: str, answers: Mapping[str, str]) -> str:
    """The style of times whose zone stands behind them.

    >>> with_answers("iso", {"CST": "UTC-6"})
    'iso@CST=-360'
    """
    return f"{base}@" + ";".join(f"{letters}={minutes(zone)}" for letters, zone in answers.items())


def unclear(zones: Iterable[str]) -> list[str]:
    """Those letters of a column that mean several zones."""
    return sorted(set(zones) & SEVERAL.keys())


def parsed(column: str, formats: Sequence[str]) -> str:
    """SQL that reads text by the first of some formats that fits, NULL if none does."""
    return f"try_strptime({column}, [{', '.join(repr(f) for f in formats)}])"


def parts(column: str) -> tuple[str, str]:
    """SQL of a time without its zone, and of the zone ("" where it names none)."""
    return tuple(f"regexp_extract({column}, '{BEHIND}', {i})" for i in (1, 2))  # type: ignore[return-value]


def ahead(zone: str, style: str) -> str:
    """SQL of the minutes that a zone is ahead of UTC; NULL for letters that nobody has explained."""
    told = dict(item.split("=") for item in style.partition("@")[2].split(";") if item)
    known = {letters: str(round(hours * 60)) for letters, hours in ZONES.items()} | told
    letters = " ".join(f"WHEN '{name}' THEN {value}" for name, value in known.items())
    sign = f"CASE WHEN contains({zone}, '-') THEN -1 ELSE 1 END"
    hours, rest = (
        f"TRY_CAST(regexp_extract({zone}, '[+-](\\d{{1,2}}):?(\\d{{2}})?$', {i}) AS INTEGER)" for i in (1, 2)
    )
    return f"CASE {zone} {letters} ELSE {sign} * ({hours} * 60 + coalesce({rest}, 0)) END"


def zoned(column: str, style: str, is_day: bool) -> str:
    """SQL for times as mails and scripts write them."""
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
