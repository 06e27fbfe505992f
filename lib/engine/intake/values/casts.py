"""SQL that reads text: one expression for each kind of value and each style it is written in."""

from __future__ import annotations

from collections.abc import Sequence

from lib.engine.intake.values import time_zones
from lib.engine.intake.values.patterns import (
    FALSE,
    INTEGER,
    MISSING,
    MONTHS_ABROAD,
    NO_ID,
    NUMBERS,
    PATTERNS,
    SCALE,
    SWAPPED,
    TRUE,
)

# What Python's strip takes off: a cell that ends with a tab or a space that does not break is the same cell.
_SPACES = " || ".join(
    ("' '", *(f"chr({n})" for n in (9, 10, 11, 12, 13, 160, 8199, 8201, 8202, 8239, 12288, 65279)))
)


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
    if style in ("mail", "script"):
        return time_zones.zoned(column, style, is_day)
    local = _local(column, style)
    return _to_utc(local, is_day) if local else _period(column, style) or _counted(column, style)


def _local(column: str, style: str) -> str:
    """SQL for a day, perhaps with a time, as people write it where they are; "" for any other style."""
    if style == "iso_12h":
        plain = f"trim(regexp_replace({column}, '(?i)(\\d)\\s*([ap])\\.?m\\.?$', '\\1 \\2m'))"
        return time_zones.parsed(f"replace({plain}, 'T', ' ')", _with_times(["%Y-%m-%d"]))
    if style in ("dmy", "mdy"):
        a, b = ("%d", "%m") if style == "dmy" else ("%m", "%d")
        plain = f"regexp_replace({column}, '^(\\d+)[/.\\-](\\d+)[/.\\-](\\d+)[T,\\s]*', '\\1/\\2/\\3 ')"
        plain = f"trim(regexp_replace({plain}, '(?i)(\\d)\\s*([ap])\\.?m\\.?$', '\\1 \\2m'))"
        return time_zones.parsed(plain, _with_times([f"{a}/{b}/%y", f"{a}/{b}/%Y"]))
    if style == "dmy_dot":
        return _local(column, "dmy")
    if style == "named":
        return _named(column)
    if style == "named_local":
        return _named_local(column)
    return ""


def _counted(column: str, style: str) -> str:
    """SQL for a moment written as one number: digits of a day, or time since an epoch."""
    number = f"TRY_CAST({column} AS DOUBLE)"
    return {
        "ymd8": f"try_strptime({column}, '%Y%m%d')",
        "ym6": f"try_strptime({column} || '01', '%Y%m%d')",
        "epoch_s": f"make_timestamp(CAST(round({number} * 1000000) AS BIGINT))",
        "epoch_ms": f"make_timestamp(CAST({number} * 1000 AS BIGINT))",
        "epoch_us": f"make_timestamp(TRY_CAST({column} AS BIGINT))",
        "serial": f"(TIMESTAMP '1899-12-30' + to_seconds(round({number} * 86400)))",
    }[style]


def _period(column: str, style: str) -> str:
    """SQL for the first day of a week, month, quarter or year; "" for any other style."""
    if style == "month":
        return f"TRY_CAST({column} || '-01' AS TIMESTAMP)"
    if style in ("month_named", "month_local"):
        return f"CAST(make_date({_year(column)}, {_month(column)}, 1) AS TIMESTAMP)"
    if style == "iso_week":
        return _week(column)
    if style == "quarter":
        # The year is what is left without the quarter: of "1Q26" not "Q2", of "2021Q4" not "1Q".
        mark = "(?i)^[1-4]\\.? ?(?:quart[a-z]*|trim[a-z.]*|[QT])|(?:quart[a-z]*|trim[a-z.]*|[QT]) ?[1-4]|[1-4][QT]$"
        quarter = f"CAST(regexp_extract(regexp_extract({column}, '{mark}'), '[1-4]') AS INTEGER)"
        year = _year(f"regexp_replace({column}, '{mark}', '')")
        return f"CAST(make_date({year}, 3 * {quarter} - 2, 1) AS TIMESTAMP)"
    if style == "fiscal_year":
        return f"CAST(make_date({_year(column)}, 1, 1) AS TIMESTAMP)"
    if style == "month_slash":
        month = f"CAST(regexp_extract(regexp_replace({column}, '\\d{{4}}', ''), '\\d+') AS INTEGER)"
        return f"CAST(make_date({_year(column)}, {month}, 1) AS TIMESTAMP)"
    return ""


