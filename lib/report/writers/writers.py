"""All writers behind one door: a file's ending chooses the writer; one ZIP holds them all."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lib.errors import FileError
from lib.report import clean
from lib.report.deck import deck
from lib.report.story.summary_model import Summary
from lib.report.writers import brief, chart_files, evidence_book, html, markdown, tables

Progress = Callable[[float, str], None]
_FIRST = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class File:
    """A file that can be handed over.

    Attributes:
        name: File name.
        mime: Media type.
        data: The bytes.
        warnings: What was shortened on the way, full sentences.
        slides: How many slides its deck has, continued ones too; 0 for a file without a deck.
    """

    name: str
    mime: str
    data: bytes
    warnings: tuple[str, ...] = ()
    slides: int = 0


@dataclass(frozen=True)
class Format:
    """One kind of file.

    Attributes:
        ending: "pptx".
        label: What the button says.
        about: What it is for, a phrase.
        mime: Media type.
    """

    ending: str
    label: str
    about: str
    mime: str


FORMATS: Mapping[str, Format] = {
    f.ending: f
    for f in (
        Format(
            "pptx",
            "Deck",
            "slides with editable charts and speaker notes",
            "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        ),
        Format("pdf", "One-page brief", "one page to print or send", "application/pdf"),
        Format("html", "Web page", "one file that opens in any browser", "text/html"),
        Format("md", "Markdown", "text for a wiki or a chat", "text/markdown"),
        Format(
            "xlsx",
            "Evidence workbook",
            "each table with its query",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
        Format("csv", "Facts", "each number with its source as a table", "text/csv"),
        Format("ics", "Calendar", "the teams' sessions", "text/calendar"),
        Format("json", "Workbook file", "everything, to open in another installation", "application/json"),
        Format("zip", "Everything", "all files and a picture of each chart", "application/zip"),
    )
}


def stem(summary: Summary) -> str:
    """File name without ending: company and day.

    >>> from lib.report.story.summary_model import Line
    >>> stem(Summary("Ann & Co", Line("x"), "2026-11-20", ()))
    'ann-co-summary-2026-11-20'
    """
    words = re.sub(r"[^a-z0-9]+", "-", clean.line(summary.company, 60).casefold()).strip("-")
    return f"{words or 'process-outcome'}-summary-{summary.as_of}"


def make(
    summary: Summary,
    ending: str,
    template: bytes | None = None,
    template_name: str = "the template",
    progress: Progress | None = None,
) -> File:
    """Write the summary in one format.

    Args:
        summary: What it says.
        ending: A key of `FORMATS`.
        template: A company's .pptx or .potx, for the deck.
        template_name: Its name.
        progress: Called with a share 0..1 and a phrase.

    Raises:
        FileError: The format is not known, the template cannot be used, or the summary has nothing of that kind.
    """
    kind = FORMATS.get(ending)
    if kind is None:
        known = ", ".join(FORMATS)
        raise FileError(f"There is no export called .{ending}.", f"Choose one of: {known}.")
    name = f"{stem(summary)}.{ending}"
    if ending == "pptx":
        made = deck.render(summary, template, template_name)
        return File(name, kind.mime, made.data, made.warnings, made.slides)
    if ending == "zip":
        return _zip(summary, name, template, template_name, progress)
    return File(name, kind.mime, _simple(summary, ending))


def _simple(summary: Summary, ending: str) -> bytes:
    if ending == "ics" and not summary.sessions:
        raise FileError(
            "No session of the two teams is planned yet.", "Plan one on the Translation page first."
        )
    if ending == "json" and not summary.workbook:
        raise FileError(
            "The workbook file cannot leave while names, quotes or amounts are hidden.",
            "Show them again, or export the workbook on the Workbook page.",
        )
    writers: dict[str, Callable[[], bytes]] = {
        "pdf": lambda: brief.render(summary),
        "html": lambda: html.render(summary).encode(),
        "md": lambda: markdown.render(summary).encode(),
        "xlsx": lambda: evidence_book.xlsx(summary),
        "csv": lambda: tables.facts_csv(summary),
        "ics": lambda: tables.ics(summary),
        "json": lambda: summary.workbook.encode(),
    }
    return writers[ending]()


def chart_images(summary: Summary) -> list[tuple[str, bytes]]:
    """PNG and SVG of every chart, named by its slide."""
    out = []
    for message in summary.messages:
        name = re.sub(r"[^a-z0-9-]+", "-", message.id.casefold())
        for number, chart in enumerate(message.charts(), start=1):
            path = f"charts/{name}" + (f"-{number}" if number > 1 else "")
            out += [(f"{path}.png", chart_files.png(chart)), (f"{path}.svg", chart_files.svg(chart))]
    return out


def _zip(
    summary: Summary, name: str, template: bytes | None, template_name: str, progress: Progress | None
) -> File:
    parts: list[tuple[str, bytes]] = []
    warnings: tuple[str, ...] = ()
    slides = 0
    endings = [
        e
        for e in FORMATS
        if e != "zip"
        and not (e == "ics" and not summary.sessions)
        and not (e == "json" and not summary.workbook)
    ]
    for number, ending in enumerate(endings):
        if progress is not None:
            progress(number / (len(endings) + 2), FORMATS[ending].label)
        file = make(summary, ending, template, template_name)
        warnings += file.warnings
        slides = max(slides, file.slides)
        parts.append((file.name, file.data))
    if progress is not None:
        progress(len(endings) / (len(endings) + 2), "Charts")
    parts += chart_images(summary)
    parts += [(f"evidence/{summary.number(e)}-{e.id}.csv", tables.evidence_csv(e)) for e in summary.evidence]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for path, data in parts:
            info = zipfile.ZipInfo(path, _FIRST)
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            target.writestr(info, data, compresslevel=6)
    return File(name, FORMATS["zip"].mime, out.getvalue(), warnings, slides)
