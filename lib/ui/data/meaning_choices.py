"""What a draft means, in plain words: what one row is and how each metric counts, each corrected by one choice."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from lib.engine.contracts import meaning, paying, recognition, table_meaning
from lib.engine.intake import Reading
from lib.framework import slots
from lib.ui.data.jobs import Item
from lib.ui.kit.evidence_view import plain

_MOST = 24  # metrics that get a choice of their own; a file with more is read as proposed


def draw(
    item: Item, reading: Reading, contract: recognition.Contract, mapping: Mapping[str, str]
) -> dict[str, str]:
    """Say what the draft means and let a person correct it.

    Returns:
        Answers for what was corrected: question id -> answer.
    """
    st.markdown(f":material/table_rows: {table_meaning.one_row(contract.id, mapping)}")
    if contract.slot == slots.CUSTOMERS and {"plan", "mrr", "status", "price"} & mapping.keys():
        return _paying(item)
    counted = table_meaning.counted(reading, contract.id, mapping)
    if not counted:
        return {}
    unsure = [name for name, found in counted.items() if found.is_open]
    title = f"Counted as: {_summary(counted)}"
    with st.expander(f"{title}. Look at {', '.join(unsure[:3])}" if unsure else title, expanded=bool(unsure)):
        picked = {name: _choice(item, name, found) for name, found in list(counted.items())[:_MOST]}
    return {f"{meaning.ANSWER}:{name}": adds for name, adds in picked.items() if adds != counted[name].adds}


def _summary(counted: Mapping[str, meaning.Counting]) -> str:
    """How many metrics add up and how many do not."""
    sums = sum(found.adds == "sum" for found in counted.values())
    return f"{sums} added up, {len(counted) - sums} not"


def _choice(item: Item, name: str, found: meaning.Counting) -> str:
    options = list(meaning.ADDINGS)
    return (
        st.selectbox(
            name,
            options,
            index=options.index(found.adds),
            format_func=meaning.WORDS.__getitem__,
            key=f"data.counted.{item.id}.{name}",
            help=plain(f"Proposed because {found.reason}."),
        )
        or found.adds
    )


def _paying(item: Item) -> dict[str, str]:
    """Who counts as a paying customer."""
    words = {
        paying.BY_RULE: "who pays by plan, price and status",
        paying.ALL: "everybody in the file",
    }
    chosen = st.radio(
        "Paying customers are",
        list(words),
        format_func=words.__getitem__,
        horizontal=True,
        key=f"data.paying.{item.id}",
        help="Free plans, trials, tests and a monthly revenue of zero do not count as paying.",
    )
    return {paying.ANSWER: chosen} if chosen == paying.ALL else {}
