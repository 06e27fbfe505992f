"""From bytes on disk to something with a known format: magic bytes, bounded unpacking, encoding."""

from __future__ import annotations

import codecs
import contextlib
import errno
import hashlib
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from lib.engine.intake.model import Limits
from lib.engine.intake.readers.json_files import documents
from lib.engine.intake.readers.other_formats import refused
from lib.errors import FileError, LimitError, NoRowsError

CHUNK = 1 << 20
_LONGEST_KIND = 200  # bytes of what an archive says it is
_LOOK = 1 << 20  # characters of a line that are looked at
BROKEN_UTF8 = "utf_8"  # the codec by a name of its own: such a file is never read where it lies
_NO_MARK = "The file is UTF-16 without a mark; it was read as such."
_EXPORT_CSV = "Export the table as CSV or Excel and upload that file."
_TABLES = (
    ".csv", ".tsv", ".txt", ".tab", ".xlsx", ".xlsm", ".parquet", ".gz", ".zip", ".json", ".jsonl", ".ndjson",
    ".xls", ".xlsb", ".ods", ".html", ".htm", ".sqlite", ".sqlite3", ".db",
)  # fmt: skip
_NO_TABLE = re.compile(
    r"(?i)^(read[_ -]?me|licen[cs]e|manifest|metadata)\b"
)  # what exports lay beside their tables
_MOST_FILES = 5_000  # of one archive


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
_XML = re.compile(r"(?is)<(\?xml|[a-z][\w:]*[\s>])")
_HTML = re.compile(r"(?is)<(!doctype|html|head|body|table|script|meta|style)")
_JSON = re.compile(r'(?s)(\[\s*[\[{"]|\[\s*\]|\{\s*("|\}))')
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
        format: text | json | html | xlsx | calamine | parquet | sqlite | several.
        members: Names of the tables inside a zip archive, else empty.
        member: The one that was unpacked; "" where all of them are read.
        listed: How many files of any kind the archive holds.
    """

    path: Path
    format: str
    members: tuple[str, ...] = ()
    member: str = ""
    listed: int = 0


Opener = Callable[[Path, Path, Limits, str], Unpacked]


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
    """A workbook stays as it is; of any other archive the only table, or the one asked for, is unpacked."""
    with opened(path) as archive:
        listed = [item for item in archive.infolist() if not item.is_dir()]
        _bounded(sum(item.file_size for item in listed), path.stat().st_size, limits)
        names = [item.filename for item in listed]
        if office := _office(names, archive):
            return Unpacked(path, office)
        tables = _tables(names)
        if len(tables) > 1 and member not in tables:
            return Unpacked(path, "several", tuple(tables))
        chosen = member if member in tables else tables[0]
        target = extract(archive, chosen, folder / "unpacked", limits)
    inner = unpack(target, folder / "inner", limits)
    return Unpacked(
        inner.path, inner.format, inner.members or tuple(tables), inner.member or chosen, len(_visible(names))
    )


@contextlib.contextmanager
def opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """A zip archive; whatever is wrong with it while it is open is told in words.

    Raises:
        FileError: It is damaged or protected.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except _DAMAGED_ZIP as error:
        if isinstance(error, OSError) and error.errno != errno.EINVAL:  # EINVAL: a damaged offset
            raise
        raise FileError(
            "The file is a damaged or protected archive.", "Export it again without a password."
        ) from error


def _office(names: Sequence[str], archive: zipfile.ZipFile) -> str:
    """Which spreadsheet an archive is; "" for an archive of files.

    Raises:
        FileError: It is another document of an office program.
    """
    if "xl/workbook.bin" in names:
        return "calamine"
    if any(name.startswith("xl/") for name in names):
        return "xlsx"
    kind = ""
    if "mimetype" in names and archive.getinfo("mimetype").file_size < _LONGEST_KIND:
        kind = archive.read("mimetype").decode("ascii", "replace").strip()
    if kind.startswith("application/vnd.oasis.opendocument.spreadsheet"):
        return "calamine"
    refused.refuse_document(names, kind)
    return ""


def _visible(names: Sequence[str]) -> list[str]:
    """The members that a person put there."""
    return [name for name in names if not name.startswith("__MACOSX") and "/." not in "/" + name]


def _tables(names: Sequence[str]) -> list[str]:
    """The members that can be tables: what is called so, else whatever is there."""
    found = _visible(names)
    if not found:
        raise FileError("The archive is empty.", "Put one table into it, or upload the table itself.")
    called = [name for name in found if name.lower().endswith(_TABLES)]
    tables = [name for name in called if not _NO_TABLE.match(name.rpartition("/")[2])]
    if len(tables) > _MOST_FILES:
        raise LimitError(
            f"The archive holds {len(tables):,} files; at most {_MOST_FILES:,} are read.",
            "Upload a shorter period.",
        )
    return tables or called or found[:1]


def extract(archive: zipfile.ZipFile, name: str, target: Path, limits: Limits) -> Path:
    """Unpack one member, never past the limits.

    Raises:
        LimitError: It unpacks to more than the limits allow.
    """
    item, written = archive.getinfo(name), 0
    with archive.open(item) as stream, target.open("wb") as out:
        while chunk := stream.read(CHUNK):
            written += len(chunk)
            _bounded(written, max(1, item.compress_size), limits)
            out.write(chunk)
    return target


def _ungzip(path: Path, folder: Path, limits: Limits, _: str) -> Unpacked:
    return unpack(gunzip(path, folder / "gunzipped", limits), folder / "inner", limits)


def _as(form: str) -> Opener:
    return lambda path, *_: Unpacked(path, form)


def _old_office(path: Path, *_: object) -> Unpacked:
    """An .xls workbook; refuses the other documents that begin with the same bytes."""
    refused.refuse_old_document(path)
    return Unpacked(path, "calamine")


# What the first bytes of a file say it is, and how to open that; a format that is new here needs a reader in `readers`.
_OPENERS: tuple[tuple[bytes, Opener], ...] = (
    (b"\x1f\x8b", _ungzip),
    (b"PK\x03\x04", _unzip),
    (b"PK\x05\x06", _unzip),
    (b"PAR1", _as("parquet")),
    (b"PARE", _as("parquet")),
    (b"SQLite format 3\x00", _as("sqlite")),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", _old_office),
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
        raise NoRowsError("The file is empty.", "Export it again and upload the new copy.")
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
    refused.refuse_binary(head)
    return Unpacked(path, _kind_of_text(path, head))


def _kind_of_text(path: Path, head: bytes) -> str:
    """Text | json | html, by its first characters."""
    name = next((name for mark, name in _MARKS if head.startswith(mark)), "") or _latin_utf16(head) or "utf-8"
    start = head.decode(name, errors="replace").lstrip("\ufeff \t\r\n")
    refused.refuse_text(start)
    if _HTML.match(start) or refused.is_sheet_of_xml(start):
        return "html"
    if _JSON.match(start):
        return "json"
    with path.open(encoding=name, errors="replace") as stream:
        lines = [stream.readline(_LOOK) for _ in range(20)]
    return "json" if documents.looks_like_lines(lines) else "text"


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
    """Refuse XML that carries a table's file name.

    Raises:
        FileError: The text is XML, or empty.
    """
    text = start.lstrip("\ufeff \t\r\n")
    if not text:
        raise NoRowsError("The file holds no rows.", "Export it again and upload the new copy.")
    if _XML.match(text):
        raise FileError("The file is XML, not a table.", _EXPORT_CSV)
