"""How people write dates, numbers and truth values: regular expressions that Python and SQL read alike."""

from __future__ import annotations

import re

from lib.engine.intake.values import time_zones

MISSING = ("", "na", "n/a", "#n/a", "null", "none", "nan", "-", "--", "\\n", "nil")
# What a spreadsheet writes where a formula fails: no value, but not an empty cell either.
ERRORS = (
    "#div/0!", "#ref!", "#value!", "#name?", "#num!", "#null!", "#spill!", "#calc!", "#getting_data", "#error!", "#field!",
)  # fmt: skip
SWAPPED = "_swapped"  # behind a style: day and month have changed places
NO_ID = ("", "null", "none", "nan", "n/a", "\\n", "undefined", "nil")
_OFFSET = rf"({time_zones.OFFSET})( ?\([^)]*\))?"
_TIME = r"([T ]\s*\d{1,2}:\d{2}(:\d{2}(\.\d{1,9})?)?( ?[AaPp]\.?[Mm]\.?)?)?"
_ZONE = r"( ?(Z|UTC|GMT|[+-]\d{2}(:?\d{2})?|[A-Z][A-Za-z]+(/[A-Z][A-Za-z_-]+){1,2}))?"
_MONTHS = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec)[a-z]*"
# Beginnings of month names in German, French, Spanish, Italian, Portuguese and Dutch, and their month.
MONTHS_ABROAD = {
    "jän": 1, "jan": 1, "ene": 1, "gen": 1, "feb": 2, "fev": 2, "fév": 2, "mär": 3, "mrz": 3, "mar": 3, "maa": 3, "mrt": 3,
    "apr": 4, "avr": 4, "abr": 4, "mai": 5, "may": 5, "mag": 5, "mei": 5, "juin": 6, "jun": 6, "giu": 6, "juil": 7, "jul": 7,
    "lug": 7, "aug": 8, "aoû": 8, "aou": 8, "ago": 8, "sep": 9, "set": 9, "okt": 10, "oct": 10, "ott": 10, "out": 10, "nov": 11,
    "dez": 12, "déc": 12, "dec": 12, "dic": 12,
}  # fmt: skip
_LETTERS = "a-zéûçäíáãêôÉÛÇÄÍÁÃÊÔ"
# In capitals too: without letters outside ASCII, Python's patterns hold only those of ASCII for alike in both sizes.
_ABROAD = (
    "(?:"
    + "|".join((*MONTHS_ABROAD, *(m.upper() for m in MONTHS_ABROAD if not m.isascii())))
    + rf")[{_LETTERS}]*"
)
_YEAR = r"(?:\d{4}|['’]?\d{2})"
# A month stands off its year: "jul15" may be anything.
_BEFORE_YEAR = r"(?:[ ,./-]+['’]?(?:\d{4}|\d{2})|['’]\d{2}|\d{4})"
_WEEKDAY = rf"{time_zones.DAYS}\.?,? +"
_WEEKDAY_ABROAD = (
    rf"(?:mo|di|mi|do|fr|sa|so|lu|ma|me|je|ve|mer|jeu|ven|sam|dim|lun|mar|mié|jue|vie|sáb|dom)[{_LETTERS}]*\.?,? +"
    r"(?:el |le |den )?"
)
_WEEK = r"(?:KW|CW|W|Wk|Week|Woche|Semaine|Semana|Sem\.?)"
_QUARTER = r"(?:[QT] ?[1-4]|(?:quarter|quartal|trimestre|trim\.?) ?[1-4]|[1-4]\.? ?(?:[QT]|quarter|quartal|trimestre))"
PATTERNS = {
    "iso": rf"^\d{{4}}-\d{{1,2}}-\d{{1,2}}{_TIME}{_ZONE}$",
    "iso_12h": r"(?i)^\d{4}-\d{1,2}-\d{1,2}[T ]\s*\d{1,2}:\d{2}(:\d{2})?\s?[ap]\.?m\.?$",
    "ymd": rf"^\d{{4}}[/.]\d{{1,2}}[/.]\d{{1,2}}{_TIME}{_ZONE}$",
    "day_month": rf"^\d{{1,2}}[/.-]\d{{1,2}}[/.-](\d{{4}}|\d{{2}}){_TIME.replace('[T ]', '[T, ]+')}$",
    "dmy_dot": rf"^\d{{1,2}}\.\d{{1,2}}\.(\d{{4}}|\d{{2}}){_TIME.replace('[T ]', '[T, ]+')}$",
    "named": rf"(?i)^(?:{_WEEKDAY})?(\d{{1,2}}(?:st|nd|rd|th)?[ -](?:of )?{_MONTHS}\.?[ ,-]+{_YEAR}"
    rf"|{_MONTHS}\.?[ -]\d{{1,2}}(?:st|nd|rd|th)?[ ,-]+(?:\d{{4}}|['’]\d{{2}})|\d{{4}}[ -]{_MONTHS}\.?[ -]\d{{1,2}})"
    rf"{_TIME.replace('[T ]', '[T, ]+')}$",
    "month": r"^\d{4}-(0[1-9]|1[0-2])$",
    "named_local": rf"(?i)^(?:{_WEEKDAY_ABROAD})?\d{{1,2}}(?:\.|er|º|°)?[ .-]?(?:de )?(?:{_ABROAD})\.?[ .,/-]+(?:del? )?"
    rf"{_YEAR}{_TIME}$",
    "mail": rf"(?i)^({time_zones.DAYS},? )?\d{{1,2}} {_MONTHS} \d{{4}} \d{{1,2}}:\d{{2}}(:\d{{2}})? ?{_OFFSET}$",
    "script": rf"(?i)^{time_zones.DAYS} {_MONTHS} \d{{1,2}} \d{{4}} \d{{1,2}}:\d{{2}}:\d{{2}} {_OFFSET}$",
    "iso_week": rf"(?i)^(\d{{4}}-?W(0[1-9]|[1-4]\d|5[0-3])(-[1-7])?|\d{{4}}[ /,-]+{_WEEK} ?\d{{1,2}}"
    rf"|{_WEEK} ?\d{{1,2}}([ /,-]+\d{{4}}|[ /-]*['’]\d{{2}}|[/-]\d{{2}}))$",
    "quarter": rf"(?i)^({_QUARTER}([ /,.-]*(FY ?)?(\d{{4}}|['’]\d{{2}})|[ /,.-]+(FY ?)?\d{{2}}|FY ?\d{{2}})"
    rf"|[1-4]Q\d{{2}}|((FY ?)?['’]?\d{{4}}|FY ?['’]?\d{{2}}|['’]?\d{{2}})[ /,.-]*(Q[1-4]|[1-4]Q))$",
    "fiscal_year": r"(?i)^FY[ -]?['’]?(\d{4}|\d{2})$",
    "month_slash": r"^((0?[1-9]|1[0-2])[/-]\d{4}|\d{4}/(0?[1-9]|1[0-2]))$",
    "month_named": rf"(?i)^({_MONTHS}\.?{_BEFORE_YEAR}|\d{{4}}[ /-]{_MONTHS}\.?)$",
    "month_local": rf"(?i)^((?:{_ABROAD})\.?(?: del?)?{_BEFORE_YEAR}|\d{{4}}[ /-](?:{_ABROAD})\.?)$",
    "ym6": r"^(19|20)\d{2}(0[1-9]|1[0-2])$",
    "ymd8": r"^(19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])$",
    "epoch_s": r"^1\d{9}(\.\d+)?$",
    "epoch_ms": r"^1\d{12}$",
    "epoch_us": r"^1\d{15}$",
    "serial": r"^[2-7]\d{4}(\.\d+)?$",
}
# Spaces as people and programs put them into numbers: those of ASCII, the fixed and thin ones, those that do not break.
SPACE = "[\\s\u00a0\u2000-\u200a\u202f\u2060]"
_MINUS = "[+−–-]"
# Signs and words of money, and the code each stands for where it stands for one.
CURRENCY_OF = {
    "€": "EUR", "£": "GBP", "₹": "INR", "₽": "RUB", "₩": "KRW", "₺": "TRY", "₴": "UAH", "₪": "ILS", "₫": "VND", "₱": "PHP",
    "₦": "NGN", "฿": "THB", "US$": "USD", "A$": "AUD", "AU$": "AUD", "C$": "CAD", "CA$": "CAD", "NZ$": "NZD", "HK$": "HKD",
    "S$": "SGD", "R$": "BRL", "MX$": "MXN", "NT$": "TWD", "zł": "PLN", "Kč": "CZK", "Ft": "HUF", "lei": "RON", "Rs": "INR",
    "Fr": "CHF", "SFr": "CHF", "Euro": "EUR", "euro": "EUR", "euros": "EUR", "руб": "RUB", "лв": "BGN",
}  # fmt: skip
CURRENCY_CODES = re.findall(
    "[A-Z]{3}",
    "AED ARS AUD BDT BGN BHD BRL CAD CHF CLP CNY COP CZK DKK EGP EUR GBP GHS HKD HUF IDR ILS INR ISK JOD JPY KES KRW KWD "
    "LKR MAD MXN MYR NGN NOK NPR NZD OMR PEN PHP PKR PLN QAR RMB RON RUB SAR SEK SGD THB TND TRY TWD UAH USD UYU VND ZAR",
)
_SIGNS = "|".join(sorted((re.escape(sign) for sign in CURRENCY_OF), key=len, reverse=True))
CURRENCY = rf"(?:{_SIGNS}|[$¥￥＄￡]|kr|{'|'.join(CURRENCY_CODES)}|{'|'.join(code.lower() for code in CURRENCY_CODES)})"
# Every optional part ends with a sign, never with spaces: else many spaces could be shared out in very many ways.
_HEAD = rf"(?:{_MINUS}{SPACE}*)?(?:{CURRENCY}\.?{SPACE}*)?(?:{_MINUS}{SPACE}*)?"
_TAIL = rf"(?:{SPACE}*-)?(?:{SPACE}*(?:{CURRENCY}\.?|%))?(?:{SPACE}*-)?"
_GROUP = "\\s'’\u00a0\u2000-\u200a\u202f"  # what sets thousands apart in every country
# No cents are written as a line, "12,-", or "1'240.—".
_POINT = rf"(?:\d{{1,3}}(?:[,{_GROUP}]\d{{2,3}})*[,{_GROUP}]\d{{3}}|\d+)(?:\.\d+|\.[-–—]{{1,2}})?|\.\d+"
_COMMA = rf"(?:\d{{1,3}}(?:[.{_GROUP}]\d{{3}})+|\d+)(?:,\d+|,[-–—]{{1,2}})?|,\d+"
_UNIT = rf"(?:{SPACE}?([kK]|[Tt]sd\.?|[Tt]ausend|M|[Mm]io\.?|[Mm]illion(?:en|s)?|[Mm]n|[Mm]rd\.?|[Bb]n))?"
# A spreadsheet's accounting format writes nothing as a sign of money and a line.
_NOTHING = rf"{CURRENCY}{SPACE}*[-–—]|[-–—]{SPACE}*{CURRENCY}"