def _year(column: str) -> str:
    """SQL for the year in a text: four digits, or the last two with their century."""
    four, two = f"regexp_extract({column}, '\\d{{4}}')", f"regexp_extract({column}, '(\\d\\d)\\D*$', 1)"
    digits = f"CAST(coalesce(nullif({four}, ''), {two}) AS INTEGER)"
    return f"({digits} + CASE WHEN {digits} < 70 THEN 2000 WHEN {digits} < 100 THEN 1900 ELSE 0 END)"


def _week(column: str) -> str:
    """SQL for the Monday of an ISO week, or for the day of it that is written."""
    year = _year(f"regexp_replace({column}, '(?i)([a-z.]+ ?\\d{{1,2}})(-[1-7]$)?', ' ')")
    # The fourth of January is always in week 1; week 53 exists only where it still belongs to the year.
    monday = f"date_trunc('week', make_date({year}, 1, 4))"
    week = f"CAST(regexp_extract({column}, '(?i)[a-z]\\.? ?(\\d{{1,2}})', 1) AS INTEGER)"
    weekday = f"coalesce(TRY_CAST(regexp_extract({column}, '(?i)W\\d{{2}}-([1-7])$', 1) AS INTEGER), 1)"
    first = f"({monday} + to_days((7 * ({week} - 1))::INTEGER))"
    day = f"({first} + to_days(({weekday} - 1)::INTEGER))"
    return f"CASE WHEN isoyear({first}) = {year} THEN CAST({day} AS TIMESTAMP) END"


def _month(name: str) -> str:
    """SQL for the number of the month that is named in a text, in any of the languages known."""
    longest = sorted(MONTHS_ABROAD, key=len, reverse=True)
    word = f"lower(regexp_extract({name}, '\\pL{{3,}}'))"
    tests = " ".join(f"WHEN starts_with({word}, '{m}') THEN {MONTHS_ABROAD[m]}" for m in longest)
    return f"CASE {tests} END"


def _named(column: str) -> str:
    """SQL for a day whose month is named in English, whichever part comes first."""
    plain = column
    for found, put in (
        (f"(?i)^{time_zones.DAYS}\\.?,? +", ""),  # a weekday before it
        ("(?i)(\\d)(?:st|nd|rd|th)\\b", "\\1"),
        ("(?i)\\bof ", ""),
        ("(?i)([a-z])\\.", "\\1"),
        ("[ ,’''-]+", " "),
        ("(?i)sept ", "sep "),
    ):
        plain = f"regexp_replace({plain}, '{found}', '{put}', 'g')"
    days = ["%d %b %y", "%d %b %Y", "%d %B %y", "%d %B %Y", "%b %d %Y", "%B %d %Y", "%b %d %y", "%B %d %y"]
    return time_zones.parsed(plain, _with_times([*days, "%Y %b %d", "%Y %B %d"]))


def _named_local(column: str) -> str:
    """SQL for a day whose month is named in another language: the name becomes its number."""
    parts = "(\\d{1,2})(?:\\.|er|º|°)?[ .-]?(?:de )?(\\pL+)\\.?[ .,/-]+(?:del? )?[’'']?(\\d{4}|\\d{2})(.*)$"
    day, name, year, rest = (f"regexp_extract({column}, '(?i){parts}', {i})" for i in (1, 2, 3, 4))
    plain = f"{day} || '/' || {_month(name)} || '/' || {year} || replace({rest}, 'T', ' ')"
    return time_zones.parsed(plain, _with_times(["%d/%m/%y", "%d/%m/%Y"]))


