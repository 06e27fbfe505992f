"""Files that break readers, made on the spot: name, bytes, and what an honest reader says about them."""

# ruff: noqa: E501, DTZ001 - the table reads best with one file a line; Excel knows no time zones

from __future__ import annotations

import datetime as dt
import gzip
import io
import json
import random
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq


@dataclass(frozen=True)
class Case:
    """One file and the truth about it.

    `accepted`, `rejected`, `preamble`, `blank`, `header` are exact; `error` is part of the sentence a person sees;
    `kinds` are column kinds; `notes` are words that must be said; `asks` are ids of the questions asked.
    """

    name: str
    make: Callable[[], bytes]
    accepted: int = -1
    rejected: int = 0
    preamble: int = 0
    blank: int = 0
    header: int = 1
    headers: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    error: str = ""
    notes: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()
    cells: dict[tuple[int, int], str | None] = field(default_factory=dict)
    bad_lines: tuple[int, ...] = ()


def text(*lines: str, end: str = "\n", encoding: str = "utf-8") -> Callable[[], bytes]:
    return lambda: (end.join(lines) + end).encode(encoding)


def rows(count: int, form: str = "{i},{j},x{i}") -> list[str]:
    return [form.format(i=i, j=i * 2) for i in range(1, count + 1)]


def book(fill: Callable[[Any], None]) -> Callable[[], bytes]:
    def make() -> bytes:
        workbook = openpyxl.Workbook()
        fill(workbook)
        out = io.BytesIO()
        workbook.save(out)
        return out.getvalue()

    return make


def parquet(table: Callable[[], pa.Table]) -> Callable[[], bytes]:
    def make() -> bytes:
        out = io.BytesIO()
        pq.write_table(table(), out)
        return out.getvalue()

    return make


def _sheet(*lines: list[Any]) -> Callable[[], bytes]:
    def fill(workbook: Any) -> None:
        for line in lines:
            workbook.active.append(line)

    return book(fill)


def _several(workbook: Any) -> None:
    workbook.active.title = "Cover"
    data = workbook.create_sheet("Data")
    for line in (["day", "visits"], [dt.date(2026, 1, 5), 10], [dt.date(2026, 1, 6), 12]):
        data.append(line)
    secret = workbook.create_sheet("Secret")
    secret.append(["a", "b"])
    secret.sheet_state = "hidden"


def _merged(workbook: Any) -> None:
    sheet = workbook.active
    for line in (
        ["", "Q1", "", "Q2", ""],
        ["Channel", "Spend", "Clicks", "Spend", "Clicks"],
        ["email", 1, 2, 3, 4],
        ["ads", 5, 6, 7, 8],
    ):
        sheet.append(line)
    sheet.merge_cells("B1:C1")
    sheet.merge_cells("D1:E1")


def _formulas(workbook: Any) -> None:
    for line in (["day", "Users"], ["2026-01-05", "=1+1"], ["2026-01-06", "=2+2"], ["2026-01-07", 7]):
        workbook.active.append(line)


def _far_corner(workbook: Any) -> None:
    workbook.active["A1"] = "x"
    workbook.active["XFD1048576"] = "y"


def _zip(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "."), content)
    return out.getvalue()


def _gzip_bomb() -> bytes:
    machine = zlib.compressobj(9, wbits=31)
    block = b"0" * (1 << 20)
    return b"".join([*(machine.compress(block) for _ in range(300)), machine.flush()])


def _xlsx_bomb() -> bytes:
    row = b'<row r="1"><c r="A1"><v>1</v></c></row>' * 20_000
    sheet = b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    plain = _sheet(["a"], [1])()
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(plain)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.infolist():
            if item.filename == "xl/worksheets/sheet1.xml":
                with new.open(item.filename, "w", force_zip64=True) as stream:
                    stream.write(sheet)
                    for _ in range(100):
                        stream.write(row)
                    stream.write(b"</sheetData></worksheet>")
            else:
                new.writestr(item.filename, old.read(item.filename))
    return out.getvalue()


def _entity_bomb() -> bytes:
    bomb = (
        b'<?xml version="1.0"?><!DOCTYPE z [<!ENTITY a "aaaaaaaaaa">'
        + b"".join(b'<!ENTITY %c "%s">' % (98 + i, (b"&%c;" % (97 + i)) * 10) for i in range(9))
        + b"]><worksheet xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'><sheetData><row><c t='inlineStr'><is><t>&j;</t></is></c></row></sheetData></worksheet>"
    )
    plain, out = _sheet(["a"], [1])(), io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(plain)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.infolist():
            new.writestr(
                item.filename,
                bomb if item.filename == "xl/worksheets/sheet1.xml" else old.read(item.filename),
            )
    return out.getvalue()


