"""Every page of the workbook: address, file, question, icon, place in the walk."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from lib.framework import step_ids
from lib.ui import session

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class PageInfo:
    """One page.

    Attributes:
        path: Its address, `/metric_audit`, and the name of its file in `pages/`.
        question: What it answers; the page's heading.
        icon: Material icon, `:material/...:`.
        section: Heading in the sidebar it stands under.
        number: Number in the walk, "" outside it.
        states: Whether the sidebar shows how far the team is.
    """

    path: str
    question: str
    icon: str
    section: str
    number: str = ""
    states: bool = False

    @property
    def title(self) -> str:
        """Its short name, as in the sidebar."""
        return step_ids.TITLES[self.path]

    @property
    def file(self) -> Path:
        """The page's script."""
        return ROOT / "pages" / f"{self.path}.py"


STEPS, OFFICE, MORE = "The walk", "Together", "More"
PAGES = (
    PageInfo(step_ids.START, "Where do we stand?", ":material/home:", ""),
    PageInfo(step_ids.DATA, "What do we have, and can we trust it?", ":material/database:", STEPS, states=True),
    PageInfo(step_ids.METRIC_AUDIT, "Are process and outcome measured apart, and who owns what?",
             ":material/fact_check:", STEPS, "1", True),
    PageInfo(step_ids.HANDOFF_MAP, "Where exactly does marketing's responsibility end and growth's begin?",
             ":material/move_down:", STEPS, "2", True),
    PageInfo(step_ids.SHARED_EXPERIMENTS, "What do we test together, and what did we learn?",
             ":material/science:", STEPS, "3", True),
    PageInfo(step_ids.STAGE_CHOICE, "What does our stage call for now?",
             ":material/alt_route:", STEPS, "4", True),
    PageInfo(step_ids.SUMMARY, "What do executives need to see?", ":material/slideshow:", STEPS),
    PageInfo(step_ids.TRANSLATION, "How do the two teams keep understanding each other?",
             ":material/translate:", OFFICE, states=True),
    PageInfo(step_ids.TEAM, "Who can do what, and what gap do we hire for?", ":material/groups:", OFFICE, states=True),
    PageInfo(step_ids.ROOM, "How does a group do this live?", ":material/co_present:", OFFICE),
    PageInfo(step_ids.EXPLORE, "What else do our data say?", ":material/terminal:", MORE),
    PageInfo(step_ids.WORKBOOK, "Which workbook is this, and who changed what?", ":material/menu_book:", MORE),
    PageInfo(step_ids.REFERENCE, "What do the words, metrics and rules mean?", ":material/local_library:", MORE),
)  # fmt: skip
_BY_PATH = {page.path: page for page in PAGES}


def info(path: str) -> PageInfo:
    """The page with this address.

    Raises:
        KeyError: There is none.
    """
    return _BY_PATH[path]


def available() -> list[PageInfo]:
    """Pages whose script is there."""
    return [page for page in PAGES if _is_there(page)]


@functools.cache
def _is_there(page: PageInfo) -> bool:
    return page.file.exists()


def page_object(page: PageInfo) -> st.Page:
    """The page as Streamlit wants it; equal for equal input, so links can be made anywhere."""
    return st.Page(
        page.file,
        title=page.title,
        icon=page.icon,
        url_path=page.path,
        default=page.path == step_ids.START,
        help=page.question,
    )


@functools.cache  # a page has a dozen links, and each object looks at the file system
def _linked(page: PageInfo) -> st.Page:
    return page_object(page)


def _params() -> dict[str, str]:
    id = session.get("session.workbook", "")
    return {session.PARAM: id} if id else {}


def link(path: str, label: str = "", icon: str = "", *, help: str = "", stretch: bool = False) -> None:
    """A link to another page that keeps the workbook in the address.

    Args:
        path: Address of the page: "data".
        label: What it says; "" for the page's title.
        icon: Material icon; "" for the page's own.
        help: Tooltip; "" for the page's question.
        stretch: As wide as its place.
    """
    page = info(path)
    if not _is_there(page):
        return
    st.page_link(
        _linked(page),
        label=label or page.title,
        icon=icon or page.icon,
        help=help or page.question,
        width="stretch" if stretch else "content",
        query_params=_params(),
    )


def go(path: str) -> None:
    """Open another page now, keeping the workbook in the address."""
    st.switch_page(page_object(info(path)), query_params=_params())
