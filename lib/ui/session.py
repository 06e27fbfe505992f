"""What one visitor has open: workbook, name, transient page state. The only module that touches `st.session_state`."""

from __future__ import annotations

import datetime as dt
import time
import uuid
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from lib.engine.datasets.dataset import Dataset
from lib.errors import ConflictError, NotAllowedError, NotFoundError, UserError
from lib.ui.web import dataset_access, signin
from lib.workbook import home as homes
from lib.workbook import store as stores
from lib.workbook.events import Conflict, Saved, Snapshot, Visitor, WorkbookEntry
from lib.workbook.history import label
from lib.workbook.model import Workbook

PERSON_COOKIE = "workbook_person"
PARAM = "workbook"  # in every page's address, so that a link opens the right workbook
_HERE_SECONDS = 90
_SEEN_EVERY_SECONDS = 20
_SNAPSHOT_SECONDS = 0.1


# ---- transient page state ------------------------------------------------------------------------------------------


def get(name: str, default: Any = None) -> Any:
    """A value of this visit, or `default`. Use widget keys `"page.field"` and names like them."""
    return st.session_state.get(name, default)


def put(name: str, value: Any) -> None:
    """Keep a value for this visit (lost on reload: what matters goes into the workbook)."""
    st.session_state[name] = value


def drop(name: str) -> None:
    """Forget a value of this visit."""
    st.session_state.pop(name, None)


def new_id(prefix: str) -> str:
    """A fresh id for a record: `metric-3f9a1c2b`."""
    return f"{prefix}-{uuid.uuid4().hex[:8]}"


# ---- where things are ----------------------------------------------------------------------------------------------


def home() -> Path:
    """WORKBOOK_HOME."""
    return homes.home()


def store() -> stores.Store:
    """The process's one store."""
    return stores.open_store(home())


# ---- who -----------------------------------------------------------------------------------------------------------


def person() -> str:
    """A stable id of this browser (a cookie set by the server), or of this visit where cookies are off."""
    if "session.person" not in st.session_state:
        cookie = st.context.cookies.get(PERSON_COOKIE)
        is_ours = isinstance(cookie, str) and cookie.isalnum() and len(cookie) <= 64
        st.session_state["session.person"] = cookie if is_ours else uuid.uuid4().hex
    return st.session_state["session.person"]


def guest() -> str:
    """How somebody who gave no name is shown to others."""
    return f"Guest {person()[:4].upper()}"


def name() -> str:
    """The name this browser's visitor gave, "" when they gave none; who signed in, where people do."""
    if signin.is_on():
        return signin.who()
    if "session.name" not in st.session_state:
        st.session_state["session.name"] = store().person(person())[0]
    return st.session_state["session.name"]


def author() -> str:
    """Who is answering, as shown to others: the name they gave, else "Guest 3F9A"."""
    return name() or guest()


def name_me(given: str) -> None:
    """Remember the visitor's name for this browser; "" forgets it."""
    st.session_state["session.name"] = " ".join(given.split())[:60]
    _mark_seen(force=True)


def here() -> list[Visitor]:
    """Others who have a page of this workbook open now."""
    since = (dt.datetime.now(dt.UTC) - dt.timedelta(seconds=_HERE_SECONDS)).isoformat(timespec="milliseconds")
    return [someone for someone in store().here(snapshot().id, since) if someone.id != person()]


def arrive(page: str) -> None:
    """Note for the others that this visitor looks at a page."""
    changed = get("session.page") != page
    put("session.page", page)
    _mark_seen(force=changed)


def _mark_seen(*, force: bool) -> None:
    now = dt.datetime.now(dt.UTC)
    last = get("session.seen_at")
    if force or last is None or (now - last).total_seconds() > _SEEN_EVERY_SECONDS:
        put("session.seen_at", now)
        store().seen(person(), name(), get("session.workbook", ""), get("session.page", ""))


# ---- which workbook ------------------------------------------------------------------------------------------------