def _flipped() -> bytes:
    content = bytearray(
        parquet(lambda: pa.table({"a": list(range(1000)), "b": [str(i) for i in range(1000)]}))()
    )
    for at in random.Random(3).sample(range(len(content) - 200, len(content) - 8), 40):
        content[at] ^= 0xFF
    return bytes(content)


def _nested() -> pa.Table:
    return pa.table({
        "day": [dt.date(2026, 1, 5)], "user": [{"id": "u1", "plan": "team"}], "tags": [["a", "b"]], "blob": [b"\x00\x01"], "n": [3],
    })  # fmt: skip


CASES = [
    # ---- rows that a sniffer drops
    Case("comma_in_comment", text("id,score,comment", *rows(50, "{i},{j},fine"), *(f"{i},1,well, sort of" for i in range(50))), 50, 50,
         headers=("id", "score", "comment"), bad_lines=(52, 53)),
    Case("three_then_four_columns", text("a,b,c", *rows(1000), *rows(1000, "{i},{j},x,extra")), 1000, 1000),
    Case("comma_then_semicolon", text("a,b,c", *rows(200), *rows(199, "{i};{j};x")), 200, 199),
    Case("ragged_short", text("a,b,c", "1,2,3", "4,5", "6,7,8"), 2, 1, bad_lines=(3,)),
    Case("ragged_early", text("a,b,c", "1,2", *rows(20)), 20, 1, bad_lines=(2,)),
    Case("ragged_late", text("a,b,c", *rows(300), "1,2,3,4"), 300, 1, bad_lines=(302,)),
    Case("unclosed_quote", text("a,b", "1,x", '2,"open', "3,y", "4,z"), 3, 1, bad_lines=(3,)),
    Case("quote_inside_cell", text("a,b", '1,5" screen', "2,y"), 2, cells={(0, 1): '5" screen'}),
    Case("text_after_quote", text("a,b", '1,"x"y', "2,z"), 1, 1, bad_lines=(2,)),
    # ---- encodings
    Case("utf8_bom", lambda: b"\xef\xbb\xbf" + "näme,n\nÄ,1\n".encode(), 1, headers=("näme", "n"), cells={(0, 0): "Ä"}),
    Case("utf16_le_bom", lambda: "name,n\nÄ,1\n".encode("utf-16"), 1, cells={(0, 0): "Ä"}),
    Case("utf16_be_bom", lambda: b"\xfe\xff" + "name,n\nÄ,1\n".encode("utf-16-be"), 1, cells={(0, 0): "Ä"}),
    Case("utf16_le_bare", lambda: "name,number\nMaria,1\nJose,2\n".encode("utf-16-le"), 2, notes=("UTF-16",)),
    Case("utf16_be_bare", lambda: "name,number\nMaria,1\nJose,2\n".encode("utf-16-be"), 2, notes=("UTF-16",)),
    Case("cp1252", text("name,price", "Müller,5 €", encoding="cp1252"), 1, cells={(0, 0): "Müller"}, notes=("not UTF-8",)),
    Case("latin1", text("name,n", "José,1", encoding="latin-1"), 1, cells={(0, 0): "José"}, notes=("not UTF-8",)),
    Case("nul_bytes", lambda: b"name,n\nA\x00B,1\nC,2\n", 2, cells={(0, 0): "AB"}, notes=("NUL",)),
    # ---- delimiters and line ends
    Case("semicolon", text("a;b", "1;2", "3;4"), 2, kinds=("integer", "integer")),
    Case("tab", text("a\tb", "1\t2", "3\t4"), 2),
    Case("pipe", text("a|b", "1|2", "3|4"), 2),
    Case("sep_line", text("sep=;", "a;b", "1;2"), 1, preamble=1, headers=("a", "b")),
    Case("crlf", text("a,b", "1,2", "3,4", end="\r\n"), 2),
    Case("cr_only", text("a,b", "1,2", "3,4", end="\r"), 2),
    Case("no_last_line_end", lambda: b"a,b\n1,2\n3,4", 2),
    Case("quoted_line_break", text("a,b", '1,"two\nlines"', "3,4"), 2, cells={(0, 1): "two\nlines"}),
    Case("doubled_quotes", text("a,b", '1,"say ""hi"""'), 1, cells={(0, 1): 'say "hi"'}),
    Case("trailing_delimiter", text("a,b", "1,2,", "3,4,"), 2, headers=("a", "b", "column_3")),
    Case("one_column", text("email", "a@b.co", "c@d.co"), 2, headers=("email",)),
    # ---- what stands above, between and below
    Case("title_rows", text("Report for Q1", "Made on 5 Feb", "", "day,visits,signups", "2026-01-05,10,2", "2026-01-06,12,3"), 2,
         preamble=2, blank=1, headers=("day", "visits", "signups")),
    Case("padded_title", text("Report,,", "day,visits,signups", "2026-01-05,10,2"), 1, preamble=1),
    Case("comment_lines", text("# exported", "# by a tool", "day,visits", "2026-01-05,10", "2026-01-06,11"), 2, preamble=2),
    Case("blank_lines", text("a,b", "1,2", "", "3,4", ",", ""), 2, blank=3),
    Case("total_footer", text("day,visits", "2026-01-05,10", "2026-01-06,12", "Total,22"), 2, 1, bad_lines=(4,)),
    Case("grand_total_footer", text("channel,spend", "email,10", "ads,12", "", "Grand Total:,22"), 2, 1, blank=1),
    Case("footer_sentence", text("a,b", "1,2", "3,4", "Generated by a tool on Monday"), 2, 1),
    Case("no_header", text("u1,2026-01-05,3", "u2,2026-01-06,4"), 2, header=0, headers=("column_1", "column_2", "column_3"),
         notes=("does not name",)),
    Case("duplicate_headers", text("id,value,value", "1,2,3"), 1, headers=("id", "value", "value_2"), notes=("more than once",)),
    Case("empty_headers", text("id,,name", "1,2,x"), 1, headers=("id", "column_2", "name"), notes=("no name",)),
    Case("header_only", text("a,b,c"), error="no rows"),
    # ---- values
    Case("decimal_comma", text("day;amount", "2026-01-05;1.234,50", "2026-01-06;7,25"), 2, kinds=("date", "number")),
    Case("thousands", text("day,amount", '2026-01-05,"1,234,567.50"', '2026-01-06,"2,000.25"'), 2, kinds=("date", "number")),
    Case("open_decimal", text("day;amount", "2026-01-05;1,234", "2026-01-06;2,345"), 2, asks=("decimal:amount",)),
    Case("currency", text("day,amount", "2026-01-05,$12.50", "2026-01-06,$3.00"), 2, kinds=("date", "number")),
    Case("percent", text("day,rate", "2026-01-05,12.5%", "2026-01-06,9 %"), 2, kinds=("date", "number")),
    Case("negative_in_brackets", text("day,amount", "2026-01-05,(200.00)", "2026-01-06,15.00"), 2, kinds=("date", "number")),
    Case("minus_behind", text("day,amount", "2026-01-05,100.00-", "2026-01-06,15.00"), 2, kinds=("date", "number")),
    Case("leading_zeros", text("zip,n", "00123,1", "04567,2"), 2, kinds=("text", "integer")),
    Case("huge_ids", text("id,n", "123456789012345678901234567890,1", "223456789012345678901234567890,2"), 2),
    Case("not_available", text("day,n", "2026-01-05,N/A", "2026-01-06,4"), 2, kinds=("date", "integer")),
    Case("excel_serials", text("date,n", "46027,1", "46028,2"), 2, kinds=("date", "integer")),
    Case("open_dates", text("date,n", "05/02/2026,1", "06/03/2026,2"), 2, asks=("dates:date",)),
    Case("told_day_first", text("date,n", "05/02/2026,1", "26/03/2026,2"), 2, kinds=("date", "integer")),
    Case("told_month_first", text("date,n", "05/22/2026,1", "06/03/2026,2"), 2, kinds=("date", "integer")),
    Case("named_months", text("date,n", "5-Feb-26,1", "16-Mar-26,2"), 2, kinds=("date", "integer")),
    Case("months", text("month,n", "2026-01,1", "2026-02,2"), 2, kinds=("date", "integer")),
    Case("zones", text("time,n", "2026-01-05T10:00:00+02:00,1", "2026-01-05T10:00:00Z,2"), 2, kinds=("timestamp", "integer")),
    Case("epoch_ms", text("created_at,n", "1767607200000,1", "1767607300000,2"), 2, kinds=("timestamp", "integer")),
    Case("clock_times", text("user,start", "u1,1:30", "u2,2:45"), 2, kinds=("text", "text")),
    Case("spaced_thousands", text("day,amount", "2026-01-05,1 234 567.50", "2026-01-06,2 000.25"), 2, kinds=("date", "number")),
    Case("euros", text("day;amount", "2026-01-05;1.234,50 €", "2026-01-06;7,25 €"), 2, kinds=("date", "number")),
    Case("bad_value_after_the_sample", text("day,n", *(f"2026-01-05,{i}" for i in range(6000)), "2026-01-05,oops"), 6001),
    Case("formula_as_text", text("name,n", "=cmd|' /C calc'!A0,1", "@SUM(1),2"), 2, cells={(0, 0): "=cmd|' /C calc'!A0"}),
    # ---- not tables
    Case("excel_by_name_only", lambda: b"PK\x03\x04" + b"garbage" * 40, error="damaged"),
    Case("empty", lambda: b"", error="empty"),
    Case("only_spaces", lambda: b"  \n \n", error="no rows"),
    Case("html", text("<!DOCTYPE html>", "<html><body>Sign in</body></html>"), error="web page"),
    Case("xml", text("<?xml version='1.0'?>", "<rows><row/></rows>"), error="XML"),
    Case("json", lambda: json.dumps([{"a": 1}]).encode(), 1, header=0, headers=("a",)),
    Case("json_lines", lambda: b'{"a": 1}\n{"a": 2}\n', 2, header=0, headers=("a",)),
    Case("pdf", lambda: b"%PDF-1.7\n%\xe2\xe3", error="PDF"),
    Case("picture", lambda: b"\x89PNG\r\n\x1a\n" + bytes(200), error="picture"),
    Case("old_excel", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), error=".xls"),
    Case("noise", lambda: random.Random(1).randbytes(5000), error="not text"),
    # ---- too much
    Case("ten_thousand_columns", lambda: ("\n".join([",".join(f"c{i}" for i in range(10_000)), ",".join("1" * 10_000)]) + "\n").encode(),
         error="10,000 columns"),
    Case("long_cell", lambda: b"a,b\n1,2\n3," + b"x" * (3 << 20) + b"\n5,6\n", 2, 1, bad_lines=(3,)),
    Case("gzip", lambda: gzip.compress(b"a,b\n1,2\n"), 1),
    Case("gzip_cut", lambda: gzip.compress(random.Random(1).randbytes(4000).hex().encode())[:-300], error="cut off"),
    Case("gzip_bomb", _gzip_bomb, error="unpacks to more"),
    Case("zip_one", lambda: _zip(data__csv=b"a,b\n1,2\n"), 1),
    Case("zip_two", lambda: _zip(one__csv=b"a,b\n1,2\n", two__csv=b"c,d\n3,4\n5,6\n"), 1, headers=("a", "b")),
    Case("zip_damaged", lambda: _zip(data__csv=b"a,b\n1,2\n" * 50)[:-30], error="damaged"),
    # ---- Excel
    Case("xlsx", _sheet(["day", "visits"], [dt.datetime(2026, 1, 5), 10], [dt.datetime(2026, 1, 6), 12.5]), 2, kinds=("date", "number"),
         cells={(0, 0): "2026-01-05", (1, 1): "12.5"}),
    Case("xlsx_sheets", book(_several), 2, headers=("day", "visits"), notes=("“Data” was read", "Secret")),
    Case("xlsx_merged", book(_merged), 2, header=2, headers=("Channel", "Q1 / Spend", "Q1 / Clicks", "Q2 / Spend", "Q2 / Clicks")),
    Case("xlsx_formulas", book(_formulas), 3, notes=("“Users”: 2 formulas",)),
    Case("xlsx_title_total", _sheet(["My report"], [], ["channel", "spend"], ["email", 3], ["ads", 4], ["Total", 7]), 2, 1, preamble=1, blank=1),
    Case("xlsx_cut", lambda: _sheet(["a"], [1])()[:-400], error="damaged"),
    Case("xlsx_empty", book(lambda workbook: None), error="no rows"),
    Case("xlsx_bomb", _xlsx_bomb, error="unpacks to"),
    # ---- Parquet
    Case("parquet", parquet(lambda: pa.table({"day": [dt.date(2026, 1, 5)], "n": [3]})), 1, header=0, kinds=("date", "integer")),
    Case("parquet_nested", parquet(_nested), 1, header=0, headers=("day", "user.id", "user.plan", "tags", "n"), notes=("“tags”", "“blob”")),
    Case("parquet_flipped", _flipped, error="damaged"),
    Case("parquet_cut", lambda: parquet(lambda: pa.table({"a": list(range(500))}))()[:-50], error="damaged"),
    Case("parquet_empty", parquet(lambda: pa.table({"a": pa.array([], pa.int64())})), error="no rows"),
]  # fmt: skip

# These can kill or hang a process: only ever through the worker.
DANGEROUS = [
    Case("xlsx_far_corner", book(_far_corner), error="16,384 columns"),
    Case("xlsx_entities", _entity_bomb, error="damaged"),
    Case(
        "parquet_bomb",
        parquet(
            lambda: pa.table(
                {"a": pa.DictionaryArray.from_arrays(pa.array(np.zeros(25_000_000, np.int8)), ["x" * 1000])}
            )
        ),
        error="more",
    ),
]