def _number(column: str, style: str) -> str:
    if style == "plain":
        return f"CASE WHEN isfinite(TRY_CAST({column} AS DOUBLE)) THEN TRY_CAST({column} AS DOUBLE) END"
    # Words go with the point behind them: the one of "Rs. 50" or "50 Tsd." marks no decimals.
    digits = f"regexp_replace(regexp_replace({column}, '\\pL+\\.?', '', 'g'), '[^0-9.,]', '', 'g')"
    digits = (
        f"replace(replace({digits}, '.', ''), ',', '.')"
        if style == "comma"
        else f"replace({digits}, ',', '')"
    )
    size = f"CASE {digits} WHEN '' THEN 0 ELSE TRY_CAST({digits} AS DOUBLE) END"
    # A line behind the mark of decimals stands for no cents.
    sign = f"CASE WHEN regexp_matches({column}, '^[^0-9]*[-−–(]|[^.,–—-][-−–][^0-9]*$') THEN -1 ELSE 1 END"
    unit = f"CASE WHEN contains({column}, '%') THEN 100.0 ELSE 1.0 END"
    pattern = NUMBERS[style].replace("'", "''")
    named = f"lower(regexp_extract({column}, '{pattern}', 1) || regexp_extract({column}, '{pattern}', 2))"
    value = (
        f"CASE left({named}, 2) WHEN '' THEN ({size}) / {unit} ELSE round(({size}) * CASE WHEN left({named}, 1) IN ('k', 't') "
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
        is_plain: It is known already that no cell is "" or needs trimming and, for an identifier, that none is such a
            word.
    """
    bare = f"trim({column}, {_SPACES})"
    text = column if is_plain else f"NULLIF({bare}, '')"
    if kind == "text":
        return _words(bare) if is_id and not is_plain else text
    if kind == "boolean":
        return _truth(text)
    if kind in ("date", "timestamp"):
        when = _moment(column, text, style, is_day=kind == "date")
        return f"CAST({when} AS {'DATE' if kind == 'date' else 'TIMESTAMP'})"
    if style == "scale":
        return f"TRY_CAST(regexp_extract({text}, '{SCALE}', 1) AS BIGINT)"
    return _integer(text, style) if kind == "integer" else _number(text, style)


def _words(bare: str) -> str:
    """SQL for an identifier: a word for nothing is none."""
    words = ", ".join(f"'{word}'" for word in NO_ID)
    return f"CASE WHEN lower({bare}) NOT IN ({words}) THEN {bare} END"


def _truth(text: str) -> str:
    true, false = (", ".join(f"'{word}'" for word in words) for words in (TRUE, FALSE))
    return f"CASE WHEN lower({text}) IN ({true}) THEN TRUE WHEN lower({text}) IN ({false}) THEN FALSE END"


def _zone_behind(column: str, text: str, style: str, *, is_day: bool) -> str:
    """SQL for times with their zone behind them; those without one are read as any other."""
    base = style.partition("@")[0]
    (local, zone), name = time_zones.parts(text), "day_month" if base in ("dmy", "mdy") else base
    when = (
        f"TRY_CAST(replace({local}, '/', '-') AS TIMESTAMP)"
        if base in ("iso", "ymd")
        else _local(local, base)
    )
    when = when if is_day else f"({when} - to_minutes({time_zones.ahead(zone, style)}))"
    pattern = PATTERNS[name].replace("'", "''")
    plain = _moment(column, text, base, is_day=is_day)
    return f"CASE WHEN {zone} = '' THEN {plain} WHEN regexp_matches({local}, '{pattern}') THEN CAST({when} AS TIMESTAMP) END"


def _moment(column: str, text: str, style: str, *, is_day: bool) -> str:
    """SQL that reads a day or time where its text has the form of the style."""
    if "+" in style:  # several styles in one column: each cell is read by the one it is written in
        return f"coalesce({', '.join(_one_of(text, member, is_day=is_day) for member in style.split('+'))})"
    if "@" in style:
        return _zone_behind(column, text, style, is_day=is_day)
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


def _one_of(text: str, style: str, *, is_day: bool) -> str:
    """SQL that reads only those cells of a column that have the form of one style."""
    base = style.removesuffix(SWAPPED)
    name = "day_month" if base in ("dmy", "mdy") else base
    pattern = PATTERNS[name].replace("'", "''")
    when = _when(text, base, is_day=is_day)
    if style != base:  # the spreadsheet took the day for the month
        local = f"TRY_CAST(strftime(TRY_CAST({text} AS TIMESTAMP), '%Y-%d-%m %H:%M:%S') AS TIMESTAMP)"
        when = _to_utc(local, is_day)
    return f"CASE WHEN regexp_matches({text}, '{pattern}') THEN CAST({when} AS TIMESTAMP) END"


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
    return f"({column} IS NULL OR lower(trim({column}, {_SPACES})) IN ({listed}))"
