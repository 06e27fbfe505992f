"""From bytes on disk to something with a known format: magic bytes, bounded unpacking, encoding."""

from __future__ import annotations

import codecs
import errno
import hashlib
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from lib.engine.intake.model import Limits
from lib.errors import FileError, LimitError

CHUNK = 1 << 20
BROKEN_UTF8 = "utf_8"  # the codec by a name of its own: such a file is never read where it lies
_NO_MARK = "The file is UTF-16 without a mark; it was read as such."
_EXPORT_CSV = "Export the table as CSV or Excel and upload that file."
_TABLES = (".csv", ".tsv", ".txt", ".tab", ".xlsx", ".xlsm", ".parquet", ".gz", ".zip")
_BINARIES = (
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"{\\rtf", "a text document"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive"),
    (b"ORC", "an ORC file"),
    (b"Obj\x01", "an Avro file"),
)


_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WESTERN = (
    "cp1252",
    "The file is not UTF-8; it was read as Windows Western European. Check names with accents.",
)
_MARKUP = (
    (
        r"(?is)<(!doctype|html|head|body|table|script|meta)",
        "The file is a web page, not a table.",
        "Log in to the tool it came from and use its CSV export; a download link often saves the log-in page.",
    ),
    (r"(?is)<(\?xml|[a-z][\w:]*[\s>])", "The file is XML, not a table.", _EXPORT_CSV),
    (r'(?s)(\[\s*[\[{"]|\{\s*("|\}))', "The file is JSON, not a table.", _EXPORT_CSV),
)
_DAMAGED_ZIP = (
    zipfile.BadZipFile,
    RuntimeError,
    NotImplementedError,
    zlib.error,
    EOFError,
    OSError,
    ValueError,
)


@dataclass(frozen=True)
class Unpacked:
    """A file after unzipping.

    Attributes:
        path: Where the bytes are now.
        format: text | xlsx | parquet.
        members: Names inside a zip archive, else empty.
        member: The one that was unpacked.
    """

    path: Path
    format: str
    members: tuple[str, ...] = ()
    member: str = ""