def _money(digits: str) -> str:
    """A number with what stands around it: signs, money, a unit, brackets for less than nothing."""
    bare = rf"(?:{digits}){_UNIT}{_TAIL}"
    return rf"^{SPACE}*(?:{_HEAD}{bare}|{_HEAD}\({SPACE}*{_HEAD}{bare}{SPACE}*\){_TAIL}|{_NOTHING}){SPACE}*$"


NUMBERS = {
    "plain": r"^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$",
    "point": _money(_POINT),
    "comma": _money(_COMMA),
}
# A score with the word that stands at its end of the scale: "Extremely likely - 10", "0 (not at all)".
SCALE = r"^(?:[^0-9 ][^0-9]{0,50}[ -]\(?)?([0-9]{1,2})\)?(?:\s*[-(=:]\s*[^0-9 ][^0-9]{0,50})?$"
INTEGER = r"^\s*[+-]?(0|[1-9]\d{0,17})\s*$"
TRUE = ("true", "yes", "y", "t", "1", "wahr", "ja", "oui", "si", "sí", "x")
FALSE = ("false", "no", "n", "f", "0", "falsch", "nein", "non")
BOOLEAN = rf"(?i)^\s*({'|'.join(TRUE + FALSE)})\s*$"
WORD_BOOLEAN = r"(?i)^\s*(true|false|yes|no|t|f|y|n|wahr|falsch|ja|nein|oui|non)\s*$"
