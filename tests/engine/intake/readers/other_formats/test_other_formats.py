"""Old workbooks, tables of web pages, databases: the right table, or one sentence that names the file and a remedy."""

# ruff: noqa: E501, PT017 - records and files read best on one line each; either outcome is right

from __future__ import annotations

import io
import sqlite3
import struct
import zipfile
from pathlib import Path

import pytest
import xlwt

from lib.engine import intake
from lib.engine.contracts import recognition
from lib.engine.intake import Limits
from lib.engine.intake.readers import preview
from lib.errors import FileError, UserError
from tests.engine.intake.readers.json_files.test_json_reader import read, shape

ROWS = [["Month", "Channel", "Cost"], ["2026-01-01", "ads", 10.5], ["2026-02-01", "mail", 7]]


def xls() -> bytes:
    book, out = xlwt.Workbook(), io.BytesIO()
    book.add_sheet("Cover")
    sheet = book.add_sheet("Costs")
    for y, row in enumerate(ROWS, 2):
        for x, value in enumerate(row, 1):
            sheet.write(y, x, value)
    book.save(out)
    return out.getvalue()


def ods(rows: list[list[object]] = ROWS, kind: str = "spreadsheet") -> bytes:
    def cell(value: object) -> str:
        about = f'float" office:value="{value}' if isinstance(value, int | float) else "string"
        return f'<table:table-cell office:value-type="{about}"><text:p>{value}</text:p></table:table-cell>'

    body = "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in rows)
    names = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    content = (
        f'<?xml version="1.0"?><office:document-content {names}><office:body><office:spreadsheet>'
        f'<table:table table:name="Costs">{body}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", f"application/vnd.oasis.opendocument.{kind}")
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
    return out.getvalue()


def _record(number: int, data: bytes = b"") -> bytes:
    head = bytes([number]) if number < 128 else bytes([number & 0x7F | 0x80, number >> 7])
    size, length = len(data), b""
    while True:
        length += bytes([size & 0x7F | (0x80 if size > 0x7F else 0)])
        size >>= 7
        if not size:
            return head + length + data


def _wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def xlsb() -> bytes:
    """A workbook of binary records, as its specification ([MS-XLSB]) has them: one sheet, strings in the cells."""
    cells = b""
    for y, row in enumerate(ROWS):
        cells += _record(0, struct.pack("<IIHBBII", y, 0, 300, 0, 0, 0, 0))
        for x, value in enumerate(row):
            begin = struct.pack("<II", x, 0)
            if isinstance(value, str):
                cells += _record(6, begin + _wide(value))
            else:
                cells += _record(5, begin + struct.pack("<d", value))
    size = _record(148, struct.pack("<IIII", 0, len(ROWS) - 1, 0, 2))
    sheet = _record(129) + size + _record(145) + cells + _record(146) + _record(130)
    listed = _record(156, struct.pack("<II", 0, 1) + _wide("rId1") + _wide("Costs"))
    book = _record(131) + _record(143) + listed + _record(144) + _record(132)
    link = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"
    space = "http://schemas.openxmlformats.org/package/2006/relationships"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.bin", book)
        archive.writestr(
            "xl/_rels/workbook.bin.rels",
            f'<Relationships xmlns="{space}"><Relationship Id="rId1" Type="{link}" Target="worksheets/sheet1.bin"/></Relationships>',
        )
        archive.writestr("xl/worksheets/sheet1.bin", sheet)
    return out.getvalue()


@pytest.mark.parametrize(("make", "name"), [(xls, "c.xls"), (ods, "c.ods"), (xlsb, "c.xlsb")])
def test_other_workbooks_give_the_same_table(make, name: str, tmp_path: Path) -> None:
    reading = read(tmp_path, make(), name)
    assert reading.format == "xls"
    assert reading.sheet == "Costs"
    assert [h for h in reading.headers if not h.startswith("column_")] == ROWS[0]
    assert [tuple(c for c in row if c is not None) for row in reading.head] == [
        ("2026-01-01", "ads", "10.5"), ("2026-02-01", "mail", "7"),
    ]  # fmt: skip
    assert recognition.recognise(reading)[0].contract == "spend"


@pytest.mark.parametrize("make", [xls, ods, xlsb])
def test_a_damaged_workbook_never_hurts_the_server(make, tmp_path: Path) -> None:
    whole = make()
    for number in range(12):
        place = len(whole) * (number + 1) // 14
        path = tmp_path / f"d{number}.xls"
        path.write_bytes(
            whole[:place] + bytes(b ^ 0x5A for b in whole[place : place + 9]) + whole[place + 9 :]
        )
        try:
            reading = intake.read(path)
        except UserError as error:
            assert error.remedy
            assert "\n" not in str(error)
        else:
            assert reading.accounting.accepted > 0


def test_a_sheet_asked_for_in_vain_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="no sheet called “Nope”"):
        read(tmp_path, xls(), "c.xls", "Nope")


