"""The executive summary from the command line, for a weekly job: deck, brief, page, evidence."""

from __future__ import annotations

import argparse
import datetime as dt
import functools
import sys
from pathlib import Path
from typing import Any

from lib.engine.datasets import demo
from lib.engine.datasets.reader import OWNER_OF_ALL, Reader, holder
from lib.errors import DataError, FileError, NotAllowedError, NotFoundError
from lib.report.story import as_of, build, contested_terms, run_steps
from lib.report.story.inputs import Inputs, Options
from lib.report.writers import writers
from lib.workbook import home as homes
from lib.workbook import portable
from lib.workbook.dataset_rights import DatasetRights, named
from lib.workbook.members import clean
from lib.workbook.model import Workbook, fold
from lib.workbook.store import open_store

NAME = "export"
HELP = "write the executive summary of a workbook: .pptx, .pdf, .html, .md, .xlsx, .csv, .ics or .zip"
_YEARS = range(1970, 2200)
_HIDE = ("names", "quotes", "money")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """WORKBOOK, --to, --template, --since, --audience, --hide, --for, --today."""
    parser.add_argument(
        "workbook", metavar="WORKBOOK", help="a workbook's .json file, or demo for the finished example"
    )
    parser.add_argument(
        "--to",
        required=True,
        action="append",
        metavar="FILE",
        help="where to write; the ending chooses the format; may be repeated",
    )
    parser.add_argument(
        "--template",
        metavar="FILE",
        help="a .pptx or .potx whose fonts, colours and layouts the deck takes over; "
        "by default the one uploaded on the Summary page",
    )
    parser.add_argument(
        "--since", metavar="DATE", help="say what changed since the end of this day, such as 2026-10-12"
    )
    parser.add_argument(
        "--audience",
        choices=("executive", "board", "team"),
        help="length of the summary; the workbook's own setting by default",
    )
    parser.add_argument("--hide", default="", metavar="names,quotes,money", help="what must not leave")
    parser.add_argument(
        "--for",
        dest="person",
        default="",
        metavar="EMAIL",
        help="whose data it may show, where people sign in: the files of the workbooks that EMAIL may look at",
    )
    parser.add_argument("--today", metavar="DATE", help="day on the export; today by default")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Write the files."""
    targets = _targets(args.to)
    today = _day(args.today, "--today") or dt.datetime.now(dt.UTC).date()
    since = _day(args.since, "--since")
    events, workbook, home = _open(args.workbook)
    options = _options(args, workbook)
    reader = _reader(home, args.person, workbook if events is None else None)
    before = _before(events, home, since, reader) if since is not None else None
    text = portable.export(portable.without_private(events)).decode() if events is not None else ""
    summary = build.build(
        _inputs(workbook, home, today, reader, events), options, before=before, workbook_json=text
    )
    template, template_name = _template(args.template, workbook, home)
    rows, warnings = [], list(summary.warnings)
    if words := contested_terms.sentence(workbook, summary.messages):
        warnings.append(words)
    slides = len(summary.messages) + 1  # of the story; a deck that was made says how many it took
    for target, ending in targets:
        file = writers.make(summary, ending, template, template_name)
        _write(target, file.data)
        rows.append({"file": str(target), "bytes": len(file.data)})
        slides = file.slides or slides
        warnings += [w for w in file.warnings if w not in warnings]
    return {
        "rows": rows,
        "slides": slides,
        "digest": summary.digest,
        "warnings": warnings,
        "missing": list(summary.missing),
    }


def _targets(names: list[str]) -> list[tuple[Path, str]]:
    """Files to write, each with its format."""
    out = []
    for target in map(Path, names):
        ending = target.suffix.lstrip(".").casefold()
        if ending not in writers.FORMATS:
            raise FileError(
                f"{target.name} has no ending that can be written.",
                f"End it in one of: .{', .'.join(writers.FORMATS)}.",
            )
        if not target.parent.is_dir():  # said before the work, not after it
            raise FileError(f"There is no folder {target.parent}.", "Make it, or choose another one.")
        out.append((target, ending))
    return out


def _options(args: argparse.Namespace, workbook: Workbook) -> Options:
    """What the command line asks for, on top of what the team chose on the Summary page."""
    saved = Options.saved(workbook)
    hide = {part.strip() for part in args.hide.split(",") if part.strip()}
    if hide - set(_HIDE):
        raise DataError(
            f"--hide does not know {', '.join(sorted(hide - set(_HIDE)))}.", f"Use {', '.join(_HIDE)}."
        )
    return Options(
        args.audience or saved.audience,
        saved.hide_names or "names" in hide,
        saved.hide_quotes or "quotes" in hide,
        saved.hide_money or "money" in hide,
    )


def _before(events: list[Any] | None, home: Path, since: dt.date, reader: Reader) -> Inputs:
    """The workbook as it stood at the end of a day, with the data it had then."""
    if events is None:
        raise DataError(
            "The finished example has no earlier state.", "Use --since with a workbook's own file."
        )
    return _inputs(as_of.until(events, since), home, since, reader)


def _day(text: str | None, name: str) -> dt.date | None:
    if not text:
        return None
    try:
        day = dt.date.fromisoformat(text)
    except ValueError as error:
        raise DataError(f"{text!r} is not a date.", f"Write {name} as 2026-10-12.") from error
    if day.year not in _YEARS:
        raise DataError(f"{text} is no day of a workbook.", f"Write {name} as a day of these years.")
    return day


def _bytes(name: str) -> bytes:
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise NotFoundError(f"{name} cannot be read.", "Check its name and folder.") from error


def _template(name: str | None, workbook: Workbook, home: Path) -> tuple[bytes | None, str]:
    """The template asked for, else the one that the team uploaded on the Summary page, else the house's."""
    if name:
        return _bytes(name), Path(name).name
    kept = workbook.summary.get("template")
    kept = kept if isinstance(kept, dict) else {}
    mark = str(kept.get("print", ""))
    if not mark.isalnum():
        return None, "the template"
    uploaded = home / "templates" / f"{mark}.pptx"
    if uploaded.exists():
        return uploaded.read_bytes(), str(kept.get("name") or "your template")
    sys.stderr.write("The template of the Summary page is not on this machine; the house's is used.\n")
    return None, "the template"


