"""What the values of a text column are.

A style names how values are written. `guess` finds kind and style from a sample; `casts.cast` gives the SQL expression
for a style; the same regular expressions (`patterns`) stand behind both. What could mean two things becomes a question.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from lib.engine.intake.values import time_zones
from lib.engine.intake.values.patterns import (
    ERRORS,
    INTEGER,
    MISSING,
    NUMBERS,
    PATTERNS,
    SCALE,
    SWAPPED,
    WORD_BOOLEAN,
)

_UNITS = re.compile(r"\d\s?([kK]|[Tt]sd\.?|[Tt]ausend|M|[Mm]io\.?|[Mm]illion(en|s)?|[Mm]n|[Mm]rd\.?|[Bb]n)\b")
_DATE_HEADER = re.compile(
    r"(?i)(date|time|day|_at$|_ts$|^ts$|created|updated|when|timestamp|datum|month|week|period|quarter|quartal|woche|monat)"
)
# As in SQL: digits and spaces are those of ASCII.
_COMPILED = {
    name: re.compile(pattern, re.ASCII) for name, pattern in (PATTERNS | NUMBERS | {"scale": SCALE}).items()
}
# What a value must hold to say how the decimals are marked.
_DECIDES = {
    "comma": re.compile(r"\d,(\d{1,2}|\d{4,})\D*$|\.\d{3},|^\D*\d{4,},\d|,\d{1,2}\D*$|^\D*0,\d|\d,[-–—]"),
    "point": re.compile(r"\.(\d{1,2}|\d{4,})\D*$|,\d{3}\.|,\d{3},|^\D*\d{4,}\.\d|^\D*0\.\d|\d\.[-–—]"),
}
_THOUSANDS = re.compile(r"^\s*-?\d{1,3}(\.\d{3})*\s*$")
_IDENTIFIER = re.compile(r"^([+-]?0\d+|\d{19,})$")  # leading zeros, or more digits than a number keeps
_SPAN = re.compile(
    r"(?i)(duration|response|load|spent|millis|seconds?|minutes?|hours?|days|_(ms|s|min|h))($|[\W_])"
)
# Styles of days and times; where two fit equally well, the first is taken.
_DATES = (
    "iso_12h", "iso", "mail", "script", "ymd", "day_month", "named", "named_local",
    "month", "month_named", "month_local", "month_slash", "iso_week", "quarter", "fiscal_year",
)  # fmt: skip
_NEARLY, _FEW = (
    0.6,
    5,
)  # share of the values of one kind, and different other ones, where the others are worth a word
_MIXED = 4  # styles of dates in one column; more are no dates
_NUMERIC_DATES = ("ymd8", "ym6", "epoch_s", "epoch_ms", "epoch_us", "serial")
_NOTHING = {*MISSING, *ERRORS}
_LONGEST = 80  # characters of a date or number; a pattern may take for ever on a longer cell made to hurt it
SHARE = 0.98  # of the values in a sample that must fit for a kind to be proposed


@dataclass(frozen=True)
class Guess:
    """Kind and style of a column, and whether the style itself is open.

    Attributes:
        kind: text | integer | number | boolean | date | timestamp.
        style: A key of PATTERNS or NUMBERS, dmy, mdy, one of them with "@" (see `zones`), several joined by "+" where
            one column has them all, or "" for text.
        ask: "dates", "decimal" or "swapped" when the values fit two readings, else "".
        share: Share of the values that fit.
    """

    kind: str
    style: str = ""
    ask: str = ""
    share: float = 1.0


def present(values: Sequence[str | None]) -> list[str]:
    """The values that say something, trimmed."""
    return [v.strip() for v in values if v is not None and v.strip().lower() not in _NOTHING]


def _share(values: Sequence[str], test: Callable[[str], object]) -> float:
    return sum(1 for value in values if len(value) <= _LONGEST and test(value)) / len(values)


def _day_month(values: Sequence[str]) -> Guess:
    """Dmy or mdy, as the parts above twelve decide; dots are day first everywhere they are used."""
    first = second = dots = 0
    for value in values:
        parts = re.split(r"[/.\-]", value)
        if len(parts) >= 3 and parts[0].isdigit() and parts[1].isdigit():
            first += int(parts[0]) > 12
            second += int(parts[1]) > 12
            dots += value[len(parts[0])] == "."
    if first >= second and first > 0:
        return Guess("date", "dmy", ask="dates" if second else "")
    if second > 0:
        return Guess("date", "mdy", ask="")
    return Guess("date", "dmy", ask="" if dots == len(values) else "dates")


def guess_date(values: Sequence[str], *, numeric: bool) -> Guess | None:
    """How these values are dates, if they are.

    Args:
        values: Present values.
        numeric: Whether plain numbers may be dates (20260105, seconds since 1970, Excel serial days).
    """
    found = _guess_date(values, numeric=numeric)
    if found is None:
        return _before_zones(values, None)
    if found.share == 1.0 and found.ask != "dates" and not _are_marks_mixed(found, values):
        return found
    mixed, is_one = _mixed_dates(values, numeric=numeric), found.share >= SHARE
    # A few cells whose order is open are not worth a question about a column that is clear without them.
    if mixed and (found.ask or not (is_one and mixed.ask)):
        return mixed
    return found if is_one else _before_zones(values, found)


def _before_zones(values: Sequence[str], found: Guess | None) -> Guess | None:
    """Perhaps a zone stands behind the times: then what stands before it says how they are written."""
    cut = [time_zones.split(value) if len(value) <= _LONGEST else (value, "") for value in values]
    if not any(zone for _, zone in cut):
        return found
    bare = _guess_date([local for local, _ in cut], numeric=False)
    if bare is None or bare.kind != "timestamp" or (found and found.share >= bare.share):
        return found
    return Guess("timestamp", f"{bare.style}@", bare.ask, bare.share)


def _are_marks_mixed(found: Guess, values: Sequence[str]) -> bool:
    """Whether some days are written with points, which put the day first, and others with other marks."""
    if found.style not in ("dmy", "mdy"):
        return False
    points = sum(_COMPILED["dmy_dot"].match(value) is not None for value in values if len(value) <= _LONGEST)
    return 0 < points < len(values)


def _guess_date(values: Sequence[str], *, numeric: bool) -> Guess | None:
    """The one style that most of the values have."""
    names = (*_DATES, *_NUMERIC_DATES) if numeric else _DATES
    best, share = max(((n, _share(values, _COMPILED[n].match)) for n in names), key=lambda item: item[1])
    if share == 0:
        return None
    fitting = [value for value in values if len(value) <= _LONGEST and _COMPILED[best].match(value)]
    found = _day_month(fitting) if best == "day_month" else Guess("date", best)
    return Guess("timestamp" if _has_time(best, fitting) else "date", found.style, found.ask, share)


def _mixed_dates(values: Sequence[str], *, numeric: bool) -> Guess | None:
    """Several styles side by side, each clear by itself; None where one is enough or not all are dates."""
    members = _by_style(values, numeric=numeric)
    share = sum(map(len, members.values())) / len(values)
    if len(members) < 2 or share < SHARE:
        return None
    has_time = any(_has_time(name, some) for name, some in members.items())
    order = _day_month(members["day_month"]) if "day_month" in members else None
    # The points say their order themselves, and stand before the pattern that fits them too.
    named = sorted(members, key=_is_day_month)
    style = "+".join(order.style if order and _is_day_month(name) else name for name in named)
    ask = order.ask if order else ""
    if not ask and _are_swapped(members, order):
        ask = "swapped"
    return Guess("timestamp" if has_time else "date", style, ask, share)


def _by_style(values: Sequence[str], *, numeric: bool) -> dict[str, list[str]]:
    """The values by the style they are written in, the commonest first; what fits none is left out."""
    left = [value for value in values if len(value) <= _LONGEST]
    found: dict[str, list[str]] = {}
    names = ("dmy_dot", *_DATES, *(_NUMERIC_DATES if numeric else ()))
    while left and len(found) < _MIXED:
        fitting = {name: [value for value in left if _fits(name, value)] for name in names}
        best = max(names, key=lambda name: len(fitting[name]))
        if not fitting[best]:
            break
        found[best] = fitting[best]
        left = [value for value in left if not _fits(best, value)]
    return found


def _fits(style: str, value: str) -> bool:
    """Whether a value is written in a style; days with points are a style of their own."""
    is_pointed = style == "day_month" and _COMPILED["dmy_dot"].match(value)
    return not is_pointed and _COMPILED[style].match(value) is not None


def _is_day_month(name: str) -> bool:
    return name == "day_month"


def _are_swapped(members: Mapping[str, Sequence[str]], order: Guess | None) -> bool:
    """Whether a spreadsheet may have taken the day for the month wherever it could, and left the rest as text.

    Then every text has a day above twelve, and every date a day of twelve at most.
    """
    if order is None or members.keys() - {"iso", "ymd", "day_month"}:
        return False
    place = 0 if order.style == "dmy" else 1
    texts = all(int(re.split(r"[/.\-]", value)[place]) > 12 for value in members["day_month"])
    dates = [value for name in ("iso", "ymd") for value in members.get(name, ())]
    return texts and all(int(re.split(r"[/.\-]", value)[2][:2]) <= 12 for value in dates)


def with_answer(style: str, ask: str, answer: str) -> str:
    """A style with its open point settled.

    >>> with_answer("iso+dmy", "dates", "mdy"), with_answer("iso+dmy", "swapped", "swapped")
    ('iso+mdy', 'iso_swapped+dmy')
    """
    parts = style.split("+")
    if ask == "dates":
        return "+".join(answer if part in ("dmy", "mdy") else part for part in parts)
    if ask == "swapped" and answer == "swapped":
        return "+".join(part + SWAPPED if part in ("iso", "ymd") else part for part in parts)
    return style if ask == "swapped" else answer


def _has_time(style: str, values: Sequence[str]) -> bool:
    marks = ":." if style == "serial" else ":"
    return style.startswith("epoch") or any(mark in value for value in values for mark in marks)


def guess_number(values: Sequence[str], *, comma_likely: bool = False) -> Guess | None:
    """How these values are numbers, if they are.

    Args:
        values: Present values.
        comma_likely: The file's delimiter is a semicolon, or another column has decimal commas, so "1.234" may be
            a thousand.
    """
    plain = _share(values, _COMPILED["plain"].match)
    short = [value for value in values if len(value) <= _LONGEST]
    is_thousands = comma_likely and _are_thousands(short)
    if plain >= SHARE and not is_thousands:
        return Guess(_whole_or_not(short), "plain", share=plain)
    point, comma = (_share(values, _COMPILED[name].match) for name in ("point", "comma"))
    if max(plain, point, comma) == 0:
        return None
    return _separated(short, point, comma, is_thousands=is_thousands)


def _separated(values: Sequence[str], point: float, comma: float, *, is_thousands: bool) -> Guess:
    """Numbers with marks of decimals or thousands, of which the given shares fit."""
    decided = {style for style, mark in _DECIDES.items() if any(map(mark.search, values))}
    is_comma = comma > point or (comma == point and decided == {"comma"})
    marks = {",", "."} if is_thousands else {","}
    is_open = not decided and any(marks & set(value) for value in values)
    return Guess("number", "comma" if is_comma else "point", "decimal" if is_open else "", max(point, comma))


def _whole_or_not(values: Sequence[str]) -> str:
    plain = filter(_COMPILED["plain"].match, values)
    return "integer" if all(re.match(INTEGER, value) for value in plain) else "number"


def _are_thousands(values: Sequence[str]) -> bool:
    """Whether points may set thousands apart in all of these: 1.234, 12.000."""
    return any("." in value for value in values) and all(map(_THOUSANDS.match, values))


def guess(values: Sequence[str | None], header: str = "", *, comma_likely: bool = False) -> Guess:
    """Kind and style of a column from a sample of its values.

    >>> guess(["2026-01-05", "2026-01-06"]), guess(["05/02/2026"]).ask, guess(["00123", "00124"]).kind
    (Guess(kind='date', style='iso', ask='', share=1.0), 'dates', 'text')
    """
    some = present(values)
    if not some:
        return Guess("text")
    if _share(some, re.compile(WORD_BOOLEAN).match) == 1.0:
        return Guess("boolean", "boolean")
    date = _date_under(header, some)
    if date:
        return date
    if any(map(_IDENTIFIER.match, some)) or _are_plans(some):
        return Guess("text")
    number = guess_number(some, comma_likely=comma_likely)
    return number if number and number.share >= SHARE else Guess("text")


def nearly(values: Sequence[str]) -> tuple[str, list[str]]:
    """What most values of a column of text are, and the few that are not; ("", []) where they are of many kinds.

    Args:
        values: Present values.

    >>> nearly(["10", "20", "30", "TBD"]), nearly(["a", "b", "3"])
    (('number', ['TBD']), ('', []))
    """
    for kind in ("number", "date"):
        found = guess_number(values) if kind == "number" else guess_date(values, numeric=False)
        if found is None or not _NEARLY <= found.share < 1.0 or any(map(_IDENTIFIER.match, values)):
            continue
        names = (
            found.style.partition("@")[0].replace("dmy", "day_month").replace("mdy", "day_month").split("+")
        )
        tests = [_COMPILED[name] for name in names if name in _COMPILED]
        others = list(dict.fromkeys(v for v in values if not any(test.match(v) for test in tests)))
        if 0 < len(others) <= _FEW:
            return kind, others
    return "", []


def _date_under(header: str, values: Sequence[str]) -> Guess | None:
    """How a column is one of dates, if it is; only one that is called so may write them as plain numbers."""
    date = guess_date(values, numeric=bool(_DATE_HEADER.search(header)))
    is_span = date is not None and date.style == "serial" and _SPAN.search(header)
    if date and date.share >= SHARE and not is_span:
        return date
    # Eight digits that are calendar days in every row are dates, whatever the header says.
    return Guess("date", "ymd8") if _share(values, _COMPILED["ymd8"].match) == 1.0 else None


def _are_plans(values: Sequence[str]) -> bool:
    """Whether 5k, 10k may be the names of plans."""
    return any(map(_UNITS.search, values[:100])) and not any("," in v or "." in v for v in values)


def for_target(values: Sequence[str | None], kind: str, *, comma_likely: bool = False) -> Guess:
    """The best style to read a column as `kind`, which its contract asks for."""
    some = present(values)
    if kind in ("text", "boolean") or not some:
        return Guess(
            kind, "boolean" if kind == "boolean" else "iso" if kind in ("date", "timestamp") else "plain"
        )
    if kind in ("date", "timestamp"):
        return guess_date(some, numeric=True) or Guess(kind, "iso", share=0.0)
    found = guess_number(some, comma_likely=comma_likely) or Guess(kind, "plain", share=0.0)
    if kind == "integer" and found.share < 1.0:
        scale = _share(some, _COMPILED["scale"].match)
        return Guess(kind, "scale", share=scale) if scale > found.share else found
    return found