def resolve() -> str:
    """Decide which workbook this run shows, and write it into the address. Called once a run by the shell.

    The address wins; then what this visit had open; then what this browser had open last; then the newest.

    Returns:
        The workbook's id, "" when there is none yet.
    """
    drop("session.snapshot")
    asked = st.query_params.get(PARAM, "")
    id = next((found for found in (asked, get("session.workbook", "")) if found and _is_open(found)), "")
    if not id:
        if asked:
            tell(
                "problem",
                "The workbook of this link is not here.",
                "Pick another one below, or import its file.",
            )
        id = _latest()
    put("session.workbook", id)
    if id and asked != id:
        st.query_params[PARAM] = id
    elif asked and not id:
        st.query_params.pop(PARAM, None)
    put("session.rev", store().rev(id) if id else 0)
    return id


def _latest() -> str:
    """The workbook this browser had open last, else the newest; "" when there is none."""
    known = [entry.id for entry in entries()]
    last = store().person(person())[1]
    return last if last in known else next(iter(known), "")


def leave() -> None:
    """Close the open workbook: the next run shows the one opened before."""
    drop("session.workbook")
    st.query_params.pop(PARAM, None)


def entries(*, deleted: bool = False) -> list[WorkbookEntry]:
    """The workbooks this visitor may open (or, where sign-in is on, bring back: their own)."""
    found, mine = store().entries(deleted=deleted), signin.mine("delete" if deleted else "look")
    return found if mine is None else [entry for entry in found if entry.id in mine]


def adopt(id: str) -> str:
    """Open a workbook that this visitor just made; where people sign in, it is theirs."""
    signin.claim(id)
    open_workbook(id)
    return id


def allow(id: str, action: str) -> None:
    """Refuse what the visitor's role in a workbook does not allow; asked before every change of one.

    Args:
        id: The workbook.
        action: look | answer | share | delete.

    Raises:
        NotAllowedError: Not with this role.
    """
    if not signin.may(id, action):
        raise NotAllowedError(
            "Your role in this workbook does not allow this.", "Ask one of its owners for access."
        )


def open_workbook(id: str) -> None:
    """Show another workbook from the next run on; one that the visitor may not look at stays closed."""
    if not signin.may(id, "look"):
        tell("problem", "You are not a member of this workbook.", "Ask one of its owners for access.")
        return
    put("session.workbook", id)
    put("session.own", {})
    st.query_params[PARAM] = id
    put("session.rev", store().rev(id))


def _is_open(id: str) -> bool:
    entry = store().entry(id)
    return entry is not None and entry.deleted_at is None and signin.may(id, "look")


def snapshot() -> Snapshot:
    """The open workbook with every answer's revision and author; empty when there is none yet.

    A page asks for it dozens of times while it is drawn, so it is looked up again only after a moment, after every
    save of this visit, and at the beginning of every run.
    """
    id = get("session.workbook", "")
    if not id:
        return Snapshot(Workbook())
    known: tuple[float, Snapshot] | None = get("session.snapshot")
    if known and known[1].id == id and time.monotonic() - known[0] < _SNAPSHOT_SECONDS:
        return known[1]
    if not signin.may(id, "look"):
        return Snapshot(Workbook())
    try:
        found = store().snapshot(id)
    except NotFoundError:
        return Snapshot(Workbook())
    put("session.snapshot", (time.monotonic(), found))
    return found


def workbook() -> Workbook:
    """The open workbook, typed; an empty one (id "") when there is none yet. Reading never creates one."""
    return snapshot().workbook


def ensure() -> str:
    """The open workbook's id, made now if there is none yet (the first answer makes the workbook).

    Raises:
        NotAllowedError: It is there, and the visitor may not look at it any more.
    """
    id = get("session.workbook", "")
    if id:
        allow(id, "look")  # access that was taken away must not quietly begin another workbook
    if not id or not _is_open(id):
        id = adopt(store().create("Our workbook", author=author()))
    return id


# ---- data ----------------------------------------------------------------------------------------------------------


def data() -> Mapping[str, Dataset]:
    """The workbook's datasets by slot ("events", "metrics", "experiment-2", ...).

    A dataset whose files are not on this machine (a workbook imported from elsewhere), or that the visitor may not
    open, is left out.
    """
    from lib.engine.datasets import library  # slow to load

    found: dict[str, Dataset] = {}
    asking = dataset_access.reader()
    for slot, ref in workbook().datasets.items():
        if ref.fingerprint:
            try:
                found[slot] = library.open_dataset(home(), ref.fingerprint, asking)
            except UserError:
                continue
    return found


