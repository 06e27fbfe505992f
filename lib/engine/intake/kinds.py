"""What the values of a text column are, and the SQL that reads them.

A style names how values are written. `guess` finds kind and style from a sample; `cast` gives the SQL expression for a
style; the same regular expressions stand behind both. What could mean two things becomes a question.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lib.engine.intake import zones

MISSING = ("", "na", "n/a", "#n/a", "null", "none", "nan", "-", "--", "\\n", "nil")
NO_ID = ("", "null", "none", "nan", "n/a", "\\n", "undefined", "nil")
_TIME = r"([T ]\s*\d{1,2}:\d{2}(:\d{2}(\.\d{1,9})?)?( ?[AaPp]\.?[Mm]\.?)?)?"
_ZONE = r"( ?(Z|UTC|GMT|[+-]\d{2}(:?\d{2})?))?"
_MONTHS = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec)[a-z]*"
# Beginnings of month names in German, French, Spanish, Italian, Portuguese and Dutch, and their month.
MONTHS_ABROAD = {
    "jän": 1, "jan": 1, "ene": 1, "gen": 1, "feb": 2, "fev": 2, "fév": 2, "mär": 3, "mrz": 3, "mar": 3, "maa": 3, "mrt": 3,
    "apr": 4, "avr": 4, "abr": 4, "mai": 5, "may": 5, "mag": 5, "mei": 5, "juin": 6, "jun": 6, "giu": 6, "juil": 7, "jul": 7,
    "lug": 7, "aug": 8, "aoû": 8, "aou": 8, "ago": 8, "sep": 9, "set": 9, "okt": 10, "oct": 10, "ott": 10, "out": 10, "nov": 11,
    "dez": 12, "déc": 12, "dec": 12, "dic": 12,
}  # fmt: skip
PATTERNS = {
    "iso": rf"^\d{{4}}-\d{{1,2}}-\d{{1,2}}{_TIME}{_ZONE}$",
    "iso_12h": r"(?i)^\d{4}-\d{1,2}-\d{1,2}[T ]\s*\d{1,2}:\d{2}(:\d{2})?\s?[ap]\.?m\.?$",
    "ymd": rf"^\d{{4}}[/.]\d{{1,2}}[/.]\d{{1,2}}{_TIME}{_ZONE}$",
    "day_month": rf"^\d{{1,2}}[/.-]\d{{1,2}}[/.-](\d{{4}}|\d{{2}}){_TIME.replace('[T ]', '[T, ]+')}$",
    "named": rf"(?i)^(\d{{1,2}}[ -]{_MONTHS}[ ,-]+(\d{{4}}|\d{{2}})|{_MONTHS} \d{{1,2}},? \d{{4}})"
    rf"{_TIME.replace('[T ]', '[T, ]+')}$",
    "month": r"^\d{4}-(0[1-9]|1[0-2])$",
    "named_local": rf"(?i)^\d{{1,2}}\.? ({'|'.join(MONTHS_ABROAD)})[a-zéûçä]*\.? (\d{{4}}|\d{{2}}){_TIME}$",
    "iso_named": rf"^\d{{4}}-\d{{1,2}}-\d{{1,2}}{_TIME[:-1]} ?({'|'.join(zones.ZONES)})$",
    "mail": rf"(?i)^({zones.DAYS},? )?\d{{1,2}} {_MONTHS} \d{{4}} \d{{1,2}}:\d{{2}}(:\d{{2}})? ?({zones.OFFSET})( ?\([^)]*\))?$",
    "script": rf"(?i)^{zones.DAYS} {_MONTHS} \d{{1,2}} \d{{4}} \d{{1,2}}:\d{{2}}:\d{{2}} ({zones.OFFSET})( ?\([^)]*\))?$",
    "iso_week": r"(?i)^(\d{4}-?W(0[1-9]|[1-4]\d|5[0-3])|\d{4}[ /-](KW|CW|W) ?\d{1,2}|(KW|CW|W) ?\d{1,2}[ /-]+\d{4})$",
    "quarter": r"(?i)^(Q[1-4][ /-]?\d{4}|\d{4}[ /-]?Q[1-4])$",
    "month_slash": r"^((0?[1-9]|1[0-2])/\d{4}|\d{4}/(0?[1-9]|1[0-2]))$",
    "month_named": rf"(?i)^{_MONTHS}[ -](\d{{4}}|\d{{2}})$",
    "month_local": rf"(?i)^(?:{'|'.join(MONTHS_ABROAD)})[a-zéûçä]*\.?[ -](\d{{4}}|\d{{2}})$",
    "ymd8": r"^(19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])$",
    "epoch_s": r"^1\d{9}(\.\d+)?$",
    "epoch_ms": r"^1\d{12}$",
    "epoch_us": r"^1\d{15}$",
    "serial": r"^[2-7]\d{4}(\.\d+)?$",
}
_HEAD = r"[+-]?\s*(?:[$€£¥₹]|USD|EUR|GBP|CHF|US\$|A\$|C\$)?\s*[+-]?\s*"
_TAIL = r"\s*(?:[$€£¥₹%]|USD|EUR|GBP|CHF|SEK|NOK|DKK|PLN|CZK|HUF|CAD|AUD|kr\.?|zł|Kč|Ft)?\s*-?"
_POINT = r"(?:\d{1,3}(?:[,\s'’\u00a0\u202f]\d{2,3})*[,\s'’\u00a0\u202f]\d{3}|\d+)(?:\.\d+)?|\.\d+"
_COMMA = r"(?:\d{1,3}(?:[.\s'’\u00a0\u202f]\d{3})+|\d+)(?:,\d+)?|,\d+"
_UNIT = r"(?:\s?([kK]|[Tt]sd\.?|[Tt]ausend|M|[Mm]io\.?|[Mm]illion(?:en|s)?|[Mm]n|[Mm]rd\.?|[Bb]n))?"
_UNITS = re.compile(r"\d\s?([kK]|[Tt]sd\.?|[Tt]ausend|M|[Mm]io\.?|[Mm]illion(en|s)?|[Mm]n|[Mm]rd\.?|[Bb]n)\b")
NUMBERS = {
    "plain": r"^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$",
    "point": rf"^\s*(?:{_HEAD}(?:{_POINT}){_UNIT}{_TAIL}|\(\s*{_HEAD}(?:{_POINT}){_UNIT}{_TAIL}\s*\))\s*$",
    "comma": rf"^\s*(?:{_HEAD}(?:{_COMMA}){_UNIT}{_TAIL}|\(\s*{_HEAD}(?:{_COMMA}){_UNIT}{_TAIL}\s*\))\s*$",
}
# A score with the word that stands at its end of the scale: "Extremely likely - 10", "0 (not at all)".
SCALE = r"^(?:[^0-9 ][^0-9]{0,50}[ -]\(?)?([0-9]{1,2})\)?(?:\s*[-(=:]\s*[^0-9 ][^0-9]{0,50})?$"
INTEGER = r"^\s*[+-]?(0|[1-9]\d{0,17})\s*$"
_TRUE = ("true", "yes", "y", "t", "1", "wahr", "ja", "oui", "si", "sí", "x")
_FALSE = ("false", "no", "n", "f", "0", "falsch", "nein", "non")
BOOLEAN = rf"(?i)^\s*({'|'.join(_TRUE + _FALSE)})\s*$"
_WORD_BOOLEAN = r"(?i)^\s*(true|false|yes|no|t|f|y|n)\s*$"
_DATE_HEADER = re.compile(
    r"(?i)(date|time|day|_at$|_ts$|^ts$|created|updated|when|timestamp|datum|month|week|period|quarter|quartal|woche|monat)"
)
_COMPILED = {name: re.compile(pattern) for name, pattern in (PATTERNS | NUMBERS | {"scale": SCALE}).items()}
_DECIDES_COMMA = re.compile(r"\d,(\d{1,2}|\d{4,})\D*$|\.\d{3},|^\D*\d{4,},\d|,\d{1,2}\D*$|^\D*0,\d")
_DECIDES_POINT = re.compile(r"\.(\d{1,2}|\d{4,})\D*$|,\d{3}\.|,\d{3},|^\D*\d{4,}\.\d|^\D*0\.\d")
_LONGEST = 80  # characters of a date or number; a pattern may take for ever on a longer cell made to hurt it
SHARE = 0.98  # of the values in a sample that must fit for a kind to be proposed


@dataclass(frozen=True)
class Guess:
    """Kind and style of a column, and whether the style itself is open.

    Attributes:
        kind: text | integer | number | boolean | date | timestamp.
        style: A key of PATTERNS or NUMBERS, dmy, mdy, or "" for text.
        ask: "dates" or "decimal" when the values fit two readings, else "".
        share: Share of the values that fit.
    """

    kind: str
    style: str = ""
    ask: str = ""
    share: float = 1.0


def present(values: Sequence[str | None]) -> list[str]:
    """The values that say something, trimmed."""
    return [v.strip() for v in values if v is not None and v.strip().lower() not in MISSING]


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
    names = ["iso_12h", "iso", "iso_named", "mail", "script", "ymd", "day_month", "named", "named_local"]
    names += ["month", "month_named", "month_local", "month_slash", "iso_week", "quarter"]
    names += ["ymd8", "epoch_s", "epoch_ms", "epoch_us", "serial"] if numeric else []
    best, share = max(((n, _share(values, _COMPILED[n].match)) for n in names), key=lambda item: item[1])
    if share == 0:
        return None
    fitting = [value for value in values if len(value) <= _LONGEST and _COMPILED[best].match(value)]
    has_time = best.startswith("epoch") or any(":" in v or (best == "serial" and "." in v) for v in fitting)
    found = _day_month(fitting) if best == "day_month" else Guess("date", best)
    return Guess("timestamp" if has_time else "date", found.style, found.ask, share)


def guess_number(values: Sequence[str], *, comma_likely: bool = False) -> Guess | None:
    """How these values are numbers, if they are.

    Args:
        values: Present values.
        comma_likely: The file's delimiter is a semicolon, or another column has decimal commas, so "1.234" may be
            a thousand.
    """
    plain = _share(values, _COMPILED["plain"].match)
    every, values = len(values), [value for value in values if len(value) <= _LONGEST]
    thousand = (
        comma_likely
        and any("." in v for v in values)
        and all(re.match(r"^\s*-?\d{1,3}(\.\d{3})*\s*$", v) for v in values)
    )
    if plain >= SHARE and not thousand:
        kind = (
            "integer"
            if all(re.match(INTEGER, v) for v in values if _COMPILED["plain"].match(v))
            else "number"
        )
        return Guess(kind, "plain", share=plain)
    fits = {name: sum(1 for v in values if _COMPILED[name].match(v)) / every for name in ("point", "comma")}
    point, comma = fits["point"], fits["comma"]
    if max(plain, point, comma) == 0:
        return None
    for_comma = any(_DECIDES_COMMA.search(v) for v in values)
    for_point = any(_DECIDES_POINT.search(v) for v in values)
    style = "comma" if comma > point or (comma == point and for_comma and not for_point) else "point"
    is_open = not for_comma and not for_point and any("," in v or (thousand and "." in v) for v in values)
    return Guess("number", style, "decimal" if is_open else "", max(point, comma))


def guess(values: Sequence[str | None], header: str = "", *, comma_likely: bool = False) -> Guess:
    """Kind and style of a column from a sample of its values.

    >>> guess(["2026-01-05", "2026-01-06"]), guess(["05/02/2026"]).ask, guess(["00123", "00124"]).kind
    (Guess(kind='date', style='iso', ask='', share=1.0), 'dates', 'text')
    """
    some = present(values)
    if not some:
        return Guess("text")
    if _share(some, re.compile(_WORD_BOOLEAN).match) == 1.0:
        return Guess("boolean", "boolean")
    named_date = bool(_DATE_HEADER.search(header))
    date = guess_date(some, numeric=named_date)
    if date and date.share < SHARE and not named_date:
        date = None
    # Eight digits that are calendar days in every row are dates, whatever the header says.
    if date is None and _share(some, _COMPILED["ymd8"].match) == 1.0:
        date = Guess("date", "ymd8")
    if date and date.share >= SHARE:
        return date
    if any(re.match(r"^[+-]?0\d+$", v) for v in some):
        return Guess("text")  # leading zeros are an identifier
    number = guess_number(some, comma_likely=comma_likely)
    if any(map(_UNITS.search, some[:100])) and not any("," in v or "." in v for v in some):
        return Guess("text")  # 5k, 10k may be the names of plans
    return number if number and number.share >= SHARE else Guess("text")


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


def _with_times(days: Sequence[str]) -> list[str]:
    times = ["", " %H:%M", " %H:%M:%S", " %H:%M:%S.%g", " %I:%M %p", " %I:%M:%S %p"]
    return [day + time for day in days for time in times]


def _to_utc(local: str, is_day: bool) -> str:
    return local if is_day else f"timezone('UTC', timezone(current_setting('TimeZone'), {local}))"


def _when(column: str, style: str, *, is_day: bool) -> str:
    """SQL that reads trimmed text as a timestamp in UTC; a calendar day stays the day that is written."""
    if style in ("iso", "ymd"):
        text = f"replace({column}, '/', '-')" if style == "ymd" else column
        return (
            f"TRY_CAST({text} AS TIMESTAMP)"
            if is_day
            else f"timezone('UTC', TRY_CAST({text} AS TIMESTAMPTZ))"
        )
    if style in ("iso_named", "mail", "script"):
        return zones.zoned(column, style, is_day)
    local = _local(column, style)
    return _to_utc(local, is_day) if local else _period(column, style) or _counted(column, style)


def _local(column: str, style: str) -> str:
    """SQL for a day, perhaps with a time, as people write it where they are; "" for any other style."""
    if style == "iso_12h":
        plain = f"trim(regexp_replace({column}, '(?i)(\\d)\\s*([ap])\\.?m\\.?$', '\\1 \\2m'))"
        return zones.parsed(f"replace({plain}, 'T', ' ')", _with_times(["%Y-%m-%d"]))
    if style in ("dmy", "mdy"):
        a, b = ("%d", "%m") if style == "dmy" else ("%m", "%d")
        plain = f"regexp_replace({column}, '^(\\d+)[/.\\-](\\d+)[/.\\-](\\d+)[T,\\s]*', '\\1/\\2/\\3 ')"
        plain = f"trim(regexp_replace({plain}, '(?i)(\\d)\\s*([ap])\\.?m\\.?$', '\\1 \\2m'))"
        return zones.parsed(plain, _with_times([f"{a}/{b}/%y", f"{a}/{b}/%Y"]))
    if style == "named":
        plain = f"regexp_replace(regexp_replace({column}, '[ ,-]+', ' ', 'g'), '(?i)sept ', 'sep ')"
        days = ["%d %b %y", "%d %b %Y", "%d %B %y", "%d %B %Y", "%b %d %Y", "%B %d %Y"]
        return zones.parsed(plain, _with_times(days))
    if style in ("named_local", "month_local"):
        # A month alone is its first day.
        return _named_local(column if style == "named_local" else f"'1 ' || replace({column}, '-', ' ')")
    return ""


def _counted(column: str, style: str) -> str:
    """SQL for a moment written as one number: digits of a day, or time since an epoch."""
    number = f"TRY_CAST({column} AS DOUBLE)"
    return {
        "ymd8": f"try_strptime({column}, '%Y%m%d')",
        "epoch_s": f"make_timestamp(CAST(round({number} * 1000000) AS BIGINT))",
        "epoch_ms": f"make_timestamp(CAST({number} * 1000 AS BIGINT))",
        "epoch_us": f"make_timestamp(TRY_CAST({column} AS BIGINT))",
        "serial": f"(TIMESTAMP '1899-12-30' + to_seconds(round({number} * 86400)))",
    }[style]


def _period(column: str, style: str) -> str:
    """SQL for the first day of a week, month or quarter; "" for any other style."""
    if style == "month":
        return f"TRY_CAST({column} || '-01' AS TIMESTAMP)"
    if style == "month_named":
        return zones.parsed(f"replace({column}, '-', ' ')", ["%b %y", "%b %Y", "%B %y", "%B %Y"])
    year = f"CAST(regexp_extract({column}, '\\d{{4}}') AS INTEGER)"
    if style == "iso_week":
        # The fourth of January is always in week 1; week 53 exists only where it still belongs to the year.
        monday = f"date_trunc('week', make_date({year}, 1, 4))"
        week = f"CAST(regexp_extract({column}, '(?i)W ?(\\d{{1,2}})', 1) AS INTEGER)"
        day = f"({monday} + to_days((7 * ({week} - 1))::INTEGER))"
        return f"CASE WHEN isoyear({day}) = {year} THEN CAST({day} AS TIMESTAMP) END"
    if style == "quarter":
        quarter = f"CAST(regexp_extract({column}, '(?i)Q([1-4])', 1) AS INTEGER)"
        return f"CAST(make_date({year}, 3 * {quarter} - 2, 1) AS TIMESTAMP)"
    if style == "month_slash":
        month = f"CAST(regexp_replace({column}, '/?\\d{{4}}/?', '') AS INTEGER)"
        return f"CAST(make_date({year}, {month}, 1) AS TIMESTAMP)"
    return ""


def _named_local(column: str) -> str:
    """SQL for a day whose month is named in another language: the name becomes its number."""
    longest = sorted(MONTHS_ABROAD, key=len, reverse=True)
    name = f"lower(regexp_extract({column}, '\\d\\.? ([^ ]+) ', 1))"
    tests = " ".join(f"WHEN starts_with({name}, '{m}') THEN '{MONTHS_ABROAD[m]}'" for m in longest)
    month = f"CASE {tests} END"
    day, rest = f"regexp_extract({column}, '^\\d+')", f"regexp_extract({column}, '^\\d+\\.? [^ ]+ (.*)$', 1)"
    plain = f"{day} || '/' || {month} || '/' || replace({rest}, 'T', ' ')"
    return zones.parsed(plain, _with_times(["%d/%m/%y", "%d/%m/%Y"]))


def _number(column: str, style: str) -> str:
    if style == "plain":
        return f"CASE WHEN isfinite(TRY_CAST({column} AS DOUBLE)) THEN TRY_CAST({column} AS DOUBLE) END"
    digits = f"regexp_replace({column}, '[^0-9.,]', '', 'g')"
    digits = (
        f"replace(replace({digits}, '.', ''), ',', '.')"
        if style == "comma"
        else f"replace({digits}, ',', '')"
    )
    size = f"TRY_CAST({digits} AS DOUBLE)"
    sign = f"CASE WHEN regexp_matches({column}, '-|^\\s*\\(') THEN -1 ELSE 1 END"
    unit = f"CASE WHEN contains({column}, '%') THEN 100.0 ELSE 1.0 END"
    pattern = NUMBERS[style].replace("\\u00a0", "\u00a0").replace("\\u202f", "\u202f").replace("'", "''")
    named = f"lower(regexp_extract({column}, '{pattern}', 1) || regexp_extract({column}, '{pattern}', 2))"
    value = (
        f"CASE left({named}, 2) WHEN '' THEN {size} / {unit} ELSE round({size} * CASE WHEN left({named}, 1) IN ('k', 't') "
        f"THEN 1e3 WHEN left({named}, 2) IN ('bn', 'mr') THEN 1e9 ELSE 1e6 END, 6) END"
    )
    return f"CASE WHEN regexp_matches({column}, '{pattern}') THEN {sign} * {value} END"


def cast(column: str, kind: str, style: str, *, is_id: bool = False, is_plain: bool = False) -> str:
    """SQL that reads the text expression `column` as `kind`; NULL where it cannot be read.

    Args:
        column: A quoted identifier.
        kind: text | integer | number | boolean | date | timestamp.
        style: From a Guess, with dmy or mdy, point or comma settled.
        is_id: Words for "nothing" (null, none, nan...) are missing too.
        is_plain: It is known already that no cell needs trimming and, for an identifier, that none is such a word.
    """
    text = f"NULLIF(trim({column}), '')"
    if kind == "text":
        if is_plain:
            return column
        words = ", ".join(f"'{word}'" for word in NO_ID)
        return f"CASE WHEN lower(trim({column})) NOT IN ({words}) THEN trim({column}) END" if is_id else text
    if kind == "boolean":
        true, false = (", ".join(f"'{w}'" for w in words) for words in (_TRUE, _FALSE))
        return f"CASE WHEN lower({text}) IN ({true}) THEN TRUE WHEN lower({text}) IN ({false}) THEN FALSE END"
    if kind in ("date", "timestamp"):
        when = _moment(column, text, style, is_day=kind == "date")
        return f"CAST({when} AS {'DATE' if kind == 'date' else 'TIMESTAMP'})"
    if style == "scale":
        return f"TRY_CAST(regexp_extract({text}, '{SCALE}', 1) AS BIGINT)"
    return _integer(text, style) if kind == "integer" else _number(text, style)


def _moment(column: str, text: str, style: str, *, is_day: bool) -> str:
    """SQL that reads a day or time where its text has the form of the style."""
    if style != "iso":
        pattern = PATTERNS["day_month" if style in ("dmy", "mdy") else style].replace("'", "''")
        return f"CASE WHEN regexp_matches({text}, '{pattern}') THEN {_when(text, style, is_day=is_day)} END"
    # The cast to a timestamp is strict by itself, save for the words "epoch" and "infinity", and for letters of
    # zones, which it would take for one of the several they may mean.
    test, quick = f"ascii({text}) BETWEEN 48 AND 57", ""
    if not is_day:
        test += f" AND (NOT regexp_matches({text}, '[0-9] ?[A-Za-z]{{2,5}}$') OR regexp_matches({text}, '(UTC|GMT)$'))"
        # Reading zones is slow, and most files have none or only "Z": exactly those forms go by a short cut.
        text_is = " OR ".join(
            f"{column} LIKE '2___-__-__T__:__:__{end}'" for end in ("Z", ".___Z", ".______Z")
        )
        quick = (
            f"WHEN current_setting('TimeZone') = 'UTC' AND {column} LIKE '2___-__-__ __:__:__' "
            f"THEN TRY_CAST({column} AS TIMESTAMP) WHEN {text_is} THEN TRY_CAST({column} AS TIMESTAMP) "
        )
    return f"CASE {quick}WHEN {test} THEN {_when(text, style, is_day=is_day)} END"


def _integer(text: str, style: str) -> str:
    """SQL that reads a whole number; digits alone are read as such, since a DOUBLE would round long ones."""
    number = _number(text, style)
    whole = f"CASE WHEN {number} = round({number}) THEN TRY_CAST({number} AS BIGINT) END"
    if style != "plain":
        return whole
    return f"CASE WHEN regexp_matches({text}, '{INTEGER}') THEN TRY_CAST({text} AS BIGINT) ELSE {whole} END"


def missing_test(column: str, kind: str) -> str:
    """SQL: whether a cell is empty or a word for "nothing" (then it is missing, not unreadable)."""
    words = ("",) if kind == "text" else MISSING
    listed = ", ".join(f"'{word}'" for word in words)
    return f"({column} IS NULL OR lower(trim({column})) IN ({listed}))"
