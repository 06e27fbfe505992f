"""People and their ratings: each rates privately; only means of the peers are shown."""

from __future__ import annotations

import hashlib

import streamlit as st

from lib.analysis.stage.stage import StageResult
from lib.analysis.team.hiring_advice import grow
from lib.analysis.team.role_scorecard import career
from lib.analysis.team.team import SELF, TeamResult
from lib.engine.evidence import formats
from lib.framework.load import framework
from lib.framework.schema import Skill
from lib.ui import session
from lib.ui.kit import evidence_view, fields, page_components, table
from lib.ui.kit import save_status as catch_up
from lib.ui.stage import consequences
from lib.ui.web import admission
from lib.workbook.model import Workbook

_WHO = "team.rated"
_AS = "team.rating_as"
COLUMNS = {
    "name": table.EditorColumn("Name"),
    "team": table.EditorColumn(
        "Team", "choice", {n: n for n in ("Marketing", "Growth", "Sales", "Product", "Founders", "Other")}
    ),
    "role": table.EditorColumn("Role"),
}


def render(book: Workbook, placed: StageResult, result: TeamResult) -> None:
    """Draw people, the rating of one person, and that person's view."""
    page_components.section("Who is on the team", "" if book.people else "Yourself is enough to begin.")
    if not book.people:
        st.button(
            "Add myself",
            type="primary",
            icon=":material/person_add:",
            key="team.me",
            on_click=session.saving,
            args=(_me(),),
            kwargs={"note": "Add myself"},
        )
    if book.people:
        with st.expander(
            "1 person" if len(book.people) == 1 else f"{len(book.people)} people",
            expanded=len(book.people) < 2,
        ):
            table.edit(
                "people",
                book.people,
                COLUMNS,
                key="team.people",
                add="Add a person",
                new_row={"name": "New"},
                alt="People of the team with team and role",
            )
        _rate(book)
        _career(book, placed, result)


def _me() -> list[tuple[str, str]]:
    return [(f"people/{session.new_id('person')}/name", session.author())]


def _rater() -> str:
    """A stable id of this visitor that does not tell who it is."""
    return "p" + hashlib.sha256(session.person().encode()).hexdigest()[:10]


@admission.fragment(key="team-rating")
def _rate(book: Workbook) -> None:
    # A part of its own: a whole team rates at the same time, and a rating changes nothing else that its author sees
    # before the last one, which draws the page again.
    names = {id: person.name or "Unnamed" for id, person in book.people.items()}
    with st.expander("Rate a person, privately", expanded=not book.skills, icon=":material/lock:"):
        st.markdown(
            "Others see the mean of all ratings, never yours. What you write as evidence nobody else sees. "
            "Leave what you cannot judge.  \n1 is just beginning, 5 is that others come to learn it; the question mark "
            "says what each level looks like."
        )
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
        rater = SELF if mine == "yes" else _rater()
        for column, role in zip(st.columns(2), framework().roles.values(), strict=True):
            with column:
                st.markdown(f"**{role.name}**")
                for skill in framework().role_skills(role.id):
                    _one(f"skills/{person}/{skill.id}/{rater}", skill)


@admission.fragment()
def _one(key: str, skill: Skill) -> None:
    """One rating, 1 to 5, saved at once, and what shows it."""
    widget = "team.rate." + key.replace("/", ".")
    saved = session.workbook().skills.get(key.partition("/")[2])
    if session.get(widget) is None and isinstance(saved, int | float):
        session.put(widget, int(saved))

    def save() -> None:
        _, person, _, who = key.split("/")
        keys = [f"{person}/{id}/{who}" for id in framework().skills]
        was_open = not all(name in session.workbook().skills for name in keys)
        session.save(key, session.get(widget), note=f"Rate {skill.name}")
        if was_open and all(name in session.workbook().skills for name in keys):
            catch_up.follow(widget)  # the last one: the team's picture counts it

    levels = " ".join(f"{i}: {text}." for i, text in enumerate(skill.levels, 1))
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key=f"rate-{widget}"):
        st.segmented_control(
            skill.name,
            [1, 2, 3, 4, 5],
            key=widget,
            on_change=save,
            width="content",
            help=f"{skill.what_good_looks_like} {levels}",
        )
        if saved is not None:
            given = bool(session.workbook().skills.get(f"{key.partition('/')[2]}/evidence"))
            icon = ":material/check:" if given else ":material/edit_note:"
            with st.popover("Evidence", icon=icon, key=f"evidence-{widget}", on_change="rerun") as place:
                if place.open:
                    st.markdown(skill.evidence_prompt)
                    fields.long_text(f"{key}/evidence", "What shows this level", height=90, max_chars=1000)
    catch_up.place(widget, catch_up.ALONE)
    catch_up.pause(widget)


def _career(book: Workbook, placed: StageResult, result: TeamResult) -> None:
    rated = {level.person for level in result.levels}
    names = {id: person.name or "Unnamed" for id, person in book.people.items() if id in rated}
    if not names:
        return
    with st.expander("One person's next steps", icon=":material/stairs:"):
        person = str(
            st.selectbox("Person", list(names), format_func=lambda id: names[id], key="team.career") or ""
        )
        consequences.move(grow(book, placed, result.levels, person), "Which way to grow")
        for step in career(book, person, result.levels)[:4]:
            differs = {
                "higher": "  \n:orange[:material/contrast: Peers see this clearly lower: compare one example each.]",
                "lower": "  \n:green[:material/contrast: Peers see this clearly higher: say yes to more of it.]",
            }.get(step.differs, "")
            st.markdown(
                f"**{step.skill}**, now {formats.write(step.level, 'number1')}: {step.now}.  \n"
                f"Next: {step.next.rstrip('.')}.  \n"
                f":small[Show it: {evidence_view.plain(step.evidence_prompt)}]{differs}"
            )
