"""Downloads of the Summary page: the deck first, the other files beneath it, the company's own template."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from lib.errors import UserError
from lib.report.deck import template as deck_template
from lib.report.deck.template import Found
from lib.report.story.summary_model import Summary
from lib.report.writers import export_process, writers
from lib.report.writers.writers import File
from lib.ui import session
from lib.ui.kit import guard
from lib.ui.kit.evidence_view import plain
from lib.ui.summary import results

_UPLOAD = "summary.template"
_OTHERS = ("pdf", "html", "md", "xlsx", "csv", "ics", "json", "zip")
_ICONS = {
    "pdf": "picture_as_pdf",
    "html": "language",
    "md": "notes",
    "xlsx": "table_view",
    "csv": "csv",
    "ics": "calendar_month",
    "json": "data_object",
    "zip": "folder_zip",
}


def _folder() -> Path:
    return session.home() / "templates"


def template() -> tuple[bytes, str] | None:
    """The company's template, when the team gave one and it is on this machine."""
    kept = session.workbook().summary.get("template")
    if not isinstance(kept, dict) or not str(kept.get("print", "")).isalnum():
        return None
    path = _folder() / f"{kept['print']}.pptx"
    return (path.read_bytes(), str(kept.get("name") or "your template")) if path.exists() else None


def file(made: Summary, ending: str) -> File:
    """One file of the summary, made once for everybody who asks."""
    return _maker(made, ending)()


def _maker(made: Summary, ending: str) -> Callable[[], File]:
    """Built when somebody clicks; what it needs from the visit is read now, because the click runs elsewhere."""
    own = template() if ending in ("pptx", "zip") else None
    data, name = own or (None, "the template")
    key = ("file", ending, made.digest, made.as_of, results.fingerprint(data) if data else "")
    return lambda: results.cached_value(key, lambda: export_process.make(made, ending, data, name))


def downloads(made: Summary) -> None:
    """One primary button for the deck, one popover with everything else, one for the template."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="summary-downloads"):
        _button(made, "pptx", "Download the deck", primary=True)
        with st.popover("Other files", icon=":material/download:"):
            for ending in _OTHERS:
                if (ending == "ics" and not made.sessions) or (ending == "json" and not made.workbook):
                    continue
                kind = writers.FORMATS[ending]
                _button(made, ending, f"{kind.label} (.{ending})", help=kind.about)
        with st.popover("Use our template", icon=":material/palette:"):
            _template_field()


def _button(made: Summary, ending: str, label: str, *, primary: bool = False, help: str = "") -> None:
    kind = writers.FORMATS[ending]
    icon = ":material/slideshow:" if primary else f":material/{_ICONS[ending]}:"
    maker = _maker(made, ending)
    st.download_button(
        label,
        data=lambda: maker().data,
        file_name=f"{writers.stem(made)}.{ending}",
        mime=kind.mime,
        on_click="ignore",
        type="primary" if primary else "secondary",
        icon=icon,
        key=f"summary.download.{ending}",
        help=help or "Editable slides with native charts; the evidence is in the speaker notes.",
        width="content" if primary else "stretch",
    )


def _template_field() -> None:
    """Upload, what was found, and the way back to the house's look."""
    st.file_uploader(
        "A .pptx or .potx: its fonts, colours and layouts take over",
        type=["pptx", "potx"],
        key=f"{_UPLOAD}.{session.get('summary.template.n', 0)}",
        on_change=_uploaded,
        max_upload_size=60,
    )
    own = template()
    if own is None:
        return
    data, name = own
    try:
        found: Found = results.cached_value(
            ("found", results.fingerprint(data)), lambda: deck_template.open_template(data, name).found
        )
    except UserError as error:
        guard.show(error)
        return
    fonts = (
        found.heading_font
        if found.heading_font == found.body_font
        else f"{found.heading_font} and {found.body_font}"
    )
    st.markdown(
        f"**{plain(name)}** is in use: {found.width_in:g} × {found.height_in:g} in, {plain(fonts)}, {found.layouts} layouts.  \n"
        f"Title slide: “{plain(found.title_layout)}”. Content: “{plain(found.content_layout)}”."
    )
    for note in found.notes:
        st.markdown(f"- {plain(note)}")
    st.button(
        "Back to the house template",
        key="summary.template.drop",
        on_click=session.saving,
        args=([("summary/template", None)],),
        kwargs={"note": "Use the house template"},
    )


def _uploaded() -> None:
    """Check the template, keep it by its fingerprint, remember it in the workbook."""
    count = session.get("summary.template.n", 0)
    upload = session.get(f"{_UPLOAD}.{count}")
    if upload is None:
        return
    session.put("summary.template.n", count + 1)
    data = upload.getvalue()
    try:
        found = deck_template.open_template(data, upload.name).found
    except UserError as error:
        session.tell("problem", error.problem, error.remedy)
        return
    name = results.fingerprint(data)
    _folder().mkdir(parents=True, exist_ok=True)
    (_folder() / f"{name}.pptx").write_bytes(data)
    if session.save(
        "summary/template", {"name": upload.name, "print": name}, note=f"Use the template {upload.name}"
    ):
        session.tell("done", f"{upload.name} is in use: {found.layouts} layouts, {found.heading_font}.")


def fit_report(made: Summary) -> None:
    """Say what had to be shortened on the slides; a save that changes no slide does not make the deck again."""
    own = template()
    maker = _maker(made, "pptx")
    key = ("fit", results.content(made), made.as_of, results.fingerprint(own[0]) if own else "")
    warnings: tuple[str, ...] = results.cached_value(
        key, lambda: maker().warnings, "Checking that everything fits"
    )
    if warnings:
        with st.expander(
            f"{len(warnings)} texts were shortened on the slides; the whole text is in the notes",
            icon=":material/content_cut:",
        ):
            for warning in warnings:
                st.markdown(f"- {plain(warning)}")
