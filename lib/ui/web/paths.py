"""Which addresses there are: pages, what Streamlit itself answers, and the routes beside the pages. All else is 404.

Streamlit answers any other path with its page, which reads as success to a machine and to whoever looks for an open file.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from pathlib import Path

import streamlit as st
from starlette.routing import BaseRoute, Match
from starlette.types import Scope
from streamlit import config

from lib.ui import pages

_STREAMLIT = ("/_stcore/health", "/_stcore/host-config", "/_stcore/stream")
_SIGN_IN = ("/auth/login", "/auth/logout", "/oauth2callback")
_BELOW = (
    "/_stcore/upload_file/",
    "/_stcore/bidi-components/",
    "/media/",
    "/component/",
)  # each knows its own files
_STATIC = Path(st.__file__).parent / "static"


@functools.cache
def _files() -> frozenset[str]:
    """What Streamlit's own page loads."""
    return frozenset(
        f"/{path.relative_to(_STATIC).as_posix()}" for path in _STATIC.rglob("*") if path.is_file()
    )


@functools.cache
def _pages() -> frozenset[str]:
    return frozenset({"/", *(f"/{page.path}" for page in pages.available())})


def known(routes: Sequence[BaseRoute]) -> Callable[[Scope], bool]:
    """A check whether a request asks for something that is there.

    Args:
        routes: What this server answers beside the pages.
    """
    base = "/" + str(config.get_option("server.baseUrlPath")).strip("/")

    def is_known(scope: Scope) -> bool:
        path = scope["path"].removeprefix(base.rstrip("/"))
        page = path.rstrip("/") or "/"  # a slash too many is led to the page by Streamlit
        return (
            page in _pages()
            or path in (*_STREAMLIT, *_SIGN_IN)
            or path in _files()
            or path.startswith(_BELOW)
            or any(route.matches(scope)[0] is not Match.NONE for route in routes)
        )

    return is_known
