"""Workbooks whose XML lies, hides or attacks: what openpyxl would never write itself."""

# ruff: noqa: E501 - one file a line reads best; Excel knows no time zones

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Callable
from typing import Any

import openpyxl

from tests.engine.hostile_files import Case, book

_NS = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_STRINGS = (
    '<Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-officedocument.'
    'spreadsheetml.sharedStrings+xml"/></Types>'
)
_LOL = '<!DOCTYPE z [<!ENTITY a "aaaaaaaaaa">' + "".join(
    f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">' for i in range(9)
) + "]>"  # fmt: skip
_XXE = '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
HEAD = '<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c><c r="B1" t="inlineStr"><is><t>b</t></is></c></row>'
TWO = '<row r="2"><c r="A2"><v>1</v></c><c r="B2"><v>2</v></c></row>'
THREE = '<row r="3"><c r="A3"><v>3</v></c><c r="B3"><v>4</v></c></row>'
ROWS = HEAD + TWO + THREE


def _xml(rows: str, dimension: str = "", doctype: str = "") -> str:
    return (
        f'<?xml version="1.0"?>{doctype}<worksheet {_NS}>{dimension}<sheetData>{rows}</sheetData></worksheet>'
    )


def patched(parts: dict[str, str]) -> Callable[[], bytes]:
    """A workbook with some of its parts replaced; shared strings are declared when they are among them."""

    def make() -> bytes:
        plain, out = io.BytesIO(), io.BytesIO()
        openpyxl.Workbook().save(plain)
        with zipfile.ZipFile(plain) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
            for item in {*old.namelist(), *parts}:
                content = parts[item] if item in parts else old.read(item).decode()
                if (
                    item == "[Content_Types].xml"
                    and "xl/sharedStrings.xml" in parts
                    and "sharedStrings" not in content
                ):
                    content = content.replace("</Types>", _STRINGS)
                new.writestr(item, content)
        return out.getvalue()

    return make


def sheet(rows: str, dimension: str = "", doctype: str = "") -> Callable[[], bytes]:
    return patched({"xl/worksheets/sheet1.xml": _xml(rows, dimension, doctype)})


def _strings(doctype: str, entity: str) -> Callable[[], bytes]:
    first = HEAD.replace('t="inlineStr"><is><t>a</t></is>', 't="s"><v>0</v>')
    return patched({
        "xl/worksheets/sheet1.xml": _xml(first + TWO),
        "xl/sharedStrings.xml": f'<?xml version="1.0"?>{doctype}<sst {_NS} count="1" uniqueCount="1"><si><t>{entity}</t></si></sst>',
    })  # fmt: skip


def _spans(workbook: Any) -> None:
    page = workbook.active
    page.append(["user", "spent", "share"])
    for row, (hours, error) in enumerate([(1.5, "#DIV/0!"), (26.25, "#REF!"), (-0.25, 0.5)], 2):
        page.append([f"u{row}", dt.timedelta(hours=hours), error])
        page.cell(row, 2).number_format = "[h]:mm"


def _hidden(workbook: Any) -> None:
    page = workbook.active
    for line in (["day", "secret", "visits"], ["2026-01-05", "x", 1], ["2026-01-06", "y", 2]):
        page.append(line)
    page.row_dimensions[3].hidden = True
    page.column_dimensions["B"].hidden = True


def _hidden_data(workbook: Any) -> None:
    workbook.active.title = "Data"
    workbook.active.append(["a", "b"])
    workbook.create_sheet("Cover")
    workbook["Data"].sheet_state = "veryHidden"


def _merged_channels(workbook: Any) -> None:
    page = workbook.active
    for line in (["Channel", "Week", "Spend"], ["ads", 1, 10], ["", 2, 11], ["", 3, 12], ["email", 1, 3]):
        page.append(line)
    page.merge_cells("A2:A4")


def _years(workbook: Any) -> None:
    page = workbook.active
    for line in (
        [2025, None, 2026, None],
        ["Spend", "Clicks", "Spend", "Clicks"],
        [1, 2, 3, 4],
        [5, 6, 7, 8],
    ):
        page.append(line)
    page.merge_cells("A1:B1")
    page.merge_cells("C1:D1")