# ---- saving --------------------------------------------------------------------------------------------------------


def save(key: str, value: Any, *, note: str = "") -> bool:
    """Save one answer at once. See `save_all`."""
    return save_all([(key, value)], note=note)


def save_all(changes: Iterable[tuple[str, Any]], note: str = "") -> bool:
    """Save several answers at once as one step that undo takes back together.

    Nothing is overwritten that somebody else changed since this page was drawn: the visitor is told and nothing is
    saved. A value that does not fit its field is refused with a sentence. Both show at the top of the page on its
    next run, so this can be called from a callback as well as from the page's body.

    Args:
        changes: (key, JSON value) pairs; a value of None clears the answer.
        note: The step in words, for the history: "Add metric NPS".

    Returns:
        Whether it was saved.
    """
    changes = list(changes)
    seen = get("session.rev", 0)
    own: dict[str, int] = get("session.own", {})
    try:
        saved = commit(changes, {key: max(seen, own.get(key, 0)) for key, _ in changes}, note=note)
    except UserError as error:
        tell("problem", error.problem, error.remedy)
        return False
    if saved.conflicts:
        first = saved.conflicts[0]
        tell(
            "problem",
            f"{first.by} changed {label(first.key)} meanwhile, so your change was not saved.",
            "Look at what stands there now, then change it again.",
        )
    return not saved.conflicts


def saving(changes: Iterable[tuple[str, Any]], note: str = "") -> None:
    """`save_all` as a widget's callback: `st.button("Add", on_click=session.saving, args=([...], "Add metric"))`."""
    save_all(changes, note)


def commit(changes: Iterable[tuple[str, Any]], bases: dict[str, int], note: str = "") -> Saved:
    """Save against known revisions and hand back clashes. For `fields` and `table`; pages use `save`.

    Raises:
        UserError: A value does not fit, the workbook is gone, or the visitor may only look.
    """
    changes, id = list(changes), ensure()
    allow(id, "answer")
    saved = store().save_all(id, changes, author=author(), bases=bases, note=note)
    drop("session.snapshot")
    if not saved.conflicts:
        put("session.own", {**get("session.own", {}), **{key: saved.rev for key, _ in changes}})
    return saved


def turn(way: str) -> None:
    """Undo or redo this visitor's last step; says what was done, or why it could not be."""
    id = get("session.workbook", "")
    if not id:
        return
    act = store().undo if way == "undo" else store().redo
    try:
        allow(id, "answer")
        event = act(id, author=author(), also=(guest(),))
    except (ConflictError, NotAllowedError, NotFoundError) as error:
        tell("problem", error.problem, error.remedy)
        return
    drop("session.snapshot")
    put("session.own", {})
    put("session.rev", store().rev(id))
    tell("done", f"{'Undone' if way == 'undo' else 'Done again'}: {event.note or label(event.key)}.", "")


def conflicts() -> dict[str, Conflict]:
    """Answers of this visit that somebody else changed at the same time, by widget key."""
    return get("session.clashes", {})


def set_conflict(widget: str, conflict: Conflict | None) -> None:
    """Remember (or with None settle) a clash at a widget."""
    rest = {key: value for key, value in conflicts().items() if key != widget}
    put("session.clashes", rest if conflict is None else {**rest, widget: conflict})


# ---- telling -------------------------------------------------------------------------------------------------------


def tell(kind: str, text: str, remedy: str = "") -> None:
    """Say something at the top of the page on its next run.

    Args:
        kind: `done` (a short confirmation) or `problem`.
        text: What happened, one sentence.
        remedy: What to do, one sentence; "" for none.
    """
    put("session.notices", [*get("session.notices", []), (kind, text, remedy)])


def notices() -> list[tuple[str, str, str]]:
    """What is to be said now; saying it once is enough."""
    waiting = get("session.notices", [])
    put("session.notices", [])
    return waiting
