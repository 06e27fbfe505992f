"""What the only metric of a file is called, where its column says no more than "value"."""

from __future__ import annotations

import re
from pathlib import PurePath

from lib.engine.contracts.contract_schema import contracts, normal
from lib.framework import slots

_SAYS_NUMBER = "total sum number quantity y data figure figures metric anzahl betrag summe montant"
_SAYS_FILE = """
export exports report reports data dataset download file table sheet query result results untitled unbenannt chart copy
final new old latest daily weekly monthly quarterly yearly by per day week month quarter year date time series timeseries
metric metrics kpi kpis values value csv standard input piped bericht daten tabelle mappe book workbook january february
march april may june july august september october november december jan feb mar apr jun jul aug sep sept oct nov dec
"""
_NAMELESS, _NO_NAME = frozenset(_SAYS_NUMBER.split()), frozenset(_SAYS_FILE.split())


def is_nameless(header: str) -> bool:
    """Whether a header says only that a column holds numbers.

    >>> is_nameless("Value"), is_nameless("Net revenue")
    (True, False)
    """
    name = normal(header)
    value = contracts()[slots.METRICS_LONG].column("value")
    return (
        name in {value.name, *value.aliases, *_NAMELESS}
        or re.fullmatch(r"(column|unnamed)_?\d*", name) is not None
    )


def name_of_file(name: str) -> str:
    """The metric's name in a file's name, without dates, numbers and words about files; "" where nothing is left.

    >>> name_of_file("revenue.csv"), name_of_file("net_revenue_2026-01 (2).csv.gz"), name_of_file("export (3).csv")
    ('revenue', 'net revenue', '')
    """
    stem = PurePath(name).name.partition(".")[0]
    words = normal(re.sub(r"\(\d+\)", " ", stem)).split("_")
    kept = [word for word in words if word and not re.search(r"\d", word)]
    while kept and kept[0] in _NO_NAME:
        kept.pop(0)
    while kept and kept[-1] in _NO_NAME:
        kept.pop()
    return " ".join(kept)
