"""The files of a table that is made of several: what each brings, what counts twice or once, and how one is taken out."""

from __future__ import annotations

import streamlit as st

from lib.engine.datasets import combination
from lib.engine.datasets.dataset import Dataset
from lib.engine.datasets.parts import RULE_WORDS, FilePart, parts_of
from lib.errors import UserError
from lib.ui import session
from lib.ui.kit.evidence_view import plain
from lib.ui.web import dataset_access


def changes(slot: str, dataset: Dataset | None) -> list[tuple[str, object]]:
    """Answers that name a dataset as the workbook's table of a slot, or none."""
    if dataset is None:
        return [(f"datasets/{slot}/{name}", None) for name in ("fingerprint", "name", "contract", "rows")]
    return [
        (f"datasets/{slot}/fingerprint", dataset.fingerprint),
        (f"datasets/{slot}/name", dataset.name),
        (f"datasets/{slot}/contract", dataset.contract),
        (f"datasets/{slot}/rows", dataset.rows),
    ]


def draw(slot: str, dataset: Dataset) -> None:
    """The files of a table, each with what it brings and a way to take it out; nothing for a single file.

    Args:
        slot: Of the workbook.
        dataset: Its table.
    """
    for number, part in enumerate(parts_of(dataset)):
        with st.container(horizontal=True, vertical_alignment="center", key=f"data-part-{slot}-{number}"):
            told = f"  \n:small[{plain(part.text)}]" if part.text else ""
            st.markdown(f"**{plain(part.name)}** · {part.rows:,} rows{told}", width="stretch")
            if number:
                _rule(slot, dataset, part)
            st.button(
                "Take out",
                key=f"data.part.remove.{slot}.{part.fingerprint[:12]}",
                icon=":material/remove:",
                on_click=_take_out,
                args=(slot, dataset, part),
                help="Only this file. Undo brings it back.",
            )


def _rule(slot: str, dataset: Dataset, part: FilePart) -> None:
    options = combination.rules(slot)
    if not (part.text or part.rule != options[0]):
        return
    key = f"data.part.rule.{slot}.{part.fingerprint[:12]}"
    st.selectbox(
        "Where an earlier file has the same row",
        options,
        index=next((i for i, rule in enumerate(options) if rule == part.rule), 0),
        format_func=RULE_WORDS.__getitem__,
        key=key,
        on_change=_change_rule,
        args=(slot, dataset, part, key),
        width=320,
    )


def _change_rule(slot: str, dataset: Dataset, part: FilePart, key: str) -> None:
    rule = str(session.get(key))
    try:
        whole = combination.with_rule(session.home(), dataset, part.fingerprint, rule)
    except UserError as error:
        session.tell("problem", error.problem, error.remedy)
        return
    if session.save_all(changes(slot, whole), note=f"{part.name}: {RULE_WORDS[rule]}"):
        _give(whole)


def _take_out(slot: str, dataset: Dataset, part: FilePart) -> None:
    try:
        left = combination.without(session.home(), dataset, part.fingerprint)
    except UserError as error:
        session.tell("problem", error.problem, error.remedy)
        return
    if session.save_all(changes(slot, left), note=f"Take {part.name} out"):
        _give(left)
        session.tell("done", f"{part.name} is not in use any more.")


def _give(dataset: Dataset | None) -> None:
    """The workbook has the files, so it has every way to put them together."""
    if dataset is not None:
        dataset_access.rights().give(session.workbook().id, [dataset.fingerprint])
