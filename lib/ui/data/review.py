"""One uploaded file: what it was recognised as, its mapping and open questions, and the button that takes it in."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from zoneinfo import available_timezones

import streamlit as st

from lib.engine import intake
from lib.engine.contracts import recognition
from lib.engine.datasets.dataset import Dataset
from lib.engine.intake import Reading
from lib.errors import UserError
from lib.framework import slots
from lib.ui import session
from lib.ui.data import combined, jobs, meaning_choices, parts, placement
from lib.ui.data.jobs import Item, Ready
from lib.ui.kit import guard
from lib.ui.kit.evidence_view import plain
from lib.ui.web import admission

_AT_ONCE = threading.Semaphore(2)  # files taken in at the same time; each has a process and memory of its own
_NONE, _SAME = "", "="  # options of a mapping: not there; the same value in every row


def draw(item: Item) -> None:
    """Draw the card of one file."""
    if item.doing == "accept" and item.job and item.job.is_done:
        settle(item)
        st.rerun()
    item.collect()
    with st.container(border=True, key=f"data-file-{item.id}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"#### :material/draft: {plain(item.name)}", width="stretch")
            action = st.container(width="content")  # filled once it is clear whether the file can be used
            st.button(
                "Stop" if item.job else "Discard",
                key=f"data.discard.{item.id}",
                icon=":material/close:",
                on_click=jobs.remove,
                args=(item,),
            )
        if item.told:
            st.markdown(f":material/restart_alt: {item.told}")
        if item.error:
            guard.show(item.error)
        if item.job:
            _progress(item)
            if item.first:
                parts.first_rows(item.first, item.id)
        elif item.reading:
            item.ready = None
            _review(item, item.reading)
            with action:
                _button(item)


def _progress(item: Item) -> None:
    @admission.fragment(run_every=0.5, key=f"data.progress.{item.id}")
    def show() -> None:
        if item.job is None or item.job.is_done:
            st.rerun()
        else:
            st.progress(min(1.0, item.job.share), text=item.job.message)

    show()


def _review(item: Item, reading: Reading) -> None:
    """What the file is, what is open about it, then its columns; the page's one action stands above all of it."""
    if len(reading.sheets) > 1:
        _sheets(item, reading)
    proposals = {p.contract: p for p in recognition.recognise(reading)}
    best = next(iter(proposals.values()))
    _recognised(best)
    asked, hint = st.container(), st.container()
    options = [p.contract for p in proposals.values()]
    labels = {name: contract.title for name, contract in recognition.contracts().items()}
    parts.accounting(reading)
    chosen = st.selectbox(
        "What is in it?",
        options,
        format_func=labels.__getitem__,
        key=f"data.contract.{item.id}",
        help="Each kind of table feeds other steps; the templates below say which columns it has.",
    )
    contract, proposal = recognition.contracts()[chosen], proposals[chosen]
    st.markdown(f":small[{contract.description}]")
    mapping = _mapping(item, reading, contract, proposal)
    with asked:  # what one row is and how it is counted stands above the columns
        place = placement.ask(item, contract)
        answers = _questions(item, reading, contract, mapping)
        told = meaning_choices.draw(item, reading, contract, mapping)
        answers = None if answers is None else answers | told
    with hint:
        _use(item, reading, contract, mapping, answers, place)
    parts.preview(reading, item.id)


def _recognised(best: recognition.ContractProposal) -> None:
    """What the file looks like, or that it is not clear."""
    if best.score < 0.5 or set(best.missing) - {"metric"}:  # how a metric is called is asked below
        st.markdown(
            ":material/help: It is not clear what this table is. Say what one row stands for, then map its columns."
        )
        return
    title = recognition.contracts()[best.contract].title.lower()
    source = f" from **{plain(best.source)}**" if best.source else ""
    what = "an experiment" if best.contract == slots.EXPERIMENT else title
    st.markdown(
        f":material/check_circle: This looks like **{what}**{source}. {plain(best.reasons.get('', ''))}"
    )