PAGE = """<html><head><style>td {color: red}</style></head><body><table><tr><td>Report</td></tr></table>
<table border=1><tr><th>Day<th>Channel<th>Cost</tr>
<tr><td rowspan=2>2026-01-01</td><td>ads<br>north</td><td>1,200.50</td></tr>
<tr><td>mail &amp; more</td><td>7</td></tr>
<tr><td colspan=2>2026-01-02</td><td>8</td></tr></table></body></html>"""


def test_the_widest_table_of_a_page_is_read(tmp_path: Path) -> None:
    reading = read(tmp_path, PAGE.encode(), "report.xls")
    assert (reading.format, reading.headers) == ("html", ("Day", "Channel", "Cost"))
    assert reading.head == (
        ("2026-01-01", "ads north", "1,200.50"), (None, "mail & more", "7"), ("2026-01-02", None, "8"),
    )  # fmt: skip
    assert any("merged over several rows" in note for note in reading.notes)


def test_a_workbook_written_as_xml_is_read(tmp_path: Path) -> None:
    raw = (
        '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>'
        '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">'
        '<Worksheet ss:Name="x"><Table><Row><Cell><Data ss:Type="String">Day</Data></Cell><Cell><Data>Note</Data></Cell>'
        '<Cell><Data>Cost</Data></Cell></Row><Row><Cell><Data>2026-01-01</Data></Cell><Cell ss:Index="3"><Data>5</Data></Cell></Row>'
        "</Table></Worksheet></Workbook>"
    )
    reading = read(tmp_path, raw.encode(), "book.xls")
    assert (reading.headers, reading.head) == (("Day", "Note", "Cost"), (("2026-01-01", None, "5"),))


def test_a_log_in_page_is_no_table(tmp_path: Path) -> None:
    page = "<html><table><tr><td>User</td><td><input></td></tr><tr><td>Password</td><td><input type=password></td></tr></table>"
    with pytest.raises(FileError, match="web page"):
        read(tmp_path, page.encode(), "report.xls")


def test_endless_markup_is_held(tmp_path: Path) -> None:
    for raw in (
        "<table>" * 20_000 + "<tr><td>1<td>2<tr><td>3<td>4",
        "<table><tr><td colspan=9999999>a<td>b<tr><td>c<td>d</table>",
        "<table><tr><td rowspan=9999999>a<td>b<tr><td>c<tr><td>d</table>",
    ):
        try:
            assert read(tmp_path, b"<html>" + raw.encode(), "a.html").accounting.accepted > 0
        except UserError as error:
            assert error.remedy


def database(path: Path, *statements: str) -> bytes:
    with sqlite3.connect(path) as con:
        for statement in statements:
            con.execute(statement)
    con.close()
    return path.read_bytes()


