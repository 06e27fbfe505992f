"""The Data page: files in, what they are, where every record went, what is in use."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from lib.analysis.data_trust import absent, trust
from lib.engine.contracts import recognition
from lib.engine.datasets.dataset import Dataset
from lib.errors import UserError
from lib.framework import step_ids
from lib.ui import pages, session
from lib.ui.data import channels, jobs, review, used
from lib.ui.kit import guard, page_components, reconnect
from lib.ui.start import example
from lib.ui.web import admission

_WATCH_SECONDS = 4.0


def render() -> None:
    """Draw the page."""
    with guard.user_errors():
        page_components.page(pages.info(step_ids.DATA).question, step_ids.DATA)
        data = session.data()
        found = trust(data)
        if data:
            page_components.verdict(found.verdict)
        _upload(is_first=not data)
        for item in jobs.items():
            review.draw(item)
        if data:
            used.draw(data)
            channels.draw(data)
            page_components.evidence(found.evidence, key="accounting")
            page_components.findings(found.findings)
        used.draw_lost(data)
        _further(data)
        _templates()
        if data:
            page_components.next_step(step_ids.METRIC_AUDIT, "Next: are process and outcome measured apart?")


def _upload(*, is_first: bool) -> None:
    page_components.section(
        "Bring your data" if is_first else "Add or replace a file",
        (
            "One file is enough to begin: what your users did (events), or your weekly numbers (metrics). "
            if is_first
            else ""
        )
        + "Exports of analytics tools, CRMs, ad platforms, payment and survey tools are recognised by their columns. "
        "Nothing leaves this machine.",
    )
    largest = int(st.get_option("server.maxUploadSize"))
    st.markdown(f":small[Up to {largest} MB a file. A larger CSV fits when packed as .gz or .zip.]")
    files = st.file_uploader(
        "CSV, TSV, text, JSON, Excel (.xlsx, .xls, .xlsb), .ods, Parquet or SQLite, also as .gz or .zip",
        accept_multiple_files=True,
        key=_uploader(),
    )
    _watch()
    if reconnect.began_cut_off() and not files:
        st.warning(
            "The server was started again. A file that was still on its way up did not arrive: upload it once more.",
            icon=":material/cloud_off:",
        )
    if files:
        reconnect.go_on()
        _take(files)
        session.drop("data.round")  # an empty uploader lets go of the bytes
        st.rerun()
    if is_first and not jobs.items():
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown("No file at hand?")
            if st.button("Open the demo company", icon=":material/play_arrow:", key="data.example"):
                example.open_example()
                st.rerun()
            pages.link(step_ids.METRIC_AUDIT, "Go on by hand: list your metrics")


def _uploader() -> str:
    """Key of the uploader, a new one after each file. A visit that begins anew must not show a file it does not have."""
    if not session.get("data.round"):
        session.put("data.round", session.new_id("upload"))
    return f"data.{session.get('data.round')}"


@admission.fragment(run_every=_WATCH_SECONDS, key="data.watch")
def _watch() -> None:
    """Ask the server now and then, so that the page notices that it was started again.

    A file that was on its way up in that moment did not arrive, and the uploader would show it for ever.
    """


def _take(files: list) -> None:
    with admission.long_work("Reading your file" if len(files) == 1 else "Reading your files"):
        for file in files:
            try:
                item = jobs.add(file.name, file)
            except UserError as error:  # the next one may be smaller
                session.tell("problem", error.problem, error.remedy)
                continue
            if item.job:
                item.job.wait(item.patience)


def _further(data: Mapping[str, Dataset]) -> None:
    """What one more file would make possible, in one quiet line."""
    missing = absent(data)
    if data and missing:
        named = "; ".join(f"**{slot}** for {use}" for slot, use in missing)
        st.markdown(f":material/add_circle: Not here yet: {named}.")


def _templates() -> None:
    with st.expander("What can I upload? Column lists and templates", icon=":material/table_view:"):
        st.markdown("One file per table. Required columns are in bold; names may differ, the page maps them.")
        for contract in recognition.contracts().values():
            with st.container(horizontal=True, vertical_alignment="center", key=f"template-{contract.id}"):
                columns = ", ".join(f"**{c.name}**" if c.required else c.name for c in contract.columns)
                known = sorted({recipe.title for recipe in contract.recipes})
                tools = f"  \n:small[Recognised without mapping: {', '.join(known)}]" if known else ""
                st.markdown(
                    f"**{contract.title}**: {contract.description}  \n:small[{columns}]{tools}",
                    width="stretch",
                )
                st.download_button(
                    "Template",
                    recognition.template(contract),
                    f"{contract.id}.csv",
                    "text/csv",
                    key=f"data.template.{contract.id}",
                    icon=":material/download:",
                    on_click="ignore",
                    help=f"CSV with the columns of {contract.title.lower()} and example rows",
                )
        pages.link(step_ids.REFERENCE, "What the words mean")