def _sheets(item: Item, reading: Reading) -> None:
    names = [sheet.name for sheet in reading.sheets]
    hidden = {sheet.name for sheet in reading.sheets if sheet.is_hidden}
    picked = st.selectbox(
        "Sheet",
        names,
        index=names.index(reading.sheet) if reading.sheet in names else 0,
        format_func=lambda name: f"{name} (hidden)" if name in hidden else name,
        key=f"data.sheet.{item.id}",
    )
    if picked and picked != reading.sheet:
        item.read(picked)
        if item.job:
            with admission.long_work("Reading the sheet"):
                item.job.wait(item.patience)
        st.rerun()


def _mapping(
    item: Item, reading: Reading, contract: recognition.Contract, proposal: recognition.ContractProposal
) -> dict[str, str]:
    """One choice per canonical column, required ones first."""
    mapping: dict[str, str] = {}

    def side_by_side(columns: Sequence[recognition.ContractColumn], places: int) -> None:
        for column, place in zip(columns, st.columns(places), strict=False):
            with place:
                mapping[column.name] = _source(item, reading, contract, column, proposal)

    required = [c for c in contract.columns if c.required]
    optional = [c for c in contract.columns if not c.required]
    with st.container(key=f"data-map-{item.id}"):
        side_by_side(required, max(2, len(required)))
    if optional:
        found = [c.name for c in optional if c.name in proposal.mapping]
        with st.expander(f"Optional columns: {', '.join(found) or 'none'} found"):
            for start in range(0, len(optional), 3):
                side_by_side(optional[start : start + 3], 3)
    return {name: source for name, source in mapping.items() if source}


def _source(
    item: Item,
    reading: Reading,
    contract: recognition.Contract,
    column: recognition.ContractColumn,
    proposal: recognition.ContractProposal,
) -> str:
    """Where a column comes from: a header, "=value" for the same in every row, "" for nowhere."""
    proposed = proposal.mapping.get(column.name, "")
    options = [_NONE, *reading.headers, _SAME]
    is_same = proposed.startswith("=")
    start = _SAME if is_same else proposed
    key = f"data.map.{item.id}.{contract.id}.{column.name}"
    picked = st.selectbox(
        f"{column.name} *" if column.required else column.name,
        options,
        index=options.index(start) if start in options else 0,
        format_func=_option,
        key=key,
        help=f"{column.description} ({column.type})",
    )
    if picked == _SAME:
        label = "Name of the metric" if column.name == "metric" else "Value in every row"
        return _in_every_row(label, proposed[1:] if is_same else "", key)
    if picked == start and column.name in proposal.reasons:
        st.markdown(f":small[{plain(proposal.reasons[column.name])}]")
    elif column.required and not picked:
        st.markdown(":small[:red[:material/error: needed]]")
    return picked or ""


def _in_every_row(label: str, proposed: str, key: str) -> str:
    value = (st.text_input(label, value=proposed, key=f"{key}.value") or "").strip()
    return f"={value}" if value else ""


def _option(name: str) -> str:
    return {_NONE: "not in this file", _SAME: "the same in every row…"}.get(name, name)


def _questions(
    item: Item, reading: Reading, contract: recognition.Contract, mapping: Mapping[str, str]
) -> dict[str, str] | None:
    """Answers to everything the file leaves open; None while one is missing."""
    answers: dict[str, str] = {}
    is_open = False
    for question in recognition.open_questions(reading, contract.id, mapping):
        words = dict(question.options)
        answer = st.radio(
            f":material/contact_support: {plain(question.text)}",
            list(words),
            index=None,
            horizontal=True,
            format_func=words.__getitem__,
            key=f"data.ask.{item.id}.{question.id}",
        )
        is_open = is_open or answer is None
        if answer:
            answers[question.id] = answer
    if parts.has_local_times(reading, contract, mapping):
        zones = [
            "UTC",
            *sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/")),
        ]
        own = session.workbook().settings.time_zone
        zone = st.selectbox(
            "Time zone of its times",
            zones,
            index=zones.index(own) if own in zones else 0,
            key=f"data.zone.{item.id}",
            help="The times do not say their zone. They are kept as UTC.",
            width=320,
        )
        if zone and zone != "UTC":
            answers["time_zone"] = zone
    return None if is_open else answers


