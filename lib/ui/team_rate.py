"""People and their ratings: each rates privately; only means of the peers are shown."""

from __future__ import annotations

import hashlib

import streamlit as st

from lib.analysis.scorecard import career
from lib.analysis.team import SELF, TeamResult
from lib.framework.load import framework
from lib.ui import anatomy, proof, session, table
from lib.workbook.model import Workbook

_WHO = "team.rated"
_AS = "team.rating_as"
COLUMNS = {
    "name": table.Column("Name"),
    "team": table.Column(
        "Team", "choice", {n: n for n in ("Marketing", "Growth", "Sales", "Product", "Founders", "Other")}
    ),
    "role": table.Column("Role"),
}


def render(book: Workbook, result: TeamResult) -> None:
    """Draw people, the rating of one person, and that person's view."""
    anatomy.section("Who is on the team", "Yourself is enough to begin.")
    if not book.people:
        st.button("Add myself", type="primary", icon=":material/person_add:", key="team.me",
                  on_click=session.save_all, args=(_me(book),),  # type: ignore[arg-type]
                  kwargs={"note": "Add myself"})  # fmt: skip
    if book.people:
        with st.expander(
            "1 person" if len(book.people) == 1 else f"{len(book.people)} people",
            expanded=len(book.people) < 2,
        ):
            table.edit("people", book.people, COLUMNS, key="team.people", add="Add a person", new_row={"name": "New"},
                       alt="People of the team with team and role")  # fmt: skip
        _rate(book)
        _career(book, result)


def _me(book: Workbook) -> list[tuple[str, str]]:
    return [(f"people/{session.new_id('person')}/name", session.author())]


def _rater() -> str:
    """A stable id of this visitor that does not tell who it is."""
    return "p" + hashlib.sha256(session.person().encode()).hexdigest()[:10]


def _rate(book: Workbook) -> None:
    names = {id: person.name or "Unnamed" for id, person in book.people.items()}
    with st.expander("Rate a person, privately", expanded=not book.skills, icon=":material/lock:"):
        st.markdown("Others see the mean of all peers, never your own rating. Leave what you cannot judge.")
        if session.get(_WHO) not in names:
            session.put(_WHO, next(iter(names)))
        left, right = st.columns(2)
        with left:
            person = st.selectbox(
                "Whom do you rate?", list(names), format_func=lambda id: names[id], key=_WHO
            )
        with right:
            mine = st.segmented_control(
                "Are you that person?",
                ["yes", "no"],
                key=_AS,
                required=True,
                default="yes" if len(names) == 1 else "no",
                format_func=lambda who: {"yes": "Yes, it is me", "no": "No, a peer"}[who],
            )
        for role in framework().roles.values():
            st.markdown(f"**{role.name}**")
            for skill in framework().role_skills(role.id):
                _one(f"skills/{person}/{skill.id}/{SELF if mine == 'yes' else _rater()}", skill.name, skill.levels,
                     skill.what_good_looks_like)  # fmt: skip


def _one(key: str, label: str, levels: tuple[str, ...], good: str) -> None:
    """One rating, 1 to 5, saved at once."""
    widget = "team.rate." + key.replace("/", ".")
    saved = session.workbook().skills.get(key.partition("/")[2])
    if session.get(widget) is None and isinstance(saved, int | float):
        session.put(widget, int(saved))

    def save() -> None:
        session.save(key, session.get(widget), note=f"Rate {label}")

    st.segmented_control(label, [1, 2, 3, 4, 5], key=widget, on_change=save,
                         help=f"{good} " + " ".join(f"{i}: {text}." for i, text in enumerate(levels, 1)))  # fmt: skip


def _career(book: Workbook, result: TeamResult) -> None:
    rated = {level.person for level in result.levels}
    names = {id: person.name or "Unnamed" for id, person in book.people.items() if id in rated}
    if not names:
        return
    with st.expander("One person's next steps", icon=":material/stairs:"):
        person = st.selectbox("Person", list(names), format_func=lambda id: names[id], key="team.career")
        for step in career(book, person or "", result.levels)[:4]:
            st.markdown(f"**{step.skill}**, now {step.level:.1f}: {step.now}.  \nNext: {step.next}.  \n"
                        f":small[Show it: {proof.plain(step.evidence_prompt)}]")  # fmt: skip
