"""After a round: moderation before the reveal, the results, and the decision that lands in the workbook."""

from __future__ import annotations

import streamlit as st

from lib.errors import DataError
from lib.room.model import SIDES, Outcome, Room, Round
from lib.room.question_types import MAX_TEXT, is_settled, of
from lib.room.questions import RoomQuestion
from lib.room.reveal import QuestionResult, bits, said
from lib.ui import session
from lib.ui.kit.evidence_view import plain
from lib.ui.room import apply, promises
from lib.ui.room.callbacks import ROLE, do, told
from lib.ui.room.facilitator_key import require
from lib.ui.room.live import hub, memory, revealed, rooms

_SHOWN = 6


def moderate(room: Room, current: Round) -> None:
    """Free texts before everybody sees them; hiding one is the facilitator's only way to touch an answer."""
    texts = [answer for answer in rooms().ballots.texts(room.id, ROLE, current) if answer.value]
    if not texts:
        return
    with st.expander(f"Look through {len(texts)} free texts first", icon=":material/filter_alt:"):
        for number, answer in enumerate(texts):
            words, button = st.columns([5, 1], vertical_alignment="center")
            words.text(("(hidden) " if answer.hidden else "") + str(answer.value))
            button.button(
                "Show" if answer.hidden else "Hide",
                key=f"room.hide.{number}",
                on_click=do,
                args=(rooms().ballots.hide, room.id, ROLE, current, answer, not answer.hidden),
            )


def results(room: Room, current: Round) -> None:
    """What the room said, most contested first, each with its decision."""
    result = revealed(room.id, current)
    if not result.n:
        st.markdown("Nobody answered this round.")
        return
    agreement = ""
    if result.alpha is not None:
        agreement = (
            f" Agreement beyond chance (Krippendorff's alpha) is {result.alpha:.2f}; 1 is full, 0 is chance."
        )
    st.markdown(f"**{result.n} {'person' if result.n == 1 else 'people'} answered.**{agreement}")
    apply.keep(room, current)
    apply.observations(room, current)
    promises.draw(room, current)
    settled = {item.question: item for item in apply.standing(room.id) if item.round == current.id}
    for index, row in enumerate(result.rows):
        if index == _SHOWN:
            st.markdown(f":small[{len(result.rows) - _SHOWN} more questions:]")
        with st.expander(
            _title(row), expanded=index < 2, icon=":material/check:" if row.question.id in settled else None
        ):
            _counts(row)
            _decide(room, current, row, settled.get(row.question.id))


def _title(row: QuestionResult) -> str:
    return row.question.text + (" · contested" if row.is_contested else "")


def _counts(row: QuestionResult) -> None:
    labels = {option.value: option.label for option in row.question.options}
    for words, by in row.texts:
        st.text(f"{words}  ({by})" if by else words)
    for value, count in row.counts.items():
        if count == 0:
            continue
        sides = ", ".join(
            f"{SIDES[side]} {counts[value]}" for side, counts in row.by_side.items() if counts.get(value)
        )
        st.progress(
            count / max(1, *row.counts.values()),
            f"{labels.get(value, value)}: {count}" + (f" ({sides})" if sides else ""),
        )
    for words in [*said(row), *filter(None, [bits(row)])]:
        st.markdown(f":small[{words}]")


def _decide(room: Room, current: Round, row: QuestionResult, known: Outcome | None) -> None:
    question = row.question
    if not is_settled(question):
        return
    labels = {option.value: option.label for option in question.options}
    if known:
        kept = f"  \nDissent: {plain(known.dissent)}" if known.dissent else ""
        st.markdown(f"**Settled:** {plain(known.text)}{kept}")
        st.button(
            "Take it back",
            key=f"room.unsettle.{question.id}",
            icon=":material/undo:",
            type="tertiary",
            help="The workbook stands again as it did before this decision",
            on_click=apply.take_back,
            args=(room.id, known),
        )
        return
    leading = max(row.counts, key=lambda value: row.counts[value])
    st.selectbox(
        "The room settles on",
        list(labels),
        index=list(labels).index(leading),
        format_func=labels.__getitem__,
        key=f"room.decide.{question.id}",
    )
    st.text_input("Who sees it differently, and why (kept)", key=f"room.dissent.{question.id}", max_chars=300)
    st.button(
        "Settle it",
        key=f"room.settle.{question.id}",
        on_click=_settle,
        args=(room.id, current.id, question, labels),
    )