def _use(
    item: Item,
    reading: Reading,
    contract: recognition.Contract,
    mapping: dict[str, str],
    answers: dict[str, str] | None,
    place: placement.Place | None,
) -> None:
    """The draft's one button, and what is still missing for it."""
    missing = (
        []
        if contract.id == slots.METRICS_WIDE and "metric" in mapping
        else [n for n in contract.required if n not in mapping]
    )
    hint = ""
    if missing:
        hint = _say_first(missing)
    elif answers is None:
        hint = "Answer the question below, then the file can be used."
    elif place is None:
        hint = placement.open_choice(item)
    else:
        item.ready = Ready(reading, contract.id, mapping, answers, place)
    if hint:
        st.markdown(f":material/info: {hint}")


def _say_first(missing: Sequence[str]) -> str:
    """What the columns still lack, one sentence."""
    if list(missing) == ["metric"]:
        return "Say what this **metric** is called, then the file can be used."
    return f"Say which column holds **{', '.join(missing)}**, then the file can be used."


def _button(item: Item) -> None:
    """Use this file."""
    ready = item.ready
    if (
        st.button(
            "Use this file",
            type="primary",
            icon=":material/check:",
            disabled=ready is None,
            key=f"data.use.{item.id}",
        )
        and ready
    ):
        _accept(item, ready)
        if item.job:
            with admission.long_work("Taking the file in"):
                item.job.wait(item.patience)
        st.rerun()


def use_all(drafts: Sequence[Item]) -> None:
    """One button for all files that need no answer any more, where there are several.

    Args:
        drafts: Drawn in this run.
    """
    ready = [(item, item.ready) for item in drafts if item.ready and not item.job]
    if len(ready) < 2:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="data-use-all"):
        waiting = len(drafts) - len(ready)
        rest = f" {waiting} more {'needs' if waiting == 1 else 'need'} an answer first." if waiting else ""
        st.markdown(f"{len(ready)} files are ready.{rest}", width="stretch")
        if st.button(
            f"Use all {len(ready)} files", type="primary", icon=":material/done_all:", key="data.use.all"
        ):
            for item, found in ready:
                _accept(item, found)
            with admission.long_work("Taking the files in"):
                for item, _ in ready:
                    if item.job:
                        item.job.wait(item.patience)
            st.rerun()


def _accept(item: Item, ready: Ready) -> None:
    """Start taking a file in."""
    home = session.home()

    def work(tell: Callable[[float, str], bool]) -> Dataset:
        with _AT_ONCE:
            return intake.accept(
                ready.reading, ready.contract, ready.mapping, answers=ready.answers, home=home, progress=tell
            )

    item.accept(work, ready.place)


def settle(item: Item) -> None:
    """Put a file that was taken in to use; where that cannot be, it stays with the reason, to be used again or discarded.

    Args:
        item: Its taking in is done.
    """
    job, item.job, item.doing = item.job, None, "read"
    item.upload.mark(doing="read")
    if job is None or job.error:
        item.error = job.error if job else None
        return
    try:
        is_saved = _put_to_use(item.place or placement.Place(job.result.contract), job.result)
    except UserError as error:
        item.error = error
        return
    if is_saved:
        jobs.remove(item)
    else:  # why is said at the top of the page
        item.told = "This file is not in use yet. Press Use this file once more."


def _put_to_use(place: placement.Place, added: Dataset) -> bool:
    """Give a workbook's slot a new file, as one step; whether that was saved."""
    place, dataset, told = placement.put_together(place, added)
    is_saved = combined.use(place.slot, dataset, f"Use {added.name} as {place.slot}")
    if is_saved:
        session.tell("done", told)
    return is_saved