def _write(target: Path, data: bytes) -> None:
    try:
        with homes.as_usual():
            target.write_bytes(data)
    except OSError as error:
        raise FileError(f"{target} cannot be written.", "Choose another folder or name.") from error


def _open(name: str) -> tuple[list[Any] | None, Workbook, Path]:
    """Events (None for the example), workbook, and where its datasets are."""
    home = homes.home()
    if name == "demo":
        answers = {key: value for _, key, value in demo.answers()}
        for slot, data in demo.install(home).items():
            fields = {
                "fingerprint": data.fingerprint,
                "name": data.name,
                "contract": data.contract,
                "rows": data.rows,
            }
            answers |= {f"datasets/{slot}/{field}": value for field, value in fields.items()}
        return None, fold(answers, id="demo", name=demo.NAME, rev=len(answers)), home
    events = portable.parse(_bytes(name))
    return list(events), as_of.until(events, name=portable.title(events)), home


def _reader(home: Path, person: str, shipped: Workbook | None) -> Reader:
    """Whose right opens the data. A workbook's file names datasets, and naming one gives no right to it.

    Args:
        home: Where the datasets are.
        person: Who was named with --for, "" for nobody.
        shipped: The finished example, whose files everybody has; None for a workbook's own file.

    Raises:
        NotAllowedError: People sign in here, and nobody was named.
    """
    if shipped is not None:
        return holder(named(shipped))
    rights = DatasetRights(open_store(home).engine)
    if person:
        return Reader(functools.partial(rights.may_open, clean(person)))
    if rights.is_hosted():
        raise NotAllowedError(
            "People sign in here, so each dataset belongs to the members of a workbook.",
            "Say for whom the export is: --for ann@example.com",
        )
    return OWNER_OF_ALL


def _inputs(
    workbook: Workbook, home: Path, today: dt.date, reader: Reader, log: list[Any] | None = None
) -> Inputs:
    data, missing = run_steps.datasets(workbook, home, reader)
    for sentence in missing:
        sys.stderr.write(f"{sentence}\n")
    return run_steps.run_steps(workbook, data, today=today, log=log or ())