def sha256(path: Path) -> str:
    """Hex digest of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _bounded(written: int, packed: int, limits: Limits) -> None:
    if written > limits.max_unpacked_mb << 20 or (written > 50 << 20 and written > packed * limits.max_ratio):
        raise LimitError(
            f"The file unpacks to more than {max(50, written >> 20):,} MB, which no ordinary export does.",
            "Unzip it yourself, check it, and upload the table inside.",
        )


def gunzip(path: Path, target: Path, limits: Limits) -> Path:
    """Unpack a gzip file, never past the limits.

    Raises:
        LimitError: It unpacks to more than the limits allow.
        FileError: It is cut off or damaged.
    """
    packed, written = path.stat().st_size, 0
    machine = zlib.decompressobj(wbits=31)
    try:
        with path.open("rb") as stream, target.open("wb") as out:
            data = stream.read(CHUNK)
            while data:
                piece = machine.decompress(data, CHUNK)
                written += len(piece)
                _bounded(written, packed, limits)
                out.write(piece)
                data = machine.unconsumed_tail
                if machine.eof:  # gzip files may be several members one after the other
                    rest = machine.unused_data or stream.read(CHUNK)
                    if not rest.strip(b"\x00"):
                        break
                    machine, data = zlib.decompressobj(wbits=31), rest
                elif not data:
                    data = stream.read(CHUNK)
            if not machine.eof:
                raise FileError("The .gz file is cut off before its end.", "Download or export it again.")
    except zlib.error as error:
        raise FileError("The .gz file is damaged.", "Download or export it again.") from error
    return target


def _unzip(path: Path, folder: Path, limits: Limits, member: str) -> Unpacked:
    """A workbook stays as it is; of any other archive one table is unpacked."""
    try:
        with zipfile.ZipFile(path) as archive:
            listed = [item for item in archive.infolist() if not item.is_dir()]
            _bounded(sum(item.file_size for item in listed), path.stat().st_size, limits)
            if _is_office([item.filename for item in listed]):
                return Unpacked(path, "xlsx")
            tables = _tables(listed)
            chosen = next((item for item in tables if item.filename == member), tables[0])
            target = _extract(archive, chosen, folder / "unpacked", limits)
    except _DAMAGED_ZIP as error:
        if isinstance(error, OSError) and error.errno != errno.EINVAL:  # EINVAL: a damaged offset
            raise
        raise FileError(
            "The file is a damaged or protected archive.", "Export it again without a password."
        ) from error
    inner = unpack(target, folder / "inner", limits)
    return Unpacked(inner.path, inner.format, tuple(item.filename for item in tables), chosen.filename)


def _is_office(names: Sequence[str]) -> bool:
    """Whether an archive is an Excel workbook.

    Raises:
        FileError: It is another document of an office program.
    """
    is_workbook = any(name.startswith("xl/") for name in names)
    if "[Content_Types].xml" in names and not is_workbook:
        raise FileError("The file is a document, not a workbook with tables.", _EXPORT_CSV)
    return is_workbook


def _tables(listed: Sequence[zipfile.ZipInfo]) -> list[zipfile.ZipInfo]:
    """The members that can be tables, those that are called so first: a read-me is none."""
    found = [i for i in listed if not i.filename.startswith("__MACOSX") and "/." not in "/" + i.filename]
    if not found:
        raise FileError("The archive is empty.", "Put one table into it, or upload the table itself.")
    return sorted(found, key=lambda item: not item.filename.lower().endswith(_TABLES))


def _extract(archive: zipfile.ZipFile, item: zipfile.ZipInfo, target: Path, limits: Limits) -> Path:
    written = 0
    with archive.open(item) as stream, target.open("wb") as out:
        while chunk := stream.read(CHUNK):
            written += len(chunk)
            _bounded(written, max(1, item.compress_size), limits)
            out.write(chunk)
    return target


def _ungzip(path: Path, folder: Path, limits: Limits, _: str) -> Unpacked:
    return unpack(gunzip(path, folder / "gunzipped", limits), folder / "inner", limits)


def _as_parquet(path: Path, *_: object) -> Unpacked:
    return Unpacked(path, "parquet")


def _refuse_old_excel(*_: object) -> NoReturn:
    raise FileError(
        "The file is an old .xls workbook or is protected by a password.",
        "Open it in Excel, save it as .xlsx without a password, and upload that.",
    )


# What the first bytes of a file say it is, and how to open that; a format that is new here needs a reader in `readers`.
_OPENERS: tuple[tuple[bytes, Callable[[Path, Path, Limits, str], Unpacked]], ...] = (
    (b"\x1f\x8b", _ungzip),
    (b"PK\x03\x04", _unzip),
    (b"PK\x05\x06", _unzip),
    (b"PAR1", _as_parquet),
    (b"PARE", _as_parquet),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", _refuse_old_excel),
)


def unpack(path: Path, folder: Path, limits: Limits, member: str = "") -> Unpacked:
    """Find out what a file is, and unzip it within the limits.

    Args:
        path: The file.
        folder: Where unpacked bytes go; made if needed.
        limits: Caps.
        member: Which file of a zip archive to read; the first by default.

    Raises:
        FileError: The file is empty, damaged, or not a table.
        LimitError: It is larger than the limits allow.
    """
    folder.mkdir(parents=True, exist_ok=True)
    size = path.stat().st_size
    if size == 0:
        raise FileError("The file is empty.", "Export it again and upload the new copy.")
    if size > limits.max_file_mb << 20:
        raise LimitError(
            f"The file is larger than {limits.max_file_mb:,} MB.",
            "Upload a shorter period, or aggregate it first.",
        )
    with path.open("rb") as stream:
        head = stream.read(4096)
    for magic, opener in _OPENERS:
        if head.startswith(magic):
            return opener(path, folder, limits, member)
    for magic, what in _BINARIES:
        if head.startswith(magic):
            raise FileError(f"The file is {what}, not a table.", _EXPORT_CSV)
    return Unpacked(path, "text")


def encoding(path: Path) -> tuple[str, str]:
    """Encoding of a text file and a note for the person, "" if there is nothing to say.

    Raises:
        FileError: The bytes are not text.
    """
    with path.open("rb") as stream:
        head = stream.read(1 << 16)
    marked = next((name for mark, name in _MARKS if head.startswith(mark)), "")
    if marked:
        return marked, ""
    is_odd = _has_controls(head)
    bare = _latin_utf16(head) or (_bare_utf16(head) if is_odd else "")
    if bare:
        return bare, _NO_MARK
    if is_odd:
        raise FileError("The file is not text and not a known table format.", _EXPORT_CSV)
    if _is_utf8(path):
        return "utf-8", ""
    bare = _bare_utf16(head) if 0 in head else ""
    return (bare, _NO_MARK) if bare else _broken_utf8(path) or _WESTERN


def _latin_utf16(head: bytes) -> str:
    """UTF-16 of mostly Latin letters without a mark: every second byte is zero."""
    half = max(1, len(head) // 2)
    even, odd = head[0::2].count(0) / half, head[1::2].count(0) / half
    if odd > 0.4 and even < 0.1:
        return "utf-16-le"
    return "utf-16-be" if even > 0.4 and odd < 0.1 else ""


def _has_controls(head: bytes) -> bool:
    """Whether there are more control characters or zeros than a text holds."""
    control = sum(head.count(bytes([b])) for b in range(32) if b not in (9, 10, 12, 13, 26, 27, 0))
    return control > len(head) * 0.05 or head.count(0) > len(head) * 0.3


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(CHUNK):
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _bare_utf16(head: bytes) -> str:
    """UTF-16 without a mark, by its line ends: letters of any alphabet, and no control characters among them."""
    for name in ("utf-16-le", "utf-16-be"):
        text = head[: len(head) // 2 * 2].decode(name, errors="replace")
        odd = sum(
            unicodedata.category(sign) in ("Cc", "Cn", "Co", "Cs") and sign not in "\t\r\n" for sign in text
        )
        if re.search(r"[^\r\n][\r\n]", text) and odd <= len(text) // 1000:
            return name
    return ""


def _broken_utf8(path: Path) -> tuple[str, str] | None:
    """UTF-8 with a few broken places, such as a cell that was cut: far more letters are whole than broken."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    broken = whole = 0
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            text = decoder.decode(chunk)
            broken += text.count("\ufffd")
            whole += len(text) - len(text.encode("ascii", errors="ignore"))
    if whole - broken < 4 * broken:
        return None
    places = f"{broken:,} places are" if broken > 1 else "One place is"
    return (
        BROKEN_UTF8,
        f"{places} no valid text (UTF-8) and shown as “\ufffd”. Compare with the tool the file came from.",
    )


def refuse_markup(start: str) -> None:
    """Refuse web pages, XML and JSON that carry a table's file name.

    Raises:
        FileError: The text is one of them.
    """
    text = start.lstrip("\ufeff \t\r\n")
    if not text:
        raise FileError("The file holds no rows.", "Export it again and upload the new copy.")
    for pattern, problem, remedy in _MARKUP:
        if re.match(pattern, text):
            raise FileError(problem, remedy)
