"""Files that are no table: what each is, and what to do instead, in one sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from lib.errors import FileError

EXPORT_CSV = "Export the table as CSV or Excel and upload that file."
_UNPACK = "Unpack it and upload the table inside, or pack it as .zip or .gz."
_BINARIES = (
    (b"%PDF", "a PDF document", EXPORT_CSV),
    (b"\x89PNG", "a picture", EXPORT_CSV),
    (b"\xff\xd8\xff", "a picture", EXPORT_CSV),
    (b"GIF8", "a picture", EXPORT_CSV),
    (b"BM", "a picture", EXPORT_CSV),
    (b"II*\x00", "a picture", EXPORT_CSV),
    (b"MM\x00*", "a picture", EXPORT_CSV),
    (b"{\\rtf", "a text document", EXPORT_CSV),
    (b"\x7fELF", "a program", EXPORT_CSV),
    (b"MZ\x90", "a program", EXPORT_CSV),
    (b"7z\xbc\xaf", "a 7z archive", _UNPACK),
    (b"Rar!", "a RAR archive", _UNPACK),
    (b"BZh", "a bzip2 archive", _UNPACK),
    (b"\xfd7zXZ", "an xz archive", _UNPACK),
    (b"\x28\xb5\x2f\xfd", "a zstd archive", _UNPACK),
    (b"ORC", "an ORC file", "Write the table as Parquet or CSV and upload that file."),
    (b"Obj\x01", "an Avro file", "Write the table as Parquet or CSV and upload that file."),
    (b"ARROW1", "an Arrow file", "Write the table as Parquet or CSV and upload that file."),
    (b"\x00\x01\x00\x00Standard ", "an Access database", EXPORT_CSV),
    (b"ID3", "a sound", EXPORT_CSV),
    (b"OggS", "a sound", EXPORT_CSV),
    (b"\x09\x00\x04\x00", "an Excel file older than 1997", "Save it as .xlsx in Excel and upload that."),
    (b"\x09\x02\x06\x00", "an Excel file older than 1997", "Save it as .xlsx in Excel and upload that."),
    (b"\x09\x04\x06\x00", "an Excel file older than 1997", "Save it as .xlsx in Excel and upload that."),
)
# Marks that do not stand at the very beginning: where, bytes, what it is, what to do.
_FURTHER_IN = (
    (8, b"DUCK", "a DuckDB database", "Write its table with COPY … TO 'table.parquet' and upload that file."),
    (257, b"ustar", "a tar archive", _UNPACK),
    (8, b"WEBP", "a picture", EXPORT_CSV),
    (8, b"WAVE", "a sound", EXPORT_CSV),
    (4, b"ftyp", "a video or a picture of a phone", EXPORT_CSV),
)
# How a text begins that is no table.
_TEXTS = (
    (
        r"(?is)\[(InternetShortcut|Desktop Entry)\]|<\?xml.{0,200}<!DOCTYPE plist.{0,600}<key>URL",
        "a shortcut to a web page",
        "Open the link, download the table there as CSV, and upload that file.",
    ),
    (
        r"(?i)\{\s*\"(url|doc_id)\"\s*:\s*\"[^\"]*\"\s*(,\s*\"(doc_id|email|resource_id|resource_key)\"\s*:\s*\"[^\"]*\"\s*)*\}\s*$",
        "a shortcut to a web page",
        "Open the link, download the table there as CSV, and upload that file.",
    ),
    (r"(?is)(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)?(<!DOCTYPE svg[^>]*>\s*)?<svg[\s>]", "a picture", EXPORT_CSV),
    (r"(?i)BEGIN:VCALENDAR", "a calendar", EXPORT_CSV),
    (r"(?i)BEGIN:VCARD", "an address book", "Export the contacts as CSV and upload that file."),
    (
        r"version https://git-lfs",
        "a pointer to a file kept elsewhere",
        "Download the file itself and upload that.",
    ),
)
_DOCUMENTS = {"word/": "a Word document", "ppt/": "a PowerPoint presentation", "visio/": "a Visio drawing"}
_OPEN_DOCUMENTS = {"text": "a text document", "presentation": "a presentation", "graphics": "a drawing"}
# Streams of the old office files, as their directory names them.
_OLD = (
    ("EncryptedPackage", "protected by a password", "Save it in Excel without a password and upload that."),
    ("WordDocument", "a Word document", EXPORT_CSV),
    ("PowerPoint Document", "a PowerPoint presentation", EXPORT_CSV),
    ("__properties_version1.0", "an e-mail", EXPORT_CSV),
)
_SHEET_OF_XML = re.compile(
    r"(?is)<\?xml.{0,1000}<(ss:)?Workbook[^>]{0,1000}urn:schemas-microsoft-com:office:spreadsheet"
)
_CHUNK = 1 << 20


def _refuse(what: str, remedy: str) -> None:
    raise FileError(f"The file is {what}, not a table.", remedy)


def refuse_binary(head: bytes) -> None:
    """Refuse a file by its first bytes.

    Raises:
        FileError: It is known to be no table.
    """
    for magic, what, remedy in _BINARIES:
        if head.startswith(magic) and (len(magic) > 2 or 0 in head[:16]):
            _refuse(what, remedy)
    for place, magic, what, remedy in _FURTHER_IN:
        if head[place : place + len(magic)] == magic:
            _refuse(what, remedy)


def refuse_text(start: str) -> None:
    """Refuse a text by its first characters.

    Raises:
        FileError: It is known to be no table.
    """
    for pattern, what, remedy in _TEXTS:
        if re.match(pattern, start):
            _refuse(what, remedy)


def refuse_document(names: Sequence[str], kind: str) -> None:
    """Refuse an archive that is a document of an office program.

    Args:
        names: Of its members.
        kind: What its member `mimetype` says; "" without one.

    Raises:
        FileError: It is.
    """
    if kind.startswith("application/vnd.oasis.opendocument."):
        what = _OPEN_DOCUMENTS.get(kind.rpartition(".")[2].partition("-")[0], "a document")
        _refuse(what, EXPORT_CSV)
    if kind == "application/epub+zip":
        _refuse("a book", EXPORT_CSV)
    if "[Content_Types].xml" in names:
        what = next((w for begin, w in _DOCUMENTS.items() if any(n.startswith(begin) for n in names)), "")
        _refuse(what or "a document", EXPORT_CSV)
    if any(name.startswith("Index/") and name.endswith(".iwa") for name in names):
        _refuse("a document of Numbers, Pages or Keynote", EXPORT_CSV)


def refuse_old_document(path: Path) -> None:
    """Refuse an old office file that is no workbook.

    Raises:
        FileError: It is not, or a password protects it.
    """
    marks = {name: name.encode("utf-16-le") for name in ("Workbook", *(name for name, _, _ in _OLD))}
    found: set[str] = set()
    with path.open("rb") as stream:
        tail = b""
        while chunk := stream.read(_CHUNK):
            found |= {name for name, mark in marks.items() if mark in tail + chunk}
            tail = chunk[-80:]
    for name, what, remedy in _OLD:
        if name in found and "Workbook" not in found:  # a workbook may hold a document
            raise FileError(f"The file is {what}.", remedy)


def is_sheet_of_xml(start: str) -> bool:
    """Whether a text is a workbook that Excel 2003 and many tools write as XML."""
    return bool(_SHEET_OF_XML.match(start))