def _settle(id: str, round: str, question: RoomQuestion, labels: dict[str, str]) -> None:
    # Read now, not when the button was drawn: what was typed a moment before the click counts.
    chosen = session.get(f"room.decide.{question.id}")
    dissent = session.get(f"room.dissent.{question.id}", "")
    text = f"{question.text} {labels[chosen]}"
    outcome = Outcome(f"{round}:{question.id}", "decision", text, round, question.id, dissent)
    apply.settle(id, outcome, question, chosen)


def proxy(room: Room, current: Round) -> None:
    """Answers of somebody without a device, entered by the facilitator."""
    guests = [person for person in rooms().people(room.id) if not person.has_device]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input("Name", key="room.proxy.name", max_chars=40)
        st.selectbox("Team", list(SIDES), format_func=SIDES.__getitem__, key="room.proxy.side")
        st.button("Add", key="room.proxy.add", on_click=_add_guest, args=(room.id,))
    if not guests:
        return
    who = st.selectbox("Answers of", guests, format_func=lambda person: person.name, key="room.proxy.who")
    own = rooms().ballots.own(room.id, who.id, current)
    for question in current.questions:
        value = _input(question, own.get(question.id), f"room.proxy.{who.id}.{question.id}")
        if value is not None and value != own.get(question.id):
            with told():
                require(room.id)
                rooms().ballots.answer_for(room.id, ROLE, who, current, question.id, value)
                memory.forget(room.id)
                hub.publish(f"{room.id}:board")


def _add_guest(id: str) -> None:
    name, side = session.get("room.proxy.name", ""), session.get("room.proxy.side")
    with told():
        require(id)
        if not name.strip():
            raise DataError("A name is needed.", "Type it and add the person again.")
        rooms().join(id, name, side, device=False)


def _input(question: RoomQuestion, value: object, key: str) -> object:
    labels = {option.value: option.label for option in question.options}
    return _INPUTS[of(question).form](question, labels, value, key)


def _radio(question: RoomQuestion, labels: dict[str, str], value: object, key: str) -> object:
    index = list(labels).index(str(value)) if str(value) in labels else None
    return st.selectbox(question.text, list(labels), index=index, format_func=labels.__getitem__, key=key)


def _scale(question: RoomQuestion, _: dict[str, str], value: object, key: str) -> object:
    steps = list(range(question.low, question.high + 1))
    return st.segmented_control(question.text, steps, default=value if value in steps else None, key=key)


def _text(question: RoomQuestion, _: dict[str, str], value: object, key: str) -> object:
    return st.text_input(question.text, str(value or ""), key=key, max_chars=MAX_TEXT) or None


def _checkboxes(question: RoomQuestion, labels: dict[str, str], value: object, key: str) -> object:
    chosen = value if isinstance(value, list) else []
    words = labels.__getitem__
    return st.multiselect(question.text, list(labels), default=chosen, format_func=words, key=key) or None


def _order(question: RoomQuestion, labels: dict[str, str], value: object, key: str) -> object:
    """Chosen one after the other, best first; an answer once all are placed."""
    order = value if isinstance(value, list) else []
    chosen = st.multiselect(
        f"{question.text} (choose one after the other)",
        list(labels),
        default=order,
        format_func=labels.__getitem__,
        key=key,
    )
    return chosen if len(chosen) == len(labels) else None


def _dots(question: RoomQuestion, labels: dict[str, str], value: object, key: str) -> object:
    given = value if isinstance(value, dict) else {}
    st.markdown(f"{question.text} ({question.high} dots)")
    counts = {
        option: int(
            st.number_input(label, 0, question.high, int(given.get(option, 0)), key=f"{key}.{option}")
        )
        for option, label in labels.items()
    }
    if sum(counts.values()) > question.high:
        st.markdown(
            f":orange[:material/error: {sum(counts.values())} dots given; there are {question.high}.]"
        )
        return None
    return {option: count for option, count in counts.items() if count} or None


_INPUTS = {  # by `QuestionType.form`
    "radio": _radio, "checkboxes": _checkboxes, "scale": _scale, "dots": _dots, "order": _order, "text": _text,
}  # fmt: skip