def test_the_largest_table_of_a_database_is_read_and_the_others_can_be_chosen(tmp_path: Path) -> None:
    raw = database(
        tmp_path / "made.db",
        "CREATE TABLE plans (plan TEXT, price REAL)",
        "INSERT INTO plans VALUES ('pro', 49.5)",
        'CREATE TABLE "user events" (user_id TEXT, event TEXT, timestamp INTEGER, raw BLOB, "user_id " TEXT)',
        "INSERT INTO \"user events\" VALUES ('u1', 'signup', 1772010000, x'00ff', NULL), ('u2', 'paid', 1772013600, NULL, 'x')",
        "CREATE VIEW endless AS WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT n FROM r",
    )
    reading = read(tmp_path, raw, "app.sqlite")
    assert (reading.format, reading.sheet, shape(reading)) == ("sqlite", "user events", (2, 0, 0))
    assert [sheet.name for sheet in reading.sheets] == ["plans", "user events"]
    assert reading.head == (
        ("u1", "signup", "1772010000", None, None),
        ("u2", "paid", "1772013600", None, "x"),
    )
    assert any("“raw” holds bytes" in note for note in reading.notes)
    assert recognition.recognise(reading)[0].contract == "events"
    assert read(tmp_path, raw, "app.sqlite", "plans").head == (("pro", "49.5"),)
    for sheet in ("endless", "sqlite_master", 'plans"; DROP TABLE plans; --'):
        with pytest.raises(FileError, match="no table called"):
            read(tmp_path, raw, "app.sqlite", sheet)


def test_a_damaged_database_is_told_in_words(tmp_path: Path) -> None:
    raw = database(
        tmp_path / "made.db", "CREATE TABLE t (a TEXT)", *["INSERT INTO t VALUES (hex(randomblob(900)))"] * 40
    )
    for number in range(16):
        place = 100 + number * (len(raw) - 200) // 16
        path = tmp_path / f"d{number}.db"
        path.write_bytes(raw[:place] + b"\xff" * 40 + raw[place + 40 :])
        try:
            reading = intake.read(path, limits=Limits(timeout_seconds=60))
        except UserError as error:
            assert error.remedy
        else:
            assert reading.accounting.total == reading.accounting.accepted + reading.accounting.rejected


REFUSED = {
    "x.url": (b"[InternetShortcut]\r\nURL=https://example.com/export\r\n", "shortcut to a web page"),
    "x.webloc": (b'<?xml version="1.0"?>\n<!DOCTYPE plist PUBLIC "-//x">\n<plist><dict><key>URL</key><string>https://example.com</string></dict></plist>', "shortcut"),
    "x.desktop": (b"[Desktop Entry]\nType=Link\nURL=https://example.com\n", "shortcut"),
    "x.gsheet": (b'{"url": "https://example.com/open?id=1", "doc_id": "1", "email": "a@example.com"}', "shortcut"),
    "x.svg": (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"></svg>', "a picture"),
    "x.webp": (b"RIFF\x10\x00\x00\x00WEBPVP8 ", "a picture"),
    "x.pdf": (b"%PDF-1.7\n", "a PDF document"),
    "x.odt": (ods(kind="text"), "a text document"),
    "x.ics": (b"BEGIN:VCALENDAR\r\n", "a calendar"),
    "x.duckdb": (b"\x00" * 8 + b"DUCK" + b"\x00" * 100, "a DuckDB database"),
    "x.tar": (b"a.csv" + b"\x00" * 252 + b"ustar\x0000", "a tar archive"),
    "x.doc": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600 + "WordDocument".encode("utf-16-le"), "a Word document"),
    "p.xlsx": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600 + "EncryptedPackage".encode("utf-16-le"), "protected by a password"),
    "x.xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, ".xls"),
    "y.xls": (b"\x09\x00\x04\x00\x02\x00\x10\x00", "older than 1997"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_table_is_named_with_a_remedy(name: str, tmp_path: Path) -> None:
    raw, what = REFUSED[name]
    with pytest.raises(FileError) as caught:
        read(tmp_path, raw, name)
    assert what in caught.value.problem
    assert caught.value.remedy
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "raw", [xls(), ods(), PAGE.encode(), b'[{"a": 1}]', b'{"a": 1}\n{"a": 2}\n', b"SQLite format 3\x00"]
)
def test_no_first_look_is_shown_of_what_is_no_text_table(raw: bytes, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(raw)
    assert preview.preview(path, tmp_path) is None