DAMAGED = "damaged"
SHEETS = [
    # ---- entities: in the sheet, its strings, the workbook, the styles
    Case("xlsx_xxe_sheet", sheet(ROWS.replace(">a<", ">&x;<"), doctype=_XXE), error=DAMAGED),
    Case("xlsx_xxe_strings", _strings(_XXE, "&x;"), error=DAMAGED),
    Case("xlsx_xxe_parameter", sheet(ROWS, doctype='<!DOCTYPE r [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]>'), error=DAMAGED),
    Case("xlsx_laughs_strings", _strings(_LOL, "&j;"), error=DAMAGED),
    Case("xlsx_laughs_workbook", patched({"xl/workbook.xml": f'<?xml version="1.0"?>{_LOL}<workbook {_NS}><sheets><sheet name="&j;" sheetId="1"/></sheets></workbook>'}),
         error=DAMAGED),
    Case("xlsx_laughs_styles", patched({"xl/styles.xml": f'<?xml version="1.0"?>{_LOL}<styleSheet {_NS}><x>&j;</x></styleSheet>'}), error=DAMAGED),
    Case("xlsx_quadratic", sheet(ROWS.replace(">a<", ">" + "&x;" * 3000 + "<"), doctype='<!DOCTYPE r [<!ENTITY x "' + "y" * 100_000 + '">]>'), error=DAMAGED),
    # ---- claims about itself that are not true
    Case("xlsx_dimension_of_a_million", sheet(ROWS, '<dimension ref="A1:XFD1048576"/>'), 2, headers=("a", "b"), cells={(1, 1): "4"}),
    Case("xlsx_dimension_of_one", sheet(ROWS, '<dimension ref="A1:A1"/>'), 2, headers=("a", "b"), cells={(1, 1): "4"}),
    Case("xlsx_dimension_empty", sheet(ROWS, '<dimension ref=""/>'), 2, headers=("a", "b")),
    Case("xlsx_dimension_nonsense", sheet(ROWS, '<dimension ref="ZZZ!9"/>'), error=DAMAGED),
    Case("xlsx_rows_backwards", sheet(HEAD + THREE + TWO), error="row 2 comes after row 3"),
    Case("xlsx_row_twice", sheet(ROWS + THREE), error="row 3 comes after row 3"),
    Case("xlsx_row_beyond_the_sheet", sheet(ROWS + TWO.replace("2", "99999999")), error="row 99,999,999"),
    Case("xlsx_cell_twice", sheet(HEAD + TWO.replace('r="B2"', 'r="A2"')), error="row 2 names a cell twice"),
    Case("xlsx_no_numbers", sheet('<row><c t="inlineStr"><is><t>a</t></is></c><c t="inlineStr"><is><t>b</t></is></c></row><row><c><v>1</v></c><c><v>2</v></c></row>'),
         1, headers=("a", "b"), cells={(0, 1): "2"}),
    Case("xlsx_gap", sheet(HEAD + TWO + THREE.replace("3", "9")), 2, blank=6),
    Case("xlsx_string_that_is_not_there", sheet(ROWS.replace('<c r="A2">', '<c r="A2" t="s">')), error=DAMAGED),
    Case("xlsx_number_that_is_none", sheet(ROWS.replace("<v>3</v>", "<v>abc</v>")), error=DAMAGED),
    Case("xlsx_day_that_is_none", sheet(ROWS.replace('<c r="A2">', '<c r="A2" t="d">').replace("<v>1</v>", "<v>2026-13-45</v>")), error=DAMAGED),
    Case("xlsx_long_cell", sheet(ROWS.replace(">a<", ">" + "y" * (2 << 20) + "<")), error="longer than 1,024 kB"),
    # ---- what cells can hold, hide and span
    Case("xlsx_durations_and_errors", book(_spans), 3, cells={(0, 1): "1:30:00", (1, 1): "26:15:00", (2, 1): "-0:15:00", (0, 2): "#DIV/0!"},
         kinds=("text", "text", "number"), notes=("“share” holds errors of a spreadsheet",)),
    Case("xlsx_formula_that_failed", sheet(ROWS.replace('<c r="A2"><v>1</v>', '<c r="A2" t="e"><f>1/0</f><v>#DIV/0!</v>')), 2,
         kinds=("integer", "integer"), notes=("such as #DIV/0!",)),
    Case("xlsx_hidden_row_and_column", book(_hidden), 2, headers=("day", "secret", "visits"), notes=("One row is hidden", "Column B is hidden")),
    Case("xlsx_only_a_hidden_sheet_has_rows", book(_hidden_data), error="No visible sheet"),
    Case("xlsx_merged_rows", book(_merged_channels), 4, headers=("Channel", "Week", "Spend"), notes=("“Channel” are merged over several rows",)),
    Case("xlsx_years_over_columns", book(_years), 2, header=2, headers=("2025 / Spend", "2025 / Clicks", "2026 / Spend", "2026 / Clicks"),
         kinds=("integer",) * 4, notes=("as in “2025 / Spend”",)),
]  # fmt: skip
