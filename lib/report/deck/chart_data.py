"""The data inside a native chart: a workbook that holds text as text, and number formats that write like the pages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pptx.chart.data import CategoryChartData, XyChartData
from pptx.chart.xlsx import CategoryWorkbookWriter, XyWorkbookWriter
from xlsxwriter import Workbook

from lib.engine.evidence import formats

PERCENT = '{}"\u00a0"%'  # the space of lib.engine.evidence.formats
EPOCH = dt.datetime(2000, 1, 1)  # noqa: DTZ001 - the workbook format wants a plain time


class _SafeBook:
    """Mixin: the chart's workbook holds text as text, and the same bytes every time."""

    @contextmanager
    def _open_worksheet(self, xlsx_file: Any) -> Iterator[Any]:
        options = {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        workbook = Workbook(xlsx_file, options)
        workbook.set_properties({"created": EPOCH})
        yield workbook, workbook.add_worksheet()
        workbook.close()


class _CategoryBook(_SafeBook, CategoryWorkbookWriter):
    pass


class _XyBook(_SafeBook, XyWorkbookWriter):
    pass


class SafeChartData(CategoryChartData):
    """Chart data whose embedded workbook can hold no live formula or link."""

    @property
    def _workbook_writer(self) -> Any:  # pyright: ignore[reportIncompatibleVariableOverride]
        return _CategoryBook(self)


class SafeXyData(XyChartData):
    """The same for points."""

    @property
    def _workbook_writer(self) -> Any:  # pyright: ignore[reportIncompatibleVariableOverride]
        return _XyBook(self)


def number_format(format: str, values: list[float]) -> str:
    """The spreadsheet number format that writes like `lib.engine.evidence.formats`.

    >>> number_format("count", []), number_format("+ratio", [])
    ('#,##0', '+0.0"x";−0.0"x";0.0"x"')
    """
    name, _, currency = format.removeprefix("+").partition(":")
    size = max((abs(v) for v in values), default=0)
    significant = (
        "#,##0"
        if size >= 100 or all(v == round(v) for v in values)
        else "0.0"
        if size >= 10
        else "0.00"
        if size >= 1
        else "0.000"
    )
    symbol = f'"{formats.SYMBOLS.get(currency, currency)}"' if currency else ""
    bases = {
        "count": "#,##0",
        "number": significant,
        "number1": "#,##0.0",
        "percent": PERCENT.format("0"),
        "percent1": PERCENT.format("0.0"),
        "points": PERCENT.format("0.0"),
        "ratio": '0.0"x"',
        "ratio2": '0.00"x"',
        "p": "0.000",
        "days": '0.0" days"',
        "hours": '0.0" h"',
    }
    if name == "money":
        return f'[>=9999500]{symbol}#,##0.0,,"m";[>=9999.5]{symbol}#,##0,"k";{symbol}#,##0'
    base = bases.get(name, "General")
    return f"+{base};−{base};{base}" if format.startswith("+") else base
